"""The month of the ledgers' screen: how it stands, the card before its close, the close itself, opening it again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.errors import AppError, Cancelled
from app.ledgers.closing import CLOSE, REOPEN, close_month
from app.ledgers.period import Period
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.dialogs import IrrevocableDialog, ProgressCard, QuietDialog
from app.ui.ledgers import month_state
from app.ui.ledgers.month_state import REASONS, Closable, MonthWords
from app.ui.rights import Rights
from app.ui.widgets import Button, IconLabel, IconTile, Text

if TYPE_CHECKING:
    from app.db.database import Actor, Database

KEY = "Ctrl J"


class MonthLine(QWidget):
    """One line: how the month stands, and what may be done with it."""

    act_requested = Signal()

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self.words: MonthWords | None = None
        self.told = IconLabel("lock-open", "", "text2", role="secondary", wrap=True)
        self.button = Button(_("结账"), "outline", KEY, "lock", height=32)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[1])
        row.addWidget(self.told, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.button.clicked.connect(self.act_requested)
        self.show_words(None)

    def show_words(self, words: MonthWords | None) -> None:
        """Show how the month stands; nothing while it is being read."""
        self.words = words
        text = words.text if words is not None else ""
        self.told.set_text(text, icon=words.icon if words else "lock-open", tone=words.tone if words else "text2")
        self.told.setVisible(words is not None)
        self.setToolTip(_("校验值 {hash}", hash=words.seal) if words is not None and words.seal else "")
        self.button.set_label(_("重新打开") if self._act() == REOPEN else _("结账"))
        self.button.setVisible(bool(self._act()) and self._rights.may(self._act()))

    def act(self) -> str:
        """Return the act that the button does; empty where nothing can be done, or not by this person."""
        return self._act() if self._rights.may(self._act()) else ""

    def why_not(self) -> str:
        """Return why the key does nothing here."""
        return self._rights.why_not(CLOSE) or _("这个月现在不能结账：要整月，而且已经过完。")

    def _act(self) -> str:
        if self.words is None:
            return ""
        return CLOSE if self.words.can_close else REOPEN if self.words.can_reopen else ""


class CloseCard(QuietDialog):
    """What will be frozen, and what she may wait for; F9 closes the month, Esc does not."""

    def __init__(self, parent: QWidget | None, closable: Closable) -> None:
        ready = closable.ready
        months = ready.period.words
        again = _("第 {n} 次结账。", n=ready.round) if ready.round > 1 else ""
        told = _("结账以后，这个月的台账和指标不再变；之后的补录和更正列在第一个没结账的月份里。")
        super().__init__(parent, _("{month}结账", month=months), again + told, icon="lock")
        self.warnings = month_state.warnings_of(ready)
        self.yes = Button(_("结账"), "filled", "F9", "lock")
        self.no = Button(_("不结账"), key="Esc")
        self._add(_("封存 {n} 本台账，共 {rows} 行", n=len(ready.rows), rows=f"{ready.total:,}"))
        self.column.addWidget(Text(month_state.rows_words(ready), "secondary", "text2", wrap=True))
        if closable.figures:
            self._add(_("以前月份的指标有变动，和更正一起封存"))
            for words in closable.figures[:6]:
                self.column.addWidget(Text(words, "secondary", "text2", wrap=True))
            if len(closable.figures) > 6:
                self.column.addWidget(Text(_("……共 {n} 项", n=len(closable.figures)), "secondary", "text2"))
        if self.warnings:
            self._add(_("结账以前看一眼"))
        for words in self.warnings:
            self.column.addLayout(_warning(words))
        self.add_buttons(self.no, self.yes)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        (self.no if self.warnings else self.yes).setFocus()
        width = min(theme.of(self).px(560), 900)
        self.setMinimumWidth(width)
        self.resize(width, self.column.totalHeightForWidth(width))  # else each line that may wrap is given more room

    def _add(self, words: str) -> None:
        self.column.addWidget(Text(words, "strong", wrap=True))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self.accept()
        else:
            super().keyPressEvent(event)


def _warning(words: str) -> QHBoxLayout:
    """Return a line with its mark at its first row, however many it has."""
    text, row = Text(words, "secondary", "orange", wrap=True), QHBoxLayout()
    text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    row.setSpacing(theme.SPACE[1])
    row.addWidget(IconTile("triangle-alert", "orange"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    return row


def ask_close(parent: QWidget | None, closable: Closable) -> bool:
    """Ask whether the month is to be closed."""
    dialog = CloseCard(parent, closable)
    dialog.exec()
    dialog.deleteLater()
    return dialog.result() == int(QuietDialog.DialogCode.Accepted)


def ask_reopen(parent: QWidget | None, period: Period) -> str | None:
    """Ask why the month is opened again; None when the answer is no."""
    told = _("原来那次结账仍可查看。重新结账以后是新的一次；谁打开的、为什么，记在日志里。")
    reasons = [(code, _(words)) for code, words in REASONS]
    title = _("重新打开{month}", month=period.words)
    dialog = IrrevocableDialog(parent, title, told, reasons, verb=_("重新打开"))
    dialog.exec()
    dialog.deleteLater()
    return dialog.code


class Closing(QObject):
    """One month's close under way, from the key to the record. ``changed`` when the month stands otherwise."""

    changed = Signal()
    progressed = Signal(int, int)

    def __init__(self, context: UiContext, parent: QWidget, progress: ProgressCard) -> None:
        super().__init__(parent)
        self._context, self._window, self._progress = context, parent, progress
        self._stop: threading.Event | None = None
        self._period: Period | None = None
        self.progressed.connect(self._on_progress)
        progress.stop_requested.connect(self.stop)

    @property
    def under_way(self) -> bool:
        """Whether a month is being closed."""
        return self._stop is not None

    def close_month(self, period: Period) -> None:
        """Read what stands before a close, ask, close."""
        work = partial(month_state.load_closable, period=period)
        self._context.runner.read_aside(work, self._ask, self._context.messages.show_error)

    def reopen_month(self, period: Period) -> None:
        """Ask why, and open a month again."""
        code = ask_reopen(self._window.window(), period)
        if code:
            work = month_state.reopening(period, code)
            self._context.runner.write(work, self._on_reopened, self._context.messages.show_error)

    def stop(self) -> None:
        """Ask the close to end; the month stays open."""
        if self._stop is not None:
            self._progress.set_stopping()
            self._stop.set()

    def _ask(self, closable: Closable) -> None:
        period = closable.ready.period
        if not ask_close(self._window.window(), closable):
            return
        self._stop, self._period = threading.Event(), period
        self._progress.stop.set_busy(None)
        self._progress.set_progress(0, closable.ready.total)
        self._progress.show()
        work = partial(_close, period=period, told=partial(_tell, self.progressed.emit, self._stop.is_set))
        self._context.runner.aside(work, self._on_closed, self._on_error)

    def _on_progress(self, done: int, total: int) -> None:
        self._progress.set_progress(done, total)

    def _on_closed(self, close_id: str | None) -> None:
        period = self._period
        self._end()
        if period is not None and close_id is None:
            self._context.messages.remark(_("停下了，{month}没有结账，什么都没有变。", month=period.words))
        elif period is not None:
            self._context.messages.say(_("{month}结账了，台账已封存。", month=period.words))
            self.changed.emit()

    def _on_error(self, error: AppError) -> None:
        self._end()
        self._context.messages.show_error(error)

    def _end(self) -> None:
        self._stop = self._period = None
        self._progress.hide()

    def _on_reopened(self, period: Period) -> None:
        self._context.messages.say(_("{month}重新打开了，原来那次结账仍可查看。", month=period.words))
        self.changed.emit()


def _close(database: Database, actor: Actor, *, period: Period, told: Callable[[int, int], object]) -> str | None:
    """Close the month; None where it was stopped."""
    try:
        return close_month(database, actor, period, progress=told)
    except Cancelled:
        return None


def _tell(emit: Callable[[int, int], object], stopped: Callable[[], bool], done: int, total: int) -> None:
    if stopped():
        raise Cancelled
    emit(done, total)
