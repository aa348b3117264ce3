"""A value that only one record of the whole district may hold: the number of a slip."""

import threading
import uuid

import pytest
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.store import DistrictStore
from app.district.verify import verify
from app.models.district import DistrictFact, UniqueValue
from tests.district.live import OTHER, change, make

NUMBER = "TJ330110261101-0007"


@pytest.fixture
def other(district):
    """Return an enrolled counter of another station."""
    return district.client(station=OTHER)


def slip(number=NUMBER, **values):
    fresh = {"slip_no": number, "resident_id": str(uuid.uuid4()), "vacancy_id": str(uuid.uuid4())}
    return make("referral", **{**fresh, "issued_at": "2026-11-22T01:00:00Z", "valid_until": "2026-12-02", **values})


def told(result):
    return result["outcome"], result.get("code"), result.get("field")


REFUSED = ("refused", "number_taken", "slip_no")


def test_a_number_that_another_station_used_is_refused(clerk, other, district):
    clerk.one(slip())

    result = other.one(slip())

    assert told(result) == REFUSED
    assert result["text"]
    assert not [entry for entry in other.everything() if entry["type"] == "referral"]


def test_a_number_twice_in_one_batch_is_given_once(clerk):
    results = clerk.results(clerk.op(slip()), clerk.op(slip()), clerk.op(slip("TJ330110261101-0008")))

    assert [told(result)[:2] for result in results] == [
        ("applied", None),
        ("refused", "number_taken"),
        ("applied", None),
    ]


def test_a_number_twice_in_one_operation_is_refused(clerk):
    assert told(clerk.one(slip(), slip())) == REFUSED
    assert clerk.one(slip())["outcome"] == "applied"


def test_two_stations_at_the_same_instant_one_has_the_number(district, clerk, other):
    """In opposite order, so that each would wait for the other's."""
    numbers = [f"TJ330110261101-{n:04d}" for n in range(40)]
    answers = {}
    start = threading.Barrier(2)

    def send(client, wanted):
        start.wait()
        answers[client.device] = client.push(*[client.op(slip(number)) for number in wanted])

    threads = [
        threading.Thread(target=send, args=(client, wanted))
        for client, wanted in ((clerk, numbers), (other, numbers[::-1]))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [status for status, _answer in answers.values()] == [200, 200]
    outcomes = [result["outcome"] for _status, answer in answers.values() for result in answer["results"]]
    assert sorted(outcomes) == ["applied"] * 40 + ["refused"] * 40
    with district.store.read() as connection:
        assert verify(connection).faults == ()


def test_a_void_or_deleted_slip_keeps_its_number(clerk, other):
    void, gone = slip(), slip("TJ330110261101-0008")
    made = clerk.results(clerk.op(void), clerk.op(gone))
    revs = [result["records"][0]["rev"] for result in made]
    clerk.one(change("referral", void["id"], revs[0], state=["10", "91"], void_reason=[None, "1"]))
    clerk.one(change("referral", gone["id"], revs[1], deleted_at=[None, "2026-11-23T01:00:00Z"]))

    results = other.results(other.op(slip()), other.op(slip("TJ330110261101-0008")))

    assert [told(result) for result in results] == [REFUSED, REFUSED]


def test_a_record_may_be_edited_and_keeps_every_number_it_ever_had(clerk, other):
    mine = slip()
    rev = clerk.one(mine)["records"][0]["rev"]

    edited = clerk.one(change("referral", mine["id"], rev, remark=[None, "电话里说过"]))
    moved = clerk.one(change("referral", mine["id"], rev, slip_no=[NUMBER, "TJ330110261101-0008"]))
    back = clerk.one(change("referral", mine["id"], rev, slip_no=["TJ330110261101-0008", NUMBER]))

    assert [result["outcome"] for result in (edited, moved, back)] == ["applied"] * 3
    assert [told(other.one(slip(number))) for number in (NUMBER, "TJ330110261101-0008")] == [REFUSED, REFUSED]


def test_an_edit_to_a_number_of_another_slip_is_refused(clerk):
    taken, mine = slip(), slip("TJ330110261101-0008")
    rev = clerk.results(clerk.op(taken), clerk.op(mine))[1]["records"][0]["rev"]

    result = clerk.one(change("referral", mine["id"], rev, slip_no=["TJ330110261101-0008", NUMBER]))

    assert told(result) == REFUSED


def test_a_slip_refused_for_another_reason_leaves_its_number_free(clerk, other):
    refused = clerk.one(slip(referral_mode="no such code"))

    result = other.one(slip())

    assert (refused["outcome"], result["outcome"]) == ("refused", "applied")


def test_a_district_from_before_there_was_this_rule_knows_its_numbers(district, clerk, other):
    clerk.one(slip())
    with district.store.write() as connection:
        connection.execute(sa.delete(table_of(UniqueValue)))
        connection.execute(sa.delete(table_of(DistrictFact)).where(table_of(DistrictFact).c.key == "unique_fields"))

    again = DistrictStore(district.database_url)
    again.prepare()
    again.close()

    assert told(other.one(slip())) == REFUSED


def test_the_schema_tells_which_fields_are_unique(clerk):
    types = clerk.get("/v1/schema")[1]["types"]

    assert types["referral"]["unique"] == ["slip_no"]
    assert types["resident"]["unique"] == []
