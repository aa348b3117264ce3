"""Jobseeker and unemployment registrations: open, renew, close; register, deregister."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import month_after, parse_draft
from app.models.registration import EmpStatus, EmpStatusDraft, Registration, RegistrationDraft, UnempReg, UnempRegDraft
from app.models.resident import Resident
from app.models.retirement import bases_for, is_past, retirement_month
from app.services.numbers import JOBSEEKER, UNEMPLOYED, next_number
from app.services.policy import parameter
from app.texts import _

ACTIVE, EMPLOYED, EXPIRED, WITHDRAWN = "10", "20", "30", "40"
REGISTERED_UNEMPLOYED, UNEMPLOYED_UNREGISTERED = "21", "22"


def open_registration(tx: Transaction, values: Mapping[str, Any], *, newcomer: bool = False) -> Registration:
    """Open a jobseeker registration; it counts from today for as long as the district says.

    ``newcomer``: the person's file is made in this very transaction, so she cannot have one.

    Raises:
        InvalidInputError: by field.
        RuleError: she has one in force.
    """
    tx.act("registration.open")
    today = clock.today()
    months = int(parameter(tx, "reg.valid_months"))
    filled = {"reg_date": today, "valid_until": month_after(today, months), **values}
    draft = parse_draft(RegistrationDraft, filled)
    known = None if newcomer else active_registration(tx, draft.resident_id)
    if known is not None:
        raise RuleError(_("求职登记 {no} 还有效，改意向或续登记就行", no=known.rec_no), code="registration.active")
    registration = Registration.from_draft(draft)
    registration.rec_no = next_number(tx, JOBSEEKER)
    return tx.add(registration)


def edit_registration(tx: Transaction, registration_id: str, values: Mapping[str, Any]) -> Registration:
    """Change what she looks for.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such registration.
    """
    tx.act("registration.edit")
    registration = tx.get(Registration, registration_id)
    known = registration.model_dump(include=set(RegistrationDraft.model_fields))
    tx.change(registration, parse_draft(RegistrationDraft, {**known, **values}).model_dump())
    return registration


def renew_registration(tx: Transaction, registration_id: str) -> Registration:
    """Let a registration count on from today.

    Raises:
        RuleError: it was closed; open a new one.
    """
    tx.act("registration.renew")
    registration = tx.get(Registration, registration_id)
    if registration.status not in (ACTIVE, EXPIRED):
        raise RuleError(_("这份求职登记已经结束，请新开一份"), code="registration.closed")
    registration.valid_until = month_after(clock.today(), int(parameter(tx, "reg.valid_months")))
    registration.status = ACTIVE
    return registration


def close_registration(tx: Transaction, registration_id: str, status: str) -> Registration:
    """End a registration: 20 employed, 30 expired, 40 withdrawn by the person."""
    tx.act("registration.close")
    registration = tx.get(Registration, registration_id)
    registration.status = status
    return registration


def active_registration(tx: Transaction, resident_id: str) -> Registration | None:
    """Return the person's jobseeker registration in force, if she has one."""
    statement = (
        select(Registration)
        .where(col(Registration.resident_id) == resident_id, col(Registration.status) == ACTIVE)
        .where(col(Registration.deleted_at).is_(None))
        .order_by(col(Registration.reg_date).desc(), col(Registration.id).desc())
    )
    return tx.session.exec(statement).first()


def register_unemployment(tx: Transaction, values: Mapping[str, Any]) -> UnempReg:
    """Register somebody as unemployed: of working age, able, willing, without work (就业服务与就业管理规定 61-65).

    Raises:
        InvalidInputError: by field.
        RuleError: she is under 16, past retirement, or registered already.
    """
    tx.act("unemp.register")
    draft = parse_draft(UnempRegDraft, {"reg_date": clock.today(), **values})
    resident = tx.get(Resident, draft.resident_id)
    _check_working_age(resident, draft.reg_date)
    if active_unemployment(tx, resident.id) is not None:
        raise RuleError(_("{name} 已经登记失业，不用再登", name=resident.name), code="unemp.active")
    if draft.reg_date > clock.today():
        raise InvalidInputError({"reg_date": _("登记日期不能晚于今天")})
    row = UnempReg.from_draft(draft)
    row.rec_no = next_number(tx, UNEMPLOYED)
    tx.add(row)
    _set_status(tx, resident, REGISTERED_UNEMPLOYED, draft.reg_date, row.rec_no)
    return row


def deregister_unemployment(tx: Transaction, unemp_reg_id: str, values: Mapping[str, Any], *, status: str) -> UnempReg:
    """Cancel an unemployment registration on one of the grounds of article 66; never done automatically.

    ``values``: dereg_date, dereg_reason, dereg_evidence; ``status``: the employment status that follows.

    Raises:
        InvalidInputError: the ground or the date is missing or wrong.
        RuleError: it was cancelled already.
    """
    tx.act("unemp.deregister")
    row = tx.get(UnempReg, unemp_reg_id)
    if row.dereg_date is not None:
        raise RuleError(_("这份失业登记已经注销了"), code="unemp.cancelled")
    known = row.model_dump(include=set(UnempRegDraft.model_fields))
    draft = parse_draft(UnempRegDraft, {**known, "dereg_date": clock.today(), **values})
    if not draft.dereg_reason:
        raise InvalidInputError({"dereg_reason": _("注销要写原因")})
    tx.change(row, draft.model_dump())
    _set_status(tx, tx.get(Resident, row.resident_id), status, draft.dereg_date or clock.today(), row.rec_no)
    return row


def active_unemployment(tx: Transaction, resident_id: str) -> UnempReg | None:
    """Return the person's unemployment registration in force, if she has one."""
    statement = (
        select(UnempReg)
        .where(col(UnempReg.resident_id) == resident_id, col(UnempReg.dereg_date).is_(None))
        .where(col(UnempReg.deleted_at).is_(None))
        .order_by(col(UnempReg.reg_date).desc())
    )
    return tx.session.exec(statement).first()


def _check_working_age(resident: Resident, on: date) -> None:
    """Refuse who is under 16 or has surely reached the statutory retirement age (an undecided woman counts as 55)."""
    if resident.birth_date is None:
        return
    if month_after(resident.birth_date, 16 * 12) > on:
        raise RuleError(_("{name} 不满 16 周岁，不能登记", name=resident.name), code="unemp.under_age")
    _warn, stop = bases_for(resident.sex, resident.female_retire_base)
    if is_past(resident.birth_date, stop, on):
        month = retirement_month(resident.birth_date, stop).month
        raise RuleError(
            _(
                "{name} 已到法定退休年龄（{year} 年 {month} 月），不能登记失业",
                name=resident.name,
                year=month.year,
                month=month.month,
            ),
            code="unemp.retired",
        )


def _set_status(tx: Transaction, resident: Resident, status: str, since: date, evidence: str | None) -> None:
    if resident.emp_status == status:
        return
    values = {"resident_id": resident.id, "from_status": resident.emp_status, "to_status": status, "since": since}
    draft = parse_draft(EmpStatusDraft, {**values, "source": "失业登记", "evidence": evidence})
    tx.add(EmpStatus.from_draft(draft))
    resident.emp_status = status
