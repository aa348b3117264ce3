"""Rules across the fields of the two forms. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.models.codes import code_list
from app.models.uscc import check_uscc
from app.services.imports.conditions import split_conditions
from app.texts import _

DUTY_CHARS = 10
LABOUR_CONTRACTS = frozenset({"10", "20", "30", "50"})
TERM_CONTRACTS = frozenset({"10", "50"})
DISPATCH = "50"
NEEDS_BASE = frozenset({"P", "S"})
MOST_DAYS = 90


def duty_problem(text: str) -> str | None:
    """Say that the duties are too short."""
    short = len(text.strip())
    return _("工作内容至少写 10 个字，现在 {n} 个", n=short) if short < DUTY_CHARS else None


def condition_problem(text: str) -> str | None:
    """Say which words are no lawful condition (sex, age, marriage, hukou, looks …)."""
    found = split_conditions(text).taken
    if not found:
        return None
    words = "、".join(dict.fromkeys(piece for _kind, piece in found))
    return _("“{words}”不能作招聘条件，请删掉", words=words[:40])


def papers_of(text: str) -> list[str]:
    """Return the papers named in a line."""
    return [part.strip() for part in re.split(r"[、，,;；/]+", text) if part.strip()]


def vacancy_problems(values: Mapping[str, Any], *, complete: bool) -> dict[str, str]:
    """Return what is wrong between fields, by field; ``complete`` also asks for what depends on others."""
    wrong: dict[str, str] = {}
    low, high, first, last = (values.get(name) for name in ("pay_min", "pay_max", "open_from", "open_to"))
    if low is not None and high is not None and low > high:
        wrong["pay_max"] = _("上限低于下限")
    if first and last and last < first:
        wrong["open_to"] = _("截止日期早于开始日期")
    elif first and last and (last - first).days > MOST_DAYS:
        wrong["open_to"] = _("招聘期最长 {n} 天，请改近一点", n=MOST_DAYS)
    if not complete:
        return wrong
    contract = values.get("contract_type")
    if values.get("pay_unit") in NEEDS_BASE and not values.get("base_pay"):
        wrong["base_pay"] = _("计件、底薪加提成的，要写保底多少")
    if contract in TERM_CONTRACTS and not values.get("contract_months"):
        wrong["contract_months"] = _("这种合同要写期限")
    if contract == DISPATCH and not values.get("end_user_id"):
        wrong["end_user_id"] = _("劳务派遣要写实际用工单位")
    lacking = insurance_lacking(values)
    if lacking:
        wrong["si_items"] = _("签劳动合同要缴齐五险，还差：{items}", items=lacking)
    return wrong


def insurance_lacking(values: Mapping[str, Any]) -> str:
    """Return the basic insurances that a labour contract still lacks."""
    if values.get("contract_type") not in LABOUR_CONTRACTS:
        return ""
    chosen = values.get("si_items") or ()
    return "、".join(item.label for item in code_list("SI_ITEM") if item.extra.get("basic") and item.code not in chosen)


def uscc_problem(text: str) -> str | None:
    """Say what is wrong with a credit code."""
    checked = check_uscc(text)
    return checked.text if checked.error else None


def uscc_hint(text: str | None) -> str:
    """Return what a right credit code says of its holder, or its warning."""
    if not text:
        return ""
    checked = check_uscc(text)
    return "" if checked.error else checked.text or checked.label
