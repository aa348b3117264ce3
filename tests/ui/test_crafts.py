"""Craft orders by keyboard: taken, handed out, delivered, inspected, paid, moved on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.models.craft import CraftOrder
from app.services.residents import search_residents
from app.services.training import crafts
from app.ui.context import Found
from app.ui.crafts import state
from app.ui.crafts.materials import materials_of, materials_problem, materials_text
from app.ui.crafts.screen import CraftsScreen
from tests.factories import Factory
from tests.ui.desks import Desk


class CraftDesk(Desk):
    """A desk with the screen of craft orders, one company and one resident."""

    screen: CraftsScreen
    company = person = ""

    def order(self, *, taken: bool = True, **values: Any) -> str:
        with self.database.write(self.actor) as tx:
            return Factory(tx).craft_order(taken=taken, employer_id=self.company, **values).id

    def assign(self, order: str, **values: Any) -> str:
        with self.database.write(self.actor) as tx:
            asked = {"taken_count": 20, "signed": True, **values}
            return crafts.hand_out(tx, order, self.person, asked).id

    def deliver(self, assign: str, **values: Any) -> str:
        with self.database.write(self.actor) as tx:
            return crafts.deliver(tx, assign, {"quantity": 10, "accepted": 10, **values}).id

    def read(self, order: str) -> state.OrderView:
        with self.database.read() as tx:
            return state.load_order(tx, order)

    def go(self, order: str = "") -> CraftsScreen:
        self.screen.open(**({"id": order} if order else {}))
        self.screen.refresh()
        return self.screen

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.screen.window().focusWidget() or self.screen, key, modifier)

    def type_in(self, form: Any, **values: str) -> None:
        for name, text in values.items():
            field = form.form.field(name)
            field.editor.setFocus()
            QTest.keyClicks(field.editor, text)

    def words(self) -> str:
        return " ".join(label.text() for label in self.screen.order_panel.findChildren(QLabel))


@pytest.fixture
def desk(qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path) -> CraftDesk:
    made = CraftDesk(database, actor, tmp_path)
    with database.write(actor) as tx:
        make = Factory(tx)
        made.company = make.employer(name="上海织里记文创有限公司").id
        made.person = make.resident(name="周素琴").id
    made.screen = CraftsScreen(made.context)
    qtbot.addWidget(made.screen)
    qtbot.addWidget(made.screen.panel)
    made.screen.resize(974, 640)
    made.screen.show()
    made.screen.activateWindow()
    qtbot.waitUntil(made.screen.isActiveWindow)
    return made


FORM = {
    "product": "杯垫", "quantity": "800", "unit": "片", "due_on": "20271231", "piece_pay": "3.5",
    "settle_way": "交货当天结清", "requirements": "按样品", "materials": "棉线 20 团 退", "quality_rule": "松了返工",
}  # fmt: skip


def fill(desk: CraftDesk, answer: str) -> None:
    form = desk.screen.order_form
    company = form.form.field("employer_id")
    company.take(company.candidates("织里记")[0])  # type: ignore[attr-defined]
    form.form.set_values({name: text for name, text in FORM.items() if name not in ("due_on", "piece_pay", "quantity")})
    desk.type_in(form, due_on=FORM["due_on"], piece_pay=FORM["piece_pay"], quantity=FORM["quantity"])
    form.form.field("no_deposit").set_value(answer)


def test_an_order_is_recorded_with_its_pay_and_its_materials_and_then_accepted(desk: CraftDesk) -> None:
    desk.go()
    desk.screen.main_action()
    fill(desk, state.YES)

    desk.screen.main_action()

    with desk.database.read() as tx:
        (line,) = crafts.list_orders(tx)
        order = tx.get(CraftOrder, line.id)
    assert (order.piece_pay, order.quantity, order.no_deposit, order.state) == (350, 800, True, "10")
    assert order.materials == [{"name": "棉线", "quantity": 20, "unit": "团", "return_rest": True}]
    assert desk.screen.pages.currentWidget() is desk.screen.order
    desk.screen.main_action()
    assert desk.read(line.id).line.state == "20"


def test_an_order_that_wants_a_deposit_is_not_recorded_and_the_field_says_so(desk: CraftDesk) -> None:
    desk.go()
    desk.screen.main_action()
    fill(desk, state.NO)

    desk.screen.main_action()

    assert desk.screen.order_form.form.field("no_deposit").error() == "收押金、材料保证金的订单不能接"
    with desk.database.read() as tx:
        assert crafts.list_orders(tx) == []


def test_the_rule_on_deposits_stands_beside_every_order_with_its_source(desk: CraftDesk) -> None:
    order = desk.order()

    desk.go(order)

    assert "不收押金、材料保证金（劳动合同法第 9、84 条，就业促进法第 41 条）" in desk.words()


def _search(tx: Any, words: str, *, limit: int) -> list[Found]:
    return [Found(hit.id, hit.name, "") for hit in search_residents(tx, words, limit=limit)]


def test_materials_go_out_to_who_is_found_while_typing(desk: CraftDesk, qtbot: QtBot) -> None:
    order = desk.order()
    object.__setattr__(desk.context, "search", _search)
    desk.go(order)
    desk.screen.main_action()
    form = desk.screen.hand_out
    assert form.person.line.hasFocus()
    QTest.keyClicks(form.person.line, "zsq")
    qtbot.waitUntil(lambda: form.person.list_is_open)
    desk.press(Qt.Key.Key_Return)
    desk.type_in(form, taken_count="30")
    form.form.field("signed").set_value(state.YES)

    desk.screen.main_action()

    view = desk.read(order)
    assert [(line.name, line.due_count) for line in view.assigns] == [("周素琴", 30)]
    assert (view.line.state, view.free_count) == ("30", 270)
    assert desk.screen.order.people.rows()[0].id == view.assigns[0].id


@pytest.mark.parametrize(
    ("count", "signed", "field", "why"),
    [("301", state.YES, "taken_count", "只剩 300 件"), ("5", state.NO, "signed", "要本人签字")],
)
def test_what_may_not_go_out_is_said_at_its_field(
    desk: CraftDesk, count: str, signed: str, field: str, why: str
) -> None:
    order = desk.order()
    desk.go(order)
    desk.screen.main_action()
    form = desk.screen.hand_out
    form.person.set_item(state_item(desk))
    desk.type_in(form, taken_count=count)
    form.form.field("signed").set_value(signed)

    desk.screen.main_action()

    assert why in form.form.field(field).error()
    assert desk.read(order).assigns == ()


def state_item(desk: CraftDesk) -> Any:
    from app.ui.forms import ChoiceItem

    return ChoiceItem(desk.person, "周素琴")


def test_a_delivery_is_counted_by_quality_and_its_pay_shows_while_typing(desk: CraftDesk) -> None:
    order = desk.order()
    desk.assign(order)
    desk.go(order)
    desk.press(Qt.Key.Key_Return)
    form = desk.screen.delivery
    desk.type_in(form, quantity="12", accepted="9")
    assert form.pay.value() == 9 * 1800
    desk.type_in(form, rework="2", scrap="1")
    desk.screen.main_action()
    assert form.form.field("blame").error() == "有报废要选责任"
    form.form.field("blame").set_value("2")

    desk.screen.main_action()

    (line,) = desk.read(order).deliveries
    assert (line.quantity, line.accepted, line.rework, line.scrap, line.blame) == (12, 9, 2, 1, "材料有问题")
    figures = desk.read(order).line.figures
    assert (figures.pay_due, figures.quality, desk.read(order).assigns[0].left) == (16200, 75, 10)


def test_counts_that_do_not_add_up_are_said_at_the_quantity(desk: CraftDesk) -> None:
    order = desk.order()
    desk.assign(order)
    desk.go(order)
    desk.press(Qt.Key.Key_Return)
    desk.type_in(desk.screen.delivery, quantity="12", accepted="9")

    desk.screen.main_action()

    assert "加起来不等于" in desk.screen.delivery.form.field("quantity").error()
    assert desk.read(order).deliveries == ()


def test_a_payment_is_not_less_than_what_is_due_and_offers_no_undo(desk: CraftDesk) -> None:
    order = desk.order()
    desk.deliver(desk.assign(order))
    desk.go(order)
    desk.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    desk.press(Qt.Key.Key_Return)
    form = desk.screen.pay
    paid = form.form.field("pay_paid")
    assert paid.value() == 18000
    form.form.field("receipt_signed").set_value(state.YES)
    paid.set_value(17900)
    desk.screen.main_action()
    assert "不能少付" in paid.error()

    paid.set_value(18000)
    desk.screen.main_action()

    (line,) = desk.read(order).deliveries
    assert (line.pay_paid, line.paid_on) == (18000, clock.today())
    assert desk.said[-1].undo is None


def test_an_order_ends_early_only_with_a_reason(desk: CraftDesk) -> None:
    order = desk.order()
    desk.go(order)
    desk.screen.order_panel.steps["70"].click()
    asking = desk.screen.order_panel.asking
    assert asking is not None
    asking.yes.click()
    assert desk.read(order).line.state == "20"

    asking.chips.set_code("1")
    asking.yes.click()

    view = desk.read(order)
    assert (view.line.state, view.values["ended_why"]) == ("70", "企业取消了订单")
    assert "企业取消了订单" in desk.words()


def test_an_order_is_not_settled_while_pay_is_owed(desk: CraftDesk) -> None:
    order = desk.order()
    desk.deliver(desk.assign(order))
    with desk.database.write(desk.actor) as tx:
        crafts.move_on(tx, order, "50")
    desk.go(order)

    desk.screen.order_panel.steps["60"].click()

    assert "还有 180 元加工费没付" in desk.troubles[-1].text
    assert desk.read(order).line.state == "50"


def test_escape_goes_back_to_the_list_and_the_list_is_filtered_by_initials(desk: CraftDesk) -> None:
    order = desk.order(product="钩针玩偶")
    desk.order(product="杯垫")
    desk.go(order)
    assert desk.screen.pages.currentWidget() is desk.screen.order

    desk.press(Qt.Key.Key_Escape)
    desk.screen.list.filter.set_text("gz")

    assert desk.screen.pages.currentWidget() is desk.screen.list
    assert [line.product for line in desk.screen.list.table.rows()] == ["钩针玩偶"]


def test_who_may_not_work_on_orders_sees_them_and_no_button(qtbot: QtBot, desk: CraftDesk) -> None:
    order = desk.order()
    desk.assign(order)
    view, officer = desk.read(order), state.Rights.of(frozenset({"officer"}))

    assert state.steps(view, officer) == []
    assert not state.may_hand_out(view, officer)
    assert not state.may_deliver(view, view.assigns[0], officer)


def test_the_people_of_the_orders_class_are_offered_first(desk: CraftDesk) -> None:
    with desk.database.write(desk.actor) as tx:
        make = Factory(tx)
        held = make.training_class()
        signed = make.enrolment(held)
        class_id, name = held.id, signed.name
    order = desk.order(class_id=class_id)

    with desk.database.write(desk.actor) as tx:
        assert [(who, why) for _id, who, why in state.load_likely(tx, order)] == [(name, "这张订单的培训班学员")]


def test_what_is_next_with_an_order_is_said_in_a_sentence(desk: CraftDesk) -> None:
    talks = desk.order(taken=False)
    order = desk.order(quantity=20, due_on=clock.today() + timedelta(days=1))
    said = [state.next_words(desk.read(talks)), state.next_words(desk.read(order))]
    assign = desk.assign(order)
    said.append(state.next_words(desk.read(order)))
    paid = desk.deliver(assign, quantity=20, accepted=20)
    said.append(state.next_words(desk.read(order)))
    with desk.database.write(desk.actor) as tx:
        crafts.pay(tx, paid)
    said.append(state.next_words(desk.read(order)))

    assert said == [
        "谈妥了就接下，接下才能发料。", "还有 20 只没派出去。", "都派出去了，等交货。",
        "还有 360 元加工费没付，按结算方式催企业付。", "都交齐、付清了，可以结算。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("奶棉线 40 团 退", {"name": "奶棉线", "quantity": 40, "unit": "团", "return_rest": True}),
        ("填充棉12.5公斤", {"name": "填充棉", "quantity": 12.5, "unit": "公斤", "return_rest": False}),
        ("3 毫米钩针 1 支 退余料", None),
        ("奶棉线", None),
    ],
)
def test_a_line_of_materials_is_read_or_named(typed: str, read: dict[str, Any] | None) -> None:
    if read is None:
        assert typed[:20] in (materials_problem(typed) or "")
    else:
        assert materials_of(typed) == [read]
        assert materials_of(materials_text([read])) == [read]
