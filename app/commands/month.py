"""``month``: months of a station listed, closed, opened again and checked, from a terminal or a scheduler."""

import argparse
import sys

from app import clock
from app.commands.person import opened_counter
from app.db.database import Transaction
from app.errors import AppError, InvalidInputError
from app.ledgers.closing import close_month, readiness, reopen_month
from app.ledgers.months import SHORT, Close, at_words, closes, rounds_of, standing
from app.ledgers.period import Period, month_of, read_month
from app.ledgers.snapshot import check_frozen
from app.services.stations import get_station
from app.texts import _


def run_month_list(options: argparse.Namespace) -> int:
    """Print every month that was ever closed, and how it stands."""
    with opened_counter(options) as counter, counter.database.read() as tx:
        station = get_station(tx).code
        known = closes(tx, station)
        for month in known:
            for close in rounds_of(tx, station, month):
                print(_line(close))
        if not known:
            print(_("还没有结过账的月份"))
    return 0


def run_month_close(options: argparse.Namespace) -> int:
    """Close one month; what is still under way is told first."""
    with opened_counter(options) as counter:
        period = _period(options)
        with counter.database.read(counter.actor) as tx:
            ready = readiness(tx, period)
        for words in (_parked(ready.parked), _conflicts(ready.conflicts), _unsent(ready.unsent)):
            if words:
                print(words, file=sys.stderr)
        for earlier in ready.earlier_open:
            print(_("提醒：{month}还没结账", month=earlier.words), file=sys.stderr)
        progress = _told if sys.stderr.isatty() else _untold
        close_month(counter.database, counter.actor, period, progress=progress)
        with counter.database.read() as tx:
            made = standing(tx, get_station(tx).code, period)
        assert made is not None
    rows = sum(int(each["rows"]) for each in made.ledgers)
    print(_("{month}结账了：{n} 本台账，{rows} 行", month=period.words, n=len(made.ledgers), rows=rows))
    return 0


def run_month_reopen(options: argparse.Namespace) -> int:
    """Open a closed month again, for a reason."""
    if not options.why.strip():
        raise InvalidInputError({"why": _("重新打开要写原因：--why")})
    period = _period(options)
    with opened_counter(options) as counter, counter.database.write(counter.actor) as tx:
        reopen_month(tx, period, why=options.why)
    print(_("{month}重新打开了，原来那次结账仍可查看。", month=period.words))
    return 0


def run_month_check(options: argparse.Namespace) -> int:
    """Recompute every hash from what is kept here; name what differs or is not here. Exit status 1 if anything is."""
    wrong = 0
    with opened_counter(options) as counter, counter.database.read() as tx:
        station = get_station(tx).code
        wanted = [_period(options).slug] if options.month else list(closes(tx, station))
        for month in wanted:
            rounds = rounds_of(tx, station, month)
            if not rounds:
                print(_("{month} 没有结过账", month=month))
                wrong += 1
            for close in rounds:
                wrong += _check(tx, close)
    sys.stdout.flush()
    return 1 if wrong else 0


def _check(tx: Transaction, close: Close) -> int:
    """Check one close; return how many of its ledgers are not as they were frozen."""
    wrong = 0
    for entry in close.ledgers:
        try:
            check_frozen(tx, entry)
        except AppError as problem:
            wrong += 1
            print(f"✗ {close.month}/{close.round} {problem.text}")
    if not wrong:
        print("✓ " + _("{month} 第 {n} 次结账：{count} 本都和校验值一致", month=close.month, n=close.round,
                       count=len(close.ledgers)))  # fmt: skip
    return wrong


def _line(close: Close) -> str:
    """Return one close in a line: month, round, state, who, when, rows; and the hash of the first ledger."""
    rows = sum(int(each["rows"]) for each in close.ledgers)
    hashed = close.ledgers[0]["sha256"][:SHORT] if close.ledgers else ""
    state = _("已结账") if close.live else _("重新打开过：{why}", why=close.reopen_why)
    return f"{close.month}  {close.round}  {close.closed_name}  {at_words(close)}  {rows}  {hashed}  {state}"


def _period(options: argparse.Namespace) -> Period:
    return read_month(options.month) if options.month else month_of(clock.today()).before()


def _unsent(count: int) -> str:
    return _("提醒：还有 {n} 笔没送到区里", n=count) if count else ""


def _parked(count: int) -> str:
    return _("提醒：有 {n} 笔被区里退回，还没改好", n=count) if count else ""


def _conflicts(count: int) -> str:
    return _("提醒：有 {n} 处两边不一样，还没选定", n=count) if count else ""


def _told(done: int, total: int) -> None:
    print(f"\r{done} / {total}", end="", file=sys.stderr, flush=True)


def _untold(_done: int, _total: int) -> None:
    pass
