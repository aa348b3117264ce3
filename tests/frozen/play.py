"""Fills one counter and one district with a little of everything, by the code that it runs on.

It is run as a program of its own (``python play.py FOLDER``), with the code to be frozen first on the path: also code
of long ago, so it asks what that code has before it uses it. Everybody in it is made up.
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import app
from app import clock
from app.commands import sample
from app.commands.local_district import local_district
from app.db import migrate
from app.db.database import Actor
from app.models.registry import RECORD_TYPES
from app.paths import DataFolder
from app.services import residents
from app.services.counters import OpenCounter
from app.sync.engine import SyncEngine
from tests.factories import Factory

PAST = 40
"""Days ago that most of it was done: the month before this one can be closed."""
BY_OTHERS = frozenset({"conflict", "duplicate_hint", "policy_param", "station", "month_close"})
"""What the district makes, what there is one of, and what a close makes."""
PHOTO = b"\x89PNG\r\n" + bytes(range(256)) * 16
"""An attachment whose bytes are known."""


def main(folder: Path, database: str | None) -> None:
    """Play, and leave ``counter/``, ``secrets/``, ``district/`` and ``facts.json`` in the folder."""
    data = DataFolder(folder / "counter")
    counter, recovery = sample.found_sample(data)
    with local_district(folder / "district", database=database) as district:
        sample.join_sample(counter, district)
        _one_of_everything(counter)
        sample.fill_sample(counter)
        _do_if_there(counter, _keep_attachment)
        _do_if_there(counter, _merge)
        _synchronise(counter)
        if hasattr(sample, "trouble"):
            sample.trouble(counter, district, folder)
        _do_if_there(counter, _close_last_month)
        _do_if_there(counter, _look)
        _synchronise(counter)
        _do_if_there(counter, _look)
    waiting = _work_offline(counter)
    facts = {
        "version": app.__version__,
        "schema": migrate.head(),
        "recovery_key": recovery,
        "supervisor": [counter.actor.name, sample.SUPERVISOR_PIN],
        "clerks": [[name, sample.CLERK_PIN] for name in sample.sample_people()["clerks"]],
        "waiting": waiting,
        "frozen_on": date.today().isoformat(),
    }
    counter.database.close()
    (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _do_if_there(counter: OpenCounter, act: Callable[[OpenCounter], None]) -> None:
    """Do something that code of long ago may not have."""
    try:
        act(counter)
    except ImportError as missing:
        print(f"  not in this version: {missing.name}", flush=True)


def _one_of_everything(counter: OpenCounter) -> None:
    """Make a record of every type by the services, each in a transaction of its own, some weeks ago."""
    actor = Actor(counter.actor.staff_id, counter.actor.name, frozenset({"supervisor", "clerk", "trainer"}))
    for kind in RECORD_TYPES:
        if kind.name in BY_OTHERS:
            continue
        with sample.days_ago(PAST), counter.database.write(actor) as tx:
            getattr(Factory(tx), kind.name)()


def _keep_attachment(counter: OpenCounter) -> None:
    from app.services.attachments import keep_blob
    from app.services.stations import get_station

    with counter.database.write(counter.actor) as tx:
        keep_blob(tx, PHOTO, f"station:{get_station(tx).code}")


def _merge(counter: OpenCounter) -> None:
    """Make one file of two."""
    from app.services.merging import merge_files

    with counter.database.write(counter.actor) as tx:
        keep, drop = Factory(tx).resident(name="顾念真"), Factory(tx).resident(name="顾念真")
    with counter.database.write(counter.actor) as tx:
        merge_files(tx, keep.id, drop.id)


def _close_last_month(counter: OpenCounter) -> None:
    from app.ledgers.closing import close_month
    from app.ledgers.period import month_of

    close_month(counter.database, counter.actor, month_of(clock.today()).before())


def _look(counter: OpenCounter) -> None:
    from app.services.looks import Look, note_look

    with counter.database.read() as tx:
        found = residents.search_residents(tx, sample.sample_people()["residents"][0]["name"], limit=1)[0].id
    with counter.database.write(counter.actor) as tx:
        note_look(tx, Look("resident.look", "resident", found))


def _work_offline(counter: OpenCounter) -> dict[str, Any]:
    """Do what waits to be sent; return what the district must know once it is."""
    name = sample.sample_people()["residents"][4]["name"]
    with counter.database.read() as tx:
        person = residents.search_residents(tx, name, limit=1)[0].id
    with counter.database.write(counter.actor) as tx:
        residents.edit_resident(tx, person, {"mobile": "19900000088"})
    with counter.database.write(counter.actor) as tx:
        made = Factory(tx).resident(name="金晓棠").id
    return {"edited": person, "mobile": "19900000088", "registered": made}


def _synchronise(counter: OpenCounter) -> None:
    engine = SyncEngine(counter.database)
    try:
        for _round in range(30):
            report = engine.run_once()
            if report.error is not None:
                raise SystemExit(f"the district did not take it: {report.error}")
            if not getattr(report, "attachments_left", 0):
                return
        raise SystemExit("attachments are left")
    finally:
        engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2] if len(sys.argv) > 2 else None)
