"""The page of lists: whose or which class it is, two tabs, what has to be told, and the list in front."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.sign_up import seats
from app.ui.sign_up.lists import OfferPage, SeatsPage
from app.ui.sign_up.picking import PersonPage
from app.ui.sign_up.seats import SeatLine
from app.ui.widgets import BannerLine, Button, Choice, Tabs, Text

FIRST, SEATS = "first", "seats"


class Listing(QWidget):
    """Head, tabs, banner; ``of_class``: the lists are those of a class, not of a person."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self.of_class = False
        self.title, self.about = Text(_("报名"), "page"), Text("", "secondary", "text2")
        self.tabs = Tabs(name=_("报名"))
        self.banner = BannerLine("megaphone", "", "", tone="orange", soft=True)
        self.look = Button(_("去看"), "text", "Ctrl 2", height=theme.HEIGHT["row_button"])
        self.banner.add(self.look)
        self.people, self.offer = PersonPage(context), OfferPage()
        self.of_person_page, self.of_class_page = SeatsPage(of_class=False), SeatsPage(of_class=True)
        self.lists = QStackedWidget()
        self.lists.setMinimumSize(1, 1)
        for page in (self.people, self.offer, self.of_person_page, self.of_class_page):
            self.lists.addWidget(page)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.about, 1, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        for widget in (self.tabs, self.banner):
            column.addWidget(widget)
        column.addWidget(self.lists, 1)
        self.banner.hide()

    @property
    def seats(self) -> SeatsPage:
        """The list of sign-ups in use."""
        return self.of_class_page if self.of_class else self.of_person_page

    def start(self, *, of_class: bool, tabs: bool, code: str) -> None:
        """Begin with another person or class; ``tabs``: there is one already."""
        self.of_class = of_class
        self.show_counts(())
        self.tabs.setVisible(tabs)
        self.tabs.set_code(code)
        self.banner.hide()

    def show_title(self, title: str, about: str) -> None:
        """Say whose or which it is."""
        self.title.setText(title)
        self.about.setText(about)

    def show_counts(self, lines: Sequence[SeatLine]) -> None:
        """Say on the tab how many sign-ups there are."""
        first = _("找人报名") if self.of_class else _("能报的班")
        listed = _("名单") if self.of_class else _("报过的")
        self.tabs.set_choices([Choice(FIRST, first), Choice(SEATS, listed, len(lines))])

    def show_lines(self, lines: tuple[SeatLine, ...], *, in_front: bool) -> None:
        """Show the sign-ups; who has to be told something is said above any other list."""
        self.show_counts(lines)
        self.seats.show_lines(lines)
        untold = [line for line in lines if line.untold]
        self.banner.setVisible(bool(untold) and not in_front)
        if untold:
            words = seats.told_words(untold[0])
            who = f"{untold[0].name}：{words}" if self.of_class else words
            self.banner.set_text(_("有 {n} 条还没告诉本人", n=len(untold)), who)
