"""Finding whom to sign up: the files touched last, or what was typed; Enter takes one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.residents import ResidentHit
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.residents import state as listing
from app.ui.table import Column, RecordTable
from app.ui.tasks import Task
from app.ui.widgets import EmptyState, SearchField

REST_MS = 40


def columns() -> tuple[Column[ResidentHit], ...]:
    """Return the columns, in the language in force."""
    return (
        Column(_("姓名"), lambda hit: hit.name, width=110, bold=True),
        Column(_("性别年龄"), listing.who, width=110),
        Column(_("证件"), listing.id_masked, width=186, tone=lambda _hit: "text2"),
        Column(_("手机"), listing.mobile_masked, width=122, tone=lambda _hit: "text2"),
        Column(_("住址"), listing.building, width=140, stretch=1),
        Column(_("就业状态"), listing.status, width=150, stretch=1, chip=listing.status_tone),
    )


class PersonPage(QWidget):
    """A search field over the residents found."""

    picked = Signal(str)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[Any] | None = None
        self._wanted, self._opening = "", False
        self.search = SearchField(_("姓名、拼音首字母、身份证后四位、手机号"), "/", rest_ms=REST_MS)
        empty = EmptyState(_("没有找到这个人"), _("换个字或尾号试试；没有档案的先按 F2 新登记。"), icon="users-round")
        self.table: RecordTable[ResidentHit] = RecordTable(
            columns(), name=_("给谁报名"), row_height=theme.HEIGHT["row"] + 4, key=lambda hit: hit.id, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        self.search.text_changed.connect(self._on_typed)
        self.search.submitted.connect(self._on_submitted)
        self.search.line.installEventFilter(self)
        self.table.row_activated.connect(self._on_activated)
        self.setFocusProxy(self.search)

    def start(self) -> None:
        """Begin with an empty field."""
        self.search.set_text("")
        self.refresh()

    def refresh(self) -> None:
        """Ask again what stands in the field."""
        if self._asked is not None:
            self._asked.cancel()
        self._wanted = self.search.text().strip()
        self._asked = self._context.runner.read(listing.Question(self._wanted).ask, self._on_found)

    def take(self) -> None:
        """Take the chosen one."""
        hit = self.table.current_row()
        if hit is not None:
            self._on_activated(hit)

    def _on_typed(self, text: str) -> None:
        if text.strip() != self._wanted:
            self._opening = False
            self.refresh()

    def _on_found(self, answer: listing.Answer) -> None:
        if answer.question.typed != self._wanted:
            return
        self.table.set_rows(list(answer.hits))
        self.table.select_first()
        if self._opening:
            self._opening = False
            self.take()

    def _on_submitted(self, _text: str) -> None:
        self._opening = True  # the answer may be late: take who was typed, not who stood there
        self.refresh()

    def _on_activated(self, hit: ResidentHit) -> None:
        self.picked.emit(hit.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the field into the list with the arrow; Esc empties the field."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down and self.table.rows():
                self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.set_text("")
                return True
        return super().eventFilter(watched, event)
