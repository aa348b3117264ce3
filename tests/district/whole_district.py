"""A small district for the ledgers: two stations with a bit of everything, on a live server, and an officer's PC."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app import clock
from app.db import state
from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.models.registration import EmpStatus
from app.services import referrals
from app.services.stations import found_station
from tests.district.live import OTHER, STATION, Live
from tests.factories import Factory
from tests.sync.world import KEY, Counter

STATIONS = {STATION: "溪桥社区就业服务站", OTHER: "乐业空间就业服务站"}
HEADS = {
    STATION: Actor("0198f3c2-7d10-7c3e-9a55-0000000000a1", "陶丽华", frozenset({"supervisor", "clerk"})),
    OTHER: Actor("0198f3c2-7d10-7c3e-9a55-0000000000a2", "许文", frozenset({"supervisor", "clerk"})),
}


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="doorstep-whole-")


@cache
def stations() -> dict[str, Path]:
    """Return the file of each station's counter, which has not joined yet."""
    folder = Path(_folder().name)
    engine = make_engine(folder / "empty.db", KEY)
    migrate(engine)
    engine.dispose()
    made = {}
    for number, (code, name) in enumerate(STATIONS.items(), 1):
        path = made[code] = folder / f"{code}.db"
        shutil.copyfile(folder / "empty.db", path)
        _fill(path, code, name, number)
    return made


def empty() -> Path:
    """Return the file of a counter without anything."""
    stations()
    return Path(_folder().name) / "empty.db"


def _fill(path: Path, code: str, name: str, number: int) -> None:
    database, head = Database(path, KEY), HEADS[code]
    with database.write(head) as tx:
        facts = {"name": name, "code": code, "county_code": "330110", "street_name": "仓前街道"}
        found_station(tx, facts, supervisor=head.name, staff_id=head.staff_id)
        state.set_state(tx.session, state.DEVICE_NO, f"{number:02d}")  # two that never met would number alike
    for act in _acts(number):
        with database.write(head) as tx:
            act(Factory(tx))
    database.close()


def _acts(number: int) -> list[Any]:
    """Return what happens at a station, each in a transaction of its own; the second one does some of it twice."""

    def people(make: Factory) -> None:
        for n in range(3 * number):
            person = make.resident(grid_code=f"G{n % 2}", emp_status="11" if n % 3 == 1 else "22")
            if n % 3 == 1:
                person.live_region, person.priority_groups = None, [{"code": "05", "valid_from": "2026-01-01"}]

    def unemployed(make: Factory) -> None:
        person = make.resident()
        row = make.unemp_reg(person)
        make.tx.flush()
        row.dereg_date, row.dereg_reason = clock.today(), "1"
        make.unemp_reg(make.resident(), unemp_date=clock.today() - timedelta(days=2))

    def back_in_work(make: Factory) -> None:
        person = make.resident()
        make.unemp_reg(person)
        make.tx.add(EmpStatus(resident_id=person.id, to_status="11", since=clock.today(), source="x"))

    def referred(make: Factory) -> None:
        slip = make.referral()
        make.tx.flush()
        referrals.record_outcome(make.tx, slip.id, {"outcome": "3", "outcome_reason": "01", "reply_way": "1"})
        make.slip_print()

    made = [people, unemployed, back_in_work, referred, lambda make: make.referral()]
    made += [lambda make: make.hired(), lambda make: make.followup(), lambda make: make.visit()]
    made += [lambda make: make.guidance(), lambda make: make.policy_intro(), lambda make: make.service_event()]
    made += [lambda make: make.certificate(), lambda make: make.craft_delivery(), lambda make: make.enrolment()]
    return made + [referred, lambda make: make.craft_delivery()] * (number - 1)


@dataclass
class Whole:
    """A live server that has both stations' work, and an officer's PC that pulled it."""

    live: Live
    officer: Counter


@contextmanager
def filled(live: Live, folder: Path) -> Iterator[Whole]:
    """Bring both stations' work to a server, and an officer's PC up to date."""
    for code, source in stations().items():
        target = folder / f"{code}.db"
        shutil.copyfile(source, target)
        counter = Counter(target).join(live, "supervisor", code)
        report = counter.sync()
        with counter.database.read() as tx:
            refused = tx.sql("SELECT act, code, text, field FROM operation WHERE state = 'parked'")
        assert report.error is None and not refused, (report, refused)
        counter.close()
    target = folder / "officer.db"
    shutil.copyfile(empty(), target)
    officer = Counter(target).join(live, "officer", STATION)
    assert officer.sync().error is None
    yield Whole(live, officer)
    officer.close()
