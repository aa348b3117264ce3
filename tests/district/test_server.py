"""Enrolment, bodies, the documents it serves, and the command."""

import gzip
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import zstandard

from app.district.main import main
from app.district.verify import verify
from app.sync.protocol import MAX_FEEDS
from tests.district.live import STATION, Client, change, dump, make, resident


def test_a_code_works_once_and_only_its_hash_is_kept(district):
    code = district.code()
    body = {"code": code, "device_name": "窗口", "app_version": "1"}
    client = Client(district.url)

    first, second = client.post("/v1/enrol", body), client.post("/v1/enrol", body)

    assert first[0] == 200
    assert (second[0], second[1]["code"]) == (403, "code_used")
    with district.store.read() as connection:
        kept = str(list(connection.exec_driver_sql("SELECT * FROM enrol_code, device")))
    assert code.replace("-", "") not in kept
    assert first[1]["token"] not in kept


def test_one_code_admits_one_of_many_at_once(district):
    body = {"code": district.code(), "device_name": "窗口"}

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _n: Client(district.url).post("/v1/enrol", body)[0], range(6)))

    assert sorted(statuses) == [200, 403, 403, 403, 403, 403]


def test_a_device_whose_answer_was_lost_may_ask_again(district):
    body = {"code": district.code(), "device_name": "窗口", "device": "0198f3c2-7d10-7c3e-9a55-3f1c0d2b8e41"}
    client = Client(district.url)

    answers = [client.post("/v1/enrol", body) for _n in range(2)]

    assert [status for status, _body in answers] == [200, 200]
    assert answers[0][1]["device_no"] == answers[1][1]["device_no"]


def test_an_expired_code_is_refused(district):
    status, problem = Client(district.url).post("/v1/enrol", {"code": district.code(hours=-1), "device_name": "窗口"})

    assert (status, problem["code"]) == (403, "code_expired")


def test_guessing_codes_is_slowed_down(district):
    client = Client(district.url)

    statuses = [client.post("/v1/enrol", {"code": f"GUESS{n}", "device_name": "x"})[0] for n in range(12)]

    assert statuses == [403] * 10 + [429] * 2


def test_device_numbers_are_never_given_twice(district):
    bodies = [{"code": district.code(), "device_name": "窗口"} for _n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: Client(district.url).post("/v1/enrol", body)[1], bodies))

    assert sorted(answer["device_no"] for answer in answers) == [f"{n:02d}" for n in range(1, 9)]


@pytest.mark.parametrize("pack", [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)])
def test_bodies_travel_packed_both_ways(clerk, pack):
    name, compress = pack
    clerk.results(*(clerk.op(resident()) for _n in range(3)))
    body = compress(dump({"epoch": clerk.epoch, "cursors": {}}))

    answer = requests.post(
        clerk.url + "/v1/pull",
        data=body,
        headers={**clerk.headers, "Content-Encoding": name, "Accept-Encoding": name},
        timeout=30,
        stream=True,
    )

    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == name
    assert len(answer.raw.read(decode_content=False)) < 2000


def test_a_bomb_is_not_unpacked(clerk):
    for name, bomb in (("gzip", gzip.compress(b" " * 50_000_000)), ("zstd", zstandard.compress(b" " * 50_000_000))):
        answer = clerk.raw("/v1/push", bomb, **{"Content-Encoding": name})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("name", "status"), [("gzip", 400), ("zstd", 400), ("br", 415)])
def test_a_damaged_or_unknown_packing_is_a_problem(clerk, name, status):
    answer = clerk.raw("/v1/push", b"\x1f\x8bnonsense", **{"Content-Encoding": name})

    assert (answer.status_code, answer.json()["code"]) == (status, "bad_encoding")


def test_everything_wrong_is_a_problem_document(district, clerk):
    answers = [
        requests.get(district.url + "/nowhere", timeout=30),
        requests.get(district.url + "/v1/push", timeout=30),
        requests.get(district.url + "/v1/status", timeout=30),
        clerk.raw("/v1/enrol", b'{"code": 5}'),
        clerk.raw("/v1/pull", dump({"epoch": "another", "cursors": {}})),
        clerk.raw("/v1/pull", dump({"epoch": clerk.epoch, "cursors": {"x": -1}})),
        clerk.raw("/v1/digest", b"{}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 401, 400, 409, 400, 400]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["code"]


def test_the_schema_is_enough_to_write_a_record(clerk):
    kinds = clerk.get("/v1/schema")[1]["types"]
    shape = kinds["resident"]

    assert shape["required"] == ["name", "id_no"]
    assert shape["schema"]["properties"]["birth_date"] == {"type": ["string", "null"], "format": "date"}
    assert shape["schema"]["properties"]["name"]["maxLength"] == 50
    assert "01" in shape["schema"]["properties"]["id_type"]["enum"]
    assert kinds["vacancy"]["owner"]["remaining"] == "district"
    assert kinds["slip_print"]["conflict"]["way"] == "append"
    assert kinds["policy_param"]["writers"] == ["officer"]


def test_the_openapi_document_names_every_call(district):
    paths = requests.get(district.url + "/openapi.json", timeout=30).json()["paths"]

    assert {"/v1/enrol", "/v1/status", "/v1/push", "/v1/pull", "/v1/digest", "/v1/schema", "/health"} <= set(paths)
    assert "requestBody" in paths["/v1/push"]["post"]


def test_digest_is_of_type_id_and_revision(clerk):
    import hashlib

    records = [resident(n=n) for n in range(3)]
    clerk.results(*(clerk.op(record) for record in records))
    clerk.one(change("resident", records[0]["id"], 1, remark=(None, "改")))

    answer = clerk.post("/v1/digest", {"feed": f"station/{STATION}"})[1]

    expected = 0
    for record, rev in zip(records, (4, 2, 3), strict=True):
        expected ^= int.from_bytes(hashlib.sha256(f"resident|{record['id']}|{rev}".encode()).digest()[:8], "big")
    assert answer == {"head": 4, "types": {"resident": {"count": 3, "digest": f"{expected:016x}"}}}


def test_the_digests_of_some_feeds_come_at_once_each_as_it_would_alone(clerk):
    clerk.results(clerk.op(resident()), clerk.op(make("employer", name="云禾")))
    feeds = list(clerk.feeds)

    status, answer = clerk.post("/v1/digest", {"feeds": feeds})

    assert status == 200
    assert answer == {"feeds": {feed: clerk.post("/v1/digest", {"feed": feed})[1] for feed in feeds}}
    assert any(each["types"] for each in answer["feeds"].values())
    assert len(feeds) > 1


def test_digests_are_told_of_ones_own_feeds_and_of_so_many_at_once(clerk):
    own = clerk.feeds[0]

    assert clerk.post("/v1/digest", {"feeds": []}) == (200, {"feeds": {}})
    assert clerk.post("/v1/digest", {"feeds": [own, "station/330110012999"]})[0] == 403
    assert clerk.post("/v1/digest", {"feeds": [own] * (MAX_FEEDS + 1)})[0] == 400
    for odd in ([1], "x", {own: 1}, [None]):
        assert clerk.post("/v1/digest", {"feeds": odd})[0] == 400


def test_the_log_rebuilds_every_record(district, clerk):
    other = district.client()
    record = resident()
    clerk.one(record)
    other.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000008"), remark=(None, "甲")))
    clerk.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000009"), school=(None, "乙")))
    clerk.one(
        change("resident", record["id"], 3, deleted_at=(None, "2026-11-22T01:00:00Z"), delete_reason=(None, "丙"))
    )
    clerk.one(make("employer", name="云禾"))

    with district.store.read() as connection:
        report = verify(connection)

    assert report.faults == ()
    assert report.records == 3


def test_verify_finds_a_tampered_record(district, clerk):
    clerk.one(resident())
    with district.store.write() as connection:
        connection.exec_driver_sql("UPDATE record_head SET fields = '{}'")

    with district.store.read() as connection:
        assert verify(connection).faults


def test_an_inactive_member_of_staff_acts_no_more(clerk):
    staff = make("staff", name="方静", roles=["clerk"])
    clerk.one(staff)
    before = clerk.one(resident(), actor=staff["id"])
    clerk.one(change("staff", staff["id"], 1, active=(True, False)))

    after = clerk.one(resident(), actor=staff["id"])

    assert (before["outcome"], after["outcome"], after["code"]) == ("applied", "refused", "actor_inactive")


def test_a_supervisor_at_a_clerks_counter_acts_as_a_supervisor(clerk):
    boss = make("staff", name="陶丽华", roles=["supervisor"])
    clerk.one(boss)

    assert clerk.one(make("employer", name="云禾"), act="employer.verify", actor=boss["id"])["outcome"] == "applied"


def test_what_builds_on_a_refused_record_is_refused_until_it_is_made(clerk):
    person = resident(id_no="330110197002189992")
    registration = make("registration", resident_id=person["id"], reg_date="2026-11-22")

    bad, built = clerk.results(clerk.op(person), clerk.op(registration))
    good = clerk.one({**person, "set": {**person["set"], "id_no": [None, "330110197002189991"]}})
    again = clerk.one(registration)

    assert [each.get("code") for each in (bad, built)] == ["invalid_value", "builds_on_refused"]
    assert [each["outcome"] for each in (good, again)] == ["applied", "applied"]


def test_the_officer_reads_every_station_and_writes_none(district, clerk):
    clerk.one(resident())
    officer = district.client("officer", "330110000000")

    assert [entry["type"] for entry in officer.everything()] == ["resident"]
    assert officer.one(resident())["code"] == "not_allowed"
    policy = make("policy_param", key="ref.valid_days", value=10, effective_from="2026-01-01")
    assert officer.one(policy)["outcome"] == "applied"


def test_the_same_value_on_both_sides_is_no_conflict(district, clerk):
    other = district.client()
    record = resident()
    clerk.one(record)
    other.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000008")))

    result = clerk.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000008")))

    assert result["outcome"] == "merged"
    assert len(clerk.everything()) == 2


def test_the_command_serves_makes_codes_lists_and_revokes(tmp_path):
    env = {**os.environ, "DOORSTEP_DISTRICT_DATA": str(tmp_path), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "app.district"]

    def run(*words):
        return subprocess.run([*command, *words], env=env, capture_output=True, text=True, timeout=60)

    server = subprocess.Popen(
        [*command, "serve", "--port", "0"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        url = server.stdout.readline().strip().rpartition("：")[2]
        code = run("enrol-code", "--station", STATION, "--role", "clerk").stdout.strip()
        client = Client(url)
        client.take(client.post("/v1/enrol", {"code": code, "device_name": "窗口"})[1])
        listed = run("devices").stdout
        revoked = run("revoke", client.device)
        assert client.device in listed
        assert revoked.returncode == 0
        assert client.get("/v1/status")[0] == 401
        assert run("verify").returncode == 0
        taken = run("serve", "--port", url.rpartition(":")[2])
        assert taken.returncode == 1
        assert "Traceback" not in taken.stderr
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


@pytest.mark.parametrize(
    "words",
    [
        ["enrol-code", "--station", "", "--role", "clerk"],
        ["enrol-code", "--station", "1", "--role", "king"],
        ["revoke", "nobody"],
        ["devices", "--database", "mysql://x/y"],
        ["devices", "--database", "postgresql://127.0.0.1:1/none"],
        ["serve", "--tls-cert", "nowhere.pem"],
    ],
)
def test_a_wrong_command_is_one_plain_sentence(words, capsys):
    status = main(words)

    captured = capsys.readouterr()
    assert status != 0
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""
