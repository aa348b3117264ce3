"""What the sheet does by itself while one types: keeps the draft, looks for the same person, knows the market."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app import clock
from app.services import drafts, residents, vacancies
from app.services.drafts import KeptDraft
from app.texts import _
from app.ui.context import UiContext
from app.ui.register import state
from app.ui.register.saving import Keeping
from app.ui.register.sheet import Sheet
from app.ui.register.state import FORM

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.ui.tasks import Task

DRAFT_REST_MS = 2_000
TWIN_REST_MS = 300


class DraftKeeper(QObject):
    """Keeps the draft of one sheet: 2 s after the last key, on leaving a field, and whenever the sheet is covered."""

    kept = Signal(object)
    listed = Signal(list)
    found = Signal(object)

    def __init__(self, context: UiContext, entered: Callable[[], Mapping[str, Any]], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._entered = context, entered
        self.subject, self.resident_id = clock.new_id(), ""
        self.is_dirty = False
        self._rest = QTimer(self, singleShot=True, interval=DRAFT_REST_MS)
        self._rest.timeout.connect(self.keep)

    def begin(self, subject: str = "", resident_id: str = "") -> None:
        """Begin another sheet; ``resident_id`` of somebody on file."""
        self._rest.stop()
        self.subject, self.resident_id, self.is_dirty = subject or clock.new_id(), resident_id, False

    def touch(self) -> None:
        """Something was typed."""
        self.is_dirty = True
        self._rest.start()

    def rest(self) -> None:
        """Keep nothing more by itself: the sheet is being saved."""
        self._rest.stop()
        self.is_dirty = False

    def content(self) -> dict[str, Any]:
        """Return what is kept: whose it is, and what was typed."""
        entered = self._entered()
        values = state.to_draft(entered)
        return {"name": entered.get("name"), "resident_id": self.resident_id or None, "values": values}

    def keep(self) -> None:
        """Save what was typed since the last time."""
        self._rest.stop()
        if self.is_dirty and self._context.runner.actor is not None:
            self.is_dirty = False
            self._context.runner.write(Keeping(self.subject, self.content()).run, self._on_kept)

    def forget(self) -> None:
        """Drop this sheet's draft."""
        self._context.runner.write(Keeping(self.subject, {}).forget)

    def list_mine(self) -> None:
        """Ask for all drafts of this person; ``listed`` brings them."""
        self._context.runner.read(self._list, self._on_listed)

    def find(self, subject: str = "") -> None:
        """Ask for one draft, of this sheet if none is named; ``found`` brings it, or None."""
        self._context.runner.read(partial(self._find, subject or self.subject), self._on_found)

    def _list(self, tx: Transaction) -> list[KeptDraft]:
        return drafts.list_drafts(tx, self._context.actor.staff_id, FORM)

    def _find(self, subject: str, tx: Transaction) -> KeptDraft | None:
        return drafts.find_draft(tx, self._context.actor.staff_id, FORM, subject=subject)

    def _on_kept(self, moment: datetime) -> None:
        self.kept.emit(moment)

    def _on_listed(self, found: list[KeptDraft]) -> None:
        self.listed.emit(found)

    def _on_found(self, found: KeptDraft | None) -> None:
        self.found.emit(found)


class TwinWatch(QObject):
    """Looks for files that may be the same person, a moment after the last key; those dismissed stay away."""

    found = Signal(object)

    def __init__(self, context: UiContext, entered: Callable[[], Mapping[str, Any]], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._entered = context, entered
        self._except_id: str | None = None
        self._not_same: set[str] = set()
        self._asked: Task[Any] | None = None
        self._rest = QTimer(self, singleShot=True, interval=TWIN_REST_MS)
        self._rest.timeout.connect(self.ask)

    def begin(self, except_id: str | None = None) -> None:
        """Begin another sheet."""
        self._rest.stop()
        if self._asked is not None:
            self._asked.cancel()
        self._except_id = except_id
        self._not_same.clear()
        self.found.emit(None)

    def touch(self) -> None:
        """Something was typed that tells people apart."""
        self._rest.start()

    def dismiss(self, resident_id: str) -> None:
        """Not the same person: do not offer her again."""
        self._not_same.add(resident_id)
        self.ask()

    def ask(self) -> None:
        """Look now."""
        entered = self._entered()
        said = state.derive(entered.get("id_type"), entered.get("id_no"))
        mobile = entered.get("mobile") or ""
        born: date | None = entered.get("birth_date") or said.birth_on
        question = partial(
            residents.find_duplicates,
            name=entered.get("name") or "",
            id_no="" if said.problem else entered.get("id_no") or "",
            birth_date=born,
            mobile=mobile if len(mobile) == 11 else "",
            except_id=self._except_id,
        )
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._context.runner.read(question, self._on_twins)

    def _on_twins(self, twins: Sequence[residents.Duplicate]) -> None:
        left = [twin for twin in twins if twin.resident.id not in self._not_same]
        self.found.emit(left[0] if left else None)


class Market(QObject):
    """How many vacancies each trade has today, and what they usually pay."""

    changed = Signal()

    def __init__(self, context: UiContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._counts: Mapping[str, int] | None = None
        self._pays: Mapping[str, tuple[int, int]] = {}

    def refresh(self) -> None:
        """Read both anew."""
        self._context.runner.read(vacancies.count_published_by_trade, self._on_counts)
        self._context.runner.read(vacancies.pay_published_by_trade, self._on_pays)

    def count(self, middle: str) -> int | None:
        """Return the vacancies of a middle class; None while they are not known."""
        if self._counts is None:
            return None
        return sum(n for code, n in self._counts.items() if code == middle or code.startswith(f"{middle}-"))

    def show_pay(self, sheet: Sheet) -> None:
        """Say beside each wage what such vacancies pay."""
        for number in range(1, state.INTENTS + 1):
            trade = (sheet.field(f"intent{number}").value() or {}).get("trade")
            pay = self._pays.get(state.middle_of(trade or ""))
            hint = _("同类岗位 {low}–{high}", low=pay[0] // 100, high=pay[1] // 100) if pay else ""
            sheet.field(f"wage{number}").set_hint(hint)

    def _on_counts(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def _on_pays(self, pays: Mapping[str, tuple[int, int]]) -> None:
        self._pays = {state.middle_of(code): pay for code, pay in pays.items()}
        self.changed.emit()
