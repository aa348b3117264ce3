"""Storing one batch of rows: one transaction, one operation. What is there already is left as it is."""

from collections.abc import Sequence

from sqlmodel import col, select

from app.db.database import Transaction
from app.errors import BugError, InvalidInputError
from app.models.base import parse_draft
from app.models.employer import Employer, Vacancy, VacancyDraft
from app.models.resident import Resident
from app.services.employers import find_employer, name_key
from app.services.imports.employers import field_reasons
from app.services.imports.report import RowOutcome, refused, taken
from app.services.imports.rows import ReadRow
from app.services.residents import register_resident
from app.texts import _


def import_batch(tx: Transaction, kind: str, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Store a batch of rows of one kind of file.

    Raises:
        NotAllowedError: this role may not import.
    """
    if kind not in _WRITERS:
        raise BugError(f"no import of {kind!r}", code="import.kind")
    return _WRITERS[kind](tx, rows)


def import_vacancies(tx: Transaction, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Store postings: they wait for review (待审); an employer known by name only is registered as 待核验.

    Raises:
        NotAllowedError: this role may not import.
    """
    tx.act("vacancy.import")
    known = _known_keys(tx, [row.key for row in rows if row.key])
    employers = _employers_of(tx, rows)
    outcomes: list[RowOutcome] = []
    for row in rows:
        if row.refusals:
            outcomes.append(refused(row.number, *row.refusals))
        elif row.key in known:
            outcomes.append(_repeated(row, known[row.key]))
        else:
            outcomes.append(_store_vacancy(tx, row, employers))
            if outcomes[-1].outcome != "refused":
                known[row.key] = row.number
    return outcomes


def _repeated(row: ReadRow, first: int) -> RowOutcome:
    if first:
        return refused(row.number, _("与第 {number} 行相同", number=first))
    return refused(row.number, _("已经导入过，没有重复记"))


def _known_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, int]:
    """Return which postings are stored already; the number 0 stands for "not of this batch"."""
    statement = select(col(Vacancy.source_key)).where(col(Vacancy.source_key).in_(keys), col(Vacancy.deleted_at).is_(None))
    return {str(row[0]): 0 for row in tx.rows(statement)}


def _employers_of(tx: Transaction, rows: Sequence[ReadRow]) -> dict[str, str]:
    """Return name key → id of the employers that are registered already."""
    keys = {name_key(row.employer["name"]) for row in rows if row.employer}
    statement = (
        select(col(Employer.name_key), col(Employer.id))
        .where(col(Employer.name_key).in_(keys), col(Employer.deleted_at).is_(None))
        .order_by(col(Employer.id).desc())
    )
    return {str(row[0]): str(row[1]) for row in tx.rows(statement)}


def _store_vacancy(tx: Transaction, row: ReadRow, employers: dict[str, str]) -> RowOutcome:
    key = name_key(row.employer["name"])
    try:
        if key not in employers:
            employer = tx.add(Employer.model_validate({**row.employer, "name_key": key, "source_channel": row.values["source_channel"]}))
            employers[key] = employer.id
        vacancy = Vacancy.model_validate({**row.values, "employer_id": employers[key]})
    except ValueError:
        try:
            parse_draft(VacancyDraft, {**row.values, "employer_id": "?"}, complete=False)
        except InvalidInputError as problem:
            return refused(row.number, *field_reasons(problem))
        raise
    tx.add(vacancy)
    return taken(row.number, tuple(row.remarks))


def import_employers(tx: Transaction, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Store employers; one with this credit code or name that is registered already gets what it still lacks.

    Raises:
        NotAllowedError: this role may not import.
    """
    tx.act("employer.import")
    return [_store_employer(tx, row) for row in rows]


def _store_employer(tx: Transaction, row: ReadRow) -> RowOutcome:
    if row.refusals:
        return refused(row.number, *row.refusals)
    tx.flush()
    known = find_employer(tx, name=row.values["name"], uscc=row.values.get("uscc"))
    if known is None:
        tx.add(Employer.model_validate({**row.values, "name_key": name_key(row.values["name"])}))
        return taken(row.number, tuple(row.remarks))
    lacking = {
        field: value
        for field, value in row.values.items()
        if field in type(known).model_fields and getattr(known, field) in (None, "") and value not in (None, "")
    }
    if not lacking:
        return refused(row.number, _("已经登记过，没有新内容"))
    tx.change(known, lacking)
    return taken(row.number, (*row.remarks, _("已经登记过，补上了空着的栏")))


def import_residents(tx: Transaction, rows: Sequence[ReadRow]) -> list[RowOutcome]:
    """Store residents; one whose document is on file already is left as it is.

    Raises:
        NotAllowedError: this role may not import.
    """
    tx.act("resident.import")
    return [_store_resident(tx, row) for row in rows]


def _store_resident(tx: Transaction, row: ReadRow) -> RowOutcome:
    if row.refusals:
        return refused(row.number, *row.refusals)
    tx.flush()
    statement = select(col(Resident.id)).where(
        col(Resident.id_no) == row.values["id_no"],
        col(Resident.id_type) == row.values["id_type"],
        col(Resident.deleted_at).is_(None),
    )
    if tx.rows(statement.limit(1)):
        return refused(row.number, _("这个证件号码已有档案，没有改动"))
    try:
        register_resident(tx, row.values, complete=False)
    except InvalidInputError as problem:
        return refused(row.number, *field_reasons(problem))
    return taken(row.number, (*row.remarks, _("本人还没有签告知书，下次来时补")))


_WRITERS = {"vacancies": import_vacancies, "employers": import_employers, "residents": import_residents}
