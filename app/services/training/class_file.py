"""The class file (班级台账): everything that its workbook and its PDF show. Phones are masked unless asked."""

from dataclasses import dataclass

from app import clock
from app.db.database import Transaction
from app.models.base import parse_draft
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.services.stations import find_station
from app.services.training.certificates import CertificateLine, list_certificates
from app.services.training.completion import Graduation, load_graduation
from app.services.training.grid import Grid, load_grid
from app.services.training.listing import ClassFile, open_file
from app.services.training.rosters import RosterLine, list_roster
from app.services.training.scope import actor_name


@dataclass(frozen=True)
class ClassRecord:
    """All of a class. ``full``: whole phone numbers may be written out."""

    file: ClassFile
    roster: tuple[RosterLine, ...]
    grid: Grid
    graduation: Graduation
    certificates: tuple[CertificateLine, ...]
    station_name: str
    filled_by: str
    full: bool


def class_record(tx: Transaction, class_id: str, *, full: bool = False, why: str = "") -> ClassRecord:
    """Return all of a class; ``full`` with whole phone numbers, which leaves a trace with its reason.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's, or this role may not take whole numbers out.
    """
    found = open_file(tx, class_id)
    if full:
        tx.act("class.export")
        values = {"kind": "class.export", "happened_at": clock.now(), "subject_type": "training_class"}
        event = parse_draft(ServiceEventDraft, {**values, "subject_id": class_id, "why": why, "detail": "phone"})
        tx.add(ServiceEvent.from_draft(event))
    station = find_station(tx)
    return ClassRecord(
        file=found,
        roster=tuple(list_roster(tx, class_id)),
        grid=load_grid(tx, class_id),
        graduation=load_graduation(tx, class_id),
        certificates=tuple(list_certificates(tx, class_id=class_id)),
        station_name=station.name if station else "",
        filled_by=actor_name(tx) or "",
        full=full,
    )
