"""The registry: find a certificate by number, name or scan; those of the class, those that run out, all."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.codes import code_list
from app.services.training.certificates import CertificateLine
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.graduation import registry
from app.ui.graduation.registry import ALL, Registry
from app.ui.table import Column, RecordTable
from app.ui.tasks import Task
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter

REST_MS = 60


def columns() -> tuple[Column[CertificateLine], ...]:
    """Return the columns, in the language in force."""
    return (
        Column(_("编号"), lambda line: line.cert_no, width=168),
        Column(
            _("证书"),
            registry.name_words,
            width=160,
            stretch=2,
            second=lambda line: code_list("CERT_TYPE").label(line.cert_type),
        ),
        Column(_("姓名"), lambda line: line.name, width=84, bold=True),
        Column(_("等级"), lambda line: code_list("SKILL").label(line.level), width=92, tone=_quiet),
        Column(_("发证"), lambda line: registry.days(line.issued_on), width=100, sort_key=lambda line: line.issued_on),
        Column(
            _("有效期至"),
            lambda line: registry.days(line.valid_until),
            width=100,
            sort_key=lambda line: line.valid_until,
            tone=lambda line: "orange" if registry.is_due(line) else "text",
        ),
        Column(_("提醒"), lambda line: registry.days(line.remind_on), width=100, tone=_quiet),
        Column(_("状态"), registry.state_words, width=104, chip=registry.state_tone),
    )


def _quiet(_line: CertificateLine) -> str:
    return "text2"


class RegistryPage(QWidget):
    """A search field and three slices over one table."""

    selected = Signal(object)
    activated = Signal(object)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._found: Registry | None = None
        self._asked: Task[Any] | None = None
        self._of_class = False
        self._wanted = ""
        self.search = SearchField(_("证书编号、姓名、证书名称，或者扫证书上的二维码"), "/", rest_ms=REST_MS)
        self.slices = SegmentedFilter(name=_("哪些证书"))
        empty = EmptyState(_("这里没有证书"), _("结业以后发结业证明，考到的证书在结业名单里登记。"), icon="id-card")
        self.table: RecordTable[CertificateLine] = RecordTable(
            columns(), name=_("证书"), row_height=46, key=lambda line: line.id, empty=empty
        )
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE[2])
        tools.addWidget(self.slices)
        tools.addWidget(self.search, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(tools)
        column.addWidget(self.table, 1)
        self.table.row_selected.connect(self.selected)
        self.table.row_activated.connect(self.activated)
        self.search.text_changed.connect(self._on_typed)
        self.search.submitted.connect(self._on_submitted)
        self.search.line.installEventFilter(self)
        self.slices.chosen.connect(self._on_slice)
        self.setFocusProxy(self.search)

    def start(self, *, of_class: bool) -> None:
        """Begin anew, with the slice of the class if there is one."""
        self._of_class, self._found, self._wanted = of_class, None, ""
        self.search.set_text("")
        self.slices.set_choices([])

    def show_registry(self, found: Registry) -> None:
        """Show what was read."""
        first, self._found = self._found is None, found
        told = registry.counts(found, of_class=self._of_class)
        self.slices.set_choices([Choice(code, words, count, tone) for code, words, count, tone in told])
        if first and not found.of(self.slices.code()):
            self.slices.set_code(ALL)
        if self._wanted:
            self._ask(self._wanted)
        else:
            self._fill(found.of(self.slices.code()))

    def line(self) -> CertificateLine | None:
        """Return the chosen one."""
        return self.table.current_row()

    def _fill(self, lines: tuple[CertificateLine, ...]) -> None:
        self.table.set_rows(list(lines))
        if self.table.current_row() is None:
            self.table.select_first()
        self.selected.emit(self.line())

    def _on_slice(self, _code: str) -> None:
        self._wanted = ""
        self.search.set_text("")
        if self._found is not None:
            self._fill(self._found.of(self.slices.code()))

    def _on_typed(self, text: str) -> None:
        if text.strip() == self._wanted:
            return
        self._wanted = text.strip()
        if self._asked is not None:
            self._asked.cancel()
        if not self._wanted and self._found is not None:
            self._fill(self._found.of(self.slices.code()))
        elif not registry.is_scan(self._wanted):  # a scan ends with Enter
            self._ask(self._wanted)

    def _ask(self, typed: str) -> None:
        self._asked = self._context.runner.read(partial(registry.search, typed=typed), self._on_hits, self._on_no_hit)

    def _on_hits(self, lines: tuple[CertificateLine, ...]) -> None:
        self.slices.set_code(ALL)
        self._fill(lines)

    def _on_no_hit(self, error: AppError) -> None:
        self._fill(())
        self.search.line.selectAll()
        self._context.messages.show_error(error)

    def _on_submitted(self, typed: str) -> None:
        """Look up what was scanned; of what was typed the hits are there already: go into them."""
        if registry.is_scan(typed):
            self._wanted = typed.strip()
            self._ask(self._wanted)
            self.search.line.selectAll()
        else:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

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
