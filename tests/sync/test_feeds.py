"""A device that loses a feed: its records go from the device, unsent work on them is sealed and can be handed over."""

import json

import sqlalchemy as sa
from sqlalchemy import text

from app.db.inserts import table_of
from app.models.district import Device
from app.models.employer import Employer
from app.services import outbox
from app.sync.engine import SyncEngine
from app.sync.feeds import export_sealed
from tests.district.live import OTHER, STATION, resident

FEED = f"station/{STATION}"


def set_role(district, counter, role, **more):
    device = counter.ask(lambda tx: tx.rows(text("SELECT value FROM local_state WHERE key = 'device_id'")))[0].value
    with district.store.write() as connection:
        table = table_of(Device)
        connection.execute(sa.update(table).where(table.c.id == device.strip('"')).values(role=role, **more))


def count(counter, what):
    return counter.ask(lambda tx: tx.rows(text(f"SELECT count(*) FROM {what}")))[0][0]


def test_story_29_records_of_a_lost_feed_go_and_unsent_work_is_sealed(one, two, district):
    shared, mine = one.register("沈以安"), one.register("陆知夏")
    one.act(lambda tx: tx.add(Employer.model_validate({"name": "云禾物业"})), "employer.add")
    for each in (one, two):
        assert each.sync().ok
    one.edit(mine, mobile="19900000008")
    unsent = one.register("冯巧云")
    log = count(one, "operation")

    set_role(district, one, "trainer")
    one.edit(shared, school="余杭中学")
    report = one.sync()

    assert (report.error, report.sealed) == (None, 3)
    assert count(one, "resident") == count(one, "employer") == 0
    assert one.see(unsent) is None
    assert count(one, "operation") == log + 1
    assert count(one, "search_entry WHERE tokens != ''") == 0
    assert count(one, "feed_record") == 0
    sealed = json.loads(one.ask(export_sealed))["sealed"]
    assert [each["edits"][0]["id"] for each in sealed] == [mine, unsent, shared]
    assert sealed[-1]["edits"] == [{"type": "resident", "id": shared, "set": {"school": [None, "余杭中学"]}}]
    assert one.ask(outbox.sync_summary).queued == 0


def test_sealed_work_does_not_stop_what_is_done_afterwards(one, two, district):
    for each in (one, two):
        each.sync()
    one.register("沈以安")
    set_role(district, one, "supervisor", station_code=OTHER)
    assert one.sync().sealed == 1

    one.act(lambda tx: tx.add(Employer.model_validate({"name": "云禾物业"})), "employer.add")
    first, second = one.sync(), one.sync()
    two.sync()

    assert (first.error, second.parked, second.agreed) == (None, 0, True)
    assert count(two, "employer") == 1
    assert count(two, "resident") == 0


def test_a_feed_that_is_given_back_is_fetched_again(one, two, district):
    ids = [two.register("沈以安"), two.register("陆知夏")]
    for each in (two, one):
        each.sync()
    set_role(district, one, "trainer")
    one.sync()
    assert count(one, "resident") == 0

    set_role(district, one, "clerk")
    assert one.sync().ok

    assert all(one.see(each) is not None for each in ids)


def test_a_large_feed_is_not_given_up_without_a_question(one, clerk, district):
    clerk.results(*(clerk.op(resident()) for _n in range(210)))
    one.engine = SyncEngine(one.database, one.line)
    assert one.sync().ok
    set_role(district, one, "trainer")

    report = one.sync()

    assert report.removal == (FEED, 210, 210)
    assert count(one, "resident") == 210
