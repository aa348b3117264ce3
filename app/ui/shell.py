"""The shell of a signed-in person: rail, top bar, sheet, key bar, and the way between screens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, BugError, NotAllowedError
from app.models.acts import may
from app.texts import _
from app.ui import keys, theme
from app.ui.context import UiContext
from app.ui.palette import Palette, Picked
from app.ui.rail import Rail
from app.ui.screens import (
    SCREENS,
    Acting,
    Badged,
    Guarding,
    Hinting,
    Opening,
    Refreshing,
    Screen,
    Syncing,
    WithMainAction,
    open_to,
    rail_of,
)
from app.ui.sync_badge import ALONE, SENDING, SyncSummary
from app.ui.top_bar import TopBar
from app.ui.widgets.blocks import KeyBar
from app.ui.widgets.panel import CollapsiblePanel

log = logging.getLogger(__name__)
HISTORY = 50


@dataclass
class Page:
    """A screen that was opened, with what stands around it."""

    screen: Screen
    widget: QWidget
    holder: QWidget
    key_bar: KeyBar
    stale: bool = False
    arguments: dict[str, object] = field(default_factory=dict)


class _Sheet(QStackedWidget):
    """The pages, under one rounded corner at the top left."""

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, 8, 8)
        path = QPainterPath()
        path.addRoundedRect(box, theme.RADIUS["panel"], theme.RADIUS["panel"])
        painter.fillPath(path, look.color("surface"))
        painter.setPen(QPen(look.color("line"), 1))
        painter.drawPath(path)


class Shell(QWidget):
    """Everything between sign-in and lock."""

    lock_requested = Signal()
    help_requested = Signal()
    full_screen_requested = Signal()
    scale_requested = Signal(int)
    sync_requested = Signal()
    page_shown = Signal(str)

    def __init__(
        self, context: UiContext, *, screens: tuple[Screen, ...] = SCREENS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._screens = open_to(context.actor.roles, screens)
        self._pages: dict[str, Page] = {}
        self._history: list[tuple[str, dict[str, object]]] = []
        self._palette: Palette | None = None
        self._told: set[str] = set()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.rail = Rail(self._screens)
        self.top = TopBar(self._context)
        self.sheet = _Sheet()
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top)
        right.addWidget(self.sheet, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        theme_part(self)

    def _connect(self) -> None:
        self.rail.screen_requested.connect(self.navigate)
        self.top.screen_requested.connect(self.navigate)
        self.top.resident_picked.connect(self._on_resident_picked)
        self.top.command_requested.connect(self.run)
        self._context.runner.records_changed.connect(self._on_records_changed)
        for command in keys.COMMANDS:
            for sequence in command.keys:
                self._bind(sequence, partial(self.run, command.name))
        for number, name in enumerate(self.rail.names()[:9], start=1):
            self._bind(f"Alt+{number}", partial(self.navigate, name))
        self._minute = QTimer(self, interval=30_000)
        self._minute.timeout.connect(self.top.badge.retell)
        self._minute.start()

    def _bind(self, sequence: str, act: Callable[[], object]) -> None:
        # The window's, not the focus widget's: a key works also when what had the focus is gone. Hidden, it is dead.
        shortcut = QShortcut(QKeySequence(sequence), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(act)

    # Going about

    @property
    def current(self) -> Page | None:
        """The page in front."""
        name = self._history[-1][0] if self._history else ""
        return self._pages.get(name)

    def navigate(self, name: str, **arguments: object) -> None:
        """Open a screen; its module is imported now if it never was."""
        if self.current is not None and name != self.current.screen.name and not self._may_leave():
            return
        page = self._page(name)
        if page is None:
            return
        if not self._history or self._history[-1] != (name, arguments):
            self._history = [*self._history, (name, arguments)][-HISTORY:]
        self._show(page, arguments)

    def go_back(self) -> None:
        """Go to the screen before (Alt+←)."""
        if len(self._history) < 2 or not self._may_leave():
            return
        self._history.pop()
        name, arguments = self._history[-1]
        page = self._page(name)
        if page is not None:
            self._show(page, arguments)

    def _may_leave(self) -> bool:
        page = self.current
        return page is None or not isinstance(page.widget, Guarding) or page.widget.may_leave()

    def _page(self, name: str) -> Page | None:
        page = self._pages.get(name)
        if page is not None:
            return page
        screen = next((each for each in self._screens if each.name == name), None)
        if screen is None:
            self._context.messages.show_error(NotAllowedError(_("您的岗位打不开这一屏，请转站长。")))
            return None
        try:
            widget = screen.build(self._context)
        except AppError as error:
            self._context.messages.show_error(error)
            return None
        except Exception as error:
            log.exception("screen %s cannot be built", name)
            bug = BugError(_("这一屏打不开。"))
            bug.__cause__ = error
            self._context.messages.show_error(bug)
            return None
        page = self._wrap(screen, widget)
        self._pages[name] = page
        self.sheet.addWidget(page.holder)
        return page

    def _wrap(self, screen: Screen, widget: QWidget) -> Page:
        """Put the key bar under the screen and its panel, if any, beside both."""
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(1, 1, 0, 0)
        column.setSpacing(0)
        column.addWidget(widget, 1)
        key_bar = KeyBar()
        column.addWidget(key_bar)
        panel = getattr(widget, "panel", None)
        holder: QWidget = main
        if isinstance(panel, QWidget):
            holder = CollapsiblePanel(main, panel, width=getattr(widget, "panel_width", theme.WIDTH["panel"]))
        if isinstance(widget, Badged):
            widget.badge_changed.connect(partial(self._read_badge, screen.name, widget))
        return Page(screen, widget, holder, key_bar)

    def _show(self, page: Page, arguments: dict[str, object]) -> None:
        self._context.messages.clear()
        page.arguments = arguments
        if self.sheet.currentWidget() is not page.holder:
            self.setFocus()  # else Qt hands the keyboard of the page that goes to whatever comes next
        self.sheet.setCurrentWidget(page.holder)
        self.rail.light(rail_of(page.screen))
        if isinstance(page.widget, Opening):
            page.widget.open(**arguments)
        self._refresh(page)
        self.show_hints()
        if not page.widget.isAncestorOf(self.window().focusWidget() or self):
            page.widget.setFocus()
        self.page_shown.emit(page.screen.name)

    def show_hints(self) -> None:
        """Fill the key bar of the page in front anew; a screen calls it by ``show_keys``."""
        page = self.current
        if page is None:
            return
        hints = list(page.widget.key_hints()) if isinstance(page.widget, Hinting) else []
        shown = {hint.keys for hint in hints}
        always = [keys.hint("find"), keys.hint("help")]
        hints += [hint for hint in always if hint.keys not in shown]
        page.key_bar.set_keys([(hint.keys, hint.text) for hint in hints])

    # Keeping fresh

    def _refresh(self, page: Page) -> None:
        page.stale = False
        if isinstance(page.widget, Refreshing):
            page.widget.refresh()

    def _on_records_changed(self, types: frozenset[str]) -> None:
        for page in self._pages.values():
            if page.screen.watches & types:
                if page is self.current and self.isVisible():
                    self._refresh(page)
                else:
                    page.stale = True

    def showEvent(self, event: object) -> None:
        """Come back from the lock: what went stale is read again."""
        page = self.current
        if page is not None and page.stale:
            self._refresh(page)

    def show_sync(self, summary: SyncSummary) -> None:
        """Show the sync's state in the badge and on the rail."""
        self.top.badge.show_summary(summary)
        self.rail.set_badge("sync", summary.needs_person)
        for notice, text in summary.notices:
            if notice not in self._told:
                self._told.add(notice)
                self._context.messages.remark(_("区里通知：{said}", said=text))
        if self.current is None or self.current.screen.name != "sync":
            return
        if isinstance(self.current.widget, Syncing):
            self.current.widget.show_sync(summary)
        if summary.state != SENDING and not summary.fetching:
            self._refresh(self.current)

    def _read_badge(self, name: str, widget: Badged) -> None:
        """Show a screen's count on the rail: 今日's open tasks."""
        self.rail.set_badge(name, widget.badge())

    # Commands

    def run(self, name: str) -> None:
        """Run a command: the screen in front has it, or the shell, or it opens a screen; else say what it needs."""
        command = keys.command(name)
        if command.act and not may(self._context.actor.roles, command.act):
            self._context.messages.remark(_("您的岗位不能“{what}”，请转站长。", what=_(command.text)))
            return
        if self._palette is not None and self._palette.isVisible():
            self._palette.close_palette()
        page = self.current
        offered = page.widget.acts() if page is not None and isinstance(page.widget, Acting) else {}
        if name in offered:
            offered[name]()
        elif name == "main" and page is not None and isinstance(page.widget, WithMainAction):
            page.widget.main_action()
        elif name == "undo" and self._context.messages.undo_last():
            return
        elif (own := self._own_commands().get(name)) is not None:
            own()
        elif command.screen:
            self.navigate(command.screen)
        elif command.needs:
            self._context.messages.remark(_(command.needs))

    def _own_commands(self) -> dict[str, Callable[[], object]]:
        return {
            "help": self.help_requested.emit,
            "find": self.top.search.focus,
            "sync": self._sync,
            "full_screen": self.full_screen_requested.emit,
            "lock": self.lock_requested.emit,
            "palette": self.open_palette,
            "back": self.go_back,
            "larger": partial(self.scale_requested.emit, 1),
            "smaller": partial(self.scale_requested.emit, -1),
            "normal_size": partial(self.scale_requested.emit, 0),
        }

    def _sync(self) -> None:
        """Sync now and read this page again."""
        if self._context.sync is None or self._context.sync.summary().state == ALONE:
            self._context.messages.remark(_("本站单独使用，没有联区里，不用同步。"))
        else:
            self._context.sync.sync_now()
        if self.current is not None:
            self._refresh(self.current)

    def open_palette(self) -> None:
        """Open the command palette over the window."""
        self._context.messages.clear()
        if self._palette is not None:
            self._palette.deleteLater()
        self._palette = Palette(self._context, self, screens=self._screens)
        self._palette.picked.connect(self._on_picked)
        self._palette.open()

    def _on_picked(self, picked: object) -> None:
        if not isinstance(picked, Picked):
            return
        if picked.kind == "resident":
            self._on_resident_picked(picked.name)
        elif picked.kind == "screen":
            self.navigate(picked.name)
        else:
            self.run(picked.name)

    def _on_resident_picked(self, resident_id: str) -> None:
        self.navigate("resident_file", id=resident_id)

    def changeEvent(self, event: QEvent) -> None:
        """Take measures anew when the text grew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()

    def _measure(self) -> None:
        self.rail.set_wide(self.width() >= theme.WIDE_FROM)
        self.top.setFixedHeight(theme.of(self).px(theme.HEIGHT["top"]))
        self.top.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words beside the rail's icons from 1600 wide."""
        super().resizeEvent(event)
        self._measure()
        if self._palette is not None:
            self._palette.setGeometry(self.rect())


def theme_part(widget: QWidget) -> None:
    """Give the shell the window's ground."""
    widget.setProperty("part", "bg")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
