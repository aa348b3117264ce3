"""What the district decides by itself: places over all stations, and people whom two stations know."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import uuid

import pytest
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.ruling_worker import SMALL, Rulings
from app.district.rulings import catch_up, rule, undecided
from app.district.store import DistrictStore
from app.district.verify import verify
from app.models.district import FeedEntry, IdentityMark, PlaceClaim, ReceivedOp, RecordHead, RulingCursor
from tests import postgres
from tests.district.live import OTHER, STATION, change, make, resident, running
from tests.factories import fictional_id

NOW = "2026-11-22T01:00:00Z"
NUMBERS = [fictional_id(f"19{year}0218", 996 + n) for year in range(50, 99) for n in range(4)]


@pytest.fixture
def other(district):
    """Return an enrolled counter of another station."""
    return district.client(station=OTHER)


def refer(client, vacancy, **values):
    edit = make(
        "referral",
        slip_no=f"TJ3301102611{uuid.uuid4().hex[:2].upper()}-{uuid.uuid4().int % 10000:04d}",
        resident_id=str(uuid.uuid4()),
        vacancy_id=vacancy,
        issued_at=NOW,
        valid_until="2026-12-02",
        **values,
    )
    assert client.one(edit)["outcome"] == "applied"
    return edit["id"]


def vacancy(client, openings, **values):
    edit = make("vacancy", employer_id=str(uuid.uuid4()), title="水电工", openings=openings, **values)
    assert client.one(edit)["outcome"] == "applied"
    return edit["id"]


def standing(live, kind, record_id):
    """Return a record's values as they stand, whatever its feed."""
    import json

    head = table_of(RecordHead)
    query = sa.select(head.c.fields).where(head.c.record_type == kind, head.c.record_id == record_id)
    with live.store.read() as connection:
        return json.loads(connection.execute(query).scalar_one())


def places(live, *referrals):
    return [standing(live, "referral", each)["place"] for each in referrals]


def update(live, client, kind, record_id, **values):
    old = standing(live, kind, record_id)
    pairs = {name: (old.get(name), value) for name, value in values.items()}
    result = client.one(change(kind, record_id, 2**53 - 1, **pairs))
    assert result["outcome"] in ("applied", "merged"), result
    return result


def hints(client):
    found = {}
    for entry in client.everything():
        if entry["type"] == "duplicate_hint":
            values = entry["values"]
            found[entry["id"]] = (values["resident_id"], values["other_station"], values["state"])
    return sorted(found.values())


def faults(live):
    with live.store.read() as connection:
        return verify(connection).faults


def test_remaining_is_openings_less_hired_over_all_stations(district, clerk, other):
    post = vacancy(clerk, 3)
    first, second, third = refer(clerk, post), refer(other, post), refer(other, post)
    before = standing(district, "vacancy", post)["remaining"]

    update(district, clerk, "referral", first, outcome="1", onboard_date="2026-11-25", state="40")
    update(district, other, "referral", second, outcome="1", onboard_date="2026-11-25", state="40")
    update(district, other, "referral", third, outcome="3", outcome_reason="01", state="40")

    assert before == 3
    assert standing(district, "vacancy", post)["remaining"] == 1
    update(district, clerk, "vacancy", post, openings=1)
    assert standing(district, "vacancy", post)["remaining"] == 0
    assert faults(district) == ()


def test_places_go_in_the_order_of_arrival_and_the_next_moves_up(district, clerk, other):
    post = vacancy(clerk, 2)
    all_of_them = [refer(client, post) for client in (other, clerk, other, clerk, clerk)]
    assert places(district, *all_of_them) == ["1", "1", "2", "2", "2"]

    update(district, other, "referral", all_of_them[0], state="60", void_reason="1")
    assert places(district, *all_of_them) == [None, "1", "1", "2", "2"]
    update(district, clerk, "referral", all_of_them[1], state="50")
    update(district, other, "referral", all_of_them[2], deleted_at=NOW)
    assert places(district, *all_of_them) == [None, None, None, "1", "1"]
    update(district, clerk, "referral", all_of_them[3], outcome="4", outcome_reason="04", state="40")
    update(district, clerk, "vacancy", post, openings=1)

    assert places(district, *all_of_them) == [None, None, None, None, "1"]
    assert faults(district) == ()


def test_a_hire_keeps_its_place_and_fewer_openings_send_the_last_back(district, clerk):
    post = vacancy(clerk, 2)
    first, second = refer(clerk, post), refer(clerk, post)
    update(district, clerk, "referral", first, outcome="1", onboard_date="2026-11-25", state="40")

    update(district, clerk, "vacancy", post, openings=1)

    assert places(district, first, second) == ["1", "2"]
    update(district, clerk, "vacancy", post, openings=None)
    assert places(district, first, second) == [None, None]
    assert standing(district, "vacancy", post)["remaining"] is None


def test_a_referral_that_comes_before_its_vacancy_gets_its_place_with_it(district, clerk, other):
    post = str(uuid.uuid4())
    first, second = refer(other, post), refer(clerk, post)
    assert places(district, first, second) == [None, None]

    clerk.one(make("vacancy", post, employer_id=str(uuid.uuid4()), title="保洁", openings=1))

    assert places(district, first, second) == ["1", "2"]


def test_a_referral_that_is_moved_frees_its_place(district, clerk, other):
    one, two = vacancy(clerk, 1), vacancy(clerk, 1)
    first, second, third = refer(clerk, one), refer(other, one), refer(other, two)

    update(district, clerk, "referral", first, vacancy_id=two)

    assert places(district, first, second, third) == ["2", "1", "1"]
    assert faults(district) == ()


def test_no_station_writes_what_the_district_decides(district, clerk):
    post = vacancy(clerk, 1)
    referral = refer(clerk, post)

    told = [
        clerk.one(change("vacancy", post, 9, remaining=(1, 99)))["code"],
        clerk.one(change("referral", referral, 9, place=("1", "2")))["code"],
        clerk.one(make("duplicate_hint", resident_id="x", other_station=OTHER, state="open"))["code"],
    ]

    assert told == ["not_yours", "not_yours", "not_allowed"]


def test_what_the_district_decided_meanwhile_is_no_question_to_anybody(district, clerk):
    post = vacancy(clerk, 1)

    result = clerk.one(change("vacancy", post, 1, deleted_at=(None, NOW)))

    assert standing(district, "vacancy", post)["remaining"] == 1
    assert result["outcome"] == "applied"


def test_decisions_are_operations_of_the_district_that_devices_pull(district, clerk):
    post = vacancy(clerk, 1)
    referral = refer(clerk, post)

    own = [entry for entry in clerk.everything() if entry["device"] == "district"]

    assert {(entry["type"], entry["id"], entry["act"]) for entry in own} == {
        ("vacancy", post, "district.decide"),
        ("referral", referral, "district.decide"),
    }
    with district.store.read() as connection:
        op = table_of(ReceivedOp)
        assert connection.scalars(sa.select(op.c.seq).where(op.c.device == "district")).all() == [None, None]
        feeds = sorted(set(connection.scalars(sa.select(table_of(FeedEntry).c.feed))))
    assert feeds == ["market/330110", f"station/{STATION}"]


def test_two_stations_at_the_same_instant_get_one_place_and_one_wait(district, clerk, other):
    for _n in range(8):
        post, start, made = vacancy(clerk, 1), threading.Barrier(2), []

        def send(client, post=post, start=start, made=made):
            start.wait()
            made.append(refer(client, post))

        threads = [threading.Thread(target=send, args=(client,)) for client in (clerk, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert district.api.state.rulings.settle()
        assert sorted(places(district, *made)) == ["1", "2"]
    assert faults(district) == ()


def test_several_servers_on_one_database_decide_once(postgres_server):
    with postgres.fresh_database(postgres_server) as url, running(url) as one, running(url) as two:
        clerk, other = one.client(), two.client(station=OTHER)
        post = vacancy(clerk, 5)

        def send(client):
            for _n in range(10):
                refer(client, post)

        threads = [threading.Thread(target=send, args=(client,)) for client in (clerk, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert one.api.state.rulings.settle()
        assert two.api.state.rulings.settle()
        with one.store.read() as connection:
            claim, head = table_of(PlaceClaim), table_of(RecordHead)
            numbers = connection.scalars(sa.select(claim.c.number).where(claim.c.vacancy_id == post)).all()
            query = sa.select(head.c.fields).where(head.c.record_type == "referral")
            found = sorted(each.partition('"place":')[2][:3] for each in connection.scalars(query))
        assert sorted(numbers) == list(range(1, 21))
        assert found == ['"1"'] * 5 + ['"2"'] * 15
        assert faults(one) == ()


def test_all_interleavings_of_two_stations_end_alike(tmp_path):
    """Pushes and rulings in every order: as many places as openings, the rest wait, and the log says so."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        clerk, other = live.client(), live.client(station=OTHER)
        live.api.state.rulings.after_push = lambda _ops: None
        for order in itertools.permutations(range(4)):
            post, made = str(uuid.uuid4()), {}
            steps = [
                lambda post=post: clerk.one(make("vacancy", post, employer_id="e", title="保洁", openings=1)),
                lambda post=post, made=made: made.update(a=refer(clerk, post)),
                lambda post=post, made=made: made.update(b=refer(other, post)),
                lambda: rule(live.store),
            ]

            for step in order:
                steps[step]()
            catch_up(live.store)

            first, second = ("a", "b") if order.index(1) < order.index(2) else ("b", "a")
            assert places(live, made[first], made[second]) == ["1", "2"], order
        assert faults(live) == ()


def test_a_person_at_two_stations_is_told_to_both_and_nothing_else_of_it(district, clerk, other):
    station = make("station", name="翠苑一区", code=OTHER, county_code="330110")
    other.one(station)
    here, there = resident(id_no=NUMBERS[0]), resident(id_no=NUMBERS[0], name="沈以安", mobile="19900000009")

    clerk.one(here)
    other.one(there)

    assert hints(clerk) == [(here["id"], OTHER, "open")]
    assert hints(other) == [(there["id"], STATION, "open")]
    told = next(e for e in district.client().everything() if e["type"] == "duplicate_hint")
    assert told["values"]["other_name"] == "翠苑一区"
    assert there["id"] not in str(told)
    assert "沈以安" not in str(told)
    assert faults(district) == ()


def test_a_hint_goes_when_the_number_changes_or_the_file_is_deleted_and_comes_again(district, clerk, other):
    here, there = resident(id_no=NUMBERS[0]), resident(id_no=NUMBERS[0])
    clerk.one(here)
    other.one(there)

    update(district, other, "resident", there["id"], id_no=NUMBERS[4])
    assert hints(clerk) == [(here["id"], OTHER, "gone")]
    update(district, other, "resident", there["id"], id_no=NUMBERS[0])
    clerk.cursors = {}
    assert hints(clerk) == [(here["id"], OTHER, "open")]
    update(district, clerk, "resident", here["id"], deleted_at=NOW)

    clerk.cursors = {}
    assert hints(clerk) == [(here["id"], OTHER, "gone")]
    assert hints(other) == [(there["id"], STATION, "gone")]
    assert faults(district) == ()


def test_within_a_station_and_without_a_full_number_there_is_no_hint(district, clerk, other):
    clerk.results(clerk.op(resident(id_no=NUMBERS[0])), clerk.op(resident(id_no=NUMBERS[0])))
    for client in (clerk, other):
        client.one(resident(id_type="07", id_no="E12345678"))

    assert hints(clerk) == hints(other) == []


def test_an_old_number_of_fifteen_digits_is_the_same_person(district, clerk, other):
    full = NUMBERS[0]
    clerk.one(resident(id_no=full))

    other.one(resident(id_no=full[:6] + full[8:17]))

    assert len(hints(clerk)) == len(hints(other)) == 1


def test_the_marks_are_keyed_and_stay_at_the_district(district, clerk, other):
    import hashlib

    clerk.one(resident(id_no=NUMBERS[0]))
    other.one(resident(id_no=NUMBERS[0]))

    with district.store.read() as connection:
        marks = set(connection.scalars(sa.select(table_of(IdentityMark).c.mark)))
        secret = connection.exec_driver_sql("SELECT value FROM district_fact WHERE key = 'identity_secret'").scalar()
    assert len(marks) == 1
    assert marks != {hashlib.sha256(NUMBERS[0].encode()).hexdigest()}
    sent = str([client.everything() for client in (clerk, other)])
    assert marks.pop() not in sent
    assert secret not in sent


def test_a_number_that_stands_everywhere_tells_nothing(district, clerk, other):
    clerk.results(*(clerk.op(resident(id_no=NUMBERS[0])) for _n in range(20)))
    other.one(resident(id_no=NUMBERS[0]))

    assert [state for *_rest, state in hints(clerk)] in ([], ["gone"] * 20)
    assert faults(district) == ()


def test_a_station_that_is_named_later_is_named_in_its_hints(district, clerk, other):
    clerk.one(resident(id_no=NUMBERS[0]))
    other.one(resident(id_no=NUMBERS[0]))

    other.one(make("station", name="翠苑一区", code=OTHER, county_code="330110"))

    names = [e["values"]["other_name"] for e in clerk.everything() if e["type"] == "duplicate_hint"]
    assert names == [None, "翠苑一区"]


def test_a_large_push_is_ruled_on_by_the_server_s_own_thread(district, clerk, other):
    other.results(*(other.op(resident(id_no=number)) for number in NUMBERS[:20]))

    clerk.results(*(clerk.op(resident(id_no=number)) for number in NUMBERS[: SMALL + 10]))

    assert district.api.state.rulings.settle()
    assert len(hints(clerk)) == len(hints(other)) == 20
    assert faults(district) == ()


def test_an_existing_district_is_ruled_on_from_its_beginning_in_the_order_of_arrival(district, clerk, other):
    district.api.state.rulings.after_push = lambda _ops: None
    post = vacancy(clerk, 2)
    late = [clerk.op(resident(id_no=number)) for number in NUMBERS[:60]]
    clerk.results(*late)
    made = [refer(client, post) for client in (other, clerk, other)]
    other.one(resident(id_no=NUMBERS[0]))

    while rule(district.store, limit=40).state != "done":
        pass

    assert places(district, *made) == ["1", "1", "2"]
    assert len(hints(clerk)) == 1
    assert faults(district) == ()


def test_a_backlog_of_many_stations_takes_no_more_passes_than_one_of_a_single_station(district):
    district.api.state.rulings.after_push = lambda _ops: None
    clients = [district.client(station=f"3301100130{n:02d}") for n in range(10)]
    for turn in range(2):
        for n, client in enumerate(clients):
            edits = [
                resident(id_no=fictional_id(f"19{50 + n + 10 * turn}0{1 + k // 20}{10 + k % 20}")) for k in range(40)
            ]
            client.results(*map(client.op, edits))

    passes = 1
    while rule(district.store, limit=100).state != "done":
        passes += 1

    assert passes <= 2 * (10 * 2 * 40) // 100
    assert faults(district) == ()


def test_deciding_again_from_the_beginning_changes_nothing(district, clerk, other):
    post = vacancy(clerk, 1)
    refer(clerk, post)
    refer(other, post)
    clerk.one(resident(id_no=NUMBERS[0]))
    other.one(resident(id_no=NUMBERS[0]))
    before = clerk.heads(), other.heads()
    with district.store.write() as connection:
        connection.execute(sa.delete(table_of(RulingCursor)))

    catch_up(district.store)

    assert (clerk.heads(), other.heads()) == before


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from app.district.rulings import catch_up
from app.district.store import DistrictStore

store, left = DistrictStore(sys.argv[1]), int(sys.argv[2])

@sa.event.listens_for(store.engine, "before_cursor_execute")
def count(*_facts):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

catch_up(store)
print(left)
"""


def test_a_kill_at_any_statement_leaves_nothing_half_decided(tmp_path):
    url = f"sqlite:///{tmp_path / 'district.db'}"
    with running(url) as live:
        clerk, other = live.client(), live.client(station=OTHER)
        live.api.state.rulings.after_push = lambda _ops: None
        post = vacancy(clerk, 1)
        made = [refer(clerk, post), refer(other, post)]
        clerk.one(resident(id_no=NUMBERS[0]))
        other.one(resident(id_no=NUMBERS[0]))

        for statements in range(0, 400, 23):
            done = subprocess.run(
                [sys.executable, "-c", KILLED, url, str(statements)],
                env={**os.environ, "PYTHONWARNINGS": "error"}, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            with live.store.read() as connection:
                half = undecided(connection)
            assert half == (done.returncode != 0), done.stderr
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL

        assert places(live, *made) == ["1", "2"]
        assert len(hints(clerk)) == len(hints(other)) == 1
        assert faults(live) == ()


def test_a_database_that_is_away_delays_rulings_and_fails_no_push(tmp_path, monkeypatch):
    store = DistrictStore(f"sqlite:///{tmp_path / 'district.db'}")
    store.prepare()
    tried = threading.Event()

    def broken(*_args, **_kwargs):
        tried.set()
        raise sa.exc.OperationalError("SELECT 1", None, Exception("away"))

    rulings = Rulings(store, lambda: None)
    monkeypatch.setattr("app.district.ruling_worker.rule", broken)

    rulings.after_push(1)

    assert tried.wait(10)
    assert rulings.busy
    rulings.close()
    assert not rulings.busy
    store.close()


def test_verify_finds_a_place_that_nobody_decided(district, clerk):
    post = vacancy(clerk, 1)
    refer(clerk, post)
    with district.store.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM place_claim WHERE vacancy_id = '{post}'")
        connection.exec_driver_sql("DELETE FROM identity_mark")

    assert any("place" in fault for fault in faults(district))
