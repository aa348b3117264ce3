"""The district server of each test, on both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.district.live import Client, Live, on_postgres, running
from tests.sync import world


@pytest.fixture(params=["sqlite", "postgres"])
def district(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    """Yield a running district server with an empty database."""
    if request.param == "sqlite":
        with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
            yield live
        return
    with on_postgres(request.getfixturevalue("postgres_server")) as live:
        yield live


@pytest.fixture
def clerk(district: Live) -> Client:
    """Return an enrolled counter's client."""
    return district.client()


@pytest.fixture(scope="session")
def empty_counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty counter's file."""
    return world.template(tmp_path_factory.mktemp("counter"))


@pytest.fixture
def new_counter(empty_counter: Path, tmp_path: Path) -> Iterator[Callable[[], world.Counter]]:
    """Return a maker of counters that have not joined yet."""
    made: list[world.Counter] = []

    def build() -> world.Counter:
        made.append(world.counter(empty_counter, tmp_path / f"counter{len(made)}.db"))
        return made[-1]

    yield build
    for each in made:
        each.close()


@pytest.fixture
def one(new_counter: Callable[[], world.Counter], district: Live) -> world.Counter:
    """Return a joined counter."""
    return new_counter().join(district)


@pytest.fixture
def two(new_counter: Callable[[], world.Counter], district: Live) -> world.Counter:
    """Return the station's second counter."""
    return new_counter().join(district)
