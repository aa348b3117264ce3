"""Business numbers on paper: typed or scanned, with their two check digits (domain sheet 2.0.1)."""

import re

from app.errors import RuleError
from app.models.check_chars import slip_check_digits
from app.models.identity import normalise_id
from app.texts import _

_SHAPE = re.compile(r"([A-Z]{2}\d{10}[0-9A-Z]{2})(\d{4})(\d{2})?", re.ASCII)


def parse_number(text: str, prefix: str) -> str:
    """Return the business number in what a scanner or a person typed, with or without hyphens and check digits.

    Raises:
        RuleError: it has not the shape of such a number, or its check digits are wrong.
    """
    match = _SHAPE.fullmatch(normalise_id(text))
    example = f"{prefix}330110261103-0007"
    if not match or not match[1].startswith(prefix):
        raise RuleError(_("编号不对，应像 {example}", example=example), code="number.format")
    number = f"{match[1]}-{match[2]}"
    if match[3] is not None and slip_check_digits(number) != match[3]:
        raise RuleError(_("编号校验位不符，请再扫一遍，或照着纸上的编号输入"), code="number.check")
    return number
