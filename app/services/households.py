"""Households, at the level of an address: who lives there, who could work and who wants to (domain sheet 2.4).

Children under 14 are counts by age band, never names (PIPL 28, 31).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import month_after, parse_draft
from app.models.resident import Household, HouseholdDraft, HouseholdMember, HouseholdMemberDraft, Resident
from app.services.registrations import active_unemployment
from app.texts import _

CHILD_UNDER = 14


@dataclass(frozen=True)
class MemberLine:
    """One member as the file shows her: a resident with a file here, or a name only."""

    id: str
    resident_id: str | None
    name: str
    relation: str | None
    able: bool | None
    willing: bool | None
    status_at_check: str | None


@dataclass(frozen=True)
class HouseholdFile:
    """A household with its members, the head first."""

    household: Household
    members: tuple[MemberLine, ...]


def save_household(
    tx: Transaction,
    resident_id: str,
    values: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    *,
    household_id: str | None = None,
) -> Household:
    """Save a resident's household and all its members: those not named any more are taken out.

    ``members``: [{id?, resident_id? or name, relation, able, willing, status_at_check}]. ``household_id``: the known
    household of that address which she joins; without it, her own, or a new one.

    Raises:
        InvalidInputError: by field; a member's fields are named ``members.<place>.<field>``.
        RuleError: she is not among the members.
        NotFoundError: there is no such resident or household.
    """
    tx.act("household.save")
    resident = tx.get(Resident, resident_id)
    known = tx.get(Household, household_id) if household_id else tx.find(Household, resident.household_id)
    base = known.model_dump(include=set(HouseholdDraft.model_fields)) if known is not None else {}
    draft = parse_draft(HouseholdDraft, {**base, **values})
    if not any(member.get("resident_id") == resident_id for member in members):
        raise RuleError(_("成员里要有 {name} 本人", name=resident.name), code="household.without_self")
    household = known or tx.add(Household.model_validate(draft.model_dump()))
    if known is not None:
        tx.change(known, draft.model_dump())
    _save_members(tx, household.id, members)
    return household


def _save_members(tx: Transaction, household_id: str, members: Sequence[Mapping[str, Any]]) -> None:
    errors: dict[str, str] = {}
    drafts: list[tuple[str | None, HouseholdMemberDraft]] = []
    for place, member in enumerate(members):
        try:
            drafts.append((member.get("id"), _member_draft(tx, household_id, member)))
        except InvalidInputError as wrong:
            errors.update({f"members.{place}.{field}": text for field, text in wrong.fields.items()})
    people = [draft.resident_id for _id, draft in drafts if draft.resident_id]
    if len(people) != len(set(people)):
        raise RuleError(_("同一个人写了两次，去掉一行再存"), code="household.twice")
    if errors:
        raise InvalidInputError(errors)
    before = {row.id: row for row in _member_rows(tx, household_id)}
    for member_id, draft in drafts:
        row = before.pop(member_id or "", None)
        if row is None:
            tx.add(HouseholdMember.model_validate(draft.model_dump()))
        else:
            tx.change(row, draft.model_dump())
        _move_in(tx, draft.resident_id, household_id)
    for row in before.values():
        tx.remove(row, _("不在这一户了"))
        _move_out(tx, row.resident_id, household_id)


def _member_draft(tx: Transaction, household_id: str, member: Mapping[str, Any]) -> HouseholdMemberDraft:
    names = set(HouseholdMemberDraft.model_fields) - {"household_id"}
    given = {name: value for name, value in member.items() if name in names}
    draft = parse_draft(HouseholdMemberDraft, {**given, "household_id": household_id})
    person = tx.get(Resident, draft.resident_id) if draft.resident_id else None
    if person is None and not draft.name:
        raise InvalidInputError({"name": _("要写姓名")})
    if person is not None:
        draft.name = None
        if person.birth_date is not None and month_after(person.birth_date, CHILD_UNDER * 12) > clock.today():
            raise InvalidInputError({"name": _("不满 14 周岁的只记人数，不记名字")})
    return draft


def _move_in(tx: Transaction, resident_id: str | None, household_id: str) -> None:
    """Point the person's file to this household, and take her out of the one she was in."""
    person = tx.find(Resident, resident_id)
    if person is None or person.household_id == household_id:
        return
    if person.household_id:
        for row in _member_rows(tx, person.household_id):
            if row.resident_id == person.id:
                tx.remove(row, _("搬到另一户"))
    person.household_id = household_id


def _move_out(tx: Transaction, resident_id: str | None, household_id: str) -> None:
    person = tx.find(Resident, resident_id)
    if person is not None and person.household_id == household_id:
        person.household_id = None


def _member_rows(tx: Transaction, household_id: str) -> Sequence[HouseholdMember]:
    statement = (
        select(HouseholdMember)
        .where(col(HouseholdMember.household_id) == household_id, col(HouseholdMember.deleted_at).is_(None))
        .order_by(col(HouseholdMember.id))
    )
    return tx.session.exec(statement).all()


def list_household(tx: Transaction, resident: Resident) -> HouseholdFile | None:
    """Return the household that the resident belongs to, or None while none is written down."""
    household = tx.find(Household, resident.household_id)
    return None if household is None else _file_of(tx, household)


def find_at_address(tx: Transaction, building: str, house_no: str) -> HouseholdFile | None:
    """Return the household already known at this address, so that nobody writes it down twice."""
    if not building.strip() or not house_no.strip():
        return None
    statement = select(Household).where(
        col(Household.building) == building.strip(),
        col(Household.house_no) == house_no.strip(),
        col(Household.deleted_at).is_(None),
    )
    found = tx.session.exec(statement.order_by(col(Household.id))).first()
    return None if found is None else _file_of(tx, found)


def suggest_member(tx: Transaction, resident_id: str) -> MemberLine:
    """Return a member's line as today's records suggest it; the clerk asks for the rest.

    Raises:
        NotFoundError: there is no such file.
    """
    person = tx.get(Resident, resident_id)
    willing = True if active_unemployment(tx, resident_id) is not None else None
    return MemberLine("", person.id, person.name, None, willing, willing, person.emp_status)


def _file_of(tx: Transaction, household: Household) -> HouseholdFile:
    rows = _member_rows(tx, household.id)
    ids = [row.resident_id for row in rows if row.resident_id]
    people = {row.id: row for row in tx.session.exec(select(Resident).where(col(Resident.id).in_(ids))).all()}
    lines = [
        MemberLine(
            row.id,
            row.resident_id,
            people[row.resident_id].name if row.resident_id in people else row.name or "",
            row.relation,
            row.able,
            row.willing,
            row.status_at_check,
        )
        for row in rows
    ]
    return HouseholdFile(household, tuple(sorted(lines, key=lambda line: (line.relation != "0", line.id))))
