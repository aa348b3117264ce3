"""Small wordings of matching: amounts, ways, lists."""

from collections.abc import Sequence

from app.models.codes import code_list
from app.services.matching import rules
from app.services.matching.prepare import VacancyFacts
from app.texts import N_, _

_UNIT_TEXTS = {
    "H": N_("{pay} 元/小时"),
    "D": N_("{pay} 元/天"),
    "W": N_("{pay} 元/周"),
    "M": N_("{pay} 元"),
    "Y": N_("{pay} 元/年"),
    "P": N_("{pay} 元/件"),
    "O": N_("{pay} 元/次"),
    "S": N_("底薪加提成 {pay} 元"),
}


def yuan(fen: int) -> str:
    """Return whole yuan, or with the fen where there are any."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def km_text(metres: float) -> str:
    """Return kilometres: one decimal, whole from 20 on."""
    km = metres / 1000
    return f"{km:.0f}" if km >= 20 else f"{km:.1f}"


def list_text(names: Sequence[str]) -> str:
    """Join names as a list."""
    return _("、").join(names)


def shift_text(shifts: Sequence[str]) -> str:
    """Return the shifts' names."""
    return code_list("SHIFT").labels(tuple(shifts))


def level_text(level: int) -> str:
    """Return the name of a skill level (code list SKILL)."""
    return code_list("SKILL").label(f"L{level}")


def edu_text(rank: int) -> str:
    """Return the name of a rank of education."""
    return _(rules.EDU_LABELS[rank]) if rank in rules.EDU_LABELS else ""


def per_unit(amount: str, unit: str | None) -> str:
    """Return an amount in yuan with its unit of pay (code list PAY_UNIT); a month where none is given."""
    return _(_UNIT_TEXTS.get(unit or "M", _UNIT_TEXTS["M"]), pay=amount)


def pay_text(facts: VacancyFacts) -> str:
    """Return the pay as the vacancy states it, with its worth in a month where the unit is another."""
    low, high = facts.pay_min, facts.pay_max
    if low is None and high is None:
        return ""
    low, high = (high if low is None else low) or 0, (low if high is None else high) or 0
    amount = yuan(low) if low == high else f"{yuan(low)}–{yuan(high)}"
    stated = per_unit(amount, facts.pay_unit)
    if facts.pay_unit in ("H", "D", "W", "Y") and facts.pay_month:
        return _("{pay}（合每月约 {month} 元）", pay=stated, month=round(facts.pay_month / 100))
    return stated
