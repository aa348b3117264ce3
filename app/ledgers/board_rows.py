"""The rows behind a figure: whom or what it counts, masked, and what Enter opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import Cancelled
from app.ledgers.base import Ask
from app.ledgers.figures import behind
from app.ledgers.indicators import indicator
from app.ledgers.read import Line
from app.ledgers.words import code_words, community_words
from app.models.masking import mask_id, mask_mobile, mask_name
from app.models.referral import Referral
from app.models.registration import UnempReg
from app.models.resident import Resident

CHUNK = 500


@dataclass(frozen=True)
class Behind:
    """One row behind a figure; a value that is not here is empty. ``referral_id``: it is about that slip."""

    key: str
    resident_id: str | None
    referral_id: str | None
    name: str
    id_no: str
    mobile: str
    place: str
    what: str
    on: date | None


def load_rows(
    tx: Transaction, code: str, ask: Ask, *, base: bool, stopped: Callable[[], bool] = lambda: False
) -> tuple[Behind, ...]:
    """Read the rows behind a figure's numerator, or behind what it is divided by; everything personal is masked.

    Raises:
        Cancelled: something else is wanted meanwhile.
    """
    lines = behind(tx.session.connection(), indicator(code), ask, base=base)
    found: list[Behind] = []
    for start in range(0, len(lines), CHUNK):
        if stopped():
            raise Cancelled
        some = lines[start : start + CHUNK]
        people = _people(tx, {line.resident_id for line in some})
        notes = _notes(tx, [line.row_id for line in some])
        found += [_row(line, people, notes) for line in some]
    return tuple(found)


def _people(tx: Transaction, ids: set[str | None]) -> Mapping[str, Any]:
    wanted = select(
        col(Resident.id),
        col(Resident.name),
        col(Resident.id_no),
        col(Resident.mobile),
        col(Resident.live_region),
        col(Resident.emp_status),
    ).where(col(Resident.id).in_([each for each in ids if each]))
    return {row.id: row for row in tx.rows(wanted)}


@dataclass(frozen=True)
class _Note:
    what: str
    on: date | None
    is_slip: bool = False


def _notes(tx: Transaction, ids: Sequence[str]) -> Mapping[str, _Note]:
    """Return what the rows' own records say: a slip's number and outcome, a registration's days."""
    notes: dict[str, _Note] = {}
    moments = col(Referral.issued_at), col(Referral.reply_at)
    slips = select(col(Referral.id), col(Referral.slip_no), col(Referral.outcome), *moments)
    for row in tx.rows(slips.where(col(Referral.id).in_(ids))):
        outcome = code_words("REF_OUTCOME", row.outcome) if row.outcome else ""
        replied = f"{clock.to_local(row.reply_at):%m-%d}" if row.reply_at else ""
        notes[row.id] = _Note(
            " ".join(part for part in (row.slip_no, replied, outcome) if part),
            clock.to_local(row.issued_at).date(),
            is_slip=True,
        )
    spells = select(col(UnempReg.id), col(UnempReg.reg_date), col(UnempReg.dereg_date), col(UnempReg.dereg_reason))
    for row in tx.rows(spells.where(col(UnempReg.id).in_(ids))):
        ended = code_words("DEREG", row.dereg_reason) if row.dereg_reason else ""
        notes[row.id] = _Note(f"注销 {row.dereg_date} {ended}".strip() if row.dereg_date else "", row.reg_date)
    return notes


def _row(line: Line, people: Mapping[str, Any], notes: Mapping[str, _Note]) -> Behind:
    person, note = people.get(line.resident_id or ""), notes.get(line.row_id)
    status = code_words("EMP_STATUS", person.emp_status) if person is not None and person.emp_status else ""
    return Behind(
        key=line.row_id,
        resident_id=person.id if person is not None else None,
        referral_id=line.row_id if note is not None and note.is_slip else None,
        name=mask_name(person.name) if person is not None else "",
        id_no=mask_id(person.id_no) if person is not None else "",
        mobile=mask_mobile(person.mobile) if person is not None else "",
        place=community_words(person.live_region) if person is not None and person.live_region else "",
        what=note.what if note is not None else status,
        on=note.on if note is not None else None,
    )
