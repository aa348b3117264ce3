"""Residents: register, edit, find, show the file. Everything a clerk does in the first five minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from app import clock
from app.db import search_index
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.identity import looks_like_slip, parse_slip_code
from app.models.names import match_query, sounds_like
from app.models.referral import Referral
from app.models.registration import EmpStatus, EmpStatusDraft, RegistrationDraft
from app.models.resident import Consent, ConsentDraft, Resident, ResidentDraft
from app.services.registrations import active_registration, edit_registration, open_registration
from app.texts import _

CONSENT_TEXT_VERSION = "2026-11"
_STATUS_SOURCE = "窗口登记"
WITHDRAWABLE = ("2", "3")
"""Kinds of consent that may be withdrawn; the others are notices."""


@dataclass(frozen=True)
class ResidentHit:
    """One line of a search result; numbers are whole, the screen masks them."""

    id: str
    name: str
    sex: str | None
    birth_date: date | None
    id_no: str
    mobile: str | None
    live_addr: str | None
    emp_status: str | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Duplicate:
    """A file that may be the same person, with the reasons why (as sentences)."""

    resident: ResidentHit
    certain: bool
    same: tuple[str, ...]
    different: tuple[str, ...]


_HIT_COLUMNS = (
    col(Resident.id),
    col(Resident.name),
    col(Resident.sex),
    col(Resident.birth_date),
    col(Resident.id_no),
    col(Resident.mobile),
    col(Resident.live_addr),
    col(Resident.emp_status),
    col(Resident.updated_at),
)
_HITS = select(*_HIT_COLUMNS).where(col(Resident.deleted_at).is_(None))
# Built once: to build a statement costs eight times as much as to run it.
_SAME_DOCUMENT = (col(Resident.id_no) == bindparam("id_no"), col(Resident.id_type) == bindparam("id_type"))
_BY_ID_NO = _HITS.where(*_SAME_DOCUMENT).limit(1)
_MATCHING = search_index.matching("resident", _HIT_COLUMNS)


def register_resident(
    tx: Transaction,
    values: Mapping[str, Any],
    *,
    registration: Mapping[str, Any] | None = None,
    consents: Sequence[Mapping[str, Any]] = (),
    complete: bool = True,
) -> Resident:
    """Register a resident, with the consents she gave and, where she looks for work, her jobseeker registration.

    ``consents``: [{kind, agreed, scope?, way?}]; the notice (kind 1) is demanded of a complete registration (PIPL 17).

    Raises:
        InvalidInputError: by field.
        RuleError: a file with this ID number exists.
    """
    tx.act("resident.register")
    draft = parse_draft(ResidentDraft, values, complete=complete)
    if complete and not any(item["kind"] == "1" and item["agreed"] for item in consents):
        raise InvalidInputError({"consent": _("要先把《就业服务个人信息告知书》给本人看过")})
    if complete:
        check_graduate(draft)
    twin = find_by_id_no(tx, draft.id_type, draft.id_no)
    if twin is not None:
        raise RuleError(_("{name} 已经有档案，证件号码相同，请接着原档案办", name=twin.name), code="resident.exists")
    resident = Resident.from_draft(draft)
    if registration is not None:
        open_registration(tx, {**registration, "resident_id": resident.id}, newcomer=True)
    for item in consents:
        consent = _record_consent(tx, resident.id, item)
        if item["kind"] == "1":
            resident.consent_id = consent.id
    if draft.emp_status:
        _note_status(tx, resident.id, None, draft.emp_status, _STATUS_SOURCE)
    return tx.add(resident)


def check_graduate(draft: ResidentDraft) -> None:
    """Demand school, date and major of a graduate (KG04; domain sheet 2.1).

    Raises:
        InvalidInputError: one of them is missing.
    """
    groups = {item.get("code") if isinstance(item, dict) else item for item in draft.priority_groups}
    if "KG04" in groups:
        missing = {name for name in ("school", "graduate_date", "major") if not getattr(draft, name)}
        if missing:
            raise InvalidInputError({name: _("高校毕业生要填这一栏") for name in sorted(missing)})


def edit_resident(tx: Transaction, resident_id: str, values: Mapping[str, Any]) -> Resident:
    """Change a resident's facts; a changed employment status goes into its history.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such file.
        RuleError: another file has this ID number.
    """
    tx.act("resident.edit")
    resident = tx.get(Resident, resident_id)
    known = resident.model_dump(include=set(ResidentDraft.model_fields))
    if values.get("id_no") not in (None, resident.id_no):
        known.update(sex=None, birth_date=None)
    draft = parse_draft(ResidentDraft, {**known, **values})
    check_graduate(draft)
    twin = find_by_id_no(tx, draft.id_type, draft.id_no)
    if twin is not None and twin.id != resident_id:
        raise RuleError(_("{name} 的档案已经用了这个证件号码", name=twin.name), code="resident.exists")
    if draft.emp_status and draft.emp_status != resident.emp_status:
        _note_status(tx, resident.id, resident.emp_status, draft.emp_status, _STATUS_SOURCE)
    tx.change(resident, draft.model_dump())
    return resident


@dataclass(frozen=True)
class KnownFacts:
    """What a file says already, for the form that edits it: values by field, and the answers given to consents."""

    resident: dict[str, Any]
    registration: dict[str, Any] | None
    registration_id: str | None
    registration_no: str | None
    consents: dict[str, bool]


def load_facts(tx: Transaction, resident_id: str) -> KnownFacts:
    """Return a file's facts and the wishes in force, to be edited.

    Raises:
        NotFoundError: there is no such file.
    """
    resident = tx.get(Resident, resident_id)
    wanted = active_registration(tx, resident_id)
    statement = (
        select(col(Consent.kind), col(Consent.agreed), col(Consent.withdrawn_at))
        .where(col(Consent.resident_id) == resident_id, col(Consent.deleted_at).is_(None))
        .order_by(col(Consent.told_at), col(Consent.id))
    )
    return KnownFacts(
        resident=resident.model_dump(include=set(ResidentDraft.model_fields)),
        registration=wanted.model_dump(include=set(RegistrationDraft.model_fields)) if wanted else None,
        registration_id=wanted.id if wanted else None,
        registration_no=wanted.rec_no if wanted else None,
        consents={row.kind: row.agreed and row.withdrawn_at is None for row in tx.rows(statement)},
    )


def edit_file(
    tx: Transaction,
    resident_id: str,
    values: Mapping[str, Any],
    *,
    registration: Mapping[str, Any] | None = None,
    registration_id: str | None = None,
    consents: Sequence[Mapping[str, Any]] = (),
) -> Resident:
    """Change facts and wishes in one act: the wishes in force are edited, or a new registration is opened.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such file or registration.
        RuleError: another file has this ID number, or a registration came into force meanwhile.
    """
    tx.act("resident.edit")
    resident = edit_resident(tx, resident_id, values)
    if registration is not None and registration_id is not None:
        edit_registration(tx, registration_id, registration)
    elif registration is not None:
        open_registration(tx, {**registration, "resident_id": resident_id})
    for item in consents:
        consent = _record_consent(tx, resident_id, item)
        if item["kind"] == "1" and item["agreed"]:
            resident.consent_id = consent.id
    return resident


def set_emp_status(tx: Transaction, resident: Resident, status: str, *, source: str, since: date | None = None) -> None:
    """Change a person's employment status and write its history; the same status again changes nothing."""
    if resident.emp_status != status:
        _note_status(tx, resident.id, resident.emp_status, status, source, since)
        resident.emp_status = status


def _note_status(
    tx: Transaction, resident_id: str, before: str | None, after: str, source: str, since: date | None = None
) -> None:
    values = {"resident_id": resident_id, "from_status": before, "to_status": after, "source": source}
    draft = parse_draft(EmpStatusDraft, {**values, "since": since or clock.today()})
    tx.add(EmpStatus.from_draft(draft))


def _record_consent(tx: Transaction, resident_id: str, item: Mapping[str, Any]) -> Consent:
    values = {"text_version": CONSENT_TEXT_VERSION, "told_at": clock.now(), **item, "resident_id": resident_id}
    return tx.add(Consent.from_draft(parse_draft(ConsentDraft, values)))


def record_consent(tx: Transaction, resident_id: str, item: Mapping[str, Any]) -> Consent:
    """Record one more consent, or a refusal.

    Raises:
        InvalidInputError: kind or answer is missing.
    """
    tx.act("consent.record")
    tx.get(Resident, resident_id)
    return _record_consent(tx, resident_id, item)


def withdraw_consent(tx: Transaction, consent_id: str) -> Consent:
    """Withdraw a consent from now on (PIPL 15): what was done on its ground stays lawful, nothing more is shared.

    Raises:
        NotFoundError: there is no such consent.
        RuleError: it is a notice, which is no consent; it was refused, or withdrawn already.
    """
    tx.act("consent.withdraw")
    consent = tx.get(Consent, consent_id)
    if consent.kind not in WITHDRAWABLE:
        raise RuleError(_("这是告知，不是同意，不用撤回"), code="consent.notice")
    if not consent.agreed:
        raise RuleError(_("本人当时就没有同意，没有可以撤回的"), code="consent.refused")
    if consent.withdrawn_at is not None:
        raise RuleError(_("这条同意已经撤回了"), code="consent.withdrawn")
    consent.withdrawn_at = clock.now()
    return consent


def remove_resident(tx: Transaction, resident_id: str, reason: str) -> None:
    """Take a file out of use; it stays as a tombstone, and undo brings it back.

    Raises:
        NotAllowedError: a clerk asks for it.
    """
    tx.act("resident.remove")
    tx.remove(tx.get(Resident, resident_id), reason)


def find_by_id_no(tx: Transaction, id_type: str, id_no: str) -> ResidentHit | None:
    """Return the live file with this document."""
    found = tx.rows(_BY_ID_NO, {"id_no": id_no, "id_type": id_type})
    return ResidentHit(*found[0]) if found else None


def search_residents(tx: Transaction, typed: str, *, limit: int = 20) -> list[ResidentHit]:
    """Find residents by any part of the name, pinyin, initials, tail of ID number or phone, or by a slip's number."""
    if looks_like_slip(typed):
        return _search_by_slip(tx, typed)
    query = match_query(typed)
    if query is None:
        return []
    return [ResidentHit(*row) for row in tx.rows(_MATCHING, {"query": query, "limit": limit})]


def _search_by_slip(tx: Transaction, typed: str) -> list[ResidentHit]:
    referred = select(col(Referral.resident_id)).where(col(Referral.slip_no) == parse_slip_code(typed)).limit(1)
    return [ResidentHit(*row) for row in tx.rows(_HITS.where(col(Resident.id).in_(referred)))]


def list_recent(tx: Transaction, *, limit: int = 50, offset: int = 0) -> list[ResidentHit]:
    """Return the files touched last."""
    statement = (
        select(*_HIT_COLUMNS)
        .where(col(Resident.deleted_at).is_(None))
        .order_by(col(Resident.updated_at).desc())
        .limit(limit)
        .offset(offset)
    )
    return [ResidentHit(*row) for row in tx.rows(statement)]


def find_duplicates(
    tx: Transaction,
    *,
    name: str = "",
    id_no: str = "",
    birth_date: date | None = None,
    mobile: str = "",
    except_id: str | None = None,
) -> list[Duplicate]:
    """Find files that may be the same person while she is being registered.

    Certain: the same ID number. Probable: the same or a similar-sounding name, with the birth date or the phone.
    """
    wanted = [(col(Resident.id_no), id_no), (col(Resident.mobile), mobile), (col(Resident.birth_date), birth_date)]
    either = [column == value for column, value in wanted if value]
    if not either:
        return []
    statement = select(*_HIT_COLUMNS).where(or_(*either), col(Resident.deleted_at).is_(None)).limit(200)
    found = []
    for row in tx.rows(statement):
        hit = ResidentHit(*row)
        if hit.id == except_id:
            continue
        twin = _compare(hit, name=name, id_no=id_no, birth_date=birth_date, mobile=mobile)
        if twin is not None:
            found.append(twin)
    return sorted(found, key=lambda twin: (not twin.certain, -len(twin.same)))[:5]


def _compare(hit: ResidentHit, *, name: str, id_no: str, birth_date: date | None, mobile: str) -> Duplicate | None:
    same, different = [], []
    certain = bool(id_no) and hit.id_no == id_no
    if certain:
        same.append(_("证件号码相同"))
    elif id_no:
        different.append(_("证件号码不同"))
    alike = bool(name) and sounds_like(name, hit.name)
    if name and hit.name == name:
        same.append(_("姓名相同"))
    elif alike:
        same.append(_("名字读音相近"))
    if birth_date is not None:
        (same if hit.birth_date == birth_date else different).append(
            _("出生日期相同") if hit.birth_date == birth_date else _("出生日期不同")
        )
    if mobile:
        tail = mobile[-4:]
        (same if hit.mobile == mobile else different).append(
            _("手机尾号 {tail} 相同", tail=tail) if hit.mobile == mobile else _("手机号不同")
        )
    if not certain and not alike:
        return None
    return Duplicate(hit, certain, tuple(same), tuple(different))
