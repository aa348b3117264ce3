"""Operations that a neighbour brings: each with its own device's proof, applied as if that device had pushed them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import Caller, identify, readable_feeds
from app.district.problems import ProblemError
from app.district.push import Received, check_epoch, receive_from
from app.district.seals import Seals, seals_of
from app.district.station_keys import entitled
from app.district.store import EPOCH, get_fact
from app.models.district import Device
from app.models.registry import find_type
from app.sync.proof import SealedOp, fits
from app.sync.protocol import (
    MAX_OPS,
    MalformedError,
    WireOp,
    base_of_earlier_life,
    dumps,
    is_id,
    loads,
    parse_op,
)
from app.texts import _


def parse_relay(body: Any) -> tuple[str, str, tuple[SealedOp, ...]]:
    """Return epoch, device and operations of a relay.

    Raises:
        MalformedError: the frame is wrong; nothing of it is applied.
    """
    if not isinstance(body, dict):
        raise MalformedError("body", "must be an object")
    epoch, device, ops = body.get("epoch"), body.get("device"), body.get("ops")
    if not isinstance(epoch, str):
        raise MalformedError("epoch", "must be text")
    if not is_id(device):
        raise MalformedError("device", "must be an id")
    if not isinstance(ops, list):
        raise MalformedError("ops", "must be a list")
    return epoch, str(device), tuple(_sealed(item, f"ops[{n}]") for n, item in enumerate(ops))


def _sealed(item: Any, where: str) -> SealedOp:
    if not isinstance(item, dict):
        raise MalformedError(where, "must be an object")
    body, proof = item.get("body"), item.get("proof")
    if not isinstance(body, str):
        raise MalformedError(f"{where}.body", "must be text")
    if not isinstance(proof, str):
        raise MalformedError(f"{where}.proof", "must be text")
    return SealedOp(body, proof)


def relay(connection: sa.Connection, token: str | None, epoch: str, device: str, ops: Sequence[SealedOp]) -> Received:
    """Apply what a device of the same station brings of another; the answer is that of a push.

    Raises:
        ProblemError: the caller, the epoch, the device or a proof is wrong; nothing was applied.
        MalformedError: an operation is not one.
    """
    caller = identify(connection, token)
    check_epoch(connection, epoch)
    return relay_for(connection, caller, device, ops)


def relay_for(connection: sa.Connection, reader: Caller, device: str, ops: Sequence[SealedOp]) -> Received:
    """Apply operations of a device of the reader's station; the answer holds records that the reader may read.

    Raises:
        ProblemError: 403, no such device there, it is or was revoked, or a proof does not fit.
        MalformedError: an operation is not one.
    """
    if len(ops) > MAX_OPS:
        raise ProblemError(413, "too_many_ops", _("一次最多 {n} 笔", n=MAX_OPS), limit=MAX_OPS)
    owner, seals = _owner(connection, reader, device)
    for n, sealed in enumerate(ops):
        _check_seal(seals, sealed, device, n)
    epoch = get_fact(connection, EPOCH)
    read = [_read(sealed, device, f"ops[{n}].body", epoch) for n, sealed in enumerate(ops)]
    done = receive_from(connection, owner, read)
    return replace(done, results=_readable(connection, reader, owner, done.results))


def _check_seal(seals: Seals, sealed: SealedOp, device: str, index: int) -> None:
    """Let pass what the device itself sealed, under the token that it has or under one that it had before.

    Raises:
        ProblemError: it was shut out under that token, or the proof fits none.
    """
    if any(fits(key, sealed) for key in seals.good):
        return
    if any(fits(key, sealed) for key in seals.shut):
        raise _revoked(device=device, index=index)
    text = _("第 {n} 笔不是那台电脑的原样，没有收", n=index + 1)
    raise ProblemError(403, "proof_invalid", text, device=device, index=index)


def _revoked(**where: Any) -> ProblemError:
    return ProblemError(403, "owner_revoked", _("办这些事的电脑已被区里停用，没有收；东西还在那台电脑上"), **where)


def _owner(connection: sa.Connection, reader: Caller, device: str) -> tuple[Caller, Seals]:
    """Return the device whose operations they are, locked, and the keys of its proofs."""
    devices = table_of(Device)
    row = connection.execute(sa.select(devices).where(devices.c.id == device).with_for_update()).first()
    if row is None or row.station_code != reader.station_code or not entitled(reader):
        raise ProblemError(403, "not_your_station", _("这台电脑不能替别的站点送"))
    if row.revoked_at is not None:
        raise _revoked()
    owner = Caller(row.id, row.role, row.station_code, row.county_code, row.next_seq, row.last_seen_at)
    return owner, seals_of(connection, row.id, row.token_hash)


def _read(sealed: SealedOp, device: str, where: str, epoch: str | None) -> WireOp:
    """Return an operation; of one that was sealed in another life of this server the old values count."""
    item = loads(sealed.body.encode())
    op = parse_op(item, where)
    if op.device != device:
        raise ProblemError(403, "wrong_device", _("这些操作写着别的电脑的编号"))
    if item.get("epoch", epoch) != epoch:
        for edit in op.edits:
            edit.base = base_of_earlier_life(edit.base, edit.changes)
    return op


def _readable(connection: sa.Connection, reader: Caller, owner: Caller, results: list[str]) -> list[str]:
    """Leave out records of feeds that the one who brings may not read."""
    mine = set(readable_feeds(connection, reader))
    if set(owner.writable) <= mine:
        return results
    shown = []
    for text in results:
        result = json.loads(text)
        kept = [each for each in result["records"] if _feed(owner, each["type"]) in mine]
        shown.append(dumps({**result, "records": kept}))
    return shown


def _feed(owner: Caller, type_name: str) -> str | None:
    kind = find_type(type_name)
    return owner.feed_of(kind.feed) if kind is not None and kind.feed is not None else None


def peers_of(connection: sa.Connection, caller: Caller) -> dict[str, int]:
    """Return the other devices that work in this station's feed, with the number wanted of each next."""
    if not entitled(caller):
        return {}
    devices = table_of(Device)
    query = sa.select(devices).where(
        devices.c.station_code == caller.station_code, devices.c.id != caller.id, devices.c.revoked_at.is_(None)
    )
    rows = connection.execute(query.order_by(devices.c.id)).all()
    found = {row.id: Caller(row.id, row.role, row.station_code, row.county_code, row.next_seq) for row in rows}
    return {device: other.next_seq for device, other in found.items() if entitled(other)}
