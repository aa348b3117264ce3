"""Settling at two counters of one station and at a real district: nothing is lost, and all come to the same."""

import pytest

from app.errors import RuleError
from app.models.conflict import Conflict
from app.models.resident import Resident
from app.services import conflicts, history
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
