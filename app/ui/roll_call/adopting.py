"""Somebody who came without having signed up gets her sign-up at the counter; her marks go with her."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.services.training import marking
from app.services.training.grid import GridPerson
from app.texts import _
from app.ui import theme
from app.ui.context import Found, UiContext
from app.ui.dialogs import QuietDialog
from app.ui.pick_list import PickList, PickRow
from app.ui.widgets import Button, SearchField, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

ROWS = 5
WARNED = "enrolment.warning"
TAKEN = ("subsidy", "clash", "no_phone")
"""Warnings that are taken once they were said."""


def adopt(class_id: str, walk_in_id: str, resident_id: str, knowing: Sequence[str], tx: Transaction) -> object:
    """Sign the walk-in up with her marks."""
    return marking.adopt(tx, class_id, walk_in_id, resident_id, knowing=knowing)


class AdoptDialog(QuietDialog):
    """Find her file by name, pinyin or phone; Enter takes the chosen one, a warning is said before it counts."""

    adopted = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None, class_id: str, person: GridPerson) -> None:
        text = _("找到她的居民档案，补一份报名；记过的课跟着过去。没有档案的，先按 F2 登记。")
        super().__init__(parent, _("{name} 补报名", name=person.name), text, icon="user-round-plus")
        self._context, self._class_id, self._person = context, class_id, person
        self._asked = ""
        self._resident = ""
        self._knowing: tuple[str, ...] = ()
        self.field = SearchField(_("姓名、拼音首字母、身份证后四位、手机号"))
        self.list = PickList()
        self.said = Text("", "body", "orange", wrap=True)
        self.no, self.yes = Button(_("先不补"), key="Esc"), Button(_("补报名"), "filled", "F9", "check")
        self.list.setFixedHeight(theme.of(self).px(44) * ROWS)
        for part in (self.field, self.list, self.said):
            self.column.addWidget(part)
        self.add_buttons(self.no, self.yes)
        self.said.hide()
        self.setMinimumWidth(theme.of(self).px(560))
        self.field.line.installEventFilter(self)
        self.field.text_changed.connect(self._on_edited)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.list.pick)
        self.list.picked.connect(self._on_picked)
        self.field.set_text(person.name)
        self.field.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass arrows and Enter from the field to the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list.pick()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self.list.pick()
        else:
            super().keyPressEvent(event)

    def _on_edited(self, words: str) -> None:
        self._asked, self._knowing = words.strip(), ()
        self.said.hide()
        self._context.runner.read(partial(self._find, self._asked), self._on_found)

    def _find(self, words: str, tx: Transaction) -> tuple[str, Sequence[Found]]:
        return words, self._context.search(tx, words, limit=ROWS) if words else ()

    def _on_found(self, answer: tuple[str, Sequence[Found]]) -> None:
        words, found = answer
        if words == self._asked:
            self.list.set_rows(tuple(PickRow(each.id, each.name, each.note, "user-round") for each in found))
            self.yes.setEnabled(bool(found))

    def _on_picked(self, resident_id: object) -> None:
        if self.yes.is_busy:
            return
        if str(resident_id) != self._resident:
            self._resident, self._knowing = str(resident_id), ()
        self.yes.set_busy(_("正在存…"))
        work = partial(adopt, self._class_id, self._person.id, self._resident, self._knowing)
        self._context.runner.write(work, self._on_adopted, self._on_not_adopted)

    def _on_adopted(self, _row: object) -> None:
        self.accept()
        self.adopted.emit(_("{name} 已经补了报名，记过的课都在", name=self._person.name))

    def _on_not_adopted(self, error: AppError) -> None:
        """Say why not; a warning that was read is taken with the next press."""
        self.yes.set_busy(None)
        self.said.setText(getattr(error, "text", "") or _("没有存成，再试一次。"))
        self.said.show()
        self.adjustSize()
        self._knowing = TAKEN if error.code == WARNED else ()
        self.field.line.setFocus()
