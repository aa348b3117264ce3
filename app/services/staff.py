"""The station's people. PINs live in the PC's keyring; here are names, roles, and whether they still work here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from app.db.database import Transaction
from app.errors import RuleError
from app.models.base import parse_draft
from app.models.station import Staff, StaffDraft
from app.texts import _


def add_staff(tx: Transaction, values: Mapping[str, Any], *, staff_id: str | None = None) -> Staff:
    """Add a member of staff.

    Raises:
        InvalidInputError: the name or the roles are missing or wrong.
        RuleError: somebody of that name works here already.
    """
    tx.act("staff.add")
    draft = parse_draft(StaffDraft, values)
    if find_staff(tx, draft.name) is not None:
        raise RuleError(_("已经有叫“{name}”的人员，请加一个字区别", name=draft.name), code="staff.same_name")
    person = Staff.model_validate(draft.model_dump())
    if staff_id is not None:
        person.id = staff_id
    return tx.add(person)


def edit_staff(tx: Transaction, staff_id: str, values: Mapping[str, Any]) -> Staff:
    """Change name, roles, number or phone, or end somebody's work here (``active`` false).

    Raises:
        InvalidInputError: a value is wrong.
        NotFoundError: there is no such person.
    """
    tx.act("staff.edit")
    person = tx.get(Staff, staff_id)
    draft = parse_draft(StaffDraft, {**person.model_dump(include=set(StaffDraft.model_fields)), **values})
    tx.change(person, draft.model_dump())
    return person


def find_staff(tx: Transaction, name: str) -> Staff | None:
    """Return the active member of staff of that name."""
    statement = select(Staff).where(col(Staff.name) == name, col(Staff.deleted_at).is_(None)).order_by(col(Staff.id))
    return tx.session.exec(statement).first()


def list_staff(tx: Transaction) -> Sequence[Staff]:
    """Return everybody, those who work here first."""
    statement = select(Staff).where(col(Staff.deleted_at).is_(None)).order_by(col(Staff.active).desc(), col(Staff.id))
    return tx.session.exec(statement).all()


def staff_names(tx: Transaction) -> dict[str, str]:
    """Return staff id → name, also of those who left."""
    return {row.id: row.name for row in tx.rows(select(col(Staff.id), col(Staff.name)))}
