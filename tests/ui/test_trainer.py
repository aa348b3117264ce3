"""The trainer's whole use: she signs in, sees her lessons and nobody's file, and calls a class of forty by keyboard."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update
from sqlmodel import col

from app import clock
from app.bootstrap import open_counter
from app.db.database import Database
from app.models.operation import PARKED, Operation
from app.services import staff
from app.services.sync_overview import load_centre
from app.services.training.grid import load_grid
from app.ui.desktop import Desktop
from app.ui.main_window import MainWindow
from app.ui.palette import entries
from app.ui.roll_call.screen import RollCallScreen
from app.ui.start import Start
from app.ui.today.trainer import TrainerDay
from tests.factories import Factory
from tests.ui import counters
from tests.ui.referral_desk import press, type_in
from tests.ui.roll_desk import CHIEF, HERSELF, OUTSIDER, TRAINER, Room, build, roll_desk

PIN = "816305"
FORTY = 40
SPARE_KEYS = 6
CALLED = {3: "2", 7: "0", 11: "4", 20: "2", 33: "3"}
"""Who is not plainly there, by place; the first late one gets her minutes."""


@pytest.fixture
def laptop(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[MainWindow, Room]]:
    """Yield the main window as the program opens it on a trainer's laptop: forty people, a lesson today."""
    folder = tmp_path / "counter"
    room = _prepare(folder)
    shown = MainWindow()
    start = Start(folder, open_counter, shown)
    shown.show()
    qtbot.waitUntil(lambda: start.desktop is not None and start.desktop.sign_in is not None, timeout=20_000)
    yield shown, room
    shown.close()
    shown.deleteLater()


def _prepare(folder: Path) -> Room:
    counter = counters.found(folder)
    chief = counters.sign_in(counter)
    assert counter.database is not None
    with counter.database.write(chief) as tx:
        trainer = staff.add_staff(tx, {"name": TRAINER, "roles": ["trainer"]}).id
    with counter.database.write(chief) as tx:
        room = build(Factory(tx), trainer, FORTY)
    counter.add_person(trainer, TRAINER, "trainer", PIN)
    counter.remove_person(next(each.entry_id for each in counter.people() if each.name != TRAINER))
    counter.close()
    return room


def _front(window: MainWindow) -> tuple[str, Any]:
    desktop = cast("Desktop", window.centralWidget())
    page = desktop.shell.current if desktop.shell is not None else None
    return (page.screen.name, page.widget) if page is not None else ("", None)


def _is_ready(window: MainWindow) -> bool:
    name, screen = _front(window)
    return name == "roll_call" and screen.grid.person is not None


def _marks(window: MainWindow, room: Room) -> list[str]:
    """Return what the store has of today's lesson, in the order of the list."""
    door: Any = cast("Desktop", window.centralWidget())._door
    database: Database = door.database
    with database.read() as tx:
        found = {each.id: each.cells.get(room.lessons[2]) for each in load_grid(tx, room.class_id).people}
    cells = [found[person] for person in room.people]
    return [f"{cell.mark}{cell.minutes or ''}" if cell is not None else "" for cell in cells]


def test_a_class_of_forty_is_called_by_keyboard_with_hardly_more_than_forty_keys(
    qtbot: QtBot, laptop: tuple[MainWindow, Room]
) -> None:
    window, room = laptop
    pressed: list[str] = []

    def key(
        text: str = "", code: Qt.Key | None = None, hold: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        pressed.append(text or str(code))
        if code is None:
            type_in(text)
        else:
            press(code, hold)

    type_in(PIN)
    qtbot.waitUntil(lambda: _front(window)[0] == "today" and bool(_front(window)[1].table.rows()), timeout=20_000)
    key(code=Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _is_ready(window), timeout=20_000)
    screen = cast("RollCallScreen", _front(window)[1])
    pressed.clear()

    for place in range(FORTY):
        code = CALLED.get(place, "1")
        key(code)
        if place == 3:
            for digit in "15":
                key(digit)
        if code in ("2", "3"):
            key(code=Qt.Key.Key_Return)
    called = len(pressed)
    assert screen.model.missing(room.lessons[2]) == []

    key(code=Qt.Key.Key_Z, hold=Qt.KeyboardModifier.ControlModifier)  # the last one was a slip of the finger
    assert [each.id for each in screen.model.missing(room.lessons[2])] == [room.people[-1]]
    key("0")
    key(code=Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: _front(window)[0] == "today", timeout=20_000)

    expected = [CALLED.get(place, "1") for place in range(FORTY)]
    expected[3], expected[-1] = "215", "0"
    assert _marks(window, room) == expected
    assert called <= FORTY + SPARE_KEYS


def _words(window: QWidget) -> str:
    """Return everything that can be read in a window."""
    labels = [label.text() for label in window.findChildren(QLabel)]
    names = [widget.accessibleName() + widget.accessibleDescription() for widget in window.findChildren(QWidget)]
    return "\n".join((*labels, *names))


def test_today_is_her_lessons_alone_and_enter_calls_the_roll(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.shell.navigate("today")
        _name, day = held.front()
        assert isinstance(day, TrainerDay)
        rows = day.table.rows()

        press(Qt.Key.Key_Return)

        assert [(each.number, each.people, each.called) for each in rows] == [
            (3, 6, 0), (2, 6, 0), (4, 6, 0), (5, 6, 0),
        ]  # fmt: skip
        assert {each.class_id for each in rows} == {held.room.class_id}
        assert day.badge() == 2
        name, screen = held.front()
        assert (name, screen.grid.lesson.id) == ("roll_call", held.room.lessons[2])


def test_nothing_that_she_can_open_or_read_is_a_residents(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.shell.navigate("today")
        refused = []
        for name in ("residents", "resident_file", "register", "match", "referrals", "vacancies", "merging"):
            held.shell.navigate(name)
            refused.append(held.front()[0])
            assert "您的岗位打不开这一屏" in held.troubles[-1].text
        held.roll()
        texts = _words(held.shell)

        assert set(refused) == {"today"}
        assert OUTSIDER not in texts
        assert held.room.other_name not in texts
        assert "resident" not in {getattr(row.value, "kind", "") for row in entries(held.shell._context)}


@pytest.mark.parametrize("typed", ["zaj", "zhengaju", "郑阿", "阿菊"], ids=["initials", "pinyin", "begin", "middle"])
def test_her_search_finds_her_students_and_goes_to_their_row(qtbot: QtBot, tmp_path: Path, typed: str) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.shell.navigate("today")

        press(Qt.Key.Key_F3)
        type_in(typed)
        qtbot.waitUntil(lambda: held.shell.top.search._answered == typed)
        press(Qt.Key.Key_Return)

        name, screen = held.front()
        assert (name, screen.grid.person.name) == ("roll_call", "郑阿菊")


@pytest.mark.parametrize("whose", ["outsider", "other"])
def test_her_search_finds_nobody_else(qtbot: QtBot, tmp_path: Path, whose: str) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.shell.navigate("today")
        words = OUTSIDER if whose == "outsider" else held.room.other_name

        press(Qt.Key.Key_F3)
        type_in(words)
        qtbot.waitUntil(lambda: held.shell.top.search._answered == words)

        assert held.shell.top.search.list.rows() == ()
        assert f"您的班里没有“{words}”" in held.shell.top.search.nobody.text()


def test_another_trainers_class_stays_shut_in_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.shell.navigate("roll_call", id=held.room.other_class)

        assert "不是您教的" in held.troubles[-1].text
        assert held.front()[1].model.people == ()


def test_a_clerks_today_and_search_stay_what_they_were(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, as_trainer=False) as held:
        held.shell.navigate("today")

        search = held.shell.top.search

        with held.database.read() as tx:
            _words, found = search._find(OUTSIDER, tx)

        assert not isinstance(held.front()[1], TrainerDay)
        assert search.field.accessibleName() == "查人"
        assert [each.name for each in found] == [OUTSIDER]


def test_a_lesson_left_uncalled_leaves_her_list_after_two_weeks(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        clock.shift(timedelta(days=15))
        try:
            held.shell.navigate("today")
            numbers = [each.number for each in held.front()[1].table.rows()]
        finally:
            clock.shift(timedelta(0))

        assert numbers == [4, 5]


def test_on_a_shared_computer_the_sync_tells_her_nothing_of_what_others_sent(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        with held.database.write(None) as tx:
            tx.session.connection().execute(
                update(Operation).where(col(Operation.act) == "resident.register").values(state=PARKED, code="bad")
            )
        with held.database.read(CHIEF) as tx:
            clerks = load_centre(tx)
        with held.database.read(HERSELF) as tx:
            hers = load_centre(tx)

        held.shell.navigate("sync")

        assert any(item.act == "resident.register" for item in clerks.parked)
        assert hers.parked == hers.handed == hers.strays == ()
        assert OUTSIDER not in _words(held.shell)
