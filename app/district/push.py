"""Receiving operations: strictly in order per device, each all or nothing, each with one answer for ever."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app import clock
from app.district.accounts import Caller, identify, readable_feeds
from app.district.checks import Sheet, examine
from app.district.decide import Decision, Judge
from app.district.heads import Shelf, lock_feeds
from app.district.problems import ProblemError
from app.district.store import EPOCH, DistrictStore, among, chunks, get_fact, insert_all, moment_of, table_of, upsert
from app.models.district import Device, DistrictFact, FeedEntry, ReceivedOp, RefusedRecord
from app.models.registry import find_type
from app.sync.protocol import MAX_OPS, WireOp, dumps
from app.texts import _


@dataclass
class Received:
    """The answer to a push: JSON texts of the results in order, what is wanted next, a gap if there was one."""

    results: list[str]
    expect: int
    gap: bool = False


@dataclass
class _Plan:
    """Which operations of a batch are new; ``gap``: the batch was cut there."""

    fresh: list[WireOp] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    expect: int = 1
    gap: bool = False


def check_epoch(connection: sa.Connection, epoch: str) -> None:
    """Refuse a request made for another life of this server.

    Raises:
        ProblemError: 409, with the epoch in force.
    """
    current = get_fact(connection, EPOCH)
    if epoch != current:
        raise _other_epoch(current)


def _other_epoch(current: str | None) -> ProblemError:
    return ProblemError(409, "epoch_changed", _("区里的服务恢复过，请重新核对"), epoch=current)


def take(store: DistrictStore, token: str | None, epoch: str, ops: Sequence[WireOp]) -> Received:
    """Look at a batch before anything is locked, then apply it in one transaction.

    Raises:
        ProblemError: the caller, the epoch or the batch is wrong; nothing of it was applied.
    """
    sheets = examine(ops) if len(ops) <= MAX_OPS else {}
    with store.write() as connection:
        return receive(connection, token, epoch, ops, sheets=sheets)


def receive(
    connection: sa.Connection,
    token: str | None,
    epoch: str,
    ops: Sequence[WireOp],
    *,
    sheets: Mapping[str, Sheet] | None = None,
) -> Received:
    """Apply a batch and return its answer; a repeat gets the answer of the first time.

    ``sheets``: what ``examine`` found in these operations, if that was done already.

    Raises:
        ProblemError: the caller, the epoch or the batch is wrong; nothing of it was applied.
    """
    caller = identify(connection, token, lock=True)
    current, refused = _standing(connection, caller)
    if epoch != current:
        raise _other_epoch(current)
    return receive_from(connection, caller, ops, sheets=sheets, refused=refused)


def _standing(connection: sa.Connection, caller: Caller) -> tuple[str | None, bool]:
    """Return the epoch, and whether the making of some record by this device stands refused. Its row must be locked:
    another push of it could change the answer.
    """
    facts, table = table_of(DistrictFact), table_of(RefusedRecord)
    epoch = sa.select(facts.c.value).where(facts.c.key == EPOCH).scalar_subquery()
    some = sa.exists().where(table.c.device == caller.id)
    row = connection.execute(sa.select(epoch, some)).one()
    return row[0], bool(row[1])


def receive_from(
    connection: sa.Connection,
    caller: Caller,
    ops: Sequence[WireOp],
    *,
    sheets: Mapping[str, Sheet] | None = None,
    seen: bool = True,
    refused: bool = True,
) -> Received:
    """Apply a batch of a device whose row is locked.

    ``seen``: it was in contact itself. ``refused``: the making of some record by it may stand refused.

    Raises:
        ProblemError: the batch is wrong; nothing of it was applied.
    """
    if len(ops) > MAX_OPS:
        raise ProblemError(413, "too_many_ops", _("一次最多 {n} 笔", n=MAX_OPS), limit=MAX_OPS)
    if any(op.device not in (None, caller.id) for op in ops):
        raise ProblemError(403, "wrong_device", _("这些操作写着别的电脑的编号"))
    known = _known(connection, [op.op for op in ops])
    plan = _plan(caller, ops, known)
    answers = _stored_answers(connection, caller, [known[op] for op in plan.answered if op in known])
    if plan.fresh:
        stands = _refused(connection, caller) if refused else set()
        answers.update(
            _apply(connection, caller, plan.fresh, examine(plan.fresh) if sheets is None else sheets, stands)
        )
    devices = table_of(Device)
    contact = {"last_seen_at": clock.now()} if seen else {}
    connection.execute(sa.update(devices).where(devices.c.id == caller.id).values(next_seq=plan.expect, **contact))
    return Received([answers[op] for op in plan.answered], plan.expect, plan.gap)


def _known(connection: sa.Connection, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    table = table_of(ReceivedOp)
    query = sa.select(table).where(among(table.c.op, ids, connection.dialect))
    return {row.op: row for row in connection.execute(query)}


def _plan(caller: Caller, ops: Sequence[WireOp], known: Mapping[str, object]) -> _Plan:
    plan, seen = _Plan(expect=caller.next_seq), set(known)
    for op in ops:
        if op.op not in seen:
            if op.seq < plan.expect:
                text = _("第 {seq} 笔已经是另一笔操作", seq=op.seq)
                raise ProblemError(409, "seq_taken", text, expect=caller.next_seq, op=op.op)
            if op.seq > plan.expect:
                plan.gap = True
                break
            plan.fresh.append(op)
            plan.expect += 1
            seen.add(op.op)
        plan.answered.append(op.op)
    return plan


def _stored_answers(connection: sa.Connection, caller: Caller, rows: Sequence[sa.Row[Any]]) -> dict[str, str]:
    """Return the answers given before, values as they were at the answer's revision."""
    if not rows:
        return {}
    allowed = set(readable_feeds(connection, caller))
    wanted: dict[str, list[list[Any]]] = {}
    for row in rows:
        wanted[row.op] = [item for item in json.loads(row.records) if item[0] in allowed]
    places = {(feed, rev) for items in wanted.values() for feed, _kind, _id, rev in items}
    entries, texts = table_of(FeedEntry), {}
    for feed in {feed for feed, _rev in places}:
        for piece in chunks(sorted(rev for name, rev in places if name == feed)):
            query = sa.select(entries.c.seq, entries.c.fields).where(entries.c.feed == feed, entries.c.seq.in_(piece))
            texts.update({(feed, row.seq): row.fields for row in connection.execute(query)})
    return {
        row.op: answer_text(
            row.op, row.outcome, row.code, row.text, row.field,
            [(kind, record_id, rev, texts[feed, rev]) for feed, kind, record_id, rev in wanted[row.op]],
        )
        for row in rows
    }  # fmt: skip


def answer_text(
    op: str,
    outcome: str,
    code: str | None,
    text: str | None,
    name: str | None,
    records: Sequence[tuple[str, str, int, str]],
) -> str:
    """Return one result as JSON; the values of each record are JSON already."""
    said = "".join(
        f',"{key}":{dumps(value)}'
        for key, value in (("code", code), ("text", text), ("field", name))
        if value is not None
    )
    inner = ",".join(  # ids and types are of letters, digits, dots and dashes: there is nothing to escape in them
        f'{{"type":"{kind}","id":"{record_id}","rev":{rev},"values":{values}}}'
        for kind, record_id, rev, values in records
    )
    return f'{{"op":"{op}","outcome":"{outcome}"{said},"records":[{inner}]}}'


def _apply(
    connection: sa.Connection,
    caller: Caller,
    ops: Sequence[WireOp],
    sheets: Mapping[str, Sheet],
    refused: set[tuple[str, str]],
) -> dict[str, str]:
    """Decide and write new operations; the feeds they touch stay locked until the commit."""
    kinds = [find_type(edit.type) for op in ops for edit in op.edits]
    follows = any(kind is not None and kind.feed is None for kind in kinds)
    named = {caller.feed_of(kind.feed) for kind in kinds if kind is not None and kind.feed is not None}
    feeds = set(caller.writable) if follows else named & set(caller.writable)
    shelf = Shelf(connection, lock_feeds(connection, feeds))
    judge = Judge(caller, shelf, refused, sheets)
    judge.load(ops)
    decisions = [judge.decide(op) for op in ops]
    now = moment_of(connection, ReceivedOp, "received_at")
    received = [_row(caller, op, decision, sheets[op.op], now) for op, decision in zip(ops, decisions, strict=True)]
    insert_all(connection, ReceivedOp, _RECEIVED, received + [_own_row(item, now) for item in judge.own_ops])
    judge.numbers.write()
    shelf.write()
    _keep_refused(connection, caller, refused, judge)
    return {
        op.op: answer_text(
            op.op, decision.outcome, decision.code, decision.text, decision.field,
            [(key[1], key[2], head.rev, head.text) for key, head in decision.records],
        )
        for op, decision in zip(ops, decisions, strict=True)
    }  # fmt: skip


def _refused(connection: sa.Connection, caller: Caller) -> set[tuple[str, str]]:
    """Return the records whose making by this device stands refused."""
    table = table_of(RefusedRecord)
    query = sa.select(table.c.record_type, table.c.record_id).where(table.c.device == caller.id)
    return {(row.record_type, row.record_id) for row in connection.execute(query)}


def _keep_refused(connection: sa.Connection, caller: Caller, before: set[tuple[str, str]], judge: Judge) -> None:
    """Write which records' creation stands refused now."""
    table = table_of(RefusedRecord)
    for kind, record_id in before - set(judge.refused):
        connection.execute(
            sa.delete(table).where(
                table.c.device == caller.id, table.c.record_type == kind, table.c.record_id == record_id
            )
        )
    rows = [
        {"device": caller.id, "record_type": kind, "record_id": record_id, "op": op}
        for (kind, record_id), op in judge.newly_refused.items()
        if (kind, record_id) in judge.refused
    ]
    upsert(connection, RefusedRecord, rows)


_RECEIVED = (
    *("op", "device", "seq", "act", "actor", "made_at", "reason", "schema_version", "edits"),
    *("outcome", "code", "text", "field", "records", "stood_off", "received_at"),
)


def _row(caller: Caller, op: WireOp, decision: Decision, sheet: Sheet, now: Any) -> tuple[Any, ...]:
    records = ",".join(
        f'["{feed}","{kind}","{record_id}",{head.rev}]' for (feed, kind, record_id), head in decision.records
    )
    return (
        op.op,
        caller.id,
        op.seq,
        op.act,
        op.actor,
        op.made_at,
        op.reason,
        min(op.schema, 2**31 - 1),
        sheet.text,
        decision.outcome,
        decision.code,
        decision.text,
        decision.field,
        f"[{records}]",
        dumps(decision.stood_off) if decision.stood_off else "[]",
        now,
    )


def _own_row(item: Mapping[str, Any], now: Any) -> tuple[Any, ...]:
    heading = (item["op"], item["device"], None, item["act"], None, item["made_at"], None, 1, item["edits"])
    return (*heading, "applied", None, None, None, "[]", "[]", now)
