"""The graduation list: hours against the line, scores, the outcome and why; above it what is still open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.graduation import state
from app.ui.graduation.state import GradRow, GradView
from app.ui.table import Column, RecordTable
from app.ui.widgets import Card, EmptyState, IconLabel, paint


class ListPage(QWidget):
    """One line a person; Enter or a digit goes to her scores."""

    selected = Signal(object)
    activated = Signal(object)
    digit_typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.view: GradView | None = None
        self.card = Card("yellow_soft", None, padding=10)
        self.card.body.setSpacing(2)
        self.points: list[IconLabel] = []
        empty = EmptyState(_("名单上还没有人"), _("报了名、上过课的人，这里都有。"), icon="graduation-cap")
        self.table: RecordTable[GradRow] = RecordTable(
            self._columns(), name=_("结业名单"), row_height=38, key=lambda row: row.line.enrolment_id, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.card)
        column.addWidget(self.table, 1)
        self.table.row_selected.connect(self.selected)
        self.table.row_activated.connect(self.activated)
        self.table.view.installEventFilter(self)
        self.setFocusProxy(self.table)
        self.card.hide()

    def _columns(self) -> tuple[Column[GradRow], ...]:
        return (
            Column(_("姓名"), lambda row: row.line.name, width=92, bold=True),
            Column(
                _("出勤课时"),
                state.hours_words,
                width=176,
                paint=self._paint_hours,
                sort_key=lambda row: row.line.progress.percent_of_all,
            ),
            Column(_("理论"), lambda row: state.score_words(row, "theory"), width=66, align="right"),
            Column(_("实操"), lambda row: state.score_words(row, "practice"), width=74, align="right"),
            Column(_("结果"), self._result, width=96, chip=self._result_tone),
            Column(_("差什么"), state.reason_words, width=176, stretch=2, tone=lambda _row: "text2"),
            Column(_("结业证明"), state.certificate_words, width=116),
            Column(_("别的证书"), state.other_words, width=110, stretch=1, tone=lambda _row: "text2"),
        )

    def _result(self, row: GradRow) -> str:
        return state.result_words(row, self.view) if self.view is not None else ""

    def _result_tone(self, row: GradRow) -> str:
        return state.result_tone(row, self.view) if self.view is not None else "neutral"

    def _paint_hours(self, painter: QPainter, look: theme.Theme, box: QRectF, row: GradRow, *, selected: bool) -> None:
        """Draw the bar of hours with the line to be reached, and the figures beside it."""
        percent = self.view.found.percent if self.view is not None else 80
        done, middle, wide = row.line.progress, box.center().y(), look.px(64)
        bar = QRectF(box.left(), middle - 2.5, wide, 5)
        paint.rounded(painter, bar, 2.5, look.color("line2" if selected else "track"))
        share = min(1.0, done.percent_of_all / 100)
        if share > 0:
            fill = "accent" if done.enough else "yellow_fill" if done.lessons_to_miss >= 0 else "red_fill"
            paint.rounded(painter, QRectF(bar.left(), bar.top(), wide * share, 5), 2.5, look.color(fill))
        painter.fillRect(QRectF(bar.left() + wide * percent / 100, middle - 7, 1.5, 14), look.color("text3"))
        words = QRectF(bar.right() + look.px(10), box.top(), box.right() - bar.right() - look.px(10), box.height())
        figures = f"{state.hours_words(row)}  {done.percent_of_all}%"
        paint.text(painter, words, figures, look.font("secondary"), look.color("text"))

    def show_view(self, view: GradView) -> None:
        """Show another list, or the same one read anew."""
        self.view = view
        self.table.set_rows(list(view.rows))
        if self.table.current_row() is None:
            self.table.select_first()
        for label in self.points:
            label.hide()
            label.deleteLater()
        points = state.points_words(view)
        self.points = [IconLabel("triangle-alert", words, "text", icon_tone="yellow", wrap=True) for words in points]
        for label in self.points:
            self.card.body.addWidget(label)
        self.card.setVisible(bool(points))
        self.card.setAccessibleName(_("；").join(points))

    def row(self) -> GradRow | None:
        """Return the chosen person."""
        return self.table.current_row()

    def next_without_score(self) -> bool:
        """Choose the next person, from the chosen one on, who has no scores yet; False if there is none."""
        rows, row = self.table.rows(), self.row()
        at = rows.index(row) if row in rows else -1
        for each in (*rows[at + 1 :], *rows[: at + 1]):
            if each.line.score is None and each.line.progress.attended > 0:
                return self.table.select_key(each.line.enrolment_id)
        return False

    def eventFilter(self, watched: object, event: object) -> bool:
        """Send a digit typed over the list to the first score."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if plain and event.text().isdigit():
                self.digit_typed.emit(event.text())
                return True
        return False
