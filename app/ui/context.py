"""What every screen receives: a UiContext. A screen looks nothing up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.config import Settings, SettingsStore
    from app.db.database import Actor, Transaction
    from app.ui.door import Door
    from app.ui.looking import Looking
    from app.ui.messages import Messages
    from app.ui.sync_badge import SyncSummary
    from app.ui.tasks import TaskRunner


class Navigate(Protocol):
    """Go to a screen by name: ``context.navigate("resident_file", id=resident_id)``."""

    def __call__(self, name: str, **arguments: object) -> None:
        """Open the screen; history remembers it."""
        ...


@dataclass(frozen=True)
class StationFacts:
    """Where this counter stands."""

    code: str
    name: str
    window: str = ""


@dataclass(frozen=True)
class Found:
    """A resident that the search found; ``note`` tells her from the next of the same name, masked."""

    id: str
    name: str
    note: str


class Searcher(Protocol):
    """Find residents while one types."""

    def __call__(self, tx: Transaction, words: str, *, limit: int) -> Sequence[Found]:
        """Return the best hits first."""
        ...


class SyncControl(Protocol):
    """The background sync, as far as a screen may touch it."""

    def summary(self) -> SyncSummary:
        """Return the newest known state; never blocks."""
        ...

    def sync_now(self) -> None:
        """Start a sync on the io lane, if none runs."""
        ...

    def hold(self) -> None:
        """Stop fetching after the present page; the next start, or ``sync_now``, goes on from there."""
        ...

    def on_change(self, told: Callable[[SyncSummary], object]) -> None:
        """Call ``told`` on the GUI thread whenever the state changes."""
        ...


@dataclass(frozen=True, kw_only=True)
class UiContext:
    """Handed to each screen's constructor; made anew for whoever signs in."""

    runner: TaskRunner
    store: SettingsStore
    messages: Messages
    navigate: Navigate
    actor: Actor
    station: StationFacts
    search: Searcher
    sync: SyncControl | None = None
    door: Door | None = None
    _looking: list[Looking] = field(default_factory=list, init=False, repr=False)

    def looked(self, act: str, subject_type: str, subject_id: str, detail: str = "") -> None:
        """Note in the access log that this person was shown this; ``detail`` names nobody."""
        from app.services.looks import Look  # with the database: the sign-in page does without both
        from app.ui.looking import Looking

        if not self._looking:
            self._looking.append(Looking(self.runner, self.messages))
        self._looking[0].note(Look(act, subject_type, subject_id, detail))

    @property
    def settings(self) -> Settings:
        """Return the settings in force for this person at this moment."""
        return self.store.current
