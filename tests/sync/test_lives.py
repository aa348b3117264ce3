"""What only a neighbour holds of a counter reaches the district, whatever life it lives and whose number was used."""

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from app.db.inserts import table_of
from app.district.lives import new_epoch
from app.models.district import ReceivedOp
from app.services import outbox
from app.services.neighbours import count_unconfirmed
from app.sync.epoch import lately_restored
from app.sync.membership import membership
from app.sync.neighbours import take_ops
from app.sync.proof import SealedOp
from app.sync.relaying import batches, plan
from app.sync.transport import ProblemAnswer
from tests.district.live import running
from tests.sync.test_epoch import backup_of, faults, restore
from tests.sync.test_grounds import fall_back, keep, shown
from tests.sync.test_neighbours import hand, same_at
from tests.sync.test_packet import by_stick


@pytest.fixture
def district(tmp_path):
    """Run one engine: the counters' side is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


@pytest.fixture
def three(new_counter, district):
    return new_counter().join(district)


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def known(one, two):
    """Return a resident whom both counters and the district know."""
    record_id = one.register()
    for each in (one, two):
        assert each.sync().agreed
    return record_id


def last_state(counter):
    """Return what became of a counter's newest act."""
    query = "SELECT state FROM operation WHERE origin = 'local' ORDER BY seq DESC LIMIT 1"
    return counter.ask(lambda tx: tx.rows(text(query))[0].state)


def hand_two_with_the_first_unproven(giver, taker):
    member = giver.ask(membership)
    [[first, second]] = batches(giver.database, member, giver.ask(lambda tx: plan(tx, member.device)))
    with taker.database.write(None) as tx:
        take_ops(tx, [SealedOp(first.body, "0" * 64), second], route="lan", sender=member.device)


def numbers_there(district, counter):
    """Return the numbers under which the district has a counter's acts."""
    table = table_of(ReceivedOp)
    with district.store.read() as connection:
        query = sa.select(table.c.seq).where(table.c.device == counter.ask(membership).device)
        return sorted(connection.scalars(query), key=lambda seq: (seq is None, seq))


def test_work_sealed_in_an_earlier_life_of_the_district_reaches_it_without_its_device(one, two, district):
    record_id = one.register()
    hand(one, two)
    with district.store.write() as connection:
        new_epoch(connection)

    assert two.sync().ok
    brought = two.see(record_id).rev
    one.sync()
    two.sync()

    assert brought == 1
    assert two.ask(count_unconfirmed).waiting == 0
    assert same_at((one, two), record_id) == {(1, "19900000003", None)}


def test_a_server_that_takes_nothing_of_an_earlier_life_leaves_it_here_and_the_rest_goes_on(one, two, district):
    record_id = one.register()
    hand(one, two)
    with district.store.write() as connection:
        new_epoch(connection)
    own, asked = two.register("沈以安"), []

    def refuse(epoch, _device, _ops):
        asked.append(epoch)
        raise ProblemAnswer(409, "epoch_changed", "区里的服务恢复过，请重新核对", {"epoch": epoch})

    two.line.relay = refuse
    report = two.sync()
    waiting = two.ask(count_unconfirmed).waiting
    del two.line.relay
    two.sync()

    assert report.ok
    assert asked
    assert two.see(own).rev > 0
    assert (waiting, two.ask(count_unconfirmed).waiting) == (1, 0)
    assert two.see(record_id).rev > 0


@pytest.mark.parametrize("lives", [1, 2])
def test_what_was_decided_anew_before_its_counter_came_is_told_to_it(one, two, three, district, known, lives):
    assert three.sync().ok
    night = backup_of(district)
    two.edit(known, mobile="19900000007")
    hand(two, one)
    assert two.sync().ok
    assert last_state(two) == "applied"

    restore(district, night)
    three.edit(known, mobile="19900000008")
    assert three.sync().ok
    one.sync()
    for _further in range(lives - 1):
        with district.store.write() as connection:
            new_epoch(connection)
    report = two.sync()

    assert (report.ok, report.agreed) == (True, True)
    assert last_state(two) == "conflict"
    assert [item.record_id for item in two.ask(outbox.list_conflicts)] == [known]
    one.sync()
    three.sync()
    assert len(same_at((one, two, three), known)) == 1
    assert faults(district) == ()


def test_a_counter_that_only_sticks_reach_learns_it_by_the_second_stick(one, two, three, district, stick, known):
    assert three.sync().ok
    night = backup_of(district)
    two.edit(known, mobile="19900000007")
    two.edit(known, school="余杭中学")
    hand(two, one)
    assert by_stick(two, district, stick).answers == 2
    restore(district, night)
    three.edit(known, mobile="19900000008")
    assert three.sync().ok
    one.sync()

    by_stick(two, district, stick)
    told = by_stick(two, district, stick)

    assert told.answers == 2
    assert two.ask(outbox.sync_summary).queued == 0
    assert [item.record_id for item in two.ask(outbox.list_conflicts)] == [known]


def test_a_counter_that_was_there_all_along_sends_only_what_was_lost(one, district, known):
    night = backup_of(district)
    one.edit(known, mobile="19900000007")
    assert one.sync().ok

    restore(district, night)
    report = one.sync()

    assert (report.sent_again, report.agreed) == (1, True)
    assert one.ask(lately_restored).again == 1


def test_one_that_missed_a_life_asks_about_everything_and_nothing_is_done_twice(one, two, district, known):
    two.edit(known, mobile="19900000007")
    two.sync()
    one.sync()
    before = one.see(known).rev
    for _life in range(2):
        with district.store.write() as connection:
            new_epoch(connection)

    report = two.sync()

    assert (report.sent_again, report.agreed) == (1, True)
    assert two.see(known).rev == before
    assert len(numbers_there(district, two)) == 1


@pytest.mark.parametrize("road", ["line", "stick"])
def test_what_a_counter_lost_and_its_neighbour_holds_comes_back_though_its_number_was_used_again(
    one, two, district, stick, known, road
):
    night = keep(two)
    two.edit(known, remark="早班")
    hand(two, one)
    fall_back(two, night)
    two.edit(known, school="余杭中学")
    assert two.sync().agreed

    if road == "line":
        one.sync()
    else:
        by_stick(one, district, stick)
    two.edit(known, mobile="19900000009")
    for each in (two, one):
        assert each.sync().agreed

    assert shown(one, known) == shown(two, known)
    assert shown(two, known)[1:] == ("19900000009", "余杭中学", "早班")
    assert one.ask(count_unconfirmed).waiting == 0
    assert numbers_there(district, two) == [1, 2, None]
    assert faults(district) == ()


def test_two_acts_of_one_number_stand_side_by_side_at_the_neighbour_and_both_arrive(one, two, district, known):
    night = keep(two)
    two.edit(known, remark="早班")
    hand(two, one)
    fall_back(two, night)
    two.edit(known, school="余杭中学")
    hand(two, one)

    assert shown(one, known)[2:] == ("余杭中学", "早班")
    for each in (one, two, one):
        assert each.sync().agreed

    assert shown(one, known) == shown(two, known)
    assert shown(one, known)[2:] == ("余杭中学", "早班")
    assert one.ask(count_unconfirmed).waiting == 0


def test_an_act_of_a_used_number_that_nobody_can_prove_goes_and_holds_nothing_up(one, two, district, known):
    night = keep(two)
    two.edit(known, remark="早班")
    two.edit(known, school="余杭中学")
    hand_two_with_the_first_unproven(two, one)
    fall_back(two, night)
    for number in range(2):
        two.edit(known, mobile=f"1990000001{number}")
    assert two.sync().agreed

    for each in (one, two):
        assert each.sync().agreed

    assert shown(one, known) == shown(two, known)
    assert shown(two, known)[1:] == ("19900000011", "余杭中学", None)
    assert one.ask(count_unconfirmed).waiting == 0


def test_one_that_nobody_can_prove_waits_for_its_counter_with_what_follows_it(one, two, district, known):
    two.edit(known, remark="早班")
    two.edit(known, school="余杭中学")
    hand_two_with_the_first_unproven(two, one)

    assert one.sync().ok
    waiting = one.ask(count_unconfirmed).waiting
    for each in (two, one):
        assert each.sync().agreed

    assert waiting == 2
    assert one.ask(count_unconfirmed).waiting == 0
    assert shown(one, known) == shown(two, known)


def test_an_older_district_says_nothing_of_its_lives_and_is_asked_from_the_number_it_wants(one, district, known):
    one.edit(known, mobile="19900000007")
    assert one.sync().ok
    with district.store.write() as connection:
        new_epoch(connection)
    inner, asked = one.line.inner.status, []

    def status():
        asked.append(dict(inner()))
        return {name: value for name, value in asked[-1].items() if name != "continues"}

    one.line.inner.status = status
    report = one.sync()

    assert (report.agreed, report.sent_again) == (True, 0)
    assert asked[0]["continues"]["expect"] == asked[0]["expect"]
