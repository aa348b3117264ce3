"""Two pushes of one device at once: the second is looked at meanwhile, and written after the first."""

import threading
from concurrent.futures import ThreadPoolExecutor

from app.district import push, turns
from app.district.turns import Turns
from tests.district.live import resident


def test_a_push_that_is_looked_at_sooner_is_written_after_the_one_before_it(clerk, monkeypatch):
    first, second = clerk.op(resident()), clerk.op(resident())
    began, seen, examine = threading.Event(), threading.Event(), push.examine

    def look(ops):
        if ops[0].op == first["op"]:
            began.set()
            assert seen.wait(30)
            return examine(ops)
        found = examine(ops)
        seen.set()
        return found

    monkeypatch.setattr(push, "examine", look)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(clerk.push, first)
        assert began.wait(30)
        two = pool.submit(clerk.push, second)
        answers = [one.result(), two.result()]

    assert [status for status, _body in answers] == [200, 200]
    assert [body["expect"] for _status, body in answers] == [2, 3]


def test_a_turn_that_is_not_over_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST", 0.01)
    line, passed = Turns(), []

    with line.turn("a"), line.turn("a") as turn:
        turn.wait_to_write()
        passed.append(True)

    assert passed


def test_who_is_done_is_forgotten_and_others_are_not_waited_for():
    line, passed = Turns(), []

    with line.turn("a"), line.turn("b") as turn:
        turn.wait_to_write()
        passed.append("b")
    with line.turn("a") as turn:
        turn.wait_to_write()
        passed.append("a")

    assert passed == ["b", "a"]
    assert not line._last
