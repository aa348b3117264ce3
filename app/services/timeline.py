"""The resident's file: everything that happened, newest first, and the facts on top."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.acts import find_act
from app.models.codes import code_list
from app.models.employer import Employer, Vacancy
from app.models.operation import UNSENT, WITHDRAWN, Operation, OperationEdit
from app.models.referral import Referral, SlipPrint
from app.models.registration import EmpStatus, Registration, ServiceEvent, UnempReg
from app.models.resident import Consent, Household, HouseholdMember, Resident
from app.services import field_happenings
from app.services.contacts import last_contacts
from app.services.history import DoneAct, list_done, undo
from app.services.neighbours import unconfirmed_edits
from app.services.policy import parameter
from app.services.referral_lines import ReferralLine, list_referrals
from app.services.referrals import OPEN_STATES
from app.services.registrations import active_registration, active_unemployment
from app.services.staff import staff_names
from app.services.training import happenings
from app.services.workdays import add_workdays
from app.texts import _

_HANGING_ON: tuple[tuple[str, Any], ...] = (
    ("registration", Registration),
    ("unemp_reg", UnempReg),
    ("emp_status", EmpStatus),
    ("consent", Consent),
    ("referral", Referral),
)


@dataclass(frozen=True)
class Happening:
    """One line of the file. ``sent`` tells whether the district has it; ``state`` is a short word for the chip.

    ``subject``: type and id of the class or the craft order that it is about, where there is one.
    """

    op: str
    act: str
    title: str
    text: str
    happened_at: datetime
    actor: str
    sent: bool
    state: str
    record_type: str
    record_id: str
    subject: tuple[str, str] | None = None


@dataclass(frozen=True)
class ResidentFile:
    """What the file's screen shows at once."""

    resident: Resident
    registration: Registration | None
    unemployment: UnempReg | None
    referrals: tuple[ReferralLine, ...]
    happenings: tuple[Happening, ...]


def load_file(tx: Transaction, resident_id: str) -> ResidentFile:
    """Return a resident's whole file.

    Raises:
        NotFoundError: there is no such file.
    """
    resident = tx.get(Resident, resident_id)
    return ResidentFile(
        resident=resident,
        registration=active_registration(tx, resident_id),
        unemployment=active_unemployment(tx, resident_id),
        referrals=tuple(list_referrals(tx, resident_id=resident_id)),
        happenings=tuple(list_happenings(tx, resident_id)),
    )


def list_happenings(tx: Transaction, resident_id: str, *, limit: int = 500) -> list[Happening]:
    """Return every act on the file or on what hangs on it, newest first; one line per operation."""
    owners = _records_of(tx, resident_id)
    ids = list(owners)
    names, subjects = staff_names(tx), happenings.subjects_of(tx, resident_id)
    standing = happenings.standing_of(tx, resident_id)
    lines: dict[str, Happening] = {}
    for start in range(0, len(ids), 500):
        statement = _edits_of(ids[start : start + 500]).order_by(col(Operation.made_at).desc()).limit(limit)
        for row in (*tx.rows(statement), *unconfirmed_edits(tx, ids[start : start + 500])):
            known = lines.get(row.op)
            if known is None or _weight(row.record_type) > _weight(known.record_type):
                lines[row.op] = _line(row, names, owners=owners, subjects=subjects, standing=standing)
    return sorted(lines.values(), key=lambda line: (line.happened_at, line.op), reverse=True)[:limit]


def _weight(record_type: str) -> int:
    """Rank which of an operation's records gives the line its words."""
    order = (
        "household_member",
        "household",
        "service_event",
        "consent",
        "emp_status",
        "slip_print",
        "resident",
        "registration",
        "unemp_reg",
        *happenings.TYPES,
        *field_happenings.TYPES,
        "referral",
    )
    return order.index(record_type) if record_type in order else -1


def _records_of(tx: Transaction, resident_id: str) -> dict[str, str]:
    """Return id → text of every record of this person."""
    owners = {resident_id: ""}
    for name, model in _HANGING_ON:
        for row in tx.rows(select(model.id, model.rec_no).where(model.resident_id == resident_id)):
            owners[row.id] = row.rec_no or ""
            if name == "referral":
                owners[row.id] = _referral_text(tx, row.id)
    for row in tx.rows(
        select(col(SlipPrint.id), col(SlipPrint.copy_no), col(Referral.slip_no))
        .join(Referral, col(Referral.id) == col(SlipPrint.referral_id))
        .where(col(Referral.resident_id) == resident_id)
    ):
        owners[row.id] = row.slip_no if row.copy_no == 0 else _("{no}，副本第 {n} 次", no=row.slip_no, n=row.copy_no)
    for row in tx.rows(
        select(col(ServiceEvent.id), col(ServiceEvent.detail), col(ServiceEvent.why)).where(
            col(ServiceEvent.subject_id) == resident_id
        )
    ):
        owners[row.id] = code_list("REVEAL_REASON").label(row.why)
    owners.update(_household_of(tx, resident_id))
    owners.update(happenings.texts_of(tx, resident_id))
    owners.update(field_happenings.texts_of(tx, resident_id))
    return owners


def _household_of(tx: Transaction, resident_id: str) -> dict[str, str]:
    """Return the records of the household that the person belongs to, with their text."""
    statement = (
        select(col(Household.id), col(Household.building), col(Household.house_no))
        .join(Resident, col(Resident.household_id) == col(Household.id))
        .where(col(Resident.id) == resident_id)
    )
    found = {row.id: row.building for row in tx.rows(statement)}
    for household_id, building in tuple(found.items()):
        members = select(col(HouseholdMember.id)).where(col(HouseholdMember.household_id) == household_id)
        found.update({row.id: building for row in tx.rows(members)})
    return found


def _referral_text(tx: Transaction, referral_id: str) -> str:
    statement = (
        select(col(Referral.slip_no), col(Vacancy.title), col(Employer.name))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(col(Referral.id) == referral_id)
    )
    row = tx.rows(statement)[0]
    return "，".join(part for part in (f"{row.name or ''} {row.title or ''}".strip(), row.slip_no) if part)


def _line(
    row: Any,
    names: dict[str, str],
    *,
    owners: dict[str, str],
    subjects: dict[str, tuple[str, str]],
    standing: dict[str, str],
) -> Happening:
    act = find_act(row.act)
    text = owners.get(row.record_id, "")
    if row.record_type == "referral" and "outcome" in row.changes and row.changes["outcome"][1]:
        text += "：" + code_list("REF_OUTCOME").label(row.changes["outcome"][1])
        reason = (row.changes.get("outcome_reason") or [None, None])[1]
        text += f"，{code_list('REF_FAIL').label(reason)}" if reason else ""
    state = happenings.state_of(row.record_type, row.changes, standing.get(row.record_id, ""))
    state = state or field_happenings.state_of(row.record_type, row.changes)
    if row.record_type == "referral" and "state" in row.changes:
        state = code_list("REF_STATE").label(row.changes["state"][1])
    return Happening(
        op=row.op,
        act=row.act,
        title=_(act.label) if act else row.act,
        text=text,
        happened_at=row.made_at,
        actor=names.get(row.actor or "", "") or _("区里"),
        sent=row.state not in UNSENT,
        state=state,
        record_type=row.record_type,
        record_id=row.record_id,
        subject=subjects.get(row.record_id),
    )


@dataclass(frozen=True)
class ConsentLine:
    """One consent, refusal or notice of a person. ``to_whom``: the employer it names; ``sent`` as in Happening."""

    id: str
    kind: str
    agreed: bool
    told_at: datetime
    text_version: str
    withdrawn_at: datetime | None
    to_whom: str
    taken_by: str
    sent: bool


def list_consents(tx: Transaction, resident_id: str) -> list[ConsentLine]:
    """Return what the person was told, agreed to, refused or withdrew, newest first."""
    names = staff_names(tx)
    statement = (
        select(
            col(Consent.id),
            col(Consent.kind),
            col(Consent.agreed),
            col(Consent.told_at),
            col(Consent.text_version),
            col(Consent.withdrawn_at),
            col(Consent.scope),
            col(Consent.created_by),
        )
        .where(col(Consent.resident_id) == resident_id, col(Consent.deleted_at).is_(None))
        .order_by(col(Consent.told_at).desc(), col(Consent.id).desc())
    )
    rows = tx.rows(statement)
    named = {row.scope[0] for row in rows if row.scope and isinstance(row.scope[0], str)}
    employers = {
        row.id: row.name
        for row in tx.rows(select(col(Employer.id), col(Employer.name)).where(col(Employer.id).in_(named)))
    }
    unsent = _unsent_ids(tx, [row.id for row in rows])
    return [
        ConsentLine(
            row.id,
            row.kind,
            row.agreed,
            row.told_at,
            row.text_version,
            row.withdrawn_at,
            employers.get(row.scope[0], "") if row.scope else "",
            names.get(row.created_by or "", ""),
            row.id not in unsent,
        )
        for row in rows
    ]


def _unsent_ids(tx: Transaction, record_ids: list[str]) -> set[str]:
    """Return which of these records have edits that the district has not accepted."""
    statement = (
        select(col(OperationEdit.record_id))
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(col(Operation.state).in_(UNSENT), col(OperationEdit.record_id).in_(record_ids))
    )
    return {row.record_id for row in tx.rows(statement)}


def unsent_referrals(tx: Transaction, lines: tuple[ReferralLine, ...]) -> frozenset[str]:
    """Return the ids of those referrals that still wait to be sent."""
    return frozenset(_unsent_ids(tx, [line.id for line in lines]))


@dataclass(frozen=True)
class FileChange:
    """One change of one field of a person's file, of any of its records. ``old`` and ``new`` are wire values."""

    op: str
    act: str
    actor: str
    made_at: datetime
    record_type: str
    record_id: str
    field: str
    old: Any
    new: Any
    sent: bool


def _edits_of(ids: list[str]) -> Select[*tuple[Any, ...]]:
    """Return the query of every edit of these records, with its operation."""
    return (
        select(
            col(Operation.op),
            col(Operation.act),
            col(Operation.actor),
            col(Operation.made_at),
            col(Operation.state),
            col(OperationEdit.record_type),
            col(OperationEdit.record_id),
            col(OperationEdit.changes),
        )
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(OperationEdit.record_id).in_(ids), col(Operation.state) != WITHDRAWN)
    )


def list_file_changes(tx: Transaction, resident_id: str, *, limit: int = 2_000) -> list[FileChange]:
    """Return every change of any field of the file and of what hangs on it, newest first."""
    ids = list(_records_of(tx, resident_id))
    names = staff_names(tx)
    found: list[FileChange] = []
    for start in range(0, len(ids), 500):
        statement = (
            _edits_of(ids[start : start + 500])
            .order_by(col(Operation.made_at).desc(), col(Operation.op).desc())
            .limit(limit)
        )
        for row in tx.rows(statement):
            who = names.get(row.actor or "", "") or _("区里")
            about = (row.op, row.act, who, row.made_at, row.record_type, row.record_id)
            found += [
                FileChange(*about, field=name, old=old, new=new, sent=row.state not in UNSENT)
                for name, (old, new) in row.changes.items()
            ]
    return sorted(found, key=lambda change: (change.made_at, change.op), reverse=True)[:limit]


def overdue_replies(tx: Transaction, lines: tuple[ReferralLine, ...]) -> frozenset[str]:
    """Return the ids of those referrals whose employer should have answered before today (R05)."""
    allowed, today = int(parameter(tx, "ref.reply_days")), clock.today()
    return frozenset(
        line.id
        for line in lines
        if line.state in OPEN_STATES and add_workdays(tx, clock.to_local(line.issued_at).date(), allowed) < today
    )


def past_registration(tx: Transaction, resident_id: str) -> Registration | None:
    """Return the newest jobseeker registration whatever became of it: the one to renew, or to begin anew from."""
    found = tx.rows(
        select(col(Registration.id))
        .where(col(Registration.resident_id) == resident_id, col(Registration.deleted_at).is_(None))
        .order_by(col(Registration.reg_date).desc(), col(Registration.id).desc())
        .limit(1)
    )
    return tx.find(Registration, found[0].id) if found else None


def last_contact_at(tx: Transaction, resident_id: str) -> datetime | None:
    """Return when the station last had to do with the person (domain sheet 5.3)."""
    return last_contacts(tx, [resident_id]).get(resident_id)


def undo_last(tx: Transaction, resident_id: str) -> DoneAct | None:
    """Take back this actor's last act on the file that may be taken back; None where there is none.

    Raises:
        RuleError: something changed since.
    """
    own = {line.op for line in list_happenings(tx, resident_id)}
    last = next((done for done in list_done(tx) if done.op in own), None)
    return None if last is None else undo(tx, last.op)
