"""Storing one batch of rows: one transaction, one operation. What is there already is left as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import BugError, InvalidInputError
from app.models.base import Draft, parse_draft
from app.models.employer import Employer, EmployerDraft, Vacancy, VacancyDraft
from app.models.resident import Resident
from app.services.employers import find_employer, name_key
from app.services.imports.employers import field_reasons
from app.services.imports.report import RowOutcome, refused, taken
from app.services.imports.rows import ReadRow
from app.services.imports.targets import ENROLMENTS
from app.services.residents import register_resident
from app.services.training.sign_up_lists import import_enrolments
from app.texts import _


def import_batch(tx: Transaction, kind: str, rows: Sequence[ReadRow], *, into: str = "") -> list[RowOutcome]:
    """Store a batch of rows of one kind of file. ``into``: the id of the class, for a list of sign-ups.

    Raises:
        NotAllowedError: this role may not import.
    """
    if kind == ENROLMENTS:
        return import_enrolments(tx, into, rows)
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
    employers = _Employers(tx, rows)
    outcomes: list[RowOutcome] = []
    vacancies: list[dict[str, Any]] = []
    for row in rows:
        if row.refusals:
            outcomes.append(refused(row.number, *row.refusals))
        elif row.key in known:
            outcomes.append(_repeated(row, known[row.key]))
        else:
            try:
                vacancies.append(_vacancy(row, employers))
            except InvalidInputError as problem:
                outcomes.append(refused(row.number, *field_reasons(problem)))
                continue
            known[row.key] = row.number
            outcomes.append(taken(row.number, tuple(row.remarks)))
    tx.add_rows(Employer, employers.new)
    tx.add_rows(Vacancy, vacancies)
    return outcomes


def _repeated(row: ReadRow, first: int) -> RowOutcome:
    if first:
        return refused(row.number, _("与第 {number} 行相同", number=first))
    return refused(row.number, _("已经导入过，没有重复记"))


def _known_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, int]:
    """Return which postings are stored already; the number 0 stands for "not of this batch"."""
    statement = select(col(Vacancy.source_key)).where(
        col(Vacancy.source_key).in_(keys), col(Vacancy.deleted_at).is_(None)
    )
    return {str(row.source_key): 0 for row in tx.rows(statement)}


class _Employers:
    """The employers of a batch by name: those registered already, and the ``new`` ones that it brings."""

    def __init__(self, tx: Transaction, rows: Sequence[ReadRow]) -> None:
        keys = {row.employer["name_key"] for row in rows if row.employer}
        statement = (
            select(col(Employer.name_key), col(Employer.id))
            .where(col(Employer.name_key).in_(keys), col(Employer.deleted_at).is_(None))
            .order_by(col(Employer.id).desc())
        )
        self._ids = {str(key): str(employer_id) for key, employer_id in tx.rows(statement)}
        self.new: list[dict[str, Any]] = []

    def id_of(self, row: ReadRow) -> str:
        """Return the id of a posting's employer, registering it when its name is new.

        Raises:
            InvalidInputError: by field.
        """
        key = row.employer["name_key"]
        if key not in self._ids:
            draft = parse_draft(EmployerDraft, row.employer, complete=False)
            self._ids[key] = clock.new_id()
            channel = row.values["source_channel"]
            self.new.append({**_given(draft), "id": self._ids[key], "source_channel": channel})
        return self._ids[key]


def _vacancy(row: ReadRow, employers: _Employers) -> dict[str, Any]:
    draft = parse_draft(VacancyDraft, {**row.values, "employer_id": employers.id_of(row)}, complete=False)
    return {**_given(draft), "id": clock.new_id(), "source_channel": row.values["source_channel"]}


def _given(draft: Draft) -> dict[str, Any]:
    """Return what the file said: most fields of a draft hold their default, and the store knows those."""
    values = draft.__dict__
    return {name: values[name] for name in draft.model_fields_set}


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
