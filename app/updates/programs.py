"""The folder of programs that came as updates, and what is known of each.

``<version>/`` holds an unpacked program, ``packages/`` what was taken from a stick and ``fetched/`` what came from the
district, each package beside its ``.release``. A folder that bears a version's name is whole: what is under way is
named ``.part`` and swept at the next start. ``state.json`` says which version runs, which is wanted and which failed.
Light on purpose: each start reads it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.db.durable import exclusive, sync_folder, write_durable
from app.errors import StorageError

FORMAT = 1
SUFFIX = ".release"
PART = ".part"
INSTALLED, WENT_BACK, NOT_INSTALLED, STATE_LOST = "installed", "went_back", "not_installed", "state_lost"
LEFT_BY_HAND = "left"
MENDABLE = frozenset({"update.no_room", "update.in_use", "storage.full", "storage.permission"})
"""What keeps a version from being brought in for now: the next start tries again."""
BY_THE_START = "DOORSTEP_CHOSEN"  # in the environment: the version that another start has chosen
_PLACES = ("opt/doorstep/doorstep", "doorstep.exe", "doorstep")


@dataclass(frozen=True)
class Trial:
    """A version at its first starts. ``starts`` are counted before each, so that a power cut counts too."""

    version: str
    before: str
    starts: int = 0
    going_back: str = ""


@dataclass(frozen=True)
class Told:
    """One thing the clerk has to hear: what happened, with which version, and why as a stable code."""

    what: str
    version: str
    why: str = ""


@dataclass(frozen=True)
class State:
    """What is known of the versions. ``current`` "": the program that the administrator installed.

    ``failed`` says why, by version; such a one is not tried again unless somebody asks. ``schemas``: the newest form of
    the store that each version that ever ran here knows.
    """

    current: str = ""
    previous: str = ""
    wanted: str = ""
    trial: Trial | None = None
    failed: dict[str, str] = field(default_factory=dict)
    declined: tuple[str, ...] = ()
    schemas: dict[str, str] = field(default_factory=dict)
    told: Told | None = None


def order(version: str) -> tuple[int, ...]:
    """Return a version as numbers; what is no version comes before all."""
    parts = version.split(".")
    return tuple(int(part) for part in parts) if len(parts) == 3 and all(map(_is_number, parts)) else ()


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit()


def this_platform() -> str:
    """Return what packages for this computer are called: ``linux-amd64``, ``linux-arm64`` or ``windows-amd64``."""
    import platform  # only to compare with a release

    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{'windows' if sys.platform == 'win32' else sys.platform}-{machine}"


class Programs:
    """One such folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.packages = root / "packages"
        self.fetched = root / "fetched"
        self._file = root / "state.json"

    # What is known

    def state(self) -> State:
        """Return what is known; a damaged file is set aside, and the clerk hears of it."""
        try:
            return _state_of(json.loads(self._file.read_bytes()))
        except FileNotFoundError:
            return State()
        except OSError:
            return State(told=Told(STATE_LOST, ""))
        except (ValueError, TypeError, AttributeError):
            lost = State(told=Told(STATE_LOST, ""))
            with suppress(OSError):
                os.replace(self._file, self._file.with_suffix(".damaged"))
                write_durable(self._file, _text_of(lost))
            return lost

    def change(self, how: Callable[[State], State]) -> State:
        """Change what is known, one program at a time and in one step; return the new state.

        Raises:
            StorageError: the folder cannot be written; what was known stands.
        """
        with exclusive(self.root / ".state.lock"):
            before = self.state()
            after = how(before)
            if after != before:
                write_durable(self._file, _text_of(after))
        return after

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Tell whether this process alone brings a version in; the others start what is there.

        Raises:
            StorageError: the folder cannot be written.
        """
        with ExitStack() as held:
            try:
                held.enter_context(exclusive(self.root / ".trial.lock", wait=False))
            except StorageError as problem:
                if problem.code != "storage.busy":
                    raise
                yield False
                return
            yield True

    # What lies there

    def folder(self, version: str) -> Path:
        """Return where a version lies, or will lie."""
        return self.root / version

    def program(self, version: str) -> Path | None:
        """Return the program to start, if this version lies here whole."""
        if order(version):
            for place in _PLACES:
                found = self.root / version / place
                if os.access(found, os.X_OK) and found.is_file():
                    return found
        return None

    def versions(self) -> tuple[str, ...]:
        """Return the versions unpacked here, newest first."""
        names = [each.name for each in _entries(self.root) if order(each.name) and each.is_dir()]
        return tuple(sorted(names, key=order, reverse=True))

    def package(self, version: str) -> Path | None:
        """Return the whole package of a version; nothing is verified yet."""
        return self.offers().get(version)

    def offers(self) -> dict[str, Path]:
        """Return the packages that lie here whole, by the version that their ``.release`` names."""
        found: dict[str, Path] = {}
        for file in (*_entries(self.fetched), *_entries(self.packages)):
            package = file.with_suffix("")
            if file.suffix == SUFFIX and package.is_file():
                with suppress(OSError, ValueError, KeyError, TypeError):
                    version = json.loads(json.loads(file.read_bytes())["manifest"])["version"]
                    if isinstance(version, str) and order(version):
                        found[version] = package
        return found

    def size(self) -> int:
        """Return how many bytes everything here takes."""
        return sum(each.lstat().st_size for each in self.root.rglob("*") if not each.is_dir())

    def free(self) -> int:
        """Return how many bytes the disk has left."""
        import shutil  # each start does without

        return shutil.disk_usage(_existing(self.root)).free

    def writable(self) -> bool:
        """Tell whether a new version can be put here."""
        return os.access(_existing(self.root), os.W_OK)

    # What goes

    def sweep(self, installed: str, *, opened: str = "") -> None:
        """Remove what nobody needs: halves of what was cut off, and versions but the running one and that before it.

        ``opened``: the version that opened the store last; it stays too, whatever else is known.
        """
        state = self.state()
        kept = {opened, state.current, state.previous, state.wanted, *((state.trial.version,) if state.trial else ())}
        for each in _entries(self.root):
            half = each.name.endswith((PART, ".gone")) and each.is_dir()
            if half or (order(each.name) and each.is_dir() and each.name not in kept):
                self.drop(each)
        done = {*state.failed} - {state.wanted}
        for version, package in self.offers().items():
            if version in done or order(version) <= max(order(state.current), order(installed)):
                package.with_name(package.name + SUFFIX).unlink(missing_ok=True)
                package.unlink(missing_ok=True)

    def drop(self, folder: Path) -> None:
        """Remove a folder; its name goes first, so that no half of it is taken for a version."""
        import shutil  # each start does without

        gone = folder if folder.name.endswith((PART, ".gone")) else folder.with_name(f"{folder.name}.gone")
        if gone != folder:
            shutil.rmtree(gone, ignore_errors=True)
            os.replace(folder, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def settle(self, part: Path, version: str) -> Path:
        """Give an unpacked folder its version's name, once it is on the disk."""
        folder = self.folder(version)
        if folder.exists():
            self.drop(folder)
        if hasattr(os, "sync"):
            os.sync()
        os.replace(part, folder)
        sync_folder(self.root)
        return folder


def passed(state: State, version: str) -> State:
    """Return the state after somebody signed in in the version on trial: from now on it is the one that runs."""
    if state.trial is None or state.trial.version != version:
        return state
    return replace(
        state, current=version, previous=state.trial.before, trial=None, wanted="", told=Told(INSTALLED, version)
    )


def failed(state: State, version: str, why: str) -> State:
    """Return the state after a version did not do: it is not tried again unless somebody asks."""
    gone = state.trial is not None and state.trial.version == version
    return replace(
        state,
        failed={**state.failed, version: why},
        trial=None if gone else state.trial,
        wanted="" if state.wanted == version else state.wanted,
        told=Told(WENT_BACK, version, why),
    )


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text_of(state: State) -> bytes:
    return (json.dumps({"format": FORMAT, **asdict(state)}, ensure_ascii=False, indent=1) + "\n").encode()


def _state_of(content: dict[str, Any]) -> State:
    """Read the file's content; fields of a later program are passed over."""
    trial, told = content.get("trial"), content.get("told")
    state = State(
        current=content.get("current", ""),
        previous=content.get("previous", ""),
        wanted=content.get("wanted", ""),
        trial=Trial(**trial) if trial else None,
        failed=dict(content.get("failed", {})),
        declined=tuple(content.get("declined", ())),
        schemas=dict(content.get("schemas", {})),
        told=Told(**told) if told else None,
    )
    texts = (state.current, state.previous, state.wanted, *state.declined, *state.failed, *state.schemas)
    starts = 0 if state.trial is None else state.trial.starts
    if not all(isinstance(each, str) for each in texts) or type(starts) is not int:
        raise ValueError("not the state of programs")
    return state
