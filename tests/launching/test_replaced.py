"""An upgrade under an open window is noticed and said."""

import sys
from pathlib import Path

import pytest

from app import __version__
from app.launching.replaced import replaced_by


@pytest.fixture
def stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the version stamp of an installed program."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    return tmp_path / "VERSION"


def test_another_stamp_than_the_running_programs_is_a_new_version(stamp: Path) -> None:
    stamp.write_text("9.8.7\n", "utf-8")

    assert replaced_by(stamp) == "9.8.7"


def test_its_own_stamp_and_one_that_is_being_exchanged_are_none(stamp: Path) -> None:
    assert replaced_by(stamp) == ""

    stamp.write_text(f"{__version__}\n", "utf-8")

    assert replaced_by(stamp) == ""


def test_a_program_from_source_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("9.8.7", "utf-8")

    assert replaced_by(tmp_path / "VERSION") == ""
