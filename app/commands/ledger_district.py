"""``ledger --district`` and ``ledger compare``: what is of several stations, from the district or from this file."""

import argparse
import sys
from pathlib import Path

from app.commands.ledger import officer_named, out_file, period_of
from app.commands.person import ask_password, opened_counter
from app.db.database import Transaction
from app.errors import InvalidInputError
from app.ledgers.base import Ask, Ledger
from app.ledgers.comparison import NAME, Comparison, compare, station_names, table_for
from app.ledgers.figures import BLOCKS
from app.ledgers.taken import FROM_DISTRICT, FROM_HERE, check_may_take, note_taken
from app.printing.ledger_file import write_ledger
from app.services.counters import OpenCounter
from app.sync.ledger_fetch import FIGURES, PREPARING, Progress, fetch_figures, fetch_ledger, offered
from app.texts import _


def run_several(options: argparse.Namespace) -> int:
    """Write a ledger of the district, or stations side by side; with ``list``, print what the district has."""
    if options.kind == "list":
        with opened_counter(options) as counter:
            return list_offered(counter, options.ca)
    period, path = period_of(options), out_file(options)
    password = ask_password(options.password) if options.password else ""
    with opened_counter(options) as counter:
        with counter.database.read() as tx:
            officer, stations = officer_named(tx, options.officer), tuple(sorted(set(options.station)))
        ask = Ask(period, stations, options.community, options.grid, officer, options.group)
        write = write_comparison if options.kind == NAME else write_fetched
        return write(counter, options, ask, path, password=password)


def list_offered(counter: OpenCounter, ca: str | None) -> int:
    """Print the ledgers and stations that the district has for this device."""
    found = offered(counter.database, ca=ca)
    for ledger in found.ledgers:
        print(f"{ledger.code}  {ledger.name:<18}{_(ledger.title)}")
    for code, name in found.stations:
        print(f"{code}  {name}")
    return 0


def write_fetched(counter: OpenCounter, options: argparse.Namespace, ask: Ask, path: Path, *, password: str) -> int:
    """Fetch a ledger from the district and write it."""
    check_may_take(counter.actor, options.whole)
    actor = counter.actor.staff_id
    fetched = fetch_ledger(
        counter.database, options.kind, ask, why=options.whole, actor=actor, ca=options.ca, told=_teller()
    )
    rows = [fetched.pen.cells(line) for line in fetched.rows]
    with counter.database.write(counter.actor) as tx:
        heading = note_taken(
            tx,
            fetched.ledger,
            ask,
            rows=len(rows),
            way=path.suffix.casefold()[1:],
            stations=fetched.stations,
            why=options.whole,
        )
    write_ledger(path, fetched.ledger, heading, rows, password=password)
    _say(fetched.ledger, ask, len(rows), path)
    return 0


def write_comparison(counter: OpenCounter, options: argparse.Namespace, ask: Ask, path: Path, *, password: str) -> int:
    """Write stations side by side, as the district counts them or from what is here."""
    blocks = _blocks(options.block)
    check_may_take(counter.actor)
    if options.district:
        actor = counter.actor.staff_id
        found = fetch_figures(counter.database, ask, blocks=blocks, actor=actor, ca=options.ca, told=_teller())
    else:
        with counter.database.read() as tx:
            found = compare_here(tx, ask, blocks=blocks)
    ledger, rows = table_for(found, path.suffix.casefold())
    names = {each.code: each.name for each in found.stations}
    source, way = FROM_DISTRICT if options.district else FROM_HERE, path.suffix.casefold()[1:]
    with counter.database.write(counter.actor) as tx:
        heading = note_taken(tx, ledger, ask, rows=len(rows), way=way, stations=names, source=source)
    write_ledger(path, ledger, heading, rows, password=password)
    _say(ledger, ask, len(rows), path)
    return 0


def compare_here(tx: Transaction, ask: Ask, *, blocks: str = "") -> Comparison:
    """Count the stations that this file holds."""
    connection = tx.session.connection()
    return compare(connection, ask, station_names(connection, ask.stations), blocks=blocks)


def _blocks(typed: str) -> str:
    wanted = typed.strip().upper()
    known = "".join(letter for letter, _title in BLOCKS)
    if set(wanted) - set(known):
        raise InvalidInputError({"block": _("指标块写字母：{known}，比如 AB", known="、".join(known))})
    return wanted


def _say(ledger: Ledger, ask: Ask, count: int, path: Path) -> None:
    words = ask.period.words
    print(_("{title}，{period}，{n} 行：{path}", title=_(ledger.title), period=words, n=count, path=str(path)))


def _teller() -> "_Teller | None":
    return _Teller() if sys.stderr.isatty() else None


class _Teller:
    """Shows on the terminal how far it is."""

    def __call__(self, at: Progress) -> None:
        """Show it."""
        words = {PREPARING: _("区里在整理"), FIGURES: _("区里在算")}.get(at.step, _("在取"))
        print(f"\r{words} {at.done}/{at.total}  ", end="", file=sys.stderr, flush=True)
