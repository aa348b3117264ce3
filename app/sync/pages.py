"""Pages as they come over the line, read from their bytes at once; an unusual one is left to the patient reader."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from app.sync.protocol import Entry, MalformedError, Page, SnapshotPage, parse_page, parse_snapshot, read_instant


class _Pull(msgspec.Struct):
    entries: tuple[Entry, ...]
    cursors: dict[str, int]
    heads: dict[str, int]
    more: bool


class _End(msgspec.Struct):
    end: bool
    feed: str
    epoch: str
    after: int
    head: int
    total: int
    more: bool


_PULL = msgspec.json.Decoder(_Pull)
_LINES = msgspec.json.Decoder(Entry)
_END = msgspec.json.Decoder(_End)


def read_page(content: bytes) -> Page | None:
    """Return a plain answer to a pull; None for one that ``parse_page`` must look at."""
    try:
        page = _PULL.decode(content)
        return Page(_in_utc(page.entries), page.cursors, page.heads, page.more)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def read_snapshot(content: bytes) -> SnapshotPage:
    """Read a page of a snapshot.

    Raises:
        MalformedError: it is not of the protocol, or not whole.
    """
    lines, _newline, last = content.rstrip(b"\n").rpartition(b"\n")
    try:
        end = _END.decode(last)
        if not end.end:
            raise MalformedError("snapshot", "cut off")
        entries = _in_utc(_LINES.decode_lines(lines))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return parse_snapshot(content)
    return SnapshotPage(end.feed, end.epoch, entries, end.after, end.head, end.total, end.more)


def read_events(lines: Iterable[bytes]) -> Iterator[tuple[Mapping[str, int], tuple[str, Page] | None]]:
    """Read a stream of events: heads, each with the page that came before it."""
    kind, page = b"", None
    for line in lines:
        if not line:
            kind = b""
        elif line.startswith(b"event:"):
            kind = line[6:].strip()
        elif line.startswith(b"data:") and kind == b"page":
            body = json.loads(line[5:])
            page = str(body["epoch"]), parse_page(body)
        elif line.startswith(b"data:") and not kind:
            yield {str(feed): int(head) for feed, head in json.loads(line[5:]).items()}, page
            page = None


def _in_utc(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(each if each.made_at.tzinfo is UTC else _moved(each) for each in entries)


def _moved(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, made_at=_instant(entry.made_at))


def _instant(moment: datetime) -> datetime:
    return read_instant(moment.isoformat())
