"""The forms: a company's order, a hand-out, a delivery, a payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.services.employers import EmployerLine
from app.services.training import crafts
from app.services.training.crafts import AssignLine
from app.texts import _
from app.ui import entry
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.crafts import state
from app.ui.crafts.materials import materials_problem
from app.ui.crafts.person_field import PersonField
from app.ui.crafts.state import NO, YES, DeliveryLine, OrderView
from app.ui.forms import (
    ChoiceField,
    ChoiceItem,
    DateField,
    LongTextField,
    MoneyField,
    NumberField,
    RadioField,
    TextField,
)
from app.ui.vacancies.form_page import RecordForm, add_all
from app.ui.widgets import Text

if TYPE_CHECKING:
    from app.db.database import Transaction

OFFERED = 50


class OrderForm(RecordForm):
    """Takes a company's order, or changes one."""

    form_name = "craft_order"
    _employers: Sequence[EmployerLine] = ()

    def headline(self, *, new: bool) -> tuple[str, str]:
        return (_("登记手工订单"), _("先记下来，谈妥了再接")) if new else (_("改手工订单"), "")

    def offer(self, employers: Sequence[EmployerLine], held: Sequence[tuple[str, str]]) -> None:
        """Offer these employers and classes."""
        self._employers = employers
        self._class.set_items(list(held))

    def fill_form(self) -> None:
        company = ChoiceField(_("发包企业"), name="employer_id", required=True, find=self._find, show_code=False)
        self._class = ChoiceField(_("给哪个培训班的学员"), name="class_id", show_code=False, hint=_("可以不写"))
        self.section(_("做什么"))
        add_all(
            self.form,
            (
                (company, 2),
                (self._class, 1),
                (TextField(_("产品名称"), name="product", required=True, max_length=60), 2),
                (TextField(_("款号"), name="style_no", max_length=30), 1),
                (NumberField(_("数量"), name="quantity", required=True, low=1, high=10_000_000), 1),
                (TextField(_("计量单位"), name="unit", required=True, max_length=8, hint=_("只、片、个")), 1),
                (DateField(_("交期"), name="due_on", required=True, prefer="future"), 1),
                (MoneyField(_("单件加工费（元）"), name="piece_pay", required=True), 1),
                (TextField(_("结算周期和方式"), name="settle_way", required=True), 2),
            ),
        )
        self.section(_("怎么做，怎么验"))
        answers = [(YES, _("不收")), (NO, _("要收"))]
        add_all(
            self.form,
            (
                (LongTextField(_("工艺要求"), name="requirements", required=True, rows=2), 3),
                (LongTextField(_("发料清单"), name="materials", required=True, rows=2, check=materials_problem,
                               hint=_("一行一样：奶棉线 40 团 退（余料要退的写退）")), 3),
                (LongTextField(_("质量标准、返工规则"), name="quality_rule", required=True, rows=2), 3),
                (RadioField(_("收不收押金、材料保证金"), answers, name="no_deposit", required=True), 1),
            ),
        )  # fmt: skip
        rule = _("收押金、材料保证金的订单不能接（{source}）。", source=state.deposit_source())
        self.form.add_widget(Text(rule, "secondary", "text2", wrap=True), span=2)

    def _find(self, typed: str) -> list[ChoiceItem]:
        wanted = typed.strip()
        fit = (line for line in self._employers if not wanted or entry.matches(line.name, wanted))
        return [ChoiceItem(line.id, line.name) for _n, line in zip(range(OFFERED), fit, strict=False)]

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        if values.get("no_deposit") == NO:
            return {"no_deposit": _("收押金、材料保证金的订单不能接")}
        return {}

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        made = state.order_values(values)
        if self.record_id:
            return crafts.edit_order(tx, self.record_id, made).id
        return crafts.take_order(tx, made).id

    def said(self, values: Mapping[str, Any]) -> str:
        return _("订单“{product}”记下了", product=values.get("product") or "")


class ShortForm(RecordForm):
    """A form about one order in hand, done at once: no draft is kept of it."""

    _view: OrderView | None = None

    def keep(self) -> None:
        """Keep nothing: what is counted now is entered now."""

    def begin(self, view: OrderView, values: Mapping[str, Any]) -> None:
        """Start empty but for ``values``."""
        self._view = view
        self._start("", values)

    @property
    def view(self) -> OrderView:
        """The order that the form is about."""
        assert self._view is not None
        return self._view


class HandOutForm(ShortForm):
    """Gives a resident materials to take home."""

    form_name = "craft_assign"

    def fill_form(self) -> None:
        self.person = PersonField(_("居民"), self._context, name="resident_id", required=True,
                                  hint=_("打姓名、首字母或证件尾号"))  # fmt: skip
        signed = [(YES, _("签了")), (NO, _("还没签"))]
        add_all(
            self.form,
            (
                (self.person, 2),
                (RadioField(_("本人签字领料"), signed, name="signed", required=True), 1),
                (NumberField(_("领几件的料"), name="taken_count", required=True, low=1, high=1_000_000), 1),
                (DateField(_("领料日期"), name="taken_on", required=True, prefer="past"), 1),
                (DateField(_("什么时候交"), name="due_on", required=True, prefer="future"), 1),
            ),
        )

    def headline(self, *, new: bool) -> tuple[str, str]:
        left = state.pieces(self.view.free_count, self.view.line.unit)
        return _("发料"), _("{product}，还有 {left}没派出去", product=self.view.line.product, left=left)

    def start_for(self, view: OrderView, likely: Sequence[tuple[str, str, str]]) -> None:
        """Begin for an order; ``likely``: whom to offer first."""
        self.person.offer_likely(likely)
        self.begin(view, {"taken_on": clock.today(), "due_on": view.line.due_on})

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        asked = {**values, "signed": values.get("signed") == YES, "due_count": values.get("taken_count")}
        return crafts.hand_out(tx, self.view.line.id, str(asked.pop("resident_id")), asked).id

    def said(self, values: Mapping[str, Any]) -> str:
        item = self.person.item()
        count = state.pieces(values.get("taken_count"), self.view.line.unit)
        return _("已发料给 {name}，{count}", name=item.label if item else "", count=count)

    def _on_refused(self, error: Any) -> None:
        fields = getattr(error, "fields", {})
        if "due_count" in fields:  # the form asks once how many: what is taken is what is due
            fields["taken_count"] = fields.pop("due_count")
        super()._on_refused(error)


class DeliveryForm(ShortForm):
    """Takes in finished pieces: accepted, to be reworked, scrap; what is accepted is paid in full."""

    form_name = "craft_delivery"
    _assign: AssignLine | None = None

    def fill_form(self) -> None:
        self.pay = MoneyField(_("应付加工费（元）"), name="pay_due")
        add_all(
            self.form,
            (
                (NumberField(_("交来几件"), name="quantity", required=True, low=1, high=1_000_000), 1),
                (NumberField(_("合格"), name="accepted", required=True, low=0, high=1_000_000), 1),
                (self.pay, 1),
                (NumberField(_("返工"), name="rework", low=0, high=1_000_000, hint=_("返工好了再交")), 1),
                (NumberField(_("报废"), name="scrap", low=0, high=1_000_000), 1),
                (ChoiceField(_("报废责任"), _codes("CRAFT_BLAME"), name="blame", hint=_("有报废要选")), 1),
                (DateField(_("交货日期"), name="delivered_on", required=True, prefer="past"), 1),
            ),
        )
        self.pay.set_derived(True, hint=_("合格数乘单价，不扣别的"))

    def headline(self, *, new: bool) -> tuple[str, str]:
        assign = self._assign
        assert assign is not None
        left = state.pieces(assign.left, self.view.line.unit)
        return _("{name} 交货", name=assign.name), _(
            "{product}，手里还有 {left}", product=self.view.line.product, left=left
        )

    def start_for(self, view: OrderView, assign: AssignLine) -> None:
        """Begin for what one person has of an order."""
        self._assign = assign
        self.begin(view, {"delivered_on": clock.today()})

    def value_entered(self, name: str) -> None:
        if name == "accepted":
            accepted = self.form.field("accepted").value()
            self.pay.set_value(state.pay_for(accepted, self.view.line.piece_pay))

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        if values.get("scrap") and not values.get("blame"):
            return {"blame": _("有报废要选责任")}
        return {}

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        assert self._assign is not None
        asked = {name: value for name, value in values.items() if name != "pay_due"}
        asked |= {name: asked.get(name) or 0 for name in ("rework", "scrap")}
        return crafts.deliver(tx, self._assign.id, asked).id

    def said(self, values: Mapping[str, Any]) -> str:
        due = state.pay_for(values.get("accepted"), self.view.line.piece_pay)
        name = self._assign.name if self._assign is not None else ""
        return _("{name} 交货 {n} 件，应付 {due}", name=name, n=values.get("quantity"), due=state.yuan(due))


class FinalDoer(Doer):
    """Does what cannot be taken back: the toast offers no way."""

    def say(self, words: str, ops: Sequence[str]) -> None:
        super().say(words, ())


class PayForm(ShortForm):
    """Notes that the fee of a delivery was paid, against a signature; it cannot be taken back."""

    form_name = "craft_pay"
    _delivery: DeliveryLine | None = None

    def __init__(self, context: UiContext, doer: Doer) -> None:
        final = FinalDoer(context, doer)
        final.changed.connect(doer.changed)
        super().__init__(context, final)
        self.save_button.set_label(_("登记付款"), icon="banknote")

    def fill_form(self) -> None:
        signed = [(YES, _("签收了")), (NO, _("还没签"))]
        add_all(
            self.form,
            (
                (MoneyField(_("付了多少（元）"), name="pay_paid", required=True), 1),
                (DateField(_("付款日期"), name="paid_on", required=True, prefer="past"), 1),
                (RadioField(_("本人签收"), signed, name="receipt_signed", required=True), 1),
            ),
        )

    def headline(self, *, new: bool) -> tuple[str, str]:
        assert self._delivery is not None
        due = state.yuan(self._delivery.pay_due)
        return _("付加工费给 {name}", name=self._delivery.name), _("应付 {due}，不能少付；登记后不能撤销", due=due)

    def start_for(self, view: OrderView, delivery: DeliveryLine) -> None:
        """Begin for one delivery."""
        self._delivery = delivery
        self.begin(view, {"pay_paid": delivery.pay_due, "paid_on": clock.today()})

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        assert self._delivery is not None
        signed = values.get("receipt_signed") == YES
        paid = crafts.pay(tx, self._delivery.id, amount=values["pay_paid"], on=values["paid_on"], signed=signed)
        return paid.id

    def said(self, values: Mapping[str, Any]) -> str:
        name = self._delivery.name if self._delivery is not None else ""
        return _("已登记付给 {name} {paid}", name=name, paid=state.yuan(values.get("pay_paid")))


def _codes(list_id: str) -> list[tuple[str, str]]:
    return [(item.code, item.label) for item in code_list(list_id).choices()]
