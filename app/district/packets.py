"""The district's side of the file on a stick: apply what a counter brings, and write the answer for it to take home."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import Caller, readable_feeds
from app.district.lives import life_for
from app.district.problems import ProblemError
from app.district.pull import page_for
from app.district.relay import peers_of, relay_for
from app.district.rulings import catch_up
from app.district.seals import seals_of
from app.district.station_keys import keys_for, station_keys
from app.district.store import EPOCH, DistrictStore, get_fact
from app.models.district import Device
from app.sync.carrying import sealed_batches
from app.sync.packet import ANSWER, TO_DISTRICT, Heading, Packet, PacketError, damaged, new_heading, write_packet
from app.sync.proof import SealedOp
from app.sync.protocol import MAX_SEQ, PULL_LIMIT, MalformedError, dumps, loads
from app.texts import _

log = logging.getLogger(__name__)


@dataclass
class Received:
    """What a counter's file did: how many operations were looked at, and of which devices some were not taken."""

    device: str
    operations: int = 0
    skipped: dict[str, tuple[str, str]] = field(default_factory=dict)


def take_packet(store: DistrictStore, path: Path, answer: Path, *, limit: int = PULL_LIMIT) -> Received:
    """Apply a counter's file and write the answer; the same file again has no further effect.

    Raises:
        PacketError: it is not whole, or not from a counter that the district knows; nothing was applied.
        StorageError: a file cannot be read or written.
    """
    with Packet(path) as packet:
        with store.read() as connection:
            caller, secrets = _maker(connection, packet.heading)
        secret = packet.opened_by(secrets)
        hello = _hello(packet, secret)
        done = Received(caller.id)
        for device, batch in _runs(packet, secret):
            done.operations += len(batch)
            _relay(store, caller, device, batch, done)
        catch_up(store)
        lines = _answer(store, packet, secret, caller, hello, done, limit)
        heading = new_heading(ANSWER, caller.station_code, packet.heading.key_number, caller.id)
        write_packet(answer, heading, secrets[0], lines)
    return done


def _maker(connection: sa.Connection, heading: Heading) -> tuple[Caller, tuple[bytes, ...]]:
    """Return the device that made the file, and the secrets that it may be sealed with.

    The first is that of the token which the device has now, and the answer's; the others are of those it had before.
    """
    if heading.kind != TO_DISTRICT:
        raise PacketError(_("这个文件不是站点送给区里的，没有收"), code="packet.wrong_kind")
    devices = table_of(Device)
    row = connection.execute(sa.select(devices).where(devices.c.id == str(heading.device))).first()
    if row is None or row.station_code != heading.station:
        raise PacketError(_("区里不认识做这个文件的电脑，没有收"), code="packet.unknown_device")
    if row.revoked_at is not None:
        raise PacketError(_("做这个文件的电脑已被区里停用，没有收；东西还在那台电脑上"), code="packet.revoked")
    key = station_keys(connection, row.station_code).get(heading.key_number)
    if key is None:
        raise PacketError(_("区里没有封这个文件的站点钥匙：请在那台电脑上重新做一份"), code="packet.no_key")
    seals = seals_of(connection, row.id, row.token_hash)
    caller = Caller(row.id, row.role, row.station_code, row.county_code, row.next_seq)
    return caller, tuple(key + own for own in seals.good)


def _hello(packet: Packet, secret: bytes) -> dict[str, Any]:
    """Read the whole file once and return what it begins with; nothing is applied of a file that is not whole."""
    found: list[dict[str, Any]] = []

    def look(line: Any) -> None:
        if isinstance(line, dict) and isinstance(line.get("hello"), dict):
            found.append(line["hello"])

    packet.check(secret, look)
    cursors = found[0].get("cursors") if found else None
    if not isinstance(cursors, dict) or not all(isinstance(seq, int) for seq in cursors.values()):
        raise damaged()
    return found[0]


def _runs(packet: Packet, secret: bytes) -> Iterator[tuple[str, list[SealedOp]]]:
    """Yield the file's operations in order, those of one device that stand together at a time."""
    for batch in sealed_batches(packet.lines(secret)):
        run: list[SealedOp] = []
        at = ""
        for _said, sealed in batch:
            device = _device_of(sealed)
            if run and device != at:
                yield at, run
                run = []
            at = device
            run.append(sealed)
        if run:
            yield at, run


def _device_of(sealed: SealedOp) -> str:
    try:
        return str(loads(sealed.body.encode()).get("device"))
    except (MalformedError, AttributeError, UnicodeEncodeError):
        return ""


def _relay(
    store: DistrictStore, caller: Caller, device: str, batch: list[SealedOp], done: Received | None
) -> list[str]:
    """Apply a batch; return its results. What is not taken stays with its device, and the rest goes on."""
    try:
        with store.write() as connection:
            received = relay_for(connection, caller, device, batch)
        if received.gap and done is not None:
            text = _("缺了第 {seq} 笔，请从它送起", seq=received.expect)
            done.skipped.setdefault(device, ("seq_gap", text))
        return received.results
    except ProblemError as problem:
        if done is not None:
            done.skipped.setdefault(device, (problem.code, problem.detail))
    except MalformedError as problem:
        if done is not None:
            done.skipped.setdefault(device, ("malformed", problem.text))
    return []


def _answer(
    store: DistrictStore,
    packet: Packet,
    secret: bytes,
    caller: Caller,
    hello: dict[str, Any],
    done: Received,
    limit: int,
) -> Iterator[str]:
    """Yield the lines of the answer: how things stand, what became of what was brought, the feeds since."""
    with store.read() as connection:
        feeds = readable_feeds(connection, caller)
        same = hello.get("epoch") == get_fact(connection, EPOCH)
        asked = hello["cursors"] if same else {}
        cursors = {feed: min(max(asked.get(feed, 0), 0), MAX_SEQ) for feed in feeds}
        facts = {
            **life_for(connection, caller.id),
            "asked": hello.get("epoch"),
            "peers": peers_of(connection, caller),
            "station_keys": keys_for(connection, caller),
            "from": cursors,
        }
    yield dumps({"hello": facts})
    for device, (code, text) in sorted(done.skipped.items()):
        yield dumps({"skipped": {"device": device, "code": code, "text": text}})
    for device, batch in _runs(packet, secret):
        results = _relay(store, caller, device, batch, None)
        if results and device == caller.id:
            yield f'{{"results":[{",".join(results)}]}}'
        elif results:
            yield dumps({"settled": [loads(result.encode())["op"] for result in results]})
    while True:
        with store.read() as connection:
            page = page_for(connection, caller, cursors, limit)
        yield f'{{"page":{page}}}'
        facts = loads(page.encode())
        cursors = facts["cursors"]
        if not facts["more"]:
            return
