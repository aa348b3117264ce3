"""Head, legend and counts line of the match screen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.matching import MatchResult
from app.texts import _
from app.ui import theme
from app.ui.match import state
from app.ui.match.state import EVERYTHING, NOT_SUGGESTED, SUGGESTED, Matched, Seeking, counts_words
from app.ui.widgets import Avatar, Button, Card, Choice, IconTile, MarkTile, Text, row_of

SLICES = 4
"""How many of the reasons are offered as filters."""


class Head(QWidget):
    """Whose vacancies these are, and what the person looks for."""

    edit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.avatar = Avatar("", size=44)
        self.title, self.wishes = Text("", "page"), Text("", "secondary", "text2")
        self.wishes.setMinimumWidth(10)
        self.edit = Button(_("改意向"), key="Ctrl E", icon="pencil")
        self.edit.clicked.connect(self.edit_requested)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.wishes)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(self.avatar)
        row.addLayout(words, 1)
        row.addWidget(self.edit)
        self.show_person(None)

    def show_person(self, person: Seeking | None) -> None:
        """Show another person, or nobody."""
        self.avatar.setVisible(person is not None)
        self.edit.setVisible(person is not None)
        self.title.setText(_("给{name}找岗位", name=person.name) if person is not None else _("匹配岗位"))
        self.wishes.setText("　".join(person.wishes) if person is not None else "")
        self.wishes.setToolTip(self.wishes.text())
        if person is not None:
            self.avatar.set_person(person.surname, name=person.name)


class CountsLine(Card):
    """没有推荐的 126 个：缺必备证书 41 … 逐个看."""

    list_requested = Signal()

    def __init__(self) -> None:
        super().__init__("sunken", "line2", padding=0)
        self.title, self.counts = Text("", "strong"), Text("", "secondary", "text2")
        self.counts.setMinimumWidth(10)
        self.one_by_one = Button(_("逐个看"), "text", "Ctrl 3", height=theme.HEIGHT["filter"])
        self.one_by_one.clicked.connect(self.list_requested)
        row = QHBoxLayout()
        row.setContentsMargins(14, 3, 6, 3)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile("funnel", "text2"))
        row.addWidget(self.title)
        row.addWidget(self.counts, 1)
        row.addWidget(self.one_by_one)
        self.body.addLayout(row)
        self.hide()

    def show_result(self, result: MatchResult | None) -> None:
        """Show the counts of a match; nothing where nothing was kept away."""
        self.setVisible(result is not None and result.filtered_count > 0)
        if result is not None:
            self.title.setText(_("没有推荐的 {n} 个：", n=result.filtered_count))
            self.counts.setText(counts_words(result))
            self.counts.setToolTip(self.counts.text())


def legend() -> QWidget:
    """Return what the four marks mean."""
    pairs = (("full", _("合")), ("partly", _("差一点")), ("none", _("不合")), ("skipped", _("没比")))
    return row_of([one for mark, words in pairs for one in (MarkTile(mark), Text(words, "secondary"))], stretch=False)


def tab_choices(matched: Matched) -> list[Choice]:
    """Return the three lists with their counts."""
    result = matched.result
    return [
        Choice(SUGGESTED, _("推荐给本人"), result.passed),
        Choice(EVERYTHING, _("全部岗位，不分人"), matched.open_count),
        Choice(NOT_SUGGESTED, _("为什么没有推荐"), result.filtered_count),
    ]


def slice_choices(result: MatchResult) -> list[Choice]:
    """Return the commonest reasons, all of them first."""
    reasons = [Choice(code, label, count) for code, label, count in state.reason_counts(result)[:SLICES]]
    return [Choice("", _("全部"), result.filtered_count), *reasons]
