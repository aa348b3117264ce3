"""Real lines that are bad: a black hole, a third of everything lost, a page that wants a login; nothing is lost."""

import pytest

from app.services import outbox
from app.sync import transport
from tests.faults.proxy import BLACK_HOLE, CAPTIVE, DEAF, GOOD, LOSSY
from tests.sync.test_epoch import faults, people


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.5)


def queued(counter):
    return counter.ask(outbox.sync_summary).queued


@pytest.mark.parametrize(
    ("mode", "code"), [(BLACK_HOLE, "sync.offline"), (DEAF, "sync.offline"), (CAPTIVE, "sync.not_the_district")]
)
def test_what_was_done_on_a_dead_line_goes_out_when_it_lives_again(far_counter, near_counter, proxy, mode, code):
    proxy.mode = mode
    far_counter.engine.close()
    record_id = far_counter.register()

    report = far_counter.sync()

    assert report.error[0] == code
    assert report.error[1]
    assert queued(far_counter) == 1
    proxy.mode = GOOD
    assert far_counter.sync().ok
    near_counter.sync()
    assert near_counter.see(record_id).name == "葛守成"


def test_a_line_that_turns_into_a_black_hole_in_the_middle_loses_and_doubles_nothing(far_counter, near_counter, proxy):
    assert far_counter.sync().ok
    ids = {far_counter.register() for _n in range(3)}
    sent = []

    def swallow(statement):
        if not sent and statement.startswith("UPDATE operation"):
            sent.append(statement)
            proxy.mode = BLACK_HOLE

    from sqlalchemy import event

    event.listen(far_counter.database.engine, "before_cursor_execute", lambda *args: swallow(args[2]))
    assert far_counter.sync().error[0] == "sync.offline"  # the push was answered, the pull never

    proxy.mode = GOOD
    assert far_counter.sync().ok
    near_counter.sync()

    assert {row[0] for row in people(near_counter)} == ids
    assert people(near_counter) == people(far_counter)


def test_where_a_third_is_lost_everything_arrives_once(far_counter, near_counter, proxy, district, monkeypatch):
    monkeypatch.setattr(transport, "READ_SECONDS", 10.0)
    far_counter.engine._page = 5
    mine = {far_counter.register(name) for name in ("沈以安", "陆知夏", "冯巧云", "姚景行", "郑阿菊", "毛立根")}
    theirs = {near_counter.register() for _n in range(12)}
    near_counter.sync()
    proxy.mode = LOSSY
    far_counter.engine.close()

    for _turn in range(200):
        report = far_counter.sync()
        if report.ok:
            break

    assert (report.error, report.agreed) == (None, True)
    assert proxy.broken > 0
    near_counter.sync()
    assert {row[0] for row in people(far_counter)} == mine | theirs
    assert people(far_counter) == people(near_counter)
    assert faults(district) == ()


def test_a_portal_that_comes_in_the_middle_is_never_taken_for_an_answer(far_counter, near_counter, proxy):
    assert far_counter.sync().ok
    record_id = far_counter.register()
    proxy.mode = CAPTIVE
    far_counter.engine.close()
    before = people(far_counter)

    reports = [far_counter.sync() for _turn in range(3)]

    assert {report.error[0] for report in reports} == {"sync.not_the_district"}
    assert people(far_counter) == before
    assert queued(far_counter) == 1
    proxy.mode = GOOD
    assert far_counter.sync().ok
    near_counter.sync()
    assert near_counter.see(record_id) is not None
