"""Issuing slips: what is asked before, and one act of its own for each slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, RuleError
from app.models.employer import Employer, Vacancy
from app.models.resident import Resident
from app.services import referrals
from app.texts import _

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.ui.tasks import TaskRunner


@dataclass(frozen=True)
class Wanted:
    """A vacancy that was chosen, with the match that led to it."""

    vacancy_id: str
    match: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Target:
    """One employer to be told, as the person hears it read out (PIPL 23: who, how reached, what for, what of hers)."""

    vacancy_id: str
    title: str
    employer_name: str
    contact: str
    unverified: bool
    places: int | None
    match: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Order:
    """One slip to issue, agreed to by the person."""

    target: Target
    print_sex: bool = False
    print_phone: bool = False
    interview_at: datetime | None = None


@dataclass(frozen=True)
class Issued:
    """What came of it: the referrals made with their numbers, and what was refused with its reason."""

    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    failed: tuple[tuple[str, AppError], ...] = ()

    def words(self) -> str:
        """Say what was issued: 已开推荐信 0007."""
        return _("已开推荐信 {no}", no=_("、").join(number[-4:] for number in self.numbers))

    def as_error(self) -> AppError:
        """Return the refusals as one error; one of another kind stays itself."""
        if len(self.failed) == 1 and not isinstance(self.failed[0][1], RuleError):
            return self.failed[0][1]
        said = "；".join(_("{title}：{why}", title=title, why=error.text) for title, error in self.failed)
        return RuleError(_("有推荐信没有开：{said}。其余的都在。", said=said), code=self.failed[0][1].code)


def load_request(tx: Transaction, *, resident_id: str, wanted: Sequence[Wanted]) -> tuple[str, tuple[Target, ...]]:
    """Return the person's name and every employer to be told.

    Raises:
        NotFoundError: the person or a vacancy is gone.
    """
    name = tx.get(Resident, resident_id).name
    return name, tuple(_target(tx, one) for one in wanted)


def _target(tx: Transaction, one: Wanted) -> Target:
    vacancy = tx.get(Vacancy, one.vacancy_id)
    employer = tx.get(Employer, vacancy.employer_id)
    contact = " ".join(words for words in (employer.contact, employer.phone) if words)
    unverified = employer.verify_state != "20"
    places = referrals.places_left(tx, vacancy)
    return Target(vacancy.id, vacancy.title, employer.name, contact, unverified, places, one.match)


def issue_one(tx: Transaction, *, resident_id: str, order: Order) -> tuple[str, str]:
    """Issue one slip; return the referral's id and its number."""
    made = referrals.issue_referral(
        tx,
        resident_id=resident_id,
        vacancy_id=order.target.vacancy_id,
        consent_share=True,
        match=order.target.match,
        interview_at=order.interview_at,
        print_sex=order.print_sex,
        print_phone=order.print_phone,
    )
    return made.id, made.slip_no


class Issuer(QObject):
    """Issues slips one after the other, each in its own act; one that is refused does not stop the rest."""

    finished = Signal(object)

    def __init__(self, runner: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._left: list[Order] = []
        self._made: list[tuple[str, str]] = []
        self._failed: list[tuple[str, AppError]] = []
        self._resident_id = ""

    @property
    def is_busy(self) -> bool:
        """Whether slips are being issued now."""
        return bool(self._left)

    def issue(self, resident_id: str, orders: Sequence[Order]) -> None:
        """Begin; ``finished`` brings an ``Issued``."""
        self._resident_id, self._left = resident_id, list(orders)
        self._made, self._failed = [], []
        self._next()

    def _next(self) -> None:
        if not self._left:
            ids, numbers = tuple(one for one, _no in self._made), tuple(no for _one, no in self._made)
            self.finished.emit(Issued(ids, numbers, tuple(self._failed)))
            return
        work = partial(issue_one, resident_id=self._resident_id, order=self._left[0])
        self._runner.write(work, self._on_done, self._on_failed)

    def _on_done(self, made: tuple[str, str]) -> None:
        self._made.append(made)
        self._left.pop(0)
        self._next()

    def _on_failed(self, error: AppError) -> None:
        self._failed.append((self._left.pop(0).target.title, error))
        self._next()
