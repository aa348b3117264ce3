"""Training: classes in slices, the catalogue of courses, and the forms behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.services.training.courses import CourseLine, edit_course
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.rights import Rights
from app.ui.training import planning, state
from app.ui.training.class_form import ClassForm
from app.ui.training.class_list import ClassList
from app.ui.training.course_form import CourseForm
from app.ui.training.course_list import CourseList
from app.ui.training.panels import ClassPanel, CoursePanel
from app.ui.training.planning import Offer
from app.ui.vacancies.form_page import RecordForm
from app.ui.widgets import Button, Choice, Tabs, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

CLASSES, COURSES = "classes", "courses"
LIST, COURSE_FORM, CLASS_FORM = range(3)


class TrainingScreen(QWidget):
    """The screen 培训."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._rights = Rights.of(context.actor.roles)
        self._doer = Doer(context, self)
        self._course_wanted = ""
        self._counts = {CLASSES: 0, COURSES: 0}
        self._build()
        self._connect()

    def _build(self) -> None:
        self.tabs = Tabs([Choice(CLASSES, _("班期")), Choice(COURSES, _("培训项目"))], name=_("班期和培训项目"))
        self.crafts = Button(_("手工订单"), "outline", icon="hand-coins")
        self.add = Button(_("排班期"), "outline", "Ctrl N", "plus")
        self.crafts.setVisible(not self._rights.only_trainer)
        self.add.setVisible(self._rights.may("class.plan"))
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(Text(_("培训"), "title"))
        head.addStretch(1)
        head.addWidget(self.crafts)
        head.addWidget(self.add)
        self.classes = ClassList(self._context, may_plan=self._rights.may("class.plan"))
        self.courses = CourseList(self._context)
        self.lists = QStackedWidget()
        self.lists.addWidget(self.classes)
        self.lists.addWidget(self.courses)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.tabs)
        column.addSpacing(4)
        column.addWidget(self.lists, 1)
        self.course_form = CourseForm(self._context, self._doer)
        self.class_form = ClassForm(self._context, self._doer)
        self.pages = QStackedWidget()
        for page in (first, self.course_form, self.class_form):
            self.pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 16, 24, 8)
        outer.addWidget(self.pages)
        self.class_panel, self.course_panel = ClassPanel(self._rights), CoursePanel(self._rights)
        self.panel = QStackedWidget()
        for panel in (self.class_panel, self.course_panel, self.course_form.panel, self.class_form.panel):
            self.panel.addWidget(panel)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self._on_tab)
        self.add.clicked.connect(self._on_add)
        self.crafts.clicked.connect(partial(self._context.navigate, "crafts"))
        self.classes.row_selected.connect(self.class_panel.show_line)
        self.classes.opened.connect(self._on_open_class)
        self.classes.counted.connect(partial(self._count, CLASSES))
        self.courses.row_selected.connect(self.course_panel.show_line)
        self.courses.opened.connect(self._on_plan)
        self.courses.counted.connect(partial(self._count, COURSES))
        self.class_panel.open_requested.connect(self._on_open_class)
        self.class_panel.roll_call_requested.connect(self._on_roll_call)
        self.class_panel.sign_up_requested.connect(self._on_sign_up)
        self.course_panel.plan_requested.connect(self._on_plan)
        self.course_panel.edit_requested.connect(self._on_edit_course)
        self.course_panel.classes_requested.connect(self._on_classes_of)
        self.course_panel.stop_requested.connect(self._on_stop)
        self.course_panel.add_requested.connect(self._on_add_course)
        self.course_form.saved.connect(self._on_course_saved)
        self.class_form.saved.connect(self._on_class_saved)
        for form in (self.course_form, self.class_form):
            form.left.connect(self._on_form_left)
        self._doer.changed.connect(self.refresh)
        shortcut = QShortcut(QKeySequence("Ctrl+N"), self)
        shortcut.activated.connect(self._on_add)
        self.setFocusProxy(self.classes.table)

    # -- the window asks ----------------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show the classes; ``slice`` one slice of them, ``course`` the catalogue at that course, ``tab`` one tab."""
        wanted, course, tab = arguments.get("slice"), arguments.get("course"), arguments.get("tab")
        if isinstance(course, str):
            self._show_tab(COURSES)
            self.courses.show_course(course)
        elif isinstance(wanted, str) and wanted in [code for code, *_rest in state.SLICES]:
            self._show_tab(CLASSES)
            self.classes.show_slice(wanted)
        elif tab in (CLASSES, COURSES):
            self._show_tab(str(tab))

    def refresh(self) -> None:
        """Read the lists again."""
        self.classes.refresh()
        self.courses.refresh()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        if self.pages.currentIndex() != LIST:
            return [
                KeyHint(("Enter",), _("下一栏")), KeyHint(("0", "9"), _("按代码选")), KeyHint(("F9",), _("保存")),
                KeyHint(("Esc",), _("先放一放")),
            ]  # fmt: skip
        hints = [KeyHint(("↑", "↓"), _("选一行"))]
        if self.tabs.code() == CLASSES:
            hints.append(KeyHint(("Enter",), _("打开班级")))
            if self._rights.may("enrolment.add"):
                hints.append(KeyHint(("Ctrl T",), _("给人报名")))
            adds = _("排班期")
        else:
            if self._rights.may("class.plan"):
                hints += [KeyHint(("Enter",), _("排班期")), KeyHint(("Ctrl E",), _("修改"))]
            adds = _("登记项目")
        if self._rights.may("class.plan"):
            hints.append(KeyHint(("Ctrl N",), adds))
        return [*hints, KeyHint(("/",), _("筛选")), KeyHint(("Ctrl", "1–2"), _("换一页"))]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        if self.pages.currentIndex() != LIST:
            return {}
        acts: dict[str, Callable[[], object]] = {"filter": self._list().focus_filter}
        if self.tabs.code() == CLASSES:
            acts["train"] = self.class_panel.do_sign_up
        course = self.courses.current()
        if self.tabs.code() == COURSES and course is not None and self._rights.may("course.edit"):
            acts["edit"] = partial(self._on_edit_course, course.id)
        return acts

    def main_action(self) -> None:
        """Do what the filled button does (F9)."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.save()
        elif self.tabs.code() == CLASSES:
            self.class_panel.do_main()
        else:
            self.course_panel.do_main()

    def may_leave(self) -> bool:
        """Keep what was typed; nobody is held."""
        page = self.pages.currentWidget()
        if isinstance(page, RecordForm):
            page.keep()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        on_list = self.pages.currentIndex() == LIST
        if control and event.key() in (Qt.Key.Key_1, Qt.Key.Key_2) and on_list:
            self._show_tab(CLASSES if event.key() == Qt.Key.Key_1 else COURSES)
        elif event.key() == Qt.Key.Key_Escape and on_list and self._list().search.text():
            self._list().search.set_text("")
            self._list().table.setFocus()
        else:
            super().keyPressEvent(event)

    # -- going about --------------------------------------------------------------------------------------------
    def _list(self) -> ClassList | CourseList:
        return self.classes if self.tabs.code() == CLASSES else self.courses

    def _show_tab(self, name: str) -> None:
        self.tabs.set_code(name)
        self._on_tab(name)

    def _on_tab(self, name: str) -> None:
        is_first = name == CLASSES
        self.lists.setCurrentIndex(0 if is_first else 1)
        self.setFocusProxy(self._list().table)
        self.add.set_label(_("排班期") if is_first else _("登记项目"))
        self._show_page(LIST)

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        if page == LIST:
            self.panel.setCurrentIndex(0 if self.tabs.code() == CLASSES else 1)
            if self.isVisible():
                self._list().table.setFocus()
        else:
            self.panel.setCurrentIndex(page + 1)
        show_keys(self)

    def _count(self, name: str, count: int) -> None:
        if self._counts[name] != count:
            self._counts[name] = count
            titles = ((CLASSES, _("班期")), (COURSES, _("培训项目")))
            self.tabs.set_choices([Choice(code, label, self._counts[code]) for code, label in titles])

    def _on_open_class(self, class_id: str) -> None:
        self._context.navigate("class_file", id=class_id)

    def _on_roll_call(self, class_id: str) -> None:
        self._context.navigate("roll_call", id=class_id)

    def _on_sign_up(self, class_id: str) -> None:
        self._context.navigate("sign_up", class_id=class_id)

    def _on_classes_of(self, name: str) -> None:
        self.classes.show_slice(state.ALL)
        self._show_tab(CLASSES)
        self.classes.search.set_text(name)
        self.classes.refresh()

    # -- forms --------------------------------------------------------------------------------------------------
    def _on_add(self) -> None:
        if self.pages.currentIndex() != LIST or not self._rights.may("class.plan"):
            return
        if self.tabs.code() == COURSES:
            self._on_add_course()
        else:
            self._on_plan("")

    def _on_add_course(self) -> None:
        self._show_page(COURSE_FORM)
        self.course_form.start_new({})

    def _on_edit_course(self, course_id: str) -> None:
        if self._rights.may("course.edit"):
            self._context.runner.read(partial(state.load_course, course_id=course_id), self._on_course_data)

    def _on_course_data(self, found: tuple[str, dict[str, Any]]) -> None:
        self._show_page(COURSE_FORM)
        self.course_form.start_edit(*found, {})

    def _on_plan(self, course_id: str) -> None:
        if self._rights.may("class.plan"):
            self._course_wanted = course_id
            self._context.runner.read(planning.load_offer, self._on_offer)

    def _on_offer(self, offer: Offer) -> None:
        if not offer.courses:
            self._context.messages.remark(_("目录里还没有在办的项目，先登记培训项目，再排班期。"))
            self._show_tab(COURSES)
            return
        self.class_form.set_offer(offer)
        self._show_page(CLASS_FORM)
        self.class_form.start_new({"course_id": self._course_wanted or None})

    def _on_stop(self, line: CourseLine) -> None:
        said = (
            _("“{name}”停办了，已排的班期照常", name=line.name)
            if line.active
            else _("“{name}”恢复办班", name=line.name)
        )
        self._doer.do(partial(_set_active, line.id, not line.active), said)

    def _on_course_saved(self, course_id: str) -> None:
        self._show_tab(COURSES)
        self.courses.show_course(course_id)

    def _on_class_saved(self, class_id: str) -> None:
        self._show_page(LIST)
        self.classes.show_class(class_id)
        self._context.navigate("class_file", id=class_id)

    def _on_form_left(self) -> None:
        self._show_page(LIST)


def _set_active(course_id: str, active: bool, tx: Transaction) -> object:
    return edit_course(tx, course_id, {"active": active})
