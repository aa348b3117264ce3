"""Settings: layers, ranges, persons, and a file that cannot be trusted."""

from pathlib import Path

import pytest

from app import config
from app.config import Settings, SettingsStore
from app.errors import InvalidInputError, StorageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_every_setting_has_words_and_a_default_of_its_own_range() -> None:
    for name in config.names():
        facts = config.facts_of(name)

        assert facts.label and facts.help and facts.group in config.GROUPS
        assert config.parse(name, getattr(Settings(), name)) == getattr(Settings(), name)


def test_without_a_file_the_defaults_hold(file: Path) -> None:
    assert SettingsStore(file, {}).current == Settings()


def test_a_change_is_kept_for_the_next_start(file: Path) -> None:
    SettingsStore(file, {}).change("paper", "A5")

    assert SettingsStore(file, {}).current.paper == "A5"


def test_the_environment_overrules_the_file_and_cannot_be_changed(file: Path) -> None:
    SettingsStore(file, {}).change("idle_lock_minutes", 9)
    store = SettingsStore(file, {"DOORSTEP_IDLE_LOCK_MINUTES": "30"})

    assert store.current.idle_lock_minutes == 30
    with pytest.raises(InvalidInputError):
        store.change("idle_lock_minutes", 5)


def test_a_person_has_a_look_of_her_own(file: Path) -> None:
    store = SettingsStore(file, {})
    store.set_person("one")
    store.change("theme", "dark")

    store.set_person("two")

    assert store.current.theme == "system"
    assert SettingsStore(file, {}).current.theme == "system"


def test_a_setting_of_the_machine_is_everybodys(file: Path) -> None:
    store = SettingsStore(file, {})
    store.set_person("one")
    store.change("paper", "A5")

    store.set_person("two")

    assert store.current.paper == "A5"


@pytest.mark.parametrize(("name", "value"), [("paper", "A3"), ("idle_lock_minutes", 0), ("idle_lock_minutes", "五")])
def test_a_wrong_value_is_refused_and_the_old_one_stands(file: Path, name: str, value: object) -> None:
    store = SettingsStore(file, {})

    with pytest.raises(InvalidInputError) as caught:
        store.change(name, value)

    assert name in caught.value.fields
    assert store.current == Settings()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"machine": {"paper": "A3", "nonsense": 1}, "people": 7}'])
def test_a_damaged_file_falls_back_to_the_defaults(file: Path, content: str) -> None:
    file.write_text(content, "utf-8")

    assert SettingsStore(file, {}).current == Settings()


def test_a_change_is_told_by_name(file: Path) -> None:
    store = SettingsStore(file, {})
    told: list[str] = []
    store.on_change(told.append)

    store.change("theme", "dark")
    store.change("theme", "dark")

    assert told == ["theme"]


def test_a_change_that_cannot_be_written_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "settings.new").mkdir()
    store = SettingsStore(tmp_path / "settings.json", {})

    with pytest.raises(StorageError):
        store.change("paper", "A5")

    assert store.current.paper == "A4"
