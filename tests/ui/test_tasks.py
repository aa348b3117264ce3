"""TaskRunner: order, threads, results on the GUI thread, errors to one place, nothing lost at the end."""

import threading
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database, Transaction
from app.errors import AppError, BugError, Cancelled, RuleError, StorageError, UserError
from app.services.staff import add_staff, list_staff
from app.ui.tasks import Task, TaskRunner


class Listener(QObject):
    """Hears results, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Any] = []
        self.errors: list[AppError] = []
        self.on_gui_thread: list[bool] = []

    def on_done(self, value: object) -> None:
        self.values.append(value)
        self.on_gui_thread.append(QThread.currentThread() is self.thread())

    def on_error(self, error: AppError) -> None:
        self.errors.append(error)
        self.on_gui_thread.append(QThread.currentThread() is self.thread())


@pytest.fixture
def runner(database: Database, actor: Actor, qtbot: QtBot) -> Any:
    made = TaskRunner()
    made.attach(database, actor)
    yield made
    made.close()


def _add(name: str, tx: Transaction) -> str:
    return add_staff(tx, {"name": name, "roles": ["clerk"]}).name


def _names(tx: Transaction) -> list[str]:
    return [each.name for each in list_staff(tx)]


def test_a_read_sees_the_write_before_it(runner: TaskRunner, qtbot: QtBot) -> None:
    listener = Listener()

    runner.write(partial(_add, "方静"), listener.on_done)
    runner.read(_names, listener.on_done)

    qtbot.waitUntil(lambda: len(listener.values) == 2)
    assert "方静" in listener.values[1]
    assert listener.on_gui_thread == [True, True]


def test_a_commit_tells_which_records_changed(runner: TaskRunner, qtbot: QtBot) -> None:
    with qtbot.waitSignal(runner.records_changed) as told:
        runner.write(partial(_add, "方静"))

    assert "staff" in told.args[0]


def test_work_leaves_the_gui_thread(runner: TaskRunner, qtbot: QtBot) -> None:
    listener = Listener()

    runner.io(threading.current_thread, listener.on_done)

    qtbot.waitUntil(lambda: bool(listener.values))
    assert listener.values[0] is not threading.main_thread()


def test_a_refusal_goes_to_who_asked_or_to_the_one_place(runner: TaskRunner, qtbot: QtBot) -> None:
    listener, place = Listener(), Listener()
    runner.show_error = place.on_error

    def refuse() -> None:
        raise RuleError("不行", code="test.no")

    runner.io(refuse, on_error=listener.on_error)
    runner.io(refuse)

    qtbot.waitUntil(lambda: bool(listener.errors and place.errors))
    assert listener.errors[0].code == place.errors[0].code == "test.no"


def test_a_fault_of_ours_becomes_a_sentence(runner: TaskRunner, qtbot: QtBot, expect_errors: None) -> None:
    listener = Listener()

    runner.io(lambda: 1 // 0, on_error=listener.on_error)
    runner.io(partial(open, "/nowhere/at/all"), on_error=listener.on_error)

    qtbot.waitUntil(lambda: len(listener.errors) == 2)
    assert {type(error) for error in listener.errors} == {BugError, StorageError}


def test_a_cancelled_task_is_silent(runner: TaskRunner, qtbot: QtBot) -> None:
    listener, gate = Listener(), threading.Event()
    task: Task[Any] = runner.db(gate.wait, listener.on_done)

    task.cancel()
    gate.set()
    runner.db(lambda: "next", listener.on_done)

    qtbot.waitUntil(lambda: bool(listener.values))
    assert listener.values == ["next"]


def test_stopped_work_is_silent(runner: TaskRunner, qtbot: QtBot) -> None:
    listener = Listener()

    def stop() -> None:
        raise Cancelled

    runner.db(stop, listener.on_done, listener.on_error)
    runner.db(lambda: "next", listener.on_done)

    qtbot.waitUntil(lambda: bool(listener.values))
    assert listener.errors == []


def test_the_result_of_a_vanished_widget_is_dropped(runner: TaskRunner, qtbot: QtBot) -> None:
    import shiboken6

    gone, listener, gate = Listener(), Listener(), threading.Event()
    runner.db(gate.wait, gone.on_done)

    shiboken6.delete(gone)
    gate.set()
    runner.db(lambda: "next", listener.on_done)

    qtbot.waitUntil(lambda: bool(listener.values))
    assert gone.values == []


def test_locked_nothing_is_written(runner: TaskRunner, qtbot: QtBot) -> None:
    listener = Listener()
    runner.sign_out()

    runner.write(partial(_add, "方静"), on_error=listener.on_error)
    runner.read(_names, listener.on_done)

    qtbot.waitUntil(lambda: bool(listener.values))
    assert isinstance(listener.errors[0], UserError)
    assert "方静" not in listener.values[0]


def test_what_was_asked_before_the_lock_is_still_saved(runner: TaskRunner, qtbot: QtBot) -> None:
    listener, gate = Listener(), threading.Event()
    runner.db(gate.wait)
    runner.write(partial(_add, "方静"), listener.on_done)

    runner.sign_out()
    gate.set()

    qtbot.waitUntil(lambda: bool(listener.values))
    assert listener.values == ["方静"]


def test_closing_finishes_the_db_lane(database: Database, actor: Actor, qtbot: QtBot) -> None:
    runner = TaskRunner()
    runner.attach(database, actor)

    for number in range(20):
        runner.write(partial(_add, f"员{number}"))
    runner.close()

    with database.read() as tx:
        assert len([name for name in _names(tx) if name.startswith("员")]) == 20
    assert runner._tell_committed not in database.on_commit


def test_what_came_back_during_the_closing_reaches_no_screen_any_more(
    database: Database, actor: Actor, qtbot: QtBot
) -> None:
    runner = TaskRunner()
    runner.attach(database, actor)
    came: list[int] = []

    runner.read(lambda _tx: 1, came.append)
    runner.close()
    qtbot.wait(20)

    assert came == []


def test_inline_it_runs_at_once(database: Database, actor: Actor, qtbot: QtBot) -> None:
    runner, listener = TaskRunner(inline=True), Listener()
    runner.attach(database, actor)
    told: list[frozenset[str]] = []
    runner.records_changed.connect(told.append)

    runner.write(partial(_add, "方静"), listener.on_done)

    assert listener.values == ["方静"]
    assert "staff" in told[0]


def test_a_read_looks_with_the_eyes_of_whoever_is_signed_in(runner: TaskRunner, actor: Actor, qtbot: QtBot) -> None:
    listener = Listener()

    runner.read(_who, listener.on_done)

    qtbot.waitUntil(lambda: len(listener.values) == 1)
    assert listener.values == [actor.staff_id]


def _who(tx: Transaction) -> str | None:
    return tx.actor_id
