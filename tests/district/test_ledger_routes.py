"""The district's ledgers over HTTP: who may, what comes, masked by the server, and what a fetch leaves behind."""

import json
import threading
from collections.abc import Iterator

import pytest
import requests
import sqlalchemy as sa

from app import clock
from app.district import ledger_routes
from app.district.ledger_log import list_fetches
from app.district.main import main
from app.ledgers import SHARED
from app.ledgers.base import Ask
from app.ledgers.comparison import compare, station_names
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.ledgers.read import cell_words
from app.ledgers.several import for_stations
from tests.district.live import OTHER, STATION, Client, on_postgres, running
from tests.district.whole_district import HEADS, Whole, filled

MONTH = month_of(clock.today())
PERIOD = {"first": MONTH.first.isoformat(), "until": MONTH.until.isoformat()}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("routes")
    server = running(f"sqlite:///{folder / 'district.db'}") if request.param == "sqlite" else None
    with server or on_postgres(request.getfixturevalue("postgres_server")) as live, filled(live, folder) as made:
        yield made


@pytest.fixture(scope="module")
def officer(whole: Whole) -> Client:
    return whole.live.client("officer")


def fetch(client: Client, path: str = "/v1/ledger", **asked):
    """Return status and lines; of a problem the problem."""
    answer = requests.post(client.url + path, json={**PERIOD, **asked}, headers=client.headers, timeout=60)
    if answer.status_code != 200:
        return answer.status_code, answer.json()
    assert answer.headers["content-type"] == "application/x-ndjson"
    return 200, [json.loads(line) for line in answer.text.splitlines()]


def parts(lines):
    """Return the head, the rows and the last line of a ledger."""
    head = next(line for line in lines if "total" in line)
    return head, [row for line in lines[:-1] for row in line.get("rows", ())], lines[-1]


@pytest.mark.parametrize("ledger", SHARED, ids=lambda ledger: ledger.code)
def test_an_officer_gets_each_ledger_of_all_stations_masked(whole, officer, ledger):
    with whole.officer.database.read() as tx:
        here = [[cell_words(cell) for cell in row] for row in cells(tx, for_stations(ledger, Ask(MONTH)), Ask(MONTH))]

    status, lines = fetch(officer, ledger=ledger.code)
    head, rows, last = parts(lines)

    assert status == 200 and head["whole"] is False and last == {"end": True, "rows": len(here)}
    assert head["total"] == len(rows) == len(here)
    assert {row[2] for row in rows} >= {STATION, OTHER} or len(here) < 2
    dates = [at for at, column in enumerate(head["ledger"]["columns"]) if column["kind"] in ("moment", "money")]
    for sent, kept in zip(rows, here, strict=True):
        words = ["" if cell is None else str(cell) for cell in sent[3:]]
        assert [w for at, w in enumerate(words) if at not in dates] == [
            w for at, w in enumerate(kept) if at not in dates
        ]


def test_whole_values_need_a_reason_and_leave_a_line(whole, officer):
    actor = HEADS[STATION].staff_id
    masked = parts(fetch(officer, ledger="L01")[1])[1]

    status, lines = fetch(officer, ledger="L01", why="报区里核对", actor=actor, stations=[OTHER])
    head, rows, _last = parts(lines)
    with whole.live.store.read() as connection:
        line = list_fetches(connection, 1)[0]

    assert status == 200 and head["whole"] is True
    assert all("*" in row[4] for row in masked) and not any("*" in row[3] or "*" in row[4] for row in rows)
    assert (line.ledger, line.stations, line.why, line.actor) == ("L01", OTHER, "报区里核对", actor)
    assert line.whole and line.row_count == line.sent_count == len(rows) and line.device == officer.device
    assert fetch(officer, ledger="L01", why="报区里核对")[0] == 400


def test_a_fetch_leaves_a_line_that_an_operator_reads(whole, officer, capsys):
    fetch(officer, ledger="referrals")

    status = main(["ledger-log", "--database", whole.live.database_url, "--limit", "1"])

    said = capsys.readouterr().out.split("\t")
    assert status == 0 and said[3] == "L06" and "全区" in said and "已脱敏" in said[-1]


def test_a_head_of_a_station_gets_her_own_and_no_other(whole):
    head = whole.live.client("supervisor", OTHER)

    own = parts(fetch(head, ledger="L01")[1])[1]
    status, problem = fetch(head, ledger="L01", stations=[STATION])

    assert own and {row[2] for row in own} == {OTHER}
    assert (status, problem["code"]) == (403, "not_your_station")
    assert [each["code"] for each in head.get("/v1/ledgers")[1]["stations"]] == [OTHER]


@pytest.mark.parametrize("role", ["clerk", "trainer", "operator"])
def test_others_are_told_whom_to_ask(whole, role):
    client = whole.live.client(role)

    answers = [client.get("/v1/ledgers"), fetch(client, ledger="L01"), fetch(client, "/v1/figures")]

    assert {(status, body["code"]) for status, body in answers} == {(403, "not_allowed")}
    assert "转站长" in answers[0][1]["detail"]


def test_a_person_whose_own_roles_may_not_gets_none_on_a_heads_device(whole):
    head = whole.live.client("supervisor", STATION)
    with whole.live.store.read() as connection:
        known = HEADS[STATION].staff_id
        assert connection.execute(sa.text("SELECT count(*) FROM record_head WHERE record_type = 'staff'")).scalar()
    made = head.op(
        {"type": "staff", "id": clock.new_id(), "base": 0, "set": {"name": [None, "方静"], "roles": [None, ["clerk"]]}}
    )
    head.results(made)

    clerk = fetch(head, ledger="L01", actor=made["edits"][0]["id"])
    lead = fetch(head, ledger="L01", actor=known)

    assert (clerk[0], clerk[1]["code"], lead[0]) == (403, "not_allowed", 200)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"ledger": "L99"}, 404),
        ({"ledger": "L01", "first": "2026-13-01"}, 400),
        ({"ledger": "L01", "first": MONTH.until.isoformat()}, 400),
        ({"ledger": "L01", "first": "2199-01-01", "until": "2199-02-01"}, 400),
        ({"ledger": "L01", "stations": "330110012001"}, 400),
        ({"ledger": "L01", "after": -1}, 400),
        ({"ledger": "L01", "grid": "x" * 40}, 400),
        ({"ledger": "L01", "why": "核对", "actor": "\x00"}, 400),
    ],
)
def test_nonsense_gets_a_sentence(officer, asked, status):
    found = fetch(officer, **asked)

    assert found[0] == status and found[1]["detail"]


def test_a_period_without_rows_and_an_unknown_station_are_empty_ledgers(officer):
    empty = fetch(officer, ledger="L06", first="2020-01-01", until="2020-02-01")[1]
    unknown = fetch(officer, ledger="L06", stations=["999999999999"])[1]

    assert parts(empty)[0]["total"] == parts(unknown)[0]["total"] == 0
    assert empty[-1] == unknown[-1] == {"end": True, "rows": 0}


def test_a_cut_goes_on_where_it_was_unless_something_changed(whole, officer, monkeypatch):
    monkeypatch.setattr(ledger_routes, "ROWS", 4)
    head, rows, _last = parts(fetch(officer, ledger="L01")[1])

    rest = parts(fetch(officer, ledger="L01", after=5, stamp=head["stamp"])[1])
    anew = parts(fetch(officer, ledger="L01", after=5, stamp="older")[1])

    assert rest[0]["after"] == 5 and rest[1] == rows[5:] and rest[2]["rows"] == len(rows)
    assert anew[0]["after"] == 0 and anew[1] == rows


def test_figures_of_each_station_are_the_counters(whole, officer):
    with whole.officer.database.read() as tx:
        connection = tx.session.connection()
        here = compare(connection, Ask(MONTH), station_names(connection))

    lines = fetch(officer, "/v1/figures")[1]
    block = fetch(officer, "/v1/figures", blocks="B", stations=[OTHER])[1]

    found = next(line for line in lines if "measures" in line)
    assert [each[0] for each in found["stations"]] == [STATION, OTHER]
    for sent, kept in zip([*found["stations"], found["together"]], [*here.stations, here.together], strict=True):
        assert sent[1] == kept.name and [tuple(each) for each in sent[2]] == [tuple(each) for each in kept.amounts]
    assert [line["done"] for line in lines if "done" in line] == list(range(len(found["measures"])))
    only = next(line for line in block if "measures" in line)
    assert {each["code"][0] for each in only["measures"]} == {"B"} and len(only["stations"]) == 1


def test_an_answer_is_packed_for_who_takes_it(officer):
    plain = requests.post(
        officer.url + "/v1/ledger",
        json={**PERIOD, "ledger": "L01"},
        headers={**officer.headers, "Accept-Encoding": "identity"},
        timeout=60,
    )
    packed = requests.post(
        officer.url + "/v1/ledger", json={**PERIOD, "ledger": "L01"}, headers=officer.headers, timeout=60
    )

    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert (
        parts([json.loads(line) for line in packed.text.splitlines()])[1:]
        == parts([json.loads(line) for line in plain.text.splitlines()])[1:]
    )


def test_a_reader_who_leaves_ends_the_query(whole, officer, monkeypatch):
    begun, ended = threading.Event(), threading.Event()
    slow = "SELECT count(*) FROM a" if whole.live.store.sqlite else "SELECT pg_sleep(60)"
    if whole.live.store.sqlite:
        slow = f"WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 1000000000) {slow}"

    def work(run, **_more):
        try:
            with run.reading() as connection:
                run.put({"total": 1})
                begun.set()
                connection.execute(sa.text(slow)).all()
        finally:
            ended.set()

    monkeypatch.setattr(ledger_routes, "_send_ledger", work)
    with requests.post(
        officer.url + "/v1/ledger", json={**PERIOD, "ledger": "L01"}, headers=officer.headers, timeout=60, stream=True
    ) as answer:
        assert next(answer.iter_lines()) == b'{"total":1}' and begun.wait(10)

    assert ended.wait(20)
    assert fetch(officer, ledger="L99")[0] == 404


def test_more_than_the_desk_holds_are_told_to_come_back(whole, officer, monkeypatch):
    monkeypatch.setattr(whole.live.api.state.desk, "_most", 0)

    status, problem = fetch(officer, ledger="L01")

    assert (status, problem["code"]) == (503, "busy")


def test_what_goes_wrong_in_the_middle_is_the_last_line(whole, officer, monkeypatch):
    def work(run, **_more):
        with run.reading() as connection:
            connection.execute(sa.text("SELECT nothing FROM nowhere"))

    monkeypatch.setattr(ledger_routes, "_send_ledger", work)

    status, lines = fetch(officer, ledger="L01")

    assert status == 200 and lines[-1]["problem"] == "too_slow" and "缩短期间" in lines[-1]["detail"]


def test_a_ledger_sees_one_moment_however_much_is_pushed_meanwhile(whole, officer):
    before = parts(fetch(officer, ledger="L01")[1])
    client = whole.live.client("supervisor", STATION)
    client.one(
        {
            "type": "resident",
            "id": clock.new_id(),
            "base": 0,
            "set": {
                "name": [None, "冯巧云"], "id_type": [None, "01"], "id_no": [None, "330110197002189991"],
                "created_at": [None, f"{MONTH.first.isoformat()}T09:00:00+08:00"], "station_code": [None, STATION],
            },
        }
    )  # fmt: skip

    after = parts(fetch(officer, ledger="L01")[1])

    assert after[0]["total"] == before[0]["total"] + 1 and after[0]["stamp"] != before[0]["stamp"]
