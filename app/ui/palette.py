"""The command palette (Ctrl+K): people, screens and commands, by words, pinyin or initials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.models.acts import may
from app.texts import _
from app.ui import theme
from app.ui.context import Found, UiContext
from app.ui.keys import COMMANDS, caps
from app.ui.pick_list import PickList, PickRow
from app.ui.pinyin import matches
from app.ui.screens import SCREENS, Screen, open_to
from app.ui.search_box import PopupCard
from app.ui.tasks import Task
from app.ui.widgets.small import Hairline, IconTile, KeyCap
from app.ui.widgets.themed import Text

if TYPE_CHECKING:
    from app.db.database import Transaction

MOST_ROWS = 9
PEOPLE = 5
WIDTH = 560
_NEEDS_ARGUMENTS = frozenset({"resident_file", "match", "slip", "roll_call"})


@dataclass(frozen=True)
class Picked:
    """What was picked: a "screen", a "command" or a "resident", by name or id."""

    kind: str
    name: str


def entries(context: UiContext, screens: Sequence[Screen] = SCREENS) -> tuple[PickRow, ...]:
    """Return every command and screen that this person may use."""
    roles = context.actor.roles
    rows = [
        PickRow(Picked("command", each.name), _(each.text), "", each.icon, caps(each.keys[0]))
        for each in COMMANDS
        if each.in_palette and (not each.act or may(roles, each.act))
    ]
    opened = {each.screen for each in COMMANDS if each.screen}
    number = 0
    for screen in open_to(roles, tuple(screens)):
        number += bool(screen.rail)
        if screen.name not in opened and screen.name not in _NEEDS_ARGUMENTS:
            key = f"Alt {number}" if screen.rail and number < 10 else ""
            rows.append(PickRow(Picked("screen", screen.name), _(screen.title), _("打开"), screen.icon, key))
    return tuple(rows)


class Palette(QWidget):
    """Lies over the whole window while it is open; a click beside it or Esc closes it."""

    picked = Signal(object)
    closed = Signal()

    def __init__(self, context: UiContext, parent: QWidget, *, screens: Sequence[Screen] = SCREENS) -> None:
        super().__init__(parent)
        self._context = context
        self._entries = entries(context, screens)
        self._asked: Task[tuple[str, Sequence[Found]]] | None = None
        self._people: tuple[PickRow, ...] = ()
        self._wait = QTimer(self, singleShot=True, interval=30)
        self._wait.timeout.connect(self._ask)
        self._build()
        self._list_rows()

    def _build(self) -> None:
        self.card = PopupCard(self)
        head = QHBoxLayout()
        head.setContentsMargins(10, 4, 6, 6)
        head.setSpacing(theme.SPACE[2])
        head.addWidget(IconTile("search", "text2"))
        self.field = QLineEdit()
        self.field.setProperty("bare", True)
        self.field.setPlaceholderText(_("找人、找功能：打字或拼音首字母"))
        self.field.setAccessibleName(_("命令"))
        self.field.setMaxLength(60)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._on_edited)
        head.addWidget(self.field, 1)
        head.addWidget(KeyCap("Esc"))
        self.list = PickList()
        self.list.picked.connect(self._on_picked)
        self.nothing = Text("", "secondary", "text2", wrap=True)
        self.nothing.setContentsMargins(12, 8, 12, 8)
        self.card.column.addLayout(head)
        self.card.column.addWidget(Hairline())
        self.card.column.addWidget(self.list)
        self.card.column.addWidget(self.nothing)

    def open(self) -> None:
        """Cover the window and take the keyboard."""
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self._place()
        self.raise_()
        self.show()
        self.field.setFocus()

    def close_palette(self) -> None:
        """Go away."""
        self._wait.stop()
        if self._asked is not None:
            self._asked.cancel()
        self.hide()
        self.closed.emit()

    def mousePressEvent(self, event: object) -> None:
        """Close: the click was beside the card."""
        self.close_palette()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass arrows, Enter and Esc from the field to the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab):
                self.list.step(-1 if key == Qt.Key.Key_Up else 1)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list.pick()
                return True
            if key == Qt.Key.Key_Escape:
                self.close_palette()
                return True
        return super().eventFilter(watched, event)

    def _on_edited(self) -> None:
        self._people = ()
        self._list_rows()
        if self.field.text().strip():
            self._wait.start()

    def _ask(self) -> None:
        words = self.field.text().strip()
        if self._asked is not None:
            self._asked.cancel()
        if words and "residents" in [each.name for each in open_to(self._context.actor.roles)]:
            self._asked = self._context.runner.read(partial(self._find, words), self._on_found)

    def _find(self, words: str, tx: Transaction) -> tuple[str, Sequence[Found]]:
        return words, self._context.search(tx, words, limit=PEOPLE)

    def _on_found(self, answer: tuple[str, Sequence[Found]]) -> None:
        words, found = answer
        if words == self.field.text().strip():
            rows = (PickRow(Picked("resident", each.id), each.name, each.note, "user-round") for each in found)
            self._people = tuple(rows)
            self._list_rows()

    def _list_rows(self) -> None:
        words = self.field.text().strip()
        fitting = [row for row in self._entries if matches(words, row.title)]
        rows = (*fitting, *self._people) if words else tuple(fitting)
        self.list.set_rows(rows)
        self.list.setVisible(bool(rows))
        self.list.setFixedHeight(self.list.height_for_rows(MOST_ROWS))
        self.nothing.setVisible(not rows)
        self.nothing.setText(_("没有叫“{words}”的人或功能。", words=words))
        self._place()

    def _place(self) -> None:
        self.card.setFixedWidth(min(theme.of(self).px(WIDTH), max(320, self.width() - 40)))
        self.card.adjustSize()
        self.card.move((self.width() - self.card.width()) // 2, min(90, self.height() // 8))

    def _on_picked(self, value: object) -> None:
        self.close_palette()
        self.picked.emit(value)
