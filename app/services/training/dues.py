"""What a station has to do about training now, computed from the rows like every to-do."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.attendance import Attendance
from app.models.training import AS_PLANNED, OPEN, RUNNING, Lesson, TrainingClass
from app.services.policy import parameter
from app.services.training.certificates import list_expiring
from app.services.training.rosters import list_to_tell
from app.services.training.seats import counts_of
from app.texts import _

UNCALLED_DAYS = 14


@dataclass(frozen=True)
class Due:
    """One thing to do: about a person, a class or a certificate."""

    kind: str
    name: str
    text: str
    due_on: date
    record_type: str
    record_id: str
    resident_id: str | None
    class_id: str | None = None


def list_dues(tx: Transaction, today: date) -> list[Due]:
    """Return everything that training asks of this station."""
    return [*_to_tell(tx, today), *_starting(tx, today), *_uncalled(tx, today), *_ended(tx, today), *_expiring(tx)]


def _to_tell(tx: Transaction, today: date) -> list[Due]:
    return [
        Due(
            _("通知学员"),
            each.name,
            _("；").join(each.texts),
            today,
            "enrolment",
            each.enrolment_id,
            each.resident_id,
            each.class_id,
        )
        for each in list_to_tell(tx)[:300]
    ]


def _starting(tx: Transaction, today: date) -> list[Due]:
    """List classes that start within the days the district warns ahead: too few people, or time to begin."""
    ahead = int(parameter(tx, "training.open_warn_days"))
    statement = (
        select(
            col(TrainingClass.id),
            col(TrainingClass.title),
            col(TrainingClass.start_on),
            col(TrainingClass.min_open),
            col(TrainingClass.seats),
        )
        .where(col(TrainingClass.state) == OPEN, col(TrainingClass.start_on) <= today + timedelta(days=ahead))
        .where(col(TrainingClass.deleted_at).is_(None))
        .order_by(col(TrainingClass.start_on))
        .limit(100)
    )
    rows = tx.rows(statement)
    counts = counts_of(tx, [row.id for row in rows])
    found = []
    for row in rows:
        have = counts[row.id].expected(row.seats)
        lacking = (row.min_open or 0) - have
        if lacking > 0:
            text = _("还差 {n} 人才到最低开班人数，招人、延期或取消", n=lacking)
        else:
            text = _("{have} 人报名，可以开班", have=have)
        found.append(Due(_("开班"), row.title, text, row.start_on, "training_class", row.id, None, row.id))
    return found


def _uncalled(tx: Transaction, today: date) -> list[Due]:
    """List lessons of the last two weeks in which nobody was called."""
    called = exists().where(col(Attendance.lesson_id) == col(Lesson.id), col(Attendance.deleted_at).is_(None))
    statement = (
        select(col(Lesson.id), col(Lesson.class_id), col(Lesson.number), col(Lesson.held_on), col(TrainingClass.title))
        .join(TrainingClass, col(TrainingClass.id) == col(Lesson.class_id))
        .where(col(TrainingClass.state) == RUNNING, col(TrainingClass.deleted_at).is_(None))
        .where(col(Lesson.held_on) < today, col(Lesson.held_on) >= today - timedelta(days=UNCALLED_DAYS))
        .where(col(Lesson.state) == AS_PLANNED, col(Lesson.deleted_at).is_(None), ~called)
        .order_by(col(Lesson.held_on))
        .limit(100)
    )
    return [
        Due(
            _("补录考勤"),
            row.title,
            _("第 {n} 课还没有考勤，照签到表补录", n=row.number),
            row.held_on + timedelta(days=1),
            "lesson",
            row.id,
            None,
            row.class_id,
        )
        for row in tx.rows(statement)
    ]


def _ended(tx: Transaction, today: date) -> list[Due]:
    statement = (
        select(col(TrainingClass.id), col(TrainingClass.title), col(TrainingClass.end_on))
        .where(col(TrainingClass.state) == RUNNING, col(TrainingClass.end_on) < today)
        .where(col(TrainingClass.deleted_at).is_(None))
        .order_by(col(TrainingClass.end_on))
        .limit(100)
    )
    text = _("课上完了，登成绩、办结业")
    return [
        Due(_("结业"), row.title, text, row.end_on + timedelta(days=7), "training_class", row.id, None, row.id)
        for row in tx.rows(statement)
    ]


def _expiring(tx: Transaction) -> list[Due]:
    """List certificates that run out (R13)."""
    return [
        Due(
            _("证书到期"),
            line.name,
            _("“{cert}”{day} 到期，问要不要复审", cert=line.cert_name or "", day=line.valid_until.isoformat()),
            line.valid_until,
            "certificate",
            line.id,
            line.resident_id,
        )
        for line in list_expiring(tx)
        if line.valid_until is not None
    ]
