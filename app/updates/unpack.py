"""From a package to a program that can be started: verified against its release, unpacked beside, named last.

No administrator is needed: a ``.deb`` is unpacked into the folder of programs, a ``setup.exe`` told to install there.
Cut off at any instant, nothing bears the version's name that is not whole; what is half is swept at the next start.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from app.db.durable import sync_file, translated, write_durable
from app.errors import Cancelled, RuleError, StorageError
from app.texts import _
from app.updates.environment import clean_environment
from app.updates.first_start import StoreNote
from app.updates.keys import verified
from app.updates.manifest import MAX_MANIFEST, SUFFIX, Release, version_order
from app.updates.programs import PART, Programs, this_platform

_CHUNK = 1024**2
_SPARE = 64 * 1024**2
_LOOK_SECONDS = 0.2
AS_WHO_ASKS = {"__COMPAT_LAYER": "RunAsInvoker"} if sys.platform == "win32" else {}
"""Unpacking needs no administrator's rights: Windows must not ask for consent because the setup can use them."""

Progress = Callable[[int, int], object]
Stopping = Callable[[], bool]


def _quiet(_done: int, _all: int) -> None:
    return


def _never() -> bool:
    return False


def read_beside(package: Path) -> Release:
    """Return the release that lies beside a package, once its signature holds.

    Raises:
        RuleError: none lies there, or it is not signed by a key that this computer trusts.
        StorageError: it cannot be read.
    """
    release_file = package.with_name(package.name + SUFFIX)
    if not release_file.is_file():
        raise RuleError(
            _(
                "{name} 旁边没有它的签名文件（{release}），不能这样装。"
                "请把两个文件一起从区里取来，或者请管理员直接安装这个包。",
                name=package.name,
                release=release_file.name,
            ),
            code="update.unsigned",
        )
    with translated(release_file), release_file.open("rb") as file:
        release = verified(file.read(MAX_MANIFEST + 1))
    if release.file != package.name:
        raise RuleError(
            _("签名文件说的是 {named}，不是 {name}，没有安装。", named=release.file, name=package.name),
            code="update.other_file",
        )
    return release


def check_fit(release: Release, *, running: str, store: StoreNote, platform: str | None = None) -> None:
    """See that a release is for this computer, newer than what runs here, and can take this store on.

    Raises:
        RuleError: it is not; the sentence says what to do.
    """
    if release.platform != (platform or this_platform()):
        raise RuleError(
            _("这个更新包是给别的电脑的（{platform}），没有安装。", platform=release.platform), code="update.platform"
        )
    if release.order <= version_order(running):
        raise RuleError(
            _(
                "更新包是 {version}，现在用的是 {running}，没有更新。要回到旧版本，在“程序更新”里选“退回上一版”。",
                version=release.version,
                running=running,
            ),
            code="update.not_newer",
        )
    if store.program and release.order < version_order(store.program):
        raise RuleError(
            _(
                "数据已经由更新的版本（{program}）打开过，{version} 读不了，没有安装。",
                program=store.program,
                version=release.version,
            ),
            code="update.store_newer",
        )
    if store.schema and store.schema < release.minimum_schema:
        raise RuleError(
            _(
                "{version} 不能直接接上这里的数据（数据是 {schema}，至少要 {minimum}）。"
                "请先装中间的一个版本，打开登录一次，再装这个；不知道装哪个就问区里。",
                version=release.version,
                schema=store.schema,
                minimum=release.minimum_schema,
            ),
            code="update.schema",
        )


def verify(package: Path, release: Release, *, progress: Progress = _quiet, stopping: Stopping = _never) -> None:
    """Read the whole package and see that it is what was signed.

    Raises:
        RuleError: it is another, or only half of it.
        StorageError: it cannot be read.
        Cancelled: somebody stopped it.
    """
    digest, done = hashlib.sha256(), 0
    with translated(package), package.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if stopping():
                raise Cancelled
            digest.update(chunk)
            done += len(chunk)
            progress(done, release.size)
    _compare(release, done, digest.hexdigest())


def _compare(release: Release, size: int, sha256: str) -> None:
    if size < release.size:
        raise RuleError(
            _(
                "更新包 {file} 不完整（{done} / {size} 字节），没有安装。请重新取。",
                file=release.file,
                done=size,
                size=release.size,
            ),
            code="update.half",
        )
    if size != release.size or sha256 != release.sha256:
        raise RuleError(
            _("更新包 {file} 的内容和签名里的不一样，没有安装。请从区里重新取。", file=release.file),
            code="update.differs",
        )


def take(
    programs: Programs,
    chosen: Path,
    *,
    running: str,
    store: StoreNote,
    progress: Progress = _quiet,
    stopping: Stopping = _never,
) -> Release:
    """Copy a package and its release from a stick, verified on the way; ``chosen`` is either of the two.

    Raises:
        RuleError: one of the two is missing, not signed, not for this computer, or not what was signed.
        StorageError: it cannot be read, or there is no room.
        Cancelled: somebody stopped it; nothing was taken.
    """
    package = chosen.with_suffix("") if chosen.suffix == SUFFIX else chosen
    if not chosen.is_file():
        raise RuleError(_("找不到文件：{where}", where=str(chosen)), code="update.missing")
    release = read_beside(package)
    check_fit(release, running=running, store=store)
    if not package.is_file():
        raise RuleError(
            _("签名文件旁边没有更新包 {name}，请把两个文件放在一起。", name=package.name), code="update.missing"
        )
    target = programs.packages / package.name
    part = target.with_name(target.name + PART)
    with translated(part):
        programs.packages.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_room(programs.packages, release.size + _SPARE)
        try:
            _copy(package, part, release, progress, stopping)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        write_durable(target.with_name(target.name + SUFFIX), package.with_name(package.name + SUFFIX).read_bytes())
    return release


def _copy(package: Path, part: Path, release: Release, progress: Progress, stopping: Stopping) -> None:
    digest, done = hashlib.sha256(), 0
    with package.open("rb") as source, part.open("wb") as target:
        while chunk := source.read(_CHUNK):
            if stopping():
                raise Cancelled
            target.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(done, release.size)
    _compare(release, done, digest.hexdigest())
    sync_file(part)


def _check_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < need:
        raise StorageError(
            _(
                "磁盘放不下新版本：要 {need} MB，只剩 {free} MB。现在的版本照常用；腾出空间再装。",
                need=need // 1024**2,
                free=free // 1024**2,
            ),
            code="update.no_room",
        )


def prepare(
    programs: Programs,
    version: str,
    *,
    running: str,
    store: StoreNote,
    setup: Sequence[str] = (),
    stopping: Stopping = _never,
) -> Path:
    """Verify a version's package once more and unpack it; return the program. Where it lies unpacked, that is all.

    ``setup`` is the command that stands for ``setup.exe`` in tests.

    Raises:
        RuleError: it is not here, not what was signed, or not for this computer or store.
        StorageError: no room, or the folder cannot be written.
    """
    ready = programs.program(version)
    if ready is not None:
        return ready
    package = programs.package(version)
    if package is None:
        raise RuleError(_("新版本 {version} 的更新包不在了，请重新取。", version=version), code="update.missing")
    release = read_beside(package)
    if release.version != version:
        raise RuleError(_("更新包的签名不对，没有安装。请从区里重新取。"), code="release.signature")
    check_fit(release, running=running, store=store)
    verify(package, release, stopping=stopping)
    _unpack(programs, package, release, setup, stopping)
    program = programs.program(version)
    if program is None:
        programs.drop(programs.folder(version))
        raise RuleError(_("更新包里没有家门口的程序，没有安装。请告诉区里。"), code="update.empty")
    return program


def _unpack(programs: Programs, package: Path, release: Release, setup: Sequence[str], stopping: Stopping) -> None:
    """Unpack beside, and name it last."""
    part = programs.folder(f"{release.version}{PART}")
    with translated(part):
        _check_room(programs.root, _room_for(package, release))
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        try:
            _run(_command(package, part, release, setup), stopping)
            programs.settle(part, release.version)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _command(package: Path, part: Path, release: Release, setup: Sequence[str]) -> list[str]:
    """Return the command that puts a package's files into a folder."""
    if release.platform.startswith("windows"):
        return [*(setup or [str(package)]), "/S", "/CurrentUser", "/Unpack", f"/D={part}"]
    return ["dpkg-deb", "-x", str(package), str(part)]


def _room_for(package: Path, release: Release) -> int:
    """Return how many bytes the unpacked program takes: what the package says itself, or three times the package."""
    if package.suffix == ".deb":
        try:
            asked = subprocess.run(
                ["dpkg-deb", "-f", str(package), "Installed-Size"],
                capture_output=True,
                env=clean_environment(),
                check=False,
            )
            return int(asked.stdout) * 1024 + _SPARE
        except (OSError, ValueError):
            pass
    return 3 * release.size + _SPARE


def _run(command: list[str], stopping: Stopping) -> None:
    """Run it to its end, gently; what it says goes into the sentence if it fails."""
    with tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen(
                command if sys.platform == "win32" else ["nice", "-n", "10", *command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=clean_environment() | AS_WHO_ASKS,
            )
        except FileNotFoundError:
            raise RuleError(
                _("这台电脑上没有 dpkg-deb，装不了更新包。请管理员直接安装。"), code="update.no_dpkg"
            ) from None
        try:
            while True:
                try:
                    status = child.wait(_LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if stopping():
                        raise Cancelled from None
        except BaseException:
            child.kill()
            child.wait()
            raise
        if status != 0:
            said.seek(0)
            reason = said.read(2000).decode("utf-8", "replace").strip().splitlines()
            raise StorageError(
                _("更新包没有解开，现在的版本照常用（{reason}）", reason=reason[-1][:200] if reason else status),
                code="update.unpack",
            )
