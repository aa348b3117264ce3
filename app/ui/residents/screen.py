"""居民: type any part of a person, or take the files touched last; Enter opens the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.residents import ResidentHit
from app.services.sync_states import UNCONFIRMED
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.resident_file.marks import INKS, words
from app.ui.residents import state
from app.ui.table import Column, RecordTable
from app.ui.widgets import Button, EmptyState, SearchField, Text

if TYPE_CHECKING:
    from app.ui.tasks import Task

REST_MS = 40
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def columns(unconfirmed: Callable[[ResidentHit], bool]) -> tuple[Column[ResidentHit], ...]:
    """Return the columns, in the language in force; ``unconfirmed`` tells whose file a neighbour alone has changed."""

    def touched(hit: ResidentHit) -> str:
        return words(UNCONFIRMED) if unconfirmed(hit) else state.touched(hit)

    def tone(hit: ResidentHit) -> str:
        return INKS[UNCONFIRMED] if unconfirmed(hit) else "text2"

    return (
        Column(_("姓名"), _name, width=110, bold=True),
        Column(_("性别年龄"), state.who, width=122, sort_key=_age),
        Column(_("证件"), state.id_masked, width=186, tone=_quiet),
        Column(_("手机"), state.mobile_masked, width=122, tone=_quiet),
        Column(_("住址"), state.building, width=170, stretch=2),
        Column(_("就业状态"), state.status, width=168, stretch=1, chip=state.status_tone),
        Column(_("更新"), touched, width=96, align="right", tone=tone, sort_key=_moment),
    )


def _name(hit: ResidentHit) -> str:
    return hit.name


def _quiet(_hit: ResidentHit) -> str:
    return "text2"


def _age(hit: ResidentHit) -> Any:
    return state.age(hit)


def _moment(hit: ResidentHit) -> datetime:
    return hit.updated_at or _LONG_AGO


def _key(hit: ResidentHit) -> str:
    return hit.id


class ResidentsScreen(QWidget):
    """A filter field over one table."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[Any] | None = None
        self._opening, self._wanted, self._shown = False, "", ""
        self._unconfirmed: frozenset[str] = frozenset()
        self._build()
        self.filter.text_changed.connect(self._on_typed)
        self.filter.submitted.connect(self._on_submitted)
        self.filter.line.installEventFilter(self)
        self.table.row_activated.connect(self._on_opened)
        self.new.clicked.connect(self._on_new)
        self.match.clicked.connect(self._on_match)
        self.setFocusProxy(self.filter)

    def _build(self) -> None:
        self._note = Text("", "body", "text2")
        self.match = Button(_("匹配岗位"), key="F4", icon="list-checks")
        self.new = Button(_("新登记"), "filled", "F2", "user-round-plus")
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addWidget(Text(_("居民"), "title"))
        row.addWidget(self._note, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        row.addWidget(self.match)
        row.addWidget(self.new)
        self.filter = SearchField(_("姓名、拼音首字母、身份证后四位、手机号、推荐信编号"), "/", rest_ms=REST_MS)
        self.table: RecordTable[ResidentHit] = RecordTable(
            columns(self._is_unconfirmed),
            name=_("居民"),
            row_height=theme.HEIGHT["row"] + 4,
            key=_key,
            empty=self._empty(""),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 0)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(row)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)

    def _empty(self, typed: str) -> EmptyState:
        if typed:
            title = _("没有找到“{typed}”", typed=typed)
            text = _("换个字、拼音首字母或手机尾号试试；确实没来过，就新登记。")
        else:
            title, text = _("还没有居民"), _("第一位来办事的人，从新登记开始。")
        empty = EmptyState(title, text, Button(_("新登记"), key="F2"), icon="users-round")
        empty.act_requested.connect(self._on_new)
        return empty

    # What the window asks

    def open(self, **arguments: object) -> None:
        """Show the list; ``typed`` fills the filter."""
        typed = str(arguments.get("typed") or "")
        if typed:
            self.filter.set_text(typed)

    def refresh(self) -> None:
        """Ask again what stands in the filter."""
        self.table.set_loading()
        if self._asked is not None:
            self._asked.cancel()
        self._wanted = self.filter.text().strip()
        self._asked = self._context.runner.read(state.Question(self._wanted).ask, self._on_found)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [
            KeyHint(("↑", "↓"), _("选人")),
            KeyHint(("Enter",), _("打开档案")),
            KeyHint(("/",), _("筛")),
            KeyHint(("F2",), _("新登记")),
            KeyHint(("F4",), _("匹配岗位")),
            KeyHint(("Ctrl E",), _("修改")),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what the keys do here."""
        return {"filter": self._on_filter, "match": self._on_match, "edit": self._on_edit}

    def main_action(self) -> None:
        """Open the chosen file (F9)."""
        hit = self.table.current_row()
        if hit is not None:
            self._on_opened(hit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the filter into the list with the arrows; Esc empties the filter."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) and self.table.rows():
                if self.table.current_row() is None:
                    self.table.select_first()
                self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.set_text("")
                return True
        return super().eventFilter(watched, event)

    # Slots

    def _on_typed(self, text: str) -> None:
        if text.strip() != self._wanted:
            self._opening = False
            self.refresh()

    def _is_unconfirmed(self, hit: ResidentHit) -> bool:
        return hit.id in self._unconfirmed

    def _on_found(self, answer: state.Answer) -> None:
        question, hits = answer.question, answer.hits
        self._unconfirmed = answer.unconfirmed
        if question.typed != self._wanted:
            return
        self._note.setText(state.heading(question.typed, len(hits)))
        self.match.setEnabled(bool(hits))
        if not hits:
            self.table.set_empty(self._empty(question.typed))
        self.table.set_rows(hits)
        if hits and (self.table.current_row() is None or question.typed != self._shown):
            self.table.select_first()  # the best hit of another question
        self._shown = question.typed
        if self._opening:
            self._opening = False
            self.main_action()

    def _on_submitted(self, _text: str) -> None:
        self._opening = True  # the answer may be late: open who was typed, not who stood there
        self.refresh()

    def _on_opened(self, hit: ResidentHit) -> None:
        self._context.navigate("resident_file", id=hit.id)

    def _on_filter(self) -> None:
        self.filter.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.line.selectAll()

    def _on_new(self) -> None:
        self._context.navigate("register")

    def _on_match(self) -> None:
        hit = self.table.current_row()
        if hit is not None:
            self._context.navigate("match", id=hit.id)

    def _on_edit(self) -> None:
        hit = self.table.current_row()
        if hit is not None:
            self._context.navigate("register", id=hit.id)
