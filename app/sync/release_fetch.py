"""New versions of the program from the district, fetched behind everything else and kept through any cut.

``ask`` tells what is offered: its signature holds before anything else is believed, and before a byte of the package is
fetched. ``fetch`` brings the package in pieces that take about a second each, with rests between them, so that the sync
goes first; where it was cut off, stopped or killed it goes on at the next call. ``forget`` drops what was withdrawn.

The folder belongs to the fetch alone: ``<sha256>.part`` while it comes, then the package and ``<package>.release``.
"""

import errno
import logging
import os
import random
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import clock
from app.db.database import Database
from app.db.durable import disk_error, exclusive, sync_file, sync_folder, translated, write_durable
from app.errors import Cancelled, OfflineError, ProtocolError, RuleError, StorageError
from app.sync.line import BusyError
from app.sync.membership import membership
from app.sync.release_line import ReleaseLine
from app.texts import _
from app.updates.keys import verified
from app.updates.manifest import SUFFIX, Release, version_order
from app.updates.package import sha256_of

log = logging.getLogger(__name__)

SHARE = 0.5
"""The part of the time in which the line may be busy with a package; the rest it is left to the sync."""
RESERVE = 100 * 1024 * 1024
"""So many bytes stay free on the disk: the counter needs them more than a new version."""

FIRST_PIECE, LEAST_PIECE, MOST_PIECE = 128 * 1024, 16 * 1024, 4 * 1024 * 1024
QUICK, SLOW = 0.5, 2.0
"""Seconds for one piece below which the next is larger, and above which it is smaller."""
TRIES = 5
"""So often in a row nothing may come before it is left for another time."""
FIRST_WAIT, LONGEST_WAIT, LOOK_SECONDS = 0.5, 30.0, 0.2

_PART = ".part"
_PASSING = frozenset({"sync.offline", "sync.no_network", "sync.cut_off", "sync.busy"})
"""What may go away while one waits a little; the rest is said in its own words."""

Progress = Callable[[int, int], object]
Asked = Callable[[], bool]


@dataclass(frozen=True)
class Offer:
    """A release whose signature holds; ``content`` is its ``.release`` file as it came."""

    release: Release
    content: bytes


def ask(database: Database, *, platform: str, version: str, schema: str, ca: str | None = None) -> Offer | None:
    """Ask which newer release the district offers this computer; None: there is none for it now.

    ``version`` runs here, ``schema`` is the step of its data (``app.db.migrate.current``).

    Raises:
        RuleError: what is offered is not signed by a key that this computer trusts, or was changed.
        ExternalError: the district cannot be reached, or does not know this computer.
    """
    line = _line(database, ca)
    try:
        content = line.offered(platform=platform, version=version, schema=schema)
    finally:
        line.close()
    if content is None:
        return None
    release = verified(content)
    newer = version_order(release.version) > version_order(version)
    if not newer or release.platform != platform or release.minimum_schema > schema:
        log.warning("the district offers %s for %s, which is not for us", release.version, release.platform)
        return None
    return Offer(release, content)


def _never() -> bool:
    return False


def fetch(
    database: Database,
    offer: Offer,
    into: Path,
    *,
    progress: Progress | None = None,
    stopped: Asked = _never,
    give_way: Asked = _never,
    share: float = SHARE,
    ca: str | None = None,
) -> Path:
    """Fetch the package of an offer, go on where that was cut off, and return its file, whole and verified.

    ``progress`` is told bytes here and in all; ``stopped`` is asked all the time; while ``give_way`` says so, no piece
    begins (a sync is under way). Other releases that lie in the folder are dropped.

    Raises:
        Cancelled: it was stopped; what came stays.
        StorageError: there is no room, or somebody fetches at this very moment; what came stays.
        OfflineError: the line is down; what came stays.
        RuleError: it was withdrawn or replaced (``release.withdrawn``, ``release.changed``); what came is gone.
        ProtocolError: what came is not what was signed (``release.damaged``), and is gone.
    """
    release = offer.release
    if verified(offer.content) != release:
        raise RuleError(_("更新包的签名不对，没有安装。请从区里重新取。"), code="release.signature")
    with exclusive(into / ".lock", wait=False):
        target, part = into / release.file, into / f"{release.sha256}{_PART}"
        _clear(into, keep=(target.name, part.name))
        if not _is_whole(target, release):
            line = _line(database, ca)
            try:
                _Coming(line, release, part, progress, stopped, give_way, share).run()
            finally:
                line.close()
            _put_in_place(part, target, release)
        write_durable(into / (release.file + SUFFIX), offer.content)
        if progress is not None:
            progress(release.size, release.size)
    return target


def forget(into: Path) -> None:
    """Drop what was fetched or begun: it is no longer offered."""
    if into.is_dir():
        with exclusive(into / ".lock", wait=False):
            _clear(into, keep=())


class _Coming:
    """One package on its way into its part file."""

    def __init__(
        self,
        line: ReleaseLine,
        release: Release,
        part: Path,
        progress: Progress | None,
        stopped: Asked,
        give_way: Asked,
        share: float,
    ) -> None:
        self._line, self._release, self._part = line, release, part
        self._progress, self._stopped, self._give_way = progress, stopped, give_way
        self._share = min(max(share, 0.01), 1.0)
        self._piece, self._rest = FIRST_PIECE, threading.Event()
        self._at = _size(part)

    def run(self) -> None:
        """Bring what is missing; what is offered no longer leaves nothing."""
        try:
            self._bring()
        except RuleError:
            self._part.unlink(missing_ok=True)
            raise

    def _bring(self) -> None:
        tries = 0
        self._check_room()
        self._tell()
        while self._at < self._release.size:
            before = self._at
            try:
                took = self._take_piece()
            except OfflineError as problem:
                tries = tries + 1 if self._at == before else 1
                if problem.code not in _PASSING or tries >= TRIES:
                    raise self._told(problem) from None
                self._piece = max(self._piece // 4, LEAST_PIECE)
                self._wait(_pause(tries, problem))
            else:
                tries = 0
                self._wait(took * (1.0 - self._share) / self._share)

    def _take_piece(self) -> float:
        """Bring the next piece; return the seconds that it took. What came before a cut is kept."""
        self._check_room()
        while self._give_way():
            self._wait(LOOK_SECONDS)
        self._wait(0.0)
        started = clock.monotonic()
        try:
            with self._part.open("ab") as file:
                for content in self._line.piece(self._release, self._at, self._piece):
                    file.write(content)
                    self._at += len(content)
                    self._tell()
                    self._wait(0.0)
        except OSError as problem:
            self._at = _size(self._part)
            raise self._no_room() if problem.errno in _FULL else disk_error(problem, self._part) from None
        took = clock.monotonic() - started
        if took < QUICK:
            self._piece = min(self._piece * 2, MOST_PIECE)
        elif took > SLOW:
            self._piece = max(self._piece // 2, LEAST_PIECE)
        return took

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._at, self._release.size)

    def _wait(self, seconds: float) -> None:
        """Wait, unless it is stopped."""
        until = clock.monotonic() + seconds
        while not self._stopped():
            left = until - clock.monotonic()
            if left <= 0.0:
                return
            self._rest.wait(min(left, LOOK_SECONDS))
        raise Cancelled

    def _check_room(self) -> None:
        """See that the rest of it fits and leaves the counter its room."""
        if self._lacking() > 0:
            raise self._no_room()

    def _lacking(self) -> int:
        with translated(self._part):
            free = shutil.disk_usage(self._part.parent).free
        return self._release.size - self._at + RESERVE - free

    def _no_room(self) -> StorageError:
        need = max(self._lacking(), 0) // 1024 // 1024 + 1
        text = _("磁盘放不下新版，没有取完；已取的留着，别的都没动。请腾出 {need} MB，会自动接着取", need=need)
        return StorageError(text, code="release.no_room")

    def _told(self, problem: OfflineError) -> OfflineError:
        """Say of a line that is down what it means for the package; what is not the line's fault has its own words."""
        if problem.code not in _PASSING:
            return problem
        percent = self._at * 100 // self._release.size
        text = _("新版取到 {percent}%，线断了或区里正忙。取到的留着，联网后接着取", percent=percent)
        return OfflineError(text, code=problem.code)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _pause(tries: int, problem: OfflineError) -> float:
    wanted = problem.retry_after if isinstance(problem, BusyError) else None
    return min(max(wanted or 0.0, FIRST_WAIT * 2.0**tries * random.uniform(0.5, 1.0)), LONGEST_WAIT)


def _line(database: Database, ca: str | None) -> ReleaseLine:
    with database.read() as tx:
        member = membership(tx)
    if member is None:
        raise OfflineError(_("这台电脑还没有加入区里"), code="sync.not_joined")
    return ReleaseLine(member.url, member.token, ca=ca, pin=member.pin)


def _clear(into: Path, *, keep: tuple[str, ...]) -> None:
    """Remove what other fetches left in the folder."""
    with translated(into):
        for file in into.iterdir():
            if file.is_file() and file.name not in (*keep, ".lock", *(name + SUFFIX for name in keep)):
                file.unlink(missing_ok=True)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _is_whole(file: Path, release: Release) -> bool:
    return _size(file) == release.size and sha256_of(file) == release.sha256


def _put_in_place(part: Path, target: Path, release: Release) -> None:
    """See that what came is what was signed, and on the disk, and give it its name; else drop it.

    Raises:
        ProtocolError: it is not.
    """
    with translated(part):
        if not _is_whole(part, release):
            part.unlink(missing_ok=True)
            text = _("取来的新版 {version} 和签名里写的不一样，已经删掉，没有安装；会从头再取", version=release.version)
            raise ProtocolError(text, code="release.damaged")
        sync_file(part)
        os.replace(part, target)
        sync_folder(target.parent)
