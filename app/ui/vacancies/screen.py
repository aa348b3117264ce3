"""Vacancies and employers: one rail entry with two tabs, review and publishing, and the forms behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.employers import EmployerLine, get_employer, list_by_verification
from app.services.vacancies import IN_REVIEW, VacancyLine, get_sheet
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.importing.screen import dropped_file
from app.ui.keys import KeyHint
from app.ui.vacancies.employer_form import EmployerForm
from app.ui.vacancies.employer_list import EmployerList
from app.ui.vacancies.employer_panel import EmployerPanel
from app.ui.vacancies.form_page import RecordForm
from app.ui.vacancies.state import Rights
from app.ui.vacancies.vacancy_form import VacancyForm
from app.ui.vacancies.vacancy_list import VacancyList
from app.ui.vacancies.vacancy_panel import VacancyPanel
from app.ui.widgets import Button, Choice, Tabs, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

VACANCIES, EMPLOYERS = "vacancies", "employers"
LIST, VACANCY_FORM, EMPLOYER_FORM = range(3)
EMPLOYERS_OFFERED = 5000
Opened = tuple[list[EmployerLine], dict[str, Any]]


class VacanciesScreen(QWidget):
    """The screen 岗位."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._rights = Rights.of(context.actor.roles)
        self._doer = Doer(context, self)
        self._errors: dict[str, str] = {}
        self._form_id = ""
        self.setAcceptDrops(True)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.tabs = Tabs([Choice(VACANCIES, _("岗位")), Choice(EMPLOYERS, _("单位"))], name=_("岗位和单位"))
        self.bring_in = Button(_("导入"), "outline", "Ctrl I", "file-spreadsheet")
        self.add = Button(_("登记岗位"), "outline", "Ctrl N", "plus")
        self.bring_in.setVisible(self._rights.bring_in)
        self.add.setVisible(self._rights.add)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(Text(_("岗位"), "title"))
        head.addStretch(1)
        head.addWidget(self.bring_in)
        head.addWidget(self.add)
        self.vacancies, self.employers = VacancyList(self._context, self._doer), EmployerList(self._context)
        self.lists = QStackedWidget()
        self.lists.addWidget(self.vacancies)
        self.lists.addWidget(self.employers)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.tabs)
        column.addSpacing(4)
        column.addWidget(self.lists, 1)
        self.vacancy_form = VacancyForm(self._context, self._doer)
        self.employer_form = EmployerForm(self._context, self._doer)
        self.pages = QStackedWidget()
        for page in (first, self.vacancy_form, self.employer_form):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 8)
        outer.addWidget(self.pages)
        self._build_panel()

    def _build_panel(self) -> None:
        self.vacancy_panel = VacancyPanel(self._context, self._doer)
        self.employer_panel = EmployerPanel(self._context, self._doer)
        self.panel = QStackedWidget()
        for panel in (self.vacancy_panel, self.employer_panel, self.vacancy_form.panel, self.employer_form.panel):
            self.panel.addWidget(panel)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self._on_tab)
        self.bring_in.clicked.connect(self._on_bring_in)
        self.add.clicked.connect(self._on_add)
        self.vacancies.row_selected.connect(self.vacancy_panel.show_line)
        self.vacancies.ticked.connect(self.vacancy_panel.set_ticked)
        self.vacancies.opened.connect(self._on_edit_vacancy)
        self.vacancies.turned_down.connect(self.vacancy_panel.ask_why)
        self.vacancies.counted.connect(self._on_vacancies_counted)
        self.vacancies.import_requested.connect(self._on_bring_in)
        self.employers.row_selected.connect(self.employer_panel.show_line)
        self.employers.opened.connect(self._on_open_employer)
        self.employers.counted.connect(self._on_employers_counted)
        self.vacancy_panel.edit_requested.connect(self._on_edit_vacancy)
        self.vacancy_panel.employer_requested.connect(self.show_employer)
        self.vacancy_panel.publish_ticked_requested.connect(self._on_publish_ticked)
        self.vacancy_panel.add_requested.connect(self._on_add)
        self.employer_panel.edit_requested.connect(self._on_edit_employer)
        self.employer_panel.vacancies_requested.connect(self._on_vacancies_of)
        self.employer_panel.add_requested.connect(self._on_add)
        for form in (self.vacancy_form, self.employer_form):
            form.saved.connect(self._on_saved)
            form.left.connect(self._on_form_left)
        self.employer_form.open_requested.connect(self._on_known_employer)
        self._doer.changed.connect(self._on_changed)
        for sequence, slot in (("Ctrl+N", self._on_add), ("Ctrl+I", self._on_bring_in)):
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.activated.connect(slot)
        self._counts = {VACANCIES: 0, EMPLOYERS: 0}
        self.setFocusProxy(self.vacancies.table)

    # -- the window asks ----------------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show a tab, a vacancy or an employer; ``fresh``: what was just imported and waits.

        ``field`` and ``why``: what the district sent back, to be mended in the form.
        """
        self._errors = {str(arguments["field"]): str(arguments.get("why") or "")} if arguments.get("field") else {}
        vacancy, employer, tab = arguments.get("vacancy"), arguments.get("employer"), arguments.get("tab")
        if isinstance(vacancy, str):
            self.show_vacancy(vacancy)
            if self._errors:
                self._on_edit_vacancy(vacancy)
        elif isinstance(employer, str):
            self.show_employer(employer)
            if self._errors:
                self._on_edit_employer(employer, self._errors)
        elif tab in (VACANCIES, EMPLOYERS):
            self._show_tab(str(tab))
            if tab == VACANCIES and arguments.get("fresh"):
                self.vacancies.show_slice(IN_REVIEW)

    def refresh(self) -> None:
        """Read the lists again; while an import runs, not with every batch."""
        if self._counts[VACANCIES]:
            self.vacancies.refresh_soon()
        else:
            self.vacancies.refresh()
        self.employers.refresh()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        if self.pages.currentIndex() != LIST:
            return [
                KeyHint(("Enter",), _("下一栏")), KeyHint(("0", "9"), _("按代码选")), KeyHint(("F9",), _("保存")),
                KeyHint(("Esc",), _("先放一放")),
            ]  # fmt: skip
        hints = [KeyHint(("↑", "↓"), _("选一行")), KeyHint(("Enter",), _("修改"))]
        if self.tabs.code() == VACANCIES and self._rights.publish:
            hints += [KeyHint((_("空格"),), _("勾上")), KeyHint(("Ctrl A",), _("全勾")), KeyHint(("F9",), _("发布"))]
            hints += [KeyHint(("Del",), _("退回、下架"))]
        else:
            hints += [KeyHint(("F9",), _("登记"))]
        return [*hints, KeyHint(("/",), _("筛选")), KeyHint(("Ctrl I",), _("导入"))]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        if self.pages.currentIndex() != LIST:
            return {}
        acts: dict[str, Callable[[], object]] = {"filter": self._list().focus_filter}
        if self._rights.add:
            acts["edit"] = self._on_edit
        return acts

    def main_action(self) -> None:
        """Do what the filled button does."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.save()
        elif self.tabs.code() == VACANCIES:
            self.vacancy_panel.do_main()
        else:
            self._on_add()

    def may_leave(self) -> bool:
        """Keep what was typed; nobody is held."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.keep()
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event) is not None and self._rights.bring_in:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        if path is not None:
            self._context.navigate("importing", kind=self.tabs.code(), path=str(path))

    # -- going about --------------------------------------------------------------------------------------------
    def show_vacancy(self, vacancy_id: str) -> None:
        """Go to a vacancy."""
        self._show_tab(VACANCIES)
        self.vacancies.show_vacancy(vacancy_id)

    def show_employer(self, employer_id: str) -> None:
        """Go to an employer."""
        self._show_tab(EMPLOYERS)
        self.employers.show_employer(employer_id)

    def _show_tab(self, name: str) -> None:
        self.tabs.set_code(name)
        self._on_tab(name)

    def _list(self) -> VacancyList | EmployerList:
        return self.vacancies if self.tabs.code() == VACANCIES else self.employers

    def _on_tab(self, name: str) -> None:
        is_first = name == VACANCIES
        self.lists.setCurrentIndex(0 if is_first else 1)
        self.setFocusProxy(self._list().table)
        self.add.set_label(_("登记岗位") if is_first else _("登记单位"))
        self._show_page(LIST)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        if page == LIST:
            self.panel.setCurrentIndex(0 if self.tabs.code() == VACANCIES else 1)
            if self.isVisible():
                self._list().table.setFocus()
        else:
            self.panel.setCurrentIndex(page + 1)
        show_keys(self)

    def _on_vacancies_counted(self, count: int) -> None:
        self._count(VACANCIES, count)

    def _on_employers_counted(self, count: int) -> None:
        self._count(EMPLOYERS, count)

    def _count(self, name: str, count: int) -> None:
        if self._counts[name] != count:
            self._counts[name] = count
            words = ((VACANCIES, _("岗位")), (EMPLOYERS, _("单位")))
            self.tabs.set_choices([Choice(code, label, self._counts[code]) for code, label in words])

    def _on_changed(self) -> None:
        self.vacancies.refresh()
        self.employers.refresh()

    def _on_bring_in(self) -> None:
        if self._rights.bring_in:
            self._context.navigate("importing", kind=self.tabs.code())

    def _on_publish_ticked(self) -> None:
        self.vacancies.publish([line.id for line in self.vacancies.ticked_lines()])

    def _on_vacancies_of(self, name: str) -> None:
        self._show_tab(VACANCIES)
        self.vacancies.slices.set_code("all")
        self.vacancies.search.set_text(name)

    # -- forms --------------------------------------------------------------------------------------------------
    def _on_add(self) -> None:
        if not self._rights.add or self.pages.currentIndex() != LIST:
            return
        if self.tabs.code() == EMPLOYERS:
            self._show_page(EMPLOYER_FORM)
            self.employer_form.start_new({})
        else:
            self._form_id = ""
            self._context.runner.read(partial(_offer, ""), self._on_form_data)

    def _on_edit(self) -> None:
        line: VacancyLine | EmployerLine | None = self._list().current()
        if isinstance(line, VacancyLine):
            self._on_edit_vacancy(line.id)
        elif line is not None:
            self._on_edit_employer(line.id, {})

    def _on_edit_vacancy(self, vacancy_id: str) -> None:
        if self._rights.add:
            self._form_id = vacancy_id
            self._context.runner.read(partial(_offer, vacancy_id), self._on_form_data)

    def _on_form_data(self, opened: Opened) -> None:
        employers, values = opened
        self.vacancy_form.set_employers(employers)
        self._show_page(VACANCY_FORM)
        if self._form_id:
            self.vacancy_form.start_edit(self._form_id, values, self._errors)
            self._errors = {}
        else:
            self.vacancy_form.start_new(values)

    def _on_open_employer(self, employer_id: str) -> None:
        self._on_edit_employer(employer_id, {})

    def _on_edit_employer(self, employer_id: str, errors: dict[str, str]) -> None:
        if self._rights.add:
            self._errors = errors
            self._context.runner.read(partial(_employer_values, employer_id), self._on_employer_data)

    def _on_employer_data(self, found: tuple[str, dict[str, Any]]) -> None:
        self._show_page(EMPLOYER_FORM)
        self.employer_form.start_edit(*found, self._errors)

    def _on_known_employer(self, employer_id: str) -> None:
        self.employer_form.keep()
        self.show_employer(employer_id)

    def _on_saved(self, record_id: str) -> None:
        if self.pages.currentIndex() == VACANCY_FORM:
            self.show_vacancy(record_id)
        else:
            self.show_employer(record_id)

    def _on_form_left(self) -> None:
        self._show_page(LIST)


def _offer(vacancy_id: str, tx: Transaction) -> Opened:
    """Read who can be the employer, and the vacancy's values or those of a new one."""
    employers = list_by_verification(tx, limit=EMPLOYERS_OFFERED)
    return employers, get_sheet(tx, vacancy_id).values if vacancy_id else {"minor_ok": False}


def _employer_values(employer_id: str, tx: Transaction) -> tuple[str, dict[str, Any]]:
    return employer_id, get_employer(tx, employer_id)[1]
