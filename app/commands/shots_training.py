"""The classes that the pictures show: one that takes sign-ups, one under way with a lesson cancelled, one planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.commands import sample
from app.commands.shots_parts import settle, shoot
from app.counter import Counter
from app.db.database import Actor, Transaction
from app.services import residents
from app.services.counters import OpenCounter
from app.services.training import calendar, classes, courses, enrolments
from app.services.training.calendar import PlannedLesson
from app.ui.desktop import Desktop

COURSE: dict[str, Any] = {
    "name": "家政服务员（初级）", "trade": "4-10", "level": "L2", "train_type": "1", "hours_total": 40,
    "hours_theory": 12, "hours_practice": 28, "provider_name": "衢州柚见家政服务有限公司", "in_catalogue": True,
    "subsidy_amount": 120000, "free": True, "assess_way": "3", "cert_type": "1",
    "cert_name": "家政服务员职业技能等级证书",
}  # fmt: skip
ELECTRICIAN: dict[str, Any] = {
    **COURSE, "name": "低压电工作业取证", "trade": "6-29", "hours_total": 88, "hours_theory": 48,
    "hours_practice": 40, "provider_name": "杭州安培职业培训学校", "cert_type": "4", "cert_name": "低压电工作业证",
    "cert_months": 72, "subsidy_amount": 180000,
}  # fmt: skip
SLOTS = [{"weekdays": [1, 3, 5], "from": "13:30", "to": "17:00", "hours": 4}]
WARNED = ("subsidy", "clash", "no_phone")


@dataclass(frozen=True)
class ShownClasses:
    """The ids of the two classes that are opened for their pictures."""

    signing_up: str
    under_way: str


def plan_classes(counter: OpenCounter) -> ShownClasses:
    """Give the sample station its classes, with people of the sample on their lists."""
    clerk = sample.clerk_of(counter, sample.sample_people()["clerks"][0])
    names = [facts["name"] for facts in sample.sample_people()["residents"]]
    with counter.database.write(clerk) as tx:
        home, power = _course(tx, COURSE), _course(tx, ELECTRICIAN)
    days = [clock.today() + timedelta(days=n) for n in (-6, -5, -4, -1, 0, 1, 2, 5, 6, 7)]
    lessons = [PlannedLesson(day, "13:30", "17:00", 4.0) for day in days]
    with sample.days_ago(12):
        running = _class(counter, clerk, home, "家政服务员（初级）第 1 班", days[0], lessons=lessons)
        _sign_up(counter, clerk, running, names[:6])
        with counter.database.write(clerk) as tx:
            classes.open_class(tx, running)
    taking = _class(counter, clerk, home, "家政服务员（初级）第 2 班", clock.today() + timedelta(days=6))
    _sign_up(counter, clerk, taking, names[4:9])
    _class(counter, clerk, power, "低压电工作业取证", clock.today() + timedelta(days=20), publish=False)
    with counter.database.write(clerk) as tx:
        calendar.cancel_lesson(tx, calendar.lessons_of(tx, running)[8].id, "场地占用")
    return ShownClasses(taking, running)


def _course(tx: Transaction, facts: dict[str, Any]) -> str:
    known = [line.id for line in courses.list_courses(tx, filter_text=facts["name"]) if line.name == facts["name"]]
    return known[0] if known else courses.add_course(tx, facts).id


def _class(
    counter: OpenCounter, clerk: Actor, course_id: str, title: str, start: Any, *, publish: bool = True,
    lessons: list[PlannedLesson] | None = None,
) -> str:  # fmt: skip
    values = {
        "course_id": course_id, "title": title, "start_on": start, "slots": SLOTS, "place": "二楼实训室", "seats": 16,
        "min_open": 6, "trainers": [{"name": "何蔚"}], "enrol_until": start - timedelta(days=1),
    }  # fmt: skip
    if lessons is not None:
        values["end_on"] = lessons[-1].held_on
    with counter.database.write(clerk) as tx:
        row = classes.plan_class(tx, values, lessons=lessons)
        class_id = row.id
    if publish:
        with counter.database.write(clerk) as tx:
            classes.publish_class(tx, class_id)
    return class_id


def _sign_up(counter: OpenCounter, clerk: Actor, class_id: str, names: list[str]) -> None:
    for name in names:
        with counter.database.write(clerk) as tx:
            enrolments.enrol(tx, class_id, _resident(tx, name), knowing=WARNED)


def _resident(tx: Transaction, name: str) -> str:
    return residents.search_residents(tx, name)[0].id


def training_shots(
    desktop: Desktop, counter: Counter, shown: ShownClasses, folder: Path, ending: str
) -> Iterator[Path]:
    """Yield the lists, the form of a new class, and the two classes with their pages."""
    assert desktop.shell is not None
    journey: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("20-training", "training", {"tab": "classes"}),
        ("21-courses", "training", {"tab": "courses"}),
        ("22-class-sign-up", "class_file", {"id": shown.signing_up}),
        ("23-class-list", "class_file", {"id": shown.signing_up, "tab": "roster"}),
        ("24-class-under-way", "class_file", {"id": shown.under_way}),
        ("25-class-to-tell", "class_file", {"id": shown.under_way, "tab": "tell"}),
    )
    for name, screen, arguments in journey:
        desktop.shell.navigate(screen, **arguments)
        settle(counter.runner)
        yield shoot(desktop, folder / f"{name}{ending}.png")
