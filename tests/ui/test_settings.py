"""The settings screen: one row a setting, changes count at once, people and PINs of this PC."""

from pathlib import Path

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app import config
from app.ui import theme
from app.ui.desktop import Desktop
from app.ui.settings.screen import SettingsScreen
from tests.ui.counters import PIN, desktop


def _screen(shown: Desktop) -> SettingsScreen:
    assert shown.shell is not None
    shown.shell.navigate("settings")
    page = shown.shell.current
    assert page is not None
    assert isinstance(page.widget, SettingsScreen)
    return page.widget


def test_every_setting_has_a_row_with_a_named_control(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        rows = _screen(shown).rows

        assert tuple(sorted(rows)) == tuple(sorted(config.names()))
        assert all(row.control.accessibleName() for row in rows.values())


def test_dark_is_put_on_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        _screen(shown).rows["theme"].change("dark")

        assert theme.current().dark


def test_a_value_out_of_range_is_refused_in_its_row(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        row = _screen(shown).rows["idle_lock_minutes"]
        assert isinstance(row.control, QLineEdit)

        row.control.setText("900")
        row.control.editingFinished.emit()

        assert not row.error.isHidden()
        assert shown._door.store.current.idle_lock_minutes == 5


def test_ones_own_pin_is_changed_with_the_old_one(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        card = _screen(shown).my_pin

        card.form.set_values({"pin": "111222", "new_pin": "360714", "again": "360714"})
        card.submit()
        wrong = card.form.field("pin").error()
        card.form.set_values({"pin": PIN, "new_pin": "360714", "again": "360714"})
        card.submit()

        assert "还可以试" in wrong
        entry = shown._door.people()[0].entry_id
        assert shown._door.sign_in(entry, "360714").name == "陶丽华"


def test_a_supervisor_lets_somebody_sign_in_here_and_takes_it_back(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        card = _screen(shown).people

        card.form.set_values({"name": "方静", "role": "clerk", "new_pin": "740926", "again": "740926"})
        card.submit()
        added = {person.name: person for person in shown._door.people()}
        actor = shown._door.sign_in(added["方静"].entry_id, "740926")
        card._remove(added["方静"].entry_id, "方静")

        assert actor.roles == {"clerk"}
        assert [person.name for person in shown._door.people()] == ["陶丽华"]


def test_a_weak_pin_for_somebody_is_said_at_its_field(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        card = _screen(shown).people

        card.form.set_values({"name": "方静", "role": "clerk", "new_pin": "123456", "again": "123456"})
        card.submit()

        assert card.form.field("new_pin").error()
