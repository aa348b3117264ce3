"""Craft orders: the list, one order opened, and the forms behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.craft import TAKEN, TALKS
from app.services.training import crafts
from app.services.training.crafts import AssignLine, CraftLine
from app.texts import _
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.crafts import state
from app.ui.crafts.forms import DeliveryForm, HandOutForm, OrderForm, PayForm
from app.ui.crafts.list_page import ListPage
from app.ui.crafts.order_page import DELIVERIES, PEOPLE, TERMS, OrderPage
from app.ui.crafts.panel import OrderPanel
from app.ui.crafts.state import DeliveryLine, OrderView, Rights
from app.ui.keys import KeyHint
from app.ui.tasks import Task
from app.ui.vacancies.form_page import RecordForm

if TYPE_CHECKING:
    from app.db.database import Transaction


class CraftsScreen(QWidget):
    """The screen 手工订单."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._rights = Rights.of(context.actor.roles)
        self._doer = Doer(context, self)
        self._asked: Task[OrderView] | None = None
        self._wanted = self._fresh = ""
        self._came = False
        self._build()
        self._connect()

    def _build(self) -> None:
        self.list, self.order = ListPage(), OrderPage()
        self.order_form = OrderForm(self._context, self._doer)
        self.hand_out = HandOutForm(self._context, self._doer)
        self.delivery = DeliveryForm(self._context, self._doer)
        self.pay = PayForm(self._context, self._doer)
        self.forms: tuple[RecordForm, ...] = (self.order_form, self.hand_out, self.delivery, self.pay)
        self.pages = QStackedWidget()
        for page in (self.list, self.order, *self.forms):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 8)
        outer.addWidget(self.pages)
        self.order_panel = OrderPanel(self._rights)
        self.panel = QStackedWidget()
        for side in (self.order_panel, *(form.panel for form in self.forms)):
            self.panel.addWidget(side)
        self.setFocusProxy(self.list)

    def _connect(self) -> None:
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self.show_order)
        self.order.changed.connect(self._show_acts)
        self.order.left.connect(self.show_list)
        self.order.deliver_requested.connect(self._on_deliver)
        self.order.pay_requested.connect(self._on_pay)
        side = self.order_panel
        side.main_requested.connect(self.main_action)
        side.open_requested.connect(self._on_open)
        side.deliver_requested.connect(self._on_deliver_button)
        side.pay_requested.connect(self._on_pay_button)
        side.edit_requested.connect(self._on_edit)
        side.step_requested.connect(self._on_step)
        for form in self.forms:
            form.saved.connect(self._on_saved)
            form.left.connect(self._on_form_left)
        self._doer.changed.connect(self.refresh)

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show the list, or with ``id`` that order."""
        self._came = True
        wanted = arguments.get("id")
        if isinstance(wanted, str) and wanted:
            self.show_order(wanted)
        elif self._in_order:
            self.show_list()

    def refresh(self) -> None:
        """Read the list and the order in front anew."""
        self.list.table.set_loading()
        self._context.runner.read(state.load_orders, self._on_lines)
        if self._wanted:
            self._read(self._wanted)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        if isinstance(self.pages.currentWidget(), RecordForm):
            return [KeyHint(("Enter",), _("下一栏")), KeyHint(("0", "9"), _("按代码选")), KeyHint(("F9",), _("保存")),
                    KeyHint(("Esc",), _("先放一放"))]  # fmt: skip
        if self._in_order:
            tab = self.order.tabs.code()
            enter = {PEOPLE: [KeyHint(("Enter",), _("登记交货"))], DELIVERIES: [KeyHint(("Enter",), _("付加工费"))]}
            main = [] if self.order_panel.main.isHidden() else [KeyHint(("F9",), self.order_panel.main.text())]
            return [KeyHint(("↑", "↓"), _("选一行")), *enter.get(tab, []), *main, KeyHint(("Ctrl", "1–3"), _("换一页")),
                    KeyHint(("Esc",), _("回清单"))]  # fmt: skip
        return [KeyHint(("↑", "↓"), _("选一行")), KeyHint(("Enter",), _("打开订单")), KeyHint(("/",), _("筛选")),
                KeyHint(("F9",), _("登记订单"))]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        if isinstance(self.pages.currentWidget(), RecordForm):
            return {}
        known: dict[str, Callable[[], object]] = {} if self._in_order else {"filter": self.list.filter.setFocus}
        if not self.order_panel.edit.isHidden():
            known["edit"] = self._on_edit
        return known

    def main_action(self) -> None:
        """Do what the filled button does (F9)."""
        page, view = self.pages.currentWidget(), self.order_panel.view
        if isinstance(page, RecordForm):
            page.save()
        elif self.order_panel.main.isHidden():
            return
        elif not self._in_order or view is None:
            self._on_new()
        elif view.line.state == TALKS:
            self._on_step(TAKEN, "")
        else:
            self._on_hand_out()

    def may_leave(self) -> bool:
        """Keep what was typed; nobody is held."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.keep()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digits = {Qt.Key.Key_1: PEOPLE, Qt.Key.Key_2: DELIVERIES, Qt.Key.Key_3: TERMS}
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape and self._in_order:
            self.show_list()
        elif event.key() == Qt.Key.Key_Escape and self.pages.currentWidget() is self.list and self.list.leave_filter():
            return
        elif ctrl and self._in_order and Qt.Key(event.key()) in digits:
            self.order.show_tab(digits[Qt.Key(event.key())])
            self.order.setFocus()
        else:
            super().keyPressEvent(event)

    @property
    def _in_order(self) -> bool:
        return self.pages.currentWidget() is self.order

    # -- pages --------------------------------------------------------------------------------------------------
    def show_list(self) -> None:
        """Go back to the list."""
        self._wanted = ""
        self._show_page(self.list)
        self._on_chosen(self.list.table.current_row())

    def show_order(self, order_id: str) -> None:
        """Open an order."""
        self._wanted = order_id
        self._read(order_id)

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.panel.setCurrentWidget(page.panel if isinstance(page, RecordForm) else self.order_panel)
        self.setFocusProxy(page)
        if not isinstance(page, RecordForm):
            page.setFocus()
        show_keys(self)

    # -- reading ------------------------------------------------------------------------------------------------
    def _on_lines(self, lines: list[CraftLine]) -> None:
        self.list.set_lines(lines)
        if self._came and not self._wanted and self.pages.currentWidget() is self.list:
            self.list.setFocus()  # the list was not there to take the keyboard when the screen opened
        self._came = False

    def _on_chosen(self, line: CraftLine | None) -> None:
        if self._wanted or self.pages.currentWidget() is not self.list:
            return
        if line is None:
            self.order_panel.show_view(None, opened=False)
        else:
            self._read(line.id)

    def _read(self, order_id: str) -> None:
        if self._asked is not None:
            self._asked.cancel()
        load = partial(state.load_order, order_id=order_id)
        self._asked = self._context.runner.read(load, self._on_view, self._on_no_view)

    def _on_view(self, view: OrderView) -> None:
        opened = view.line.id == self._wanted
        self.order_panel.show_view(view, opened=opened)
        if not opened:
            return
        self.order.show_view(view)
        if self._fresh and self.order.show_person(self._fresh):
            self._fresh = ""
        if self.pages.currentWidget() is self.list:
            self._show_page(self.order)
        self._show_acts()

    def _on_no_view(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self.show_list()

    def _show_acts(self) -> None:
        view = self.order_panel.view
        if view is not None and self._in_order:
            can_deliver = state.may_deliver(view, self.order.assign(), self._rights)
            can_pay = state.may_pay(self.order.delivery(), self._rights)
            self.order_panel.show_acts(deliver=can_deliver, pay=can_pay)
            show_keys(self)

    # -- doing --------------------------------------------------------------------------------------------------
    def _on_open(self) -> None:
        line = self.list.table.current_row()
        if line is not None:
            self.show_order(line.id)

    def _on_new(self) -> None:
        self._context.runner.read(state.load_offers, partial(self._on_offers, None))

    def _on_edit(self) -> None:
        if self.order_panel.view is not None and not self.order_panel.edit.isHidden():
            self._context.runner.read(state.load_offers, partial(self._on_offers, self.order_panel.view))

    def _on_offers(self, view: OrderView | None, offered: Any) -> None:
        self.order_form.offer(*offered)
        self._show_page(self.order_form)
        if view is None:
            self.order_form.start_new({})
        else:
            self.order_form.start_edit(view.line.id, view.values, {})

    def _on_step(self, code: str, why: str) -> None:
        view = self.order_panel.view
        if view is not None:
            said = _("订单“{product}”：{step}", product=view.line.product, step=_(state.STEP_WORDS[code]))
            self._doer.do(partial(_move, view.line.id, code, why), said)

    def _on_hand_out(self) -> None:
        view = self.order_panel.view
        if view is not None:
            load = partial(state.load_likely, order_id=view.line.id)
            self._context.runner.read(load, partial(self._on_likely, view))

    def _on_likely(self, view: OrderView, likely: list[tuple[str, str, str]]) -> None:
        self._show_page(self.hand_out)
        self.hand_out.start_for(view, likely)

    def _on_deliver_button(self) -> None:
        self._on_deliver(self.order.assign())

    def _on_deliver(self, assign: AssignLine | None) -> None:
        view = self.order_panel.view
        if view is None or assign is None:
            return
        if not state.may_deliver(view, assign, self._rights):
            self._context.messages.remark(_("{name} 已经交齐，没有要登记的。", name=assign.name))
            return
        self._show_page(self.delivery)
        self.delivery.start_for(view, assign)

    def _on_pay_button(self) -> None:
        self._on_pay(self.order.delivery())

    def _on_pay(self, delivery: DeliveryLine | None) -> None:
        view = self.order_panel.view
        if view is None or delivery is None:
            return
        if not state.may_pay(delivery, self._rights):
            self._context.messages.remark(_("这一笔没有要付的。"))
            return
        self._show_page(self.pay)
        self.pay.start_for(view, delivery)

    def _on_saved(self, record_id: str) -> None:
        form = self.pages.currentWidget()
        if form is self.order_form:
            self._wanted = record_id
        self._fresh = record_id if form is self.hand_out else ""
        self._show_page(self.order)
        self._read(self._wanted)

    def _on_form_left(self) -> None:
        self._show_page(self.order if self._wanted else self.list)
        self._show_acts()


def _move(order_id: str, code: str, why: str, tx: Transaction) -> object:
    return crafts.move_on(tx, order_id, code, why or None)
