"""The window of the hall's screen: reads aside, draws in small steps, keeps the last numbers when reading fails."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QScreen
from PySide6.QtWidgets import QWidget

from app import clock
from app.errors import AppError
from app.ledgers.board import Memory
from app.ledgers.figures import BLOCKS
from app.texts import _
from app.ui import theme
from app.ui.charts import library
from app.ui.hall import state
from app.ui.hall.cards import Foot, Head, HelpCard, Part, PeopleCard, ResultsCard, StepOf, UnemployedCard, unit_for
from app.ui.hall.state import HallView
from app.ui.tasks import Task, TaskRunner

EDGE, GAP, HEAD, FOOT = 40, 24, 100, 48
LEFT_SHARE = 0.54
SETTLE_MS = 5_000
EVERY_MS = 180_000
LOOK_MS = 2_000
WANDER_MS = 600_000
WANDER = (0, 2)
REST_FACTOR = 4


class HallWindow(QWidget):
    """The screen for the hall. ``closed`` when it is gone."""

    closed = Signal()
    shown = Signal()

    def __init__(self, runner: TaskRunner, memory: Memory, *, station: str, stations: tuple[str, ...] = ()) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self._runner, self._memory, self._station, self._stations = runner, memory, station, stations
        self.view: HallView | None = None
        self.failed = False
        self._day = clock.today()
        self._reading: Task[HallView] | None = None
        self._began, self._took = 0.0, 0.0
        self._stop = threading.Event()
        self._home: str | None = None
        self._wandered = 0
        self._steps: deque[StepOf] = deque()
        self._build()
        self._start()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.setWindowTitle(_("大屏"))
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.head, self.foot = Head(self), Foot(self)
        self.blocks = (PeopleCard(self), UnemployedCard(self), HelpCard(self), ResultsCard(self))
        for card, (_letter, words) in zip(self.blocks, BLOCKS, strict=True):
            card.title = _(words)
        self.parts: tuple[Part, ...] = (self.head, *self.blocks, self.foot)

    def _start(self) -> None:
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._take_step)
        self._settle = QTimer(self, singleShot=True)
        self._settle.timeout.connect(self._load)
        self._every = QTimer(self, interval=EVERY_MS)
        self._every.timeout.connect(self._load)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.look_at_clock)
        self._wander = QTimer(self, interval=WANDER_MS)
        self._wander.timeout.connect(self._on_wander)
        for timer in (self._every, self._look, self._wander):
            timer.start()
        theme.signals().theme_changed.connect(self._on_theme)
        self._runner.io(library.load, self._on_library)

    def show_on(self, screen: QScreen | None, *, beside: bool) -> None:
        """Fill a monitor. ``beside``: another one than the counter's, then the keyboard stays at the counter."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, beside)
        if screen is not None:
            self._home = screen.name() if beside else None
            self.setGeometry(screen.geometry())
        self.showFullScreen()

    # -- what changes -------------------------------------------------------------------------------------------
    def note_change(self) -> None:
        """Read anew a moment later; a reading that takes long is not repeated at once."""
        if not self._settle.isActive():
            self._settle.start(max(SETTLE_MS, round(self._took * 1000 * REST_FACTOR)))

    def look_at_clock(self) -> None:
        """Show the minute; on a new day, read at once."""
        times = state.clock_words(clock.now())
        if self.view is not None and times != self.head.times:
            self.head.times = times
            self._queue(self.head)
        if clock.today() != self._day:
            self._day = clock.today()
            self._load()

    def leave(self, screen: QScreen) -> None:
        """Go when its monitor is unplugged: it must not cover the counter."""
        if self._home is not None and screen.name() == self._home:
            self.hide()

    def come_back(self, screen: QScreen) -> None:
        """Fill its monitor again when that is back."""
        if self._home is not None and screen.name() == self._home and self.isHidden():
            self.show_on(screen, beside=True)

    def _on_wander(self) -> None:
        """Move by two pixels: nothing burns in."""
        self._wandered = 1 - self._wandered
        self._place()

    def _on_theme(self, _look: object) -> None:
        self.update()
        self._queue(*self.parts)

    # -- reading ------------------------------------------------------------------------------------------------
    def _on_library(self, _nothing: object) -> None:
        self._load()

    def _load(self) -> None:
        if self._reading is not None:  # one at a time: the next change comes after it
            self.note_change()
            return
        self._settle.stop()
        self._began = clock.monotonic()
        work = partial(
            state.load_hall,
            station=self._station,
            stations=self._stations,
            memory=self._memory,
            stopped=self._stop.is_set,
        )
        began: Task[HallView] | None = None
        self._pending = True
        began = self._runner.read_aside(work, self._on_view, self._on_unread)
        if self._pending:
            self._reading = began

    def _read(self) -> None:
        self._pending, self._reading = False, None
        self._took = clock.monotonic() - self._began

    def _on_view(self, view: HallView) -> None:
        self._read()
        if self.view is None:
            self.update()  # the words of waiting stand between the cards as well
        self.view, self.failed = view, False
        self.setAccessibleName(state.spoken(view))
        self._tell_foot()
        self.head.times = state.clock_words(clock.now())
        self._queue(*self.parts)

    def _on_unread(self, _error: AppError) -> None:
        """Keep what stands there and say so: nobody in the hall can press anything."""
        self._read()
        self.failed = True
        if self.view is not None:
            self._tell_foot()
            self._queue(self.foot)
        else:
            self.update()
        self._settle.start(EVERY_MS // 6)

    def _tell_foot(self) -> None:
        assert self.view is not None
        self.foot.words = state.foot_words(self.view.as_of, failed=self.failed)
        self.foot.failed = self.failed

    # -- drawing ------------------------------------------------------------------------------------------------
    def _queue(self, *parts: Part) -> None:
        """Draw these anew, a step in each turn of the GUI thread; what was under way begins again."""
        if self.view is None or not library.is_loaded():
            return
        if self._steps and parts != self.parts:
            self._steps.append(partial(self._queue, *parts))
            return
        self._steps.clear()
        look, unit = theme.of(self), unit_for(self.size())
        for part in parts:
            self._steps.extend(part.steps(self.view, look, unit))
        self._turn.start()

    def _take_step(self) -> None:
        if self._steps:
            step = self._steps.popleft()
            if step() is True:
                self._steps.appendleft(step)
        if not self._steps:
            self._turn.stop()
            self.shown.emit()

    def finish(self) -> None:
        """Take every step that is left at once: for pictures."""
        while self._steps:
            self._take_step()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        self._queue(*self.parts)

    def _place(self) -> None:
        unit, off = unit_for(self.size()), WANDER[self._wandered]
        edge, gap, head, foot = (round(each * unit) for each in (EDGE, GAP, HEAD, FOOT))
        wide, high = self.width() - 2 * edge, self.height()
        left = round((wide - gap) * LEFT_SHARE)
        row = (high - head - foot - gap - round(20 * unit) - round(10 * unit)) // 2
        top = round(20 * unit) + head
        boxes = (
            QRect(edge, round(20 * unit), wide, head),
            QRect(edge, top, left, row),
            QRect(edge + left + gap, top, wide - gap - left, row),
            QRect(edge, top + row + gap, left, row),
            QRect(edge + left + gap, top + row + gap, wide - gap - left, row),
            QRect(edge, high - foot - round(6 * unit), wide, foot),
        )
        for part, box in zip(self.parts, boxes, strict=True):
            part.setGeometry(box.translated(off, off))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.of(self).color("bg"))
        if self.view is None:
            said = _("暂时读不出数，稍后会自己再读。") if self.failed else _("正在读数…")
            painter.setFont(theme.of(self).font("figure"))
            painter.setPen(theme.of(self).color("text2"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), said)

    # -- the end ------------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F11):
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop.set()
        if self._reading is not None:
            self._reading.cancel()
        for timer in (self._turn, self._settle, self._every, self._look, self._wander):
            timer.stop()
        self._steps.clear()
        for part in self.parts:
            part.close_plots()
        super().closeEvent(event)
        self.closed.emit()
