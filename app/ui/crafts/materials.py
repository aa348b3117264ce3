"""The list of materials of an order as it is typed: one a line. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.texts import _
from app.ui import entry

GOES_BACK = "退"
_LINE = re.compile(r"^(?P<name>\D.*?)\s*(?P<quantity>\d+(?:\.\d+)?)\s*(?P<unit>[^\s\d退]*)\s*(?P<rest>退余料|退)?$")


def materials_of(text: str | None) -> list[dict[str, Any]]:
    """Read the list of materials: one a line, name, quantity, unit, and 退 (goes back) where what is left goes back.

    Raises:
        ValueError: the line that cannot be read.
    """
    found = []
    for line in (entry.half_width(raw).strip() for raw in (text or "").splitlines()):
        if not line:
            continue
        read = _LINE.match(line)
        if read is None:
            raise ValueError(line)
        amount = float(read["quantity"])
        found.append(
            {
                "name": read["name"].strip(),
                "quantity": int(amount) if amount.is_integer() else amount,
                "unit": read["unit"],
                "return_rest": bool(read["rest"]),
            }
        )
    return found


def materials_problem(text: str | None) -> str | None:
    """Return what is wrong with the list of materials, if anything is."""
    try:
        materials_of(text)
    except ValueError as problem:
        return _("这一行看不懂：“{line}”。写成：奶棉线 40 团 退", line=str(problem)[:20])
    return None


def materials_text(materials: Sequence[Any]) -> str:
    """Return the list of materials as it is typed."""
    lines = []
    for item in materials:
        words = [str(item.get("name", "")), f"{item.get('quantity', ''):g}", str(item.get("unit") or "")]
        lines.append(" ".join(word for word in (*words, GOES_BACK if item.get("return_rest") else "") if word))
    return "\n".join(lines)
