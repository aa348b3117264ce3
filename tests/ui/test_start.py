"""The start on Qt's side: what cannot be opened is said and ends with 1; what the last run left is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from app.bootstrap import open_counter
from app.errors import StorageError
from app.launching.begin import Launch
from app.launching.instance import OnlyOne
from app.paths import DataFolder
from app.ui.activation import Activation, bring_to_front
from app.ui.main_window import MainWindow
from app.ui.start import Start
from app.ui.trouble import show_trouble
from tests.ui import counters


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    shown = MainWindow()
    yield shown
    shown.close()
    shown.deleteLater()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Yield what the start holds of a founded counter."""
    folder = DataFolder(tmp_path / "counter")
    counters.found(folder.root).close()
    only = OnlyOne(folder.root, folder.lock)
    assert only.claim()
    held = Launch(folder, only)
    yield held
    held.end()


def started(qtbot: QtBot, window: MainWindow, launch: Launch) -> Start:
    start = Start(launch.folder.root, open_counter, window, launch=launch)
    window.show()
    qtbot.waitUntil(lambda: start.activation is not None, timeout=20_000)
    return start


def card_of(start: Start) -> list[str]:
    """Return the words of the error card; none where it is hidden."""
    assert start.desktop is not None
    card = start.desktop.notices.card
    return [] if card.isHidden() else [label.text() for label in card.findChildren(QLabel)]


def test_a_second_start_rings_and_the_minimised_window_comes_back(
    qtbot: QtBot, window: MainWindow, launch: Launch
) -> None:
    started(qtbot, window, launch)
    window.showMinimized()

    claimed = OnlyOne(launch.folder.root, launch.folder.lock).claim_or_raise({}, seconds=30)

    qtbot.waitUntil(lambda: not window.isMinimized() and window.isVisible())
    assert not claimed


def test_a_closed_window_lets_the_next_start_in(qtbot: QtBot, window: MainWindow, launch: Launch) -> None:
    started(qtbot, window, launch)

    window.close()
    launch.end()

    after = OnlyOne(launch.folder.root, launch.folder.lock)
    assert after.claim_or_raise({})
    assert not (launch.folder.root / "window.sock").exists()
    after.release()


def test_without_any_socket_the_window_opens_all_the_same(
    qtbot: QtBot, window: MainWindow, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: object) -> None:
        raise OSError("no socket here")

    monkeypatch.setattr("socket.socket.bind", refuse)

    start = started(qtbot, window, launch)

    assert start.desktop is not None and start.desktop.sign_in is not None


def test_a_native_crash_of_the_last_run_is_told_with_its_report(
    qtbot: QtBot, window: MainWindow, launch: Launch
) -> None:
    launch.crashed_before = launch.folder.logs / "crash-20261129-080000.txt"

    start = started(qtbot, window, launch)

    words = "".join(card_of(start))
    assert "上次家门口意外停了" in words and "已经保存的都在" in words
    assert "crash-20261129-080000.txt" in words


def test_damaged_settings_are_kept_and_told(qtbot: QtBot, window: MainWindow, launch: Launch) -> None:
    (launch.folder.root / "settings.json").write_text("{ half")

    start = started(qtbot, window, launch)

    assert "设置文件坏了" in "".join(card_of(start))
    assert (launch.folder.root / "settings.damaged.json").read_text() == "{ half"


def test_an_error_in_a_slot_is_reported_and_the_card_says_where(
    qtbot: QtBot, window: MainWindow, launch: Launch, expect_errors: None
) -> None:
    start = started(qtbot, window, launch)
    problem = ValueError("冯巧云")

    start.excepthook(ValueError, problem, None)

    written = list(launch.folder.logs.glob("crash-*.txt"))
    words = "".join(card_of(start))
    assert len(written) == 1 and written[0].name in words
    assert "冯巧云" not in words + written[0].read_text("utf-8")


def test_an_error_in_a_thread_reaches_the_card_too(
    qtbot: QtBot, window: MainWindow, launch: Launch, expect_errors: None
) -> None:
    start = started(qtbot, window, launch)

    launch.crashes.told(ValueError("x"), launch.folder.logs / "crash-x.txt")

    qtbot.waitUntil(lambda: "crash-x.txt" in "".join(card_of(start)))


@pytest.mark.parametrize("code", ["storage.newer", "keyring.damaged"])
def test_what_cannot_be_opened_is_said_and_ends_with_one(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    def refuse(_root: Path) -> None:
        raise StorageError("数据没有动", code=code)

    Start(tmp_path, refuse, window)  # type: ignore[arg-type]
    window.show()

    status = QApplication.exec()

    assert (status, capsys.readouterr().err) == (1, "doorstep: 数据没有动\n")


def test_data_of_a_newer_program_are_refused_before_a_pin_is_typed(tmp_path: Path) -> None:
    counter = counters.found(tmp_path)
    note = '{"code": "330110001001", "name": "溪桥", "schema": "9999"}'
    counter.keyring.remember("station", note)
    counter.close()

    with pytest.raises(StorageError) as refused:
        open_counter(tmp_path)

    assert refused.value.code == "storage.newer"


def test_the_small_window_says_the_sentence_and_goes_away(qtbot: QtBot) -> None:
    seen: list[str] = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        box.reject()

    QTimer.singleShot(0, look)
    show_trouble("磁盘满了，家门口打不开。")

    assert seen == ["磁盘满了，家门口打不开。"]


def test_bringing_to_the_front_hands_the_desktops_token_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")

    bring_to_front(window, {"XDG_ACTIVATION_TOKEN": "t-1"})

    assert os.environ["XDG_ACTIVATION_TOKEN"] == "t-1"
    assert window.isVisible()


def test_an_activation_ends_its_thread_with_the_window(qtbot: QtBot, window: MainWindow, launch: Launch) -> None:
    activation = Activation(launch.only, window)

    activation.close()

    assert not (launch.folder.root / "window.json").exists()
