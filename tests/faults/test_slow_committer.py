"""Two pushers and a slow committer against a reader, on real connections: nobody ever finds a late entry."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests.district.live import STATION, Client, Live, resident

FEED = f"station/{STATION}"


class SlowCommit:
    """Holds the first push that has numbered its entries back, right before its commit, until ``go`` is set."""

    def __init__(self, live: Live) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()
        event.listen(live.store.engine, "before_cursor_execute", self._look)
        event.listen(live.store.engine, "commit", self._hold)

    def _look(self, connection, _cursor, statement, *_more):
        if "INSERT INTO feed_head" in statement and not self.reached.is_set():
            connection.info["slow"] = True

    def _hold(self, connection):
        if connection.info.pop("slow", False):
            self.reached.set()
            assert self.go.wait(60)


@pytest.fixture
def clients(district: Live) -> tuple[Client, Client, Client]:
    return district.client(), district.client(), district.client()


def push(client: Client, answers: list) -> threading.Thread:
    op = client.op(resident())
    thread = threading.Thread(target=lambda: answers.append(client.results(op)[0]["outcome"]))
    thread.start()
    return thread


def wait_for_a_lock(live: Live) -> None:
    """Wait until the second pusher stands before the feed's head."""
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _look in range(2000):
        with live.store.read() as connection:
            if connection.execute(query).scalar():
                return
        threading.Event().wait(0.01)
    raise AssertionError("the second pusher did not wait")


def test_a_reader_between_two_pushers_and_a_slow_commit_never_finds_a_late_entry(district, clients):
    first, second, reader = clients
    answers: list = []
    first.one(resident())
    before = [entry["seq"] for entry in reader.everything()]
    slow = SlowCommit(district)

    early = push(first, answers)
    assert slow.reached.wait(60)
    late = push(second, answers)
    wait_for_a_lock(district)
    meanwhile = reader.everything()
    heads = reader.heads()[FEED]
    slow.go.set()
    early.join(60)
    late.join(60)
    after = reader.everything()

    assert (before, meanwhile, heads) == ([1], [], 1)
    assert answers == ["applied", "applied"]
    assert [(entry["seq"], entry["device"]) for entry in after] == [(2, first.device), (3, second.device)]
