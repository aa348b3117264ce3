"""The frozen stores: found, unpacked as they were left, and read by plain SQL."""

import hashlib
import io
import json
import lzma
import os
import tarfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from app.paths import DataFolder
from tests.frozen import pages

HERE = Path(__file__).resolve().parent
NAMES = tuple(sorted(path.name for path in HERE.iterdir() if (path / "facts.json").exists()))
FREEZE = ".venv/bin/python -m tests.frozen.freeze"

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Frozen:
    """One store, put back in a folder of its own; its secrets lie where this process looks for them."""

    facts: Mapping[str, Any]
    folder: DataFolder
    district: Path

    @property
    def key(self) -> bytes:
        return bytes.fromhex(self.facts["key"])

    @property
    def schema(self) -> str:
        return str(self.facts["schema"])


def facts_of(name: str) -> dict[str, Any]:
    """Return what was noted when it was frozen."""
    found: dict[str, Any] = json.loads((HERE / name / "facts.json").read_text("utf-8"))
    return found


@cache
def _unpacked(name: str) -> Mapping[str, bytes]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress((HERE / name / "store.tar.xz").read_bytes()))) as archive:
        for entry in archive:
            part = archive.extractfile(entry)
            assert part is not None
            files[entry.name] = part.read()
    key = bytes.fromhex(facts_of(name)["key"])
    clear, seals = files.pop("counter/doorstep.db.clear"), files.pop("counter/doorstep.db.seals")
    return {**files, "counter/doorstep.db": pages.sealed(clear, seals, key)}


def thaw(name: str, into: Path) -> Frozen:
    """Put a store back, byte for byte as it was left."""
    facts, files = facts_of(name), _unpacked(name)
    assert hashlib.sha256(files["counter/doorstep.db"]).hexdigest() == facts["counter_sha256"]
    assert hashlib.sha256(files["district/district.db"]).hexdigest() == facts["district_sha256"]
    for place, content in files.items():
        path = into / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    secrets = Path(os.environ["DOORSTEP_SECRETS"])
    secrets.mkdir(parents=True, exist_ok=True)
    secret = secrets / facts["secret"]["file"]
    secret.write_text(facts["secret"]["content"], "ascii")
    secret.chmod(0o600)
    return Frozen(facts, DataFolder(into / "counter"), into / "district" / "district.db")


def dump_of_postgres(name: str) -> str:
    """Return the statements that build the district of that time on an empty database."""
    return lzma.decompress((HERE / name / "district.sql.xz").read_bytes()).decode()


def step_of(path: Path, key: bytes | None) -> str:
    """Return the step that a file stands at, read by the driver alone."""
    with closing(sqlcipher.connect(str(path), isolation_level=None)) as connection:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def tables(path: Path, key: bytes | None) -> dict[str, Table]:
    """Return every table of a file with its columns and rows, read by the driver alone, but for the search index's."""
    with closing(sqlcipher.connect(str(path), isolation_level=None)) as connection:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in names:
            if name.startswith(("sqlite_", "search")) or name == "alembic_version":
                continue
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            columns = tuple(each[0] for each in cursor.description)
            found[name] = (columns, sorted(cursor.fetchall(), key=repr))
        return found


def lost(before: Mapping[str, Table], after: Mapping[str, Table], *, grown: bool = False) -> list[str]:
    """Return what of the earlier rows does not stand in the later ones as it was; empty when nothing was lost.

    ``grown``: rows may have come in, as at a district that works once it is brought forward.
    """
    found = []
    for name, (columns, rows) in before.items():
        have, now = after.get(name, ((), []))
        if gone := set(columns) - set(have):
            found.append(f"{name}: columns {sorted(gone)} are gone")
            continue
        places = [have.index(column) for column in columns]
        kept = Counter(tuple(row[place] for place in places) for row in now)
        missing, strange = Counter(rows) - kept, kept - Counter(rows)
        if missing or (strange and not grown):
            found.append(f"{name}: of {len(rows)} rows {missing.total()} are changed or gone, {strange.total()} new")
    return found
