"""The catalogue of courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import RuleError
from app.models.base import parse_draft
from app.models.training import CANCELLED, Course, CourseDraft, TrainingClass
from app.texts import _


@dataclass(frozen=True)
class CourseLine:
    """One line of the catalogue. ``class_count``: classes that were not cancelled. Money is fen."""

    id: str
    name: str
    trade: str | None
    level: str | None
    train_type: str | None
    hours_total: int | None
    hours_theory: int | None
    hours_practice: int | None
    provider_name: str | None
    in_catalogue: bool | None
    subsidy_amount: int | None
    free: bool | None
    fee: int | None
    assess_way: str | None
    cert_type: str | None
    cert_name: str | None
    active: bool
    class_count: int
    rev: int


def add_course(tx: Transaction, values: Mapping[str, Any]) -> Course:
    """Add a course to the catalogue.

    Raises:
        InvalidInputError: by field.
        RuleError: this provider has a course of that name and level already.
    """
    tx.act("course.add")
    draft = parse_draft(CourseDraft, values)
    _check_double(tx, draft, None)
    return tx.add(Course.from_draft(draft))


def edit_course(tx: Transaction, course_id: str, values: Mapping[str, Any]) -> Course:
    """Change a course; ``active`` false takes it out of the catalogue, its classes stay.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such course.
        RuleError: another course of this provider is called so.
    """
    tx.act("course.edit")
    course = tx.get(Course, course_id)
    draft = parse_draft(CourseDraft, {**course.model_dump(include=set(CourseDraft.model_fields)), **values})
    _check_double(tx, draft, course_id)
    tx.change(course, draft.model_dump())
    return course


def _check_double(tx: Transaction, draft: CourseDraft, own_id: str | None) -> None:
    statement = select(col(Course.id)).where(
        col(Course.name) == draft.name,
        col(Course.level) == draft.level,
        col(Course.provider_name) == draft.provider_name,
        col(Course.deleted_at).is_(None),
    )
    if any(row.id != own_id for row in tx.rows(statement)):
        raise RuleError(_("这家机构已经有“{name}”这个项目，直接排班就行", name=draft.name), code="course.double")


def course_values(tx: Transaction, course_id: str) -> dict[str, Any]:
    """Return a course's fields, as its form shows them.

    Raises:
        NotFoundError: there is no such course.
    """
    return tx.get(Course, course_id).model_dump(include=set(CourseDraft.model_fields))


def list_courses(tx: Transaction, *, filter_text: str = "", all_of_them: bool = False) -> list[CourseLine]:
    """Return the catalogue by name; ``all_of_them`` also what was taken out."""
    classes = (
        select(func.count())
        .where(col(TrainingClass.course_id) == col(Course.id), col(TrainingClass.deleted_at).is_(None))
        .where(col(TrainingClass.state) != CANCELLED)
        .scalar_subquery()
    )
    names = [name for name in CourseLine.__dataclass_fields__ if name not in ("class_count", "rev")]
    columns: list[Any] = [col(getattr(Course, name)) for name in names]
    statement = select(*columns, classes, col(Course.rev)).where(col(Course.deleted_at).is_(None))
    if not all_of_them:
        statement = statement.where(col(Course.active).is_(True))
    if filter_text:
        pattern = col(Course.name).contains(filter_text, autoescape=True)
        for column in (col(Course.provider_name), col(Course.cert_name)):
            pattern |= column.contains(filter_text, autoescape=True)
        statement = statement.where(pattern)
    return [CourseLine(*row) for row in tx.rows(statement.order_by(col(Course.name), col(Course.id)))]
