"""A counter hears at once what another did, and costs the server next to nothing while it waits."""

import asyncio
import json
import threading

import pytest
import requests

from app.district import accounts, bell, sync_routes
from app.sync.loop import SyncLoop
from app.sync.transport import HttpTransport, ProblemAnswer
from tests.district.live import OTHER, STATION, resident

FEED = f"station/{STATION}"


def listen(client):
    return requests.get(f"{client.url}/v1/events", headers=client.headers, stream=True, timeout=60)


def next_event(lines):
    return json.loads(next(line for line in lines if line.startswith(b"data:"))[5:])


def test_an_event_comes_when_a_feed_grows_and_only_to_those_who_read_it(district, clerk):
    stranger = district.client("clerk", OTHER)
    mine, theirs = listen(clerk), listen(stranger)
    here, there = mine.iter_lines(chunk_size=1), theirs.iter_lines(chunk_size=1)
    assert mine.headers["content-type"].startswith("text/event-stream")
    assert next_event(here)[FEED] == 0
    assert FEED not in next_event(there)

    clerk.one(resident())
    stranger.one(resident(n=1))  # another person: one whom both stations know would be told to both

    assert next_event(here) == {FEED: 1}
    assert next_event(there) == {f"station/{OTHER}": 1}
    mine.close()
    theirs.close()


def test_growth_through_another_process_is_heard_too(district, clerk):
    stream = listen(clerk)
    lines = stream.iter_lines(chunk_size=1)
    next_event(lines)
    district.api.state.bell.ring = lambda *_news: None  # as if another process had taken it in

    clerk.one(resident())

    assert next_event(lines) == {FEED: 1}
    stream.close()


def test_a_comment_comes_while_nothing_happens(district, clerk, monkeypatch):
    monkeypatch.setattr(bell, "COMMENT_SECONDS", 0.05)
    stream = listen(clerk)
    lines = stream.iter_lines(chunk_size=1)

    assert next(line for line in lines if line.startswith(b":"))
    stream.close()


def test_nobody_listens_without_a_token(district, clerk):
    with district.store.write() as connection:
        accounts.revoke(connection, clerk.device)

    assert listen(clerk).status_code == 401


def test_many_who_wait_hold_no_thread_and_no_connection(district, clerk):
    streams = [listen(clerk) for _n in range(60)]  # more than the server has threads or connections
    lines = [stream.iter_lines(chunk_size=1) for stream in streams]
    for each in lines:
        next_event(each)

    clerk.one(resident())

    assert [next_event(each) for each in lines] == [{FEED: 1}] * 60
    for stream in streams:
        stream.close()


def test_a_counter_fetches_what_another_did_by_itself(one, two):
    two.sync()
    arrived, ready = threading.Event(), threading.Event()
    loop = SyncLoop(two.database, every=lambda: 3600.0)
    loop.on_report.append(lambda report: (ready.set(), arrived.set() if report.pulled else None))
    loop.start()
    assert ready.wait(30)

    record_id = one.register()
    one.sync()

    assert arrived.wait(30)
    assert two.see(record_id) is not None
    loop.stop()
    assert not loop._listener._thread.is_alive()


def test_a_server_without_events_is_served_by_asking(district):
    transport = HttpTransport(f"{district.url}/older")

    with pytest.raises(ProblemAnswer) as caught:
        next(transport.events())

    transport.close()
    assert caught.value.problem == "not_found"


@pytest.mark.parametrize("most", [50, 0])
def test_the_push_itself_lets_those_in_who_listen_as_long_as_they_are_few(district, clerk, monkeypatch, most):
    monkeypatch.setattr(bell, "MOST_PASSES", most)
    asked, look = [], sync_routes.identify_at
    monkeypatch.setattr(sync_routes, "identify_at", lambda *args: (asked.append(1), look(*args))[1])
    streams = [
        requests.get(f"{clerk.url}/v1/events?entries=1", headers=clerk.headers, stream=True, timeout=60)
        for _n in range(2)
    ]
    lines = [stream.iter_lines(chunk_size=1) for stream in streams]
    for each in lines:
        next_event(each)

    clerk.one(resident())

    assert [next(line for line in each if line) for each in lines] == [b"event: page"] * 2
    assert len(asked) == (0 if most else 2)
    for stream in streams:
        stream.close()


def test_who_was_not_told_of_the_last_push_yet_is_not_waited_for_again(district, clerk):
    watched = bell.Bell(district.store)

    async def play():
        stream = watched.listen({FEED: 0})
        await anext(stream)
        while FEED not in watched._heads:
            await asyncio.sleep(0.01)
        rung = [watched.ring({FEED: (0, 1, [])}), watched.ring({FEED: (1, 2, [])})]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        before = [each.is_set() for each in rung]
        event = await anext(stream)
        await stream.aclose()
        return before, event, [each.is_set() for each in rung]

    before, event, after = asyncio.run(play())

    assert before == [False, True]
    assert json.loads(event[5:]) == {FEED: 2}
    assert after == [True, True]
