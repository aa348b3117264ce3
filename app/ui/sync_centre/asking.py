"""What the sync centre asks before it acts: a word for the supervisor, and whether something is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.services.outbox import ParkedItem
from app.texts import _
from app.ui.dialogs import QuietDialog
from app.ui.forms import TextField
from app.ui.sync_centre import state
from app.ui.widgets import Button, IconLabel, Text

WITHDRAW, MERGE = "withdraw", "merge"
NOTE_LENGTH = 100
SHOWN_BUILT = 6


class NoteDialog(QuietDialog):
    """Asks for a short note; it may stay empty. Enter or F9 goes on."""

    def __init__(self, parent: QWidget | None, title: str, text: str, *, label: str, verb: str) -> None:
        super().__init__(parent, title, text, icon="message-circle")
        self.note = TextField(label, name="note", max_length=NOTE_LENGTH)
        self.no, self.yes = Button(_("不{verb}", verb=verb), key="Esc"), Button(verb, "soft", "F9")
        self.column.addWidget(self.note)
        self.add_buttons(self.no, self.yes)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.note.next_requested.connect(self._on_typed)
        self.note.editor.setFocus()

    def words(self) -> str:
        """Return the note."""
        return str(self.note.value() or "")

    def _on_typed(self) -> None:
        self.yes.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self.accept()
        else:
            super().keyPressEvent(event)


class WithdrawDialog(QuietDialog):
    """Names what is withdrawn and what builds on it: all of it together, or first to another file, or not at all."""

    def __init__(
        self, parent: QWidget | None, item: ParkedItem, built: Sequence[ParkedItem], *, may_merge: bool
    ) -> None:
        title = _("撤下“{act} {subject}”？", act=item.act_label, subject=state.subject_words(item))
        text = _("这台电脑上收回去，不再送；谁撤的、为什么，记录里都留着。撤下以后不能撤销，要办就重新办。")
        super().__init__(parent, title, text)
        self.answer = ""
        if built:
            self.column.addWidget(Text(_("还有 {n} 笔接着它办的，会一起撤下：", n=len(built)), "strong"))
            for each in built[:SHOWN_BUILT]:
                words = _("{act} {subject}", act=each.act_label, subject=state.subject_words(each))
                self.column.addWidget(IconLabel(state.icon_of(each.act), words, "text", role="secondary"))
            if len(built) > SHOWN_BUILT:
                self.column.addWidget(Text(_("等 {n} 笔", n=len(built)), "secondary", "text2"))
        self.why = TextField(_("为什么撤下"), name="why", max_length=NOTE_LENGTH)
        self.column.addWidget(self.why)
        self.no = Button(_("不撤下"), key="Esc")
        self.merge = Button(_("先并到别的档案"), "text", "2")
        self.yes = Button(_("{n} 笔一起撤下", n=len(built) + 1) if built else _("撤下"), key="F9")
        self.merge.setVisible(may_merge)
        self.add_buttons(*((self.no, self.merge, self.yes) if may_merge else (self.no, self.yes)))
        self.no.clicked.connect(self.reject)
        self.merge.clicked.connect(self._on_merge)
        self.yes.clicked.connect(self._on_yes)
        self.no.setFocus()

    def words(self) -> str:
        """Return why."""
        return str(self.why.value() or "")

    def _on_yes(self) -> None:
        self.answer = WITHDRAW
        self.accept()

    def _on_merge(self) -> None:
        self.answer = MERGE
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self._on_yes()
        elif event.text() == "2" and not self.merge.isHidden() and not self.why.editor.hasFocus():
            self._on_merge()
        else:
            super().keyPressEvent(event)


def ask_note(parent: QWidget, title: str, text: str, *, label: str, verb: str) -> str | None:
    """Ask for a note; return it, or None when it is not done."""
    dialog = NoteDialog(parent, title, text, label=label, verb=verb)
    done = dialog.exec()
    words = dialog.words()
    dialog.deleteLater()
    return words if done else None


def ask_withdraw(parent: QWidget, item: ParkedItem, built: Sequence[ParkedItem], *, may_merge: bool) -> tuple[str, str]:
    """Ask whether to withdraw; return the answer (``withdraw``, ``merge`` or "") and why."""
    dialog = WithdrawDialog(parent, item, built, may_merge=may_merge)
    dialog.exec()
    answer, words = dialog.answer, dialog.words()
    dialog.deleteLater()
    return answer, words
