"""Attachments: kept here in pieces, carried after everything else, whole at the end whatever the line does."""

import contextlib
import hashlib
import io
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, event, text, update

from app.db.database import Database
from app.errors import InvalidInputError, NotFoundError, OfflineError
from app.models.blob import HERE, MAX_BLOB, MAX_PIECE, SENDING, SENT, WANTED, Blob, BlobPiece
from app.models.district import Device
from app.models.resident import Resident
from app.services.attachments import (
    BlobState,
    blob_states,
    keep_blob,
    leave_blobs,
    read_blob,
    waiting_blobs,
    want_blob,
)
from app.sync.blobs import LEAST_PIECE, PIECES, BlobCarrier
from app.sync.engine import SyncEngine, enrol
from app.sync.loop import SyncLoop
from app.sync.transport import HttpTransport, ProblemAnswer
from tests.district.live import STATION, Live, running
from tests.factories import RESIDENT
from tests.sync.world import CLERK, KEY, Counter

FEED = f"station/{STATION}"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


def joined(counter: Counter, live: Live, url: str | None = None) -> Counter:
    enrol(counter.database, url or live.url, live.code("supervisor"), "窗口")
    counter.engine = SyncEngine(counter.database)
    return counter


def keep(counter: Counter, content: bytes, feed: str = FEED) -> str:
    with counter.database.write(CLERK) as tx:
        return keep_blob(tx, content, feed)


def want(counter: Counter, sha256: str, feed: str = FEED) -> None:
    with counter.database.write(CLERK) as tx:
        want_blob(tx, sha256, feed)


def state(counter: Counter, sha256: str) -> str:
    return counter.ask(blob_states, [sha256])[sha256].state


def content(counter: Counter, sha256: str) -> bytes:
    return counter.ask(lambda tx: b"".join(read_blob(tx, sha256)))


def sync_until(counter: Counter, sha256: str, wanted: str, runs: int = 200) -> int:
    for number in range(runs):
        if state(counter, sha256) == wanted:
            return number
        counter.sync()
    raise AssertionError(f"still {state(counter, sha256)} after {runs} runs")


class Cutting:
    """A line to the district that breaks after so many bytes, up or down, each time anew as the dice say."""

    def __init__(self, live: Live, seed: int) -> None:
        self._target = ("127.0.0.1", int(live.url.rpartition(":")[2]))
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._left: int | None = None
        self.low, self.high = 0, 0
        self.cuts, self.up, self.down = 0, 0, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def cut_between(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self._left = self._dice.randint(low, high)

    def never_cut(self) -> None:
        self._left = None

    def _accept(self) -> None:
        while True:
            try:
                here = self._server.accept()[0]
            except OSError:
                return
            there = socket.create_connection(self._target)
            for pair in ((here, there, True), (there, here, False)):
                thread = threading.Thread(target=self._pump, args=pair, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(16384)) and self._let(len(data), up):
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _let(self, size: int, up: bool) -> bool:
        with self._lock:
            if up:
                self.up += size
            else:
                self.down += size
            if self._left is None:
                return True
            self._left -= size
            if self._left >= 0:
                return True
            self.cuts += 1
            self._left = self._dice.randint(self.low, self.high)
            return False

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(10)


@pytest.fixture
def bad_line(live: Live) -> Iterator[Cutting]:
    line = Cutting(live, seed=21)
    yield line
    line.close()


def test_an_attachment_kept_at_one_counter_is_read_at_the_other(one, two, district):
    data = os.urandom(700_000)
    sha256 = keep(one, data)
    for each in (one, two):
        each.engine = SyncEngine(each.database)

    one.sync()
    sync_until(one, sha256, SENT)
    want(two, sha256)
    sync_until(two, sha256, SENT)

    assert content(two, sha256) == data
    assert sha256 == hashlib.sha256(data).hexdigest()
    for each in (one, two):
        assert each.ask(waiting_blobs) == (0, 0)
        each.engine.close()


def test_story_21_an_attachment_never_makes_its_record_stick(live, bad_line, new_counter):
    sender = joined(new_counter(), live, bad_line.url)
    reader = joined(new_counter(), live)
    data = os.urandom(MEBIBYTE)
    with sender.database.write(CLERK) as tx:
        tx.act("resident.register")
        resident = tx.add(Resident.model_validate({**RESIDENT, "birth_date": date(1970, 2, 18), "name": "葛守成"}))
        sha256 = keep_blob(tx, data, FEED)
    before = bad_line.up
    bad_line.cut_between(30_000, 300_000)

    first = sender.sync()
    record_went = reader.sync().pulled, reader.see(resident.id)
    runs = 1 + sync_until(sender, sha256, SENT)
    want(reader, sha256)
    sync_until(reader, sha256, SENT)

    assert first.ok
    assert record_went[0] == 1
    assert record_went[1].name == "葛守成"
    assert bad_line.cuts >= 3
    assert content(reader, sha256) == data
    assert bad_line.up - before <= len(data) + bad_line.cuts * MAX_PIECE + runs * 20_000
    for each in (sender, reader):
        each.engine.close()


def test_fetching_over_a_line_that_breaks_costs_at_most_a_piece_for_each_cut(live, bad_line, new_counter):
    sender = joined(new_counter(), live)
    data = os.urandom(MEBIBYTE)
    sha256 = keep(sender, data)
    sync_until(sender, sha256, SENT)
    reader = joined(new_counter(), live, bad_line.url)
    reader.sync()
    want(reader, sha256)
    before = bad_line.down
    bad_line.cut_between(30_000, 300_000)

    runs = sync_until(reader, sha256, SENT)

    assert bad_line.cuts >= 3
    assert content(reader, sha256) == data
    assert bad_line.down - before <= len(data) + bad_line.cuts * MAX_PIECE + runs * 20_000
    for each in (sender, reader):
        each.engine.close()


class Killed(BaseException):
    """The process ended here."""


def test_a_kill_at_any_statement_loses_nothing_and_the_rest_follows(live, new_counter):
    source = joined(new_counter(), live)
    theirs = os.urandom(100_000)
    wanted = keep(source, theirs)
    sync_until(source, wanted, SENT)
    counter = joined(new_counter(), live)
    counter.sync()
    ours = os.urandom(100_000)
    kept = keep(counter, ours)
    want(counter, wanted)
    line = HttpTransport(live.url, counter.ask(lambda tx: tx.sql(TOKEN)[0][0]).strip('"'))

    kills = 0
    for nth in range(200):
        left = [nth]

        def tick(*_args: object, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        event.listen(counter.database.engine, "before_cursor_execute", tick)
        try:
            carrier = BlobCarrier(counter.database, lambda: False)
            carrier._piece = LEAST_PIECE
            carrier.run(line, (FEED,))
        except Killed:
            kills += 1
        counter.database.close()
        counter.database = Database(counter.path, KEY)
        if (state(counter, kept), state(counter, wanted)) == (SENT, SENT):
            break

    line.close()
    source.engine.close()
    counter.engine.close()
    assert kills > 10
    assert content(counter, wanted) == theirs
    assert content(counter, kept) == ours
    with live.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM blob WHERE have = size")).scalar() == 2


TOKEN = "SELECT value FROM local_state WHERE key = 'district_token'"


class Recording:
    """A line that keeps everything in memory, and what was asked of it in order."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}
        self.sizes: dict[str, int] = {}
        self.calls: list[str] = []
        self.refuse: ProblemAnswer | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def blob_offset(self, feed: str, sha256: str) -> int | None:
        return len(self.bytes[sha256]) if sha256 in self.bytes else None

    def put_piece(self, feed: str, sha256: str, start: int, size: int, piece: bytes) -> int:
        self.calls.append("put")
        if self.refuse is not None:
            raise self.refuse
        assert start == len(self.bytes.get(sha256, b""))
        self.bytes[sha256] = self.bytes.get(sha256, b"") + piece
        self.meanwhile()
        return len(self.bytes[sha256])

    def get_piece(self, feed: str, sha256: str, start: int, length: int) -> tuple[bytes, int]:
        self.calls.append("get")
        if sha256 not in self.bytes:
            raise ProblemAnswer(404, "not_found", "x", {})
        self.meanwhile()
        return self.bytes[sha256][start : start + length], self.sizes.get(sha256, len(self.bytes[sha256]))


def test_a_run_carries_a_few_pieces_and_says_that_more_can_go(new_counter):
    counter, line = new_counter(), Recording()
    sha256 = keep(counter, os.urandom(5 * MEBIBYTE))
    carrier = BlobCarrier(counter.database, lambda: False)

    left = carrier.run(line, (FEED,))

    assert (len(line.calls), left, state(counter, sha256)) == (PIECES, 1, SENDING)
    while carrier.run(line, (FEED,)):
        pass
    assert (state(counter, sha256), len(line.bytes[sha256])) == (SENT, 5 * MEBIBYTE)
    assert carrier.run(line, (FEED,)) == 0


def test_sending_and_fetching_take_turns(new_counter):
    counter, line = new_counter(), Recording()
    theirs = os.urandom(4 * MEBIBYTE)
    line.bytes[hashlib.sha256(theirs).hexdigest()] = theirs
    keep(counter, os.urandom(4 * MEBIBYTE))
    want(counter, hashlib.sha256(theirs).hexdigest())

    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))

    assert line.calls == ["put", "get"] * (PIECES // 2)


def test_who_wants_to_stop_waits_for_one_piece_at_most(new_counter):
    counter, line = new_counter(), Recording()
    keep(counter, os.urandom(4 * MEBIBYTE))

    BlobCarrier(counter.database, lambda: bool(line.calls)).run(line, (FEED,))

    assert line.calls == ["put"]


def test_what_is_done_at_the_counter_meanwhile_goes_before_the_next_piece(new_counter):
    counter, line = new_counter(), Recording()
    keep(counter, os.urandom(4 * MEBIBYTE))
    line.meanwhile = counter.register

    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))

    assert line.calls == ["put"]


def test_acts_that_an_older_district_cannot_take_hold_up_no_attachment(new_counter):
    counter, line = new_counter(), Recording()
    counter.register()
    sha256 = keep(counter, os.urandom(1000))

    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))

    assert state(counter, sha256) == SENT


def test_what_the_district_has_not_whole_yet_is_asked_for_another_time(new_counter):
    counter, line = new_counter(), Recording()
    data = os.urandom(1000)
    sha256 = hashlib.sha256(data).hexdigest()
    want(counter, sha256)
    carrier = BlobCarrier(counter.database, lambda: False)

    early = carrier.run(line, (FEED,)), state(counter, sha256)
    line.bytes[sha256] = data
    carrier.run(line, (FEED,))

    assert early == (0, WANTED)
    assert content(counter, sha256) == data


@pytest.mark.parametrize(
    ("status", "problem"), [(413, "quota_full"), (409, "hash_wrong"), (403, "not_your_feed"), (404, "not_found")]
)
def test_a_refused_attachment_waits_and_the_others_go_on(new_counter, status, problem):
    counter, line = new_counter(), Recording()
    refused = keep(counter, b"short")
    line.refuse = ProblemAnswer(status, problem, "x", {})
    carrier = BlobCarrier(counter.database, lambda: False)
    carrier.run(line, (FEED,))
    line.refuse = None
    other = keep(counter, b"another")

    carrier.run(line, (FEED,))

    assert (state(counter, refused), state(counter, other)) == (SENDING, SENT)
    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))  # after a new start it is tried again
    assert state(counter, refused) == SENT


def test_content_that_came_damaged_is_thrown_away_and_fetched_anew(new_counter):
    counter, line = new_counter(), Recording()
    data = os.urandom(100_000)
    sha256 = hashlib.sha256(data).hexdigest()
    line.bytes[sha256] = data[:-1] + bytes([data[-1] ^ 1])
    want(counter, sha256)

    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))
    damaged = counter.ask(blob_states, [sha256])[sha256]
    line.bytes[sha256] = data
    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))

    assert damaged == BlobState(sha256, FEED, WANTED, 0, 100_000)
    assert content(counter, sha256) == data


def test_pieces_that_are_gone_here_are_not_sent_as_if_they_were_whole(new_counter):
    counter, line = new_counter(), Recording()
    sha256 = keep(counter, os.urandom(MEBIBYTE))
    with counter.database.write(None) as tx:
        tx.session.connection().execute(delete(BlobPiece))

    BlobCarrier(counter.database, lambda: False).run(line, (FEED,))

    assert line.calls == []
    assert state(counter, sha256) == SENDING


def test_trouble_with_attachments_is_no_failure_of_the_run(one):
    keep(one, os.urandom(1000))
    line = one.line

    def broken(*_args: object) -> int:
        raise OfflineError("cut")

    for name in ("blob_offset", "put_piece", "get_piece"):
        setattr(line, name, broken)

    report = one.sync()

    assert (report.ok, report.attachments_left) == (True, 0)


def test_the_loop_goes_on_with_a_large_attachment_by_itself(live, new_counter):
    counter = joined(new_counter(), live)
    sha256 = keep(counter, os.urandom(5 * MEBIBYTE))
    whole = threading.Event()
    loop = SyncLoop(counter.database, every=lambda: 3600.0)
    loop.on_report.append(lambda report: whole.set() if state(counter, sha256) == SENT else None)

    loop.start()
    came = whole.wait(90)
    loop.stop()
    counter.engine.close()

    assert came


def test_a_restored_district_is_offered_everything_again(live, new_counter):
    counter = joined(new_counter(), live)
    data = os.urandom(100_000)
    sha256 = keep(counter, data)
    sync_until(counter, sha256, SENT)
    from app.district.lives import new_epoch

    with live.store.write() as connection:
        for model in (Blob, BlobPiece):
            connection.execute(delete(model))
        new_epoch(connection)

    report = counter.sync()
    counter.engine.close()

    assert report.epoch_changed
    assert state(counter, sha256) == SENT
    with live.store.read() as connection:
        assert connection.execute(text("SELECT have FROM blob")).scalar() == 100_000


def test_a_lost_feed_takes_its_attachments_along_but_for_unsent_ones(live, new_counter):
    counter = joined(new_counter(), live)
    sent = keep(counter, os.urandom(1000))
    sync_until(counter, sent, SENT)
    with live.store.write() as connection:
        connection.execute(update(Device).values(role="trainer"))
    unsent = keep(counter, b"unsent")

    counter.sync()
    counter.engine.close()

    assert set(counter.ask(blob_states, [sent, unsent])) == {unsent}
    assert content(counter, unsent) == b"unsent"
    assert counter.ask(lambda tx: tx.sql("SELECT count(*) FROM blob_piece")[0][0]) == 1


# Keeping them here


@pytest.mark.parametrize("size", [1, MAX_PIECE - 1, MAX_PIECE, MAX_PIECE + 1, 3 * MAX_PIECE + 7])
def test_what_is_kept_is_read_back_whole_from_bytes_file_or_stream(new_counter, tmp_path, size):
    counter, data = new_counter(), os.urandom(size)
    file = tmp_path / "scan.jpg"
    file.write_bytes(data)
    with counter.database.write(CLERK) as tx:
        hashes = {keep_blob(tx, given, FEED) for given in (data, file, io.BytesIO(data))}

    assert hashes == {hashlib.sha256(data).hexdigest()}
    assert content(counter, hashes.pop()) == data
    assert counter.ask(waiting_blobs) == (1, 0)


def test_an_attachment_that_is_empty_or_too_long_is_refused_with_a_sentence(new_counter, tmp_path):
    counter = new_counter()
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MAX_BLOB + 1)

    for given in (b"", large):
        with pytest.raises(InvalidInputError), counter.database.write(CLERK) as tx:
            keep_blob(tx, given, FEED)

    assert counter.ask(waiting_blobs) == (0, 0)


def test_a_file_that_changes_while_it_is_read_is_not_kept(new_counter):
    class Changing(io.BytesIO):
        def seek(self, *where: int) -> int:
            self.getbuffer()[0] ^= 1
            return super().seek(*where)

    counter = new_counter()

    with pytest.raises(InvalidInputError), counter.database.write(CLERK) as tx:
        keep_blob(tx, Changing(b"abc"), FEED)

    assert counter.ask(lambda tx: tx.sql("SELECT count(*) FROM blob_piece")[0][0]) == 0


def test_what_is_not_here_is_said_and_what_is_kept_here_need_not_be_fetched(new_counter):
    counter = new_counter()
    data = os.urandom(1000)
    sha256 = hashlib.sha256(data).hexdigest()
    want(counter, sha256)

    with pytest.raises(NotFoundError):
        content(counter, sha256)
    keep(counter, data)

    assert state(counter, sha256) == HERE
    assert content(counter, sha256) == data
    with pytest.raises(InvalidInputError):
        want(counter, "../../etc")


def test_an_attachment_belongs_to_its_operation_or_to_nothing(new_counter):
    counter = new_counter()

    with pytest.raises(NotFoundError), counter.database.write(CLERK) as tx:
        tx.get(Resident, keep_blob(tx, b"content", FEED))

    assert counter.ask(lambda tx: tx.sql("SELECT count(*) FROM blob")[0][0]) == 0


def test_leaving_one_feed_leaves_the_same_content_of_another(new_counter):
    counter = new_counter()
    sha256 = keep(counter, b"content")
    keep(counter, b"content", "market/330110")
    with counter.database.write(None) as tx:
        tx.session.connection().execute(update(Blob).values(state=SENT))

    with counter.database.write(None) as tx:
        leave_blobs(tx, FEED)

    assert content(counter, sha256) == b"content"
    assert counter.ask(blob_states, [sha256])[sha256].feed == "market/330110"


def test_no_byte_of_an_attachment_lies_in_clear_in_the_folder(new_counter):
    counter = new_counter()
    keep(counter, b"clear text " * 40_000)
    counter.database.close()

    assert all(b"clear text" not in file.read_bytes() for file in counter.path.parent.glob("counter*"))
