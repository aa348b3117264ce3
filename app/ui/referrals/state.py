"""What the list of referrals and the outcome form show and decide. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.models.identity import looks_like_slip
from app.services import referrals
from app.services.referral_lines import ReferralLine, list_referrals
from app.services.referrals import HIRED, ON_TRIAL, OPEN_STATES
from app.texts import N_, _
from app.ui import entry

if TYPE_CHECKING:
    from app.db.database import Transaction

LISTED = 2000
WAITING, REPLIED, ENDED, ALL = "waiting", "replied", "ended", "all"
SLICES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (WAITING, N_("等回执"), OPEN_STATES),
    (REPLIED, N_("已回执"), (referrals.REPLIED,)),
    (ENDED, N_("已失效、作废"), (referrals.LAPSED, referrals.VOID)),
    (ALL, N_("全部"), ()),
)
NOT_HIRED = ("3", "4", "5", "6")
STATE_TONES = {"10": "yellow", "20": "yellow", "30": "blue", "40": "good", "50": "neutral", "60": "neutral"}
YES, NO = "1", "2"
_SHORT_NO = re.compile(r"\d{4}")


@dataclass(frozen=True)
class OutcomeView:
    """One referral whose reply is entered: what is known of it, and what was entered before."""

    line: ReferralLine
    values: Mapping[str, Any]


def load_lines(tx: Transaction) -> list[ReferralLine]:
    """Return the newest referrals."""
    return list_referrals(tx, limit=LISTED)


def load_outcome(tx: Transaction, referral_id: str) -> OutcomeView:
    """Return a referral with what was entered of its outcome.

    Raises:
        NotFoundError: there is no such referral.
    """
    referral = referrals.get_referral(tx, referral_id)
    lines = list_referrals(tx, filter_text=referral.slip_no, limit=5)
    line = next(one for one in lines if one.id == referral_id)
    values = referral.model_dump(include=set(OUTCOME_FIELDS))
    return OutcomeView(line, {**values, "insured": YES if referral.si_from else NO if referral.outcome else None})


def find_scanned(tx: Transaction, typed: str) -> OutcomeView:
    """Return the referral of a slip number as typed or scanned.

    Raises:
        RuleError: the check digits do not fit.
        NotFoundError: this device knows no such slip.
    """
    return load_outcome(tx, referrals.find_by_slip(tx, entry.half_width(typed).strip()).id)


def save_outcome(tx: Transaction, referral_id: str, values: Mapping[str, Any]) -> str:
    """Enter the outcome; return the slip's last four figures.

    Raises:
        InvalidInputError: by field.
        RuleError: the slip is void.
    """
    return referrals.record_outcome(tx, referral_id, values).slip_no[-4:]


OUTCOME_FIELDS = (
    "outcome", "reply_way", "reply_by", "outcome_reason", "onboard_date", "contract_type", "contract_months",
    "wage_agreed", "si_from", "trial_until",
)  # fmt: skip
_ALWAYS = ("outcome", "reply_way", "reply_by")
_BY_OUTCOME: Mapping[str, tuple[str, ...]] = {
    HIRED: ("onboard_date", "contract_type", "contract_months", "wage_agreed", "insured", "si_from"),
    ON_TRIAL: ("onboard_date", "trial_until", "wage_agreed"),
    **dict.fromkeys(NOT_HIRED, ("outcome_reason",)),
}


def fields_for(outcome: str | None, *, insured: bool) -> tuple[str, ...]:
    """Return the fields that the outcome asks for, in order."""
    asked = _BY_OUTCOME.get(outcome or "", ())
    return _ALWAYS + tuple(name for name in asked if name != "si_from" or insured)


def required_for(outcome: str | None, *, insured: bool) -> frozenset[str]:
    """Return which of them must be filled."""
    needed = {"outcome", "reply_way"}
    if outcome == HIRED:
        needed |= {"onboard_date", "contract_type", "wage_agreed", "insured"} | ({"si_from"} if insured else set())
    elif outcome == ON_TRIAL:
        needed.add("trial_until")
    elif outcome in NOT_HIRED:
        needed.add("outcome_reason")
    return frozenset(needed)


def missing_words(name: str) -> str:
    """Return what to say under a required field that was left empty."""
    return _(_MISSING.get(name, N_("这一栏要填")))


_MISSING = {
    "outcome": N_("要选结果"),
    "reply_way": N_("要选回执方式"),
    "outcome_reason": N_("没录用要选原因"),
    "onboard_date": N_("录用了要写上岗日期"),
    "contract_type": N_("录用了要选合同类型"),
    "wage_agreed": N_("录用了要写每月多少元"),
    "insured": N_("回执上写了参保没有，没写就打电话问一声"),
    "si_from": N_("参保了要写从哪个月起"),
    "trial_until": N_("试岗中要写到哪天"),
}


def collected(values: Mapping[str, Any], shown: Sequence[str]) -> dict[str, Any]:
    """Return what is saved: the fields that were asked for, the others emptied."""
    return {name: values.get(name) if name in shown else None for name in OUTCOME_FIELDS}


def month_of(text: str, today: date) -> str | None:
    """Read a month: 2026-12, 202612, 2026年12月, 12 (of this year); None for an empty text.

    Raises:
        ValueError: there is no such month.
    """
    raw = entry.half_width(text).strip()
    if not raw:
        return None
    parts = [part for part in re.split(r"\D+", raw) if part]
    if len(parts) == 1 and len(parts[0]) == 6:
        parts = [parts[0][:4], parts[0][4:]]
    year, month = (today.year, int(parts[0])) if len(parts) == 1 else (int(parts[0]), int(parts[1]))
    return f"{date(year, month, 1):%Y-%m}"


def choices(list_id: str) -> list[tuple[str, str]]:
    """Return a code list for a field."""
    return [(code.code, code.label) for code in code_list(list_id).choices()]


def in_slice(lines: Sequence[ReferralLine], name: str) -> list[ReferralLine]:
    """Return the lines of a slice."""
    states = next(states for code, _label, states in SLICES if code == name)
    return [line for line in lines if not states or line.state in states]


def filtered(lines: Sequence[ReferralLine], typed: str) -> list[ReferralLine]:
    """Return the lines whose number, person, employer or title holds what was typed; initials do too."""
    wanted = entry.half_width(typed).strip()
    if not wanted:
        return list(lines)
    found = []
    for line in lines:
        words = (line.resident_name, line.employer_name, line.vacancy_title)
        if wanted.upper() in line.slip_no or any(entry.matches(text, wanted) for text in words):
            found.append(line)
    return found


def is_scan(typed: str) -> bool:
    """Say whether this is a whole slip number, as a scanner types it."""
    return looks_like_slip(entry.half_width(typed).strip())


def only_one(lines: Sequence[ReferralLine], typed: str) -> ReferralLine | None:
    """Return the line that the last four figures of a number name beyond doubt."""
    wanted = entry.half_width(typed).strip()
    if not _SHORT_NO.fullmatch(wanted):
        return None
    fit = [line for line in lines if line.slip_no.endswith(wanted)]
    return fit[0] if len(fit) == 1 else None


def may_enter(line: ReferralLine) -> bool:
    """Say whether a reply may be entered."""
    return line.state != referrals.VOID


def state_words(line: ReferralLine) -> str:
    """Return the state's word; an open slip past its day says so."""
    if is_overdue(line):
        return _("过期，没回执")
    return code_list("REF_STATE").label(line.state)


def state_tone(line: ReferralLine) -> str:
    """Return the tone of the state's chip."""
    return "orange" if is_overdue(line) else STATE_TONES.get(line.state, "neutral")


def is_overdue(line: ReferralLine) -> bool:
    """Say whether the slip ran out without a reply."""
    return line.state in ("10", "20") and line.valid_until < clock.today()


def outcome_words(line: ReferralLine) -> str:
    """Return the outcome, and why where it was no hire."""
    words = code_list("REF_OUTCOME").label(line.outcome)
    why = code_list("REF_FAIL").label(line.outcome_reason)
    return _("{outcome}：{why}", outcome=words, why=why) if words and why else words


def day_words(day: date) -> str:
    """Return a day as tables show it: 11-24, with the year if it is another."""
    return f"{day:%m-%d}" if day.year == clock.today().year else f"{day:%Y-%m-%d}"
