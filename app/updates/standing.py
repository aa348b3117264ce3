"""Where a counter stands with new versions, and what somebody may decide about them. Nothing here installs anything."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app import __version__
from app.errors import AppError, RuleError
from app.texts import _
from app.updates.first_start import StoreNote, read_note
from app.updates.manifest import Release
from app.updates.programs import LEFT_BY_HAND, Programs, State, order
from app.updates.unpack import check_fit, read_beside


@dataclass(frozen=True)
class Standing:
    """What lies here. ``offer``: the newest release that may be installed, its signature holds.

    ``back_to``: the version that somebody may go back to; where that is refused, ``back_refused`` says why.
    """

    running: str
    state: State
    offer: Release | None
    back_to: str
    back_refused: str
    writable: bool
    free: int

    @property
    def wanted(self) -> bool:
        """Tell whether the offer is installed at the next start."""
        return self.offer is not None and self.state.wanted == self.offer.version


def standing_of(programs: Programs, data: Path, *, running: str = __version__) -> Standing:
    """Look at the folder of programs and at what is noted of the store."""
    state, store = programs.state(), read_note(data)
    back_to, refused = _back(state, store, running)
    return Standing(
        running, state, _newest(programs, state, store, running), back_to, refused, programs.writable(), programs.free()
    )


def _newest(programs: Programs, state: State, store: StoreNote, running: str) -> Release | None:
    found: list[Release] = []
    for version, package in programs.offers().items():
        if version in state.failed and version != state.wanted:
            continue
        with suppress(AppError):
            release = read_beside(package)
            check_fit(release, running=running, store=store)
            found.append(release)
    return max(found, key=lambda release: release.order, default=None)


def _back(state: State, store: StoreNote, running: str) -> tuple[str, str]:
    """Return the version before, and why nobody can go back to it; both empty where there is none."""
    if not state.previous or state.current != running or order(state.previous) >= order(running):
        return "", ""
    known = state.schemas.get(state.previous, "")
    if store.schema and (not known or known < store.schema):
        return state.previous, _(
            "数据已经换成新版本的样子（{schema}），{version} 打不开它，不能退回。有问题请告诉区里。",
            schema=store.schema,
            version=state.previous,
        )
    return state.previous, ""


def want(programs: Programs, version: str) -> None:
    """Have a version installed at the next start of the window; one that failed before is tried again.

    Raises:
        StorageError: the folder cannot be written.
    """

    def wanted(state: State) -> State:
        left = {name: why for name, why in state.failed.items() if name != version}
        declined = tuple(name for name in state.declined if name != version)
        return replace(state, wanted=version, failed=left, declined=declined)

    programs.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    programs.change(wanted)


def later(programs: Programs, version: str) -> None:
    """Leave a version for another day: nothing is installed until somebody says so."""
    programs.change(lambda state: replace(state, wanted="") if state.wanted == version else state)


def decline(programs: Programs, version: str) -> None:
    """Not this version: it is not offered again by itself, and not fetched."""

    def declined(state: State) -> State:
        others = [name for name in state.declined if name != version]
        return replace(state, declined=(*others, version), wanted="" if state.wanted == version else state.wanted)

    programs.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    programs.change(declined)


def go_back(programs: Programs, data: Path, *, running: str = __version__) -> str:
    """Have the version before run from the next start on; return it.

    Raises:
        RuleError: there is none, or it cannot read the store any more.
        StorageError: the folder cannot be written.
    """
    back_to, refused = _back(programs.state(), read_note(data), running)
    if not back_to:
        raise RuleError(_("没有可以退回的上一版。"), code="update.nothing_before")
    if refused:
        raise RuleError(refused, code="update.store_newer")
    programs.change(
        lambda state: replace(
            state, current=back_to, previous="", wanted="", failed={**state.failed, running: LEFT_BY_HAND}
        )
    )
    return back_to


def acknowledge(programs: Programs) -> None:
    """Note that the clerk has read what happened."""
    with suppress(AppError):
        programs.change(lambda state: replace(state, told=None))


def trouble(programs: Programs, *, running: str = __version__) -> str | None:
    """Return, for the district, which newer version did not do here and why; no word of a person."""
    if not programs.root.is_dir():
        return None
    failed = {name: why for name, why in programs.state().failed.items() if order(name) > order(running)}
    failed = {name: why for name, why in failed.items() if why != LEFT_BY_HAND}
    newest = max(failed, key=order, default="")
    return f"update.failed {newest} {failed[newest]}"[:60] if newest else None
