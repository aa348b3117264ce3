"""Pages without empty fields: nothing of a record is lost by them, and who does not ask for them gets all fields."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.district.pull import without_nulls
from app.models.operation import OperationEdit
from app.services.unsent import edits_of
from app.sync.pages import read_page, read_snapshot
from app.sync.protocol import MalformedError, dumps, parse_page, parse_snapshot
from tests.district.live import STATION, change, resident

FEED = f"station/{STATION}"
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.lists(st.sampled_from(("01", "")), max_size=2),
    st.text(st.sampled_from('a,":{}[]\\nul '), max_size=12),
    st.sampled_from(('x,"a":null,"b":null', ',"b":null}', '{"a":null}', "null")),
)


@given(st.dictionaries(st.sampled_from(("a", "b", "c_1", "d")), VALUES))
def test_what_is_left_out_is_null_and_nothing_else(values):
    short = json.loads(without_nulls(dumps(values)))

    assert {**dict.fromkeys(values), **short} == values
    assert list(short) == [name for name in values if name in short]


def test_an_object_among_the_values_stays_whole():
    values = dumps({"geo": {"lat": 30.1, "lng": None}, "name": None})

    assert without_nulls(values) == values


def test_a_field_that_another_counter_emptied_is_empty_here_too(one, two):
    record_id = one.register(remark="上午来过", mobile="19900000003")
    one.sync()
    two.sync()
    one.edit(record_id, remark=None)
    one.sync()

    two.sync()

    assert two.see(record_id).remark is None
    assert two.see(record_id).mobile == "19900000003"
    assert [edit.changes for edit in history(two, record_id)][-1] == {"remark": ["上午来过", None]}


def test_a_field_emptied_by_others_is_the_ground_of_unsent_work_and_that_stays_on_top(one, two):
    record_id = one.register(remark="上午来过", mobile="19900000003")
    one.sync()
    two.sync()
    one.edit(record_id, remark=None, mobile="19900000004")
    one.sync()
    two.line.cut["push"] = 9
    two.edit(record_id, mobile="19900000005", live_addr="溪桥苑 1 幢")

    assert two.sync().error is not None
    two.line.cut.clear()
    report = two.sync()

    assert report.ok
    assert two.see(record_id).remark is None
    assert two.see(record_id).live_addr == "溪桥苑 1 幢"


def test_new_records_are_held_alike_whether_fetched_as_they_stand_or_with_their_past(one, two, clerk):
    records = [resident(name="沈以安", remark=None if n % 2 else f"第 {n} 号") for n in range(30)]
    clerk.results(*(clerk.op(each) for each in records))
    clerk.one(change("resident", records[0]["id"], 1, remark=["第 0 号", None]))
    two.engine._snapshot_from = 0

    reports = [one.sync(), two.sync()]

    assert all(report.ok and report.agreed and report.repaired == 0 for report in reports)
    held = [[each.see(record["id"]).model_dump() for record in records] for each in (one, two)]
    assert held[0] == held[1]
    assert [row["remark"] for row in held[0][:3]] == [None, None, "第 2 号"]


def test_who_does_not_ask_gets_every_field(clerk):
    clerk.one(resident())
    ask = {"epoch": clerk.epoch, "cursors": {FEED: 0}}

    (whole,) = clerk.post("/v1/pull", ask)[1]["entries"]
    (short,) = clerk.post("/v1/pull", {**ask, "sparse": True})[1]["entries"]

    assert "sparse" not in whole
    assert short["sparse"] is True
    assert whole["values"] == {**dict.fromkeys(whole["values"]), **short["values"]}
    assert len(short["values"]) < len(whole["values"])


ENTRY = {"feed": FEED, "seq": 1, "op": "o", "device": "d", "act": "a", "actor": None, "type": "resident", "id": "r"}
ENTRY |= {"rev": 1, "values": {"name": "沈以安", "geo": {"lat": 30.25}}, "made_at": "2026-11-22T01:12:33.120Z"}


@pytest.mark.parametrize(
    "made_at", ["2026-11-22T01:12:33.120Z", "2026-11-22T09:12:33.120+08:00", "2026-11-22T01:12:33.12"]
)
@pytest.mark.parametrize("more", [{}, {"removed": True}, {"sparse": True}, {"unheard": [1]}])
def test_a_page_is_read_from_its_bytes_as_it_is_read_from_its_objects(made_at, more):
    body = {"entries": [{**ENTRY, **more, "made_at": made_at}], "cursors": {FEED: 1}, "heads": {FEED: 1}, "more": False}
    page = read_page(dumps(body).encode())

    assert page == parse_page(body)
    assert page.entries[0].made_at == datetime(2026, 11, 22, 1, 12, 33, 120_000, UTC)
    assert page.entries[0].made_at.tzinfo is UTC


@pytest.mark.parametrize("odd", [{"made_at": "last week"}, {"seq": "1"}, {"values": None}, {"device": None}])
def test_an_odd_entry_is_left_to_the_patient_reader(odd):
    body = {"entries": [{**ENTRY, **odd}], "cursors": {FEED: 1}, "heads": {FEED: 1}, "more": False}
    end = {"end": True, "feed": FEED, "epoch": "e", "head": 1, "after": 1, "more": False, "total": 1}
    lines = f"{dumps(body['entries'][0])}\n{dumps(end)}\n".encode()

    assert read_page(dumps(body).encode()) is None
    assert read_snapshot(lines) == parse_snapshot(lines)
    assert read_snapshot(lines).entries == parse_page(body).entries


@pytest.mark.parametrize("cut", [1, 30, 150])
def test_a_snapshot_that_was_cut_off_is_refused(cut):
    end = {"end": True, "feed": FEED, "epoch": "e", "head": 1, "after": 1, "more": False, "total": 1}
    lines = f"{dumps(ENTRY)}\n{dumps(end)}\n".encode()

    with pytest.raises((MalformedError, ValueError)):
        read_snapshot(lines[: -cut - 1])


def history(counter, record_id):
    """Return a record's edits as this counter's log tells them, oldest first."""

    def ask(tx):
        ops = tx.rows(OperationEdit.__table__.select().where(OperationEdit.record_id == record_id))
        return [edit for op in dict.fromkeys(row.op for row in ops) for edit in edits_of(tx, op)]

    return sorted(counter.ask(ask), key=lambda edit: edit.rev or 0)
