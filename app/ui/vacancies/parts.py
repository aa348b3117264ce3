"""Small parts of the vacancies' panels: a fact under its label, a question with reasons, a column that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.forms import TextField
from app.ui.widgets import Button, Card, FlowLayout, RadioChips, Text, part

SHOWN_CHARS = 96


class Fact(QWidget):
    """A label with its words under it; “还没有” in orange where something due is missing.

    Long words are shortened; all of them are in the tooltip, in the accessible name and in the form.
    """

    def __init__(self, label: str, words: str, *, due: bool = False) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(Text(label, "secondary", "text2"))
        missing = not words and due
        flat = " ".join(words.split())
        short = flat if len(flat) <= SHOWN_CHARS else flat[:SHOWN_CHARS] + "…"
        shown = Text(_("还没有") if missing else short or "—", "body", "orange" if missing else "text", wrap=True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if short != flat:
            shown.setToolTip(words)
        column.addWidget(shown)
        self.setAccessibleName(f"{label} {words or _('还没有')}")


class Scroller(QScrollArea):
    """A column that scrolls up and down, with a transparent ground; ``body`` is its layout."""

    def __init__(self, *, spacing: int = theme.SPACE[1]) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = part(QWidget(), "transparent")
        self.body = QVBoxLayout(holder)
        self.body.setContentsMargins(0, 0, 6, 0)
        self.body.setSpacing(spacing)
        self.setWidget(holder)
        self.viewport().setAutoFillBackground(False)

    def clear(self) -> None:
        """Take everything out."""
        while self.body.count():
            item = self.body.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def flow_of(widgets: Sequence[QWidget]) -> QWidget:
    """Return the widgets side by side, wrapping where the room ends."""
    holder = QWidget()
    flow = FlowLayout(holder)
    for widget in widgets:
        flow.addWidget(widget)
    return holder


class ReasonCard(Card):
    """Asks why, in place: a ready reason by digit, or one's own words; Esc leaves it."""

    decided = Signal(str)
    left = Signal()

    def __init__(self, title: str, reasons: Sequence[tuple[str, str]], verb: str) -> None:
        super().__init__(padding=12)
        self._words = dict(reasons)
        self.chips = RadioChips(reasons, name=title)
        self.own = TextField(_("或者自己写"), max_length=200)
        self.no, self.yes = Button(_("不{verb}", verb=verb), key="Esc", height=32), Button(verb, "soft", height=32)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        self.body.addWidget(Text(title, "strong", wrap=True))
        self.body.addWidget(self.chips)
        self.body.addWidget(self.own)
        self.body.addLayout(row)
        self.chips.chosen.connect(self._on_chosen)
        self.own.next_requested.connect(self._on_own_done)
        self.yes.clicked.connect(self._on_yes)
        self.no.clicked.connect(self.left)

    def start(self) -> None:
        """Take the keyboard."""
        self.chips.setFocus()

    def _on_chosen(self, _code: str) -> None:
        self.own.set_error(None)
        self.yes.setFocus()

    def _on_own_done(self) -> None:
        self.yes.setFocus()

    def _on_yes(self) -> None:
        words = self.own.value() or self._words.get(self.chips.code(), "")
        if words:
            self.decided.emit(words)
        else:
            self.own.set_error(_("先选一条原因，或者写几个字"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
