"""What every test stands on: no screen, no real home folder, a real PostgreSQL, and silence in the logs."""

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt
os.environ.pop("DOORSTEP_PIN", None)

import pytest

from app import clock, texts
from app.paths import DataFolder
from tests import postgres

pytest_plugins = ["tests.fixtures_db"]

ROOT = Path(__file__).resolve().parent.parent

SLOW_FILES = ("test_accessibility.py", "test_kill.py", "test_joining.py", "test_schemathesis.py", "test_converge.py")
"""Files whose few tests take seconds each."""


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep tests out of the user's folders; put back the clock and the language."""
    monkeypatch.setenv("DOORSTEP_DATA", str(tmp_path / "home" / "data"))
    monkeypatch.setenv("DOORSTEP_DISTRICT_DATA", str(tmp_path / "home" / "district"))
    monkeypatch.setenv("DOORSTEP_SECRETS", str(tmp_path / "home" / "secrets"))
    monkeypatch.setenv("DOORSTEP_PROGRAMS", str(tmp_path / "home" / "programs"))
    monkeypatch.setenv("DOORSTEP_DISTRICT_SETTINGS", str(tmp_path / "home" / "district.env"))
    yield
    clock.shift(timedelta(0))
    texts.set_language("zh_CN")


@pytest.fixture
def data_folder(tmp_path: Path) -> DataFolder:
    """Return an empty counter's data folder."""
    folder = DataFolder(tmp_path / "counter")
    folder.create()
    return folder


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real postings beside the repository; skip where it is not."""
    named = os.environ.get("DOORSTEP_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no shared/data beside the repository")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the URL of a PostgreSQL: ``DOORSTEP_TEST_PG_URL``, or a real one started for this run."""
    named = os.environ.get("DOORSTEP_TEST_PG_URL")
    if named:
        yield named
        return
    with postgres.running(in_memory=True) as url:
        yield url


@pytest.fixture(scope="module")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Yield the SQLAlchemy URL of a fresh, empty database of this test module's own."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of few slow tests, then the large ones: at the end nobody waits long for another worker."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name not in SLOW_FILES, -sizes[item.path]))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the collector what lives as long as the run: looking through it over and over took a sixth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def expect_errors() -> None:
    """Ask for this where the program is meant to log an error."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test during which the program logged an error that nobody expected."""
    seen = _ErrorWatch()
    logging.getLogger().addHandler(seen)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(seen)
    if seen.messages and "expect_errors" not in getattr(item, "fixturenames", ()):
        pytest.fail("unexpected errors in the log:\n" + "\n".join(seen.messages), pytrace=False)


class _ErrorWatch(logging.Handler):
    """Remembers what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            self.messages.append(f"{record.name}: {record.getMessage()}")
