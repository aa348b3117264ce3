"""One counter PC as a whole: found it, open it with a PIN, bring its file to this program's form.

Everything here opens transactions itself: it is the boundary that the desktop, the command line and the demo share.
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db import state
from app.db.backup import make_backup
from app.db.database import Actor, Database, make_engine
from app.db.keyring import STATION_NOTE, Keyring, Person
from app.db.migrate import current, head, migrate, needs_upgrade
from app.db.pins import check_pin
from app.db.restore import finish_restore
from app.errors import NotFoundError, RuleError
from app.models.acts import ROLES, SUPERVISOR, TRAINER
from app.models.base import parse_draft
from app.models.station import Staff, StaffDraft, StationDraft
from app.paths import DataFolder
from app.services import outbox
from app.services import staff as staff_service
from app.services.stations import enter_station, find_station, found_station
from app.texts import _
from app.updates import first_start

UPGRADE = "upgrade"


@dataclass(frozen=True)
class OpenCounter:
    """An unlocked counter: its folder, its open database, its data key, and who signed in."""

    folder: DataFolder
    database: Database
    key: bytes
    actor: Actor


def is_founded(folder: DataFolder) -> bool:
    """Tell whether this folder holds a counter already."""
    return folder.keyring.exists() and folder.database.exists()


def found_counter(
    folder: DataFolder, station: Mapping[str, Any], *, supervisor: str, pin: str
) -> tuple[OpenCounter, str]:
    """Found a station offline, with this PC as its first counter; return it opened, and the recovery key to print.

    It is made beside and moved in last, so a crash leaves no half station.

    Raises:
        InvalidInputError: station, name or PIN is missing or wrong; nothing was made.
        RuleError: the folder has a counter already.
        StorageError: the folder cannot be written.
    """
    parse_draft(StationDraft, dict(station))
    parse_draft(StaffDraft, {"name": supervisor, "roles": ["supervisor"]})
    counter, recovery = prepare_counter(folder, name=supervisor, pin=pin, role="supervisor")
    try:
        with counter.database.write(counter.actor) as tx:
            found_station(tx, dict(station), supervisor=supervisor, staff_id=counter.actor.staff_id)
    except BaseException:
        discard(counter)
        raise
    return move_in(counter, folder), recovery


def prepare_counter(folder: DataFolder, *, name: str, pin: str, role: str) -> tuple[OpenCounter, str]:
    """Make an empty counter beside ``folder``; ``move_in`` puts it there when it is complete.

    Raises:
        InvalidInputError: the PIN is too easy.
        RuleError: the folder has a counter already.
        StorageError: the folder cannot be written.
    """
    check_pin(pin)
    if is_founded(folder):
        raise RuleError(_("这个文件夹已经有站点了，请直接登录"), code="counter.exists")
    beside = _beside(folder)
    shutil.rmtree(beside.root, ignore_errors=True)
    beside.create()
    keyring, recovery = Keyring.create(beside)
    key = keyring.recover(recovery)
    staff_id = clock.new_id()
    database = open_database(beside, key)
    keyring.add(key, staff_id=staff_id, name=name, role=role, pin=pin)
    return OpenCounter(beside, database, key, Actor(staff_id, name, frozenset({role}))), recovery


def _beside(folder: DataFolder) -> DataFolder:
    return DataFolder(folder.root / ".founding")


def move_in(counter: OpenCounter, folder: DataFolder) -> OpenCounter:
    """Put a prepared counter in its place and open it; the keyring last: with it, the counter counts as founded."""
    counter.database.close()
    folder.create()
    for old in (folder.database, folder.keyring):
        if old.exists():
            os.replace(old, folder.root / f"{old.name}.{clock.new_id()}.unreadable")
    os.replace(counter.folder.database, folder.database)
    os.replace(counter.folder.keyring, folder.keyring)
    shutil.rmtree(counter.folder.root, ignore_errors=True)
    database = Database(folder.database, counter.key)
    remember_station(Keyring.open(folder), database)
    return OpenCounter(folder, database, counter.key, counter.actor)


def remember_station(keyring: Keyring, database: Database) -> None:
    """Note, sealed, what must be known while the store is closed: the station, its form, where the district is."""
    with database.read() as tx:
        station = find_station(tx)
        url = state.get_state(tx.session, outbox.DISTRICT_URL)
        pin = state.get_state(tx.session, outbox.DISTRICT_PIN)
        code = state.station_code(tx.session)
    name = "" if station is None else station.name
    facts = {"code": code or "", "name": name, "schema": current(database.engine), "url": url, "pin": pin}
    keyring.remember(STATION_NOTE, json.dumps(facts, ensure_ascii=False))


def discard(counter: OpenCounter) -> None:
    """Remove a prepared counter that came to nothing."""
    counter.database.close()
    shutil.rmtree(counter.folder.root, ignore_errors=True)


def settle_staff(counter: OpenCounter, *, role: str, station_name: str = "") -> OpenCounter:
    """After the first pull: be the station's member of staff of that name, or become one in the code's role.

    ``station_name``: as the district's code names a station; its first supervisor enters it.
    """
    keyring = Keyring.open(counter.folder)
    entry = next(person for person in keyring.people() if person.staff_id == counter.actor.staff_id)
    with counter.database.write(counter.actor) as tx:
        known = staff_service.find_staff(tx, counter.actor.name)
        if known is None and role == TRAINER:
            # A trainer's laptop does not write the station's list of people: she is who the code says, here alone.
            keyring.update(entry.entry_id, name=entry.name, role=role, staff_id=counter.actor.staff_id)
            actor = Actor(counter.actor.staff_id, counter.actor.name, frozenset({role}))
            return OpenCounter(counter.folder, counter.database, counter.key, actor)
        if known is None:
            tx.act("station.found")
            values = {"name": counter.actor.name, "roles": [role]}
            draft = parse_draft(StaffDraft, values)
            known = Staff.model_validate(draft.model_dump())
            known.id = counter.actor.staff_id
            tx.add(known)
        if SUPERVISOR in known.roles:
            enter_station(tx, station_name)
        roles, staff_id = frozenset(known.roles), known.id
    keyring.update(entry.entry_id, name=entry.name, role=max(roles), staff_id=staff_id)
    return OpenCounter(counter.folder, counter.database, counter.key, Actor(staff_id, counter.actor.name, roles))


def open_database(folder: DataFolder, key: bytes) -> Database:
    """Open the store, after a backup bring it to this program's form.

    Raises:
        StorageError: newer than this program, damaged, or the wrong key.
    """
    folder.create()
    finish_restore(folder)
    engine = make_engine(folder.database, key)
    try:
        if folder.database.exists() and folder.database.stat().st_size and needs_upgrade(engine):
            make_backup(folder, key, reason=UPGRADE)
            first_start.note_forward(folder.root, head())
        migrate(engine)
    finally:
        engine.dispose()
    first_start.note_opened(folder.root, head())
    return Database(folder.database, key)


def open_counter(folder: DataFolder, *, name: str, pin: str) -> OpenCounter:
    """Sign somebody in by name and PIN, as commands do.

    Raises:
        NotFoundError: no counter here, or nobody of that name.
        InvalidInputError: wrong PIN.
        RuleError: locked after too many tries, or no longer working here.
    """
    if not is_founded(folder):
        raise NotFoundError(_("{where} 里还没有站点，请先打开程序建站或加入", where=str(folder.root)))
    keyring = Keyring.open(folder)
    person = find_person(keyring.people(), name)
    opened = sign_in(folder, keyring, person, pin)
    remember_station(keyring, opened.database)
    return opened


def find_person(people: Iterable[Person], name: str) -> Person:
    """Return the one who signs in under this name.

    Raises:
        NotFoundError: nobody does; the sentence names who does.
    """
    known = list(people)
    for person in known:
        if person.name == name:
            return person
    names = "、".join(person.name for person in known)
    raise NotFoundError(_("这台电脑上没有“{name}”，有：{names}", name=name, names=names or "—"))


def sign_in(folder: DataFolder, keyring: Keyring, person: Person, pin: str) -> OpenCounter:
    """Unlock with a PIN and open the store as that person; her roles are those of the staff record.

    Raises:
        InvalidInputError: wrong PIN.
        RuleError: locked after too many tries, or no longer working here.
        StorageError: the store cannot be opened.
    """
    key = keyring.unlock(person.entry_id, pin)
    database = open_database(folder, key)
    with database.read() as tx:
        row = tx.session.exec(select(Staff).where(col(Staff.id) == person.staff_id)).first()
    if row is not None and (not row.active or row.deleted_at is not None):
        database.close()
        raise RuleError(_("{name} 已停用，请找站长", name=person.name), code="staff.inactive")
    roles = frozenset(row.roles) if row is not None else frozenset({person.role} & set(ROLES))
    first_start.pass_trial(head())
    return OpenCounter(folder, database, key, Actor(person.staff_id, person.name, roles))
