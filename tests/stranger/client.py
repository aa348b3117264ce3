"""A client of a Doorstep district by somebody who has only read docs/protocol.md: ``requests`` and ``sqlite3``.

What the district said is in ``record``, what was done here is in ``op``; a person sees the one over the other.
"""

import hashlib
import json
import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

BEYOND_ANY = 2**53 - 1
MAX_OPS, MAX_BODY = 500, 2 * 1024 * 1024 - 4096

TABLES = """
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS op (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, epoch TEXT, body TEXT NOT NULL,
                               outcome TEXT, answer TEXT);
CREATE TABLE IF NOT EXISTS record (type TEXT, id TEXT, feed TEXT, rev INTEGER NOT NULL, fields TEXT NOT NULL,
                                   PRIMARY KEY (type, id));
CREATE TABLE IF NOT EXISTS cursor (feed TEXT PRIMARY KEY, seq INTEGER NOT NULL);
"""


class Away(Exception):
    """The district cannot be reached, or is busy: wait, and try again. The second argument: seconds it asked for."""


class Problem(Exception):
    """The district said no to a call as a whole."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status = status
        self.code = body.get("code")
        self.body = body


class Client:
    """One device with one sqlite file."""

    def __init__(self, path: Path, url: str, *, page: int = 500) -> None:
        self.url = url
        self.page = page
        self.http = requests.Session()
        self.db = sqlite3.connect(path)
        self.db.executescript(TABLES)

    def close(self) -> None:
        self.http.close()
        self.db.close()

    # -- the wire ---------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        token = self.fact("token")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self.http.request(method, self.url + path, json=body, headers=headers, timeout=20)
        except requests.RequestException as trouble:
            raise Away(type(trouble).__name__, 0) from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Away(f"busy: {answer.status_code}", answer.headers.get("Retry-After", 0))
        try:
            said = answer.json()
        except ValueError:
            raise Away("whoever answered is not the district", 0) from None
        if answer.status_code != 200:
            raise Problem(answer.status_code, said)
        return said

    def fact(self, key: str) -> str | None:
        row = self.db.execute("SELECT value FROM fact WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def keep(self, **facts: str) -> None:
        self.db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(facts.items()))

    def enrol(self, code: str, name: str = "stranger") -> None:
        """Join once. The id is made first and kept, so that a lost answer may be asked for again."""
        with self.db:
            self.keep(device=self.fact("device") or str(uuid.uuid4()))
        said = self.call("POST", "/v1/enrol", {"code": code, "device_name": name, "device": self.fact("device")})
        with self.db:
            self.keep(device=said["device"], token=said["token"])
            if self.fact("epoch") is None:  # one who joined before learns by status whether the epoch is another
                self.keep(epoch=said["epoch"])

    # -- work, with the line down as well ----------------------------------------------------------------------

    def act(self, act: str, *edits: tuple[str, str, dict[str, Any]], actor: str | None = None) -> str:
        """Do one act: (type, id, {field: new value}) for each record. All of it is in the file, or nothing."""
        with self.db:
            lines = []
            for kind, record_id, values in edits:
                seen = self.see(kind, record_id) or {}
                row = self.db.execute("SELECT rev FROM record WHERE type = ? AND id = ?", (kind, record_id)).fetchone()
                sets = {name: [seen.get(name), new] for name, new in values.items() if seen.get(name) != new}
                lines.append({"type": kind, "id": record_id, "base": row[0] if row else 0, "set": sets})
            seq = self.db.execute("SELECT coalesce(max(seq), 0) + 1 FROM op").fetchone()[0]
            op = {"op": str(uuid.uuid4()), "act": act, "actor": actor, "reason": None, "schema": 1, "edits": lines}
            op["made_at"] = datetime.now(UTC).isoformat()
            row = (op["op"], seq, self.fact("epoch"), json.dumps(op))
            self.db.execute("INSERT INTO op VALUES (?, ?, ?, ?, NULL, NULL)", row)
        return str(op["op"])

    def make(self, act: str, kind: str, **values: Any) -> str:
        record_id = str(uuid.uuid4())
        self.act(act, (kind, record_id, values))
        return record_id

    def see(self, kind: str, record_id: str) -> dict[str, Any] | None:
        """Return a record as a person sees it: what the district said, and what was done here and has no answer yet."""
        row = self.db.execute("SELECT fields FROM record WHERE type = ? AND id = ?", (kind, record_id)).fetchone()
        shown: dict[str, Any] | None = json.loads(row[0]) if row else None
        for (body,) in self.db.execute("SELECT body FROM op WHERE outcome IS NULL ORDER BY seq"):
            for edit in json.loads(body)["edits"]:
                if (edit["type"], edit["id"]) == (kind, record_id):
                    shown = {**(shown or {}), **{name: new for name, (_old, new) in edit["set"].items()}}
        return shown

    def refusals(self) -> list[dict[str, Any]]:
        """Return what a person must look at: each with the act, the code, the sentence and the field."""
        rows = self.db.execute("SELECT body, answer FROM op WHERE outcome = 'refused' ORDER BY seq")
        return [{**json.loads(answer), "act": json.loads(body)["act"]} for body, answer in rows]

    def unsent(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM op WHERE outcome IS NULL").fetchone()[0])

    # -- synchronising ------------------------------------------------------------------------------------------

    def sync(self) -> int:
        """Send, fetch, compare; return how many records had to be fetched again because they differed."""
        try:
            return self._exchange()
        except Problem as problem:
            if problem.code != "epoch_changed":
                raise
            return self._exchange()  # the server was restored in the middle of it

    def keep_trying(self, tries: int, pause: Callable[[float], object] = time.sleep) -> int:
        """Synchronise on a bad line: wait longer each time, with jitter."""
        for turn in range(tries):
            try:
                return self.sync()
            except Away as away:
                if turn == tries - 1:
                    raise
                pause(max(float(away.args[1]), min(2.0**turn, 600.0) * random.uniform(0.5, 1.0)))
        raise ValueError("tries must be 1 or more")

    def _exchange(self) -> int:
        status = self.call("GET", "/v1/status")
        if status["epoch"] != self.fact("epoch"):
            self._another_life(status["epoch"], status["expect"])
        self._push()
        self._pull(sorted(status["feeds"]))
        return sum(self._repair(feed) for feed in sorted(status["feeds"]))

    def _another_life(self, epoch: str, expect: int) -> None:
        """Send again what a restored server lost of ours; its old numbers count for nothing."""
        with self.db:
            self.db.execute("UPDATE op SET outcome = NULL, answer = NULL WHERE seq >= ?", (expect,))
            self.db.execute("UPDATE record SET rev = 0")
            self.db.execute("DELETE FROM cursor")
            self.keep(epoch=epoch)

    def _push(self) -> None:
        while batch := self._batch():
            try:
                said = self.call("POST", "/v1/push", {"epoch": self.fact("epoch"), "ops": batch})
            except Problem as problem:
                if problem.code not in ("seq_gap", "seq_taken"):
                    raise
                said = problem.body
            with self.db:
                for result in said.get("results", ()):
                    row = (result["outcome"], json.dumps(result), result["op"])
                    self.db.execute("UPDATE op SET outcome = ?, answer = ? WHERE id = ?", row)
                if said.get("code") == "seq_gap":
                    self.db.execute("UPDATE op SET outcome = NULL WHERE seq >= ?", (said["expect"],))
                elif said.get("code") == "seq_taken":
                    self._number_anew(said["op"], said["expect"])

    def _batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        size = 0
        query = "SELECT seq, epoch, body FROM op WHERE outcome IS NULL ORDER BY seq LIMIT ?"
        for seq, epoch, body in self.db.execute(query, (MAX_OPS,)):
            size += len(body.encode())
            if batch and size > MAX_BODY:
                break
            op = {**json.loads(body), "seq": seq}
            for edit in op["edits"]:
                if epoch != self.fact("epoch") and edit["base"] > 0:
                    edit["base"] = BEYOND_ANY
            batch.append(op)
        return batch

    def _number_anew(self, op: str, expect: int) -> None:
        """Take new numbers: this file was restored from a backup, and numbers used since are taken. The ids stay."""
        first = self.db.execute("SELECT seq FROM op WHERE id = ?", (op,)).fetchone()[0]
        ids = [row[0] for row in self.db.execute("SELECT id FROM op WHERE seq >= ? ORDER BY seq", (first,))]
        for place, op_id in reversed(list(enumerate(ids))):
            self.db.execute("UPDATE op SET seq = ? WHERE id = ?", (expect + place, op_id))

    def _pull(self, feeds: Iterable[str], cursors: dict[str, int] | None = None) -> None:
        at = cursors or dict.fromkeys(feeds, 0) | dict(self.db.execute("SELECT feed, seq FROM cursor"))
        more = True
        while more:
            page = self.call("POST", "/v1/pull", {"epoch": self.fact("epoch"), "cursors": at, "limit": self.page})
            with self.db:  # a page and its cursors together, or neither
                for entry in page["entries"]:
                    self._take(entry)
                self.db.executemany("INSERT OR REPLACE INTO cursor VALUES (?, ?)", list(page["cursors"].items()))
            at, more = page["cursors"], page["more"]

    def _take(self, entry: dict[str, Any]) -> None:
        key = (entry["type"], entry["id"])
        self.db.execute("DELETE FROM record WHERE type = ? AND id = ?", key)
        if not entry.get("removed"):
            row = (*key, entry["feed"], entry["rev"], json.dumps(entry["values"]))
            self.db.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", row)

    def _repair(self, feed: str) -> int:
        """Compare a feed with the district; where it differs at the same head, fetch it again; count what changed."""
        said = self.call("POST", "/v1/digest", {"feed": feed})
        cursor = self.db.execute("SELECT seq FROM cursor WHERE feed = ?", (feed,)).fetchone()
        if cursor is None or cursor[0] != said["head"] or self.digest(feed) == said["types"]:
            return 0
        query = "SELECT type, id, rev FROM record WHERE feed = ?"
        before = set(self.db.execute(query, (feed,)))
        self._pull([feed], {feed: 0})
        return len(set(self.db.execute(query, (feed,))) - before)

    def digest(self, feed: str) -> dict[str, dict[str, Any]]:
        totals: dict[str, tuple[int, int]] = {}
        query = "SELECT type, id, rev FROM record WHERE feed = ? AND rev > 0"
        for kind, record_id, rev in self.db.execute(query, (feed,)):
            count, value = totals.get(kind, (0, 0))
            part = hashlib.sha256(f"{kind}|{record_id}|{rev}".encode()).digest()[:8]
            totals[kind] = (count + 1, value ^ int.from_bytes(part, "big"))
        return {kind: {"count": count, "digest": f"{value:016x}"} for kind, (count, value) in totals.items()}
