"""The top bar: search, command palette, sync badge, who is signed in, 换人."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.models.acts import TRAINER
from app.texts import _
from app.ui import icons, theme
from app.ui.context import Found, UiContext
from app.ui.keys import caps, command, tooltip
from app.ui.roles import role_name
from app.ui.search_box import SearchBox
from app.ui.sync_badge import SyncSummary, badge_look, badge_text
from app.ui.widgets import paint
from app.ui.widgets.button import Button
from app.ui.widgets.small import Avatar
from app.ui.widgets.themed import Text

if TYPE_CHECKING:
    from app.db.database import Transaction


def find_students(tx: Transaction, words: str, *, limit: int) -> Sequence[Found]:
    """Find a trainer's own students; what is picked names class and person."""
    from app.services.training import day

    found = day.find_students(tx, words, limit=limit)
    return [Found(f"{each.class_id} {each.enrolment_id}", each.name, each.note) for each in found]


class SyncBadge(QAbstractButton):
    """A pill that says how the sync stands; opens the sync centre."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = SyncSummary()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_summary(self._summary)

    def show_summary(self, summary: SyncSummary) -> None:
        """Show this state."""
        self._summary = summary
        self.setText(badge_text(summary))
        self.setAccessibleName(_("同步：{state}", state=self.text()))
        self.setToolTip("\n".join((self.text(), _("看同步（现在同步按 F5）"))))
        self.updateGeometry()
        self.update()

    def retell(self) -> None:
        """Say the time that passed anew."""
        self.show_summary(self._summary)

    def sizeHint(self) -> QSize:
        """Return the pill's size."""
        look = theme.of(self)
        wide = paint.width_of(look.font("secondary"), self.text()) + look.px(16 + 8 + 30)
        return QSize(round(wide), look.px(34))

    def minimumSizeHint(self) -> QSize:
        """Return the room of the icon: where the bar is too short, colour, icon and tooltip still tell."""
        return QSize(theme.of(self).px(icons.SMALL + 26), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint pill, icon, words."""
        look, painter = theme.of(self), QPainter(self)
        icon, tone = badge_look(self._summary)
        loud = tone in ("orange", "red")
        ink, paper, _fill = look.tone(tone or "neutral")
        box = QRectF(self.rect())
        ring = look.color("accent") if self.hasFocus() else None if loud else look.color("line2")
        ground = paper if loud else look.color("hover" if self.underMouse() else "surface")
        paint.rounded(painter, box, box.height() / 2, ground, ring, 2 if self.hasFocus() else 1)
        size = look.px(icons.SMALL)
        left = look.px(13)
        icons.paint(painter, icon, left, (self.height() - size) / 2, ink, size)
        start = left + size + look.px(8)
        words = QRectF(start, 0, box.width() - start - look.px(8), box.height())
        if words.width() < look.px(24):
            return
        paint.text(painter, words, self.text(), look.font("secondary"), ink if loud else look.color("text"))


class TopBar(QWidget):
    """Over the sheet, 60 high."""

    screen_requested = Signal(str)
    resident_picked = Signal(str)
    command_requested = Signal(str)

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._build()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 20, 0)
        row.setSpacing(theme.SPACE[3])
        teaches = self._context.actor.roles == frozenset({TRAINER})
        searcher = find_students if teaches else self._context.search
        self.search = SearchBox(self._context.runner, searcher, students=teaches)
        self.search.resident_picked.connect(self._on_student_picked if teaches else self.resident_picked)
        self.search.setMinimumWidth(160)
        self.search.setMaximumWidth(theme.of(self).px(470))
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.search, 4)
        palette = command("palette")
        self.palette_button = Button(_(palette.text), "text", caps(palette.keys[0]), "keyboard")
        self.palette_button.setToolTip(tooltip("palette"))
        self.palette_button.clicked.connect(self._on_palette_clicked)
        row.addWidget(self.palette_button)
        row.addStretch(1)
        self.badge = SyncBadge()
        self.badge.clicked.connect(self._on_badge_clicked)
        row.addWidget(self.badge)
        row.addWidget(self._person())
        lock = command("lock")
        self.lock_button = Button(_(lock.text), "outline", lock.keys[0], height=34)
        self.lock_button.setToolTip(tooltip("lock"))
        self.lock_button.clicked.connect(self._on_lock_clicked)
        row.addWidget(self.lock_button)
        self.setFixedHeight(theme.of(self).px(theme.HEIGHT["top"]))

    def _person(self) -> QWidget:
        actor, station = self._context.actor, self._context.station
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(9)
        row.addWidget(Avatar(actor.name[:1], size=34, name=actor.name))
        self._who = QWidget()
        words = QVBoxLayout(self._who)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(Text(actor.name, "secondary", bold=True))
        place = "・".join(part for part in (role_name(actor.roles), station.window) if part)
        words.addWidget(Text(place, "caption", "text2"))
        words.addStretch(1)
        row.addWidget(self._who)
        return holder

    # What gives way when the room ends: the words of the palette, then who it is (the avatar stays), then the badge's.

    def minimumSizeHint(self) -> QSize:
        """Return what the bar needs with everything given way."""
        return QSize(theme.of(self).px(420), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See what there is room for."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Show as much as there is room for."""
        look, row = theme.of(self), self.layout()
        edge = row.contentsMargins() if row is not None else QMargins()
        fixed = edge.left() + edge.right() + 5 * theme.SPACE[3] + look.px(34) + 9
        badge, lock = self.badge.sizeHint().width(), self.lock_button.sizeHint().width()
        room = self.width() - fixed - badge - lock - look.px(220)
        room -= self._who.sizeHint().width()
        self._who.setVisible(room >= 0)
        if room < 0:
            room += self._who.sizeHint().width()
        self.palette_button.setVisible(room >= self.palette_button.sizeHint().width())
        self.search.setMaximumWidth(look.px(470))

    def _on_student_picked(self, picked: str) -> None:
        class_id, _space, person = picked.partition(" ")
        self._context.navigate("roll_call", id=class_id, person=person)

    def _on_palette_clicked(self) -> None:
        self.command_requested.emit("palette")

    def _on_badge_clicked(self) -> None:
        self.screen_requested.emit("sync")

    def _on_lock_clicked(self) -> None:
        self.command_requested.emit("lock")
