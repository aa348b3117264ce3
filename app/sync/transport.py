"""HTTP to the district: bounded waiting, packed bodies, and plain words for what went wrong."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import requests

from app import clock
from app.errors import AuthError, OfflineError, ProtocolError
from app.sync.protocol import (
    Page,
    Result,
    SnapshotPage,
    dumps,
    parse_page,
    parse_results,
    parse_snapshot,
    read_instant,
)
from app.texts import _

CONNECT_SECONDS, READ_SECONDS = 3.0, 20.0
PACK_FROM = 1024


class BusyError(OfflineError):
    """The district asked to come back later. ``retry_after`` is in seconds, where it said."""

    code = "sync.busy"

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


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

    def digest(self, feed: str) -> Mapping[str, Any]: ...  # noqa: D102


class HttpTransport:
    """The protocol over HTTP(S). Environment proxies and CA bundles are ignored; redirects are not followed.

    ``ca``: file of the district's own certificate authority.
    """

    def __init__(self, url: str, token: str | None = None, *, ca: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca or True
        self._session.headers["Accept"] = "application/json"
        self._session.headers["Accept-Encoding"] = "gzip"
        if token is not None:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self.server_time: datetime | None = None
        self.offset_seconds = 0.0
        self._stream: requests.Response | None = None

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def enrol(
        self, code: str, device_name: str, app_version: str, device: str, station: str | None
    ) -> Mapping[str, Any]:
        """Join by a one-time code; ``device`` and ``station``: under which this PC has worked so far.

        Raises:
            ProblemAnswer: the code is not taken.
            OfflineError: the district cannot be reached.
        """
        body = {"code": code, "device_name": device_name, "app_version": app_version, "device": device}
        return self._call("POST", "/v1/enrol", dumps({**body, "station_code": station}))

    def status(self) -> Mapping[str, Any]:
        """Return the district's state, and note how far this clock is off."""
        before = clock.now()
        answer = self._call("GET", "/v1/status")
        after = clock.now()
        if isinstance(answer.get("server_time"), str):
            self.server_time = read_instant(answer["server_time"])
            self.offset_seconds = (before + (after - before) / 2 - self.server_time).total_seconds()
        return answer

    def push(self, epoch: str, ops: Sequence[str]) -> tuple[tuple[Result, ...], int]:
        """Send operations, each as JSON text; return their results and what is wanted next."""
        answer = self._call("POST", "/v1/push", f'{{"epoch":{dumps(epoch)},"ops":[{",".join(ops)}]}}')
        if not isinstance(answer.get("expect"), int):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return _read(parse_results, answer), answer["expect"]

    def pull(self, epoch: str, cursors: Mapping[str, int], limit: int) -> Page:
        """Fetch a page after the cursors."""
        body = {"epoch": epoch, "cursors": dict(cursors), "limit": limit}
        page: Page = _read(parse_page, self._call("POST", "/v1/pull", dumps(body)))
        return page

    def snapshot(self, feed: str, after: int, limit: int, epoch: str) -> SnapshotPage:
        """Fetch a page of a feed's records as they stand."""
        path = f"/v1/snapshot/{quote(feed)}?after={after}&limit={limit}&epoch={quote(epoch)}"
        answer = self._request("GET", path)
        if answer.status_code != 200 or _kind(answer) != "application/x-ndjson":
            _understand(answer)
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        try:
            return parse_snapshot(answer.content)
        except ValueError:
            raise OfflineError(_("区里的回答没有收全，稍后再试"), code="sync.cut_off") from None

    def digest(self, feed: str) -> Mapping[str, Any]:
        """Fetch the district's digest of a feed."""
        return self._call("POST", "/v1/digest", dumps({"feed": feed}))

    def events(self) -> Iterator[Mapping[str, int]]:
        """Yield {feed: head} whenever feeds grew, until the stream ends or ``cut`` is called from another thread."""
        answer = self._request("GET", "/v1/events", stream=True)
        if answer.status_code != 200 or _kind(answer) != "text/event-stream":
            _understand(answer)
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        self._stream = answer
        try:
            for line in answer.iter_lines(chunk_size=1):
                if line.startswith(b"data:"):
                    heads = json.loads(line[5:])
                    yield {str(feed): int(head) for feed, head in heads.items()}
        except (ValueError, AttributeError, TypeError):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试")) from None
        except (requests.exceptions.RequestException, OSError):
            raise OfflineError(_("连不上区里，东西都在本机，联网后自动送")) from None
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

    def _request(self, method: str, path: str, body: str | None = None, *, stream: bool = False) -> requests.Response:
        headers, content = {}, None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body.encode()
            if len(content) >= PACK_FROM:
                content = gzip.compress(content, compresslevel=1)
                headers["Content-Encoding"] = "gzip"
        try:
            return self._session.request(
                method,
                self.url + path,
                data=content,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=stream,
            )
        except requests.exceptions.SSLError:
            raise OfflineError(_("区里的证书不对，没有送任何东西。请转站长"), code="sync.certificate") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
            raise OfflineError(_("区里的地址写得不对：{url}", url=self.url), code="sync.address") from None
        except (requests.exceptions.RequestException, OSError):
            raise OfflineError(_("连不上区里，东西都在本机，联网后自动送")) from None


def _understand(answer: requests.Response) -> Mapping[str, Any]:
    """Return the answer's object, or raise what it means."""
    if _kind(answer) not in ("application/json", "application/problem+json"):
        # A captive portal answers 200 with a page; a proxy answers 502 with one. Neither is the district.
        raise OfflineError(_("网络要先登录，或者回答的不是区里的服务"), code="sync.not_the_district")
    try:
        body = answer.json()
    except ValueError:
        raise OfflineError(_("区里的回答没有收全，稍后再试"), code="sync.cut_off") from None
    if not isinstance(body, dict):
        raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
    if answer.status_code == 200:
        return body
    code, text = str(body.get("code", "")), str(body.get("detail", ""))
    if answer.status_code == 401:
        raise AuthError(text, code="sync.revoked" if code == "revoked" else "sync.auth")
    if answer.status_code == 429 or answer.status_code >= 500:
        raise BusyError(_("区里的服务正忙，稍后自动再试"), retry_after=_seconds(answer.headers.get("Retry-After")))
    raise ProblemAnswer(answer.status_code, code, text, body)


def _kind(answer: requests.Response) -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdigit() else None


def _read(parse: Any, body: Mapping[str, Any]) -> Any:
    try:
        return parse(body)
    except ValueError as problem:
        raise ProtocolError(_("区里的回答看不懂，请稍后再试")) from problem
