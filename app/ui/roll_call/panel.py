"""The right panel of the roll call: how far the lesson is, the keys with their counts, who is near the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.models.attendance import PRESENT
from app.models.masking import mask_mobile
from app.services.training.calendar import LessonLine
from app.services.training.grid import GridPerson
from app.texts import _
from app.ui import icons, theme
from app.ui.roll_call import state
from app.ui.widgets import Button, IconLabel, MaskedText, Painted, Ring, SectionTitle, Text, paint, part

RING = 84
SHOWN_MS = 30_000


class TallyRow(Painted):
    """One mark: its key, its tile, its name, how many."""

    def __init__(self, code: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code, self._count = code, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    @property
    def count(self) -> int:
        """How many have the mark."""
        return self._count

    def set_count(self, count: int) -> None:
        """Show another count."""
        self._count = count
        self.setAccessibleName(_("{mark} {n}", mark=state.mark_name(self._code), n=count))
        self.update()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(160, max(look.px(36), round(paint.line_height(look.font())) + 10))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box = QRectF(self.rect())
        middle = box.center().y() - 0.5
        paint.key_cap(painter, look, 2, middle, self._code)
        side = look.px(22)
        tile = QRectF(look.px(38), middle - side / 2, side, side)
        ink, paper, _fill = look.tone(state.TONES[self._code])
        paint.rounded(painter, tile, 5, paper)
        if self._code == PRESENT:
            size = look.px(icons.SMALL)
            icons.paint(painter, "check", tile.center().x() - size / 2, middle - size / 2, ink, size)
        else:
            words = _(state.GLYPHS[self._code])
            paint.text(painter, tile.adjusted(-3, 0, 3, 0), words, look.font("secondary", bold=True), ink, paint.CENTER)
        name = QRectF(look.px(76), 0, box.width() - look.px(120), box.height())
        paint.text(painter, name, state.mark_name(self._code), look.font(), look.color("text"))
        bold = look.font("strong", bold=self._count > 0)
        ink_count = look.color("text" if self._count else "text2")
        paint.text(painter, box.adjusted(0, 0, -4, -1), str(self._count), bold, ink_count, paint.RIGHT)
        painter.fillRect(QRectF(0, box.bottom() - 1, box.width(), 1), look.color("line"))


class RollPanel(QWidget):
    """What the roll call has come to; its two buttons are A and F9."""

    rest_requested = Signal()
    finish_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ring = Ring(0.0, size=RING)
        self.title, self.when = Text("", "page", wrap=True), Text("", "secondary", "text2", wrap=True)
        self.left = Text("", "secondary", "orange", bold=True, wrap=True)
        self.rows = {code: TallyRow(code) for code in state.KEYS}
        self.near_title = IconLabel("triangle-alert", "", "text", role="strong", icon_tone="red")
        self.near = QVBoxLayout()
        self.who, self.phone = Text("", "strong"), MaskedText("", _("电话"))
        self.rest = Button("", key="A")
        self.finish = Button("", "filled", "F9", "check", height=theme.HEIGHT["main"])
        self._number = ""
        self._hide = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._hide.timeout.connect(self._mask)
        self._build()
        self.rest.clicked.connect(self.rest_requested)
        self.finish.clicked.connect(self.finish_requested)
        self.phone.reveal_requested.connect(self._on_reveal)
        self.show_lesson(None, 0, {}, [], "")
        self.show_person(None)

    def _build(self) -> None:
        body = part(QWidget(), "transparent")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 4, 0)
        inner.setSpacing(theme.SPACE[1])
        inner.addLayout(self._head())
        inner.addWidget(Text(_("按一个键，自动跳到下一位"), "secondary", "text2", wrap=True))
        tally = QVBoxLayout()
        tally.setSpacing(0)
        for row in self.rows.values():
            tally.addWidget(row)
        inner.addLayout(tally)
        inner.addWidget(self.near_title)
        self.near.setSpacing(4)
        inner.addLayout(self.near)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE[2])
        line.addWidget(self.who)
        line.addWidget(self.phone, 1)
        inner.addLayout(line)
        note = _("这里只有姓名和电话，看不到居民档案。")
        inner.addWidget(IconLabel("user-round", note, "text2", role="secondary", wrap=True))
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(scroll, 1)
        column.addWidget(self.rest)
        column.addWidget(self.finish)

    def _head(self) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        for label in (self.title, self.when, self.left):
            words.addWidget(label)
        words.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.ring)
        head.addLayout(words, 1)
        return head

    def show_lesson(
        self, lesson: LessonLine | None, people: int, tally: Mapping[str, int], missing: Sequence[GridPerson], when: str
    ) -> None:
        """Show how far a lesson is: how many of so many people have a mark, and who has none."""
        done = people - len(missing)
        number = lesson.number if lesson is not None else 0
        self.title.setText(_("第 {n} 课", n=number) if lesson is not None else "")
        self.when.setText(when)
        share = done / people if people else 0.0
        words = _("{done} 人点过，一共 {n} 人", done=done, n=people)
        self.ring.set_share(share, f"{done}/{people}", name=words)
        self.left.setText(_("还有 {n} 人没点", n=len(missing)) if missing else _("都点到了"))
        self.left.set_tone("orange" if missing else "accent_text")
        self.left.setVisible(people > 0)
        for code, row in self.rows.items():
            row.set_count(tally.get(code, 0))
        self.rest.set_label(_("其余 {n} 人都到", n=len(missing)))
        self.rest.setEnabled(bool(missing))
        self.finish.set_label(_("点完，存第 {n} 课", n=number))
        self.finish.setEnabled(lesson is not None)

    def show_near(self, line: int, near: Sequence[state.Near]) -> None:
        """Show who is near the line, the worst first."""
        self.near_title.set_text(_("快到 {n}% 线", n=line))
        self.near_title.setVisible(bool(near))
        while (item := self.near.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for each in near[: state.NEAR_SHOWN]:
            self.near.addWidget(_near_line(each))
        if len(near) > state.NEAR_SHOWN:
            more = _("还有 {n} 人", n=len(near) - state.NEAR_SHOWN)
            self.near.addWidget(Text(more, "secondary", "text2"))

    def show_person(self, person: GridPerson | None) -> None:
        """Show the contact line of whose row is chosen, masked."""
        self._number = (person.phone or "") if person is not None else ""
        self.who.setText(person.name if person is not None else "")
        self.who.setVisible(person is not None)
        self.phone.setVisible(person is not None and bool(self._number))
        self._mask()

    def _mask(self) -> None:
        self._hide.stop()
        self.phone.set_text(mask_mobile(self._number))

    def _on_reveal(self) -> None:
        """Show the number for half a minute, or hide it again: an absent person is rung up from here."""
        if self._hide.isActive():
            self._mask()
        else:
            self.phone.set_text(self._number, open_now=True)
            self._hide.start()


def _near_line(near: state.Near) -> QWidget:
    line = SectionTitle(near.name, role="body")
    words = Text(near.words, "secondary", "red" if near.lost else "text2")
    words.setMinimumWidth(1)  # rather an ellipsis than a panel that is too wide
    line.add(words)
    line.title.setMinimumWidth(1)
    return line
