"""全区台账: a ledger of all stations, or the stations side by side, fetched from the district or read from here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app import clock
from app.errors import AppError
from app.ledgers.base import Ask, Ledger
from app.ledgers.offers import offers
from app.models.access_log import LEDGER_LOOK
from app.texts import _
from app.ui.context import UiContext
from app.ui.district_ledgers import parts, state
from app.ui.district_ledgers.fetching import Fetching
from app.ui.district_ledgers.state import DISTRICT, HERE, Got, StationRow
from app.ui.district_ledgers.taking import TakingOut
from app.ui.fields.choice import MultiChoiceField
from app.ui.keys import KeyHint
from app.ui.ledgers import parts as ledger_parts
from app.ui.ledgers import state as ledger_state
from app.ui.ledgers import taking as ledger_taking
from app.ui.ledgers.frame import LedgerFrame
from app.ui.ledgers.state import Row
from app.ui.rights import Rights
from app.ui.table import RecordTable
from app.ui.taking_out import Wanted
from app.ui.tasks import Task
from app.ui.widgets import BannerLine, Button, Choice, EmptyState, SkeletonRows, Tabs

if TYPE_CHECKING:
    from app.sync.ledger_fetch import Progress
    from app.ui.sync_badge import SyncSummary


class DistrictLedgersScreen(LedgerFrame):
    """The screen 全区台账."""

    def __init__(self, context: UiContext) -> None:
        super().__init__(narrow=_("期间和站点"), progress=_("正在取"))
        self._context, self.rights = context, Rights.of(context.actor.roles)
        self._ledger = state.comparison_kind()
        self._stations: dict[str, str] = {}
        self._reading: Task[Got] | None = None
        self._stop_reading = threading.Event()
        self.got: Got | None = None
        self.fetching: Fetching | None = None
        self.taking: TakingOut | None = None
        self._goes_in = False
        self._build()
        self._connect()
        self.kinds.set_rows(state.kinds())
        self.kinds.select_first()
        self._forget()

    def _build(self) -> None:
        self.stations = MultiChoiceField(_("只要这些站点"), (), name="stations")
        self.filters.add_widget(self.stations, span=4)
        self.fetch = Button(_("向区里取"), "outline", "F5", "download")
        self.local = Button(_("看本机有的"), "text")
        self.banner = BannerLine("cloud-off", "", "")
        self.banner.add(self.local)
        self.banner.hide()
        self.tabs = Tabs([Choice(letter, f"{letter} {_(label)}") for letter, label in state.blocks()], name=_("指标块"))
        self.tabs.hide()
        self.lay_out(over=(self.banner,), beside=(self.fetch,), above=(self.tabs,))

    def _connect(self) -> None:
        self.kinds.row_selected.connect(self._on_kind)
        self.kinds.row_activated.connect(self._on_kind_opened)
        self.filters.changed.connect(self._on_asked)
        self.stations.value_changed.connect(self._on_asked)
        self.fetch.clicked.connect(self.ask)
        self.local.clicked.connect(self.look_here)
        self.export.clicked.connect(self.main_action)
        self.tabs.chosen.connect(self._on_block)
        self.progress.stop_requested.connect(self._on_stop)

    # -- what the window calls ----------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read which stations there are, and what the filters offer."""
        self._context.runner.read(offers, self.filters.set_offers)
        self._context.runner.read(state.load_stations, self._on_stations)
        self._tell_line()

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [
            KeyHint(("↑", "↓"), _("换一本、换一行")), KeyHint(("F5",), _("向区里取")),
            KeyHint(("Enter",), _("打开站点或档案")), KeyHint(("Ctrl PgUp", "Ctrl PgDn"), _("上个月、下个月")),
            KeyHint(("/",), _("期间和站点")), KeyHint(("F9",), _("导出")), KeyHint(("Esc",), _("退一步")),
        ]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen: / and F5."""
        return {"filter": self.open_filters, "sync": self.ask}

    def main_action(self) -> None:
        """Take out what is shown (F9)."""
        if self.taking is not None or self.fetching is not None:
            self._context.messages.remark(_("上一份还没好，等一等，或者先停下。"))
        elif self.got is None:
            self._context.messages.remark(_("还没有取来，没有可导出的。先按 F5 向区里取，或看本机有的。"))
        else:
            self._ask_export(self.got)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.shelf.isHidden():
            self.close_filters()
        elif self.fetching is not None or self.taking is not None:
            self._on_stop()
        elif self.got is not None and self.got.compared is not None and self.tabs.isHidden():
            self._on_block(self.tabs.code())
        else:
            self.kinds.setFocus()

    # -- fetching -----------------------------------------------------------------------------------------------
    @property
    def question(self) -> Ask:
        """Return what is asked for."""
        return state.with_stations(self.filters.ask, self.stations.value())

    def ask(self) -> None:
        """Fetch it from the district (F5)."""
        self._fetch()

    def _fetch(self, wanted: Wanted | None = None, path: Path | None = None) -> None:
        """Fetch; with ``wanted`` its whole values, which leave for ``path`` and are not shown."""
        door = self._context.door
        if door is None or self.fetching is not None:
            return
        self._stop_reading.set()
        made = Fetching(self._context, self, door.office(), self._ledger, self.question)
        self.fetching = made
        made.progressed.connect(self._on_progress)
        made.done.connect(partial(self._on_fetched, wanted, path))
        made.failed.connect(self._on_not_fetched)
        self.fetch.set_busy(_("正在取…"))
        self.progress.stop.set_busy(None)
        self.progress.set_progress(0, 0, note=_("在问区里"))
        self.progress.show()
        if wanted is None:
            self._forget(SkeletonRows(6))
        made.start(wanted.why if wanted is not None else "")

    def _on_progress(self, at: Progress) -> None:
        self.progress.set_progress(at.done, at.total, note=state.progress_words(at))

    def _on_fetched(self, wanted: Wanted | None, path: Path | None, got: Got | None) -> None:
        self._end_fetching()
        self.banner.hide()
        if got is None:
            if wanted is None:
                self._forget()
            self._context.messages.remark(_("停下了，没有取来。"))
        elif wanted is not None and path is not None:
            self._take(got, wanted, path)
        elif got.ask == self.question and got.ledger.name == self._ledger.name:
            self._show_got(got)
            if self._goes_in and self.table is not None:
                self.table.setFocus()
        self._goes_in = False

    def _on_not_fetched(self, error: AppError) -> None:
        self._end_fetching()
        self._goes_in = False
        since = state.offline_words(self._summary(), clock.now())
        self.banner.set_text(since or _("没有取到"), error.text)
        self.banner.show()
        if self.got is None:
            self._forget()

    def _end_fetching(self) -> None:
        if self.fetching is not None:
            self.fetching.deleteLater()
        self.fetching = None
        self.fetch.set_busy(None)
        self.progress.hide()

    def look_here(self) -> None:
        """Show what this computer holds, aside: a hundred thousand rows keep nobody's save waiting."""
        self._on_stop()
        self._stop_reading.set()
        self._stop_reading = threading.Event()
        self._forget(SkeletonRows(6))
        work = partial(state.load_here, ledger=self._ledger, ask=self.question, stopped=self._stop_reading.is_set)
        self._reading = self._context.runner.read_aside(work, self._show_got, self._on_unread)

    def _on_unread(self, error: AppError) -> None:
        self._forget()
        self._context.messages.show_error(error, retry=self.look_here)

    # -- showing ------------------------------------------------------------------------------------------------
    def _show_got(self, got: Got) -> None:
        self.got = got
        self._tell_head()
        if got.compared is not None:
            self._on_block(self.tabs.code())
        elif got.preview is not None:
            if got.count and ledger_state.has_personal(got.ledger):
                self._context.looked(LEDGER_LOOK, "ledger", got.ledger.code, ledger_state.look_words(got.preview))
            table = ledger_parts.rows_table(got.preview)
            table.row_activated.connect(self._on_row)
            self.show_in_place(table, follow=True)
            self.table = table
            table.select_first()

    def _on_block(self, block: str) -> None:
        """Show the stations by the figures of a block."""
        if self.got is None or self.got.compared is None:
            return
        before = self.table.current_row() if isinstance(self.table, RecordTable) else None
        table = parts.stations_table(self.got.compared, block)
        table.row_activated.connect(self._on_station)
        self.tabs.show()
        self.show_in_place(table, follow=True)
        self.table = table
        if not (isinstance(before, StationRow) and table.select_key(before.standing.code)):
            table.select_first()
        self._tell_head()

    def _on_station(self, row: StationRow) -> None:
        """Show every figure of one station."""
        self.tabs.hide()
        table = parts.figures_table(row)
        self.show_in_place(table, follow=True)
        self.table = table
        table.select_first()
        table.setFocus()
        self.title.setText(row.standing.name)

    def _on_row(self, row: Row) -> None:
        found = ledger_state.subject_of(self.got.ledger, row) if self.got is not None else None
        if found is None:
            self._context.messages.remark(_("这一行不是某个人或岗位的，没有档案可打开。"))
        elif found[0] == ledger_state.VACANCY:
            self._context.navigate("vacancies", vacancy=found[1])
        else:
            self._context.navigate("resident_file", id=found[1])

    def _forget(self, instead: QWidget | None = None) -> None:
        """Show nothing yet: what is asked for has not been fetched."""
        self.got = self.table = None
        self.tabs.hide()
        if instead is None:
            what, then = _("还没有取"), _("按 F5 向区里取最新的；没有网络也可以看本机有的。")
            instead = EmptyState(what, then, _("看本机有的"), icon="building-2")
            instead.act_requested.connect(self.look_here)
        self.show_in_place(instead, follow=True)
        self._tell_head()

    def _tell_head(self) -> None:
        period = self.filters.ask.period
        self.title.setText(_(self._ledger.title))
        self.period.setText(period.words)
        self.after.setEnabled(not ledger_state.is_last_month(period))
        whose = state.stations_words(self.question, self._stations)
        said = [state.got_words(self.got) if self.got is not None else "", whose, self.filters.words()]
        self.count.setText("　".join(part for part in said if part))
        if state.is_comparison(self._ledger):
            self.masked.setText(_("★ 最好　▽ 最差，按每项该高还是该低"))
        else:
            hidden = _("姓名、号码遮住了；导出时可选完整的，要写理由")
            self.masked.setText(hidden if ledger_state.has_personal(self._ledger) else "")

    def _tell_line(self) -> None:
        since = state.offline_words(self._summary(), clock.now())
        if since:
            self.banner.set_text(since, _("全区的取不到；本机有的照样能看、能导出。"))
        self.banner.setVisible(bool(since))

    def _summary(self) -> SyncSummary | None:
        return self._context.sync.summary() if self._context.sync is not None else None

    def _on_stations(self, found: dict[str, str]) -> None:
        if found != self._stations:
            self._stations = found
            chosen = self.stations.value()
            self.stations.set_choices(list(found.items()))
            self.stations.set_value(chosen)
            self._tell_head()

    # -- choosing -----------------------------------------------------------------------------------------------
    def _on_kind(self, ledger: Ledger) -> None:
        if ledger.name != self._ledger.name:
            self._ledger = ledger
            self._on_asked()

    def _on_kind_opened(self, ledger: Ledger) -> None:
        self._on_kind(ledger)
        if self.table is not None:
            self.table.setFocus()
        else:
            self._goes_in = True
            self.ask()

    def _on_asked(self, _ask: Ask | None = None) -> None:
        """Forget what was fetched: something else is asked for. What was read from here is read again."""
        here = self.got is not None and self.got.source == HERE
        self._on_stop()
        if here:
            self.look_here()
        else:
            self._forget()

    # -- taking out ---------------------------------------------------------------------------------------------
    def _ask_export(self, got: Got) -> None:
        facts = "　".join((got.ask.period.words, state.got_words(got), state.stations_words(got.ask, self._stations)))
        wanted = ledger_taking.ask_export(self.window(), got.ledger, facts, self.rights)
        path = ledger_taking.ask_path(self.window(), wanted.kind, state.file_name(got)) if wanted is not None else None
        if wanted is None or path is None:
            return
        if wanted.full and got.source == DISTRICT:
            self._fetch(wanted, path)  # the district masks: whole values are fetched anew, for the reason
        else:
            self._take(got, wanted, path)

    def _take(self, got: Got, wanted: Wanted, path: Path) -> None:
        self.taking = TakingOut(self._context, self, got, wanted, path)
        self.taking.progressed.connect(self._on_written_so_far)
        self.taking.finished.connect(self._on_taken)
        self.export.set_busy(_("正在导出…"))
        self.progress.stop.set_busy(None)
        self.progress.set_progress(0, got.count, note=_("正在写文件"))
        self.progress.show()
        self.taking.start()

    def _on_written_so_far(self, done: int, total: int) -> None:
        self.progress.set_progress(done, total, note=_("正在写文件"))

    def _on_stop(self) -> None:
        for under_way in (self.fetching, self.taking):
            if under_way is not None:
                self.progress.set_stopping()
                under_way.stop()

    def _on_taken(self) -> None:
        if self.taking is not None:
            self.taking.deleteLater()
        self.taking = None
        self.progress.hide()
        self.export.set_busy(None)
