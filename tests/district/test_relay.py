"""Operations that a neighbour brings to the district: one effect by any route, and nothing forged."""

import base64
import hashlib
import hmac
import json
import threading

import pytest
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district import accounts
from app.models.district import ReceivedOp
from tests.district.live import OTHER, Client, change, resident


def prove(client, body):
    """As docs/protocol.md tells it to a client in any language."""
    token_hash = hashlib.sha256(client.token.encode()).hexdigest()
    key = hmac.new(token_hash.encode(), b"doorstep operation proof 1", hashlib.sha256).digest()
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def seal(owner, op, **more):
    body = json.dumps({**op, "device": owner.device, **more}, ensure_ascii=False)
    return {"body": body, "proof": prove(owner, body)}


def bring(carrier, owner, *sealed, epoch=None):
    return carrier.post("/v1/relay", {"epoch": epoch or carrier.epoch, "device": owner.device, "ops": list(sealed)})


def effects(district, op):
    with district.store.read() as connection:
        table = table_of(ReceivedOp)
        return connection.execute(sa.select(sa.func.count()).where(table.c.op == op)).scalar()


@pytest.fixture
def owner(district):
    return district.client("supervisor")


@pytest.fixture
def carrier(district):
    return district.client()


def test_what_a_neighbour_brings_is_as_if_its_device_had_pushed_it(district, owner, carrier):
    op = owner.op(resident("r-1"))

    status, answer = bring(carrier, owner, seal(owner, op))
    again = owner.results(op)

    assert (status, answer["expect"]) == (200, 2)
    assert answer["results"] == again
    assert [entry["device"] for entry in carrier.everything()] == [owner.device]
    assert owner.get("/v1/status")[1]["expect"] == 2
    assert effects(district, op["op"]) == 1


def test_the_same_operations_by_relay_and_push_at_once_have_one_effect(district, owner, carrier):
    ops = [owner.op(resident(f"r-{n}", n)) for n in range(20)]
    sealed = [seal(owner, op) for op in ops]
    answers = []

    threads = [
        threading.Thread(target=lambda: answers.append(owner.push(*ops))),
        threading.Thread(target=lambda: answers.append(bring(carrier, owner, *sealed))),
        threading.Thread(target=lambda: answers.append(bring(carrier, owner, *sealed[:7]))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    whole = [answer["results"] for status, answer in answers if len(answer.get("results", ())) == 20]
    assert [status for status, _answer in answers] == [200, 200, 200]
    assert whole[0] == whole[1]
    assert len(carrier.everything()) == 20
    assert all(effects(district, op["op"]) == 1 for op in ops)


def test_an_operation_changed_on_the_way_is_refused_with_all_that_came_with_it(district, owner, carrier):
    good, bad = seal(owner, owner.op(resident("r-1"))), seal(owner, owner.op(resident("r-2")))
    bad["body"] = bad["body"].replace("葛守成", "葛守城")

    status, answer = bring(carrier, owner, good, bad)

    assert (status, answer["code"], answer["index"]) == (403, "proof_invalid", 1)
    assert carrier.everything() == []
    assert owner.get("/v1/status")[1]["expect"] == 1


def test_a_neighbour_cannot_make_up_an_operation(owner, carrier):
    op = owner.op(resident("r-1"))
    forged = {**seal(carrier, op), "body": json.dumps({**op, "device": owner.device})}
    forged["proof"] = prove(carrier, forged["body"])

    status, answer = bring(carrier, owner, forged)

    assert (status, answer["code"]) == (403, "proof_invalid")


def join_again(district, owner):
    again = {"code": district.code("supervisor"), "device_name": "窗口", "device": owner.device}
    status, answer = owner.post("/v1/enrol", again)
    assert status == 200
    owner.take(answer)


def test_what_a_device_sealed_under_its_earlier_tokens_is_taken_once(district, owner, carrier):
    first, second = owner.op(resident("r-1")), owner.op(resident("r-2"))
    sealed = [seal(owner, first)]
    join_again(district, owner)
    sealed.append(seal(owner, second))
    join_again(district, owner)

    taken = [bring(carrier, owner, *sealed), bring(carrier, owner, seal(owner, first), seal(owner, second))]

    assert [(status, answer["expect"]) for status, answer in taken] == [(200, 3), (200, 3)]
    assert [effects(district, op["op"]) for op in (first, second)] == [1, 1]


def test_what_it_sealed_under_a_token_that_was_revoked_is_not_and_which_is_told(district, owner, carrier):
    op = owner.op(resident("r-1"))
    old = [seal(owner, op)]
    join_again(district, owner)
    old.append(seal(owner, op))
    with district.store.write() as connection:
        accounts.revoke(connection, owner.device)
    join_again(district, owner)
    join_again(district, owner)  # a later token does not make them good again

    refused, taken = [bring(carrier, owner, each) for each in old], bring(carrier, owner, seal(owner, op))

    assert [(status, said["code"], said["index"]) for status, said in refused] == [(403, "owner_revoked", 0)] * 2
    assert (taken[0], taken[1]["expect"]) == (200, 2)


def test_a_token_of_another_device_proves_nothing_of_this_one(district, owner, carrier):
    op = owner.op(resident("r-1"))
    body = seal(owner, op)["body"]
    sealed = {"body": body, "proof": prove(carrier, body)}
    join_again(district, carrier)

    status, answer = bring(carrier, owner, sealed)

    assert (status, answer["code"]) == (403, "proof_invalid")


def test_a_gap_is_told_and_nothing_after_it_is_applied(owner, carrier):
    first, second, third = (owner.op(resident(f"r-{n}", n)) for n in range(3))

    status, answer = bring(carrier, owner, seal(owner, first), seal(owner, third))

    assert (status, answer["code"], answer["expect"]) == (409, "seq_gap", 2)
    assert [result["op"] for result in answer["results"]] == [first["op"]]
    assert bring(carrier, owner, seal(owner, second), seal(owner, third))[1]["expect"] == 4


def test_one_whose_number_was_used_again_is_taken_without_a_number_once(district, owner, carrier):
    lost = owner.op(resident("r-1"), seq=1)
    owner.one(resident("r-2", 2))

    first, again = (bring(carrier, owner, seal(owner, lost)) for _time in range(2))

    assert first == again
    assert (first[0], first[1]["expect"], first[1]["results"][0]["outcome"]) == (200, 2, "applied")
    assert effects(district, lost["op"]) == 1
    assert owner.push(owner.op(resident("r-3", 3), seq=1))[1]["code"] == "seq_taken"


def test_the_device_itself_may_send_it_under_its_next_number_and_goes_on_from_there(district, owner, carrier):
    lost = owner.op(resident("r-1"), seq=1)
    owner.one(resident("r-2", 2))
    bring(carrier, owner, seal(owner, lost))

    status, answer = owner.push({**lost, "seq": 2}, owner.op(resident("r-3", 3), seq=3))

    assert (status, answer["expect"]) == (200, 4)
    assert [result["outcome"] for result in answer["results"]] == ["applied", "applied"]
    assert effects(district, lost["op"]) == 1


def test_what_was_sealed_in_an_earlier_life_is_judged_by_its_old_values(district, owner, carrier):
    owner.one(resident("r-1"), resident("r-2", 2))
    for record in ("r-1", "r-2"):
        owner.one({"type": "resident", "id": record, "base": 1, "set": {"mobile": ["19900000003", "19900000004"]}})
    makes, fits, asks = (
        owner.op(resident("r-3", 3)),
        owner.op({"type": "resident", "id": "r-1", "base": 9, "set": {"mobile": ["19900000004", "19900000005"]}}),
        owner.op({"type": "resident", "id": "r-2", "base": 9, "set": {"mobile": ["19900000009", "19900000005"]}}),
    )
    carrier.one({"type": "resident", "id": "r-2", "base": 4, "set": {"mobile": ["19900000004", "19900000006"]}})

    status, answer = bring(carrier, owner, *(seal(owner, op, epoch="an-earlier-life") for op in (makes, fits, asks)))

    assert status == 200
    assert [result["outcome"] for result in answer["results"]] == ["applied", "applied", "conflict"]
    assert all(effects(district, op["op"]) == 1 for op in (makes, fits, asks))


def test_a_revoked_devices_work_is_not_taken_from_a_neighbour(district, owner, carrier):
    sealed = seal(owner, owner.op(resident("r-1")))
    with district.store.write() as connection:
        accounts.revoke(connection, owner.device)

    status, answer = bring(carrier, owner, sealed)

    assert (status, answer["code"]) == (403, "owner_revoked")
    assert carrier.everything() == []


def test_only_the_stations_own_counters_may_bring_and_an_unknown_device_is_answered_alike(district, owner, carrier):
    strangers = [district.client("clerk", OTHER), district.client("trainer"), district.client("officer")]
    nobody = Client(carrier.url)
    nobody.token, nobody.device = "dst_nobody", "nobody"
    sealed = seal(owner, owner.op(resident("r-1")))

    answers = [bring(stranger, owner, sealed) for stranger in strangers]
    answers.append(bring(carrier, nobody, seal(nobody, nobody.op(resident("r-1")))))

    assert {(status, answer["code"]) for status, answer in answers} == {(403, "not_your_station")}


def test_who_brings_reads_only_records_of_feeds_of_its_own(district, owner):
    operator = district.client("operator")
    employer = {"type": "employer", "id": "e-1", "base": 0, "set": {"name": [None, "云禾"]}}
    market = owner.one(employer)
    assert market["records"], market
    person = owner.op(resident("r-1"))

    both = bring(operator, owner, seal(owner, person))[1]["results"]

    assert [record["type"] for record in both[0]["records"]] == ["resident"]


FRAMES = [
    {},
    {"epoch": 1, "device": "d", "ops": []},
    {"epoch": "e", "device": "", "ops": []},
    {"epoch": "e", "device": "d", "ops": {}},
    {"epoch": "e", "device": "d", "ops": [1]},
    {"epoch": "e", "device": "d", "ops": [{"body": 1, "proof": ""}]},
    {"epoch": "e", "device": "d", "ops": [{"body": "", "proof": None}]},
]
BODIES = ["", "{", "[]", '{"op":"x"}', '{"op":"x","seq":1,"edits":{}}', '"\\ud800"']


def test_a_wrong_frame_is_malformed_and_so_is_a_proven_text_that_is_no_operation(owner, carrier):
    answers = [carrier.post("/v1/relay", frame) for frame in FRAMES]
    answers += [bring(carrier, owner, {"body": body, "proof": prove(owner, body)}) for body in BODIES]

    assert {(status, answer["code"]) for status, answer in answers} == {(400, "malformed")}


def test_a_text_that_is_no_unicode_proves_nothing(owner, carrier):
    status, answer = bring(carrier, owner, {"body": "\ud800", "proof": "\ud800"})

    assert status in (400, 403)
    assert answer["code"] in ("malformed", "proof_invalid")


def test_the_stations_counters_are_told_one_key_and_a_trainer_none(district, owner, carrier):
    trainer, elsewhere = district.client("trainer"), district.client("clerk", OTHER)

    keys = [each.get("/v1/status")[1]["station_keys"] for each in (owner, carrier, trainer, elsewhere)]

    assert keys[0] == keys[1] != keys[3]
    assert [item["number"] for item in keys[0]] == [1]
    assert len(base64.b64decode(keys[0][0]["key"])) == 32
    assert keys[2] == []


def test_a_revocation_makes_a_new_key_and_keeps_the_old_one(district, owner, carrier):
    before = owner.get("/v1/status")[1]["station_keys"]

    for _time in range(2):  # a second revocation of the same device is none
        with district.store.write() as connection:
            accounts.revoke(connection, carrier.device)

    after = owner.get("/v1/status")[1]["station_keys"]
    assert after[:1] == before
    assert [item["number"] for item in after] == [1, 2]


def test_status_tells_what_is_wanted_of_each_neighbour(district, owner, carrier):
    trainer, elsewhere = district.client("trainer"), district.client("clerk", OTHER)
    owner.results(owner.op(resident("r-1")), owner.op(change("resident", "r-1", 1, remark=[None, "早班"])))

    peers = {each.device: each.get("/v1/status")[1]["peers"] for each in (owner, carrier, trainer, elsewhere)}
    with district.store.write() as connection:
        accounts.revoke(connection, owner.device)

    assert peers == {
        owner.device: {carrier.device: 1},
        carrier.device: {owner.device: 3},
        trainer.device: {},
        elsewhere.device: {},
    }
    assert carrier.get("/v1/status")[1]["peers"] == {}
