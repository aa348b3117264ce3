"""A counter hears at once what another did, and costs the server next to nothing while it waits."""

import json
import threading

import pytest
import requests

from app.district import accounts, bell
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
