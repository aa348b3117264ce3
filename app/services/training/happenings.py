"""What training and home craft add to a resident's file: words for the timeline."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.models.certificate import Certificate
from app.models.codes import code_list
from app.models.craft import CraftAssign, CraftDelivery, CraftOrder
from app.models.training import EligibilityCheck, Enrolment, TrainingClass
from app.services.training.seats import seat_words
from app.texts import _

TYPES = ("eligibility_check", "craft_assign", "craft_delivery", "certificate", "enrolment")
"""In order of weight: of several records of one act the last one gives the line its words."""


def texts_of(tx: Transaction, resident_id: str) -> dict[str, str]:
    """Return record id → its words, of every record of training and home craft that belongs to a person."""
    found: dict[str, str] = {}
    sign_ups = (
        select(col(Enrolment.id), col(TrainingClass.title), col(Enrolment.enrol_no))
        .outerjoin(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .where(col(Enrolment.resident_id) == resident_id)
    )
    found.update({row.id: _joined(row.title, row.enrol_no) for row in tx.rows(sign_ups)})
    checks = (
        select(col(EligibilityCheck.id), col(TrainingClass.title), col(EligibilityCheck.result))
        .outerjoin(TrainingClass, col(TrainingClass.id) == col(EligibilityCheck.class_id))
        .where(col(EligibilityCheck.resident_id) == resident_id)
    )
    labels = code_list("ELIGIBILITY")
    found.update({row.id: _joined(row.title, labels.label(row.result)) for row in tx.rows(checks)})
    certs = select(col(Certificate.id), col(Certificate.cert_name), col(Certificate.cert_no)).where(
        col(Certificate.resident_id) == resident_id
    )
    found.update({row.id: _joined(row.cert_name, row.cert_no) for row in tx.rows(certs)})
    found.update(_craft_texts(tx, resident_id))
    return found


def subjects_of(tx: Transaction, resident_id: str) -> dict[str, tuple[str, str]]:
    """Return record id → (record type, id) of the class or the craft order that each of a person's records is about."""
    found: dict[str, tuple[str, str]] = {}
    for model in (Enrolment, EligibilityCheck, Certificate):
        statement = select(col(model.id), col(model.class_id)).where(col(model.resident_id) == resident_id)
        found.update({row.id: ("training_class", row.class_id) for row in tx.rows(statement) if row.class_id})
    for kind in (CraftAssign, CraftDelivery):
        statement = select(col(kind.id), col(kind.order_id)).where(col(kind.resident_id) == resident_id)
        found.update({row.id: ("craft_order", row.order_id) for row in tx.rows(statement)})
    return found


def _craft_texts(tx: Transaction, resident_id: str) -> dict[str, str]:
    taken = (
        select(col(CraftAssign.id), col(CraftOrder.product), col(CraftAssign.due_count))
        .outerjoin(CraftOrder, col(CraftOrder.id) == col(CraftAssign.order_id))
        .where(col(CraftAssign.resident_id) == resident_id)
    )
    found = {
        row.id: _("{product}，领料做 {n} 件", product=row.product or "—", n=row.due_count) for row in tx.rows(taken)
    }
    came = (
        select(col(CraftDelivery.id), col(CraftOrder.product), col(CraftDelivery.quantity), col(CraftDelivery.accepted))
        .outerjoin(CraftOrder, col(CraftOrder.id) == col(CraftDelivery.order_id))
        .where(col(CraftDelivery.resident_id) == resident_id)
    )
    for row in tx.rows(came):
        found[row.id] = _(
            "{product}，交 {n} 件，合格 {ok} 件", product=row.product or "—", n=row.quantity, ok=row.accepted
        )
    return found


def _joined(*parts: str | None) -> str:
    return "，".join(part for part in parts if part)


def standing_of(tx: Transaction, resident_id: str) -> dict[str, str]:
    """Return enrolment id → how it stands now: the seat's word while she is on the list, else how it ended."""
    statement = select(col(Enrolment.id), col(Enrolment.state), col(Enrolment.seat)).where(
        col(Enrolment.resident_id) == resident_id
    )
    return {row.id: seat_words(row.state, row.seat) for row in tx.rows(statement)}


def state_of(record_type: str, changes: dict[str, Any], standing: str = "") -> str:
    """Return the short word for the line's chip: of the sign-up itself how it stands now, of a later act its result."""
    if record_type != "enrolment":
        return ""
    if changes.get("enrol_no", (None, None))[1]:
        return standing
    for field, list_id in (("seat", "SEAT"), ("state", "ENROL_STATE")):
        if field in changes and changes[field][1]:
            return code_list(list_id).label(changes[field][1])
    return ""
