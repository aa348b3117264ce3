"""One class: how it stands and what comes next, its lessons, its list, who must be told; and every act on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.access_log import CLASS_LOOK
from app.services.training.calendar import LessonLine
from app.services.training.rosters import RosterLine
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer, show_keys
from app.ui.class_file import acts, state
from app.ui.class_file.act_page import ActPage
from app.ui.class_file.asking import Asking
from app.ui.class_file.deeds import Deeds
from app.ui.class_file.head import ClassHead
from app.ui.class_file.hints import form_hints, hints_of
from app.ui.class_file.lesson_page import LessonPage
from app.ui.class_file.pages import LessonsPage, RosterPage
from app.ui.class_file.panel import ClassSide
from app.ui.class_file.postpone_page import PostponePage
from app.ui.class_file.state import LESSONS, ROSTER, TELLING, ClassView
from app.ui.class_file.tell_page import TellPage
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.rights import Rights
from app.ui.training import planning, steps
from app.ui.training.class_form import ClassForm
from app.ui.training.planning import Offer
from app.ui.vacancies.form_page import RecordForm
from app.ui.widgets import Choice, EmptyState, Tabs


class ClassFileScreen(QWidget):
    """The screen 班级."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._rights = Rights.of(context.actor.roles)
        self._doer = Doer(context, self)
        self.deeds = Deeds(context, self)
        self._id = ""
        self.view: ClassView | None = None
        self._has_news = False
        self._build()
        self._connect()

    def _build(self) -> None:
        self.head = ClassHead()
        self.tabs = Tabs([Choice(code, label) for code, label in self._tab_words()], name=_("班级"))
        self.lessons, self.roster = LessonsPage(self._rights), RosterPage(self._rights)
        self.telling = TellPage(self._context)
        self._shown: dict[str, LessonsPage | RosterPage | TellPage] = {
            LESSONS: self.lessons, ROSTER: self.roster, TELLING: self.telling,
        }  # fmt: skip
        self.lists = QStackedWidget()
        for page in self._shown.values():
            self.lists.addWidget(page)
        self.file = QWidget()
        column = QVBoxLayout(self.file)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.head)
        column.addWidget(self.tabs)
        column.addWidget(self.lists, 1)
        self.nothing = EmptyState(_("没有打开班级"), _("从“培训”里打开一个班。"), _("去培训"), icon="graduation-cap")
        self.class_form = ClassForm(self._context, self._doer)
        self.lesson_page, self.postpone_page = LessonPage(self._context), PostponePage(self._context)
        self.pages = QStackedWidget()
        for whole in (self.nothing, self.file, self.class_form, self.lesson_page, self.postpone_page):
            self.pages.addWidget(whole)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 8)
        outer.addWidget(self.pages)
        self.side = ClassSide(self._rights)
        self.asking = Asking(self._context, self._rights, self.deeds, self.side, self)
        self.panel = QStackedWidget()
        for panel in (self.side, self.class_form.panel, self.lesson_page.panel, self.postpone_page.panel):
            self.panel.addWidget(panel)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.show_tab)
        self.nothing.act_requested.connect(partial(self._context.navigate, "training"))
        self.lessons.opened.connect(self._on_lesson_opened)
        self.lessons.add_requested.connect(self._on_add)
        self.lessons.move_requested.connect(self._on_move)
        self.lessons.cancel_requested.connect(self._on_cancel_lesson)
        self.roster.opened.connect(self._on_person_opened)
        self.roster.sign_up_requested.connect(self._on_sign_up)
        self.roster.seats_requested.connect(self._on_seats)
        self.telling.told.connect(self.deeds.told)
        self.telling.ticked.connect(self._tell_main)
        self.telling.file_requested.connect(self._on_file)
        self.side.main_requested.connect(self.main_action)
        self.side.act_requested.connect(self.do)
        self.deeds.changed.connect(self.refresh)
        self.deeds.news.connect(self._on_news)
        self.deeds.page_done.connect(self.close_page)
        self.asking.exporting.connect(self._on_exporting)
        self._doer.changed.connect(self.refresh)
        self.lesson_page.submitted.connect(self._on_lesson_submitted)
        self.postpone_page.submitted.connect(self._on_postpone_submitted)
        self.class_form.saved.connect(self._on_form_saved)
        for page in (self.lesson_page, self.postpone_page, self.class_form):
            page.left.connect(self.close_page)
        for keys, slot in (("Ctrl+N", self._on_add), ("Ctrl+M", self._on_move)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    # -- the window asks ----------------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show the class ``id``; ``tab`` one of its pages (lessons, roster, tell)."""
        wanted = str(arguments.get("id") or self._id)
        if wanted != self._id:
            self._id, self.view = wanted, None
            self.side.drop_question()
            self.close_page()
            self.show_tab(LESSONS)
        tab = str(arguments.get("tab") or "")
        if tab in (LESSONS, ROSTER, TELLING):
            self.show_tab(tab)

    def refresh(self) -> None:
        """Read the class anew."""
        if self._id:
            work = partial(state.load_view, class_id=self._id, rights=self._rights)
            self._context.runner.read(work, self._on_view, self._on_lost)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        on_file = self.pages.currentWidget() is self.file
        return hints_of(self.tabs.code(), self._rights) if on_file else form_hints()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        if self.view is None or self.pages.currentWidget() is not self.file:
            return {}
        known: dict[str, Callable[[], object]] = {"save_pdf": self._on_export, "train": self._on_sign_up}
        if self._may(acts.EDIT):
            known["edit"] = self._on_edit
        return known

    def main_action(self) -> None:
        """Do what the filled button does (F9)."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.save()
        elif isinstance(page, ActPage):
            page.submit()
        elif self.tabs.code() == TELLING and self.telling.chosen():
            self.telling.do_main()
        elif self.view is not None:
            self._do_step(self.side.step.act)

    def may_leave(self) -> bool:
        """Keep what was typed; nobody is held."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.keep()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        on_file = self.pages.currentWidget() is self.file
        tabs = {Qt.Key.Key_1: LESSONS, Qt.Key.Key_2: ROSTER, Qt.Key.Key_3: TELLING}
        if control and on_file and (code := tabs.get(Qt.Key(event.key()))):
            self.show_tab(code)
        elif control and on_file and event.key() == Qt.Key.Key_A and self.tabs.code() == TELLING:
            self.telling.tick_everybody()
        else:
            super().keyPressEvent(event)

    # -- showing ------------------------------------------------------------------------------------------------
    def _tab_words(self) -> tuple[tuple[str, str], ...]:
        words = ((LESSONS, _("课程表")), (ROSTER, _("名单")))
        return (*words, (TELLING, _("要通知的"))) if self._rights.may("enrolment.tell") else words

    def _on_view(self, view: ClassView) -> None:
        if view.line.id != self._id:
            return
        had_keyboard = self.view is not None
        self.view = view
        self._context.looked(CLASS_LOOK, "training_class", self._id)
        counts = {LESSONS: view.line.lesson_count, ROSTER: view.line.counts.signed_up, TELLING: len(view.untold)}
        before = self.tabs.code()
        self.tabs.set_choices([Choice(code, label, counts[code]) for code, label in self._tab_words()])
        self.tabs.set_code(before)
        self.head.show_view(view)
        for page in self._shown.values():
            page.show_view(view)
        self.side.show_view(view)
        if self.pages.currentWidget() is self.nothing:
            self.pages.setCurrentWidget(self.file)
        self._tell_main()
        if self._has_news and self.pages.currentWidget() is self.file:
            self._has_news = False
            if view.untold:
                self.show_tab(TELLING)
        if not had_keyboard and self.isVisible():
            self._front().setFocus()
        show_keys(self)

    def _on_lost(self, error: AppError) -> None:
        self.view = None
        self.pages.setCurrentWidget(self.nothing)
        self.panel.setCurrentWidget(self.side)
        self._context.messages.show_error(error)

    def _front(self) -> QWidget:
        return self._shown[self.tabs.code()]

    def show_tab(self, code: str) -> None:
        """Show one of the pages."""
        if code == TELLING and not self._rights.may("enrolment.tell"):
            code = ROSTER
        self.tabs.set_code(code)
        self.lists.setCurrentWidget(self._shown[code])
        self.setFocusProxy(self._front())
        if self.isVisible() and self.pages.currentWidget() is self.file:
            self._front().setFocus()
        self._tell_main()
        show_keys(self)

    def _tell_main(self, _count: int = 0) -> None:
        """Set the filled button to what F9 does on this page."""
        if self.view is None:
            return
        label = self.telling.main_label() if self.tabs.code() == TELLING else ""
        self.side.set_main(label or self.side.step.label, "check" if label else self.side.step.icon)

    def _show_page(self, page: QWidget, panel: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.panel.setCurrentWidget(panel)
        show_keys(self)

    def close_page(self) -> None:
        """Go back from a form to the class."""
        shown = self.file if self.view is not None else self.nothing
        self._show_page(shown, self.side)
        if self.isVisible():
            self._front().setFocus()

    # -- doing --------------------------------------------------------------------------------------------------
    def _may(self, name: str) -> bool:
        if self.view is None:
            return False
        return any(each.name == name and not each.why for each in acts.acts_of(self.view.line, self._rights))

    def _do_step(self, act: str) -> None:
        known = {
            steps.PUBLISH: acts.PUBLISH, steps.ENROL: acts.SIGN_UP, steps.OPEN_CLASS: acts.OPEN_CLASS,
            steps.ROLL_CALL: acts.ROLL_CALL, steps.GRADUATE: acts.GRADUATE, "edit": acts.EDIT,
        }  # fmt: skip
        if act == steps.TELL:
            self.show_tab(TELLING)
        elif act == steps.LESSONS:
            self._on_add()
        elif act in known:
            self.do(known[act])

    def do(self, name: str) -> None:
        """Do one of the acts of the panel."""
        if not self._may(name) or self.view is None:
            return
        deeds: dict[str, Callable[[], object]] = {
            acts.ROLL_CALL: self._on_roll_call,
            acts.SIGN_UP: self._on_sign_up,
            acts.GRADUATE: partial(self._context.navigate, "graduation", id=self._id),
            acts.PUBLISH: partial(self.deeds.publish, self.view),
            acts.OPEN_CLASS: partial(self.asking.open_class, self.view),
            acts.EDIT: self._on_edit,
            acts.POSTPONE: self._on_postpone,
            acts.CANCEL: partial(self.asking.cancel_class, self.view),
            acts.EXPORT: self._on_export,
        }
        deeds[name]()

    def _on_roll_call(self) -> None:
        if self.view is not None:
            self._context.navigate("roll_call", id=self._id, **state.lesson_argument(self.view))

    def _on_lesson_opened(self, lesson: LessonLine) -> None:
        if self.view is None:
            return
        if self._may(acts.ROLL_CALL) and lesson.state == "10":
            self._context.navigate("roll_call", id=self._id, lesson_id=lesson.id)
        elif lesson.state != "10":
            self._context.messages.remark(_("第 {n} 课已经取消了", n=lesson.number))
        else:
            self._context.messages.remark(_("开班以后才点名"))

    def _on_sign_up(self) -> None:
        if self.view is None or not self._rights.may("enrolment.add"):
            return
        why = acts.why_no_sign_up(self.view.line)
        if why:
            self._context.messages.remark(why)
        else:
            self._context.navigate("sign_up", class_id=self._id)

    def _on_person_opened(self, line: RosterLine) -> None:
        if line.resident_id is not None and self._rights.may("enrolment.add"):
            self._context.navigate("sign_up", id=line.resident_id, tab="seats")

    def _on_seats(self) -> None:
        self._context.navigate("sign_up", class_id=self._id, tab="seats")

    def _on_file(self, resident_id: str) -> None:
        self._context.navigate("resident_file", id=resident_id)

    def _on_cancel_lesson(self) -> None:
        lesson = self._lesson_for("lesson.cancel")
        if lesson is not None and self.view is not None:
            self.asking.cancel_lesson(self.view, lesson)

    def _lesson_for(self, act: str) -> LessonLine | None:
        """Return the chosen lesson if this may be done with it; else say why not."""
        if self.view is None or self.pages.currentWidget() is not self.file or self.tabs.code() != LESSONS:
            return None
        lesson = self.lessons.current()
        why = state.why_fixed(self.view, lesson, self._rights, act)
        if why:
            self._context.messages.remark(why)
            return None
        return lesson

    def _on_add(self) -> None:
        if self.view is None or self.pages.currentWidget() is not self.file:
            return
        if not self._rights.may("class.lessons"):
            self._context.messages.remark(self._rights.why_not("class.lessons"))
        elif not self.lessons.add.isEnabled():
            self._context.messages.remark(_("班期已经结束，课不能再改"))
        else:
            self._show_page(self.lesson_page, self.lesson_page.panel)
            self.lesson_page.start_add(self.view)

    def _on_move(self) -> None:
        lesson = self._lesson_for("lesson.move")
        if lesson is not None and self.view is not None:
            self._show_page(self.lesson_page, self.lesson_page.panel)
            self.lesson_page.start_move(self.view, lesson)

    def _on_lesson_submitted(self, values: dict[str, Any]) -> None:
        if self.view is None:
            return
        if self.lesson_page.lesson is None:
            self.deeds.add_lesson(self.view, self.lesson_page, values)
        else:
            self.deeds.move_lesson(self.lesson_page.lesson, self.lesson_page, values)

    def _on_postpone(self) -> None:
        if self.view is not None:
            self._show_page(self.postpone_page, self.postpone_page.panel)
            self.postpone_page.start(self.view)

    def _on_postpone_submitted(self, values: dict[str, Any]) -> None:
        if self.view is not None:
            self.deeds.postpone(self.view, self.postpone_page, values)

    def _on_news(self) -> None:
        """Lead on to those who must be told, once it is read who that is."""
        self._has_news = True
        self.refresh()

    # -- the form, the export -----------------------------------------------------------------------------------
    def _on_edit(self) -> None:
        self._context.runner.read(planning.load_offer, self._on_offer)

    def _on_offer(self, offer: Offer) -> None:
        self.class_form.set_offer(offer)
        self._context.runner.read(partial(state.class_values, class_id=self._id), self._on_values)

    def _on_values(self, found: tuple[str, dict[str, Any]]) -> None:
        self._show_page(self.class_form, self.class_form.panel)
        self.class_form.start_edit(*found, {})

    def _on_form_saved(self, _class_id: str) -> None:
        self.close_page()
        self._on_news()

    def _on_export(self) -> None:
        if self.view is not None:
            self.asking.export(self.view)

    def _on_exporting(self, busy: bool) -> None:
        button = self.side.buttons.get(acts.EXPORT)
        if button is not None:
            button.set_busy(_("正在导出…") if busy else None)
