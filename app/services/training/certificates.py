"""The registry of certificates that training led to: completion certificates of ours, others' permits, R13's dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.base import month_after, parse_draft
from app.models.certificate import COMPLETION, IN_FORCE, VOID, Certificate, CertificateDraft, holds_id_no
from app.models.identity import slip_payload
from app.models.numbered import parse_number
from app.models.registration import Registration
from app.models.training import PASSED, Course, Enrolment, TrainingClass
from app.services.numbers import CERTIFICATE, next_number
from app.services.policy import parameter
from app.services.registrations import active_registration
from app.services.stations import find_station
from app.services.training.completion import Score, scores_of
from app.services.training.grid import load_grid
from app.texts import _


@dataclass(frozen=True)
class CertificateLine:
    """One line of the registry. ``code``: what its QR code holds, number and check digits; None for others' numbers."""

    id: str
    cert_no: str
    code: str | None
    cert_type: str | None
    cert_name: str | None
    name: str
    resident_id: str
    trade: str | None
    level: str | None
    issuer: str | None
    issued_on: date
    valid_until: date | None
    remind_on: date | None
    check_result: str | None
    state: str
    class_id: str | None
    number_on_file: bool


@dataclass(frozen=True)
class CompletionFacts:
    """Everything that the printed certificate of completion shows; no ID number, no address."""

    cert_no: str
    code: str
    name: str
    title: str
    course_name: str
    level: str | None
    trade: str | None
    hours_total: int | None
    hours_attended: float | None
    theory: float | None
    practice: float | None
    start_on: date
    end_on: date
    class_no: str
    issuer: str
    issued_on: date
    void: bool


def issue_completion(tx: Transaction, enrolment_id: str) -> Certificate:
    """Issue our own certificate of completion (结业证明), numbered here; only to who completed the class.

    Raises:
        RuleError: she did not complete it, never attended, or has one already.
    """
    tx.act("certificate.issue")
    row, course, score, hours = _graduate(tx, enrolment_id)
    if _of_enrolment(tx, enrolment_id, COMPLETION):
        raise RuleError(_("{name} 的结业证明已经发过了，补打就行", name=row.name), code="certificate.issued")
    number = next_number(tx, CERTIFICATE)
    values = {
        "cert_no": number,
        "cert_type": COMPLETION,
        "cert_name": _completion_name(course),
        "issuer": course.provider_name or _own_name(tx),
        "issued_on": clock.today(),
    }
    made = _add(tx, row, course, score, {**values, "hours": hours})
    made.rec_no = number
    return made


def _completion_name(course: Course) -> str:
    return f"{course.name}结业证明"[:60]


def _own_name(tx: Transaction) -> str:
    station = find_station(tx)
    return station.name if station else ""


def issue_certificate(tx: Transaction, enrolment_id: str, values: Mapping[str, Any]) -> Certificate:
    """Enter a certificate that the class led to (等级证书, 操作证 …), and into the person's jobseeker registration.

    ``values``: cert_no, issuer, issued_on, valid_until and cert_type, cert_name where they differ from the course's. A
    number that holds an ID number goes to the resident's file alone; here it gets one of ours.

    Raises:
        RuleError: she did not complete the class or never attended; the number is known already.
        InvalidInputError: by field.
    """
    tx.act("certificate.issue")
    row, course, score, hours = _graduate(tx, enrolment_id)
    typed = str(values.get("cert_no") or "").strip()
    if not typed:
        raise InvalidInputError({"cert_no": _("要写证书编号")})
    on_file = holds_id_no(typed)
    issued_on = values.get("issued_on") or clock.today()
    filled = {
        "cert_type": course.cert_type,
        "cert_name": course.cert_name or course.name,
        "issuer": course.provider_name,
        "issued_on": issued_on,
        "hours": hours,
        **{name: value for name, value in values.items() if value not in (None, "")},
        "cert_no": next_number(tx, CERTIFICATE) if on_file else typed,
        "number_on_file": on_file,
    }
    if "valid_until" not in filled and course.cert_months and isinstance(issued_on, date):
        filled["valid_until"] = month_after(issued_on, course.cert_months) - timedelta(days=1)
    made = _add(tx, row, course, score, filled)
    _note_in_file(tx, made, typed)
    return made


def _graduate(tx: Transaction, enrolment_id: str) -> tuple[Enrolment, Course, Score | None, float]:
    row = tx.get(Enrolment, enrolment_id)
    held_class = tx.get(TrainingClass, row.class_id)
    person = next((each for each in load_grid(tx, row.class_id).people if each.id == enrolment_id), None)
    if person is None or person.progress.attended <= 0:
        raise RuleError(_("{name} 一次课也没上，不能发证", name=row.name), code="certificate.absent")
    if row.state != PASSED:
        raise RuleError(_("{name} 没有结业，不能发证", name=row.name), code="certificate.not_passed")
    course = tx.get(Course, held_class.course_id)
    return row, course, scores_of(tx, row.class_id).get(enrolment_id), person.progress.attended


def _add(
    tx: Transaction, row: Enrolment, course: Course, score: Score | None, values: Mapping[str, Any]
) -> Certificate:
    common = {
        "trade": course.trade,
        "level": course.level,
        "theory": score.theory if score else None,
        "practice": score.practice if score else None,
        "class_id": row.class_id,
        "enrolment_id": row.id,
        "resident_id": row.resident_id,
        "name": row.name,
    }
    draft = parse_draft(CertificateDraft, {**common, **values})
    if draft.issued_on > clock.today():
        raise InvalidInputError({"issued_on": _("发证日期还没到")})
    _check_number(tx, draft.cert_no)
    if draft.valid_until is not None:
        ahead = timedelta(days=int(parameter(tx, "cert.remind_days", draft.issued_on)))
        draft = parse_draft(CertificateDraft, {**draft.model_dump(), "remind_on": draft.valid_until - ahead})
    return tx.add(Certificate.from_draft(draft))


def _check_number(tx: Transaction, number: str) -> None:
    """Refuse a number that this device knows; the district refuses one that only another device knew."""
    statement = select(col(Certificate.name), col(Certificate.cert_name)).where(
        col(Certificate.cert_no) == number, col(Certificate.deleted_at).is_(None)
    )
    found = tx.rows(statement.limit(1))
    if found:
        text = _("编号 {no} 已经是 {name} 的“{cert}”，请核对证书", no=number, name=found[0][0], cert=found[0][1] or "")
        raise RuleError(text, code="certificate.number_taken")


def _note_in_file(tx: Transaction, made: Certificate, number: str) -> None:
    """Add the certificate to the person's jobseeker registration in force, where matching looks for it."""
    registration = active_registration(tx, made.resident_id)
    if registration is None:
        return
    entry = {
        "type": made.cert_type,
        "name": made.cert_name,
        "level": made.level,
        "no": number,
        "registry_no": made.cert_no,
        "issued_on": made.issued_on.isoformat(),
        "valid_to": made.valid_until.isoformat() if made.valid_until else None,
    }
    kept = [item for item in registration.certs if not (isinstance(item, dict) and item.get("no") == number)]
    registration.certs = [*kept, entry]


def _of_enrolment(tx: Transaction, enrolment_id: str, cert_type: str) -> bool:
    statement = select(col(Certificate.id)).where(
        col(Certificate.enrolment_id) == enrolment_id,
        col(Certificate.cert_type) == cert_type,
        col(Certificate.state) != VOID,
        col(Certificate.deleted_at).is_(None),
    )
    return bool(tx.rows(statement.limit(1)))


def check_certificate(tx: Transaction, certificate_id: str, result: str) -> Certificate:
    """Note what the issuer's registry says of a certificate (CERT_CHECK)."""
    tx.act("certificate.check")
    row = tx.get(Certificate, certificate_id)
    known = row.model_dump(include=set(CertificateDraft.model_fields))
    tx.change(row, parse_draft(CertificateDraft, {**known, "check_result": result}).model_dump())
    return row


def void_certificate(tx: Transaction, certificate_id: str, why: str) -> Certificate:
    """Void a certificate; its number is never used again.

    Raises:
        InvalidInputError: no reason.
        RuleError: it is void already.
    """
    tx.act("certificate.void")
    row = tx.get(Certificate, certificate_id)
    if row.state == VOID:
        raise RuleError(_("这张证书已经作废了"), code="certificate.void")
    if not why:
        raise InvalidInputError({"void_why": _("作废要写原因")})
    tx.change(row, {"void_why": why, "state": VOID})
    registration = active_registration(tx, row.resident_id)
    if registration is not None:
        _forget_in_file(registration, row.cert_no)
    return row


def _forget_in_file(registration: Registration, number: str) -> None:
    kept = [item for item in registration.certs if not (isinstance(item, dict) and item.get("registry_no") == number)]
    if len(kept) != len(registration.certs):
        registration.certs = kept


def list_certificates(
    tx: Transaction,
    *,
    resident_id: str | None = None,
    class_id: str | None = None,
    filter_text: str = "",
    limit: int = 500,
) -> list[CertificateLine]:
    """Return certificates, the newest first; ``filter_text`` looks into number, person and name of certificate."""
    statement = select(Certificate).where(col(Certificate.deleted_at).is_(None))
    if resident_id is not None:
        statement = statement.where(col(Certificate.resident_id) == resident_id)
    if class_id is not None:
        statement = statement.where(col(Certificate.class_id) == class_id)
    if filter_text:
        pattern = col(Certificate.cert_no).contains(filter_text, autoescape=True)
        for column in (col(Certificate.name), col(Certificate.cert_name)):
            pattern |= column.contains(filter_text, autoescape=True)
        statement = statement.where(pattern)
    statement = statement.order_by(col(Certificate.issued_on).desc(), col(Certificate.id).desc()).limit(limit)
    return [_line(row) for row in tx.session.scalars(statement)]


def list_expiring(tx: Transaction, on: date | None = None) -> list[CertificateLine]:
    """Return the certificates in force whose reminder (R13) is due on a day (today), the first to run out first."""
    statement = (
        select(Certificate)
        .where(col(Certificate.state) == IN_FORCE, col(Certificate.remind_on) <= (on or clock.today()))
        .where(col(Certificate.deleted_at).is_(None))
        .order_by(col(Certificate.valid_until), col(Certificate.id))
        .limit(300)
    )
    return [_line(row) for row in tx.session.scalars(statement)]


def _line(row: Certificate) -> CertificateLine:
    names: Sequence[str] = [name for name in CertificateLine.__dataclass_fields__ if name != "code"]
    own = row.cert_type == COMPLETION and row.rec_no is not None
    return CertificateLine(code=slip_payload(row.cert_no) if own else None, **{n: getattr(row, n) for n in names})


def find_certificate(tx: Transaction, typed: str) -> CertificateLine:
    """Return the certificate of a number as typed or scanned; ours with or without its check digits.

    Raises:
        RuleError: one of our numbers with wrong check digits.
        NotFoundError: this device knows no such certificate.
    """
    number = typed.strip().upper()
    if number.startswith(CERTIFICATE) and number[2:3].isdecimal():
        number = parse_number(typed, CERTIFICATE)
    statement = select(Certificate).where(col(Certificate.cert_no) == number, col(Certificate.deleted_at).is_(None))
    row = tx.session.scalars(statement).first()
    if row is None:
        raise NotFoundError(_("本机没有编号 {no} 的证书；刚发的要等同步", no=number))
    return _line(row)


def completion_facts(tx: Transaction, certificate_id: str) -> CompletionFacts:
    """Return what the printed certificate of completion shows.

    Raises:
        NotFoundError: there is no such certificate.
        RuleError: it is somebody else's certificate, which is not ours to print.
    """
    row = tx.get(Certificate, certificate_id)
    if row.cert_type != COMPLETION or row.class_id is None:
        raise RuleError(_("这张证书不是站里发的，不能打印"), code="certificate.not_ours")
    held_class = tx.get(TrainingClass, row.class_id)
    course = tx.get(Course, held_class.course_id)
    return CompletionFacts(
        cert_no=row.cert_no,
        code=slip_payload(row.cert_no),
        name=row.name,
        title=held_class.title,
        course_name=course.name,
        level=row.level,
        trade=row.trade,
        hours_total=course.hours_total,
        hours_attended=row.hours,
        theory=row.theory,
        practice=row.practice,
        start_on=held_class.start_on,
        end_on=held_class.end_on,
        class_no=held_class.class_no,
        issuer=row.issuer or "",
        issued_on=row.issued_on,
        void=row.state == VOID,
    )
