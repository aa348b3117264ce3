"""Questions asked in place (``Scroller.ask``): why, with ready reasons by their digits; Esc leaves it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout

from app.texts import _
from app.ui.forms import TextField
from app.ui.widgets import Button, Card, RadioChips, Text


class AskCard(Card):
    """Ready reasons by digit, a line for own words, and two buttons; ``submit`` is what a kind of question adds."""

    left = Signal()

    def __init__(self, title: str, reasons: Sequence[tuple[str, str]], verb: str, *, own: TextField) -> None:
        super().__init__(padding=12)
        self.chips = RadioChips(reasons, name=title)
        self.own = own
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
        self.yes.clicked.connect(self.submit)
        self.no.clicked.connect(self.left)

    def start(self) -> None:
        """Take the keyboard."""
        self.chips.setFocus()

    def submit(self) -> None:
        """Go on with the reason."""
        raise NotImplementedError

    def _on_chosen(self, _code: str) -> None:
        self.own.set_error(None)
        self.yes.setFocus()

    def _on_own_done(self) -> None:
        self.yes.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ReasonCard(AskCard):
    """Asks why: a ready reason, or one's own words instead; ``decided`` carries the words."""

    decided = Signal(str)

    def __init__(self, title: str, reasons: Sequence[tuple[str, str]], verb: str) -> None:
        super().__init__(title, reasons, verb, own=TextField(_("或者自己写"), max_length=200))
        self._words = dict(reasons)

    def submit(self) -> None:
        """Go on with one's own words, else with the reason that was chosen."""
        words = self.own.value() or self._words.get(self.chips.code(), "")
        if words:
            self.decided.emit(words)
        else:
            self.own.set_error(_("先选一条原因，或者写几个字"))


class WhyCard(AskCard):
    """Asks why: a ready reason, and a few words besides if wanted; ``decided`` carries the code and the words."""

    decided = Signal(str, str)

    def __init__(self, title: str, reasons: Sequence[tuple[str, str]], verb: str) -> None:
        super().__init__(title, reasons, verb, own=TextField(_("再写几个字（可以不写）"), max_length=100))

    def submit(self) -> None:
        """Go on with the reason that was chosen."""
        if self.chips.code():
            self.decided.emit(self.chips.code(), self.own.value() or "")
        else:
            self.own.set_error(_("先选一条原因"))
            self.chips.setFocus()
