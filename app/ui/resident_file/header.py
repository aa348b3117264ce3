"""The head of the file: who she is, how she stands, what she looks for."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.models.masking import mask_address, mask_id, mask_mobile
from app.models.names import surname_of
from app.services.traces import ID_NUMBER, PHONE
from app.texts import _
from app.ui import theme
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.state import chips, person_line, wishes
from app.ui.widgets import Avatar, Button, Card, Chip, FlowLayout, IconLabel, MaskedText, Painted, Text, paint

REVEAL_MS = 30_000
_NEAREST, _FARTHEST = 24, 64


class NameLine(Painted):
    """The name, and beside it on the same baseline what she is."""

    def __init__(self) -> None:
        super().__init__()
        self._name = self._note = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_person(self, name: str, note: str) -> None:
        """Show another person."""
        self._name, self._note = name, note
        self.setAccessibleName(f"{name}，{note}")
        self.restyle()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(120), round(paint.line_height(look.font("title"))))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        title, small = look.font("title"), look.font("body")
        metrics = QFontMetricsF(title)
        base = (self.height() + metrics.ascent() - metrics.descent()) / 2
        note = paint.width_of(small, self._note) + look.px(16)
        room = max(look.px(60), self.width() - note)
        shown = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        painter.setFont(title)
        painter.setPen(look.color("text"))
        painter.drawText(QPointF(0, base), shown)
        painter.setFont(small)
        painter.setPen(look.color("text2"))
        painter.drawText(QPointF(metrics.horizontalAdvance(shown) + look.px(16), base), self._note)


class Masked(MaskedText):
    """A number, masked; open for 30 seconds once its reason was given and written down.

    ``asked``: the eye was pressed on a masked number. ``opened`` tells when it opens and closes.
    """

    asked = Signal(str)
    opened = Signal(bool)

    def __init__(self, field: str, name: str) -> None:
        super().__init__("", name)
        self.field, self.name, self._masked = field, name, ""
        self.is_open = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REVEAL_MS)
        self._timer.timeout.connect(self.close_now)
        self.reveal_requested.connect(self._on_eye)

    def set_masked(self, masked: str) -> None:
        """Show another masked number; an open one of the same person stays open."""
        if masked != self._masked:
            self._masked = masked
            self.close_now()
        if not self.is_open:
            self.set_text(masked or _("没有填"))

    def show_open(self, number: str) -> None:
        """Show the whole number for 30 seconds."""
        self.is_open = True
        self.set_text(number, open_now=True)
        self._timer.start()
        self.opened.emit(True)

    def close_now(self) -> None:
        """Mask it again."""
        self._timer.stop()
        was_open, self.is_open = self.is_open, False
        self.set_text(self._masked or _("没有填"))
        if was_open:
            self.opened.emit(False)

    def _on_eye(self) -> None:
        if self.is_open:
            self.close_now()
        elif self._masked:
            self.asked.emit(self.field)


class Wish(QWidget):
    """One cell of the strip: a label over words."""

    def __init__(self, label: str, words: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.label = Text(label, "secondary", "text2")
        self.words = Text(_shortened(words), "body")
        self.words.setToolTip(words)
        column.addWidget(self.label)
        column.addWidget(self.words)
        self.setAccessibleName(f"{label}：{words}")


class WishStrip(Card):
    """What she looks for, in one sunken strip; it wraps when the text grows."""

    def __init__(self) -> None:
        super().__init__("sunken", None, radius=theme.RADIUS["card"], padding=0)
        self._cells: list[Wish] = []
        self._flow = FlowLayout(spacing=_NEAREST)
        holder = QWidget()
        holder.setLayout(self._flow)
        self.body.setContentsMargins(18, 8, 18, 8)
        self.body.addWidget(holder)

    def set_wishes(self, strip: Sequence[tuple[str, str]]) -> None:
        """Show other wishes."""
        _clear(self._flow)
        self._cells = [Wish(label, words) for label, words in strip]
        for cell in self._cells:
            self._flow.addWidget(cell)
        self._spread()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def restyle(self) -> None:
        super().restyle()
        self._spread()

    def _spread(self) -> None:
        """Share the room that is left between the cells, as far as one line holds them all."""
        need = sum(cell.sizeHint().width() for cell in self._cells)
        spare = (self.width() - 36 - need) // max(1, len(self._cells) - 1)
        self._flow.setSpacing(max(_NEAREST, min(_FARTHEST, spare)) if spare >= _NEAREST else _NEAREST)


def _shortened(words: str, most: int = 38) -> str:
    """Cut words to so many half-width columns."""
    width = 0
    for place, char in enumerate(words):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > most:
            return words[: place - 1] + "…"
    return words


def _clear(flow: FlowLayout) -> None:
    while (item := flow.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class FileHeader(QWidget):
    """Name, numbers behind their masks, address to the building, chips, wishes."""

    edit_requested = Signal()
    reveal_asked = Signal(str)
    revealed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.avatar = Avatar("", size=64)
        self.name = NameLine()
        self.edit = Button(_("改资料"), key="Ctrl E", icon="pencil")
        self.id_no = Masked(ID_NUMBER, _("证件号码"))
        self.phone = Masked(PHONE, _("手机号"))
        self.address = IconLabel("map-pin", "", "text")
        self._chips = FlowLayout(spacing=6)
        self.wishes = WishStrip()
        self._build()
        self.edit.clicked.connect(self.edit_requested)
        for masked in (self.id_no, self.phone):
            masked.asked.connect(self.reveal_asked)
            masked.opened.connect(self._on_opened)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[3])
        head, facts, lines = QHBoxLayout(), QVBoxLayout(), FlowLayout(spacing=20)
        head.setSpacing(18)
        facts.setSpacing(2)
        self._top = top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(self.edit, 0, Qt.AlignmentFlag.AlignTop)
        self.address.setMinimumHeight(self.id_no.sizeHint().height())
        for widget in (self.id_no, self.phone, self.address):
            lines.addWidget(widget)
        facts.addLayout(top)
        for flow in (lines, self._chips):
            holder = QWidget()
            holder.setLayout(flow)
            facts.addWidget(holder)
            facts.addSpacing(2)
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(facts, 1)
        column.addLayout(head)
        column.addWidget(self.wishes)

    def set_view(self, view: FileView, *, may_edit: bool) -> None:
        """Show another state of the file."""
        resident = view.file.resident
        self.avatar.set_person(surname_of(resident.name) or resident.name[:1], name=resident.name)
        self.name.set_person(resident.name, person_line(resident, view.today))
        self.id_no.set_masked(mask_id(resident.id_no))
        self.phone.set_masked(mask_mobile(resident.mobile))
        place = mask_address(resident.live_addr) or _("没有写住址")
        grid = _("网格 {code}", code=resident.grid_code) if resident.grid_code else ""
        self.address.set_text(" · ".join(part for part in (place, grid) if part))
        self.edit.setVisible(may_edit)
        _clear(self._chips)
        for chip in chips(view):
            self._chips.addWidget(Chip(chip.text, chip.tone, chip.icon))
        self.wishes.set_wishes(wishes(view))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the handle of the panel where it is a drawer."""
        super().resizeEvent(event)
        drawer = theme.of(self).scale >= theme.DRAWER_SCALE or self.window().width() < theme.DRAWER_BELOW
        self._top.setContentsMargins(0, 0, theme.of(self).px(40) if drawer else 0, 0)

    def show_open(self, field: str, number: str) -> None:
        """Open one number."""
        self.masked(field).show_open(number)

    def masked(self, field: str) -> Masked:
        """Return the number of that field."""
        return self.id_no if field == ID_NUMBER else self.phone

    def mask_all(self) -> None:
        """Close whatever is open."""
        self.id_no.close_now()
        self.phone.close_now()

    def _on_opened(self, _open: bool) -> None:
        self.revealed.emit(self.id_no.is_open or self.phone.is_open)
