"""The top bar: search, command palette, sync badge, who is signed in, 换人."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.texts import N_, _
from app.ui import icons, theme
from app.ui.context import UiContext
from app.ui.keys import caps, command, tooltip
from app.ui.search_box import SearchBox
from app.ui.sync_badge import SyncSummary, badge_look, badge_text
from app.ui.widgets import paint
from app.ui.widgets.button import Button
from app.ui.widgets.small import Avatar
from app.ui.widgets.themed import Text

ROLE_NAMES: dict[str, str] = {
    "clerk": N_("窗口经办"),
    "trainer": N_("培训教师"),
    "supervisor": N_("站长"),
    "officer": N_("区县经办"),
    "operator": N_("第三方运营"),
}
TONES = ("accent", "blue", "yellow", "neutral", "orange")


def role_name(roles: frozenset[str] | tuple[str, ...]) -> str:
    """Return the words for the first of a person's roles."""
    for role, words in ROLE_NAMES.items():
        if role in roles:
            return _(words)
    return ""


def tone_of(place: int) -> str:
    """Return the avatar tone of the nth person."""
    return TONES[place % len(TONES)]


class SyncBadge(QAbstractButton):
    """A pill that says how the sync stands; opens the sync centre."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = SyncSummary()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(_("看同步（现在同步按 F5）"))
        self.show_summary(self._summary)

    def show_summary(self, summary: SyncSummary) -> None:
        """Show this state."""
        self._summary = summary
        self.setText(badge_text(summary))
        self.setAccessibleName(_("同步：{state}", state=self.text()))
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
        words = QRectF(left + size + look.px(8), 0, box.width(), box.height())
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
        self.search = SearchBox(self._context.runner, self._context.search)
        self.search.resident_picked.connect(self.resident_picked)
        self.search.setMinimumWidth(240)
        self.search.setMaximumWidth(theme.of(self).px(470))
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.search, 4)
        # Only once it has a parent: a bare widget made visible would flash as a window of its own.
        self.search.setVisible(bool(self._context.actor.roles & {"clerk", "supervisor", "officer", "operator"}))
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
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(Text(actor.name, "secondary", bold=True))
        place = "・".join(part for part in (role_name(actor.roles), station.window) if part)
        words.addWidget(Text(place, "caption", "text2"))
        words.addStretch(1)
        row.addLayout(words)
        return holder

    def _on_palette_clicked(self) -> None:
        self.command_requested.emit("palette")

    def _on_badge_clicked(self) -> None:
        self.screen_requested.emit("sync")

    def _on_lock_clicked(self) -> None:
        self.command_requested.emit("lock")
