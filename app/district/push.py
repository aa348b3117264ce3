"""Receiving operations: strictly in order per device, each all or nothing, each with one answer for ever."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.accounts import Caller, caller_of, hashed, identify
from app.district.asking import Asked, Question, Writing, among_given, ask_all, writing
from app.district.bell import LITTLE, News, Passes
from app.district.checks import Sheet, examine
from app.district.decide import Decision, Judge, keys_of
from app.district.heads import Groups, Shelf, about_feeds, about_heads, grouped, whole_heads
from app.district.problems import ProblemError
from app.district.pull import entry_text
from app.district.push_answers import answer_text, stored_answers
from app.district.store import EPOCH, DistrictStore, get_fact, moment_of, upsert
from app.models.district import Device, DistrictFact, ReceivedOp, RefusedRecord
from app.models.registry import find_type
from app.sync.protocol import MAX_OPS, WireOp, dumps
from app.texts import _


@dataclass
class Received:
    """The answer to a push: JSON texts of the results in order, what is wanted next, a gap if there was one.

    ``news``: how the feeds grew by it, for those who listen; ``passes``: who of them may read it. ``caller``: whose
    operations they are.
    """

    results: list[str]
    expect: int
    gap: bool = False
    news: News = field(default_factory=dict)
    passes: Passes | None = None
    caller: Caller | None = None


NO_NUMBER = 0

Hearers = Callable[[Collection[str]], Sequence[str]]
"""Returns the hashes of the tokens of those who listen to feeds, if they are few."""


def nobody(_feeds: Collection[str]) -> Sequence[str]:
    """Return the tokens of nobody."""
    return ()


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


def identify_at(connection: sa.Connection, token: str | None) -> tuple[Caller, str | None]:
    """Return the device of a token and the epoch in force, in one turn.

    Raises:
        ProblemError: 401, no such token or revoked.
    """
    devices, epochs = ask_all(connection, [(_WHO, {"token": hashed(token or "")}), (_STANDING, {"device": ""})])
    return caller_of(next(iter(devices), None)), epochs[0].epoch


def _other_epoch(current: str | None) -> ProblemError:
    return ProblemError(409, "epoch_changed", _("区里的服务恢复过，请重新核对"), epoch=current)


def take(
    store: DistrictStore,
    token: str | None,
    epoch: str,
    ops: Sequence[WireOp],
    *,
    brief: bool = False,
    guess: Caller | None = None,
    hearers: Hearers = nobody,
    ready: Callable[[], None] = lambda: None,
) -> Received:
    """Look at a batch before anything is locked, then apply it in one transaction.

    ``brief``: the answer leaves out the values of records where all that was sent stands. ``guess``: whose token it is,
    as far as is known. ``hearers``: who listens; whether they may, is asked along. ``ready`` waits until what this
    device sent before is written.

    Raises:
        ProblemError: the caller, the epoch or the batch is wrong; nothing of it was applied.
    """
    sheets = examine(ops) if len(ops) <= MAX_OPS else {}
    ready()
    with store.write() as connection:
        guess = guess or identify(connection, token)
        ground = _look(connection, guess, token, ops)
        if not ground.caller.works_as(guess):  # it joined anew meanwhile
            ground = _look(connection, ground.caller, token, ops)
        if epoch != ground.epoch:
            raise _other_epoch(ground.epoch)
        ground.hearers = hearers
        return _receive(connection, ground, ops, sheets, brief=brief)


@dataclass
class _Ground:
    """What a batch meets, all of it locked or of that moment: its sender, who holds what, and what is known of it."""

    caller: Caller
    feeds: Sequence[str]
    groups: Groups
    known: Sequence[Any]
    heads: Sequence[Any]
    digests: Sequence[Any]
    records: Sequence[Sequence[Any]]
    epoch: str | None = None
    refused: bool = True
    """Whether the making of some record by this device may stand refused."""
    seen: bool = True
    hearers: Hearers = nobody


_KNOWN = Question(
    lambda sqlite: sa.select(
        *(table_of(ReceivedOp).c[name] for name in ("op", "outcome", "code", "text", "field", "records", "stood_off"))
    ).where(among_given(table_of(ReceivedOp).c.op, "ops", sqlite=sqlite))
)
_DEVICE = Question(
    lambda _sqlite: (
        sa.select(table_of(Device)).where(table_of(Device).c.token_hash == sa.bindparam("token")).with_for_update()
    )
)
_WHO = Question(
    lambda _sqlite: sa.select(table_of(Device)).where(table_of(Device).c.token_hash == sa.bindparam("token"))
)
_HEARERS = Question(
    lambda sqlite: sa.select(table_of(Device)).where(
        among_given(table_of(Device).c.token_hash, "tokens", sqlite=sqlite), table_of(Device).c.revoked_at.is_(None)
    )
)
_STANDING = Question(
    lambda _sqlite: sa.select(
        sa.select(table_of(DistrictFact).c.value)
        .where(table_of(DistrictFact).c.key == EPOCH)
        .scalar_subquery()
        .label("epoch"),
        sa.exists().where(table_of(RefusedRecord).c.device == sa.bindparam("device")).label("refused"),
    )
)
_DONE = Question(
    lambda _sqlite: (
        sa.update(table_of(Device))
        .where(table_of(Device).c.id == sa.bindparam("device"))
        .values(next_seq=sa.bindparam("next"), last_seen_at=sa.bindparam("seen"))
    )
)


def _look(connection: sa.Connection, guess: Caller, token: str | None, ops: Sequence[WireOp]) -> _Ground:
    """Lock the sender's row and the feeds that its batch may touch, and read what it meets there, in one turn.

    The device is locked first: no other push of it changes what is read after that.

    Raises:
        ProblemError: 401, the token is no longer one.
    """
    feeds, groups, asked = _about(guess, ops)
    device = (_DEVICE, {"token": hashed(token or "")})
    found = ask_all(connection, [device, (_STANDING, {"device": guess.id}), *asked])
    caller = caller_of(next(iter(found[0]), None))
    known, heads, digests, *records = found[2:]
    (standing,) = found[1]
    return _Ground(caller, feeds, groups, known, heads, digests, records, standing.epoch, bool(standing.refused))


def _about(caller: Caller, ops: Sequence[WireOp]) -> tuple[list[str], Groups, list[Asked]]:
    """Return the feeds that a batch may touch, the records it names, and the questions about all of it."""
    kinds = [find_type(name) for name in {edit.type for op in ops for edit in op.edits}]
    follows = any(kind is not None and kind.feed is None for kind in kinds)
    named = {caller.feed_of(kind.feed) for kind in kinds if kind is not None and kind.feed is not None}
    feeds = sorted(set(caller.writable) if follows else named & set(caller.writable))
    groups = grouped(keys_of(caller, ops))
    known: Asked = (_KNOWN, {"ops": [op.op for op in ops]})
    return feeds, groups, [known, *about_feeds(feeds), *about_heads(groups)]


def receive_from(connection: sa.Connection, caller: Caller, ops: Sequence[WireOp]) -> Received:
    """Apply a batch of a device whose row is locked and that was not in contact itself.

    A number that was used is no hindrance here: the device may have lost the operation and used its number again.

    Raises:
        ProblemError: the batch is wrong; nothing of it was applied.
    """
    if len(ops) > MAX_OPS:
        raise _too_many()
    feeds, groups, asked = _about(caller, ops)
    known, heads, digests, *records = ask_all(connection, asked)
    ground = _Ground(caller, feeds, groups, known, heads, digests, records, seen=False)
    return _receive(connection, ground, ops, examine(ops), brief=False, late=True)


def _too_many() -> ProblemError:
    return ProblemError(413, "too_many_ops", _("一次最多 {n} 笔", n=MAX_OPS), limit=MAX_OPS)


def _receive(
    connection: sa.Connection,
    ground: _Ground,
    ops: Sequence[WireOp],
    sheets: Mapping[str, Sheet],
    *,
    brief: bool,
    late: bool = False,
) -> Received:
    caller = ground.caller
    if len(ops) > MAX_OPS:
        raise _too_many()
    if any(op.device not in (None, caller.id) for op in ops):
        raise ProblemError(403, "wrong_device", _("这些操作写着别的电脑的编号"))
    known = {row.op: row for row in ground.known}
    plan = _plan(caller, ops, known, late=late)
    answers = stored_answers(connection, caller, [known[op] for op in plan.answered if op in known], brief=brief)
    if not plan.fresh:
        with writing(connection) as out:
            _note_contact(out, ground, plan)
        return Received([answers[op] for op in plan.answered], plan.expect, plan.gap, caller=caller)
    fresh, news, passes = _apply(connection, ground, plan, sheets, brief=brief)
    answers.update(fresh)
    return Received([answers[op] for op in plan.answered], plan.expect, plan.gap, news, passes, caller)


def _note_contact(out: Writing, ground: _Ground, plan: _Plan) -> None:
    """Note what is wanted next of a device, and that it was in contact, if it was."""
    seen = clock.now() if ground.seen else ground.caller.seen_at
    out.run(_DONE, {"device": ground.caller.id, "next": plan.expect, "seen": seen})


def _plan(caller: Caller, ops: Sequence[WireOp], known: Mapping[str, object], *, late: bool) -> _Plan:
    """Sort a batch; ``late``: one whose number another has is taken without a number."""
    plan, seen = _Plan(expect=caller.next_seq), set(known)
    for op in ops:
        if op.op in seen:
            plan.expect += op.seq == plan.expect  # it came under another number before, and uses this one up too
        elif op.seq < plan.expect and late:
            plan.fresh.append(replace(op, seq=NO_NUMBER))
            seen.add(op.op)
        else:
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


def _apply(
    connection: sa.Connection, ground: _Ground, plan: _Plan, sheets: Mapping[str, Sheet], *, brief: bool
) -> tuple[dict[str, str], News, Passes | None]:
    """Decide and write new operations; the feeds they touch stay locked until the commit."""
    caller, ops = ground.caller, plan.fresh
    heads = whole_heads(connection, ground.feeds, ground.heads)
    shelf = Shelf(connection, dict(heads), ground.digests)
    shelf.fill(ground.groups, ground.records)
    refused = _refused(connection, caller) if ground.refused else set()
    judge = Judge(caller, shelf, refused, sheets)
    judge.numbers.load(ops)
    decisions = [judge.decide(op) for op in ops]
    now = moment_of(connection, ReceivedOp, "received_at")
    judge.numbers.write()
    digests = shelf.new_digests()
    with writing(connection) as out:
        shelf.write_to(out, digests)
        # Made ready while the database is busy with the entries.
        received = [_row(caller, op, decision, sheets[op.op], now) for op, decision in zip(ops, decisions, strict=True)]
        out.insert(ReceivedOp, _RECEIVED, received + [_own_row(item, now) for item in judge.own_ops])
        _note_contact(out, ground, plan)
        passes = _passes(out, ground, shelf, heads)
        answers = {
            op.op: answer_text(
                op.op, decision.outcome, decision.code, decision.text, decision.field,
                [(key[1], key[2], head.rev, None if brief and decision.plain else head.text)
                 for key, head in decision.records],
            )
            for op, decision in zip(ops, decisions, strict=True)
        }  # fmt: skip
    _keep_refused(connection, caller, refused, judge)
    return answers, _news(caller, shelf, heads, [*ops, *judge.own_ops]), passes()


def _passes(out: Writing, ground: _Ground, shelf: Shelf, before: Mapping[str, int]) -> Callable[[], Passes | None]:
    """Ask, last of all, who of those that listen to the feeds that grew may read them."""
    tokens = ground.hearers([feed for feed, head in before.items() if shelf.feeds[feed] > head])
    if not tokens:
        return lambda: None
    rows = out.ask(_HEARERS, {"tokens": list(tokens)})
    return lambda: Passes(ground.epoch, frozenset(tokens), {row.token_hash: caller_of(row) for row in rows()})


def _news(caller: Caller, shelf: Shelf, before: Mapping[str, int], acts: Sequence[WireOp | Mapping[str, Any]]) -> News:
    """Return how the feeds grew, with the entries as a pull tells them where they are few."""
    heading: dict[str, tuple[Any, ...]] = {}
    found: dict[str, tuple[int, int, Sequence[str]]] = {}
    for feed, after in before.items():
        head = shelf.feeds[feed]
        lines = []
        if 0 < head - after <= LITTLE:
            heading = heading or {act[0]: act for act in (_heading(caller, act) for act in acts)}
            for seq, op, kind, record_id, text in shelf.entries_of(feed):
                lines.append(entry_text((feed, seq, *heading[op], kind, record_id, text, False)))
        if head > after:
            found[feed] = (after, head, lines)
    return found


def _heading(caller: Caller, act: WireOp | Mapping[str, Any]) -> tuple[Any, ...]:
    if isinstance(act, WireOp):
        return act.op, caller.id, act.act, act.actor, act.made_at
    return act["op"], act["device"], act["act"], None, act["made_at"]


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
        op.seq or None,
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
