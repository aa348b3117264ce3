"""The hard filters F1–F11 (domain sheet 9.2), each a pure question with a stable code.

They are asked in the order of ``rules.FILTERS``. What is not known never filters.
"""

from datetime import date, timedelta
from typing import NamedTuple

from app.services.matching import rules
from app.services.matching.distance import chord2, chord_of_path
from app.services.matching.prepare import Need, Seeker, VacancyFacts
from app.services.matching.rules import Weights
from app.services.matching.score import expected_pay, holds, holds_valid


class Gate(NamedTuple):
    """All of a vacancy that the plain yes-or-no filters look at; equal gates give equal answers."""

    opening: str
    minor_ok: bool
    shifts: tuple[str, ...]
    heavy: bool
    standing: bool
    form: str
    contract: str
    rejected: bool
    clause: bool


def opening(facts: VacancyFacts, on: date) -> str:
    """Return the F1 code that closes the vacancy on a day, or nothing.

    An employer still waiting for verification (待核验) does not close it: a supervisor published the posting, and the
    mark is shown. One that failed, is suspended or is on a credit list does.
    """
    if not facts.published:
        return "F1.unpublished"
    if facts.open_from is not None and facts.open_from > on:
        return "F1.early"
    if facts.open_to is not None and facts.open_to < on:
        return "F1.expired"
    if facts.remaining is not None and facts.remaining <= 0:
        return "F1.full"
    return "" if facts.employer_ok else "F1.employer"


def gate_of(facts: VacancyFacts, on: date) -> Gate:
    """Return the vacancy's gate on a day."""
    return Gate(
        opening(facts, on),
        facts.minor_ok,
        facts.shifts,
        bool(facts.heavy_word),
        bool(facts.standing_word),
        facts.form,
        facts.contract,
        bool(facts.reject_rule),
        bool(facts.clause),
    )


def gate_fails(seeker: Seeker, gate: Gate) -> list[str]:
    """Return the codes of all plain filters that say no."""
    fails = [gate.opening] if gate.opening else []
    if seeker.age_gate == "child":
        fails.append("F2.child")
    elif seeker.age_gate == "minor" and not gate.minor_ok:
        fails.append("F2.minor")
    if gate.shifts and all(shift in seeker.exclude_shifts for shift in gate.shifts):
        fails.append("F4.shift")
    if _night(seeker, gate.shifts):
        fails.append("F4.night")
    if seeker.no_heavy and gate.heavy:
        fails.append("F4.heavy")
    if seeker.no_standing and gate.standing:
        fails.append("F4.standing")
    fails += _form_fails(seeker, gate)
    if gate.rejected:
        fails.append("F8.rule")
    if gate.clause and seeker.clause_applies:
        fails.append("F10.clause")
    if seeker.withdrawn:
        fails.append("F11.consent")
    return fails


def _night(seeker: Seeker, shifts: tuple[str, ...]) -> bool:
    """Say whether the vacancy has night work that the person ruled out.

    Pure night work is ruled out by not being among the accepted shifts; rotating shifts only by an explicit no.
    """
    if not shifts:
        return False
    if seeker.no_night and all(shift in rules.NIGHT_SHIFTS for shift in shifts):
        return True
    pure = all(shift == rules.NIGHT_SHIFT for shift in shifts)
    return pure and bool(seeker.shifts) and rules.NIGHT_SHIFT not in (seeker.shifts or ())


def _form_fails(seeker: Seeker, gate: Gate) -> list[str]:
    fails = []
    rehire = gate.form == rules.REHIRE_FORM
    if gate.form and not rehire and seeker.forms is not None and gate.form not in seeker.forms:
        fails.append("F5.form")
    if seeker.pension and gate.contract in rules.LABOUR_CONTRACTS:
        fails.append("F5.pension")
    if rehire and not seeker.pension:
        fails.append("F5.rehire")
    return fails


def lacking(seeker: Seeker, needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """Return the mandatory needs that the person does not hold, valid on her first day."""
    return tuple(need for need in needs if need.mandatory and not holds_valid(seeker, need))


def need_fails(seeker: Seeker, needs: tuple[Need, ...]) -> list[str]:
    """Return F3.missing, or F3.expired when all that is lacking is held but out of date."""
    without = lacking(seeker, needs)
    if not without:
        return []
    return ["F3.expired" if all(holds(seeker, need) for need in without) else "F3.missing"]


def trains(need: Need, weights: Weights) -> bool:
    """Say whether courses lead to this certificate."""
    return bool(need.licence) or any(word in need.stem for word in weights.trainable)


def can_train(seeker: Seeker, needs: tuple[Need, ...], weights: Weights) -> bool:
    """Say whether everything lacking is a certificate that courses lead to, and the person accepts training."""
    return seeker.accept_training and all(trains(need, weights) for need in lacking(seeker, needs))


def trade_excluded(seeker: Seeker, occ: str, title: str) -> bool:
    """Say whether the person ruled this trade out, by code (with all below it) or by word."""
    for trade in seeker.exclude_trades:
        if trade[:1].isdecimal():
            if occ == trade or occ.startswith(trade + "-"):
                return True
        elif trade in title:
            return True
    return False


def commute_limit_m(seeker: Seeker, weights: Weights) -> float | None:
    """Return the longest way in metres that is still offered, or None when the person named none."""
    return None if seeker.max_commute_km is None else seeker.max_commute_km * weights.commute_slack * 1000


def commute_limit_chord2(seeker: Seeker, weights: Weights) -> float:
    """Return the same limit as a squared chord; endless when the person named none."""
    limit = commute_limit_m(seeker, weights)
    return float("inf") if limit is None else chord_of_path(limit)


def too_far(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> bool:
    """Say whether the way is longer than the person goes; an unknown place never is."""
    if seeker.spot is None or facts.spot is None:
        return False
    return chord2(seeker.spot, facts.spot) > commute_limit_chord2(seeker, weights)


def pays_too_little(offer: int | None, expect: int | None, weights: Weights) -> bool:
    """Say whether even the top of the offer is below the floor of what is expected."""
    return offer is not None and bool(expect) and offer < weights.wage_floor * (expect or 0)


def blocked(seeker: Seeker, on: date, weights: Weights) -> dict[str, str]:
    """Return vacancy id → F9 code of those referred to lately or hired for."""
    since = on - timedelta(days=weights.repeat_days)
    found = {vacancy_id: "F9.referred" for vacancy_id, day in seeker.referred if day >= since}
    hired = dict.fromkeys(seeker.hired, "F9.hired")
    return {**hired, **found}


def all_fails(seeker: Seeker, facts: VacancyFacts, on: date, weights: Weights) -> tuple[str, ...]:
    """Return the codes of every filter that says no, in order; the first is the one counted."""
    fails = gate_fails(seeker, gate_of(facts, on)) + need_fails(seeker, facts.needs)
    if trade_excluded(seeker, facts.occ, facts.title):
        fails.append("F4.trade")
    if facts.employer_id in seeker.exclude_employers:
        fails.append("F4.employer")
    if too_far(seeker, facts, weights):
        fails.append("F6.far")
    if pays_too_little(facts.pay_month, expected_pay(seeker, facts), weights):
        fails.append("F7.low")
    again = blocked(seeker, on, weights).get(facts.vacancy_id)
    if again:
        fails.append(again)
    return tuple(sorted(fails, key=rules.ORDINAL.__getitem__))
