"""The access log: one line for a sitting, nobody can take a line back, and the audit ledger shows it."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db.chain import LOOKS, beginning, following, head_of, lines
from app.db.database import Actor
from app.db.migrate import migrate
from app.errors import StorageError
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.services.looks import Look, note_look
from app.services.residents import search_residents
from app.services.traces import reveal
from tests.factories import Factory

FILE = Look("resident.look", "resident", "r-1")


def noted(database, actor, look=FILE):
    with database.write(actor) as tx:
        return note_look(tx, look)


def test_coming_back_within_ten_minutes_is_the_same_look(database, actor):
    first = noted(database, actor)
    again = noted(database, actor)
    clock.shift(timedelta(minutes=10, seconds=1))

    assert (first, again, noted(database, actor)) == (1, None, 2)


def test_another_person_and_another_file_are_looks_of_their_own(database, actor):
    other = Actor("staff-2", "蒋老师", frozenset({"trainer"}))

    found = [
        noted(database, actor),
        noted(database, other),
        noted(database, actor, Look("match.look", "resident", "r-1")),
    ]

    assert found == [1, 2, 3]


def test_a_clock_that_was_set_back_loses_no_look(database, actor):
    noted(database, actor)
    clock.shift(timedelta(days=-3))

    assert noted(database, actor) == 2


def test_a_look_is_no_act_and_waits_for_nobody(database, actor):
    told = []
    database.on_commit.append(told.append)

    noted(database, actor)

    with database.read() as tx:
        assert tx.sql("SELECT count(*) FROM operation WHERE act LIKE '%look'")[0][0] == 0
    assert told == []


def test_an_unknown_kind_of_look_is_our_mistake(database, actor):
    with pytest.raises(ValueError, match="unknown kind"):
        noted(database, actor, Look("resident.stare", "resident", "r-1"))


@pytest.mark.parametrize("table", ["access_log", "operation_link"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET chain = ''", "DELETE FROM {}", "REPLACE INTO {} SELECT * FROM {}"]
)
def test_the_database_refuses_to_change_a_line(database, actor, table, statement):
    noted(database, actor)

    with pytest.raises((StorageError, DBAPIError)), database.write(actor) as tx:
        tx.session.connection().exec_driver_sql(statement.replace("{}", table))


def test_each_line_carries_the_hash_of_all_before_it(database, actor):
    for number in range(5):
        noted(database, actor, Look("resident.look", "resident", f"r-{number}"))

    with database.read() as tx:
        connection = tx.session.connection()
        found = list(lines(connection, LOOKS))
        chain = head_of(connection, LOOKS)
    before = beginning(LOOKS)
    for line in found:
        before = following(before, line.number, line.text)
        assert line.chain == before
    assert (chain.number, chain.chain) == (5, before)


def a_resident(database, actor, **values):
    with database.write(actor) as tx:
        return Factory(tx).resident(**values)


def test_the_audit_ledger_shows_looks_beside_traces_in_their_order(database, actor):
    resident = a_resident(database, actor, name="沈安以")
    with database.write(actor) as tx:
        reveal(tx, resident.id, "id_no", "1")
    clock.shift(timedelta(minutes=1))
    noted(database, actor, Look("resident.look", "resident", resident.id))
    noted(database, actor, Look("ledger.look", "ledger", "L02", "2026年11月，3 行"))

    with database.read() as tx:
        found = list(cells(tx, ledger_named("L25"), Ask(month_of(clock.today()))))

    titles = [column.title for column in ledger_named("L25").columns]
    told = [dict(zip(titles, row, strict=True)) for row in found]
    assert [row["动作"] for row in told] == ["看完整号码", "查看档案", "查看台账"]
    assert [row["对象"] for row in told] == ["沈*以", "沈*以", None]
    assert told[0]["内容"] == "证件号码"
    assert told[2]["内容"] == "L02 2026年11月，3 行"
    assert {row["人员"] for row in told} == {"陶丽华"}


def test_the_audit_ledger_runs_at_the_district_where_nobody_looked(postgres_url):
    engine = create_engine(postgres_url)
    migrate(engine)

    with engine.connect() as connection:
        query = ledger_named("L25").query(Ask(month_of(clock.today()), stations=("330110012001",), officer="x"))
        assert connection.execute(query).all() == []
        assert connection.execute(text("SELECT count(*) FROM access_log")).scalar() == 0
    engine.dispose()


def test_no_look_holds_a_name_or_a_number(database, actor):
    resident = a_resident(database, actor, name="沈安以", mobile="19900000042")
    noted(database, actor, Look("resident.look", "resident", resident.id))

    with database.read() as tx:
        assert [hit.id for hit in search_residents(tx, "19900000042", limit=3)] == [resident.id]
        told = str(tx.sql("SELECT * FROM access_log"))
    assert "沈安以" not in told and "19900000042" not in told
