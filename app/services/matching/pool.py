"""A pool: vacancies with everything that repeats among them numbered, so that one person is scored by table look-ups.

What a rule looks at repeats: 10,000 vacancies have a few hundred pays, gates and requirements. For each person the rule
is asked once per distinct value (``engine``), not once per vacancy. A pool is immutable and may be shared by threads.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeVar, overload

from app.models.codes import middle_of
from app.services.matching import rules
from app.services.matching.filters import Gate, gate_of
from app.services.matching.prepare import VacancyFacts, with_grams

KeyT = TypeVar("KeyT", bound=Hashable)


class Job(NamedTuple):
    """Trade and title: what the occupation part looks at."""

    occ: str
    title: str


class Require(NamedTuple):
    """What the skills part and F3 look at; needs by their numbers in the pool."""

    needs: tuple[int, ...]
    level_min: int
    middle: str


class Study(NamedTuple):
    """What the education and experience parts look at."""

    edu_min: int | None
    edu_mandatory: bool
    exp_years: float | None


Row = tuple[int, int, int, int, int, int]
"""Numbers of a vacancy's gate, requirement, study, job, pay and place."""


class Day(NamedTuple):
    """The pool as it stands on one day: only the gates depend on it."""

    on: date
    gates: list[Gate]
    rows: list[Row]


class Pool(Sequence[VacancyFacts]):
    """Vacancies prepared for scoring."""

    def __init__(self, vacancies: Iterable[VacancyFacts]) -> None:
        self.facts = [with_grams(one) for one in vacancies]
        self.ids = [one.vacancy_id for one in self.facts]
        self.place_of = {vacancy_id: at for at, vacancy_id in enumerate(self.ids)}
        self.open_to = [(one.open_to or date.max).toordinal() for one in self.facts]
        self.jobs, self.job_of = _number(Job(one.occ, one.title) for one in self.facts)
        self.needs, numbered = _number(need for one in self.facts for need in one.needs)
        supply = iter(numbered)
        self.requires, self.require_of = _number(_require(one, supply) for one in self.facts)
        self.studies, self.study_of = _number(
            Study(one.edu_min, one.edu_mandatory, one.exp_years) for one in self.facts
        )
        self.pays, self.pay_of = _number(one.pay_month for one in self.facts)
        self.spots, self.spot_of = _number(one.spot for one in self.facts)
        self.occs, self.occ_of_job = _number(job.occ for job in self.jobs)
        self.by_employer: dict[str, list[int]] = {}
        self.special: list[int] = []
        for at, one in enumerate(self.facts):
            self.by_employer.setdefault(one.employer_id, []).append(at)
            if one.tags or one.form == rules.WELFARE_FORM:
                self.special.append(at)
        self._index_titles()
        self._day: Day | None = None

    def _index_titles(self) -> None:
        """Build bigram → jobs, so that a wish meets only the titles it has a bigram in common with."""
        grams_of_job: list[frozenset[str]] = [frozenset()] * len(self.jobs)
        for at, job in enumerate(self.job_of):
            grams_of_job[job] = self.facts[at].grams
        self.gram_count_of_job = [len(grams) for grams in grams_of_job]
        self.major_of_job = [job.occ[:1] for job in self.jobs]
        self.jobs_with: dict[str, list[int]] = {}
        for job, grams in enumerate(grams_of_job):
            for gram in sorted(grams):
                self.jobs_with.setdefault(gram, []).append(job)

    def day(self, on: date) -> Day:
        """Return the pool as of a day; the last one asked for is kept."""
        kept = self._day
        if kept is not None and kept.on == on:
            return kept
        gates, gate_of_each = _number(gate_of(one, on) for one in self.facts)
        rows = list(
            zip(gate_of_each, self.require_of, self.study_of, self.job_of, self.pay_of, self.spot_of, strict=True)
        )
        self._day = day = Day(on, gates, rows)
        return day

    def find(self, vacancy_id: str) -> VacancyFacts | None:
        """Return one vacancy's facts, or None when it is not in the pool."""
        at = self.place_of.get(vacancy_id)
        return None if at is None else self.facts[at]

    def __len__(self) -> int:
        return len(self.facts)

    @overload
    def __getitem__(self, at: int) -> VacancyFacts: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[VacancyFacts]: ...

    def __getitem__(self, at: int | slice) -> VacancyFacts | Sequence[VacancyFacts]:
        return self.facts[at]


def pool_of(vacancies: Sequence[VacancyFacts]) -> Pool:
    """Return the vacancies as a pool, which they may be already."""
    return vacancies if isinstance(vacancies, Pool) else Pool(vacancies)


def _require(facts: VacancyFacts, numbers: Iterator[int]) -> Require:
    needs = tuple(next(numbers) for _ in facts.needs)
    return Require(needs, facts.level_min, middle_of(facts.occ) if facts.level_min else "")


def _number(keys: Iterable[KeyT]) -> tuple[list[KeyT], list[int]]:
    """Return the distinct keys in order of appearance, and each key's number."""
    numbers: dict[KeyT, int] = {}
    numbered = [numbers.setdefault(key, len(numbers)) for key in keys]
    return list(numbers), numbered
