"""What is done with a sign-up: told, left, put first in line; each says so and can be taken back."""

from __future__ import annotations

from functools import partial

from app.texts import _
from app.ui.acting import Doer
from app.ui.sign_up import seats
from app.ui.sign_up.seats import SeatLine
from app.ui.sign_up.side import PROMOTE


class SeatDeeds:
    """Writes through the screen's doer."""

    def __init__(self, doer: Doer) -> None:
        self._doer = doer

    def told(self, line: SeatLine) -> None:
        """Note that she was told."""
        work = partial(seats.mark_told, enrolment_id=line.id)
        self._doer.do(work, _("已记下：告诉 {name} 了", name=line.name))

    def decide(self, line: SeatLine, what: str, code: str, own: str) -> None:
        """Drop her or put her first in line, with the reason that was chosen."""
        if what == PROMOTE:
            words = dict(seats.PROMOTE_REASONS)[code]  # a record is in Chinese
            why = "：".join(part for part in (words, own) if part)[:100]
            work = partial(seats.promote, enrolment_id=line.id, why=why)
            self._doer.do(work, _("{name} 排到候补最前面了", name=line.name))
        else:
            left = partial(seats.drop, enrolment_id=line.id, reason=code, note=own or None)
            self._doer.do(left, _("{name} 退了“{title}”", name=line.name, title=line.title))
