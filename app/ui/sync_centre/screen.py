"""The sync centre: can I trust it, and what needs me."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.services.conflicts import settle
from app.services.outbox import resend
from app.services.sync_overview import SyncCentre, load_centre
from app.texts import _
from app.ui import keys, theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.sync_badge import ALONE, SENDING
from app.ui.sync_centre import state
from app.ui.sync_centre.cards import ConflictCard, CountStrip, ParkedCard, WaitingList
from app.ui.sync_centre.joining import JoinCard
from app.ui.sync_centre.panel import SyncPanel
from app.ui.tasks import Task
from app.ui.vacancies.parts import Scroller
from app.ui.widgets import Button, EmptyState, Text

if TYPE_CHECKING:
    from app.db.database import Transaction


class SyncScreen(QWidget):
    """Counts, what was sent back, what two sides changed, what waits."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[SyncCentre] | None = None
        self.centre: SyncCentre | None = None
        self.parked: list[ParkedCard] = []
        self.conflicts: list[ConflictCard] = []
        self.join: JoinCard | None = None
        self._build()

    def _build(self) -> None:
        self.line = Text("", "secondary", "text2")
        self.now = Button(_("现在再试"), "outline", "F5", "refresh-cw")
        self.now.clicked.connect(self.sync_now)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("同步"), "title"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.line, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.now)
        self.counts = CountStrip()
        self.waiting = WaitingList()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.SPACE[2])
        self._scroll = Scroller(spacing=theme.SPACE[2])
        holder = QWidget()
        holder.setLayout(self._cards)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._scroll.body.addWidget(self.counts)
        self._scroll.body.addWidget(holder)
        self._scroll.body.addWidget(self.waiting)
        self._scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 18, 8)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.panel = SyncPanel()
        self.setFocusProxy(self.now)

    # -- the window asks ----------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read where this device stands."""
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._context.runner.read(load_centre, self._show)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [
            KeyHint(("F5",), _("现在再试")),
            KeyHint(("Tab",), _("下一件")),
            KeyHint(("1", "2", "3"), _("选哪个值")),
            KeyHint(("Enter",), _("去改")),
            keys.hint("back"),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen: F5."""
        return {"sync": self.sync_now}

    def sync_now(self) -> None:
        """Try at once."""
        if self._context.sync is not None:
            self._context.sync.sync_now()
            self._context.messages.remark(_("正在和区里对，做完这里会变。"))
        elif self.centre is not None and not self.centre.summary.joined:
            self._context.messages.remark(_("还没有加入区里，东西都在本机。"))
        self.refresh()

    # -- what it shows ------------------------------------------------------------------------------------------
    def _show(self, centre: SyncCentre) -> None:
        self.centre = centre
        now, shell = clock.now(), self._shell_state()
        self.line.setText(state.headline(centre.summary, shell, now))
        self.now.setVisible(centre.summary.joined)
        self.now.set_busy(_("正在同步…") if shell == SENDING else None)
        self.counts.show_centre(centre)
        self._clear_cards()
        if not centre.summary.joined:
            self._show_joining()
        self._show_conflicts(centre)
        self._show_parked(centre)
        if centre.summary.joined and not (centre.parked or centre.conflicts or centre.waiting):
            done = EmptyState(_("都送到了"), _("没有要你处理的，新办的会自己送。"), icon="circle-check")
            self._cards.addWidget(done)
        self.waiting.show_centre(centre)
        self.panel.show_centre(centre, shell, now)
        self._place_keyboard(joined=centre.summary.joined)

    def _place_keyboard(self, *, joined: bool) -> None:
        """Have the keyboard begin at 现在再试, or at joining where that is still to be done."""
        self.setFocusProxy(self.now if joined or self.join is None else self.join)
        shell = getattr(self.window(), "shell", None)
        if shell is not None and self.isVisible() and self.window().focusWidget() is shell:
            self.setFocus()

    def _shell_state(self) -> str:
        return self._context.sync.summary().state if self._context.sync is not None else ALONE

    def _clear_cards(self) -> None:
        while self._cards.count():
            item = self._cards.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self.join:
                widget.hide()
                widget.deleteLater()
        self.parked, self.conflicts = [], []

    def _show_joining(self) -> None:
        if self.join is None:
            self.join = JoinCard(self._context)
            self.join.joined.connect(self.refresh)
        self._cards.addWidget(self.join)
        self.join.show()

    def _show_conflicts(self, centre: SyncCentre) -> None:
        for item in centre.conflicts:
            card = ConflictCard(item, centre)
            card.file_requested.connect(self._on_mend)
            card.settle_requested.connect(self._on_settle)
            self._cards.addWidget(card)
            self.conflicts.append(card)

    def _show_parked(self, centre: SyncCentre) -> None:
        """Set the returned ones two in a row, each with what waits behind it."""
        items = state.parked_of(centre)
        if not items:
            return
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.SPACE[2])
        for place, item in enumerate(items):
            who = state.who_can(item, self._context.actor.roles)
            place_to_mend = state.place_of(item, centre.residents)
            card = ParkedCard(item, place_to_mend, held=state.held_behind(centre, item), who_can=who)
            card.mend_requested.connect(self._on_mend)
            card.resend_requested.connect(self._on_resend)
            grid.addWidget(card, place // 2, place % 2)
            self.parked.append(card)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._cards.addWidget(holder)

    # -- what it does -------------------------------------------------------------------------------------------
    def _on_mend(self, place: state.Place | None) -> None:
        if place is not None:
            self._context.navigate(place.screen, **place.arguments)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take 1, 2 and 3 for the conflict card that has the keyboard, or else the first one."""
        focus = self.focusWidget()
        inside = [card for card in self.conflicts if focus is not None and card.isAncestorOf(focus)]
        card = next(iter(inside or self.conflicts), None)
        if card is None or not card.chooser.take_key(event):
            super().keyPressEvent(event)

    def _on_settle(self, conflict_id: str, choice: str, value: object) -> None:
        work = partial(_settle, conflict_id, choice, value)
        self._context.runner.write(work, self._on_settled, partial(self._on_not_settled, conflict_id))

    def _on_settled(self, _row: object) -> None:
        self._context.messages.say(_("选定了，没选的那个也留着。"))
        if self._context.sync is not None:
            self._context.sync.sync_now()
        self.refresh()

    def _on_not_settled(self, conflict_id: str, error: AppError) -> None:
        card = next((each for each in self.conflicts if each.item.id == conflict_id), None)
        if card is None:
            self._context.messages.show_error(error)
        else:
            card.chooser.show_refusal(error, self._context.messages.show_error)

    def _on_resend(self, op: str) -> None:
        for card in self.parked:
            if card.item.op == op:
                card.again.set_busy(_("正在再送…"))
        self._context.runner.write(partial(_resend, op), self._on_resent, self._on_not_resent)

    def _on_resent(self, new: str | None) -> None:
        said = _("排进去了，联网就送。") if new else _("后来的改动已经把它盖过去了，不用再送。")
        self._context.messages.say(said)
        if self._context.sync is not None:
            self._context.sync.sync_now()
        self.refresh()

    def _on_not_resent(self, error: BaseException) -> None:
        self._context.messages.show_error(error)
        self.refresh()


def _resend(op: str, tx: Transaction) -> str | None:
    return resend(tx, op)


def _settle(conflict_id: str, choice: str, value: object, tx: Transaction) -> str:
    return settle(tx, conflict_id, choice, value).id
