"""The prepared pool of a counter's vacancies, kept between matches and brought up to date by what changed since.

One pool per open database. Its stamp: the last local operation, and how far each feed was pulled.
"""

import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, Integer, func, literal_column, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.employer import Vacancy
from app.models.operation import Cursor, Operation, OperationEdit
from app.models.referral import Referral
from app.services.matching.loading import HIRED, load_vacancies
from app.services.matching.pool import Pool
from app.services.matching.prepare import VacancyFacts

MARKET = "market/"
KEPT_DAYS = 30
"""Vacancies that ended longer ago are not even counted."""
_MOST_CHANGES = 400
_ROW_NUMBER: ColumnElement[int] = literal_column("operation.rowid", Integer)
"""SQLite's own count of rows in order of arrival; ids are made at other devices too."""

_pools: WeakKeyDictionary[Engine, "_Kept"] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Stamp:
    """How far the store has come: the last operation noted, how many were withdrawn, and every feed's cursor."""

    last: int
    withdrawn: int
    market: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: _Stamp
    on: date
    facts: dict[str, VacancyFacts]
    pool: Pool


def current_pool(tx: Transaction, on: date) -> Pool:
    """Return all vacancies that a match on this day considers, prepared.

    A transaction that has written gets a pool of its own: what it wrote may yet be rolled back.
    """
    if tx.writable and tx.session.in_transaction() and _has_written(tx):
        return Pool(with_places(tx, load_vacancies(tx, since=on - timedelta(days=KEPT_DAYS))).values())
    engine = tx.session.connection().engine
    stamp = _stamp(tx)
    with _lock:
        kept = _pools.get(engine)
    if kept is not None and kept.on == on and kept.stamp == stamp:
        return kept.pool
    facts = None if kept is None or kept.on != on else _refreshed(tx, kept, stamp)
    if facts is None:
        facts = load_vacancies(tx, since=on - timedelta(days=KEPT_DAYS))
    facts = with_places(tx, facts)
    pool = kept.pool if kept is not None and facts == kept.facts else Pool(facts.values())
    with _lock:
        _pools[engine] = _Kept(stamp, on, facts, pool)
    return pool


def _has_written(tx: Transaction) -> bool:
    return tx.act_name is not None or bool(tx.session.new or tx.session.dirty)


def _stamp(tx: Transaction) -> _Stamp:
    last = tx.rows(select(func.max(_ROW_NUMBER)).select_from(Operation))[0][0]
    withdrawn = tx.rows(select(func.count()).where(col(Operation.state) == "withdrawn"))[0][0]
    cursors = [(row.feed, row.seq) for row in tx.rows(select(col(Cursor.feed), col(Cursor.seq)).order_by("feed"))]
    market = tuple(one for one in cursors if one[0].startswith(MARKET))
    return _Stamp(last or 0, withdrawn, market, tuple(one for one in cursors if not one[0].startswith(MARKET)))


def _refreshed(tx: Transaction, kept: _Kept, stamp: _Stamp) -> dict[str, VacancyFacts] | None:
    """Return the kept facts with what operations changed since, or None where only a fresh load will do."""
    if stamp.market != kept.stamp.market or stamp.withdrawn != kept.stamp.withdrawn or stamp.last < kept.stamp.last:
        return None
    newer = (
        select(col(OperationEdit.record_type), col(OperationEdit.record_id))
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(kept.stamp.last < _ROW_NUMBER, col(OperationEdit.record_type).in_(("vacancy", "employer")))
        .limit(_MOST_CHANGES)
    )
    changed = tx.rows(newer)
    if len(changed) >= _MOST_CHANGES:
        return None
    vacancies = {row.record_id for row in changed if row.record_type == "vacancy"}
    employers = {row.record_id for row in changed if row.record_type == "employer"}
    if employers:
        rows = tx.rows(select(col(Vacancy.id)).where(col(Vacancy.employer_id).in_(employers)))
        vacancies |= {row.id for row in rows}
    if not vacancies:
        return kept.facts
    fresh = load_vacancies(tx, ids=sorted(vacancies), since=kept.on - timedelta(days=KEPT_DAYS))
    merged = {vacancy_id: one for vacancy_id, one in kept.facts.items() if vacancy_id not in vacancies} | fresh
    return dict(sorted(merged.items()))


def with_places(tx: Transaction, facts: dict[str, VacancyFacts]) -> dict[str, VacancyFacts]:
    """Return the facts with places left: the district's figure, else openings less those hired as far as known here."""
    rows = tx.rows(
        select(col(Referral.vacancy_id)).where(col(Referral.outcome) == HIRED, col(Referral.deleted_at).is_(None))
    )
    hired = Counter(row.vacancy_id for row in rows)
    changed = {}
    for vacancy_id, one in facts.items():
        if one.openings is not None:
            left = max(0, one.openings - hired[vacancy_id])
            if left != one.remaining:
                changed[vacancy_id] = replace(one, remaining=left)
    return {**facts, **changed} if changed else facts
