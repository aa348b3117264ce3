"""The right panel: one order's figures, what is next, and the acts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.models.craft import ENDED, TALKS
from app.texts import _
from app.ui import theme
from app.ui.crafts import state
from app.ui.crafts.state import OrderView, Rights
from app.ui.questions import AskCard, ReasonCard
from app.ui.widgets import Button, Chip, EmptyState, Hairline, IconLabel, Scroller, Text, row_of


class OrderPanel(QWidget):
    """Shows an order. ``opened``: its page is in front, so its steps are offered; else the way to open it."""

    main_requested = Signal()
    open_requested = Signal()
    deliver_requested = Signal()
    pay_requested = Signal()
    edit_requested = Signal()
    step_requested = Signal(str, str)

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self.view: OrderView | None = None
        self._opened = False
        self.steps: dict[str, Button] = {}
        self._scroll = Scroller(spacing=4)
        self.edit = Button(_("改订单"), "text", "Ctrl E", "pencil", height=32)
        self.deliver = Button(_("登记交货"), "outline", "Enter", "inbox")
        self.pay = Button(_("付加工费"), "outline", "Enter", "banknote")
        self.show_order = Button(_("打开订单"), "outline", "Enter", "arrow-right")
        self.main = Button(_("登记订单"), "filled", "F9", "plus", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        for button in (self.edit, self.show_order, self.deliver, self.pay, self.main):
            column.addWidget(button)
        self.edit.clicked.connect(self.edit_requested)
        self.show_order.clicked.connect(self.open_requested)
        self.deliver.clicked.connect(self.deliver_requested)
        self.pay.clicked.connect(self.pay_requested)
        self.main.clicked.connect(self.main_requested)
        self.show_view(None, opened=False)

    def show_view(self, view: OrderView | None, *, opened: bool) -> None:
        """Show another order, or that none is chosen."""
        self.view, self._opened = view, opened
        self.drop_question()
        self._scroll.clear()
        self.steps = {}
        if view is None:
            self._scroll.body.addWidget(EmptyState(_("没有选中订单"), _("在左边选一张。"), icon="hand-coins"))
        else:
            self._fill(view)
        self._scroll.body.addStretch(1)
        over = view is not None and not state.steps(view, self._rights)
        self.edit.setVisible(view is not None and self._rights.take and not over)
        self.show_order.setVisible(view is not None and not opened)
        self.show_acts(deliver=False, pay=False)
        self._show_main(view)

    def show_acts(self, *, deliver: bool, pay: bool) -> None:
        """Offer what can be done with the row in hand."""
        self.deliver.setVisible(deliver)
        self.pay.setVisible(pay)

    def _show_main(self, view: OrderView | None) -> None:
        if not self._opened or view is None:
            self.main.set_label(_("登记订单"), icon="plus")
            self.main.setVisible(self._rights.take)
        elif view.line.state == TALKS:
            self.main.set_label(_("接下这张订单"), icon="handshake")
            self.main.setVisible(self._rights.work)
        else:
            self.main.set_label(_("发料"), icon="hand-coins")
            self.main.setVisible(state.may_hand_out(view, self._rights))

    def _fill(self, view: OrderView) -> None:
        body, line = self._scroll.body, view.line
        body.addWidget(Text(line.product, "page", wrap=True))
        body.addWidget(Text(line.employer_name, "secondary", "text2", wrap=True))
        body.addWidget(row_of([Chip(state.state_words(line), state.state_tone(line)),
                               Text(line.order_no, "secondary", "text2")]))  # fmt: skip
        body.addWidget(IconLabel("info", state.next_words(view), "blue", role="secondary", wrap=True))
        agreed = view.values["no_deposit"] == state.YES
        rule = IconLabel("shield-check" if agreed else "shield", state.deposit_words(view.values),
                         "accent_text" if agreed else "orange", role="secondary", wrap=True)  # fmt: skip
        body.addWidget(rule)
        body.addWidget(Hairline())
        body.addWidget(_figures(state.figure_words(line.figures, line.unit)))
        if self._opened:
            self._fill_steps(view)

    def _fill_steps(self, view: OrderView) -> None:
        offered = [
            (code, label)
            for code, label in state.steps(view, self._rights)
            if view.line.state != TALKS or code == ENDED
        ]
        if not offered:
            return
        self._scroll.body.addWidget(Hairline())
        self._scroll.body.addWidget(Text(_("订单走到哪一步"), "secondary", "text2"))
        for code, label in offered:
            button = Button(label, "text" if code == ENDED else "outline", height=32)
            button.clicked.connect(partial(self._on_step, code))
            self._scroll.body.addWidget(button)
            self.steps[code] = button

    def _on_step(self, code: str) -> None:
        if code == ENDED:
            self.ask_why()
        else:
            self.step_requested.emit(code, "")

    @property
    def asking(self) -> AskCard | None:
        """Return the question under way."""
        return self._scroll.asking

    def ask_why(self) -> None:
        """Ask why the order ends early, in place."""
        if self._scroll.asking is not None:
            return
        reasons = [(code, _(words)) for code, words in state.END_REASONS]
        card = ReasonCard(_("为什么终止这张订单？"), reasons, _("终止"))
        card.decided.connect(self._on_end_decided)
        self._scroll.ask(card)

    def _on_end_decided(self, why: str) -> None:
        self.drop_question()
        self.step_requested.emit(ENDED, why)

    def drop_question(self) -> None:
        """Take the question away."""
        self._scroll.drop_question()


def _figures(figures: Sequence[tuple[str, str]]) -> QWidget:
    """Return labels and figures in two columns."""
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 4, 0, 4)
    grid.setHorizontalSpacing(theme.SPACE[2])
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for row, (label, words) in enumerate(figures):
        value = Text(words, "secondary", wrap=True)
        value.setAccessibleName(f"{label} {words}")
        grid.addWidget(Text(label, "secondary", "text2"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
    return holder
