"""Access: every control has a name; at no size of text is a screen larger than the window of the design."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QPlainTextEdit, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from app.ui.screens import SCREENS
from tests.ui.whole_desktop import HEIGHT, WIDTH, Whole, whole_desktop

HIGHEST = 768  # at twice the size a whole small monitor is needed
CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractItemView)


def _nameless(whole: Whole) -> list[str]:
    window = whole.window
    controls = [each for each in window.findChildren(QWidget) if each.isVisibleTo(window) and _is_control(each)]
    return [repr(each) for each in controls if not (each.accessibleName() or _words(each))]


def _is_control(widget: QWidget) -> bool:
    takes_keys = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not isinstance(widget, QScrollBar)
    return isinstance(widget, CONTROLS) or (takes_keys and widget.focusProxy() is None and not widget.isWindow())


def _words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_every_control_has_a_name(qtbot: QtBot, tmp_path: Path, full: bool) -> None:
    found: dict[str, list[str]] = {}
    with whole_desktop(qtbot, tmp_path, full=full) as whole:
        for screen in SCREENS:
            whole.go(screen)
            found[screen.name] = _nameless(whole)

    assert {name: controls for name, controls in found.items() if controls} == {}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_nothing_is_larger_than_the_window_at_any_size_of_text(qtbot: QtBot, tmp_path: Path, language: str) -> None:
    larger: dict[tuple[str, int], tuple[int, int]] = {}
    with whole_desktop(qtbot, tmp_path, full=True) as whole:
        for scale in (100, 150, 200):
            whole.dress(language, scale)
            highest = HIGHEST if scale > 150 else HEIGHT
            for screen in SCREENS:
                whole.go(screen)
                least = whole.window.minimumSizeHint()
                if least.width() > WIDTH or least.height() > highest:
                    larger[screen.name, scale] = (least.width(), least.height())

    assert larger == {}
