"""The field of the ID number: big, in groups, masked when it is left."""

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from app.models.masking import mask_id
from app.texts import _
from app.ui import entry, theme
from app.ui.fields.base import Field
from app.ui.widgets import IconButton, IconTile, Text, Themed, paint
from app.ui.widgets.themed import repaint_frame

REVEAL_MS = 30_000
_LONGEST = 30
_SAMPLE = "330421 19790425 9966"


class _Line(QLineEdit):
    """Gives nothing to the clipboard unless that is allowed."""

    typed_over = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.may_copy, self.is_masked = False, False
        self.setProperty("bare", True)
        self.setFrame(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        taking = event.matches(QKeySequence.StandardKey.Copy) or event.matches(QKeySequence.StandardKey.Cut)
        if taking and not self.may_copy:
            event.accept()
            return
        erasing = event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
        if self.is_masked and (erasing or (event.text().isprintable() and event.text())):
            self.typed_over.emit("" if erasing else event.text())
            return
        if self.is_masked and event.matches(QKeySequence.StandardKey.Paste):
            self.typed_over.emit("")
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.may_copy:
            super().contextMenuEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.is_masked:
            self.selectAll()
        repaint_frame(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        repaint_frame(self)


class _Frame(Themed, QFrame):
    """The box round number, state and eye."""

    def __init__(self, line: _Line, state: QWidget, eye: QWidget) -> None:
        super().__init__()
        self._line, self._state, self._eye, self._is_bad = line, state, eye, False
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(line, 1)
        row.addWidget(state)
        row.addWidget(eye)
        self.restyle()

    def set_bad(self, bad: bool) -> None:
        self._is_bad = bad
        self.update()

    def restyle(self) -> None:
        look = theme.of(self)
        height = round(paint.line_height(look.font("title", bold=False))) + 8
        self.setFixedHeight(max(look.px(theme.HEIGHT["id_field"]), height))
        self.fit()
        self.update()

    def fit(self) -> None:
        """Take the biggest type in which the whole number is seen."""
        look, others = theme.of(self), (self._state, self._eye)
        room = self.width() - 36 - sum(other.sizeHint().width() + 6 for other in others if not other.isHidden())
        fonts = [look.font(role, bold=False) for role in ("title", "page", "section", "body")]
        self._line.setFont(next((font for font in fonts if paint.width_of(font, _SAMPLE) <= room), fonts[-1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        return QSize(theme.of(self).px(420), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        on = self._line.hasFocus()
        token = "red_fill" if self._is_bad else "accent" if on else "field"
        width = 2 if on or self._is_bad else 1
        paint.rounded(painter, QRectF(self.rect()), 8, look.color("surface"), look.color(token), width)


class IdField(Field):
    """An ID number: clear while it is typed, masked once it is left without an error.

    Typing into a masked number begins it anew. The eye asks (``reveal_requested``); the screen, having asked for the
    reason and recorded it, calls ``reveal``.
    """

    reveal_requested = Signal()

    def __init__(self, label: str, *, may_copy: bool = False, **options: Any) -> None:
        self.line = _Line()
        self.line.may_copy = may_copy
        self.line.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._number, self._is_open = "", True
        self._mark, self._words = IconTile("circle-check", "accent_text"), Text("", "body", "accent_text")
        self._state = QWidget()
        row = QHBoxLayout(self._state)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._words)
        self._eye = IconButton("eye", _("看完整的{name}", name=label))
        self._eye.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.frame = _Frame(self.line, self._state, self._eye)
        super().__init__(label, self.frame, **options)
        self.editor = self.line
        self.frame.removeEventFilter(self)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self.set_required(self.is_required)
        self.set_state("")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REVEAL_MS)
        self._timer.timeout.connect(self.hide_middle)
        self.line.textEdited.connect(self._on_text_edited)
        self.line.typed_over.connect(self._on_typed_over)
        self._eye.clicked.connect(self._on_eye_clicked)

    def value(self) -> str | None:
        return self._number or None

    def set_value(self, value: Any) -> None:
        """Show a stored number, masked."""
        self._number = value or ""
        self._is_open = not self._number
        self._show()

    def set_state(self, text: str, *, icon: str = "circle-check", tone: str = "accent_text") -> None:
        """Say at the right how the check went (校验通过)."""
        self._state.setVisible(bool(text))
        self._mark.set_icon(icon, tone)
        self._words.setText(text)
        self._words.set_tone(tone)
        self.frame.fit()

    @property
    def is_masked(self) -> bool:
        """Whether the middle is hidden now."""
        return bool(self._number) and not self._is_open

    def reveal(self) -> None:
        """Show the whole number for 30 seconds."""
        self._is_open = True
        self._show()
        self._timer.start()

    def hide_middle(self) -> None:
        """Hide the middle."""
        self._timer.stop()
        self._is_open = not self._number
        self._show()

    def _show(self) -> None:
        grouped = entry.group_id(self._number)
        masked = mask_id(self._number)
        if " " in grouped:
            masked = entry.group_masked(masked)
        self.line.is_masked = self.is_masked
        self.line.setText(masked if self.is_masked else grouped)
        self.line.setCursorPosition(0)
        self._eye.setVisible(bool(self._number))
        self._eye.set_icon("eye" if self.is_masked else "eye-off", self._eye.toolTip())
        self.frame.fit()

    def _on_text_edited(self, text: str) -> None:
        place = len(entry.id_of(text[: self.line.cursorPosition()]))
        self._number, self._is_open = entry.id_of(text)[:_LONGEST], True
        self._show()
        grouped, seen, at = self.line.text(), 0, 0
        while seen < place and at < len(grouped):
            seen += grouped[at] != " "
            at += 1
        self.line.setCursorPosition(at)
        self.set_state("")
        self.value_changed.emit()

    def _on_typed_over(self, text: str) -> None:
        self.line.is_masked = False
        self.line.setText(text)
        self._on_text_edited(text)

    def _on_eye_clicked(self) -> None:
        if self.is_masked:
            self.reveal_requested.emit()
        else:
            self.hide_middle()

    def _on_left(self) -> None:
        super()._on_left()
        if not self.error():
            self.hide_middle()

    def _error_changed(self) -> None:
        self.frame.set_bad(bool(self.error()))
        if self.error() and self._number:
            self._is_open = True
            self._show()
