"""How far a new counter has fetched what the district has: records here of records there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from app.texts import _
from app.ui.widgets import Button, Card, ProgressBarThin, Text


class FetchCard(Card):
    """A bar with its figures; it may be stopped, and what is here stays."""

    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__(padding=14)
        head, foot = QHBoxLayout(), QHBoxLayout()
        self.title, self.count = Text(_("正在取区里已有的记录"), "section"), Text("", "secondary", "text2")
        self.bar, self.stop = ProgressBarThin(), Button(_("停下"), "text", height=32)
        head.addWidget(self.title, 1)
        head.addWidget(self.count)
        foot.addWidget(Text(_("取到的马上能用，不用守着。"), "secondary", "text2", wrap=True), 1)
        foot.addWidget(self.stop)
        self.body.addLayout(head)
        self.body.addWidget(self.bar)
        self.body.addLayout(foot)
        self.stop.clicked.connect(self._on_stop)

    def _on_stop(self) -> None:
        self.stop.set_busy(_("正在停下…"))
        self.stop_requested.emit()

    def show_progress(self, progress: tuple[int, int] | None) -> None:
        """Show how far it is; hidden where nothing is being fetched."""
        self.setVisible(progress is not None and progress[1] > 0)
        if progress is None:
            self.stop.set_busy(None)
            return
        here, there = progress
        words = _("{here} / {there} 份", here=f"{here:,}", there=f"{there:,}")
        self.count.setText(words)
        self.bar.set_share(here / there if there else 0.0, name=f"{self.title.text()} {words}")
