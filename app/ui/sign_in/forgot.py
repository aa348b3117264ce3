"""A new PIN for somebody who forgot it: with a supervisor's PIN, or with the printed recovery key."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.errors import AppError, InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.announce import announce
from app.ui.door import Door, Person
from app.ui.widgets.blocks import Card
from app.ui.widgets.button import Button
from app.ui.widgets.choices import Choice, SegmentedFilter
from app.ui.widgets.themed import Text

FieldT = TypeVar("FieldT", bound=QWidget)
BY_SUPERVISOR, BY_KEY = "supervisor", "key"


def secret_field(name: str) -> QLineEdit:
    """Return a field whose characters are not shown and whose input method is off."""
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhDigitsOnly)
    field.setAccessibleName(name)
    field.setMaxLength(40)
    return field


class ForgotPin(Card):
    """Takes the place of the PIN card."""

    done = Signal(str)
    left = Signal()

    def __init__(self, door: Door, person: Person | None, parent: QWidget | None = None) -> None:
        super().__init__(radius=18, padding=28, parent=parent)
        self._door = door
        self._people = door.people()
        self._bosses = tuple(each for each in self._people if each.role == "supervisor")
        self._way = BY_SUPERVISOR if self._bosses else BY_KEY
        self.setFixedWidth(theme.of(self).px(388))
        self._build(person)
        self._show_way(self._way)

    def _build(self, person: Person | None) -> None:
        self.body.setSpacing(6)
        self.body.addWidget(Text(_("换一个 PIN"), "page"))
        self.body.addWidget(Text(_("档案不受影响，旧 PIN 从此没用。"), "secondary", "text2", wrap=True))
        self._ways = SegmentedFilter(
            [Choice(BY_SUPERVISOR, _("站长来换")), Choice(BY_KEY, _("用恢复密钥"))], name=_("用什么换")
        )
        self._ways.set_code(self._way)
        self._ways.chosen.connect(self._show_way)
        self.body.addWidget(self._ways)
        self._ways.setVisible(bool(self._bosses))
        self.who = self._add(_("给谁换"), self._people_box(self._people, person))
        self.boss = self._add(_("哪位站长"), self._people_box(self._bosses, None))
        self.boss_pin = self._add(_("站长的 PIN"), secret_field(_("站长的 PIN")))
        self.key = self._add(_("恢复密钥"), QLineEdit())
        self.key.setPlaceholderText("A1B2C-…")
        self.key.setAccessibleName(_("恢复密钥"))
        self.new_pin = self._add(_("新 PIN，6 位数字"), secret_field(_("新 PIN")))
        self.again = self._add(_("再输一遍"), secret_field(_("再输一遍新 PIN")))
        self.error = Text("", "secondary", "red", wrap=True)
        self.body.addWidget(self.error)
        self.body.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = Button(_("不换了"), "outline", "Esc")
        cancel.clicked.connect(self.left)
        row.addWidget(cancel)
        self.save = Button(_("换 PIN"), "filled", "F9")
        self.save.clicked.connect(self.submit)
        row.addWidget(self.save)
        self.body.addLayout(row)

    def _add(self, words: str, field: FieldT) -> FieldT:
        label = Text(words, "secondary", "text2")
        field.setProperty("label", label)
        self.body.addWidget(label)
        self.body.addWidget(field)
        return field

    @staticmethod
    def _people_box(people: tuple[Person, ...], chosen: Person | None) -> QComboBox:
        box = QComboBox()
        for each in people:
            box.addItem(each.name, each.entry_id)
        if chosen is not None:
            box.setCurrentIndex(box.findData(chosen.entry_id))
        return box

    def focus_first(self) -> None:
        """Put the cursor where typing starts."""
        (self.boss_pin if self._way == BY_SUPERVISOR else self.key).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves, F9 and Enter on the last field save, Enter goes on."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_F9:
            self.submit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.focusNextChild()
        else:
            super().keyPressEvent(event)

    def _show_way(self, way: str) -> None:
        self._way = way
        for field, needed in ((self.boss, BY_SUPERVISOR), (self.boss_pin, BY_SUPERVISOR), (self.key, BY_KEY)):
            field.setVisible(way == needed)
            field.property("label").setVisible(way == needed)

    def submit(self) -> None:
        """Check the two new PINs, then let the door do it."""
        if not self.save.isEnabled():
            return
        if self.new_pin.text() != self.again.text():
            self._say(_("两遍新 PIN 不一样，再输一次。"))
            self.again.clear()
            self.again.setFocus()
            return
        entry, new_pin = str(self.who.currentData()), self.new_pin.text()
        if self._way == BY_SUPERVISOR:
            boss = str(self.boss.currentData())
            work = partial(self._door.reset_pin, boss, self.boss_pin.text(), entry, new_pin)
        else:
            work = partial(self._door.recover, self.key.text(), entry, new_pin)
        self.save.set_busy(_("正在换…"))
        self._door.runner.db(work, self._on_done, self._on_error)

    def _on_done(self, _nothing: object) -> None:
        self.done.emit(str(self.who.currentData()))

    def _on_error(self, error: AppError) -> None:
        self.save.set_busy(None)
        self._say(error.text)
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        if "recovery_key" in fields:
            self.key.setFocus()
        elif "new_pin" in fields:
            self.new_pin.setFocus()
        else:
            self.boss_pin.setFocus()
            self.boss_pin.selectAll()

    def _say(self, sentence: str) -> None:
        self.error.setText(sentence)
        announce(self, sentence)
