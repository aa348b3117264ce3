"""Corrections of earlier months as rows of a paper: the ledger's own columns, and before them what was corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.ledgers.base import PERSONAL, Column, Kind, Ledger
from app.ledgers.months import period_of
from app.ledgers.read import Cell, cell_words, masked
from app.ledgers.restating import CAME, CHANGED, GONE, LATE, Correction, changed_columns, entered_on
from app.texts import N_

TITLE = N_("更正以前月份")
KINDS = {LATE: N_("补录"), CAME: N_("补入"), CHANGED: N_("更正"), GONE: N_("去掉")}
LEADING = (
    Column("month", N_("原月份"), Kind.TEXT, 9),
    Column("kind", N_("怎么改的"), Kind.TEXT, 8),
    Column("happened", N_("发生日期"), Kind.DATE, 11),
    Column("entered", N_("录入或更正日期"), Kind.DATE, 12),
)
NOTHING, ARROW, HIDDEN = "（空）", " → ", "（已更正）"


def correction_ledger(ledger: Ledger) -> Ledger:
    """Return what corrections of a ledger are written as."""
    return replace(ledger, title=f"{ledger.title}：{TITLE}", columns=(*LEADING, *ledger.columns))


def correction_cells(ledger: Ledger, made: Sequence[Correction], *, whole: bool) -> Iterator[list[Cell]]:
    """Yield corrections as they are written. A cell that changed says what stood there before."""
    for each in made:
        yield [each.month, KINDS[each.kind], each.happened, entered_on(each), *_cells(ledger, each, whole=whole)]


PAPER = (*LEADING, Column("who", N_("对象"), Kind.TEXT, 16), Column("what", N_("内容"), Kind.TEXT, 110))


def correction_paper(ledger: Ledger) -> Ledger:
    """Return what corrections of a ledger are printed as: all of a ledger's columns would not fit beside four more."""
    return replace(correction_ledger(ledger), columns=PAPER)


def correction_lines(ledger: Ledger, made: Sequence[Correction], *, whole: bool) -> Iterator[list[Cell]]:
    """Yield corrections as they are printed: of a change what changed, of anything else the whole row."""
    names = [at for at, column in enumerate(ledger.columns) if column.kind == Kind.NAME]
    who = names[0] if names else 0
    for each in made:
        cells = _cells(ledger, each, whole=whole)
        told = changed_columns(ledger, each, period_of(each.month)) or range(len(cells))
        said = [f"{ledger.columns[at].title}：{words}" for at in told if (words := cell_words(cells[at])) and at != who]
        if who in told and each.kind == CHANGED:
            said.insert(0, f"{ledger.columns[who].title}：{cell_words(cells[who])}")
        row = each.row.cells if whole else masked(ledger.columns, each.row.cells)
        lead = [each.month, KINDS[each.kind], each.happened, entered_on(each)]
        yield [*lead, cell_words(row[who]), "；".join(said)]


def _cells(ledger: Ledger, made: Correction, *, whole: bool) -> list[Cell]:
    row = made.row
    shown = list(row.cells) if whole else masked(ledger.columns, row.cells)
    if made.before is None or made.after is None:
        return shown
    was = list(made.before.cells) if whole else masked(ledger.columns, made.before.cells)
    for at in changed_columns(ledger, made, period_of(made.month)):
        before, after = (cell_words(cell) or NOTHING for cell in (was[at], shown[at]))
        hidden = before == after and ledger.columns[at].kind in PERSONAL
        shown[at] = f"{after}{HIDDEN}" if hidden else f"{before}{ARROW}{after}"
    return shown
