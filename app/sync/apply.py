"""What the district says, put into this device's tables: set by set, in the caller's one transaction.

Local view = what the district said + own unsent edits on top. Own edits that were answered but have not come back
by pull yet are shielded too, so that nothing flickers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from json import loads
from typing import Any

from sqlalchemy.dialects.sqlite import insert as upsert

from app.db.database import Transaction
from app.db.direct import run_many
from app.models.operation import LOCAL, UNSENT, ServerRow
from app.models.registry import find_type, naming_types
from app.services.attachments import want_blob
from app.services.overlay import shielded
from app.sync import neighbours
from app.sync.history import Changes, write_history
from app.sync.protocol import Entry, dumps
from app.sync.rows import Key, Row, ask, by_type, keys_here, load_rows, remove_rows, write_new, write_rows
from app.sync.shapes import shape_of
from app.sync.tally import Marks, read_marks, write_marks

_ANSWERED = (
    "SELECT e.record_id, e.rev, e.changes FROM operation_edit e JOIN operation o ON o.op = e.op"  # noqa: S608 - ours
    " WHERE e.record_type = ? AND e.record_id IN (SELECT value FROM json_each(?)) AND e.rev IS NOT NULL"
    f" AND o.origin = '{LOCAL}' AND o.state NOT IN {UNSENT}"
)
_GROUNDS = (
    "SELECT record_id, fields FROM server_row WHERE record_type = ? AND record_id IN (SELECT value FROM json_each(?))"
)
_NOTHING: dict[str, Any] = {}
_FORGET_GROUND = "DELETE FROM server_row WHERE record_type = ? AND record_id = ?"


def apply_entries(tx: Transaction, entries: Sequence[Entry], *, force: bool = False, as_of_now: bool = False) -> int:
    """Apply a page's entries in order; return how many records changed.

    ``force`` also applies what this device believes to have already (repair). ``as_of_now``: the entries are records
    as they stand, not what one operation made of them; others' go without a line in the history.

    Raises:
        ProtocolError: a value is not of its kind; nothing of the page is kept by the caller.
    """
    if not entries:
        return 0
    keys = [(entry.type, entry.id) for entry in entries]
    ids = by_type(dict.fromkeys(keys))
    known = {name for name in ids if find_type(name) is not None}
    here = keys_here(tx, ids)
    marks = read_marks(tx, ids)
    latest = _latest(entries, keys, marks)
    shields = _Shields(tx, ids)
    grounds = {**dict.fromkeys(neighbours.blank_grounds(tx, latest), _NOTHING), **_grounds(tx, ids)}
    new = _new(entries, keys, known, here | shields.keys() | grounds.keys())
    rows = load_rows(tx, [key for key in keys if key not in new and key[0] in known], here)
    history = list(_lay_all(rows, entries, shields, grounds, new=new, force=force))
    gone = _take_gone(rows, latest, shields)
    with tx.applying():
        changed = write_new(tx, new.values()) + write_rows(tx, rows)
        remove_rows(tx, gone)
    _write_grounds(tx, rows, shields, grounds)
    write_history(tx, history, own_only=as_of_now)
    write_marks(tx, marks, latest, known)
    _want_attachments(tx, entries, known & naming_types())
    neighbours.after_entries(tx, entries)
    tx.touched.update(known)
    return changed


def _want_attachments(tx: Transaction, entries: Sequence[Entry], naming: Set[str]) -> None:
    """Note which attachments are to be fetched: those that records of these types name."""
    for entry in entries if naming else ():
        kind = find_type(entry.type)
        if kind is not None and kind.blobs is not None and not entry.removed:
            for sha256, size in kind.blobs(entry.values):
                want_blob(tx, sha256, entry.feed, size=size)


def _new(entries: Sequence[Entry], keys: Sequence[Key], known: Set[str], touched: Set[Key]) -> dict[Key, Entry]:
    """Return the records that are told once, and that nobody here has or has touched: nothing is laid over anything."""
    if len(set(keys)) < len(keys):
        touched |= {key for key, times in Counter(keys).items() if times > 1}
    return {
        key: entry
        for key, entry in zip(keys, entries, strict=True)
        if key not in touched and entry.rev > 0 and not entry.removed and key[0] in known
    }


def _lay_all(
    rows: Mapping[Key, Row],
    entries: Sequence[Entry],
    shields: "_Shields",
    grounds: dict[Key, Any],
    *,
    new: Mapping[Key, Entry],
    force: bool,
) -> Iterator[tuple[Entry, Changes]]:
    """Lay entries over their rows in order; yield each that counts, with what it changed."""
    if len(new) == len(entries):
        yield from ((entry, None) for entry in entries)
        return
    for entry in entries:
        key = (entry.type, entry.id)
        if key in new:
            yield entry, None
            continue
        row = rows.get(key)
        if row is None:
            yield entry, {}
        elif entry.removed or (entry.rev <= row.rev and not force):
            continue
        elif row.wire is None and key not in shields:
            _take(row, entry)
            yield entry, None
        else:
            yield entry, _lay(row, entry, shields, grounds)


class _Shields:
    """Which fields of which records the district's values do not overwrite.

    ``unsent``: {(type, id): {field: value}} not accepted yet, neighbours' too. ``_answered``: own edits with the
    revision they became.
    """

    def __init__(self, tx: Transaction, ids: Mapping[str, Sequence[str]]) -> None:
        self.unsent = shielded(tx, ids)
        self._answered: dict[Key, list[tuple[int, frozenset[str]]]] = {}
        for kind, wanted in ids.items():
            for record_id, rev, changes in ask(tx, _ANSWERED, kind, dumps(wanted)):
                self._answered.setdefault((kind, record_id), []).append((rev, frozenset(loads(changes))))

    def __contains__(self, key: Key) -> bool:
        return key in self.unsent or key in self._answered

    def keys(self) -> set[Key]:
        """Return the records that have any."""
        return {*self.unsent, *self._answered}

    def of(self, key: Key, rev: int) -> set[str]:
        """Return the fields of a record that an entry of this revision leaves alone."""
        fields = set(self.unsent.get(key, ()))
        for became, names in self._answered.get(key, ()):
            if became > rev:
                fields |= names
        return fields


def _take(row: Row, entry: Entry) -> None:
    """Fill the row of a record that is new here, and that nobody here has touched: all that it holds is its change."""
    values, known = entry.values, shape_of(entry.type).known
    if not values.keys() <= known:
        row.extra = {name: value for name, value in values.items() if name not in known}
        values = {name: value for name, value in values.items() if name in known}
    row.wire = values
    row.rev, row.entry = entry.rev, entry


def _lay(row: Row, entry: Entry, shields: _Shields, grounds: dict[Key, dict[str, Any]]) -> dict[str, list[Any]]:
    """Lay one entry over a row; return what it changed of what the district had said before."""
    key = (entry.type, entry.id)
    known = shape_of(entry.type).known
    shielded_here = shields.of(key, entry.rev) if row.wire is not None else set()
    unsent = shields.unsent.get(key, {})
    ground = grounds.get(key) if key in shields.unsent else None
    wire, extra = dict(row.wire or {}), dict(row.extra or {})
    before = ground if ground is not None else wire
    changes: dict[str, list[Any]] = {}
    for name, new in _told(entry, known):
        if name not in known:
            extra[name] = new
            continue
        old = before.get(name)
        if (
            old != new
            and not (name in shielded_here and name not in unsent)
            and not (old in (None, [], {}) and new in (None, [], {}))
        ):
            changes[name] = [old, new]
        if name not in shielded_here:
            wire[name] = new
    if key in shields.unsent:
        grounds[key] = {**(ground or {}), **{name: new for name, new in _told(entry, known) if name in known}}
    row.wire, row.extra = wire, extra
    row.rev, row.entry = entry.rev, entry
    return changes


def _told(entry: Entry, known: Set[str]) -> Iterable[tuple[str, Any]]:
    """Return the fields that an entry tells; a sparse one tells of those that it does not name that they are empty."""
    if not entry.sparse:
        return entry.values.items()
    return {**dict.fromkeys(known), **entry.values}.items()


def _latest(entries: Sequence[Entry], keys: Sequence[Key], marks: Marks) -> dict[Key, Entry]:
    """Return the last word on each record; a feed that it has left for another has none: it moved, and is not gone."""
    if not any(entry.removed for entry in entries):
        return dict(zip(keys, entries, strict=True))
    latest: dict[Key, Entry] = {}
    for key, entry in zip(keys, entries, strict=True):
        if entry.removed:
            held = latest[key].feed if key in latest else marks[key][0] if key in marks else entry.feed
            if held != entry.feed:
                continue
        latest[key] = entry
    return latest


def _take_gone(rows: dict[Key, Row], latest: Mapping[Key, Entry], shields: _Shields) -> list[Key]:
    """Take out the records that left this device's feeds; one with unsent work stays until that is settled."""
    gone = [key for key, entry in latest.items() if entry.removed and key in rows and key not in shields.unsent]
    for key in gone:
        del rows[key]
    return gone


def _grounds(tx: Transaction, ids: Mapping[str, Sequence[str]]) -> dict[Key, dict[str, Any]]:
    return {
        (kind, record_id): loads(fields)
        for kind, wanted in ids.items()
        for record_id, fields in ask(tx, _GROUNDS, kind, dumps(wanted))
    }


def _write_grounds(
    tx: Transaction, rows: Mapping[Key, Row], shields: _Shields, grounds: Mapping[Key, dict[str, Any]]
) -> None:
    """Keep the ground of records with unsent edits; forget that of the others."""
    kept, settled = [], []
    for key, fields in grounds.items():
        row = rows.get(key)
        if row is None or row.entry is None:
            continue
        if key in shields.unsent:
            kept.append({"record_type": key[0], "record_id": key[1], "rev": row.rev, "fields": fields})
        else:
            settled.append(key)
    connection = tx.session.connection()
    if kept:
        statement = upsert(ServerRow)
        put = {"rev": statement.excluded.rev, "fields": statement.excluded["fields"]}
        connection.execute(statement.on_conflict_do_update(index_elements=["record_type", "record_id"], set_=put), kept)
    if settled:
        run_many(connection, _FORGET_GROUND, settled)
