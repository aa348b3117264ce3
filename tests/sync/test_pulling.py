"""Pulls by sets, one page ahead; a counter's start through twenty cuts; quick runs, and what an idle one costs."""

import json
import threading

import pytest
import requests
from sqlalchemy import event, text

from app import clock
from app.district import accounts, sync_routes
from app.models.operation import Cursor
from app.models.resident import Resident
from app.sync import loop as loops
from app.sync import pulling, verify
from app.sync.apply import apply_entries
from app.sync.engine import SyncEngine
from app.sync.loop import SyncLoop
from app.sync.protocol import Entry, Page
from app.sync.pulling import AHEAD_FROM
from app.sync.tally import running
from app.sync.verify import count_feed
from tests.district.live import STATION, change, resident
from tests.sync.test_feeds import set_role

FEED = f"station/{STATION}"


def fill(client, count):
    records = [resident(name="沈以安") for _n in range(count)]
    for start in range(0, count, 500):
        client.results(*(client.op(each) for each in records[start : start + 500]))
    return [each["id"] for each in records]


def count(counter, what="resident"):
    return counter.ask(lambda tx: tx.rows(text(f"SELECT count(*) FROM {what}")))[0][0]


def cursor(counter):
    return counter.ask(lambda tx: tx.session.get(Cursor, FEED)).seq


def test_the_next_page_is_on_its_way_while_one_is_stored(one, clerk):
    fill(clerk, 2 * AHEAD_FROM)
    one.page = AHEAD_FROM
    one.reopen()
    asked = threading.Event()
    seen = []
    one.line.before["pull"] = lambda: one.line.before.update(pull=asked.set)
    one.database.on_commit.append(lambda _touched: seen.append(asked.wait(30)))

    report = one.sync()

    assert (report.ok, report.pulled) == (True, 2 * AHEAD_FROM)
    assert seen[0] is True


def test_a_page_that_fails_ahead_stops_the_pull_after_the_page_before(one, clerk):
    fill(clerk, 3 * AHEAD_FROM)
    one.page = AHEAD_FROM
    one.reopen()

    def second():
        one.line.before["pull"] = lambda: one.line.cut.update(pull=1)

    one.line.before["pull"] = lambda: one.line.before.update(pull=second)

    report = one.sync()

    assert report.error is not None
    assert (count(one), cursor(one)) == (2 * AHEAD_FROM, 2 * AHEAD_FROM)
    assert one.sync().ok
    assert count(one) == 3 * AHEAD_FROM


def test_a_long_feed_cut_off_twenty_times_ends_complete_and_no_cut_costs_more_than_a_page(one, clerk, monkeypatch):
    pages, told, size = [], [], AHEAD_FROM
    ids = fill(clerk, 21 * size)
    one.engine = SyncEngine(
        one.database, one.line, page=size, snapshot_from=0, progress=lambda *news: told.append(news)
    )
    give = sync_routes.snapshot
    monkeypatch.setattr(
        sync_routes, "snapshot", lambda *args: (pages.append(args[3]) if args[2] == FEED else None, give(*args))[1]
    )
    cuts = 0
    while cuts < 20:
        one.line.before["snapshot"] = lambda: one.line.before.update(
            snapshot=lambda: one.line.lose_reply.update(snapshot=1)
        )
        report = one.sync()
        cuts += 1
        assert report.error is not None
    one.line.before.clear()
    one.line.lose_reply.clear()

    report = one.sync()

    assert (report.ok, report.repaired, count(one)) == (True, 0, len(ids))
    assert len(pages) - 21 <= cuts
    assert [here for _feed, here, _all in told] == [size * n for n in range(1, 22)]
    assert {(feed, total) for feed, _here, total in told} == {(FEED, len(ids))}


def test_an_idle_run_costs_one_request_and_reads_no_record(one, clerk):
    fill(clerk, 30)
    assert one.sync().ok
    one.line.calls.clear()
    statements = []
    event.listen(
        one.database.engine, "before_cursor_execute", lambda _c, _k, statement, *_rest: statements.append(statement)
    )

    report = one.engine.run_once(recount=False)

    assert (report.ok, report.agreed, one.line.calls) == (True, True, ["status"])
    assert not [each for each in statements if " resident" in each or "feed_record" in each]


def test_running_digests_are_what_a_count_of_the_rows_says(one, two, clerk):
    ids = fill(clerk, 12)
    for each in (one, two):
        assert each.sync().ok
    one.edit(ids[0], mobile="19900000008")
    two.edit(ids[0], mobile="19900000009")
    two.register("陆知夏")
    clerk.one(
        change("resident", ids[1], 2, deleted_at=(None, "2026-11-22T09:00:00+08:00"), delete_reason=(None, "错录"))
    )
    for each in (one, two, one, two):
        assert each.engine.run_once(recount=False).ok

    for each in (one, two):
        kept, counted = each.ask(running, FEED), each.ask(count_feed, FEED)
        assert kept == counted
        assert set(counted) == {"resident", "conflict"}


def test_a_difference_is_found_by_a_run_that_trusts_the_running_digest(one, clerk):
    ids = fill(clerk, 3)
    assert one.sync().ok
    with one.database.write(None) as tx, tx.applying():
        tx.session.connection().exec_driver_sql("UPDATE feed_record SET rev = 1")
        tx.session.connection().exec_driver_sql("DELETE FROM local_state WHERE key = 'sync_digests'")
        tx.session.connection().exec_driver_sql(f"DELETE FROM resident WHERE id = '{ids[2]}'")
    clerk.one(resident())

    report = one.engine.run_once(recount=False)

    assert (report.ok, count(one)) == (True, 4)
    assert report.repaired > 0


def test_few_records_that_rotted_are_fetched_alone(one, clerk):
    ids = fill(clerk, 40)
    assert one.sync().ok
    with one.database.write(None) as tx, tx.applying():
        connection = tx.session.connection()
        connection.exec_driver_sql(f"UPDATE resident SET name = '坏', rev = 0 WHERE id = '{ids[7]}'")
        connection.exec_driver_sql(f"DELETE FROM resident WHERE id = '{ids[20]}'")
    one.line.calls.clear()

    report = one.sync()

    assert (report.ok, report.repaired, count(one)) == (True, 2, 40)
    assert one.see(ids[7]).name == "沈以安"
    assert one.line.calls.count("snapshot") == 0
    assert one.line.calls.count("pull") == 1 + 2


def test_what_cannot_be_told_from_here_is_found_by_reading_the_feed_once(one, clerk):
    ids = fill(clerk, 90)
    assert one.sync().ok
    with one.database.write(None) as tx, tx.applying():
        connection = tx.session.connection()
        connection.exec_driver_sql("DELETE FROM resident WHERE rev % 3 = 0")
        connection.exec_driver_sql("DELETE FROM feed_record WHERE rev % 3 = 0")
    one.line.calls.clear()

    report = one.sync()

    assert (report.ok, report.repaired, count(one)) == (True, 30, len(ids))
    assert (one.line.calls.count("snapshot"), one.line.calls.count("pull")) == (1, 1)


def test_a_quick_run_sends_and_fetches_what_it_was_told_and_no_more(one, clerk):
    fill(clerk, 2)
    assert one.sync().ok
    mine = one.register("陆知夏")
    clerk.one(resident())
    one.line.calls.clear()

    sent = one.engine.run_quick({})
    fetched = one.engine.run_quick({FEED: 4}, send=False)

    assert (sent.pushed, sent.pulled, fetched.pulled) == (1, 0, 2)
    assert one.line.calls == ["push", "pull"]
    assert one.see(mine).rev == 4
    assert one.sync().agreed is True


def test_a_quick_run_that_meets_another_epoch_becomes_a_whole_one(one, clerk, district):
    from app.district.lives import new_epoch

    fill(clerk, 3)
    assert one.sync().ok
    with district.store.write() as connection:
        new_epoch(connection)
    one.register("陆知夏")

    report = one.engine.run_quick({FEED: 4})

    assert (report.ok, report.epoch_changed, report.agreed) == (True, True, True)
    assert count(one) == 4


def test_a_quick_run_before_anything_was_fetched_is_a_whole_one(one, clerk):
    fill(clerk, 3)

    report = one.engine.run_quick({FEED: 3})

    assert (report.agreed, count(one)) == (True, 3)


def entry(seq, **more):
    facts = {"op": f"o{seq}", "act": "x", "actor": None, "made_at": clock.now(), "device": "d"}
    return Entry(**{"feed": FEED, "seq": seq, "rev": seq, "type": "resident", "id": "r", "values": {}, **facts, **more})


def test_what_comes_with_an_event_is_stored_only_where_it_goes_on(one, clerk):
    [first] = fill(clerk, 1)
    assert one.sync().ok
    clerk.one(resident("11111111-1111-4111-8111-111111111111"))
    late = Page((entry(3, id=first, values={"name": "假"}),), {FEED: 3}, {FEED: 3}, False)
    one.line.calls.clear()

    report = one.engine.run_quick({FEED: 2}, (clerk.epoch, late))

    assert (report.pulled, one.line.calls[-1], count(one)) == (1, "pull", 2)
    assert one.see(first).name == "沈以安"


def test_a_record_that_moved_to_another_feed_stays(one, clerk):
    [moved] = fill(clerk, 1)
    assert one.sync().ok
    other = entry(1, feed="station/elsewhere", id=moved, rev=7, values=clerk.everything()[0]["values"])

    with one.database.write(None) as tx:
        apply_entries(tx, [other, entry(2, id=moved, removed=True)])

    assert one.see(moved).rev == 7


def events(client):
    url = f"{client.url}/v1/events?entries=1"
    return requests.get(url, headers=client.headers, stream=True, timeout=60)


def test_an_event_brings_little_news_along_for_who_asks(district, clerk):
    stream = events(clerk)
    lines = stream.iter_lines(chunk_size=1)
    next(line for line in lines if line.startswith(b"data:"))
    one_more = resident()

    clerk.one(one_more)

    assert next(line for line in lines if line.startswith(b"event:")) == b"event: page"
    page = json.loads(next(lines)[5:])
    told = json.loads(next(line for line in lines if line.startswith(b"data:"))[5:])
    stream.close()
    assert told == page["cursors"] == page["heads"] == {FEED: 1}
    assert (page["epoch"], page["more"]) == (clerk.epoch, False)
    assert page["entries"] == clerk.everything()


@pytest.mark.parametrize("how", ["revoked", "moved"])
def test_a_stream_ends_when_its_device_may_read_no_longer(district, clerk, one, how):
    stream = events(clerk)
    lines = stream.iter_lines(chunk_size=1)
    next(line for line in lines if line.startswith(b"data:"))
    if how == "revoked":
        with district.store.write() as connection:
            accounts.revoke(connection, clerk.device)
    else:
        set_role(district, one, "clerk")
        from app.db.inserts import table_of
        from app.models.district import Device

        devices = table_of(Device)
        with district.store.write() as connection:
            connection.execute(devices.update().where(devices.c.id == clerk.device).values(role="trainer"))

    one.register()
    one.sync()

    assert not [line for line in lines if line.startswith(b"event:")]
    stream.close()


def test_one_act_reaches_the_other_counter_without_a_pull(one, two, monkeypatch):
    for each in (one, two):
        assert each.sync().ok
    pulls, arrived = [], threading.Event()
    give = sync_routes.pull
    monkeypatch.setattr(sync_routes, "pull", lambda *args: (pulls.append(args), give(*args))[1])
    monkeypatch.setattr(loops, "SETTLE_SECONDS", 3600.0)
    loop = SyncLoop(two.database, every=lambda: 3600.0)
    ready = threading.Event()
    loop.on_report.append(lambda _report: ready.set())
    loop.start()
    assert ready.wait(30)
    listening = threading.Event()
    loop._listener._hear = lambda news, hear=loop._listener._hear: (hear(news), listening.set())
    one.register("冯巧云")
    one.engine.run_quick({})
    assert listening.wait(30)  # whatever came before, from here on it listens
    pulls.clear()
    two.database.on_commit.append(lambda touched: arrived.set() if "resident" in touched else None)

    mine = one.register("陆知夏")
    one.engine.run_quick({})

    assert arrived.wait(30)
    loop.stop()
    assert two.see(mine).name == "陆知夏"
    assert pulls == []


def test_a_burst_is_compared_when_it_is_over(one, two, monkeypatch):
    monkeypatch.setattr(loops, "SETTLE_SECONDS", 0.05)
    reports, agreed = [], threading.Event()
    loop = SyncLoop(one.database, every=lambda: 3600.0)
    ready = threading.Event()
    loop.on_report.append(lambda report: (reports.append(report), ready.set()))
    loop.start()
    assert ready.wait(30)
    loop.on_report.append(lambda report: agreed.set() if report.agreed and any(r.pushed for r in reports) else None)

    one.register("陆知夏")

    assert agreed.wait(30)
    loop.stop()
    assert sum(report.pushed for report in reports) == 1


def test_many_records_are_indexed_as_one_by_one_are(one, two, clerk):
    ids = fill(clerk, 5)
    assert one.sync().ok
    assert two.sync().ok
    clerk.one(change("resident", ids[0], 1, name=("沈以安", "单雄信")))
    clerk.one(change("resident", ids[1], 2, deleted_at=(None, "2026-11-22T09:00:00+08:00")))
    for each in (one, two):
        assert each.sync().ok

    with one.database.write(None) as tx:
        tx.session.connection().exec_driver_sql("INSERT INTO search (search) VALUES ('integrity-check')")
    tokens = dict(one.ask(lambda tx: tx.rows(text("SELECT record_id, tokens FROM search_entry"))))
    found = one.ask(lambda tx: tx.rows(text("SELECT rowid FROM search WHERE search MATCH 'shanxiongxin'")))
    assert ("shenyian" in tokens[ids[0]], "shanxiongxin" in tokens[ids[0]], tokens[ids[1]]) == (False, True, "")
    assert len(found) == 1
    assert isinstance(one.see(ids[0]), Resident)


def test_a_pull_begins_with_a_short_page_and_they_grow(one, clerk, monkeypatch):
    monkeypatch.setattr(pulling, "FIRST_PAGE", 2)
    fill(clerk, 20)
    asked, inner = [], one.line.pull
    one.line.pull = lambda epoch, cursors, limit: (asked.append(limit), inner(epoch, cursors, limit))[1]
    one.engine._page = 10

    report = one.sync()

    assert (report.ok, report.pulled) == (True, 20)
    assert asked == [2, 6, 10, 10]


def test_of_a_feed_that_moved_since_it_was_compared_nothing_is_noted(one, clerk):
    fill(clerk, 3)
    assert one.sync().ok

    verify.note_compared(one.database, {FEED: (2, False)}, {FEED: {"resident": (2, "0")}})

    with one.database.read() as tx:
        assert tx.sql("SELECT agreed FROM cursor WHERE feed = :feed", feed=FEED) == [(1,)]
        assert running(tx, FEED)["resident"][0] == 3
