"""The counter's card from the window: by F1 and from the settings, once somebody is signed in."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui import print_pdf
from app.ui.help import HelpSheet
from app.ui.settings.screen import SettingsScreen
from tests.printing.reading import squeezed
from tests.ui.counters import desktop


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Return where the file dialog points."""
    file = tmp_path / "card.pdf"
    monkeypatch.setattr(print_pdf, "ask_file", lambda *_given: file)
    return file


def help_of(shown):
    shown.show_help()
    sheet = shown.findChild(HelpSheet)
    assert sheet is not None
    return sheet


def test_s_in_the_help_saves_the_card_with_the_stations_name(qtbot, tmp_path, target):
    with desktop(qtbot, tmp_path) as shown:
        QTest.keyClick(help_of(shown), Qt.Key.Key_S)
        qtbot.waitUntil(target.exists)

        name = shown._door.station().name

    assert name
    assert name in squeezed(target.read_bytes())


def test_the_settings_save_it_in_chinese_with_the_districts_phone_whatever_the_language(qtbot, tmp_path, target):
    with desktop(qtbot, tmp_path) as shown:
        shown.shell.navigate("settings")
        screen = shown.shell.current.widget
        assert isinstance(screen, SettingsScreen)
        screen.rows["district_phone"].change("0571-00000100")
        screen.rows["language"].change("en")
        screen.card.save.click()
        qtbot.waitUntil(target.exists)

    text = squeezed(target.read_bytes())
    assert "0571-00000100" in text
    assert "断网了" in text


def test_nobody_signed_in_is_offered_no_card(qtbot, tmp_path):
    with desktop(qtbot, tmp_path) as shown:
        shown.lock()
        sheet = help_of(shown)

        assert sheet.paper is None
        QTest.keyClick(sheet, Qt.Key.Key_S)


def test_a_person_who_thinks_better_of_the_printer_may_print_again(qtbot, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(print_pdf, "ask_printer", lambda *given: asked.append(given))
    with desktop(qtbot, tmp_path) as shown:
        sheet = help_of(shown)
        for count in (1, 2):
            QTest.keyClick(sheet, Qt.Key.Key_P)
            qtbot.waitUntil(lambda count=count: len(asked) == count)

        assert not sheet.paper.is_busy
