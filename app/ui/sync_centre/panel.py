"""The right panel of the sync centre: the way out, and how this PC is."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.sync_overview import SyncCentre
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import state
from app.ui.widgets import Hairline, Scroller, Text
from app.ui.widgets.small import IconTile

_ICONS = {"good": "network", "yellow": "cloud-off", "red": "ban", "neutral": "monitor"}


class SyncPanel(Scroller):
    """The network in plain words; this PC's facts."""

    def __init__(self, roads: QWidget) -> None:
        super().__init__(spacing=theme.SPACE[2])
        self._roads = roads

    def show_centre(self, centre: SyncCentre, shell_state: str, now: datetime) -> None:
        """Show the state of the network and of this PC."""
        self.body.removeWidget(self._roads)
        self.clear()
        title, reason, tone = state.network_words(centre.summary, shell_state)
        self.body.addWidget(Text(_("能送出去的路"), "section"))
        self.body.addWidget(_Way(_ICONS[tone], tone, _("网络：{state}", state=title), reason))
        self.body.addWidget(self._roads)
        self._roads.setVisible(centre.summary.joined)
        self.body.addSpacing(4)
        self.body.addWidget(Hairline())
        self.body.addSpacing(4)
        self.body.addWidget(Text(_("这台电脑"), "section"))
        for label, words in state.device_rows(centre, now):
            self.body.addWidget(FactRow(label, words))
        self.body.addSpacing(4)
        self.body.addWidget(Hairline())
        self.body.addSpacing(4)
        words = _("没联网也照常办。要等联网的只有两件：新电脑加入区里，看别的站新登的岗位。")
        self.body.addWidget(Text(words, "secondary", "text2", wrap=True))
        self.body.addStretch(1)


class _Way(QWidget):
    def __init__(self, icon: str, tone: str, title: str, reason: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile(icon, tone, size=20, tile=38), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(Text(title, "strong", wrap=True))
        shown = Text(reason, "secondary", "text2", wrap=True)
        column.addWidget(shown)
        row.addLayout(column, 1)
        self.setAccessibleName(f"{title} {reason}")


class FactRow(QWidget):
    """A label and what is so, at the two ends of a line."""

    def __init__(self, label: str, words: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Text(label, "secondary", "text2"), 0, Qt.AlignmentFlag.AlignTop)
        value = Text(words, "secondary", wrap=True)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        row.addWidget(value, 1)
        self.setAccessibleName(f"{label} {words}")
