"""The right side of 今日: what of mine waits, and my numbers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import clock
from app.services.drafts import KeptDraft
from app.services.todos import MyDay
from app.texts import _
from app.ui import icons, theme
from app.ui.today.state import TodayFacts
from app.ui.widgets import Hairline, Ring, SectionTitle, SparkBars, Text, Themed, paint

SHOWN_DRAFTS = 4


class WaitingRow(Themed, QPushButton):
    """One thing of mine that waits: icon, bold words, note, and what is at the right."""

    def __init__(self, icon: str, title: str, note: str, figure: str, *, tone: str = "text2") -> None:
        super().__init__()
        self._icon, self._title, self._note, self._figure, self._tone = icon, title, note, figure, tone
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("，".join(part for part in (title, note, figure) if part))

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        return QSize(200, max(look.px(42), round(paint.line_height(look.font())) + 12))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, size = QRectF(self.rect()), look.px(icons.SMALL)
        if self.underMouse():
            paint.rounded(painter, box.adjusted(0, 1, 0, -1), 8, look.color("hover"))
        painter.fillRect(QRectF(0, box.bottom() - 1, box.width(), 1), look.color("line"))
        icons.paint(painter, self._icon, look.px(4), (box.height() - size) / 2, self._tone, size)
        bold, small = look.font("strong"), look.font("secondary")
        right = box.right() - look.px(4)
        width = paint.width_of(small, self._figure)
        at_right = QRectF(right - width - 1, 0, width + 1, box.height())
        paint.text(painter, at_right, self._figure, small, look.color("text2"))
        right -= width + look.px(10)
        left = float(look.px(14) + size)
        width = min(paint.width_of(bold, self._title), right - left)
        paint.text(painter, QRectF(left, 0, width + 1, box.height()), self._title, bold, look.color("text"))
        left += width + look.px(10)
        if left < right:
            paint.text(painter, QRectF(left, 0, right - left, box.height()), self._note, small, look.color("text2"))
        if self.hasFocus():
            paint.focus_ring(painter, box, 8)


class WaitingList(QWidget):
    """Drafts of mine, what the district sent back, vacancies to review."""

    draft_requested = Signal(str)
    screen_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._title = SectionTitle(_("放着的"))
        self._none = Text(_("没有放着没办完的。"), "secondary", "text2", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._title)
        self._column.addSpacing(theme.SPACE[1])
        self._column.addWidget(self._none)
        self._rows: list[WaitingRow] = []

    def show_facts(self, facts: TodayFacts, *, reviews: bool) -> None:
        """Show what waits; ``reviews``: this person publishes vacancies."""
        for row in self._rows:
            row.deleteLater()
        self._rows = []
        for kept in facts.drafts[:SHOWN_DRAFTS]:
            self._add_draft(kept)
        rest = len(facts.drafts) - SHOWN_DRAFTS
        if facts.parked:
            self._add("inbox", _("区里退回"), _("改好再送"), _("{n} 笔", n=facts.parked), "sync", "orange")
        if facts.conflicts:
            self._add("git-compare-arrows", _("两边改了同一栏"), "", _("{n} 处", n=facts.conflicts), "sync", "orange")
        if reviews and facts.waiting:
            self._add("briefcase", _("岗位待审"), _("看过就发布"), _("{n} 个", n=facts.waiting), "vacancies")
        self._title.set_text(_("放着的"), _("还有 {n} 份草稿", n=rest) if rest > 0 else "")
        self._none.setVisible(not self._rows)

    def _add_draft(self, kept: KeptDraft) -> None:
        local = clock.to_local(kept.saved_at)
        when = f"{local:%H:%M}" if local.date() == clock.today() else f"{local:%m-%d}"
        name = kept.entered.get("name") or _("没写名字的")
        row = WaitingRow("file-pen-line", name, _("登记没填完"), when, tone="accent_text")
        row.clicked.connect(partial(self.draft_requested.emit, kept.subject))
        self._put(row)

    def _add(self, icon: str, title: str, note: str, figure: str, screen: str, tone: str = "text2") -> None:
        row = WaitingRow(icon, title, note, figure, tone=tone)
        row.clicked.connect(partial(self.screen_requested.emit, screen))
        self._put(row)

    def _put(self, row: WaitingRow) -> None:
        self._rows.append(row)
        self._column.addWidget(row)

    def rows(self) -> list[WaitingRow]:
        """Return what is shown."""
        return self._rows


class _Figure(QWidget):
    """A figure with its unit, its label above, and the last 14 days beside it."""

    def __init__(self, label: str, unit: str) -> None:
        super().__init__()
        self._number = Text("0", "number")
        self._bars = SparkBars(name=_("{what}，近 14 天", what=label))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Text(label, "secondary", "text2"))
        row = QHBoxLayout()
        row.setSpacing(3)
        row.addWidget(self._number, 0, Qt.AlignmentFlag.AlignBottom)
        unit_text = Text(unit, "secondary", "text2")
        unit_text.setContentsMargins(0, 0, 0, 5)
        row.addWidget(unit_text, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        row.addWidget(self._bars, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def show_figures(self, today: int, days: tuple[int, ...]) -> None:
        """Show today's figure and the days before."""
        self._number.setText(str(today))
        self._bars.set_values(days)


class MyNumbers(QWidget):
    """我的数字: people served, slips, and how many slips came back."""

    def __init__(self) -> None:
        super().__init__()
        title = SectionTitle(_("我的数字"))
        title.add(Text(_("今天・近 14 天走势"), "secondary", "text2"))
        self._served, self._slips = _Figure(_("接待"), _("人")), _Figure(_("推荐信"), _("封"))
        self._ring = Ring(0.0, size=40)
        self._reply, self._why = Text("", "strong"), Text("", "secondary", "text2", wrap=True)
        pair = QHBoxLayout()
        pair.setSpacing(theme.SPACE[4])
        pair.addWidget(self._served, 1)
        pair.addWidget(self._slips, 1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._reply)
        words.addWidget(self._why)
        ring = QHBoxLayout()
        ring.setSpacing(theme.SPACE[2])
        ring.addWidget(self._ring)
        ring.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(Hairline())
        column.addWidget(title)
        column.addLayout(pair)
        column.addLayout(ring)

    def show_day(self, mine: MyDay) -> None:
        """Show the figures."""
        self._served.show_figures(mine.served_today, mine.served)
        self._slips.show_figures(mine.slips_today, mine.slips)
        percent = mine.replies_percent
        self._ring.setVisible(percent is not None)
        if percent is None:
            self._reply.setText(_("还没有开过推荐信"))
            self._why.setText(_("开出以后，这里看回执收回多少。"))
            return
        words = _("{percent}% 回执收回", percent=percent)
        tone = "accent" if percent >= 80 else "orange"
        self._ring.set_share(percent / 100, tone=tone, name=words)
        self._reply.setText(words)
        self._why.setText(_("我开出的推荐信，不算作废的"))
