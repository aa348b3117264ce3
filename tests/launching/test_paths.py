"""Where things lie by default, on Linux and on Windows."""

from pathlib import Path
from typing import Any

import platformdirs.unix
import platformdirs.windows
import pytest

from app import paths

SYSTEMS = {"linux": platformdirs.unix.Unix, "windows": platformdirs.windows.Windows}


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let platformdirs answer as on that system, with no folder named by the environment."""
    for name in ("DOORSTEP_DATA", "DOORSTEP_SECRETS", "DOORSTEP_DISTRICT_DATA"):
        monkeypatch.delenv(name, raising=False)
    kind: Any = SYSTEMS[request.param]
    monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda name: f"/local/{name}")
    for which in ("user_data_dir", "user_config_dir"):
        monkeypatch.setattr(platformdirs, which, lambda name, which=which, **more: getattr(kind(name, **more), which))
    return str(request.param)


def test_a_copy_of_the_data_folder_has_no_secret_in_it(system: str) -> None:
    assert not paths.secrets().is_relative_to(paths.default_data())
    assert not paths.default_data().is_relative_to(paths.secrets())


def test_counter_and_district_have_folders_of_their_own(system: str) -> None:
    assert paths.default_data() != paths.default_district_data()
    assert not paths.default_district_data().is_relative_to(paths.default_data())


@pytest.mark.parametrize("system", ["linux"], indirect=True)
def test_on_linux_the_folders_follow_the_desktops_rules(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg/data")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg/config")

    assert (paths.default_data(), paths.secrets()) == (Path("/xdg/data/doorstep"), Path("/xdg/config/doorstep/secrets"))
