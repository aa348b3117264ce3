"""The doctor's look at the logs: are both chains whole, do they agree with the district, do traces with their acts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from app import clock
from app.db import state
from app.db.chain import LOGS, OPERATIONS
from app.db.chain_walk import CHANGED, CUT, INSERTED, REMOVED, REORDERED, REWRITTEN, Fault, Progress, Walked, walk
from app.db.database import Database, Transaction
from app.models.access_log import LOOKS as LOOK_WORDS
from app.models.acts import find_act
from app.models.registry import find_type
from app.services.chain_told import RESTORED, Told, break_words, log_name, told_heads, untold_restore
from app.services.health import FAULT, OK, WARNING, Finding
from app.services.staff import staff_names
from app.services.trace_check import WrongTrace, wrong_traces
from app.texts import _

_STRANGE = (
    "SELECT o.seq, o.act, o.actor, o.made_at FROM operation o LEFT JOIN operation_link l ON l.op = o.op"
    " WHERE o.origin = 'local' AND l.op IS NULL ORDER BY o.rowid"
)


@dataclass(frozen=True)
class _Words:
    """How a line is told: whose it was, when, and what kind of act. No resident is in it."""

    names: Mapping[str, str]

    def line(self, act: str, actor: str | None, at: str | None) -> str:
        found = find_act(act)
        label = _(LOOK_WORDS[act]) if act in LOOK_WORDS else _(found.label) if found is not None else act
        who = self.names.get(actor or "", "") or _("不知道是谁")
        return _("{who} {when} 的“{act}”", who=who, when=_when(at), act=label or "?")


def examine_logs(
    database: Database,
    fresh: Mapping[str, Told] | None = None,
    *,
    progress: Callable[[str, int, int], object] = lambda _log, _done, _all: None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Finding, ...]:
    """Walk both chains, compare them with what the district holds (``fresh``, else as last heard), look at the traces.

    Raises:
        StorageError: the store cannot be read.
        Cancelled: ``stopped`` said so.
    """
    with database.read() as tx:
        words = _Words(staff_names(tx))
        told = fresh if fresh is not None else told_heads(tx)
        findings = []
        for log in LOGS:
            findings += _log_findings(tx, log, told.get(log), words, partial(progress, log), stopped)
        findings += _traces(tx.session.connection(), words)
    return tuple(findings)


def _log_findings(
    tx: Transaction,
    log: str,
    told: Told | None,
    words: _Words,
    progress: Progress,
    stopped: Callable[[], bool],
) -> list[Finding]:
    connection, code = tx.session.connection(), f"chain.{log}"
    marks = {} if told is None else dict(told.heads)
    noted = () if told is None else told.breaks
    found = walk(connection, log, marks, progress=progress, stopped=stopped)
    findings = [_noted(code, item) for item in noted]
    if found.fault is not None and found.fault.kind in (CUT, REWRITTEN) and untold_restore(tx):
        when = _when(str(state.get_state(tx.session, "restored_at") or ""))
        text = _("这台电脑 {when} 从备份恢复过，区里还不知道，{log}和区里留的对不上", when=when, log=log_name(log))
        findings.append(Finding(f"{code}.restored", WARNING, text, _("先同步一次，再检查")))
        found = walk(connection, log, {}, progress=progress, stopped=stopped)
    fault = found.fault
    if fault is None and log == OPERATIONS:
        strange = _strange(connection, found, words)
        if strange is not None:
            return [*findings, strange]
    if fault is None:
        return [*findings, Finding(code, OK, _whole(log, found, told))]
    return [*findings, Finding(code, FAULT, fault_words(log, fault, words), _advice())]


def _noted(code: str, item: Mapping[str, object]) -> Finding:
    """Tell what the district noted: it holds the heads of before, whatever this file says now."""
    text = _("区里记着：{what}（{when}）", what=break_words(item), when=_when(str(item.get("noted_at"))))
    if item.get("kind") == RESTORED:
        return Finding(f"{code}.noted", WARNING, text, _("有人恢复过备份就没事；没有人恢复过，报给区里"))
    return Finding(f"{code}.noted", FAULT, text, _advice())


def _whole(log: str, found: Walked, told: Told | None) -> str:
    name, count = log_name(log), found.head.number
    text = _("{log}没有被动过：{n} 条，一条接一条对得上", log=name, n=f"{count:,}")
    if found.before:
        text += _("；再早的 {n} 笔是有这条链以前办的，不在里面", n=f"{found.before:,}")
    if told is not None and told.heads:
        last = max(told.heads)
        text += _("；和区里 {when} 留的第 {n} 条也对得上", when=_when(told.told_at), n=f"{last:,}")
    return text


def fault_words(log: str, fault: Fault, words: _Words) -> str:
    """Say what was done to a log, and where it begins."""
    name, number, last = log_name(log), f"{fault.number:,}", f"{fault.last:,}"
    line = words.line(fault.act, fault.actor, fault.at)
    if fault.kind == CUT:
        return _("{log}从第 {n} 条起被截掉了：区里有过第 {last} 条", log=name, n=number, last=last)
    if fault.kind == REWRITTEN:
        return _("{log}第 {n} 到 {last} 条被重写过：自己接得上，和区里留的对不上", log=name, n=number, last=last)
    if fault.number == 0:
        return _("{log}的开头被动过", log=name)
    if fault.kind == REMOVED and fault.last > fault.number:
        return _("{log}第 {n} 到 {last} 条被删掉了", log=name, n=number, last=last)
    if fault.kind == REMOVED and not fault.act:
        return _("{log}第 {n} 条被删掉了", log=name, n=number)
    return {
        CHANGED: _("{log}第 {n} 条被改过：{line}", log=name, n=number, line=line),
        REMOVED: _("{log}第 {n} 条那里删掉过，现在接着的是：{line}", log=name, n=number, line=line),
        INSERTED: _("{log}第 {n} 条是后来塞进去的：{line}", log=name, n=number, line=line),
        REORDERED: _("{log}第 {n} 条被换过先后：{line}", log=name, n=number, line=line),
    }[fault.kind]


def _advice() -> str:
    return _("先别恢复、别重装，把整个数据文件夹另存一份，报给区里")


def _strange(connection: Connection, found: Walked, words: _Words) -> Finding | None:
    """Find operations of this device that no link of the chain knows: put in by another hand, or taken out from before.

    Those from before the chain come first in the file.
    """
    rows = connection.exec_driver_sql(_STRANGE).all()
    if len(rows) == found.before:
        return None
    if len(rows) < found.before:
        count = found.before - len(rows)
        text = _("操作日志在有这条链以前的，少了 {n} 笔", n=count)
        return Finding(f"chain.{OPERATIONS}", FAULT, text, _advice())
    first = rows[found.before]
    line = words.line(first.act, first.actor, first.made_at)
    text = _("操作日志第 {n} 笔是后来塞进去的，不在链里：{line}", n=first.seq, line=line)
    return Finding(f"chain.{OPERATIONS}", FAULT, text, _advice())


def _traces(connection: Connection, words: _Words) -> list[Finding]:
    wrong = wrong_traces(connection)
    if not wrong:
        return [Finding("chain.traces", OK, _("留痕、打印和结账的记录与操作日志一致"))]
    return [Finding("chain.traces", FAULT, _trace_words(each, words), _advice()) for each in wrong]


def _trace_words(wrong: WrongTrace, words: _Words) -> str:
    kind = find_type(wrong.record_type)
    name = _(kind.label) if kind is not None else wrong.record_type
    if wrong.strange:
        return _("{name} {id} 没有哪一笔操作办过它，是塞进去的", name=name, id=wrong.record_id)
    line = words.line(wrong.act, wrong.actor, wrong.at)
    if wrong.gone:
        return _("{name} {id} 被删掉了：{line}", name=name, id=wrong.record_id, line=line)
    return _("{name} {id} 被改过：{line}", name=name, id=wrong.record_id, line=line)


def _when(text: str | None) -> str:
    """Return a stored moment in local time."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return "?"
    return f"{clock.to_local(moment if moment.tzinfo else moment.replace(tzinfo=UTC)):%Y-%m-%d %H:%M}"
