"""What is too much is told when to come back, and a busy district is not too much."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import uvicorn

from app.district import limits
from app.district.api import create_api
from app.district.limits import Bucket, Limits
from app.sync import loop as sync_loop
from app.sync.engine import SyncEngine
from app.sync.loop import SyncLoop
from app.sync.transport import HttpTransport
from tests.district.live import Client, Live, resident
from tests.sync import world


@pytest.fixture
def strict(tmp_path, monkeypatch):
    """Return a maker of servers with given limits, and what they say served."""
    made = []

    def build(**values):
        monkeypatch.setattr("tests.district.live.create_api", lambda store: create_api(store, limits=Limits(**values)))
        made.append(Live(f"sqlite:///{tmp_path / f'district{len(made)}.db'}"))
        return made[-1]

    yield build
    for live in made:
        live.stop()


def test_a_bucket_gives_its_burst_and_then_its_rate(monkeypatch):
    now = 0.0
    monkeypatch.setattr(limits.clock, "monotonic", lambda: now)
    bucket = Bucket(3, 0.5)

    taken = [bucket.take() for _n in range(4)]
    now = 2.0
    later = [bucket.take(), bucket.take()]

    assert taken == [0.0, 0.0, 0.0, 2.0]
    assert later == [0.0, 2.0]


def test_sustained_abuse_of_one_device_is_slowed_and_others_are_not(strict):
    live = strict(burst=5, rate=0.1)
    greedy, modest = live.client(), live.client()
    for _n in range(6):
        assert greedy.get("/v1/status")[0] == 200  # the first one makes the token known

    answer = requests.get(live.url + "/v1/status", headers=greedy.headers, timeout=30)

    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert modest.get("/v1/status")[0] == 200


def test_many_bad_tokens_from_one_address_are_slowed_and_good_ones_there_are_not(strict):
    live = strict(bad_burst=5, bad_rate=0.1)
    good, bad = live.client(), Client(live.url)
    assert good.get("/v1/status")[0] == 200
    bad.token = "dst_nonsense"

    statuses = [bad.get("/v1/status")[0] for _n in range(8)]

    assert statuses == [401] * 5 + [429] * 3
    assert good.get("/v1/status")[0] == 200


def test_a_large_push_that_is_turned_away_gets_to_hear_it(strict):
    live = strict(pushes=0)
    client = live.client()
    ops = [client.op(resident(remark="长" * 400)) for _n in range(400)]

    status, problem = client.push(*ops)

    assert (status, problem["code"]) == (503, "busy")


def test_too_many_waiting_pushes_are_told_when_to_come_back(strict, monkeypatch):
    live = strict(pushes=2)
    waiting, go, arrived = [live.client(), live.client()], threading.Event(), threading.Semaphore(0)
    late = live.client()
    real = live.store.write

    def slow():
        if threading.current_thread().name.startswith("AnyIO"):
            arrived.release()
            go.wait(30)
        return real()

    monkeypatch.setattr(live.store, "write", slow)
    with ThreadPoolExecutor(2) as pool:
        pushes = [pool.submit(client.push, client.op(resident())) for client in waiting]
        assert arrived.acquire(timeout=30)
        assert arrived.acquire(timeout=30)
        turned_away = requests.post(
            live.url + "/v1/push", json={"epoch": late.epoch, "ops": []}, headers=late.headers, timeout=30
        )
        go.set()
        answers = [push.result() for push in pushes]

    assert (turned_away.status_code, turned_away.json()["code"]) == (503, "busy")
    assert limits.SOONEST <= int(turned_away.headers["retry-after"]) <= limits.LATEST
    assert [status for status, _body in answers] == [200, 200]
    assert late.push(late.op(resident()))[0] == 200


def test_fifty_counters_at_once_meet_no_limit(district):
    clients = [district.client() for _n in range(50)]

    def work(client):
        return [
            client.push(client.op(resident()))[0],
            *(client.get("/v1/status")[0] for _n in range(4)),
            client.post("/v1/pull", {"epoch": client.epoch, "cursors": {}})[0],
        ]

    with ThreadPoolExecutor(50) as pool:
        statuses = [status for found in pool.map(work, clients) for status in found]

    assert set(statuses) == {200}


class Turning:
    """An ASGI server that turns the first callers away, then passes to the real one."""

    def __init__(self, api, header):
        self.api, self.header, self.turned, self.times = api, header, 0, []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/v1/status":
            self.times.append(limits.clock.monotonic())
            if self.turned < 2:
                self.turned += 1
                body = b'{"code":"busy","detail":"x"}'
                headers = [(b"content-type", b"application/problem+json"), (b"retry-after", self.header)]
                await send({"type": "http.response.start", "status": 503, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
        await self.api(scope, receive, send)


def test_the_loop_comes_back_exactly_when_it_was_told(district, tmp_path, monkeypatch):
    turning = Turning(district.api, b"1")
    config = uvicorn.Config(turning, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.005)
    counter = world.counter(world.template(tmp_path), tmp_path / "counter.db").join(district)
    counter.register()
    port = server.servers[0].sockets[0].getsockname()[1]
    token = counter.line.inner._session.headers["Authorization"].partition(" ")[2]
    monkeypatch.setattr(sync_loop, "FIRST_RETRY", 200.0)  # without being told it would not come back in this test
    line = HttpTransport(f"http://127.0.0.1:{port}", token)
    background = SyncLoop(counter.database, every=lambda: 600.0, engine=SyncEngine(counter.database, line))
    reports, done = [], threading.Event()

    def note(report):
        reports.append(report)
        background.poke()  # a person who is impatient does not come sooner
        if report.ok:
            done.set()

    background.on_report.append(note)
    background._thread.start()  # without the listener: only the runs are watched

    assert done.wait(30)
    background.stop()
    line.close()
    server.should_exit = True
    thread.join(10)
    counter.close()

    assert [report.retry_after for report in reports[:3]] == [1.0, 1.0, None]
    gaps = [after - before for before, after in zip(turning.times, turning.times[1:3], strict=False)]
    assert all(gap >= 1.0 for gap in gaps)
