"""Referrals: who was sent where, and the reply stub that comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.models.access_log import RESIDENT_LOOK
from app.services.referral_lines import ReferralLine
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.referrals import state
from app.ui.referrals.line_panel import LinePanel
from app.ui.referrals.outcome import OutcomeForm
from app.ui.referrals.state import OutcomeView
from app.ui.table import Column, RecordTable
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter, Text


def list_columns() -> tuple[Column[ReferralLine], ...]:
    """Return the columns of the list."""
    return (
        Column(
            _("编号"),
            lambda line: line.slip_no[-4:],
            width=78,
            bold=True,
            sort_key=lambda line: line.slip_no,
        ),
        Column(_("姓名"), lambda line: line.resident_name, width=110, bold=True),
        Column(_("单位"), lambda line: line.employer_name, width=200, stretch=2, bold=False),
        Column(_("岗位"), lambda line: line.vacancy_title, width=140, stretch=1),
        Column(
            _("开具"),
            lambda line: state.day_words(clock.to_local(line.issued_at).date()),
            width=80,
            sort_key=lambda line: line.issued_at,
        ),
        Column(
            _("有效至"),
            lambda line: state.day_words(line.valid_until),
            width=80,
            tone=lambda line: "orange" if state.is_overdue(line) else "text",
            sort_key=lambda line: line.valid_until,
        ),
        Column(_("状态"), state.state_words, width=116, chip=state.state_tone),
        Column(_("结果"), state.outcome_words, width=120, stretch=1, tone=lambda _line: "text2"),
    )


class ReferralsScreen(QWidget):
    """The list, and over it the outcome form. What a scanner types anywhere in the list lands in its field."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._lines: list[ReferralLine] = []
        self._came = False
        self._doer = Doer(context, self)
        self.panel = LinePanel()
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.filter = SearchField(_("筛，或者扫回执上的二维码"), "/")
        self.filter.setMaximumWidth(theme.of(self).px(420))
        self.slices = SegmentedFilter(name=_("状态"))
        empty = EmptyState(_("还没有推荐信"), _("先找一位居民匹配岗位（F4），选中一个按 F8。"), icon="handshake")
        self.table: RecordTable[ReferralLine] = RecordTable(
            list_columns(), name=_("推荐"), row_height=40, key=lambda line: line.id, empty=empty
        )
        page = QWidget()
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE[2])
        tools.addWidget(self.slices)
        tools.addWidget(self.filter, 1)
        tools.addStretch(1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 16, 24, 10)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(Text(_("推荐"), "page"))
        column.addLayout(tools)
        column.addWidget(self.table, 1)
        self.form = OutcomeForm()
        self.stack = QStackedWidget()
        self.stack.addWidget(page)
        self.stack.addWidget(self.form)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.setFocusProxy(self.table)
        self._show_slices()

    def _connect(self) -> None:
        self.table.view.installEventFilter(self)
        self.table.row_selected.connect(self._on_row_selected)
        self.table.row_activated.connect(self._on_row_activated)
        self.slices.chosen.connect(self._on_slice_chosen)
        self.filter.text_changed.connect(self._on_filter_changed)
        self.filter.submitted.connect(self._on_submitted)
        self.form.save_requested.connect(self._on_save_requested)
        self.form.closed.connect(self._close_form)
        self.panel.outcome_requested.connect(self._on_outcome_requested)
        self.panel.slip_requested.connect(self._on_slip_requested)
        self.panel.file_requested.connect(self._on_file_requested)
        self._doer.changed.connect(self.refresh)

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show the list, or with ``id`` that referral's outcome form."""
        self._came = True
        wanted = arguments.get("id")
        if wanted:
            self._open_outcome(str(wanted))

    def refresh(self) -> None:
        """Read the list anew."""
        self.table.set_loading()
        self._context.runner.read(state.load_lines, self._on_lines)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        if self.is_entering:
            return [KeyHint(("1–9",), _("选结果")), KeyHint(("Enter",), _("下一栏")),
                    KeyHint(("F9",), _("登记回执")), KeyHint(("Esc",), _("先放一放"))]  # fmt: skip
        return [KeyHint(("↑", "↓"), _("看推荐")), KeyHint(("Enter",), _("登记回执")), KeyHint(("/",), _("筛选，扫码")),
                KeyHint(("Ctrl P",), _("看推荐信")), KeyHint(("F4",), _("匹配岗位"))]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        known: dict[str, Callable[[], object]] = {"filter": self._on_filter}
        line = self._line()
        if line is not None:
            known["print"] = self._on_slip_requested
            known["match"] = partial(self._context.navigate, "match", id=line.resident_id)
        return known

    def main_action(self) -> None:
        """Save the outcome, or begin one (F9)."""
        if self.is_entering:
            self.form.submit()
        else:
            self._on_outcome_requested()

    def may_leave(self) -> bool:
        """Let the person go; a form that was left open is closed."""
        if self.is_entering:
            self._close_form()
        return True

    @property
    def is_entering(self) -> bool:
        """Whether the outcome form is in front."""
        return self.stack.currentIndex() == 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_entering:
            self._close_form()
        elif event.key() == Qt.Key.Key_Escape and self.filter.text():
            self.filter.set_text("")
            self.table.setFocus()
        elif not self._take_typed(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Send letters and figures typed over the list into its field: a scanner types without looking."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched is self.table.view:
            return self._take_typed(event)
        return super().eventFilter(watched, event)

    def _take_typed(self, event: QKeyEvent) -> bool:
        control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if self.is_entering or not event.text().isalnum() or event.modifiers() & control:
            return False
        self.filter.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.line.setText(event.text())
        return True

    # -- the list -----------------------------------------------------------------------------------------------
    def _on_lines(self, lines: list[ReferralLine]) -> None:
        self._lines = lines
        self._show_slices()
        self._fill()
        if self._came and not self.is_entering:  # the list was not there to take the keyboard when the screen opened
            (self.table if self.table.rows() else self.filter).setFocus()
        self._came = False

    def _show_slices(self) -> None:
        made = [
            Choice(code, _(label), len(state.in_slice(self._lines, code)), "orange" if code == state.WAITING else "")
            for code, label, _states in state.SLICES
        ]
        self.slices.set_choices(made)

    def _fill(self) -> None:
        typed = self.filter.text()
        lines = self._lines if state.is_scan(typed) else state.in_slice(self._lines, self.slices.code())
        self.table.set_rows(state.filtered(lines, typed) if not state.is_scan(typed) else lines)
        if self.table.current_row() is None:
            self.table.select_first()
        if not self.is_entering:
            self.panel.show_line(self._line())

    def _line(self) -> ReferralLine | None:
        if self.is_entering and self.form.view is not None:
            return self.form.view.line
        return self.table.current_row()

    def _on_filter(self) -> None:
        if not self.is_entering:
            self.filter.line.setFocus()
            self.filter.line.selectAll()

    def _on_slice_chosen(self, _code: str) -> None:
        self._fill()

    def _on_filter_changed(self, _text: str) -> None:
        self._fill()

    def _on_row_selected(self, line: ReferralLine) -> None:
        self.panel.show_line(line, entering=self.is_entering)

    def _on_row_activated(self, line: ReferralLine) -> None:
        self._open_outcome(line.id)

    def _on_submitted(self, typed: str) -> None:
        """Open what was scanned; four figures that name one slip do the same; else go on in the list."""
        if state.is_scan(typed):
            self._context.runner.read(partial(state.find_scanned, typed=typed), self._show_form, self._on_not_found)
        elif (line := state.only_one(self._lines, typed)) is not None:
            self._open_outcome(line.id)
        else:
            self.table.setFocus()

    def _on_not_found(self, error: AppError) -> None:
        self.filter.line.selectAll()
        self._context.messages.show_error(error)

    # -- the outcome --------------------------------------------------------------------------------------------
    def _on_outcome_requested(self) -> None:
        line = self.table.current_row()
        if line is not None:
            self._open_outcome(line.id)

    def _open_outcome(self, referral_id: str) -> None:
        self._context.runner.read(partial(state.load_outcome, referral_id=referral_id), self._show_form)

    def _show_form(self, view: OutcomeView) -> None:
        self._context.messages.clear()
        if not state.may_enter(view.line):
            self._context.messages.remark(_("这封推荐信已经作废，不能登记回执"))
            return
        self.filter.set_text("")
        self.stack.setCurrentIndex(1)
        self.form.show_view(view)
        self.panel.show_line(view.line, entering=True)
        self.setFocusProxy(self.form.form.field("outcome").editor)
        show_keys(self)
        self._context.looked(RESIDENT_LOOK, "resident", view.line.resident_id)

    def _close_form(self) -> None:
        self.stack.setCurrentIndex(0)
        self.setFocusProxy(self.table)
        self.table.setFocus()
        self.panel.show_line(self._line())
        show_keys(self)

    def _on_save_requested(self, values: dict[str, Any]) -> None:
        if self.form.view is None or self.form.save.is_busy:
            return
        line = self.form.view.line
        self.form.save.set_busy(_("正在登记…"))
        work = partial(state.save_outcome, referral_id=line.id, values=values)
        said = _("已登记推荐信 {no} 的回执", no=line.slip_no[-4:])
        self._doer.do(work, said, on_done=self._on_saved, on_error=self._on_not_saved)

    def _on_saved(self, _number: str) -> None:
        self.form.save.set_busy(None)
        self._close_form()

    def _on_not_saved(self, error: AppError) -> None:
        self.form.save.set_busy(None)
        if not (isinstance(error, InvalidInputError) and self.form.show_errors(error)):
            self._context.messages.show_error(error)

    # -- elsewhere ----------------------------------------------------------------------------------------------
    def _on_slip_requested(self) -> None:
        line = self._line()
        if line is not None:
            self._context.navigate("slip", id=line.id)

    def _on_file_requested(self) -> None:
        line = self._line()
        if line is not None:
            self._context.navigate("resident_file", id=line.resident_id)
