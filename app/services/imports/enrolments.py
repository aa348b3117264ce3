"""Reading rows of a sign-up list: whose they are is told by the ID number alone."""

import re
from datetime import date
from typing import Any

from app.models.codes import code_list
from app.models.identity import ID_CARD, check_id_no
from app.models.phones import check_mobile
from app.services.imports.columns import ColumnMap
from app.services.imports.readers import RawRow
from app.services.imports.rows import Cells, ReadRow
from app.texts import _


class EnrolmentReader:
    """Reads rows of one file by its column map."""

    def __init__(self, columns: ColumnMap, *, today: date) -> None:
        columns.check()
        self._places = columns.places()
        self._today = today

    def read(self, row: RawRow) -> ReadRow:
        """Return the row as name, ID number, phone and category, or the reasons why it names nobody."""
        cells, found = Cells(row, self._places), ReadRow(row.number)
        if not any(row.cells):
            found.refusals.append(_("这一行是空的"))
            return found
        number = cells.get("id_no").lstrip("'’").replace(" ", "").upper()
        if not number:
            found.refusals.append(_("没有证件号码"))
            return found
        if re.fullmatch(r"\d{15}000|\d(?:\.\d+)?E\+?1\d", number):
            found.refusals.append(_("证件号码在表格里存成了数字，末几位已经丢了；请把那一列改成文本再填"))
            return found
        checked = check_id_no(ID_CARD, number, today=self._today)
        if checked.error:
            found.refusals.append(checked.text)
            return found
        values: dict[str, Any] = {"name": cells.get("name").strip(), "id_no": checked.number}
        phone = check_mobile(cells.get("mobile")) if cells.get("mobile") else None
        values["mobile"] = phone.number if phone is not None and not phone.text else None
        values["target"] = self._target(cells.get("target"), found)
        found.values, found.key = values, checked.number
        return found

    def _target(self, text: str, found: ReadRow) -> str | None:
        if not text:
            return None
        known = code_list("SUBSIDY_TARGET")
        item = known.get(text) or known.by_label(text)
        if item is None:
            found.remark(_("{list}“{cell}”没对上，没有记", list=known.name, cell=text[:20]))
        return item.code if item else None
