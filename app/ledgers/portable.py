"""The few calculations with days and instants that SQLite and PostgreSQL spell differently. Local days are UTC+8."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class local_day(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """The station's calendar day of an instant."""

    type = Date()
    inherit_cache = True
    name = "local_day"


class days_after(FunctionElement[Any]):  # noqa: N801
    """The day so many days after a day: ``days_after(column, literal(90))``."""

    type = Date()
    inherit_cache = True
    name = "days_after"


class days_between(FunctionElement[Any]):  # noqa: N801
    """How many days lie between two days."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


class seconds_between(FunctionElement[Any]):  # noqa: N801
    """How many seconds lie between two instants, each cut to the second."""

    type = Integer()
    inherit_cache = True
    name = "seconds_between"


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> tuple[str, ...]:
    return tuple(compiler.process(clause, **how) for clause in element.clauses)


@compiles(local_day, "sqlite")
def _local_day_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    (moment,) = _parts(element, compiler, **how)
    return f"date({moment}, '+8 hours')"


@compiles(local_day, "postgresql")
def _local_day_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    (moment,) = _parts(element, compiler, **how)
    return f"CAST(({moment} AT TIME ZONE 'UTC') + INTERVAL '8 hours' AS DATE)"


@compiles(days_after, "sqlite")
def _days_after_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    day, count = _parts(element, compiler, **how)
    return f"date({day}, {count} || ' days')"


@compiles(days_after, "postgresql")
def _days_after_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    day, count = _parts(element, compiler, **how)
    return f"({day} + CAST({count} AS INTEGER))"


@compiles(days_between, "sqlite")
def _days_between_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    first, last = _parts(element, compiler, **how)
    return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_between_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    first, last = _parts(element, compiler, **how)
    return f"({last} - {first})"


@compiles(seconds_between, "sqlite")
def _seconds_between_sqlite(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    first, last = _parts(element, compiler, **how)
    return f"(CAST(strftime('%s', {last}) AS INTEGER) - CAST(strftime('%s', {first}) AS INTEGER))"


@compiles(seconds_between, "postgresql")
def _seconds_between_postgresql(element: FunctionElement[Any], compiler: SQLCompiler, **how: Any) -> str:
    first, last = _parts(element, compiler, **how)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {last})) - FLOOR(EXTRACT(EPOCH FROM {first})) AS BIGINT)"
