"""A supervisor sees how every computer of the station is; numbers of devices outlive a restore."""

import json
import shutil

import pytest
from sqlmodel import select

from app.district import accounts
from app.district.lives import new_epoch
from app.district.main import main
from app.errors import NotAllowedError, OfflineError
from app.models.registration import ServiceEvent
from app.sync import reporting
from app.sync.engine import SyncEngine
from app.sync.fuse import allow_removal
from app.sync.transport import HttpTransport, ProblemAnswer
from tests.district.live import OTHER, Client, running
from tests.sync import world

REPORT = {
    "queued": 3, "parked": 1, "held": 0, "conflicts": 2, "oldest_at": "2026-11-22T01:00:00Z", "free_bytes": 5 * 2**30,
    "data_bytes": 2**20, "app_version": "9.9", "op_schema": 1, "clock_offset": -1.5, "last_error": "sync.differs",
}  # fmt: skip


def said(live):
    with live.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT report FROM device ORDER BY device_no").all()
    return [json.loads(row[0]) if row[0] else None for row in rows]


@pytest.fixture
def counter(district, tmp_path):
    """Return a counter that speaks to the district without anything in between."""
    made = world.counter(world.template(tmp_path), tmp_path / "counter.db").join(district)
    made.engine = SyncEngine(made.database, made.line.inner)
    yield made
    made.close()


def test_a_supervisor_sees_her_station_an_officer_all_and_nobody_else_any(district, clerk):
    clerk.post("/v1/report", REPORT)
    boss, stranger = district.client("supervisor"), district.client("supervisor", OTHER)
    officer = district.client("officer", "330110000000")

    mine, theirs, everybody = (each.get("/v1/devices")[1]["devices"] for each in (boss, stranger, officer))
    others = [clerk.get("/v1/devices"), district.client("trainer").get("/v1/devices")]

    assert [item["id"] for item in mine] == [clerk.device, boss.device]
    assert [item["id"] for item in theirs] == [stranger.device]
    assert {item["id"] for item in everybody} == {clerk.device, boss.device, stranger.device, officer.device}
    assert [(status, body["code"]) for status, body in others] == [(403, "not_allowed")] * 2
    report = dict(mine[0]["report"])
    assert report.pop("reported_at")
    assert report == REPORT
    assert (mine[0]["app_version"], mine[0]["revoked"], mine[0]["name"]) == ("9.9", False, "窗口")
    assert mine[1]["report"] is None


def test_a_revoked_device_is_seen_as_revoked(district, clerk):
    boss = district.client("supervisor")
    with district.store.write() as connection:
        accounts.revoke(connection, clerk.device)

    assert [item["revoked"] for item in boss.get("/v1/devices")[1]["devices"]] == [True, False]
    assert clerk.post("/v1/report", REPORT)[0] == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"queued": -1}, {"queued": None}, {"queued": True}, {"queued": 2**60}, {"held": "3"}, {"free_bytes": 1.5},
        {"app_version": "x" * 41}, {"last_error": ["x"]}, {"clock_offset": "x"}, {"clock_offset": 1e300},
        {"last_error": "\x00"},
    ],
)  # fmt: skip
def test_a_wrong_report_is_a_problem_and_changes_nothing(district, clerk, wrong):
    clerk.post("/v1/report", REPORT)

    status, problem = clerk.post("/v1/report", {**REPORT, **wrong})

    assert (status, problem["code"], problem["field"]) == (400, "malformed", next(iter(wrong)))
    assert said(district) == [REPORT]


def test_a_counter_tells_how_it_is_at_the_end_of_a_run(district, counter):
    counter.register()

    assert counter.sync().ok

    (report,) = said(district)
    assert (report["queued"], report["parked"], report["last_error"]) == (0, 0, None)
    assert report["free_bytes"] > 0
    assert report["data_bytes"] > 0
    (device,) = counter.line.inner.devices()["devices"]
    assert device["report"]["data_bytes"] == report["data_bytes"]


def test_reports_go_out_when_something_changed_or_the_last_is_old(district, counter, monkeypatch):
    from datetime import timedelta

    from app import clock

    sent = []
    real = counter.line.inner.report
    monkeypatch.setattr(counter.line.inner, "report", lambda facts: (sent.append(facts), real(facts))[1])
    counter.sync()
    counter.sync()
    counter.register(id_no="330110197002189992", raw=True)  # the district will send it back
    counter.sync()
    at_once = len(sent)

    clock.shift(timedelta(minutes=2))
    counter.sync()
    changed = len(sent)
    clock.shift(timedelta(minutes=5))
    counter.sync()
    unchanged = len(sent)
    clock.shift(timedelta(minutes=13))
    counter.sync()
    old = len(sent)
    clock.shift(timedelta(days=-400))
    counter.sync()

    assert [at_once, changed, unchanged, old, len(sent)] == [1, 2, 2, 3, 4]
    assert sent[1]["parked"] == 1


@pytest.mark.parametrize(
    "trouble",
    [OfflineError("cut"), ProblemAnswer(404, "not_found", "", {}), ProblemAnswer(400, "malformed", "", {})],
    ids=["cut", "old server", "refused"],
)
def test_a_report_that_fails_fails_no_run(counter, monkeypatch, trouble):
    calls = []

    def fail(_facts):
        calls.append(1)
        raise trouble

    monkeypatch.setattr(counter.line.inner, "report", fail)

    assert counter.sync().ok
    assert counter.sync().ok
    assert len(calls) == (2 if isinstance(trouble, OfflineError) else 1)


def test_a_road_without_reports_is_left_alone(counter):
    assert not reporting.send_report(counter.database, counter.line, {})


def test_a_run_that_stopped_says_why(district, counter, monkeypatch):
    from app.sync.fuse import RemovalError

    def stop(*_args):
        raise RemovalError("station/x", 300, 400)

    monkeypatch.setattr(counter.engine, "_pull", stop)

    assert counter.sync().error[0] == "sync.removal"

    assert said(district)[0]["last_error"] == "sync.removal"


def test_the_command_lists_what_devices_said(tmp_path, capsys):
    folder = tmp_path / "district"
    folder.mkdir()
    with running(f"sqlite:///{folder / 'district.db'}") as live:
        clerk, quiet = live.client(), live.client()
        clerk.post("/v1/report", REPORT)

        assert main(["devices", "--data", str(folder)]) == 0
        plain = capsys.readouterr().out.splitlines()
        assert main(["devices", "--json", "--data", str(folder)]) == 0
        listed = json.loads(capsys.readouterr().out)

    assert all(word in plain[0] for word in (clerk.device, "9.9", "3", "5120 MB", "sync.differs"))
    assert quiet.device in plain[1]
    assert [item["id"] for item in listed] == [clerk.device, quiet.device]
    assert listed[0]["report"]["queued"] == 3


# -- device numbers ------------------------------------------------------------------------------------------------


def join(live, **more):
    client = Client(live.url)
    status, answer = client.post("/v1/enrol", {"code": live.code(), "device_name": "窗口", **more})
    assert status == 200, answer
    client.take(answer)
    return client, answer["device_no"]


def test_a_device_that_a_restored_server_forgot_gets_its_number_back_and_nobody_else_does(tmp_path):
    url = tmp_path / "district.db"
    with running(f"sqlite:///{url}") as live:
        join(live)
    shutil.copyfile(url, tmp_path / "backup.db")
    with running(f"sqlite:///{url}") as live:
        lost, number = join(live)
    url.with_name("district.db-wal").unlink(missing_ok=True)
    url.with_name("district.db-shm").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup.db", url)
    assert main(["new-epoch", "--database", f"sqlite:///{url}"]) == 0

    with running(f"sqlite:///{url}") as live:
        _new, other_number = join(live)
        _again, same_number = join(live, device=lost.device, device_no=number)
        _late, third_number = join(live)

    assert number == same_number == "02"
    assert other_number == f"{2 + accounts.SKIPPED:02d}"
    assert third_number == f"{3 + accounts.SKIPPED:02d}"


def test_a_number_that_somebody_has_is_not_given_again(district):
    _one, first = join(district)

    _two, second = join(district, device="another", device_no=first)

    assert (first, second) == ("01", "02")


def test_new_numbers_lie_above_all_that_were_stated(district):
    _one, stated = join(district, device="one", device_no="07")
    _two, next_one = join(district)
    _three, top = join(district, device="three", device_no="ZZ")
    _four, after = join(district)

    assert (stated, next_one, top, after) == ("07", "08", "ZZ", "01")


@pytest.mark.parametrize("wrong", ["7", "a1", "00", "!!"])
def test_a_number_that_is_none_is_not_taken_over(district, wrong):
    assert join(district, device="one", device_no=wrong)[1] == "01"


def test_epochs_do_not_use_the_numbers_up(district):
    join(district)
    with district.store.write() as connection:
        for _n in range(200):
            new_epoch(connection)
            accounts.skip_numbers(connection)

    numbers = [join(district)[1] for _n in range(2)]

    assert len(set(numbers)) == 2


def test_a_counter_states_its_number_when_it_joins_again(district, tmp_path):
    counter = world.counter(world.template(tmp_path), tmp_path / "counter.db").join(district)
    assert counter.sync().ok
    with district.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM device")
        accounts.skip_numbers(connection)
    _new, number = join(district)

    counter.join_with(district, district.code("supervisor"))

    boss = HttpTransport(district.url, counter.line.inner._session.headers["Authorization"].partition(" ")[2])
    numbers = {item["id"]: item["device_no"] for item in boss.devices()["devices"]}
    assert sorted(numbers.values()) == ["01", number]
    assert number != "01"
    boss.close()
    counter.close()


# -- letting a large removal through --------------------------------------------------------------------------------


def test_only_a_supervisor_lets_a_large_removal_through_and_it_leaves_a_trace(counter):
    clerk = world.Actor(world.CLERK.staff_id, "方静", frozenset({"clerk"}))

    with pytest.raises(NotAllowedError), counter.database.write(clerk) as tx:
        allow_removal(tx)
    with counter.database.write(world.CLERK) as tx:
        allow_removal(tx)

    assert counter.sync().ok
    with counter.database.read() as tx:
        (event,) = tx.session.exec(select(ServiceEvent)).all()
    assert (event.kind, event.created_by, event.rev > 0) == ("sync.allow_removal", world.CLERK.staff_id, True)


def test_the_openapi_document_describes_the_new_calls(district):
    import requests

    paths = requests.get(district.url + "/openapi.json", timeout=30).json()["paths"]

    assert {"200", "400", "401", "429", "503"} <= set(paths["/v1/report"]["post"]["responses"])
    assert {"200", "401", "403", "429", "503"} <= set(paths["/v1/devices"]["get"]["responses"])
    assert {"200", "403"} <= set(paths["/metrics"]["get"]["responses"])
