"""How far the first fetch is while a counter joins: a bar, and the choice to begin work before it is through."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.texts import _
from app.ui.announce import announce
from app.ui.widgets.bars import ProgressBarThin
from app.ui.widgets.blocks import Card
from app.ui.widgets.button import Button
from app.ui.widgets.themed import Text


class FirstFetch(Card):
    """Told from the thread that fetches, shown on the window's own."""

    told = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("sunken", None, padding=12, parent=parent)
        self._stop = threading.Event()
        head, foot = QHBoxLayout(), QHBoxLayout()
        self.title, self.count = Text(_("正在取区里已有的记录"), "strong"), Text("", "secondary", "text2")
        self.bar, self.enough = ProgressBarThin(), Button(_("先用起来，其余后台接着取"), "text", height=32)
        head.addWidget(self.title, 1)
        head.addWidget(self.count)
        foot.addWidget(Text(_("断了也不要紧，下次从这里接着取。"), "secondary", "text2", wrap=True), 1)
        foot.addWidget(self.enough)
        self.body.addLayout(head)
        self.body.addWidget(self.bar)
        self.body.addLayout(foot)
        self.told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self.enough.clicked.connect(self._on_enough)
        self.hide()

    def tell(self, here: int, there: int) -> None:
        """Take how far it is; from any thread."""
        self.told.emit(here, there)

    def stopping(self) -> bool:
        """Tell whether somebody wants to begin work now; from any thread."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin anew."""
        self._stop.clear()
        self.enough.set_busy(None)
        self.hide()

    def _on_told(self, here: int, there: int) -> None:
        words = _("{here} / {there} 份", here=f"{here:,}", there=f"{there:,}")
        self.count.setText(words)
        self.bar.set_share(here / there if there else 0.0, name=f"{self.title.text()} {words}")
        if self.isHidden():
            self.show()
            announce(self, f"{self.title.text()} {words}")

    def _on_enough(self) -> None:
        self._stop.set()
        self.enough.set_busy(_("取完手上这一页…"))
