"""Every call of the district's document, made with a trainer's token, and what comes back looked through."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.district.live import STATION, Client, Live, change, make, resident
from tests.district.test_devices import REPORT
from tests.district.test_relay import seal
from tests.factories import fictional_id

NAME, ADDRESS, PHOTO = "郑阿菊", "溪桥苑 5 幢 301", b"a photograph of her papers"
OTHER_NAME = "周素琴"
SECRETS = (fictional_id("19760130"), ADDRESS, OTHER_NAME, "19900000077", PHOTO.decode())
FEEDS = (f"station/{STATION}", "market/330110", "office/330110", "training/330110")
READ_SECONDS = 1.5


@dataclass
class Walk:
    """A trainer and a clerk at one district; everything that the trainer was ever answered."""

    district: Live
    clerk: Client
    trainer: Client
    person: str
    enrolment: str
    heard: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def call(self, method: str, path: str, **options: Any) -> None:
        headers = {**self.trainer.headers, **options.pop("headers", {})}
        body = requests.request(method, self.trainer.url + path, headers=headers, timeout=60, **options)
        self.heard.setdefault(path.split("?")[0], []).append((body.status_code, body.text + repr(dict(body.headers))))


@pytest.fixture
def walk(district: Live, clerk: Client) -> Walk:
    """Return a district that holds two residents: one in a class, one not."""
    file = resident(name=NAME, id_no=fictional_id("19760130"), live_addr=ADDRESS)
    other = resident(name=OTHER_NAME, id_no=fictional_id("19780812"), mobile="19900000077")
    course = make("course", name="家政服务员（初级）", trade="4-10", level="L2")
    days = {"start_on": "2026-11-16", "end_on": "2026-11-30"}
    group = make("training_class", class_no="PX330110261101-0001", course_id=course["id"], title="家政", **days)
    signed = make(
        "enrolment", enrol_no="BM330110261101-0001", class_id=group["id"], resident_id=file["id"], name=NAME,
        phone="19900000006", enrolled_on="2026-11-10",
    )  # fmt: skip
    outcomes = {each["outcome"] for each in clerk.results(*(clerk.op(e) for e in (file, other, course, group, signed)))}
    assert outcomes == {"applied"}
    size = len(PHOTO)
    requests.put(
        f"{clerk.url}/v1/blobs/{FEEDS[0]}/{hashlib.sha256(PHOTO).hexdigest()}", data=PHOTO, timeout=60,
        headers={**clerk.headers, "Content-Range": f"bytes 0-{size - 1}/{size}"},
    )  # fmt: skip
    return Walk(district, clerk, district.client("trainer"), file["id"], signed["id"])


def _enrol(walk: Walk) -> None:
    walk.call("POST", "/v1/enrol", json={"code": walk.district.code("trainer"), "device_name": "教室"})


def _push(walk: Walk) -> None:
    edits = (
        change("resident", walk.person, 1, mobile=("19900000003", "19900000008")),
        change("resident", walk.person, 0, remark=(None, "x")),
        resident(walk.person),
        make("attendance", class_id=walk.person, lesson_id=walk.person, enrolment_id=walk.person, mark="1"),
        change("enrolment", walk.enrolment, 0, name=("甲", "乙")),
    )
    ops = [walk.trainer.op(edit) for edit in edits]
    walk.call("POST", "/v1/push", json={"epoch": walk.trainer.epoch, "ops": ops})
    walk.call("POST", "/v1/push", json={"epoch": walk.trainer.epoch, "ops": ops})


def _relay(walk: Walk) -> None:
    sealed = seal(walk.clerk, walk.clerk.op(resident(), seq=walk.clerk.seq + 1))
    walk.call("POST", "/v1/relay", json={"epoch": walk.trainer.epoch, "device": walk.clerk.device, "ops": [sealed]})


def _pull(walk: Walk) -> None:
    for cursors in ({feed: 0} for feed in FEEDS):
        walk.call("POST", "/v1/pull", json={"epoch": walk.trainer.epoch, "cursors": cursors, "limit": 500})
    every = dict.fromkeys(FEEDS, 0)
    walk.call("POST", "/v1/pull", json={"epoch": walk.trainer.epoch, "cursors": every, "limit": 500})
    walk.call("POST", "/v1/pull", json={"epoch": walk.trainer.epoch, "cursors": {}, "limit": 500})


def _digest(walk: Walk) -> None:
    for feed in FEEDS:
        walk.call("POST", "/v1/digest", json={"feed": feed})


def _snapshot(walk: Walk) -> None:
    for feed in FEEDS:
        walk.call("GET", f"/v1/snapshot/{feed}?after=0&limit=5000")


def _events(walk: Walk) -> None:
    """Listen a moment, with entries asked for; something happens to a resident meanwhile."""
    url = walk.trainer.url + "/v1/events?entries=1"
    heard = ""
    with requests.get(url, headers=walk.trainer.headers, stream=True, timeout=(10, READ_SECONDS)) as answer:
        walk.clerk.one(resident(name=OTHER_NAME, id_no=fictional_id("19760130", 998), live_addr=ADDRESS))
        with contextlib.suppress(requests.exceptions.RequestException):
            for chunk in answer.iter_content(64):
                heard += chunk.decode()
    walk.heard["/v1/events"] = [(answer.status_code, heard)]


def _blobs(method: str) -> Callable[[Walk], None]:
    def ask(walk: Walk) -> None:
        size = len(PHOTO)
        for feed in FEEDS:
            headers = {"Content-Range": f"bytes 0-{size - 1}/{size}"} if method == "PUT" else {}
            body = PHOTO[::-1] if method == "PUT" else None
            path = f"/v1/blobs/{feed}/{hashlib.sha256(PHOTO).hexdigest()}"
            walk.call(method, path, headers=headers, data=body)

    return ask


def _get(path: str) -> Callable[[Walk], None]:
    return lambda walk: walk.call("GET", path)


def _report(walk: Walk) -> None:
    walk.call("POST", "/v1/report", json=REPORT)


def _ledger(walk: Walk) -> None:
    """Ask for ledgers of people, also whole and with a reason, and for one that there is none of."""
    days = {"first": "2026-11-01", "until": "2026-12-01"}
    for more in ({"ledger": "L01"}, {"ledger": "L16", "stations": [STATION]}, {"ledger": "L99"}):
        walk.call("POST", "/v1/ledger", json={**days, **more})
    walk.call("POST", "/v1/ledger", json={**days, "ledger": "L01", "actor": walk.person, "why": "看看"})


def _figures(walk: Walk) -> None:
    walk.call("POST", "/v1/figures", json={"first": "2026-11-01", "until": "2026-12-01"})


def _heads(walk: Walk) -> None:
    walk.call("POST", "/v1/heads", json={"logs": {"operations": {"number": 1, "chain": "0" * 64}}})


def _package(method: str) -> Callable[[Walk], None]:
    return lambda walk: walk.call(method, "/v1/release/linux-amd64/0.2.0/package")


CALLS: dict[tuple[str, str], Callable[[Walk], None]] = {
    ("post", "/v1/enrol"): _enrol,
    ("get", "/v1/status"): _get("/v1/status"),
    ("post", "/v1/push"): _push,
    ("post", "/v1/relay"): _relay,
    ("post", "/v1/pull"): _pull,
    ("post", "/v1/digest"): _digest,
    ("get", "/v1/events"): _events,
    ("get", "/v1/snapshot/{feed}"): _snapshot,
    ("get", "/v1/schema"): _get("/v1/schema"),
    ("put", "/v1/blobs/{feed}/{sha256}"): _blobs("PUT"),
    ("head", "/v1/blobs/{feed}/{sha256}"): _blobs("HEAD"),
    ("get", "/v1/blobs/{feed}/{sha256}"): _blobs("GET"),
    ("get", "/health"): _get("/health"),
    ("get", "/metrics"): _get("/metrics"),
    ("post", "/v1/report"): _report,
    ("get", "/v1/devices"): _get("/v1/devices"),
    ("get", "/v1/ledgers"): _get("/v1/ledgers"),
    ("post", "/v1/ledger"): _ledger,
    ("post", "/v1/figures"): _figures,
    ("post", "/v1/heads"): _heads,
    ("get", "/v1/heads"): _get("/v1/heads"),
    ("get", "/v1/release"): _get("/v1/release?platform=linux-amd64&version=0.0.1"),
    ("head", "/v1/release/{platform}/{version}/package"): _package("HEAD"),
    ("get", "/v1/release/{platform}/{version}/package"): _package("GET"),
}


def _answers(walk: Walk) -> Iterator[tuple[str, int, str]]:
    for path, answers in walk.heard.items():
        for status, body in answers:
            yield path, status, body


def test_the_walk_knows_every_call_of_the_document(district: Live) -> None:
    document = requests.get(district.url + "/openapi.json", timeout=30).json()

    assert {(method, path) for path, calls in document["paths"].items() for method in calls} == set(CALLS)


def test_no_call_of_the_document_returns_a_resident_to_a_trainer_or_changes_her(walk: Walk) -> None:
    for ask in CALLS.values():
        ask(walk)

    found = [(path, secret) for path, _status, body in _answers(walk) for secret in SECRETS if secret in body]
    assert found == []
    closed = ("/relay", "/devices", "/ledger", "/figures")
    assert {status for path, status, _body in _answers(walk) if any(part in path for part in closed)} == {403}
    assert {status for _path, status, _body in _answers(walk)} <= {200, 204, 403, 404, 409}
    # What she may have did come: the walk is no walk past closed doors.
    assert any(NAME in body for path, status, body in _answers(walk) if status == 200 and path == "/v1/pull")
    assert any(NAME in body for path, status, body in _answers(walk) if path == f"/v1/snapshot/{FEEDS[3]}")
    entries = [entry for entry in walk.clerk.everything() if entry["id"] == walk.person]
    assert [entry["values"]["mobile"] for entry in entries] == ["19900000003"]
