"""Referrals: issue the numbered slip, print it, take its reply, void it (domain sheet 2.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as pick

from app import clock
from app.db import state
from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.base import month_after, parse_draft
from app.models.employer import Employer, Vacancy
from app.models.identity import parse_slip_code
from app.models.referral import Referral, ReferralDraft, SlipPrint, SlipPrintDraft
from app.models.registration import Registration
from app.models.resident import Consent, ConsentDraft, Resident
from app.models.station import Staff, Station
from app.services.numbers import REFERRAL, next_number
from app.services.outbox import DISTRICT_URL
from app.services.policy import parameter
from app.services.registrations import EMPLOYED, active_registration
from app.services.residents import CONSENT_TEXT_VERSION, set_emp_status
from app.services.stations import find_station
from app.services.vacancies import PUBLISHED
from app.texts import _

ISSUED, DELIVERED, INTERVIEWED, REPLIED, LAPSED, VOID = "10", "20", "30", "40", "50", "60"
OPEN_STATES = (ISSUED, DELIVERED, INTERVIEWED)
HIRED, ON_TRIAL = "1", "2"
SAME_VACANCY_DAYS = 90
CONSENT_TO_EMPLOYER = "3"


@dataclass(frozen=True)
class SlipFacts:
    """Everything the slip may show. Phone and sex are None unless the person agreed; no ID number, no address.

    ``place``: the district's word on whether one of the places is hers. ``joined``: there is a district to give it.
    """

    referral_id: str
    slip_no: str
    name: str
    sex: str | None
    phone: str | None
    employer_name: str
    employer_unverified: bool
    employer_address: str | None
    contact: str | None
    employer_phone: str | None
    vacancy_title: str
    vacancy_no: str | None
    interview_at: datetime | None
    valid_until: date
    issued_on: date
    station_name: str
    station_phone: str | None
    handled_by: str
    copy_no: int
    void: bool
    places_left: int | None
    place: str | None = None
    joined: bool = False


def issue_referral(
    tx: Transaction,
    *,
    resident_id: str,
    vacancy_id: str,
    consent_share: bool,
    mode: str = "1",
    match: Mapping[str, Any] | None = None,
    interview_at: datetime | None = None,
    interview_place: str | None = None,
    print_sex: bool = False,
    print_phone: bool = False,
) -> Referral:
    """Refer a resident to a vacancy: number the slip and keep the consent, before anything is printed.

    ``match``: {score, reasons, weights_version} of the matching that led here, if one did.

    Raises:
        RuleError: no active registration; the vacancy is not published, expired, full; referred there within 90 days;
            under 16; no consent to tell the employer (PIPL 23).
    """
    tx.act("referral.issue")
    resident = tx.get(Resident, resident_id)
    vacancy = tx.get(Vacancy, vacancy_id)
    registration = active_registration(tx, resident_id)
    _check_may_refer(tx, resident, vacancy, registration, consent_share)
    asked = {
        "resident_id": resident_id,
        "vacancy_id": vacancy_id,
        "referral_mode": mode,
        "interview_at": interview_at,
        "interview_place": interview_place,
        "consent_share": consent_share,
        "print_sex": print_sex,
        "print_phone": print_phone,
    }
    referral = _number_referral(tx, asked, registration, match or {})
    _keep_consent(tx, referral, vacancy)
    vacancy.last_referred_at = referral.issued_at
    return referral


def _number_referral(
    tx: Transaction, asked: Mapping[str, Any], registration: Registration | None, match: Mapping[str, Any]
) -> Referral:
    values = {
        **asked,
        "slip_no": next_number(tx, REFERRAL),
        "registration_id": registration.id if registration else None,
        "issued_at": clock.now(),
        "issued_by": tx.actor_id,
        "valid_until": clock.today() + timedelta(days=int(parameter(tx, "ref.valid_days"))),
        "match_score": match.get("score"),
        "match_reasons": match.get("reasons", []),
        "weights_version": match.get("weights_version"),
    }
    referral = Referral.model_validate(parse_draft(ReferralDraft, values).model_dump())
    referral.rec_no = referral.slip_no
    tx.add(referral)
    return referral


def _keep_consent(tx: Transaction, referral: Referral, vacancy: Vacancy) -> None:
    values = {
        "resident_id": referral.resident_id,
        "kind": CONSENT_TO_EMPLOYER,
        "text_version": CONSENT_TEXT_VERSION,
        "agreed": True,
        "told_at": referral.issued_at,
        "scope": [vacancy.employer_id, referral.id],
    }
    tx.add(Consent.model_validate(parse_draft(ConsentDraft, values).model_dump()))


def _check_may_refer(
    tx: Transaction, resident: Resident, vacancy: Vacancy, registration: Registration | None, consent_share: bool
) -> None:
    today = clock.today()
    if registration is None:
        raise RuleError(
            _("{name} 没有有效的求职登记，请先登记再推荐", name=resident.name), code="referral.no_registration"
        )
    if registration.valid_until is not None and registration.valid_until < today:
        raise RuleError(_("求职登记 {day} 已到期，请先续登记", day=registration.valid_until), code="referral.expired")
    if not consent_share:
        raise RuleError(_("本人还没同意把信息给这家单位，不能开推荐信"), code="referral.no_consent")
    if resident.birth_date is not None:
        if month_after(resident.birth_date, 16 * 12) > today:
            raise RuleError(_("不满 16 周岁，不能推荐（禁止使用童工规定）"), code="referral.child")
        if month_after(resident.birth_date, 18 * 12) > today and not vacancy.minor_ok:
            raise RuleError(_("这个岗位不招 16–17 周岁的人"), code="referral.minor")
    if vacancy.review_state != PUBLISHED:
        raise RuleError(_("这个岗位还没发布或已下架，请换一个"), code="referral.not_published")
    if vacancy.open_to is not None and vacancy.open_to < today:
        raise RuleError(_("这个岗位 {day} 已截止，请换一个", day=vacancy.open_to), code="referral.vacancy_expired")
    if places_left(tx, vacancy) == 0:
        raise RuleError(_("这个岗位已经招满，请换一个"), code="referral.full")
    if referred_lately(tx, resident.id, vacancy.id):
        raise RuleError(_("90 天内已经推荐过这个岗位"), code="referral.again")


def places_left(tx: Transaction, vacancy: Vacancy) -> int | None:
    """Return how many places are left as far as this counter knows: the district's figure, else openings less hired."""
    if vacancy.remaining is not None:
        return max(0, vacancy.remaining)
    if vacancy.openings is None:
        return None
    statement = select(func.count()).where(
        col(Referral.vacancy_id) == vacancy.id, col(Referral.outcome) == HIRED, col(Referral.deleted_at).is_(None)
    )
    return max(0, vacancy.openings - int(tx.rows(statement)[0][0]))


def referred_lately(tx: Transaction, resident_id: str, vacancy_id: str) -> bool:
    """Tell whether she was referred to this vacancy in the last 90 days; a void slip does not count."""
    since = clock.now() - timedelta(days=SAME_VACANCY_DAYS)
    statement = (
        select(col(Referral.id))
        .where(col(Referral.resident_id) == resident_id, col(Referral.vacancy_id) == vacancy_id)
        .where(col(Referral.issued_at) >= since, col(Referral.state) != VOID, col(Referral.deleted_at).is_(None))
    )
    return bool(tx.rows(statement.limit(1)))


def record_print(
    tx: Transaction, referral_id: str, *, paper: str, way: str, why: str | None = None, pdf_sha256: str | None = None
) -> SlipPrint:
    """Note that a slip goes to paper; the first is the original, each later one a copy that needs a reason.

    ``way``: "printer" or "pdf".

    Raises:
        InvalidInputError: a copy without a reason.
        RuleError: the slip is void.
    """
    tx.act("referral.print")
    referral = tx.get(Referral, referral_id)
    if referral.state == VOID:
        raise RuleError(_("这封推荐信已经作废，不能再打"), code="slip.void")
    copy_no = print_count(tx, referral_id)
    if copy_no > 0 and not why:
        raise InvalidInputError({"why": _("补打要选原因")})
    values = {"referral_id": referral_id, "copy_no": copy_no, "printed_at": clock.now(), "printed_by": tx.actor_id}
    draft = parse_draft(SlipPrintDraft, {**values, "why": why, "paper": paper, "way": way, "pdf_sha256": pdf_sha256})
    return tx.add(SlipPrint.model_validate(draft.model_dump()))


def print_count(tx: Transaction, referral_id: str) -> int:
    """Return how often a slip went to paper, here or at another counter."""
    statement = select(func.count()).where(
        col(SlipPrint.referral_id) == referral_id, col(SlipPrint.deleted_at).is_(None)
    )
    return int(tx.rows(statement)[0][0])


def slip_facts(tx: Transaction, referral_id: str, *, copy_no: int | None = None) -> SlipFacts:
    """Return what the slip shows; ``copy_no`` of the print in hand, else the next one's.

    Raises:
        NotFoundError: there is no such referral.
    """
    referral = tx.get(Referral, referral_id)
    resident = tx.get(Resident, referral.resident_id)
    vacancy = tx.get(Vacancy, referral.vacancy_id)
    employer = tx.get(Employer, vacancy.employer_id)
    station = find_station(tx)
    handler = tx.session.get(Staff, referral.issued_by) if referral.issued_by else None
    return SlipFacts(
        referral_id=referral.id,
        slip_no=referral.slip_no,
        name=resident.name,
        sex=resident.sex if referral.print_sex else None,
        phone=resident.mobile if referral.print_phone else None,
        employer_name=employer.name,
        employer_unverified=employer.verify_state != "20",
        employer_address=vacancy.work_place or employer.work_addr or employer.reg_addr,
        contact=employer.contact,
        employer_phone=employer.phone,
        vacancy_title=vacancy.title,
        vacancy_no=vacancy.rec_no,
        interview_at=referral.interview_at,
        valid_until=referral.valid_until,
        issued_on=clock.to_local(referral.issued_at).date(),
        station_name=full_station_name(station),
        station_phone=station.phone if station else None,
        handled_by=handler.name if handler else "",
        copy_no=print_count(tx, referral_id) if copy_no is None else copy_no,
        void=referral.state == VOID,
        places_left=places_left(tx, vacancy),
        place=referral.place,
        joined=state.get_state(tx.session, DISTRICT_URL) is not None,
    )


def full_station_name(station: Station | None) -> str:
    """Return the name as paper shows it, with its street in front where the name has none."""
    if station is None:
        return ""
    street = station.street_name or ""
    return station.name if not street or station.name.startswith(street) else street + station.name


def find_by_slip(tx: Transaction, typed: str) -> Referral:
    """Return the referral of a slip number as typed or scanned (with or without its check digits).

    Raises:
        RuleError: the check digits do not fit.
        NotFoundError: this device knows no such slip.
    """
    number = parse_slip_code(typed)
    statement = pick(Referral).where(col(Referral.slip_no) == number, col(Referral.deleted_at).is_(None))
    referral = tx.session.exec(statement).first()
    if referral is None:
        raise NotFoundError(_("本机没有编号 {no} 的推荐信；如果是别的窗口开的，同步后再试", no=number))
    return referral


def mark_delivered(tx: Transaction, referral_id: str) -> Referral:
    """Note that the person has the slip in hand."""
    tx.act("referral.deliver")
    referral = tx.get(Referral, referral_id)
    if referral.state == ISSUED:
        referral.state = DELIVERED
    return referral


def record_outcome(tx: Transaction, referral_id: str, values: Mapping[str, Any]) -> Referral:
    """Enter what the reply stub (or a phone check) says: outcome, reason, and for a hire when, how and for how much.

    A hire ends the jobseeker registration and changes the employment status by its contract.

    Raises:
        InvalidInputError: by field.
        RuleError: the slip is void.
    """
    tx.act("referral.outcome")
    referral = tx.get(Referral, referral_id)
    if referral.state == VOID:
        raise RuleError(_("这封推荐信已经作废，不能登记回执"), code="slip.void")
    known = referral.model_dump(include=set(ReferralDraft.model_fields))
    draft = parse_draft(ReferralDraft, {**known, "reply_at": clock.now(), **values})
    if not draft.outcome:
        raise InvalidInputError({"outcome": _("要选结果")})
    if not draft.reply_way:
        raise InvalidInputError({"reply_way": _("要选回执方式")})
    if draft.outcome == HIRED and not draft.contract_type:
        raise InvalidInputError({"contract_type": _("录用了要选合同类型")})
    draft.state = INTERVIEWED if draft.outcome in (ON_TRIAL, "7") else REPLIED
    tx.change(referral, draft.model_dump())
    if draft.outcome == HIRED:
        _note_hired(tx, referral)
    return referral


_STATUS_BY_CONTRACT = {"50": "12", "40": "14", "60": "18", "80": "17", "85": "16", "70": "23"}


def _note_hired(tx: Transaction, referral: Referral) -> None:
    resident = tx.get(Resident, referral.resident_id)
    status = _STATUS_BY_CONTRACT.get(referral.contract_type or "", "11")
    set_emp_status(tx, resident, status, source="推荐录用", since=referral.onboard_date)
    registration = tx.find(Registration, referral.registration_id)
    if registration is not None and registration.status == "10":
        registration.status = EMPLOYED


def void_referral(tx: Transaction, referral_id: str, why: str) -> Referral:
    """Void a slip; its number is kept and never used again.

    Raises:
        InvalidInputError: no reason.
        RuleError: a reply was entered already, or it is void.
    """
    tx.act("referral.void")
    referral = tx.get(Referral, referral_id)
    if referral.state == VOID:
        raise RuleError(_("这封推荐信已经作废了"), code="slip.void")
    if referral.state == REPLIED:
        raise RuleError(_("已经登记了回执，不能作废"), code="slip.replied")
    if not why:
        raise InvalidInputError({"void_reason": _("作废要选原因")})
    known = referral.model_dump(include=set(ReferralDraft.model_fields))
    parse_draft(ReferralDraft, {**known, "void_reason": why})
    referral.state = VOID
    referral.void_reason = why
    return referral


def list_prints(tx: Transaction, referral_id: str) -> list[SlipPrint]:
    """Return every print of a slip, oldest first."""
    statement = (
        pick(SlipPrint)
        .where(col(SlipPrint.referral_id) == referral_id, col(SlipPrint.deleted_at).is_(None))
        .order_by(col(SlipPrint.printed_at))
    )
    return list(tx.session.exec(statement).all())


def get_referral(tx: Transaction, referral_id: str) -> Referral:
    """Return a referral.

    Raises:
        NotFoundError: there is none of that id.
    """
    return tx.get(Referral, referral_id)
