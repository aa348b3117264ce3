"""Unified social credit codes of organisations: GB 32100-2015, with the organisation code of GB 11714-1997 inside."""

import re
from dataclasses import dataclass

from app.models.check_chars import USCC_CHARS, count_text, normalise_id, org_check_char, uscc_check_char
from app.texts import N_, _

E_FORMAT = "E_FORMAT"
E_CHECK = "E_CHECK"
W_ORGCHK = "W_ORGCHK"

_USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)


@dataclass(frozen=True)
class UsccCheck:
    """What a unified social credit code says about itself."""

    number: str
    error: str | None = None
    warning: str | None = None
    text: str = ""
    label: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the code may be saved, with or without a warning."""
        return self.error is None


_ENTITY_LABELS = {
    "11": N_("机关"),
    "12": N_("事业单位"),
    "13": N_("群众团体"),
    "19": N_("其他编制机构"),
    "51": N_("社会团体"),
    "52": N_("民办非企业单位"),
    "53": N_("基金会"),
    "54": N_("基层群众性自治组织"),
    "55": N_("基层群众性自治组织"),
    "59": N_("其他民政登记组织"),
    "91": N_("企业"),
    "92": N_("个体工商户"),
    "93": N_("农民专业合作社"),
    "N1": N_("农村集体经济组织"),
    "Y1": N_("其他组织"),
}


def check_uscc(text: str) -> UsccCheck:
    """Check a unified social credit code; a wrong organisation code inside is only a warning (early codes deviate)."""
    number = normalise_id(text)
    problem = _uscc_shape(number)
    if problem:
        return UsccCheck(number, error=E_FORMAT, text=problem)
    label = uscc_label(number)
    if uscc_check_char(number[:17]) != number[17]:
        return UsccCheck(
            number,
            error=E_CHECK,
            text=_("信用代码校验位不符，请核对营业执照"),
            label=label,
        )
    if org_check_char(number[8:16]) != number[16]:
        return UsccCheck(
            number,
            warning=W_ORGCHK,
            text=_("其中的组织机构代码校验不符，请再核对一遍"),
            label=label,
        )
    return UsccCheck(number, label=label)


def _uscc_shape(number: str) -> str:
    if not number:
        return _("还没填统一社会信用代码")
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return _("这是 15 位注册号，请填营业执照上 18 位的统一社会信用代码")
    if len(number) != 18:
        return count_text(len(number), 18)
    for place, char in enumerate(number):
        if char not in USCC_CHARS:
            return _(
                "第 {place} 位“{char}”不会出现在信用代码里（没有 I、O、S、V、Z）",
                place=place + 1,
                char=char,
            )
        if 2 <= place < 8 and char not in "0123456789":
            return _("第 {place} 位是“{char}”，应为数字", place=place + 1, char=char)
    return "" if _USCC_SHAPE.fullmatch(number) else _("信用代码格式不对，请核对营业执照")


def uscc_label(number: str) -> str:
    """Return what kind of organisation the first two characters name; nothing when they name none."""
    known = _ENTITY_LABELS.get(number[:2])
    return _(known) if known else ""
