"""The screen of the four forms about one person: 走访, 回访, 职业指导, 讲政策."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.access_log import RESIDENT_LOOK
from app.texts import _
from app.ui import theme
from app.ui.field_work import state
from app.ui.field_work.entry_page import EntryPage
from app.ui.field_work.followup_page import FollowupPage
from app.ui.field_work.loading import FieldFacts, load_facts
from app.ui.field_work.side import FieldPanel
from app.ui.field_work.talk_pages import GuidancePage, PolicyPage
from app.ui.field_work.visit_page import VisitPage
from app.ui.keys import KeyHint
from app.ui.widgets import Choice, EmptyState, Tabs

if TYPE_CHECKING:
    from app.ui.context import UiContext


class FieldWorkScreen(QWidget):
    """One form at a time; the tabs change the form and keep what was typed as a draft."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._id = self._record = self._origin = ""
        self._form = state.VISIT
        self._is_fresh = False
        self._build()
        self._connect()

    def _build(self) -> None:
        context = self._context
        self.pages: dict[str, EntryPage] = {
            state.VISIT: VisitPage(context),
            state.FOLLOWUP: FollowupPage(context),
            state.GUIDANCE: GuidancePage(context),
            state.INTRO: PolicyPage(context),
        }
        self.tabs = Tabs([Choice(code, _(words)) for code, words, _icon in state.FORMS], name=_("记什么"))
        self.nobody = EmptyState(_("先找一位居民"), _("按 F3 查人，打开档案，再按 F6。"), icon="users-round")
        self._stack = QStackedWidget()
        self._stack.setMinimumSize(1, 1)
        for page in (*self.pages.values(), self.nobody):
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self.nobody)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)
        self.panel = FieldPanel()
        self.panel.hide()

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.choose)
        self.panel.record_requested.connect(self._on_record)
        self.panel.file_requested.connect(self._go_file)
        for page in self.pages.values():
            page.done.connect(self._on_done)
            page.closed.connect(self._go_file)
        for place, code in enumerate(self.pages, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.choose, code))

    # What the window asks

    def open(self, **arguments: object) -> None:
        """Open ``form`` for the resident ``id``; ``record`` corrects one, ``origin`` is what is followed up."""
        self._id = str(arguments.get("id") or self._id)
        form = str(arguments.get("form") or self._form)
        self._form = form if form in self.pages else state.VISIT
        self._record, self._origin = str(arguments.get("record") or ""), str(arguments.get("origin") or "")
        self._is_fresh = True

    def refresh(self) -> None:
        """Read what the form offers; a form in work is left alone."""
        if self._id and self._is_fresh:
            self._is_fresh = False
            work = partial(load_facts, resident_id=self._id, kind=self._form, record_id=self._record)
            self._context.runner.read(work, self._on_facts, self._on_lost)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [
            KeyHint(("Enter",), _("下一栏")),
            KeyHint(("F9",), _("保存")),
            KeyHint(("Ctrl 1", "Ctrl 4"), _("换一种")),
            KeyHint(("Esc",), _("先放一放")),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what this screen offers now."""
        if not self._id:
            return {}
        other = state.FOLLOWUP if self._form == state.VISIT else state.VISIT
        return {
            "visit": partial(self.choose, other),
            "guidance": partial(self.choose, state.GUIDANCE),
            "policy": partial(self.choose, state.INTRO),
        }

    def main_action(self) -> None:
        """Save (F9)."""
        page = self.form
        if page is not None:
            page.submit()

    def may_leave(self) -> bool:
        """Keep what was typed; nobody is held here."""
        page = self.form
        if page is not None:
            page.keep()
        return True

    # Showing

    @property
    def form(self) -> EntryPage | None:
        """The form in front, once a person is known."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, EntryPage) else None

    def choose(self, code: str) -> None:
        """Change to another form of the same person."""
        self.may_leave()
        self.open(form=code)
        self.refresh()

    def _on_facts(self, facts: FieldFacts) -> None:
        if facts.view.file.resident.id != self._id:
            return
        self._context.looked(RESIDENT_LOOK, "resident", self._id)
        page = self.pages[self._form]
        if isinstance(page, FollowupPage):
            page.origin_id = self._origin
        self.tabs.set_code(self._form)
        self.panel.set_facts(facts)
        self.panel.show()
        self._stack.setCurrentWidget(page)
        page.begin(facts, self._record)

    def _on_lost(self, error: AppError) -> None:
        self._id = ""
        self.panel.hide()
        self._stack.setCurrentWidget(self.nobody)
        self._context.messages.show_error(error)

    def _on_record(self, kind: str, record_id: str) -> None:
        self.may_leave()
        self.open(form=kind, record=record_id)
        self.refresh()

    def _on_done(self, _words: str) -> None:
        self._go_file()

    def _go_file(self) -> None:
        self._context.navigate("resident_file", id=self._id)
