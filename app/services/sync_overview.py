"""What the sync centre shows beside the outbox's own account: what waits by act, and how this PC is."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

from app import __version__
from app.db import state
from app.db.backup import list_backups
from app.db.database import Transaction
from app.models.acts import find_act
from app.models.operation import LOCAL, PENDING, Cursor, Operation
from app.models.registry import TRAINING, find_type
from app.paths import DataFolder
from app.services.handing import Answer, list_answers, list_mended
from app.services.merged import MergedFile, find_merged
from app.services.merging import list_strays
from app.services.notices import NoticeLine, notices_of
from app.services.outbox import (
    LAST_TRY,
    ConflictItem,
    ParkedItem,
    SyncSummary,
    list_conflicts,
    list_parked,
    sync_summary,
)
from app.services.staff import staff_names
from app.services.training.scope import is_only_trainer
from app.services.withdrawing import HandedItem, list_handed
from app.texts import _


@dataclass(frozen=True)
class WaitingAct:
    """Operations of one kind that wait to be sent: how many, since when, whose."""

    act: str
    label: str
    count: int
    oldest_at: datetime
    by_person: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DeviceFacts:
    """How this PC is. ``agreed``: what the last comparison with the district said; None before any."""

    device_id: str
    device_no: str
    version: str
    verified_at: datetime | None
    agreed: bool | None
    data_bytes: int
    backed_up_at: datetime | None


@dataclass(frozen=True)
class SyncCentre:
    """Everything of the sync centre at one moment.

    ``people``: staff id → name. ``residents``: id of a record that hangs on a resident → that resident's id. ``handed``
    lies with the supervisor, ``answers`` is what became of it, ``mended`` she has not been told of. ``strays``: merged
    files to which something came since.
    """

    summary: SyncSummary
    parked: tuple[ParkedItem, ...]
    conflicts: tuple[ConflictItem, ...]
    waiting: tuple[WaitingAct, ...]
    device: DeviceFacts
    people: dict[str, str]
    residents: dict[str, str]
    last_try_at: datetime | None = None
    handed: tuple[HandedItem, ...] = ()
    answers: tuple[Answer, ...] = ()
    mended: tuple[str, ...] = ()
    strays: tuple[MergedFile, ...] = ()


@dataclass(frozen=True)
class Standing:
    """What the badge is made of. ``handed``: what lies with the supervisor and is not on this device anyway."""

    summary: SyncSummary
    handed: int
    notices: tuple[NoticeLine, ...] = ()


def load_standing(tx: Transaction) -> Standing:
    """Return where this device stands, for the badge."""
    return Standing(sync_summary(tx), sum(not item.here for item in list_handed(tx)), notices_of(tx))


def load_centre(tx: Transaction) -> SyncCentre:
    """Return everything of the sync centre, in one look; a trainer gets what is of classes, and nobody's file."""
    parked, conflicts = list_parked(tx), list_conflicts(tx)
    hers = is_only_trainer(tx)
    if hers:
        parked = tuple(item for item in parked if all(_is_training(kind) for kind, _id, _name in item.subjects))
        conflicts = tuple(item for item in conflicts if _is_training(item.record_type))
    keys = {(kind, record_id) for item in parked for kind, record_id, _name in item.subjects}
    keys |= {(item.record_type, item.record_id) for item in conflicts}
    return SyncCentre(
        summary=sync_summary(tx),
        parked=parked,
        conflicts=conflicts,
        waiting=list_waiting(tx),
        device=device_facts(tx),
        people=staff_names(tx),
        residents=_residents_of(tx, keys),
        last_try_at=_moment(state.get_state(tx.session, LAST_TRY)),
        handed=() if hers else list_handed(tx),
        answers=() if hers else list_answers(tx),
        mended=() if hers else list_mended(tx),
        strays=() if hers else _strays(tx),
    )


def _is_training(name: str) -> bool:
    kind = find_type(name)
    return kind is not None and kind.feed == TRAINING


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _strays(tx: Transaction) -> tuple[MergedFile, ...]:
    found = (find_merged(tx, item.drop_id) for item in list_strays(tx))
    return tuple(item for item in found if item is not None)


def _residents_of(tx: Transaction, keys: set[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, record_id in keys:
        kind = find_type(name)
        row = tx.session.get(kind.model, record_id) if kind else None
        resident = getattr(row, "resident_id", None)
        if resident:
            found[record_id] = str(resident)
    return found


def list_waiting(tx: Transaction) -> tuple[WaitingAct, ...]:
    """Return what waits to be sent by act, most first."""
    rows = tx.rows(
        select(col(Operation.act), col(Operation.actor), func.count(), func.min(Operation.made_at))
        .where(col(Operation.origin) == LOCAL, col(Operation.state) == PENDING)
        .group_by(col(Operation.act), col(Operation.actor))
    )
    names = staff_names(tx)
    people: dict[str, Counter[str]] = {}
    oldest: dict[str, datetime] = {}
    for act, actor, count, first in rows:
        people.setdefault(act, Counter())[names.get(actor or "", "")] += count
        oldest[act] = min(first, oldest.get(act, first))
    found = []
    for name, counts in people.items():
        act = find_act(name)
        label = _(act.label) if act else name
        found.append(WaitingAct(name, label, sum(counts.values()), oldest[name], tuple(counts.most_common())))
    return tuple(sorted(found, key=lambda item: (-item.count, item.act)))


def device_facts(tx: Transaction) -> DeviceFacts:
    """Return how this PC is: compared, sized, backed up."""
    rows = tx.rows(select(col(Cursor.verified_at), col(Cursor.agreed)))
    times = [row.verified_at for row in rows if row.verified_at is not None]
    answers = [row.agreed for row in rows if row.agreed is not None]
    file = _file_of(tx)
    backups = list_backups(DataFolder(file.parent)) if file is not None else ()
    return DeviceFacts(
        device_id=str(state.get_state(tx.session, state.DEVICE_ID) or ""),
        device_no=str(state.get_state(tx.session, state.DEVICE_NO) or ""),
        version=__version__,
        verified_at=min(times, default=None),
        agreed=all(answers) if answers else None,
        data_bytes=file.stat().st_size if file is not None and file.exists() else 0,
        backed_up_at=backups[0].made_at if backups else None,
    )


def _file_of(tx: Transaction) -> Path | None:
    """Return the file of this counter's store."""
    named = next((str(row[2]) for row in tx.sql("PRAGMA database_list") if row[1] == "main" and row[2]), "")
    return Path(named) if named else None
