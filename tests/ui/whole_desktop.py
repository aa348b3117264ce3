"""The whole desktop with its real screens, over a counter that is empty or has something of everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.counter import Counter
from app.models.station import Staff
from app.services.training import classes
from app.ui.desktop import Desktop
from app.ui.screens import Screen
from tests.factories import Factory
from tests.ui import counters

WIDTH, HEIGHT = 1366, 680


class Whole:
    """A desktop somebody has signed in to."""

    def __init__(self, qtbot: QtBot, counter: Counter) -> None:
        self._qtbot, self.counter = qtbot, counter
        self._arguments: dict[str, dict[str, object]] = {}
        self.window = Desktop(counter)
        qtbot.addWidget(self.window)
        self.window.resize(WIDTH, HEIGHT)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self._sign_in()
        self._take_office()  # before screens are built: to lock and come back dresses all that are there

    def _sign_in(self) -> None:
        assert self.window.sign_in is not None
        for digit in counters.PIN:
            self.window.sign_in.take_digit(digit)

    def _take_office(self) -> None:
        """Let her be an officer too, and sign in again."""
        assert self.counter.database is not None and self.counter.runner.actor is not None
        with self.counter.database.write(None) as tx:
            tx.act("staff.edit")
            person = tx.get(Staff, self.counter.runner.actor.staff_id)
            person.roles = [*person.roles, "officer"]
        self.window.lock()
        self._sign_in()

    def fill(self) -> None:
        """Store something of everything."""
        assert self.counter.database is not None
        with self.counter.database.write(counters.sign_in(self.counter)) as tx:
            make = Factory(tx)
            person = make.resident()
            tx.flush()
            make.registration(person)
            make.unemp_reg()
            make.consent(person)
            vacancies = [make.vacancy(make.employer(), published=place > 0) for place in range(4)]
            tx.flush()
            referral = make.referral(vacancies[1], person)
            tx.flush()
            make.slip_print()
            held_class = make.training_class(state="10", start_on=clock.today())
            classes.publish_class(tx, held_class.id)
            make.enrolment(held_class, person)
            self._arguments = {
                "resident_file": {"id": person.id}, "match": {"id": person.id}, "slip": {"id": referral.id},
                "roll_call": {"id": held_class.id}, "class_file": {"id": held_class.id},
                "field_work": {"id": person.id},
            }  # fmt: skip

    def go(self, screen: Screen) -> None:
        """Open a screen and let it read."""
        assert self.window.shell is not None
        self.window.shell.navigate(screen.name, **self._arguments.get(screen.name, {}))
        self._qtbot.waitUntil(lambda: not self.counter.runner.busy)
        QApplication.processEvents()

    def dress(self, language: str, scale: int) -> None:
        """Put on a language and a size of text."""
        for name, value in (("language", language), ("text_scale", scale)):
            self.counter.store.change(name, value)
            QApplication.processEvents()
        self.window.resize(WIDTH, HEIGHT)
        QApplication.processEvents()


@contextmanager
def whole_desktop(qtbot: QtBot, folder: Path, *, full: bool) -> Iterator[Whole]:
    """Yield the desktop, signed in."""
    whole = Whole(qtbot, counters.found(folder))
    try:
        if full:
            whole.fill()
        yield whole
    finally:
        whole.window.close_down()
