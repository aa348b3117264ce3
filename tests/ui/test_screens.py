"""Every screen of SCREENS opens, empty and full; a Qt warning or an error in the log fails."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.main_window import MainWindow
from app.ui.screens import SCREENS, Screen
from tests.ui.whole_desktop import whole_desktop

OF_SOMEBODY = {"resident_file", "match", "slip", "roll_call", "field_work"}


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_opens_and_has_the_keyboard(qtbot: QtBot, tmp_path: Path, screen: Screen, full: bool) -> None:
    with whole_desktop(qtbot, tmp_path, full=full) as whole:
        whole.go(screen)

        assert whole.window.shell is not None
        page = whole.window.shell.current
        focused = whole.window.focusWidget()
        assert page is not None
        assert page.screen is screen
        if not full and screen.name in OF_SOMEBODY:
            return  # nobody to show: nothing there takes keys
        assert focused is not None
        assert page.holder.isAncestorOf(focused)
        assert focused.isVisible()


def test_a_screen_in_the_main_window_reaches_the_shell(qtbot: QtBot, tmp_path: Path) -> None:
    with whole_desktop(qtbot, tmp_path, full=False) as whole:
        window = MainWindow()
        window.show_desktop(whole.window)

        assert window.shell is whole.window.shell is not None
        window.takeCentralWidget()
        window.deleteLater()
