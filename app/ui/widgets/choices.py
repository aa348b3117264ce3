"""Choosing one or several of a few: filter segments, tabs, chips by digit."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui import icons, theme
from app.ui.widgets import paint
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.themed import Themed

_CHOICE_KEYS = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Choice:
    """One of the choices: code, words, count beside it, tone of its dot."""

    code: str
    label: str
    count: int | None = None
    tone: str = ""


class _Piece(Themed, QPushButton):
    """One choice in a row; the row has the keyboard, the piece only shows it."""

    def __init__(self, choice: Choice, digit: str = "") -> None:
        super().__init__(choice.label)
        self.choice, self.digit, self.ringed = choice, digit, False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        count = "" if choice.count is None else f" {choice.count}"
        self.setAccessibleName(choice.label + count)
        self.setAccessibleDescription(digit)

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class _Segment(_Piece):
    def sizeHint(self) -> QSize:
        look = theme.of(self)
        width = paint.width_of(look.font("secondary", bold=True), self.text()) + look.px(22)
        if self.choice.count is not None:
            width += paint.width_of(look.font("secondary"), f"{self.choice.count}") + look.px(6)
        if self.choice.tone:
            width += look.px(14)
        return QSize(round(width), look.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box = QRectF(self.rect())
        if self.isChecked():
            paint.rounded(painter, box, 6, look.color("surface"), look.color("line"))
        if self.ringed:
            paint.focus_ring(painter, box, 6)
        left, middle = look.px(10.0), box.center().y()
        if self.choice.tone:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.tone(self.choice.tone)[2])
            painter.drawEllipse(QPointF(left + look.px(4), middle), look.px(4), look.px(4))
            left += look.px(14)
        ink, font = look.color("text"), look.font("secondary", bold=self.isChecked())
        width = paint.width_of(font, self.text())
        paint.text(painter, QRectF(left, 0, width + 1, box.height()), self.text(), font, ink)
        if self.choice.count is not None:
            rest = QRectF(left + width + look.px(6), 0, box.width(), box.height())
            paint.text(painter, rest, str(self.choice.count), look.font("secondary"), look.color("text2"))


class _Tab(_Piece):
    def sizeHint(self) -> QSize:
        look = theme.of(self)
        width = paint.width_of(look.font("body", bold=True), self.text())
        if self.choice.count is not None:
            width += paint.chip_width(look, str(self.choice.count)) + look.px(6)
        return QSize(round(width) + 2, look.px(theme.HEIGHT["tab"]))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        on, middle = self.isChecked(), self.height() / 2
        font = look.font("body", bold=on)
        width = paint.width_of(font, self.text())
        paint.text(
            painter, QRectF(0, 0, width + 1, self.height()), self.text(), font, look.color("text" if on else "text2")
        )
        if self.choice.count is not None:
            paint.chip(painter, look, width + look.px(6), middle, str(self.choice.count), "good" if on else "neutral")
        if on:
            paint.rounded(painter, QRectF(0, self.height() - 3, self.width(), 3), 1.5, look.color("accent"))
        if self.ringed:
            paint.focus_ring(painter, QRectF(self.rect()).adjusted(0, 5, 0, -5), 6)


class _Toggle(_Piece):
    def sizeHint(self) -> QSize:
        look = theme.of(self)
        lead = icons.SMALL + 6 if self.isChecked() or not self.digit else 18
        return QSize(round(paint.width_of(look.font(), self.text())) + look.px(lead + 22), look.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, left = QRectF(self.rect()), look.px(11.0)
        if self.isChecked():
            paint.rounded(painter, box, 8, look.color("accent_soft"), look.color("accent"), 1.6)
            size = look.px(icons.SMALL)
            icons.paint(painter, "check", left, (self.height() - size) / 2, "accent_text", size)
            left += look.px(icons.SMALL + 5)
            ink = look.color("accent_text")
        else:
            fill = look.color("hover" if self.underMouse() else "surface")
            paint.rounded(painter, box, 8, fill, look.color("field"))
            paint.text(
                painter, QRectF(left, 0, 30, self.height()), self.digit, look.font("caption"), look.color("text3")
            )
            left += look.px(19 if self.digit else 0)
            ink = look.color("text")
        paint.text(painter, QRectF(left, 0, self.width() - left, self.height()), self.text(), look.font(), ink)
        if self.ringed:
            paint.focus_ring(painter, box, 8)


def choice_keys(codes: Sequence[str]) -> list[str]:
    """Return the key of each choice: its own code where that is one sign, else 1 to 9, 0, then letters."""
    own = {code.upper() for code in codes if len(code) == 1}
    free = iter([key for key in _CHOICE_KEYS if key not in own])
    return [code.upper() if len(code) == 1 else next(free, "") for code in codes]


class _ChoiceRow(QWidget):
    """Shared ways of a row of choices: one stop for Tab, arrows inside."""

    _piece: type[_Piece] = _Segment
    _many = False

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: list[_Piece] = []
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)

    def _fill(self, choices: Sequence[Choice], layout: FlowLayout, *, digits: bool = False) -> None:
        for piece in self._pieces:
            layout.removeWidget(piece)
            piece.deleteLater()
        self._pieces = []
        keys = choice_keys([choice.code for choice in choices]) if digits else [""] * len(choices)
        for choice, key in zip(choices, keys, strict=True):
            piece = self._piece(choice, key)
            piece.clicked.connect(self._on_piece_clicked)
            layout.addWidget(piece)
            piece.show()  # not only when the layout comes round to it: its height counts now
            self._pieces.append(piece)
        self._at = 0

    def codes(self) -> list[str]:
        """Return the chosen codes in their order on screen."""
        return [piece.choice.code for piece in self._pieces if piece.isChecked()]

    def _choose(self, index: int) -> None:
        self._at = index
        for place, piece in enumerate(self._pieces):
            if self._many:
                if place == index:
                    piece.setChecked(not piece.isChecked())
            else:
                piece.setChecked(place == index)
            piece.restyle()
        self._ring()
        self._chosen()

    def _chosen(self) -> None:
        """Tell who listens."""

    def _on_piece_clicked(self) -> None:
        index = self._pieces.index(self.sender())  # type: ignore[arg-type]
        if self._many:  # the click has turned it already: _choose turns it for good
            self._pieces[index].setChecked(not self._pieces[index].isChecked())
        self._choose(index)

    def _ring(self) -> None:
        for place, piece in enumerate(self._pieces):
            piece.ringed = self.hasFocus() and place == self._at
            piece.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        digit = event.text().upper()
        if step and self._pieces:
            self._at = (self._at + step) % len(self._pieces)
            if self._many:
                self._ring()
            else:
                self._choose(self._at)
        elif event.key() == Qt.Key.Key_Space and self._pieces:
            self._choose(self._at)
        elif digit and any(piece.digit == digit for piece in self._pieces):
            self._choose(next(i for i, piece in enumerate(self._pieces) if piece.digit == digit))
        else:
            super().keyPressEvent(event)


class _OneOf(_ChoiceRow):
    """One choice is always chosen."""

    chosen = Signal(str)

    def code(self) -> str:
        """Return the code in force, empty if there is none."""
        return next(iter(self.codes()), "")

    def set_code(self, code: str) -> None:
        """Choose silently."""
        for place, piece in enumerate(self._pieces):
            piece.setChecked(piece.choice.code == code)
            self._at = place if piece.isChecked() else self._at
            piece.restyle()

    def _chosen(self) -> None:
        self.chosen.emit(self.code())


class _Wrapping(_OneOf):
    """A row that goes on in the next line where the room ends: as high as its lines, never higher."""

    def __init__(self, layout: FlowLayout, name: str, across: QSizePolicy.Policy, parent: QWidget | None) -> None:
        super().__init__(name, parent)
        self._row = layout
        self.setLayout(layout)
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show other choices or counts, keeping the one in force if it is still there."""
        before = self.code() if self._pieces else ""
        self._fill(choices, self._row)
        self.set_code(before if before in {choice.code for choice in choices} else choices[0].code if choices else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        laid = self.testAttribute(Qt.WidgetAttribute.WA_WState_Created)
        self.setFixedHeight(self._row.heightForWidth(self.width()) if laid else self._row.sizeHint().height())
        self.updateGeometry()


class SegmentedFilter(_Wrapping):
    """全部 18 · 已逾期 3 …: one slice of the list below."""

    def __init__(self, choices: Sequence[Choice] = (), *, name: str = "", parent: QWidget | None = None) -> None:
        row = FlowLayout(spacing=2)
        row.setContentsMargins(3, 3, 3, 3)
        super().__init__(row, name, QSizePolicy.Policy.Maximum, parent)
        self.set_choices(choices)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.rounded(QPainter(self), QRectF(self.rect()), 8, theme.of(self).color("bg"))


class Tabs(_Wrapping):
    """Tabs with counts over a hairline."""

    _piece = _Tab

    def __init__(self, choices: Sequence[Choice] = (), *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(FlowLayout(spacing=26, line_spacing=0), name, QSizePolicy.Policy.Preferred, parent)
        self.set_choices(choices)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, theme.of(self).color("line"))


class RadioChips(_OneOf):
    """One of a few, by digit."""

    _piece = _Toggle

    def __init__(
        self, choices: Sequence[tuple[str, str]] = (), *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._flow = FlowLayout(self)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Show other choices (code, words)."""
        self._fill([Choice(code, label) for code, label in choices], self._flow, digits=True)


class ToggleChipGroup(_ChoiceRow):
    """Several of a few, each ticked by its digit (班次)."""

    _piece = _Toggle
    _many = True
    codes_changed = Signal(list)

    def __init__(
        self, choices: Sequence[tuple[str, str]] = (), *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._flow = FlowLayout(self)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Show other choices (code, words), none of them ticked."""
        self._fill([Choice(code, label) for code, label in choices], self._flow, digits=True)

    def set_codes(self, codes: Sequence[str]) -> None:
        """Tick silently."""
        for piece in self._pieces:
            piece.setChecked(piece.choice.code in codes)
            piece.restyle()

    def _chosen(self) -> None:
        self.codes_changed.emit(self.codes())
