"""The panel at the right: what comes next, what may be done, how far the service package is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.resident_file.state import Action, NextStep, Progress
from app.ui.widgets import Button, Card, Hairline, ProgressBarThin, SectionTitle, Text, Themed, paint, part


class ActionLine(Themed, QPushButton):
    """One thing that may be done: icon, words, its key at the right end."""

    def __init__(self, action: Action) -> None:
        super().__init__(action.text)
        self.action = action
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(action.text)
        self.setAccessibleDescription(action.key)
        self.setToolTip(action.text)

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        keys = paint.key_cap_width(look, self.action.key) if self.action.key else 0
        width = look.px(40) + paint.width_of(look.font(), self.text()) + keys
        return QSize(round(width), max(look.px(32), round(paint.line_height(look.font())) + 10))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.of(self).px(80), self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, middle = QRectF(self.rect()), self.height() / 2
        warm = self.underMouse() or self.isDown()
        if warm or self.hasFocus():
            ring = look.color("accent") if self.hasFocus() else None
            paint.rounded(painter, box, 8, look.color("hover") if warm else None, ring, 2)
        size = look.px(icons.SMALL)
        icons.paint(painter, self.action.icon, look.px(2), middle - size / 2, "text2", size)
        left = look.px(24)
        right = box.right() - look.px(2)
        if self.action.key:
            right -= paint.key_cap_width(look, self.action.key)
            paint.key_cap(painter, look, right, middle, self.action.key)
        words = QRectF(left, 0, right - left - look.px(6), box.height())
        fits = paint.width_of(look.font(), self.text()) <= words.width()
        paint.text(painter, words, self.text(), look.font("body" if fits else "secondary"), look.color("text"))


class NextCard(Card):
    """What she needs next, with the screen's main button."""

    act_requested = Signal()

    def __init__(self) -> None:
        super().__init__("accent_soft", None, radius=theme.RADIUS["panel"], padding=16)
        self.body.setSpacing(4)
        self.lead = Text(_("下一步"), "secondary", "accent_text")
        self.title = Text("", "section", wrap=True)
        self.text = Text("", "secondary", "text2", wrap=True)
        self.button = Button("", "filled", height=theme.HEIGHT["main"] - 4)
        for widget in (self.lead, self.title, self.text):
            self.body.addWidget(widget)
        self.body.addSpacing(4)
        self.body.addWidget(self.button)
        self.button.clicked.connect(self.act_requested)

    def set_step(self, step: NextStep) -> None:
        """Show another step."""
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.button.set_label(step.button, key=step.key, icon=step.icon or None)
        self.button.setVisible(bool(step.button))
        self.setAccessibleName(f"{_('下一步')}：{step.title}，{step.text}")


class ProgressLines(QWidget):
    """The service package: a bar and a figure for each kind of service."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE[2])
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)

    def set_lines(self, lines: Sequence[Progress]) -> None:
        """Show other figures."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        look = theme.of(self)
        for row, line in enumerate(lines):
            full = line.done >= line.need
            bar = ProgressBarThin(steps=line.need)
            bar.set_share(
                line.done / line.need, name=_("{what} {done}/{need}", what=line.label, done=line.done, need=line.need)
            )
            bar.setFixedWidth(look.px(80))
            figure = Text(f"{line.done}/{line.need}", "body", "accent_text" if full else "text2", bold=full)
            self._grid.addWidget(Text(line.label), row, 0)
            self._grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(figure, row, 2, Qt.AlignmentFlag.AlignRight)


class SidePanel(QScrollArea):
    """Next step, actions with their keys, service progress; scrolls only when the text is very big."""

    next_requested = Signal()
    action_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        sheet = part(QWidget(), "transparent")
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        self.next = NextCard()
        self.lines: list[ActionLine] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(1)
        self.more = ActionLine(Action("more", _("更多"), "ellipsis"))
        self.more.clicked.connect(self._on_more)
        self.progress_title, self.package = SectionTitle(_("服务进度"), role="strong"), Text("", "secondary", "text2")
        self.progress_title.add(self.package)
        self.progress = ProgressLines()
        column.addWidget(self.next)
        column.addSpacing(4)
        column.addWidget(Text(_("办理"), "secondary", "text2"))
        column.addLayout(self._list)
        column.addWidget(self.more)
        column.addWidget(Hairline())
        column.addSpacing(4)
        column.addWidget(self.progress_title)
        column.addWidget(self.progress)
        column.addStretch(1)
        self.setWidget(sheet)
        self.next.act_requested.connect(self.next_requested)

    def set_content(
        self, step: NextStep, actions: Sequence[Action], progress: Sequence[Progress], package: str
    ) -> None:
        """Show another person's panel."""
        self.next.set_step(step)
        if [line.action for line in self.lines] != list(actions):
            self._set_actions(actions)
        self.package.setText(_("“{name}” 服务包", name=package))
        self.progress.set_lines(progress)

    def _set_actions(self, actions: Sequence[Action]) -> None:
        for line in self.lines:
            self._list.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = [ActionLine(action) for action in actions]
        for line in self.lines:
            line.clicked.connect(self._on_line_clicked)
            self._list.addWidget(line)
        self._show_rare(shown=False)

    def _show_rare(self, *, shown: bool) -> None:
        rare = [line for line in self.lines if line.action.rare]
        for line in rare:
            line.setVisible(shown)
        self.more.setVisible(bool(rare) and not shown)

    def _on_more(self) -> None:
        """Show the rare lines and go to the first of them."""
        self._show_rare(shown=True)
        next(line for line in self.lines if line.action.rare).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_line_clicked(self) -> None:
        line = self.sender()
        if isinstance(line, ActionLine):
            self.action_requested.emit(line.action.name)

    def line(self, name: str) -> ActionLine | None:
        """Return the line of an action, if it is offered."""
        return next((line for line in self.lines if line.action.name == name), None)
