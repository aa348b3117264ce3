"""Chinese input: what Qt finds in the environment."""

import sys
from pathlib import Path

import pytest

from app.launching.input_method import available, describe, prepare

if not sys.platform.startswith("linux"):
    pytest.skip("only Linux names its input method in the environment", allow_module_level=True)

BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=x"}
OURS = frozenset({"ibus", "compose"})


@pytest.mark.parametrize(
    ("given", "owned", "expected"),
    [
        ({"DBUS_SESSION_BUS_ADDRESS": "x", "QT_IM_MODULE": "fcitx"}, True, True),
        ({"DBUS_SESSION_BUS_ADDRESS": "x"}, True, True),
        ({"DBUS_SESSION_BUS_ADDRESS": "x"}, False, False),
        ({"QT_IM_MODULE": "fcitx"}, True, False),
        ({"DBUS_SESSION_BUS_ADDRESS": "x", "QT_IM_MODULE": "compose"}, True, False),
        ({"DBUS_SESSION_BUS_ADDRESS": "x", "IBUS_USE_PORTAL": "0"}, True, False),
    ],
)
def test_fcitx_is_reached_through_the_ibus_portal(given: dict[str, str], owned: bool, expected: bool) -> None:
    environ = dict(given)

    assert prepare(environ, owned=lambda: owned) is expected
    assert (environ.get("QT_IM_MODULE"), environ.get("IBUS_USE_PORTAL")) == (
        ("ibus", "1") if expected else (given.get("QT_IM_MODULE"), given.get("IBUS_USE_PORTAL"))
    )


FCITX = [{"QT_IM_MODULE": "fcitx"}, {"XMODIFIERS": "@im=fcitx"}, {"QT_IM_MODULES": "wayland;fcitx"}]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this PC have a fcitx5."""
    program = tmp_path / "fcitx5"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.parametrize("given", FCITX)
def test_a_fcitx5_that_is_coming_up_is_waited_for(given: dict[str, str], installed: None) -> None:
    environ, answers = {**BUS, **given}, iter([False, False, True])

    assert prepare(environ, owned=lambda: next(answers), plugins=OURS)

    assert (environ["QT_IM_MODULE"], environ["IBUS_USE_PORTAL"]) == ("ibus", "1")
    assert "QT_IM_MODULES" not in environ


@pytest.mark.parametrize("answer", [None, False])
def test_without_fcitx5_or_an_answer_nobody_waits_and_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bool | None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    environ, asked = {**BUS, "QT_IM_MODULE": "fcitx"}, list[bool]()

    def owned() -> bool | None:
        asked.append(True)
        return answer

    assert not prepare(environ, owned=owned, plugins=OURS)

    assert (environ, len(asked)) == ({**BUS, "QT_IM_MODULE": "fcitx"}, 1)


def test_a_session_that_does_not_ask_for_fcitx_is_not_kept_waiting(installed: None) -> None:
    answers = iter([False])

    assert not prepare(dict(BUS), owned=lambda: next(answers), plugins=OURS)


def test_a_qt_with_a_fcitx_plugin_of_its_own_keeps_it() -> None:
    environ = {**BUS, "QT_IM_MODULE": "fcitx"}

    assert not prepare(environ, owned=lambda: True, plugins=OURS | {"fcitx"})

    assert environ["QT_IM_MODULE"] == "fcitx"


def test_ibus_by_its_own_bus_stays_as_it_is() -> None:
    environ = {**BUS, "QT_IM_MODULE": "ibus"}

    assert not prepare(environ, owned=lambda: False, plugins=OURS)

    assert "IBUS_USE_PORTAL" not in environ


@pytest.mark.parametrize(("chosen", "module"), [("compose", "compose"), ("keep", "fcitx")])
def test_the_administrator_has_the_last_word(chosen: str, module: str) -> None:
    environ = {**BUS, "QT_IM_MODULE": "fcitx", "DOORSTEP_IM_MODULE": chosen}

    assert not prepare(environ, owned=lambda: True, plugins=OURS)

    assert environ["QT_IM_MODULE"] == module


def test_the_plugins_are_those_of_the_qt_that_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = tmp_path / "platforminputcontexts"
    more.mkdir()
    (more / "libfcitx5platforminputcontextplugin.so").touch()
    monkeypatch.setenv("QT_PLUGIN_PATH", str(tmp_path))

    assert available() >= {"ibus", "compose", "fcitx5"}


def test_without_a_desktop_session_no_input_method_is_found() -> None:
    assert describe({"QT_IM_MODULE": "fcitx"}) is None
