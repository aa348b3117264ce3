"""Signing up a whole list from a table, matched to residents by ID number."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.resident import Resident
from app.services.imports.employers import field_reasons
from app.services.imports.report import RowOutcome, refused, taken
from app.services.imports.rows import ReadRow
from app.services.training.enrolments import check_sign_up, enrol
from app.texts import _


def import_enrolments(tx: Transaction, class_id: str, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Sign up everybody of a list whose file is here; what a person would have been told of stands as a remark.

    Nobody gets a file by this: a row without one is left out with the reason.

    Raises:
        NotAllowedError: this role may not import.
    """
    tx.act("enrolment.import")
    return [_store(tx, class_id, row) for row in rows]


def _store(tx: Transaction, class_id: str, row: ReadRow) -> RowOutcome:
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
    try:
        warnings = check_sign_up(tx, class_id, person.id).warnings
        known = [each.code for each in warnings]
        enrol(tx, class_id, person.id, target=row.values["target"], knowing=known, why=_("名单导入"))
    except RuleError as problem:
        return refused(row.number, problem.text)
    except InvalidInputError as problem:
        return refused(row.number, *field_reasons(problem))
    return taken(row.number, (*row.remarks, *(each.text for each in warnings)))
