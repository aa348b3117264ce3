"""Endpoints for whoever keeps the server and its devices alive: health, metrics, what devices say of themselves."""

import hmac

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app import __version__
from app.district import openapi
from app.district.accounts import identify
from app.district.bell import Bell
from app.district.chain_heads import current, read_said, take_heads
from app.district.deps import Json, Store, Token, malformed
from app.district.metrics import CONTENT_TYPE, Metrics, district_lines, is_loopback
from app.district.problems import ProblemError, respond
from app.district.reports import devices_for, keep_report, read_report
from app.district.ruling_worker import Rulings
from app.district.store import EPOCH, get_fact
from app.sync.protocol import MalformedError, dumps
from app.texts import _

router = APIRouter(tags=["admin"])


@router.get("/health", responses=openapi.answers("Health"))
def health(request: Request, store: Store) -> Response:
    """Tell that the server runs and reaches its database."""
    with store.read() as connection:
        epoch = get_fact(connection, EPOCH)
    return respond(request, dumps({"ok": epoch is not None, "version": __version__}))


@router.get("/metrics", responses=openapi.METRICS, response_class=PlainTextResponse)
def metrics(request: Request, store: Store, token: Token) -> Response:
    """Tell counts, times and depths as Prometheus text, to this machine or to who has the token for it."""
    wanted: str | None = request.app.state.metrics_token
    known = wanted is not None and token is not None and hmac.compare_digest(token.encode(), wanted.encode())
    if not known and not is_loopback(request.client.host if request.client else ""):
        raise ProblemError(403, "not_allowed", _("只能从本机看，或者带 --metrics-token 的令牌"))
    kept: Metrics = request.app.state.metrics
    bell: Bell = request.app.state.bell
    rulings: Rulings = request.app.state.rulings
    with store.read() as connection:
        lines = district_lines(
            connection, listening=bell.listening, ruling=rulings.busy, workers=request.app.state.workers.up
        )
    text = "\n".join([*lines, *kept.lines()]) + "\n"
    return respond(request, text, CONTENT_TYPE)


@router.post(
    "/v1/report",
    openapi_extra=openapi.REPORT,
    responses=openapi.answers("Reported", 400, 401, 413, 415, 429),
)
def report(request: Request, store: Store, token: Token, body: Json) -> Response:
    """Keep what a device says of itself: what waits there, its version, its disk, its clock."""
    with store.read() as connection:
        identify(connection, token)
    try:
        said = read_report(body)
    except MalformedError as problem:
        raise malformed(problem) from None
    with store.write() as connection:
        keep_report(connection, identify(connection, token), said)
    return respond(request, "{}")


@router.post(
    "/v1/heads",
    openapi_extra=openapi.HEADS,
    responses=openapi.answers("Heads", 400, 401, 413, 415, 429),
)
def tell_heads(request: Request, store: Store, token: Token, body: Json) -> Response:
    """Keep where a device's two logs end, and see whether that follows from what it told before."""
    with store.read() as connection:
        identify(connection, token)
    try:
        said = read_said(body)
    except MalformedError as problem:
        raise malformed(problem) from None
    with store.write() as connection:
        answer = take_heads(connection, identify(connection, token, lock=True), said)
    return respond(request, dumps(answer))


@router.get("/v1/heads", responses=openapi.answers("Heads", 401, 429))
def heads(request: Request, store: Store, token: Token) -> Response:
    """Tell a device which heads of its own logs are held."""
    with store.read() as connection:
        answer = current(connection, identify(connection, token))
    return respond(request, dumps(answer))


@router.get("/v1/devices", responses=openapi.answers("Devices", 401, 403, 429))
def devices(request: Request, store: Store, token: Token) -> Response:
    """Tell a supervisor how the computers of the station are, an officer those of the district."""
    with store.read() as connection:
        found = devices_for(connection, identify(connection, token))
    return respond(request, dumps({"devices": found}))
