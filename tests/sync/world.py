"""Counters with real encrypted files, joined to a real district; and a faulty line between them."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.errors import OfflineError
from app.models.resident import Resident
from app.sync.engine import SyncEngine, SyncReport, enrol
from app.sync.protocol import Page, Result, SnapshotPage
from app.sync.transport import HttpTransport
from tests.district.live import STATION, Live
from tests.factories import RESIDENT

KEY = bytes(range(32))
CLERK = Actor("0198f3c2-7d10-7c3e-9a55-0000000000aa", "方静", frozenset({"clerk", "supervisor"}))


class Faulty:
    """A transport that breaks where it is told to, so many times: ``cut`` before the call, ``lose_reply`` after it."""

    def __init__(self, inner: HttpTransport) -> None:
        self.inner = inner
        self.lose_reply: dict[str, int] = {}
        self.cut: dict[str, int] = {}
        self.before: dict[str, Callable[[], object]] = {}
        self.offset_seconds = 0.0
        self.calls: list[str] = []

    def _pass(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls.append(name)
        if name in self.before:
            self.before.pop(name)()
        if self.cut.get(name, 0) > 0:
            self.cut[name] -= 1
            raise OfflineError("cut")
        answer = call()
        if self.lose_reply.get(name, 0) > 0:
            self.lose_reply[name] -= 1
            raise OfflineError("reply lost")
        return answer

    def status(self) -> Mapping[str, Any]:
        return self._pass("status", self.inner.status)

    def push(self, epoch: str, ops: Sequence[str]) -> tuple[tuple[Result, ...], int]:
        return self._pass("push", lambda: self.inner.push(epoch, ops))

    def relay(self, epoch: str, device: str, ops: Sequence[Any]) -> tuple[tuple[Result, ...], int]:
        return self._pass("relay", lambda: self.inner.relay(epoch, device, ops))

    def pull(self, epoch: str, cursors: Mapping[str, int], limit: int) -> Page:
        return self._pass("pull", lambda: self.inner.pull(epoch, cursors, limit))

    def snapshot(self, feed: str, after: int, limit: int, epoch: str) -> SnapshotPage:
        return self._pass("snapshot", lambda: self.inner.snapshot(feed, after, limit, epoch))

    def digests(self, feeds: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return self._pass("digest", lambda: self.inner.digests(feeds))


class Counter:
    """One counter PC."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = Database(path, KEY)
        self.line: Faulty | None = None
        self.engine: SyncEngine | None = None
        self.page = 500

    def join(self, live: Live, role: str = "supervisor", station: str = STATION) -> "Counter":
        return self.join_with(live, live.code(role, station))

    def join_with(self, live: Live, code: str) -> "Counter":
        answer = enrol(self.database, live.url, code, "窗口")
        self.line = Faulty(HttpTransport(live.url, answer["token"]))
        self.engine = SyncEngine(self.database, self.line, page=self.page)
        return self

    def sync(self) -> SyncReport:
        assert self.engine is not None
        return self.engine.run_once()

    def reopen(self) -> None:
        """Start again after a kill."""
        self.database.close()
        self.database = Database(self.path, KEY)
        assert self.line is not None
        self.engine = SyncEngine(self.database, self.line, page=self.page)

    def act(self, change: Callable[[Any], Any], act: str = "resident.edit") -> Any:
        with self.database.write(CLERK) as tx:
            tx.act(act)
            return change(tx)

    def register(self, name: str = "葛守成", **values: Any) -> str:
        fresh = {**RESIDENT, "birth_date": date(1970, 2, 18), "name": name, **values}
        row = Resident.model_validate(fresh) if not values.pop("raw", False) else Resident(**fresh)
        self.act(lambda tx: tx.add(row), "resident.register")
        return row.id

    def edit(self, record_id: str, model: type[Any] = Resident, **values: Any) -> None:
        self.act(lambda tx: tx.change(tx.session.get(model, record_id), values))

    def see(self, record_id: str, model: type[Any] = Resident) -> Any:
        with self.database.read() as tx:
            return tx.session.get(model, record_id)

    def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        with self.database.read() as tx:
            return question(tx, *args)

    def close(self) -> None:
        if self.line is not None:
            self.line.inner.close()
        self.database.close()


def template(folder: Path) -> Path:
    """Return a migrated, empty counter's file, to be copied."""
    path = folder / "empty.db"
    engine = make_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    return path


def counter(source: Path, target: Path) -> Counter:
    shutil.copyfile(source, target)
    return Counter(target)
