"""Which numbers of the hall's screen may be read there, and in which words. No Qt.

A share is told exactly where all that it hangs on is shown; where its rest is small it is rounded down to fives.
"""

from __future__ import annotations

from app.ledgers.board import PARTS, WHOLE, Board
from app.ledgers.figures import Figure
from app.ledgers.suppression import LEAST, Balance, hidden

FEW = f"<{LEAST}"
HELD_BACK = "—"
REGISTERED, CAME, LEFT, BEFORE = "B1", "B2", "B3", "B1 before"
BACK_IN_WORK, BACK_RATE = "D4", "D5"
EMPLOYED, FRESH, ON_FILE = "A8", "A9", "A1"
LONG, RATE = "B8", "B9"
ROUNDED_TO = 5
_REST = " rest"

LINKED: dict[str, tuple[str, ...]] = {
    EMPLOYED: ("A3", "A4", "A5"),
    FRESH: (ON_FILE,),
    LONG: (REGISTERED,),
    RATE: ("A3", REGISTERED),
    BACK_RATE: (BACK_IN_WORK, BEFORE, CAME),
}
"""Counts on the same screen that a share is made of: while one is hidden, the share would help to find it."""


class Shield:
    """Knows of each count on the screen whether it may be read there."""

    def __init__(self, board: Board) -> None:
        self._board = board
        counts = {code: cell.now.numerator for code, cell in board.cells.items() if cell.now.denominator is None}
        before = board.cells[REGISTERED].before
        counts[BEFORE] = before.numerator if before is not None else 0
        rest = ON_FILE + _REST
        counts[rest] = max(0, counts[ON_FILE] - counts[WHOLE])
        balances = [
            Balance(PARTS, (WHOLE,), keep=WHOLE),
            Balance((WHOLE, rest), (ON_FILE,), keep=ON_FILE),
            Balance((BEFORE, CAME), (LEFT, REGISTERED), keep=REGISTERED),
        ]
        self.counts = counts
        self.hidden = hidden(counts, balances, unseen=frozenset({rest}))

    def number(self, code: str) -> str:
        """Return a count, or what stands in its place: “<5”, or “—” of one hidden for another's sake."""
        count = self.counts[code]
        if code not in self.hidden:
            return f"{count:,}"
        return FEW if count < LEAST else HELD_BACK

    def shows(self, *codes: str) -> bool:
        """Tell whether all of these counts are shown."""
        return not self.hidden.intersection(codes)

    def share(self, figure: Figure, *, alone: bool = False) -> tuple[str, float | None]:
        """Return a share in words and as a number; “<5” and None where it may not be told.

        ``alone``: none of the counts that it is linked to stands beside it, as in a month that is over.
        """
        count, base, value = figure.numerator, figure.denominator or 0, figure.value
        if value is None:
            return HELD_BACK, None
        if base < LEAST or count < LEAST:
            return FEW, None
        linked = () if alone else LINKED.get(figure.indicator.code, ())
        rest_is_small = base - count < LEAST
        if rest_is_small or not self.shows(*linked):
            bound = 100 * (base - LEAST + 1) / base if rest_is_small else value  # fits any rest below five
            low = int(min(bound, value) // ROUNDED_TO * ROUNDED_TO)
            return f"≥{low}", float(low)
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}", value
