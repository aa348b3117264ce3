"""Person–job matching: hard filters, an explained score, and what is never read (docs/matching.md)."""

from app.services.matching.engine import explain, match, why_not
from app.services.matching.explain import PartScore, Suggestion, WhyNot
from app.services.matching.pool import Pool
from app.services.matching.prepare import Seeker, VacancyFacts
from app.services.matching.result import MatchResult
from app.services.matching.rules import FILTER_LABELS, PART_LABELS, Weights, weights_for

__all__ = [
    "FILTER_LABELS",
    "PART_LABELS",
    "MatchResult",
    "PartScore",
    "Pool",
    "Seeker",
    "Suggestion",
    "VacancyFacts",
    "Weights",
    "WhyNot",
    "explain",
    "match",
    "weights_for",
    "why_not",
]
