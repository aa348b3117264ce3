"""The quiet parts of the sync centre: the counts, and what waits to be sent."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.models.operation import HELD
from app.services.sync_overview import SyncCentre, WaitingAct
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import state
from app.ui.widgets import (
    Card,
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
