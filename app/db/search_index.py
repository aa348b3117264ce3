"""The search index: one FTS5 table of tokens, kept in the transaction that changes the record.

Tokens come from ``models.names``: suffixes of the name, every reading in pinyin and initials, what each of them begins
with, tails of the ID number and the phone. Trigrams would miss two-character words. The beginnings are tokens rather
than prefix indexes of FTS5, which would hold each number five times more. The words come cut and lowered, so the
plainest tokenizer is enough: every character beyond ASCII belongs to a word.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, TextualSelect, text

from app.db.direct import fetch, run_many
from app.models.registry import RecordType

CREATE = (
    "CREATE TABLE IF NOT EXISTS search_entry"
    " (row INTEGER PRIMARY KEY, record_type TEXT NOT NULL, record_id TEXT NOT NULL,"
    " tokens TEXT NOT NULL, UNIQUE (record_type, record_id))",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5"
    " (tokens, content='search_entry', content_rowid='row', columnsize=0, detail=none, tokenize='ascii')",
)
"""Statements of the migrations; SQLite alone (the district searches by SQL)."""

_FIND = "SELECT row, tokens FROM search_entry WHERE record_type = ? AND record_id = ?"
_FIND_ALL = (
    "SELECT row, record_id, tokens FROM search_entry"
    " WHERE record_type = ? AND record_id IN (SELECT value FROM json_each(?))"
)
_LAST = "SELECT max(row) FROM search_entry"
_ENTER_AT = "INSERT INTO search_entry (row, record_type, record_id, tokens) VALUES (?, '{kind}', ?, ?)"
_ENTER = "INSERT INTO search_entry (record_type, record_id, tokens) VALUES (?, ?, ?)"
_CHANGE = "UPDATE search_entry SET tokens = ? WHERE row = ?"
_FORGET = "INSERT INTO search (search, rowid, tokens) VALUES ('delete', ?, ?)"
_INDEX = "INSERT INTO search (rowid, tokens) VALUES (?, ?)"


def words(kind: RecordType, values: Mapping[str, Any]) -> str:
    """Return what a record is found by, as one text; nothing where it is deleted or its type is not searched."""
    return kind.search(values) if kind.search is not None and values.get("deleted_at") is None else ""


def put(
    connection: Connection, kind: RecordType, record_id: str, values: Mapping[str, Any], *, is_new: bool = False
) -> None:
    """Index one record anew; a deleted one leaves the index. ``is_new``: it cannot be in the index yet."""
    if kind.search is None:
        return
    tokens = words(kind, values)
    run = connection.exec_driver_sql
    known = None if is_new else run(_FIND, (kind.name, record_id)).first()
    if known is None:
        entered = run(_ENTER, (kind.name, record_id, tokens))
        run(_INDEX, (entered.lastrowid, tokens))
    elif known.tokens != tokens:
        run(_FORGET, (known.row, known.tokens))
        run(_CHANGE, (tokens, known.row))
        run(_INDEX, (known.row, tokens))


def put_many(connection: Connection, kind: RecordType, records: Iterable[tuple[str, str]]) -> None:
    """Index many records of a searched type anew, (id, words), each once: what ``put`` does, by sets."""
    fresh = dict(records) if kind.search is not None else {}
    if not fresh:
        return
    known = fetch(connection, _FIND_ALL, (kind.name, json.dumps(list(fresh))))
    changed = [(row, tokens, fresh.pop(record_id)) for row, record_id, tokens in known]
    changed = [(row, old, new) for row, old, new in changed if old != new]
    if changed:
        run_many(connection, _FORGET, [(row, old) for row, old, _new in changed])
        run_many(connection, _CHANGE, [(new, row) for row, _old, new in changed])
        run_many(connection, _INDEX, [(row, new) for row, _old, new in changed])
    if fresh:
        first = (fetch(connection, _LAST)[0][0] or 0) + 1
        entries = [(row, *entry) for row, entry in enumerate(fresh.items(), first)]
        run_many(connection, _ENTER_AT.format(kind=kind.name), entries)
        run_many(connection, _INDEX, list(enumerate(fresh.values(), first)))


def matching(kind: str, columns: Sequence[Any]) -> TextualSelect:
    """Return the statement that reads live records of a kind whose tokens match ``:query``, newest first.

    One statement, built once by who searches. The order of the joins is fixed: from the match to the record, never from
    a million records to the match.
    """
    wanted = ", ".join(f"record.{column.key}" for column in columns)
    return text(
        f"SELECT {wanted} FROM search CROSS JOIN search_entry AS entry ON entry.row = search.rowid"  # noqa: S608 - ours
        f" CROSS JOIN {kind} AS record ON record.id = entry.record_id"
        f" WHERE search MATCH :query AND entry.record_type = '{kind}' AND record.deleted_at IS NULL"
        " ORDER BY search.rowid DESC LIMIT :limit"
    ).columns(*columns)
