"""The front door: what the window needs before anybody is signed in. The composition root implements it.

Calls marked *slow* run on the runner's db lane, never on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.config import SettingsStore
    from app.db.database import Actor
    from app.sync.ledger_office import Office
    from app.sync.roads import Roads
    from app.ui.context import Searcher, StationFacts, SyncControl
    from app.ui.tasks import TaskRunner
    from app.ui.updating.background import BackgroundUpdates


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in on this PC."""

    entry_id: str
    staff_id: str
    name: str
    role: str
    last_signed_in_at: datetime | None = None
    tries_left: int = 5
    locked_for: timedelta = timedelta(0)
    drafts: int = 0


@dataclass(frozen=True, kw_only=True)
class Founding:
    """What the wizard asks to found a station offline."""

    station_name: str
    station_code: str
    county_code: str
    street_name: str
    supervisor: str
    pin: str
    window_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Joining:
    """What the wizard asks to join a district."""

    url: str
    code: str
    staff_name: str
    pin: str
    device_name: str = ""


@dataclass(frozen=True)
class Founded:
    """A new counter, with the recovery key to print: shown once, kept nowhere."""

    station: StationFacts
    entry_id: str
    recovery_key: str
    kept_where: str


class Door(Protocol):
    """One counter's data folder, closed or open."""

    @property
    def store(self) -> SettingsStore:
        """Return the settings."""
        ...

    @property
    def runner(self) -> TaskRunner:
        """Return the task runner."""
        ...

    @property
    def sync(self) -> SyncControl | None:
        """Return the background sync, once somebody signed in at a joined station."""
        ...

    @property
    def updates(self) -> BackgroundUpdates | None:
        """Return what looks after new versions, once somebody signed in."""
        ...

    @property
    def search(self) -> Searcher:
        """Return the search over residents."""
        ...

    def is_founded(self) -> bool:
        """Tell whether somebody can sign in here; if not, the wizard runs."""
        ...

    def is_bound(self) -> bool:
        """Tell whether this PC has the device secret; if not, only the recovery key opens."""
        ...

    def people(self) -> tuple[Person, ...]:
        """Return who may sign in, latest first."""
        ...

    def station(self) -> StationFacts:
        """Return the station, as remembered for the sign-in page."""
        ...

    def sign_in(self, entry_id: str, pin: str) -> Actor:
        """Check the PIN, open the database. *Slow.*

        Raises:
            InvalidInputError: wrong PIN.
            RuleError: locked after too many tries.
            StorageError: the file cannot be opened.
        """
        ...

    def enter(self, actor: Actor) -> None:
        """Let this person work: attach the runner, start what runs in the background. On the GUI thread."""
        ...

    def leave(self) -> None:
        """Lock: no writes until somebody signs in; the sync goes on."""
        ...

    def found(self, founding: Founding) -> Founded:
        """Found a station that is not in any district yet. *Slow.*"""
        ...

    def join(
        self,
        joining: Joining,
        *,
        progress: Callable[[int, int], object] = lambda _here, _there: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Founded:
        """Join a district with a one-time code. *Slow.*

        ``progress`` is told of records here and there; where ``stopping`` says so, the rest is fetched after sign-in.
        """
        ...

    def enrol(self, url: str, code: str) -> None:
        """Let this station, founded offline, join a district with a one-time code. *Slow.*

        Raises:
            ExternalError: the district cannot be reached, or does not take the code.
        """
        ...

    def devices(self) -> Mapping[str, Any]:
        """Ask the district for its devices, as far as this one may see them. *On the io lane.*

        Raises:
            ExternalError: it cannot be reached, or does not tell this role.
        """
        ...

    def office(self) -> Office:
        """Return the way to the district's ledgers."""
        ...

    def roads(self) -> Roads:
        """Return the ways round the district: the station's network, a file on a stick."""
        ...

    def recover(self, recovery_key: str, entry_id: str, new_pin: str) -> None:
        """Give this person a new PIN with the printed recovery key. *Slow.*

        Raises:
            InvalidInputError: the key was copied wrong, or the PIN is too easy.
        """
        ...

    def reset_pin(self, supervisor_entry: str, supervisor_pin: str, entry_id: str, new_pin: str) -> None:
        """Give this person a new PIN with the supervisor's PIN. *Slow.*"""
        ...

    def rebind(self, recovery_key: str, name: str, pin: str) -> str:
        """Tie a folder from another PC to this one; return the entry of the person named. *Slow.*"""
        ...

    def add_person(self, staff_id: str, name: str, role: str, pin: str) -> str:
        """Let one more member of staff sign in here; return the entry. *Slow.*"""
        ...

    def change_pin(self, entry_id: str, old_pin: str, new_pin: str) -> None:
        """Change one's own PIN. *Slow.*"""
        ...

    def remove_person(self, entry_id: str) -> None:
        """Let this person no longer sign in on this PC."""
        ...

    def warm_up(self) -> None:
        """Begin to load, in the background, what the first sign-in will need."""
        ...

    def close(self) -> None:
        """Finish the db lane, then close the database."""
        ...
