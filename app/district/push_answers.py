"""The answers to a push as JSON texts: what is told of an operation now, and what was told of it before."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import Caller, readable_feeds
from app.district.store import chunks
from app.models.district import FeedEntry
from app.sync.protocol import APPLIED, dumps

_OUTCOME = re.compile(r'"outcome":"([a-z]+)"')


def outcomes_of(results: Iterable[str]) -> dict[str, int]:
    """Return how many of these answers tell which outcome."""
    return dict(Counter(match[1] for text in results if (match := _OUTCOME.search(text))))


def stored_answers(
    connection: sa.Connection, caller: Caller, rows: Sequence[sa.Row[Any]], *, brief: bool
) -> dict[str, str]:
    """Return the answers given before, values as they were at the answer's revision."""
    if not rows:
        return {}
    allowed = set(readable_feeds(connection, caller))
    wanted: dict[str, list[list[Any]]] = {}
    for row in rows:
        wanted[row.op] = [item for item in json.loads(row.records) if item[0] in allowed]
    short = {row.op for row in rows if brief and row.outcome == APPLIED and row.stood_off == "[]"}
    places = {(feed, rev) for op, items in wanted.items() if op not in short for feed, _kind, _id, rev in items}
    entries, texts = table_of(FeedEntry), {}
    for feed in {feed for feed, _rev in places}:
        for piece in chunks(sorted(rev for name, rev in places if name == feed)):
            query = sa.select(entries.c.seq, entries.c.fields).where(entries.c.feed == feed, entries.c.seq.in_(piece))
            texts.update({(feed, row.seq): row.fields for row in connection.execute(query)})
    return {
        row.op: answer_text(
            row.op, row.outcome, row.code, row.text, row.field,
            [(kind, record_id, rev, texts.get((feed, rev))) for feed, kind, record_id, rev in wanted[row.op]],
        )
        for row in rows
    }  # fmt: skip


def answer_text(
    op: str,
    outcome: str,
    code: str | None,
    text: str | None,
    name: str | None,
    records: Sequence[tuple[str, str, int, str | None]],
) -> str:
    """Return one result as JSON; the values of each record are JSON already, or None to be left out."""
    said = "".join(
        f',"{key}":{dumps(value)}'
        for key, value in (("code", code), ("text", text), ("field", name))
        if value is not None
    )
    inner = ",".join(  # ids and types are of letters, digits, dots and dashes: there is nothing to escape in them
        f'{{"type":"{kind}","id":"{record_id}","rev":{rev}' + ("}" if values is None else f',"values":{values}}}')
        for kind, record_id, rev, values in records
    )
    return f'{{"op":"{op}","outcome":"{outcome}"{said},"records":[{inner}]}}'
