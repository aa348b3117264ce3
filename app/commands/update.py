"""``update``: which version runs, what is there, and what the next start of the window installs."""

import argparse
import json
import sys
from pathlib import Path

from app import __version__, paths
from app.commands.person import opened_counter
from app.errors import AppError
from app.sync.release_fetch import ask, fetch
from app.texts import _
from app.updates import standing as decisions
from app.updates.first_start import read_note
from app.updates.programs import MENDABLE, Programs, this_platform
from app.updates.standing import Standing, standing_of
from app.updates.unpack import prepare, take
from app.updates.words import state_words, told_words


def run_update_status(options: argparse.Namespace) -> int:
    """Say which version runs, what is there, and what went wrong."""
    programs = Programs(paths.programs())
    found = standing_of(programs, options.data)
    if options.json:
        print(json.dumps(_facts(programs, found), ensure_ascii=False, indent=2))
        return 0
    print(_("现在用的版本：{version}", version=found.running))
    for line in (told_words(found.state.told), *state_words(found)):
        if line:
            print(line)
    return 0


def _facts(programs: Programs, found: Standing) -> dict[str, object]:
    state = found.state
    return {
        "running": found.running,
        "platform": this_platform(),
        "offered": found.offer.version if found.offer else None,
        "wanted": state.wanted or None,
        "on_trial": state.trial.version if state.trial else None,
        "current": state.current or None,
        "previous": state.previous or None,
        "failed": state.failed,
        "declined": list(state.declined),
        "back_to": found.back_to if found.back_to and not found.back_refused else None,
        "folder": str(programs.root),
        "writable": found.writable,
        "bytes": programs.size() if programs.root.is_dir() else 0,
        "free_bytes": found.free,
    }


def run_update_fetch(options: argparse.Namespace) -> int:
    """Ask the district, fetch what it offers, and have it installed at the next start."""
    programs = Programs(paths.programs())
    with opened_counter(options) as counter:
        schema = read_note(options.data).schema
        offer = ask(counter.database, platform=this_platform(), version=__version__, schema=schema, ca=options.ca)
        if offer is None:
            print(_("区里没有比 {version} 新的版本", version=__version__))
            return 0
        fetch(counter.database, offer, programs.fetched, progress=_show, share=1.0, ca=options.ca)
    return _settle(programs, options.data, offer.release.version)


def run_update_take(options: argparse.Namespace) -> int:
    """Take a package from a stick, and have it installed at the next start."""
    programs = Programs(paths.programs())
    chosen: Path = options.file.absolute()
    release = take(programs, chosen, running=__version__, store=read_note(options.data), progress=_show)
    return _settle(programs, options.data, release.version)


def _settle(programs: Programs, data: Path, version: str) -> int:
    """Have it installed at the next start; unpack it now, so that the start is short."""
    decisions.want(programs, version)
    try:
        with programs.alone() as alone:
            if alone:
                prepare(programs, version, running=__version__, store=read_note(data))
    except AppError as problem:
        if problem.code not in MENDABLE:
            decisions.later(programs, version)
        raise
    print(_("{version} 已核对签名，下次打开窗口时安装", version=version))
    return 0


def run_update_back(options: argparse.Namespace) -> int:
    """Have the version before run from the next start on."""
    version = decisions.go_back(Programs(paths.programs()), options.data)
    print(_("下次启动用回 {version}；数据不动", version=version))
    return 0


def _show(done: int, size: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == size else ""
        print(f"\r{done // 1024**2} / {size // 1024**2} MB", end=end, file=sys.stderr, flush=True)
