"""The cards of the sync centre: counts, what was sent back, what two sides changed, what waits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.models.operation import HELD
from app.services.conflicts import OURS, THEIRS, ConflictItem
from app.services.outbox import ParkedItem
from app.services.sync_overview import SyncCentre, WaitingAct
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import state
from app.ui.sync_centre.settling import Chooser
from app.ui.widgets import (
    Button,
    Card,
    Chip,
    Hairline,
    IconLabel,
    ProgressBarThin,
    SectionTitle,
    Text,
)
from app.ui.widgets.small import IconTile


class CountStrip(Card):
    """Four counts in a line: waiting, sent back, two-sided, and that all of it is here and encrypted."""

    def __init__(self) -> None:
        super().__init__("sunken", None, padding=10)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(10, 0, 10, 0)
        self._row.setSpacing(theme.SPACE[4])
        self.body.addLayout(self._row)

    def show_centre(self, centre: SyncCentre) -> None:
        """Show the counts."""
        while self._row.count():
            item = self._row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        summary = centre.summary
        waiting = summary.queued + summary.held
        figures = (
            (waiting, _("笔"), _("等着送出"), "text"),
            (summary.parked, _("笔"), _("区里退回，要改"), "orange" if summary.parked else "text"),
            (summary.conflicts, _("处"), _("两边不一样"), "orange" if summary.conflicts else "text"),
        )
        for count, unit, words, tone in figures:
            self._row.addWidget(_Figure(count, unit, words, tone))
            self._row.addWidget(Hairline(vertical=True))
        self._row.addWidget(IconLabel("shield-check", _("都在本机，已加密"), "accent_text", role="strong"))
        self._row.addStretch(1)


class _Figure(QWidget):
    """A count with its unit and what it counts, on one baseline."""

    def __init__(self, count: int, unit: str, words: str, tone: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(Text(f"{count:,}", "number", tone), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(Text(unit, "secondary", "text2"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addSpacing(4)
        row.addWidget(Text(words, "body", "text2"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(f"{count} {unit} {words}")


class ParkedCard(Card):
    """One operation that the district sent back: its sentence, its record, and what can be done."""

    mend_requested = Signal(object)
    resend_requested = Signal(str)

    def __init__(self, item: ParkedItem, place: state.Place | None, *, held: list[ParkedItem], who_can: str) -> None:
        super().__init__(padding=14)
        self.item = item
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(IconTile(state.icon_of(item.act), "orange", size=18))
        head.addWidget(Text(item.act_label, "section"))
        head.addWidget(Text(state.subject_words(item), "body", "text2"))
        head.addStretch(1)
        self.body.addLayout(head)
        self.body.addWidget(Text(state.reason_words(item), "body", wrap=True))
        made = _("{who}，{when}", who=item.actor_name or _("没有署名"), when=state.day_and_time(item.made_at))
        self.body.addWidget(Text(f"{state.next_words(item, len(held))}  {made}", "secondary", "text2", wrap=True))
        for other in held[: state.SHOWN_HELD]:
            words = _("{act} {subject}", act=other.act_label, subject=state.subject_words(other))
            self.body.addWidget(IconLabel("hourglass", words, "text2", role="secondary"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[1])
        self.mend = Button(_("去改"), "soft", height=32)
        self.again = Button(_("再送"), "outline", "", "send", height=32)
        self.mend.setVisible(place is not None)
        self.mend.clicked.connect(partial(self.mend_requested.emit, place))
        self.again.clicked.connect(partial(self.resend_requested.emit, item.op))
        row.addWidget(self.mend)
        row.addWidget(self.again)
        if who_can:
            row.addWidget(IconLabel("users-round", who_can, "orange", role="secondary"))
        row.addStretch(1)
        if item.code:
            row.addWidget(Text(_("代号 {code}", code=item.code), "caption", "text2"))
        self.body.addSpacing(4)
        self.body.addLayout(row)
        self.setAccessibleName(f"{item.act_label} {state.subject_words(item)} {state.reason_words(item)}")


class ConflictCard(Card):
    """Both values of one field, who wrote them, when, in which act; one key chooses, both are kept."""

    file_requested = Signal(object)
    settle_requested = Signal(str, str, object)

    def __init__(self, item: ConflictItem, centre: SyncCentre) -> None:
        super().__init__(padding=14)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(IconTile("git-compare-arrows", "orange", size=18))
        head.addWidget(Text(_("两边改了同一栏"), "section"))
        head.addWidget(Text(state.conflict_title(item), "body", "text2"))
        head.addStretch(1)
        place = state.place_of_record(item.record_type, item.record_id, centre.residents)
        if place is not None:
            look = Button(_("看档案"), "text", height=32)
            look.clicked.connect(partial(self.file_requested.emit, place))
            head.addWidget(look)
        self.body.addLayout(head)
        self.item, self.chooser = item, Chooser(item)
        self.chooser.chosen.connect(partial(self.settle_requested.emit, item.id))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        shown = state.sides(item, centre.people, centre.device.device_id)
        for side, said, choice, where in zip(shown, item.sides, (OURS, THEIRS), (_("本站"), _("区里")), strict=True):
            act = "  ".join(part for part in (side.act, said.slip) if part)
            value = said.text if item.removal else side.value
            told = replace(side, title=f"{where}  {side.title}", act=act, value=value)
            row.addWidget(_SideCard(told, self.chooser.buttons[choice]), 1)
        self.body.addLayout(row)
        self.body.addWidget(self.chooser)
        self.setAccessibleName(f"{_('两边改了同一栏')} {state.conflict_title(item)}")


class _SideCard(Card):
    """One of the two values."""

    def __init__(self, side: state.Side, button: Button) -> None:
        super().__init__("surface", "accent" if side.stands else "line2", padding=12, width=1.6 if side.stands else 1.0)
        row, column, head = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
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


class WaitingList(QWidget):
    """What waits to be sent, by act: a bar, a count, the oldest, whose."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_centre(self, centre: SyncCentre) -> None:
        """Show the acts that wait."""
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not centre.waiting:
            return
        note = _("联网后自动按先后送，不用守着") if centre.summary.joined else _("加入区里以后自动按先后送")
        title = SectionTitle(_("等着送出"), note)
        self._column.addWidget(title)
        self._column.addSpacing(4)
        most = max(item.count for item in centre.waiting)
        for one in centre.waiting[: state.SHOWN_ACTS]:
            self._column.addWidget(_WaitingRow(one, one.count / most))
            self._column.addWidget(Hairline())
        held = sum(item.state == HELD for item in centre.parked)
        if held:
            self._column.addSpacing(6)
            words = _("另有 {n} 笔等着上面退回的那些，改好就跟着送。", n=held)
            self._column.addWidget(IconLabel("hourglass", words, "text2", role="secondary"))


class _WaitingRow(QWidget):
    def __init__(self, item: WaitingAct, share: float) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 4, 4, 4)
        grid.setHorizontalSpacing(theme.SPACE[2])
        bar = ProgressBarThin(share)
        oldest = _("最早 {when}", when=state.day_and_time(item.oldest_at))
        count = Text(_("{n} 笔", n=f"{item.count:,}"), "strong")
        count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        people = Text(state.people_words(item), "secondary", "text2")
        people.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        parts: tuple[QWidget, ...] = (
            IconTile(state.icon_of(item.act), "text2"), Text(item.label), bar, count,
            Text(oldest, "secondary", "text2"), people,
        )  # fmt: skip
        for place, widget in enumerate(parts):
            grid.addWidget(widget, 0, place, Qt.AlignmentFlag.AlignVCenter)
        look = theme.of(self)
        for place, width in ((1, 150), (2, 200), (3, 64), (4, 130)):
            grid.setColumnMinimumWidth(place, look.px(width))
        grid.setColumnStretch(5, 1)
        bar.setFixedWidth(look.px(200))
        self.setMinimumHeight(look.px(30))
        self.setAccessibleName(f"{item.label} {count.text()} {oldest} {people.text()}")
