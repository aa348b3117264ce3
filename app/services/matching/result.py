"""What matching returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.services.matching.explain import Suggestion


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The best vacancies with reasons, and complete counts of what each filter kept away.

    ``train_first`` (可先培训) are among the filtered: they lack only certificates that courses lead to.
    """

    suggestions: tuple[Suggestion, ...]
    train_first: tuple[Suggestion, ...]
    filtered: Mapping[str, int]
    filtered_ids: Mapping[str, tuple[str, ...]]
    train_first_count: int
    considered: int
    passed: int
    weights_version: str
    on: date

    @property
    def filtered_count(self) -> int:
        """Return how many vacancies are not suggested."""
        return self.considered - self.passed

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain JSON, for the command line."""
        return {
            "on": self.on.isoformat(),
            "weights_version": self.weights_version,
            "considered": self.considered,
            "passed": self.passed,
            "filtered": dict(self.filtered),
            "suggestions": [one.as_json() for one in self.suggestions],
            "train_first": [one.as_json() for one in self.train_first],
        }
