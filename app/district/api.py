"""The district server's FastAPI object: routes, one place for errors, an access log without personal data."""

import logging
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app import __version__, clock
from app.district import admin_routes, blobs, ledger_routes, release_routes, sync_routes
from app.district.accounts import RateLimit
from app.district.bell import Bell
from app.district.callers import Callers
from app.district.ledger_desk import Desk
from app.district.limits import App, Guard, Limits, Message, Receive, Send
from app.district.metrics import METHODS, NO_ROUTE, Metrics
from app.district.problems import ProblemError, problem_response
from app.district.push_workers import Workers
from app.district.release_gate import Gate
from app.district.release_store import Releases
from app.district.ruling_worker import Rulings
from app.district.store import DistrictStore
from app.district.turns import Turns
from app.errors import StorageError
from app.texts import _

log = logging.getLogger(__name__)

ENROL_TRIES, ENROL_SECONDS = 10, 60.0
ANSWERED_EARLY = frozenset(
    f"/v1/{name}"
    for name in (
        "status",
        "push",
        "relay",
        "pull",
        "digest",
        "events",
        "schema",
        "report",
        "devices",
        "ledgers",
        "ledger",
        "figures",
        "release",
    )
)
"""Paths that the guard may have answered before they were routed."""


def create_api(
    store: DistrictStore,
    *,
    limits: Limits = Limits(),
    metrics_token: str | None = None,
    releases: Path | None = None,
    push_workers: int = 0,
) -> FastAPI:
    """Build the server on a prepared store. ``metrics_token``: admits to the metrics from other machines.

    ``releases``: the folder of the packages that it offers. ``push_workers``: how many processes take large pushes.
    """
    api = FastAPI(title="Doorstep district", version=__version__, docs_url=None, redoc_url=None)
    api.state.store = store
    api.state.bell = Bell(store)
    api.state.rulings = Rulings(store, api.state.bell.ring)
    api.state.turns = Turns()
    api.state.workers = Workers(store.engine.url.render_as_string(hide_password=False), push_workers)
    api.state.callers = Callers()
    api.state.metrics = Metrics()
    api.state.metrics_token = metrics_token
    api.state.enrol_limit = RateLimit(ENROL_TRIES, ENROL_SECONDS)
    api.include_router(sync_routes.router)
    api.state.blob_quota = blobs.QUOTA
    api.include_router(blobs.router)
    api.include_router(admin_routes.router)
    api.state.desk = Desk()
    api.include_router(ledger_routes.router)
    api.state.releases, api.state.release_gate = Releases(releases), Gate()
    api.include_router(release_routes.router)
    api.add_exception_handler(ProblemError, _on_problem)
    api.add_exception_handler(HTTPException, _on_http)
    api.add_exception_handler(RequestValidationError, _on_invalid)
    for kind in (sa.exc.DBAPIError, sa.exc.TimeoutError, StorageError):
        api.add_exception_handler(kind, _on_database)
    api.add_exception_handler(Exception, _on_bug)
    api.add_middleware(Guard, limits=limits)
    api.add_middleware(AccessLog, metrics=api.state.metrics)
    return api


class AccessLog:
    """Logs method, route, status and time of each request, and counts them: no address, no token, no body.

    The route is the server's own name of it, never the path that was asked for: that may hold anything.
    """

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, began, status = clock.monotonic(), None, 0

        async def watch(message: Message) -> None:
            nonlocal status, began
            if message["type"] == "http.response.start":
                status, began = message["status"], clock.monotonic()
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            ended = clock.monotonic()
            method = scope["method"] if scope["method"] in METHODS else NO_ROUTE
            route = _route_of(scope)
            self._metrics.note_request(method, route, status, (began or ended) - started)
            log.info("%s %s %d %.1f ms", method, route, status, (ended - started) * 1000)


def _route_of(scope: Message) -> str:
    """Return the server's own name of what was asked for."""
    found = getattr(scope.get("route"), "path", None)
    if found is not None:
        return str(found)
    return scope["path"] if scope["path"] in ANSWERED_EARLY else NO_ROUTE


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem_response(error)


async def _on_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "wrong_method"}.get(error.status_code, "http_error")
    problem = ProblemError(error.status_code, code, str(error.detail))
    problem.headers.update(error.headers or {})
    return problem_response(problem)


async def _on_invalid(_request: Request, _error: Exception) -> Response:
    return problem_response(ProblemError(400, "malformed", _("请求的格式不对")))


async def _on_database(_request: Request, error: Exception) -> Response:
    log.warning("database not available: %s", type(error).__name__)
    problem = ProblemError(503, "busy", _("区里的服务正忙，请稍后再试；什么都没有丢"))
    problem.headers["Retry-After"] = "5"
    return problem_response(problem)


async def _on_bug(_request: Request, error: Exception) -> Response:
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return problem_response(ProblemError(500, "bug", _("区里的服务出了错，已经记下")))
