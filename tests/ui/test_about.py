"""About: versions to read out on the phone, and the licence of everything that is carried."""

from pathlib import Path

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import __version__, texts
from app.db.database import Database
from app.db.migrate import head
from app.services.licences import list_components
from app.services.program_facts import program_facts
from app.ui.about import state
from app.ui.about.screen import AboutScreen
from app.ui.desktop import Desktop
from app.ui.help import HelpSheet
from app.ui.settings.screen import SettingsScreen
from tests.ui.counters import desktop


def _about(shown: Desktop) -> AboutScreen:
    assert shown.shell is not None
    page = shown.shell.current
    assert page is not None
    assert isinstance(page.widget, AboutScreen)
    return page.widget


def test_facts_are_those_of_this_program_and_this_file(database: Database) -> None:
    with database.read() as tx:
        facts = program_facts(tx)

    assert (facts.version, facts.schema, facts.folder) == (__version__, head(), database.path.parent)
    assert facts.cipher.startswith("4.")
    assert facts.sqlite.startswith("3.")
    assert facts.station == "330110012001"


def test_copied_facts_name_every_version_and_nobody(database: Database) -> None:
    with database.read() as tx:
        facts = program_facts(tx)

    copied = state.facts_text(facts, "6.9.3")

    assert copied.splitlines()[0] == "家门口"
    assert all(words in copied for words in (__version__, head(), "6.9.3", facts.python, str(database.path.parent)))
    assert "陶丽华" not in copied


def test_a_search_looks_in_names_licences_and_notes() -> None:
    found = state.matching(list_components(), "lgpl qt")

    assert "Qt" in [each.name for each in found]
    assert "alembic" not in [each.name for each in found]
    assert state.matching(list_components(), "no such thing") == []


def test_notes_follow_the_language_of_the_window() -> None:
    part = next(each for each in list_components() if each.name == "Qt")

    chinese = part.note
    texts.set_language("en")

    assert chinese.startswith("按 LGPL-3 使用")
    assert part.note.startswith("Used under LGPL-3")


def test_settings_and_f1_lead_to_about(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        assert shown.shell is not None
        shown.shell.navigate("settings")
        page = shown.shell.current
        assert page is not None
        assert isinstance(page.widget, SettingsScreen)
        page.widget.about.click()
        from_settings = _about(shown)
        shown.shell.navigate("today")
        shown.show_help()
        [sheet] = shown.findChildren(HelpSheet)
        sheet.about.click()

        assert _about(shown) is from_settings


def test_the_licence_of_the_chosen_row_is_shown_and_f9_copies_the_facts(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        assert shown.shell is not None
        shown.shell.navigate("about")
        page = _about(shown)
        first = page.text.toPlainText()
        page.search.line.setText("SQLCipher")
        QTest.keyClick(page.search.line, Qt.Key.Key_Return)
        page.table.select_key(("part", "SQLCipher"))
        QTest.keyClick(shown, Qt.Key.Key_F9)
        page.main_action()

        assert len(page.table.rows()) < len(list_components())
        assert "ZETETIC" in page.text.toPlainText() != first
        assert page.name.text() == "SQLCipher  在 sqlcipher3 里"
        copied = QGuiApplication.clipboard().text()
        assert f"Qt：{PySide6.__version__}" in copied
        assert str(shown._door.folder.root) in copied
        page.search.line.setText("nothing like it")
        page._show_rows()
        assert page.table.rows() == []
        assert page.text.toPlainText() == ""
