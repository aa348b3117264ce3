"""A district on PostgreSQL, counters, and a bad line between them."""

from collections.abc import Callable, Iterator

import pytest

from app.sync.engine import SyncEngine, enrol
from tests.district.live import Live, on_postgres
from tests.faults.proxy import Proxy
from tests.sync.conftest import empty_counter, new_counter
from tests.sync.world import Counter

__all__ = ["empty_counter", "new_counter"]


@pytest.fixture
def district(postgres_server: str) -> Iterator[Live]:
    """Yield a running district server on PostgreSQL."""
    with on_postgres(postgres_server) as live:
        yield live


@pytest.fixture
def proxy(district: Live) -> Iterator[Proxy]:
    """Yield a line to the district."""
    line = Proxy(int(district.url.rpartition(":")[2]))
    yield line
    line.close()


@pytest.fixture
def far_counter(new_counter: Callable[[], Counter], district: Live, proxy: Proxy) -> Iterator[Counter]:
    """Yield a counter that has joined over the line, with the engine and the transport that the program uses."""
    counter = new_counter()
    enrol(counter.database, proxy.url, district.code("supervisor"), "窗口")
    counter.engine = SyncEngine(counter.database)
    yield counter
    counter.engine.close()


@pytest.fixture
def near_counter(new_counter: Callable[[], Counter], district: Live) -> Counter:
    """Return a counter on a good line."""
    return new_counter().join(district)
