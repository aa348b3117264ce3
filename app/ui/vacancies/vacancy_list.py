"""The vacancies by review state: filter, table, ticks, and publishing in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.vacancies import ALL, IN_REVIEW, VacancyLine, count_slices, list_slice, list_slice_ids
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.dialogs import ProgressCard
from app.ui.sliced_list import FILTER_REST_MS, LEAST_TABLE
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.vacancies.bulk import BulkPublishing
from app.ui.vacancies.columns import vacancy_columns
from app.ui.vacancies.state import SLICE_WORDS, Published, Rights
from app.ui.widgets import BannerLine, Button, Choice, EmptyState, SearchField, SegmentedFilter, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

RELOAD_REST_MS = 250
LIMIT = 2000
Loaded = tuple[str, str, dict[str, int], list[VacancyLine]]


def load_list(name: str, words: str, tx: Transaction) -> Loaded:
    """Read one slice and the counts of all."""
    return name, words, count_slices(tx), list_slice(tx, name, filter_text=words, limit=LIMIT)


class VacancyList(QWidget):
    """One slice of the vacancies. ``row_selected`` carries a line or None; ``counted`` the number of all."""

    row_selected = Signal(object)
    opened = Signal(str)
    turned_down = Signal()
    counted = Signal(int)
    ticked = Signal(int)
    import_requested = Signal()
    add_requested = Signal()

    def __init__(self, context: UiContext, doer: Doer) -> None:
        super().__init__()
        self._context, self._doer = context, doer
        self._rights = Rights.of(context.actor.roles)
        self._asked: Task[Loaded] | None = None
        self._bulk: BulkPublishing | None = None
        self._wanted = ""
        self._loaded = False
        self._reload = QTimer(self, singleShot=True, interval=RELOAD_REST_MS)
        self._reload.timeout.connect(self.refresh)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.slices = SegmentedFilter([Choice(code, _(words)) for code, words in SLICE_WORDS], name=_("审核状态"))
        self.search = SearchField(_("岗位、单位、地点"), "/", rest_ms=FILTER_REST_MS)
        self.publish_all = Button(_("发布全部待审"), "soft", height=32)
        self.publish_all.setVisible(False)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE[2])
        bar.addWidget(self.slices)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.publish_all)
        self.progress = ProgressCard(_("正在发布岗位"), can_background=False)
        self.progress.hide()
        self.result = BannerLine("circle-check", "", "", tone="good", soft=True)
        self.result.hide()
        close = Button(_("知道了"), "text", height=32)
        close.clicked.connect(self.result.hide)
        self.result.add(close)
        self.table = RecordTable(
            vacancy_columns(), name=_("岗位"), row_height=50, checkable=self._rights.publish,
            key=lambda row: row.id, empty=self._nothing_at_all(),
        )  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(bar)
        column.addWidget(self.progress)
        column.addWidget(self.result)
        column.addWidget(self.table, 1)
        self.more = Text(_("只列最新的 {n} 个，更早的用筛选找。", n=f"{LIMIT:,}"), "secondary", "text2")
        self.more.hide()
        column.addWidget(self.more)
        self.table.setMinimumHeight(LEAST_TABLE)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.slices.chosen.connect(self._on_slice)
        self.search.text_changed.connect(self._on_search)
        self.search.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self.row_selected)
        self.table.row_activated.connect(self._on_activated)
        self.table.checks_changed.connect(self._on_ticks)
        self.table.postpone_requested.connect(self._on_del)
        self.publish_all.clicked.connect(self._on_publish_all)
        every = QShortcut(QKeySequence("Ctrl+A"), self.table)
        every.activated.connect(self._on_tick_all)

    # -- reading ------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read the slice and the counts again."""
        self.table.set_loading()
        if self._asked is not None:
            self._asked.cancel()
        work = partial(load_list, self.slices.code(), self.search.text().strip())
        self._asked = self._context.runner.read(work, self._on_loaded)

    def refresh_soon(self) -> None:
        """Read again after a short rest: an import changes records many times a second."""
        self._reload.start()

    def _on_loaded(self, loaded: Loaded) -> None:
        name, words, counts, rows = loaded
        choices = [Choice(code, _(label), counts.get(code, 0)) for code, label in SLICE_WORDS]
        if not self._loaded and not counts.get(name) and counts.get(ALL):
            name = next(code for code, _label in SLICE_WORDS if counts.get(code))
        first, self._loaded = not self._loaded, True
        changed = name != self.slices.code()
        self.slices.set_choices(choices)
        self.slices.set_code(name)
        self.publish_all.set_label(_("发布全部待审 {n}", n=counts.get(IN_REVIEW, 0)))
        self.publish_all.setVisible(self._rights.publish and counts.get(IN_REVIEW, 0) > 0 and name == IN_REVIEW)
        self.counted.emit(counts.get(ALL, 0))
        if changed:
            self.refresh()
            return
        self.table.set_empty(self._nothing(counts, words))
        self.table.set_rows(rows)
        self.more.setVisible(len(rows) == LIMIT)
        if self._wanted and self.table.select_key(self._wanted):
            self._wanted = ""
        if self.table.current_row() is None:
            self.table.select_first()
        self.row_selected.emit(self.table.current_row())
        self._on_ticks(self.table.checked_rows())
        if first and self.isVisible():
            self.table.setFocus()

    def _nothing(self, counts: dict[str, int], words: str) -> EmptyState:
        if words:
            return EmptyState(_("没有找到“{words}”", words=words), _("换个词，或者看全部。"), icon="search")
        if counts.get(ALL):
            return EmptyState(_("这一类现在没有岗位"), _("换一类看看。"), icon="briefcase")
        return self._nothing_at_all()

    def _nothing_at_all(self) -> EmptyState:
        text = _("可以导入招聘会、网站的表格（也可以把文件拖进来），或者登记一个。")
        empty = EmptyState(_("还没有岗位"), text, _("导入岗位"), icon="briefcase")
        empty.act_requested.connect(self.import_requested)
        return empty

    # -- choosing -----------------------------------------------------------------------------------------------
    def show_vacancy(self, vacancy_id: str) -> None:
        """Go to one vacancy, whichever slice it is in."""
        self._wanted = vacancy_id
        self.slices.set_code(ALL)
        self.search.set_text("")
        self.refresh()

    def show_slice(self, name: str) -> None:
        """Show another slice."""
        self.slices.set_code(name)
        self.refresh()

    def current(self) -> VacancyLine | None:
        """Return the chosen line."""
        return self.table.current_row()

    def ticked_lines(self) -> list[VacancyLine]:
        """Return the ticked lines."""
        return self.table.checked_rows()

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.search.setFocus()
        self.search.line.selectAll()

    def _on_slice(self, _code: str) -> None:
        self.table.set_checked([])
        self.refresh()

    def _on_search(self, _words: str) -> None:
        self.refresh()

    def _on_submitted(self, _words: str) -> None:
        self.table.setFocus()

    def _on_activated(self, line: VacancyLine) -> None:
        self.opened.emit(line.id)

    def _on_ticks(self, rows: Sequence[VacancyLine]) -> None:
        self.ticked.emit(len(rows))

    def _on_tick_all(self) -> None:
        if self._rights.publish:
            rows = self.table.rows()
            done = len(self.table.checked_rows()) == len(rows)
            self.table.set_checked([] if done else [row.id for row in rows])

    def _on_del(self, _line: VacancyLine) -> None:
        self.turned_down.emit()

    # -- publishing ---------------------------------------------------------------------------------------------
    def publish(self, ids: Sequence[str]) -> None:
        """Publish these in batches."""
        if self._bulk is not None or not ids:
            return
        self.result.hide()
        self._bulk = BulkPublishing(self._context, ids, self)
        self._bulk.progressed.connect(self._on_progress)
        self._bulk.finished.connect(self._on_finished)
        self.progress.stop_requested.connect(self._bulk.stop)
        self.progress.stop_requested.connect(self.progress.set_stopping)
        self.progress.set_progress(0, len(ids))
        self.progress.setVisible(len(ids) > 1)
        self.publish_all.set_busy(_("正在发布…"))
        self._bulk.start()

    def _on_publish_all(self) -> None:
        work = partial(_waiting_ids, self.search.text().strip())
        self._context.runner.read(work, self.publish)

    def _on_progress(self, done: int, total: int, left: float | None) -> None:
        self.progress.set_progress(done, total, seconds_left=left)

    def _on_finished(self, account: Published) -> None:
        if self._bulk is not None:
            self.progress.stop_requested.disconnect()
            self._bulk.deleteLater()
            self._bulk = None
        self.progress.stop.set_busy(None)
        self.progress.hide()
        self.publish_all.set_busy(None)
        self.table.set_checked([])
        self._doer.say(account.words(), account.ops)
        if account.left:
            why = "；".join(_("{why}（{n} 个）", why=why, n=n) for why, n in account.reasons()[:6])
            self.result.set_text(account.words(), why)
            self.result.show()
        self.refresh()


def _waiting_ids(words: str, tx: Transaction) -> list[str]:
    return list_slice_ids(tx, IN_REVIEW, filter_text=words)
