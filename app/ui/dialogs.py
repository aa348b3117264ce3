"""Dialogs and cards: asked only about what cannot be taken back; errors and progress stand in place."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.texts import N_, _
from app.ui import theme
from app.ui.announce import announce
from app.ui.forms import ChoiceField
from app.ui.widgets import Button, Card, IconTile, ProgressBarThin, RadioChips, Text, paint

REVEAL_REASONS: tuple[tuple[str, str], ...] = (
    ("1", N_("核对证件")),
    ("2", N_("填表要用")),
    ("3", N_("打电话")),
)


class QuietDialog(QDialog):
    """A quiet sheet over the window: title, consequence, then what is asked."""

    def __init__(self, parent: QWidget | None, title: str, text: str, *, icon: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 18)
        self.column.setSpacing(theme.SPACE[2])
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        if icon:
            head.addWidget(IconTile(icon, "text2"))
        head.addWidget(Text(title, "section", wrap=True), 1)
        self.column.addLayout(head)
        self.column.addWidget(Text(text, "body", "text2", wrap=True))
        self.setMinimumWidth(min(theme.of(self).px(440), 900))

    def add_buttons(self, *buttons: Button) -> None:
        """Set the buttons at the lower right."""
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[1])
        row.addStretch(1)
        for button in buttons:
            row.addWidget(button)
        self.column.addSpacing(4)
        self.column.addLayout(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        paint.rounded(painter, QRectF(self.rect()), theme.RADIUS["dialog"], look.color("surface"), look.color("line2"))


class IrrevocableDialog(QuietDialog):
    """Title = verb + object, the consequence, a reason by code; the keyboard stands on “不…”."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        consequence: str,
        reasons: Sequence[tuple[str, str]],
        *,
        verb: str,
    ) -> None:
        super().__init__(parent, title, consequence)
        self.reason = ChoiceField(_("为什么{verb}", verb=verb), reasons, required=True)
        self.no, self.yes = Button(_("不{verb}", verb=verb), key="Esc"), Button(verb, key="F9")
        self.code: str | None = None
        if reasons:
            self.column.addWidget(self.reason)
        else:
            self.reason.hide()
        self._has_reasons = bool(reasons)
        self.add_buttons(self.no, self.yes)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes_clicked)
        self.reason.next_requested.connect(self._on_reason_done)
        self.no.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self._on_yes_clicked()
        elif event.key() == Qt.Key.Key_Escape and self.reason.list_is_open:
            self.reason.close_list()
        elif self._has_reasons and event.text().isdigit() and not self.reason.line.hasFocus():
            self._take_digit(event.text())
        else:
            super().keyPressEvent(event)

    def _take_digit(self, digit: str) -> None:
        fit = self.reason.candidates(digit)
        if fit and fit[0].code == digit:
            self.reason.take(fit[0])

    def _on_reason_done(self) -> None:
        self.yes.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_yes_clicked(self) -> None:
        if self._has_reasons:
            self.reason.validate()
            if self.reason.value() is None:
                self.reason.set_error(self.reason.error() or _("先选一条原因"))
                self.reason.line.setFocus()
                return
            self.code = self.reason.value()
        else:
            self.code = ""
        self.accept()


def ask_irrevocably(
    parent: QWidget | None, title: str, consequence: str, reasons: Sequence[tuple[str, str]], *, verb: str = ""
) -> str | None:
    """Ask before what cannot be undone (作废, 封账, 注销登记, 恢复备份).

    Returns the reason's code ("" where no reasons are offered), or None when the answer is no. ``verb`` names both
    buttons (作废 / 不作废); without it, the title's first two characters do.
    """
    dialog = IrrevocableDialog(parent, title, consequence, reasons, verb=verb or title[:2])
    dialog.exec()
    dialog.deleteLater()
    return dialog.code


class RevealDialog(QuietDialog):
    """Asks why a masked value is looked at; digits choose, Enter looks."""

    def __init__(self, parent: QWidget | None, what: str, reasons: Sequence[tuple[str, str]]) -> None:
        text = _("30 秒后自动遮住。谁看的、为什么看，会记下来。")
        super().__init__(parent, _("看完整{what}", what=what), text, icon="eye")
        self.reasons = RadioChips([(code, _(words)) for code, words in reasons], name=_("为什么看"))
        self.no, self.yes = Button(_("不看了"), key="Esc"), Button(_("看 30 秒"), "soft", "Enter")
        self.code: str | None = None
        self.column.addWidget(self.reasons)
        self.add_buttons(self.no, self.yes)
        self.yes.setEnabled(False)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes_clicked)
        self.reasons.chosen.connect(self._on_reason_chosen)
        self.reasons.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_yes_clicked()
        else:
            super().keyPressEvent(event)

    def _on_reason_chosen(self, code: str) -> None:
        self.yes.setEnabled(bool(code))

    def _on_yes_clicked(self) -> None:
        if self.reasons.code():
            self.code = self.reasons.code()
            self.accept()


def ask_reveal(
    parent: QWidget | None, what: str = "", reasons: Sequence[tuple[str, str]] = REVEAL_REASONS
) -> str | None:
    """Ask why a masked value is to be seen; return the reason's code, or None."""
    dialog = RevealDialog(parent, what or _("证件号"), reasons)
    dialog.exec()
    dialog.deleteLater()
    return dialog.code


class ProgressCard(Card):
    """What takes longer than two seconds: how far, how long still, 转到后台 and 停下."""

    background_requested = Signal()
    stop_requested = Signal()

    def __init__(self, title: str, *, can_background: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._title, self._left = Text(title, "section"), Text("", "secondary", "text2")
        self._bar, self._count = ProgressBarThin(), Text("", "secondary", "text2")
        self.to_background, self.stop = Button(_("转到后台"), "text"), Button(_("停下"), "text")
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._left)
        foot.addWidget(self._count)
        foot.addStretch(1)
        foot.addWidget(self.to_background)
        foot.addWidget(self.stop)
        self.to_background.setVisible(can_background)
        self.body.addLayout(head)
        self.body.addWidget(self._bar)
        self.body.addLayout(foot)
        self.to_background.clicked.connect(self.background_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.setAccessibleName(title)

    def set_progress(self, done: int, total: int, *, note: str = "", seconds_left: float | None = None) -> None:
        """Show how far it is; ``note`` follows the count (已跳过 12 行)."""
        count = _("{done} / {total} 行", done=f"{done:,}", total=f"{total:,}")
        self._count.setText(f"{count}，{note}" if note else count)
        self._bar.set_share(done / total if total else 0.0)
        self._left.setText(time_left(seconds_left))
        self.setAccessibleDescription(f"{self._count.text()} {self._left.text()}")

    def set_stopping(self) -> None:
        """Say that the wish to stop has been heard."""
        self.stop.set_busy(_("正在停下…"))


def time_left(seconds: float | None) -> str:
    """Return the time left in words, empty while it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return _("还要约 {n} 秒", n=max(1, round(seconds)))
    return _("还要约 {n} 分钟", n=round(seconds / 60))


class ErrorCard(Card):
    """An error in its place: what happened, what was kept and what to do, one button, a code for the phone."""

    act_requested = Signal()
    other_requested = Signal()

    def __init__(self, title: str, text: str, button: str = "", *, other: str = "", code: str = "") -> None:
        super().__init__("red_soft", None, radius=theme.RADIUS["panel"])
        self._title, self._text = Text(title, "section", wrap=True), Text(text, "body", "text2", wrap=True)
        self.button, self.other = Button(button, height=32), Button(other, "text", height=32)
        self._code = Text("", "caption", "text2")
        row, column, foot = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile("circle-alert", "red", size=20), 0, Qt.AlignmentFlag.AlignTop)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._text)
        for part_of_foot in (self.button, self.other):
            foot.addWidget(part_of_foot)
        foot.addStretch(1)
        foot.addWidget(self._code, 0, Qt.AlignmentFlag.AlignBottom)
        column.addSpacing(4)
        column.addLayout(foot)
        row.addLayout(column, 1)
        self.body.addLayout(row)
        self.button.clicked.connect(self.act_requested)
        self.other.clicked.connect(self.other_requested)
        self.set_error(title, text, button, other=other, code=code)

    def set_error(self, title: str, text: str, button: str = "", *, other: str = "", code: str = "") -> None:
        """Show another error, and have it read out."""
        self._title.setText(title)
        self._text.setText(text)
        for widget, words in ((self.button, button), (self.other, other)):
            widget.set_label(words)
            widget.setVisible(bool(words))
        self._code.setText(_("代号 {code}", code=code) if code else "")
        self.setAccessibleName(f"{title}，{text}")
        announce(self, f"{title}，{text}")
