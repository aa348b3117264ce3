"""Matching against the counter's own data: one resident, everything published, offline."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app import clock
from app.db.database import Transaction
from app.errors import NotFoundError, RuleError
from app.services.matching import engine, rules
from app.services.matching.cache import current_pool, with_places
from app.services.matching.explain import Suggestion, WhyNot
from app.services.matching.filters import opening
from app.services.matching.loading import load_seeker, load_vacancies
from app.services.matching.pool import Pool
from app.services.matching.prepare import Seeker, VacancyFacts
from app.services.matching.result import MatchResult
from app.services.training import openings
from app.texts import _


@dataclass(frozen=True, slots=True)
class Verdict:
    """What matching says of one pair: score and reasons, and each filter that stands against it.

    ``closing``: the classes open for sign-up that lead to a certificate which she lacks.
    """

    suggestion: Suggestion
    against: tuple[WhyNot, ...]
    weights_version: str
    closing: tuple["openings.ClosingClass", ...] = ()

    def for_referral(self) -> dict[str, Any]:
        """Return what ``issue_referral(match=…)`` keeps: score, reasons, weights version."""
        return {
            "score": self.suggestion.score,
            "reasons": self.suggestion.reasons(),
            "weights_version": self.weights_version,
        }


@dataclass(frozen=True, slots=True)
class FilteredLine:
    """One vacancy that is not suggested, with the first reason."""

    vacancy_id: str
    title: str
    employer_name: str
    code: str
    text: str


def match_resident(tx: Transaction, resident_id: str, *, top: int = 20, on: date | None = None) -> MatchResult:
    """Return the best vacancies for a resident with reasons, and the counts of what is not suggested.

    Raises:
        NotFoundError: there is no such resident.
        RuleError: no jobseeker registration in force.
    """
    day = on or clock.today()
    pool = current_pool(tx, day)
    return engine.match(_seeker(tx, resident_id, day, pool), pool, top=top, on=day)


def explain_vacancy(tx: Transaction, resident_id: str, vacancy_id: str, *, on: date | None = None) -> Verdict:
    """Say of one vacancy how it fits, or why it is not suggested (为什么没有推荐); also of one not published.

    Raises:
        NotFoundError: there is no such resident or vacancy.
        RuleError: no jobseeker registration in force.
    """
    day = on or clock.today()
    weights = rules.weights_for(day)
    facts = with_places(tx, load_vacancies(tx, ids=[vacancy_id]))
    if vacancy_id not in facts:
        raise NotFoundError(_("找不到这个岗位，可能已经作废"))
    pool = Pool(facts.values())
    seeker = _seeker(tx, resident_id, day, pool)
    one = pool.facts[0]
    suggestion = engine.explain(seeker, one, on=day, weights=weights)
    return Verdict(
        suggestion,
        engine.why_not(seeker, one, on=day, weights=weights),
        weights.version,
        openings.closing_classes(tx, suggestion.lacking, resident_id) if suggestion.lacking else (),
    )


def list_filtered(
    tx: Transaction, resident_id: str, code: str | None = None, *, limit: int = 200, on: date | None = None
) -> tuple[FilteredLine, ...]:
    """Return what is not suggested, one by one (逐个看); of one filter's code, or of all in order.

    Raises:
        NotFoundError: there is no such resident.
        RuleError: no jobseeker registration in force.
    """
    day = on or clock.today()
    weights = rules.weights_for(day)
    pool = current_pool(tx, day)
    seeker = _seeker(tx, resident_id, day, pool)
    result = engine.match(seeker, pool, top=1, on=day, weights=weights)
    lines: list[FilteredLine] = []
    for found, ids in result.filtered_ids.items():
        if code is not None and found != code:
            continue
        for vacancy_id in ids[: limit - len(lines)]:
            one = pool.facts[pool.place_of[vacancy_id]]
            first = engine.why_not(seeker, one, on=day, weights=weights)[0]
            lines.append(FilteredLine(vacancy_id, one.title, one.employer_name, first.code, first.text))
    return tuple(lines)


def list_all_vacancies(tx: Transaction, *, on: date | None = None) -> tuple[VacancyFacts, ...]:
    """Return every vacancy that is open on a day, newest first: the same list for everybody (PIPL 24)."""
    day = on or clock.today()
    return tuple(one for one in reversed(current_pool(tx, day).facts) if not opening(one, day))


def _seeker(tx: Transaction, resident_id: str, on: date, pool: Pool) -> Seeker:
    seeker = load_seeker(tx, resident_id, on)
    if seeker is None:
        raise RuleError(_("没有有效的求职登记，先登记求职意向再找岗位"), code="match.no_registration")
    return engine.name_employers(seeker, pool)
