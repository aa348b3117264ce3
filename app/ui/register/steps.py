"""The bar of steps under the title: where one is, what is done, where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.register.state import DONE, HERE, TODO, WRONG
from app.ui.widgets import FlowLayout, Hairline, SectionTitle, Themed, paint


class _Step(Themed, QPushButton):
    """One step: a disc with its number or mark, then its word."""

    def __init__(self, number: int, word: str) -> None:
        super().__init__(word)
        self.number, self.state = number, TODO
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(_("到第 {n} 步（Ctrl PgUp、Ctrl PgDn）", n=number))

    def set_state(self, state: str) -> None:
        """Show how the step stands, in words too."""
        if state == self.state:
            return
        self.state = state
        words = {DONE: _("填好了"), WRONG: _("有错"), HERE: _("正在填"), TODO: _("还没填好")}
        self.setAccessibleName(f"{self.number} {self.text()}，{words[state]}")
        self.restyle()

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        width = paint.width_of(look.font("body", bold=self.state == HERE), self.text())
        return QSize(round(width) + look.px(34), look.px(32))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius, middle = look.px(10.5), self.height() / 2
        disc = QPointF(radius + 1, middle)
        ink, fill = {
            HERE: ("on_accent", "accent"), DONE: ("accent_text", "accent_soft"), WRONG: ("red", "red_soft"),
        }.get(self.state, ("text2", "surface"))  # fmt: skip
        painter.setPen(look.color("field") if self.state == TODO else Qt.PenStyle.NoPen)
        painter.setBrush(look.color(fill))
        painter.drawEllipse(disc, radius, radius)
        box = QRectF(disc.x() - radius, middle - radius, 2 * radius, 2 * radius)
        if self.state == DONE:
            size = look.px(13)
            icons.paint(painter, "check", box.center().x() - size / 2, middle - size / 2, ink, size)
        else:
            mark = "!" if self.state == WRONG else str(self.number)
            font = look.font("caption", bold=self.state != TODO)
            paint.text(painter, box, mark, font, look.color(ink), paint.CENTER)
        font = look.font("body", bold=self.state == HERE)
        left = look.px(30)
        paint.text(painter, QRectF(left, 0, self.width() - left, self.height()), self.text(), font, look.color("text"))


class StepBar(QWidget):
    """All steps side by side."""

    step_requested = Signal(int)

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.steps = [_Step(number, word) for number, word in enumerate(words, 1)]
        row = FlowLayout(self, spacing=theme.SPACE[4], line_spacing=theme.SPACE[0])
        for step in self.steps:
            step.clicked.connect(self._on_clicked)
            row.addWidget(step)

    def show_states(self, states: Sequence[str]) -> None:
        """Show how each step stands."""
        for step, state in zip(self.steps, states, strict=True):
            step.set_state(state)

    def _on_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, _Step):
            self.step_requested.emit(sender.number)


class StepHead(QWidget):
    """What opens a step on the sheet: a hairline, then number and word."""

    def __init__(self, number: int, word: str, note: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(Hairline())
        column.addWidget(SectionTitle(f"{number}  {word}", note))
