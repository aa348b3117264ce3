"""结业: the graduation list of a class with its scores, the certificates, and what became of everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.access_log import CLASS_LOOK
from app.models.acts import may
from app.services.training.afterwards import AfterLine
from app.services.training.certificates import CertificateLine
from app.texts import _
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.graduation import after, hints, registry, state
from app.ui.graduation.after import AfterView
from app.ui.graduation.after_page import AfterPanel
from app.ui.graduation.cert_form import CertForm
from app.ui.graduation.deeds import GradDeeds
from app.ui.graduation.hints import FORM, PAPER
from app.ui.graduation.pages import AFTER, CERTS, LIST, Pages
from app.ui.graduation.registry import Likely, Registry
from app.ui.graduation.registry_panel import RegistryPanel
from app.ui.graduation.score_panel import ScorePanel
from app.ui.graduation.state import GradRow, GradView
from app.ui.keys import KeyHint
from app.ui.sign_up.paper_page import PaperPage
from app.ui.sign_up.papers import CERTIFICATE

PAGES = (LIST, CERTS, AFTER)


class GraduationScreen(QWidget):
    """Opened with ``id`` (a class); with nothing it shows the registry alone. A trainer sees the list alone."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._roles = context.actor.roles
        self._is_counter = may(self._roles, "class.edit") or "trainer" not in self._roles
        self._id = ""
        self._moved = self._next = False
        self._people: list[tuple[str, str]] = []
        self._chosen = ""
        self._doer = Doer(context, self)
        self.deeds = GradDeeds(context, self._doer, self)
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.pages = Pages(self._context)
        self.list, self.certs, self.after = self.pages.list, self.pages.certs, self.pages.after
        self.paper, self.form = PaperPage(self._context), CertForm()
        self.stack, self.panel = QStackedWidget(), QStackedWidget()
        for page in (self.pages, self.paper, self.form):
            self.stack.addWidget(page)
        self.score_panel, self.cert_panel = ScorePanel(self._roles), RegistryPanel(self._roles)
        self.after_panel = AfterPanel()
        for side in (self.score_panel, self.cert_panel, self.after_panel, self.paper.panel, self.form.panel):
            self.panel.addWidget(side)
        for stack in (self.stack, self.panel):
            stack.setMinimumSize(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _connect(self) -> None:
        self.pages.tabs.chosen.connect(self.choose_tab)
        self.list.selected.connect(self._on_row)
        self.list.activated.connect(self._on_row_opened)
        self.list.digit_typed.connect(self._on_digit)
        self.certs.selected.connect(self._on_certificate)
        self.certs.activated.connect(self._on_certificate_opened)
        self.certs.table.postpone_requested.connect(self._on_void)
        self.after.selected.connect(self._on_graduate)
        self.after.activated.connect(self._open_file_of)
        panel = self.score_panel
        panel.score_requested.connect(self._on_score)
        panel.issue_requested.connect(self._on_issue_one)
        panel.paper_requested.connect(self._on_paper)
        panel.entry_requested.connect(self.enter_certificate)
        panel.main_requested.connect(self.main_action)
        panel.finish_decided.connect(self.deeds.finish)
        panel.left_unsaved.connect(self._context.messages.remark)
        self.cert_panel.paper_requested.connect(self._on_paper)
        self.cert_panel.void_requested.connect(self._on_void)
        self.cert_panel.file_requested.connect(self._on_file)
        self.cert_panel.entry_requested.connect(self.enter_certificate)
        self.cert_panel.checked.connect(self._on_checked)
        self.after_panel.file_requested.connect(self._on_file)
        self.paper.left.connect(self._on_closed)
        self.paper.hints_changed.connect(self._on_keys_changed)
        self.form.left.connect(self._on_closed)
        self.form.saving_requested.connect(self._on_enter)
        self.deeds.issuer.stepped.connect(self._on_issuing)
        self.deeds.issued.connect(self._on_issued)
        self._doer.changed.connect(self.refresh)
        for place, code in enumerate(PAGES, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.choose_tab, code))
        new = QShortcut(QKeySequence("Ctrl+N"), self)
        new.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        new.activated.connect(self.enter_certificate)

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Take the class of ``id``; ``tab`` opens "certs" or "after" of it."""
        self._id = str(arguments.get("id") or "")
        tab = str(arguments.get("tab") or "")
        code = CERTS if not self._id else tab if tab in PAGES and self._is_counter else LIST
        self.deeds.class_id = self._id
        self.pages.start(of_class=bool(self._id), counter=self._is_counter, code=code)
        self.certs.start(of_class=bool(self._id))
        self.score_panel.drop_question()
        self.score_panel.show_row(None, None)
        self._go(code)

    def refresh(self) -> None:
        """Read what is in front anew."""
        read, where = self._context.runner.read, self.where
        if where == PAPER:
            self.paper.refresh()
        if self._id:
            read(partial(state.load_view, class_id=self._id), self._on_view, self._on_lost)
        if self._is_counter and where in (CERTS, FORM):
            read(partial(registry.load_registry, class_id=self._id), self._on_registry)
        if self._is_counter and self._id and where == AFTER:
            read(partial(after.load_after, class_id=self._id), self._on_after)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        if self.where == PAPER:
            return self.paper.key_hints()
        turns = bool(self._id) and self._is_counter
        return hints.of_page(self.where, self.score_panel.main.text(), turns=turns)

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        where = self.where
        if where == PAPER:
            return self.paper.acts()
        known: dict[str, Callable[[], object]] = {"print": self._on_paper} if where in (LIST, CERTS) else {}
        return {**known, "filter": self._on_filter} if where == CERTS else known

    def main_action(self) -> None:
        """Do what the main button says (F9)."""
        deeds: dict[str, Callable[[], object]] = {
            LIST: self._do_class,
            CERTS: self.cert_panel.do_main,
            AFTER: self._on_file,
            PAPER: self.paper.main_action,
            FORM: self.form.submit,
        }
        deeds[self.where]()

    @property
    def where(self) -> str:
        """Which page is in front."""
        return {1: PAPER, 2: FORM}.get(self.stack.currentIndex(), self.pages.code())

    # -- going from page to page --------------------------------------------------------------------------------
    def _go(self, where: str) -> None:
        widgets: dict[str, QWidget] = {PAPER: self.paper, FORM: self.form}
        shown = widgets.get(where) or self.pages.show_page(where)
        self.stack.setCurrentIndex({PAPER: 1, FORM: 2}.get(where, 0))
        self.panel.setCurrentIndex({LIST: 0, CERTS: 1, AFTER: 2, PAPER: 3, FORM: 4}[where])
        self.setFocusProxy(shown)
        self._moved = True
        shown.setFocus(Qt.FocusReason.OtherFocusReason)
        show_keys(self)

    def choose_tab(self, code: str) -> None:
        """Go to one of the three pages."""
        if self._id and self._is_counter and self.where in PAGES:
            self._go(code)
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.deeds.issuer.is_busy:
            self.deeds.issuer.stop()
        elif self.where == LIST and not self.list.table.view.hasFocus() and self.list.table.rows():
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._id:
            self._context.navigate("class_file", id=self._id)

    def _on_closed(self) -> None:
        self._go(self.pages.code())
        self.refresh()

    def _on_filter(self) -> None:
        self.certs.search.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.certs.search.line.selectAll()

    def _on_keys_changed(self) -> None:
        show_keys(self)

    # -- showing ------------------------------------------------------------------------------------------------
    def _on_view(self, view: GradView) -> None:
        if view.held.id != self._id:
            return
        self._context.looked(CLASS_LOOK, "training_class", self._id)
        self.pages.show_view(view)
        self.list.show_view(view)
        if self._next:
            self._next = False
            if self.list.next_without_score():
                self._on_row(self.list.row())
                self.score_panel.focus_scores()
            else:
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_row(self.list.row())
        self._take_keyboard(LIST, self.list)
        show_keys(self)

    def _on_row(self, row: GradRow | None) -> None:
        self.score_panel.show_row(row, self.list.view)

    def _on_registry(self, found: Registry) -> None:
        self.certs.show_registry(found)
        self._take_keyboard(CERTS, self.certs)

    def _on_certificate(self, line: CertificateLine | None) -> None:
        self.cert_panel.show_line(line, of_class=bool(self._id))

    def _on_after(self, view: AfterView) -> None:
        self.after.show_view(view)
        self._take_keyboard(AFTER, self.after)

    def _on_graduate(self, line: AfterLine | None) -> None:
        self.after_panel.show_line(line, self.after.view)

    def _take_keyboard(self, where: str, page: QWidget) -> None:
        """Give the keyboard to a page that had nothing to take it when it came."""
        if self._moved and self.where == where:
            self._moved = False
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_lost(self, error: AppError) -> None:
        self.open()
        self.refresh()
        self._context.messages.show_error(error)

    # -- scores -------------------------------------------------------------------------------------------------
    def _on_row_opened(self, row: GradRow) -> None:
        """Go to her scores; where none can be entered, to her certificate."""
        if self.score_panel.may_score:
            self.score_panel.focus_scores()
        elif row.own is not None:
            self._on_paper()
        else:
            view = self.list.view
            why = state.why_no_certificate(row, view, self._roles) if view is not None else ""
            self._context.messages.remark(why or _("结业了还没发证明：按 F9 发。"))

    def _on_digit(self, digit: str) -> None:
        if self.score_panel.may_score:
            self.score_panel.focus_scores(digit)
        elif self.list.view is not None and (row := self.list.row()) is not None:
            self._context.messages.remark(state.why_no_score(row, self.list.view, self._roles))

    def _on_score(self, values: dict[str, Any]) -> None:
        row = self.score_panel.row
        if row is not None and not self.score_panel.save.is_busy:
            self.score_panel.save.set_busy(_("正在登…"))
            self._next = True  # the list that comes back leads on to whoever has none
            self.deeds.assess(row, values, self._on_scored, self._on_not_scored)

    def _on_scored(self, _nothing: object) -> None:
        self.score_panel.save.set_busy(None)

    def _on_not_scored(self, error: AppError) -> None:
        self._next = False
        self.score_panel.save.set_busy(None)
        if not (isinstance(error, InvalidInputError) and self.score_panel.show_errors(error)):
            self._context.messages.show_error(error)

    # -- the class ----------------------------------------------------------------------------------------------
    def _do_class(self) -> None:
        """End the class, then issue its certificates, then print them."""
        view, panel = self.list.view, self.score_panel
        if view is None or self.deeds.issuer.is_busy:
            return
        _words, _icon, why = state.main_words(view, self._roles)
        if panel.asking is not None:
            panel.asking.submit()
        elif why:
            self._context.messages.remark(why)
        elif not view.is_finished:
            if view.found.open_points:
                panel.ask_finish()
            else:
                self.deeds.finish("")
        elif waiting := state.to_issue(view, self._roles):
            self.deeds.issuer.issue(waiting)
        else:
            self._show_papers(state.own_ids(view.rows))

    def _on_issue_one(self) -> None:
        row = self.score_panel.row
        if row is not None and not self.deeds.issuer.is_busy:
            self.deeds.issuer.issue([row])

    def _on_issuing(self, number: int, all_of_them: int) -> None:
        self.score_panel.main.set_busy(_("正在发 {n} / {all}，Esc 停下", n=number, all=all_of_them))

    def _on_issued(self, ids: tuple[str, ...]) -> None:
        self.score_panel.main.set_busy(None)
        self.refresh()
        if ids:
            self._show_papers(ids)

    # -- certificates -------------------------------------------------------------------------------------------
    def _show_papers(self, ids: tuple[str, ...]) -> None:
        self.paper.start(CERTIFICATE, ids)
        self._go(PAPER)

    def _on_paper(self) -> None:
        """Show the chosen certificate of completion, or say why there is none."""
        if self.where == CERTS:
            line = self.certs.line()
            why = registry.why_no_print(line) if line is not None else _("没有选中证书")
            ids: tuple[str, ...] = (line.id,) if line is not None else ()
        else:
            ids, why = state.paper_of(self.list.row(), self.list.view, self._roles)
        if why or not self._is_counter:
            self._context.messages.remark(why or _("您的岗位不能打印，请转窗口。"))
        else:
            self._show_papers(ids)

    def _on_certificate_opened(self, line: CertificateLine) -> None:
        (self._on_file if registry.why_no_print(line) else self._on_paper)()

    def enter_certificate(self) -> None:
        """Begin to enter a certificate of another issuer, for the chosen person if she may get one."""
        view, row = self.list.view, self.list.row()
        if view is None or not self._id or self.where not in (LIST, CERTS):
            return
        people = [row.line for row in view.rows if not state.why_no_entry(row, view, self._roles)]
        if row is not None and self.where == LIST and (why := state.why_no_entry(row, view, self._roles)):
            self._context.messages.remark(why)
        elif not people:
            self._context.messages.remark(_("办了结业、有人结业，才能登记证书。"))
        else:
            self._people = [(line.enrolment_id, line.name) for line in people]
            self._chosen = row.line.enrolment_id if row is not None and self.where == LIST else ""
            self._context.runner.read(partial(registry.likely, class_id=self._id), self._on_likely)

    def _on_likely(self, likely: Likely) -> None:
        self._go(FORM)
        self.form.start(self._id, self._people, chosen=self._chosen, likely=likely)

    def _on_enter(self, enrolment_id: str, values: dict[str, Any]) -> None:
        if not self.form.save.is_busy:
            self.form.save.set_busy(_("正在登记…"))
            self.deeds.enter(enrolment_id, values, self._on_entered, self._on_not_entered)

    def _on_entered(self, line: CertificateLine) -> None:
        self.form.save.set_busy(None)
        self.form.forget()
        self.pages.set_code(CERTS)
        self._on_closed()
        self.certs.table.select_key(line.id)

    def _on_not_entered(self, error: AppError) -> None:
        self.form.save.set_busy(None)
        if not self.form.show_error(error):
            self._context.messages.show_error(error)

    def _on_checked(self, result: str) -> None:
        if self.cert_panel.line is not None:
            self.deeds.check(self.cert_panel.line, result)

    def _on_void(self, *_line: object) -> None:
        line = self.certs.line()
        why = registry.why_no_void(line, self._roles) if line is not None else _("没有选中证书")
        if why:
            self._context.messages.remark(why)
        elif line is not None:
            self.deeds.ask_void(line)

    def _on_file(self) -> None:
        """Open the file of whoever is chosen."""
        line = self.certs.line() if self.where == CERTS else self.after.line()
        if line is not None:
            self._open_file_of(line)

    def _open_file_of(self, line: CertificateLine | AfterLine) -> None:
        if not isinstance(line, AfterLine) or after.is_here(line):
            self._context.navigate("resident_file", id=line.resident_id)
