"""What the printed 求职登记表 shows of a file."""

from __future__ import annotations

from typing import Any

from app.models.codes import code_list, occupation_label
from app.models.divisions import division_label
from app.models.registration import Registration
from app.printing.forms import CertLine, IntentLine, RegistrationFormRow, ResumeLine, SkillLine
from app.texts import _
from app.ui import entry
from app.ui.resident_file.changes import value_text
from app.ui.resident_file.loading import FileView


def form_row(view: FileView, *, handled_by: str) -> RegistrationFormRow:
    """Return the filled form's row; the ID number is printed masked."""
    resident = view.file.resident
    registration = view.file.registration or view.latest
    return RegistrationFormRow(
        name=resident.name,
        sex_code=resident.sex,
        birth_on=resident.birth_date,
        id_type=_zh("ID_TYPE", resident.id_type),
        id_no=resident.id_no,
        ethnic=_zh("ETHNIC", resident.ethnic),
        edu_code=resident.edu_level,
        school=resident.school or "",
        graduated_on=resident.graduate_date,
        major=resident.major or "",
        hukou_address=resident.hukou_addr or division_label(resident.hukou_region),
        live_address=resident.live_addr or division_label(resident.live_region),
        residence_permit_no=resident.residence_permit_no or "",
        mobile=resident.mobile or "",
        contact_name=resident.contact2_name or "",
        contact_relation=_zh("KIN", resident.contact2_relation),
        contact_phone=resident.contact2_phone or "",
        emp_status=_zh("EMP_STATUS", resident.emp_status),
        priority_groups=value_text("resident", "priority_groups", resident.priority_groups),
        station_name=view.station[0],
        station_phone=view.station[1],
        handled_by=handled_by,
        **(_of_registration(registration) if registration is not None else {}),
    )


def _of_registration(registration: Registration) -> dict[str, Any]:
    not_wanted = [
        value_text("registration", name, getattr(registration, name))
        for name in ("exclude_trades", "exclude_employers")
    ]
    return {
        "reg_no": registration.rec_no or "",
        "reg_on": registration.reg_date,
        "valid_until": registration.valid_until,
        "person_class_code": registration.person_class,
        "work_years": "" if registration.work_years is None else str(registration.work_years),
        "skills": tuple(_skill(item) for item in registration.skills),
        "certs": tuple(_cert(item) for item in registration.certs),
        "licences": tuple(str(kind) for kind in registration.drive_licence),
        "intents": tuple(_intent(item) for item in registration.intents),
        "resume": tuple(_resume(item) for item in registration.resume),
        "shift_codes": tuple(registration.accept_shift),
        "commute_code": registration.commute_mode,
        "commute_km": "" if registration.max_commute_km is None else f"{registration.max_commute_km:g}",
        "board_code": registration.board_need,
        "available_from": registration.available_from,
        "accept_gig": bool(registration.accept_gig),
        "accept_training": bool(registration.accept_training),
        "accept_internship": bool(registration.accept_internship),
        "accept_pwpost": bool(registration.accept_pwpost),
        "exclude": "、".join(part for part in not_wanted if part),
        "constraint_codes": tuple(registration.constraints),
        "guidance_need": bool(registration.guidance_need),
        "training_need": bool(registration.training_need),
        "startup_need": bool(registration.startup_need),
        "publish_consent": registration.publish_consent,
    }


def _zh(list_id: str, code: str | None) -> str:
    """Return a label as paper shows it: always Chinese."""
    item = code_list(list_id).get(code)
    return item.label_zh if item else code or ""


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return "" if value is None else str(value)


def _trade(item: dict[str, Any]) -> str:
    return _text(item, "text") or occupation_label(_text(item, "trade"))


def _skill(item: dict[str, Any]) -> SkillLine:
    return SkillLine(_trade(item), _zh("SKILL", item.get("level")), _text(item, "years"), _text(item, "note"))


def _cert(item: dict[str, Any]) -> CertLine:
    return CertLine(_text(item, "name"), _text(item, "level"), _text(item, "no"))


def _intent(item: dict[str, Any]) -> IntentLine:
    wage = item.get("wage_min")
    pay = _("{n} 元", n=entry.show_fen(wage)) if isinstance(wage, int) else ""
    region = item.get("region")
    where = division_label(str(region)) if region else ""
    return IntentLine(_trade(item), pay, _zh("WORK_FORM", item.get("form")), where)


def _resume(item: dict[str, Any]) -> ResumeLine:
    period = "–".join(part for part in (_text(item, "from"), _text(item, "to")) if part)
    return ResumeLine(period, _text(item, "org"), _text(item, "post"))
