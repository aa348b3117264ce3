"""Stories of how others lost data that no other test tells already; and the list of all 39 is true."""

import itertools
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from app import clock
from app.db import state
from app.db.database import Actor
from app.district import accounts
from app.models.employer import Vacancy
from app.models.operation import Cursor
from app.models.resident import Resident
from app.services import conflicts, outbox, referrals, todos
from app.sync.engine import SyncEngine, enrol
from app.sync.sending import pending_ops
from tests.district.live import STATION, resident
from tests.factories import RESIDENT, Factory
from tests.sync.test_epoch import backup_of, people, restore, settle
from tests.sync.world import CLERK

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


def test_story_3_an_empty_server_takes_nothing_away(one, district):
    record_id = one.register()
    assert one.sync().ok
    waiting = one.register("冯巧云")
    _meta, rows = backup_of(district)
    restore(district, (_meta, {name: [] for name in rows}))

    report = one.sync()

    assert report.locked_out
    assert report.error[1]
    assert {one.see(record_id).name, one.see(waiting).name} == {"葛守成", "冯巧云"}
    assert one.ask(outbox.sync_summary).queued == 1


def test_a_question_that_a_restored_server_does_not_know_is_settled_all_the_same(one, two, new_counter, district):
    third = new_counter().join(district)
    record_id = one.register()
    settle(one, two, third)
    night = backup_of(district)
    one.edit(record_id, mobile="19900000001")
    two.edit(record_id, mobile="19900000002")
    settle(one, two, third)
    restore(district, night)
    assert third.sync().ok
    [ghost] = third.ask(outbox.list_conflicts)

    third.act(lambda tx: conflicts.settle(tx, ghost.id, "ours"), "conflict.settle")
    report = third.sync()

    assert (report.ok, report.pushed, report.parked) == (True, 1, 0)
    assert third.ask(outbox.list_conflicts) == ()
    assert third.see(record_id).mobile == ghost.ours["value"]


def test_story_4_a_change_not_sent_yet_meets_one_that_was_sent_first(one, two):
    record_id = one.register()
    settle(one, two)
    one.edit(record_id, mobile="19900000001")
    clock.shift(timedelta(hours=2))  # by its clock the other change is the later one, and it is sent first
    two.edit(record_id, mobile="19900000002")
    two.sync()
    clock.shift(timedelta(0))

    settle(one, two)

    [item] = two.ask(outbox.list_conflicts)
    assert (item.ours["value"], item.theirs["value"]) == ("19900000001", "19900000002")
    assert people(one) == people(two)


@pytest.mark.parametrize("hours", [-1, 1, -24, 24, 24 * 365 * 24])
def test_story_5_a_clock_that_is_off_makes_no_conflict(one, two, hours):
    ids = [one.register() for _n in range(3)]
    settle(one, two)
    clock.shift(timedelta(hours=hours))
    for record_id in ids:
        one.edit(record_id, mobile="19900000001")
    one.sync()
    clock.shift(timedelta(0))
    settle(one, two)
    for record_id in ids:
        two.edit(record_id, mobile="19900000002")

    settle(two, one)

    assert one.ask(outbox.list_conflicts) == two.ask(outbox.list_conflicts) == ()
    assert {one.see(record_id).mobile for record_id in ids} == {"19900000002"}


def test_story_6_what_is_dated_2050_blocks_nothing(one, two):
    clock.shift(timedelta(days=365 * 24))
    future = one.register("沈以安", graduate_date=date(2050, 6, 30))
    clock.shift(timedelta(0))
    settle(one, two)
    plain = two.register("陆知夏")

    two.edit(future, mobile="19900000008")
    settle(two, one)

    assert one.see(future).mobile == "19900000008"
    assert one.see(plain).name == "陆知夏"


def test_story_7_in_whatever_order_it_is_sent_what_was_deleted_stays_deleted(one, two):
    ids = []
    for before, between, after in itertools.product((True, False), repeat=3):
        record_id = one.register()
        ids.append(record_id)
        if before:
            settle(one, two)
        one.act(lambda tx, each=record_id: tx.remove(tx.session.get(Resident, each), "错录"), "resident.remove")
        if between:
            two.sync()
        one.line.lose_reply["push"] = int(after)
        one.sync()

    settle(one, two)

    assert all(each.see(record_id).deleted_at is not None for each in (one, two) for record_id in ids)
    assert people(one) == people(two)


def test_story_8_edited_between_sending_and_answer_and_killed_there(one, two):
    record_id = one.register()
    one.line.before["push"] = lambda: one.edit(record_id, mobile="19900000008")
    one.line.lose_reply["push"] = 1
    assert one.sync().error is not None

    one.reopen()
    settle(one, two)

    assert one.see(record_id).mobile == two.see(record_id).mobile == "19900000008"
    assert one.ask(outbox.sync_summary).queued == 0


class Plug(BaseException):
    """The plug was pulled."""


def test_story_10_killed_at_each_statement_of_a_pull_it_goes_on_where_it_stood(one, clerk):
    one.sync()
    clerk.results(*(clerk.op(resident()) for _n in range(4)))
    one.page = 2
    kills = 0
    for number in range(1, 600, 3):
        one.reopen()
        left = [number]

        def count_down(*_args, left=left):
            left[0] -= 1
            if left[0] == 0:
                raise Plug

        event.listen(one.database.engine, "before_cursor_execute", count_down)
        try:
            report = one.sync()
        except Plug:
            kills += 1
            one.reopen()
            assert one.ask(lambda tx: tx.session.get(Cursor, FEED).seq) == count(one)
            continue
        break

    one.reopen()
    assert report.ok
    assert kills > 10
    assert count(one) == 4


def test_story_16_a_poisoned_act_at_the_head_lets_a_hundred_behind_it_pass(one, two):
    poisoned = one.register("沈以安", id_no="330110197002189992", raw=True)
    behind = {one.register() for _n in range(100)}

    report = one.sync()
    two.sync()

    assert (report.pushed, report.parked, report.held) == (101, 1, 0)
    assert {row[0] for row in people(two)} == behind
    assert one.see(poisoned) is not None


def test_story_17_everything_acknowledged_sent_once_more_changes_nothing(one, two, district):
    record_id = one.register()
    for n in range(5):
        one.edit(record_id, mobile=f"1990000000{n}")
    settle(one, two)
    before = backup_of(district)[1]["feed_entry"]
    device = one.ask(lambda tx: state.device_id(tx.session))
    epoch = one.line.status()["epoch"]

    again, expect = one.line.push(epoch, one.ask(lambda tx: pending_ops(tx, device, 1)))

    assert ([result.outcome for result in again], expect) == (["applied"] * 6, 7)
    assert backup_of(district)[1]["feed_entry"] == before


def test_story_23_two_programs_on_one_file_never_share_a_number(one):
    program = [sys.executable, "-c", TWO_PROGRAMS, str(one.path)]
    both = [subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _n in range(2)]

    said = [each.communicate(timeout=90)[0].split() for each in both]

    given = one.ask(lambda tx: [row[0] for row in tx.sql("SELECT rec_no FROM registration")])
    numbers = one.ask(lambda tx: [row[0] for row in tx.sql("SELECT seq FROM operation ORDER BY seq")])
    assert [each.returncode for each in both] == [0, 0]
    assert sorted(said[0] + said[1]) == sorted(given)
    assert len(set(given)) == 24
    assert numbers == list(range(1, 25))


TWO_PROGRAMS = """
import sys
from pathlib import Path
from app.db.database import Database
from app.services import registrations
from tests.factories import REGISTRATION
from tests.sync.world import CLERK, KEY
database = Database(Path(sys.argv[1]), KEY)
for turn in range(12):
    with database.write(CLERK) as tx:
        print(registrations.open_registration(tx, {**REGISTRATION, "resident_id": f"r{turn}"}, newcomer=True).rec_no)
database.close()
"""


def test_story_25_and_37_a_device_that_comes_back_after_400_days_learns_every_deletion(one, two):
    ids = [one.register() for _n in range(5)]
    settle(one, two)
    for record_id in ids[:3]:
        one.act(lambda tx, each=record_id: tx.remove(tx.session.get(Resident, each), "错录"), "resident.remove")
    one.sync()
    clock.shift(timedelta(days=400))
    two.edit(ids[4], school="余杭中学")

    settle(two, one)

    assert [two.see(record_id).deleted_at is None for record_id in ids] == [False, False, False, True, True]
    assert people(one) == people(two)


def test_story_30_three_people_at_one_counter_through_a_week_without_a_line(one, two):
    staff = [Actor(f"0198f3c2-7d10-7c3e-9a55-00000000000{n}", f"方静{n}", frozenset({"clerk"})) for n in range(3)]
    made = {}
    for day in range(7):
        clock.shift(timedelta(days=day))
        actor = staff[day % 3]
        with one.database.write(actor) as tx:
            tx.act("resident.register")
            made[tx.add(Resident(**{**RESIDENT, "birth_date": date(1970, 2, 18)})).id] = actor.staff_id
        one.reopen()  # the next one signs in

    settle(one, two)

    heard = two.ask(lambda tx: tx.sql("SELECT e.record_id, o.actor FROM operation o JOIN operation_edit e USING (op)"))
    assert dict(map(tuple, heard)) == made
    assert len(people(two)) == 7


def test_story_33_what_the_district_writes_during_an_edit_is_no_conflict(one, two):
    vacancy = one.act(lambda tx: Factory(tx).vacancy(openings=1), "vacancy.add").id
    settle(one, two)
    one.edit(vacancy, Vacancy, title="电工")  # while the district counts its places down
    slip = two.act(lambda tx: Factory(tx).referral(tx.get(Vacancy, vacancy)), "referral.issue").id
    hired = {"outcome": "1", "reply_way": "1", "contract_type": "10", "onboard_date": date(2026, 11, 24)}
    two.act(lambda tx: referrals.record_outcome(tx, slip, hired), "referral.outcome")
    two.sync()

    settle(one, two)

    assert one.ask(outbox.list_conflicts) == ()
    for each in (one, two):
        assert (each.see(vacancy, Vacancy).title, each.see(vacancy, Vacancy).remaining) == ("电工", 0)


def test_story_39_what_is_to_do_is_the_same_after_a_restart(one, two):
    with one.database.write(CLERK) as tx:
        make = Factory(tx)
        for _n in range(3):
            make.referral()
    clock.shift(timedelta(days=25))
    settle(one, two)
    before = one.ask(todos.list_todos)

    one.reopen()

    assert before
    assert one.ask(todos.list_todos) == before
    assert sorted(map(str, two.ask(todos.list_todos))) == sorted(map(str, before))


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

    rows = re.findall(r"^\| (\d+) \| (.*)", page, re.MULTILINE)
    assert named - tests == set()
    assert [int(number) for number, _row in rows] == [*range(1, 13), *range(1, 40)]
    assert [number for number, row in rows if not re.search(r"`test_\w+`|`tests/|see \d", row)] == []
