"""What went to paper: each print of a sign-up slip or a certificate leaves its trace, a later one with its reason."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.certificate import COMPLETION, VOID, Certificate
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.training import DROPPED, Enrolment
from app.texts import _

SLIP_ACT, CERTIFICATE_ACT = "enrolment.print", "certificate.print"
UNDECIDED = "0"
"""How a sign-up stood when its slip was printed, before the district's word; after it, the SEAT code."""


def record_slip_print(tx: Transaction, enrolment_id: str, *, way: str, why: str | None = None) -> int:
    """Note that a sign-up slip goes to paper; return how often it did before, saying the same of the seat.

    A slip whose seat was decided since is a new one. ``way``: "printer" or "pdf"; ``why``: a code of REPRINT_REASON.

    Raises:
        RuleError: she has left the class.
        InvalidInputError: the same slip again without a reason.
    """
    tx.act("enrolment.print")
    row = tx.get(Enrolment, enrolment_id)
    if row.state == DROPPED:
        raise RuleError(_("{name} 已经退班了", name=row.name), code="enrolment.dropped")
    return _record(tx, SLIP_ACT, enrolment_id, f"{way} {row.seat or UNDECIDED}", why)


def record_certificate_print(tx: Transaction, certificate_id: str, *, way: str, why: str | None = None) -> int:
    """Note that a certificate of completion goes to paper; return how often it did before.

    Raises:
        RuleError: it is void, or not ours to print.
        InvalidInputError: once more without a reason.
    """
    tx.act("certificate.print")
    row = tx.get(Certificate, certificate_id)
    if row.cert_type != COMPLETION or row.class_id is None:
        raise RuleError(_("这张证书不是站里发的，不能打印"), code="certificate.not_ours")
    if row.state == VOID:
        raise RuleError(_("这张证书已经作废了"), code="certificate.void")
    return _record(tx, CERTIFICATE_ACT, certificate_id, way, why)


def _record(tx: Transaction, act: str, record_id: str, detail: str, why: str | None) -> int:
    standing = detail.partition(" ")[2]
    before = prints_of(tx, [record_id]).get(record_id, Counter())[standing]
    if before and not why:
        raise InvalidInputError({"why": _("补打要选原因")})
    values = {"kind": act, "happened_at": clock.now(), "subject_type": act.partition(".")[0], "subject_id": record_id}
    draft = parse_draft(ServiceEventDraft, {**values, "detail": detail, "why": why})
    tx.add(ServiceEvent.from_draft(draft))
    return before


def prints_of(tx: Transaction, record_ids: Sequence[str]) -> dict[str, Counter[str]]:
    """Return record id → how the seat stood on paper → how often, as far as this device knows; "" of a certificate."""
    statement = (
        select(col(ServiceEvent.subject_id), col(ServiceEvent.detail))
        .where(col(ServiceEvent.subject_id).in_(record_ids), col(ServiceEvent.deleted_at).is_(None))
        .where(col(ServiceEvent.kind).in_((SLIP_ACT, CERTIFICATE_ACT)))
    )
    found: dict[str, Counter[str]] = {}
    for row in tx.rows(statement):
        found.setdefault(row.subject_id, Counter())[(row.detail or "").partition(" ")[2]] += 1
    return found
