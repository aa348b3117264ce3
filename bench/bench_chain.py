"""The doctor's walk over 100,000 chained operations and as many looks, against hashing the same bytes.

The floor is a bare cursor of the driver that reads the same columns of the same tables in the same order, and one
``hashlib.sha256`` a line over them. Ours also groups the edits of an act, writes the text that is hashed, compares each
hash and counts what is told. Processor time of this process, turn by turn, the smallest of three.
``python -m bench.bench_chain [quick]`` prints; ``quick`` takes 10,000.
"""

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import clock
from app.db.chain import (
    LOOK_LINES,
    LOOKS,
    OPERATION_LINES,
    OPERATIONS,
    beginning,
    following,
    look_text,
    operation_text,
)
from app.db.chain_walk import walk
from app.db.database import Database, make_engine, raw_connection
from app.db.migrate import migrate

COUNT, QUICK = 100_000, 10_000
TURNS = 3
LIMIT = 2.5
_KEY = bytes(range(32))
_OPERATION = (
    "INSERT INTO operation (op, device, seq, act, actor, made_at, schema_version, origin, state)"
    " VALUES (?, 'd-1', ?, ?, ?, ?, 1, 'local', 'applied')"
)
_EDIT = (
    "INSERT INTO operation_edit (op, position, record_type, record_id, base, changes, rev) VALUES (?, ?, ?, ?, 0, ?, 7)"
)


def fill(path: Path, count: int) -> None:
    """Build a file with so many operations, of two edits on the average, and so many looks, all chained."""
    engine = make_engine(path, _KEY)
    migrate(engine)
    engine.dispose()
    raw = raw_connection(path, _KEY)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("BEGIN")
    dice = random.Random(11)
    ops, edits, links, looks = [], [], [], []
    op_chain, look_chain = beginning(OPERATIONS), beginning(LOOKS)
    for number in range(1, count + 1):
        op, staff, now = clock.new_id(), f"staff-{number % 7}", f"2026-11-{1 + number % 28:02d} 02:00:00.{number:06d}"
        act = "resident.register" if number % 3 else "resident.edit"
        own = [(op, n, "resident", clock.new_id(), _changes(dice)) for n in range(1 + number % 3)]
        ops.append((op, number, act, staff, now))
        edits += own
        rows = [(op, act, staff, now, None, None, 1, "local", each[1], each[2], each[3], 0, each[4]) for each in own]
        text = operation_text(rows)
        assert text is not None
        op_chain = following(op_chain, number, text)
        links.append((number, op, op_chain))
        look = (now, staff, "resident.look", "resident", op, "330110012001", None)
        look_chain = following(look_chain, number, look_text(look))
        looks.append((number, *look, look_chain))
    raw.executemany(_OPERATION, ops)
    raw.executemany(_EDIT, edits)
    raw.executemany("INSERT INTO operation_link (number, op, chain) VALUES (?, ?, ?)", links)
    raw.executemany("INSERT INTO access_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", looks)
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.close()


def _changes(dice: random.Random) -> str:
    pairs = (f'"field_{n}":[null,"溪桥苑 {dice.randrange(90)} 幢 {dice.randrange(9)} 单元"]' for n in range(12))
    return "{" + ",".join(pairs) + "}"


def floor(path: Path, statement: str) -> int:
    """Read the same columns by a bare cursor, and hash each row with the hash before it; return how many."""
    raw = raw_connection(path, _KEY)
    chain, count = b"", 0
    for row in raw.execute(statement, (0,)):
        chain = hashlib.sha256(chain + "".join([str(value) for value in row]).encode()).digest()
        count += 1
    raw.close()
    return count


def ours(database: Database, log: str) -> None:
    """Walk a log as the doctor does."""
    with database.read() as tx:
        assert walk(tx.session.connection(), log).fault is None


def _spent(act: Callable[[], Any]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def run(count: int = COUNT) -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    found = []
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        path = Path(folder) / "chain.db"
        fill(path, count)
        database = Database(path, _KEY)
        for log, statement in ((OPERATIONS, OPERATION_LINES), (LOOKS, LOOK_LINES)):
            bare, walked = [], []
            for _turn in range(TURNS):
                bare.append(_spent(lambda statement=statement: floor(path, statement)))
                walked.append(_spent(lambda log=log: ours(database, log)))
            detail = f"{count:,} lines: bare {min(bare):.2f} s, walked {min(walked):.2f} s of processor time"
            found.append((f"chain walked: {log}", min(walked) / min(bare), LIMIT, detail))
        database.close()
    return found


if __name__ == "__main__":
    for name, ratio, limit, detail in run(QUICK if "quick" in sys.argv[1:] else COUNT):
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
