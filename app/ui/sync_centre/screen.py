"""The sync centre: can I trust it, and what needs me."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.services.outbox import ConflictItem, ParkedItem
from app.services.sync_overview import SyncCentre
from app.services.withdrawing import HandedItem
from app.texts import _
from app.ui import keys, theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.sync_badge import ALONE, SENDING, SyncSummary
from app.ui.sync_centre import notes, places, state
from app.ui.sync_centre.board import CardBoard, Slot
from app.ui.sync_centre.cards import CountStrip, WaitingList
from app.ui.sync_centre.conflict_card import ConflictCard
from app.ui.sync_centre.doing import Deeds
from app.ui.sync_centre.focus_card import FocusCard
from app.ui.sync_centre.joining import JoinCard
from app.ui.sync_centre.loading import CentreView, load_view
from app.ui.sync_centre.panel import SyncPanel
from app.ui.sync_centre.progress import FetchCard
from app.ui.sync_centre.returned import HandedCard, ParkedCard
from app.ui.sync_centre.roads import RoadsBox
from app.ui.tasks import Task
from app.ui.widgets import Button, EmptyState, Scroller, Text

DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)


class SyncScreen(QWidget):
    """Counts, what was sent back, what two sides changed, what waits."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[CentreView] | None = None
        self.view: CentreView | None = None
        self.join: JoinCard | None = None
        self.rights = state.Rights.of(context.actor.roles)
        self.deeds = Deeds(context, self)
        self.deeds.done.connect(self.refresh)
        self.deeds.failed.connect(self._on_failed)
        self._build()

    def _build(self) -> None:
        self.line, self.tried = Text("", "secondary", "text2"), Text("", "secondary", "text2")
        self.now = Button(_("现在再试"), "outline", "F5", "refresh-cw")
        self.now.clicked.connect(self.sync_now)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.setContentsMargins(0, 0, 6, 0)  # the bar of the scrolled part
        head.addWidget(Text(_("同步"), "title"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.line, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.tried, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.now)
        self.counts, self.fetch = CountStrip(), FetchCard()
        self.fetch.stop_requested.connect(self._on_stop_fetching)
        self.board, self.waiting = CardBoard(), WaitingList()
        self.done = EmptyState(_("都送到了"), _("没有要你处理的，新办的会自己送。"), icon="circle-check")
        self._scroll = Scroller(spacing=theme.SPACE[2])
        for widget in (self.counts, self.fetch, self.board, self.done, self.waiting):
            self._scroll.body.addWidget(widget)
        self._scroll.body.addStretch(1)
        self.fetch.hide()
        self.done.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 18, 8)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.roads = RoadsBox(self._context)
        self.roads.done.connect(self.refresh)
        self.panel = SyncPanel(self.roads)
        self.setFocusProxy(self.now)

    @property
    def centre(self) -> SyncCentre | None:
        """The services' account of what is shown."""
        return self.view.centre if self.view is not None else None

    @property
    def parked(self) -> list[ParkedCard]:
        """The cards of what was sent back."""
        return [card for card in self.board.cards() if isinstance(card, ParkedCard)]

    @property
    def conflicts(self) -> list[ConflictCard]:
        """The cards of what two sides changed."""
        return [card for card in self.board.cards() if isinstance(card, ConflictCard)]

    # -- the window asks ----------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read where this device stands."""
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._context.runner.read(load_view, self._show)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [
            KeyHint(("↑", "↓"), _("选一件")),
            KeyHint(("1", "2", "3"), _("选哪个值，办哪一样")),
            KeyHint(("Enter",), _("去改")),
            KeyHint(("F5",), _("现在再试")),
            keys.hint("undo"),
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

    def show_sync(self, summary: SyncSummary) -> None:
        """Show how far a new counter has fetched what the district has."""
        self.fetch.show_progress(summary.fetching)

    def _on_stop_fetching(self) -> None:
        if self._context.sync is not None:
            self._context.sync.hold()
            self._context.messages.remark(_("先停下了。已经取到的都在，下次开机或按 F5 接着取。"))

    # -- what it shows ------------------------------------------------------------------------------------------
    def _show(self, view: CentreView) -> None:
        self.view, centre = view, view.centre
        now, shell = clock.now(), self._shell_state()
        self.line.setText(state.headline(centre.summary, shell, now))
        self.tried.setText(state.tried_words(centre, now))
        self.now.setVisible(centre.summary.joined)
        self.now.set_busy(_("正在同步…") if shell == SENDING else None)
        self.counts.show_centre(centre)
        self._show_joining(joined=centre.summary.joined)
        slots = [*self._notes(view), *self._conflicts(centre), *self._parked(centre), *self._handed(centre)]
        self.board.show_slots(slots)
        self.board.setVisible(bool(slots))
        self.done.setVisible(centre.summary.joined and not (slots or centre.parked or centre.waiting))
        self.waiting.show_centre(centre)
        self.panel.show_centre(centre, shell, now)
        if centre.mended and self.rights.hand:
            self.deeds.close_mended()
        self._place_keyboard(joined=centre.summary.joined)

    def _place_keyboard(self, *, joined: bool) -> None:
        """Have the keyboard begin at the first thing to do, else at 现在再试, or at joining where that comes first."""
        first: QWidget = self.now if joined or self.join is None else self.join
        self.setFocusProxy(next((card for card in self.board.cards() if card.keys or card in self.conflicts), first))
        shell = getattr(self.window(), "shell", None)
        if shell is not None and self.isVisible() and self.window().focusWidget() in (shell, self.now):
            self.setFocus()

    def _shell_state(self) -> str:
        return self._context.sync.summary().state if self._context.sync is not None else ALONE

    def _show_joining(self, *, joined: bool) -> None:
        if self.join is None and not joined:
            self.join = JoinCard(self._context)
            self.join.joined.connect(self.refresh)
            self._scroll.body.insertWidget(2, self.join)
        if self.join is not None:
            self.join.setVisible(not joined)

    def _notes(self, view: CentreView) -> list[Slot]:
        return [
            Slot(f"note {note.key}", note, partial(self._note_card, note))
            for note in notes.notes_of(view, self.rights)
        ]  # fmt: skip

    def _note_card(self, note: notes.Note) -> FocusCard:
        card = notes.NoteCard(note)
        card.deed_requested.connect(self._on_deed)
        return card

    def _conflicts(self, centre: SyncCentre) -> list[Slot]:
        return [
            Slot(f"conflict {item.id}", item, partial(self._conflict_card, item, centre)) for item in centre.conflicts
        ]

    def _conflict_card(self, item: ConflictItem, centre: SyncCentre) -> FocusCard:
        card = ConflictCard(item, centre, may_settle=self.rights.settle)
        card.file_requested.connect(self._on_mend)
        card.settle_requested.connect(self.deeds.settle)
        return card

    def _parked(self, centre: SyncCentre) -> list[Slot]:
        """Set the returned ones two in a row, each with what waits behind it."""
        handed = {item.op: item for item in centre.handed}
        answers = {item.op: item for item in centre.answers}
        slots = []
        for item in state.parked_of(centre):
            held, given, answer = state.held_behind(centre, item), handed.get(item.op), answers.get(item.op)
            place = places.place_of(item, centre.residents)
            make = partial(
                ParkedCard, item, place, held=held, rights=self.rights, handed=given,
                answer=None if given is not None else answer,
            )  # fmt: skip
            facts = (item, place, tuple(held), given, answer)
            slots.append(Slot(f"parked {item.op}", facts, partial(self._parked_card, make), wide=False))
        return slots

    def _parked_card(self, make: Callable[[], ParkedCard]) -> FocusCard:
        card = make()
        card.mend_requested.connect(self._on_mend)
        card.resend_requested.connect(self._on_resend)
        card.hand_requested.connect(self.deeds.hand)
        card.take_back_requested.connect(self.deeds.take_back)
        card.withdraw_requested.connect(self._on_withdraw)
        return card

    def _handed(self, centre: SyncCentre) -> list[Slot]:
        """Show the supervisor what lies with her and is not among the cards of this device anyway."""
        items = [item for item in centre.handed if not item.here] if self.rights.lead else []
        return [Slot(f"handed {item.op}", item, partial(self._handed_card, item), wide=False) for item in items]

    def _handed_card(self, item: HandedItem) -> FocusCard:
        card = HandedCard(item)
        card.done_requested.connect(self.deeds.answer)
        return card

    # -- what it does -------------------------------------------------------------------------------------------
    def _on_mend(self, place: places.Place | None) -> None:
        if place is not None:
            self._context.navigate(place.screen, **place.arguments)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take 1, 2 and 3 for the conflict card that has the keyboard, or else the first one."""
        card = self.board.with_keyboard()
        if card is None and event.key() == Qt.Key.Key_Down and self.board.focus_card(0):
            return
        if card is None and Qt.Key(event.key()) in DIGITS:
            card = next(iter(self.conflicts), None)
        if card is None or isinstance(card, ParkedCard) or not card.take_key(event):
            super().keyPressEvent(event)

    def _on_resend(self, op: str) -> None:
        card = self.board.card(f"parked {op}")
        if isinstance(card, ParkedCard):
            card.set_busy(card.again, _("正在再送…"))
        self.deeds.resend(op)

    def _on_withdraw(self, item: ParkedItem) -> None:
        self.deeds.withdraw(item)

    def _on_failed(self, key: str, error: AppError) -> None:
        """Give the card its buttons back, and say why."""
        card = self.board.card(key)
        if isinstance(card, ConflictCard):
            card.chooser.show_refusal(error, self._context.messages.show_error)
            return
        if card is not None:
            card.set_busy(None)
        self._context.messages.show_error(error)
        self.refresh()

    def _on_deed(self, name: str, record_id: str) -> None:
        view = self.view
        if name == notes.ALLOW and view is not None and view.removal is not None:
            self.deeds.allow_removal(view.removal)
        elif name == notes.EXPORT:
            self.deeds.export_sealed()
        elif name == notes.FOLLOW:
            self.deeds.follow(record_id)
        elif name == notes.OPEN_FILE:
            self._context.navigate("resident_file", id=record_id)
