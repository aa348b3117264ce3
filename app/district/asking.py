"""Questions to the database, and rows for it, in few turns: on PostgreSQL they go out together, in a pipeline.

Each statement still runs by itself and sees what those before it locked. On SQLite, where a turn costs nothing, they
run one after the other.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from app.db.inserts import table_of

Asked = tuple["Question", Mapping[str, Any]]
Rows = Sequence[Sequence[Any]]


class Question:
    """A Core statement with named values, worked out once for each kind of database. ``build`` is told which."""

    def __init__(self, build: Callable[[bool], sa.Executable]) -> None:
        self._build = build
        self._kept: dict[bool, sa.Executable] = {}
        self._text: tuple[str, Mapping[str, Any]] | None = None

    def statement(self, *, sqlite: bool) -> sa.Executable:
        """Return it for SQLite or for PostgreSQL."""
        if sqlite not in self._kept:
            self._kept[sqlite] = self._build(sqlite)
        return self._kept[sqlite]

    def text(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return it as PostgreSQL's driver takes it, and its values with those that are always the same."""
        if self._text is None:
            statement = self.statement(sqlite=False)
            assert isinstance(statement, sa.ClauseElement)
            compiled = statement.compile(dialect=dialect)
            self._text = str(compiled), compiled.params
        text, own = self._text
        given = {name: array_of(value) if value.__class__ is list else value for name, value in values.items()}
        return text, {**own, **given}


def among_given(column: sa.Column[Any], name: str, *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Tell which rows have one of the texts or whole numbers that are given as ``name``."""
    if sqlite:
        items = sa.func.json_each(sa.bindparam(name, type_=sa.JSON)).table_valued("value")
        return column.in_(sa.select(items.c.value))
    kind = sa.BigInteger if isinstance(column.type, sa.Integer) else sa.Text
    return column == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(kind)))


def ask_all(connection: sa.Connection, asked: Sequence[Asked]) -> list[Sequence[Any]]:
    """Put questions in this order; return the rows of each."""
    if connection.dialect.name == "sqlite":
        return [connection.execute(each.statement(sqlite=True), dict(values)).all() for each, values in asked]
    from psycopg.rows import namedtuple_row

    driver = _driver(connection)
    cursors = []
    with _translated(connection), driver.pipeline():
        for each, values in asked:
            cursor = driver.cursor(row_factory=namedtuple_row)
            _run(connection, cursor, *each.text(connection.dialect, values))
            cursors.append(cursor)
        return [cursor.fetchall() for cursor in cursors]


class Writing:
    """Takes rows and statements, in order; when ``writing`` ends they are all done, or an error is raised."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._cursor = None if self._sqlite else _driver(connection).cursor()

    def insert(self, model: type[SQLModel], names: tuple[str, ...], rows: Rows, *, replace: bool = False) -> None:
        """Insert rows, columns in the order of ``names``; ``replace`` those that have the same key."""
        if not rows:
            return
        if self._cursor is None:
            self._connection.exec_driver_sql(_places(model, names, replace), [tuple(row) for row in rows])
        else:
            columns = [array_of(column) for column in zip(*rows, strict=True)]
            _run(self._connection, self._cursor, _unnested(model, names, replace), columns)

    def ask(self, question: Question, values: Mapping[str, Any]) -> Callable[[], Sequence[Any]]:
        """Put a question among what is written; what is returned gives the rows, once all of it is done."""
        if self._cursor is None:
            rows = self._connection.execute(question.statement(sqlite=True), dict(values)).all()
            return lambda: rows
        from psycopg.rows import namedtuple_row

        cursor = _driver(self._connection).cursor(row_factory=namedtuple_row)
        _run(self._connection, cursor, *question.text(self._connection.dialect, values))
        return cursor.fetchall  # type: ignore[no-any-return]

    def run(self, question: Question, values: Mapping[str, Any]) -> None:
        """Run a statement that answers nothing."""
        if self._cursor is None:
            self._connection.execute(question.statement(sqlite=True), dict(values))
        else:
            _run(self._connection, self._cursor, *question.text(self._connection.dialect, values))


@contextmanager
def writing(connection: sa.Connection) -> Iterator[Writing]:
    """Open a pipeline for what is to be written; nothing else may use the connection meanwhile."""
    if connection.dialect.name == "sqlite":
        yield Writing(connection)
        return
    with _translated(connection), _driver(connection).pipeline():
        yield Writing(connection)


def _run(connection: sa.Connection, cursor: Any, text: str, values: Any) -> None:
    """Send a statement; whoever listens to the statements of SQLAlchemy hears of it as of any other."""
    connection.dispatch.before_cursor_execute(connection, cursor, text, values, None, False)
    cursor.execute(text, values)


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


@contextmanager
def _translated(connection: sa.Connection) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy does; a connection that broke is not used again."""
    import psycopg

    try:
        yield
    except psycopg.Error as problem:
        broken = bool(_driver(connection).broken)
        if broken:
            connection.invalidate(problem)
        raise sa.exc.DBAPIError.instance(
            None, None, problem, psycopg.Error, connection_invalidated=broken, dialect=connection.dialect
        ) from problem


# -- statements for rows ----------------------------------------------------------------------------------------------


@cache
def _places(model: type[SQLModel], names: tuple[str, ...], replace: bool) -> str:
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {_target(model, names)} VALUES ({places}){_tail(model, names, replace)}"  # noqa: S608 - ours


@cache
def _unnested(model: type[SQLModel], names: tuple[str, ...], replace: bool) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    kinds = (table_of(model).c[name].type.compile(dialect) for name in names)
    lists = ", ".join(f"%s::{kind}[]" for kind in kinds)
    return (
        f"INSERT INTO {_target(model, names)}"  # noqa: S608 - names of our own columns
        f" SELECT * FROM unnest({lists}){_tail(model, names, replace)}"
    )


def _target(model: type[SQLModel], names: Sequence[str]) -> str:
    table = table_of(model)
    columns = ", ".join(f'"{table.c[name].name}"' for name in names)
    return f"{table.name} ({columns})"


def _tail(model: type[SQLModel], names: Sequence[str], replace: bool) -> str:
    if not replace:
        return ""
    keys = [column.name for column in table_of(model).primary_key]
    fresh = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {fresh}"


_BETWEEN = "\x1f"
_LENGTH = struct.Struct(">i").pack
_NONE = _LENGTH(-1)
_TEXT_OID, _TEXT_ARRAY_OID = 25, 1009


class TextArray:
    """Texts as PostgreSQL takes an array of them in its own form, where nothing is escaped (array_recv)."""

    __slots__ = ("content",)

    def __init__(self, texts: Sequence[str | None]) -> None:
        parts = [struct.pack(">iiIii", 1, int(None in texts), _TEXT_OID, len(texts), 1)]
        for text in texts:
            if text is None:
                parts.append(_NONE)
            else:
                encoded = text.encode()
                parts += _LENGTH(len(encoded)), encoded
        self.content = b"".join(parts)


def teach(driver: Any) -> None:
    """Let a connection of psycopg take text arrays as they are."""
    driver.adapters.register_dumper(TextArray, _dumper())


@cache
def _dumper() -> type[Any]:
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class Whole(Dumper):
        format = Format.BINARY
        oid = _TEXT_ARRAY_OID

        def dump(self, obj: TextArray) -> bytes:
            return obj.content

    return Whole


def array_of(column: Sequence[Any]) -> "str | TextArray":
    """Return values of one kind as PostgreSQL takes an array: as text, or in its own form where a text has marks."""
    if not column:
        return "{}"
    first = column[0]
    if column.count(first) == len(column):
        return "{" + ",".join([_item(first)] * len(column)) + "}"
    if first.__class__ is int and None not in column:
        return "{" + ",".join(map(str, column)) + "}"
    if first.__class__ is str:
        try:
            joined = _BETWEEN.join(column)
        except TypeError:  # some of them are None
            return TextArray(column)
        if '"' in joined or "\\" in joined or joined.count(_BETWEEN) != len(column) - 1:
            return TextArray(column)
        return '{"' + joined.replace(_BETWEEN, '","') + '"}'
    return "{" + ",".join(map(_item, column)) + "}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if value.__class__ in (int, bool):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
