"""A class of the sample station with its trainer: sixteen fictional people, ten lessons, today's half called."""

import json
from datetime import timedelta
from typing import Any

from app import clock, paths
from app.commands.sample import CLERK_PIN, clerk_of, days_ago
from app.db.database import Actor, Transaction
from app.db.keyring import Keyring
from app.models.check_chars import id_check_char
from app.models.training import Lesson
from app.services import residents, staff
from app.services.counters import OpenCounter
from app.services.training import calendar, classes, courses, enrolments, marking
from app.services.training.calendar import PlannedLesson

BACK, LESSONS, CALLED = 5, 10, 13
"""So many lessons were held, so many there are, so many people have been called in today's."""


def class_facts() -> dict[str, Any]:
    """Return the fictional class: ``course``, ``people`` [name, category], ``marks`` [person, lesson, mark]."""
    loaded: dict[str, Any] = json.loads((paths.resources() / "sample" / "class.json").read_text("utf-8"))
    return loaded


def teach(counter: OpenCounter) -> str:
    """Add the trainer, her class and its lessons so far; return the class's id."""
    facts = class_facts()
    name = facts["trainer"]
    with counter.database.write(counter.actor) as tx:
        trainer = staff.add_staff(tx, {"name": name, "roles": ["trainer"]})
    Keyring.open(counter.folder).add(counter.key, staff_id=trainer.id, name=name, role="trainer", pin=CLERK_PIN)
    clerk, herself = clerk_of(counter, _clerk_name(counter)), Actor(trainer.id, name, frozenset({"trainer"}))
    with days_ago(BACK + 3), counter.database.write(clerk) as tx:
        class_id = _plan(tx, facts, trainer.id)
    signed = []
    for place, (person, target) in enumerate(facts["people"]):
        with days_ago(BACK + 2), counter.database.write(clerk) as tx:
            signed.append(_sign_up(tx, class_id, place, person, target, facts["address"]))
    with days_ago(BACK), counter.database.write(clerk) as tx:
        classes.open_class(tx, class_id)
    for number in range(BACK + 1):
        with days_ago(BACK - number):
            people = signed[: CALLED if number == BACK else len(signed)]
            _hold(counter, herself, class_id, people, number, {tuple(each[:2]): each[2] for each in facts["marks"]})
    return class_id


def _clerk_name(counter: OpenCounter) -> str:
    with counter.database.read() as tx:
        return next(each.name for each in staff.list_staff(tx) if "clerk" in each.roles)


def _plan(tx: Transaction, facts: dict[str, Any], trainer_id: str) -> str:
    course = courses.add_course(tx, facts["course"])
    tx.flush()
    first = clock.today() + timedelta(days=3)
    days = [PlannedLesson(first + timedelta(days=n), "13:30", "17:00", 4.0) for n in range(LESSONS)]
    values = {
        "course_id": course.id, "start_on": first, "end_on": first + timedelta(days=60),
        "enrol_until": first - timedelta(days=1), "place": facts["place"], "seats": 16, "min_open": 10,
        "slots": [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "13:30", "to": "17:00", "hours": 4}],
        "trainers": [{"staff_id": trainer_id, "name": facts["trainer"]}],
    }  # fmt: skip
    row = classes.plan_class(tx, values, lessons=days)
    tx.flush()
    classes.publish_class(tx, row.id)
    return row.id


def _sign_up(tx: Transaction, class_id: str, place: int, name: str, target: str, address: str) -> str:
    body = f"3301101978{place % 9 + 1:02d}{place + 10:02d}{996 + place % 2 * 2}"
    values = {
        "name": name, "id_type": "01", "id_no": body + id_check_char(body), "mobile": f"199000002{place:02d}",
        "edu_level": "71", "emp_status": "21", "hukou_region": "330110", "live_region": "330110012",
        "live_addr": address.format(n=place + 1),
    }  # fmt: skip
    person = residents.register_resident(tx, values, consents=[{"kind": "1", "agreed": True}])
    tx.flush()
    row = enrolments.enrol(tx, class_id, person.id, knowing=("subsidy", "clash", "no_phone"))
    tx.flush()
    row.target = target
    return row.id


def _hold(
    counter: OpenCounter, trainer: Actor, class_id: str, signed: list[str], number: int, marks: dict[Any, str]
) -> None:
    with counter.database.read(trainer) as tx:
        lesson: Lesson = calendar.lessons_of(tx, class_id)[number]
    for place, person in enumerate(signed):
        code = marks.get((place, number), "1")
        with counter.database.write(trainer) as tx:
            marking.mark(tx, lesson.id, person, code, way="4")
