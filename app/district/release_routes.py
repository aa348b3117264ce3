"""The endpoints of releases: which newer version there is for a computer, and the package itself, by pieces."""

import re
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from app.district import release_openapi as openapi
from app.district.accounts import Caller, identify
from app.district.deps import Store, Token, malformed
from app.district.problems import ProblemError, respond
from app.district.release_gate import PackageResponse
from app.district.release_overview import is_held
from app.district.release_store import Kept, Releases
from app.errors import RuleError
from app.sync.protocol import MalformedError, dumps
from app.texts import _
from app.updates.manifest import PLATFORMS, version_order

router = APIRouter(prefix="/v1/release", tags=["releases"])

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})\Z")
_SCHEMA = re.compile(r"[0-9]{4}\Z")


@router.get("", responses=openapi.OFFER, openapi_extra=openapi.OFFER_QUERY)
def offered_release(request: Request, store: Store, token: Token) -> Response:
    """Tell the newest release after the version that runs there, as its signed manifest; 204: there is none."""
    with store.read() as connection:
        caller = identify(connection, token)
        platform, version, schema = _question(request)
        kept = _releases(request).newest_for(
            caller.id,
            caller.station_code,
            platform=platform,
            version=version,
            schema=schema,
            held=partial(is_held, connection),
        )
    if kept is None:
        return Response(None, 204, {"Cache-Control": "no-store"})
    return respond(request, dumps({"release": kept.manifest}))


@router.head("/{platform}/{version}/package", responses=openapi.PACKAGE_FACTS)
def package_facts(request: Request, store: Store, token: Token, platform: str, version: str) -> Response:
    """Tell how long a package is."""
    kept = _find(request, _caller(store, token), platform, version)
    return Response(None, 200, {**_headers(kept), "Content-Length": str(kept.size)}, "application/octet-stream")


@router.get(
    "/{platform}/{version}/package",
    responses=openapi.PACKAGE,
    openapi_extra=openapi.PACKAGE_HEADERS,
    response_class=StreamingResponse,
)
def get_package(request: Request, store: Store, token: Token, platform: str, version: str) -> Response:
    """Give out a package, or what of it was asked for by ``Range``."""
    kept = _find(request, _caller(store, token), platform, version)
    headers, status = _headers(kept), 200
    wanted = _wanted(request, kept)
    first, last = wanted or (0, kept.size - 1)
    if wanted is not None:
        headers["Content-Range"], status = f"bytes {first}-{last}/{kept.size}", 206
    headers["Content-Length"] = str(last - first + 1)
    gate, metrics = request.app.state.release_gate, request.app.state.metrics
    return PackageResponse(kept, first, last, gate=gate, metrics=metrics, status=status, headers=headers)


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and last byte that a ``Range`` asks for; None: it asks for none, or for several parts.

    Raises:
        LookupError: there are no such bytes.
    """
    found = _RANGE.match(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise LookupError
        return size - length, size - 1
    first, last = int(found[1]), int(found[2] or size - 1)
    if found[2] and last < first:  # not a range at all (RFC 9110, 14.1.1)
        return None
    if first >= size:
        raise LookupError
    return first, min(last, size - 1)


def _wanted(request: Request, kept: Kept) -> tuple[int, int] | None:
    only_if = request.headers.get("if-range")
    if only_if is not None and only_if.strip() != _etag(kept):
        return None
    try:
        return range_of(request.headers.get("range", ""), kept.size)
    except LookupError:
        problem = ProblemError(416, "range_not_there", _("新版的包没有那一段"), size=kept.size)
        problem.headers["Content-Range"] = f"bytes */{kept.size}"
        raise problem from None


def _caller(store: Store, token: str | None) -> Caller:
    with store.read() as connection:
        return identify(connection, token)


def _releases(request: Request) -> Releases:
    releases: Releases = request.app.state.releases
    return releases


def _find(request: Request, caller: Caller, platform: str, version: str) -> Kept:
    kept = _releases(request).find(platform, version, device=caller.id, station=caller.station_code)
    if kept is None:
        raise ProblemError(404, "not_found", _("区里没有给这台电脑的这个新版"))
    return kept


def _question(request: Request) -> tuple[str, str, str | None]:
    asked = request.query_params
    platform, version, schema = asked.get("platform", ""), asked.get("version", ""), asked.get("schema")
    if platform not in PLATFORMS:
        raise malformed(MalformedError("platform", f"must be one of {', '.join(PLATFORMS)}"))
    try:
        version_order(version)
    except RuleError:
        raise malformed(MalformedError("version", "must be three numbers, as in 1.2.3")) from None
    if schema is not None and not _SCHEMA.match(schema):
        raise malformed(MalformedError("schema", "must be four digits"))
    return platform, version, schema


def _etag(kept: Kept) -> str:
    return f'"{kept.sha256}"'


def _headers(kept: Kept) -> dict[str, str]:
    name = f'attachment; filename="{kept.file}"'
    common = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    return {"ETag": _etag(kept), "Content-Disposition": name, **common}
