"""Stations side by side: what the comparison says of a station is what its own figures say."""

from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from app import clock
from app.db import state
from app.db.database import Database
from app.ledgers.base import Ask
from app.ledgers.comparison import (
    BEST,
    WORST,
    Amount,
    Comparison,
    Measure,
    Standing,
    as_ledger,
    as_rows,
    compare,
    marks,
    station_names,
    table_for,
    value_of,
)
from app.ledgers.export import Heading
from app.ledgers.figures import figure
from app.ledgers.indicators import INDICATORS
from app.ledgers.period import month_of
from app.ledgers.taken import note_taken
from app.models.month_close import MonthClose
from app.models.resident import Resident
from app.printing.ledger_file import write_ledger

MONTH = month_of(date(2026, 11, 1))
SHARE, COUNT = (Measure(code, code, "", "", share) for code, share in (("D2", True), ("A1", False)))
LESS = Measure("B8", "长期失业占比", "", "", True)
HEADING = Heading("余杭区", "2026年11月", "陶丽华", clock.now())


@pytest.fixture
def two_stations(tx, make):
    """Return the ask of a month in which two stations worked; some of it was moved to the second."""
    make.referral()
    make.hired()
    make.unemp_reg()
    make.craft_delivery()
    make.graduate()
    tx.flush()
    station = make.station()
    for number, person in enumerate(tx.session.scalars(select(Resident)).all()):
        if number % 2:
            person.station_code = station.code
    tx.flush()
    return Ask(month_of(clock.today()))


def test_each_stations_figures_are_those_asked_for_it_alone(tx, two_stations):
    connection = tx.session.connection()
    names = station_names(connection)
    told = []

    found = compare(connection, two_stations, names, told=lambda done, of: told.append((done, of)))

    assert len(names) == 2 and [each.code for each in found.stations] == sorted(names)
    for place, each in enumerate(INDICATORS):
        for standing in found.stations:
            alone = figure(connection, each, Ask(two_stations.period, (standing.code,)))
            assert standing.amounts[place] == Amount(alone.numerator, alone.denominator), each.code
        both = figure(connection, each, two_stations)
        assert found.together.amounts[place] == Amount(both.numerator, both.denominator), each.code
    assert told == [(n, len(INDICATORS)) for n in range(len(INDICATORS))]


def test_a_block_alone_has_its_own_figures_and_no_others(tx, two_stations):
    found = compare(tx.session.connection(), two_stations, station_names(tx.session.connection()), blocks="B")

    assert {each.block for each in found.measures} == {"B"}
    assert all(len(each.amounts) == len(found.measures) for each in (*found.stations, found.together))


def standing(code, *amounts):
    return Standing(code, code, tuple(Amount(*each) for each in amounts))


def test_best_and_worst_are_marked_where_more_or_less_of_it_is_better():
    stations = (
        standing("a", (9,), (1, 4), (1, 4)),
        standing("b", (1,), (3, 4), (3, 4)),
        standing("c", (5,), (0, 0), (2, 4)),
    )
    found = Comparison(Ask(MONTH), (COUNT, SHARE, LESS), stations, standing("", (15,), (4, 8), (6, 12)))

    assert marks(found) == {("a", "D2"): WORST, ("b", "D2"): BEST, ("a", "B8"): BEST, ("b", "B8"): WORST}
    assert value_of(SHARE, Amount(1, 0)) is None


def test_nobody_is_best_where_all_are_alike():
    stations = (standing("a", (1, 2)), standing("b", (2, 4)))

    assert marks(Comparison(Ask(MONTH), (SHARE,), stations, standing("", (3, 6)))) == {}


@pytest.mark.parametrize("way", ["xlsx", "pdf", "csv"])
def test_it_leaves_by_the_writers_of_ledgers(tx, two_stations, tmp_path, way):
    connection = tx.session.connection()
    found = compare(connection, two_stations, station_names(connection))
    path = tmp_path / f"站点对比.{way}"

    count = write_ledger(path, *in_order(table_for(found, path.suffix)))

    assert count == (len(found.measures) + 1 if way == "pdf" else 3) and path.stat().st_size > 500
    if way == "xlsx":
        cells = [cell.value for line in openpyxl.load_workbook(path).worksheets[0] for cell in line]
        assert "合计" in cells and "A1 在册居民（人）" in cells


def in_order(table):
    ledger, rows = table
    return ledger, HEADING, rows


def test_the_comparison_of_an_empty_file_is_a_row_of_nothing(database: Database):
    with database.read() as tx:
        names = station_names(tx.session.connection())
        found = compare(tx.session.connection(), Ask(MONTH), names)

    assert [value_of(m, a) for m, a in zip(found.measures, found.stations[0].amounts, strict=True) if not m.share] == [
        0.0 for m in found.measures if not m.share
    ]
    assert all(value_of(m, a) is None for m, a in zip(found.measures, found.together.amounts, strict=True) if m.share)


def test_how_the_month_stands_is_told_of_its_last_round_and_on_the_paper(tx, two_stations):
    month, station = two_stations.period.slug, state.station_code(tx.session)
    for number, stands in ((1, "reopened"), (2, "closed")):
        facts = {"close_key": f"{station}/{month}/{number}", "month": month, "round": number, "state": stands}
        tx.act("month.close")
        tx.add(MonthClose.model_validate({**facts, "closed_at": clock.now(), "reopen_why": "补录"}))
    tx.flush()
    connection = tx.session.connection()

    found = compare(connection, two_stations, station_names(connection), blocks="A")
    rows = as_rows(found)

    names = {each.code: each.name for each in found.stations}
    heading = note_taken(tx, as_ledger(found), two_stations, rows=len(rows), way="xlsx", stations=names)

    assert "按现在的记录算" in heading.filters and heading.unit == "余杭区"
    assert {each.code: each.closed for each in found.stations}[station] == "closed"
    assert sorted(str(row[1]) for row in rows) == ["None", "已结账", "未结账"]
    assert [column.key for column in as_ledger(found).columns][:2] == ["station", "closed"]
