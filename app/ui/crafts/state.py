"""What the screen of craft orders shows and decides. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.acts import may
from app.models.codes import code_list
from app.models.craft import ENDED, HANDING_OUT, IN_WORK, INSPECTING, SETTLED, TAKEN, TALKS, CraftDelivery, CraftOrder
from app.models.training import TrainingClass
from app.services.employers import EmployerLine, list_by_verification
from app.services.training import crafts, listing
from app.services.training.crafts import AssignLine, CraftFigures, CraftLine
from app.services.training.rosters import list_roster
from app.texts import N_, _
from app.ui import entry
from app.ui.crafts.materials import materials_of, materials_text

if TYPE_CHECKING:
    from app.db.database import Transaction

GOING, TALKING, OVER, ALL = "going", "talks", "over", "all"
SLICES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (GOING, N_("在做"), (TAKEN, HANDING_OUT, IN_WORK, INSPECTING)),
    (TALKING, N_("洽谈"), (TALKS,)),
    (OVER, N_("已结束"), (SETTLED, ENDED)),
    (ALL, N_("全部"), ()),
)
LISTED, EMPLOYERS_OFFERED = 2000, 5000
STATE_TONES = {
    TALKS: "neutral", TAKEN: "blue", HANDING_OUT: "blue", IN_WORK: "blue", INSPECTING: "yellow", SETTLED: "good",
    ENDED: "neutral",
}  # fmt: skip
STEP_WORDS = {
    TAKEN: N_("接下这张订单"),
    HANDING_OUT: N_("再发料"),
    IN_WORK: N_("料发完了，在加工"),
    INSPECTING: N_("开始验收"),
    SETTLED: N_("结算完毕"),
    ENDED: N_("提前终止"),
}
END_REASONS = (
    ("1", N_("企业取消了订单")),
    ("2", N_("没有人能做")),
    ("3", N_("质量谈不拢")),
    ("4", N_("企业拖欠加工费")),
)
GIVING_OUT = (TAKEN, HANDING_OUT, IN_WORK, INSPECTING)
YES, NO = "1", "0"


@dataclass(frozen=True)
class Rights:
    """What the person may do here."""

    take: bool
    work: bool

    @classmethod
    def of(cls, roles: frozenset[str]) -> Rights:
        """Return the rights of these roles."""
        return cls(may(roles, "craft.order"), may(roles, "craft.deliver"))


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery of one person. Money is fen; ``paid_on``: nothing is owed any more."""

    id: str
    name: str
    delivered_on: date
    quantity: int
    accepted: int
    rework: int
    scrap: int
    blame: str
    pay_due: int
    pay_paid: int | None
    paid_on: date | None


@dataclass(frozen=True)
class OrderView:
    """One order opened: its line, what it says, who has how much, what came back."""

    line: CraftLine
    values: Mapping[str, Any]
    class_title: str
    assigns: tuple[AssignLine, ...]
    deliveries: tuple[DeliveryLine, ...]

    @property
    def free_count(self) -> int:
        """Return how many pieces nobody has taken yet."""
        return max(0, (self.line.quantity or 0) - self.line.figures.due)


def load_orders(tx: Transaction) -> list[CraftLine]:
    """Return the orders, those due first at the top."""
    return crafts.list_orders(tx, limit=LISTED)


def load_order(tx: Transaction, order_id: str) -> OrderView:
    """Return one order with everybody who works on it.

    Raises:
        NotFoundError: there is no such order.
    """
    order = tx.get(CraftOrder, order_id)
    assigns = tuple(crafts.list_assigns(tx, order_id))
    names = {line.id: line.name for line in assigns}
    found = [_delivery(row, names) for row in crafts.list_deliveries(tx, order_id)]
    held = tx.find(TrainingClass, order.class_id) if order.class_id else None
    line = crafts.list_orders(tx, order_id=order_id)[0]
    return OrderView(line, _values(order), held.title if held else "", assigns, tuple(reversed(found)))


def _delivery(row: CraftDelivery, names: Mapping[str, str]) -> DeliveryLine:
    return DeliveryLine(
        row.id, names.get(row.assign_id, "—"), row.delivered_on, row.quantity, row.accepted, row.rework, row.scrap,
        code_list("CRAFT_BLAME").label(row.blame), row.pay_due, row.pay_paid, row.paid_on,
    )  # fmt: skip


_FIELDS = (
    "employer_id", "product", "style_no", "quantity", "unit", "piece_pay", "due_on", "requirements", "materials",
    "quality_rule", "settle_way", "no_deposit", "class_id",
)  # fmt: skip


def _values(order: CraftOrder) -> dict[str, Any]:
    """Return an order's fields as the form shows them."""
    known = {name: getattr(order, name) for name in _FIELDS}
    known["materials"] = materials_text(order.materials)
    known["no_deposit"] = None if order.no_deposit is None else YES if order.no_deposit else NO
    return known | {"ended_why": order.ended_why}


def load_offers(tx: Transaction) -> tuple[list[EmployerLine], list[tuple[str, str]]]:
    """Return who can give an order, and the classes whose people it may be meant for."""
    held = listing.list_classes(tx)
    return list_by_verification(tx, limit=EMPLOYERS_OFFERED), [(line.id, line.title) for line in held]


def load_likely(tx: Transaction, order_id: str) -> list[tuple[str, str, str]]:
    """Return (id, name, why) of who will likely take work home: whoever has of this order, and its class's people."""
    class_id = tx.get(CraftOrder, order_id).class_id
    found = {line.resident_id: (line.name, _("已领过这张订单的料")) for line in crafts.list_assigns(tx, order_id)}
    for each in list_roster(tx, class_id) if class_id and tx.find(TrainingClass, class_id) else ():
        if each.resident_id:
            found.setdefault(each.resident_id, (each.name, _("这张订单的培训班学员")))
    return [(person, name, why) for person, (name, why) in found.items()]


# What is entered ---------------------------------------------------------------------------------------------------


def order_values(entered: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form holds as the service takes it."""
    answer = entered.get("no_deposit")
    known = {"materials": materials_of(entered.get("materials")), "no_deposit": answer == YES if answer else None}
    return {**entered, **known}


def pay_for(accepted: int | None, piece_pay: int | None) -> int | None:
    """Return what is due for the accepted pieces, in fen."""
    return None if accepted is None or piece_pay is None else accepted * piece_pay


# Words -------------------------------------------------------------------------------------------------------------


def deposit_source() -> str:
    """Return where the rule on deposits is written."""
    return _("劳动合同法第 9、84 条，就业促进法第 41 条")


def deposit_words(values: Mapping[str, Any]) -> str:
    """Return the rule on deposits with its source, as the order says it."""
    if values.get("no_deposit") == YES:
        return _("不收押金、材料保证金（{source}）", source=deposit_source())
    return _("收不收押金还没问清；收押金的订单不能接（{source}）", source=deposit_source())


def in_slice(lines: Sequence[CraftLine], name: str) -> list[CraftLine]:
    """Return the lines of a slice."""
    states = next(states for code, _label, states in SLICES if code == name)
    return [line for line in lines if not states or line.state in states]


def filtered(lines: Sequence[CraftLine], typed: str) -> list[CraftLine]:
    """Return the lines whose number, product or company holds what was typed; initials do too."""
    wanted = entry.half_width(typed).strip()
    if not wanted:
        return list(lines)
    return [
        line
        for line in lines
        if wanted.upper() in line.order_no
        or any(entry.matches(text, wanted) for text in (line.product, line.employer_name))
    ]


def state_words(line: CraftLine) -> str:
    """Return the state's word; an order past its day says so."""
    return _("过了交期") if line.overdue else code_list("CRAFT_STATE").label(line.state)


def state_tone(line: CraftLine) -> str:
    """Return the tone of the state's chip."""
    return "orange" if line.overdue else STATE_TONES.get(line.state, "neutral")


def pieces(count: int | None, unit: str | None) -> str:
    """Return a number of pieces with their unit."""
    return "—" if count is None else _("{n} {unit}", n=f"{count:,}", unit=unit or _("件"))


def yuan(fen: int | None) -> str:
    """Return money in yuan."""
    return "—" if fen is None else _("{yuan} 元", yuan=entry.show_fen(fen))


def percent(share: int | None) -> str:
    """Return a share."""
    return "—" if share is None else f"{share} %"


def day_words(day: date | None) -> str:
    """Return a day as tables show it: 11-24, with the year if it is another."""
    if day is None:
        return "—"
    return f"{day:%m-%d}" if day.year == clock.today().year else f"{day:%Y-%m-%d}"


def figure_words(figures: CraftFigures, unit: str | None) -> list[tuple[str, str]]:
    """Return the figures of an order, each with its label: people, pieces, quality, punctuality, pay."""
    quality = _("{n}，合格率 {share}", n=pieces(figures.accepted, unit), share=percent(figures.quality))
    owed = figures.pay_due - figures.pay_paid
    paid = (
        _("{paid}，还欠 {owed}", paid=yuan(figures.pay_paid), owed=yuan(owed)) if owed > 0 else yuan(figures.pay_paid)
    )
    return [
        (_("参与"), _("{n} 人", n=figures.people)),
        (_("派出"), pieces(figures.due, unit)),
        (_("交回"), pieces(figures.delivered, unit)),
        (_("合格"), quality),
        (_("返工、报废"), f"{figures.rework} / {figures.scrap}"),
        (_("按期交货"), percent(figures.on_time_percent)),
        (_("应付加工费"), yuan(figures.pay_due)),
        (_("已付"), paid),
        (_("人均加工费"), yuan(figures.pay_each)),
    ]


def next_words(view: OrderView) -> str:
    """Return what to do next with an order, in a sentence."""
    line, figures = view.line, view.line.figures
    if line.state == TALKS:
        return _("谈妥了就接下，接下才能发料。")
    if line.state in (SETTLED, ENDED):
        return _("终止原因：{why}", why=view.values["ended_why"]) if line.state == ENDED else _("都结清了。")
    late = [each for each in view.assigns if each.overdue]
    if late:
        names = _("、").join(each.name for each in late[:3])
        return _("{names}过了交期还没交齐，问一声。", names=names)
    if figures.pay_paid < figures.pay_due:
        return _("还有 {owed}加工费没付，按结算方式催企业付。", owed=yuan(figures.pay_due - figures.pay_paid))
    if view.free_count:
        return _("还有 {n}没派出去。", n=pieces(view.free_count, line.unit))
    return _("都派出去了，等交货。") if any(each.left for each in view.assigns) else _("都交齐、付清了，可以结算。")


def steps(view: OrderView, rights: Rights) -> list[tuple[str, str]]:
    """Return the states that the order may go to now, as words for buttons."""
    if not rights.work:
        return []
    return [(code, _(STEP_WORDS[code])) for code in crafts.next_states(view.line.state)]


def may_hand_out(view: OrderView, rights: Rights) -> bool:
    """Say whether materials may go out: the order is taken, and pieces are left to give."""
    return rights.work and view.line.state in GIVING_OUT and view.free_count > 0


def may_deliver(view: OrderView, assign: AssignLine | None, rights: Rights) -> bool:
    """Say whether this person may deliver: she has pieces still to come."""
    return rights.work and assign is not None and assign.left > 0 and view.line.state in GIVING_OUT


def may_pay(delivery: DeliveryLine | None, rights: Rights) -> bool:
    """Say whether this delivery is still owed."""
    return rights.work and delivery is not None and delivery.paid_on is None and delivery.pay_due > 0
