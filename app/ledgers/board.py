"""What the dashboard and the hall's screen show: the figures of a month in four blocks, with what they change by.

A figure is computed by ``figures.figures`` and nowhere else; here it gets its band, the month before, twelve months of
it and the shares of block A. ``Memory`` keeps figures: what nothing has changed since is not counted again, and months
that are over are counted again ten minutes after a change at most: a busy counter counts one month, not twelve.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import Cancelled
from app.ledgers.base import Ask
from app.ledgers.figures import BLOCKS, Figure, figures
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import Period, month_of
from app.models.codes import code_list
from app.models.operation import Cursor, Operation
from app.models.resident import Resident
from app.models.station import Station

GOOD, NEAR, BELOW = "good", "near", "below"
NEAR_POINTS = 10
"""C1 is amber for ten points below its goal (domain sheet 7.3); the other goals are treated alike."""

MONTHS = 12
KEPT_SECONDS = 600.0
KEPT_FIGURES = 4000

WHOLE, PARTS = "A2", ("A3", "A4", "A5", "A6", "A7")
"""构成比: these parts make up the whole; each is counted at the same instant by the same rule of age."""
ON_FILE = "A1"
ALL = tuple(each.code for each in INDICATORS)


@dataclass(frozen=True)
class Cell:
    """One figure of the month, and that of the month before where it was asked for."""

    now: Figure
    before: Figure | None = None

    @property
    def code(self) -> str:
        """Return the indicator's code."""
        return self.now.indicator.code

    @property
    def change(self) -> float | None:
        """Return by how much it differs from the month before: points for a share, else the count."""
        if self.before is None or self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value

    @property
    def band(self) -> str | None:
        """Return good, near or below; None where there is no goal or nothing to divide by."""
        return band_of(self.now)


@dataclass(frozen=True)
class Share:
    """A part of a whole: people of working age by what they do, people on file by priority group."""

    code: str
    title: str
    count: int
    whole: int

    @property
    def percent(self) -> float | None:
        """Return it in percent; None of an empty whole."""
        return 100 * self.count / self.whole if self.whole else None


@dataclass(frozen=True)
class Point:
    """A figure of one month."""

    period: Period
    figure: Figure


@dataclass(frozen=True)
class Board:
    """The page: what was asked, as of when, each figure, the key groups, and the trends that were asked for."""

    ask: Ask
    as_of: datetime
    cells: Mapping[str, Cell]
    groups: tuple[Share, ...] = ()
    trends: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    def block(self, letter: str) -> tuple[Cell, ...]:
        """Return the figures of a block in their order."""
        return tuple(cell for code, cell in self.cells.items() if code.startswith(letter))

    @property
    def shares(self) -> tuple[Share, ...]:
        """Return 构成比: the parts of the working-age population."""
        whole = self.cells[WHOLE].now.numerator
        cells = [self.cells[code] for code in PARTS]
        return tuple(Share(each.code, each.now.indicator.title, each.now.numerator, whole) for each in cells)


def band_of(found: Figure) -> str | None:
    """Return the colour band of a figure by its goal."""
    goal, value = found.indicator.goal, found.value
    if goal is None or value is None:
        return None
    amber = found.indicator.amber if found.indicator.amber is not None else goal - NEAR_POINTS
    return GOOD if value >= goal else NEAR if value >= amber else BELOW


def months_until(period: Period) -> tuple[Period, ...]:
    """Return the twelve months that end with the period's last one."""
    found = [month_of(period.last)]
    while len(found) < MONTHS:
        found.append(found[-1].before())
    return tuple(reversed(found))


@dataclass(frozen=True)
class _Known:
    figure: Figure
    mark: tuple[Any, ...]
    at: float


class Memory:
    """Figures counted before. One for the dashboard and the hall together; used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Ask], _Known] = {}
        self._changes = 0

    def note_change(self) -> None:
        """Take note that records changed: what this process committed is known before the log is looked at."""
        with self._lock:
            self._changes += 1

    def mark(self, tx: Transaction) -> tuple[Any, ...]:
        """Return what stays the same as long as no record changed: the newest operation and answer, the feeds' places.

        Work of other processes (a sync by a scheduler) shows here too.
        """
        acts = tx.rows(select(func.count(col(Operation.op)), func.max(col(Operation.answered_at))))[0]
        feeds = tx.rows(select(func.coalesce(func.sum(col(Cursor.seq)), 0)))[0]
        return (self._changes, *acts, *feeds)

    def figures(
        self, tx: Transaction, codes: Sequence[str], ask: Ask, *, mark: tuple[Any, ...], past: bool = False
    ) -> dict[str, Figure]:
        """Return figures of one period, counted now unless they are known; ``past``: some minutes old will do."""
        now = clock.monotonic()
        with self._lock:
            known = {code: self._known.get((code, ask)) for code in codes}
        good = {
            code: each.figure
            for code, each in known.items()
            if each is not None and (each.mark == mark or (past and now - each.at < KEPT_SECONDS))
        }
        wanted = [indicator(code) for code in codes if code not in good]
        counted = {each.indicator.code: each for each in figures(tx.session.connection(), wanted, ask)}
        with self._lock:
            if len(self._known) >= KEPT_FIGURES:
                self._known.clear()
            self._known.update({(code, ask): _Known(each, mark, now) for code, each in counted.items()})
        return {code: good[code] if code in good else counted[code] for code in codes}


def load_board(
    tx: Transaction,
    ask: Ask,
    *,
    memory: Memory,
    codes: Collection[str] = ALL,
    compared: Collection[str] = ALL,
    trends: Collection[str] = (),
    stopped: Callable[[], bool] = lambda: False,
) -> Board:
    """Read the page in this one transaction: figures, those of the month before, the key groups, the trends named.

    ``codes``: which figures, A1 among them; ``compared``: of which the month before is wanted too.

    Raises:
        Cancelled: something else is wanted meanwhile.
    """
    mark, before = memory.mark(tx), replace(ask, period=month_of(ask.period.first).before())
    cells: dict[str, Cell] = {}
    for letter, _title in BLOCKS:  # rows that two figures of a block share are counted once
        wanted = [code for code in codes if code.startswith(letter)]
        _look(stopped)
        now = memory.figures(tx, wanted, ask, mark=mark)
        _look(stopped)
        last = memory.figures(tx, [code for code in wanted if code in compared], before, mark=mark, past=True)
        cells |= {code: Cell(now[code], last.get(code)) for code in wanted}
    _look(stopped)
    groups = key_groups(tx, ask, whole=cells[ON_FILE].now.numerator)
    lines = {code: load_trend(tx, code, ask, memory=memory, stopped=stopped) for code in trends}
    return Board(ask, clock.now(), cells, groups, lines)


def load_trend(
    tx: Transaction, code: str, ask: Ask, *, memory: Memory, stopped: Callable[[], bool] = lambda: False
) -> tuple[Point, ...]:
    """Return a figure of each of the twelve months that end with the one asked for.

    Raises:
        Cancelled: something else is wanted meanwhile.
    """
    mark, periods, found = memory.mark(tx), months_until(ask.period), []
    for place, period in enumerate(periods):
        _look(stopped)
        of_month, past = replace(ask, period=period), place < MONTHS - 1
        found.append(Point(period, memory.figures(tx, [code], of_month, mark=mark, past=past)[code]))
    return tuple(found)


def key_groups(tx: Transaction, ask: Ask, *, whole: int) -> tuple[Share, ...]:
    """Return 重点群体分布: people on file by priority group, the biggest first; who is in two counts in each.

    One query, whatever the number of groups. Behind a group stand the rows of A1 with ``Ask.group``.
    """
    people = indicator(ON_FILE).rows(ask).order_by(None).subquery()
    written = cast(col(Resident.priority_groups), Text)
    rows = tx.rows(
        select(written, func.count())
        .select_from(people)
        .join(Resident, col(Resident.id) == people.c.resident_id)
        .where(written != "[]")
        .group_by(written)
    )
    counted: Counter[str] = Counter()
    for text, count in rows:
        for code in _codes_in(text):
            counted[code] += count
    known = [item for item in code_list("KG").items if counted[item.code]]
    ranked = sorted(known, key=lambda item: (-counted[item.code], item.sort))
    return tuple(Share(item.code, item.label_zh, counted[item.code], whole) for item in ranked)


def station_names(tx: Transaction) -> tuple[tuple[str, str], ...]:
    """Return code and name of every station that the database knows, for the choice of one."""
    alive = select(col(Station.code), col(Station.name)).where(col(Station.deleted_at).is_(None))
    return tuple((row[0], row[1]) for row in tx.rows(alive.order_by(col(Station.code))))


def _codes_in(text: str | None) -> set[str]:
    groups: Sequence[Any] = json.loads(text or "[]") or []
    codes = {str(each.get("code") if isinstance(each, Mapping) else each) for each in groups}
    return codes - {"None"}


def _look(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Cancelled
