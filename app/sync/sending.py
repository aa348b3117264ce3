"""What goes out next, as JSON texts: read from the operation log, as much as one push takes."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from app.db import state
from app.db.database import Transaction
from app.db.direct import fetch
from app.models.operation import LOCAL, PENDING, SEALED, WITHDRAWN
from app.models.wire import to_wire
from app.sync.epoch import LOST_UNTIL, wire_base
from app.sync.protocol import MAX_BODY, MAX_OPS, SCHEMA_NEWEST, dumps

BODY_LIMIT = MAX_BODY - 64 * 1024


_OPS = """
WITH batch AS (
  SELECT op, seq, state, made_at, json_quote(op) AS op_text, json_quote(device) AS device, json_quote(act) AS act,
    json_quote(actor) AS actor, json_quote(reason) AS reason, min(schema_version, :newest) AS schema_version
  FROM operation
  WHERE origin = :origin AND device = :device AND {which} AND seq > :after ORDER BY seq LIMIT :most
)
SELECT batch.op, batch.seq, batch.state, batch.made_at, op_text, batch.device, batch.act, batch.actor, batch.reason,
  batch.schema_version, edit.base, edit.changes,
  '{{"type":' || json_quote(edit.record_type) || ',"id":' || json_quote(edit.record_id) || ',"base":' AS opening
FROM batch LEFT JOIN operation_edit edit ON edit.op = batch.op ORDER BY batch.seq, edit.position
"""


class _Line(NamedTuple):
    """An edit with its operation; one without edits has a line of its own."""

    op: str
    seq: int
    state: str
    made_at: str
    op_text: str
    device: str
    act: str
    actor: str
    reason: str
    schema_version: int
    base: int
    changes: str
    opening: str | None


_PENDING, _FROM = _OPS.format(which=f"state = '{PENDING}'"), _OPS.format(which="seq >= :start")


def pending_ops(tx: Transaction, device: str, start: int | None, most: int = MAX_OPS, *, after: int = 0) -> list[str]:
    """Return the next batch as JSON texts: what is pending, in order, as much as one push takes.

    ``after``: only what has a greater number. ``start``: begin at this number also with what was answered before (the
    district lacks it). What was withdrawn or sealed goes empty: its number must be used, its edits must not come back.
    """
    values = {"origin": LOCAL, "device": device, "after": after, "most": most, "newest": SCHEMA_NEWEST}
    tx.flush()
    query, given = (_PENDING, values) if start is None else (_FROM, {**values, "start": start})
    rows = map(_Line._make, fetch(tx.session.connection(), query, given))
    lost = int(state.get_state(tx.session, LOST_UNTIL) or 0)
    batch: list[str] = []
    size = 0
    for _op, lines in groupby(rows, key=lambda line: line.op):
        text = _op_text(list(lines), lost)
        size += len(text.encode())
        if batch and size > BODY_LIMIT:
            break
        batch.append(text)
    return batch


def _op_text(rows: Sequence[_Line], lost: int) -> str:
    """Return an operation from its rows, one for each edit. Its texts and its edits' changes are JSON already."""
    row = rows[0]
    edits = [] if row.opening is None or row.state in (WITHDRAWN, SEALED) else [_edit_text(each, lost) for each in rows]
    text = (
        f'{{"op":{row.op_text},"device":{row.device},"seq":{row.seq},"act":{row.act},"actor":{row.actor},'
        f'"made_at":"{_moment(row.made_at)}","reason":{row.reason},"schema":{row.schema_version},'
        f'"edits":[{",".join(edits)}]}}'
    )
    return emptied(text) if row.state in (WITHDRAWN, SEALED) else text


def _edit_text(edit: _Line, lost: int) -> str:
    base = edit.base if edit.seq > lost else wire_base(edit.base, edit.seq, json.loads(edit.changes), lost)
    return f'{edit.opening}{base},"set":{edit.changes}}}'


def _moment(kept: str) -> str:
    """Return an instant as it travels, from the text that the file keeps of it."""
    if len(kept) == len("2026-11-22 01:12:33.000000"):
        return f"{kept[:10]}T{kept[11:23]}Z"
    return str(to_wire(datetime.fromisoformat(kept).replace(tzinfo=UTC)))


def emptied(text: str) -> str:
    """Return an operation without its edits, under its id and number."""
    return dumps({**json.loads(text), "act": "sync.withdraw", "reason": None, "edits": []})
