"""Head, tabs and the three pages of the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.models.codes import code_list
from app.models.training import CANCELLED, FINISHED
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.graduation import state
from app.ui.graduation.after_page import AfterPage
from app.ui.graduation.list_page import ListPage
from app.ui.graduation.registry_page import RegistryPage
from app.ui.graduation.state import GradView
from app.ui.widgets import Chip, Choice, Tabs, Text

LIST, CERTS, AFTER = "list", "certs", "after"


class Pages(QWidget):
    """Whose class it is, and which of its pages is in front."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self.title, self.about, self.chip = Text("", "page"), Text("", "secondary", "text2"), Chip("")
        self.about.setMinimumWidth(10)
        self.tabs = Tabs(name=_("结业"))
        self.list, self.certs, self.after = ListPage(), RegistryPage(context), AfterPage()
        self.stack = QStackedWidget()
        self.stack.setMinimumSize(1, 1)
        for page in (self.list, self.certs, self.after):
            self.stack.addWidget(page)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title)
        head.addWidget(self.chip)
        head.addWidget(self.about, 1, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def start(self, *, of_class: bool, counter: bool, code: str) -> None:
        """Begin anew: the pages of a class, or the registry alone; a trainer has the list alone."""
        self.title.setText("" if of_class else _("证书"))
        self.about.setText("" if of_class else _("本机知道的全部证书"))
        self.chip.hide()
        self.tabs.set_choices([Choice(LIST, _("结业名单")), Choice(CERTS, _("证书")), Choice(AFTER, _("结业之后"))])
        self.tabs.setVisible(of_class and counter)
        self.set_code(code)

    def code(self) -> str:
        """Return which page is chosen."""
        return self.tabs.code()

    def set_code(self, code: str) -> None:
        """Choose a page silently."""
        self.tabs.set_code(code)

    def show_page(self, code: str) -> QWidget:
        """Put a page in front and return it."""
        self.set_code(code)
        page: QWidget = {CERTS: self.certs, AFTER: self.after}.get(code, self.list)
        self.stack.setCurrentWidget(page)
        return page

    def show_view(self, view: GradView) -> None:
        """Say which class it is, and how it stands."""
        title, about = state.title_words(view)
        self.title.setText(title)
        self.about.setText(about)
        tone = {FINISHED: "good", CANCELLED: "red"}.get(view.held.state, "blue")
        self.chip.set_state(code_list("CLASS_STATE").label(view.held.state), tone)
        self.chip.show()
        passed = _("结业名单 {done} / {all}", done=view.found.passed_count, all=len(view.rows))
        held = sum(len(row.others) + (row.own is not None) for row in view.rows)
        self.tabs.set_choices([Choice(LIST, passed), Choice(CERTS, _("证书"), held), Choice(AFTER, _("结业之后"))])
