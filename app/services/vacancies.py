"""Vacancies: add, edit, publish, return, take down, list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.employer import Employer, Vacancy, VacancyDraft
from app.services.numbers import VACANCY, next_number
from app.services.policy import parameter
from app.services.staff import staff_names
from app.texts import N_, _

DRAFT, WAITING, RETURNED, PUBLISHED, PAUSED, FILLED, EXPIRED, TAKEN_DOWN = (
    "10",
    "20",
    "25",
    "30",
    "40",
    "50",
    "60",
    "70",
)


@dataclass(frozen=True)
class VacancyLine:
    """One line of the vacancy list. Pay in fen per ``pay_unit``."""

    id: str
    rec_no: str | None
    title: str
    employer_id: str
    employer_name: str
    employer_verified: bool
    trade: str | None
    trade_confidence: float | None
    pay_unit: str | None
    pay_min: int | None
    pay_max: int | None
    openings: int | None
    remaining: int | None
    work_place: str | None
    open_to: date | None
    review_state: str
    has_legacy_note: bool


@dataclass(frozen=True)
class BulkResult:
    """What a bulk act did: how many, and a reason for each that it did not do."""

    done: int
    refused: tuple[tuple[str, str], ...]


def add_vacancy(tx: Transaction, values: Mapping[str, Any], *, complete: bool = True) -> Vacancy:
    """Register a vacancy; it waits for review.

    Raises:
        InvalidInputError: by field.
        NotFoundError: the employer is not registered.
    """
    tx.act("vacancy.add")
    today = clock.today()
    dates = {"open_from": today, "open_to": today + timedelta(days=int(parameter(tx, "vacancy.open_days")))}
    draft = parse_draft(VacancyDraft, {**dates, **values}, complete=complete)
    _check_duration(tx, draft)
    if complete and len(draft.duty or "") < 10:
        raise InvalidInputError({"duty": _("工作内容至少写 10 个字")})
    tx.get(Employer, draft.employer_id)
    row = Vacancy.model_validate(draft.model_dump())
    row.review_state = WAITING
    row.rec_no = next_number(tx, VACANCY)
    return tx.add(row)


def edit_vacancy(tx: Transaction, vacancy_id: str, values: Mapping[str, Any]) -> Vacancy:
    """Change a vacancy's facts; what was published waits for review again, unless only the occupation was corrected.

    Raises:
        InvalidInputError: by field.
    """
    tx.act("vacancy.edit")
    row = tx.get(Vacancy, vacancy_id)
    known = row.model_dump(include=set(VacancyDraft.model_fields))
    draft = parse_draft(VacancyDraft, {**known, **values}, complete=False)
    _check_duration(tx, draft)
    changed = {name for name, value in draft.model_dump().items() if getattr(row, name) != value}
    if "trade" in changed:
        draft.trade_confidence = 1.0
    if row.review_state == PUBLISHED and changed - {"trade", "trade_confidence"}:
        draft.review_state = WAITING
    tx.change(row, draft.model_dump())
    return row


def _check_duration(tx: Transaction, draft: VacancyDraft) -> None:
    if draft.open_from is None or draft.open_to is None:
        return
    most = int(parameter(tx, "vacancy.max_open_days"))
    if (draft.open_to - draft.open_from).days > most:
        raise InvalidInputError({"open_to": _("招聘期最长 {n} 天，请改近一点", n=most)})


def get_vacancy(tx: Transaction, vacancy_id: str) -> Vacancy:
    """Return a vacancy.

    Raises:
        NotFoundError: there is none of that id.
    """
    return tx.get(Vacancy, vacancy_id)


def publish_vacancy(tx: Transaction, vacancy_id: str) -> Vacancy:
    """Publish one reviewed vacancy; one that came without an end date is open for as long as the district allows.

    Raises:
        RuleError: one of the six elements is missing, it is past its date, or its employer failed verification.
    """
    tx.act("vacancy.publish")
    row = tx.get(Vacancy, vacancy_id)
    if row.open_to is None:
        row.open_to = clock.today() + timedelta(days=int(parameter(tx, "vacancy.open_days")))
    problem = publish_problem(row, tx.get(Employer, row.employer_id), clock.today())
    if problem:
        raise RuleError(problem, code="vacancy.not_ready")
    lacking = _missing(row, _SOFT)
    if lacking:
        hit = {"rule": "V23", "level": "WARN", "text": "、".join(lacking), "decision": "published", "by": tx.actor_id}
        row.review_hits = [*row.review_hits, hit]
    row.review_state = PUBLISHED
    row.reviewed_by = tx.actor_id
    row.reviewed_at = row.published_at = clock.now()
    return row


def publish_problem(row: Vacancy, employer: Employer, today: date) -> str | None:
    """Return why a vacancy cannot be published, or None (six elements and a date: 条例 24; V20, V23)."""
    if row.review_state == PUBLISHED:
        return _("已经发布了")
    if employer.verify_state in ("30", "40"):
        return _("单位核验不通过或已暂停")
    missing = _missing(row, _HARD)
    if missing:
        return _("还缺：{what}", what="、".join(missing))
    if row.open_to is not None and row.open_to < today:
        return _("招聘已过截止日期")
    return None


_HARD = (
    (N_("工作地点"), lambda row: row.work_place or row.region),
    (N_("薪酬"), lambda row: row.pay_max or row.pay_min or row.base_pay),
    (N_("截止日期"), lambda row: row.open_to),
)
_SOFT = (
    (N_("招聘人数"), lambda row: row.openings),
    (N_("工作内容"), lambda row: row.duty),
)
"""Elements of 条例 24 that many market postings lack: the supervisor may publish, the hit stays on record."""


def _missing(row: Vacancy, elements: Iterable[tuple[str, Callable[[Vacancy], Any]]]) -> list[str]:
    return [_(label) for label, value in elements if not value(row)]


def publish_many(tx: Transaction, vacancy_ids: Iterable[str]) -> BulkResult:
    """Publish many in one act; what is not ready stays in review with its reason."""
    tx.act("vacancy.publish")
    done, refused = 0, []
    for vacancy_id in vacancy_ids:
        try:
            publish_vacancy(tx, vacancy_id)
            done += 1
        except RuleError as problem:
            refused.append((vacancy_id, problem.text))
    return BulkResult(done, tuple(refused))


def return_vacancy(tx: Transaction, vacancy_id: str, why: str) -> Vacancy:
    """Send a vacancy back with a reason."""
    tx.act("vacancy.return")
    row = tx.get(Vacancy, vacancy_id)
    row.review_state = RETURNED
    row.reviewed_by, row.reviewed_at = tx.actor_id, clock.now()
    row.remark = why[:500]
    return row


def take_down(tx: Transaction, vacancy_id: str, why: str) -> Vacancy:
    """Take a vacancy off the lists."""
    tx.act("vacancy.take_down")
    row = tx.get(Vacancy, vacancy_id)
    row.review_state = TAKEN_DOWN
    row.remark = why[:500]
    return row


def list_vacancies(
    tx: Transaction,
    *,
    state: str | None = None,
    filter_text: str = "",
    employer_id: str | None = None,
    limit: int = 2000,
) -> list[VacancyLine]:
    """Return vacancies, newest first; ``filter_text`` looks into title, employer and place."""
    statement = _lines().where(col(Vacancy.deleted_at).is_(None))
    if state is not None:
        statement = statement.where(col(Vacancy.review_state) == state)
    if employer_id is not None:
        statement = statement.where(col(Vacancy.employer_id) == employer_id)
    if filter_text:
        pattern = col(Vacancy.title).contains(filter_text, autoescape=True)
        pattern |= col(Employer.name).contains(filter_text, autoescape=True)
        statement = statement.where(pattern | col(Vacancy.work_place).contains(filter_text, autoescape=True))
    return [VacancyLine(*row) for row in tx.rows(statement.order_by(col(Vacancy.id).desc()).limit(limit))]


def _lines() -> Any:
    return select(
        col(Vacancy.id),
        col(Vacancy.rec_no),
        col(Vacancy.title),
        col(Vacancy.employer_id),
        col(Employer.name),
        (col(Employer.verify_state) == "20").label("verified"),
        col(Vacancy.trade),
        col(Vacancy.trade_confidence),
        col(Vacancy.pay_unit),
        col(Vacancy.pay_min),
        col(Vacancy.pay_max),
        col(Vacancy.openings),
        col(Vacancy.remaining),
        col(Vacancy.work_place),
        col(Vacancy.open_to),
        col(Vacancy.review_state),
        col(Vacancy.legacy_note).is_not(None),
    ).join(Employer, col(Employer.id) == col(Vacancy.employer_id))


def count_by_state(tx: Transaction) -> dict[str, int]:
    """Return how many live vacancies stand in each review state."""
    statement = (
        select(col(Vacancy.review_state), func.count())
        .where(col(Vacancy.deleted_at).is_(None))
        .group_by(col(Vacancy.review_state))
    )
    return {str(row[0]): int(row[1]) for row in tx.rows(statement)}


def count_published_by_trade(tx: Transaction) -> dict[str, int]:
    """Return occupation code (as vacancies bear it, mostly a middle class) → how many vacancies are open today."""
    statement = (
        select(col(Vacancy.trade), func.count())
        .where(*_open_today(), col(Vacancy.trade).is_not(None))
        .group_by(col(Vacancy.trade))
    )
    return {str(row[0]): int(row[1]) for row in tx.rows(statement)}


def pay_published_by_trade(tx: Transaction) -> dict[str, tuple[int, int]]:
    """Return occupation code → the usual monthly pay in fen (medians of low and high end) of what is open today."""
    statement = select(col(Vacancy.trade), col(Vacancy.pay_min), col(Vacancy.pay_max)).where(
        *_open_today(), col(Vacancy.trade).is_not(None), col(Vacancy.pay_unit) == "M", col(Vacancy.pay_max) > 0
    )
    by_trade: dict[str, list[tuple[int, int]]] = {}
    for trade, low, high in tx.rows(statement):
        by_trade.setdefault(str(trade), []).append((int(low or high), int(high)))
    return {
        trade: (median_low(low for low, _high in pays), median_low(high for _low, high in pays))
        for trade, pays in by_trade.items()
    }


def _open_today() -> tuple[Any, ...]:
    return (
        col(Vacancy.review_state) == PUBLISHED,
        col(Vacancy.deleted_at).is_(None),
        col(Vacancy.open_to).is_(None) | (col(Vacancy.open_to) >= clock.today()),
    )


# The review list ------------------------------------------------------------------------------------------------------

IN_REVIEW, OPEN, SENT_BACK, OVER, ALL = "waiting", "published", "returned", "over", "all"
SLICES = (IN_REVIEW, OPEN, SENT_BACK, OVER, ALL)
"""Slices of the review list. What was published but is past its last day counts as over."""


@dataclass(frozen=True)
class VacancySheet:
    """Everything of one vacancy, as panel and form show it: its values, its employer's, who reviewed it.

    ``problem``: why it cannot be published now, or None.
    """

    line: VacancyLine
    values: dict[str, Any]
    employer: dict[str, Any]
    reviewer: str
    problem: str | None


def _in_slice(name: str, today: date) -> Any:
    state, past = col(Vacancy.review_state), col(Vacancy.open_to) < today
    if name == IN_REVIEW:
        return state.in_((DRAFT, WAITING))
    if name == OPEN:
        return (state == PUBLISHED) & (col(Vacancy.open_to).is_(None) | ~past)
    if name == SENT_BACK:
        return state == RETURNED
    if name == OVER:
        return state.in_((PAUSED, FILLED, EXPIRED, TAKEN_DOWN)) | ((state == PUBLISHED) & past)
    return state.is_not(None)


def _holding(filter_text: str) -> Any:
    found = col(Vacancy.title).contains(filter_text, autoescape=True)
    found |= col(Employer.name).contains(filter_text, autoescape=True)
    return found | col(Vacancy.work_place).contains(filter_text, autoescape=True)


def list_slice(tx: Transaction, name: str, *, filter_text: str = "", limit: int = 2000) -> list[VacancyLine]:
    """Return one slice of the review list, newest first; ``filter_text`` looks into title, employer and place."""
    statement = _lines().where(col(Vacancy.deleted_at).is_(None), _in_slice(name, clock.today()))
    if filter_text:
        statement = statement.where(_holding(filter_text))
    return [VacancyLine(*row) for row in tx.rows(statement.order_by(col(Vacancy.id).desc()).limit(limit))]


def list_slice_ids(tx: Transaction, name: str, *, filter_text: str = "") -> list[str]:
    """Return the ids of a whole slice, oldest first: for acts on all of it."""
    statement = select(col(Vacancy.id)).where(col(Vacancy.deleted_at).is_(None), _in_slice(name, clock.today()))
    if filter_text:
        statement = statement.join(Employer, col(Employer.id) == col(Vacancy.employer_id)).where(_holding(filter_text))
    return [str(row[0]) for row in tx.rows(statement.order_by(col(Vacancy.id)))]


def count_slices(tx: Transaction) -> dict[str, int]:
    """Return how many live vacancies each slice holds."""
    today = clock.today()
    sums = [func.coalesce(func.sum(case((_in_slice(name, today), 1), else_=0)), 0) for name in SLICES]
    row = tx.rows(select(*sums).where(col(Vacancy.deleted_at).is_(None)))[0]
    return dict(zip(SLICES, (int(count) for count in row), strict=True))


def get_sheet(tx: Transaction, vacancy_id: str) -> VacancySheet:
    """Return everything of one vacancy.

    Raises:
        NotFoundError: there is none.
    """
    row = tx.get(Vacancy, vacancy_id)
    line = VacancyLine(*tx.rows(_lines().where(col(Vacancy.id) == vacancy_id))[0])
    employer = tx.get(Employer, row.employer_id)
    names = staff_names(tx) if row.reviewed_by else {}
    reviewer = names.get(row.reviewed_by or "", "")
    today, values = clock.today(), row.model_dump()
    # Publishing sets an end that is missing, so its absence is no problem.
    as_published = Vacancy.model_construct(**{**values, "open_to": row.open_to or today})
    problem = publish_problem(as_published, employer, today)
    return VacancySheet(line, values, employer.model_dump(), reviewer, problem)
