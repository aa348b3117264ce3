"""Which PINs and passphrases are good enough."""

import unicodedata
from itertools import pairwise

from app.errors import InvalidInputError
from app.texts import _

PIN_LENGTH = 6
PASSPHRASE_LENGTH = 10
_COMMON = frozenset(
    "112233 123321 147258 147369 159357 159753 168168 258369 258456 321654 456789 520131 521521 654123 666888 789456"
    " 888666 987654 100200 110110 112112 119119 102030 131420 201314 741852 963852 852963".split()
)


def normal_pin(pin: str) -> str:
    """Return the PIN as it is hashed: a Chinese input method's full-width digits are the same PIN."""
    return unicodedata.normalize("NFKC", pin).strip()


def check_pin(pin: str, *, field: str = "pin") -> str:
    """Return the PIN in normal form if it may be used: six digits, or a passphrase of ten characters or more.

    Raises:
        InvalidInputError: too short, or one that everybody tries first.
    """
    normal = normal_pin(pin)
    sentence = _fault(normal)
    if sentence is not None:
        raise InvalidInputError({field: sentence}, code="keyring.weak_pin")
    return normal


def _fault(pin: str) -> str | None:
    if len(pin) < PASSPHRASE_LENGTH and not (len(pin) == PIN_LENGTH and pin.isascii() and pin.isdigit()):
        return _("请用 6 位数字，或至少 10 个字的口令；现在是 {count} 个", count=len(pin))
    if len(set(pin)) == 1 or _is_run(pin):
        return _("太好猜了：不要用连着的数或一样的数，换一个")
    if _is_repeat(pin) or pin in _COMMON or len(set(pin)) < min(3, len(pin) // 2):
        return _("太好猜了：很多人第一个就试它，换一个")
    return None


def _is_run(pin: str) -> bool:
    steps = {(ord(b) - ord(a)) % 10 if pin.isdigit() else ord(b) - ord(a) for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {1, 9, -1}


def _is_repeat(pin: str) -> bool:
    return any(len(pin) % size == 0 and pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))
