"""Database fixtures: ``database`` (a founded counter, copied from a migrated template), ``tx``, ``make``, ``actor``."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db.database import Actor, Database, Transaction, make_engine
from app.db.migrate import migrate
from app.services.stations import found_station
from tests.factories import STAFF_ID, Factory

KEY = bytes(range(32))
STATION = {
    "name": "溪桥社区就业服务站",
    "code": "330110012001",
    "county_code": "330110",
    "street_name": "仓前街道",
    "phone": "0571-00000200",
}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, encrypted, founded counter's file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "doorstep.db"
    engine = make_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    database = Database(path, KEY)
    with database.write(Actor(STAFF_ID, "陶丽华", frozenset({"supervisor"}))) as tx:
        found_station(tx, dict(STATION), supervisor="陶丽华", staff_id=STAFF_ID)
    database.close()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    """Yield a founded counter of one station, with its supervisor 陶丽华."""
    path = tmp_path / "doorstep.db"
    shutil.copyfile(template, path)
    opened = Database(path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def actor() -> Actor:
    """Return the station's supervisor, who may also do a clerk's work."""
    return Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))


@pytest.fixture
def tx(database: Database, actor: Actor) -> Iterator[Transaction]:
    """Yield a write transaction that is committed when the test ends well."""
    with database.write(actor) as transaction:
        yield transaction


@pytest.fixture
def make(tx: Transaction) -> Factory:
    """Return the factory of fictional records."""
    return Factory(tx)
