"""Statements run by the driver's cursor: many rows by one statement say what a statement for each would."""

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, String, Table, event
from sqlalchemy.exc import IntegrityError

from app.db.database import make_engine
from app.db.direct import AT_ONCE, MOST_VALUES, fetch, run, run_columns, run_many
from app.db.inserts import insert_columns

COUNTS = [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE, 2 * AT_ONCE + 7]
PUT = "INSERT INTO t (id, n) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = excluded.n"


@pytest.fixture
def connection(tmp_path):
    engine = make_engine(tmp_path / "t.db", bytes(range(32)))
    with engine.begin() as opened:
        run(opened, "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER)")
        yield opened
    engine.dispose()


def told(connection):
    return fetch(connection, "SELECT id, n FROM t ORDER BY rowid")


@pytest.mark.parametrize("count", COUNTS)
def test_rows_arrive_in_order_each_once(connection, count):
    rows = [(f"r{n}", n) for n in range(count)]

    run_many(connection, "INSERT INTO t (id, n) VALUES (?, ?)", rows)

    assert told(connection) == rows


@pytest.mark.parametrize("count", COUNTS)
def test_columns_are_the_rows_that_they_make(connection, count):
    rows = [(f"r{n}", n) for n in range(count)]

    run_columns(connection, "INSERT INTO t (id, n) VALUES (?, ?)", list(zip(*rows, strict=True)) or [(), ()], count)

    assert told(connection) == rows


def test_a_row_told_twice_in_one_statement_ends_as_the_last_word(connection):
    run_many(connection, PUT, [(f"r{n % 100}", n) for n in range(AT_ONCE)])

    assert told(connection) == [(f"r{n}", AT_ONCE - 100 + n) for n in range(100)]


def test_what_is_no_insert_runs_row_by_row(connection):
    rows = [(f"r{n}", n) for n in range(AT_ONCE)]
    run_many(connection, PUT, rows)

    run_many(connection, "UPDATE t SET n = n + ? WHERE id = ?", [(1, name) for name, _n in rows])
    run_many(connection, "DELETE FROM t WHERE id = ?", [(name,) for name, n in rows if n % 2])

    assert told(connection) == [(name, n + 1) for name, n in rows if n % 2 == 0]


def test_a_wide_table_gives_no_statement_more_values_than_sqlite_takes_anywhere(connection):
    names = [f"c{n}" for n in range(400)]
    run(connection, f"CREATE TABLE wide ({', '.join(names)})")
    widths = []
    event.listen(connection, "before_cursor_execute", lambda _c, _cur, _sql, values, *_rest: widths.append(len(values)))

    run_many(connection, f"INSERT INTO wide VALUES ({', '.join('?' * 400)})", [tuple(range(400))] * 170)

    assert fetch(connection, "SELECT count(*), min(c399) FROM wide") == [(170, 399)]
    assert max(widths) == MOST_VALUES


def test_a_fault_in_one_of_many_is_raised_as_of_any_other_statement(connection):
    rows = [(f"r{n}", n) for n in range(AT_ONCE)]
    rows[7] = ("r0", 7)

    with pytest.raises(IntegrityError):
        run_many(connection, "INSERT INTO t (id, n) VALUES (?, ?)", rows)

    assert told(connection) == []


@pytest.mark.parametrize("text", ["01", "", "o'; DROP TABLE t; --", "?", "它's", "a" * 60])
def test_what_all_rows_have_in_common_is_stored_as_each_had_it(connection, text):
    kinds = {"id": String, "text": String, "list": JSON, "whole": Integer, "flag": Boolean, "large": Integer}
    table = Table("u", MetaData(), *(Column(name, kind) for name, kind in {**kinds, "none": String}.items()))
    table.create(connection)
    common = {"text": text, "list": [], "whole": 7, "flag": True, "large": 2**40, "none": None}

    insert_columns(connection, table, {"id": [f"r{n}" for n in range(AT_ONCE + 3)]}, common, AT_ONCE + 3)
    connection.execute(table.insert(), {"id": "last", **common})

    rows = fetch(connection, 'SELECT text, list, whole, flag, large, "none" FROM u')
    assert set(rows) == {(text, "[]", 7, 1, 2**40, None)}
    assert len(rows) == AT_ONCE + 4


def test_nothing_and_yes_and_no_are_bound_as_ever(connection):
    assert fetch(connection, "SELECT ?, ?, ?, typeof(?), typeof(?)", (None, True, False, None, True)) == [
        (None, 1, 0, "null", "integer")
    ]
