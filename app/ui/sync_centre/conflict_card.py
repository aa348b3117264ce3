"""The card of one field that two sides changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout

from app.services.conflicts import OURS, THEIRS, ConflictItem
from app.services.sync_overview import SyncCentre
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import places, state
from app.ui.sync_centre.focus_card import FocusCard
from app.ui.sync_centre.settling import Chooser
from app.ui.widgets import Button, Card, Chip, Text
from app.ui.widgets.small import IconTile

_NARROW = 640


class ConflictCard(FocusCard):
    """Both values of one field, who wrote them, when, in which act and on which slip; one key chooses."""

    file_requested = Signal(object)
    settle_requested = Signal(str, str, object)

    def __init__(self, item: ConflictItem, centre: SyncCentre, *, may_settle: bool = True) -> None:
        super().__init__()
        self.item, self.chooser = item, Chooser(item)
        self.chooser.chosen.connect(partial(self.settle_requested.emit, item.id))
        self._head(item, centre)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SPACE[2])
        shown = state.sides(item, centre.people, centre.device.device_id)
        origins = state.side_places(item)
        for side, said, choice, where in zip(shown, item.sides, (OURS, THEIRS), origins, strict=True):
            value = said.text if item.removal else side.value
            told = replace(side, title=f"{where}  {side.title}", act=state.act_and_slip(side, said), value=value)
            self._row.addWidget(_SideCard(told, self.chooser.buttons[choice]), 1)
        self.body.addLayout(self._row)
        self.body.addWidget(self.chooser)
        if not may_settle:
            self.chooser.lock()
        self.setAccessibleName(f"{state.conflict_head(item)} {state.conflict_title(item)}")

    def _head(self, item: ConflictItem, centre: SyncCentre) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(IconTile("git-compare-arrows", "orange", size=18))
        head.addWidget(Text(state.conflict_head(item), "section"))
        head.addWidget(Text(state.conflict_title(item), "body", "text2"))
        head.addStretch(1)
        place = places.place_of_record(item.record_type, item.record_id, centre.residents)
        if place is not None:
            look = Button(_("看档案"), "text", height=32)
            look.clicked.connect(partial(self.file_requested.emit, place))
            head.addWidget(look)
        self.body.addLayout(head)

    def take_key(self, event: QKeyEvent) -> bool:
        """Take 1, 2 or 3."""
        return self.chooser.take_key(event)

    def fit(self, width: int) -> None:
        """Put the two values under each other where the text is big or the room small."""
        narrow = width < theme.of(self).px(_NARROW)
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)


class _SideCard(Card):
    """One of the two values."""

    def __init__(self, side: state.Side, button: Button) -> None:
        super().__init__("surface", "accent" if side.stands else "line2", padding=12, width=1.6 if side.stands else 1.0)
        row, column, head = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        column.setSpacing(3)
        head.setSpacing(theme.SPACE[1])
        head.addWidget(Text(side.title, "secondary", "text2"))
        if side.stands:
            head.addWidget(Chip(_("现在用的"), "good"))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(Text(side.value, "row", wrap=True))
        column.addWidget(Text(side.who, "secondary", wrap=True))
        if side.act:
            column.addWidget(Text(side.act, "secondary", "text2", wrap=True))
        column.addStretch(1)
        row.addLayout(column, 1)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.setAccessibleName(f"{side.title} {side.value} {side.who} {side.act}")
