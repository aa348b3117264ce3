"""F1: every key of the desktop, from the command table, over the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.keys import COMMANDS, GROUPS, HABITS, caps
from app.ui.search_box import PopupCard
from app.ui.widgets.button import Button
from app.ui.widgets.small import KeyCap
from app.ui.widgets.themed import Text, part

if TYPE_CHECKING:
    from app.ui.card_paper import CardPaper

WIDTH, HEIGHT = 860, 560


def lines(group: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the keys of one group with their words."""
    bound = tuple((tuple(caps(keys) for keys in each.keys), _(each.text)) for each in COMMANDS if each.group == group)
    habits = tuple((tuple(caps(keys) for keys in each.keys), _(each.text)) for each in HABITS if each.group == group)
    return bound + habits


class HelpSheet(QWidget):
    """Lies over the window; Esc, F1 or a click beside it closes. ``paper``: the card, ``about``: once signed in."""

    closed = Signal()
    about_requested = Signal()

    def __init__(self, parent: QWidget, paper: CardPaper | None = None, *, about: bool = False) -> None:
        super().__init__(parent)
        self.paper = paper
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.card = PopupCard(self)
        self.card.column.setContentsMargins(24, 18, 16, 16)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(Text(_("全部按键"), "page"))
        head.addStretch(1)
        if paper is not None:
            for words, key, act in ((_("打印一页卡"), "P", paper.print), (_("存 PDF"), "S", paper.save)):
                button = Button(words, "outline", key, height=32)
                button.clicked.connect(act)
                head.addWidget(button)
        if about:
            self.about = Button(_("关于家门口"), "text", icon="info")
            self.about.clicked.connect(self._on_about)
            head.addWidget(self.about)
        close = Button(_("关上"), "text", "Esc")
        close.clicked.connect(self.close_sheet)
        head.addWidget(close)
        self.card.column.addLayout(head)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._body())
        self.card.column.addWidget(area)
        note = _("输入法正在打字时，按键都归输入法。数字小键盘可以一路输到底。")
        self.card.column.addWidget(Text(note, "secondary", "text2", wrap=True))

    def _body(self) -> QWidget:
        body = part(QWidget(), "transparent")
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 6, 8, 6)
        row.setSpacing(theme.SPACE[6])
        columns = (GROUPS[:2], GROUPS[2:])
        for groups in columns:
            column = QVBoxLayout()
            for group in groups:
                column.addWidget(Text(_(group), "section"))
                column.addLayout(self._grid(group))
                column.addSpacing(12)
            column.addStretch(1)
            row.addLayout(column, 1)
        return body

    @staticmethod
    def _grid(group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for number, (keys, words) in enumerate(lines(group)):
            holder = QHBoxLayout()
            holder.setSpacing(6)
            for key in keys:
                holder.addWidget(KeyCap(key))
            holder.addStretch(1)
            grid.addLayout(holder, number, 0)
            grid.addWidget(Text(words, "body", wrap=True), number, 1)
        return grid

    def open(self) -> None:
        """Cover the window."""
        parent = self.parentWidget()
        assert parent is not None
        window = parent.rect()
        self.setGeometry(window)
        look = theme.of(self)
        self.card.setFixedSize(min(look.px(WIDTH), window.width() - 40), min(look.px(HEIGHT), window.height() - 40))
        self.card.move((window.width() - self.card.width()) // 2, (window.height() - self.card.height()) // 2)
        self.raise_()
        self.show()
        self.setFocus()

    def _on_about(self) -> None:
        self.close_sheet()
        self.about_requested.emit()

    def close_sheet(self) -> None:
        """Go away."""
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def mousePressEvent(self, event: object) -> None:
        """Close: the click was beside the card."""
        self.close_sheet()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and F1 close; P and S put the card out."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.close_sheet()
        elif self.paper is not None and event.key() == Qt.Key.Key_P:
            self.paper.print()
        elif self.paper is not None and event.key() == Qt.Key.Key_S:
            self.paper.save()
        else:
            super().keyPressEvent(event)
