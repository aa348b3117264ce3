"""Toasts and error cards over the desktop: placed here, said in ``messages``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.announce import announce
from app.ui.messages import Messages, Notice, Trouble
from app.ui.widgets import paint
from app.ui.widgets.blocks import Card
from app.ui.widgets.button import Button
from app.ui.widgets.small import IconTile
from app.ui.widgets.themed import Text

SECONDS = 8


class Toast(Card):
    """One dark line: what was done, and 撤销."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("toast", None, radius=theme.RADIUS["field"], padding=0, parent=parent)
        row = QHBoxLayout()
        row.setContentsMargins(16, 6, 10, 6)
        row.setSpacing(theme.SPACE[2])
        self._mark = IconTile("check", "on_toast")
        self._text = Text("", "body", "on_toast", bold=True)
        self.undo = _ToastButton(_("撤销"), "Ctrl Z")
        row.addWidget(self._mark)
        row.addWidget(self._text, 1)
        row.addWidget(self.undo)
        self.body.addLayout(row)
        self.hide()

    def say(self, text: str, *, undoable: bool) -> None:
        """Show this."""
        self._text.setText(text)
        self._mark.set_icon("check" if undoable else "info", "on_toast")
        self.undo.setVisible(undoable)
        self.setMinimumHeight(theme.of(self).px(44))
        self.adjustSize()
        announce(self, text)

    def words(self) -> str:
        """Return what it says."""
        return self._text.text()


class _ToastButton(Button):
    """撤销, on the dark slab."""

    def __init__(self, text: str, key: str) -> None:
        super().__init__(text, "text", key, height=32)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        ink = look.color("on_toast")
        font = look.font("body", bold=True)
        wide = paint.width_of(font, self.text())
        paint.text(painter, QRectF(8, 0, wide + 2, self.height()), self.text(), font, ink)
        veil = ink.toRgb()
        veil.setAlphaF(0.35)
        cap = QRectF(round(wide) + 18, self.height() / 2 - 10, paint.key_cap_width(look, self.key), 20)
        paint.rounded(painter, cap, 4, None, veil)
        paint.text(painter, cap, self.key, look.font("caption"), ink, paint.CENTER)


class ErrorCard(Card):
    """What happened, what is safe, what to do; one button; a code for the phone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("red_soft", None, padding=16, parent=parent)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile("circle-alert", "red", size=icons.LARGE), 0, Qt.AlignmentFlag.AlignTop)
        self._title = Text("", "section", wrap=True)
        row.addWidget(self._title, 1)
        self.body.addLayout(row)
        self._text = Text("", "body", "text2", wrap=True)
        self._text.setContentsMargins(34, 0, 0, 0)
        self.body.addWidget(self._text)
        foot = QHBoxLayout()
        foot.setContentsMargins(34, 4, 0, 0)
        self.retry = Button("", "outline")
        self.close_button = Button(_("知道了"), "outline", "Esc")
        self._code = Text("", "caption", "text2")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        foot.addWidget(self.retry)
        foot.addWidget(self.close_button)
        foot.addStretch(1)
        foot.addWidget(self._code)
        self.body.addLayout(foot)

    def show_trouble(self, trouble: Trouble) -> None:
        """Show this."""
        self._title.setText(trouble.title)
        self._text.setText(trouble.text)
        self._code.setText(_("代号 {code}", code=trouble.code))
        self.retry.set_label(trouble.retry_text)
        self.retry.setVisible(trouble.retry is not None)
        self.setAccessibleName(f"{trouble.title}。{trouble.text}")
        announce(self, f"{trouble.title}。{trouble.text}")

    def words(self) -> str:
        """Return what it says."""
        return f"{self._title.text()}\n{self._text.text()}\n{self._code.text()}"


class Notices(QObject):
    """Holds one toast and one error card over the desktop."""

    def __init__(self, over: QWidget, messages: Messages) -> None:
        super().__init__(over)
        self._over = over
        self._undo: Callable[[], object] | None = None
        self._again: Callable[[], object] | None = None
        self.toast = Toast(over)
        self.toast.undo.clicked.connect(self._on_undo)
        self.card = ErrorCard(over)
        self.card.hide()
        self.card.retry.clicked.connect(self._on_retry)
        self.card.close_button.clicked.connect(self.card.hide)
        self._timer = QTimer(self, singleShot=True, interval=SECONDS * 1000)
        self._timer.timeout.connect(self.toast.hide)
        messages.said.connect(self._on_said)
        messages.troubled.connect(self._on_troubled)
        messages.cleared.connect(self.card.hide)

    def hide_all(self) -> None:
        """Take everything away: it is locked, and it may name a person."""
        self._timer.stop()
        self.toast.hide()
        self.card.hide()

    def place(self) -> None:
        """Put the toast above the key bar, the error card at the top of the sheet."""
        look, over = theme.of(self._over), self._over.rect()
        self.toast.setMaximumWidth(over.width() - 120)
        self.toast.adjustSize()
        bar = look.px(theme.HEIGHT["key_bar"])
        self.toast.move((over.width() - self.toast.width()) // 2, over.height() - bar - self.toast.height() - 12)
        self.card.setFixedWidth(min(look.px(560), over.width() - 40))
        self.card.adjustSize()
        self.card.move((over.width() - self.card.width()) // 2, look.px(theme.HEIGHT["top"]) + 12)

    def undo(self) -> bool:
        """Take back what the toast tells of, while it stands; tell whether there was something."""
        act, self._undo = self._undo, None
        if act is None or not self.toast.isVisible():
            return False
        self.toast.hide()
        act()
        return True

    def _on_said(self, notice: Notice) -> None:
        self._undo = notice.undo
        self.toast.say(notice.text, undoable=notice.undo is not None)
        self.place()
        self.toast.show()
        self.toast.raise_()
        self._timer.start()

    def _on_troubled(self, trouble: Trouble) -> None:
        self._again = trouble.retry
        self.card.show_trouble(trouble)
        self.place()
        self.card.show()
        self.card.raise_()

    def _on_undo(self) -> None:
        self.undo()

    def _on_retry(self) -> None:
        act, self._again = self._again, None
        self.card.hide()
        if act is not None:
            act()
