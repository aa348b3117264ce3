"""The heads of a counter's logs reach the district; what does not follow from the earlier ones is flagged, once."""

import shutil
from datetime import timedelta

import pytest

from app import clock
from app.db import state
from app.db.chain import LOOKS, OPERATIONS, head_of
from app.db.database import Database
from app.db.restore import RESTORED_AT
from app.district import main as district_command
from app.district.chain_heads import breaks_of
from app.services import withdrawing
from app.services.chain_told import told_heads, untold_restore
from app.services.health import FAULT, OK, WARNING
from app.services.looks import Look, note_look
from app.services.tamper import examine_logs
from app.sync.chain_heads import fetch_heads
from app.sync.engine import SyncEngine
from app.sync.transport import HttpTransport, ProblemAnswer
from tests.db.test_chain import Attacker
from tests.sync.world import CLERK, KEY

HASH = "ab" * 32


@pytest.fixture
def desk(one):
    """Return a joined counter without a faulty line, with three acts and three looks, synced."""
    speak(one)
    work(one)
    assert one.sync().ok
    return one


def speak(counter):
    counter.engine = SyncEngine(counter.database, counter.line.inner)


def work(counter, times=3):
    for name in "以安念真"[:times]:
        counter.register(f"沈{name}")
        look(counter, f"r-{clock.new_id()}")


def look(counter, subject):
    with counter.database.write(CLERK) as tx:
        note_look(tx, Look("resident.look", "resident", subject))


def go_back(counter, copy):
    """Put an older copy of the file in the counter's place."""
    counter.database.close()
    shutil.copyfile(copy, counter.path)
    for end in ("-wal", "-shm"):
        counter.path.with_name(counter.path.name + end).unlink(missing_ok=True)
    counter.database = Database(counter.path, KEY)
    speak(counter)


def copied(counter, target):
    counter.database.close()
    shutil.copyfile(counter.path, target)
    counter.database = Database(counter.path, KEY)
    speak(counter)
    return target


def attacked(counter, *statements, rewrite=None):
    attacker = Attacker(counter.database)
    for statement in statements:
        attacker.does(statement)
    if rewrite:
        attacker.rewrite(counter.database, rewrite)
    attacker.ends()


def heads(counter):
    with counter.database.read() as tx:
        return {log: head_of(tx.session.connection(), log) for log in (OPERATIONS, LOOKS)}


def noted(district, counter):
    with counter.database.read() as tx:
        device = str(state.get_state(tx.session, state.DEVICE_ID))
    with district.store.read() as connection:
        found = breaks_of(connection, [device]).get(device, [])
    return [(each["log"], each["kind"], each["first"], each["last"]) for each in found]


def levels(counter, fresh=None):
    return {f.code: f.level for f in examine_logs(counter.database, fresh)}


def test_each_sync_tells_where_both_logs_end(desk, district):
    told = fetch_heads(desk.database)

    own = heads(desk)
    assert {log: dict(each.heads) for log, each in told.items()} == {
        log: {head.number: head.chain} for log, head in own.items()
    }
    assert noted(district, desk) == []
    with desk.database.read() as tx:
        assert told_heads(tx) == told
    assert set(levels(desk, told).values()) == {OK}


def test_what_did_not_grow_is_not_told_again(desk, monkeypatch):
    said = []
    monkeypatch.setattr(HttpTransport, "tell_heads", lambda _self, body: said.append(body) or {})

    desk.sync()

    assert said == []


def test_the_last_head_of_each_day_is_kept_and_the_chain_goes_on_through_them(desk, district):
    for day in (1, 2, 3):
        clock.shift(timedelta(days=day))
        for _time in range(2):
            work(desk, 1)
            assert desk.sync().ok

    held = fetch_heads(desk.database)

    assert list(held[LOOKS].heads) == [3, 5, 7, 9]
    assert noted(district, desk) == []
    assert set(levels(desk, held).values()) == {OK}


def test_a_log_that_was_cut_off_is_flagged_and_named_by_the_doctor(desk, district):
    attacked(desk, "DELETE FROM access_log WHERE number > 1")
    offline = levels(desk)

    assert desk.sync().ok

    assert offline["chain.looks"] == FAULT  # the heads that were heard last say so without the district
    assert noted(district, desk) == [(LOOKS, "cut", 2, 3)]
    [told] = [f for f in examine_logs(desk.database, fetch_heads(desk.database)) if f.level == FAULT]
    assert "查看日志从第 2 条起被截掉了：区里有过第 3 条" in told.text


def test_a_chain_that_was_computed_anew_is_flagged_between_the_heads(desk, district):
    clock.shift(timedelta(days=1))
    work(desk)
    assert desk.sync().ok
    attacked(desk, "UPDATE access_log SET staff_id = 'somebody-else' WHERE number = 5", rewrite=LOOKS)

    fresh = examine_logs(desk.database, fetch_heads(desk.database))
    work(desk, 1)
    assert desk.sync().ok

    assert ["查看日志第 4 到 6 条被重写过" in f.text for f in fresh if f.level == FAULT] == [True]
    assert noted(district, desk) == [(LOOKS, "changed", 4, 6)]
    work(desk, 1)
    assert desk.sync().ok
    assert len(noted(district, desk)) == 1  # once: it goes on from there


def test_a_forged_local_copy_of_the_heads_hides_nothing(desk, district):
    attacked(
        desk,
        "UPDATE access_log SET staff_id = 'somebody-else' WHERE number = 2",
        "DELETE FROM local_state WHERE key = 'chain_told'",
        rewrite=LOOKS,
    )

    assert desk.sync().ok

    assert noted(district, desk) == [(LOOKS, "changed", 1, 3)]


def test_a_restored_counter_is_no_alarm_but_is_seen(desk, district, tmp_path):
    night = copied(desk, tmp_path / "night.db")
    work(desk)
    assert desk.sync().ok
    go_back(desk, night)
    with desk.database.write(None) as tx:
        state.set_state(tx.session, RESTORED_AT, clock.now().isoformat())
    work(desk, 1)

    before = examine_logs(desk.database, fetch_heads(desk.database))
    assert desk.sync().ok
    after = examine_logs(desk.database, fetch_heads(desk.database))

    assert [f.level for f in before if f.code.endswith("restored")] == [WARNING, WARNING]
    assert FAULT not in {f.level for f in (*before, *after)}
    assert {kind for _log, kind, _first, _last in noted(district, desk)} == {"restored"}
    with desk.database.read() as tx:
        assert not untold_restore(tx)


def test_a_restore_explains_one_break_and_not_the_next(desk, district, tmp_path):
    with desk.database.write(None) as tx:
        state.set_state(tx.session, RESTORED_AT, clock.now().isoformat())
    assert desk.sync().ok
    attacked(desk, "DELETE FROM access_log WHERE number > 1")

    assert desk.sync().ok

    assert noted(district, desk) == [
        (OPERATIONS, "restored", 0, 0), (LOOKS, "restored", 0, 0), (LOOKS, "cut", 2, 3),
    ]  # fmt: skip


def test_what_a_sync_does_to_the_log_is_no_false_alarm(desk, district, new_counter):
    """Parked, mended and sent again, withdrawn, joined again under another name: the chain goes on."""
    bad = desk.register("戎素芳", id_no="330110197002189992", raw=True)
    assert desk.sync().parked == 1
    with desk.database.write(CLERK) as tx:
        op = tx.sql("SELECT op FROM operation WHERE state = 'parked'")[0][0]
        withdrawing.withdraw(tx, op, why="录错了")
    assert desk.sync().ok
    desk.join(district)
    speak(desk)
    work(desk, 1)
    assert desk.sync().ok

    assert bad
    assert noted(district, desk) == []
    assert set(levels(desk, fetch_heads(desk.database)).values()) == {OK}


def test_a_restored_counter_that_is_numbered_anew_keeps_its_chain(desk, district, tmp_path):
    night = copied(desk, tmp_path / "night.db")
    clock.shift(timedelta(days=1))  # the district keeps the head of the night and the one after it
    work(desk, 2)
    assert desk.sync().ok
    go_back(desk, night)
    with desk.database.write(None) as tx:
        state.set_state(tx.session, RESTORED_AT, clock.now().isoformat())
    work(desk, 3)
    with desk.database.read() as tx:
        before = dict(tx.sql("SELECT op, seq FROM operation WHERE state = 'pending'"))

    assert desk.sync().ok

    with desk.database.read() as tx:
        after = dict(tx.sql("SELECT op, seq FROM operation WHERE origin = 'local'"))
    assert all(after[op] > seq for op, seq in before.items())
    assert noted(district, desk) == [(OPERATIONS, "restored", 4, 5), (LOOKS, "restored", 4, 5)]
    assert FAULT not in levels(desk, fetch_heads(desk.database)).values()


def test_two_copies_of_one_counter_contradict_each_other(desk, district, new_counter, tmp_path):
    copy = copied(desk, tmp_path / "copy.db")
    work(desk, 1)
    assert desk.sync().ok
    go_back(desk, copy)  # the other computer, with a clone of the disk
    look(desk, "r-x")
    assert desk.sync().ok

    assert (LOOKS, "changed") in {(log, kind) for log, kind, *_span in noted(district, desk)}


def test_a_supervisor_sees_it_and_the_office_settles_it_with_a_reason(desk, district, capsys):
    attacked(desk, "DELETE FROM access_log WHERE number > 1")
    assert desk.sync().ok
    boss = district.client("supervisor")

    flagged = [each["breaks"] for each in boss.get("/v1/devices")[1]["devices"]]
    number = boss.get("/v1/devices")[1]["devices"][0]["device_no"]
    where = ("--database", district.database_url)
    capsys.readouterr()
    listed = district_command.main(["devices", *where]), capsys.readouterr().out
    settled = district_command.main(["settle-log", number, "--why", "换了硬盘", *where])
    again = district_command.main(["settle-log", number, "--why", "换了硬盘", *where])

    assert [[(each["log"], each["kind"]) for each in device] for device in flagged] == [[(LOOKS, "cut")], []]
    assert listed[0] == 0 and "查看日志从第 2 条起被截掉了" in listed[1]
    assert (settled, again) == (0, 1)
    assert noted(district, desk) == []
    with district.store.read() as connection:
        assert connection.exec_driver_sql("SELECT settled_why FROM chain_break").scalar() == "换了硬盘"


def test_what_was_told_once_and_arrives_late_is_no_cut_log(desk, district, monkeypatch):
    said, tell = [], HttpTransport.tell_heads
    monkeypatch.setattr(HttpTransport, "tell_heads", lambda self, body: said.append(body) or tell(self, body))
    work(desk, 1)
    desk.sync()
    work(desk, 2)
    desk.sync()

    answers = [desk.line.inner.tell_heads(each) for each in (said[0], said[-1])]
    work(desk, 1)
    desk.sync()

    assert [each["telling"] for each in said] == [2, 3, 2, 3, 4]
    assert [(each["known"], each["telling"]) for each in answers] == [(True, 3)] * 2
    assert noted(district, desk) == []
    assert set(levels(desk, fetch_heads(desk.database)).values()) == {OK}


def test_a_file_that_was_put_back_finds_the_next_number_and_is_judged(desk, district, tmp_path):
    night = copied(desk, tmp_path / "night.db")
    work(desk, 2)
    desk.sync()
    go_back(desk, night)
    work(desk, 1)

    desk.sync()

    assert [kind for _log, kind, _first, _last in noted(district, desk)] == ["cut"] * 2


def test_a_server_that_knows_no_heads_is_no_trouble(desk, monkeypatch):
    asked = []

    def unknown(_self, _body):
        asked.append(1)
        raise ProblemAnswer(404, "not_found", "", {})

    monkeypatch.setattr(HttpTransport, "tell_heads", unknown)
    work(desk, 1)

    assert desk.sync().ok
    assert desk.sync().ok
    assert len(asked) == 1


NONSENSE = (
    {}, {"logs": []}, {"logs": {"looks": {"number": -1, "chain": HASH}}}, {"logs": {"looks": {"number": 1}}},
    {"logs": {"looks": {"number": 1, "chain": "x"}}}, {"logs": {"looks": {"number": True, "chain": HASH}}},
    {"logs": {"looks": {"number": 1, "chain": HASH, "at": [[1]]}}},
    {"logs": {"looks": {"number": 1, "chain": HASH, "at": [[1, HASH]] * 65}}},
    {"logs": {}, "restored": 7},
)  # fmt: skip


def test_heads_that_make_no_sense_are_a_problem_and_change_nothing(district, clerk):
    answers = [clerk.post("/v1/heads", body) for body in NONSENSE]

    assert {(status, problem["code"]) for status, problem in answers} == {(400, "malformed")}
    assert clerk.get("/v1/heads")[1]["logs"] == {log: {"heads": []} for log in (OPERATIONS, LOOKS)}


def test_a_stranger_may_leave_out_what_it_does_not_keep(district, clerk):
    status, answer = clerk.post("/v1/heads", {"logs": {"operations": {"number": 2, "chain": HASH}, "mine": 7}})

    assert status == 200
    assert [row[:2] for row in answer["logs"]["operations"]["heads"]] == [[2, HASH]]
    assert answer["ask"] == {"operations": []}
