"""One counter as the desktop sees it: settings, keyring, database, runner, backups and sync of one data folder.

``Counter`` is the front door (``app.ui.door.Door``). ``app.bootstrap`` builds it, after the first paint.

To show who may sign in takes the keyring alone; the database and the services are imported by ``warm_up`` behind the
sign-in page, or by the first method that needs them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from app.config import SettingsStore
from app.db.keyring import STATION_NOTE, Keyring
from app.db.pins import check_pin
from app.errors import BugError, NotAllowedError, NotFoundError
from app.paths import DataFolder
from app.texts import _
from app.ui.context import Found, StationFacts
from app.ui.door import Founded, Founding, Joining, Person
from app.ui.tasks import TaskRunner

if TYPE_CHECKING:
    from app.db.database import Actor, Database, Transaction
    from app.services.counters import OpenCounter
    from app.services.residents import ResidentHit
    from app.sync.lan import LanExchange
    from app.sync.ledger_office import Office
    from app.sync.roads import Roads
    from app.ui.background_sync import BackgroundSync
    from app.ui.updating.background import BackgroundUpdates

log = logging.getLogger(__name__)

BACKUP_LOOK_MS = 5 * 60 * 1000
DRAFTS_NOTE = "drafts"


class Counter:
    """One data folder with everything that works on it."""

    def __init__(self, folder: DataFolder, *, inline: bool = False, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.store = SettingsStore(folder.root / "settings.json", environ)
        self.runner = TaskRunner(inline=inline)
        self.database: Database | None = None
        self.sync: BackgroundSync | None = None
        self.updates: BackgroundUpdates | None = None
        self._lan: LanExchange | None = None
        self._keyring: Keyring | None = None
        self._data_key = b""
        self._backups = QTimer(self.runner, interval=BACKUP_LOOK_MS)
        self._backups.timeout.connect(self._back_up)

    # Before anybody is signed in

    @property
    def keyring(self) -> Keyring:
        """Return the keyring of a founded counter."""
        if self._keyring is None:
            self._keyring = Keyring.open(self.folder)
        return self._keyring

    def is_founded(self) -> bool:
        """Tell whether there is a counter here: founding moves the keyring in last."""
        return self.folder.keyring.exists() and self.folder.database.exists()

    def is_bound(self) -> bool:
        """Tell whether this PC has the device secret and somebody may sign in."""
        return self.keyring.bound and bool(self.keyring.people())

    def people(self) -> tuple[Person, ...]:
        """Return who may sign in, latest first, with the drafts kept for each."""
        kept: dict[str, int] = json.loads(self.keyring.recall(DRAFTS_NOTE) or "{}")
        return tuple(
            Person(
                each.entry_id,
                each.staff_id,
                each.name,
                each.role,
                each.last_signed_in_at,
                each.tries_left,
                each.locked_for,
                kept.get(each.staff_id, 0),
            )
            for each in self.keyring.people()
        )

    def station(self) -> StationFacts:
        """Return the station as last seen; the database may be closed."""
        window = self.store.current.window_name
        note = self.keyring.recall(STATION_NOTE) if self.is_founded() else None
        facts = json.loads(note) if note else {}
        return StationFacts(facts.get("code", ""), facts.get("name", ""), window)

    def sign_in(self, entry_id: str, pin: str) -> Actor:
        """Check the PIN and open the database; it stays open while the PC is locked, for the sync.

        Raises:
            InvalidInputError: wrong PIN.
            RuleError: locked after too many tries, or no longer working here.
            StorageError: the file cannot be opened.
        """
        from app.services import counters

        person = next((each for each in self.keyring.people() if each.entry_id == entry_id), None)
        if person is None:
            raise NotFoundError(_("这位已不在这台电脑上登录，请重新选人。"))
        opened = counters.sign_in(self.folder, self.keyring, person, pin)
        if self.database is None:
            self.database, self._data_key = opened.database, opened.key
            counters.remember_station(self.keyring, opened.database)
        else:
            opened.database.close()
        return opened.actor

    # In and out

    def enter(self, actor: Actor) -> None:
        """Let this person work."""
        self.runner.attach(self._opened(), actor)
        self._backups.start()
        if self.sync is None:
            self._start_sync(self._opened())

    def _start_sync(self, database: Database) -> None:
        """Start the background sync; at a station that has not joined, it only looks whether it has."""
        from app.sync.loop import SyncLoop
        from app.ui.background_sync import BackgroundSync
        from app.ui.updating.background import look_after

        ca = self.store.current.district_ca or None
        self.sync = BackgroundSync(
            SyncLoop(database, every=lambda: self.store.current.sync_seconds, ca=ca), self.runner
        )
        self.sync.start()
        self.updates = look_after(database, self.runner, self.store, self.sync)

    def lan(self) -> LanExchange:
        """Return this counter's part in the exchange on the station's network; it ends with the counter."""
        from app.sync.lan import LanExchange

        database = self._opened()
        if self._lan is None:
            self._lan = LanExchange(database)
        return self._lan

    def _back_up(self) -> None:
        from app.db.backup import backup_if_due

        every = timedelta(minutes=self.store.current.backup_minutes)
        self.runner.io(partial(backup_if_due, self.folder, self._data_key, every=every))

    def leave(self) -> None:
        """Lock: no more writes; note whose drafts are kept, behind the writes still in the lane."""
        from app.services import drafts

        self.runner.sign_out()
        self.runner.read(drafts.count_drafts, self._note_drafts)

    def _note_drafts(self, counts: dict[str, int]) -> None:
        self.keyring.remember(DRAFTS_NOTE, json.dumps(counts))

    def search(self, tx: Transaction, words: str, *, limit: int) -> Sequence[Found]:
        """Find residents while one types."""
        from app.services import residents

        hits = residents.search_residents(tx, words, limit=limit)
        return [Found(hit.id, hit.name, _note_of(hit)) for hit in hits]

    # Founding, joining, recovering

    def found(self, founding: Founding) -> Founded:
        """Found a station offline.

        Raises:
            InvalidInputError: a field is missing or wrong, or the PIN too easy.
            RuleError: the folder has a counter already.
        """
        from app.services import counters

        opened, recovery_key = counters.found_counter(
            self.folder, _station_values(founding), supervisor=founding.supervisor, pin=founding.pin
        )
        return self._settle(opened, recovery_key, founding.window_name)

    def join(
        self,
        joining: Joining,
        *,
        progress: Callable[[int, int], object] = lambda _here, _there: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Founded:
        """Join a district with a one-time code.

        Raises:
            OfflineError: the district cannot be reached.
            AuthError: the code is wrong, used, or too old.
        """
        from app.sync.joining import join_district

        joined = join_district(
            self.folder,
            joining.url,
            joining.code,
            name=joining.staff_name,
            pin=joining.pin,
            device=joining.device_name or _name_of_pc(),
            ca=self.store.current.district_ca or None,
            progress=progress,
            stopping=stopping,
        )
        return self._settle(joined.counter, joined.recovery_key, joining.device_name)

    def enrol(self, url: str, code: str) -> None:
        """Let this station, founded offline, join a district with a one-time code; the sync finds out by itself.

        Raises:
            ExternalError: the district cannot be reached, or does not take the code.
            RuleError: the code is another station's.
        """
        from app.sync.membership import enrol

        database = self._opened()
        device = self.store.current.window_name or _name_of_pc()
        enrol(database, url, code, device, ca=self.store.current.district_ca or None)
        if self.sync is not None:
            self.sync.sync_now()

    def devices(self) -> Mapping[str, Any]:
        """Ask the district for its devices.

        Raises:
            ExternalError: it cannot be reached, or does not tell this role.
        """
        from app.sync.asking import ask_devices

        return ask_devices(self._opened(), ca=self.store.current.district_ca or None)

    def office(self) -> Office:
        """Return the way to the district's ledgers."""
        from app.sync.ledger_office import Office

        return Office(self._opened(), self.store.current.district_ca or None)

    def roads(self) -> Roads:
        """Return the ways round the district: the station's network, a file on a stick."""
        from app.sync.roads import Roads

        return Roads(self._opened(), self.lan())

    def _opened(self) -> Database:
        if self.database is None:
            raise BugError("asked for before sign_in")
        return self.database

    def _settle(self, opened: OpenCounter, recovery_key: str, window: str) -> Founded:
        """Note what the sign-in page shows, and close: the person signs in with the new PIN."""
        self._keyring = None
        opened.database.close()
        if window:
            self.store.change("window_name", window)
        entry = next(each.entry_id for each in self.keyring.people() if each.staff_id == opened.actor.staff_id)
        return Founded(self.station(), entry, recovery_key, self.keyring.describe())

    def recover(self, recovery_key: str, entry_id: str, new_pin: str) -> None:
        """Give this person a new PIN with the printed recovery key.

        Raises:
            InvalidInputError: the key was copied wrong, or the PIN is too easy.
        """
        check_pin(new_pin, field="new_pin")
        self.keyring.reset_pin(self.keyring.recover(recovery_key), entry_id, new_pin)

    def reset_pin(self, supervisor_entry: str, supervisor_pin: str, entry_id: str, new_pin: str) -> None:
        """Give this person a new PIN with the supervisor's own.

        Raises:
            InvalidInputError: the supervisor's PIN is wrong, or the new one too easy.
            NotAllowedError: that is not a supervisor.
        """
        check_pin(new_pin, field="new_pin")
        boss = next((each for each in self.keyring.people() if each.entry_id == supervisor_entry), None)
        if boss is None or boss.role != "supervisor":
            raise NotAllowedError(_("要站长才能给别人换 PIN。"))
        self.keyring.reset_pin(self.keyring.unlock(supervisor_entry, supervisor_pin), entry_id, new_pin)

    def rebind(self, recovery_key: str, name: str, pin: str) -> str:
        """Tie a folder from another PC to this one, for one supervisor by name; return that person's entry.

        Raises:
            InvalidInputError: the recovery key is wrong, or the PIN too easy.
            NotFoundError: nobody of that name works here.
        """
        from app.db.database import Database
        from app.services import staff

        check_pin(pin)
        key = self.keyring.recover(recovery_key)
        database = Database(self.folder.database, key)
        try:
            with database.read() as tx:
                person = staff.find_staff(tx, name.strip())
        finally:
            database.close()
        if person is None or not person.active:
            raise NotFoundError(_("这份数据里没有叫“{name}”的在岗人员，请写全名。", name=name))
        keyring, key = Keyring.rebind(self.folder, recovery_key)
        self._keyring = keyring
        return keyring.add(key, staff_id=person.id, name=person.name, role=person.roles[0], pin=pin)

    # People of this PC

    def add_person(self, staff_id: str, name: str, role: str, pin: str) -> str:
        """Let one more member of staff sign in on this PC; a signed-in supervisor's act.

        Raises:
            InvalidInputError: the PIN is too easy.
            RuleError: this person signs in here already.
        """
        return self.keyring.add(self._data_key, staff_id=staff_id, name=name, role=role, pin=pin)

    def change_pin(self, entry_id: str, old_pin: str, new_pin: str) -> None:
        """Change one's own PIN.

        Raises:
            InvalidInputError: the old PIN is wrong, or the new one too easy or the same.
        """
        self.keyring.change_pin(entry_id, old_pin, new_pin)

    def remove_person(self, entry_id: str) -> None:
        """Let this person no longer sign in on this PC.

        Raises:
            RuleError: nobody would be left.
        """
        self.keyring.remove(entry_id)

    def renew_recovery(self) -> str:
        """Make a new recovery key to print; the old paper opens nothing any more."""
        return self.keyring.renew_recovery(self._data_key)

    def warm_up(self) -> None:
        """Import what the first sign-in will need, off the GUI thread, while somebody types the PIN."""
        self.runner.db(_import_all)

    def close(self) -> None:
        """Finish the db lane, then close the database and the log."""
        self._backups.stop()
        if self.updates is not None:
            self.updates.stop()
        if self.sync is not None:
            self.sync.stop()
        if self._lan is not None:
            self._lan.stop()
        self.runner.close()
        if self.database is not None:
            self.database.close()
            self.database = None
        self._data_key = b""


def _import_all() -> None:
    for name in ("app.services.counters", "app.services.drafts", "app.services.residents", "app.sync.loop"):
        import_module(name)


def _name_of_pc() -> str:
    import platform  # only to join a district

    return platform.node() or "counter"


def _station_values(founding: Founding) -> dict[str, object]:
    return {
        "name": founding.station_name,
        "code": founding.station_code,
        "county_code": founding.county_code,
        "street_name": founding.street_name or None,
    }


def _note_of(hit: ResidentHit) -> str:
    """Return what tells a person from the next of the same name: birth date, tail of the phone, building."""
    from app.models.masking import mask_address, mask_mobile

    parts = [
        f"{hit.birth_date:%Y-%m-%d}" if hit.birth_date else "",
        mask_mobile(hit.mobile),
        mask_address(hit.live_addr),
    ]
    return " · ".join(part for part in parts if part)
