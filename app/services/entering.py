"""What keyed-in records share: the day it happened and the day it was entered are both kept (补录)."""

from datetime import datetime

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError
from app.services.policy import parameter
from app.services.staff import staff_names
from app.texts import _


def days_late(happened_at: datetime, entered_at: datetime) -> int:
    """Return how many calendar days lie between what happened and its entry."""
    return (clock.to_local(entered_at).date() - clock.to_local(happened_at).date()).days


def check_late(tx: Transaction, happened_at: datetime, entered_at: datetime, why: str | None) -> None:
    """Ask why something was entered later than the district allows without a reason.

    Raises:
        InvalidInputError: it was, and no reason is given.
    """
    late = days_late(happened_at, entered_at)
    if late > int(parameter(tx, "entry.late_days", clock.to_local(entered_at).date())) and not why:
        raise InvalidInputError({"late_why": _("过了 {n} 天才录入，要写补录原因", n=late)})


def check_staff(tx: Transaction, field: str, ids: list[str]) -> None:
    """Refuse ids that belong to nobody of the staff; the actor's own counts, whatever this device knows.

    Raises:
        InvalidInputError: one of them is nobody's.
    """
    known = staff_names(tx).keys() | ({tx.actor_id} if tx.actor_id else set())
    if any(each not in known for each in ids):
        raise InvalidInputError({field: _("人员名单里没有这个人，请重选")})
