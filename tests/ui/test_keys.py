"""The command table is sound: what it names exists, no key is bound twice, input methods keep theirs."""

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.models.acts import find_act
from app.ui import icons, keys
from app.ui.help import lines
from app.ui.pinyin import matches
from app.ui.screens import SCREENS


def test_no_key_is_bound_twice() -> None:
    bound = Counter(key for each in keys.COMMANDS for key in each.keys)

    assert [key for key, count in bound.items() if count > 1] == []


def test_input_methods_keep_their_keys() -> None:
    assert not {key for each in keys.COMMANDS for key in each.keys} & keys.FORBIDDEN


@pytest.mark.parametrize("command", keys.COMMANDS, ids=lambda each: each.name)
def test_a_command_names_what_exists(command: keys.Command, qtbot: QtBot) -> None:
    assert all(not QKeySequence(key).isEmpty() for key in command.keys)
    assert not command.icon or command.icon in icons.names()
    assert not command.screen or command.screen in {screen.name for screen in SCREENS}
    assert not command.act or find_act(command.act) is not None
    assert command.group in keys.GROUPS


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.name)
def test_a_screen_names_what_exists(screen: object, qtbot: QtBot) -> None:
    assert screen.icon in icons.names()  # type: ignore[attr-defined]
    assert screen.rail or screen.under in {each.name for each in SCREENS if each.rail}  # type: ignore[attr-defined]


def test_help_lists_every_command_and_habit() -> None:
    shown = sum(len(lines(group)) for group in keys.GROUPS)

    assert shown == len(keys.COMMANDS) + len(keys.HABITS)


def test_a_tooltip_and_a_hint_come_from_the_table() -> None:
    assert keys.tooltip("register") == "新登记（F2）"
    assert keys.hint("back").keys == ("Alt ←",)


@pytest.mark.parametrize("typed", ["打印", "dy", "dayin", "DaYin", "da yin", ""])
def test_a_command_is_found_by_words_pinyin_and_initials(typed: str) -> None:
    assert matches(typed, "打印")
    assert typed == "" or not matches(typed, "换人")
