"""No screen, and a system library that lacks: sentences instead of an abort."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import ExternalError
from app.launching import screen

if not sys.platform.startswith("linux"):
    pytest.skip("other systems always have a screen", allow_module_level=True)


def test_without_a_display_it_says_where_to_open_it() -> None:
    with pytest.raises(ExternalError) as refused:
        screen.check_screen({})

    assert "DISPLAY" in refused.value.text


@pytest.mark.parametrize(
    "environ", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}]
)
def test_with_one_it_goes_on(environ: dict[str, str]) -> None:
    screen.check_screen(environ)


def test_the_library_that_lacks_is_named_with_its_package(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no compiler to make a plugin that lacks a library")
    (tmp_path / "platforms").mkdir()
    lib = tmp_path / "libxcb-cursor.so.0"
    source = tmp_path / "empty.c"
    source.write_text("int doorstep_test_symbol(void) { return 0; }\n")
    subprocess.run([compiler, "-shared", "-fPIC", "-Wl,-soname,libdoorstep-none.so.0", "-o", lib, source], check=True)
    plugin = tmp_path / "platforms" / "libqxcb.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-Wl,--no-as-needed", "-o", plugin, source, lib], check=True)
    lib.unlink()

    with pytest.raises(ExternalError) as refused:
        screen.check_library(tmp_path, {"DISPLAY": ":0"})

    assert "libdoorstep-none.so.0" in refused.value.text
    assert "libdoorstep-none0" in refused.value.text


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-cursor.so.0", "libxcb-cursor0"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ],
)
def test_debians_package_of_a_library(library: str, package: str) -> None:
    assert package in screen.library_words(f"{library}: cannot open shared object file")
