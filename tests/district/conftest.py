"""The district server of each test, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.district.live import Client, Live, on_postgres, running


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
