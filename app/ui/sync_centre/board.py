"""The cards of the sync centre in their order: those about which nothing changed stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.ui import theme
from app.ui.sync_centre.conflict_card import ConflictCard
from app.ui.sync_centre.focus_card import FocusCard

_TWO_FROM = 760


@dataclass(frozen=True)
class Slot:
    """One card: its name, what it shows (a card is made anew when that changes), how it is made, its width."""

    key: str
    facts: object
    make: Callable[[], FocusCard]
    wide: bool = True


class CardBoard(QWidget):
    """Wide cards alone in a row, narrow ones two by two; one that is being typed in survives a refresh."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.SPACE[2])
        self._kept: dict[str, tuple[Slot, FocusCard]] = {}

    def cards(self) -> list[FocusCard]:
        """Return the cards in their order."""
        return [card for _slot, card in self._kept.values()]

    def card(self, key: str) -> FocusCard | None:
        """Return the card of that name."""
        return self._kept[key][1] if key in self._kept else None

    def show_slots(self, slots: Sequence[Slot]) -> None:
        """Show these cards; the keyboard stays where it is, or goes to the card that came in its place."""
        before, place = self.cards(), self._place_of_keyboard()
        kept = {slot.key: (slot, self._reused(slot) or self._made(slot)) for slot in slots}
        left = {id(card) for _slot, card in kept.values()}
        self._kept = kept
        for card in before:
            if id(card) not in left:
                self._grid.removeWidget(card)
                card.hide()
                card.deleteLater()
        self._arrange()
        if place is not None and before and id(before[place]) not in left:
            self.focus_card(min(place, len(kept) - 1))

    def _reused(self, slot: Slot) -> FocusCard | None:
        known = self._kept.get(slot.key)
        return known[1] if known is not None and known[0].facts == slot.facts else None

    def _made(self, slot: Slot) -> FocusCard:
        card = slot.make()
        card.step_requested.connect(self._on_step)
        return card

    def _arrange(self) -> None:
        two = self.width() >= theme.of(self).px(_TWO_FROM)
        row = column = 0
        for slot, card in self._kept.values():
            self._grid.removeWidget(card)
            alone = slot.wide or not two
            if alone and column:
                row, column = row + 1, 0
            self._grid.addWidget(card, row, column, 1, 2 if alone else 1, Qt.AlignmentFlag(0))
            card.show()
            if isinstance(card, ConflictCard):
                card.fit(self.width())
            row, column = (row + 1, 0) if alone or column else (row, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        order = [card for _slot, card in self._kept.values()]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    def _place_of_keyboard(self) -> int | None:
        focus = self.window().focusWidget()
        for place, card in enumerate(self.cards()):
            if focus is not None and (card is focus or card.isAncestorOf(focus)):
                return place
        return None

    def with_keyboard(self) -> FocusCard | None:
        """Return the card that has the keyboard."""
        place = self._place_of_keyboard()
        return self.cards()[place] if place is not None else None

    def focus_card(self, place: int) -> bool:
        """Give a card the keyboard; tell whether there is one."""
        cards = self.cards()
        if not 0 <= place < len(cards):
            return False
        cards[place].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _on_step(self, by: int) -> None:
        card = self.sender()
        cards = self.cards()
        if isinstance(card, FocusCard) and card in cards:
            self.focus_card(cards.index(card) + by)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one column where two do not fit."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._arrange()
