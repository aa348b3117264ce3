"""HTTP to the district: bounded waiting, packed bodies, and plain words for what went wrong."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote

import requests
import urllib3.exceptions

from app import clock
from app.errors import AuthError, OfflineError, ProtocolError
from app.sync.line import BusyError, broke_off, busy, cut_off, not_the_district, trouble_of
from app.sync.packing import ACCEPTED, MAX_ANSWER, pack, unpack
from app.sync.pages import read_events, read_page, read_snapshot
from app.sync.proof import SealedOp
from app.sync.protocol import (
    Page,
    Result,
    SnapshotPage,
    dumps,
    parse_page,
    parse_results,
    read_instant,
)
from app.sync.trust import PinnedAdapter
from app.texts import _

CONNECT_SECONDS, READ_SECONDS = 3.0, 20.0
IDLE_SECONDS = 2.0
"""A line that nobody used for so long may be closed at the other end; servers hold one for five seconds and more."""

__all__ = ["BusyError", "HttpTransport", "ProblemAnswer", "Transport"]


class ProblemAnswer(ProtocolError):
    """The district answered with a problem. ``problem`` is its code, ``body`` the whole answer."""

    def __init__(self, status: int, problem: str, text: str, body: Mapping[str, Any]) -> None:
        super().__init__(text, code=f"district.{problem}")
        self.status = status
        self.problem = problem
        self.body = body


class Transport(Protocol):
    """What the engine needs of a connection to the district."""

    def status(self) -> Mapping[str, Any]: ...  # noqa: D102

    def push(self, epoch: str, ops: Sequence[str]) -> tuple[tuple[Result, ...], int]: ...  # noqa: D102

    def pull(self, epoch: str, cursors: Mapping[str, int], limit: int) -> Page: ...  # noqa: D102

    def snapshot(self, feed: str, after: int, limit: int, epoch: str) -> SnapshotPage: ...  # noqa: D102

    def digests(self, feeds: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...  # noqa: D102


@dataclass(frozen=True)
class _Answer:
    """What came back, unpacked and whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class HttpTransport:
    """The protocol over HTTP(S). Environment proxies and CA bundles are ignored; redirects are not followed.

    ``ca``: file of the district's own certificate authority. ``pin``: the only public key to talk to (trust.py).
    """

    def __init__(self, url: str, token: str | None = None, *, ca: str | None = None, pin: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.trust = (token, ca, pin)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = False if pin else ca or True
        if pin:
            self._session.mount("https://", PinnedAdapter(pin))
        self._session.headers["Accept"] = "application/json"
        self._session.headers["Accept-Encoding"] = ACCEPTED
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self.server_time: datetime | None = None
        self.offset_seconds = 0.0
        self.packs = "gzip"
        self.most_bytes = MAX_ANSWER
        self._digest_feeds = 0
        self._stream: requests.Response | None = None
        self._asked_at = clock.monotonic()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def enrol(
        self,
        code: str,
        device_name: str,
        app_version: str,
        device: str,
        station: str | None,
        number: str | None = None,
    ) -> Mapping[str, Any]:
        """Join by a one-time code; ``device``, ``station``, ``number``: under which this PC has worked so far.

        Raises:
            ProblemAnswer: the code is not taken.
            OfflineError: the district cannot be reached.
        """
        body = {"code": code, "device_name": device_name, "app_version": app_version, "device": device}
        if number is not None:
            body["device_no"] = number
        return self._call("POST", "/v1/enrol", dumps({**body, "station_code": station}))

    def status(self) -> Mapping[str, Any]:
        """Return the district's state; note how far this clock is off, and how requests may be packed."""
        before = clock.now()
        answer = self._call("GET", "/v1/status")
        after = clock.now()
        self.packs = "zstd" if "zstd" in (answer.get("encodings") or ()) else "gzip"
        at_once = answer.get("digest_feeds")
        self._digest_feeds = at_once if isinstance(at_once, int) else 0
        if isinstance(answer.get("server_time"), str):
            self.server_time = read_instant(answer["server_time"])
            self.offset_seconds = (before + (after - before) / 2 - self.server_time).total_seconds()
        return answer

    def health(self) -> Mapping[str, Any]:
        """Fetch what the district tells everybody: that it runs, and its version."""
        return self._call("GET", "/health")

    def push(self, epoch: str, ops: Sequence[str]) -> tuple[tuple[Result, ...], int]:
        """Send operations, each as JSON text; return their results in brief and what is wanted next."""
        answer = self._call("POST", "/v1/push", f'{{"epoch":{dumps(epoch)},"brief":true,"ops":[{",".join(ops)}]}}')
        if not isinstance(answer.get("expect"), int):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return _read(parse_results, answer), answer["expect"]

    def relay(self, epoch: str, device: str, ops: Sequence[SealedOp]) -> tuple[tuple[Result, ...], int]:
        """Bring operations of another device of the station; return their results and what is wanted of it next."""
        sealed = [{"body": each.body, "proof": each.proof} for each in ops]
        answer = self._call("POST", "/v1/relay", dumps({"epoch": epoch, "device": device, "ops": sealed}))
        if not isinstance(answer.get("expect"), int):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return _read(parse_results, answer), answer["expect"]

    def pull(self, epoch: str, cursors: Mapping[str, int], limit: int) -> Page:
        """Fetch a page after the cursors."""
        body = {"epoch": epoch, "cursors": dict(cursors), "limit": limit, "sparse": True}
        answer = self._request("POST", "/v1/pull", dumps(body))
        plain = answer.status == 200 and _kind(answer.headers) == "application/json"
        page: Page | None = read_page(answer.content) if plain else None
        return page or _read(parse_page, _understand(answer))

    def snapshot(self, feed: str, after: int, limit: int, epoch: str) -> SnapshotPage:
        """Fetch a page of a feed's records as they stand."""
        path = f"/v1/snapshot/{quote(feed)}?after={after}&limit={limit}&sparse=1&epoch={quote(epoch)}"
        answer = self._request("GET", path)
        if answer.status != 200 or _kind(answer.headers) != "application/x-ndjson":
            _understand(answer)
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        try:
            return read_snapshot(answer.content)
        except ValueError:
            raise cut_off() from None

    def digests(self, feeds: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Fetch the district's digests of feeds: as many at once as it takes, from an older server one by one."""
        if self._digest_feeds < 1:
            return {feed: self._call("POST", "/v1/digest", dumps({"feed": feed})) for feed in feeds}
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(feeds), self._digest_feeds):
            part = feeds[start : start + self._digest_feeds]
            told = self._call("POST", "/v1/digest", dumps({"feeds": list(part)})).get("feeds")
            if not isinstance(told, dict) or not all(isinstance(told.get(feed), dict) for feed in part):
                raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
            found.update((feed, told[feed]) for feed in part)
        return found

    def report(self, facts: Mapping[str, Any]) -> None:
        """Say how this device is."""
        self._call("POST", "/v1/report", dumps(dict(facts)))

    def tell_heads(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say where this computer's logs end; return which heads the district holds, and what it wants to see."""
        return self._call("POST", "/v1/heads", dumps(dict(said)))

    def heads(self) -> Mapping[str, Any]:
        """Fetch the heads that the district holds of this computer's logs."""
        return self._call("GET", "/v1/heads")

    def devices(self) -> Mapping[str, Any]:
        """Fetch what the district knows of its devices, as far as this one may see them."""
        return self._call("GET", "/v1/devices")

    # Attachments

    def blob_offset(self, feed: str, sha256: str) -> int | None:
        """Return how much of an attachment the district has; None: nothing."""
        with self._send("HEAD", _blob_path(feed, sha256), None, {}) as answer:
            offset = answer.headers.get("Upload-Offset", "")
            if answer.status_code == 200 and offset.isdigit():
                return int(offset)
            if answer.status_code == 404:
                return None
            # An answer to HEAD has no body that says which problem it is.
            if answer.status_code in (429, 503):
                raise busy(answer.headers)
            if answer.status_code == 401:
                raise AuthError(_("区里不认这台电脑了，请转站长"))
            if answer.status_code == 403:
                raise ProblemAnswer(403, "not_your_feed", feed, {})
            raise not_the_district()

    def put_piece(self, feed: str, sha256: str, start: int, size: int, content: bytes) -> int:
        """Send bytes of an attachment from ``start`` on; return how much of it the district has now.

        Raises:
            ProblemAnswer: ``piece_gap`` with ``have``: the district wants it from there.
        """
        headers = {"Content-Range": f"bytes {start}-{start + len(content) - 1}/{size}"}
        headers["Content-Type"] = "application/octet-stream"
        with self._send("PUT", _blob_path(feed, sha256), content, headers) as answer:
            have = _understand(self._read(answer)).get("have")
        if not isinstance(have, int):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return have

    def get_piece(self, feed: str, sha256: str, start: int, length: int) -> tuple[bytes, int]:
        """Fetch bytes of an attachment from ``start`` on, and the size of the whole."""
        headers = {"Range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "identity"}
        with self._send("GET", _blob_path(feed, sha256), None, headers) as answer:
            came = self._read(answer)
        if came.status != 206 or _kind(came.headers) != "application/octet-stream":
            _understand(came)
            raise not_the_district()
        first, _dash, rest = came.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")
        size = rest.partition("/")[2]
        if first != str(start) or not size.isdigit() or not 0 < len(came.content) <= min(length, int(size) - start):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return came.content, int(size)

    # Waiting for news

    def events(self) -> Iterator[tuple[Mapping[str, int], tuple[str, Page] | None]]:
        """Yield {feed: head} whenever feeds grew, until the stream ends or ``cut`` is called from another thread.

        With it comes what is new, if it is little: the epoch, and a page as a pull brings it.
        """
        answer = self._send("GET", "/v1/events?entries=1", None, {"Accept-Encoding": "identity"})
        if answer.status_code != 200 or _kind(answer.headers) != "text/event-stream":
            with answer:
                _understand(self._read(answer))
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        self._stream = answer
        try:
            # A chunk as the server sent it is here at once; what comes in no chunks is waited for byte by byte.
            piece = None if getattr(answer.raw, "chunked", False) else 1
            yield from read_events(answer.iter_lines(chunk_size=piece))
        except (ValueError, AttributeError, TypeError, KeyError):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试")) from None
        except (requests.exceptions.RequestException, OSError) as problem:
            raise trouble_of(problem, self.url) from None
        finally:
            self._stream = None
            answer.close()

    def cut(self) -> None:
        """End a stream of events that another thread reads."""
        stream = self._stream
        if stream is not None:
            with suppress(OSError, RuntimeError, ValueError, AttributeError):
                stream.raw.shutdown()

    def _call(self, method: str, path: str, body: str | None = None) -> Mapping[str, Any]:
        return _understand(self._request(method, path, body))

    def _request(self, method: str, path: str, body: str | None = None) -> _Answer:
        headers: dict[str, str] = {}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content, encoding = pack(body.encode(), self.packs)
            if encoding is not None:
                headers["Content-Encoding"] = encoding
        with self._send(method, path, content, headers) as answer:
            return self._read(answer)

    def _send(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> requests.Response:
        """Send a request; return the answer with its body still to be read."""
        ca = self._session.verify
        if isinstance(ca, str) and not Path(ca).exists():
            text = _("没有这个证书文件：{file}。没有送任何东西，请在设置里改", file=ca)
            raise OfflineError(text, code="sync.certificate_file")
        try:
            return self._ask(method, path, content, headers)
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
            raise OfflineError(_("区里的地址写得不对：{url}", url=self.url), code="sync.address") from None
        except (requests.exceptions.RequestException, OSError) as problem:
            raise trouble_of(problem, self.url) from None

    def _ask(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> requests.Response:
        """Send a request; once more over a fresh line, where one that had lain idle broke before a word came back.

        A server lets go of idle lines, perhaps just when the next request leaves. Each request of the protocol may be
        sent twice: it has one effect.
        """
        waiting = (CONNECT_SECONDS, READ_SECONDS)
        ask = partial(self._session.request, method, self.url + path, data=content, headers=headers, timeout=waiting)
        idle = clock.monotonic() - self._asked_at >= IDLE_SECONDS
        try:
            return ask(allow_redirects=False, stream=True)
        except requests.exceptions.ConnectionError as problem:
            if not idle or not broke_off(problem):
                raise
            self._session.close()  # the others have lain idle as long
            return ask(allow_redirects=False, stream=True)
        finally:
            self._asked_at = clock.monotonic()

    def _read(self, answer: requests.Response) -> _Answer:
        """Read an answer to its end, but no more of it than is reasonable."""
        try:
            content = unpack(_Raw(answer), answer.headers.get("Content-Encoding", ""), most=self.most_bytes)
        except (urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError):
            raise cut_off() from None
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            raise trouble_of(problem, self.url) from None
        return _Answer(answer.status_code, answer.headers, content)


class _Raw:
    """The bytes of an answer as they came over the line."""

    def __init__(self, answer: requests.Response) -> None:
        self._raw = answer.raw

    def read(self, size: int, /) -> bytes:
        return cast(bytes, self._raw.read(size, decode_content=False))


def _understand(answer: _Answer) -> Mapping[str, Any]:
    """Return the answer's object, or raise what it means."""
    away = answer.status in (429, 503)
    if _kind(answer.headers) not in ("application/json", "application/problem+json"):
        # A captive portal answers 200 with a page; a proxy answers 502 with one. Neither is the district.
        raise busy(answer.headers) if away and "Retry-After" in answer.headers else not_the_district()
    try:
        body = json.loads(answer.content)
    except ValueError:
        raise cut_off() from None
    if not isinstance(body, dict):
        raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
    if answer.status == 200:
        return body
    code, text = str(body.get("code", "")), str(body.get("detail", ""))
    if answer.status == 401:
        raise AuthError(text, code="sync.revoked" if code == "revoked" else "sync.auth")
    if away or answer.status >= 500:
        raise busy(answer.headers)
    raise ProblemAnswer(answer.status, code, text, body)


def _blob_path(feed: str, sha256: str) -> str:
    return f"/v1/blobs/{quote(feed)}/{sha256}"


def _kind(headers: Mapping[str, str]) -> str:
    return str(headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _read(parse: Any, body: Mapping[str, Any]) -> Any:
    try:
        return parse(body)
    except ValueError as problem:
        raise ProtocolError(_("区里的回答看不懂，请稍后再试")) from problem
