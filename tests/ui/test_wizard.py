"""The first run: a station founded offline, step by step, and a folder that came from another PC."""

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.bootstrap import open_counter
from app.counter import Counter
from app.ui.desktop import Desktop
from app.ui.forms import FormGrid
from app.ui.wizard import state
from app.ui.wizard.recovery_page import RecoveryPage, paper_text
from app.ui.wizard.screen import WizardScreen
from tests.ui.counters import FOUNDING, PIN, SCREENS


def _first_run(qtbot: QtBot, counter: Counter) -> tuple[Desktop, WizardScreen]:
    shown = Desktop(counter, screens=SCREENS)
    qtbot.addWidget(shown)
    shown.resize(1366, 680)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    wizard = shown.findChild(WizardScreen)
    assert wizard is not None
    return shown, wizard


def _form(wizard: WizardScreen) -> FormGrid:
    assert isinstance(wizard.page, FormGrid)
    return wizard.page


def _fill_station(wizard: WizardScreen) -> None:
    form = _form(wizard)
    form.set_values(
        {
            "county_code": "330110",
            "station_name": "溪桥社区就业服务站",
            "station_code": "330110001001",
            "window_name": "2 号窗口",
        }
    )


def test_a_station_is_founded_offline_and_its_supervisor_goes_straight_to_work(qtbot: QtBot, tmp_path: Path) -> None:
    counter = open_counter(tmp_path, inline=True, environ={})
    shown, wizard = _first_run(qtbot, counter)

    wizard.choose_way(state.FOUND)
    _fill_station(wizard)
    wizard.go_on()
    _form(wizard).set_values({"name": "陶丽华", "pin": PIN, "again": PIN})
    wizard.go_on()
    page = wizard.page
    assert isinstance(page, RecoveryPage)
    before = wizard.forward.isEnabled()
    page.copied.setChecked(True)
    wizard.go_on()

    assert not before
    assert shown.shell is not None
    assert counter.station().name == "溪桥社区就业服务站"
    assert counter.station().window == "2 号窗口"
    assert counter.runner.actor is not None and counter.runner.actor.roles == {"supervisor"}
    shown.close_down()


def test_what_is_missing_is_named_and_nothing_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    shown, wizard = _first_run(qtbot, open_counter(tmp_path, inline=True, environ={}))
    wizard.choose_way(state.FOUND)

    wizard.go_on()

    assert wizard.step == state.STATION
    assert _form(wizard).field("station_name").error() == "要填"
    shown.close_down()


@pytest.mark.parametrize(("pin", "again", "field"), [("123456", "123456", "pin"), (PIN, "250614", "again")])
def test_a_weak_or_mistyped_pin_is_said_at_its_field(
    qtbot: QtBot, tmp_path: Path, pin: str, again: str, field: str
) -> None:
    counter = open_counter(tmp_path, inline=True, environ={})
    shown, wizard = _first_run(qtbot, counter)
    wizard.choose_way(state.FOUND)
    _fill_station(wizard)
    wizard.go_on()

    _form(wizard).set_values({"name": "陶丽华", "pin": pin, "again": again})
    wizard.go_on()

    assert _form(wizard).field(field).error()
    assert not counter.is_founded()
    shown.close_down()


def test_going_back_keeps_what_was_typed(qtbot: QtBot, tmp_path: Path) -> None:
    shown, wizard = _first_run(qtbot, open_counter(tmp_path, inline=True, environ={}))
    wizard.choose_way(state.FOUND)
    _fill_station(wizard)
    wizard.go_on()

    wizard.go_back()

    assert _form(wizard).field("station_name").value() == "溪桥社区就业服务站"
    assert _form(wizard).field("county_code").value() == "330110"
    shown.close_down()


def test_a_founding_that_was_cut_off_leaves_no_half_station(tmp_path: Path) -> None:
    left = tmp_path / ".founding"
    left.mkdir(parents=True)
    (left / "keyring.json").write_text("{}", "utf-8")
    counter = open_counter(tmp_path, inline=True, environ={})

    before = counter.is_founded()
    counter.found(FOUNDING)

    assert not before
    assert counter.is_founded()
    assert not left.exists()
    counter.close()


def test_a_folder_from_another_pc_opens_with_the_recovery_key_alone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_counter(tmp_path / "one", inline=True, environ={})
    key = first.found(FOUNDING).recovery_key
    first.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    monkeypatch.setenv("DOORSTEP_SECRETS", str(tmp_path / "other-pc"))
    assert paths.secrets() == tmp_path / "other-pc"
    shown, wizard = _first_run(qtbot, open_counter(tmp_path / "two", inline=True, environ={}))

    step = wizard.step
    _form(wizard).set_values({"recovery_key": key.lower(), "name": "陶丽华", "pin": "360714", "again": "360714"})
    wizard.go_on()

    assert step == state.RECOVER
    assert shown.shell is not None
    shown.close_down()


def test_the_paper_bears_the_key_and_the_station_and_no_pin(tmp_path: Path) -> None:
    from app.ui.context import StationFacts
    from app.ui.door import Founded

    text = paper_text(Founded(StationFacts("330110001001", "溪桥"), "e", "AAAAA-BBBBB", ""))

    assert "AAAAA-BBBBB" in text
    assert "330110001001" in text


@pytest.mark.parametrize(
    ("code", "fine"), [("330110001001", True), ("33011000100", False), ("330106001001", False), ("", True)]
)
def test_a_station_code_has_twelve_digits_and_begins_with_its_county(code: str, fine: bool) -> None:
    assert (state.check_station_code(code, "330110") is None) is fine


def test_a_county_is_found_by_name_code_or_initials() -> None:
    for typed in ("余杭", "330110", "yh"):
        assert ("330110", "浙江省杭州市余杭区") in state.county_choices(typed)


INVITATION = "doorstep:join?url=https://district.example&code=ABCD-EFGH-JKLM&station=330110001001"


def test_a_scanned_invitation_in_either_field_is_enough_to_go_on(qtbot: QtBot, tmp_path: Path) -> None:
    shown, wizard = _first_run(qtbot, open_counter(tmp_path / "counter", inline=True, environ={}))
    wizard.choose_way(state.JOIN)
    for scanned_into in ("code", "url"):
        _form(wizard).set_values({"url": "", "code": "", scanned_into: INVITATION})

        wizard.go_on()

        assert wizard.step == state.PERSON
        joining = state.joining_of(wizard._values)
        assert (joining.url, joining.code) == (INVITATION, "ABCD-EFGH-JKLM")
        wizard.go_back()
    shown.close_down()


def test_half_a_scanned_invitation_is_said_and_nothing_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    shown, wizard = _first_run(qtbot, open_counter(tmp_path / "counter", inline=True, environ={}))
    wizard.choose_way(state.JOIN)
    _form(wizard).set_values({"url": INVITATION.partition("&")[0], "code": "ABCD"})

    wizard.go_on()

    assert wizard.step == state.DISTRICT
    assert "url" in {field.name for field in _form(wizard).wrong()}
    shown.close_down()
