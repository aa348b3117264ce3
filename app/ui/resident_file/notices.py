"""The lines over a file: what the district sent back, what came late, where else the person is known; a merged file."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.services.merged import MergedFile
from app.texts import _
from app.ui import theme
from app.ui.resident_file import marks
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.state import day_words
from app.ui.widgets import BannerLine, Button, Card, Text
from app.ui.widgets.small import IconTile

SYNC, FOLLOW = "sync", "follow"


class FileNotices(QWidget):
    """At most a few lines, each with one thing to do; nothing where nothing is the matter."""

    deed_requested = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.buttons: dict[str, Button] = {}
        self.hide()

    def set_view(self, view: FileView, *, may_merge: bool) -> None:
        """Show what is the matter with this file."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = {}
        icon, title, text = marks.banner(view.marks)
        if icon:
            self._add(icon, title, text, "orange", SYNC, _("去同步里办"), None)
        for late in (each for each in view.merged if each.late):
            words = _("并过以后，又有 {n} 份到了旧档案上", n=late.late)
            hint = _("别的窗口那时还不知道已经并了。")
            deed = _("跟过来") if may_merge else ""
            self._add("merge", words, hint, "orange", FOLLOW, deed, late)
        for known in view.hints:
            told = _("那边的档案这里看不到；要问，打电话找那一站。")
            self._add("users-round", known.text, told, "blue", "", "", None)
        self.setVisible(self._column.count() > 0)

    def _add(self, icon: str, title: str, text: str, tone: str, name: str, words: str, what: object) -> None:
        line = BannerLine(icon, title, text, tone=tone, soft=True)
        if words:
            button = Button(words, "text", height=32)
            button.clicked.connect(partial(self.deed_requested.emit, name, what))
            line.add(button)
            self.buttons[name] = button
        self._column.addWidget(line)


class MergedPage(QWidget):
    """Stands in the place of a file that went into another: where it went, since when, and how to take it apart."""

    open_requested = Signal(object)
    unmerge_requested = Signal(object)
    follow_requested = Signal(object)

    def __init__(self, *, may_merge: bool) -> None:
        super().__init__()
        self._merged: MergedFile | None = None
        self._may_merge = may_merge
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        card = Card(padding=20)
        row, words, buttons = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        row.setSpacing(theme.SPACE[3])
        row.addWidget(IconTile("merge", "accent", size=22, tile=52, radius=12), 0, Qt.AlignmentFlag.AlignTop)
        self.title, self.text, self.late = Text("", "section", wrap=True), Text("", "body", "text2", wrap=True), Text(
            "", "body", "orange", wrap=True
        )  # fmt: skip
        for label in (self.title, self.text, self.late):
            words.addWidget(label)
        self.go = Button(_("打开并到的那份"), "filled", "F9")
        self.follow = Button(_("跟过去"), "outline", "2")
        self.split = Button(_("拆开"), "text", "3")
        for button in (self.go, self.follow, self.split):
            buttons.addWidget(button)
        buttons.addStretch(1)
        words.addSpacing(8)
        words.addLayout(buttons)
        row.addLayout(words, 1)
        card.body.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch(1)
        self.setFocusProxy(self.go)
        self.go.clicked.connect(self.submit)
        self.follow.clicked.connect(self._on_follow)
        self.split.clicked.connect(self._on_split)

    def show_merged(self, merged: MergedFile) -> None:
        """Say where this file went."""
        self._merged = merged
        self.title.setText(_("{name}的这份档案已经并到另一份", name=merged.name))
        day = day_words(clock.to_local(merged.merged_at).date(), clock.today()) if merged.merged_at else ""
        who = merged.by or _("别处的经办人")
        self.text.setText(_("{day}由{who}并的。这里的都搬到了那一份；随时能拆开。", day=day, who=who))
        self.late.setText(_("后来又有 {n} 份到了这里，跟过去就都在一份里。", n=merged.late))
        self.late.setVisible(merged.late > 0)
        self.follow.setVisible(merged.late > 0 and self._may_merge)
        self.split.setVisible(self._may_merge)
        self.setAccessibleName(f"{self.title.text()} {self.text.text()}")

    def submit(self) -> None:
        """Go to the file that is in use."""
        self.open_requested.emit(self._merged)

    def _on_follow(self) -> None:
        self.follow_requested.emit(self._merged)

    def _on_split(self) -> None:
        self.unmerge_requested.emit(self._merged)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        button = {"2": self.follow, "3": self.split}.get(event.text())
        if button is not None and button.isVisible():
            button.click()
        else:
            super().keyPressEvent(event)
