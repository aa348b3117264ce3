"""Which printer: what every sheet asks before it is printed."""

from __future__ import annotations

from collections.abc import Sequence

from app.texts import _
from app.ui.fields.choice import ChoiceField
from app.ui.print_pdf import PrinterChoice

SYSTEM_DIALOG = "*"
"""Chosen instead of a printer: the system's own window."""


class PrinterField(ChoiceField):
    """The printers by name, the system's default marked, and the system's own window at the end."""

    def __init__(self) -> None:
        super().__init__(_("打印机"), show_code=False)

    def show_printers(self, printers: Sequence[PrinterChoice], chosen: str) -> None:
        """Offer these; the chosen one, else the system's default, stands in the field."""
        items = [(one.name, _("{name}（默认）", name=one.label) if one.is_default else one.label) for one in printers]
        self.set_items([*items, (SYSTEM_DIALOG, _("系统打印窗口…"))])
        names = [one.name for one in printers]
        first = next((one.name for one in printers if one.is_default), names[0] if names else None)
        self.set_value(chosen if chosen in names else first)
        self.set_hint("" if names else _("没有找到打印机，可以存 PDF"))
