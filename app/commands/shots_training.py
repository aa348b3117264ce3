"""The classes that the pictures show: one that takes sign-ups, one under way with a lesson cancelled, one planned."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from app import clock, paths
from app.commands import sample
from app.commands.shots_parts import settle, shoot
from app.counter import Counter
from app.db.database import Actor, Transaction
from app.services import residents
from app.services.counters import OpenCounter
from app.services.training import calendar, classes, courses, enrolments, marking, rosters
from app.services.training.calendar import PlannedLesson
from app.ui.desktop import Desktop

WARNED = ("subsidy", "clash", "no_phone")


@dataclass(frozen=True)
class ShownClasses:
    """The ids of the two classes that are opened for their pictures."""

    signing_up: str
    under_way: str


def class_facts() -> dict[str, Any]:
    """Return the fictional courses and classes."""
    loaded: dict[str, Any] = json.loads((paths.resources() / "sample" / "classes.json").read_text("utf-8"))
    return loaded


def plan_classes(counter: OpenCounter) -> ShownClasses:
    """Give the sample station its classes, with people of the sample on their lists."""
    facts, people = class_facts(), sample.sample_people()
    clerk = sample.clerk_of(counter, people["clerks"][0])
    names = [each["name"] for each in people["residents"]]
    home, power = (_course(counter, clerk, each) for each in facts["courses"])
    today = clock.today()
    days = [today + timedelta(days=n) for n in (-6, -5, -4, -1, 0, 1, 2, 5, 6, 7)]
    lessons = [PlannedLesson(day, "13:30", "17:00", 4.0) for day in days]
    with sample.days_ago(12):
        running = _class(counter, clerk, home, 0, days[0], lessons=lessons)
        _sign_up(counter, clerk, running, names[:6])
        with counter.database.write(clerk) as tx:
            classes.open_class(tx, running)
    _call(counter, clerk, running, 4)
    taking = _class(counter, clerk, home, 1, today + timedelta(days=6))
    _sign_up(counter, clerk, taking, names[4:9])
    _class(counter, clerk, power, 2, today + timedelta(days=20), publish=False)
    with counter.database.write(clerk) as tx:
        calendar.cancel_lesson(tx, calendar.lessons_of(tx, running)[8].id, facts["cancelled_why"])
    return ShownClasses(taking, running)


def _course(counter: OpenCounter, clerk: Actor, facts: dict[str, Any]) -> str:
    """Return the course of that name; another part of the sample may have registered it."""
    with counter.database.write(clerk) as tx:
        known = [line.id for line in courses.list_courses(tx, filter_text=facts["name"]) if line.name == facts["name"]]
        return known[0] if known else courses.add_course(tx, facts).id


def _class(
    counter: OpenCounter, clerk: Actor, course_id: str, place: int, start: date, *, publish: bool = True,
    lessons: list[PlannedLesson] | None = None,
) -> str:  # fmt: skip
    facts = class_facts()
    values: dict[str, Any] = {
        "course_id": course_id, "title": facts["titles"][place], "start_on": start, "slots": facts["slots"],
        "place": facts["place"], "seats": 16, "min_open": 6, "trainers": [{"name": facts["trainer"]}],
        "enrol_until": start - timedelta(days=1),
    }  # fmt: skip
    if lessons is not None:
        values["end_on"] = lessons[-1].held_on
    with counter.database.write(clerk) as tx:
        class_id = classes.plan_class(tx, values, lessons=lessons).id
    if publish:
        with counter.database.write(clerk) as tx:
            classes.publish_class(tx, class_id)
    return class_id


def _sign_up(counter: OpenCounter, clerk: Actor, class_id: str, names: list[str]) -> None:
    for name in names:
        with counter.database.write(clerk) as tx:
            enrolments.enrol(tx, class_id, _resident(tx, name), knowing=WARNED)


def _call(counter: OpenCounter, clerk: Actor, class_id: str, lessons: int) -> None:
    """Call the roll of the first lessons, each on its day."""
    with counter.database.read() as tx:
        held = [(row.id, (clock.today() - row.held_on).days) for row in calendar.lessons_of(tx, class_id)]
        people = [line.id for line in rosters.list_roster(tx, class_id)]
    for lesson_id, ago in held[:lessons]:
        with sample.days_ago(ago), counter.database.write(clerk) as tx:
            for person in people:
                marking.mark(tx, lesson_id, person, "1")


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
