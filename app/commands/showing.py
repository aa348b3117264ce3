"""Matching results as text, for the command line."""

from app.services.matching import FILTER_LABELS, MatchResult
from app.texts import _


def match_text(result: MatchResult) -> str:
    """Return the suggestions with their reasons, and the counts of what is not suggested."""
    lines = [_("比较了 {n} 个岗位，合适的 {m} 个", n=result.considered, m=result.passed)]
    for place, one in enumerate(result.suggestions, start=1):
        mark = "" if one.employer_verified else _("（单位待核验）")
        lines.append(f"{place:>2}. {one.score:5.1f}  {one.title}  {one.employer_name}{mark}  {one.pay}")
        lines.extend(f"      {part.text}" for part in one.parts)
        if one.headline:
            lines.append(f"      → {one.headline}")
    if result.filtered:
        reasons = "，".join(f"{_(FILTER_LABELS[code])} {count}" for code, count in result.filtered.items())
        lines.append(_("没有推荐的 {n} 个：{reasons}", n=result.filtered_count, reasons=reasons))
    return "\n".join(lines)
