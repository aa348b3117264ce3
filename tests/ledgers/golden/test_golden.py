"""The golden month: every figure as derived by hand in ``derivation.md``, on the counters and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

from app.db.database import Database, make_engine
from app.db.inserts import table_of
from app.db.migrate import migrate
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.comparison import compare, value_of
from app.ledgers.figures import behind, figure, parts, trend
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import month_of
from app.ledgers.read import lines
from app.models.registry import RECORD_TYPES
from app.services.stations import found_station
from tests.fixtures_db import KEY, STATION
from tests.ledgers.golden.month import CLERK, Counter, first_station, second_station
from tests.postgres import fresh_database

DECEMBER = month_of(date(2026, 12, 1))
OURS, THEIRS = STATION["code"], "310110008001"

# code: numerator, denominator (None where it is a count), as derivation.md has them
FIRST = {
    "A1": (34, None), "A2": (31, None), "A3": (9, None), "A4": (16, None), "A5": (2, None), "A6": (2, None),
    "A7": (2, None), "A8": (9, 27), "A9": (32, 34),
    "B1": (8, None), "B2": (4, None), "B3": (3, None), "B4": (2, None), "B8": (1, 8), "B9": (8, 16),
    "C1": (3, 5), "C2": (21, 4), "C3": (1, 2), "C3a": (2, 2), "C3b": (1, 2), "C3c": (1, 2), "C3d": (1, 2),
    "C5a": (7, None), "C5b": (5, 8), "C9": (6, 11), "C10a": (75 * 3600, 3), "C10b": (1, 3), "C11": (7, 9),
    "D1": (9, None), "D2": (5, 6), "D3": (6, 4), "D4": (3, None), "D5": (3, 10), "D6": (1, None),
    "D9": (2, 4), "D9u": (1, None), "D10a": (2, 3), "D10b": (1, 3), "D10c": (2, 3),
    "D13a": (3, None), "D13b": (25200, None), "D13c": (25200, 3), "D15": (3, 4), "D16": (5, None),
}  # fmt: skip
SECOND = {
    "A1": (4, None), "A2": (4, None), "A3": (2, None), "A4": (1, None), "A5": (0, None), "A6": (1, None),
    "A7": (0, None), "A8": (2, 3), "A9": (4, 4),
    "B1": (1, None), "B2": (1, None), "B3": (0, None), "B4": (0, None), "B8": (0, 1), "B9": (1, 3),
    "C1": (0, 1), "C2": (0, 0), "C3": (0, 0), "C3a": (0, 0), "C3b": (0, 0), "C3c": (0, 0), "C3d": (0, 0),
    "C5a": (0, None), "C5b": (0, 0), "C9": (0, 1), "C10a": (3600, 1), "C10b": (0, 1), "C11": (1, 1),
    "D1": (1, None), "D2": (1, 1), "D3": (1, 1), "D4": (0, None), "D5": (0, 1), "D6": (0, None),
    "D9": (0, 0), "D9u": (0, None), "D10a": (0, 0), "D10b": (0, 0), "D10c": (0, 0),
    "D13a": (0, None), "D13b": (0, None), "D13c": (0, 0), "D15": (0, 0), "D16": (0, None),
}  # fmt: skip
VALUES = {"A8": 33.333, "C2": 5.25, "C10a": 25.0, "C11": 77.778, "D2": 83.333, "D3": 1.5, "D13b": 252.0, "D13c": 84.0}
ROWS = {
    "L01": 34, "L02": 12, "L03": 11, "L04": 3, "L05": 3, "L06": 12, "L07": 4, "L08": 5, "L09": 9, "L10": 7,
    "L16": 4, "L18": 3, "L25": 2, "YB": 1,
}  # fmt: skip
MONTHLY = {OURS: (10, 11, 5, 2, 6, 3, 3, 4, 2, 1, 3, 1), THEIRS: (2, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0)}


@dataclass
class Month:
    """The two counters, and the district that holds what both have."""

    first: Counter
    second: Counter
    district: Connection

    def keys(self, ids: set[str | None]) -> list[str]:
        """Return the numbers of people, P01 to P40."""
        known = {**self.first.ids, **self.second.ids}
        return sorted(key for key, value in known.items() if value in ids and key[0] == "P" and key[1:].isdecimal())


@pytest.fixture(scope="module")
def month(template, postgres_server, tmp_path_factory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("golden")
    shutil.copyfile(template, folder / "first.db")
    engine = make_engine(folder / "second.db", KEY)
    migrate(engine)
    engine.dispose()
    first, second = Database(folder / "first.db", KEY), Database(folder / "second.db", KEY)
    with second.write(CLERK) as tx:
        their = {**STATION, "name": "乐业空间", "code": THEIRS, "county_code": "310110", "street_name": "江浦路街道"}
        found_station(tx, their, supervisor="陶丽华", staff_id="0198f3c2-7d10-7c3e-9a55-0000000000cc")
    with pytest.MonkeyPatch.context() as patch:
        ours, theirs = Counter(first, patch), Counter(second, patch)
        first_station(ours)
        second_station(theirs)
    with fresh_database(postgres_server) as url:
        district = sa.create_engine(url)
        SQLModel.metadata.create_all(district)
        with district.connect() as connection:
            for database in (first, second):
                copy_rows(database, connection)
            yield Month(ours, theirs, connection)
        district.dispose()
    first.close()
    second.close()


def copy_rows(database: Database, connection: Connection) -> None:
    with database.read() as tx:
        for kind in RECORD_TYPES:
            table = table_of(kind.model)
            rows = [dict(row._mapping) for row in tx.session.connection().execute(sa.select(table))]
            if rows:
                connection.execute(table.insert(), rows)


def found(connection, ask):
    return {each.code: _pair(figure(connection, each, ask)) for each in INDICATORS}


def _pair(each):
    return each.numerator, each.denominator


def test_every_indicator_is_what_paper_says_on_the_counters(month):
    for counter, derived in ((month.first, FIRST), (month.second, SECOND)):
        with counter.database.read() as tx:
            assert found(tx.session.connection(), Ask(DECEMBER)) == derived


def test_every_indicator_is_the_same_on_the_districts_postgresql(month):
    assert found(month.district, Ask(DECEMBER, (OURS,))) == FIRST
    assert found(month.district, Ask(DECEMBER, (THEIRS,))) == SECOND
    together = found(month.district, Ask(DECEMBER))
    assert together == {
        code: (FIRST[code][0] + SECOND[code][0], None if under is None else under + SECOND[code][1])
        for code, (_over, under) in FIRST.items()
    }


def test_values_are_in_the_unit_that_they_name(month):
    with month.first.database.read() as tx:
        values = {code: figure(tx.session.connection(), indicator(code), Ask(DECEMBER)).value for code in VALUES}

    assert values == pytest.approx(VALUES, abs=0.001)


def test_stations_side_by_side_are_what_paper_says_of_each(month):
    told = compare(month.district, Ask(DECEMBER), {OURS: "溪桥", THEIRS: "乐业空间"})

    codes = [measure.code for measure in told.measures]
    first, second = (dict(zip(codes, map(tuple, each.amounts), strict=True)) for each in told.stations)
    assert (first, second) == (FIRST, SECOND)
    hours = told.measures[codes.index("C10a")]
    assert value_of(hours, told.stations[0].amounts[codes.index("C10a")]) == 25


def test_every_ledger_has_the_rows_that_paper_says(month):
    with month.first.database.read() as tx:
        counter = {each.code: len(list(lines(tx.session.connection(), each, Ask(DECEMBER)))) for each in SHARED}
    district = {each.code: len(list(lines(month.district, each, Ask(DECEMBER, (OURS,))))) for each in SHARED}

    assert counter == ROWS
    assert district == ROWS


def test_the_monthly_table_is_what_paper_says(month):
    rows = {line.row_id: tuple(line.values[1:]) for line in lines(month.district, ledger_named("YB"), Ask(DECEMBER))}

    assert rows == MONTHLY


@pytest.mark.parametrize(
    ("code", "people"),
    [
        ("A3", "P02 P03 P04 P05 P10 P20 P25 P29 P31"),
        ("A4", "P01 P09 P18 P19 P21 P22 P23 P24 P27 P28 P30 P32 P33 P34 P35 P36"),
        ("A5", "P16 P17"),
        ("A6", "P07 P26"),
        ("A7", "P13 P15"),
        ("B1", "P18 P19 P20 P21 P22 P24 P27 P28"),
        ("B2", "P21 P22 P24 P28"),
        ("B3", "P25 P26 P28"),
        ("B8", "P18"),
        ("C1", "P21 P24 P33"),
        ("C3", "P18"),
        ("C5b", "P02 P04 P18 P21 P31"),
        ("C9", "P04 P05 P09 P16 P20 P25"),
        ("C11", "P01 P04 P20 P31 P33 P36"),
        ("D2", "P04 P19 P20 P31"),
        ("D4", "P20 P25 P28"),
        ("D6", "P04"),
        ("D9", "P05 P16"),
        ("D9u", "P10"),
        ("D10c", "P28 P29"),
        ("D13a", "P10 P11 P29"),
        ("D16", "P01 P31 P33 P34"),
    ],
)
def test_behind_a_figure_stand_the_people_that_paper_names(month, code, people):
    with month.first.database.read() as tx:
        rows = behind(tx.session.connection(), indicator(code), Ask(DECEMBER))

    assert month.keys({row.resident_id for row in rows}) == people.split()


def test_deregistrations_are_told_by_their_reason(month):
    with month.first.database.read() as tx:
        assert parts(tx.session.connection(), indicator("B3"), Ask(DECEMBER)) == {"1": 1, "8": 1, "10": 1}


def test_nothing_of_december_is_in_the_months_beside_it(month):
    with month.first.database.read() as tx:
        connection = tx.session.connection()
        periods = [DECEMBER.before(), DECEMBER, DECEMBER.next()]
        told = {
            code: [each.numerator for each in trend(connection, indicator(code), Ask(DECEMBER), periods)]
            for code in ("B1", "B2", "B3", "D1", "D2", "D4")
        }

    assert told == {
        "B1": [7, 8, 8],
        "B2": [2, 4, 1],
        "B3": [1, 3, 1],
        "D1": [4, 9, 1],
        "D2": [0, 5, 1],
        "D4": [1, 3, 2],
    }
