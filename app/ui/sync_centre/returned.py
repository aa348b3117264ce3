"""What the district sent back: mend it, send it again, hand it to the supervisor, or withdraw it; and what she got."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from app.services.handing import Answer
from app.services.outbox import ParkedItem
from app.services.withdrawing import HandedItem
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import places, state
from app.ui.sync_centre.focus_card import FocusCard
from app.ui.widgets import Button, Chip, IconLabel, Text, flow_of
from app.ui.widgets.small import IconTile


class ParkedCard(FocusCard):
    """One operation that the district sent back: its sentence, its record, and the four things that can be done."""

    mend_requested = Signal(object)
    resend_requested = Signal(str)
    hand_requested = Signal(object)
    take_back_requested = Signal(str)
    withdraw_requested = Signal(object)

    def __init__(
        self,
        item: ParkedItem,
        place: places.Place | None,
        *,
        held: Sequence[ParkedItem],
        rights: state.Rights,
        handed: HandedItem | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__()
        self.item, self._place = item, place
        self._head(item, handed)
        self.body.addWidget(Text(state.reason_words(item), "body", wrap=True))
        made = _("{who}，{when}", who=item.actor_name or _("没有署名"), when=state.day_and_time(item.made_at))
        self.body.addWidget(Text(f"{state.next_words(item, len(held))}  {made}", "secondary", "text2", wrap=True))
        for other in held[: state.SHOWN_HELD]:
            words = _("{act} {subject}", act=other.act_label, subject=state.subject_words(other))
            self.body.addWidget(IconLabel("hourglass", words, "text2", role="secondary"))
        if answer is not None and answer.waits:
            words = _("{who}回：{note}", who=answer.by or _("站长"), note=answer.note)
            self.body.addWidget(IconLabel("message-circle", words, "accent_text", role="secondary", wrap=True))
        who_can = state.who_can(item, rights.roles)
        if who_can:
            self.body.addWidget(IconLabel("users-round", who_can, "orange", role="secondary"))
        self._buttons(rights, handed)
        said = (item.act_label, state.subject_words(item), state.reason_words(item))
        self.setAccessibleName(" ".join(said))

    def _head(self, item: ParkedItem, handed: HandedItem | None) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(IconTile(state.icon_of(item.act), "orange", size=18))
        head.addWidget(Text(item.act_label, "section"))
        head.addWidget(Text(state.subject_words(item), "body", "text2"))
        head.addStretch(1)
        if handed is not None:
            head.addWidget(Chip(_("已转站长"), "blue", "users-round"))
        elif item.code:
            head.addWidget(Text(_("代号 {code}", code=item.code), "caption", "text2"))
        self.body.addLayout(head)

    def _buttons(self, rights: state.Rights, handed: HandedItem | None) -> None:
        self.mend = Button(places.mend_words(self.item), "soft", "1", height=32)
        self.again = Button(_("再送"), "outline", "2", height=32)
        self.hand = Button(_("收回") if handed is not None else _("转站长"), "text", "3", height=32)
        self.withdraw = Button(_("撤下"), "text", "4", height=32)
        self.mend.clicked.connect(partial(self.mend_requested.emit, self._place))
        self.again.clicked.connect(partial(self.resend_requested.emit, self.item.op))
        self.withdraw.clicked.connect(partial(self.withdraw_requested.emit, self.item))
        if handed is not None:
            self.hand.clicked.connect(partial(self.take_back_requested.emit, self.item.op))
        else:
            self.hand.clicked.connect(partial(self.hand_requested.emit, self.item))
        shown = (
            ("1", self.mend, self._place is not None),
            ("2", self.again, True),
            ("3", self.hand, rights.hand),
            ("4", self.withdraw, rights.withdraw),
        )
        self.body.addStretch(1)
        self.body.addWidget(flow_of([button for _key, button, may in shown if may]))
        for key, button, may in shown:
            button.setVisible(may) if not may else None
            if may:
                self.keys[key] = button
        if self._place is None:
            self.keys["1"] = self.again  # Enter has something to do


class HandedCard(FocusCard):
    """Something a colleague handed to the supervisor: who, when, with which words; what she may do about it."""

    mend_requested = Signal(str)
    done_requested = Signal(object)

    def __init__(self, item: HandedItem) -> None:
        super().__init__()
        self.item = item
        title, why = state.handed_words(item)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(IconTile("users-round", "blue", size=18))
        head.addWidget(Text(title, "section", wrap=True), 1)
        self.body.addLayout(head)
        self.body.addWidget(Text(_("区里退回：{why}", why=why), "body", wrap=True))
        who = _("{who}转来，{when}", who=item.handed_by or _("没有署名"), when=state.day_and_time(item.handed_at))
        note = _("附言：{note}", note=item.note) if item.note else _("没有附言")
        self.body.addWidget(Text(f"{who}  {note}", "secondary", "text2", wrap=True))
        where = _("在这台电脑上，上面那一张就是。") if item.here else _("在办它的那台电脑上改；怎么办写在回话里。")
        self.body.addWidget(Text(where, "secondary", "text2", wrap=True))
        self.done = Button(_("回话，办好了"), "soft", "1", height=32)
        self.done.clicked.connect(partial(self.done_requested.emit, item))
        self.keys["1"] = self.done
        self.body.addStretch(1)
        self.body.addWidget(flow_of([self.done]))
        self.setAccessibleName(f"{title} {why} {who} {note}")
