"""Ledgers and figures of the whole district, fetched while somebody waits: with progress, a way to stop, and patience.

The district computes and masks; here its rows become those of a ledger again, so that the same tables and the same
writers take them. What was cut off goes on where it was, or begins anew where something changed meanwhile.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select

from app.db.database import Database
from app.errors import BugError, Cancelled, ExternalError, OfflineError, ProtocolError
from app.ledgers.base import Ask, Column, Kind, Ledger
from app.ledgers.comparison import CLOSED_WORDS, Amount, Comparison, Measure, Standing
from app.ledgers.read import Line, Names, Pen
from app.sync.ledger_line import LedgerLine, in_plain_words, is_passing
from app.sync.line import BusyError, cut_off
from app.sync.membership import membership
from app.sync.protocol import read_instant
from app.texts import _

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0

PREPARING, ROWS, FIGURES = "preparing", "rows", "figures"


class Progress(NamedTuple):
    """How far it is. ``step``: the district takes in what is new, or sends rows, or counts figures."""

    step: str
    done: int
    total: int


Told = Callable[[Progress], object]


class Hand:
    """What stops a fetch from another thread, also while it waits for the line."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._line: LedgerLine | None = None

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        if (line := self._line) is not None:
            line.cut()

    def check(self) -> None:
        """Go on, unless it was stopped.

        Raises:
            Cancelled: it was.
        """
        if self._stopped.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Wait, unless it is stopped."""
        self._stopped.wait(seconds)
        self.check()

    def hold(self, line: LedgerLine | None) -> None:
        """Know which line is to be cut."""
        self._line = line


@dataclass(frozen=True)
class Offered:
    """What the district has for this device. ``stations``: code and name."""

    ledgers: tuple[Ledger, ...]
    stations: tuple[tuple[str, str], ...]
    may_whole: bool


@dataclass(frozen=True)
class Fetched:
    """A ledger as the district made it; each line's values are what its cells hold."""

    ledger: Ledger
    ask: Ask
    rows: tuple[Line, ...]
    stations: Mapping[str, str]
    whole: bool
    made_at: datetime

    @property
    def pen(self) -> Pen:
        """Return what writes the cells: as they came."""
        return Pen(Names({}, {}, {}), Ledger("", "", "", "", "", (), _no_query), self.ask)


def _no_query(_ask: Ask) -> Select[Any]:
    raise BugError("a ledger of the district is asked for there")


def offered(database: Database, *, ca: str | None = None) -> Offered:
    """Ask which ledgers and stations the district has for this device.

    Raises:
        ExternalError: it cannot be reached, is older than ledgers, or does not give this device any.
    """
    line = _line(database, ca)
    try:
        with in_plain_words():
            answer = line.ledgers()
    finally:
        line.close()
    try:
        ledgers = tuple(_ledger(facts) for facts in answer["ledgers"])
        stations = tuple((str(each["code"]), str(each["name"])) for each in answer["stations"])
    except (KeyError, TypeError, ValueError):
        raise _unreadable() from None
    return Offered(ledgers, stations, bool(answer.get("may_whole")))


def fetch_ledger(
    database: Database,
    kind: str,
    ask: Ask,
    *,
    why: str = "",
    actor: str | None = None,
    ca: str | None = None,
    hand: Hand | None = None,
    told: Told | None = None,
) -> Fetched:
    """Fetch a ledger of the district. ``why``: the reason for whole values; ``actor``: who wants it.

    Raises:
        Cancelled: it was stopped.
        ExternalError: it cannot be reached, is older than ledgers, or does not give this one.
    """
    question = {**_question(ask, actor), "ledger": kind, "why": why}
    taking = _Rows(ask, told)
    _with_patience(_line(database, ca), "/v1/ledger", question, taking, hand or Hand())
    if taking.head is None or taking.ledger is None:
        raise _unreadable()
    head = taking.head
    made_at = read_instant(head.get("made_at"))
    stations = {str(code): str(name) for code, name in dict(head.get("stations") or {}).items()}
    return Fetched(taking.ledger, ask, tuple(taking.rows), stations, bool(head.get("whole")), made_at)


def fetch_figures(
    database: Database,
    ask: Ask,
    *,
    blocks: str = "",
    actor: str | None = None,
    ca: str | None = None,
    hand: Hand | None = None,
    told: Told | None = None,
) -> Comparison:
    """Fetch every indicator of each station.

    Raises:
        Cancelled: it was stopped.
        ExternalError: it cannot be reached, is older than ledgers, or does not give them.
    """
    taking = _Figures(told)
    question = {**_question(ask, actor), "blocks": blocks}
    _with_patience(_line(database, ca), "/v1/figures", question, taking, hand or Hand())
    found = taking.found
    try:
        measures = tuple(
            Measure(**{name: each[name] for name in _MEASURE if name in each}) for each in found["measures"]
        )
        stations = tuple(map(_standing, found["stations"]))
        return Comparison(ask, measures, stations, _standing(found["together"]))
    except (KeyError, TypeError, ValueError):
        raise _unreadable() from None


_MEASURE = tuple(each.name for each in fields(Measure))


def _standing(facts: Sequence[Any]) -> Standing:
    code, name, amounts, closed = facts[:4]
    known = closed if closed in CLOSED_WORDS else ""
    return Standing(str(code), str(name), tuple(Amount(over, under) for over, under in amounts), known)


class _Taking:
    """Takes the lines of an answer in; ``question`` is what is asked again after a cut."""

    def __init__(self, told: Told | None) -> None:
        self._told = told
        self.ended = False

    def more(self) -> Mapping[str, Any]:
        """Return what the question has besides, the next time."""
        return {}

    def take(self, line: Mapping[str, Any]) -> None:
        """Take a line in."""
        if "preparing" in line:
            self._tell(PREPARING, line["preparing"], line.get("of", 0))
        elif "end" in line:
            self.ended = True

    def _tell(self, step: str, done: int, total: int) -> None:
        if self._told is not None:
            self._told(Progress(step, done, total))


class _Rows(_Taking):
    """A ledger's rows as they come."""

    def __init__(self, ask: Ask, told: Told | None) -> None:
        super().__init__(told)
        self._ask = ask
        self.head: Mapping[str, Any] | None = None
        self.ledger: Ledger | None = None
        self.rows: list[Line] = []
        self._read: Sequence[tuple[int, Callable[[str], Any]]] = ()

    def more(self) -> Mapping[str, Any]:
        return {"after": len(self.rows), "stamp": self.head["stamp"]} if self.head is not None else {}

    def take(self, line: Mapping[str, Any]) -> None:
        super().take(line)
        if "total" in line:
            del self.rows[int(line["after"]) :]
            self.head, self.ledger = line, _ledger(line["ledger"])
            self._read = [(at, _READ[each.kind]) for at, each in enumerate(self.ledger.columns) if each.kind in _READ]
            self._tell(ROWS, len(self.rows), line["total"])
        elif self.head is not None and "end" not in line and "rows" in line:
            for row in line["rows"]:
                values = row[3:]
                for at, read in self._read:
                    if values[at] is not None:
                        values[at] = read(values[at])
                self.rows.append(Line(row[0], row[1], row[2], tuple(values)))
            self._tell(ROWS, len(self.rows), self.head["total"])


_READ: Mapping[Kind, Callable[[str], Any]] = {Kind.DATE: date.fromisoformat, Kind.MOMENT: datetime.fromisoformat}


class _Figures(_Taking):
    """The figures, when they are all counted."""

    def __init__(self, told: Told | None) -> None:
        super().__init__(told)
        self.found: Mapping[str, Any] = {}

    def take(self, line: Mapping[str, Any]) -> None:
        super().take(line)
        if "measures" in line:
            self.found = line
        elif "done" in line:
            self._tell(FIGURES, line["done"], line.get("of", 0))


def _with_patience(line: LedgerLine, path: str, question: Mapping[str, Any], taking: _Taking, hand: Hand) -> None:
    """Ask until the answer is whole: a cut goes on after a while, a district that is busy is asked again."""
    hand.hold(line)
    try:
        with in_plain_words():
            for tries in range(TRIES):
                try:
                    _ask(line, path, {**question, **taking.more()}, taking, hand)
                except ExternalError as problem:
                    hand.check()
                    begun = taking.more() or isinstance(problem, BusyError)
                    if tries == TRIES - 1 or not begun or not is_passing(problem):
                        raise
                    hand.wait(_pause(tries, problem))
                if taking.ended:
                    return
    finally:
        hand.hold(None)
        line.close()


def _ask(line: LedgerLine, path: str, question: Mapping[str, Any], taking: _Taking, hand: Hand) -> None:
    hand.check()
    try:
        for each in line.lines(path, question):
            hand.check()
            taking.take(each)
    except (KeyError, TypeError, ValueError, IndexError):
        raise _unreadable() from None
    if not taking.ended:
        raise cut_off()


def _pause(tries: int, problem: ExternalError) -> float:
    asked = problem.retry_after if isinstance(problem, BusyError) else None
    return max(min(asked or 0.0, LONGEST_WAIT), FIRST_WAIT * 2.0**tries * random.uniform(0.5, 1.0))


def _line(database: Database, ca: str | None) -> LedgerLine:
    with database.read() as tx:
        member = membership(tx)
    if member is None:
        raise OfflineError(_("这台电脑还没有加入区里"), code="sync.not_joined")
    return LedgerLine(member.url, member.token, ca=ca, pin=member.pin)


def _question(ask: Ask, actor: str | None) -> dict[str, Any]:
    named = {"community": ask.community, "grid": ask.grid, "officer": ask.officer, "group": ask.group}
    days = {"first": ask.period.first.isoformat(), "until": ask.period.until.isoformat()}
    return {**days, **named, "stations": list(ask.stations), "actor": actor}


def _ledger(facts: Mapping[str, Any]) -> Ledger:
    """Return a ledger as the district describes it; a kind of a newer server is text."""
    known = {kind.value: kind for kind in Kind}
    columns = tuple(
        Column(str(each["key"]), str(each["title"]), known.get(each["kind"], Kind.TEXT), int(each["width"]))
        for each in facts["columns"]
    )
    code, name, title, counted_by, definition = (
        str(facts[each]) for each in ("code", "name", "title", "counted_by", "definition")
    )
    record_type, about_people = str(facts.get("record_type", "")), bool(facts.get("about_people", True))
    return Ledger(code, name, title, counted_by, definition, columns, _no_query, record_type, about_people)


def _unreadable() -> ProtocolError:
    return ProtocolError(_("区里的回答看不懂，请稍后再试"))
