"""What a public screen may show: no count below five, and none that the others give away (domain sheet 7.3 and 8.2).

A count below five is hidden. Counts are bound by balances (the parts of a whole; a share, its rest and its base): where
what is shown pins a hidden count down, the smallest other count of that balance is hidden too, until nothing is pinned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 5


@dataclass(frozen=True)
class Balance:
    """A sum that always holds: the counts of ``plus`` less those of ``minus`` are nothing.

    ``keep`` is hidden last: the whole that a block is about.
    """

    plus: tuple[str, ...]
    minus: tuple[str, ...]
    keep: str = ""


def hidden(
    counts: Mapping[str, int], balances: Sequence[Balance] = (), *, unseen: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the keys that must not be shown. ``unseen`` are counts that stand in a balance and on no screen."""
    small = {key for key, count in counts.items() if count < LEAST}
    out = small | unseen
    changed = True
    while changed:
        changed = False
        for balance in balances:
            if _tells(counts, balance, small=small, out=out):
                more = _next(counts, balance, out)
                if more is not None:
                    out.add(more)
                    changed = True
    return frozenset(out)


def _tells(counts: Mapping[str, int], balance: Balance, *, small: set[str], out: set[str]) -> bool:
    """Tell whether a reader who knows the rule can work out one of the small counts from what is shown.

    A small count lies in 0…4; another hidden one is five or more. A range of one value is an answer.
    """
    signed = [(key, 1) for key in balance.plus] + [(key, -1) for key in balance.minus]
    unknown = [(key, sign) for key, sign in signed if key in out]
    seen = sum(sign * counts[key] for key, sign in signed if key not in out)
    for key, sign in unknown:
        if key not in small:
            continue
        # sign·x = −seen − Σ others: between the least and the most that the others leave.
        low, high = float(-seen), float(-seen)
        for other, of_other in unknown:
            if other != key:
                least, most = (0.0, LEAST - 1.0) if other in small else (float(LEAST), float("inf"))
                low -= most if of_other > 0 else -least
                high -= least if of_other > 0 else -most
        bottom, top = (low, high) if sign > 0 else (-high, -low)
        if max(bottom, 0.0) >= min(top, LEAST - 1.0):
            return True
    return False


def _next(counts: Mapping[str, int], balance: Balance, out: set[str]) -> str | None:
    """Return the smallest count of the balance that is still shown; the whole comes last."""
    shown = [key for key in (*balance.plus, *balance.minus) if key not in out]
    return min(shown, key=lambda key: (key == balance.keep, counts[key], key), default=None)
