"""Why the district cannot be reached: one stable code and one plain sentence for each reason.

``sync.no_network`` this PC has no way out · ``sync.offline`` the district does not answer · ``sync.not_the_district``
something else answers · ``sync.cut_off`` the answer ended early · ``sync.busy`` come back later · ``sync.clock`` this
PC's clock is before the certificate · ``sync.certificate…`` the certificate is not the district's · ``sync.address``.
"""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3.exceptions

from app import clock
from app.errors import OfflineError
from app.texts import _

LONGEST_WAIT = 3600.0
"""No ``Retry-After`` keeps a counter away for longer, in seconds: a slip in a date must not cost a day."""

_NO_ROUTE = {
    getattr(errno, name)
    for name in ("ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "WSAENETUNREACH", "WSAENETDOWN", "WSAEADDRNOTAVAIL")
    if hasattr(errno, name)
}
# OpenSSL's numbers of what is wrong with a certificate.
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64


class BusyError(OfflineError):
    """The district asked to come back later. ``retry_after`` is in seconds, where it said."""

    code = "sync.busy"

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


def trouble_of(problem: BaseException, url: str) -> OfflineError:
    """Return what a failed request means, in words for the counter."""
    causes = tuple(_causes(problem))
    if any(isinstance(each, requests.exceptions.SSLError | ssl.SSLError) for each in causes):
        return _tls_trouble(causes)
    if any(isinstance(each, socket.gaierror | urllib3.exceptions.NameResolutionError) for each in causes):
        text = _("这台电脑没有网络，或者找不到区里的地址 {url}。请看网线；东西都在本机，联网后自动送", url=url)
        return OfflineError(text, code="sync.no_network")
    if any(isinstance(each, OSError) and each.errno in _NO_ROUTE for each in causes):
        return OfflineError(_("这台电脑没有网络，请看网线。东西都在本机，联网后自动送"), code="sync.no_network")
    if any(isinstance(each, TimeoutError | urllib3.exceptions.TimeoutError) for each in causes):
        return OfflineError(_("区里没有应答，可能是网太慢或服务停了。东西都在本机，会自动再试"))
    return OfflineError(_("连不上区里，东西都在本机，联网后自动送"))


def broke_off(problem: requests.exceptions.ConnectionError) -> bool:
    """Tell whether a line that stood broke before the answer began; one that never came about did not."""
    return any(isinstance(each, urllib3.exceptions.ProtocolError | ssl.SSLEOFError) for each in _causes(problem))


def cut_off() -> OfflineError:
    """Return what an answer means that ended before its end."""
    return OfflineError(_("区里的回答没有收全，稍后再试"), code="sync.cut_off")


def not_the_district() -> OfflineError:
    """Return what an answer means that is not the district's: of a captive portal, or of a proxy."""
    return OfflineError(_("网络要先登录，或者回答的不是区里的服务"), code="sync.not_the_district")


def _tls_trouble(causes: tuple[BaseException, ...]) -> OfflineError:
    refused = next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None)
    if refused is None:
        # No certificate was seen at all: what answers there does not speak TLS, or the line broke in the middle.
        plain = any(getattr(each, "reason", None) in _NOT_TLS for each in causes)
        return not_the_district() if plain else OfflineError(_("连不上区里，东西都在本机，联网后自动送"))
    day = f"{clock.today():%Y-%m-%d}"
    if refused.verify_code == _NOT_YET_VALID:
        text = _("这台电脑的日期是 {day}，比区里的证书还早，多半是时钟不对。没有送任何东西，请校准时钟", day=day)
        return OfflineError(text, code="sync.clock")
    if refused.verify_code == _EXPIRED:
        text = _("区里的证书过期了（这台电脑的日期是 {day}，不对就先校准）。没有送任何东西，请转站长告诉区里", day=day)
        return OfflineError(text, code="sync.certificate_expired")
    if refused.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        text = _("那里的证书是别的地址的，不是区里的。没有送任何东西，请核对区里的地址")
        return OfflineError(text, code="sync.certificate_host")
    text = _("区里的证书不认得：网络可能要先登录，或者少了区里的证书文件。没有送任何东西，请转站长")
    return OfflineError(text, code="sync.certificate")


_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
)


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything it was made from, each once."""
    waiting, seen = [problem], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        waiting.extend(item for item in inner if isinstance(item, BaseException))


def busy(headers: Mapping[str, str]) -> BusyError:
    """Return what "come back later" means."""
    return BusyError(_("区里的服务正忙，稍后自动再试"), retry_after=retry_seconds(headers))


def retry_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as such or as a date; at most an hour.

    A date is read by the clock of whoever wrote it (``Date``), not by this PC's.
    """
    value = (headers.get("Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    until = _http_date(value)
    if until is None:
        return None
    seconds = (until - (_http_date(headers.get("Date") or "") or clock.now())).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
