"""Batches that leave one after the other, the next one read while the last is answered."""

import itertools
import json
import threading

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.models.operation import Operation, OperationEdit
from app.sync import pushing, sending


@pytest.fixture
def small(monkeypatch):
    """Let a batch hold three operations."""
    monkeypatch.setattr(pushing, "MAX_OPS", 3)


def states(counter):
    with counter.database.read() as tx:
        rows = tx.rows(select(col(Operation.state), func.count()).group_by(col(Operation.state)))
    return {row[0]: row[1] for row in rows}


def names_at(client):
    return [entry["values"]["name"] for entry in client.everything() if entry["type"] == "resident"]


def register(counter, count):
    names = [f"葛守{chr(0x4E00 + n)}" for n in range(count)]
    for name in names:
        counter.register(name)
    return names


def in_order(counter):
    """Let each batch leave the line only after the one before it: two threads hold one each."""
    expected, turn, inner = [1], threading.Condition(), counter.line.push

    def push(epoch, ops):
        first = json.loads(ops[0])["seq"]
        with turn:
            assert turn.wait_for(lambda: expected[0] == first, 30)
            answer = inner(epoch, ops)
            expected[0] = first + len(ops)
            turn.notify_all()
        return answer

    counter.line.push = push


@pytest.mark.usefixtures("small")
def test_batches_sent_ahead_arrive_in_order_and_every_answer_is_kept(one, clerk):
    names = register(one, 14)
    in_order(one)

    report = one.sync()

    assert report.ok
    assert report.pushed == 14
    assert one.line.calls.count("push") == 5
    assert names_at(clerk) == names
    assert states(one) == {"applied": 14}
    with one.database.read() as tx:
        assert not tx.rows(select(col(OperationEdit.op)).where(col(OperationEdit.rev).is_(None)))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("how", ["lose_reply", "cut"])
def test_a_line_that_breaks_between_two_batches_loses_and_doubles_nothing(one, clerk, how):
    names, reports, inner = register(one, 14), [], one.line.push

    def push(epoch, ops):
        if next(sent) == 2 and len(reports) < 2:
            getattr(one.line, how)["push"] = 1
        return inner(epoch, ops)

    one.line.push = push

    for _n in range(3):
        sent = itertools.count(1)  # of each run the second batch, however many are under way by then
        reports.append(one.sync())

    assert [report.ok for report in reports] == [False, False, True]
    assert names_at(clerk) == names
    assert states(one) == {"applied": 14}


@pytest.mark.usefixtures("small")
def test_an_act_done_while_batches_are_under_way_is_sent_after_them(one, clerk):
    names = register(one, 7)
    one.line.before["push"] = lambda: names.append(one.see(one.register("沈以安")).name)

    report = one.sync()

    assert report.ok
    assert names_at(clerk) == names
    assert states(one) == {"applied": 8}


@pytest.mark.usefixtures("small")
def test_a_refused_one_among_batches_sent_ahead_parks_alone(one, clerk):
    register(one, 4)
    one.register("沈以安", raw=True, edu_level="no such code")
    register(one, 4)

    report = one.sync()

    assert (report.ok, report.pushed, report.parked) == (True, 9, 1)
    assert states(one) == {"applied": 8, "parked": 1}


def test_what_is_read_ahead_begins_after_what_is_under_way(one):
    register(one, 5)

    with one.database.read() as tx:
        device = tx.sql("SELECT DISTINCT device FROM operation")[0][0]
        found = [sending.pending_ops(tx, device, None, 2, after=after) for after in (0, 2, 4, 5)]

    assert [len(batch) for batch in found] == [2, 2, 1, 0]


def overtaking(counter, *, done):
    """Hold the second push until the third has left, or is ``done``; tell which numbers each one carried."""
    third, sent, inner, carried = threading.Event(), itertools.count(1), counter.line.push, []

    def push(epoch, ops):
        number = next(sent)
        carried.append([json.loads(op)["seq"] for op in ops])
        if number == 3 and not done:
            third.set()
        if number == 2:
            assert third.wait(30)
        try:
            return inner(epoch, ops)
        finally:
            if number == 3:
                third.set()

    counter.line.push = push
    return carried


@pytest.mark.usefixtures("small")
def test_a_batch_leaves_before_the_one_before_it_is_answered(one, clerk):
    names = register(one, 9)
    carried = overtaking(one, done=False)

    report = one.sync()

    assert report.ok
    assert carried[:3] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert names_at(clerk) == names
    assert states(one) == {"applied": 9}


@pytest.mark.usefixtures("small")
def test_a_batch_that_arrives_before_the_one_before_it_is_sent_once_more(one, clerk):
    names = register(one, 11)
    carried = overtaking(one, done=True)

    report = one.sync()

    assert report.ok
    assert report.pushed == 11
    assert carried[:3] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert [7, 8, 9] in carried[3:]
    assert [4, 5, 6] not in carried[3:]
    assert names_at(clerk) == names
    assert states(one) == {"applied": 11}
