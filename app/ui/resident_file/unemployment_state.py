"""Rules of the two unemployment forms: what is asked, what is hinted, what follows (domain sheet 5.2 to 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models.base import month_after
from app.models.codes import code_list
from app.texts import _

FROM_EMPLOYER = "2"
PLEDGE = "8"
NO_CONTACT = "9"
BENEFIT_FROM_MONTHS = 12
_LONGEST = ((120, 24), (60, 18), (BENEFIT_FROM_MONTHS, 12))
"""Months paid from → longest months of benefit (社会保险法 46)."""

_FOLLOWS: Mapping[str, str] = {
    "1": "11",
    "2": "15",
    "3": "16",
    "4": "35",
    "5": "33",
    "7": "39",
    "8": "34",
    "9": "90",
    "90": "90",
    "91": "22",
}
"""Ground of cancelling → the employment status that usually follows; the rest is asked."""


@dataclass(frozen=True)
class Hint:
    """A hint beside a form: never a decision."""

    title: str
    text: str
    tone: str = "neutral"


def involuntary_of(reason: str | None) -> bool | None:
    """Return whether the reason itself says that she did not want to leave; None where one must ask."""
    item = code_list("UNEMP_REASON").get(reason)
    said = item.extra.get("involuntary") if item else None
    return None if said not in ("Y", "N") else said == "Y"


def needs_employer(scope: str | None) -> bool:
    """Tell whether the form asks for the last employer: who lost work at one."""
    return scope == FROM_EMPLOYER


def needs_pledge(scope: str | None, proof: str | None) -> bool:
    """Tell whether a signed pledge stands in for a missing proof."""
    return proof == PLEDGE or (needs_employer(scope) and not proof)


def longest_benefit(si_months: int) -> int:
    """Return the longest benefit in months for so many months paid, without what was left of an earlier spell."""
    return next((longest for paid, longest in _LONGEST if si_months >= paid), 0)


def benefit_hint(values: Mapping[str, Any]) -> Hint:
    """Say how it looks for unemployment benefit; the social insurance office decides."""
    decided = _("这里只是提示，由社保经办机构决定。")
    involuntary, months = values.get("involuntary"), values.get("si_months")
    if not values.get("unemp_reason"):
        return Hint(_("失业保险金"), _("选了失业原因，这里提示能不能领。"))
    if involuntary is None:
        return Hint(_("失业保险金"), _("先问清是不是本人意愿离开的。") + decided)
    if involuntary is False:
        text = _("是本人提出离开的，不符合领取条件（社会保险法第 45 条）。失业登记照样办，其他服务不受影响。")
        return Hint(_("一般不能领失业保险金"), text, "orange")
    if months is None:
        text = _("不是本人意愿离开的。再填累计缴费月数：满 12 个月才能领。")
        return Hint(_("失业保险金"), text + decided, "blue")
    if months < BENEFIT_FROM_MONTHS:
        return Hint(_("一般不能领失业保险金"), _("缴费 {n} 个月，不满 12 个月。", n=months) + decided, "orange")
    title = _("可能可以领失业保险金，最长 {n} 个月", n=longest_benefit(months))
    text = _("缴费 {n} 个月，不是本人意愿。从登记这天起算。", n=months)
    if values.get("unemp_reason") == "06":
        text += _("除名、开除的要先核对证明。")
    return Hint(title, text + decided, "good")


def following_status(ground: str | None) -> str | None:
    """Return the employment status that usually follows from a ground; None where it must be asked."""
    return _FOLLOWS.get(ground or "")


def dereg_hint(ground: str | None, last_contact: date | None, gap_months: int, today: date) -> Hint:
    """Say what a ground of cancelling asks for."""
    if ground == NO_CONTACT and last_contact is not None and month_after(last_contact, gap_months) > today:
        text = _("最近一次联系是 {day}，还不满 {n} 个月，先别按这一条注销。", day=last_contact, n=gap_months)
        return Hint(_("还不满 {n} 个月", n=gap_months), text, "orange")
    if ground == "8":
        text = _("要写明哪几次、为什么拒绝；本人可以申诉，也可以重新登记。")
        return Hint(_("写清依据"), text, "blue")
    if ground:
        return Hint(_("写清依据"), _("依据写材料名称或比对批次，以后查得到。"))
    return Hint(_("程序不会自动注销"), _("由经办人按第 66 条选原因，写明依据。"))


def last_contact_on(reg_date: date, contact: date | None) -> date:
    """Return the day from which the months without contact count."""
    return max(reg_date, contact) if contact is not None else reg_date
