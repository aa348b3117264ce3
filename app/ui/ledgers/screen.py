"""Ledgers: which, of which period, its rows masked; Enter opens what a row is about, F9 takes the ledger out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut

from app.errors import AppError
from app.ledgers.base import Ask, Ledger
from app.ledgers.closing import CLOSE, REOPEN
from app.ledgers.offers import Offers, offers
from app.models.access_log import LEDGER_LOOK
from app.texts import _
from app.ui.context import UiContext
from app.ui.dialogs import ProgressCard
from app.ui.keys import KeyHint
from app.ui.ledgers import month_state, parts, state, taking
from app.ui.ledgers.frame import LedgerFrame
from app.ui.ledgers.month import Closing, MonthLine
from app.ui.ledgers.month_state import Corrections
from app.ui.ledgers.state import Preview, Row
from app.ui.ledgers.taking import Taking
from app.ui.rights import Rights
from app.ui.tasks import Task
from app.ui.widgets import EmptyState, SkeletonRows

_KINDS_WIDTH = 236


class LedgersScreen(LedgerFrame):
    """The screen 台账."""

    def __init__(self, context: UiContext) -> None:
        super().__init__(narrow=_("期间和筛选"), progress=_("正在导出"))
        self._context, self.rights = context, Rights.of(context.actor.roles)
        self._ledger = state.ledger_names()[0]
        self._preview: Preview | None = None
        self._reading: Task[Preview] | None = None
        self._comparing: Task[Corrections] | None = None
        self._stop_reading = threading.Event()
        self.taking: Taking | None = None
        self._build()
        self._connect()
        self.kinds.set_rows(state.ledger_names())
        self.kinds.select_first()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.closing_progress = ProgressCard(_("正在结账"), can_background=False)
        self.closing_progress.hide()
        self.month = MonthLine(self.rights)
        self.closing = Closing(self._context, self, self.closing_progress)
        self.corrections = parts.CorrectionsPanel()
        self.lay_out(over=(self.month,), below=(self.corrections, self.closing_progress))

    def _connect(self) -> None:
        self.kinds.row_selected.connect(self._on_kind)
        self.kinds.row_activated.connect(self._on_kind_opened)
        self.filters.changed.connect(self._on_ask)
        self.export.clicked.connect(self.main_action)
        self.progress.stop_requested.connect(self._on_stop)
        self.month.act_requested.connect(self._on_month)
        self.closing.changed.connect(self._load)
        shortcut = QShortcut(QKeySequence("Ctrl+J"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._on_month)

    # -- what the window calls ----------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read what the filters offer, and the rows."""
        self._context.runner.read(offers, self._on_offers)
        self._load()

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [
            KeyHint(("↑", "↓"), _("换一本、换一行")), KeyHint(("Enter",), _("进台账，打开档案")),
            KeyHint(("Ctrl PgUp", "Ctrl PgDn"), _("上个月、下个月")), KeyHint(("/",), _("期间和筛选")),
            KeyHint(("Ctrl J",), _("结账")), KeyHint(("F9",), _("导出")), KeyHint(("Esc",), _("退一步")),
        ]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        return {"filter": self.open_filters}

    def main_action(self) -> None:
        """Take the ledger out (F9)."""
        if self.taking is not None:
            self._context.messages.remark(_("上一份还在导出，等它好了，或者先停下。"))
        elif self._preview is None:
            self._context.messages.remark(_("台账还没读出来，稍等再导出。"))
        else:
            self._ask_export(self._preview)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.shelf.isHidden():
            self.close_filters()
        elif event.key() == Qt.Key.Key_Escape and self.taking is not None:
            self._on_stop()
        elif event.key() == Qt.Key.Key_Escape and self.closing.under_way:
            self.closing.stop()
        elif event.key() == Qt.Key.Key_Escape:
            self.kinds.setFocus()
        else:
            super().keyPressEvent(event)

    # -- reading ------------------------------------------------------------------------------------------------
    def _load(self) -> None:
        """Read the ledger aside: a hundred thousand rows keep nobody's save waiting."""
        self._stop_reading.set()
        for task in (self._reading, self._comparing):
            if task is not None:
                task.cancel()
        self._stop_reading = threading.Event()
        same = self._preview is not None and self._preview.ledger.code == self._ledger.code
        self._preview = None
        self.corrections.clear()
        self._tell_head()
        if not same:
            self.show_in_place(SkeletonRows(6))
        work = partial(state.load_preview, ledger=self._ledger, ask=self.filters.ask, stopped=self._stop_reading.is_set)
        self._reading = self._context.runner.read_aside(work, self._on_preview, self._on_unread)

    def _on_preview(self, preview: Preview) -> None:
        before = self.table.current_row() if self.table is not None else None
        had_keys = self.table is not None and self.table.isAncestorOf(self.window().focusWidget() or self)
        self._preview = preview
        if preview.rows and state.has_personal(preview.ledger):
            self._context.looked(LEDGER_LOOK, "ledger", preview.ledger.code, state.look_words(preview))
        self._tell_head()
        table = parts.rows_table(preview)
        table.row_activated.connect(self._on_row)
        self.show_in_place(table)
        self.table = table
        if before is None or not table.select_key(before.line.row_id):
            table.select_first()
        if had_keys:
            (table if preview.rows else self.kinds).setFocus()
        stopped = self._stop_reading.is_set
        work = partial(month_state.load_corrections, ledger=self._ledger, ask=preview.ask, stopped=stopped)
        self._comparing = self._context.runner.read_aside(work, self._on_corrections, self._on_uncompared)

    def _on_corrections(self, made: Corrections) -> None:
        self.corrections.show_corrections(made)

    def _on_uncompared(self, error: AppError) -> None:
        self.corrections.say(error.text)

    def _on_unread(self, error: AppError) -> None:
        self.count.setText("")
        self.show_in_place(EmptyState(_("台账没有读出来"), _("换一本再换回来，就会再读一次。"), icon="circle-alert"))
        self._context.messages.show_error(error, retry=self._load)

    def _on_offers(self, found: Offers) -> None:
        self.filters.set_offers(found)

    def _tell_head(self) -> None:
        period = self.filters.ask.period
        self.title.setText(_(self._ledger.title))
        self.period.setText(period.words)
        self.after.setEnabled(not state.is_last_month(period))
        said = [state.count_words(self._preview) if self._preview is not None else _("正在读…"), self.filters.words()]
        self.count.setText("　".join(part for part in said if part))
        hidden = _("姓名、号码遮住了；导出时可选完整的，要写理由") if state.has_personal(self._ledger) else ""
        self.masked.setText(hidden)
        self.month.show_words(self._preview.month if self._preview is not None else None)

    # -- choosing -----------------------------------------------------------------------------------------------
    def _on_kind(self, ledger: Ledger) -> None:
        if ledger is not self._ledger:
            self._ledger = ledger
            self._load()

    def _on_kind_opened(self, ledger: Ledger) -> None:
        self._on_kind(ledger)
        if self.table is not None:
            self.table.setFocus()

    def _on_ask(self, _ask: Ask) -> None:
        self._load()

    def _on_row(self, row: Row) -> None:
        found = state.subject_of(self._ledger, row)
        if found is None:
            self._context.messages.remark(_("这一行不是某个人或岗位的，没有档案可打开。"))
        elif found[0] == state.VACANCY:
            self._context.navigate("vacancies", vacancy=found[1])
        else:
            self._context.navigate("resident_file", id=found[1])

    # -- the month ----------------------------------------------------------------------------------------------
    def _on_month(self) -> None:
        """Close the month, or open it again."""
        if self.closing.under_way:
            self._context.messages.remark(_("正在结账，等它好了，或者先停下。"))
        elif self.month.act() == CLOSE:
            self.closing.close_month(self.filters.ask.period)
        elif self.month.act() == REOPEN:
            self.closing.reopen_month(self.filters.ask.period)
        elif self._preview is not None:
            self._context.messages.remark(self.month.why_not())

    # -- taking out ---------------------------------------------------------------------------------------------
    def _ask_export(self, preview: Preview) -> None:
        count = len(preview.rows)
        rows = _("{n} 行", n=f"{count:,}") if count else _("没有记录，导出的表上会写明")
        facts = "　".join(part for part in (preview.ask.period.words, rows, self.filters.words()) if part)
        wanted = taking.ask_export(self.window(), preview.ledger, facts, self.rights)
        if wanted is None:
            return
        path = taking.ask_path(self.window(), wanted.kind, state.file_name(preview.ledger, preview.ask.period))
        if path is not None:
            self.taking = Taking(self._context, self, preview.ledger, preview.ask, wanted, path)
            self.taking.progressed.connect(self._on_progress)
            self.taking.finished.connect(self._on_taken)
            self.export.set_busy(_("正在导出…"))
            self.progress.stop.set_busy(None)
            self.progress.set_progress(0, count)
            self.progress.show()
            self.taking.start()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.set_progress(done, total)

    def _on_stop(self) -> None:
        if self.taking is not None:
            self.progress.set_stopping()
            self.taking.stop()

    def _on_taken(self) -> None:
        if self.taking is not None:
            self.taking.deleteLater()
        self.taking = None
        self.progress.hide()
        self.export.set_busy(None)
