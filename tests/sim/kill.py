"""Kills a counter at random moments of registering and referring, and looks what is left.

``python -m tests.sim.kill ROUNDS SEED FOLDER`` runs it: each round a child process works on the store and says after
each commit what it acknowledged; it dies by SIGKILL in the middle; then the store is opened and compared. Exit status
1 and a sentence if an acknowledged act is missing, half an act is there, or a slip number stands twice.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from app.db.backup import check_database
from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.services import referrals, residents
from app.services.stations import found_station
from tests.factories import NOTICE, REGISTRATION, RESIDENT, STAFF_ID, Factory
from tests.fixtures_db import KEY, STATION

ACTOR = Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))


def main(rounds: int, seed: int, folder: Path) -> int:
    """Run the rounds; return the exit status."""
    random.seed(seed)
    path = folder / "doorstep.db"
    vacancy_id = found(path)
    acknowledged: dict[str, str] = {}
    for number in range(rounds):
        pipe, child = spawn(path, vacancy_id, number)
        time.sleep(random.uniform(0.02, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for line in pipe.read().decode().splitlines():
            act, _space, value = line.partition(" ")
            if value.endswith("."):
                acknowledged[value[:-1]] = act
        pipe.close()
        problem = examine(path, acknowledged)
        if problem:
            print(f"round {number}, seed {seed}: {problem}")
            return 1
    print(f"{rounds} kills, {len(acknowledged)} acknowledged acts, all there; seed {seed}")
    return 0 if acknowledged else 1


def found(path: Path) -> str:
    """Make the store with one vacancy that has many places."""
    engine = make_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    database = Database(path, KEY)
    with database.write(ACTOR) as tx:
        found_station(tx, dict(STATION), supervisor=ACTOR.name, staff_id=STAFF_ID)
    with database.write(ACTOR) as tx:
        vacancy_id = Factory(tx).vacancy(openings=9999).id
    database.close()
    return vacancy_id


def spawn(path: Path, vacancy_id: str, number: int):  # type: ignore[no-untyped-def]
    """Start a child that works until it is killed; return the pipe of what it acknowledged, and its process id."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return os.fdopen(reader, "rb"), child
    os.close(reader)
    try:
        work(path, vacancy_id, number, writer)
    finally:
        os._exit(0)


def work(path: Path, vacancy_id: str, number: int, writer: int) -> None:
    """Register somebody, refer her, print; say so after each commit; again."""
    database = Database(path, KEY)
    for turn in range(10_000):
        id_no = unused_id(number * 1000 + turn)
        with database.write(ACTOR) as tx:
            values = {**RESIDENT, "id_no": id_no, "mobile": f"199{(number * 1000 + turn) % 10**8:08d}"}
            person = residents.register_resident(tx, values, registration=REGISTRATION, consents=[NOTICE])
        os.write(writer, f"register {id_no}.\n".encode())
        with database.write(ACTOR) as tx:
            referral = referrals.issue_referral(tx, resident_id=person.id, vacancy_id=vacancy_id, consent_share=True)
        os.write(writer, f"refer {referral.slip_no}.\n".encode())
        with database.write(ACTOR) as tx:
            printed = referrals.record_print(tx, referral.id, paper="A4", way="pdf")
        os.write(writer, f"print {printed.id}.\n".encode())


def unused_id(serial: int) -> str:
    """Return a fictional ID number for a serial: 997 or 999 of a day between 1970 and 2000."""
    from datetime import date, timedelta

    from tests.factories import fictional_id

    born = date(1970, 1, 1) + timedelta(days=serial % 10_000)
    return fictional_id(f"{born:%Y%m%d}", 996 + serial // 10_000 % 4, region="330110")


def examine(path: Path, acknowledged: dict[str, str]) -> str:
    """Return what is wrong with the store after a kill, or nothing."""
    check_database(path, KEY)
    database = Database(path, KEY)
    try:
        with database.read() as tx:
            there = {row[0] for row in tx.sql("SELECT id_no FROM resident UNION SELECT slip_no FROM referral")}
            there |= {row[0] for row in tx.sql("SELECT id FROM slip_print")}
            lost = [f"{act} {what}" for what, act in acknowledged.items() if what not in there]
            if lost:
                return f"acknowledged and lost: {lost[:3]}"
            twice = tx.sql("SELECT slip_no FROM referral GROUP BY slip_no HAVING count(*) > 1")
            if twice:
                return f"slip numbers given twice: {[row[0] for row in twice]}"
            for name, query in HALVES.items():
                half = tx.sql(query)
                if half:
                    return f"half an act ({name}): {[tuple(row) for row in half[:3]]}"
    finally:
        database.close()
    return ""


HALVES = {
    "resident without operation": "SELECT id FROM resident WHERE id NOT IN (SELECT record_id FROM operation_edit)",
    "resident without consent": "SELECT id FROM resident WHERE consent_id NOT IN (SELECT id FROM consent)",
    "resident without registration": "SELECT id FROM resident WHERE id NOT IN (SELECT resident_id FROM registration)",
    "resident without search entry": "SELECT id FROM resident WHERE id NOT IN (SELECT record_id FROM search_entry)",
    "referral without operation": "SELECT id FROM referral WHERE id NOT IN (SELECT record_id FROM operation_edit)",
    "referral without consent": "SELECT r.id FROM referral r WHERE NOT EXISTS"
    " (SELECT 1 FROM consent c WHERE c.resident_id = r.resident_id AND c.kind = '3')",
    "operation without edits": "SELECT op FROM operation WHERE op NOT IN (SELECT op FROM operation_edit)",
    "edit without row": "SELECT record_id FROM operation_edit WHERE record_type = 'resident'"
    " AND record_id NOT IN (SELECT id FROM resident)",
    "gap in the sequence": "SELECT max(seq), count(*) FROM operation WHERE seq IS NOT NULL HAVING max(seq) <> count(*)",
}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
