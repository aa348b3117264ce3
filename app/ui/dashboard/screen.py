"""The dashboard: a month in four blocks; a figure leads to its rows, a row to the file. F9 opens the hall's screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.ledgers.base import Ask
from app.ledgers.board import Board, Point, load_board, load_trend, station_names
from app.ledgers.board_rows import Behind, load_rows
from app.ledgers.period import month_of
from app.models.access_log import FIGURE_LOOK
from app.texts import _
from app.ui import theme
from app.ui.acting import show_keys
from app.ui.charts import library
from app.ui.context import UiContext
from app.ui.dashboard import state
from app.ui.dashboard.blocks import Blocks
from app.ui.dashboard.detail import DetailPanel
from app.ui.dashboard.filters import BoardFilters, ask_screen
from app.ui.dashboard.rows import RowsPage
from app.ui.dashboard.tiles import FigureTile, GroupTile, Tile
from app.ui.hall.control import hall_of, other_screens
from app.ui.keys import KeyHint
from app.ui.tasks import Task
from app.ui.widgets import Button, EmptyState, IconButton, SkeletonRows, Text

SETTLE_MS = 1_500
PAUSE_MS = 120
ROWS_OF_GROUPS = "A1"


class DashboardScreen(QWidget):
    """The screen 看板."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._hall = hall_of(context.runner)
        self._board: Board | None = None
        self._tile: Tile | None = None
        self._stop, self._stop_rows = threading.Event(), threading.Event()
        self._reading: Task[Board] | None = None
        self._trend: Task[tuple[Point, ...]] | None = None
        self._listing: Task[tuple[Behind, ...]] | None = None
        self._listed = ""
        self.panel = DetailPanel()
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.filters = BoardFilters(Ask(month_of(clock.today())))
        self.filters.hide()
        self.title, self.period = Text(_("看板"), "page"), Text("", "section")
        self.about = Text("", "secondary", "text2")
        self.about.setMinimumWidth(10)
        self.before = IconButton("chevron-left", _("上个月"), key="Ctrl PgUp")
        self.after = IconButton("chevron-right", _("下个月"), key="Ctrl PgDn")
        self.narrow = Button(_("月份和站点"), "outline", "/", "funnel")
        self.open_hall = Button(_("打开大屏"), "filled", "F9", "monitor-up")
        self.filters.set_main_button(self.open_hall)
        self.blocks, self.rows = Blocks(), RowsPage()
        self.unread = EmptyState(_("数字没有读出来"), _("本机的资料没有动。按 F5 再读一次。"), icon="circle-alert")
        self.pages = QStackedWidget()
        waiting = QWidget()
        QVBoxLayout(waiting).addWidget(SkeletonRows(4))
        for page in (waiting, self.blocks, self.rows, self.unread):
            self.pages.addWidget(page)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        for widget in (self.title, self.about):
            head.addWidget(widget, int(widget is self.about))
        for button in (self.before, self.period, self.after, self.narrow, self.open_hall):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 18, 8)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.filters)
        column.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_ask)
        self.before.clicked.connect(partial(self._step, -1))
        self.after.clicked.connect(partial(self._step, 1))
        self.narrow.clicked.connect(self._on_narrow)
        self.open_hall.clicked.connect(self.main_action)
        self.panel.rows_requested.connect(self._open_rows)
        self.rows.side_chosen.connect(self._open_rows)
        self.rows.table.row_activated.connect(self._on_row)
        self._hall.changed.connect(self._on_hall)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._load)
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._load_trend)
        for keys, by in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._step, by))
        self._on_hall(self._hall.is_open)

    # -- what the window calls ----------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read the figures anew: at once the first time, a moment after a row of changes else."""
        if not library.is_loaded():
            self._context.runner.io(library.load, self._on_library)
        self._context.runner.read(station_names, self._on_stations)
        if self._board is None or self.pages.currentWidget() is self.unread:
            self._load()
        else:
            self._settle.start()

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        if self.pages.currentWidget() is self.rows:
            return [
                KeyHint(("↑", "↓"), _("换一行")), KeyHint(("Enter",), _("打开档案")),
                KeyHint(("Esc",), _("回到看板")), KeyHint(("F9",), _("打开大屏")),
            ]  # fmt: skip
        return [
            KeyHint(("↑", "↓", "←", "→"), _("换一个数")), KeyHint(("Enter",), _("看是哪些人")),
            KeyHint(("Ctrl PgUp", "Ctrl PgDn"), _("上个月、下个月")), KeyHint(("/",), _("月份和站点")),
            KeyHint(("F9",), _("打开大屏")),
        ]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        return {"filter": self._open_filters}

    def main_action(self) -> None:
        """Open the hall's screen, or close it (F9)."""
        if self._hall.is_open:
            self._hall.close()
            return
        own = self.screen()
        others = other_screens(own)
        screen = others[0] if len(others) == 1 else ask_screen(self.window(), others) if others else own
        if screen is None:
            return
        station = self.filters.station_words() or self._context.station.name
        self._hall.open(station, stations=self.filters.ask.stations, screen=screen, beside=bool(others))
        if not others:
            self._context.messages.remark(_("只有一块屏幕，大屏就开在这里。按 Esc 或 F11 收起。"))

    def focusInEvent(self, event: object) -> None:
        self._give_keys()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.filters.isHidden():
            self._close_filters()
        elif event.key() == Qt.Key.Key_Escape and self.pages.currentWidget() is self.rows:
            self._back()
        else:
            super().keyPressEvent(event)

    # -- reading ------------------------------------------------------------------------------------------------
    def _load(self) -> None:
        self._settle.stop()
        self._stop.set()
        if self._reading is not None:
            self._reading.cancel()
        self._stop = threading.Event()
        self._tell_head(_("正在读…"))
        work = partial(load_board, ask=self.filters.ask, memory=self._hall.memory, stopped=self._stop.is_set)
        self._reading = self._context.runner.read_aside(work, self._on_board, self._on_unread)

    def _on_board(self, board: Board) -> None:
        self._board = board
        self._tell_head("　".join(part for part in (state.whole_month(board.ask), state.as_of_words(board)) if part))
        for tile in self.blocks.show_board(board):
            tile.chosen.connect(self._on_tile)
            tile.opened.connect(self._on_tile_opened)
            tile.moved.connect(self._on_moved)
        if self.pages.currentWidget() is not self.rows:
            self.pages.setCurrentWidget(self.blocks)
        self._choose(self._still())
        if self.hasFocus():
            self._give_keys()

    def _still(self) -> Tile:
        """Return the tile that was chosen, or the first: a group may be gone."""
        tiles = self.blocks.tiles()
        return next((tile for tile in tiles if tile is self._tile), tiles[0])

    def _on_unread(self, error: AppError) -> None:
        self._tell_head("")
        if self._board is None or self.pages.currentWidget() is self.unread:
            self.pages.setCurrentWidget(self.unread)
        else:
            self._tell_head(_("没有读出新的，显示的是 {at}", at=state.as_of_words(self._board)))
        self._context.messages.show_error(error, retry=self._load)

    def _on_library(self, _nothing: object) -> None:
        self.blocks.redraw()
        self.panel.redraw()

    def _on_stations(self, found: tuple[tuple[str, str], ...]) -> None:
        self.filters.set_stations(found)

    def _tell_head(self, said: str) -> None:
        period = self.filters.ask.period
        self.period.setText(period.words)
        self.after.setEnabled(not state.is_last_month(period))
        self.about.setText("　".join(part for part in (self.filters.station_words(), said) if part))

    # -- choosing a figure --------------------------------------------------------------------------------------
    def _on_tile(self, tile: Tile) -> None:
        self.blocks.ensureWidgetVisible(tile, 0, 8)
        if tile is not self._tile:
            self._choose(tile)

    def _choose(self, tile: Tile) -> None:
        for each in self.blocks.tiles():
            each.set_chosen(each is tile)
        self._tile = tile
        period = self._board.ask.period.words if self._board is not None else ""
        if isinstance(tile, FigureTile):
            self.panel.show_cell(tile.cell, period)
            self._pause.start()
        elif isinstance(tile, GroupTile):
            self.panel.show_group(tile.share, period)

    def _on_moved(self, tile: Tile, key: int) -> None:
        found = self.blocks.neighbour(tile, key)
        if found is not None:
            found.setFocus(Qt.FocusReason.OtherFocusReason)

    def _load_trend(self) -> None:
        if not isinstance(self._tile, FigureTile) or self._board is None:
            return
        if self._trend is not None:
            self._trend.cancel()
        stop, code = self._stop, self._tile.code
        work = partial(load_trend, code=code, ask=self._board.ask, memory=self._hall.memory, stopped=stop.is_set)
        self._trend = self._context.runner.read_aside(work, self._on_trend)

    def _on_trend(self, points: tuple[Point, ...]) -> None:
        if isinstance(self._tile, FigureTile) and points[-1].figure.indicator.code == self._tile.code:
            self.panel.show_trend(points)

    # -- the rows behind ----------------------------------------------------------------------------------------
    def _on_tile_opened(self, tile: Tile) -> None:
        self._choose(tile)
        self._open_rows(False)

    def _open_rows(self, base: bool) -> None:
        tile, board = self._tile, self._board
        if tile is None or board is None:
            return
        if isinstance(tile, GroupTile):
            if not state.may_open_group(tile.share):
                self._context.messages.remark(_("这一类的人不列名单。"))
                return
            code, title = ROWS_OF_GROUPS, state.group_title(tile.share)
            ask, has_base = Ask(board.ask.period, board.ask.stations, group=tile.share.code), False
        else:
            assert isinstance(tile, FigureTile)
            code, title, ask = tile.code, _(tile.cell.now.indicator.title), board.ask
            has_base = tile.cell.now.denominator is not None
        self._listed = code
        self._stop_rows.set()
        if self._listing is not None:
            self._listing.cancel()
        self._stop_rows = threading.Event()
        self.rows.begin(title, has_base=has_base, base=base)
        self.pages.setCurrentWidget(self.rows)
        self.rows.setFocus()
        show_keys(self)
        work = partial(load_rows, code=code, ask=ask, base=base, stopped=self._stop_rows.is_set)
        self._listing = self._context.runner.read_aside(work, self._on_rows, self._on_no_rows)

    def _on_rows(self, rows: tuple[Behind, ...]) -> None:
        period = self._board.ask.period if self._board is not None else None
        self.rows.show_rows(rows, period.words if period is not None else "")
        if rows and period is not None:
            self._context.looked(FIGURE_LOOK, "figure", self._listed, state.look_words(period, len(rows)))

    def _on_no_rows(self, error: AppError) -> None:
        self._back()
        self._context.messages.show_error(error)

    def _on_row(self, row: Behind) -> None:
        place = state.row_place(row)
        if place is None:
            self._context.messages.remark(_("这个人的档案不在本机，打不开。"))
        else:
            self._context.navigate(place[0], **place[1])

    def _back(self) -> None:
        self._stop_rows.set()
        self.pages.setCurrentWidget(self.blocks)
        self._give_keys()
        show_keys(self)

    def _give_keys(self) -> None:
        """Put the keyboard on the rows, or on the chosen figure."""
        if self.pages.currentWidget() is self.rows:
            self.rows.setFocus()
        elif self._tile is not None and self.pages.currentWidget() is self.blocks:
            self._tile.setFocus()

    # -- month, station, hall -----------------------------------------------------------------------------------
    def _on_ask(self, _ask: Ask) -> None:
        if self.pages.currentWidget() is self.rows:
            self._back()
        self._load()

    def _step(self, by: int) -> None:
        self.filters.take_period(state.stepped(self.filters.ask.period, by))

    def _on_narrow(self) -> None:
        if self.filters.isHidden():
            self._open_filters()
        else:
            self._close_filters()

    def _open_filters(self) -> None:
        self.filters.show()
        self.filters.focus_first()

    def _close_filters(self) -> None:
        self._give_keys()
        self.filters.hide()

    def _on_hall(self, is_open: bool) -> None:
        self.open_hall.set_label(_("收起大屏") if is_open else _("打开大屏"))
