"""Person–job matching: hard filters, an explained score, and what is never read (docs/matching.md)."""

from app.services.matching.engine import explain, match, why_not
from app.services.matching.explain import PartScore, Suggestion, WhyNot
from app.services.matching.pool import Pool
from app.services.matching.prepare import Seeker, VacancyFacts
from app.services.matching.query import (
    FilteredLine,
    Verdict,
    explain_vacancy,
    list_all_vacancies,
    list_filtered,
    match_resident,
)
from app.services.matching.result import MatchResult
from app.services.matching.rules import FILTER_LABELS, PART_LABELS, Weights, weights_for

__all__ = [
    "FILTER_LABELS",
    "PART_LABELS",
    "FilteredLine",
    "MatchResult",
    "PartScore",
    "Pool",
    "Seeker",
    "Suggestion",
    "VacancyFacts",
    "Verdict",
    "Weights",
    "WhyNot",
    "explain",
    "explain_vacancy",
    "list_all_vacancies",
    "list_filtered",
    "match",
    "match_resident",
    "weights_for",
    "why_not",
]
