"""The recovery key as it is printed: eight groups of five letters and digits.

Four characters of a group carry 20 bits, the fifth checks them together with the group's place, so that a typing
slip or two swapped groups are told by number before anything is tried. 8 x 20 = 160 bits: no slow hash needed.
"""

from app.errors import InvalidInputError
from app.texts import _

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O, U
GROUPS = 8
_PAYLOAD = 4
_LOOK_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})


def make_recovery_key() -> str:
    """Return a fresh recovery key, grouped for paper: ``A1B2C-…``."""
    return "-".join(_checked(place, _random_payload()) for place in range(GROUPS))


def read_recovery_key(text: str) -> bytes:
    """Return the secret bytes of a typed recovery key; spaces, dashes, case, and I/L/O slips do not matter.

    Raises:
        InvalidInputError: a character too few, or the group that was copied wrong.
    """
    letters = "".join(c for c in text.upper() if c.isalnum()).translate(_LOOK_ALIKE)
    wanted = GROUPS * (_PAYLOAD + 1)
    if len(letters) != wanted:
        raise _fault(_("恢复密钥有 {wanted} 个字，现在是 {count} 个", wanted=wanted, count=len(letters)))
    groups = [letters[i : i + _PAYLOAD + 1] for i in range(0, wanted, _PAYLOAD + 1)]
    wrong = [
        place + 1
        for place, group in enumerate(groups)
        if any(c not in ALPHABET for c in group) or _checked(place, group[:-1]) != group
    ]
    if wrong:
        raise _fault(_("恢复密钥的第 {groups} 组抄错了，请对着纸再看一遍", groups="、".join(map(str, wrong))))
    return "".join(group[:-1] for group in groups).encode("ascii")


def _random_payload() -> str:
    import secrets  # made once in the life of a station; the sign-in page does without

    return "".join(secrets.choice(ALPHABET) for _n in range(_PAYLOAD))


def _checked(place: int, payload: str) -> str:
    """Append the check character: weights are odd, hence every single wrong character shows."""
    total = 7 * (place + 1) + sum((2 * i + 3) * ALPHABET.index(c) for i, c in enumerate(payload))
    return payload + ALPHABET[total % len(ALPHABET)]


def _fault(sentence: str) -> InvalidInputError:
    return InvalidInputError({"recovery_key": sentence}, code="keyring.recovery_key")
