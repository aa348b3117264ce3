"""Taking data out of the house: which kind of file, masked or whole, open or locked, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import InvalidInputError
from app.ledgers.locking import check_password
from app.texts import _
from app.ui.dialogs import QuietDialog
from app.ui.forms import FormGrid
from app.ui.print_pdf import documents
from app.ui.secret_field import SecretField
from app.ui.widgets import Button, IconLabel, RadioChips, Text

EXCEL, PDF, CSV = "1", "2", "3"
MASKED, WHOLE = "1", "2"
NAMES = {EXCEL: "Excel", PDF: "PDF", CSV: "CSV"}
SUFFIX = {EXCEL: ".xlsx", PDF: ".pdf", CSV: ".csv"}


@dataclass(frozen=True)
class Wanted:
    """What is taken out. ``why``: the reason for whole names and numbers, empty where they stay masked.

    ``password``: what opens the workbook, empty where anybody may.
    """

    kind: str
    why: str = ""
    password: str = field(default="", repr=False)

    @property
    def full(self) -> bool:
        """Whether names and numbers are written out."""
        return bool(self.why)


@dataclass(frozen=True)
class Reason:
    """Why whole ones: its digit, the words on the button, and those that are kept."""

    code: str
    shown: str
    kept: str


@dataclass(frozen=True)
class Masking:
    """The words about masked and whole ones. ``refused``: why they stay masked; ``offered``: whether any are there."""

    what: str
    masked: str
    whole: str
    why: str
    ask_why: str
    reasons: Sequence[Reason]
    refused: str = ""
    offered: bool = True


class TakingOutDialog(QuietDialog):
    """Which kind of file, and whether names and numbers are whole; that only for who may, and with a reason."""

    def __init__(
        self, parent: QWidget | None, title: str, text: str, *, kinds: Sequence[str], masking: Masking
    ) -> None:
        super().__init__(parent, title, text, icon="file-down")
        self._masking = masking
        self.wanted: Wanted | None = None
        self.kind = RadioChips([(code, NAMES[code]) for code in kinds], name=_("存成什么"))
        self.people = RadioChips([(MASKED, masking.masked), (WHOLE, masking.whole)], name=masking.what)
        self.why = RadioChips([(each.code, each.shown) for each in masking.reasons], name=masking.why)
        self._ask_why = Text(masking.ask_why, "secondary", "text2", wrap=True)
        self.no, self.yes = Button(_("不导出"), key="Esc"), Button(_("选地方存"), "filled", "F9", "check")
        self.lock = FormGrid(2)
        self.password, self.again = SecretField(_("打开密码，可不设"), name="password"), SecretField(_("再输一遍"))
        self.lock.add(self.password)
        self.lock.add(self.again)
        self._lost = Text(_("没有密码，Excel 和 WPS 都打不开；忘了谁也找不回来。"), "secondary", "text2", wrap=True)
        self.column.addWidget(self.kind)
        self.column.addWidget(self.people)
        self.people.setVisible(masking.offered and not masking.refused)
        if masking.offered and masking.refused:
            self.column.addWidget(IconLabel("lock", masking.refused, "text2", role="secondary", wrap=True))
        self.column.addWidget(self._ask_why)
        self.column.addWidget(self.why)
        self.column.addWidget(self.lock)
        self.column.addWidget(self._lost)
        self.add_buttons(self.no, self.yes)
        self.kind.set_code(EXCEL)
        self.people.set_code(MASKED)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes)
        self.kind.chosen.connect(self._on_kind)
        self.password.value_changed.connect(self._tell)
        self.people.chosen.connect(self._on_people)
        self.why.chosen.connect(self._on_why)
        self.kind.setFocus()
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F9 and Enter go on, within the fields to the next; digits go to the row that has the keyboard."""
        if event.key() in (Qt.Key.Key_F9, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_yes()
        else:
            super().keyPressEvent(event)

    def _whole(self) -> bool:
        return self.people.code() == WHOLE

    def _tell(self) -> None:
        self.lock.setVisible(self.kind.code() == EXCEL)
        self.again.setVisible(not self.password.is_empty())
        self._lost.setVisible(self.kind.code() == EXCEL and not self.password.is_empty())
        self._ask_why.setVisible(self._whole())
        self.why.setVisible(self._whole())
        self.yes.setEnabled(not self._whole() or bool(self.why.code()))
        width = max(self.width() if self.isVisible() else 0, self.sizeHint().width())
        self.resize(width, self.column.totalHeightForWidth(width))  # the rows of choices wrap in big text

    def _on_kind(self, _code: str) -> None:
        self._tell()

    def _on_people(self, _code: str) -> None:
        self._tell()
        if self._whole():
            self.why.setFocus()

    def _on_why(self, _code: str) -> None:
        self._tell()

    def _on_yes(self) -> None:
        if not self.yes.isEnabled() or not self._password_stands():
            return
        kept = {each.code: each.kept for each in self._masking.reasons}
        why = kept.get(self.why.code(), "") if self._whole() else ""
        self.wanted = Wanted(self.kind.code() or EXCEL, why, self._password())
        self.accept()

    def _password(self) -> str:
        return str(self.password.value() or "") if self.kind.code() == EXCEL else ""

    def _password_stands(self) -> bool:
        """Say whether there is none, or one that was typed twice alike."""
        if not self._password():
            return True
        try:
            check_password(self._password())
        except InvalidInputError as problem:
            self.password.set_error(problem.fields["password"])
            self.password.setFocus()
            return False
        if self.again.value() != self.password.value():
            self.again.set_error(_("两遍不一样，再输一遍"))
            self.again.setFocus()
            return False
        return True


def answer_of(dialog: TakingOutDialog) -> Wanted | None:
    """Ask; None when the answer is no."""
    dialog.exec()
    dialog.deleteLater()
    return dialog.wanted


def ask_where(parent: QWidget | None, title: str, name: str, *, kind: str) -> Path | None:
    """Ask where a file of that kind goes; None when the person thinks better of it. ``name``: without its suffix."""
    suffix = SUFFIX[kind]
    offered = str(documents() / f"{name}{suffix}")
    chosen, _kind = QFileDialog.getSaveFileName(parent, title, offered, f"{NAMES[kind]} (*{suffix})")
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)
