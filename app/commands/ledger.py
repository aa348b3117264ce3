"""``ledger``: a ledger as a file, from a terminal or a scheduler."""

import argparse
import sys
from pathlib import Path

from app import clock
from app.commands.person import ask_password, opened_counter
from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, UserError
from app.ledgers import LEDGERS, ledger_named
from app.ledgers.base import Ask, Ledger
from app.ledgers.comparison import NAME as COMPARE
from app.ledgers.export import Progress
from app.ledgers.making import as_made, asked, cells, corrections_of, note_export
from app.ledgers.period import Period, between, month_of, read_month
from app.ledgers.several import for_stations
from app.printing.ledger_file import WAYS, write_ledger
from app.services.counters import OpenCounter
from app.services.staff import staff_names
from app.texts import _


def run_ledger(options: argparse.Namespace) -> int:
    """Write one ledger of a period; with ``list``, print which there are."""
    if options.district or options.kind == COMPARE:
        from app.commands.ledger_district import run_several  # it stands above this module

        return run_several(options)
    if options.kind == "list":
        for ledger in LEDGERS:
            print(f"{ledger.code}  {ledger.name:<18}{_(ledger.title)}")
        return 0
    ledger = ledger_named(options.kind)
    period = period_of(options)
    path = out_file(options)
    password = ask_password(options.password) if options.password else ""
    with opened_counter(options) as counter:
        with counter.database.read() as tx:
            ask = Ask(
                period,
                tuple(options.station),
                options.community,
                options.grid,
                officer_named(tx, options.officer),
                options.group,
            )
            ledger = for_stations(ledger, asked(tx, ask))
        progress = _told if sys.stderr.isatty() else None
        count = export(counter, ledger, ask, path, why=options.whole, progress=progress, password=password)
    print(_("{title}，{period}，{n} 行：{path}", title=_(ledger.title), period=period.words, n=count, path=str(path)))
    return 0


def export(
    counter: OpenCounter,
    ledger: Ledger,
    ask: Ask,
    path: Path,
    *,
    why: str = "",
    progress: Progress | None = None,
    password: str = "",
) -> int:
    """Write a ledger to a file and return how many rows it has; the trace is left first.

    Raises:
        NotAllowedError: the actor's role may not take ledgers out.
        NotFoundError: it is closed, and what was frozen is not here.
        StorageError: the file cannot be written; none is left torn.
    """
    way = path.suffix.casefold()
    with counter.database.write(counter.actor) as tx:
        heading = note_export(tx, ledger, ask, way=way[1:], why=why)
    with counter.database.read() as tx:
        rows, told = cells(tx, ledger, ask, whole=bool(why)), corrections_of(tx, ledger, ask)
        made = as_made(tx, ledger, ask)
        return write_ledger(path, made, heading, rows, progress=progress, password=password, corrections=told)


def out_file(options: argparse.Namespace) -> Path:
    """Return where the file goes.

    Raises:
        InvalidInputError: nowhere, or its ending is none of those written.
    """
    path: Path | None = options.out
    if path is None or path.suffix.casefold() not in WAYS:
        raise InvalidInputError({"out": _("用 --out 写明文件，以 .xlsx、.pdf 或 .csv 结尾")})
    return path


def period_of(options: argparse.Namespace) -> Period:
    """Return the month or the days that were asked for; last month where nothing was said.

    Raises:
        UserError: both or half of it were said, or it has not begun.
    """
    if options.first is not None or options.last is not None:
        if options.month or options.first is None or options.last is None:
            raise UserError(_("要么写 --month，要么 --from 和 --to 都写"), code="ledger.period")
        return between(options.first, options.last)
    return read_month(options.month) if options.month else month_of(clock.today()).before()


def officer_named(tx: Transaction, name: str) -> str:
    """Return the id of a member of staff; empty for no name.

    Raises:
        NotFoundError: there is nobody of that name, or more than one.
    """
    if not name:
        return ""
    found = [staff_id for staff_id, known in staff_names(tx).items() if known == name]
    if len(found) != 1:
        raise NotFoundError(_("没有找到经办人“{name}”，或有重名", name=name))
    return found[0]


def _told(count: int) -> None:
    print(f"\r{count}", end="", file=sys.stderr, flush=True)
