"""What is done about a class in a simulation: people sign up beyond its seats, leave, and are called lesson by lesson.

Like ``tests.sim.acts``: each takes the transaction and the dice, and returns what it means to have written.
"""

from datetime import timedelta

from app import clock
from app.db.database import Actor, Transaction
from app.models.training import DROPPED
from app.services.training import classes, enrolments, grid, marking
from app.services.training.calendar import PlannedLesson
from tests.factories import Factory
from tests.sim.acts import Act, Claims, Dice, register, some
from tests.sim.times import START
from tests.training_factory import EVERY_DAY

SEATS = 3
DAYS = (0, 0, 1, 299)
"""When the lessons are, counted from the first day of a run: most are over soon, sign-up goes on till the last."""
TRAINER = Actor("0198f3c2-7d10-7c3e-9a55-0000000000f1", "何蔚", frozenset({"trainer"}))


def hold(tx: Transaction) -> None:
    """Hold a class with a few seats, two of them taken, so that several people are soon after the last."""
    make, first = Factory(tx), START.date()
    course = make.course(hours_total=4 * len(DAYS), hours_theory=0, hours_practice=4 * len(DAYS))
    hours = (("08:30", "12:00"), ("13:30", "17:00"), ("08:30", "12:00"), ("08:30", "12:00"))
    planned = [PlannedLesson(first + timedelta(days=day), *times, 4.0) for day, times in zip(DAYS, hours, strict=True)]
    facts = {
        "course_id": course.id,
        "start_on": first,
        "end_on": planned[-1].held_on,
        "enrol_until": planned[-1].held_on,
        "slots": EVERY_DAY,
        "place": "二楼实训室",
        "trainers": [{"staff_id": TRAINER.staff_id, "name": TRAINER.name}],
        "seats": SEATS,
        "min_open": 1,
    }
    row = classes.plan_class(tx, facts, lessons=planned)
    classes.publish_class(tx, row.id)
    for (resident_id,) in tx.sql("SELECT id FROM resident ORDER BY id LIMIT 2"):
        told = [each.code for each in enrolments.check_sign_up(tx, row.id, resident_id).warnings]
        enrolments.enrol(tx, row.id, resident_id, knowing=told, why="本人知道")


def sign_up(tx: Transaction, dice: Dice) -> Claims | None:
    """Sign up somebody who is in no class yet, of the newest; where there is nobody, register somebody first."""
    class_id = some(tx, dice, "training_class")
    free = tx.sql(
        "SELECT id FROM resident WHERE deleted_at IS NULL AND id NOT IN (SELECT resident_id FROM enrolment)"
        " ORDER BY id DESC LIMIT 5"
    )
    if class_id is None or not free:
        return register(tx, dice)
    resident_id = dice.choice(free)[0]
    told = [each.code for each in enrolments.check_sign_up(tx, class_id, resident_id).warnings]
    row = enrolments.enrol(tx, class_id, resident_id, knowing=told, why="本人知道")
    return {("enrolment", row.id, "enrol_no"): row.enrol_no, ("enrolment", row.id, "resident_id"): resident_id}


def leave(tx: Transaction, dice: Dice) -> Claims | None:
    person = some(tx, dice, "enrolment")
    if person is None:
        return None
    enrolments.drop(tx, person, "02")
    return {("enrolment", person, "state"): DROPPED}


def put_ahead(tx: Transaction, dice: Dice) -> Claims | None:
    person = some(tx, dice, "enrolment")
    if person is None:
        return None
    enrolments.promote(tx, person, "失业半年以上")
    return {("enrolment", person, "ahead"): True}


def call(tx: Transaction, dice: Dice) -> Claims | None:
    """Mark one person at a lesson, or put her mark right."""
    lesson, person = _lesson(tx, dice), some(tx, dice, "enrolment")
    if lesson is None or person is None:
        return None
    code = dice.own.choice(("1", "1", "3", "4", "0"))
    if tx.sql("SELECT 1 FROM attendance WHERE lesson_id = :id AND enrolment_id = :who", id=lesson, who=person):
        row = marking.correct(tx, lesson, person, code, "点错了")
    else:
        row = marking.mark(tx, lesson, person, code)
    return {} if row is None else {("attendance", row.id, "mark"): code}


def call_all(tx: Transaction, dice: Dice) -> Claims | None:
    lesson = _lesson(tx, dice)
    return None if lesson is None or not marking.mark_rest(tx, lesson) else {}


def take_back_call(tx: Transaction, dice: Dice) -> Claims | None:
    lesson = _lesson(tx, dice)
    if lesson is None:
        return None
    grid.undo_mark(tx, lesson)
    return {}


def _lesson(tx: Transaction, dice: Dice) -> str | None:
    """Return a lesson whose day has come, as this machine has it."""
    rows = tx.sql("SELECT id FROM lesson WHERE held_on <= :today ORDER BY id", today=f"{clock.today():%Y-%m-%d}")
    return dice.choice(rows)[0] if rows else None


ACTS: dict[str, Act] = {act.__name__: act for act in (sign_up, leave, put_ahead, call, call_all, take_back_call)}
CLASSROOM = ("call", "call", "call", "call_all", "take_back_call")
"""What a trainer does too."""
OFFICE = ("sign_up", "sign_up", "sign_up", "leave", "put_ahead", "call", "call")
