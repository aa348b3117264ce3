"""Promise 12: what would take away much of a feed at once stops before it is applied, and asks."""

import pytest
from sqlalchemy import text

from app.services import outbox
from app.sync.engine import SyncEngine
from app.sync.fuse import allow_removal, removal_asked
from tests.district.live import STATION, change, resident

FEED = f"station/{STATION}"


def fill(client, count):
    records = [resident() for _n in range(count)]
    for start in range(0, count, 400):
        client.results(*(client.op(each) for each in records[start : start + 400]))
    return [each["id"] for each in records]


def remove(client, ids):
    gone = ("2026-11-22T09:00:00+08:00", "错录")
    edits = [change("resident", each, 2**40, deleted_at=(None, gone[0]), delete_reason=(None, gone[1])) for each in ids]
    for start in range(0, len(edits), 400):
        client.results(*(client.op(each) for each in edits[start : start + 400]))


def live(counter):
    return counter.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident WHERE deleted_at IS NULL")))[0][0]


@pytest.mark.parametrize("page", [500, 60])
def test_promise_12_a_mass_removal_stops_before_anything_of_it_and_is_let_through_once(one, clerk, page):
    ids = fill(clerk, 230)
    assert one.sync().ok
    one.engine = SyncEngine(one.database, one.line, page=page)
    remove(clerk, ids[:205])
    mine = one.register("沈以安")

    first, second = one.sync(), one.sync()

    assert (first.error[0], first.removal) == ("sync.removal", (FEED, 205, 230))
    assert "205" in first.error[1]
    assert second.removal == first.removal
    assert live(one) == 231
    assert one.ask(removal_asked) == (FEED, 205, 230)
    assert one.ask(outbox.sync_summary).last_error[0] == "sync.removal"
    assert one.ask(outbox.sync_summary).queued == 0  # what is done here goes out all the same
    assert mine is not None

    with one.database.write(None) as tx:
        allow_removal(tx)
    assert one.sync().ok

    assert live(one) == 26
    assert one.ask(removal_asked) is None
    more = fill(clerk, 230)
    assert one.sync().ok
    remove(clerk, more)
    assert one.sync().removal is not None


def test_promise_12_few_removals_need_no_question(one, clerk):
    ids = fill(clerk, 220)
    assert one.sync().ok
    remove(clerk, ids[:200])

    assert one.sync().ok

    assert live(one) == 20


def test_a_new_counter_gets_the_deleted_records_without_a_question(one, two, clerk):
    ids = fill(clerk, 230)
    remove(clerk, ids)

    assert one.sync().ok

    assert live(one) == 0
