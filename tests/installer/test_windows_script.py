"""The script of the Windows setup, with a stand-in payload. What it does when run: ``make installer-test``, by Wine."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

WINDOWS = Path(__file__).resolve().parents[2] / "installer" / "windows"
needs_makensis = pytest.mark.skipif(not shutil.which("makensis"), reason="makensis (Debian: nsis) is not installed")


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("windows_build", WINDOWS / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def payload(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("payload")
    (folder / "_internal" / "资源 一").mkdir(parents=True)
    (folder / "_internal" / "资源 一" / "思源黑体.ttf").write_bytes(b"font" * 500)
    for name in ("doorstep.exe", "doorstep-district.exe"):
        (folder / name).write_bytes(b"MZ" + name.encode())
    return folder


@needs_makensis
def test_script_compiles_without_a_warning_and_holds_every_file_of_the_payload(build, payload, tmp_path):
    setup = build.compile_setup(payload, tmp_path, named="1.2.3")

    assert setup.name == "doorstep-1.2.3-windows-amd64.exe"
    assert setup.read_bytes()[:2] == b"MZ"
    if shutil.which("7z"):
        listed = subprocess.run(["7z", "l", "-slt", str(setup)], capture_output=True, text=True, check=True).stdout
        there = {line.removeprefix("Path = ") for line in listed.splitlines() if line.startswith("Path = ")}
        wanted = {str(path.relative_to(payload)) for path in payload.rglob("*") if path.is_file()}
        assert {name for name in wanted if not any(found.endswith(name) for found in there)} == set()


def test_a_payload_without_the_programs_is_refused_with_a_sentence(build, tmp_path):
    (tmp_path / "doorstep.exe").write_bytes(b"MZ")

    with pytest.raises(SystemExit, match=r"lacks doorstep-district\.exe"):
        build.compile_setup(tmp_path, tmp_path / "out", named="1.2.3")

    assert not (tmp_path / "out").exists()


def test_every_sentence_the_setup_shows_is_said_in_both_languages():
    script = (WINDOWS / "doorstep.nsi").read_text("utf-8")
    texts = (WINDOWS / "texts.nsh").read_text("utf-8")
    said = dict(re.findall(r'Text (TEXT_\w+)[\s\\]*"([^"]+)"', texts))
    english = set(re.findall(r'Text (TEXT_\w+)[\s\\]*"[^"]+"[\s\\]*"[^"]+"', texts))

    assert set(re.findall(r"\$\((TEXT_\w+)\)", script)) == set(said) == english
    assert all(re.search(r"[一-鿿]", sentence) for sentence in said.values())


def test_no_message_can_hold_up_a_silent_run():
    """A box without ``/SD`` waits for a click even in silent mode; the one that has none asks only a person."""
    script = (WINDOWS / "doorstep.nsi").read_text("utf-8")
    boxes = [line.strip() for line in script.splitlines() if line.strip().startswith("MessageBox")]

    waiting = [box for box in boxes if "/SD" not in box]

    assert len(waiting) == 1
    before = script[: script.index(waiting[0])]
    assert before.rstrip().endswith("${EndIf}") and "${If} ${Silent}" in before[-120:]


def test_the_setup_calls_itself_the_programs_version(build):
    assert re.fullmatch(r"\d+\.\d+\.\d+", build.version())
