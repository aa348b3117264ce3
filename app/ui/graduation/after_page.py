"""What became of the graduates: the table, and its panel with the figures and who is to be asked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.training.afterwards import AfterLine
from app.texts import _
from app.ui import theme
from app.ui.graduation import after
from app.ui.graduation.after import AfterView
from app.ui.table import Column, RecordTable
from app.ui.widgets import Button, Chip, EmptyState, Fact, IconLabel, Scroller, Text


class AfterPage(QWidget):
    """One line a graduate; Enter opens her file."""

    selected = Signal(object)
    activated = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.view: AfterView | None = None
        self.sum = Text("", "body", "text2", wrap=True)
        empty = EmptyState(_("还没有人结业"), _("办了结业，这里看每个人后来有没有上岗。"), icon="briefcase")
        self.table: RecordTable[AfterLine] = RecordTable(
            self._columns(), name=_("结业之后"), row_height=40, key=lambda line: line.enrolment_id, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.sum)
        column.addWidget(self.table, 1)
        self.table.row_selected.connect(self.selected)
        self.table.row_activated.connect(self.activated)
        self.setFocusProxy(self.table)

    def _columns(self) -> tuple[Column[AfterLine], ...]:
        return (
            Column(_("姓名"), lambda line: line.name, width=92, bold=True),
            Column(_("结业日期"), lambda line: line.ended_on.isoformat(), width=100),
            Column(_("算到"), lambda line: line.until.isoformat(), width=100),
            Column(_("就业"), after.outcome_words, width=170, chip=lambda line: after.TONES[line.outcome], stretch=1),
            Column(_("上岗"), lambda line: line.employed_on.isoformat() if line.employed_on else "", width=100),
            Column(_("怎么上岗的"), after.how_words, width=190, stretch=1, tone=lambda _line: "text2"),
            Column(_("回访"), self._due, width=150, tone=self._due_tone),
        )

    def _due(self, line: AfterLine) -> str:
        return after.due_words(line, self.view) if self.view is not None else ""

    def _due_tone(self, line: AfterLine) -> str:
        return after.due_tone(line, self.view) if self.view is not None else "text2"

    def show_view(self, view: AfterView) -> None:
        """Show what was read."""
        self.view = view
        self.sum.setText(after.sum_words(view))
        self.table.set_rows(list(view.found.lines))
        if self.table.current_row() is None:
            self.table.select_first()
        self.selected.emit(self.line())

    def line(self) -> AfterLine | None:
        """Return the chosen graduate."""
        return self.table.current_row()


class AfterPanel(QWidget):
    """One graduate, and the way to her file."""

    file_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.main = Button(_("打开档案"), "filled", "F9", "user-round", height=theme.HEIGHT["main"])
        self.main.clicked.connect(self.file_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.main)
        self.show_line(None, None)

    def show_line(self, line: AfterLine | None, view: AfterView | None) -> None:
        """Show another graduate."""
        self._scroll.clear()
        body = self._scroll.body
        known = line is not None and after.is_here(line)
        self.main.setEnabled(known)
        if line is None or view is None:
            body.addWidget(Text(_("结业之后"), "page"))
            body.addWidget(Text(_("就业按就业状态和推荐录用算，不用另外登记。"), "body", "text2", wrap=True))
            body.addStretch(1)
            return
        body.addWidget(Text(line.name, "page", wrap=True))
        body.addWidget(Chip(after.outcome_words(line), after.TONES[line.outcome]))
        due = after.due_words(line, view)
        if due:
            body.addWidget(IconLabel("phone", due, after.due_tone(line, view), wrap=True))
        if not known:
            text = _("本人档案在别的站，这里看不到后来的情况。")
            body.addWidget(IconLabel("info", text, "text2", role="secondary", wrap=True))
        for label, words in (
            (_("结业日期"), line.ended_on.isoformat()),
            (_("{n} 天算到", n=view.found.within_days), line.until.isoformat()),
            (_("上岗"), after.how_words(line)),
        ):
            body.addWidget(Fact(label, words))
        body.addStretch(1)
