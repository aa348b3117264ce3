"""The road to the district's ledgers: JSON lines as they come, to be cut from another thread."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import requests
import urllib3.exceptions

from app.errors import ExternalError, OfflineError, ProtocolError
from app.sync.line import BusyError, cut_off, trouble_of
from app.sync.protocol import dumps
from app.sync.transport import HttpTransport, ProblemAnswer, _kind, _understand
from app.texts import _

_DECODE = msgspec.json.Decoder().decode
_PIECE = 64 * 1024
_NO_LINE = ("sync.offline", "sync.no_network", "sync.cut_off")


class LedgerLine(HttpTransport):
    """A connection that asks for ledgers."""

    def ledgers(self) -> Mapping[str, Any]:
        """Ask which ledgers the district has, and of which stations."""
        return self._call("GET", "/v1/ledgers")

    def lines(self, path: str, question: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Ask, and yield each line of the answer as it comes, but those that say that work goes on.

        Raises:
            OfflineError: it ended before its end.
            ProtocolError: the district says no, or what came is no answer.
        """
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        answer = self._send("POST", path, dumps(dict(question)).encode(), headers)
        if answer.status_code != 200 or _kind(answer.headers) != "application/x-ndjson":
            with answer:
                _understand(self._read(answer))
            raise ProtocolError(_("区里的回答看不懂，请稍后再试"))
        self._stream = answer
        try:
            for text in answer.iter_lines(chunk_size=_PIECE):
                yield _line(text)
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise cut_off() from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            raise trouble_of(problem, self.url) from None
        except (AttributeError, TypeError, ValueError):  # it was closed under the reader's hands
            raise cut_off() from None
        finally:
            self._stream = None
            answer.close()


def _line(text: bytes) -> Mapping[str, Any]:
    try:
        found = _DECODE(text)
    except ValueError:
        raise cut_off() from None
    if not isinstance(found, dict):
        raise cut_off()
    if "problem" in found:
        raise ProblemAnswer(200, str(found["problem"]), str(found.get("detail", "")), found)
    return found


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Say of what went wrong what it means for somebody who wants a ledger."""
    try:
        yield
    except BusyError as problem:
        raise OfflineError(_("区里正忙，这次没有取到。请过一会儿再取"), code=problem.code) from None
    except OfflineError as problem:
        if problem.code not in _NO_LINE:
            raise
        text = _("连不上区里，全区的台账这会儿取不到，联网后再取。本机有的照样能看、能导出")
        raise OfflineError(text, code=problem.code) from None
    except ProblemAnswer as problem:
        if problem.status in (404, 405) and problem.problem in ("not_found", "wrong_method"):
            text = _("区里的服务端是旧版，还没有台账。请告诉区里升级；本机有的照样能看、能导出")
            raise ProtocolError(text, code="ledger.old_server") from None
        raise


def is_passing(problem: ExternalError) -> bool:
    """Tell whether it may go away by itself."""
    return isinstance(problem, OfflineError) and (isinstance(problem, BusyError) or problem.code in _NO_LINE)
