"""The promises of the protocol, tried from outside by a client that uses nothing of the program."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.district.live import OTHER, STATION, change, make, resident


def test_promise_1_a_repeat_gets_the_same_answer_and_has_one_effect(clerk):
    op = clerk.op(resident())
    first = clerk.push(op)

    again = [clerk.push(op) for _n in range(3)]
    in_one = clerk.push(op, op)[1]["results"]

    assert all(answer[1]["results"] == first[1]["results"] for answer in again)
    assert in_one == first[1]["results"] * 2
    assert len(clerk.everything()) == 1


def test_promise_1_the_stored_answer_does_not_change_when_the_record_moves_on(clerk):
    record = resident()
    op = clerk.op(record)
    first = clerk.results(op)
    clerk.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000009")))

    assert clerk.results(op) == first


def test_promise_1_holds_for_the_same_op_pushed_concurrently(district, clerk):
    ops = [clerk.op(resident()) for _n in range(20)]
    start = threading.Barrier(6)

    def send(_n):
        start.wait()
        return clerk.push(*ops)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))

    assert {status for status, _body in answers} == {200}
    assert all(body == answers[0][1] for _status, body in answers)
    assert len(clerk.everything()) == 20


def test_promise_2_a_gap_is_told_and_nothing_after_it_is_applied(clerk):
    first, second, third = (clerk.op(resident()) for _n in range(3))

    status, problem = clerk.push(first, third)

    assert (status, problem["code"], problem["expect"]) == (409, "seq_gap", 2)
    assert [each["op"] for each in problem["results"]] == [first["op"]]
    assert len(clerk.everything()) == 1
    assert [each["outcome"] for each in clerk.results(second, third)] == ["applied", "applied"]


def test_promise_2_a_number_is_used_once(clerk):
    clerk.one(resident())

    status, problem = clerk.push(clerk.op(resident(), seq=1))

    assert (status, problem["code"]) == (409, "seq_taken")
    assert len(clerk.everything()) == 1


def test_promise_2_reordered_and_repeated_batches_end_in_order(clerk):
    ops = [clerk.op(resident()) for _n in range(6)]

    clerk.push(*ops[4:])
    clerk.push(*ops[:3])
    clerk.push(*ops[1:5])
    clerk.push(*ops[2:])

    assert [entry["op"] for entry in clerk.everything()] == [op["op"] for op in ops]


def test_promise_3_a_reader_never_finds_a_late_entry(district, clerk):
    writers = [district.client() for _n in range(3)]
    reader = district.client()
    feed, market = f"station/{STATION}", "market/330110"
    seen, done = [], threading.Event()

    def read():
        while True:
            last = done.is_set()
            seen.extend(reader.pull(limit=7)["entries"])
            if last and not reader.pull(limit=1, cursors=reader.cursors)["more"]:
                return

    def write(client):
        for _n in range(12):
            client.results(*(client.op(resident(), make("employer", name="云禾")) for _m in range(3)))

    thread = threading.Thread(target=read)
    thread.start()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, writers))
    done.set()
    thread.join()
    reader.cursors and seen.extend(reader.everything())

    for name in (feed, market):
        assert [entry["seq"] for entry in seen if entry["feed"] == name] == list(range(1, 109))


def test_promise_4_an_operation_is_all_or_nothing_and_the_rest_goes_on(clerk):
    good, late = resident(), resident()
    ops = [clerk.op(good), clerk.op(resident(), resident(mobile="1" * 40)), clerk.op(late)]

    results = clerk.results(*ops)

    assert [each["outcome"] for each in results] == ["applied", "refused", "applied"]
    assert results[1]["field"] == "mobile"
    assert [entry["id"] for entry in clerk.everything()] == [good["id"], late["id"]]


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"shoe_size": 42}, "unknown_field", "shoe_size"),
        ({"rev": 7}, "unknown_field", "rev"),
        ({"mobile": 19900000003}, "wrong_kind", "mobile"),
        ({"name": "长" * 51}, "too_long", "name"),
        ({"birth_date": "1970-02-30"}, "impossible_date", "birth_date"),
        ({"edu_level": "77777"}, "unknown_code", "edu_level"),
        ({"mismatch_confirmed": None}, "required", "mismatch_confirmed"),
        ({"id_no": None}, "required", "id_no"),
        ({"id_no": "330110197002189992"}, "invalid_value", "id_no"),
        ({"geo": [1, 2]}, "wrong_kind", "geo"),
        ({"remark": "零\x00"}, "wrong_kind", "remark"),
        ({"remark": "\ud800"}, "wrong_kind", "remark"),
    ],
)  # fmt: skip
def test_promise_5_a_wrong_value_is_refused_with_code_and_field(clerk, values, code, field):
    result = clerk.one(resident(**values))

    assert (result["outcome"], result["code"], result["field"]) == ("refused", code, field)
    assert result["text"]
    assert clerk.everything() == []


def test_promise_5_an_unknown_type_is_refused(clerk):
    result = clerk.one(make("spaceship", name="x"))

    assert (result["outcome"], result["code"]) == ("refused", "unknown_type")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"epoch":1,"ops":[]}', b'{"ops":[]}', b"[" * 100_000,
     b'{"epoch":"x","ops":{}}', b'{"epoch":"x","ops":[1]}', b'{"epoch":"x","ops":[{"op":"a","seq":NaN}]}',
     b'{"epoch":"x","ops":[{"op":"a","seq":1e400}]}', b'{"epoch":"x","ops":[{"op":"a","seq":' + b"9" * 5000 + b"}]}"],
)  # fmt: skip
def test_promise_5_malformed_json_is_a_400_problem(clerk, content):
    answer = clerk.raw("/v1/push", content)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "malformed"


def test_promise_5_a_malformed_operation_stops_its_whole_batch(clerk):
    good = clerk.op(resident())
    bad = clerk.op(resident())
    del bad["edits"]

    status, problem = clerk.push(good, bad)

    assert (status, problem["code"], problem["field"]) == (400, "malformed", "ops[1].edits")
    assert clerk.everything() == []


def test_promise_5_too_much_at_once_is_a_413(clerk):
    many = clerk.push(*(clerk.op(resident()) for _n in range(501)))
    long = clerk.raw("/v1/push", b" " * (2 * 1024 * 1024 + 1))

    assert (many[0], many[1]["code"]) == (413, "too_many_ops")
    assert (long.status_code, long.json()["code"]) == (413, "too_large")


def test_promise_6_no_call_lets_a_trainer_read_a_resident(district, clerk):
    clerk.one(resident())
    trainer = district.client("trainer")
    feed = f"station/{STATION}"

    statuses = [
        trainer.post("/v1/pull", {"epoch": trainer.epoch, "cursors": {feed: 0}})[0],
        trainer.post("/v1/digest", {"feed": feed})[0],
    ]

    assert statuses == [403, 403]
    assert trainer.feeds == ["training/330110"]
    assert list(trainer.heads()) == ["training/330110"]
    assert trainer.everything() == []


def test_promise_6_another_devices_answer_is_not_a_way_round(district, clerk):
    op = clerk.op(resident())
    clerk.results(op)
    trainer, stranger = district.client("trainer"), district.client("clerk", OTHER)

    answers = [trainer.results({**op, "seq": 1}), stranger.results({**op, "seq": 1})]

    assert all(answer[0]["records"] == [] for answer in answers)


def test_promise_6_a_device_writes_only_what_its_role_may(district, clerk):
    trainer = district.client("trainer")

    by_trainer = trainer.one(resident())
    policy = clerk.one(make("policy_param", key="ref.valid_days", value=10, effective_from="2026-01-01"))
    remaining = clerk.one(make("vacancy", employer_id=str(uuid.uuid4()), title="保洁", remaining=9))
    acting = clerk.one(resident(), act="vacancy.publish")

    assert [each.get("code") for each in (by_trainer, policy, remaining, acting)] == [
        "not_allowed", "not_allowed", "not_yours", "not_allowed"
    ]  # fmt: skip


def test_promise_6_one_station_never_touches_anothers_record(district, clerk):
    mine = resident()
    clerk.one(mine)
    stranger = district.client("clerk", OTHER)

    refused = stranger.one(change("resident", mine["id"], 1, mobile=("19900000003", "19900000009")))

    assert (refused["outcome"], refused["code"]) == ("refused", "unknown_record")
    assert stranger.everything() == []
    assert clerk.everything()[0]["values"]["mobile"] == "19900000003"


def test_promise_6_revoked_is_401_at_every_call(district, clerk):
    from app.district import accounts

    with district.store.write() as connection:
        accounts.revoke(connection, clerk.device)

    answers = [
        clerk.get("/v1/status"),
        clerk.push(clerk.op(resident())),
        clerk.post("/v1/pull", {"epoch": clerk.epoch, "cursors": {}}),
        clerk.post("/v1/digest", {"feed": clerk.feeds[0]}),
    ]

    assert {(status, body["code"]) for status, body in answers} == {(401, "revoked")}


def test_promise_6_an_unknown_token_is_401(district, clerk):
    clerk.token = "dst_guess"

    status, problem = clerk.get("/v1/status")

    assert (status, problem["code"]) == (401, "unknown_token")


@pytest.mark.parametrize("year", ["1970", "2050", "9999", "0001"])
def test_promise_10_the_hour_a_device_states_decides_nothing(district, clerk, year):
    other = district.client()
    record = resident()
    clerk.one(record)
    other.one(change("resident", record["id"], 1, mobile=("19900000003", "19900000008")))

    result = clerk.one(
        change("resident", record["id"], 1, mobile=("19900000003", "19900000009")),
        made_at=f"{year}-01-01T00:00:00.000+08:00",
    )

    assert result["outcome"] == "conflict"
    assert result["records"][0]["values"]["mobile"] == "19900000008"


def test_promise_11_the_last_five_schemas_are_read_and_an_unknown_one_is_refused(clerk):
    newest = clerk.get("/v1/schema")[1]["op_schema"]["max"]

    taken = [clerk.one(resident(), schema=n)["outcome"] for n in range(max(1, newest - 4), newest + 1)]
    refused = clerk.one(resident(), schema=newest + 1)

    assert set(taken) == {"applied"}
    assert (refused["outcome"], refused["code"]) == ("refused", "schema_unknown")
