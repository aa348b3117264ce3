"""A new counter starts from the feed as it stands: resumable, complete, and nothing fetched twice without need."""

import json

import requests
from sqlalchemy import text

from app.services import outbox
from app.sync.engine import SyncEngine
from tests.district.live import OTHER, STATION, change, resident

FEED = f"station/{STATION}"


def lines(client, after=0, limit=500, feed=FEED, **query):
    parameters = {"after": after, "limit": limit, **query}
    return requests.get(f"{client.url}/v1/snapshot/{feed}", parameters, headers=client.headers, timeout=60)


def filled(client, count=120):
    records = [resident(remark=f"第{n}位") for n in range(count)]
    client.results(*(client.op(record) for record in records))
    client.results(
        *(
            client.op(change("resident", each["id"], n + 1, school=(None, "余杭中学")))
            for n, each in enumerate(records[:20])
        )
    )
    return records


def starting(counter, page=5):
    seen = []
    counter.page = page
    counter.engine = SyncEngine(
        counter.database,
        counter.line,
        page=page,
        snapshot_from=0,
        progress=lambda _feed, count, total: seen.append((count, total)),
    )
    return seen


def test_a_snapshot_holds_each_record_once_as_it_stands_and_pull_goes_on_from_it(clerk):
    records = filled(clerk, 30)

    after, found, pages = 0, [], 0
    while True:
        answer = lines(clerk, after, 7)
        *page, end = [json.loads(line) for line in answer.text.splitlines()]
        found, after, pages = found + page, end["after"], pages + 1
        if not end["more"]:
            break

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert (pages, end["total"], end["head"], after) == (5, 30, 50, 50)
    assert sorted(each["id"] for each in found) == sorted(each["id"] for each in records)
    assert [each["rev"] for each in found] == sorted(each["rev"] for each in found)
    assert sum(each["values"]["school"] == "余杭中学" for each in found) == 20
    assert clerk.pull(cursors={FEED: after})["entries"] == []


def test_a_snapshot_is_given_only_to_whom_the_feed_is(district, clerk):
    clerk.one(resident())
    trainer, stranger = district.client("trainer"), district.client("clerk", OTHER)

    answers = [lines(trainer), lines(stranger), lines(clerk, feed="station/nowhere")]
    wrong = [lines(clerk, after="x"), lines(clerk, after=-1), lines(clerk, limit=0), lines(clerk, epoch="other")]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "not_your_feed")] * 3
    assert [each.status_code for each in wrong] == [400, 400, 400, 409]


def test_a_new_counter_cut_off_twenty_times_ends_complete(one, clerk):
    filled(clerk)
    seen = starting(one)
    one.line.calls.clear()

    for n in range(20):
        # Each run loses its first page: once on the way there, once on the way back.
        one.line.before["snapshot"] = lambda n=n: getattr(one.line, "lose_reply" if n % 2 else "cut").update(snapshot=1)
        assert one.sync().error is not None
        if n % 5 == 4:
            one.reopen()
            starting(one)
    one.line.cut.clear()
    one.line.lose_reply.clear()
    seen = starting(one)
    report = one.sync()

    assert (report.ok, report.agreed, report.repaired) == (True, True, 0)
    assert one.line.calls.count("snapshot") <= 24 + 1 + 20
    assert one.ask(lambda tx: tx.rows(text("SELECT count(*), count(school) FROM resident")))[0] == (120, 20)
    assert seen[-1] == (120, 120)
    assert one.ask(outbox.sync_summary).queued == 0


def test_each_page_that_arrived_is_kept_through_a_cut(one, clerk):
    filled(clerk)
    starting(one, page=10)
    seen = []

    def progress(_feed, count, _total):
        seen.append(count)
        one.line.lose_reply["snapshot"] = 1

    one.engine = SyncEngine(one.database, one.line, page=10, snapshot_from=0, progress=progress)
    runs = 0
    while not one.sync().ok:
        runs += 1

    assert seen == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    assert runs == 11
    assert one.line.calls.count("snapshot") == 12 + runs


def test_what_is_changed_while_the_snapshot_is_read_arrives_too(one, clerk, district):
    records = filled(clerk, 40)
    other = district.client()
    starting(one, page=10)
    one.line.before["snapshot"] = lambda: other.one(
        change("resident", records[0]["id"], 41, mobile=("19900000003", "19900000009")), resident(name="陆知夏")
    )

    report = one.sync()

    assert (report.ok, report.repaired) == (True, 0)
    assert one.see(records[0]["id"]).mobile == "19900000009"
    assert one.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 41


def test_what_was_done_before_joining_is_kept_under_the_snapshot(new_counter, district, clerk):
    filled(clerk, 30)
    early = new_counter()
    mine = early.register("沈以安")
    early.join(district)
    starting(early)

    assert early.sync().ok

    assert early.see(mine).rev > 0
    assert early.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0] == 31


def test_a_short_feed_is_fetched_with_its_past(one, clerk):
    clerk.one(resident())

    assert one.sync().ok

    assert "snapshot" not in one.line.calls
