"""The district's database, SQLite or PostgreSQL: one transaction per request, Core only."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from app import clock
from app.db.database import make_engine
from app.db.inserts import table_of
from app.db.migrate import migrate
from app.district.asking import teach
from app.errors import StorageError, UserError
from app.models.district import DistrictFact
from app.texts import _

EPOCH, DISTRICT_CODE = "epoch", "district_code"
UNIQUE_FIELDS = "unique_fields"
"""Which fields' values stand in ``unique_value`` since this district began or was brought to this program."""

IDLE_SECONDS = 2.0
"""A connection that has not been used for so long is looked at before it is used again."""
CHUNK = 400


def make_district_engine(url: str) -> sa.Engine:
    """Return an engine for ``sqlite:///file`` or ``postgresql://…``.

    Raises:
        UserError: no such kind of database.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UserError(_("数据库地址写得不对：{url}", url=url), code="district.database") from None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        return make_engine(path, None)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
        pool = {"pool_size": 20, "max_overflow": 20, "pool_timeout": 20}
        engine = sa.create_engine(parsed, json_deserializer=msgspec.json.decode, **pool)
        sa.event.listen(engine, "connect", lambda driver, _record: teach(driver))
        _look_at_the_idle(engine)
        return engine
    raise UserError(_("数据库只能用 sqlite:/// 或 postgresql://"), code="district.database")


def _look_at_the_idle(engine: sa.Engine) -> None:
    """See whether a connection still lives when it has lain idle; one that was just used need not be asked."""

    @sa.event.listens_for(engine, "checkin")
    def put_down(_connection: Any, record: Any) -> None:
        record.info["used_at"] = clock.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def take_up(connection: Any, record: Any, _proxy: Any) -> None:
        if clock.monotonic() - record.info.get("used_at", clock.monotonic()) < IDLE_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise sa.exc.DisconnectionError("the connection was lost while idle")  # the pool takes another one


class DistrictStore:
    """The district's database, with its epoch."""

    def __init__(self, url: str) -> None:
        self.engine = make_district_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"

    def prepare(self) -> None:
        """Bring the tables to this program's form and give a new district its epoch.

        Raises:
            StorageError: it cannot be reached, or is newer than this program.
        """
        try:
            migrate(self.engine)
            with self.write() as connection:
                if get_fact(connection, EPOCH) is None:
                    put_fact(connection, EPOCH, clock.new_id())
                self._put_down_numbers(connection)
        except sa.exc.DBAPIError as problem:
            raise StorageError(
                _("连不上数据库：{problem}", problem=str(problem.orig).strip().splitlines()[0]),
                code="district.database",
            ) from problem

    @staticmethod
    def _put_down_numbers(connection: sa.Connection) -> None:
        from app.district import unique  # it stands above this module

        if (fields := unique.fill(connection, get_fact(connection, UNIQUE_FIELDS))) is not None:
            put_fact(connection, UNIQUE_FIELDS, fields)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open the one transaction of a request that writes."""
        with self.engine.connect().execution_options(writer=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open the one transaction of a request that reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def get_fact(connection: sa.Connection, key: str) -> str | None:
    """Return a fact of the server, if it has one."""
    table = table_of(DistrictFact)
    value = connection.execute(sa.select(table.c.value).where(table.c.key == key)).scalar()
    return None if value is None else str(value)


def put_fact(connection: sa.Connection, key: str, value: str) -> None:
    """Set a fact of the server."""
    upsert(connection, DistrictFact, [{"key": key, "value": value}])


def upsert(connection: sa.Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or replace those that have the same key."""
    if not rows:
        return
    table = table_of(model)
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = kind.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def moment_of(connection: sa.Connection, model: type[SQLModel], name: str) -> Any:
    """Return this instant as a driver takes it for a column."""
    bind = table_of(model).c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return bind(clock.now()) if bind is not None else clock.now()


def insert_missing(connection: sa.Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, leaving those that are there as they are."""
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(kind.insert(table_of(model)).on_conflict_do_nothing(), list(rows))


def among(column: sa.Column[Any], values: Sequence[str], dialect: sa.Dialect) -> sa.ColumnElement[bool]:
    """Tell which rows have one of these texts, by a statement that is the same however many there are."""
    if dialect.name == "sqlite":
        items = sa.func.json_each(sa.bindparam(None, json.dumps(list(values)), sa.Text)).table_valued("value")
        return column.in_(sa.select(items.c.value))
    return column == sa.any_(sa.bindparam(None, list(values), postgresql.ARRAY(sa.Text)))


def chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut a list into pieces that fit into one IN (…)."""
    whole = list(items)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
