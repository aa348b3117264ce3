"""Writes the operation in the transaction that makes the rows.

Nobody queues by hand: every flush is looked at, and at commit one ``operation`` with its edits is written beside the
rows; a crash leaves both or neither. Statements that would change a record behind the capture's back are refused.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, insert, inspect
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session

from app import clock
from app.db import search_index, state
from app.db.chain import link_operation
from app.db.inserts import insert_rows, table_of
from app.db.unconfirmed import BEYOND, unconfirmed_keys
from app.errors import BugError
from app.models.base import Record
from app.models.operation import Operation, OperationEdit, ServerRow
from app.models.registry import RECORD_TYPES, RecordType, type_of
from app.models.wire import to_wire

if TYPE_CHECKING:
    from app.db.transaction import Transaction


_LAST_SEQ = "SELECT max(seq) FROM operation WHERE device = ?"
_AS_IS = frozenset({str, int, bool, float})


@dataclass
class Edit:
    """One record's changes so far in this transaction: ``changes`` = {field: [old, new]} as on the wire."""

    type: RecordType
    row: Record
    base: int
    changes: dict[str, list[Any]] = field(default_factory=dict)
    is_new: bool = False

    def note(self, name: str, old: Any, new: Any) -> None:
        """Add a change; the first old value and the last new one count."""
        known = self.changes.get(name)
        if known is not None:
            old = known[0]
        if old == new:
            self.changes.pop(name, None)
        else:
            self.changes[name] = [old, new]


class Capture:
    """What one transaction changed, in the order in which records were first touched."""

    def __init__(self) -> None:
        self.edits: dict[tuple[str, str], Edit] = {}
        self.new_rows: list[Record] = []

    def store_new(self, session: OrmSession) -> None:
        """Insert the rows that ``Transaction.add`` was given, and hand them to the session as if read from it.

        The ORM's unit of work would cost as much as all the rest of a registration.
        """
        rows, self.new_rows = self.new_rows, []
        connection = session.connection()
        for row in rows:
            row.updated_at = row.updated_at or clock.now()
            insert_rows(connection, table_of(type(row)), [row.__dict__])
            self._note(type_of(type(row)), row, row.__dict__)
            make_transient_to_detached(row)
            session.add(row)

    def collect(self, session: OrmSession) -> None:
        """Look at everything a flush is about to write."""
        for row in session.new:
            if isinstance(row, Record):
                self._collect_new(row)
        # The session's own order is that of the memory: an act would be written otherwise each time it is played.
        for row in sorted((each for each in session.dirty if isinstance(each, Record)), key=lambda each: each.id):
            self._collect_changed(row)
        for row in session.deleted:
            if isinstance(row, Record):
                raise BugError(f"{type(row).__name__} rows are never removed: mark them by Transaction.remove")

    def _collect_new(self, row: Record) -> None:
        kind = type_of(type(row))
        row.updated_at = row.updated_at or clock.now()
        edit = self.edits.setdefault((kind.name, row.id), Edit(kind, row, 0))
        values = row.__dict__
        for name in kind.fields:
            value = values.get(name)
            if value is not None and value != [] and value != {}:
                edit.note(name, None, to_wire(value))

    def note_many(self, kind: RecordType, rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any]) -> None:
        """Take in new rows that were written in bulk: their edits are the same as those of rows added alone."""
        shared = _new_changes(kind, common)
        for own in rows:
            row = cast(Record, SimpleNamespace(**own))
            self.edits[kind.name, row.id] = Edit(kind, row, 0, shared | _new_changes(kind, own), is_new=True)

    def _note(self, kind: RecordType, row: Record, values: Mapping[str, Any]) -> None:
        self.edits[kind.name, row.id] = Edit(kind, row, 0, _new_changes(kind, values), is_new=True)

    def _collect_changed(self, row: Record) -> None:
        kind = type_of(type(row))
        attributes = inspect(row).attrs
        changed = False
        edit = self.edits.get((kind.name, row.id))
        for name in kind.fields:
            history = attributes[name].history
            if not history.has_changes():
                continue
            old = to_wire(history.deleted[0]) if history.deleted else None
            new = to_wire(history.added[0]) if history.added else None
            if old == new:
                continue
            edit = edit or self.edits.setdefault((kind.name, row.id), Edit(kind, row, row.rev))
            edit.note(name, old, new)
            changed = True
        if changed:
            row.updated_at = clock.now()

    def write(self, tx: "Transaction") -> None:
        """Write the operation of this transaction, if it changed any record."""
        edits = [edit for edit in self.edits.values() if edit.changes]
        if not edits:
            return
        if tx.act_name is None:
            raise BugError("records were changed outside any act")
        session = tx.session
        device = state.device_id(session)
        session.flush()
        connection = session.connection()
        last = connection.exec_driver_sql(_LAST_SEQ, (device,)).scalar()
        op_id = tx.op_id = clock.new_id()
        insert_rows(
            connection,
            table_of(Operation),
            [
                {
                    "op": op_id,
                    "device": device,
                    "seq": (last or 0) + 1,
                    "act": tx.act_name,
                    "actor": tx.actor_id,
                    "made_at": clock.now(),
                    "reason": tx.reason,
                    "undoes": tx.undoes,
                    "schema_version": 1,
                    "origin": "local",
                    "state": "pending",
                }
            ],
        )
        insert_rows(connection, table_of(OperationEdit), _edit_rows(connection, op_id, edits))
        link_operation(connection, op_id)
        for edit in edits:
            tx.touched.add(edit.type.name)
            if edit.base > 0:
                _keep_ground(session, edit)
            if edit.type.search is not None:
                search_index.put(connection, edit.type, edit.row.id, edit.row.__dict__, is_new=edit.is_new)


def _new_changes(kind: RecordType, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what a new row's values are as changes; what is empty is none."""
    fields = kind.fields
    changes: dict[str, list[Any]] = {}
    for name, value in values.items():
        if type(value) in _AS_IS:
            if name in fields:
                changes[name] = [None, value]
        elif value is not None and name in fields and value != [] and value != {}:
            changes[name] = [None, to_wire(value)]
    return changes


def _edit_rows(connection: Connection, op_id: str, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Return an operation's edits as rows; what was seen of a neighbour's unconfirmed work has no revision yet."""
    seen = unconfirmed_keys(connection, ((edit.type.name, edit.row.id) for edit in edits if not edit.is_new))
    return [_edit_row(op_id, n, edit, seen) for n, edit in enumerate(edits)]


def _edit_row(op_id: str, position: int, edit: Edit, seen: Collection[tuple[str, str]]) -> dict[str, Any]:
    return {
        "op": op_id,
        "position": position,
        "record_type": edit.type.name,
        "record_id": edit.row.id,
        "base": BEYOND if (edit.type.name, edit.row.id) in seen else edit.base,
        "changes": edit.changes,
    }


def _keep_ground(session: Session, edit: Edit) -> None:
    """Keep what the district last said of a record before its first unsent edit."""
    if session.get(ServerRow, (edit.type.name, edit.row.id)) is not None:
        return
    values = {name: to_wire(getattr(edit.row, name)) for name in edit.type.fields}
    values.update({name: old for name, (old, _new) in edit.changes.items()})
    session.connection().execute(
        insert(ServerRow),
        {"record_type": edit.type.name, "record_id": edit.row.id, "rev": edit.base, "fields": values},
    )


class CapturingSession(Session):
    """A session on one connection whose every flush passes through the capture."""

    def __init__(self, connection: Connection, capture: Capture) -> None:
        super().__init__(bind=connection, expire_on_commit=False)
        self._capture = capture

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what is pending; records only here, where they are looked at."""
        if not (self._capture.new_rows or self.new or self.dirty or self.deleted):
            return
        info = self.connection().info
        info["capture_open"] = info.get("capture_open", 0) + 1
        try:
            if self._capture.new_rows:
                self._capture.store_new(self)
            self._capture.collect(self)
            super().flush(objects)
        finally:
            info["capture_open"] -= 1


@cache
def _guard() -> re.Pattern[str]:
    tables = "|".join(re.escape(str(item.model.__tablename__)) for item in RECORD_TYPES)
    verbs = r"(?:INSERT(?:\s+OR\s+\w+)?|REPLACE)\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM"
    return re.compile(
        rf"\s*(?:WITH\b.*?)?(?:{verbs})\s+[\"`\[]?(?:{tables})[\"`\]]?(?:\s|\(|$)"
        r"|\s*DELETE\s+FROM\s+[\"`\[]?operation(?:_edit)?\b",
        re.IGNORECASE | re.DOTALL,
    )


def refuse_bypass(
    connection: Connection, _cursor: object, statement: str, _parameters: object, _context: object, _many: bool
) -> None:
    """Refuse any statement that changes a record table outside a captured flush, or deletes from the log."""
    head = statement[:12].lstrip().upper()
    if not head.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")):
        return
    if connection.info.get("capture_open", 0) > 0:
        return
    if _guard().match(statement):
        raise BugError(f"this statement would bypass the operation log: {statement[:80]}")
