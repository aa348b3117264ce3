"""One order opened: who works on it, what came back, what was agreed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.training.crafts import AssignLine
from app.texts import _
from app.ui import theme
from app.ui.crafts import state
from app.ui.crafts.columns import assign_columns, delivery_columns
from app.ui.crafts.state import DeliveryLine, OrderView
from app.ui.table import RecordTable
from app.ui.widgets import Button, Choice, EmptyState, Fact, Scroller, Tabs, Text

PEOPLE, DELIVERIES, TERMS = "people", "deliveries", "terms"


class OrderPage(QWidget):
    """Three tabs over one order. ``changed``: another row or tab is in hand."""

    changed = Signal()
    deliver_requested = Signal(object)
    pay_requested = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.view: OrderView | None = None
        self.title, self.note = Text("", "page"), Text("", "secondary", "text2")
        self.note.setMinimumWidth(10)
        self.back = Button(_("回清单"), "text", "Esc", "arrow-left")
        self.tabs = Tabs(name=_("订单的哪一页"))
        nobody = EmptyState(_("还没有人领料"), _("按 F9 发料：谁、几件、什么时候交，本人签字。"), icon="hand-coins")
        self.people: RecordTable[AssignLine] = RecordTable(
            assign_columns(), name=_("领料的人"), key=lambda line: line.id, empty=nobody
        )
        nothing = EmptyState(_("还没有交货"), _("人来交货时，在“领料的人”里选中，按回车。"), icon="inbox")
        self.deliveries: RecordTable[DeliveryLine] = RecordTable(
            delivery_columns(), name=_("交货和付款"), key=lambda line: line.id, empty=nothing
        )
        self.terms = Scroller(spacing=theme.SPACE[2])
        self.stack = QStackedWidget()
        for widget in (self.people, self.deliveries, self.terms):
            self.stack.addWidget(widget)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self._connect()

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.tabs.chosen.connect(self.show_tab)
        self.people.row_selected.connect(self._on_row)
        self.deliveries.row_selected.connect(self._on_row)
        self.people.row_activated.connect(self.deliver_requested)
        self.deliveries.row_activated.connect(self.pay_requested)

    def show_view(self, view: OrderView) -> None:
        """Show another order, or the same one anew."""
        other = self.view is None or self.view.line.id != view.line.id
        self.view = view
        line = view.line
        self.title.setText(line.product)
        self.note.setText(
            _("{employer}　{count}，单件 {pay}，{day} 交", employer=line.employer_name,
              count=state.pieces(line.quantity, line.unit), pay=state.yuan(line.piece_pay),
              day=state.day_words(line.due_on))
        )  # fmt: skip
        self.tabs.set_choices(
            [
                Choice(PEOPLE, _("领料的人"), len(view.assigns)),
                Choice(DELIVERIES, _("交货和付款"), len(view.deliveries)),
                Choice(TERMS, _("怎么做，怎么算")),
            ]
        )
        self.people.set_rows(view.assigns)
        self.deliveries.set_rows(view.deliveries)
        self._fill_terms(view)
        for table in (self.people, self.deliveries):
            if table.current_row() is None:
                table.select_first()
        self.show_tab(PEOPLE if other else self.tabs.code())

    def show_tab(self, code: str) -> None:
        """Bring a tab to the front."""
        self.tabs.set_code(code)
        at = (PEOPLE, DELIVERIES, TERMS).index(code) if code in (PEOPLE, DELIVERIES, TERMS) else 0
        self.stack.setCurrentIndex(at)
        self.setFocusProxy((self.people, self.deliveries, self.back)[at])
        self.changed.emit()

    def show_person(self, assign_id: str) -> bool:
        """Choose the line of one person's hand-out; False while it is not here."""
        if not self.people.select_key(assign_id):
            return False
        self.show_tab(PEOPLE)
        return True

    def assign(self) -> AssignLine | None:
        """Return the hand-out in hand, where that tab is in front."""
        return self.people.current_row() if self.stack.currentIndex() == 0 else None

    def delivery(self) -> DeliveryLine | None:
        """Return the delivery in hand, where that tab is in front."""
        return self.deliveries.current_row() if self.stack.currentIndex() == 1 else None

    def _on_row(self, _row: object) -> None:
        self.changed.emit()

    def _fill_terms(self, view: OrderView) -> None:
        self.terms.clear()
        values = view.values
        facts = (
            (_("工艺要求"), values["requirements"]),
            (_("发料清单"), _("；").join(values["materials"].splitlines())),
            (_("质量标准、返工规则"), values["quality_rule"]),
            (_("结算周期和方式"), values["settle_way"]),
            (_("款号"), values["style_no"]),
            (_("给哪个培训班的学员"), view.class_title),
            (_("押金"), state.deposit_words(values)),
            (_("终止原因"), values["ended_why"]),
        )
        for label, words in facts:
            if words:
                self.terms.body.addWidget(Fact(label, words))
        self.terms.body.addStretch(1)
