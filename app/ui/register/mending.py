"""Coming to the sheet to mend one field that the district sent back."""

from __future__ import annotations

from collections.abc import Mapping

from app.texts import _
from app.ui.register.sheet import Sheet

ERROR_PLACES = {"intents": "intent1", "consent": "consent_notice", "skills": "skill1", "certs": "cert_name1"}
"""Where the sheet shows what is said about a field of the record."""


class Mend:
    """Which field is to be mended, and why; forgotten once it was shown."""

    def __init__(self) -> None:
        self._field = self._why = ""

    def take(self, arguments: Mapping[str, object]) -> tuple[str, str]:
        """Note the field of what the screen is opened with; return whose file and which draft."""
        self._field, self._why = str(arguments.get("field") or ""), str(arguments.get("why") or "")
        return str(arguments.get("id") or ""), str(arguments.get("draft") or "")

    @property
    def wanted(self) -> bool:
        """Whether a field is to be mended."""
        return bool(self._field)

    def show(self, sheet: Sheet) -> str:
        """Say the district's reason under the field and return its name; "" where there is none."""
        name = ERROR_PLACES.get(self._field, self._field)
        why, self._field = self._why, ""
        if name not in {field.name for field in sheet.fields()}:
            return ""
        sheet.field(name).show()
        sheet.field(name).set_error(_("区里退回：{why}", why=why) if why else _("区里退回，要改"))
        return name
