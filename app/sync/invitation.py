"""What a district hands to a station that is to join: one line of text, on paper as a QR code or to be copied.

``doorstep:join?url=https://…&code=…&pin=sha256:…&station=…``; only ``url`` and ``code`` must be there.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from app.errors import InvalidInputError
from app.texts import _

START = "doorstep:join?"
MAX_TEXT = 700
"""Longest line, in characters: more than any address and pin take."""

_PIN = re.compile(r"sha256:[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Invitation:
    """Where to join and by which code. ``pin``: the only public key to talk to; ``station``: whom the code is for."""

    url: str
    code: str
    pin: str | None = None
    station: str | None = None

    @property
    def text(self) -> str:
        """The whole of it in one line."""
        parts = (("url", self.url), ("code", self.code), ("pin", self.pin), ("station", self.station))
        return START + "&".join(f"{name}={quote(value, safe=':/-._~')}" for name, value in parts if value)


def normal_pin(text: str) -> str:
    """Return a pin as it is kept: ``sha256:`` and 64 hexadecimal digits.

    Raises:
        InvalidInputError: it is none.
    """
    tidy = re.sub(r"\s", "", text).lower()
    if _PIN.match(tidy) is None:
        raise InvalidInputError({"pin": _("证书指纹写得不对，应是 sha256: 和 64 位十六进制数，照区里给的抄")})
    return tidy


def is_invitation(text: str) -> bool:
    """Tell whether somebody put in, or a scanner typed, the whole line."""
    return _tidy(text).lower().startswith(START)


def read_invitation(text: str) -> Invitation:
    """Read the whole line.

    Raises:
        InvalidInputError: it is not one, or not whole.
    """
    tidy = _tidy(text)
    found = dict(parse_qsl(tidy[len(START) :])) if is_invitation(text) else {}
    if not found.get("url") or not found.get("code"):
        raise InvalidInputError({"url": _("二维码里的内容没有读全，请再扫一次，或者照通知上的地址和加入码填")})
    return invited(found["url"], found["code"], pin=found.get("pin"), station=found.get("station"))


def invited(url: str, code: str = "", *, pin: str | None = None, station: str | None = None) -> Invitation:
    """Return what somebody put in: address and code apart, or the whole line in place of either.

    Raises:
        InvalidInputError: the line is not whole, or a pin is given for an address without TLS.
    """
    whole = next((each for each in (url, code) if is_invitation(each)), None)
    if whole is not None:
        return read_invitation(whole)
    address = url.strip().rstrip("/")
    if pin and not address.lower().startswith("https://"):
        raise InvalidInputError({"url": _("有证书指纹的地址要以 https:// 开头：{url}", url=address)})
    return Invitation(address, re.sub(r"\s", "", code), normal_pin(pin) if pin else None, station or None)


def _tidy(text: str) -> str:
    """Return the text without spaces and full-width signs, which a scanner leaves behind an input method."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
