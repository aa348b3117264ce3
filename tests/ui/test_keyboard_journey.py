"""The counter's main job in the real window, by keyboard alone: sign in, register, match, refer, print.

Keys go to whatever has the keyboard; nothing is clicked and nothing is called but to look at what came of it. The
runner works on its real lanes. Only the printer is made of a file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap import open_counter
from app.models.identity import slip_payload
from app.services import referrals
from app.ui.desktop import Desktop
from app.ui.fields.base import Field
from app.ui.main_window import MainWindow
from app.ui.start import Start
from tests.factories import Factory
from tests.printing import reading
from tests.ui import counters
from tests.ui.referral_desk import PaperPrinter, press, type_in

ID_NO = "330421197904259966"
TYPED = {
    "id_no": ID_NO, "female_retire_base": "1", "name": "冯巧云", "edu_level": "71", "person_class": "4",
    "emp_status": "22", "mobile": "19900000004", "live_addr": "溪桥苑 3 幢 2 单元", "hukou_region": "330421",
    "intent1": "家政服务员", "wage1": "4200", "accept_shift": "1", "accept_gig": "1", "accept_training": "1",
    "accept_internship": "0", "accept_pwpost": "1", "guidance_need": "1", "training_need": "0", "startup_need": "0",
    "consent_notice": "1", "publish_consent": "1", "consent_way": "1",
}  # fmt: skip
MOST_FIELDS = 90


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Yield the main window as the program opens it, on a founded counter with two vacancies."""
    folder = tmp_path / "counter"
    _with_vacancies(folder)
    shown = MainWindow()
    start = Start(folder, open_counter, shown)
    shown.show()
    qtbot.waitUntil(lambda: start.desktop is not None and start.desktop.sign_in is not None, timeout=20_000)
    yield shown
    shown.close()
    shown.deleteLater()


def _with_vacancies(folder: Path) -> None:
    counter = counters.found(folder)
    actor = counters.sign_in(counter)
    assert counter.database is not None
    for title, trade in (("家政服务员", "4-10"), ("保洁员", "4-09")):
        with counter.database.write(actor) as tx:
            make = Factory(tx)
            owner = make.employer()
            tx.flush()
            make.vacancy(owner, title=title, trade=trade)
    counter.close()


def _desktop(window: MainWindow) -> Desktop:
    desktop = window.centralWidget()
    assert isinstance(desktop, Desktop)
    return desktop


def _front(window: MainWindow) -> tuple[str, Any]:
    """Return the name of the screen in front, and the screen."""
    shell = _desktop(window).shell
    if shell is None or shell.current is None:
        return "", None
    return shell.current.screen.name, shell.current.widget


def _field() -> Field | None:
    """Return the form field that has the keyboard."""
    widget: QWidget | None = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, Field):
        widget = widget.parentWidget()
    return widget


def _fill_in(qtbot: QtBot) -> None:
    """Go through the sheet with Enter, typing where the clerk would."""
    done: set[str] = set()
    for _step in range(MOST_FIELDS):
        field = _field()
        if field is None:
            break
        if field.name in TYPED and field.name not in done:
            type_in(TYPED[field.name])
        done.add(field.name)
        press(Qt.Key.Key_Return)
        qtbot.wait(1)
    assert set(TYPED) <= done | {"female_retire_base"}


def test_a_clerk_registers_matches_refers_and_prints_by_keyboard_alone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)

    type_in(counters.PIN)
    qtbot.waitUntil(lambda: _desktop(window).shell is not None, timeout=20_000)
    press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: _front(window)[0] == "register")
    _fill_in(qtbot)
    press(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: _front(window)[0] == "resident_file" and _has_keyboard(window), timeout=20_000)

    press(Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: _front(window)[0] == "match" and bool(_ranked(window)), timeout=20_000)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None, timeout=20_000)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: _front(window)[0] == "slip" and _is_ready(window), timeout=20_000)
    press(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: _printed(window) == 1, timeout=20_000)

    slip = _front(window)[1]._view.facts
    assert slip.name == "冯巧云"
    assert slip.vacancy_title == "家政服务员"
    assert slip_payload(slip.slip_no) in reading.codes(printer.sheets[0].read_bytes(), dpi=200)


def _has_keyboard(window: MainWindow) -> bool:
    """Say whether the file has been read and F4 would reach it."""
    screen, focused = _front(window)[1], window.focusWidget()
    return "match" in screen.acts() and focused is not None and screen.isAncestorOf(focused)


def _ranked(window: MainWindow) -> list[Any]:
    return list(_front(window)[1].tables["suggested"].rows())


def _is_ready(window: MainWindow) -> bool:
    screen = _front(window)[1]
    return bool(screen._printers) and not screen.preview.sheet.image.isNull()


def _printed(window: MainWindow) -> int:
    """Return how often the slip on screen went to paper, once the printer is done."""
    screen = _front(window)[1]
    door: Any = _desktop(window)._door
    if screen._busy:
        return 0
    with door.database.read() as tx:
        return referrals.print_count(tx, screen._view.facts.referral_id)
