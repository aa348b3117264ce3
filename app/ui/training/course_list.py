"""The catalogue of courses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.services.training.courses import CourseLine
from app.texts import _
from app.ui.context import UiContext
from app.ui.sliced_list import SlicedList
from app.ui.table import RecordTable
from app.ui.training import state
from app.ui.training.class_list import ROW_HEIGHT
from app.ui.training.columns import course_columns
from app.ui.widgets import Choice, EmptyState, SegmentedFilter

if TYPE_CHECKING:
    from app.db.database import Transaction

ACTIVE, EVERY = "active", "every"


class CourseList(SlicedList[CourseLine]):
    """Courses by name."""

    def __init__(self, context: UiContext) -> None:
        slices = SegmentedFilter([Choice(ACTIVE, _("在办")), Choice(EVERY, _("连停办的"))], name=_("培训项目状态"))
        slices.set_code(ACTIVE)
        table = RecordTable(course_columns(), name=_("培训项目"), row_height=ROW_HEIGHT, key=lambda row: row.id)
        super().__init__(context, slices, hint=_("项目、机构、证书"), table=table)

    def show_course(self, course_id: str) -> None:
        """Go to one course."""
        self._go_to(course_id, EVERY)

    def _question(self) -> Callable[[Transaction], list[CourseLine]]:
        every = self.slices.code() == EVERY
        return partial(state.load_catalogue, words=self._typed(), all_of_them=every)

    def _on_loaded(self, rows: list[CourseLine]) -> None:
        typed = self._typed()
        self.counted.emit(len(rows))
        if not rows:
            title = _("没有找到“{words}”", words=typed) if typed else _("还没有培训项目")
            text = _("换个词，或者看全部。") if typed else _("登记了项目，才能排班期。")
            self.table.set_empty(EmptyState(title, text, icon="book-open-text"))
        self._show_rows(rows)
