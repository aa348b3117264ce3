"""From what the services know of classes to what their papers show. Paper is Chinese whatever the screen's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.models.codes import code_list
from app.models.hours import hours_text
from app.models.training import DROPPED, QUEUE, SEAT
from app.printing import sign_up_slip
from app.printing.completion import CompletionRow
from app.printing.sign_in_sheet import SignInRow
from app.printing.sign_up_slip import SignUpRow
from app.services.training.certificates import CompletionFacts
from app.services.training.grid import Grid
from app.services.training.rosters import SignUpFacts

_WEEKDAYS = "一二三四五六日"


def times_text(slots: Sequence[Mapping[str, Any]]) -> str:
    """Return 每周一、三、五 13:30–17:00 for the hours of a class."""
    parts = []
    for slot in slots:
        days = sorted(int(day) for day in slot["weekdays"])
        named = "每天" if days == list(range(1, 8)) else "每周" + "、".join(_WEEKDAYS[day - 1] for day in days)
        parts.append(f"{named} {slot['from']}–{slot['to']}")
    return "；".join(parts)


def sign_up_row(facts: SignUpFacts, *, station_name: str, station_phone: str, handled_by: str) -> SignUpRow:
    """Return the row of a sign-up slip."""
    if facts.cancelled:
        standing = sign_up_slip.CANCELLED
    elif facts.state == DROPPED:
        standing = sign_up_slip.GONE
    else:
        words = {SEAT: sign_up_slip.CONFIRMED, QUEUE: sign_up_slip.WAITING}
        standing = words.get(facts.seat or "", sign_up_slip.UNCONFIRMED)
    return SignUpRow(
        enrol_no=facts.enrol_no,
        name=facts.name,
        phone=facts.phone or "",
        standing=standing,
        class_no=facts.class_no,
        title=facts.title,
        hours=str(facts.hours_total or ""),
        provider=facts.provider_name or "",
        fee="免费" if facts.fee is None else f"{facts.fee / 100:g} 元",
        place=facts.place or "",
        days=f"{facts.start_on.isoformat()} 至 {facts.end_on.isoformat()}",
        times=times_text(facts.slots),
        trainers="、".join(facts.trainers),
        enrolled_on=facts.enrolled_on,
        station_name=station_name,
        station_phone=station_phone,
        handled_by=handled_by,
    )


def sign_in_row(grid: Grid, lesson_id: str, *, station_name: str) -> SignInRow:
    """Return the row of one lesson's sign-in sheet: who is to be called, in the order of the grid."""
    lesson = next(each for each in grid.lessons if each.id == lesson_id)
    names = tuple(each.name for each in grid.people if not (each.walk_in or each.left or each.waiting))
    return SignInRow(
        title=grid.title,
        class_no=grid.class_no,
        lesson_number=lesson.number,
        held_on=lesson.held_on,
        time=f"{lesson.starts}–{lesson.ends}",
        hours=hours_text(lesson.hours),
        place=lesson.room or "",
        trainer=lesson.trainer_name or "",
        topic=lesson.topic or "",
        names=names,
        station_name=station_name,
    )


def completion_row(facts: CompletionFacts, *, station_name: str, station_phone: str) -> CompletionRow:
    """Return the row of a certificate of completion."""
    level = code_list("SKILL").get(facts.level)
    return CompletionRow(
        cert_no=facts.cert_no,
        name=facts.name,
        course_name=facts.course_name,
        level=level.label_zh if level is not None and facts.level != "L0" else "",
        class_no=facts.class_no,
        hours_total=str(facts.hours_total or ""),
        hours_attended=hours_text(facts.hours_attended) if facts.hours_attended else "",
        theory=hours_text(facts.theory) if facts.theory is not None else "",
        practice=hours_text(facts.practice) if facts.practice is not None else "",
        start_on=facts.start_on,
        end_on=facts.end_on,
        issuer=facts.issuer,
        station_name=station_name,
        station_phone=station_phone,
        issued_on=facts.issued_on,
        void=facts.void,
    )
