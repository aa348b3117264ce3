"""The endpoints of the ledgers: which there are, one with its rows, and stations side by side."""

from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from app import clock
from app.db.database import Transaction
from app.district import ledger_openapi as openapi
from app.district.accounts import Caller, identify
from app.district.deps import Json, Store, Token
from app.district.ledger_asking import Asked, admit, known_stations, read_question
from app.district.ledger_desk import Desk, Run, Work
from app.district.ledger_log import note_fetch, note_sent
from app.district.ledger_tables import bring_up, stamp
from app.district.problems import ProblemError, accepted, respond
from app.errors import UserError
from app.ledgers import SHARED, ledger_named, read
from app.ledgers.base import Ledger
from app.ledgers.comparison import NAME, compare, station_names
from app.ledgers.making import EXPORT_WHOLE, names_of
from app.ledgers.several import for_stations
from app.models.acts import may
from app.models.wire import to_wire
from app.sync.protocol import dumps
from app.texts import _

router = APIRouter(prefix="/v1", tags=["ledgers"])

ROWS = 250
"""How many rows go in one line."""


@router.get("/ledgers", responses=openapi.LEDGERS)
def list_ledgers(request: Request, store: Store, token: Token) -> Response:
    """Tell which ledgers there are, and of which stations this device may have them."""
    with store.read() as connection:
        caller = identify(connection, token)
        admit(connection, caller)
        stations = known_stations(connection, caller)
    whole = may(frozenset({caller.role}), EXPORT_WHOLE)
    answer = {"ledgers": [facts_of(ledger) for ledger in SHARED], "stations": stations, "may_whole": whole}
    return respond(request, dumps(answer))


@router.post("/ledger", openapi_extra=openapi.QUESTION, responses=openapi.STREAM, response_class=StreamingResponse)
def fetch_ledger(request: Request, store: Store, token: Token, body: Json) -> StreamingResponse:
    """Send the rows of a ledger: how many first, then all of them, masked unless a reason is given."""
    caller, asked = _asked(store, token, body)
    try:
        ledger = for_stations(ledger_named(asked.kind), asked.ask)
    except UserError as problem:
        raise ProblemError(404, "unknown_ledger", problem.text) from None
    if ledger.local:
        raise ProblemError(404, "unknown_ledger", _("这本台账每台电脑各有各的，区里没有"))
    return _stream(request, store, partial(_send_ledger, caller=caller, asked=asked, ledger=ledger))


@router.post("/figures", openapi_extra=openapi.QUESTION, responses=openapi.STREAM, response_class=StreamingResponse)
def fetch_figures(request: Request, store: Store, token: Token, body: Json) -> StreamingResponse:
    """Send every indicator of each station, and of all of them together."""
    caller, asked = _asked(store, token, body)
    return _stream(request, store, partial(_send_figures, caller=caller, asked=asked))


def facts_of(ledger: Ledger) -> dict[str, Any]:
    """Return what a ledger is, without its query."""
    columns = [
        {"key": each.key, "title": each.title, "kind": each.kind.value, "width": each.width} for each in ledger.columns
    ]
    names = ("code", "name", "title", "counted_by", "definition", "record_type", "about_people")
    return {**{name: getattr(ledger, name) for name in names}, "columns": columns}


def _asked(store: Store, token: str | None, body: Any) -> tuple[Caller, Asked]:
    with store.read() as connection:
        caller = identify(connection, token)
        admit(connection, caller)
        asked = read_question(body, caller)
        admit(connection, caller, asked)
    return caller, asked


def _stream(request: Request, store: Store, work: Work) -> StreamingResponse:
    desk: Desk = request.app.state.desk
    desk.admit()
    packed = "gzip" in accepted(request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    lines = desk.stream(store, work, packed=packed)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


def _prepare(run: Run) -> None:
    """Bring the tables up to what the feeds hold; the reader sees how far that is."""
    bring_up(run.store, told=lambda done, of: run.put({"preparing": done, "of": of}), stopped=run.stopped)


def _send_ledger(run: Run, *, caller: Caller, asked: Asked, ledger: Ledger) -> None:
    _prepare(run)
    with run.reading() as connection:
        mark, ask = stamp(connection), asked.ask
        after = asked.after if asked.stamp == mark else 0
        total = read.count(connection, ledger, ask)
        with Session(connection) as session:
            names = names_of(Transaction(session, actor=None, writable=False))
        fetch = note_fetch(run.store, caller, asked, ledger=ledger.code, rows=total)
        whole = bool(asked.why)
        head = {"ledger": facts_of(ledger), "total": total, "after": after, "stamp": mark, "whole": whole}
        run.put({**head, "made_at": to_wire(clock.now()), "stations": station_names(connection, ask.stations)})
        pen, sent = read.Pen(names, ledger, ask, whole=whole), after
        rows = read.lines(connection, ledger, ask)
        next(islice(rows, after, after), None)  # the reader has these
        while some := [[*line[:3], *pen.cells(line)] for line in islice(rows, ROWS)]:
            run.put({"rows": some})
            sent += len(some)
    note_sent(run.store, fetch, sent)
    run.put({"end": True, "rows": sent})


def _send_figures(run: Run, *, caller: Caller, asked: Asked) -> None:
    _prepare(run)
    with run.reading() as connection:
        names = station_names(connection, asked.ask.stations)
        fetch = note_fetch(run.store, caller, asked, ledger=NAME, rows=len(names))
        found = compare(
            connection,
            asked.ask,
            names,
            blocks=asked.blocks,
            told=lambda done, of: run.put({"done": done, "of": of}),
        )
    note_sent(run.store, fetch, len(names))
    rows = [[each.code, each.name, each.amounts, each.closed] for each in (*found.stations, found.together)]
    measures = [asdict(each) for each in found.measures]
    run.put({"measures": measures, "made_at": to_wire(clock.now()), "stations": rows[:-1], "together": rows[-1]})
    run.put({"end": True, "rows": len(names)})
