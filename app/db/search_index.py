"""The search index: one FTS5 table of tokens, kept in the transaction that changes the record.

Tokens come from ``models.names``: suffixes of the name, every reading in pinyin and initials, tails of the ID number
and the phone. Trigrams would miss two-character words.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from app.models.registry import RecordType

CREATE = (
    "CREATE TABLE IF NOT EXISTS search_entry"
    " (row INTEGER PRIMARY KEY, record_type TEXT NOT NULL, record_id TEXT NOT NULL,"
    " tokens TEXT NOT NULL, UNIQUE (record_type, record_id))",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5"
    " (tokens, content='search_entry', content_rowid='row', columnsize=0, detail=none, prefix='1 2 3',"
    " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Cn So'\")",
)
"""Statements of the migration; SQLite alone (the district searches by SQL)."""

_FIND = text("SELECT row, tokens FROM search_entry WHERE record_type = :kind AND record_id = :id")
_ENTER = text("INSERT INTO search_entry (record_type, record_id, tokens) VALUES (:kind, :id, :tokens)")
_CHANGE = text("UPDATE search_entry SET tokens = :tokens WHERE row = :row")
_FORGET = text("INSERT INTO search (search, rowid, tokens) VALUES ('delete', :row, :tokens)")
_INDEX = text("INSERT INTO search (rowid, tokens) VALUES (:row, :tokens)")


def put(connection: Connection, kind: RecordType, record_id: str, values: Mapping[str, Any]) -> None:
    """Index one record anew; a deleted one leaves the index."""
    if kind.search is None:
        return
    tokens = "" if values.get("deleted_at") is not None else kind.search(values)
    known = connection.execute(_FIND, {"kind": kind.name, "id": record_id}).first()
    if known is not None:
        if known.tokens == tokens:
            return
        connection.execute(_FORGET, {"row": known.row, "tokens": known.tokens})
        connection.execute(_CHANGE, {"row": known.row, "tokens": tokens})
        connection.execute(_INDEX, {"row": known.row, "tokens": tokens})
        return
    result = connection.execute(_ENTER, {"kind": kind.name, "id": record_id, "tokens": tokens})
    connection.execute(_INDEX, {"row": result.lastrowid, "tokens": tokens})


def find_ids(connection: Connection, kind: str, query: str, limit: int) -> list[str]:
    """Return ids of records whose tokens match an FTS5 expression, newest first."""
    found = connection.execute(
        text(
            "SELECT e.record_id FROM search s JOIN search_entry e ON e.row = s.rowid"
            " WHERE search MATCH :query AND e.record_type = :kind ORDER BY s.rowid DESC LIMIT :limit"
        ),
        {"query": query, "kind": kind, "limit": limit},
    )
    return [str(row.record_id) for row in found]
