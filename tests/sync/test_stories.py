"""Stories of how others lost data that no other test tells already; and the list of all 39 is true."""

import re
from pathlib import Path

from sqlalchemy import text

from app.district import accounts
from app.models.operation import Cursor
from app.services import outbox
from app.sync.engine import SyncEngine, enrol
from tests.district.live import STATION, resident

ROOT = Path(__file__).resolve().parents[2]
FEED = f"station/{STATION}"


def count(counter):
    return counter.ask(lambda tx: tx.rows(text("SELECT count(*) FROM resident")))[0][0]


def test_story_18_complete_means_that_nothing_is_left(one, clerk):
    clerk.results(*(clerk.op(resident()) for _n in range(300)))
    one.page = 50
    one.reopen()

    report = one.sync()

    assert (report.pulled, report.agreed, count(one)) == (300, True, 300)
    assert dict(report.feeds)[FEED] == clerk.heads()[FEED] == 300
    assert one.ask(outbox.sync_summary).queued == 0


def test_story_31_a_page_that_fails_stops_the_pull_there(one, clerk):
    clerk.results(*(clerk.op(resident()) for _n in range(60)))
    one.page = 10
    one.reopen()
    calls = iter(range(100))

    def third_fails():
        if next(calls) == 2:
            one.line.cut["pull"] = 1
        else:
            one.line.before["pull"] = third_fails

    one.line.before["pull"] = third_fails

    report = one.sync()

    assert report.error is not None
    assert count(one) == 20
    assert one.ask(lambda tx: tx.session.get(Cursor, FEED).seq) == 20
    assert one.sync().ok
    assert count(one) == 60


def test_story_35_there_and_back_again_is_three_acts(one, two):
    record_id = one.register()
    for number in ("19900000008", "19900000009", "19900000008"):
        one.edit(record_id, mobile=number)

    report = one.sync()
    two.sync()

    assert report.pushed == 4
    assert two.see(record_id).mobile == "19900000008"


def test_a_counter_that_joined_again_goes_on_with_its_new_token_at_once(new_counter, district):
    counter = new_counter()
    device = enrol(counter.database, district.url, district.code("supervisor"), "窗口")["device"]
    engine = SyncEngine(counter.database)
    assert engine.run_once().ok
    record_id = counter.register()
    with district.store.write() as connection:
        accounts.revoke(connection, device)
    assert engine.run_once().locked_out

    enrol(counter.database, district.url, district.code("supervisor"), "窗口")
    report = engine.run_once()
    engine.close()

    assert (report.error, report.pushed) == (None, 1)
    assert district.client().pull()["entries"][0]["id"] == record_id


def test_the_list_of_promises_and_stories_names_only_tests_that_exist():
    page = (ROOT / "docs" / "sync.md").read_text("utf-8")
    tests = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }

    named = set(re.findall(r"`(test_\w+)`", page))

    assert named - tests == set()
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == [*range(1, 13), *range(1, 40)]
