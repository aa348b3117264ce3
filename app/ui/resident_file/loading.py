"""What the screen shows at once: read in one transaction, then only looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from app import clock
from app.services import timeline
from app.services.duplicates import Hint, hints_of
from app.services.households import HouseholdFile, list_household
from app.services.merged import MergedFile, find_merged, merged_files
from app.services.packages import services_done
from app.services.policy import parameter
from app.services.referrals import full_station_name
from app.services.stations import find_station
from app.services.sync_states import NO_MARKS, SyncMarks, sync_marks
from app.services.timeline import ConsentLine, FileChange, ResidentFile

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.models.registration import Registration


@dataclass(frozen=True)
class Rules:
    """District parameters that the screen needs."""

    package: Mapping[str, int]
    warn_months: int
    gap_months: int


@dataclass(frozen=True)
class FileView:
    """A resident's file with everything that stands around it.

    ``latest``: the newest jobseeker registration, in force or not; ``overdue`` and ``unsent``: ids of referrals.
    ``marks``: how far its records and acts got; ``merged``: the files that went into this one. ``joined``: the station
    belongs to a district, so that all of it is to arrive there. ``hints``: other stations that know the same person.
    ``served``: part of the service package → how often it was given.
    """

    file: ResidentFile
    latest: Registration | None
    household: HouseholdFile | None
    consents: tuple[ConsentLine, ...]
    changes: tuple[FileChange, ...]
    overdue: frozenset[str]
    unsent: frozenset[str]
    last_contact_at: datetime | None
    rules: Rules
    station: tuple[str, str]
    today: date
    marks: SyncMarks = NO_MARKS
    merged: tuple[MergedFile, ...] = ()
    joined: bool = True
    hints: tuple[Hint, ...] = ()
    served: Mapping[str, int] = field(default_factory=dict)


def load_opened(tx: Transaction, resident_id: str, *, joined: bool = True) -> FileView | MergedFile:
    """Read a file; of one that went into another, where it went.

    Raises:
        NotFoundError: there is no such file, and never was one that was merged.
    """
    return find_merged(tx, resident_id) or load_view(tx, resident_id, joined=joined)


def load_view(tx: Transaction, resident_id: str, *, joined: bool = True) -> FileView:
    """Read everything about a resident. A station that has not ``joined`` a district has nothing waiting to be sent.

    Raises:
        NotFoundError: there is no such file.
    """
    file = timeline.load_file(tx, resident_id)
    station = find_station(tx)
    view = FileView(
        file=file,
        latest=timeline.past_registration(tx, resident_id),
        household=list_household(tx, file.resident),
        consents=tuple(timeline.list_consents(tx, resident_id)),
        changes=tuple(timeline.list_file_changes(tx, resident_id)),
        overdue=timeline.overdue_replies(tx, file.referrals),
        unsent=timeline.unsent_referrals(tx, file.referrals),
        last_contact_at=timeline.last_contact_at(tx, resident_id),
        rules=Rules(
            package=dict(parameter(tx, "pkg.1131")),
            warn_months=int(parameter(tx, "unemp.contact_warn_months")),
            gap_months=int(parameter(tx, "unemp.contact_gap_months")),
        ),
        station=(full_station_name(station), (station.phone if station else None) or ""),
        today=clock.today(),
        merged=merged_files(tx, resident_id),
        joined=joined,
        hints=hints_of(tx, resident_id),
        served=services_done(tx, resident_id),
    )
    return replace(view, marks=sync_marks(tx, _records_of(view))) if joined else _all_sent(view)


def _records_of(view: FileView) -> set[str]:
    """Return the ids of the person's record and of everything that the file shows."""
    shown = {line.record_id for line in view.file.happenings} | {change.record_id for change in view.changes}
    return shown | {view.file.resident.id}


def _all_sent(view: FileView) -> FileView:
    happenings = tuple(replace(line, sent=True) for line in view.file.happenings)
    return replace(
        view,
        file=replace(view.file, happenings=happenings),
        consents=tuple(replace(line, sent=True) for line in view.consents),
        changes=tuple(replace(change, sent=True) for change in view.changes),
        unsent=frozenset(),
    )
