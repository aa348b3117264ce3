"""Toasts and error cards over the desktop: said in ``messages``, placed here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.texts import _
from app.ui import theme
from app.ui.messages import Messages, Notice, Trouble

if TYPE_CHECKING:
    from app.ui.dialogs import ErrorCard
    from app.ui.toast import Toast


UNDO_MOST = 20
"""So many acts of one sitting can be taken back with Ctrl+Z."""


class Notices(QObject):
    """Holds one toast and one error card over the desktop."""

    def __init__(self, over: QWidget, messages: Messages) -> None:
        super().__init__(over)
        self._over = over
        self._acts: deque[Callable[[], object]] = deque(maxlen=UNDO_MOST)
        self._again: Callable[[], object] | None = None
        self.toast: Toast | None = None
        self._card: ErrorCard | None = None
        messages.undo_last = self.undo
        messages.said.connect(self._on_said)
        messages.troubled.connect(self._on_troubled)
        messages.cleared.connect(self._hide_card)

    @property
    def card(self) -> ErrorCard:
        """Return the error card, hidden; made when first needed, for the start mostly goes without an error."""
        if self._card is None:
            from app.ui.dialogs import ErrorCard

            self._card = ErrorCard("", "", other=_("知道了"))
            self._card.setParent(self._over)
            self._card.hide()
            self._card.act_requested.connect(self._on_retry)
            self._card.other_requested.connect(self._card.hide)
        return self._card

    def _hide_card(self) -> None:
        if self._card is not None:
            self._card.hide()

    def hide_all(self) -> None:
        """Take everything away: it is locked, and it may name a person."""
        self._acts.clear()
        if self.toast is not None:
            self.toast.close_now()
        self._hide_card()

    def place(self) -> None:
        """Put the error card at the top of the sheet."""
        if self._card is None:
            return
        look, over = theme.of(self._over), self._over.rect()
        self.card.setFixedWidth(min(look.px(560), over.width() - 40))
        layout = self.card.layout()
        wraps = layout is not None and layout.hasHeightForWidth()
        height = layout.heightForWidth(self.card.width()) if layout is not None and wraps else 0
        self.card.setFixedHeight(max(height, self.card.sizeHint().height()))
        self.card.move((over.width() - self.card.width()) // 2, look.px(theme.HEIGHT["top"]) + 12)

    def undo(self) -> bool:
        """Take back the last act of this sitting that can be; tell whether there was one (Ctrl+Z, 撤销)."""
        if not self._acts:
            return False
        act = self._acts.pop()
        if self.toast is not None:
            self.toast.close_now()
        act()
        return True

    def _on_said(self, notice: Notice) -> None:
        from app.ui.toast import Toast

        icon = "check" if notice.done else "info"
        toast = Toast(notice.text, self.undo if notice.undo is not None else None, icon=icon)
        toast.closed.connect(self._on_toast_closed)
        toast.pop_up(self._over)
        self.toast = toast
        if notice.undo is not None:
            self._acts.append(notice.undo)

    def _on_toast_closed(self) -> None:
        if self.sender() is self.toast:
            self.toast = None

    def _on_troubled(self, trouble: Trouble) -> None:
        self._again = trouble.retry
        button = trouble.retry_text if trouble.retry is not None else ""
        self.card.set_error(trouble.title, trouble.text, button, other=_("知道了"), code=trouble.code)
        self.place()
        self.card.show()
        self.card.raise_()

    def _on_retry(self) -> None:
        act, self._again = self._again, None
        self._hide_card()
        if act is not None:
            act()
