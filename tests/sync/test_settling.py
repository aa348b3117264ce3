"""Settling at two counters of one station and at a real district: nothing is lost, and all come to the same."""

import pytest

from app.errors import RuleError
from app.models.conflict import Conflict
from app.models.resident import Consent, Resident
from app.services import conflicts, history, merging, outbox, residents, withdrawing
from tests.factories import RESIDENT
from tests.sync.world import CLERK

OURS, THEIRS, THIRD = "19900000002", "19900000001", "19900000007"


def meet(*counters):
    """Let everybody hear of everything."""
    for counter in counters * 3:
        report = counter.sync()
        assert report.error is None, report
        assert report.agreed is True


@pytest.fixture
def asked(one, two):
    """Two counters changed one field; return record and conflict."""
    record_id = one.register(mobile="19900000003")
    meet(one, two)
    one.edit(record_id, mobile=THEIRS)
    two.edit(record_id, mobile=OURS)
    meet(one, two)
    [item] = one.ask(conflicts.list_conflicts)
    return record_id, item.id


def settle(counter, conflict_id, choice, value=None):
    with counter.database.write(CLERK) as tx:
        conflicts.settle(tx, conflict_id, choice, value)
    return tx.op_id


def undo(counter, op):
    with counter.database.write(CLERK) as tx:
        history.undo(tx, op)


def test_settled_at_one_counter_is_settled_at_all(one, two, asked):
    record_id, conflict_id = asked

    settle(one, conflict_id, "ours")
    meet(one, two)

    for counter in (one, two):
        assert counter.see(record_id).mobile == OURS
        assert counter.ask(conflicts.list_conflicts) == ()
        assert counter.see(conflict_id, Conflict).settled_value == {"value": OURS}
        changes = counter.ask(history.list_changes, "resident", record_id, "mobile")
        assert {OURS, THEIRS} <= {value for change in changes for value in (change.old, change.new)}


def test_the_second_counter_sees_that_it_is_settled(one, two, asked):
    _record_id, conflict_id = asked
    settle(one, conflict_id, "theirs")
    meet(one, two)

    with pytest.raises(RuleError, match="已经选定"):
        settle(two, conflict_id, "ours")


def test_an_undone_settlement_is_asked_again_everywhere(one, two, asked):
    record_id, conflict_id = asked
    op = settle(one, conflict_id, "ours")
    meet(one, two)

    undo(one, op)
    meet(one, two)

    for counter in (one, two):
        assert counter.see(record_id).mobile == THEIRS
        assert [item.id for item in counter.ask(conflicts.list_conflicts)] == [conflict_id]


def test_settled_alike_while_apart_is_settled(one, two, asked):
    record_id, conflict_id = asked
    settle(one, conflict_id, "ours")
    settle(two, conflict_id, "ours")

    meet(one, two)

    for counter in (one, two):
        assert counter.see(record_id).mobile == OURS
        assert counter.ask(conflicts.list_conflicts) == ()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("choices", "values"),
    [
        ((("ours",), ("theirs",)), {OURS, THEIRS}),
        ((("ours",), ("other", THIRD)), {OURS, THIRD}),
        ((("theirs",), ("other", THIRD)), {THEIRS, THIRD}),
    ],
)
def test_settled_differently_while_apart_is_asked_once_more(one, two, asked, choices, values, order):
    record_id, conflict_id = asked
    for counter, choice in zip((one, two), choices, strict=True):
        settle(counter, conflict_id, *choice)

    meet(*((one, two)[place] for place in order))

    shown = one.see(record_id).mobile
    for counter in (one, two):
        [item] = counter.ask(conflicts.list_conflicts)
        assert (item.record_type, item.record_id, item.field) == ("resident", record_id, "mobile")
        assert {item.ours["value"], item.theirs["value"]} == values
        assert counter.see(record_id).mobile == shown
        assert {"ours": item.ours, "theirs": item.theirs}[item.standing]["value"] == shown

    settle(two, item.id, "other", "19900000009")
    meet(one, two)

    for counter in (one, two):
        assert counter.ask(conflicts.list_conflicts) == ()
        assert counter.see(record_id).mobile == "19900000009"


@pytest.mark.parametrize("choice", ["restore", "remove"])
@pytest.mark.parametrize("first", [0, 1])
def test_deleted_here_edited_there_is_asked_and_settled(one, two, choice, first):
    record_id = one.register()
    meet(one, two)
    one.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "重复建档"), "resident.remove")
    two.edit(record_id, mobile="19900000008")
    meet(*((one, two) if first == 0 else (two, one)))
    [item] = two.ask(conflicts.list_conflicts)
    assert item.removal

    settle(two, item.id, choice)
    meet(one, two)

    for counter in (one, two):
        person = counter.see(record_id)
        assert (person.deleted_at is None) == (choice == "restore")
        assert person.mobile == "19900000008"
        assert counter.ask(conflicts.list_conflicts) == ()


# Two files of one person ---------------------------------------------------------------------------------------------


def merge(counter, keep, drop, **choices):
    with counter.database.write(CLERK) as tx:
        merging.merge_files(tx, keep, drop, choices)


def unmerge(counter, drop):
    with counter.database.write(CLERK) as tx:
        merging.unmerge(tx, drop)


def consent(counter, resident_id):
    with counter.database.write(CLERK) as tx:
        return residents.record_consent(tx, resident_id, {"kind": "2", "agreed": True}).id


def owner(counter, consent_id):
    return counter.see(consent_id, Consent).resident_id


def test_files_merged_with_unsent_work_are_one_everywhere_and_apart_again(one, two):
    keep, drop = one.register("葛守成"), one.register("葛守诚", mobile="19900000004")
    told = consent(one, drop)
    merge(one, keep, drop, mobile="drop")
    meet(one, two)
    for counter in (one, two):
        assert owner(counter, told) == keep
        assert counter.see(keep).mobile == "19900000004"
        assert counter.see(drop).deleted_at is not None
        assert counter.ask(merging.merged_into, drop) == keep
        assert counter.ask(conflicts.list_conflicts) == ()
    later = consent(two, keep)
    two.edit(keep, school="余杭中学")

    unmerge(two, drop)
    meet(one, two)

    for counter in (one, two):
        assert (owner(counter, told), owner(counter, later)) == (drop, keep)
        assert counter.see(keep).mobile == RESIDENT["mobile"]
        assert counter.see(keep).school == "余杭中学"
        assert counter.see(drop).deleted_at is None
        assert counter.ask(conflicts.list_conflicts) == ()


def test_what_another_counter_did_meanwhile_to_the_dropped_file_is_asked_or_follows(one, two):
    keep, drop = one.register("葛守成"), one.register("葛守诚")
    meet(one, two)
    merge(one, keep, drop)
    two.edit(drop, school="余杭中学")
    told = consent(two, drop)

    meet(one, two)
    [item] = one.ask(conflicts.list_conflicts)
    assert (item.record_id, item.field) == (drop, "deleted_at")
    settle(one, item.id, "remove")
    with one.database.write(CLERK) as tx:
        merging.follow_merge(tx, drop)
    meet(one, two)

    for counter in (one, two):
        assert owner(counter, told) == keep
        assert counter.see(drop).deleted_at is not None
        assert counter.ask(merging.list_strays) == ()


def test_two_counters_that_merge_the_other_way_round_lose_nobody(one, two):
    first, second = one.register("葛守成"), one.register("葛守诚")
    told = consent(one, first), consent(one, second)
    meet(one, two)
    merge(one, first, second)
    merge(two, second, first)

    meet(one, two)

    alive = [each for each in (first, second) if one.see(each).deleted_at is None]
    assert alive
    assert {item.field for item in one.ask(conflicts.list_conflicts)} >= {"deleted_at"}
    for counter in (one, two):
        assert [each for each in (first, second) if counter.see(each).deleted_at is None] == alive
        assert all(counter.see(each, Consent).deleted_at is None for each in told)


# What the district sent back ------------------------------------------------------------------------------------------


def withdraw(counter, op, **more):
    with counter.database.write(CLERK) as tx:
        return withdrawing.withdraw(tx, op, **more)


def parked(counter):
    return [item.op for item in counter.ask(outbox.list_parked)]


def test_a_withdrawn_edit_shows_what_the_district_says(one, two):
    record_id = one.register(mobile="19900000003")
    meet(one, two)
    one.edit(record_id, remark="长" * 600, mobile="19900000004")
    one.edit(record_id, school="余杭中学")
    one.sync()
    [op] = parked(one)

    withdraw(one, op, why="写错了")
    meet(one, two)

    for counter in (one, two):
        person = counter.see(record_id)
        assert (person.remark, person.mobile, person.school) == (None, "19900000003", "余杭中学")
    assert parked(one) == []
    traces = two.ask(lambda tx: tx.sql("SELECT kind, subject_id, why FROM service_event"))
    assert [tuple(row) for row in traces] == [("sync.withdraw", op, "写错了")]


def test_taking_back_an_edit_of_a_file_that_the_district_returned_leaves_the_file(one, two):
    record_id = one.register(remark="长" * 600, raw=True)
    one.edit(record_id, mobile="19900000004")
    one.sync()
    making, edit = parked(one)
    assert one.ask(withdrawing.list_built_on, edit) == ()

    withdraw(one, edit)

    person = one.see(record_id)
    assert (person.deleted_at, person.mobile, parked(one)) == (None, "19900000003", [making])
    one.edit(record_id, remark="早班")
    with one.database.write(CLERK) as tx:
        outbox.resend(tx, making)
    meet(one, two)
    assert (two.see(record_id).remark, two.see(record_id).mobile) == ("早班", "19900000003")


def test_a_file_removed_after_one_edit_was_taken_back_is_sent_with_its_removal(one, two):
    record_id = one.register(remark="长" * 600, raw=True)
    one.edit(record_id, mobile="19900000004")
    one.sync()
    making, edit = parked(one)
    withdraw(one, edit)
    one.act(lambda tx: tx.remove(tx.session.get(Resident, record_id), "错录"), "resident.remove")
    one.edit(record_id, remark="早班")

    with one.database.write(CLERK) as tx:
        outbox.resend(tx, making)
    meet(one, two)

    assert parked(one) == []
    assert (two.see(record_id).delete_reason, two.see(record_id).remark) == ("错录", "早班")


def test_what_builds_on_a_withdrawn_creation_is_told_first_and_goes_with_it(one, two):
    record_id = one.register(remark="长" * 600, raw=True)
    told = consent(one, record_id)
    one.sync()
    first, second = parked(one)
    assert [item.op for item in one.ask(withdrawing.list_built_on, first)] == [second]
    with pytest.raises(RuleError, match="1 笔"):
        withdraw(one, first)

    assert withdraw(one, first, with_built=True) == (first, second)
    meet(one, two)

    assert parked(one) == []
    assert one.see(record_id).deleted_at is not None
    assert one.see(told, Consent).deleted_at is not None
    assert two.see(record_id) is None
    assert one.ask(outbox.sync_summary).queued == 0


def test_what_builds_on_a_returned_file_is_saved_by_merging_it_into_another(one, two):
    keep = one.register("葛守成")
    drop = one.register("葛守诚", remark="长" * 600, raw=True)
    told = consent(one, drop)
    one.sync()
    first = parked(one)[0]
    merge(one, keep, drop)
    one.sync()
    assert one.ask(withdrawing.list_built_on, first) == ()

    withdraw(one, first)
    meet(one, two)

    assert parked(one) == []
    for counter in (one, two):
        assert owner(counter, told) == keep
    assert two.see(drop) is None


def test_what_is_handed_to_the_supervisor_is_seen_at_the_other_counter(one, two):
    record_id = one.register("姚景行")
    meet(one, two)
    one.edit(record_id, remark="长" * 600)
    one.sync()
    [op] = parked(one)

    with one.database.write(CLERK) as tx:
        withdrawing.hand_to_supervisor(tx, op, "请帮着看")
    meet(one, two)

    for counter, here in ((one, True), (two, False)):
        [item] = counter.ask(withdrawing.list_handed)
        assert (item.op, item.note, item.here) == (op, "请帮着看", here)
        assert "姚景行" in item.text
    withdraw(one, op)
    meet(one, two)
    assert one.ask(withdrawing.list_handed) == two.ask(withdrawing.list_handed) == ()
