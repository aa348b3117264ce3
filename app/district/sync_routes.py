"""The endpoints of the protocol: enrol, status, push, pull, digest, schema. One transaction per request."""

import json
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from app import clock
from app.district import accounts, openapi
from app.district.accounts import enrol, identify, readable_feeds, touch
from app.district.bell import Bell
from app.district.callers import Callers
from app.district.deps import ENCODINGS, Json, Raw, Store, Token, encoding_of, malformed
from app.district.lives import life_for
from app.district.metrics import Metrics
from app.district.notices import notices_for
from app.district.problems import ProblemError, problem_response, respond
from app.district.pull import check_feeds, digests, heads_of, pull
from app.district.push import check_epoch, identify_at
from app.district.push_work import Parcel, Taken, take_parcel, taken
from app.district.push_workers import Workers
from app.district.relay import parse_relay, peers_of, relay
from app.district.ruling_worker import SMALL, Rulings
from app.district.schema import describe
from app.district.snapshot import snapshot
from app.district.station_keys import ensure_key, entitled, keys_for
from app.district.store import EPOCH, get_fact
from app.district.turns import Turns
from app.models.wire import to_wire
from app.sync.protocol import (
    MAX_FEEDS,
    MAX_SEQ,
    PROTOCOL_MAX,
    PROTOCOL_MIN,
    PULL_LIMIT,
    PULL_MAX,
    SCHEMA_NEWEST,
    SCHEMA_OLDEST,
    MalformedError,
    clean_text,
    dumps,
    is_id,
)
from app.texts import _

router = APIRouter(prefix="/v1", tags=["sync"])

TOLD_SECONDS = 0.05
"""No longer than this do the rulings on a small push wait until those who listen were told of it."""

SEEN_EVERY = timedelta(minutes=1)
"""A device's last contact is noted no more often than this."""


@router.post("/enrol", openapi_extra=openapi.ENROL, responses=openapi.answers("Enrolled", 400, 403, 409, 413, 415, 429))
def enrol_device(request: Request, store: Store, body: Json) -> Response:
    """Admit a device by a one-time code."""
    limits: accounts.RateLimit = request.app.state.enrol_limit
    address = request.client.host if request.client else ""
    limits.check(address)
    asked = _enrolment(body)
    try:
        with store.write() as connection:
            done = enrol(connection, **asked)
            epoch = get_fact(connection, EPOCH)
            feeds = list(readable_feeds(connection, done.caller))
            keys = keys_for(connection, done.caller)
    except ProblemError as problem:
        if problem.status == 403:
            limits.failed(address)
        raise
    answer = {
        "device": done.caller.id,
        "token": done.token,
        "device_no": done.device_no,
        "station_code": done.caller.station_code,
        "station_name": done.station_name,
        "county_code": done.caller.county_code,
        "role": done.caller.role,
        "feeds": feeds,
        "epoch": epoch,
        "expect": done.caller.next_seq,
        "station_keys": keys,
        "server_time": to_wire(clock.now()),
    }
    return respond(request, dumps(answer))


@router.get("/status", responses=openapi.answers("Status", 401, 429))
def status(request: Request, store: Store, token: Token) -> Response:
    """Tell epoch, time, the next operation wanted of this device, and the heads of its feeds."""
    with store.read() as connection:
        caller = identify(connection, token)
        answer = {
            **life_for(connection, caller.id),
            "server_time": to_wire(clock.now()),
            "protocol": {"min": PROTOCOL_MIN, "max": PROTOCOL_MAX},
            "op_schema": {"min": SCHEMA_OLDEST, "max": SCHEMA_NEWEST},
            "encodings": list(ENCODINGS),
            "digest_feeds": MAX_FEEDS,
            "peers": peers_of(connection, caller),  # before the heads: what is answered is in the feeds by then
            "feeds": heads_of(connection, readable_feeds(connection, caller)),
            "notices": notices_for(connection, caller.station_code),
            "station_keys": keys_for(connection, caller),
        }
    if not answer["station_keys"] and entitled(caller):  # a station from before there were keys
        with store.write() as connection:
            ensure_key(connection, caller.station_code)
            answer["station_keys"] = keys_for(connection, caller)
    if caller.seen_at is None or clock.now() - caller.seen_at > SEEN_EVERY:
        with store.write() as connection:
            touch(connection, caller)
    return respond(request, dumps(answer))


@router.post(
    "/push", openapi_extra=openapi.PUSH, responses=openapi.answers("Pushed", 400, 401, 403, 409, 413, 415, 429)
)
def push_ops(request: Request, store: Store, token: Token, raw: Raw) -> Response:
    """Apply operations in order of their ``seq``; each is all or nothing, each repeat gets its first answer.

    With ``brief`` the values of records are left out where all that was sent stands.
    """
    turns: Turns = request.app.state.turns
    callers: Callers = request.app.state.callers
    workers: Workers = request.app.state.workers
    parcel = Parcel(token, encoding_of(request), raw, callers.guess(token))
    with turns.turn(token or "") as turn:
        try:
            done = workers.take(parcel, turn) or take_parcel(store, parcel, turn.wait_to_write, _bell(request).tokens)
        except ProblemError as problem:
            if problem.status == 401:
                callers.keep(token, None)
            raise
        callers.keep(token, done.caller)
    return _pushed(request, done)


@router.post(
    "/relay", openapi_extra=openapi.RELAY, responses=openapi.answers("Pushed", 400, 401, 403, 409, 413, 415, 429)
)
def relay_ops(request: Request, store: Store, token: Token, body: Json) -> Response:
    """Apply operations of another device of the station, each with that device's proof; the answer is a push's."""
    with store.read() as connection:
        identify(connection, token)
    try:
        epoch, device, ops = parse_relay(body)
        with store.write() as connection:
            done = relay(connection, token, epoch, device, ops)
    except MalformedError as problem:
        raise malformed(problem) from None
    return _pushed(request, taken(done, len(ops), concerned=True))


def _pushed(request: Request, done: Taken) -> Response:
    """Answer a push, and have the district decide what follows from it."""
    metrics: Metrics = request.app.state.metrics
    metrics.note_outcomes(done.outcomes)
    told = _bell(request).ring(done.news, done.passes) if done.news else None
    rulings: Rulings = request.app.state.rulings
    if done.concerned:
        if told is not None and done.count <= SMALL:
            told.wait(TOLD_SECONDS)  # whoever waits for this act need not wait for what follows from it
        rulings.after_push(done.count)
    else:
        rulings.read_on()
    if done.gap:
        sentence = _("缺了第 {seq} 笔，请从它送起", seq=done.expect)
        results = json.loads(done.text)["results"]
        return problem_response(ProblemError(409, "seq_gap", sentence, expect=done.expect, results=results))
    return respond(request, done.text)


@router.post(
    "/pull", openapi_extra=openapi.PULL, responses=openapi.answers("Pulled", 400, 401, 403, 409, 413, 415, 429)
)
def pull_entries(request: Request, store: Store, token: Token, body: Json) -> Response:
    """Hand out what came after the cursors, in order."""
    with store.read() as connection:
        identify(connection, token)
        cursors, limit, epoch = _pull_request(body)
        check_epoch(connection, epoch)
        answer = pull(connection, token, cursors, limit, body.get("sparse") is True)
    return respond(request, answer)


@router.post("/digest", openapi_extra=openapi.DIGEST, responses=openapi.DIGESTED)
def feed_digest(request: Request, store: Store, token: Token, body: Json) -> Response:
    """Tell count and digest of each type of a feed, or of some feeds at once."""
    with store.read() as connection:
        identify(connection, token)
        wanted = body if isinstance(body, dict) else {}
        feed, feeds = wanted.get("feed"), wanted.get("feeds")
        if isinstance(feeds, list) and len(feeds) <= MAX_FEEDS and all(isinstance(each, str) for each in feeds):
            return respond(request, dumps({"feeds": digests(connection, token, feeds)}))
        if not isinstance(feed, str):
            raise malformed(MalformedError("feed", "must be text"))
        answer = digests(connection, token, [feed])[feed]
    return respond(request, dumps(answer))


@router.get("/events", responses=openapi.EVENTS, openapi_extra=openapi.EVENTS_QUERY, response_class=StreamingResponse)
def events(request: Request, store: Store, token: Token) -> StreamingResponse:
    """Tell by server-sent events whenever a feed of this device grows."""
    with store.read() as connection:
        caller = identify(connection, token)
        heads = heads_of(connection, readable_feeds(connection, caller))

    def admit() -> str | None:
        with store.read() as connection:
            caller, epoch = identify_at(connection, token)
            check_feeds(connection, caller, heads)
            return epoch

    along = admit if request.query_params.get("entries") == "1" else None
    quiet = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _bell(request).listen(heads, along, accounts.hashed(token or ""))
    return StreamingResponse(stream, media_type="text/event-stream", headers=quiet)


@router.get("/snapshot/{feed:path}", responses=openapi.SNAPSHOT, openapi_extra=openapi.SNAPSHOT_QUERY)
def feed_snapshot(request: Request, store: Store, token: Token, feed: str) -> Response:
    """Hand out a feed's records as they stand, in pages that resume."""
    with store.read() as connection:
        identify(connection, token)
        after, limit = _number(request, "after", 0, 0), _number(request, "limit", PULL_LIMIT, 1)
        if (epoch := request.query_params.get("epoch")) is not None:
            check_epoch(connection, epoch)
        sparse = request.query_params.get("sparse") == "1"
        answer = snapshot(connection, token, feed, after, min(limit, PULL_MAX), sparse)
    return respond(request, answer, "application/x-ndjson")


@router.get("/schema", responses=openapi.answers("Schema", 401, 429))
def schema(request: Request, store: Store, token: Token) -> Response:
    """Tell each record type's fields, feed, owners, conflict policies and writers."""
    if token is not None:
        with store.read() as connection:
            identify(connection, token)
    return respond(request, describe())


def _bell(request: Request) -> Bell:
    bell: Bell = request.app.state.bell
    return bell


def _enrolment(body: Any) -> dict[str, Any]:
    """Read what a device that joins says of itself."""
    asked = {"code": _text(body, "code", 80), "device_name": _text(body, "device_name", 80)}
    for given, limit, name in (
        ("app_version", 40, "app_version"),
        ("station_code", 12, "station"),
        ("device_no", 2, "number"),
    ):
        asked[name] = _text(body, given, limit, null=True)
    if (device := body.get("device")) is not None and not is_id(device):
        raise malformed(MalformedError("device", "must be an id"))
    return {**asked, "device": device}


def _text(body: Any, name: str, limit: int, *, null: bool = False) -> str | None:
    value: Any = body.get(name) if isinstance(body, dict) else None
    if value is None and null:
        return None
    if not clean_text(value, limit) or not value.strip():
        raise malformed(MalformedError(name, f"must be text of 1 to {limit} characters"))
    return str(value)


def _pull_request(body: Any) -> tuple[dict[str, int], int, str]:
    if not isinstance(body, dict):
        raise malformed(MalformedError("body", "must be an object"))
    cursors, limit, epoch = body.get("cursors", {}), body.get("limit", PULL_LIMIT), body.get("epoch")
    if not isinstance(epoch, str):
        raise malformed(MalformedError("epoch", "must be text"))
    if not isinstance(cursors, dict) or not all(_whole(seq, 0, MAX_SEQ) for seq in cursors.values()):
        raise malformed(MalformedError("cursors", "must map feeds to whole numbers"))
    if not _whole(limit, 1, MAX_SEQ):
        raise malformed(MalformedError("limit", "must be a whole number from 1"))
    return cursors, min(limit, PULL_MAX), epoch


def _number(request: Request, name: str, default: int, least: int) -> int:
    value = request.query_params.get(name)
    if value is None or value == "":
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 16 and least <= int(value) <= MAX_SEQ):
        raise malformed(MalformedError(name, "must be a whole number"))
    return int(value)


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
