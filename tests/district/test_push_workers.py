"""Large pushes are taken by processes of their own: the same answers, and nothing lost when one of them dies."""

import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district import accounts, push_workers
from app.district.push_work import Parcel
from app.district.push_workers import Workers
from app.district.store import DistrictStore
from app.district.turns import Turns
from app.models.district import Device
from app.program import command
from tests import postgres
from tests.district.live import OTHER, Client, change, dump, make, on_postgres, resident

PATIENCE = 60.0


def wait_until(told, what):
    end = time.monotonic() + PATIENCE
    while not told():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def by_the_server(monkeypatch):
    monkeypatch.setattr(push_workers, "LARGE", 2**40)


def by_workers(monkeypatch):
    monkeypatch.setattr(push_workers, "LARGE", 0)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def staffed(postgres_server):
    """Yield a district with two workers, both of them up; others take the place of one that ends at once."""
    with pytest.MonkeyPatch.context() as patch, on_postgres(postgres_server) as live:
        patch.setattr(push_workers, "PAUSE", 0.0)
        by_workers(patch)
        live.api.state.workers = Workers(live.database_url, 2)
        live.client(station="330110012099").one(resident())
        wait_until(lambda: live.api.state.workers.up == 2, "the workers did not start")
        yield live


@pytest.fixture
def crew(staffed, monkeypatch):
    """Return that district; all pushes go to its workers."""
    by_workers(monkeypatch)
    return staffed


@pytest.fixture
def worked(crew):
    return crew.client()


def mixed(client, neighbour):
    """Return operations that end in every way: applied, merged, in conflict, refused for their value or their type."""
    record = resident(n=1)
    (made,) = client.one(record)["records"]
    neighbour.one(change("resident", record["id"], made["rev"], mobile=("19900000003", "19900000005")))
    return [
        client.op(change("resident", record["id"], made["rev"], mobile=("19900000003", "19900000009"))),
        client.op(change("resident", record["id"], made["rev"], remark=(None, "找离家近的活"))),
        client.op(resident(edu_level="no such code")),
        client.op(make("no.such.type", name="x")),
        client.op(resident(name="𠮷田\ud800")),
        client.op(resident(n=2), resident(n=3)),
    ]


def test_a_worker_answers_as_the_server_itself_does(crew, worked, monkeypatch):
    ops = mixed(worked, crew.client())
    first = worked.push(*ops)
    others = worked.raw("/v1/push", dump({"epoch": worked.epoch, "ops": ops, "brief": True}))

    by_the_server(monkeypatch)

    assert first[0] == 200
    assert {each["outcome"] for each in first[1]["results"]} == {"applied", "merged", "conflict", "refused"}
    assert worked.push(*ops) == first
    again = worked.raw("/v1/push", dump({"epoch": worked.epoch, "ops": ops, "brief": True}))
    assert again.json() == others.json()


def test_what_is_wrong_with_a_push_is_told_in_the_same_words(worked, monkeypatch):
    ahead = [worked.op(resident(), seq=1), worked.op(resident(), seq=3)]
    tries = {
        "epoch_changed": dump({"epoch": "another", "ops": [ahead[1]]}),
        "malformed": dump({"epoch": worked.epoch, "ops": "none"}),
        "bad_encoding": b"nothing that is packed",
        "seq_gap": dump({"epoch": worked.epoch, "ops": [ahead[1]]}),
        "too_many_ops": dump({"epoch": worked.epoch, "ops": [ahead[1]] * 501}),
    }

    def ask():
        found = {}
        for code, body in tries.items():
            packed = {"Content-Encoding": "gzip"} if code == "bad_encoding" else {}
            answer = worked.raw("/v1/push", body, **packed)
            found[code] = (answer.status_code, answer.json())
        stranger = requests.post(f"{worked.url}/v1/push", data=tries["seq_gap"], timeout=60)
        found["unknown_token"] = (stranger.status_code, stranger.json())
        return found

    asked = ask()
    by_the_server(monkeypatch)

    assert {code: body["code"] for code, (_status, body) in asked.items()} == {code: code for code in asked}
    assert ask() == asked


def test_a_revoked_device_is_refused_by_a_worker_at_once(crew, worked):
    worked.one(resident())
    with crew.store.write() as connection:
        device = table_of(Device)
        connection.execute(sa.update(device).where(device.c.id == worked.device).values(revoked_at=sa.func.now()))

    status, problem = worked.push(worked.op(resident()))

    assert (status, problem["code"]) == (401, "revoked")


def test_pushes_of_many_devices_at_once_are_all_taken_and_each_in_its_order(crew):
    clients = [crew.client(station=f"3301100120{n:02d}") for n in range(6)]
    batches = {client: [[client.op(resident(n=n + k)) for k in range(20)] for n in range(2)] for client in clients}

    def send(client):
        return [client.push(*ops) for ops in batches[client]]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, clients))

    assert all(status == 200 for each in answers for status, _body in each)
    assert all(len(client.everything()) >= 40 for client in clients)


def test_no_worker_is_given_to_a_push_whose_predecessor_waits_for_one():
    turns, steps = Turns(), []
    with ThreadPoolExecutor(1) as pool, turns.turn("a") as first, turns.turn("a") as second:

        def later():
            second.wait_to_begin()
            steps.append("second")

        waiting = pool.submit(later)
        time.sleep(0.05)
        steps.append("first")
        first.begin()
        waiting.result(30)

    assert steps == ["first", "second"]


@contextmanager
def held(live, client):
    """Keep a device's row locked, so that a push of it waits."""
    device = table_of(Device)
    with live.store.write() as connection:
        connection.execute(sa.select(device).where(device.c.id == client.device).with_for_update()).all()
        yield


def waiting_in_the_database(live):
    with live.store.read() as connection:
        return connection.scalar(
            sa.text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )


def test_a_worker_that_is_killed_under_way_loses_nothing_and_another_takes_its_place(crew, worked):
    workers = crew.api.state.workers
    ops = [worked.op(resident(n=n)) for n in range(4)]
    before = set(workers.pids)

    with ThreadPoolExecutor(1) as pool, held(crew, worked):
        sending = pool.submit(worked.raw, "/v1/push", dump({"epoch": worked.epoch, "ops": ops}))
        wait_until(lambda: waiting_in_the_database(crew), "no push waits")
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        answer = sending.result()
        wait_until(lambda: not any(map(alive, before)), "they live")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert [each["outcome"] for each in worked.results(*ops)] == ["applied"] * 4
    assert [each["op"] for each in worked.everything() if each["device"] == worked.device] == [op["op"] for op in ops]
    wait_until(lambda: workers.up == 2, "no other workers started")
    assert before.isdisjoint(workers.pids)


def test_where_no_worker_starts_the_server_takes_all_itself(postgres_server, monkeypatch, caplog):
    by_workers(monkeypatch)
    monkeypatch.setattr(push_workers, "command", lambda _name: ["/bin/false"])
    monkeypatch.setattr(push_workers, "PAUSE", 300.0)
    with on_postgres(postgres_server) as live:
        live.api.state.workers = workers = Workers(live.database_url, 2)
        client = live.client()

        assert client.one(resident())["outcome"] == "applied"
        wait_until(lambda: caplog.text.count("a worker did not start") == 2, "nothing was told of it")
        assert client.one(resident(n=1))["outcome"] == "applied"

        assert workers.up == 0
        assert caplog.text.count("a worker did not start") == 2


def test_a_database_that_does_not_answer_a_worker_is_told_as_the_server_tells_it(worked, monkeypatch):
    failed = push_workers._Failed(busy=True, kind="OperationalError")
    monkeypatch.setattr(push_workers._Worker, "take", lambda *_given: failed)

    answer = worked.raw("/v1/push", dump({"epoch": worked.epoch, "ops": []}))

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


@pytest.mark.parametrize("said", [b"\xc1", b"\x81\xa1", b"\x01"], ids=["nothing", "torn", "another thing"])
def test_a_worker_that_says_what_nobody_understands_is_replaced(crew, worked, monkeypatch, said):
    def push():
        return worked.raw("/v1/push", dump({"epoch": worked.epoch, "ops": []}))

    with monkeypatch.context() as patch:
        patch.setattr(push_workers._Line, "receive", lambda line: line._decode(said))
        answer = push()

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    wait_until(lambda: push().status_code == 200 and crew.api.state.workers.up == 2, "no other worker started")


def test_a_fault_of_the_program_in_a_worker_is_one_of_the_server(crew, monkeypatch):
    failed = push_workers._Failed(busy=False, kind="KeyError")
    monkeypatch.setattr(push_workers._Worker, "take", lambda *_given: failed)

    with Turns().turn("a") as turn, pytest.raises(RuntimeError, match="KeyError"):
        crew.api.state.workers.take(Parcel("t", "identity", b"{}"), turn)


def test_small_pushes_are_taken_by_the_server_itself(crew, monkeypatch):
    monkeypatch.setattr(push_workers, "LARGE", 100)
    turns = Turns()

    with turns.turn("a") as turn:
        assert crew.api.state.workers.take(Parcel("t", "identity", b"x" * 99), turn) is None
        assert turn.begun.is_set()


def test_on_sqlite_there_are_none(tmp_path):
    store = DistrictStore(f"sqlite:///{tmp_path / 'd.db'}")

    assert push_workers.count_for(store, 3) == 0
    store.close()


def test_workers_end_with_a_server_that_is_killed(postgres_server):
    with postgres.fresh_database(postgres_server) as database:
        server = subprocess.Popen(
            [*command("doorstep-district"), "serve", "--database", database, "--port", "0", "--push-workers", "2"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            url = re.search(r"http://\S+", server.stdout.readline()).group()
            store = DistrictStore(database)
            with store.write() as connection:
                code = accounts.make_code(connection, station=OTHER, role="clerk")
            store.close()
            client = _joined(url, code)
            assert client.push(*[client.op(resident(n=n)) for n in range(60)])[0] == 200
            wait_until(
                lambda: "doorstep_push_workers 2" in requests.get(f"{url}/metrics", timeout=60).text, "no workers"
            )
            workers = _children(server.pid)
        finally:
            server.kill()
            server.wait()
            server.stdout.close()

    assert len(workers) == 2
    wait_until(lambda: not any(alive(pid) for pid in workers), "a worker outlived its server")


def _joined(url, code):
    client = Client(url)
    client.take(client.post("/v1/enrol", {"code": code, "device_name": "窗口"})[1])
    return client


def _children(pid):
    """Return the children of a process, whichever of its threads started them."""
    return [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
