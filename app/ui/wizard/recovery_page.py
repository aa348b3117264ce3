"""The last page of the wizard: the recovery key, shown once, to print or save."""

from __future__ import annotations

from html import escape
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import StorageError
from app.texts import _
from app.ui import theme
from app.ui.door import Founded
from app.ui.messages import Messages
from app.ui.widgets.blocks import Card
from app.ui.widgets.button import Button
from app.ui.widgets.small import CheckBox, IconLabel
from app.ui.widgets.themed import Text


def paper_text(founded: Founded) -> str:
    """Return what stands on the paper, line by line."""
    return "\n".join(
        (
            _("家门口 恢复密钥"),
            "",
            _("站点：{name}（{code}）", name=founded.station.name, code=founded.station.code),
            _("日期：{day}", day=clock.today().isoformat()),
            "",
            founded.recovery_key,
            "",
            _("忘了 PIN、换电脑、恢复备份时要用它。任何拿到它的人都能打开本站的档案。"),
            _("请锁在柜子里，不要拍照，不要放在这台电脑旁边。"),
        )
    )


class RecoveryPage(QWidget):
    """Goes on only after the key was printed, saved, or said to be copied."""

    kept_changed = Signal(bool)

    def __init__(self, founded: Founded, messages: Messages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._founded, self._messages = founded, messages
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(Text(_("恢复密钥只显示这一次。打印出来，锁进柜子。"), "section"))
        why = _("忘了 PIN、换电脑、从备份恢复时要用它。程序里不留底；丢了它，又忘了 PIN，就谁也打不开了。")
        column.addWidget(Text(why, "body", "text2", wrap=True))
        card = Card("sunken", "line2", padding=20)
        groups = founded.recovery_key.split("-")
        for part in (groups[:4], groups[4:]):
            line = Text("  -  ".join(part), "number")
            line.setTextInteractionFlags(line.textInteractionFlags())
            card.body.addWidget(line)
        card.setAccessibleName(_("恢复密钥：{key}", key=founded.recovery_key))
        column.addWidget(card)
        row = QHBoxLayout()
        self.print_button = Button(_("打印"), "outline", "Ctrl P", "printer")
        self.print_button.clicked.connect(self.print_paper)
        self.setFocusProxy(self.print_button)
        self.save_button = Button(_("存到 U 盘"), "outline", "Ctrl S", "usb")
        self.save_button.clicked.connect(self.choose_file)
        row.addWidget(self.print_button)
        row.addWidget(self.save_button)
        row.addStretch(1)
        column.addLayout(row)
        self.copied = CheckBox(_("已经打印或抄好，放在安全的地方了"))
        self.copied.toggled.connect(self.kept_changed)
        column.addWidget(self.copied)
        column.addWidget(IconLabel("shield-check", founded.kept_where, "text2", role="secondary", wrap=True))
        column.addStretch(1)

    def print_paper(self) -> None:
        """Print through the system's dialog."""
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self._printer.setDocName("doorstep-recovery")
        dialog = QPrintDialog(self._printer, self)
        dialog.finished.connect(self._on_print_answered)
        QDialog.open(dialog)

    def _on_print_answered(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            document = QTextDocument()
            body = escape(paper_text(self._founded)).replace("\n", "<br>")
            document.setHtml(f'<div style="font-size:14pt">{body}</div>')
            document.print_(self._printer)
            self._messages.say(_("已送去打印。看一眼纸上的八组字是不是清楚。"))

    def choose_file(self) -> None:
        """Ask where to save it; a stick, not this PC."""
        dialog = QFileDialog(self, _("存到 U 盘"), "", "*.txt")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.selectFile(f"doorstep-recovery-{self._founded.station.code}.txt")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Write the paper's text into a file."""
        try:
            Path(path).write_text(paper_text(self._founded) + "\n", "utf-8")
        except OSError as error:
            sentence = _("没有存成：{why}。换个位置再存。", why=error.strerror or "")
            self._messages.show_error(StorageError(sentence, code="storage.recovery"))
            return
        self._messages.say(_("已存好。把 U 盘拔下来，锁进柜子。"))
