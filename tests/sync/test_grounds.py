"""What the district last said of a record stays its ground, whatever lies on it here, and whatever comes late."""

import json
import shutil

import pytest

from app.db.restore import _note_restore
from app.models.resident import Resident
from app.services import outbox
from app.services.neighbours import count_unconfirmed
from app.services.withdrawing import withdraw
from app.sync.membership import membership
from app.sync.neighbours import take_ops
from app.sync.proof import SealedOp
from app.sync.pulling import known_cursors
from app.sync.relaying import batches, plan
from tests.district.live import running
from tests.sync.test_neighbours import count, hand
from tests.sync.world import KEY

TOO_LONG = "长" * 600


@pytest.fixture
def district(tmp_path):
    """Run one engine: the counters' side is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


@pytest.fixture
def three(new_counter, district):
    return new_counter().join(district)


@pytest.fixture
def known(one, two, three):
    """Return a resident whom all three counters and the district know."""
    record_id = one.register()
    for each in (one, two, three):
        assert each.sync().agreed
    return record_id


def shown(counter, record_id):
    row = counter.see(record_id)
    return row.rev, row.mobile, row.school, row.remark


def keep(counter):
    """Return a backup of a counter's store."""
    path = counter.path.with_suffix(".kept")
    counter.database.close()
    shutil.copyfile(counter.path, path)
    counter.reopen()
    return path


def fall_back(counter, path):
    counter.database.close()
    for end in ("", "-wal", "-shm"):
        counter.path.with_name(counter.path.name + end).unlink(missing_ok=True)
    shutil.copyfile(path, counter.path)
    _note_restore(counter.path, KEY)
    counter.reopen()


def listen(counter):
    """Do a quick run with all that is new at the district, as it comes along with the word of it."""
    member = counter.ask(membership)
    cursors = counter.ask(known_cursors)
    page = counter.line.inner.pull(member.epoch, cursors, 500)
    return counter.engine.run_quick(page.heads, (member.epoch, page))


def changed_on_the_way(giver, taker, change):
    """Pass on the giver's one operation with other changes in its first edit, as another program would state it."""
    member = giver.ask(membership)
    [batch] = batches(giver.database, member, giver.ask(lambda tx: plan(tx, member.device)))
    op = json.loads(batch[-1].body)
    op["edits"][0]["set"] = change
    with taker.database.write(None) as tx:
        take_ops(tx, [SealedOp(json.dumps(op), "0" * 64)], route="lan", sender=member.device)


def test_what_a_counter_that_fell_back_had_passed_on_and_cannot_be_shown_does_not_freeze_its_record(
    one, two, three, known
):
    two.edit(known, remark=TOO_LONG)
    night = keep(two)
    hand(two, one)
    fall_back(two, night)
    two.edit(known, school="余杭中学")
    three.edit(known, mobile="19900000009")
    one.edit(known, emp_status="12")

    for each in (three, two, one, three, two):
        assert each.sync().agreed

    assert {shown(each, known)[:3] for each in (one, three)} == {(4, "19900000009", "余杭中学")}
    assert shown(two, known) == (4, "19900000009", "余杭中学", TOO_LONG)
    assert [item.code for item in two.ask(outbox.list_parked)] == ["too_long"]
    assert count(one, "server_row") == count(three, "server_row") == 0


@pytest.mark.parametrize("change", [{"remark": [None, TOO_LONG]}, {"no_such_field": [None, 1]}])
def test_a_neighbours_edit_of_which_nothing_can_be_shown_leaves_the_record_to_the_district(
    one, two, three, known, change
):
    two.edit(known, remark="早班")
    changed_on_the_way(two, one, change)
    three.edit(known, mobile="19900000009")
    three.sync()

    one.sync()
    three.edit(known, mobile="19900000008", school="余杭中学")
    three.sync()
    one.sync()

    assert shown(one, known) == (3, "19900000008", "余杭中学", None)
    assert one.ask(count_unconfirmed).waiting == 1


def test_an_own_edit_on_such_a_record_is_judged_by_what_the_district_said_last(one, two, three, known):
    two.edit(known, remark="早班")
    changed_on_the_way(two, one, {"no_such_field": [None, 1]})
    three.edit(known, mobile="19900000009")
    three.sync()
    one.sync()

    one.edit(known, mobile="19900000007")
    one.sync()

    assert one.ask(outbox.list_conflicts) == ()
    assert shown(one, known) == (3, "19900000007", None, None)


def test_an_own_returned_edit_withdrawn_later_gives_way_to_all_that_came_meanwhile(one, two, three, known):
    one.edit(known, remark=TOO_LONG)
    one.sync()
    two.edit(known, school="余杭中学")
    hand(two, one)
    for name in ("19900000008", "19900000009"):
        three.edit(known, mobile=name)
        three.sync()
        one.sync()
    [item] = one.ask(outbox.list_parked)

    one.act(lambda tx: withdraw(tx, item.op), "sync.withdraw")

    assert shown(one, known) == (4, "19900000009", "余杭中学", None)
    assert count(one, "server_row") == 0


def test_the_answer_of_the_first_time_does_not_take_back_what_came_since(one, two, known):
    one.edit(known, mobile="19900000001", remark="早班")
    one.line.lose_reply["push"] = 1
    one.sync()
    two.sync()
    two.edit(known, mobile="19900000002")
    two.sync()

    assert listen(one).error is None

    assert shown(one, known) == shown(two, known) == (3, "19900000002", None, "早班")
    assert count(one, "server_row") == 0


def test_nor_does_it_where_the_first_time_was_a_conflict_that_was_settled_meanwhile(one, two, known):
    two.edit(known, mobile="19900000002")
    two.sync()
    one.edit(known, mobile="19900000001", remark="早班")
    one.line.lose_reply["push"] = 1
    one.sync()
    two.sync()
    two.edit(known, mobile="19900000003")
    two.sync()

    assert listen(one).error is None

    assert shown(one, known) == shown(two, known)
    assert shown(one, known)[1:] == ("19900000003", None, "早班")


def test_what_a_neighbour_brought_and_the_district_told_before_it_was_sent_from_here_stands_as_told(
    one, two, three, known
):
    one.edit(known, mobile="19900000001", remark="早班")
    hand(one, two)
    two.sync()
    three.sync()
    three.edit(known, mobile="19900000003")
    three.sync()
    one.edit(known, school="余杭中学")

    assert listen(one).error is None

    assert shown(one, known) == (3, "19900000003", "余杭中学", "早班")
    one.sync()
    three.sync()
    assert shown(three, known) == shown(one, known)


@pytest.mark.parametrize("listens", [False, True])
def test_a_backup_that_holds_as_unsent_what_was_sent_and_changed_since_ends_as_the_district_is(
    one, two, known, listens
):
    one.edit(known, mobile="19900000001")
    night = keep(one)
    one.edit(known, remark="早班")
    one.sync()
    two.sync()
    two.edit(known, mobile="19900000002", remark="晚班")
    two.sync()
    one.sync()
    fall_back(one, night)
    one.edit(known, school="余杭中学")

    if listens:
        listen(one)
    assert one.sync().agreed
    two.sync()

    assert shown(one, known) == shown(two, known) == (5, "19900000002", "余杭中学", "晚班")
    assert count(one, "server_row") == 0


def test_a_lost_act_that_a_neighbour_still_holds_comes_back_to_the_counter_that_fell_back(one, two, known):
    night = keep(two)
    two.edit(known, remark="早班")
    hand(two, one)
    fall_back(two, night)

    one.sync()
    assert two.sync().agreed
    two.edit(known, school="余杭中学")
    two.sync()
    one.sync()

    assert shown(one, known) == shown(two, known) == (3, "19900000003", "余杭中学", "早班")


def test_what_a_counter_lost_comes_back_though_it_had_joined_again_since_its_backup(one, two, district, known):
    night = keep(two)
    two.join_with(district, district.code("supervisor"))
    two.edit(known, remark="早班")
    hand(two, one)
    fall_back(two, night)
    two.join_with(district, district.code("supervisor"))

    one.sync()
    assert two.sync().agreed

    assert shown(one, known) == shown(two, known)
    assert shown(two, known)[3] == "早班"
    assert one.ask(count_unconfirmed).waiting == 0


def test_edits_of_two_counters_and_own_ones_on_one_record_end_alike_after_a_fall(one, two, three, known):
    two.edit(known, mobile="19900000002")
    hand(two, one)
    one.edit(known, mobile="19900000001", remark="早班")
    night = keep(one)
    hand(one, two)
    three.edit(known, school="余杭中学")
    three.sync()
    two.sync()
    fall_back(one, night)
    one.edit(known, remark="晚班")

    for each in (one, three, two, one):
        assert each.sync().agreed

    assert len({shown(each, known) for each in (one, two, three)}) == 1
    assert shown(one, known)[1:] == ("19900000001", "余杭中学", "晚班")
    assert [count(each, "server_row") for each in (one, two, three)] == [0, 0, 0]
    assert one.see(known, Resident).rev > 0
