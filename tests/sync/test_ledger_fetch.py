"""Ledgers of the whole district at an officer's PC: as the district made them, however bad the line is."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openpyxl
import pytest

from app import clock
from app.db import state
from app.district import accounts, ledger_routes
from app.errors import AuthError, Cancelled, OfflineError, ProtocolError
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.comparison import compare, station_names
from app.ledgers.export import Heading
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.ledgers.several import for_stations
from app.printing.ledger_file import write_ledger
from app.services import outbox
from app.sync import ledger_fetch
from app.sync.ledger_fetch import Hand, Progress, fetch_figures, fetch_ledger, offered
from app.sync.ledger_line import LedgerLine
from app.sync.line import BusyError, cut_off
from tests.district.live import OTHER, STATION, running
from tests.district.whole_district import HEADS, Whole, filled

MONTH = month_of(clock.today())
ASK = Ask(MONTH)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("fetch")
    with running(f"sqlite:///{folder / 'district.db'}") as live, filled(live, folder) as made:
        yield made


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(ledger_fetch, "FIRST_WAIT", 0.001)


@pytest.fixture
def small_lines(monkeypatch):
    monkeypatch.setattr(ledger_routes, "ROWS", 3)


def here(pcs, ledger, ask=ASK, **how):
    with pcs.officer.database.read() as tx:
        return list(cells(tx, for_stations(ledger, ask), ask, **how))


@pytest.mark.parametrize("ledger", SHARED, ids=lambda ledger: ledger.code)
def test_its_cells_are_those_of_this_pcs_own_ledger(whole, ledger):
    found = fetch_ledger(whole.officer.database, ledger.code, ASK)

    assert [found.pen.cells(line) for line in found.rows] == here(whole, ledger)
    assert [(each.title, each.kind, each.width) for each in found.ledger.columns] == [
        (each.title, each.kind, each.width) for each in for_stations(ledger, ASK).columns
    ]
    assert not found.whole and set(found.stations) == {STATION, OTHER}


def test_whole_values_come_with_a_reason_and_leave_by_the_same_writer(whole, tmp_path):
    actor, path = HEADS[STATION].staff_id, tmp_path / "a.xlsx"
    heading = Heading("余杭区", MONTH.on_paper, "许文", clock.now(), whole_why="报区里核对")

    found = fetch_ledger(whole.officer.database, "L01", ASK, why="报区里核对", actor=actor)
    count = write_ledger(path, found.ledger, heading, (found.pen.cells(line) for line in found.rows))

    assert found.whole and count == len(found.rows)
    written = [cell.value for line in openpyxl.load_workbook(path).worksheets[0] for cell in line]
    assert here(whole, ledger_named("L01"), whole=True)[0][2] in written


def test_progress_is_true_to_the_last_row(whole, small_lines):
    told: list[Progress] = []

    found = fetch_ledger(whole.officer.database, "L01", ASK, told=told.append)

    rows = [each for each in told if each.step == ledger_fetch.ROWS]
    assert rows[0].done == 0 and rows[-1].done == rows[-1].total == len(found.rows)
    assert [each.done for each in rows] == sorted(each.done for each in rows) and len(rows) > 3


def torn(monkeypatch, *after: int, problem=cut_off):
    """Let the line break after so many lines, once for each number."""
    real, left = LedgerLine.lines, list(after)

    def lines(self, path, question):
        most = left.pop(0) if left else None
        for number, line in enumerate(real(self, path, question)):
            if number == most:
                raise problem()
            yield line

    monkeypatch.setattr(LedgerLine, "lines", lines)


def test_a_cut_in_the_middle_goes_on_where_it_was(whole, small_lines, monkeypatch):
    torn(monkeypatch, 3, 2)
    told: list[Progress] = []

    found = fetch_ledger(whole.officer.database, "L01", ASK, told=told.append)

    assert [found.pen.cells(line) for line in found.rows] == here(whole, ledger_named("L01"))
    done = [each.done for each in told if each.step == ledger_fetch.ROWS]
    assert done == sorted(done)


def test_it_begins_anew_where_something_changed_meanwhile(whole, small_lines, monkeypatch):
    torn(monkeypatch, 3)
    real = LedgerLine.lines

    def changing(self, path, question):
        return real(self, path, {**question, **({"stamp": "older"} if question.get("after") else {})})

    monkeypatch.setattr(LedgerLine, "lines", changing)

    found = fetch_ledger(whole.officer.database, "L01", ASK)

    assert [found.pen.cells(line) for line in found.rows] == here(whole, ledger_named("L01"))


def test_a_line_that_breaks_every_time_ends_in_a_sentence(whole, small_lines, monkeypatch):
    torn(monkeypatch, *[2] * 9)

    with pytest.raises(OfflineError, match="本机有的照样能看"):
        fetch_ledger(whole.officer.database, "L01", ASK)


def test_a_busy_district_is_asked_again(whole, monkeypatch):
    torn(monkeypatch, 0, 0, problem=lambda: BusyError("busy", retry_after=0.001))

    assert fetch_ledger(whole.officer.database, "L06", ASK).rows


def test_it_stops_in_the_middle_and_while_it_waits(whole, small_lines, monkeypatch):
    hand = Hand()
    with pytest.raises(Cancelled):
        fetch_ledger(
            whole.officer.database, "L01", ASK, hand=hand, told=lambda at: hand.stop() if at.done >= 3 else None
        )

    waiting = Hand()
    torn(monkeypatch, 2)
    monkeypatch.setattr(ledger_fetch, "_pause", lambda *_how: waiting.stop() or 60.0)
    with pytest.raises(Cancelled):
        fetch_ledger(whole.officer.database, "L01", ASK, hand=waiting)


def test_it_stops_while_the_district_still_counts(whole, monkeypatch):
    counting, go_on, hand = threading.Event(), threading.Event(), Hand()
    real = ledger_routes._send_ledger

    def slow(run, **how):
        run.put({"preparing": 0, "of": 1})
        counting.set()
        go_on.wait(30)
        real(run, **how)

    monkeypatch.setattr(ledger_routes, "_send_ledger", slow)
    threading.Thread(target=lambda: (counting.wait(30), hand.stop())).start()

    with pytest.raises(Cancelled):
        fetch_ledger(whole.officer.database, "L01", ASK, hand=hand)
    go_on.set()


def test_figures_are_those_counted_here(whole):
    told: list[Progress] = []
    with whole.officer.database.read() as tx:
        connection = tx.session.connection()
        kept = compare(connection, ASK, station_names(connection))

    found = fetch_figures(whole.officer.database, ASK, told=told.append)

    assert (found.measures, found.stations, found.together) == (kept.measures, kept.stations, kept.together)
    assert any(each.step == ledger_fetch.FIGURES for each in told)


def test_the_offer_names_ledgers_and_stations(whole):
    found = offered(whole.officer.database)

    assert [each.code for each in found.ledgers] == [each.code for each in SHARED]
    assert [code for code, _name in found.stations] == [STATION, OTHER] and found.may_whole


def test_who_may_not_is_told_in_the_districts_words(whole, new_counter):
    clerk = new_counter().join(whole.live, "clerk")

    with pytest.raises(ProtocolError, match="转站长"):
        fetch_ledger(clerk.database, "L01", ASK)


def test_a_revoked_pc_and_one_that_never_joined_are_told_so(whole, new_counter):
    gone = new_counter().join(whole.live, "officer")
    with gone.database.read() as tx:
        device = ledger_fetch.membership(tx).device
    with whole.live.store.write() as connection:
        accounts.revoke(connection, device)

    with pytest.raises(AuthError, match="停用") as revoked:
        fetch_ledger(gone.database, "L01", ASK)
    with pytest.raises(OfflineError, match="还没有加入区里"):
        fetch_ledger(new_counter().database, "L01", ASK)
    assert revoked.value.code == "sync.revoked"


class _Old(BaseHTTPRequestHandler):
    """A server from before there were ledgers, and one whose answers end early."""

    def do_GET(self) -> None:
        self._say(404, "application/problem+json", b'{"code": "not_found", "detail": "Not Found"}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.torn:
            self._say(200, "application/x-ndjson", b'{"preparing": 1, "of": 9}\n{"total": 5, "af', more=90)
        else:
            self.do_GET()

    def _say(self, status: int, kind: str, body: bytes, more: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + more))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_what) -> None: ...


@pytest.fixture
def strange(whole, new_counter):
    """Yield an officer's PC that talks to a server of another make."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Old)
    server.torn = False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    pc = new_counter().join(whole.live, "officer")
    with pc.database.write(None) as tx:
        move_to(tx, f"http://127.0.0.1:{server.server_address[1]}")
    yield server, pc
    server.shutdown()
    server.server_close()


def move_to(tx, url):
    state.set_state(tx.session, outbox.DISTRICT_URL, url)


def test_an_older_server_is_named(strange):
    _server, pc = strange

    for ask in (lambda: offered(pc.database), lambda: fetch_ledger(pc.database, "L01", ASK)):
        with pytest.raises(ProtocolError, match="升级") as old:
            ask()
        assert old.value.code == "ledger.old_server"


def test_a_torn_answer_and_no_server_at_all_end_in_the_same_sentence(strange):
    server, pc = strange
    server.torn = True

    for _again in range(2):
        with pytest.raises(OfflineError, match="联网后再取"):
            fetch_figures(pc.database, ASK)
        server.shutdown()
        server.server_close()
