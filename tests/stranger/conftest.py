"""A district and a real counter for the stranger to live beside, and the stranger."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.district.live import STATION, Live, on_postgres
from tests.stranger.client import Client
from tests.sync.conftest import empty_counter, new_counter, one

__all__ = ["empty_counter", "new_counter", "one"]


@pytest.fixture
def district(postgres_server: str) -> Iterator[Live]:
    """Yield a running district server on PostgreSQL."""
    with on_postgres(postgres_server) as live:
        yield live


@pytest.fixture
def new_stranger(district: Live, tmp_path: Path) -> Iterator[Callable[[], Client]]:
    """Return a maker of strangers that have joined."""
    made: list[Client] = []

    def build() -> Client:
        made.append(Client(tmp_path / f"stranger{len(made)}.sqlite", district.url))
        made[-1].enrol(district.code("supervisor", STATION))
        return made[-1]

    yield build
    for each in made:
        each.close()


@pytest.fixture
def stranger(new_stranger: Callable[[], Client]) -> Client:
    """Return a joined stranger."""
    return new_stranger()
