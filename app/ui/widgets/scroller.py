"""A column that scrolls, and a question asked at its top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.widgets.themed import part

if TYPE_CHECKING:
    from app.ui.questions import AskCard


class Scroller(QScrollArea):
    """A column that scrolls up and down, with a transparent ground; ``body`` is its layout.

    ``asking``: the card that asks something at its top, as long as it does.
    """

    def __init__(self, *, spacing: int = theme.SPACE[1]) -> None:
        super().__init__()
        self.asking: AskCard | None = None
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
        """Take everything out, also a question."""
        self.asking = None
        while self.body.count():
            item = self.body.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def ask(self, card: AskCard) -> None:
        """Put a question at the top and the keyboard on it; left unanswered, it goes."""
        self.drop_question()
        self.asking = card
        self.body.insertWidget(0, card)
        self.verticalScrollBar().setValue(0)
        card.left.connect(self.drop_question)
        card.start()

    def drop_question(self) -> None:
        """Take the question away."""
        if self.asking is not None:
            self.asking.hide()
            self.asking.deleteLater()
            self.asking = None
