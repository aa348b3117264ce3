"""The panel beside the sheet: somebody who may have a file already, what is still to fill, where drafts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.models.masking import mask_address
from app.models.names import surname_of
from app.services.residents import Duplicate
from app.texts import _
from app.ui import icons, theme
from app.ui.announce import announce
from app.ui.register.sheet import Sheet
from app.ui.register.state import age_words, gap_words, sex_words
from app.ui.widgets import (
    Avatar,
    Button,
    Card,
    Hairline,
    IconLabel,
    IconTile,
    ProgressBarThin,
    SectionTitle,
    Text,
    Themed,
    paint,
    part,
)

SHOWN, SHOWN_BESIDE_CARD = 8, 5


@dataclass(frozen=True)
class Gap:
    """Something still to fill or to mend: field, words, step."""

    name: str
    words: str
    step: int
    is_wrong: bool


def gaps_of(sheet: Sheet) -> list[Gap]:
    """Return what is missing or wrong, in the order of the sheet."""
    missing, found = sheet.missing(), []
    for field in sheet.fields():
        wrong = bool(field.error()) and not field.isHidden()
        if wrong or field in missing:
            words = gap_words(field.label(), "" if field.is_empty() else field.error())
            found.append(Gap(field.name, words, sheet.step_of(field.name), wrong))
    return found


class DuplicateCard(Card):
    """A person who may be the same, with what speaks for it and against."""

    same_requested = Signal(str)
    other_requested = Signal(str)
    merge_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__("surface", "yellow_fill", padding=14, width=2)
        self._id = ""
        self._title = Text(_("可能已经有档案"), "section", wrap=True)
        head, person, words = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        head.addWidget(IconTile("users-round", "yellow"))
        head.addWidget(self._title, 1)
        self._avatar = Avatar("？", "yellow", size=40)
        self._name, self._note = Text("", "row"), Text("", "secondary", "text2", wrap=True)
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._note)
        person.setSpacing(theme.SPACE[2])
        person.addWidget(self._avatar)
        person.addLayout(words, 1)
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(5)
        self.same = Button(_("是同一个人，接着原档案"))
        self.other = Button(_("不是，新建一份"), "text")
        self.merge = Button(_("两份并成一份"), icon="merge")
        for layout in (head, person, self._reasons):
            self.body.addLayout(layout)
        self.body.addWidget(self.merge)
        self.body.addWidget(self.same)
        self.body.addWidget(self.other)
        self.merge.hide()
        self.merge.clicked.connect(self._on_merge)
        self.same.clicked.connect(self._on_same)
        self.other.clicked.connect(self._on_other)
        self.hide()

    def show_twin(self, twin: Duplicate | None, *, on_file: bool = False) -> None:
        """Show somebody, or nobody. ``on_file``: the sheet is a file itself, so that there are two of one person."""
        if twin is None:
            self._id = ""
            self.hide()
            return
        is_new = twin.resident.id != self._id
        self._id = twin.resident.id
        title = _("已经有档案") if twin.certain else _("可能已经有档案")
        self._title.setText(title)
        self._avatar.set_person(surname_of(twin.resident.name) or twin.resident.name[:1], "yellow")
        self._name.setText(twin.resident.name)
        sex, age = sex_words(twin.resident.sex), age_words(twin.resident.birth_date)
        place = mask_address(twin.resident.live_addr)
        self._note.setText("・".join(part for part in (sex, age, place) if part))
        while (item := self._reasons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for icon, tone, lines in (("check", "accent_text", twin.same), ("minus", "text3", twin.different)):
            for line in lines:
                label = IconLabel(icon, line, "text2", role="secondary", icon_tone=tone)
                self._reasons.addWidget(label)
        self.other.setVisible(not twin.certain)
        self.merge.setVisible(on_file)
        self.same.setVisible(not on_file)
        self.show()
        if is_new:
            announce(self, f"{title}，{twin.resident.name}，{'，'.join(twin.same)}")

    def _on_same(self) -> None:
        self.same_requested.emit(self._id)

    def _on_merge(self) -> None:
        self.merge_requested.emit(self._id)

    def _on_other(self) -> None:
        self.other_requested.emit(self._id)


class _GapRow(Themed, QPushButton):
    """One gap; pressing it goes there."""

    def __init__(self) -> None:
        super().__init__()
        self.gap = Gap("", "", 1, is_wrong=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_gap(self, gap: Gap) -> None:
        """Show a gap."""
        self.gap = gap
        self.setAccessibleName(_("{what}，第 {n} 步", what=gap.words, n=gap.step))
        self.setToolTip(gap.words)
        self.update()

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        return QSize(120, max(look.px(26), round(paint.line_height(look.font())) + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, size = QRectF(self.rect()), look.px(icons.SMALL)
        if self.underMouse():
            paint.rounded(painter, box, 6, look.color("hover"))
        icon, tone = ("circle-alert", "red") if self.gap.is_wrong else ("circle", "text3")
        icons.paint(painter, icon, 0, (self.height() - size) / 2, tone, size)
        small, step = look.font("secondary"), _("第 {n} 步", n=self.gap.step)
        width = paint.width_of(small, step)
        right = QRectF(box.right() - width - 1, 0, width + 1, box.height())
        paint.text(painter, right, step, small, look.color("text2"))
        left = size + look.px(10)
        room = QRectF(left, 0, right.left() - left - look.px(8), box.height())
        paint.text(painter, room, self.gap.words, look.font(), look.color("text"))
        if self.hasFocus():
            paint.focus_ring(painter, box, 6)


class RegisterPanel(QWidget):
    """Duplicate, gaps, and the word about drafts."""

    field_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.card = DuplicateCard()
        self._title, self._total = SectionTitle("", "", role="strong"), Text("", "secondary", "text2")
        self._title.add(self._total)
        self._bar = ProgressBarThin()
        self._more = Text("", "secondary", "text2")
        self._rows = [_GapRow() for _row in range(SHOWN)]
        column = self._scrolled()
        column.addWidget(self.card)
        column.addSpacing(theme.SPACE[1])
        column.addWidget(self._title)
        column.addWidget(self._bar)
        column.addSpacing(theme.SPACE[0])
        gaps = QVBoxLayout()
        gaps.setSpacing(0)
        for row in self._rows:
            row.clicked.connect(self._on_row_clicked)
            gaps.addWidget(row)
        column.addLayout(gaps)
        column.addWidget(self._more)
        column.addSpacing(theme.SPACE[1])
        column.addWidget(Hairline())
        note = _("每停 2 秒自动存草稿，断电也在。换人登录看不到你的草稿。")
        column.addSpacing(theme.SPACE[1])
        column.addWidget(IconTile("shield-check", "text2"))
        column.addWidget(Text(note, "secondary", "text2", wrap=True))
        column.addStretch(1)

    def _scrolled(self) -> QVBoxLayout:
        """Let the panel scroll where the window is low."""
        inside = part(QWidget(), "transparent")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        return column

    def show_gaps(self, gaps: Sequence[Gap], required: int) -> None:
        """Show what is missing or wrong, in the order of the sheet."""
        title = _("还差 {n} 项", n=len(gaps)) if gaps else _("都填好了，按 F9 保存")
        self._title.set_text(title)
        self._total.setText(_("必填 {n} 项", n=required))
        missing = sum(not gap.is_wrong for gap in gaps)
        done = (required - missing) / required if required else 1.0
        self._bar.set_share(done, name=title)
        shown = SHOWN if self.card.isHidden() else SHOWN_BESIDE_CARD
        for place, row in enumerate(self._rows):
            row.setVisible(place < min(len(gaps), shown))
            if place < len(gaps):
                row.set_gap(gaps[place])
        rest = len(gaps) - shown
        self._more.setText(_("后面还有 {n} 项", n=rest) if rest > 0 else "")
        self._more.setVisible(rest > 0)

    def _on_row_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, _GapRow):
            self.field_requested.emit(sender.gap.name)
