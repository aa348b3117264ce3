"""The classes that close a gap: what a vacancy asks for, she lacks, and an open class leads to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.training.openings import ClosingClass
from app.texts import _
from app.ui import theme
from app.ui.match.state import class_words
from app.ui.widgets import Button, Card, IconLabel, Text


class ClassOffers(QWidget):
    """One card a class: when it starts, how many are on its list, and the way to sign up."""

    class_requested = Signal(str)

    def __init__(self, offered: Sequence[ClosingClass], *, may_sign_up: bool) -> None:
        super().__init__()
        self._may_sign_up = may_sign_up
        self.buttons: list[Button] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        for one in offered:
            column.addWidget(self._card(one))

    def _card(self, one: ClosingClass) -> Card:
        card = Card("sunken", None, padding=10)
        title, about = class_words(one)
        card.body.addWidget(IconLabel("graduation-cap", title, "blue", role="secondary", wrap=True))
        card.body.addWidget(Text(about, "secondary", "text2", wrap=True))
        if one.signed_up:
            card.body.addWidget(IconLabel("circle-check", _("已经报了这个班"), "accent_text", role="secondary"))
            return card
        if not self._may_sign_up:
            return card
        button = Button(_("报这个班"), "soft", "" if self.buttons else "Ctrl T", height=32)
        button.setAccessibleName(_("报这个班：{title}", title=one.line.title))
        button.clicked.connect(lambda _checked=False, class_id=one.line.id: self.class_requested.emit(class_id))
        self.buttons.append(button)
        card.body.addWidget(button)
        return card
