"""The district's answers to what was pushed: stored by operation, and what follows from them here."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, Update, bindparam, delete, func, select, update

from app import clock
from app.db import search_index
from app.db.database import Transaction
from app.db.direct import run_many
from app.db.inserts import table_of
from app.models.operation import APPLIED, HELD, LOCAL, PARKED, PENDING, Operation, ServerRow
from app.models.registry import RecordType, find_type
from app.models.wire import from_wire
from app.services.outbox import reissue_held
from app.services.overlay import shielded
from app.services.unsent import ACCEPTED, set_aside_superseded
from app.sync.neighbours import refresh, waits_for_neighbour
from app.sync.protocol import BUILDS_ON_REFUSED, REFUSED, Result, dumps
from app.sync.unsealing import say_anew

Key = tuple[str, str]
"""Record type, record id."""

_SOME_RETURNED = f"SELECT 1 FROM operation WHERE state IN ('{PARKED}', '{HELD}') LIMIT 1"  # noqa: S608 - states of ours
_SET_REV = "UPDATE operation_edit SET rev = ? WHERE op = ? AND record_type = ? AND record_id = ?"
_GROUNDS = (
    "SELECT record_id, rev, fields FROM server_row"
    " WHERE record_type = :kind AND record_id IN (SELECT value FROM json_each(:ids))"
)
_CHANGES = (
    "SELECT op, record_type, record_id, changes FROM operation_edit"
    " WHERE op IN (SELECT value FROM json_each(:ops)) ORDER BY op, position"
)


@dataclass(frozen=True)
class _Ground:
    """What the district last said of a record with unsent edits here, as of which revision."""

    rev: int
    fields: dict[str, Any]


def store_results(tx: Transaction, results: Sequence[Result]) -> None:
    """Store each answer with its operation; a refused one stays, parked, until a person settles it."""
    say_anew(tx, results)
    _store_states(tx, results)
    _store_revs(tx, results)
    tx.session.expire_all()
    accepted = {result.op: result for result in results if result.outcome in ACCEPTED}
    if accepted:
        _settle(tx, list(accepted.values()))
        refresh(tx, {(kind, record_id) for result in accepted.values() for kind, record_id, *_rest in result.records})
        if tx.sql(_SOME_RETURNED):
            touched = {record_id for result in accepted.values() for _kind, record_id, *_rest in result.records}
            if reissue_held(tx, touched | _record_ids(tx, accepted)):
                tx.session.flush()
            set_aside_superseded(tx)
    tx.touched.update(kind for result in results for kind, *_rest in result.records)


def _store_states(tx: Transaction, results: Sequence[Result]) -> None:
    """Write what became of each operation: those with the same answer by one statement."""
    now = clock.now()
    groups: dict[tuple[Any, ...], list[str]] = {}
    for result in results:
        answer = (_state_of(tx, result), result.code, result.text, _short(result.field))
        groups.setdefault(answer, []).append(result.op)
    for (name, code, text, field), ops in groups.items():
        values = {"new": name, "code": code, "text": text, "field": field, "at": now, "ops": dumps(ops)}
        tx.session.connection().execute(_SET_STATE, values)


def _set_state() -> Update:
    table = table_of(Operation)
    wanted = func.json_each(bindparam("ops", type_=Text)).table_valued("value")
    return (
        update(table)
        .where(table.c.op.in_(select(wanted.c.value)), table.c.origin == LOCAL, table.c.state == PENDING)
        .values(state=bindparam("new"), answered_at=bindparam("at"))
        .values({each: bindparam(each) for each in ("code", "text", "field")})
    )


_SET_STATE = _set_state()


def _state_of(tx: Transaction, result: Result) -> str:
    if result.outcome in ACCEPTED:
        return result.outcome
    # An outcome of a newer server: its code and text are shown, nothing is taken as done.
    if result.outcome != REFUSED:
        return PARKED
    return HELD if result.code == BUILDS_ON_REFUSED or waits_for_neighbour(tx, result.op, result.code) else PARKED


def _store_revs(tx: Transaction, results: Sequence[Result]) -> None:
    """Note which revisions the edits became."""
    rows = [(rev, result.op, kind, record_id) for result in results for kind, record_id, rev, _values in result.records]
    if rows:
        run_many(tx.session.connection(), _SET_REV, rows)


def _short(name: str | None) -> str | None:
    return None if name is None else str(name)[:60]


def _record_ids(tx: Transaction, ops: Iterable[str]) -> set[str]:
    query = "SELECT DISTINCT record_id FROM operation_edit WHERE op IN (SELECT value FROM json_each(:ops))"
    return {record_id for (record_id,) in tx.sql(query, ops=dumps(list(ops)))}


def _settle(tx: Transaction, results: Sequence[Result]) -> None:
    """Take the district's word for the fields of accepted operations, where the two may differ.

    After a plain ``applied`` on a record without a ground they cannot: the row shows what was pushed. Revisions and
    others' fields come by pull. An answer may be older than what came since: the district repeats the one of the first
    time, also where a page has told of later entries already. Then the ground knows better.
    """
    grounds = _grounds(tx, {(kind, record_id) for result in results for kind, record_id, *_rest in result.records})
    doubtful = [
        result
        for result in results
        if result.outcome != APPLIED or any((kind, record_id) in grounds for kind, record_id, *_rest in result.records)
    ]
    if not doubtful:
        return
    pushed = _pushed_fields(tx, [result.op for result in doubtful])
    waiting = shielded(tx, [(kind, record_id) for result in doubtful for kind, record_id, *_rest in result.records])
    shown: dict[Key, dict[str, Any]] = {}
    for result in doubtful:
        for kind, record_id, rev, told in result.records:
            key = (kind, record_id)
            sent = pushed.get((result.op, *key), {})
            ground = grounds.get(key)
            late = ground is not None and rev <= ground.rev
            values = ground.fields if ground is not None and late else sent if told is None else told
            names = [name for name in sent if name in values]
            unsent = waiting.get(key, {})
            if result.outcome != APPLIED or ground is not None:
                shown.setdefault(key, {}).update({name: values[name] for name in names if name not in unsent})
            if ground is not None and not late:
                ground.fields.update({name: values[name] for name in names})
    _show(tx, shown)
    kept = {key: ground.fields for key, ground in grounds.items() if key in waiting}
    _write_grounds(tx, kept, grounds.keys() - kept.keys())


def _grounds(tx: Transaction, keys: Set[Key]) -> dict[Key, _Ground]:
    """Return what the district last said of those of these records that have a ground here."""
    return {
        (kind, record_id): _Ground(rev, json.loads(fields))
        for kind, ids in _by_type(keys).items()
        for record_id, rev, fields in tx.sql(_GROUNDS, kind=kind, ids=dumps(ids))
    }


def _write_grounds(tx: Transaction, kept: Mapping[Key, Any], gone: Iterable[Key]) -> None:
    """Write the grounds of records with work still unsent; forget those of the others."""
    table = table_of(ServerRow)
    here = (table.c.record_type == bindparam("its_type"), table.c.record_id == bindparam("its_id"))
    rows = [{"its_type": kind, "its_id": record_id, "said": fields} for (kind, record_id), fields in kept.items()]
    if rows:
        statement = update(table).where(*here).values({"fields": bindparam("said", type_=table.c["fields"].type)})
        tx.session.connection().execute(statement, rows)
    keys = [{"its_type": kind, "its_id": record_id} for kind, record_id in gone]
    if keys:
        tx.session.connection().execute(delete(table).where(*here), keys)


def _pushed_fields(tx: Transaction, ops: Sequence[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return {(operation, type, id): {field: value}} of what was pushed."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for op, kind, record_id, changes in tx.sql(_CHANGES, ops=dumps(list(ops))):
        sent = found.setdefault((op, kind, record_id), {})
        sent.update({name: new for name, (_old, new) in json.loads(changes).items()})
    return found


def _by_type(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, record_id in sorted(keys):
        found.setdefault(kind, []).append(record_id)
    return found


def _pieces(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + 400] for start in range(0, len(items), 400))


def _show(tx: Transaction, shown: Mapping[Key, Mapping[str, Any]]) -> None:
    """Set fields of this device's rows to what the district said, where they are not so already."""
    for name, ids in _by_type(shown).items():
        kind = find_type(name)
        if kind is None:
            continue
        table = table_of(kind.model)
        for piece in _pieces(ids):
            rows = tx.session.connection().execute(select(table).where(table.c.id.in_(piece))).mappings().all()
            for row in rows:
                _show_row(tx, kind, dict(row), shown[name, row["id"]])


def _show_row(tx: Transaction, kind: RecordType, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    table = table_of(kind.model)
    known = {
        name: from_wire(kind.fields[name], value)
        for name, value in values.items()
        if name in kind.fields and not (value is None and not table.c[name].nullable)
    }
    fresh = {name: value for name, value in known.items() if row[name] != value}
    if not fresh:
        return
    connection = tx.session.connection()
    with tx.applying():
        connection.execute(update(table).where(table.c.id == row["id"]).values(fresh))
    tx.session.expire_all()
    search_index.put(connection, kind, row["id"], {**row, **fresh})
