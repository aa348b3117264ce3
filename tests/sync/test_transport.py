"""What the line may do to a counter: each trouble has its own name, and none is taken for the district."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from app.errors import AuthError, OfflineError
from app.sync.loop import SyncLoop
from app.sync.transport import BusyError, HttpTransport, ProblemAnswer


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

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def portal() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
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
