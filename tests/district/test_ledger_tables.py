"""The district's ledgers are the counter's: the same queries give the same rows on every engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from app import clock
from app.db.database import Transaction
from app.district.ledger_tables import bring_up
from app.ledgers import SHARED
from app.ledgers.base import Ask
from app.ledgers.figures import behind, figure
from app.ledgers.indicators import INDICATORS
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.models.resident import Resident
from tests.district.live import OTHER, STATION, Client, change, make, on_postgres, resident, running
from tests.district.whole_district import Whole, filled

MONTH = month_of(clock.today())
ASKS = {
    "month": Ask(MONTH),
    "one station": Ask(MONTH, (OTHER,)),
    "group": Ask(MONTH, group="05"),
    "grid": Ask(MONTH, community="330110012", grid="G1"),
    "long ago": Ask(month_of(date(2020, 1, 1))),
}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    with running_on(request, folder) as live, filled(live, folder) as made:
        bring_up(live.store)
        yield made


def running_on(request, folder):
    if request.param == "sqlite":
        return running(f"sqlite:///{folder / 'district.db'}")
    return on_postgres(request.getfixturevalue("postgres_server"))


@contextmanager
def district_tx(live) -> Iterator[Transaction]:
    with live.store.read() as connection, Session(connection) as session:
        yield Transaction(session, actor=None, writable=False)


@pytest.mark.parametrize("ledger", SHARED, ids=lambda ledger: ledger.code)
def test_each_ledger_has_the_counters_rows_in_the_counters_order(whole, ledger):
    for name, ask in ASKS.items():
        with whole.officer.database.read() as tx:
            here = list(cells(tx, ledger, ask, whole=True))
        with district_tx(whole.live) as tx:
            there = list(cells(tx, ledger, ask, whole=True))

        assert there == here, name
        assert here or name != "month"


def test_each_figure_and_the_rows_behind_it_are_the_counters(whole):
    for each in INDICATORS:
        for ask in ASKS.values():
            with whole.officer.database.read() as tx:
                local = tx.session.connection()
                here = figure(local, each, ask), sorted(behind(local, each, ask))
            with whole.live.store.read() as connection:
                there = figure(connection, each, ask), sorted(behind(connection, each, ask))

            assert there == here, (each.code, ask)


def names(live, ids):
    with live.store.read() as connection:
        query = sa.select(Resident.id, Resident.name, Resident.deleted_at).where(Resident.id.in_(ids))
        return {row.id: row for row in connection.execute(query)}


def test_what_came_since_is_brought_up_and_what_was_brought_stays(whole):
    client: Client = whole.live.client("supervisor", STATION)
    made = [resident(), resident(name="冯巧云")]
    first = client.results(client.op(made[0]), client.op(made[1]))
    bring_up(whole.live.store)

    client.one(change("resident", made[0]["id"], first[0]["records"][0]["rev"], name=["葛守成", "葛守诚"]))
    gone = [None, "2026-11-22T01:12:33.120Z"]
    client.one(change("resident", made[1]["id"], first[1]["records"][0]["rev"], deleted_at=gone))
    before = names(whole.live, [each["id"] for each in made])
    bring_up(whole.live.store)
    after = names(whole.live, [each["id"] for each in made])

    assert {row.name for row in before.values()} == {"葛守成", "冯巧云"}
    assert after[made[0]["id"]].name == "葛守诚" and after[made[1]["id"]].deleted_at is not None


def test_an_instant_as_only_python_reads_it_holds_up_no_ledger(whole):
    client: Client = whole.live.client("supervisor", STATION)
    odd = make(
        "resident", name="冯巧云", id_type="01", id_no="330110197002189991", created_at="2026-W48-6T09:00:00+08:00"
    )

    result = client.one(odd)
    bring_up(whole.live.store)

    assert result["outcome"] == "applied"
    assert names(whole.live, [odd["id"]])[odd["id"]].name == "冯巧云"


def test_the_tables_are_filled_anew_when_the_program_knows_other_fields(whole, monkeypatch):
    with whole.live.store.read() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(Resident)).scalar()
    monkeypatch.setattr("app.district.ledger_tables._shape", lambda: "another")
    monkeypatch.setattr("app.district.ledger_tables.WINDOW", 50)
    monkeypatch.setattr("app.district.ledger_tables.WINDOW_SQLITE", 50)
    told: list[tuple[int, int]] = []

    bring_up(whole.live.store, told=lambda done, of: told.append((done, of)))

    with whole.live.store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(Resident)).scalar() == before
    assert told and all(done <= of for done, of in told)
