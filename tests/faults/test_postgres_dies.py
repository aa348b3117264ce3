"""PostgreSQL is killed in the middle of a push, at each of its steps: the counter ends with everything, once."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests import postgres
from tests.district.live import Live, on_postgres
from tests.sync.test_epoch import faults, people


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """Yield a server of this module's own: to kill a process of it takes all its connections down."""
    with postgres.running() as url:
        yield url


@pytest.fixture
def district(own_server: str) -> Iterator[Live]:
    with on_postgres(own_server) as live:
        yield live


@pytest.fixture
def two(new_counter, district):
    return new_counter().join(district)


@pytest.fixture
def one(new_counter, district):
    return new_counter().join(district)


def kill_at(live: Live, words: str) -> list[int]:
    """Kill the server's process before the next statement with these words; return the list of whom it hit."""
    hit: list[int] = []

    def look(connection, _cursor, statement, *_more):
        if not hit and words in statement:
            hit.append(connection.connection.driver_connection.info.backend_pid)
            os.kill(hit[0], signal.SIGKILL)

    event.listen(live.store.engine, "before_cursor_execute", look)
    return hit


def wait_until_it_is_back(live: Live) -> None:
    """Wait while PostgreSQL recovers from its log."""
    for _try in range(600):
        try:
            with live.store.read() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.DBAPIError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL did not come back")


STEPS = ("FOR UPDATE", "INSERT INTO feed_entry", "UPDATE device")


@pytest.mark.parametrize("words", STEPS)
def test_postgres_killed_in_the_middle_of_a_push_loses_and_doubles_nothing(one, two, district, words):
    early = one.register("沈以安")
    assert one.sync().ok
    ids = {early, *(one.register(name) for name in ("陆知夏", "冯巧云", "姚景行"))}
    one.edit(early, mobile="19900000008")
    hit = kill_at(district, words)

    report = one.sync()

    assert hit
    assert report.error[0] in ("sync.busy", "sync.offline")
    assert {row[0] for row in people(one)} == ids
    wait_until_it_is_back(district)
    assert one.sync().ok
    assert two.sync().ok
    assert {row[0] for row in people(two)} == ids
    assert people(one) == people(two)
    assert two.see(early).mobile == "19900000008"
    assert faults(district) == ()
