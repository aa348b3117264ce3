"""What people call a record, and its values in words."""

from datetime import datetime
from typing import Any

from app import clock
from app.db.database import Transaction
from app.models.codes import code_list
from app.models.masking import mask_address, mask_id, mask_mobile
from app.models.registry import find_type
from app.models.wire import DAY, INSTANT, TRUTH, from_wire
from app.texts import _

_MASKS = {
    "id_no": mask_id,
    "mobile": mask_mobile,
    "contact2_phone": mask_mobile,
    "phone": mask_mobile,
    "bank_account": mask_id,
    "pwd_cert_no": mask_id,
    "ss_card_no": mask_id,
    "residence_permit_no": mask_id,
    "live_addr": mask_address,
    "hukou_addr": mask_address,
}


def subject_of(tx: Transaction, record_type: str, record_id: str) -> str:
    """Return what people call a record: its name, title or number; else the name of its kind."""
    kind = find_type(record_type)
    if kind is None:
        return record_type
    row = tx.session.get(kind.model, record_id)
    for name in ("name", "title", "slip_no", "rec_no", "house_no"):
        if row is not None and getattr(row, name, None):
            return str(getattr(row, name))
    parent = getattr(row, "resident_id", None)
    if parent is not None and record_type != "resident":
        return subject_of(tx, "resident", parent)
    return _(kind.label)


def say_value(record_type: str, field: str, value: Any) -> str:
    """Return a wire value in words: labels for codes, personal numbers masked, addresses to the building."""
    kind = find_type(record_type)
    facts = kind.fields.get(field) if kind else None
    if field == "deleted_at":
        return _("作废") if value is not None else _("恢复")
    if value in (None, "", [], {}):
        return ""
    if field in _MASKS:
        return _MASKS[field](str(value))
    if facts is not None and facts.code_list:
        codes = [str(code) for code in value] if isinstance(value, list) else [str(value)]
        return code_list(facts.code_list).labels(codes)
    if facts is not None and facts.kind == TRUTH:
        return _("是") if value else _("否")
    if facts is not None and facts.kind in (INSTANT, DAY):
        read = from_wire(facts, value)
        return f"{clock.to_local(read):%Y-%m-%d %H:%M}" if isinstance(read, datetime) else f"{read:%Y-%m-%d}"
    return "、".join(str(part) for part in value) if isinstance(value, list) else str(value)
