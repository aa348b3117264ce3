"""Statements of our own, run by the driver's cursor as they are: SQLAlchemy takes several times as long around each.

Whoever listens to the statements of a connection hears of these as of any other, and what the driver raises is raised
as SQLAlchemy raises it. For SQLite alone.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

AT_ONCE, MOST_VALUES = 500, 32_000
"""How many rows of an insert are one statement, and how many values at most: SQLite as it is built everywhere."""
_VALUES = re.compile(r"(INSERT INTO [^?]* VALUES )(\([^()]*\))( ON CONFLICT .*)?")


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
    """Run a statement once for each row of values; of a long insert, many rows are one statement.

    The driver lets go of the interpreter for each statement, and then has to wait for it: with one for each row, what
    another thread works out meanwhile would cost more than it spares.
    """
    done, (whole, count) = 0, _at_once(statement)
    for done in range(count, len(rows) + 1, count) if whole else ():
        run(connection, whole, list(chain.from_iterable(rows[done - count : done])))
    if done < len(rows):
        _run_each(connection, statement, rows[done:])


def run_columns(connection: Connection, statement: str, columns: Sequence[Sequence[Any]], rows: int) -> None:
    """Run an insert for so many rows, given by the values of each column in the order of its places."""
    done, (whole, count) = 0, _at_once(statement)
    width = len(columns)
    for done in range(count, rows + 1, count) if whole else ():
        values = [None] * (count * width)
        for place, column in enumerate(columns):
            values[place::width] = column[done - count : done]
        run(connection, whole, values)
    if done < rows:
        _run_each(connection, statement, list(zip(*(column[done:] for column in columns), strict=True)))


def _run_each(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    cursor = _cursor(connection, statement, rows, many=True)
    try:
        cursor.executemany(statement, rows)
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _translated(connection, statement, rows, problem) from problem


@lru_cache(maxsize=256)
def _at_once(statement: str) -> tuple[str, int]:
    """Return the statement for many rows at once, and for how many; none where it is no insert of values."""
    found = _VALUES.fullmatch(statement)
    if found is None:
        return "", 1
    count = max(1, min(AT_ONCE, MOST_VALUES // max(1, found[2].count("?"))))
    return found[1] + ", ".join([found[2]] * count) + (found[3] or ""), count


def _cursor(connection: Connection, statement: str, values: Any, *, many: bool = False) -> Any:
    cursor = connection.connection.cursor()
    connection.dispatch.before_cursor_execute(connection, cursor, statement, values, None, many)
    return cursor


def _translated(connection: Connection, statement: str, values: Any, problem: Exception) -> BaseException:
    base, hidden = connection.dialect.loaded_dbapi.Error, connection.engine.hide_parameters
    return DBAPIError.instance(statement, values, problem, base, hide_parameters=hidden, dialect=connection.dialect)
