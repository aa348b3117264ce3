"""Match: vacancies for one person, with reasons; tick, then open the referral slips."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, NotFoundError, RuleError
from app.models.access_log import MATCH_LOOK
from app.models.acts import may
from app.services.matching.query import Verdict
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.match import state
from app.ui.match.columns import everything_columns, reason_columns, suggested_columns
from app.ui.match.parts import CountsLine, Head, legend, slice_choices, tab_choices
from app.ui.match.reasons import ReasonsPanel
from app.ui.match.state import EVERYTHING, NOT_SUGGESTED, SUGGESTED, Matched, Row
from app.ui.slip.consent import ReferDialog
from app.ui.slip.issue import Issued, Issuer, Target, Wanted, load_request
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.widgets import Button, CollapsiblePanel, EmptyState, SearchField, SegmentedFilter, Tabs


class MatchScreen(QWidget):
    """Three lists of vacancies for one person, and the reasons of the one in hand."""

    panel_width = theme.WIDTH["panel_match"]

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._person_id = ""
        self._top = state.TOP
        self._matched: Matched | None = None
        self._everything: tuple[Row, ...] | None = None
        self._why: tuple[Row, ...] | None = None
        self._task: Task[Matched] | None = None
        self._asked = ""
        self._came = False
        self._dialog: ReferDialog | None = None
        self._issuer = Issuer(context.runner, self)
        self.panel = ReasonsPanel(may_sign_up=may(context.actor.roles, "enrolment.add"))
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.head, self.foot, self.legend = Head(), CountsLine(), legend()
        self.tabs = Tabs(name=_("哪些岗位"))
        self.filter = SearchField(_("筛：岗位、单位、拼音首字母"), "/")
        self.more = Button("", "text", height=theme.HEIGHT["filter"])
        self.more.hide()
        self.slices = SegmentedFilter(name=_("为什么没有推荐"))
        self.slices.hide()
        self.tables: dict[str, RecordTable[Row]] = {
            SUGGESTED: self._table(suggested_columns(), _("推荐给本人的岗位"), checkable=True),
            EVERYTHING: self._table(everything_columns(), _("全部岗位"), checkable=False),
            NOT_SUGGESTED: self._table(reason_columns(), _("没有推荐的岗位"), checkable=False),
        }
        self.stack = QStackedWidget()
        for table in self.tables.values():
            self.stack.addWidget(table)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 10)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.head)
        column.addWidget(self.tabs)
        column.addLayout(self._tools())
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)
        self.setFocusProxy(self.tables[SUGGESTED])

    @staticmethod
    def _table(columns: tuple[object, ...], name: str, *, checkable: bool) -> RecordTable[Row]:
        return RecordTable(
            columns,  # type: ignore[arg-type]
            name=name,
            row_height=theme.HEIGHT["match"] if checkable else 56,
            checkable=checkable,
            key=lambda row: row.vacancy_id,
        )

    def _tools(self) -> QHBoxLayout:
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE[2])
        self.filter.setMaximumWidth(theme.of(self).px(300))
        tools.addWidget(self.filter, 2)
        tools.addWidget(self.slices)
        tools.addWidget(self.more)
        tools.addStretch(1)
        tools.addWidget(self.legend)
        return tools

    def _connect(self) -> None:
        self.tabs.chosen.connect(self._on_tab_chosen)
        self.slices.chosen.connect(self._on_slice_chosen)
        self.filter.text_changed.connect(self._on_filter_changed)
        self.filter.submitted.connect(self._on_filter_submitted)
        self.more.clicked.connect(self._on_more_clicked)
        self.head.edit_requested.connect(self._on_edit)
        self.foot.list_requested.connect(self._on_one_by_one)
        self.panel.refer_requested.connect(self._on_refer)
        self.panel.class_requested.connect(self._on_class)
        self._issuer.finished.connect(self._on_issued)
        for table in self.tables.values():
            table.row_selected.connect(self._on_row_selected)
            table.row_activated.connect(self._on_row_activated)
        self.tables[SUGGESTED].checks_changed.connect(self._on_checks_changed)

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Take the person: ``id``, or ``resident_id``."""
        self._came = True
        person = str(arguments.get("id") or arguments.get("resident_id") or self._person_id)
        if person == self._person_id:
            return
        self._person_id, self._top = person, state.TOP
        self._matched, self._everything, self._why = None, None, None
        self.filter.set_text("")
        for table in self.tables.values():
            table.set_checked(())
            table.set_rows(())
        self.tabs.set_code(SUGGESTED)
        self._show_tab()

    def refresh(self) -> None:
        """Match anew, off the GUI thread; the list stays until the new one is there."""
        if not self._person_id:
            self._show_nobody()
            return
        if self._task is not None:
            self._task.cancel()
        self._everything, self._why = None, None
        self.tables[SUGGESTED].set_loading()
        runner = self._context.runner
        task = partial(state.load_matched, resident_id=self._person_id, top=self._top)
        self._task = runner.read(task, self._on_matched, self._on_match_failed)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [
            KeyHint(("↑", "↓"), _("看岗位")),
            KeyHint((_("空格"),), _("选上")),
            KeyHint(("/",), _("筛选")),
            KeyHint(("Ctrl", "1–3"), _("换一页")),
            KeyHint(("F8",), _("开推荐信")),
            KeyHint(("Esc",), _("回档案")),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        known = {"match": self.refresh, "refer": self._on_refer, "filter": self.filter.setFocus, "edit": self._on_edit}
        offered = self.panel.offered_class()
        return {**known, **({"train": partial(self._on_class, offered)} if offered else {})}

    def main_action(self) -> None:
        """Open the slips (F9 as well as F8)."""
        self._on_refer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digits = {Qt.Key.Key_1: SUGGESTED, Qt.Key.Key_2: EVERYTHING, Qt.Key.Key_3: NOT_SUGGESTED}
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._on_escape()
        elif ctrl and Qt.Key(event.key()) in digits:
            self.tabs.set_code(digits[Qt.Key(event.key())])
            self._on_tab_chosen(self.tabs.code())
        else:
            super().keyPressEvent(event)

    # -- loading ------------------------------------------------------------------------------------------------
    def _show_nobody(self) -> None:
        empty = EmptyState(_("还没选人"), _("按 F3 找一位居民，再按 F4 匹配岗位。"), icon="search")
        self.tables[SUGGESTED].set_empty(empty)
        self.tables[SUGGESTED].set_rows(())
        self._show_row(None)

    def _on_matched(self, matched: Matched) -> None:
        self._task, self._matched = None, matched
        self._context.looked(MATCH_LOOK, "resident", self._person_id)
        self.head.show_person(matched.person)
        self._show_counts(matched)
        why = _("按 Ctrl+3 看每个岗位为什么没有推荐，或者按 Ctrl+E 和本人商量改意向。")
        nothing = EmptyState(_("没有合适的岗位"), why, icon="list-checks")
        self.tables[SUGGESTED].set_empty(nothing)
        self._show_tab()
        if self._came:  # the list was not there to take the keyboard when the screen opened
            self._came = False
            self._table_now().setFocus()

    def _on_match_failed(self, error: AppError) -> None:
        self._task, self._matched = None, None
        if not isinstance(error, RuleError | NotFoundError):
            self._context.messages.show_error(error, retry=self.refresh)
            return
        empty = EmptyState(_("现在不能匹配"), error.text, _("回档案"), icon="info")
        empty.act_requested.connect(self._on_escape)
        self.tables[SUGGESTED].set_empty(empty)
        self.tables[SUGGESTED].set_rows(())
        self._show_row(None)

    def _show_counts(self, matched: Matched) -> None:
        result = matched.result
        self.tabs.set_choices(tab_choices(matched))
        self.foot.show_result(result)
        rest = min(result.passed, state.MORE)
        self.more.set_label(_("列出全部 {n} 个", n=rest))
        self.slices.set_choices(slice_choices(result))

    # -- the three lists ----------------------------------------------------------------------------------------
    def _tab(self) -> str:
        return self.tabs.code() or SUGGESTED

    def _table_now(self) -> RecordTable[Row]:
        return self.tables[self._tab()]

    def _on_tab_chosen(self, _code: str) -> None:
        self._show_tab()
        if not self.tabs.hasFocus():
            self._table_now().setFocus()

    def _show_tab(self) -> None:
        tab, runner = self._tab(), self._context.runner
        table = self.tables[tab]
        self.stack.setCurrentWidget(table)
        self.setFocusProxy(table)
        shown = len(self._matched.rows) if self._matched is not None else 0
        self.more.setVisible(
            tab == SUGGESTED and self._matched is not None and shown < min(self._matched.result.passed, state.MORE)
        )
        self.legend.setVisible(tab == SUGGESTED)
        self.slices.setVisible(tab == NOT_SUGGESTED)
        if tab == EVERYTHING and self._everything is None:
            table.set_loading()
            runner.read(state.load_everything, self._on_everything)
        elif tab == NOT_SUGGESTED and self._why is None and self._person_id:
            table.set_loading()
            load = partial(state.load_not_suggested, resident_id=self._person_id, code=self.slices.code() or None)
            runner.read(load, self._on_why, self._on_match_failed)
        else:
            self._fill()

    def _on_everything(self, rows: tuple[Row, ...]) -> None:
        self._everything = rows
        self._fill()

    def _on_why(self, rows: tuple[Row, ...]) -> None:
        self._why = rows
        self._fill()

    def _on_slice_chosen(self, _code: str) -> None:
        self._why = None
        self._show_tab()

    def _rows_now(self) -> tuple[Row, ...]:
        tab = self._tab()
        if tab == SUGGESTED:
            return self._matched.rows if self._matched is not None else ()
        return (self._everything if tab == EVERYTHING else self._why) or ()

    def _fill(self) -> None:
        table = self._table_now()
        if self._tab() == SUGGESTED and self._matched is None:
            return
        table.set_rows(state.filtered_rows(self._rows_now(), self.filter.text()))
        if table.current_row() is None:
            table.select_first()
        self._show_row(table.current_row())
        self._on_checks_changed()

    def _on_filter_changed(self, _text: str) -> None:
        if self._rows_now():
            self._fill()

    def _on_filter_submitted(self, _text: str) -> None:
        self._table_now().setFocus()

    def _on_more_clicked(self) -> None:
        self._top = state.MORE
        self.refresh()

    def _on_one_by_one(self) -> None:
        self.tabs.set_code(NOT_SUGGESTED)
        self._on_tab_chosen(NOT_SUGGESTED)

    # -- the vacancy in hand ------------------------------------------------------------------------------------
    def _on_row_selected(self, row: Row) -> None:
        self._show_row(row)

    def _show_row(self, row: Row | None) -> None:
        self._asked = row.vacancy_id if row is not None else ""
        if row is None:
            self.panel.show_verdict(None)
        elif (
            self._matched is not None
            and (known := state.verdict_of(row, self._matched.result.weights_version)) is not None
        ):
            self.panel.show_verdict(known)
        else:
            self.panel.show_verdict(None, row.title)
        if row is not None and (self.panel.verdict is None or state.lacks_something(row)):
            load = partial(state.load_verdict, resident_id=self._person_id, vacancy_id=row.vacancy_id)
            self._context.runner.read(load, self._on_verdict, self._on_verdict_failed)
        self._show_button()

    def _on_verdict(self, verdict: Verdict) -> None:
        if verdict.suggestion.vacancy_id == self._asked:
            self.panel.show_verdict(verdict)
            self._show_button()

    def _on_verdict_failed(self, error: AppError) -> None:
        self.panel.show_verdict(None, error.text)

    def _on_row_activated(self, _row: Row) -> None:
        holder = self.parentWidget()
        while holder is not None and not isinstance(holder, CollapsiblePanel):
            holder = holder.parentWidget()
        if isinstance(holder, CollapsiblePanel) and holder.is_drawer:
            holder.set_open(True)
        else:
            self.panel.reading.setFocus()

    def _on_checks_changed(self, _rows: object = None) -> None:
        self._show_button()

    def _ticked(self) -> list[Row]:
        return self.tables[SUGGESTED].checked_rows() if self._tab() == SUGGESTED else []

    def _show_button(self) -> None:
        self.panel.show_ticked(len(self._ticked()), possible=bool(self._ticked()) or bool(self._asked))

    # -- going on -----------------------------------------------------------------------------------------------
    def _on_escape(self) -> None:
        if self.filter.line.hasFocus() or self.filter.text():
            self.filter.set_text("")
            self._table_now().setFocus()
        elif self._person_id:
            self._context.navigate("resident_file", id=self._person_id)

    def _on_edit(self) -> None:
        if self._person_id:
            self._context.navigate("register", id=self._person_id)

    def _on_class(self, class_id: str) -> None:
        self._context.navigate("sign_up", id=self._person_id, class_id=class_id)

    def _wanted(self) -> list[Wanted]:
        """Return what the slips are for: the ticked, or the one in hand, each with its score and reasons."""
        version = self._matched.result.weights_version if self._matched is not None else ""
        found = []
        for row in self._ticked():
            verdict = state.verdict_of(row, version)
            found.append(Wanted(row.vacancy_id, verdict.for_referral() if verdict else None))
        if not found and self.panel.verdict is not None:
            found.append(Wanted(self.panel.verdict.suggestion.vacancy_id, self.panel.verdict.for_referral()))
        return found

    def _on_refer(self) -> None:
        wanted = self._wanted()
        if not wanted or not self._person_id:
            self._context.messages.remark(_("先选中一个岗位，再按 F8 开推荐信。"))
            return
        if self._dialog is None and not self._issuer.is_busy:
            load = partial(load_request, resident_id=self._person_id, wanted=tuple(wanted))
            self._context.runner.read(load, self._on_request)

    def _on_request(self, request: tuple[str, tuple[Target, ...]]) -> None:
        name, targets = request
        self._dialog = ReferDialog(self.window(), name, targets)
        self._dialog.finished.connect(self._on_dialog_finished)
        self._dialog.open()

    def _on_dialog_finished(self, _result: int) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        orders = dialog.orders
        dialog.deleteLater()
        if orders:
            self.panel.button.set_busy(_("正在开推荐信…"))
            self._issuer.issue(self._person_id, orders)
        else:
            self._table_now().setFocus()

    def _on_issued(self, issued: Issued) -> None:
        self.panel.button.set_busy(None)
        self.tables[SUGGESTED].set_checked(())
        if issued.ids:
            self._context.messages.say(issued.words())
            self._context.navigate("slip", ids=issued.ids)
        if issued.failed:
            self._context.messages.show_error(issued.as_error())
