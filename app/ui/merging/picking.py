"""Finding the other file of the same person."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.merging import state
from app.ui.residents import state as listing
from app.ui.table import Column, RecordTable
from app.ui.tasks import Task
from app.ui.widgets import EmptyState, SearchField, Text

REST_MS = 60


class PickPage(QWidget):
    """Files that are likely the same person's; type to look for another. Enter takes one."""

    picked = Signal(str)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context, self._id = context, ""
        self._asked: Task[Any] | None = None
        self.lead = Text("", "body", "text2", wrap=True)
        self.search = SearchField(_("姓名、拼音首字母、身份证后四位、手机号"), "/", rest_ms=REST_MS)
        empty = EmptyState(_("没有像同一个人的档案"), _("在上面打名字或号码找。"), icon="users-round")
        self.table: RecordTable[state.Candidate] = RecordTable(
            self._columns(), name=_("另一份档案"), row_height=theme.HEIGHT["row"] + 6, key=_key, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.lead)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        self.search.text_changed.connect(self._ask)
        self.search.submitted.connect(self._on_submitted)
        self.search.line.installEventFilter(self)
        self.table.row_activated.connect(self._on_activated)
        self.setFocusProxy(self.search)

    def _columns(self) -> tuple[Column[state.Candidate], ...]:
        return (
            Column(_("姓名"), lambda row: row.hit.name, width=110, bold=True),
            Column(_("性别年龄"), lambda row: listing.who(row.hit), width=110),
            Column(_("证件"), lambda row: listing.id_masked(row.hit), width=180, tone=_quiet),
            Column(_("手机"), lambda row: listing.mobile_masked(row.hit), width=120, tone=_quiet),
            Column(_("住址"), lambda row: listing.building(row.hit), width=140, stretch=1),
            Column(_("为什么像"), lambda row: row.reasons, width=170, stretch=1, tone=lambda _row: "accent_text"),
        )

    def start(self, resident_id: str, name: str) -> None:
        """Look for the other file of this person."""
        self._id = resident_id
        self.lead.setText(_("{name}还有一份档案？选出来，并成一份。", name=name) if name else "")
        self.search.set_text("")
        self._ask("")

    def _ask(self, typed: str) -> None:
        if self._asked is not None:
            self._asked.cancel()
        question = partial(state.find_candidates, resident_id=self._id, typed=typed.strip())
        self._asked = self._context.runner.read(question, self._on_found)

    def _on_found(self, rows: tuple[state.Candidate, ...]) -> None:
        self.table.set_rows(rows)
        if rows:
            self.table.select_first()

    def _on_submitted(self, _text: str) -> None:
        row = self.table.current_row()
        if row is not None:
            self._on_activated(row)

    def _on_activated(self, row: state.Candidate) -> None:
        self.picked.emit(row.hit.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the field into the list with the arrow."""
        pressed = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        if pressed == Qt.Key.Key_Down and self.table.rows():
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        return super().eventFilter(watched, event)


def _key(row: state.Candidate) -> str:
    return row.hit.id


def _quiet(_row: state.Candidate) -> str:
    return "text2"
