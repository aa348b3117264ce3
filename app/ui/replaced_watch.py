"""Says that the program was upgraded under the open window, until somebody opens it anew."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.launching.replaced import replaced_by
from app.texts import _
from app.ui.messages import Messages

LOOK_MS = 30_000


class ReplacedWatch(QObject):
    """Looks twice a minute, a file of a few bytes; says it once, and again at each sign-in."""

    def __init__(self, messages: Messages, parent: QObject) -> None:
        super().__init__(parent)
        self._messages = messages
        self._told = ""
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Say it if it is new."""
        version = replaced_by()
        if version and version != self._told:
            self._told = version
            self._messages.remark(
                _("新版本 {version} 已经装到这台电脑上。请办完手头的事，关上家门口再打开", version=version)
            )

    def remind(self) -> None:
        """Say it again to whoever has signed in."""
        self._told = ""
        self.look()
