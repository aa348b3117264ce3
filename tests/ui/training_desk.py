"""A counter with its real sign-up and graduation screens in a real window; where they lead is only noted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot
from sqlalchemy import update
from sqlmodel import col

from app import clock
from app.db.transaction import Transaction
from app.models.resident import Resident
from app.models.training import Enrolment
from app.services.training import classes, completion, marking
from app.ui.desktop import Desktop
from app.ui.screens import COUNTER, SCREENS, Screen
from tests.factories import Factory
from tests.ui import counters
from tests.ui.referral_desk import Desk

OWN = ("sign_up", "graduation")
NOTE = "tests.ui.counters:NoteScreen"


def screens() -> tuple[Screen, ...]:
    """Return the two real screens, and notes for where they lead."""
    real = tuple(screen for screen in SCREENS if screen.name in OWN)
    kept = tuple(replace(screen, factory=NOTE) for screen in SCREENS if screen.name in ("today", "resident_file"))
    return (*kept, *real, Screen("class_file", "班级", "graduation-cap", NOTE, roles=COUNTER, under="today"))


@contextmanager
def desk(qtbot: QtBot, folder: Path) -> Iterator[Desk]:
    """Yield a signed-in desktop of the head of a station; its runner is inline."""
    shown = Desktop(counters.found(folder), screens=screens())
    qtbot.addWidget(shown)
    shown.resize(1366, 680)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    assert shown.sign_in is not None
    for digit in counters.PIN:
        shown.sign_in.take_digit(digit)
    held = Desk(shown, "")
    shown.messages.said.connect(held.said.append)
    shown.messages.troubled.connect(held.troubles.append)
    held.person = held.write(lambda make: make.resident(name="郑阿菊", emp_status="21").id)
    try:
        yield held
    finally:
        shown.close_down()


def add_class(held: Desk, title: str, **values: object) -> str:
    """Open a class for sign-up; return its id."""
    start = {"start_on": clock.today() + timedelta(days=3), **values}
    return held.write(lambda make: make.training_class(make.course(hours_total=40), title=title, **start).id)  # type: ignore[arg-type]


def sign_up(held: Desk, class_id: str, person: str | None = None) -> str:
    """Sign somebody up without the screen; return the sign-up's id."""

    def enrol(make: Factory) -> str:
        from app.models.training import TrainingClass

        resident = make.tx.get(Resident, person) if person else make.resident()
        return make.enrolment(make.tx.get(TrainingClass, class_id), resident).id

    return held.write(enrol)


def decide(held: Desk, enrolment_id: str, seat: str | None) -> None:
    """Write a seat as the district does, and let the screens hear of it."""
    door: Any = held.desktop._door
    statement = update(Enrolment).where(col(Enrolment.id) == enrolment_id).values(seat=seat)
    with door.database.write(None) as tx, tx.applying():
        tx.session.connection().execute(statement)
    held.front().refresh()


def kept(held: Desk, enrolment_id: str) -> Enrolment:
    """Return a sign-up as it stands in the file."""
    return held.read(lambda tx: tx.get(Enrolment, enrolment_id).model_copy())


def running_class(
    held: Desk, marks: Sequence[str], scores: Sequence[tuple[float, float] | None]
) -> tuple[str, list[str]]:
    """Let a class be held until today with these marks and scores; return its id and its sign-ups'."""

    def hold(make: Factory) -> tuple[str, list[str]]:
        days = len(marks[0])
        first = clock.today() - timedelta(days=days - 1)
        row = make.training_class(lessons=days, start_on=first, title="养老护理员（初级）")
        signed = [make.enrolment(row) for _mark in marks]
        classes.open_class(make.tx, row.id, why="照开")
        for person, line, score in zip(signed, marks, scores, strict=True):
            for lesson, code in zip(make.lessons(row), line, strict=True):
                if code != ".":
                    marking.enter_sheet(make.tx, lesson.id, {person.id: marking.MarkInput(code)})
            if score is not None:
                completion.assess(make.tx, person.id, {"theory": score[0], "practice": score[1]})
        return row.id, [person.id for person in signed]

    return held.write(hold)


def tx_count(held: Desk, model: type) -> int:
    """Count the rows of a record type."""
    from sqlmodel import func, select

    def count(tx: Transaction) -> int:
        return int(tx.session.exec(select(func.count()).select_from(model)).one())

    return held.read(count)
