"""Where a returned act is mended: the screen, the record, the field that the district named. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.models.registration import RegistrationDraft
from app.models.registry import find_type
from app.services.outbox import ParkedItem
from app.texts import N_, _
from app.ui.register.state import RESIDENT_FIELDS
from app.ui.resident_file.changes import field_label

_LABELS = {
    "title": N_("岗位名称"),
    "trade": N_("职业"),
    "openings": N_("招聘人数"),
    "duty": N_("工作内容"),
    "work_place": N_("工作地点"),
    "pay_min": N_("薪酬下限"),
    "pay_max": N_("薪酬上限"),
    "base_pay": N_("保底"),
    "open_from": N_("开始日期"),
    "open_to": N_("截止日期"),
    "review_state": N_("审核状态"),
    "uscc": N_("统一社会信用代码"),
    "name": N_("名称"),
    "contact": N_("联系人"),
    "phone": N_("电话"),
    "work_addr": N_("工作地址"),
    "verify_state": N_("核验状态"),
    "state": N_("状态"),
    "outcome": N_("结果"),
}
_MENDED_IN_FORM = {
    "resident": frozenset(RESIDENT_FIELDS) | {"priority_groups"},
    "registration": frozenset(RegistrationDraft.model_fields) - {"resident_id"},
}
_ON_RECEIPT = frozenset({"referral.outcome", "referral.deliver"})


@dataclass(frozen=True)
class Place:
    """Where a record is opened: the screen and its arguments."""

    screen: str
    arguments: Mapping[str, str]


def mend_words(item: ParkedItem) -> str:
    """Return what the button says: the field by its name where the district named one."""
    kind = _kind_of_field(item)
    if not kind:
        return _("去改")
    label = label_of(kind, str(item.field))
    return _("改{field}", field=label) if label != item.field else _("去改")


def _kind_of_field(item: ParkedItem) -> str:
    """Return which of the operation's records has the field that the district named."""
    for name, _record, _subject in item.subjects:
        kind = find_type(name)
        if item.field and kind is not None and item.field in kind.fields:
            return name
    return ""


def place_of(item: ParkedItem, residents: Mapping[str, str]) -> Place | None:
    """Return where the record is opened, at the field that the district named; None where no screen shows it."""
    named = _kind_of_field(item)
    subjects = sorted(item.subjects, key=lambda subject: (subject[0] != named, subject[0] != "resident"))
    for kind, record_id, _name in subjects:
        place = _field_place(item, kind, record_id, residents) if kind == named else None
        place = place or _act_place(item, kind, record_id) or place_of_record(kind, record_id, residents)
        if place is not None:
            return place
    return None


def _field_place(item: ParkedItem, kind: str, record_id: str, residents: Mapping[str, str]) -> Place | None:
    at = {"field": str(item.field), "why": item.text or ""}
    if kind in ("vacancy", "employer"):
        return Place("vacancies", {kind: record_id, **at})
    resident = record_id if kind == "resident" else residents.get(record_id)
    if resident and item.field in _MENDED_IN_FORM.get(kind, ()):
        return Place("register", {"id": resident, **at})
    return None


def _act_place(item: ParkedItem, kind: str, record_id: str) -> Place | None:
    if kind == "referral":
        return Place("referrals" if item.act in _ON_RECEIPT else "slip", {"id": record_id})
    return Place("settings", {}) if kind in ("staff", "station") else None


_TABS = {"household": "household", "household_member": "household", "consent": "consents"}


def place_of_record(kind: str, record_id: str, residents: Mapping[str, str]) -> Place | None:
    """Return the screen of one record; what hangs on a resident opens the resident's file."""
    if kind in ("vacancy", "employer"):
        return Place("vacancies", {kind: record_id})
    resident = record_id if kind == "resident" else residents.get(record_id)
    if not resident:
        return None
    return Place("resident_file", {"id": resident, **({"tab": _TABS[kind]} if kind in _TABS else {})})


def label_of(record_type: str, field: str) -> str:
    """Return what a field is called."""
    label = field_label(record_type, field)
    return _(_LABELS[field]) if label == field and field in _LABELS else label
