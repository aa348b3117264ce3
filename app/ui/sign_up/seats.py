"""The sign-ups of one person, or of one class: how each seat stands, what is to be told, what may be done. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.models.acts import may
from app.models.codes import code_list
from app.models.training import CANCELLED, DROPPED, NOT_PASSED, PASSED, QUEUE, SEAT, SIGNED_UP
from app.services.training import enrolments
from app.services.training.prints import UNDECIDED, prints_of
from app.services.training.rosters import RosterLine, list_roster, list_sign_ups, list_to_tell, note_told
from app.texts import N_, _
from app.ui.sign_up.state import load_class

if TYPE_CHECKING:
    from app.db.database import Transaction

PROMOTE_REASONS = (
    ("1", N_("马上有岗位等着用这个证")),
    ("2", N_("就业困难人员优先")),
    ("3", N_("上次报名被取消的班顺延")),
)


@dataclass(frozen=True)
class SeatLine:
    """One sign-up. ``title``: the class of it; ``untold``: sentences that she has not been told; ``printed_as``: how
    the seat stood on the slips that went to paper (SEAT or ``UNDECIDED``).
    """

    id: str
    enrol_no: str
    name: str
    resident_id: str
    class_id: str
    title: str
    start_on: date
    class_state: str
    state: str
    seat: str | None
    seat_text: str
    likely: str | None
    queue_place: int | None
    ahead: bool
    subsidised: bool
    enrolled_on: date
    drop_reason: str | None
    untold: tuple[str, ...]
    printed_as: frozenset[str]

    @property
    def is_live(self) -> bool:
        """Whether she is on the list of a class that goes on."""
        return self.state == SIGNED_UP and self.class_state != CANCELLED


def of_person(tx: Transaction, resident_id: str) -> tuple[SeatLine, ...]:
    """Return the sign-ups of a person, newest first.

    Raises:
        NotFoundError: there is no such file.
    """
    mine = list_sign_ups(tx, resident_id)
    found = []
    for class_id in dict.fromkeys(line.class_id for line in mine):
        ids = {line.enrolment_id for line in mine if line.class_id == class_id}
        found += [line for line in of_class(tx, class_id) if line.id in ids]
    order = [line.enrolment_id for line in mine]
    return tuple(sorted(found, key=lambda line: order.index(line.id)))


def of_class(tx: Transaction, class_id: str) -> tuple[SeatLine, ...]:
    """Return the sign-ups of a class: seats and unanswered ones, the waiting list in order, who left.

    Raises:
        NotFoundError: there is no such class.
    """
    held = load_class(tx, class_id)
    roster = list_roster(tx, class_id)
    untold = {each.enrolment_id: each.texts for each in list_to_tell(tx, class_id)}
    prints = prints_of(tx, [line.id for line in roster])
    about = (held.id, held.title, held.start_on, held.state)
    return tuple(_line(line, about, untold.get(line.id, ()), frozenset(prints.get(line.id, {}))) for line in roster)


def _line(
    line: RosterLine, about: tuple[str, str, date, str], untold: tuple[str, ...], printed_as: frozenset[str]
) -> SeatLine:
    class_id, title, start_on, class_state = about
    return SeatLine(
        line.id, line.enrol_no, line.name, line.resident_id or "", class_id, title, start_on, class_state,
        line.state, line.seat, line.seat_text, line.likely, line.queue_place, line.ahead, line.subsidised,
        line.enrolled_on, line.drop_reason, untold, printed_as,
    )  # fmt: skip


def seat_words(line: SeatLine) -> str:
    """Return how the seat stands: 待确认 until the district said so, 候补第 n 位 after it or as it looks."""
    if line.class_state == CANCELLED and line.state == SIGNED_UP:
        return _("班取消了")
    if line.state != SIGNED_UP or line.seat == SEAT:
        return line.seat_text
    if line.seat == QUEUE:
        return _("候补第 {n} 位", n=line.queue_place) if line.queue_place else line.seat_text
    return _("待确认，大概候补第 {n} 位", n=line.queue_place) if line.queue_place else line.seat_text


def seat_tone(line: SeatLine) -> str:
    """Return the tone of its chip."""
    if line.class_state == CANCELLED and line.state == SIGNED_UP:
        return "red"
    if line.state == SIGNED_UP:
        return {SEAT: "good", QUEUE: "orange"}.get(line.seat or "", "yellow")
    return {PASSED: "good", NOT_PASSED: "orange"}.get(line.state, "neutral")


def note_words(line: SeatLine) -> str:
    """Return what else is to be known in the list: what was not told, an old slip, why she left."""
    if line.untold:
        return _("还没告诉本人")
    if line.state == DROPPED:
        return code_list("DROP_REASON").label(line.drop_reason)
    if line.is_live and line.ahead:
        return _("提前递补")
    return _("单子要换") if slip_is_old(line) else ""


def slip_is_old(line: SeatLine) -> bool:
    """Say whether she holds a slip that says something else of the seat than the district does now."""
    return line.is_live and bool(line.printed_as) and (line.seat or UNDECIDED) not in line.printed_as


def told_words(line: SeatLine) -> str:
    """Return what to tell her, plainly, and that her slip says otherwise where it does."""
    parts = list(line.untold)
    if slip_is_old(line):
        parts.append(_("手里的确认单还是旧的，重新打一张换给本人"))
    return _("；").join(parts)


def why_no_drop(line: SeatLine, roles: frozenset[str]) -> str:
    """Return why she cannot be taken off the list; nothing where she can."""
    if not may(roles, "enrolment.drop"):
        return _("您的岗位不能办退班，请转窗口。")
    if line.state == DROPPED:
        return _("{name} 已经退班了", name=line.name)
    if line.state != SIGNED_UP:
        return _("{name} 已经办过结业，不能退班", name=line.name)
    return ""


def why_no_promotion(line: SeatLine, roles: frozenset[str]) -> str:
    """Return why she cannot be put first in line; nothing where she can."""
    if not may(roles, "enrolment.promote"):
        return _("提前递补由站长定，请转站长。")
    if not line.is_live:
        return _("{name} 已经不在名单上", name=line.name)
    if line.seat == SEAT:
        return _("{name} 的名额已经确认，不用递补", name=line.name)
    return _("已经排在候补最前面了") if line.ahead else ""


def why_no_slip(line: SeatLine, roles: frozenset[str]) -> str:
    """Return why there is no slip to print; nothing where there is."""
    if not may(roles, "enrolment.print"):
        return _("您的岗位不能打印确认单，请转窗口。")
    return "" if line.state != DROPPED else _("{name} 已经退班了", name=line.name)


def drop(tx: Transaction, enrolment_id: str, reason: str, note: str | None = None) -> None:
    """Take somebody off the list."""
    enrolments.drop(tx, enrolment_id, reason, note)


def promote(tx: Transaction, enrolment_id: str, why: str) -> None:
    """Put somebody first in line."""
    enrolments.promote(tx, enrolment_id, why)


def mark_told(tx: Transaction, enrolment_id: str) -> None:
    """Note that she was told."""
    note_told(tx, [enrolment_id])


def drop_reasons() -> list[tuple[str, str]]:
    """Return the reasons for leaving."""
    return [(code.code, code.label) for code in code_list("DROP_REASON").choices()]
