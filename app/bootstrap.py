"""Composition root of the counter: builds settings, keyring, database, runner, sync, and hands them on.

``Counter`` is the front door that the desktop sees (``app.ui.door.Door``); the commands use it too.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import clock, logs
from app.config import SettingsStore
from app.db import migrate
from app.db.database import Actor, Database, Transaction
from app.db.keyring import Keyring
from app.db.pins import check_pin
from app.errors import BugError, InvalidInputError, NotAllowedError, NotFoundError
from app.paths import DataFolder
from app.services import drafts, residents, staff, stations
from app.texts import _
from app.ui.context import Found, StationFacts, SyncControl
from app.ui.door import Founded, Founding, Joining, Person
from app.ui.tasks import TaskRunner

if TYPE_CHECKING:
    from app.db.keyring_file import Cost
    from app.db.secret_store import SecretStore

log = logging.getLogger(__name__)

STATION_NOTE, DRAFTS_NOTE = "station", "drafts"


class Counter:
    """One data folder with everything that works on it."""

    def __init__(
        self,
        folder: DataFolder,
        *,
        inline: bool = False,
        environ: Mapping[str, str] | None = None,
        secrets: SecretStore | None = None,
        cost: Cost | None = None,
    ) -> None:
        self.folder = folder
        self.store = SettingsStore(folder.root / "settings.json", environ)
        self.runner = TaskRunner(inline=inline)
        self.database: Database | None = None
        self.sync: SyncControl | None = None
        self._secrets = secrets
        self._cost = cost
        self._keyring: Keyring | None = None
        self._data_key = b""

    # Before anybody is signed in

    @property
    def keyring(self) -> Keyring:
        """Return the keyring of a founded counter."""
        if self._keyring is None:
            self._keyring = Keyring.open(self.folder, store=self._secrets, cost=self._cost)
        return self._keyring

    def is_founded(self) -> bool:
        """Tell whether there is a keyring: founding writes it last."""
        return self.folder.keyring.exists()

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
        """Check the PIN and open the database.

        Raises:
            InvalidInputError: wrong PIN.
            RuleError: locked after too many tries.
            NotAllowedError: this person no longer works here.
            StorageError: the file cannot be opened.
        """
        key = self.keyring.unlock(entry_id, pin)
        person = next(each for each in self.keyring.people() if each.entry_id == entry_id)
        database = self.open_database(key)
        with database.read() as tx:
            known = next((each for each in staff.list_staff(tx) if each.id == person.staff_id), None)
            if known is not None and not known.active:
                raise NotAllowedError(_("{name}已不在本站，不能登录。", name=person.name), code="staff.left")
            roles = frozenset(known.roles) if known is not None else frozenset({person.role})
            name = known.name if known is not None else person.name
        return Actor(person.staff_id, name, roles)

    def open_database(self, key: bytes) -> Database:
        """Open the file and bring it to this program's form; once per run."""
        if self.database is None:
            database = Database(self.folder.database, key)
            try:
                self._upgrade(database)
                self._remember_station(database)
            except BaseException:
                database.close()
                raise
            self.database, self._data_key = database, key
        return self.database

    def _upgrade(self, database: Database) -> None:
        """Migrate, after a backup if the file holds an older form."""
        if migrate.needs_upgrade(database.engine):
            from app.db.backup import back_up  # only when the program is newer than the file

            back_up(database, self.folder, why="upgrade")
        migrate.migrate(database.engine)

    def _remember_station(self, database: Database) -> None:
        with database.read() as tx:
            station = stations.find_station(tx)
        if station is not None:
            note = json.dumps({"code": station.code, "name": station.name}, ensure_ascii=False)
            self.keyring.remember(STATION_NOTE, note)

    # In and out

    def enter(self, actor: Actor) -> None:
        """Let this person work."""
        if self.database is None:
            raise BugError("enter before sign_in")
        self.runner.attach(self.database, actor)

    def leave(self) -> None:
        """Lock: no more writes; note whose drafts are kept, behind the writes still in the lane."""
        self.runner.sign_out()
        self.runner.read(drafts.count_drafts, self._note_drafts)

    def _note_drafts(self, counts: dict[str, int]) -> None:
        self.keyring.remember(DRAFTS_NOTE, json.dumps(counts))

    def search(self, tx: Transaction, words: str, *, limit: int) -> Sequence[Found]:
        """Find residents while one types."""
        hits = residents.search_residents(tx, words, limit=limit)
        return [Found(hit.id, hit.name, _note_of(hit)) for hit in hits]

    # Founding, joining, recovering

    def found(self, founding: Founding) -> Founded:
        """Found a station offline. Everything is made beside and moved in last, so a crash leaves no half station.

        Raises:
            InvalidInputError: a field is missing or wrong, or the PIN too easy.
        """
        check_pin(founding.pin)
        beside = DataFolder(self.folder.root / ".founding")
        shutil.rmtree(beside.root, ignore_errors=True)
        beside.create()
        keyring, recovery_key = Keyring.create(beside, store=self._secrets, cost=self._cost)
        key = keyring.recover(recovery_key)
        staff_id = clock.new_id()
        actor = Actor(staff_id, founding.supervisor, frozenset({"supervisor"}))
        database = Database(beside.database, key)
        try:
            migrate.migrate(database.engine)
            with database.write(actor) as tx:
                stations.found_station(tx, _station_values(founding), supervisor=founding.supervisor, staff_id=staff_id)
        finally:
            database.close()
        entry = keyring.add(key, staff_id=staff_id, name=founding.supervisor, role="supervisor", pin=founding.pin)
        facts = StationFacts(founding.station_code, founding.station_name, founding.window_name)
        keyring.remember(STATION_NOTE, json.dumps({"code": facts.code, "name": facts.name}, ensure_ascii=False))
        self._move_in(beside)
        if founding.window_name:
            self.store.change("window_name", founding.window_name)
        return Founded(facts, entry, recovery_key, keyring.describe())

    def _move_in(self, beside: DataFolder) -> None:
        """Put the made files in place; the keyring last: with it, the counter counts as founded."""
        if self.folder.database.exists():
            os.replace(self.folder.database, self.folder.root / f"doorstep.db.{clock.new_id()}.unreadable")
        os.replace(beside.database, self.folder.database)
        os.replace(beside.keyring, self.folder.keyring)
        shutil.rmtree(beside.root, ignore_errors=True)
        self._keyring = None

    def join(self, joining: Joining, told: Callable[[str], object]) -> Founded:
        """Join a district with a one-time code.

        Raises:
            OfflineError: the district cannot be reached.
            AuthError: the code is wrong, used, or too old.
        """
        from app.sync.joining import join_district  # the network's libraries, only when they are needed

        raise BugError(f"{join_district} is not wired")

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
        keyring, key = Keyring.rebind(self.folder, recovery_key, store=self._secrets, cost=self._cost)
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

    def close(self) -> None:
        """Finish the db lane, then close the database and the log."""
        self.runner.close()
        if self.database is not None:
            self.database.close()
            self.database = None
        self._data_key = b""


def open_counter(
    root: Path,
    *,
    inline: bool = False,
    environ: Mapping[str, str] | None = None,
    secrets: SecretStore | None = None,
    cost: Cost | None = None,
) -> Counter:
    """Open a data folder: make it if need be, start its log, hand back the closed counter."""
    folder = DataFolder(root)
    folder.create()
    logs.set_up(folder.logs)
    return Counter(folder, inline=inline, environ=environ, secrets=secrets, cost=cost)


def run_desktop(root: Path, *, language: str | None = None) -> int:
    """Open the window, then everything else; return the exit status."""
    from app.ui.start import run

    return run(root, language=language, open_door=open_counter)


def _station_values(founding: Founding) -> dict[str, object]:
    return {
        "name": founding.station_name,
        "code": founding.station_code,
        "county_code": founding.county_code,
        "street_name": founding.street_name or None,
    }


def _note_of(hit: residents.ResidentHit) -> str:
    """Return what tells a person from the next of the same name: birth date, tail of the phone, address."""
    parts = [f"{hit.birth_date:%Y-%m-%d}" if hit.birth_date else "", f"*{hit.mobile[-4:]}" if hit.mobile else ""]
    if hit.live_addr:
        parts.append(hit.live_addr[:14])
    return " · ".join(part for part in parts if part)


__all__ = ["Counter", "InvalidInputError", "open_counter", "run_desktop"]
