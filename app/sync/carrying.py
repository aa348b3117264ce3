"""A counter's side of the file on a stick: what it takes along, and what it brings back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import select

from app.db import state
from app.db.database import Database
from app.db.transaction import Transaction
from app.models.operation import PENDING, Cursor, Operation
from app.services.neighbours import FILE
from app.sync import neighbours
from app.sync.answers import store_results
from app.sync.apply import apply_entries
from app.sync.epoch import adopt_epoch, forget_ghosts, refetched, refetching
from app.sync.fuse import Fuse
from app.sync.lan_talk import own_membership
from app.sync.membership import Membership
from app.sync.neighbours import Taken, note_status, station_keys, take_ops
from app.sync.packet import (
    ANSWER,
    TO_DISTRICT,
    TO_STATION,
    Heading,
    Packet,
    PacketError,
    damaged,
    new_heading,
    write_packet,
)
from app.sync.proof import SealedOp, key_of_token, read_station_keys
from app.sync.protocol import MAX_OPS, Entry, MalformedError, Page, dumps, parse_page, parse_results
from app.sync.pulling import keep_cursor, read_cursors
from app.sync.relaying import BATCH_BYTES, batches, plan
from app.texts import _


@dataclass(frozen=True)
class Made:
    """A file that was written: how many operations are in it, of this device and of its neighbours."""

    own: int
    neighbours: int
    size: int


@dataclass(frozen=True)
class Brought:
    """What a file brought. ``fresh``: neighbours' operations that are new here; ``skipped``: (device, sentence)."""

    kind: str
    fresh: int = 0
    answers: int = 0
    entries: int = 0
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def nothing(self) -> bool:
        """Tell whether all of it was known already."""
        return not (self.fresh or self.answers or self.entries)


def make_packet(database: Database, path: Path, *, purpose: str = TO_DISTRICT) -> Made:
    """Write what this device carries to a file, for the district or for another counter of the station.

    Raises:
        LanError: this device has not joined.
        PacketError: it was not told the station's key yet.
        StorageError: the stick is full or cannot be written; a file that was there stands.
    """
    with database.read() as tx:
        member = own_membership(tx)
        runs = plan(tx, member.device)
        number, secret = _secret(tx, member, purpose, None)
        heading = new_heading(purpose, str(state.station_code(tx.session)), number, member.device)
        hello = _hello(tx, member)
    counts = {True: 0, False: 0}

    def lines() -> Iterator[str]:
        yield dumps(hello)
        for batch in batches(database, member, runs):
            for each in batch:
                yield dumps({"op": {"body": each.body, "proof": each.proof}})
        for run in runs:
            counts[run.device == member.device] += run.last - run.first + 1

    size = write_packet(path, heading, secret, lines())
    return Made(counts[True], counts[False], size)


def _hello(tx: Transaction, member: Membership) -> dict[str, Any]:
    cursors = {row.feed: row.seq for row in tx.session.exec(select(Cursor))}
    return {"hello": {"device": member.device, "epoch": member.epoch, "cursors": cursors}}


def _secret(tx: Transaction, member: Membership, kind: str, number: int | None) -> tuple[int, bytes]:
    """Return number and secret of a file: the station's key; between a device and the district that device's too."""
    keys = station_keys(tx)
    number = keys.newest if number is None else number
    key = keys.get(number)
    if key is None:
        text = _("这台电脑没有封这个文件的站点钥匙：先和区里同步一次")
        raise PacketError(text, code="packet.no_key")
    return number, key if kind == TO_STATION else key + key_of_token(member.token)


def take_packet(database: Database, path: Path, *, page: int = 500) -> Brought:
    """Take what a file brings: a neighbour's operations, or the district's answer to this device.

    Raises:
        PacketError: it is not whole, not for this computer, or older than what is known here; nothing was used.
        RemovalError: it would take away much; nothing was used.
    """
    with Packet(path) as packet:
        with database.read() as tx:
            member = own_membership(tx)
            secret = _admit(tx, member, packet.heading)
        if packet.heading.kind == TO_STATION:
            return _take_station(database, packet, secret)
        return _Answer(database, packet, secret, member).take()


def _admit(tx: Transaction, member: Membership, heading: Heading) -> bytes:
    if heading.station != state.station_code(tx.session):
        raise PacketError(_("这个文件是别的站点的，没有收"), code="packet.other_station")
    if heading.kind == TO_DISTRICT:
        raise PacketError(_("这个文件是送给区里的，要在区里收；区里会给一个回执文件"), code="packet.wrong_kind")
    if heading.kind not in (ANSWER, TO_STATION):
        raise PacketError(_("这个文件是更新的程序做的：请先升级这边的程序，再收一次"), code="packet.newer")
    if heading.kind == ANSWER and heading.device != member.device:
        raise PacketError(_("这个回执是给同站另一台电脑的，请在那一台上收"), code="packet.other_device")
    return _secret(tx, member, heading.kind, heading.key_number)[1]


def _take_station(database: Database, packet: Packet, secret: bytes) -> Brought:
    packet.check(secret)
    taken = Taken()
    for batch in sealed_batches(packet.lines(secret)):
        with database.write(None) as tx:
            taken += take_ops(tx, [each for _device, each in batch], route=FILE, sender=packet.heading.device)
    return Brought(TO_STATION, fresh=taken.fresh)


def sealed_batches(lines: Iterator[Any]) -> Iterator[list[tuple[str, SealedOp]]]:
    """Yield a file's operations in order, as many at a time as go into one transaction.

    Raises:
        PacketError: a line is not what it should be.
    """
    batch: list[tuple[str, SealedOp]] = []
    size = 0
    for line in lines:
        item = line.get("op") if isinstance(line, dict) else None
        if not isinstance(item, dict):
            continue
        try:
            sealed = SealedOp(str(item["body"]), str(item["proof"]))
        except KeyError:
            raise damaged() from None
        if batch and (len(batch) >= MAX_OPS or size + len(sealed.body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((str(item.get("device", "")), sealed))
        size += len(sealed.body)
    if batch:
        yield batch


class _Answer:
    """The district's answer in a file, taken as if it had come by push and pull: looked through, then applied."""

    def __init__(self, database: Database, packet: Packet, secret: bytes, member: Membership) -> None:
        self._database, self._packet, self._secret, self._member = database, packet, secret, member
        self._fuse = Fuse(database)
        self._hello: dict[str, Any] = {}
        self._settled = set[str]()
        self._done = Brought(ANSWER)

    def take(self) -> Brought:
        """Look through the whole file, then apply it, each page with its cursors in one transaction."""
        self._packet.check(self._secret, self._look)
        with self._database.read() as tx:
            self._check(tx)
        with self._database.write(None) as tx:
            if self._hello["epoch"] != self._member.epoch:
                adopt_epoch(tx, self._member.device, self._hello)
                note_status(tx, self._hello)
            elif int(self._hello["expect"]) >= int(state.get_state(tx.session, neighbours.EXPECT) or 0):
                note_status(tx, _forward(tx, self._hello))
        for line in self._packet.lines(self._secret):
            if "results" in line:
                self._take_results(line)
            elif "page" in line:
                self._take_page(parse_page(line["page"]))
        with self._database.write(None) as tx:
            if refetching(tx):
                refetched(tx, self._member.device)
            forget_ghosts(tx)
            told = self._settled if "continues" in self._hello else None  # a server of before tells of none
            neighbours.settle_answered(tx, told, all_named=False)
        return self._done

    def _look(self, line: Any) -> None:
        """Look at a line before anything is applied; much that would be removed stops it here."""
        try:
            if "hello" in line:
                self._hello = {name: line["hello"][name] for name in ("epoch", "asked", "expect", "peers", "from")}
                self._hello["station_keys"] = line["hello"].get("station_keys")
                if "continues" in line["hello"]:
                    self._hello["continues"] = line["hello"]["continues"]
            elif "settled" in line:
                self._settled.update(map(str, line["settled"]))
            elif "results" in line:
                parse_results(line)
            elif "page" in line:
                self._fuse.check(parse_page(line["page"]).entries)
            elif "skipped" in line:
                one = (str(line["skipped"]["device"]), str(line["skipped"]["text"]))
                self._done = replace(self._done, skipped=(*self._done.skipped, one))
        except (KeyError, TypeError, MalformedError):
            raise damaged() from None

    def _check(self, tx: Transaction) -> None:
        """Refuse an answer to a question of an earlier life of the district, or one with a gap before it."""
        epoch = str(state.get_state(tx.session, "district_epoch"))
        if epoch not in (self._hello.get("epoch"), self._hello.get("asked")):
            text = _("这个回执是旧的，后来已经和区里核对过更新的：什么都没有用上")
            raise PacketError(text, code="packet.old")
        again = self._hello["epoch"] != epoch
        for feed, seq in self._hello["from"].items():
            if int(seq) > (0 if again else read_cursors(tx, (feed,))[feed]):
                text = _("这个回执和本机之间缺了一段：请重新做一份给区里的文件，换一个新回执")
                raise PacketError(text, code="packet.gap")

    def _take_results(self, line: Mapping[str, Any]) -> None:
        results = parse_results(line)
        with self._database.write(None) as tx:
            waiting = _pending(tx, [result.op for result in results])
            store_results(tx, [result for result in results if result.op in waiting])
        self._done = replace(self._done, answers=self._done.answers + len(waiting))

    def _take_page(self, page: Page) -> None:
        with self._database.write(None) as tx:
            at = read_cursors(tx, tuple(page.cursors))
            entries = [entry for entry in page.entries if entry.seq > at.get(entry.feed, 0)]
            _check_gap(entries, at)
            apply_entries(tx, entries)
            for feed, seq in page.cursors.items():
                if seq >= at[feed]:
                    keep_cursor(tx, feed, seq, page.heads.get(feed, seq))
        self._done = replace(self._done, entries=self._done.entries + len(entries))


def _forward(tx: Transaction, hello: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the district says of the neighbours, never less than is known: an older file tells of earlier."""
    known = neighbours.peers(tx)
    told = {str(device): int(seq) for device, seq in hello["peers"].items()}
    facts = {
        "peers": {**known, **{device: max(seq, known.get(device, 0)) for device, seq in told.items()}},
        "expect": hello["expect"],
    }
    if read_station_keys(hello["station_keys"]).newest >= station_keys(tx).newest:
        facts["station_keys"] = hello["station_keys"]
    return facts


def _pending(tx: Transaction, ops: list[str]) -> set[str]:
    found = {op: tx.session.get(Operation, op) for op in ops}
    return {op for op, row in found.items() if row is not None and row.state == PENDING}


def _check_gap(entries: list[Entry], cursors: Mapping[str, int]) -> None:
    at = dict(cursors)
    for entry in entries:
        if entry.seq != at.get(entry.feed, 0) + 1:
            raise damaged()
        at[entry.feed] = entry.seq
