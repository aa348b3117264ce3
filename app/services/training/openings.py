"""The open classes that close a gap: what a vacancy asks for and somebody lacks."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.models.training import DROPPED, Course, Enrolment
from app.services.matching.prepare import cert_stem
from app.services.training.listing import ClassLine, list_open_classes


@dataclass(frozen=True)
class ClosingClass:
    """An open class that leads to a certificate which is lacking. ``signed_up``: the person is on its list already."""

    cert_name: str
    line: ClassLine
    signed_up: bool


def closing_classes(
    tx: Transaction, cert_names: Iterable[str], resident_id: str | None = None
) -> tuple[ClosingClass, ...]:
    """Return the classes open for sign-up that lead to these certificates (低压电工作业证), the next one first."""
    wanted = {name: cert_stem(name) for name in dict.fromkeys(cert_names)}
    wanted = {name: stem for name, stem in wanted.items() if stem}
    if not wanted:
        return ()
    courses = tx.rows(
        select(col(Course.id), col(Course.cert_name)).where(
            col(Course.cert_name).is_not(None), col(Course.active).is_(True), col(Course.deleted_at).is_(None)
        )
    )
    leads = {row.id: name for row in courses for name, stem in wanted.items() if stem in cert_stem(row.cert_name)}
    if not leads:
        return ()
    lines = list_open_classes(tx, course_ids=list(leads))
    mine = _signed_up(tx, resident_id)
    return tuple(ClosingClass(leads[line.course_id], line, line.id in mine) for line in lines)


def _signed_up(tx: Transaction, resident_id: str | None) -> set[str]:
    if resident_id is None:
        return set()
    statement = select(col(Enrolment.class_id)).where(
        col(Enrolment.resident_id) == resident_id,
        col(Enrolment.state) != DROPPED,
        col(Enrolment.deleted_at).is_(None),
    )
    return {row.class_id for row in tx.rows(statement)}
