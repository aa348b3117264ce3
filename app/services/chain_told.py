"""What this computer knows of the heads that the district holds of its logs: as last heard, kept in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.db import state
from app.db.chain import LOGS, LOOKS
from app.db.database import Transaction
from app.db.restore import RESTORED_AT
from app.texts import _

CHAIN_TOLD = "chain_told"
RESTORE_TOLD = "chain_restore_told"
CUT, RESTORED = "cut", "restored"


@dataclass(frozen=True)
class Told:
    """The heads of one log that the district holds: number → hash, and when it was told the last one."""

    heads: Mapping[int, str]
    told_at: str = ""
    breaks: tuple[Mapping[str, Any], ...] = ()


def log_name(log: str) -> str:
    """Return what a log is called."""
    return _("查看日志") if log == LOOKS else _("操作日志")


def break_words(item: Mapping[str, Any]) -> str:
    """Say what the district noted of a counter's log."""
    name, first, last = log_name(str(item.get("log"))), item.get("first"), item.get("last")
    if item.get("kind") == RESTORED:
        if not last:
            return _("从备份恢复过，{log}没有少", log=name)
        return _("从备份恢复过，{log}从第 {first} 条起重新办（原来到第 {last} 条）", log=name, first=first, last=last)
    if item.get("kind") == CUT:
        return _("{log}从第 {n} 条起被截掉了：区里有过第 {last} 条", log=name, n=first, last=last)
    return _("{log}第 {n} 到 {last} 条被重写过：和以前报给区里的对不上", log=name, n=first, last=last)


def is_break(item: Any, log: str) -> bool:
    """Tell whether this is a break of that log, as the district tells one."""
    return isinstance(item, Mapping) and item.get("log") == log and isinstance(item.get("last"), int)


def read_heads(answer: Any) -> dict[str, Told]:
    """Read heads as the district tells them and as they are kept: {logs: {log: {heads: [[number, hash, at], …]}}}."""
    found: dict[str, Told] = {}
    said = answer if isinstance(answer, Mapping) else {}
    logs = said.get("logs")
    logs = logs if isinstance(logs, Mapping) else {}
    breaks = said.get("breaks")
    for log in LOGS:
        kept = logs.get(log)
        rows = kept.get("heads") if isinstance(kept, Mapping) else None
        heads: dict[int, str] = {}
        at = ""
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, list) and len(row) == 3 and isinstance(row[0], int) and isinstance(row[1], str):
                heads[row[0]], at = row[1], max(at, str(row[2]))
        noted = tuple(each for each in breaks if is_break(each, log)) if isinstance(breaks, list) else ()
        found[log] = Told(heads, at, noted)
    return found


def told_heads(tx: Transaction) -> dict[str, Told]:
    """Return what the district held when it was last heard."""
    return read_heads(state.get_state(tx.session, CHAIN_TOLD))


def restore_token(tx: Transaction) -> str | None:
    """Return what names the last restore of this file from a backup, if there was one."""
    value = state.get_state(tx.session, RESTORED_AT)
    return None if value is None else str(value)


def untold_restore(tx: Transaction) -> bool:
    """Tell whether this file was restored and the district does not know of it yet."""
    token = restore_token(tx)
    return token is not None and token != state.get_state(tx.session, RESTORE_TOLD)
