"""Reading rows of an employer table."""

from datetime import date
from typing import Any

from app.errors import InvalidInputError
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.employer import EmployerDraft
from app.services.employers import name_key
from app.services.imports.columns import ColumnMap
from app.services.imports.parsing import find_employer_kind, find_industry, find_size, parse_date, parse_facts
from app.services.imports.readers import RawRow
from app.services.imports.rows import Cells, ReadRow
from app.texts import _

_UNVERIFIED, _BATCH_IMPORT = "10", "07"
_PLAIN = (
    "name",
    "uscc",
    "legal_rep",
    "reg_addr",
    "work_addr",
    "contact",
    "phone",
    "hr_licence_no",
    "dispatch_licence_no",
)


class EmployerReader:
    """Reads rows of one file by its column map."""

    def __init__(self, columns: ColumnMap, *, today: date) -> None:
        columns.check()
        self._places = columns.places()
        self._today = today

    def read(self, row: RawRow) -> ReadRow:
        """Return the row as fields of an employer, with remarks, or the reasons why it cannot be one."""
        cells, found = Cells(row, self._places), ReadRow(row.number)
        if not any(row.cells):
            found.refusals.append(_("这一行是空的"))
            return found
        facts = parse_facts(cells.get("facts"))
        values: dict[str, Any] = {name: " ".join(cells.get(name).split()) for name in _PLAIN}
        values["employer_kind"] = self._coded("EMPLOYER_TYPE", cells.get("employer_kind"), found) or facts.kind
        values["industry"] = self._coded("GB4754", cells.get("industry"), found) or facts.industry
        values["size"] = self._coded("SIZE", cells.get("size"), found) or facts.size
        until = (
            parse_date(cells.get("licence_valid_to"), today=date(9999, 12, 31))
            if cells.get("licence_valid_to")
            else None
        )
        if until is not None and "长期" not in cells.get("licence_valid_to"):
            found.remark(until.remark)
            values["licence_valid_to"] = until.value
        if not name_key(values["name"]):
            found.refusals.append(_("没有单位名称"))
            return found
        try:
            draft = parse_draft(EmployerDraft, values, complete=False)
        except InvalidInputError as problem:
            found.refusals.extend(field_reasons(problem))
            return found
        found.values = {
            **draft.model_dump(exclude_none=True),
            "verify_state": _UNVERIFIED,
            "source_channel": _BATCH_IMPORT,
        }
        found.key = draft.uscc or name_key(draft.name)
        return found

    def _coded(self, list_id: str, text: str, found: ReadRow) -> str | None:
        if not text:
            return None
        known = code_list(list_id)
        labelled = known.get(text) or known.by_label(text)
        if labelled is not None:
            return labelled.code
        guess = {"EMPLOYER_TYPE": find_employer_kind, "GB4754": find_industry, "SIZE": find_size}[list_id](text)
        if guess is None:
            found.remark(_("{list}“{cell}”没对上，没有记", list=known.name, cell=text[:20]))
        return guess


def field_reasons(problem: InvalidInputError) -> list[str]:
    """Return a reason for each field that is wrong, with the field's name as files write it."""
    from app.services.imports.targets import targets_of

    labels = {target.name: target.label for kind in ("residents", "employers") for target in targets_of(kind)}
    return [f"{_(labels[field])}：{text}" if field in labels else text for field, text in problem.fields.items()]
