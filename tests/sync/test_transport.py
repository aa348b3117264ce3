"""What the line may do to a counter: each trouble has its own name, and none is taken for the district."""

import errno
import http.server
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app import clock
from app.db import state
from app.errors import AuthError, OfflineError, ProtocolError
from app.services import outbox
from app.sync.engine import SyncReport
from app.sync.line import retry_seconds
from app.sync.listening import Listener
from app.sync.loop import SyncLoop
from app.sync.transport import IDLE_SECONDS, BusyError, HttpTransport, ProblemAnswer


class Portal(http.server.BaseHTTPRequestHandler):
    """Answers every request with what the test set."""

    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")

    def do_GET(self) -> None:
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def portal() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>sign in</html>"), OfflineError, "sync.not_the_district"),
        ((302, {"Location": "http://portal.invalid/"}, b""), OfflineError, "sync.not_the_district"),
        ((502, {"Content-Type": "text/html"}, b"bad gateway"), OfflineError, "sync.not_the_district"),
        ((200, JSON, b'{"epoch": "half'), OfflineError, "sync.cut_off"),
        ((401, PROBLEM, b'{"code": "revoked", "detail": "x"}'), AuthError, "sync.revoked"),
        ((401, PROBLEM, b'{"code": "unknown_token", "detail": "x"}'), AuthError, "sync.auth"),
        ((503, {**PROBLEM, "Retry-After": "7"}, b"{}"), BusyError, "sync.busy"),
        ((503, {"Content-Type": "text/html", "Retry-After": "7"}, b"<html>"), BusyError, "sync.busy"),
        ((429, {**PROBLEM, "Retry-After": "7"}, b'{"code": "too_many_calls"}'), BusyError, "sync.busy"),
        ((500, PROBLEM, b'{"code": "bug"}'), BusyError, "sync.busy"),
        ((409, PROBLEM, b'{"code": "epoch_changed", "detail": "x"}'), ProblemAnswer, "district.epoch_changed"),
    ],
)
def test_each_trouble_has_its_own_name(portal, answer, kind, code):
    Portal.answer = answer
    transport = HttpTransport(portal, "t")

    with pytest.raises(kind) as caught:
        transport.status()

    transport.close()
    assert caught.value.code == code
    assert getattr(caught.value, "retry_after", None) in (None, 7.0)


def test_nobody_at_the_address_is_offline():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}")

    with pytest.raises(OfflineError):
        transport.status()
    transport.close()


@pytest.mark.parametrize("at_once", [None, 0, 1, 2, 100])
def test_digests_are_asked_for_as_many_at_once_as_the_district_takes(monkeypatch, at_once):
    transport, asked = HttpTransport("http://127.0.0.1:9", "t"), []

    def call(_method, path, body=None):
        if path == "/v1/status":
            return {} if at_once is None else {"digest_feeds": at_once}
        wanted = json.loads(body)
        asked.append(wanted.get("feeds", wanted.get("feed")))
        alone = isinstance(asked[-1], str)
        return {"head": asked[-1]} if alone else {"feeds": {feed: {"head": feed} for feed in asked[-1]}}

    monkeypatch.setattr(transport, "_call", call)
    transport.status()

    assert transport.digests(["a", "b", "c"]) == {feed: {"head": feed} for feed in "abc"}
    expected = {1: [["a"], ["b"], ["c"]], 2: [["a", "b"], ["c"]], 100: [["a", "b", "c"]]}
    assert asked == expected.get(at_once, ["a", "b", "c"])


def test_an_answer_that_lacks_a_digest_is_not_taken_for_one(monkeypatch):
    transport = HttpTransport("http://127.0.0.1:9", "t")
    transport._digest_feeds = 10
    monkeypatch.setattr(transport, "_call", lambda *_given: {"feeds": {"a": {"head": 1, "types": {}}}})

    with pytest.raises(ProtocolError):
        transport.digests(["a", "b"])


CALLS = {
    "status": lambda transport: transport.status(),
    "push": lambda transport: transport.push("e", ["{}"]),
    "pull": lambda transport: transport.pull("e", {}, 1),
    "snapshot": lambda transport: transport.snapshot("market/330110", 0, 1, "e"),
    "digest": lambda transport: transport.digests(["market/330110"]),
    "enrol": lambda transport: transport.enrol("c", "n", "1", "d", None),
    "events": lambda transport: list(transport.events()),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [429, 503])
def test_come_back_later_is_heard_at_every_call(portal, name, status):
    Portal.answer = (status, {**PROBLEM, "Retry-After": "7"}, b'{"code": "busy"}')
    transport = HttpTransport(portal, "t")

    with pytest.raises(BusyError) as caught:
        CALLS[name](transport)

    transport.close()
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": " 30 "}, 30.0),
        ({"Retry-After": "99999999"}, 3600.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        (
            {"Retry-After": "Sun, 22 Nov 2026 01:02:00 GMT", "Date": "Sun, 22 Nov 2026 01:00:00 GMT"},
            120.0,
        ),
        ({"Retry-After": "Sun, 22 Nov 1998 01:02:00 GMT", "Date": "Sun, 22 Nov 2026 01:00:00 GMT"}, 0.0),
        ({"Retry-After": "Sun, 22 Nov 2099 01:02:00 GMT"}, 3600.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_of_the_servers_clock(headers, seconds):
    assert retry_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "no answer of the name server"), "sync.no_network"),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), "sync.no_network"),
        (OSError(errno.ENETUNREACH, "no route"), "sync.no_network"),
        (OSError(errno.EHOSTUNREACH, "nobody there"), "sync.offline"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "sync.offline"),
        (TimeoutError("timed out"), "sync.offline"),
    ],
)
def test_no_network_is_told_from_a_district_that_is_away(monkeypatch, failure, code):
    def fail(*_args, **_options):
        raise failure

    monkeypatch.setattr("urllib3.util.connection.create_connection", fail)
    transport = HttpTransport("http://district.invalid")

    with pytest.raises(OfflineError) as caught:
        transport.status()

    transport.close()
    assert caught.value.code == code


def test_a_black_hole_is_given_up_in_time_and_named(monkeypatch):
    monkeypatch.setattr("app.sync.transport.READ_SECONDS", 0.2)
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        transport = HttpTransport(f"http://127.0.0.1:{hole.getsockname()[1]}")

        with pytest.raises(OfflineError) as caught:
            transport.status()

        transport.close()
    assert caught.value.code == "sync.offline"
    assert "没有应答" in caught.value.text


def test_offline_since_is_the_first_failure_after_the_last_success(one):
    one.sync()
    one.line.cut["status"] = 2
    before = clock.now()

    one.sync()
    first = one.ask(outbox.sync_summary).offline_since
    one.sync()
    second = one.ask(outbox.sync_summary).offline_since
    one.sync()
    back = one.ask(outbox.sync_summary)

    assert before <= first <= clock.now()
    assert second == first
    assert (back.offline_since, back.last_error) == (None, None)


def test_a_district_that_answers_is_not_called_offline(one):
    one.sync()
    one.line.cut["status"] = 1
    one.sync()
    one.line.status = lambda: {"protocol": {"min": 99, "max": 99}, "epoch": "e", "expect": 1, "feeds": {}}

    report = one.sync()
    summary = one.ask(outbox.sync_summary)

    assert report.error is not None
    assert (summary.offline_since, summary.last_error) == (None, report.error)


def test_proxies_of_the_environment_are_ignored(portal, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    Portal.answer = (200, JSON, b'{"epoch": "e", "server_time": "2026-11-22T01:00:00Z"}')
    transport = HttpTransport(portal)

    assert transport.status()["epoch"] == "e"
    transport.close()


def test_the_clocks_difference_is_measured(portal):
    Portal.answer = (200, JSON, b'{"server_time": "1999-01-01T00:00:00Z"}')
    transport = HttpTransport(portal)

    transport.status()

    transport.close()
    assert transport.offset_seconds > 20 * 365 * 86400


def test_the_loop_sends_a_change_by_itself_and_stops(one, two):
    done = threading.Event()
    loop = SyncLoop(one.database, every=lambda: 3600.0)
    loop.on_report.append(lambda report: done.set() if report.pushed else None)
    loop.start()
    record_id = one.register()

    assert done.wait(30)
    loop.stop()
    two.sync()

    assert not loop._thread.is_alive()
    assert two.see(record_id) is not None


def test_the_loop_outlives_a_district_that_is_away(one, district):
    reports = []
    loop = SyncLoop(one.database)
    seen = threading.Event()
    loop.on_report.append(lambda report: (reports.append(report), seen.set()))
    one.line.inner.close()
    district.stop()

    loop.start()
    assert seen.wait(30)
    loop.stop()

    assert reports[0].error[0] == "sync.offline"


def test_the_loop_stays_away_as_long_as_the_district_asked(one):
    loop = SyncLoop(one.database)

    wait = loop._patience(SyncReport(error=("sync.busy", "x"), retry_after=120.0), "sync.busy")

    loop.stop()
    assert wait >= 120.0


def test_the_listener_stays_away_as_long_as_the_district_asked(one, portal):
    Portal.answer = (503, {**PROBLEM, "Retry-After": "900"}, b'{"code": "busy"}')
    with one.database.write(None) as tx:
        state.set_state(tx.session, outbox.DISTRICT_URL, portal)
    listener = Listener(one.database, lambda: None)
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        listener._stop.set()
        return True

    listener._stop.wait = wait  # type: ignore[method-assign]
    listener._work()

    assert waited == [900.0]


class Leaving:
    """A server whose lines each answer so many requests, and are cut off at the next one, which it has read."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = lines
        self.asked: list[int] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # nobody comes any more
            self._answer()

    def _answer(self) -> None:
        for number, answers in enumerate(self.lines):
            line, _address = self._listening.accept()
            with line:
                while b"\r\n\r\n" in self._read(line):
                    self.asked.append(number)
                    if self.asked.count(number) > answers:
                        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        break
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def _read(self, line: socket.socket) -> bytes:
        came = b""
        while b"\r\n\r\n" not in came and (piece := line.recv(4096)):
            came += piece
        return came

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listening.close()


@pytest.fixture
def leaving() -> Iterator[type[Leaving]]:
    made: list[Leaving] = []

    class Made(Leaving):
        def __init__(self, lines: list[int]) -> None:
            super().__init__(lines)
            made.append(self)

    yield Made
    for server in made:
        server.close()


def _idle(transport: HttpTransport) -> None:
    transport._asked_at -= IDLE_SECONDS


def test_a_line_that_broke_while_it_lay_idle_is_taken_anew_and_nobody_hears_of_it(leaving):
    server = leaving([1, 5])
    transport = HttpTransport(server.url, "t")
    transport.status()
    _idle(transport)

    assert transport.status() == {}
    assert server.asked == [0, 0, 1]
    transport.close()


def test_a_line_in_use_that_breaks_is_a_trouble_at_once(leaving):
    server = leaving([1, 5])
    transport = HttpTransport(server.url, "t")
    transport.status()

    with pytest.raises(OfflineError) as caught:
        transport.status()

    assert caught.value.code == "sync.offline"
    assert server.asked == [0, 0]
    transport.close()


def test_it_is_tried_once_more_and_not_for_ever(leaving):
    server = leaving([1, 0, 5])
    transport = HttpTransport(server.url, "t")
    transport.status()
    _idle(transport)

    with pytest.raises(OfflineError):
        transport.status()

    assert server.asked == [0, 0, 1]
    transport.close()


def test_a_server_that_is_not_there_is_asked_once():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}", "t")
    _idle(transport)
    tries = []
    ask = transport._session.request
    transport._session.request = lambda *given, **named: (tries.append(given), ask(*given, **named))[1]

    with pytest.raises(OfflineError):
        transport.status()

    assert len(tries) == 1
