"""Two counters of a station while the district is out of reach: one offers, others find it, both exchange.

No Qt here. The offer listens on the network only while it lasts, and ends after half an hour in which nobody came.
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from app import clock
from app.db.database import Database
from app.errors import AppError
from app.sync.lan_finding import PROBE_PORT, Address, address_of, answer, code_of, find, own_address
from app.sync.lan_session import LanError, Seen, accept, connect
from app.sync.lan_talk import Talk, own_membership, talk
from app.sync.neighbours import station_keys
from app.sync.proof import StationKeys
from app.texts import _

log = logging.getLogger(__name__)

IDLE_SECONDS = 30 * 60.0
EVERY_SECONDS = 30.0
SOON_SECONDS = 2.0
POLL_SECONDS = 0.2
CALLERS = 8
"""How many may be on the line at once."""


@dataclass(frozen=True)
class LanStatus:
    """How the exchange stands. ``error`` is (code, sentence) of the last talk that failed.

    ``code``: what to type at another counter; None while nothing is offered. ``joined``: whom this one calls.
    """

    offering: bool = False
    code: str | None = None
    address: Address | None = None
    joined: tuple[Address, ...] = ()
    received: int = 0
    sent: int = 0
    last_device: str | None = None
    last_at: datetime | None = None
    error: tuple[str, str] | None = None


class LanExchange:
    """One counter's part. ``on_change`` holds callables that are told when the status changed, on its own threads.

    ``host``: where to listen; tests use the loopback. ``probe_port``: where questions are heard, None for nowhere.
    """

    def __init__(
        self,
        database: Database,
        *,
        host: str = "0.0.0.0",  # noqa: S104 - only while offering
        probe_port: int | None = PROBE_PORT,
        every: float = EVERY_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._database = database
        self._host, self._probe_port = host, probe_port
        self._every, self._idle = every, idle
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._status = LanStatus()
        self._threads: list[threading.Thread] = []
        self._own_threads = threading.local()
        self._sockets: list[socket.socket] = []
        self._seen, self._asked = Seen(), Seen()
        self._callers = threading.BoundedSemaphore(CALLERS)
        self._last_caller = clock.monotonic()
        self.on_change: list[Callable[[LanStatus], object]] = []

    def status(self) -> LanStatus:
        """Return how it stands."""
        with self._lock:
            return self._status

    # -- offering -----------------------------------------------------------------------------------------------

    def offer(self, port: int = 0) -> str:
        """Listen, and return the code for the other counters.

        Raises:
            LanError: this device has no station key yet, or the port cannot be had.
        """
        self._keys()
        if self.status().offering:
            return str(self.status().code)
        try:
            listener = socket.create_server((self._host, port))
        except OSError as problem:
            raise LanError(_("开不了：端口 {port} 用不了", port=port), code="lan.port") from problem
        host, taken = listener.getsockname()[:2]
        address = (own_address() if host == "0.0.0.0" else str(host), int(taken))  # noqa: S104
        self._stop.clear()
        self._last_caller = clock.monotonic()
        self._sockets = [listener]
        self._begin(self._listen, listener, address[1])
        if (line := self._probe_line()) is not None:
            self._sockets.append(line)
            self._begin(self._hear, line, address[1])
        self._change(offering=True, code=code_of(address), address=address)
        return code_of(address)

    def probe_address(self) -> Address | None:
        """Return where questions are heard, if they are."""
        return self._sockets[1].getsockname() if len(self._sockets) > 1 else None

    def _probe_line(self) -> socket.socket | None:
        if self._probe_port is None:
            return None
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.settimeout(POLL_SECONDS)
        try:
            line.bind((self._host, self._probe_port))
        except OSError:  # another one offers on this PC: found by code alone
            line.close()
            return None
        return line

    def _listen(self, listener: socket.socket, _port: int) -> None:
        listener.settimeout(POLL_SECONDS)
        while not self._stop.is_set():
            if clock.monotonic() - self._last_caller > self._idle:
                self._end_offer()
                return
            try:
                line, _address = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self._callers.acquire(blocking=False):
                self._begin(self._serve, line, 0)
            else:
                line.close()

    def _serve(self, line: socket.socket, _port: int) -> None:
        try:
            with line:
                self._note(talk(accept(line, self._keys(), self._seen), self._database, first=False))
                self._last_caller = clock.monotonic()
        except AppError as problem:
            self._note_error(problem)
        finally:
            self._callers.release()

    def _hear(self, line: socket.socket, port: int) -> None:
        while not self._stop.is_set():
            try:
                question, sender = line.recvfrom(512)
                told = answer(question, self._keys(), self._asked, port)
                if told is not None:
                    line.sendto(told, sender)
            except AppError:
                continue
            except OSError:
                if self._stop.is_set() or line.fileno() < 0:
                    return

    def _end_offer(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets = []
        self._change(offering=False, code=None, address=None)

    # -- joining ------------------------------------------------------------------------------------------------

    def join(self, code: str | None = None, *, targets: Iterable[Address] | None = None, seconds: float = 2.0) -> Talk:
        """Exchange with the counter of a code, or with those found by asking around; then go on in the background.

        Raises:
            InvalidInputError: the code was typed wrong.
            LanError: nobody was found, or none of them could be talked to.
        """
        keys = self._keys()
        around = {} if targets is None else {"targets": targets}
        found = (address_of(code),) if code else find(keys, seconds=seconds, **around)
        if not found:
            raise LanError(_("没有找到同站在等的电脑：请在那台上点“同站交换”，或者输入它的连接码"), code="lan.none")
        done = [self.exchange(address) for address in found]
        self._change(joined=tuple(dict.fromkeys((*self.status().joined, *found))))
        return Talk(done[-1].device, sum(each.received for each in done), sum(each.sent for each in done))

    def exchange(self, address: Address) -> Talk:
        """Talk once with the counter at an address.

        Raises:
            LanError: it cannot be reached, or is none of this station.
        """
        try:
            try:
                line = socket.create_connection(address, timeout=5.0)
            except OSError:
                text = _("连不上那台电脑：看看它还开着“同站交换”没有、网线插好没有")
                raise LanError(text, code="lan.unreachable") from None
            with line:
                done = talk(connect(line, self._keys()), self._database, first=True)
        except AppError as problem:
            self._note_error(problem)
            raise
        self._note(done)
        return done

    def keep_going(self) -> None:
        """Exchange again in the background with those who were joined: after changes, and now and then."""
        self._stop.clear()
        if self._on_commit not in self._database.on_commit:
            self._database.on_commit.append(self._on_commit)
            self._begin(self._repeat, None, 0)

    def _repeat(self, _line: None, _port: int) -> None:
        while not self._stop.is_set():
            self._wake.wait(self._every)
            if self._stop.wait(min(SOON_SECONDS, self._every)):
                return
            self._wake.clear()
            for address in self.status().joined:
                with suppress(AppError):
                    self.exchange(address)

    def _on_commit(self, _touched: frozenset[str]) -> None:
        if not getattr(self._own_threads, "mine", False):
            self._wake.set()

    # -- both ---------------------------------------------------------------------------------------------------

    def stop(self, timeout: float = 10.0) -> None:
        """End the offer and the background; nothing is lost."""
        self._stop.set()
        self._wake.set()
        if self._on_commit in self._database.on_commit:
            self._database.on_commit.remove(self._on_commit)
        self._end_offer()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout)
        self._threads = []
        self._change(joined=())

    def _begin(self, work: Callable[..., None], *given: object) -> None:
        def run() -> None:
            self._own_threads.mine = True
            work(*given)

        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=run, name="lan", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _keys(self) -> StationKeys:
        with self._database.read() as tx:
            own_membership(tx)
            keys = station_keys(tx)
        if not keys.newest:
            raise LanError(_("这台电脑还没有本站的钥匙：先加入区里并同步一次"), code="lan.no_key")
        return keys

    def _note(self, done: Talk) -> None:
        now = self.status()
        self._change(
            received=now.received + done.received,
            sent=now.sent + done.sent,
            last_device=done.device,
            last_at=clock.now(),
            error=None,
        )

    def _note_error(self, problem: AppError) -> None:
        log.info("an exchange on the station's network ended: %s", problem.code)
        self._change(error=(problem.code, problem.text))

    def _change(self, **facts: object) -> None:
        with self._lock:
            self._status = replace(self._status, **facts)  # type: ignore[arg-type]
            now = self._status
        for listener in tuple(self.on_change):
            listener(now)
