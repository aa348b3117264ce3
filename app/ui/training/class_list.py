"""The classes in slices, with a filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.services.training.listing import ClassLine
from app.texts import _
from app.ui.context import UiContext
from app.ui.sliced_list import SlicedList
from app.ui.table import RecordTable
from app.ui.training import state
from app.ui.training.columns import class_columns
from app.ui.training.state import ClassPage
from app.ui.widgets import Choice, EmptyState, SegmentedFilter

if TYPE_CHECKING:
    from app.db.database import Transaction

ROW_HEIGHT = 52


class ClassList(SlicedList[ClassLine]):
    """Classes of one slice; the first look goes where something is."""

    def __init__(self, context: UiContext, *, may_plan: bool) -> None:
        slices = SegmentedFilter(
            [Choice(code, _(label), None, tone) for code, label, _states, _ended, tone in state.SLICES],
            name=_("班期状态"),
        )
        slices.set_code(state.SIGN_UP)
        table = RecordTable(class_columns(), name=_("班期"), row_height=ROW_HEIGHT, key=lambda row: row.id)
        super().__init__(context, slices, hint=_("班名、班号、地点"), table=table)
        self._may_plan, self._chose = may_plan, False
        self.page: ClassPage | None = None

    def show_slice(self, name: str) -> None:
        """Show another slice from its top."""
        self._chose = True
        self.slices.set_code(name)
        self.search.set_text("")

    def show_class(self, class_id: str) -> None:
        """Go to one class, among all."""
        self._chose = True
        self._go_to(class_id, state.ALL)

    def _question(self) -> Callable[[Transaction], ClassPage]:
        return partial(state.load_classes, name=self.slices.code(), words=self._typed())

    def _on_loaded(self, page: ClassPage) -> None:
        self.page = page
        before = self.slices.code()
        self.slices.set_choices(
            [
                Choice(code, _(label), page.counts[code], tone if page.counts[code] else "")
                for code, label, _states, _ended, tone in state.SLICES
            ]
        )
        self.slices.set_code(before)
        self.counted.emit(page.counts[state.ALL])
        first = state.first_slice(page.counts)
        if not self._chose and first != before:
            self._chose = True
            self.slices.set_code(first)
            self.refresh()
            return
        self._chose = True
        if not page.lines:
            self.table.set_empty(self._empty(page))
        self._show_rows(page.lines)

    def _empty(self, page: ClassPage) -> EmptyState:
        if page.words:
            return EmptyState(
                _("没有找到“{words}”", words=page.words), _("换个词，或者看全部。"), icon="graduation-cap"
            )
        if page.counts[state.ALL]:
            return EmptyState(_("这一类现在没有班期"), _("看别的状态，或者看全部。"), icon="graduation-cap")
        if self._may_plan:
            text = _("先在“培训项目”里登记项目，再按 Ctrl+N 排一个班期。")
        else:
            text = _("站里排了您教的班，同步以后就在这里。")
        return EmptyState(_("还没有班期"), text, icon="graduation-cap")

    def _on_slice(self, code: str) -> None:
        self._chose = True
        super()._on_slice(code)
