"""The district of a simulation: the real application on a real database, killed and restored as told."""

import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from app.db.inserts import table_of
from app.district import accounts, packets
from app.district.api import create_api
from app.district.heads import Shelf, lock_feeds
from app.district.lives import new_epoch
from app.district.ruling_worker import Rulings
from app.district.rulings import catch_up
from app.district.store import DistrictStore
from app.errors import ExternalError
from app.models import district as tables
from app.models.district import Device, ReceivedOp
from tests.sim.air import Answer, AsgiCaller, Killed, Sent
from tests.sim.times import Times

TABLES = [
    model.__table__  # type: ignore[attr-defined]
    for model in vars(tables).values()
    if isinstance(model, type) and issubclass(model, SQLModel) and hasattr(model, "__table__")
]
"""Every table that only the district fills."""

PROMPT = 0.5
"""So often the rulings are made after the very request that asked for them, or after the next."""

Rows = Mapping[str, list[dict[str, Any]]]


class RulingsByHand(Rulings):
    """What the server's thread does when it is quiet is done here when it is told: sooner or later, never beside."""

    wanted = False

    def wake(self) -> None:
        self.wanted = True

    def when_quiet(self) -> None:
        """Do what the thread would do now."""
        self.wanted = False
        self.wanted = not self._pass()


class District:
    """One server. ``kill_at``: the plug is pulled before its so-many-th statement from now.

    ``dice`` says how long the rulings that nobody waits for are put off.
    """

    def __init__(self, url: str, times: Times) -> None:
        self.url = url
        self.times = times
        self.offset = timedelta(0)
        self.kill_at = 0
        self.dice = random.Random(0)
        self._caller = AsgiCaller()
        self.store = DistrictStore(url)
        self.store.engine.pool._pre_ping = False  # every connection is of this process and ends with it
        self.store.prepare()
        self._start()
        event.listen(self.store.engine, "before_cursor_execute", self._count)
        event.listen(self.store.engine, "commit", self._count)

    def _start(self) -> None:
        self.api = create_api(self.store)
        self.api.state.rulings = self.rulings = RulingsByHand(self.store, self.api.state.bell.ring)
        self.rulings.wake()  # as the server does

    def _count(self, *_args: Any) -> None:
        if self.kill_at:
            self.kill_at -= 1
            if self.kill_at == 0:
                raise Killed

    def close(self) -> None:
        """End the server."""
        self.store.close()
        self._caller.close()

    def serve(self, sent: Sent, torn: bool = False) -> Answer | None:
        """Answer a request under the server's own clock; None when the plug was pulled over it."""
        answer = None
        with self.times.at(self.offset):
            try:
                answer = self._caller.call(self.api, sent, torn=torn)
                if self.rulings.wanted and self.dice.random() < PROMPT:
                    self.rulings.when_quiet()
            except Killed:
                self.store.close()  # every connection is gone; the next request gets new ones
                self._start()
            finally:
                self.kill_at = 0
        return answer

    def take(self, path: Path, answer: Path) -> str:
        """Take a counter's file and write the answer to it; return how it went."""
        with self.times.at(self.offset):
            try:
                packets.take_packet(self.store, path, answer)
            except Killed:
                self.store.close()
                self._start()
                return "killed"
            except ExternalError as problem:
                return problem.code
            finally:
                self.kill_at = 0
        return "done"

    def rule(self) -> None:
        """Let the district decide what is left to decide."""
        with self.times.at(self.offset):
            catch_up(self.store)
        self.rulings.wanted = False

    def ops(self) -> set[str]:
        """Return the ids of all operations that it holds."""
        with self.store.read() as connection:
            return set(connection.scalars(sa.text("SELECT op FROM received_op")))

    def heads(self) -> dict[str, int]:
        """Return how far each feed has grown."""
        with self.store.read() as connection:
            return {row.feed: row.head for row in connection.execute(sa.text("SELECT feed, head FROM feed_head"))}

    def records(self) -> set[tuple[str, str]]:
        """Return type and id of every record that it has."""
        with self.store.read() as connection:
            rows = connection.execute(sa.text("SELECT record_type, record_id FROM record_head"))
            return {(row.record_type, row.record_id) for row in rows}

    # What an operator does

    def code(self, role: str, station: str) -> str:
        """Make an enrolment code."""
        with self.times.at(self.offset), self.store.write() as connection:
            return accounts.make_code(connection, station=station, role=role)

    def revoke(self, device: str) -> None:
        """Lock a device out."""
        with self.times.at(self.offset), self.store.write() as connection:
            accounts.revoke(connection, device)

    def set_role(self, device: str, role: str) -> None:
        """Give a device another role, and with it other feeds."""
        table = table_of(Device)
        with self.times.at(self.offset), self.store.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == device).values(role=role))

    def dump(self) -> Rows:
        """Return every row: what a backup of the night holds."""
        with self.store.read() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()] for table in TABLES
            }

    def put_back(self, rows: Rows, *, restored: bool = True) -> None:
        """Restore a backup and begin a new epoch, as the operator's manual says; or only set the scene."""
        with self.times.at(self.offset), self.store.write() as connection:
            for table in TABLES:
                connection.execute(sa.delete(table))
                if rows[table.name]:
                    connection.execute(sa.insert(table), rows[table.name])
            if restored:
                new_epoch(connection)

    def first(self, kind: str) -> str:
        """Return the id of the first record of a type."""
        with self.store.read() as connection:
            query = sa.text("SELECT record_id FROM record_head WHERE record_type = :kind ORDER BY first_rev, record_id")
            return str(connection.execute(query, {"kind": kind}).scalars().first())

    def write_future(self, feed: str, kind: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Write as a newer server would: a record type, or a field, that this program does not know."""
        with self.times.at(self.offset), self.store.write() as connection:
            shelf = Shelf(connection, lock_feeds(connection, [feed]))
            key = (feed, kind, record_id)
            head = shelf.get(key)
            op = f"future-{self.dice.randbytes(8).hex()}"
            edit = {"type": kind, "id": record_id, "base": head.rev if head else 0}
            edits = [{**edit, "set": {name: [None, value] for name, value in changes.items()}}]
            connection.execute(sa.insert(ReceivedOp.__table__), self._own_op(op, edits))  # type: ignore[attr-defined]
            values = {**(head.values if head else {}), **changes}
            shelf.put(key, op=op, device="district", values=values, changed=changes)
            shelf.write()

    def _own_op(self, op: str, edits: list[dict[str, Any]]) -> dict[str, Any]:
        from app.sync.protocol import dumps

        moment = self.times.now()
        facts = {"op": op, "device": "district", "seq": None, "act": "future.act", "actor": None, "reason": None}
        answer = {"outcome": "applied", "code": None, "text": None, "field": None, "records": "[]", "stood_off": "[]"}
        made = {"made_at": moment.isoformat(), "schema_version": 9, "edits": dumps(edits), "received_at": moment}
        return {**facts, **answer, **made}
