"""A ledger frozen: its head, its rows and its corrections as lines of canonical JSON, packed into attachments.

Each row holds the values as they were read and, beside them, what was written for them, so that nothing that is renamed
or recoded later changes it. The SHA-256 of the lines is what a closed month's papers print; packing is no part of it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import NotFoundError, StorageError
from app.ledgers.base import Ask, Column, Kind, Ledger
from app.ledgers.read import Cell, Line, Pen
from app.models.resident import Resident
from app.services.attachments import read_blob
from app.texts import _

FORMAT = 1
PART = 8 * 1024 * 1024
"""From this many packed bytes on the lines go on in another attachment."""
LEVEL = 6
_TOGETHER = 400
HEAD, ROW, CORRECTION = "h", "r", "c"

_decode = msgspec.json.decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


@dataclass(frozen=True)
class Facts:
    """What the filters ask of a row: where the person lives, her grid and groups, who did it; as it was then.

    ``community`` is None in a ledger that is not narrowed by people.
    """

    community: str | None = ""
    grid: str = ""
    groups: tuple[str, ...] = ()
    officer: str = ""


@dataclass(frozen=True)
class Kept:
    """One row as frozen: ``values`` as read, ``cells`` as written, both in the order of the ledger's columns, whole."""

    row_id: str
    resident_id: str | None
    station: str | None
    facts: Facts
    values: tuple[Any, ...]
    cells: tuple[Cell, ...]


# Values as JSON ------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return a value or a cell as JSON has it; ``Cell``s come back from it as they were."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"n": str(value)} if isinstance(value, Decimal) else {"j": value}


def again(held: Any) -> Any:
    """Return the value that ``plain`` made this of."""
    if not isinstance(held, dict):
        return held
    [(kind, value)] = held.items()
    match kind:
        case "t":
            return datetime.fromisoformat(value)
        case "d":
            return date.fromisoformat(value)
        case "n":
            return Decimal(value)
    return value


def row_line(row: Kept) -> list[Any]:
    """Return a row as it is frozen; a cell that is the value itself is not said twice."""
    values = [plain(value) for value in row.values]
    cells = [plain(cell) for cell in row.cells]
    written = {
        str(at): cell
        for at, (value, cell) in enumerate(zip(values, cells, strict=True))
        if value != cell or type(value) is not type(cell)
    }
    facts = row.facts
    return [
        row.row_id,
        row.resident_id,
        row.station,
        [facts.community, facts.grid, list(facts.groups), facts.officer],
        values,
        written,
    ]


def row_of(line: Sequence[Any]) -> Kept:
    """Return the row that ``row_line`` made this of."""
    row_id, resident_id, station, (community, grid, groups, officer), values, written = line
    held = tuple(again(value) for value in values)
    cells = list(held)
    for at, cell in written.items():
        cells[int(at)] = again(cell)
    return Kept(row_id, resident_id, station, Facts(community, grid, tuple(groups), officer), held, tuple(cells))


# Freezing ------------------------------------------------------------------------------------------------------------


def kept_rows(tx: Transaction, ledger: Ledger, lines: Iterable[Line], pen: Pen) -> Iterator[Kept]:
    """Yield rows that were read as they are frozen, a few hundred at a time. ``pen`` writes them whole."""
    waiting = iter(lines)
    keys = [column.key for column in ledger.columns]
    officer = keys.index(ledger.officer) if ledger.officer in keys else None
    nobody: _Where = ("" if ledger.about_people else None, "", ())
    while some := list(islice(waiting, _TOGETHER)):
        people = _people(tx, {line.resident_id for line in some}) if ledger.about_people else {}
        for line in some:
            facts = people.get(line.resident_id, nobody)
            by = line.values[officer] if officer is not None else None
            yield Kept(
                line.row_id,
                line.resident_id,
                line.station,
                Facts(*facts, by if isinstance(by, str) else ""),
                tuple(line.values),
                tuple(pen.cells(line)),
            )


_Where = tuple[str | None, str, tuple[str, ...]]


def _people(tx: Transaction, ids: set[str | None]) -> dict[str | None, _Where]:
    wanted = [each for each in ids if each]
    query = select(
        col(Resident.id), col(Resident.live_region), col(Resident.grid_code), col(Resident.priority_groups)
    ).where(col(Resident.id).in_(wanted))
    found = tx.rows(query) if wanted else ()
    return {row[0]: (row[1] or "", row[2] or "", tuple(sorted(_codes(row[3])))) for row in found}


def _codes(groups: Any) -> Iterator[str]:
    for each in groups or ():
        yield str(each.get("code", "") if isinstance(each, Mapping) else each)


def written(value: Any) -> bytes:
    """Return canonical JSON of what ``plain`` made."""
    return _encode(value).encode()


class Packer:
    """Packs the lines of one ledger. ``keep`` takes a part and returns its hash; no more than one part is in memory."""

    def __init__(self, keep: Callable[[bytes], str]) -> None:
        self._keep = keep
        self._digest = hashlib.sha256()
        self._parts: list[dict[str, Any]] = []
        self._begin()

    def _begin(self) -> None:
        self._stream, self._held, self._size = zlib.compressobj(LEVEL), [], 0

    def add(self, line: Any) -> None:
        """Pack one line."""
        content = written(line) + b"\n"
        self._digest.update(content)
        if packed := self._stream.compress(content):
            self._held.append(packed)
            self._size += len(packed)
        if self._size >= PART:
            self._end_part()
            self._begin()

    def end(self) -> tuple[str, list[dict[str, Any]]]:
        """Return the hash of the lines, and which attachments hold them."""
        self._end_part()
        return self._digest.hexdigest(), self._parts

    def _end_part(self) -> None:
        part = b"".join([*self._held, self._stream.flush()])
        self._parts.append({"sha256": self._keep(part), "size": len(part)})

    _stream: Any
    _held: list[bytes]
    _size: int


def head_line(ledger: Ledger, *, station: str, month: str) -> list[Any]:
    """Return the first line: which ledger of which month, and its columns as they were."""
    return [
        HEAD,
        FORMAT,
        {
            "station": station,
            "month": month,
            "code": ledger.code,
            "name": ledger.name,
            "title": ledger.title,
            "counted_by": ledger.counted_by,
            "definition": ledger.definition,
            "record_type": ledger.record_type,
            "about_people": ledger.about_people,
            "officer": ledger.officer,
            "columns": [[each.key, each.title, each.kind.value, each.width, each.moves, each.since]
                        for each in ledger.columns],
        },
    ]  # fmt: skip


# Reading again -------------------------------------------------------------------------------------------------------


def frozen_lines(tx: Transaction, entry: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the lines of a frozen ledger; no more of them are in memory than one piece holds.

    What differs from the hash shows when the last was read: whoever puts lines to use waits for the end.

    Raises:
        NotFoundError: an attachment is not here, or not whole yet.
        StorageError: what is here is not what was frozen.
    """
    digest, left = hashlib.sha256(), b""
    for blob in entry["blobs"]:
        stream = zlib.decompressobj()
        try:
            for piece in read_blob(tx, blob["sha256"]):
                content = stream.decompress(piece)
                digest.update(content)
                *lines, left = (left + content).split(b"\n")
                yield from lines
        except zlib.error as problem:
            raise tampered(entry) from problem
        except NotFoundError as problem:
            raise not_here(entry) from problem
        if not stream.eof:
            raise tampered(entry)
    if left or digest.hexdigest() != entry["sha256"]:
        raise tampered(entry)


def check_frozen(tx: Transaction, entry: Mapping[str, Any]) -> None:
    """Compare what is here with the hash that was frozen.

    Raises:
        NotFoundError: an attachment is not here, or not whole yet.
        StorageError: it differs.
    """
    for _line in frozen_lines(tx, entry):
        pass


def frozen_ledger(tx: Transaction, entry: Mapping[str, Any], ledger: Ledger) -> Ledger:
    """Return the ledger as it was: its title, words and columns; the queries are those of ``ledger``."""
    first = next(frozen_lines(tx, entry), b"")
    head = json.loads(first) if first else None
    if not isinstance(head, list) or head[:1] != [HEAD]:
        raise tampered(entry)
    if head[1] != FORMAT:
        raise StorageError(_("这份封存的台账是更新的程序写的，请先升级本机程序"), code="ledger.newer")
    told = head[2]
    columns = tuple(
        Column(key, title, Kind(kind), width, moves=moves, since=since)
        for key, title, kind, width, moves, since in told["columns"]
    )
    same = ("code", "name", "title", "counted_by", "definition", "record_type", "about_people", "officer")
    return Ledger(**{name: told[name] for name in same}, columns=columns, query=ledger.query)


def frozen_rows(tx: Transaction, entry: Mapping[str, Any], ask: Ask | None = None) -> Iterator[Kept]:
    """Yield the frozen rows that an ask lets through, all of them without one."""
    for line in frozen_lines(tx, entry):
        if line.startswith(b'["r"'):
            row = row_of(_decode(line)[1])
            if ask is None or lets_through(ask, row):
                yield row


def frozen_values(tx: Transaction, entry: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield of each frozen row its record and its values, as they stand in its line: for comparing many."""
    for line in frozen_lines(tx, entry):
        if line.startswith(b'["r"'):
            row = _decode(line)[1]
            yield row[0], row[4]


def frozen_corrections(tx: Transaction, entry: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the corrections of earlier months that were frozen with a ledger, as they stand in their lines."""
    for line in frozen_lines(tx, entry):
        if line.startswith(b'["c"'):
            yield _decode(line)[1]


def lets_through(ask: Ask, row: Kept) -> bool:
    """Tell whether a row is one of those that the filters ask for, as the facts were when it was frozen."""
    facts = row.facts
    if (ask.stations and row.station not in ask.stations) or (ask.officer and facts.officer != ask.officer):
        return False
    return facts.community is None or (
        facts.community.startswith(ask.community)
        and (not ask.grid or facts.grid == ask.grid)
        and (not ask.group or ask.group in facts.groups)
    )


def tampered(entry: Mapping[str, Any]) -> StorageError:
    """Return the sentence for a frozen ledger that is not what was frozen."""
    text = _(
        "{code} 封存的内容和结账时的校验值不一样，不能当作已结账的台账打印。请用备份恢复，或请区里重传",
        code=entry.get("code", ""),
    )
    return StorageError(text, code="ledger.tampered")


def not_here(entry: Mapping[str, Any]) -> NotFoundError:
    """Return the sentence for a frozen ledger that has not come yet."""
    text = _("{code} 封存的内容还没有收齐：联网同步后再看，别的电脑结的账要等它传上来", code=entry.get("code", ""))
    return NotFoundError(text, code="ledger.not_here")
