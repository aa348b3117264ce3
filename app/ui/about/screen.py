"""关于: name, versions, where the data lie, and the licence of everything that the program carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.errors import AppError
from app.services.licences import Component
from app.texts import _
from app.ui import theme
from app.ui.about import state
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.table import Column, RecordTable
from app.ui.tasks import Task
from app.ui.widgets import Button, EmptyState, Fact, Hairline, Scroller, SearchField, Text

FILTER_REST_MS = 120
FACT_COLUMNS = 4
LIST_SHARE, TEXT_SHARE = 9, 11


class AboutScreen(QWidget):
    """Facts above; below, the list at the left and the chosen licence at the right."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[str] | None = None
        self.view: state.AboutView | None = None
        self._build()
        self.copy.clicked.connect(self.copy_facts)
        self.search.text_changed.connect(self._on_search)
        self.search.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self._on_row)

    def _build(self) -> None:
        self.copy = Button(_("抄下版本情况"), "outline", "F9", "copy")
        head = QHBoxLayout()
        head.addWidget(Text(_("关于家门口"), "title"), 1)
        head.addWidget(self.copy)
        self.facts = QVBoxLayout()
        self.facts.setSpacing(theme.SPACE[1])
        self.licence = Text("", "body", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        scroller = Scroller(spacing=theme.SPACE[2])  # with large letters the facts alone fill the window
        scroller.body.addLayout(self.facts)
        scroller.body.addWidget(Hairline())
        scroller.body.addWidget(self.licence)
        scroller.body.addLayout(self._halves(), 1)
        column.addWidget(scroller, 1)
        self.setFocusProxy(self.table)

    def _halves(self) -> QHBoxLayout:
        self.search = SearchField(_("找名称或许可"), "/", rest_ms=FILTER_REST_MS)
        empty = EmptyState(_("没有这一项"), _("换个名称，或者把查找清空。"), icon="search")
        self.table: RecordTable[Component] = RecordTable(self._columns(), name=_("许可清单"), key=_key, empty=empty)
        left = QVBoxLayout()
        left.setSpacing(theme.SPACE[1])
        left.addWidget(self.search)
        left.addWidget(self.table, 1)
        halves = QHBoxLayout()
        halves.setSpacing(theme.SPACE[4])
        halves.addLayout(left, LIST_SHARE)
        halves.addLayout(self._reader(), TEXT_SHARE)
        return halves

    def _reader(self) -> QVBoxLayout:
        self.name = Text("", "section", wrap=True)
        self.kind = Text("", "secondary", "text2", wrap=True)
        self.note = Text("", "body", wrap=True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("许可全文"))
        right = QVBoxLayout()
        right.setSpacing(theme.SPACE[1])
        for each in (self.name, self.kind, self.note):
            right.addWidget(each)
        right.addWidget(self.text, 1)
        return right

    @staticmethod
    def _columns() -> tuple[Column[Component], ...]:
        return (
            Column(_("名称"), lambda each: each.name, width=150, stretch=3, bold=True),
            Column(_("版本或位置"), state.place_words, width=110, stretch=2, tone=_quiet),
            Column(_("许可"), lambda each: each.licence, width=120, stretch=2, tone=_quiet),
        )

    # What the window asks

    def refresh(self) -> None:
        """Read the facts and the list."""
        self._context.runner.read(state.load_about, self._show)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [KeyHint(("↑", "↓"), _("选一项")), KeyHint(("/",), _("查找")), KeyHint(("F9",), _("抄下版本情况"))]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen: Ctrl+F goes to the search."""
        return {"filter": self.search.setFocus}

    def main_action(self) -> None:
        """Copy the facts (F9)."""
        self.copy_facts()

    def copy_facts(self) -> None:
        """Put the facts on the clipboard, to be read out or sent."""
        if self.view is not None:
            QGuiApplication.clipboard().setText(state.facts_text(self.view.facts, PySide6.__version__))
            self._context.messages.say(_("抄下了，可以贴给技术员，里面没有居民的信息"))

    # Slots

    def _show(self, view: state.AboutView) -> None:
        self.view = view
        self._show_facts(view)
        self.licence.setText(state.licence_words(len(view.components)))
        self._show_rows()

    def _show_facts(self, view: state.AboutView) -> None:
        while (item := self.facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        lines = state.fact_lines(view.facts, PySide6.__version__)
        for start in range(0, len(lines), FACT_COLUMNS):
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(theme.SPACE[4])
            for label, words in lines[start : start + FACT_COLUMNS]:
                row.addWidget(Fact(label, words), 1, Qt.AlignmentFlag.AlignTop)
            self.facts.addWidget(holder)

    def _show_rows(self) -> None:
        found = state.matching(self.view.components, self.search.text()) if self.view is not None else []
        self.table.set_rows(found)
        if found and self.table.current_row() is None:
            self.table.select_first()
        self._on_row(self.table.current_row())

    def _on_search(self, _typed: str) -> None:
        self._show_rows()

    def _on_submitted(self, _typed: str) -> None:
        self._show_rows()
        self.table.setFocus()

    def _on_row(self, component: Component | None) -> None:
        if self._asked is not None:
            self._asked.cancel()
        words = ("", "", "") if component is None else _words(component)
        for label, text in zip((self.name, self.kind, self.note), words, strict=True):
            _say(label, text)
        self.text.clear()
        if component is not None:
            read = partial(state.load_text, component)
            self._asked = self._context.runner.io(read, self._on_text, self._on_no_text)

    def _on_text(self, text: str) -> None:
        self.text.setPlainText(text)

    def _on_no_text(self, error: AppError) -> None:
        self.text.setPlainText(error.text)


def _words(component: Component) -> tuple[str, str, str]:
    kind = " · ".join(part for part in (component.licence, state.kind_words(component)) if part)
    return state.title_words(component), kind, component.note


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _key(component: Component) -> tuple[str, str]:
    return component.kind, component.name


def _quiet(_component: Component) -> str:
    return "text2"
