"""What a neighbour did, here: shown as unconfirmed, confirmed by the district's word, or gone again."""

import pytest
from sqlalchemy import text

from app.district.accounts import revoke
from app.models.resident import Resident
from app.services import outbox
from app.services.history import list_changes
from app.services.neighbours import (
    count_unconfirmed,
    list_unconfirmed,
    unconfirmed,
    unconfirmed_records,
    unconfirmed_residents,
)
from app.services.residents import search_residents
from app.services.sync_states import sync_marks
from app.services.timeline import list_happenings
from app.services.withdrawing import withdraw
from app.sync.membership import membership
from app.sync.neighbours import take_ops
from app.sync.relaying import batches, plan
from tests.district.live import running
from tests.factories import RESIDENT
from tests.sync.world import CLERK


@pytest.fixture
def district(tmp_path):
    """Run one engine: the counters' side is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


@pytest.fixture
def three(new_counter, district):
    return new_counter().join(district)


def hand(giver, taker):
    """Pass on everything that one counter carries, as the LAN and the stick do."""
    member = giver.ask(membership)
    fresh = 0
    for batch in batches(giver.database, member, giver.ask(lambda tx: plan(tx, member.device))):
        with taker.database.write(None) as tx:
            fresh += take_ops(tx, batch, route="lan", sender=member.device).fresh
    return fresh


def marks(counter, record_id):
    return counter.ask(unconfirmed, "resident", record_id)


def not_allowed(counter, change):
    """Do something that the district will not let this device do."""
    with counter.database.write(None) as tx:
        tx.act("policy.set")
        return change(tx)


def count(counter, table):
    return counter.ask(lambda tx: tx.rows(text(f"SELECT count(*) FROM {table}")))[0][0]


def same_at(counters, record_id):
    return {tuple(getattr(each.see(record_id), name) for name in ("rev", "mobile", "remark")) for each in counters}


def test_a_neighbours_resident_is_here_whole_marked_and_found_by_search(one, two):
    record_id = one.register("沈以安", remark="要早班")

    hand(one, two)

    [mark] = marks(two, record_id)
    assert (two.see(record_id).name, two.see(record_id).remark, two.see(record_id).rev) == ("沈以安", "要早班", 0)
    assert (mark.device, mark.act, mark.actor, mark.route) == (
        one.ask(membership).device,
        "resident.register",
        CLERK.staff_id,
        "lan",
    )
    assert mark.subjects == (("resident", record_id, "沈以安"),)
    assert [hit.id for hit in two.ask(search_residents, "shenyian")] == [record_id]
    counts = two.ask(count_unconfirmed)
    assert (counts.waiting, counts.records, counts.devices, counts.dropped) == (1, 1, 1, 0)
    assert two.ask(unconfirmed_records) == {("resident", record_id): True}
    assert two.ask(unconfirmed_residents, [record_id, "another"]) == {record_id}
    assert count(two, "operation") == 0


def test_the_residents_file_tells_what_a_neighbour_did_unconfirmed_and_then_confirmed(one, two):
    record_id = one.register()
    hand(one, two)

    [before] = two.ask(list_happenings, record_id)
    mark = two.ask(sync_marks, [record_id])
    two.sync()
    [after] = two.ask(list_happenings, record_id)
    later = two.ask(sync_marks, [record_id])

    assert (before.act, before.sent, before.record_id) == ("resident.register", False, record_id)
    assert (mark.record(record_id), mark.act(before.op)) == ("unconfirmed", "unconfirmed")
    assert (after.op, after.sent) == (before.op, True)
    assert later.worst == "synced"


def test_passed_on_twice_it_has_one_effect(one, two):
    one.register()

    assert (hand(one, two), hand(one, two)) == (1, 0)
    assert count(two, "resident") == 1


@pytest.mark.parametrize("who", [0, 1])
def test_either_counter_alone_brings_everything_to_the_district(one, two, who):
    mine, theirs = one.register("沈以安"), two.register("陆知夏")
    hand(one, two)
    hand(two, one)
    first, second = (one, two) if who == 0 else (two, one)

    assert first.sync().agreed is True
    assert first.ask(count_unconfirmed).waiting == 0
    assert second.sync().agreed is True

    for each in (one, two):
        assert each.ask(count_unconfirmed) == each.ask(count_unconfirmed).__class__(0, 0, 0, 0, None)
        assert each.see(mine).rev > 0 < each.see(theirs).rev
        assert each.ask(outbox.sync_summary).queued == 0
        assert count(each, "server_row") == 0
    assert count(one, "feed_record") == 2


def test_a_confirmed_act_of_a_neighbour_is_in_the_history_with_who_did_it(one, two):
    record_id = one.register()
    hand(one, two)
    one.sync()

    two.sync()

    changes = two.ask(list_changes, "resident", record_id, "mobile")
    assert [(change.old, change.new, change.act) for change in changes] == [(None, "19900000003", "resident.register")]


def test_an_edit_on_a_neighbours_unconfirmed_record_needs_no_question(one, two):
    record_id = one.register()
    hand(one, two)
    two.edit(record_id, mobile="19900000008")
    hand(two, one)

    assert one.see(record_id).mobile == "19900000008"
    for each in (two, one):
        assert each.sync().agreed is True

    assert two.ask(outbox.list_conflicts) == one.ask(outbox.list_conflicts) == ()
    assert same_at((one, two), record_id) == {(2, "19900000008", None)}


def test_back_and_forth_on_one_field_arrives_in_the_order_of_the_acts(one, two):
    record_id = one.register()
    hand(one, two)
    two.edit(record_id, mobile="19900000001")
    hand(two, one)
    one.edit(record_id, mobile="19900000002")
    hand(one, two)
    two.edit(record_id, mobile="19900000003", remark="回到原来的号")
    hand(two, one)

    shown = [each.see(record_id).mobile for each in (one, two)]
    one.sync()
    two.sync()

    assert shown == ["19900000003", "19900000003"]
    assert one.ask(outbox.list_conflicts) == ()
    assert same_at((one, two), record_id) == {(4, "19900000003", "回到原来的号")}


def test_a_field_with_an_own_unsent_edit_is_not_overwritten(one, two):
    record_id = one.register()
    one.sync()
    two.sync()
    one.edit(record_id, mobile="19900000001", remark="一号窗口")
    two.edit(record_id, mobile="19900000002")

    hand(one, two)

    assert (two.see(record_id).mobile, two.see(record_id).remark) == ("19900000002", "一号窗口")
    one.sync()
    two.sync()
    assert [item.field for item in two.ask(outbox.list_conflicts)] == ["mobile"]
    assert two.see(record_id).remark == "一号窗口"


def test_what_the_district_refuses_of_a_neighbour_disappears_again(one, two):
    kept = one.register("沈以安")
    one.sync()
    two.sync()
    not_allowed(one, lambda tx: tx.change(tx.session.get(Resident, kept), {"remark": "早班"}))
    bad = Resident.model_validate({**RESIDENT, "name": "陆知夏"})
    not_allowed(one, lambda tx: tx.add(bad))
    hand(one, two)
    before = (two.see(kept).remark, two.see(bad.id).name)

    two.sync()

    assert before == ("早班", "陆知夏")
    assert (two.see(kept).remark, two.see(bad.id)) == (None, None)
    assert two.ask(list_unconfirmed) == ()
    assert two.ask(count_unconfirmed).dropped == 2
    assert two.ask(search_residents, "luzhixia") == []
    assert count(two, "server_row") == 0
    one.sync()
    assert len(one.ask(outbox.list_parked)) == 2


def test_own_work_on_a_refused_record_is_parked_and_can_be_sent_anew(one, two):
    row = Resident.model_validate({**RESIDENT, "name": "陆知夏"})
    not_allowed(one, lambda tx: tx.add(row))
    bad = row.id
    hand(one, two)
    two.edit(bad, remark="早班")

    two.sync()

    [item] = two.ask(outbox.list_parked)
    assert (item.state, two.see(bad).remark) == ("parked", "早班")
    two.act(lambda tx: outbox.resend(tx, item.op))
    assert two.sync().agreed is True
    assert two.see(bad).rev > 0


def test_own_work_waits_for_a_neighbours_record_that_cannot_be_brought_yet(one, two):
    first = one.register("沈以安")
    second = one.register("陆知夏")
    member = one.ask(membership)
    [batch] = batches(one.database, member, one.ask(lambda tx: plan(tx, member.device)))
    with two.database.write(None) as tx:  # the first one was lost on the way: a gap
        take_ops(tx, batch[1:], route="file", sender=member.device)
    two.edit(second, remark="早班")

    two.sync()
    held = two.ask(outbox.list_parked)
    one.sync()
    two.sync()
    two.sync()

    assert [item.state for item in held] == ["held"]
    assert two.ask(outbox.list_parked) == ()
    one.sync()
    assert same_at((one, two), second) == {(3, "19900000003", "早班")}
    assert two.see(first).rev > 0


def test_a_third_counter_carries_what_two_others_did(one, two, three):
    record_id = one.register()
    hand(one, two)
    two.edit(record_id, remark="早班")
    hand(two, three)

    assert three.see(record_id).remark == "早班"
    assert {mark.device for mark in marks(three, record_id)} == {each.ask(membership).device for each in (one, two)}
    for each in (three, two, one):
        assert each.sync().agreed is True
        assert each.ask(count_unconfirmed).waiting == 0

    assert same_at((one, two, three), record_id) == {(2, "19900000003", "早班")}


def test_withdrawing_ones_own_edit_leaves_the_neighbours(one, two):
    record_id = one.register()
    one.sync()
    two.sync()
    not_allowed(two, lambda tx: tx.change(tx.session.get(Resident, record_id), {"remark": "早班"}))
    two.sync()
    one.edit(record_id, mobile="19900000001")
    hand(one, two)
    [item] = two.ask(outbox.list_parked)

    two.act(lambda tx: withdraw(tx, item.op), "sync.withdraw")

    assert (two.see(record_id).mobile, two.see(record_id).remark) == ("19900000001", None)
    one.sync()
    assert two.sync().agreed is True
    assert same_at((one, two), record_id) == {(2, "19900000001", None)}


def test_what_a_device_sealed_before_it_joined_again_is_taken_from_its_neighbour(one, two, district):
    record_id = one.register()
    hand(one, two)
    one.join_with(district, district.code("supervisor"))

    two.sync()

    assert two.see(record_id).rev > 0
    assert two.ask(count_unconfirmed).waiting == 0
    assert one.sync().agreed
    assert same_at((one, two), record_id) == {(1, "19900000003", None)}


def test_a_device_that_was_shut_out_and_joined_again_proves_its_work_anew(one, two, district):
    record_id, other = one.register(), one.register("沈以安")
    hand(one, two)
    with district.store.write() as connection:
        revoke(connection, one.ask(membership).device)
    one.join_with(district, district.code("supervisor"))

    two.sync()
    left = [two.see(each) for each in (record_id, other)]
    hand(one, two)
    two.sync()

    assert left == [None, None]
    assert all(two.see(each).rev > 0 for each in (record_id, other))
    assert two.ask(count_unconfirmed).waiting == 0
    assert one.sync().agreed


def test_a_revoked_neighbours_unconfirmed_work_goes_and_stays_with_it(one, two, district):
    from app.district import accounts

    record_id = one.register()
    hand(one, two)
    with district.store.write() as connection:
        accounts.revoke(connection, one.ask(membership).device)

    assert two.sync().ok

    assert two.see(record_id) is None
    assert one.see(record_id) is not None
    assert one.ask(outbox.sync_summary).queued == 1


def test_what_is_no_operation_is_refused_as_a_whole(one, two):
    from app.errors import ProtocolError
    from app.sync.proof import SealedOp

    one.register()
    member = one.ask(membership)
    [batch] = batches(one.database, member, one.ask(lambda tx: plan(tx, member.device)))

    for bad in ("", "[]", '{"op":"x","seq":1,"edits":[]}', batch[0].body.replace('"resident"', '"resident",', 1)):
        with pytest.raises(ProtocolError), two.database.write(None) as tx:
            take_ops(tx, [*batch, SealedOp(bad, "0" * 64)], route="lan", sender=member.device)

    assert count(two, "neighbour_op") == count(two, "resident") == 0


def test_a_value_that_does_not_fit_is_not_shown_and_hurts_nothing(one, two):
    import json

    from app.sync.proof import SealedOp

    record_id = one.register()
    member = one.ask(membership)
    [batch] = batches(one.database, member, one.ask(lambda tx: plan(tx, member.device)))
    op = json.loads(batch[0].body)
    op["edits"][0]["set"] |= {"edu_level": [None, 7], "no_such_field": [None, 1], "remark": [None, "早班"]}
    op["edits"].append({"type": "no_such_type", "id": "x", "base": 0, "set": {"a": [None, 1]}})

    with two.database.write(None) as tx:
        take_ops(tx, [SealedOp(json.dumps(op), "0" * 64)], route="lan", sender=member.device)

    assert (two.see(record_id).remark, two.see(record_id).edu_level) == ("早班", None)
    assert two.sync().ok  # the district finds that it is not what the device sealed; it stays unconfirmed
    assert two.ask(count_unconfirmed).waiting == 1
    assert two.see(record_id, Resident).rev == 0


def test_a_computer_that_is_no_counter_of_the_station_any_more_keeps_nothing_of_its_neighbours(one, two, district):
    record_id = one.register()
    hand(one, two)

    two.join_with(district, district.code("trainer"))
    two.sync()

    assert two.see(record_id) is None
    assert two.ask(count_unconfirmed).waiting == 0
    assert one.see(record_id) is not None
