"""Traces of what was looked at: every reveal of a masked number is kept, with who, when and why."""

from app import clock
from app.db.database import Transaction
from app.models.base import parse_draft
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.resident import Resident

ID_NUMBER, PHONE = "id_no", "mobile"


def reveal(tx: Transaction, resident_id: str, field: str, why: str) -> str:
    """Return a masked field in full and keep the trace; ``why`` is a code of REVEAL_REASON.

    Raises:
        NotAllowedError: the role may not see it.
        NotFoundError: there is no such file.
    """
    tx.act("resident.reveal")
    resident = tx.get(Resident, resident_id)
    values = {"kind": "resident.reveal", "happened_at": clock.now(), "subject_type": "resident", "detail": field}
    draft = parse_draft(ServiceEventDraft, {**values, "subject_id": resident_id, "why": why})
    tx.add(ServiceEvent.model_validate(draft.model_dump()))
    return str(getattr(resident, field) or "")
