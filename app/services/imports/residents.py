"""Reading rows of a resident table; the rules are those of the register form (domain sheet 2.1)."""

import re
from datetime import date
from typing import Any

from app.errors import InvalidInputError
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.resident import ResidentDraft
from app.services.imports.columns import ColumnMap
from app.services.imports.employers import field_reasons
from app.services.imports.parsing import UNLIMITED, find_education, parse_date, parse_month
from app.services.imports.places import find_region
from app.services.imports.readers import RawRow
from app.services.imports.rows import Cells, ReadRow
from app.texts import _

_BATCH_IMPORT = "07"
_PLAIN = (
    "name",
    "school",
    "major",
    "hukou_addr",
    "live_addr",
    "grid_code",
    "contact2_name",
    "contact2_phone",
    "ss_card_no",
    "pwd_cert_no",
)
_CODED = {
    "sex": "SEX",
    "ethnic": "ETHNIC",
    "politic": "POLITIC",
    "marital": "MARITAL",
    "health": "HEALTH",
    "hukou_type": "HUKOU",
    "emp_status": "EMP_STATUS",
    "id_type": "ID_TYPE",
}
_SHORT = {"sex": {"男": "1", "女": "2", "男性": "1", "女性": "2"}, "id_type": {"身份证": "01", "居民身份证": "01"}}
_REGION_CODE = re.compile(r"^\d{6}(?:\d{3}|\d{6})?$")


class ResidentReader:
    """Reads rows of one file by its column map."""

    def __init__(self, columns: ColumnMap, *, today: date) -> None:
        columns.check()
        self._places = columns.places()
        self._today = today

    def read(self, row: RawRow) -> ReadRow:
        """Return the row as fields of a resident, with remarks, or the reasons by field why it cannot be one."""
        cells, found = Cells(row, self._places), ReadRow(row.number)
        if not any(row.cells):
            found.refusals.append(_("这一行是空的"))
            return found
        values: dict[str, Any] = {name: cells.get(name) for name in _PLAIN}
        values["id_no"] = cells.get("id_no").lstrip("'’").replace(" ", "").upper()
        values["mobile"] = cells.get("mobile").replace(" ", "")
        for field, list_id in _CODED.items():
            values[field] = self._coded(field, list_id, cells.get(field), found)
        values["edu_level"] = self._education(cells.get("edu_level"), found)
        self._dates(cells, values, found)
        self._regions(cells, values, found)
        if not values["id_no"]:
            found.refusals.append(_("没有证件号码"))
        elif re.fullmatch(r"\d{15}000|\d(?:\.\d+)?E\+?1\d", values["id_no"]):
            found.refusals.append(_("证件号码在表格里存成了数字，末几位已经丢了；请把那一列改成文本再填"))
        if found.refusals:
            return found
        try:
            draft = parse_draft(ResidentDraft, values, complete=False)
        except InvalidInputError as problem:
            found.refusals.extend(field_reasons(problem))
            return found
        found.values = {**draft.model_dump(exclude_none=True), "source_channel": _BATCH_IMPORT}
        found.key = f"{draft.id_type}:{draft.id_no}"
        return found

    def _coded(self, field: str, list_id: str, text: str, found: ReadRow) -> str | None:
        if not text:
            return None
        if text in _SHORT.get(field, {}):
            return _SHORT[field][text]
        known = code_list(list_id)
        item = known.get(text) or known.by_label(text) or (known.by_label(text + "族") if field == "ethnic" else None)
        if item is None:
            found.remark(_("{list}“{cell}”没对上，没有记", list=known.name, cell=text[:20]))
        return item.code if item else None

    def _education(self, text: str, found: ReadRow) -> str | None:
        """Read the level by its name. A bare code is not taken: the editions of 1984 and 2006 overlap (domain 3.3)."""
        if not text:
            return None
        if text.isdecimal():
            found.remark(_("文化程度写的是代码 {code}，1984 版和 2006 版意思不同，没有记；请改成文字", code=text[:4]))
            return None
        item = code_list("EDU").by_label(text)
        level = item.code if item else find_education(text)
        if level is None or level == UNLIMITED:
            found.remark(_("{list}“{cell}”没对上，没有记", list=code_list("EDU").name, cell=text[:20]))
            return None
        return level

    def _dates(self, cells: Cells, values: dict[str, Any], found: ReadRow) -> None:
        birth = cells.get("birth_date")
        # A month alone (1970-02) is left to the ID number, which says the day.
        if birth and not re.fullmatch(r"\d{4}[-/.年]?\d{1,2}月?", birth):
            read = parse_date(birth, today=self._today)
            found.remark(read.remark)
            values["birth_date"] = read.value
        if graduated := cells.get("graduate_date"):
            read = parse_month(graduated, today=self._today)
            found.remark(read.remark)
            values["graduate_date"] = read.value

    def _regions(self, cells: Cells, values: dict[str, Any], found: ReadRow) -> None:
        for field, label in (("hukou_region", _("户籍地")), ("live_region", _("常住地"))):
            text = cells.get(field)
            if not text:
                continue
            code = text if _REGION_CODE.match(text) else find_region(text)
            if code is None:
                found.remark(_("{field}“{cell}”没对上区划，没有记", field=label, cell=text[:20]))
            values[field] = code
