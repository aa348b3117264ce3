"""The district's own operations: what it decides by itself stands in the log like any other act."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.models.district import ReceivedOp
from app.models.wire import to_wire
from app.sync.protocol import APPLIED, DISTRICT_ACT, DISTRICT_DEVICE, dumps


def own_op(edits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the row of a new operation of the district; ``edits`` as on the wire. It has no ``seq``."""
    moment = clock.now()
    return {
        "op": clock.new_id(),
        "device": DISTRICT_DEVICE,
        "seq": None,
        "act": DISTRICT_ACT,
        "actor": None,
        "made_at": to_wire(moment),
        "reason": None,
        "schema_version": 1,
        "edits": dumps(list(edits)),
        "outcome": APPLIED,
        "code": None,
        "text": None,
        "field": None,
        "records": "[]",
        "stood_off": "[]",
        "received_at": moment,
    }


def write_own_ops(connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of ``own_op``."""
    if found := list(rows):
        connection.execute(sa.insert(table_of(ReceivedOp)), found)
