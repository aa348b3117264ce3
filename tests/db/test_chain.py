"""The chain over the operations and the access log: any single thing done to a line is found at exactly that line."""

import hashlib
import random
from datetime import datetime, timedelta, timezone

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db import migrate
from app.db.chain import LOOKS, OPERATIONS, beginning, chain_at, following, head_of, lines, link_operation, text_of
from app.db.chain_walk import CHANGED, CUT, INSERTED, REMOVED, REORDERED, REWRITTEN, walk
from app.db.database import Database, make_engine, raw_connection
from app.errors import Cancelled
from app.services import residents
from app.services.looks import Look, note_look
from app.services.tamper import examine_logs
from tests.factories import NOTICE, RESIDENT, Factory
from tests.fixtures_db import KEY

PLUS8 = timezone(timedelta(hours=8))
MANY = 12


@pytest.fixture
def log(database, actor):
    """Do a dozen acts and as many looks; return the database."""
    with database.write(actor) as tx:
        person = Factory(tx).resident().id
    for number in range(MANY):
        with database.write(actor) as tx:
            residents.edit_resident(tx, person, {"live_addr": f"溪桥苑 {number} 幢"})
        with database.write(actor) as tx:
            note_look(tx, Look("resident.look", "resident", f"r-{number}"))
    return database


class Attacker:
    """Somebody who has the file and its key, and no use for triggers."""

    def __init__(self, database: Database, key: bytes = KEY) -> None:
        self.path = database.path
        self._connection = raw_connection(self.path, key)
        self._connection.execute("PRAGMA foreign_keys = OFF")
        for table in ("access_log", "operation_link"):
            for verb in ("update", "delete"):
                self._connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")

    def does(self, statement, *values):
        return self._connection.execute(statement, values).fetchall()

    def renumber(self, table, first, by):
        """Move the numbers from ``first`` on, so that nothing is missing in the count."""
        order = "DESC" if by > 0 else "ASC"
        for (number,) in self.does(f"SELECT number FROM {table} WHERE number >= ? ORDER BY number {order}", first):
            self.does(f"UPDATE {table} SET number = ? WHERE number = ?", number + by, number)

    def rewrite(self, database, name):
        """Compute every hash anew from the stored lines."""
        table = {OPERATIONS: "operation_link", LOOKS: "access_log"}[name]
        with database.read() as tx:
            connection = tx.session.connection()
            chain = self.does(f"SELECT chain FROM {table} WHERE number = 0")
            before = chain[0][0] if chain else beginning(name)
            fresh = []
            for line in lines(connection, name):
                before = following(before, line.number, line.text)
                fresh.append((line.number, before))
        for number, chain in fresh:
            self.does(f"UPDATE {table} SET chain = ? WHERE number = ?", chain, number)

    def ends(self):
        self._connection.close()


@pytest.fixture
def attacker(log):
    held = Attacker(log)
    yield held
    held.ends()


def found(database, name, told=None):
    with database.read() as tx:
        return walk(tx.session.connection(), name, told).fault


def op_at(attacker, number):
    return attacker.does("SELECT op FROM operation_link WHERE number = ?", number)[0][0]


def test_an_untouched_log_is_whole_and_every_act_is_in_it(log):
    with log.read() as tx:
        connection = tx.session.connection()
        count = tx.sql("SELECT count(*) FROM operation")[0][0]
        for name, wanted in ((OPERATIONS, count), (LOOKS, MANY)):
            walked = walk(connection, name)
            assert walked.fault is None
            assert (walked.head.number, walked.head) == (wanted, head_of(connection, name))


def test_the_hash_is_sha_256_of_the_one_before_and_the_line():
    chain = following("ab" * 32, 7, b"x")

    assert chain == hashlib.sha256(b"ab" * 32 + b" 7 x").hexdigest()


@given(st.lists(st.none() | st.text(max_size=4), max_size=6), st.lists(st.none() | st.text(max_size=4), max_size=6))
def test_two_lines_of_different_parts_never_have_the_same_text(one, other):
    assert (text_of(one) == text_of(other)) == (one == other)


CHANGES = [
    "UPDATE operation SET act = 'resident.remove' WHERE op = ?",
    "UPDATE operation SET actor = 'somebody-else' WHERE op = ?",
    "UPDATE operation SET made_at = '2026-01-01 00:00:00.000000' WHERE op = ?",
    "UPDATE operation SET reason = 'because' WHERE op = ?",
    "UPDATE operation SET undoes = 'x' WHERE op = ?",
    "UPDATE operation SET origin = 'district' WHERE op = ?",
    "UPDATE operation_edit SET changes = replace(changes, '幢', '栋') WHERE op = ?",
    "UPDATE operation_edit SET record_id = 'another' WHERE op = ?",
    "UPDATE operation_edit SET base = base + 1 WHERE op = ?",
    "DELETE FROM operation_edit WHERE op = ?",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_a_changed_operation_is_named(log, attacker, statement):
    attacker.does(statement, op_at(attacker, 6))

    fault = found(log, OPERATIONS)

    assert (fault.kind, fault.number) == (CHANGED, 6)


def test_an_edit_that_was_added_is_named(log, attacker):
    op = op_at(attacker, 6)
    attacker.does(
        "INSERT INTO operation_edit (op, position, record_type, record_id, base, changes)"
        " SELECT op, 9, record_type, 'another', base, changes FROM operation_edit WHERE op = ?",
        op,
    )

    assert (found(log, OPERATIONS).kind, found(log, OPERATIONS).number) == (CHANGED, 6)


@pytest.mark.parametrize("column", ["staff_id", "act", "subject_type", "subject_id", "station_code", "detail"])
def test_a_changed_look_is_named(log, attacker, column):
    attacker.does(f"UPDATE access_log SET {column} = 'another' WHERE number = 4")

    assert (found(log, LOOKS).kind, found(log, LOOKS).number) == (CHANGED, 4)


def test_what_may_change_for_good_reasons_is_not_in_the_chain(log, attacker):
    attacker.does("UPDATE operation SET state = 'parked', code = 'x', text = 'y', field = 'z', answered_at = made_at")
    attacker.does("UPDATE operation SET device = 'another', seq = seq + 1000")
    attacker.does("UPDATE operation_edit SET rev = 77")

    assert found(log, OPERATIONS) is None


def test_an_operation_that_was_taken_out_is_named_with_and_without_its_link(log, attacker):
    op = op_at(attacker, 5)
    attacker.does("DELETE FROM operation_edit WHERE op = ?", op)
    attacker.does("DELETE FROM operation WHERE op = ?", op)
    with_link = found(log, OPERATIONS)
    attacker.does("DELETE FROM operation_link WHERE number = 5")
    without = found(log, OPERATIONS)
    attacker.renumber("operation_link", 6, -1)
    closed = found(log, OPERATIONS)

    assert [(each.kind, each.number) for each in (with_link, without, closed)] == [(REMOVED, 5)] * 3


def test_several_lines_that_were_taken_out_are_named_from_the_first_on(log, attacker):
    attacker.does("DELETE FROM access_log WHERE number BETWEEN 3 AND 5")
    gap = found(log, LOOKS)
    for number in range(6, MANY + 1):
        attacker.does("UPDATE access_log SET number = ? WHERE number = ?", number - 3, number)
    closed = found(log, LOOKS)

    assert (gap.kind, gap.number, gap.last) == (REMOVED, 3, 5)
    assert (closed.kind, closed.number) == (REMOVED, 3)


def put_in(attacker, number):
    columns = "looked_at, staff_id, act, subject_type, 'new', station_code, detail, 'x'"
    attacker.does(f"INSERT INTO access_log SELECT ?, {columns} FROM access_log LIMIT 1", number)


@pytest.mark.parametrize("computed", [True, False], ids=["with a hash that fits", "with any hash"])
def test_a_line_that_was_put_in_is_named(log, attacker, computed):
    attacker.renumber("access_log", 4, 1)
    put_in(attacker, 4)
    if computed:
        with log.read() as tx:
            before = chain_at(tx.session.connection(), LOOKS, [3])[3]
            line = next(each for each in lines(tx.session.connection(), LOOKS, 3))
        attacker.does("UPDATE access_log SET chain = ? WHERE number = 4", following(before, 4, line.text))

    fault = found(log, LOOKS)

    assert (fault.kind, fault.number) == (INSERTED, 4)


def test_a_stretch_that_was_put_in_at_the_very_beginning_is_named(log, attacker):
    for number in (1, 2):
        attacker.renumber("access_log", number, 1)
        put_in(attacker, number)
        with log.read() as tx:
            connection = tx.session.connection()
            before = chain_at(connection, LOOKS, [number - 1]).get(number - 1, beginning(LOOKS))
            line = next(each for each in lines(connection, LOOKS, number - 1))
        attacker.does("UPDATE access_log SET chain = ? WHERE number = ?", following(before, number, line.text), number)

    fault = found(log, LOOKS)

    assert (fault.kind, fault.number, fault.last) == (INSERTED, 1, 2)


@pytest.mark.parametrize(("one", "other"), [(4, 5), (3, 8), (1, MANY)])
def test_lines_that_changed_places_are_named(log, attacker, one, other):
    attacker.does("UPDATE access_log SET number = -1 WHERE number = ?", one)
    attacker.does("UPDATE access_log SET number = ? WHERE number = ?", one, other)
    attacker.does("UPDATE access_log SET number = ? WHERE number = -1", other)

    assert (found(log, LOOKS).kind, found(log, LOOKS).number) == (REORDERED, one)


def test_operations_that_changed_places_are_named(log, attacker):
    first, second = op_at(attacker, 6), op_at(attacker, 9)
    for op, number in (("x", 6), (first, 9), (second, 6)):
        attacker.does("UPDATE operation_link SET op = ? WHERE number = ?", op, number)

    assert (found(log, OPERATIONS).kind, found(log, OPERATIONS).number) == (REORDERED, 6)


def test_a_line_that_was_moved_is_named_where_the_order_breaks(log, attacker):
    attacker.does("UPDATE access_log SET number = -1 WHERE number = 9")
    attacker.renumber("access_log", 4, 1)
    attacker.does("UPDATE access_log SET number = 4 WHERE number = -1")

    assert (found(log, LOOKS).kind, found(log, LOOKS).number) == (REORDERED, 4)


def test_a_log_that_was_cut_off_shows_against_the_district(log, attacker):
    with log.read() as tx:
        told = chain_at(tx.session.connection(), LOOKS, [5, MANY])
    attacker.does("DELETE FROM access_log WHERE number > 7")

    assert found(log, LOOKS) is None
    fault = found(log, LOOKS, told)
    assert (fault.kind, fault.number, fault.last) == (CUT, 8, MANY)


def test_a_chain_that_was_computed_anew_shows_between_two_heads_of_the_district(log, attacker):
    with log.read() as tx:
        told = chain_at(tx.session.connection(), OPERATIONS, [2, 5, 9])
    attacker.does("UPDATE operation SET actor = 'somebody-else' WHERE op = ?", op_at(attacker, 7))
    attacker.rewrite(log, OPERATIONS)

    assert found(log, OPERATIONS) is None
    fault = found(log, OPERATIONS, told)
    assert (fault.kind, fault.number, fault.last) == (REWRITTEN, 6, 9)


def test_a_tampered_beginning_is_named(log, attacker):
    attacker.does("UPDATE operation_link SET op = 'before:3' WHERE number = 0")

    assert (found(log, OPERATIONS).kind, found(log, OPERATIONS).number) == (CHANGED, 0)


def test_a_walk_tells_how_far_it_is_and_can_be_stopped(log, monkeypatch):
    monkeypatch.setattr("app.db.chain_walk.TELL_EVERY", 4)
    told = []
    with log.read() as tx:
        connection = tx.session.connection()
        walk(connection, LOOKS, progress=lambda done, total: told.append((done, total)))
        with pytest.raises(Cancelled):
            walk(connection, LOOKS, stopped=lambda: True)

    assert told == [(4, MANY), (8, MANY), (12, MANY), (MANY, MANY)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_thing_done_to_a_random_log_is_found_at_exactly_its_first_line(data, scribbled):
    count, number = 20, data.draw(st.integers(1, 20))
    how = data.draw(st.sampled_from(["byte", "hash", "row", "order"]))
    other = data.draw(st.integers(1, count).filter(lambda each: each != number)) if how == "order" else number
    column = data.draw(st.sampled_from(["staff_id", "act", "subject_id", "detail", "looked_at"]))
    attacker, database = scribbled
    attacker.does("SAVEPOINT a")
    try:
        if how == "byte":
            text = attacker.does(f"SELECT {column} FROM access_log WHERE number = ?", number)[0][0]
            place = data.draw(st.integers(0, len(text) - 1))
            changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            attacker.does(f"UPDATE access_log SET {column} = ? WHERE number = ?", changed, number)
        elif how == "hash":
            flipped = "CASE substr(chain, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr(chain, 2)"
            attacker.does(f"UPDATE access_log SET chain = {flipped} WHERE number = ?", number)
        elif how == "row":
            attacker.does("DELETE FROM access_log WHERE number = ?", number)
        else:
            attacker.does("UPDATE access_log SET number = -1 WHERE number = ?", number)
            attacker.does("UPDATE access_log SET number = ? WHERE number = ?", number, other)
            attacker.does("UPDATE access_log SET number = ? WHERE number = -1", other)
        attacker.does("RELEASE a")
        told = {count: LAST[database.path]}
        fault = found(database, LOOKS, told)
        assert fault is not None
        assert fault.number == min(number, other)
    finally:
        attacker.does("DELETE FROM access_log")
        for row in ROWS[database.path]:
            attacker.does(f"INSERT INTO access_log VALUES ({', '.join('?' * len(row))})", *row)


LAST, ROWS = {}, {}


@pytest.fixture
def scribbled(database, actor):
    """Yield an attacker at a log of twenty random looks, and what the district was told of its end."""
    chance = random.Random(7)
    for number in range(20):
        with database.write(actor) as tx:
            detail = "".join(chance.choice("人年月日abc123") for _each in range(1 + number % 9))
            note_look(tx, Look("ledger.look", "ledger", f"L{number:02d}", detail))
    held = Attacker(database)
    ROWS[database.path] = held.does("SELECT * FROM access_log ORDER BY number")
    LAST[database.path] = held.does("SELECT chain FROM access_log WHERE number = 20")[0][0]
    yield held, database
    held.ends()


def test_an_older_file_begins_its_chain_with_the_next_act_and_knows_how_many_came_before(tmp_path, actor):
    path = tmp_path / "old.db"
    engine = make_engine(path, KEY)
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        command.upgrade(migrate._config(connection), "0006")
        for seq in (1, 2, 3):
            connection.exec_driver_sql(
                "INSERT INTO operation (op, device, seq, act, made_at, schema_version, origin, state)"
                " VALUES (?, 'd', ?, 'resident.edit', '2026-11-01 02:00:00.000000', 1, 'local', 'applied')",
                (f"op-{seq}", seq),
            )

    migrate.migrate(engine)
    engine.dispose()
    database = Database(path, KEY)
    with database.write(actor) as tx:
        residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])
    with database.read() as tx:
        walked = walk(tx.session.connection(), OPERATIONS)
    told = {f.code: f for f in examine_logs(database)}

    assert (walked.fault, walked.before, walked.head.number) == (None, 3, 1)
    assert told["chain.operations"].level == "ok"
    assert "再早的 3 笔" in told["chain.operations"].text
    database.close()


def test_the_hash_is_made_in_the_transaction_of_the_act(database, actor):
    with database.read() as tx:
        before = head_of(tx.session.connection(), OPERATIONS)

    def breaks_off():
        with database.write(actor) as tx:
            residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])
            tx.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()

    with database.read() as tx:
        assert head_of(tx.session.connection(), OPERATIONS) == before


def test_one_operation_is_linked_once(log):
    with log.write(None) as tx:
        op = tx.sql("SELECT op FROM operation_link WHERE number = 3")[0][0]
        connection = tx.session.connection()

        with pytest.raises(Exception, match=r"UNIQUE"):
            link_operation(connection, op)


def test_the_moment_of_a_look_is_read_as_it_was_hashed(log):
    with log.read() as tx:
        line = next(iter(lines(tx.session.connection(), LOOKS)))

    assert datetime.fromisoformat(line.at).year >= 2026
