"""Home craft on supplied materials: a company's order, what residents take home, what comes back, what is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as pick

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.craft import (
    ENDED,
    HANDING_OUT,
    IN_WORK,
    INSPECTING,
    SETTLED,
    TAKEN,
    TALKS,
    CraftAssign,
    CraftAssignDraft,
    CraftDelivery,
    CraftDeliveryDraft,
    CraftOrder,
    CraftOrderDraft,
)
from app.models.employer import Employer
from app.models.resident import Resident
from app.services.numbers import CRAFT_ORDER, next_number
from app.texts import _

_NEXT: dict[str, tuple[str, ...]] = {
    TALKS: (TAKEN, ENDED),
    TAKEN: (HANDING_OUT, ENDED),
    HANDING_OUT: (IN_WORK, INSPECTING, ENDED),
    IN_WORK: (HANDING_OUT, INSPECTING, ENDED),
    INSPECTING: (IN_WORK, SETTLED, ENDED),
    SETTLED: (),
    ENDED: (),
}
_GIVING_OUT = (TAKEN, HANDING_OUT, IN_WORK, INSPECTING)


@dataclass(frozen=True)
class CraftFigures:
    """Sums of an order, or of many: pieces, people, fen. ``quality``: accepted per hundred delivered."""

    people: int = 0
    handed_out: int = 0
    due: int = 0
    delivered: int = 0
    accepted: int = 0
    rework: int = 0
    scrap: int = 0
    pay_due: int = 0
    pay_paid: int = 0
    on_time: int = 0
    delivery_count: int = 0

    @property
    def quality(self) -> int | None:
        """Return the share of accepted pieces in per cent."""
        return round(100 * self.accepted / self.delivered) if self.delivered else None

    @property
    def on_time_percent(self) -> int | None:
        """Return the share of deliveries that came by their day."""
        return round(100 * self.on_time / self.delivery_count) if self.delivery_count else None

    @property
    def pay_each(self) -> int | None:
        """Return the average processing fee of a person, in fen."""
        return self.pay_due // self.people if self.people else None


@dataclass(frozen=True)
class CraftLine:
    """One line of the list of orders."""

    id: str
    order_no: str
    employer_id: str
    employer_name: str
    product: str
    quantity: int | None
    unit: str | None
    piece_pay: int | None
    due_on: date | None
    state: str
    overdue: bool
    figures: CraftFigures


@dataclass(frozen=True)
class AssignLine:
    """What one resident has of an order. ``left``: pieces still to come; ``overdue`` as of today."""

    id: str
    resident_id: str
    name: str
    taken_count: int | None
    taken_on: date
    due_count: int
    due_on: date | None
    delivered: int
    accepted: int
    pay_due: int
    pay_paid: int
    left: int
    overdue: bool


def take_order(tx: Transaction, values: Mapping[str, Any]) -> CraftOrder:
    """Register a company's order; one that wants a deposit is not taken.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such employer.
    """
    tx.act("craft.order")
    draft = parse_draft(CraftOrderDraft, {**values, "order_no": "-"})
    tx.get(Employer, draft.employer_id)
    row = CraftOrder.from_draft(draft)
    row.order_no = next_number(tx, CRAFT_ORDER)
    row.rec_no = row.order_no
    return tx.add(row)


def edit_order(tx: Transaction, order_id: str, values: Mapping[str, Any]) -> CraftOrder:
    """Change an order; its pay a piece stays once something was handed out.

    Raises:
        InvalidInputError: by field.
        RuleError: it is settled or has ended.
    """
    tx.act("craft.edit")
    row = _open_order(tx, order_id)
    known = row.model_dump(include=set(CraftOrderDraft.model_fields))
    fixed = {"state", "order_no"}
    draft = parse_draft(CraftOrderDraft, {**known, **{k: v for k, v in values.items() if k not in fixed}})
    if draft.piece_pay != row.piece_pay and figures_of(tx, [order_id])[order_id].people:
        raise InvalidInputError({"piece_pay": _("已经发过料，单件加工费不能再改")})
    tx.change(row, draft.model_dump())
    return row


def move_on(tx: Transaction, order_id: str, state: str, why: str | None = None) -> CraftOrder:
    """Move an order on to its next state; settled only when everything accepted is paid.

    Raises:
        RuleError: that does not follow, or pay is still owed.
        InvalidInputError: it ends early without a reason.
    """
    tx.act("craft.edit")
    row = _open_order(tx, order_id)
    if state not in _NEXT[row.state]:
        raise RuleError(_("这一步现在还不能办"), code="craft.step")
    figures = figures_of(tx, [order_id])[order_id]
    if state == SETTLED and figures.pay_paid < figures.pay_due:
        owed = _yuan(figures.pay_due - figures.pay_paid)
        raise RuleError(_("还有 {owed} 元加工费没付，付清再结算", owed=owed), code="craft.owed")
    if state == ENDED and not why:
        raise InvalidInputError({"ended_why": _("终止要写原因")})
    tx.change(row, {"ended_why": why or row.ended_why, "state": state})
    return row


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _open_order(tx: Transaction, order_id: str) -> CraftOrder:
    row = tx.get(CraftOrder, order_id)
    if row.state in (SETTLED, ENDED):
        raise RuleError(_("这张订单已经结束，不能再改"), code="craft.over")
    return row


def hand_out(tx: Transaction, order_id: str, resident_id: str, values: Mapping[str, Any]) -> CraftAssign:
    """Give a resident materials to take home, against her signature.

    Raises:
        InvalidInputError: by field; not signed; more pieces than the order still wants.
        RuleError: the order is not taken yet, or is over.
    """
    tx.act("craft.assign")
    order = _open_order(tx, order_id)
    if order.state not in _GIVING_OUT:
        raise RuleError(_("订单还在洽谈，接下来再发料"), code="craft.not_taken")
    tx.get(Resident, resident_id)
    filled = {"taken_on": clock.today(), "due_on": order.due_on, "due_count": values.get("taken_count"), **values}
    draft = parse_draft(CraftAssignDraft, {**filled, "order_id": order_id, "resident_id": resident_id})
    if not draft.signed:
        raise InvalidInputError({"signed": _("领料要本人签字")})
    left = (order.quantity or 0) - figures_of(tx, [order_id])[order_id].due
    if draft.due_count > left:
        raise InvalidInputError({"due_count": _("这张订单只剩 {n} 件没有派出去", n=left)})
    if order.state == TAKEN:
        order.state = HANDING_OUT
    return tx.add(CraftAssign.from_draft(draft))


def deliver(tx: Transaction, assign_id: str, values: Mapping[str, Any]) -> CraftDelivery:
    """Take in finished pieces and inspect them; what is accepted is paid in full, nothing is taken off it.

    ``values``: quantity, accepted, rework, scrap, blame, delivered_on. Pieces to be reworked may be delivered again.

    Raises:
        InvalidInputError: by field; more pieces than she still has.
        RuleError: the order is over.
    """
    tx.act("craft.deliver")
    assign = tx.get(CraftAssign, assign_id)
    order = _open_order(tx, assign.order_id)
    accepted = int(values.get("accepted") or 0)
    filled = {"delivered_on": clock.today(), "rework": 0, "scrap": 0, **values}
    own = {
        "order_id": order.id,
        "assign_id": assign_id,
        "resident_id": assign.resident_id,
        "accepted": accepted,
        "piece_pay": order.piece_pay,
        "pay_due": accepted * (order.piece_pay or 0),
    }
    draft = parse_draft(CraftDeliveryDraft, {**filled, **own})
    left = next(line.left for line in list_assigns(tx, order.id) if line.id == assign_id)
    if draft.accepted + draft.scrap > left:
        raise InvalidInputError({"quantity": _("手里只有 {n} 件没交，请再数一遍", n=left)})
    if order.state in (TAKEN, HANDING_OUT):
        order.state = IN_WORK
    return tx.add(CraftDelivery.from_draft(draft))


def pay(
    tx: Transaction, delivery_id: str, *, amount: int | None = None, on: date | None = None, signed: bool = True
) -> CraftDelivery:
    """Note that the processing fee of a delivery was paid (in fen, what is due where no amount is said).

    Raises:
        InvalidInputError: less than is due, or not signed for.
        RuleError: it was paid already.
    """
    tx.act("craft.pay")
    row = tx.get(CraftDelivery, delivery_id)
    if row.paid_on is not None:
        raise RuleError(_("这笔加工费已经付过了"), code="craft.paid")
    paid = row.pay_due if amount is None else amount
    if paid < row.pay_due:
        raise InvalidInputError({"pay_paid": _("应付 {due} 元，不能少付", due=_yuan(row.pay_due))})
    if not signed:
        raise InvalidInputError({"receipt_signed": _("付款要本人签收")})
    known = row.model_dump(include=set(CraftDeliveryDraft.model_fields))
    done = {"pay_paid": paid, "paid_on": on or clock.today(), "receipt_signed": True}
    tx.change(row, parse_draft(CraftDeliveryDraft, {**known, **done}).model_dump())
    return row


def figures_of(tx: Transaction, order_ids: list[str]) -> dict[str, CraftFigures]:
    """Return the sums of several orders."""
    given = {
        row[0]: row
        for row in tx.rows(
            select(
                col(CraftAssign.order_id), func.count(col(CraftAssign.resident_id).distinct()),
                func.sum(col(CraftAssign.taken_count)), func.sum(col(CraftAssign.due_count)),
            )
            .where(col(CraftAssign.order_id).in_(order_ids), col(CraftAssign.deleted_at).is_(None))
            .group_by(col(CraftAssign.order_id))
        )
    }  # fmt: skip
    late = func.count().filter(col(CraftDelivery.delivered_on) <= col(CraftAssign.due_on))
    came = {
        row[0]: row
        for row in tx.rows(
            select(
                col(CraftDelivery.order_id), func.sum(col(CraftDelivery.quantity)),
                func.sum(col(CraftDelivery.accepted)), func.sum(col(CraftDelivery.rework)),
                func.sum(col(CraftDelivery.scrap)), func.sum(col(CraftDelivery.pay_due)),
                func.sum(func.coalesce(col(CraftDelivery.pay_paid), 0)), late, func.count(),
            )
            .join(CraftAssign, col(CraftAssign.id) == col(CraftDelivery.assign_id))
            .where(col(CraftDelivery.order_id).in_(order_ids), col(CraftDelivery.deleted_at).is_(None))
            .group_by(col(CraftDelivery.order_id))
        )
    }  # fmt: skip
    found = {}
    for order_id in order_ids:
        out = [int(value or 0) for value in given[order_id][1:]] if order_id in given else [0] * 3
        back = [int(value or 0) for value in came[order_id][1:]] if order_id in came else [0] * 8
        found[order_id] = CraftFigures(*out, *back)
    return found


def next_states(state: str) -> tuple[str, ...]:
    """Return the states that an order may go to from this one, the usual one first."""
    return _NEXT[state]


def list_orders(
    tx: Transaction, *, states: tuple[str, ...] | None = None, order_id: str | None = None, limit: int = 300
) -> list[CraftLine]:
    """Return craft orders, those due first at the top; or the one that is named."""
    statement = (
        select(CraftOrder, func.coalesce(col(Employer.name), ""))
        .outerjoin(Employer, col(Employer.id) == col(CraftOrder.employer_id))
        .where(col(CraftOrder.deleted_at).is_(None))
        .order_by(col(CraftOrder.due_on), col(CraftOrder.id))
        .limit(limit)
    )
    if states is not None:
        statement = statement.where(col(CraftOrder.state).in_(states))
    if order_id is not None:
        statement = statement.where(col(CraftOrder.id) == order_id)
    rows = tx.session.execute(statement).all()
    figures = figures_of(tx, [row.id for row, _name in rows])
    today = clock.today()
    return [
        CraftLine(
            row.id, row.order_no, row.employer_id, name, row.product, row.quantity, row.unit, row.piece_pay, row.due_on,
            row.state, row.state not in (SETTLED, ENDED) and row.due_on is not None and row.due_on < today,
            figures[row.id],
        )
        for row, name in rows
    ]  # fmt: skip


def list_assigns(tx: Transaction, order_id: str) -> list[AssignLine]:
    """Return who has how much of an order, oldest first."""
    sums = {
        row[0]: [int(value or 0) for value in row[1:]]
        for row in tx.rows(
            select(
                col(CraftDelivery.assign_id), func.sum(col(CraftDelivery.quantity)),
                func.sum(col(CraftDelivery.accepted)), func.sum(col(CraftDelivery.scrap)),
                func.sum(col(CraftDelivery.pay_due)), func.sum(func.coalesce(col(CraftDelivery.pay_paid), 0)),
            )
            .where(col(CraftDelivery.order_id) == order_id, col(CraftDelivery.deleted_at).is_(None))
            .group_by(col(CraftDelivery.assign_id))
        )
    }  # fmt: skip
    statement = (
        select(CraftAssign, func.coalesce(col(Resident.name), ""))
        .outerjoin(Resident, col(Resident.id) == col(CraftAssign.resident_id))
        .where(col(CraftAssign.order_id) == order_id, col(CraftAssign.deleted_at).is_(None))
        .order_by(col(CraftAssign.taken_on), col(CraftAssign.id))
    )
    today, lines = clock.today(), []
    for row, name in tx.session.execute(statement).all():
        came, accepted, scrap, due, paid = sums.get(row.id, [0] * 5)
        left = max(0, row.due_count - accepted - scrap)
        about = (row.id, row.resident_id, name, row.taken_count, row.taken_on, row.due_count, row.due_on)
        overdue = left > 0 and row.due_on is not None and row.due_on < today
        lines.append(AssignLine(*about, came, accepted, due, paid, left, overdue))
    return lines


def list_deliveries(tx: Transaction, order_id: str) -> list[CraftDelivery]:
    """Return what came back of an order, oldest first."""
    statement = (
        pick(CraftDelivery)
        .where(col(CraftDelivery.order_id) == order_id, col(CraftDelivery.deleted_at).is_(None))
        .order_by(col(CraftDelivery.delivered_on), col(CraftDelivery.id))
    )
    return list(tx.session.exec(statement).all())


def craft_figures(tx: Transaction, since: date, before: date) -> CraftFigures:
    """Return the station's figures of deliveries in ``[since, before)`` (D13): people, fee, quality, punctuality."""
    late = func.count().filter(col(CraftDelivery.delivered_on) <= col(CraftAssign.due_on))
    statement = (
        select(
            func.count(col(CraftDelivery.resident_id).distinct()), func.sum(col(CraftDelivery.quantity)),
            func.sum(col(CraftDelivery.accepted)), func.sum(col(CraftDelivery.rework)),
            func.sum(col(CraftDelivery.scrap)), func.sum(col(CraftDelivery.pay_due)),
            func.sum(func.coalesce(col(CraftDelivery.pay_paid), 0)), late, func.count(),
        )
        .join(CraftAssign, col(CraftAssign.id) == col(CraftDelivery.assign_id))
        .where(col(CraftDelivery.delivered_on) >= since, col(CraftDelivery.delivered_on) < before)
        .where(col(CraftDelivery.deleted_at).is_(None))
    )  # fmt: skip
    people, *rest = (int(value or 0) for value in tx.rows(statement)[0])
    return CraftFigures(people, 0, 0, *rest)
