"""Signing up a whole list from a table, matched to residents by ID number."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.resident import Resident
from app.models.training import TrainingClass
from app.services.imports.employers import field_reasons
from app.services.imports.report import RowOutcome, refused, taken
from app.services.imports.rows import ReadRow
from app.services.training.enrolments import SignUpCheck, check_sign_up, enrol
from app.texts import _


def find_class(tx: Transaction, named: str) -> TrainingClass:
    """Return the class of this number, id, or title where only one bears it.

    Raises:
        NotFoundError: none, or several of that title.
    """
    known = tx.find(TrainingClass, named)
    if known is not None:
        return known
    here = col(TrainingClass.deleted_at).is_(None)
    wanted = (col(TrainingClass.class_no) == named) | (col(TrainingClass.title) == named)
    found = tx.session.scalars(select(TrainingClass).where(here, wanted).limit(10)).all()
    if not found:
        raise NotFoundError(_("没有找到班期“{named}”，请写班号", named=named))
    exact = [row for row in found if row.class_no == named] or list(found)
    if len(exact) > 1:
        numbers = "、".join(row.class_no for row in exact)
        raise NotFoundError(_("叫“{named}”的有几个班，请写班号：{numbers}", named=named, numbers=numbers))
    return exact[0]


def import_enrolments(tx: Transaction, class_id: str, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Sign up everybody of a list whose file is here; what a person would have been told of stands as a remark.

    Nobody gets a file by this: a row without one is left out with the reason.

    Raises:
        NotAllowedError: this role may not import.
    """
    tx.act("enrolment.import")
    return [_store(tx, class_id, row) for row in rows]


def check_enrolments(
    tx: Transaction, class_id: str, rows: Sequence[ReadRow], seen: set[str] | None = None
) -> list[RowOutcome]:
    """Say what would become of the rows, and store nothing. ``seen``: ID numbers of earlier batches, added to."""
    known = set[str]() if seen is None else seen
    outcomes = []
    for row in rows:
        looked = _look(tx, class_id, row)
        if isinstance(looked, RowOutcome):
            outcomes.append(looked)
        elif row.key in known:
            outcomes.append(refused(row.number, _("与前面的一行相同")))
        else:
            left = looked.places_left
            outcomes.append(taken(row.number, _remarks(row, looked, full=left is not None and left <= len(known))))
            known.add(row.key)
    return outcomes


def _store(tx: Transaction, class_id: str, row: ReadRow) -> RowOutcome:
    looked = _look(tx, class_id, row)
    if isinstance(looked, RowOutcome):
        return looked
    try:
        known = [each.code for each in looked.warnings]
        enrol(tx, class_id, looked.resident_id, target=row.values["target"], knowing=known, why=_("名单导入"))
    except RuleError as problem:
        return refused(row.number, problem.text)
    except InvalidInputError as problem:
        return refused(row.number, *field_reasons(problem))
    return taken(row.number, _remarks(row, looked, full=looked.waiting_place is not None))


def _look(tx: Transaction, class_id: str, row: ReadRow) -> SignUpCheck | RowOutcome:
    """Find whose row it is and look at what speaks for or against it; an outcome where it cannot be taken."""
    if row.refusals:
        return refused(row.number, *row.refusals)
    tx.flush()
    statement = select(col(Resident.id), col(Resident.name), col(Resident.mobile)).where(
        col(Resident.id_no) == row.values["id_no"], col(Resident.deleted_at).is_(None)
    )
    found = tx.rows(statement.limit(1))
    if not found:
        return refused(row.number, _("本站没有这个证件号码的档案，先登记再报名"))
    person = found[0]
    if row.values["name"] != person.name:
        text = _("证件号码是 {name} 的，表里写的是“{other}”，请核对", name=person.name, other=row.values["name"])
        return refused(row.number, text)
    if row.values["mobile"] and row.values["mobile"] != person.mobile:
        row.remark(_("电话和档案里的不一样，名单用档案里的"))
    checked = check_sign_up(tx, class_id, person.id)
    if any(each.code == "twice" for each in checked.blocks):
        return refused(row.number, _("已经报过这个班，没有重复记"))
    if checked.blocks:
        return refused(row.number, *(each.text for each in checked.blocks))
    return checked


def _remarks(row: ReadRow, checked: SignUpCheck, *, full: bool) -> tuple[str, ...]:
    """Return what to tell of a row that is taken, a place on the waiting list last."""
    waits = (_("名额满了，先排候补，以区里确认为准"),) if full else ()
    return (*row.remarks, *(each.text for each in checked.warnings), *waits)
