"""What the ledgers' screen shows: a ledger's rows as read, shaped when they are looked at. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from app import clock
from app.errors import Cancelled, UserError
from app.ledgers import LEDGERS
from app.ledgers.base import PERSONAL, Ask, Column, Kind, Ledger
from app.ledgers.making import source_of
from app.ledgers.period import Period, between, month_of, read_month
from app.ledgers.read import Line, Mask, Pen, cell_words
from app.texts import N_, _
from app.ui.ledgers.month_state import MonthWords, month_words

if TYPE_CHECKING:
    from app.db.database import Transaction

LOOK_EVERY = 500
NUMBER_WIDTH = 56
_CHAR, _LEAST, _MOST = 8.6, 64, 240
_OF_DAYS = {Kind.DATE: 104, Kind.MOMENT: 150}
_RIGHT = frozenset({Kind.NUMBER, Kind.MONEY})
_OF_VACANCIES = "vacancy"

RESIDENT, VACANCY = "resident", "vacancy"

REASONS: tuple[tuple[str, str], ...] = (("1", N_("报区里核对")), ("2", N_("审计或检查要看")), ("3", N_("存档备查")))


class Row(NamedTuple):
    """A row of the preview: its number on paper, and what was read."""

    number: int
    line: Line


@dataclass(frozen=True)
class Preview:
    """A ledger as read, masked. ``pen`` makes the cells of a row when it is looked at; ``month``: how that stands."""

    ledger: Ledger
    ask: Ask
    rows: tuple[Row, ...]
    pen: Pen | Mask
    read_at: datetime
    month: MonthWords | None = None


def load_preview(tx: Transaction, *, ledger: Ledger, ask: Ask, stopped: Callable[[], bool]) -> Preview:
    """Read every row of a ledger; nothing is shaped yet.

    Raises:
        Cancelled: something else is wanted meanwhile.
        NotFoundError: it is closed, and what was frozen is not here.
        StorageError: it is closed, and what is here is not what was frozen.
    """
    source, found = source_of(tx, ledger, ask), []
    for number, line in enumerate(source.lines, 1):
        if number % LOOK_EVERY == 0 and stopped():
            raise Cancelled
        found.append(Row(number, line))
    month = month_words(tx, ledger, ask)
    return Preview(source.ledger, ask, tuple(found), source.pen, clock.now(), month)


class Shown:
    """The texts of a preview's rows; those of the rows on screen are kept."""

    def __init__(self, preview: Preview) -> None:
        self._pen, self._rows = preview.pen, preview.rows
        self._cells = lru_cache(maxsize=512)(self._made)

    def text(self, row: Row, place: int) -> str:
        """Return what stands in a cell."""
        return self._cells(row.number)[place]

    def _made(self, number: int) -> tuple[str, ...]:
        return tuple(cell_words(cell) for cell in self._pen.cells(self._rows[number - 1].line))


def width_of(column: Column) -> int:
    """Return how wide a column is on screen at the usual size of text."""
    least = _OF_DAYS.get(column.kind, _LEAST)
    return round(min(_MOST, max(least, column.width * _CHAR, len(_(column.title)) * 14 + 24)))


def is_figure(column: Column) -> bool:
    """Tell whether a column stands at the right."""
    return column.kind in _RIGHT


def subject_of(ledger: Ledger, row: Row) -> tuple[str, str] | None:
    """Return what Enter opens: kind and id. None where the row stands for nothing that has a page.

    A log line may be about something else than a person: then it has no name.
    """
    if ledger.record_type == _OF_VACANCIES:
        return VACANCY, row.line.row_id
    if row.line.resident_id is None:
        return None
    names = [at for at, column in enumerate(ledger.columns) if column.kind == Kind.NAME]
    if names and row.line.values[names[0]] is None:
        return None
    return RESIDENT, row.line.resident_id


def has_personal(ledger: Ledger) -> bool:
    """Tell whether anything in it is masked."""
    return any(column.kind in PERSONAL for column in ledger.columns)


def count_words(preview: Preview) -> str:
    """Return how many rows there are, by what they count, and as of when."""
    at = f"{clock.to_local(preview.read_at):%H:%M}"
    words, count = preview.ledger.counted_by, f"{len(preview.rows):,}"
    if preview.month is not None and preview.month.frozen:
        return _("{n} 行，按{counted}计入，结账时封存", n=count, counted=_(words))
    return _("{n} 行，按{counted}计入，{at} 读出", n=count, counted=_(words), at=at)


def look_words(preview: Preview) -> str:
    """Return what the access log says of a ledger that was looked at: the period, and how many rows."""
    return _("{period}，{n} 行", period=preview.ask.period.on_paper, n=len(preview.rows))


def read_period(first: str, last: str, *, by_month: bool) -> Period:
    """Return the period that was typed; a month alone when ``by_month``.

    Raises:
        UserError: it can't be read or has not begun.
    """
    if by_month:
        return read_month(tidy_month(first))
    days = [date.fromisoformat(typed) if typed else None for typed in (first, last)]
    if days[0] is None or days[1] is None:
        raise UserError(_("从哪天到哪天，两个都要写"), code="ledger.period")
    return between(days[0], days[1])


def tidy_month(typed: str) -> str:
    """Return 2026-11 for 202611, 2026.11 or 2026年11月; anything else as it was typed."""
    digits = "".join(char if char.isdigit() else " " for char in typed).split()
    if len(digits) == 1 and len(digits[0]) == 6:
        return f"{digits[0][:4]}-{digits[0][4:]}"
    return f"{digits[0]}-{digits[1].zfill(2)}" if len(digits) == 2 and len(digits[0]) == 4 else typed.strip()


def stepped(period: Period, by: int) -> Period:
    """Return the month before or after; the present one is the last."""
    wanted = period.next() if by > 0 else period.before()
    return wanted if wanted.first <= clock.today() else month_of(clock.today())


def is_last_month(period: Period) -> bool:
    """Tell whether no later month has begun."""
    return period.until > clock.today()


def file_name(ledger: Ledger, period: Period) -> str:
    """Return the name that is proposed for the file, without its ending."""
    return f"{ledger.code} {ledger.title} {period.slug}".replace("/", "／")


def ledger_names() -> tuple[Ledger, ...]:
    """Return the ledgers in the order of the list."""
    return LEDGERS
