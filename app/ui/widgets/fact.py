"""A fact under its label, and parts side by side: what the panels of records are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.themed import Text

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


def flow_of(widgets: Sequence[QWidget]) -> QWidget:
    """Return the widgets side by side, wrapping where the room ends."""
    holder = QWidget()
    flow = FlowLayout(holder)
    for widget in widgets:
        flow.addWidget(widget)
    return holder
