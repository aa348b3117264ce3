"""Statements of our own, run by the driver's cursor as they are: SQLAlchemy takes several times as long around each.

Whoever listens to the statements of a connection hears of these as of any other, and what the driver raises is raised
as SQLAlchemy raises it. For SQLite alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def fetch(
    connection: Connection, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Run a select and return all its rows."""
    cursor = _cursor(connection, statement, values)
    try:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _translated(connection, statement, values, problem) from problem
    return rows


def run(connection: Connection, statement: str, values: Sequence[Any] = ()) -> None:
    """Run a statement that answers nothing."""
    cursor = _cursor(connection, statement, values)
    try:
        cursor.execute(statement, values)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _translated(connection, statement, values, problem) from problem


def run_many(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each row of values."""
    cursor = _cursor(connection, statement, rows, many=True)
    try:
        cursor.executemany(statement, rows)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _translated(connection, statement, rows, problem) from problem


def _cursor(connection: Connection, statement: str, values: Any, *, many: bool = False) -> Any:
    cursor = connection.connection.cursor()
    connection.dispatch.before_cursor_execute(connection, cursor, statement, values, None, many)
    return cursor


def _translated(connection: Connection, statement: str, values: Any, problem: Exception) -> BaseException:
    base, hidden = connection.dialect.loaded_dbapi.Error, connection.engine.hide_parameters
    return DBAPIError.instance(statement, values, problem, base, hide_parameters=hidden, dialect=connection.dialect)
