"""Inserts by prepared statements: what SQLAlchemy works out anew for each row is worked out once per table here."""

import string
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from app.db.direct import run_columns, run_many


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, each value bound as its column's type says; a column that no row fills is left to the table.

    Naming a column costs more than writing it, and SQLAlchemy's own insert twice as much per row.
    """
    filled = [bind for bind in _binds(table, connection.dialect) if any(row.get(bind[0]) is not None for row in rows)]
    statement = _statement(table, tuple((name, "?") for name, _bind in filled))
    values = [tuple(row.get(name) if bind is None else bind(row.get(name)) for name, bind in filled) for row in rows]
    run_many(connection, statement, values)


def insert_many(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any]
) -> None:
    """Insert many rows that hold what is their own; ``common`` is what each of them has beside it, bound once."""
    columns = {name: [row.get(name, common.get(name)) for row in rows] for name in set[str]().union(*rows)}
    insert_columns(connection, table, columns, common, len(rows))


def insert_columns(
    connection: Connection,
    table: Table,
    columns: Mapping[str, Sequence[Any]],
    common: Mapping[str, Any],
    count: int,
    *,
    bound: Set[str] = frozenset(),
) -> None:
    """Insert so many rows given by columns, a value for each; ``common`` is what all have beside them, said once.

    ``bound``: columns whose values are as the driver takes them already.
    """
    places: list[tuple[str, str]] = []
    given: list[Sequence[Any]] = []
    for name, bind in _binds(table, connection.dialect):
        values, default = columns.get(name), common.get(name)
        said = None
        if values is not None:
            given.append(values if bind is None or name in bound else [bind(value) for value in values])
        elif default is not None:
            shared = default if bind is None else bind(default)
            said = _literal(shared)
            if said is None:
                given.append([shared] * count)
        else:
            continue
        places.append((name, said or "?"))
    run_columns(connection, _statement(table, tuple(places)), given, count)


def _literal(value: Any) -> str | None:
    """Return a code or a small number as SQL, which is then bound and copied for no row; None for any other value."""
    if isinstance(value, int) and 0 <= value < 100:
        return str(int(value))
    return f"'{value}'" if isinstance(value, str) and len(value) < 40 and _PLAIN.issuperset(value) else None


_PLAIN = frozenset(string.ascii_letters + string.digits + "_[]{}")


@cache
def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a table class."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table


@lru_cache(maxsize=256)
def _binds(table: Table, dialect: Dialect) -> tuple[tuple[str, Any], ...]:
    """Return name and binder of each column; no binder where the driver takes the value as it is."""
    return tuple((each.key, _binder(each.type, dialect)) for each in table.columns)


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    usual = kind.dialect_impl(dialect).bind_processor(dialect)
    if not isinstance(kind, UTCDateTime) or dialect.name != "sqlite" or usual is None:
        return usual

    return lambda value: usual(value) if value is None or value.tzinfo is None else utc_text(value)


@lru_cache(maxsize=8192)
def utc_text(value: datetime) -> str:
    """Return what SQLAlchemy writes of a moment, in less time: that of an act stands in two tables at least."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return "%04d-%02d-%02d %02d:%02d:%02d.%06d" % (  # noqa: UP031 - half the time of the others
        *(value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond),
    )


@cache
def _statement(table: Table, names: tuple[tuple[str, str], ...]) -> str:
    """Return the insert of a row: for each column a place to bind to, or what stands there."""
    columns = ", ".join(f'"{table.columns[name].name}"' for name, _place in names)
    places = ", ".join(place for _name, place in names)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'  # noqa: S608 - names of our own columns


def update_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set all that each row names of the record with its ``id``; all rows name the same columns."""
    if not rows:
        return
    filled = [bind for bind in _binds(table, connection.dialect) if bind[0] in rows[0] and bind[0] != "id"]
    sets = ", ".join(f'"{table.columns[name].name}" = ?' for name, _bind in filled)
    values = [(*(row[name] if bind is None else bind(row[name]) for name, bind in filled), row["id"]) for row in rows]
    run_many(connection, f'UPDATE "{table.name}" SET {sets} WHERE id = ?', values)  # noqa: S608 - our own names
