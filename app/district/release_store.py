"""What the district offers its counters: packages as files in its data folder, each with to whom it goes first.

``releases/<platform>/<version>/`` holds the package, its ``.release`` file, and ``offer.json``: facts taken from the
manifest once its signature held, and the audience. A folder is there whole or not at all. Of what was withdrawn the
package is removed and the rest stays: no other package ever gets the same version.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app import clock
from app.db.durable import exclusive, sync_folder, translated
from app.errors import NotFoundError, RuleError, StorageError
from app.models.wire import to_wire
from app.texts import _
from app.updates.manifest import SUFFIX, Release, version_order
from app.updates.package import Told, check_content, read_beside

log = logging.getLogger(__name__)

RESERVE = 200 * 1024 * 1024
"""So many bytes stay free on the district's disk: the database may lie on the same one."""
_OFFER, _NEW, _READ = "offer.json", ".new-", 1024 * 1024


@dataclass(frozen=True)
class Audience:
    """To whom a release goes: these stations, or so many of a hundred computers; neither: everybody.

    ``anyway``: also when computers went back from it (release_overview.py, ``is_held``).
    """

    stations: tuple[str, ...] = ()
    percent: float = 100.0
    anyway: bool = False

    def takes_in(self, device: str, station: str, version: str) -> bool:
        """Tell whether a computer is among them. Who is at 10 % is at 20 % too; each version draws anew."""
        if self.stations:
            return station in self.stations
        drawn = hashlib.sha256(f"{version}|{device}".encode("utf-8", "backslashreplace")).digest()
        return int.from_bytes(drawn[:6], "big") < 2**48 * self.percent / 100.0


@dataclass(frozen=True)
class Kept:
    """One release as it lies in ``folder``. ``withdrawn_at``: since when it is no longer offered."""

    folder: Path
    version: str
    platform: str
    file: str
    size: int
    sha256: str
    minimum_schema: str
    audience: Audience
    added_at: str
    withdrawn_at: str | None = None

    @property
    def package(self) -> Path:
        """The package's file."""
        return self.folder / self.file

    @property
    def _signed(self) -> Path:
        return self.folder / (self.file + SUFFIX)

    @property
    def manifest(self) -> str:
        """The text of its ``.release`` file."""
        return self._signed.read_text("utf-8")

    @property
    def here(self) -> bool:
        """Whether it can be given out."""
        try:
            there = self.package.stat().st_size == self.size and self._signed.is_file()
        except OSError:
            return False
        return there and self.withdrawn_at is None


class Releases:
    """The releases of one district; every question reads the folder, so that commands and server need no word."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def every(self) -> tuple[Kept, ...]:
        """Return all of them, newest version first."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        found = [kept for file in self.folder.glob(f"*/*/{_OFFER}") if (kept := _read(file)) is not None]
        return tuple(sorted(found, key=lambda each: (version_order(each.version), each.platform), reverse=True))

    def newest_for(
        self,
        device: str,
        station: str,
        *,
        platform: str,
        version: str,
        schema: str | None = None,
        held: Callable[[Kept], bool] = lambda _kept: False,
    ) -> Kept | None:
        """Return the newest release after ``version`` for a computer that its data (``schema``) can take.

        ``held``: what is not to be offered for now.
        """
        now = version_order(version)
        for kept in self.every():
            if version_order(kept.version) <= now:
                return None
            fits = kept.platform == platform and (schema is None or kept.minimum_schema <= schema)
            if fits and kept.here and kept.audience.takes_in(device, station, kept.version) and not held(kept):
                return kept
        return None

    def find(self, platform: str, version: str, *, device: str, station: str) -> Kept | None:
        """Return a release that this computer may fetch."""
        for kept in self.every():
            if (kept.platform, kept.version) == (platform, version):
                return kept if kept.here and kept.audience.takes_in(device, station, version) else None
        return None

    def add(self, package: Path, audience: Audience, *, told: Told | None = None) -> Kept:
        """Take a package in, or give one that is here another audience.

        Raises:
            RuleError: it is not signed by a trusted key, is not what was signed, or the version is taken.
            StorageError: there is no room, or it cannot be read or written; nothing was changed.
        """
        manifest, release = read_beside(package)
        check_content(package, release, told=told)
        assert self.folder is not None
        with exclusive(self.folder / ".lock"), translated(self.folder):
            place = self.folder / release.platform / release.version
            kept = Kept(place, **_facts(release), audience=audience, added_at=to_wire(clock.now()))
            before = _read(place / _OFFER)
            if before is not None and before.sha256 != release.sha256:
                text = _("版本 {version} 已经用在另一个包上，不能换。请给新包一个新版本号", version=release.version)
                raise RuleError(text, code="release.version_taken")
            if before is not None and before.here:
                kept = replace(before, audience=audience)
                _write_offer(kept)
            else:
                self._bring_in(package, (manifest, release), kept, told)
            _give_to_the_server(self.folder)
            return kept

    def withdraw(self, version: str, *, platform: str | None = None) -> tuple[Kept, ...]:
        """Offer a version no longer; its packages are removed.

        Raises:
            NotFoundError: there is none of that version.
        """
        found = [each for each in self.every() if each.version == version and platform in (None, each.platform)]
        if not found:
            raise NotFoundError(_("没有这个版本：{version}", version=version), code="release.none")
        assert self.folder is not None
        done = []
        with exclusive(self.folder / ".lock"), translated(self.folder):
            for kept in found:
                gone = replace(kept, withdrawn_at=kept.withdrawn_at or to_wire(clock.now()))
                _write_offer(gone)
                try:
                    kept.package.unlink(missing_ok=True)
                except OSError as problem:  # somebody is just fetching it, on a system that minds
                    log.warning("withdrawn package stays: %s", problem.strerror)
                done.append(gone)
        return tuple(done)

    def _bring_in(self, package: Path, read: tuple[bytes, Release], kept: Kept, told: Told | None) -> None:
        """Copy a package beside its place, and put it there in one step."""
        assert self.folder is not None
        manifest, release = read
        for stale in self.folder.glob(f"{_NEW}*"):  # nobody else adds at this moment
            shutil.rmtree(stale, ignore_errors=True)
        free = shutil.disk_usage(self.folder).free
        if free < kept.size + RESERVE:
            need = (kept.size + RESERVE - free) // 1024 // 1024 + 1
            text = _("区里的磁盘放不下这个包，什么也没改。请先腾出 {need} MB", need=need)
            raise StorageError(text, code="release.no_room")
        beside = self.folder / f"{_NEW}{clock.new_id()}"
        beside.mkdir(mode=0o755)
        try:
            _copy(package, beside / kept.file, release, told)
            _put(beside / (kept.file + SUFFIX), manifest)
            _write_offer(replace(kept, folder=beside))
            sync_folder(beside)
            kept.folder.parent.mkdir(mode=0o755, exist_ok=True)
            if kept.folder.exists():  # withdrawn once, and taken in again
                os.replace(kept.folder, beside / "before")
            os.replace(beside, kept.folder)
            sync_folder(kept.folder.parent)
            shutil.rmtree(kept.folder / "before", ignore_errors=True)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def audience_words(audience: Audience) -> str:
    """Say to whom it goes."""
    if audience.stations:
        return _("站点 {codes}", codes=" ".join(audience.stations))
    return _("全部") if audience.percent >= 100 else _("{percent}% 的电脑", percent=f"{audience.percent:g}")


def reach(audience: Audience, version: str, devices: Collection[tuple[str, str]]) -> int:
    """Return how many of these computers (id, station) are among the audience."""
    return sum(audience.takes_in(device, station, version) for device, station in devices)


def _facts(release: Release) -> dict[str, Any]:
    names = ("version", "platform", "file", "size", "sha256", "minimum_schema")
    return {name: getattr(release, name) for name in names}


def _read(file: Path) -> Kept | None:
    """Return what an ``offer.json`` says; None where it is not there or not whole."""
    try:
        facts = json.loads(file.read_text("utf-8"))
        audience = Audience(tuple(facts.pop("stations")), float(facts.pop("percent")), bool(facts.pop("anyway", False)))
        kept = Kept(file.parent, audience=audience, **facts)
        version_order(kept.version)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuleError) as problem:
        log.warning("a release cannot be read: %s", type(problem).__name__)
        return None
    return kept


def _write_offer(kept: Kept) -> None:
    facts = asdict(kept)
    del facts["folder"]
    facts.update(facts.pop("audience"))
    _put(kept.folder / _OFFER, json.dumps(facts, indent=1).encode())


def _give_to_the_server(folder: Path) -> None:
    """Where root ran the command, let the files be whose data folder it is: the server runs as that user."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    owner = folder.parent.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _put(file: Path, content: bytes) -> None:
    """Write a small file in one step."""
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    beside.chmod(0o644)
    os.replace(beside, file)


def _copy(package: Path, target: Path, release: Release, told: Told | None) -> None:
    """Copy a package and see that what is on the disk now is what was signed.

    Raises:
        RuleError: it changed meanwhile.
    """
    with package.open("rb") as source, target.open("wb") as copied:
        at = 0
        while content := source.read(_READ):
            copied.write(content)
            at += len(content)
            if told is not None:
                told(at, release.size)
        copied.flush()
        os.fsync(copied.fileno())
    target.chmod(0o644)
    check_content(target, release)
