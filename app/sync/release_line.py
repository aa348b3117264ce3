"""The road to the district's releases: what is offered, and pieces of a package as they come."""

from collections.abc import Iterator
from urllib.parse import urlencode

import requests
import urllib3.exceptions

from app.errors import ProtocolError, RuleError
from app.sync.line import cut_off, not_the_district, trouble_of
from app.sync.transport import HttpTransport, ProblemAnswer, _kind, _understand
from app.texts import _
from app.updates.manifest import Release

_READ = 64 * 1024


class ReleaseLine(HttpTransport):
    """A connection that asks for releases."""

    def offered(self, *, platform: str, version: str, schema: str) -> bytes | None:
        """Return the ``.release`` file of what the district offers this computer; None: nothing newer, or no releases.

        Raises:
            ExternalError: it cannot be reached, or what came is no answer.
        """
        query = urlencode({"platform": platform, "version": version, "schema": schema})
        with self._send("GET", f"/v1/release?{query}", None, {}) as answer:
            if answer.status_code == 204:
                return None
            try:
                text = _understand(self._read(answer)).get("release")
            except ProblemAnswer as problem:
                if problem.problem in ("not_found", "wrong_method"):  # a server from before there were releases
                    return None
                raise
        if not isinstance(text, str):
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        return text.encode("utf-8", "backslashreplace")

    def piece(self, release: Release, start: int, length: int) -> Iterator[bytes]:
        """Yield bytes of a package from ``start`` on, as they come; nothing that is not of this very package.

        Raises:
            RuleError: the district has it no longer, or another one of that version.
            ExternalError: it cannot be reached, or what came is no answer.
        """
        last = min(start + length, release.size) - 1
        headers = {"Range": f"bytes={start}-{last}", "If-Range": f'"{release.sha256}"', "Accept-Encoding": "identity"}
        path = f"/v1/release/{release.platform}/{release.version}/package"
        with self._send("GET", path, None, headers) as answer:
            self._check(answer, release, f"bytes {start}-{last}/{release.size}")
            left = last - start + 1
            while left:
                try:
                    content = answer.raw.read1(min(_READ, left), decode_content=False)
                except urllib3.exceptions.ProtocolError:
                    raise cut_off() from None
                except (urllib3.exceptions.HTTPError, OSError) as problem:
                    raise trouble_of(problem, self.url) from None
                if not content:
                    raise cut_off()
                left -= len(content)
                yield content

    def _check(self, answer: requests.Response, release: Release, wanted: str) -> None:
        """See that an answer is the piece that was asked for, before a byte of it is taken."""
        kind, etag = _kind(answer.headers), answer.headers.get("ETag")
        if kind == "application/octet-stream" and etag and etag != f'"{release.sha256}"':
            raise _changed(release)
        if answer.status_code == 206 and kind == "application/octet-stream":
            if answer.headers.get("Content-Range") == wanted and "Content-Encoding" not in answer.headers:
                return
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        if answer.status_code == 200 and kind == "application/octet-stream":  # by a proxy that knows no pieces
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        try:
            _understand(self._read(answer))
        except ProblemAnswer as problem:
            if problem.problem == "not_found":
                text = _("区里把新版 {version} 撤回了，没有再取", version=release.version)
                raise RuleError(text, code="release.withdrawn") from None
            if problem.problem == "range_not_there":
                raise _changed(release) from None
            raise
        raise not_the_district()


def _changed(release: Release) -> RuleError:
    text = _("区里的新版 {version} 换了文件，取了一半的丢开，下次从头取", version=release.version)
    return RuleError(text, code="release.changed")
