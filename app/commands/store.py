"""``backup``, ``restore``, ``doctor``: the store itself."""

import argparse
import sys

from app.commands.person import ask_pin, opened_counter
from app.db.backup import make_backup, read_backup
from app.db.keyring import Keyring
from app.db.restore import recover_backup, restore_backup, unlock_backup
from app.errors import ExternalError, NotFoundError
from app.paths import DataFolder
from app.services import health, tamper
from app.services.chain_told import Told, log_name
from app.services.counters import OpenCounter
from app.sync.chain_heads import fetch_heads
from app.texts import _

_LONG = 20_000
_SIGNS = {health.OK: "✓", health.WARNING: "△", health.FAULT: "✗"}


def run_backup(options: argparse.Namespace) -> int:
    """Make an encrypted backup."""
    with opened_counter(options) as counter:
        made = make_backup(counter.folder, counter.key, to=options.file.absolute(), reason="manual")
    print(_("备份好了：{path}，{size} 字节，已加密", path=str(made.path), size=made.size))
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Put a backup in the place of the store."""
    folder = DataFolder(options.data)
    path = options.file.absolute()
    read_backup(path)
    if options.recovery_key:
        key = recover_backup(path, options.recovery_key)
    else:
        key = unlock_backup(path, _who(options, folder), ask_pin())
    done = restore_backup(path, folder, key)
    print(_("已恢复到备份时的样子"))
    if done.replaced is not None:
        print(_("原来的数据留在：{where}", where=str(done.replaced)))
    if options.recovery_key and not Keyring.open(folder).bound:
        _keyring, key = Keyring.rebind(folder, options.recovery_key)
        print(_("这台电脑换了新钥匙：请在登录画面用恢复密钥给每个人设 PIN"))
    return 0


def _who(options: argparse.Namespace, folder: DataFolder) -> str:
    if options.staff:
        return str(options.staff)
    people = Keyring.open(folder).people() if folder.keyring.exists() else ()
    if len(people) == 1:
        return people[0].name
    raise NotFoundError(_("请用 --staff 说明谁在办，或用 --recovery-key"))


def _district_heads(counter: OpenCounter, ca: str | None) -> dict[str, Told] | None:
    """Ask the district what it holds of the logs; where it cannot be asked, say so and go by what was heard last."""
    try:
        return fetch_heads(counter.database, ca=ca)
    except ExternalError as problem:
        print(_("△ 问不到区里（{why}）：日志只和上次听到的比", why=problem.text))
        return None


def _tell_walk(log: str, done: int, total: int) -> None:
    """Show how far a long walk is, to who sits before it."""
    if sys.stderr.isatty() and total > _LONG:
        end = "\n" if done == total else ""
        print(f"\r{log_name(log)} {done:,} / {total:,}", end=end, file=sys.stderr, flush=True)


def run_doctor(options: argparse.Namespace) -> int:
    """Examine this counter, and repair what can be repaired; or test the program itself."""
    if options.self_test:
        from app.commands.self_test import run_self_test

        return run_self_test(options)
    with opened_counter(options) as counter:
        fresh = _district_heads(counter, options.ca)
        findings = health.worst_first(
            (
                *health.examine(counter.folder, counter.database),
                *tamper.examine_logs(counter.database, fresh, progress=_tell_walk),
            )
        )
        left = 0
        for finding in findings:
            print(f"{_SIGNS.get(finding.level, '?')} {finding.text}")
            if finding.level == health.OK:
                continue
            if finding.repairable and not options.check:
                print("  " + health.repair(counter.folder, counter.database, counter.key, finding))
                continue
            if finding.advice:
                print(f"  {finding.advice}")
            left += finding.level == health.FAULT
    sys.stdout.flush()
    return 1 if left else 0
