"""After an upgrade: what an older program kept without knowing it goes where it belongs, at the first start."""

import hashlib
import json
import logging
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app import clock
from app.db import search_index, state
from app.db.database import Database, Transaction
from app.db.direct import fetch
from app.db.inserts import table_of
from app.errors import ProtocolError
from app.models.feed import FeedRecord
from app.models.operation import ServerRow
from app.models.registry import RECORD_TYPES, RecordType
from app.models.wire import from_wire
from app.services.unsent import Key, unsent_changes
from app.sync.apply import apply_entries
from app.sync.protocol import Entry, read_instant

log = logging.getLogger(__name__)

PLACED_FOR = "sync_placed_for"
"""For which form of the records this was done last."""

CHUNK = 400


def place_kept(database: Database) -> int:
    """Place kept records and fields that this program knows; return how many records. Done once for each upgrade."""
    form = form_of_records()
    with database.read() as tx:
        if state.get_state(tx.session, PLACED_FOR) == form:
            return 0
    with database.write(None) as tx:
        count = _place_records(tx) + sum(_place_fields(tx, kind) for kind in RECORD_TYPES)
        state.set_state(tx.session, PLACED_FOR, form)
    if count:
        log.info("%d records that an older program had kept were placed", count)
    return count


def form_of_records() -> str:
    """Return a short mark of every type and field that this program knows."""
    known = "|".join(f"{kind.name}:{','.join(sorted(kind.fields))}" for kind in RECORD_TYPES)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _place_records(tx: Transaction) -> int:
    """Make rows of the records whose type was not known."""
    table = table_of(FeedRecord)
    names = [kind.name for kind in RECORD_TYPES]
    where = "json_type(kept) = 'object' AND record_type IN (SELECT value FROM json_each(:names))"
    keys = tx.sql(f"SELECT record_type, record_id FROM feed_record WHERE {where}", names=_json(names))  # noqa: S608
    count = 0
    for start in range(0, len(keys), CHUNK):
        ids = [record_id for _kind, record_id in keys[start : start + CHUNK]]
        rows = tx.rows(select(table).where(table.c.record_type.in_(names), table.c.record_id.in_(ids)))
        entries = [_entry(row) for row in rows if isinstance(row.kept, dict)]
        if _placed(tx, entries):
            count += len(entries)
        else:  # one does not fit: it stays kept, and keeps none of the others back
            count += sum(_placed(tx, [entry]) for entry in entries)
    return count


def _placed(tx: Transaction, entries: list[Entry]) -> bool:
    try:
        with tx.session.begin_nested():
            apply_entries(tx, entries, as_of_now=True)
    except (DBAPIError, ProtocolError) as problem:
        log.warning("kept records do not fit: %s", type(problem).__name__)
        return False
    return True


def _json(names: list[str]) -> str:
    return "[" + ",".join(f'"{name}"' for name in names) + "]"


def _entry(row: Any) -> Entry:
    made = row.kept.get("created_at")
    return Entry(
        feed=row.feed,
        seq=row.rev,
        op="",
        act="",
        actor=row.kept.get("created_by"),
        made_at=read_instant(made) if made else clock.now(),
        type=row.record_type,
        id=row.record_id,
        rev=row.rev,
        values=row.kept,
    )


def _place_fields(tx: Transaction, kind: RecordType) -> int:
    """Put fields that were not known into their columns; one with an unsent edit stands as it is."""
    table = table_of(kind.model)
    query = f"SELECT id, extra FROM {table.name} WHERE extra != '{{}}'"  # noqa: S608 - a table of ours
    found = ((record_id, json.loads(str(extra))) for record_id, extra in fetch(tx.session.connection(), query))
    kept = {
        record_id: fields
        for record_id, fields in found
        if isinstance(fields, dict) and fields.keys() & kind.fields.keys()
    }
    if not kept:
        return 0
    unsent = unsent_changes(tx, [(kind.name, record_id) for record_id in kept])
    connection = tx.session.connection()
    for record_id, fields in kept.items():
        waiting = unsent.get((kind.name, record_id), {})
        values, left = _split(kind, fields)
        fresh = {name: value for name, value in values.items() if name not in waiting}
        with tx.applying():
            connection.execute(update(table).where(table.c.id == record_id).values({**fresh, "extra": left}))
        _place_ground(tx, (kind.name, record_id), {name: fields[name] for name in values})
        if kind.search is not None:
            row = connection.execute(select(table).where(table.c.id == record_id)).mappings().one()
            search_index.put(connection, kind, record_id, dict(row))
    tx.session.expire_all()
    tx.touched.add(kind.name)
    return len(kept)


def _place_ground(tx: Transaction, key: Key, values: dict[str, Any]) -> None:
    """Let the ground of unsent work say it too: what the district said of the field must not go when the work goes."""
    ground = tx.session.get(ServerRow, key)
    if ground is not None:
        here = (col(ServerRow.record_type) == key[0], col(ServerRow.record_id) == key[1])
        said = {**ground.fields, **values}
        tx.session.connection().execute(update(table_of(ServerRow)).where(*here).values({"fields": said}))


def _split(kind: RecordType, fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of known fields, and what stays kept: unknown, or not of the kind that the field is."""
    table = table_of(kind.model)
    values: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in kind.fields or (value is None and not table.c[name].nullable):
            left[name] = value
            continue
        try:
            values[name] = from_wire(kind.fields[name], value)
        except (TypeError, ValueError, OverflowError):
            left[name] = value
    return values, left
