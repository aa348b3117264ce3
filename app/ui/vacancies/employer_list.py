"""The employers by state of verification."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.services.employers import EmployerLine, count_by_verification, list_by_verification
from app.texts import _
from app.ui.context import UiContext
from app.ui.sliced_list import SlicedList
from app.ui.table import RecordTable
from app.ui.vacancies.columns import employer_columns
from app.ui.vacancies.state import VERIFY_WORDS
from app.ui.widgets import Choice, EmptyState, SegmentedFilter

if TYPE_CHECKING:
    from app.db.database import Transaction

Loaded = tuple[str, dict[str, int], list[EmployerLine]]


def load_employers(states: tuple[str, ...], words: str, tx: Transaction) -> Loaded:
    """Read the employers in these states and the counts of all."""
    return words, count_by_verification(tx), list_by_verification(tx, states, filter_text=words)


class EmployerList(SlicedList[EmployerLine]):
    """Employers by name."""

    def __init__(self, context: UiContext) -> None:
        slices = SegmentedFilter([Choice(code, _(label)) for code, label, _in in VERIFY_WORDS], name=_("核验状态"))
        slices.set_code("")
        table = RecordTable(employer_columns(), name=_("单位"), row_height=40, key=lambda row: row.id)
        super().__init__(context, slices, hint=_("单位名称、信用代码"), table=table)

    def show_employer(self, employer_id: str) -> None:
        """Go to one employer."""
        self._go_to(employer_id, "")

    def _question(self) -> Callable[[Transaction], Loaded]:
        states = next(among for code, _label, among in VERIFY_WORDS if code == self.slices.code())
        return partial(load_employers, states, self._typed())

    def _on_loaded(self, loaded: Loaded) -> None:
        words, counts, rows = loaded
        choices = [
            Choice(code, _(label), sum(counts.get(one, 0) for one in among) if among else sum(counts.values()))
            for code, label, among in VERIFY_WORDS
        ]
        before = self.slices.code()
        self.slices.set_choices(choices)
        self.slices.set_code(before)
        self.counted.emit(sum(counts.values()))
        title = _("没有找到“{words}”", words=words) if words else _("这一类现在没有单位")
        self.table.set_empty(EmptyState(title, _("换个词，或者看全部。"), icon="building-2"))
        self._show_rows(rows)
