"""A counter with one person and a few vacancies, its real match, slip and referral screens in a real window."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.db.transaction import Transaction
from app.models.employer import Employer
from app.models.resident import Resident
from app.ui import print_pdf
from app.ui.desktop import Desktop
from app.ui.messages import Notice, Trouble
from app.ui.print_pdf import PrinterChoice
from app.ui.screens import SCREENS, Screen
from app.ui.shell import Shell
from tests.factories import Factory
from tests.ui import counters

T = TypeVar("T")
PRINTER = "前台激光打印机"
OWN = ("match", "slip", "referrals")
NOTES = ("today", "residents", "vacancies", "resident_file", "register")
HERE, NEAR = {"lat": 30.288, "lon": 119.998, "datum": "GCJ02"}, {"lat": 30.294, "lon": 120.003, "datum": "GCJ02"}


def screens() -> tuple[Screen, ...]:
    """Return the real screens of this test's own, and notes for the others."""
    kept = [screen for screen in SCREENS if screen.name in OWN + NOTES]
    return tuple(
        screen if screen.name in OWN else replace(screen, factory="tests.ui.counters:NoteScreen") for screen in kept
    )


@dataclass
class Desk:
    """What a test holds in its hands."""

    desktop: Desktop
    person: str
    said: list[Notice] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def shell(self) -> Shell:
        assert self.desktop.shell is not None
        return self.desktop.shell

    def front(self) -> Any:
        """Return the screen in front."""
        assert self.shell.current is not None
        return self.shell.current.widget

    def name(self) -> str:
        """Return the name of the screen in front."""
        assert self.shell.current is not None
        return self.shell.current.screen.name

    def go(self, name: str, **arguments: object) -> Any:
        """Open a screen."""
        self.shell.navigate(name, **arguments)
        return self.front()

    def write(self, work: Callable[[Factory], T]) -> T:
        """Do an act as whoever is signed in."""
        door: Any = self.desktop._door
        with door.database.write(door.runner.actor) as tx:
            return work(Factory(tx))

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Look into the database."""
        door: Any = self.desktop._door
        with door.database.read() as tx:
            return work(tx)

    def vacancy(self, title: str, employer: str, *, verified: bool = True, **values: Any) -> str:
        """Publish a vacancy of that employer; return its id."""

        def add_employer(make: Factory) -> str:
            row = make.employer(name=employer)
            return row.id

        owner = self.write(add_employer)

        def add(make: Factory) -> str:
            return make.vacancy(make.tx.get(Employer, owner), title=title, geo=NEAR, **values).id

        made = self.write(add)
        if not verified:
            self.write(lambda make: _unverify(make, owner))
        return made

    def referral(self, vacancy_id: str | None = None) -> str:
        """Issue a slip without the screen; return the referral's id."""
        from app.services.referrals import issue_referral

        wanted = vacancy_id or self.vacancy("公寓综合维修", "杭州栖里公寓管理有限公司")
        return self.write(
            lambda make: issue_referral(make.tx, resident_id=self.person, vacancy_id=wanted, consent_share=True).id
        )


def _unverify(make: Factory, employer_id: str) -> None:
    make.tx.act("employer.verify")
    make.tx.get(Employer, employer_id).verify_state = "10"


@contextmanager
def desk(qtbot: QtBot, folder: Path) -> Iterator[Desk]:
    """Yield a signed-in desktop; its runner is inline."""
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
    held.person = held.write(lambda make: make.resident(name="葛守成", id_no="330110197002189991", geo=HERE).id)
    held.write(lambda make: make.registration(make.tx.get(Resident, held.person)).id)
    try:
        yield held
    finally:
        shown.close_down()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    QTest.keyClick(_keyboard(), key, modifier)


def type_in(text: str) -> None:
    """Type where the keyboard is; the keyboard may move meanwhile."""
    for char in text:
        if char.isascii():
            QTest.keyClicks(_keyboard(), char)
        else:  # as an input method hands it over
            composed = QInputMethodEvent()
            composed.setCommitString(char)
            QApplication.sendEvent(_keyboard(), composed)


def _keyboard() -> QWidget:
    """Return who has the keyboard; the bare platform gives it to nobody by itself when a dialog comes or goes."""
    window = QApplication.activeModalWidget() or next(one for one in QApplication.topLevelWidgets() if one.isVisible())
    if QApplication.activeWindow() is not window:
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window)
        QTest.qWait(1)
    return QApplication.focusWidget() or window


class PaperPrinter:
    """The printer of the tests, at the very edge: what it is sent lands in PDF files."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder = folder
        self.sheets: list[Path] = []
        monkeypatch.setattr(print_pdf, "make_printer", self.make)
        monkeypatch.setattr(print_pdf, "list_printers", self.offered)

    def offered(self) -> tuple[PrinterChoice, ...]:
        """Return the one printer."""
        return (PrinterChoice(PRINTER, PRINTER, True),)

    def make(self, name: str) -> QPrinter:
        """Return a printer that writes a file."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        sheet = self.folder / f"sheet-{len(self.sheets)}.pdf"
        printer.setOutputFileName(str(sheet))
        self.sheets.append(sheet)
        return printer
