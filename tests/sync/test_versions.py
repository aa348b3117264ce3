"""Programs of different versions: old acts at a new district, new ones at an old district, and after the upgrade."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db import state
from app.errors import ProtocolError
from app.models.registry import find_type
from app.models.resident import Household, Resident
from app.services import outbox
from app.sync import apply, neighbours, placing, versions
from app.sync.engine import SyncEngine
from app.sync.neighbours import take_ops
from app.sync.placing import place_kept
from app.sync.proof import SealedOp
from app.sync.protocol import Entry, read_instant
from app.sync.versions import Terms, terms_of
from tests.district.live import STATION, Live, running
from tests.sync.world import Counter

FROZEN = (Path(__file__).parent / "data" / "ops_schema_1.jsonl").read_text("utf-8").splitlines()
FEED = f"station/{STATION}"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


@pytest.fixture
def counter(live: Live, new_counter: Any) -> Counter:
    return new_counter().join(live)


def reads(monkeypatch: pytest.MonkeyPatch, low: int, high: int) -> None:
    """Let the district read these schemas alone."""
    for where in ("app.district.sync_routes", "app.sync.protocol"):
        monkeypatch.setattr(f"{where}.SCHEMA_OLDEST", low)
        monkeypatch.setattr(f"{where}.SCHEMA_NEWEST", high)


def written_in(counter: Counter, schemas: dict[int, int]) -> None:
    with counter.database.write(None) as tx:
        for seq, schema in schemas.items():
            tx.session.connection().execute(
                text("UPDATE operation SET schema_version = :schema WHERE seq = :seq"), {"schema": schema, "seq": seq}
            )


OWN = "SELECT state FROM operation WHERE origin = 'local' ORDER BY seq"


def states(counter: Counter) -> list[str]:
    return counter.ask(lambda tx: [row.state for row in tx.sql(OWN)])


# Old acts, new district


def test_acts_as_the_first_program_wrote_them_are_taken_as_they_were_meant(district):
    old = district.client("supervisor")

    results = old.results(*(json.loads(line) for line in FROZEN))

    assert [result["outcome"] for result in results] == ["applied"] * len(FROZEN)
    stands = {(entry["type"], entry["id"]): entry["values"] for entry in old.everything()}
    meant: dict[tuple[str, str], dict[str, Any]] = {}
    for line in FROZEN:
        for edit in json.loads(line)["edits"]:
            fields = {name: new for name, (_old, new) in edit["set"].items()}
            meant.setdefault((edit["type"], edit["id"]), {}).update(fields)
    for key, fields in meant.items():
        kind = find_type(key[0])
        own = {name: value for name, value in fields.items() if kind.owner(name) != "district"}
        assert {name: stands[key].get(name) for name in own} == own


def test_a_district_says_which_schemas_and_packings_it_reads(live):
    answer = live.client().get("/v1/status")[1]

    assert answer["op_schema"] == {"min": 1, "max": 7}
    assert answer["protocol"] == {"min": 1, "max": 1}
    assert answer["encodings"] == ["zstd", "gzip"]


# New acts, old district


def test_what_an_older_district_cannot_take_waits_with_a_sentence_and_goes_after_its_upgrade(
    live, counter, new_counter, monkeypatch
):
    ids = [counter.register(name) for name in ("沈以安", "陆知夏", "冯巧云", "姚景行")]
    written_in(counter, {3: 5})
    other = new_counter().join(live)
    theirs = other.register("郑阿菊")
    other.sync()
    with monkeypatch.context() as older:
        reads(older, 1, 4)

        report = counter.sync()
        meanwhile, fetched = states(counter), counter.see(theirs)

    after = counter.sync()
    other.sync()

    assert (report.pushed, report.error[0]) == (2, "sync.district_old")
    assert "升级后自动送" in report.error[1]
    assert meanwhile[:4] == ["applied", "applied", "pending", "pending"]
    assert fetched.name == "郑阿菊"
    assert (after.error, after.pushed, after.agreed) == (None, 2, True)
    assert all(other.see(record_id) is not None for record_id in ids)
    assert counter.ask(outbox.sync_summary).parked == 0


def test_a_district_whose_protocol_is_older_than_ours_loses_nothing(counter):
    record_id = counter.register()
    counter.line.status = lambda: {"protocol": {"min": 0, "max": 0}, "epoch": "e", "expect": 1, "feeds": {}}

    report = counter.sync()

    assert report.error[0] == "sync.district_old"
    assert states(counter) == ["pending"]
    assert counter.see(record_id) is not None


# An old program, a new district


def test_a_program_whose_acts_are_too_old_keeps_them_and_pulls_nothing_until_its_upgrade(
    live, counter, new_counter, monkeypatch
):
    counter.register("沈以安")
    other = new_counter().join(live)
    theirs = other.register("郑阿菊")
    other.sync()
    with monkeypatch.context() as newer:
        reads(newer, 3, 7)

        report = counter.sync()
        meanwhile, fetched = states(counter), counter.see(theirs)

        newer.setattr(versions, "SCHEMA", 4)  # the program is upgraded: it states old acts in a schema that is read
        after = counter.sync()

    assert (report.pushed, report.pulled, report.error[0]) == (0, 0, "sync.version")
    assert "升级" in report.error[1]
    assert (meanwhile, fetched) == (["pending"], None)
    assert (after.error, after.pushed) == (None, 1)
    assert counter.see(theirs).name == "郑阿菊"
    with live.store.read() as connection:
        schemas = connection.execute(text("SELECT schema_version FROM received_op WHERE seq = 1")).scalars().all()
    assert sorted(schemas) == [1, 3]


def test_a_program_that_no_longer_speaks_the_protocol_still_sends_as_far_as_it_can(
    live, counter, new_counter, monkeypatch
):
    mine = counter.register("沈以安")
    other = new_counter().join(live)
    theirs = other.register("郑阿菊")
    other.sync()
    for name in ("PROTOCOL_MIN", "PROTOCOL_MAX"):
        monkeypatch.setattr(f"app.district.sync_routes.{name}", 2)

    report = counter.sync()
    monkeypatch.undo()
    other.sync()

    assert (report.pushed, report.pulled, report.error[0]) == (1, 0, "sync.version")
    assert counter.see(theirs) is None
    assert other.see(mine).name == "沈以安"


@pytest.mark.parametrize(
    ("said", "low", "high", "too_old"),
    [
        ({}, 1, 7, False),
        ({"protocol": None, "op_schema": "x"}, 1, 7, False),
        ({"op_schema": {"min": 1}}, 1, 7, False),
        ({"op_schema": {"min": 1, "max": 99}}, 1, 99, False),
        ({"op_schema": {"min": 2, "max": 9}}, 2, 9, True),
        ({"protocol": {"min": 2, "max": 3}}, 1, 7, True),
    ],
)
def test_what_a_district_says_of_itself_is_read_with_care(said, low, high, too_old):
    assert terms_of(said) == Terms(low, high, too_old=too_old)


def test_a_district_that_takes_everything_costs_no_look_at_the_acts():
    batch = ["not even JSON"]

    assert Terms().takes(batch) is batch


def test_nothing_behind_an_act_that_waits_is_sent():
    terms = Terms(1, 4)
    batch = [json.dumps({"op": str(n), "schema": schema}) for n, schema in enumerate((1, 4, 5, 1))]

    assert terms.takes(batch) == batch[:2]
    with pytest.raises(ProtocolError):
        terms.check_all_sent()


# After the upgrade: what was kept is placed


def entry(kind: str, record_id: str, rev: int, **values: Any) -> Entry:
    made = read_instant("2026-11-22T09:00:00+08:00")
    return Entry(FEED, rev, f"op{rev}", "x", None, made, kind, record_id, rev, values, "d")


def put(counter: Counter, *entries: Entry) -> None:
    with counter.database.write(None) as tx:
        apply.apply_entries(tx, entries)


def as_an_older_program_left_it(counter: Counter, record_id: str, **kept: Any) -> None:
    """Let a resident's fields lie where a program put them that did not know them yet."""
    put(counter, entry("resident", record_id, 2, name="葛守成", shoe_size=42))
    with counter.database.write(None) as tx, tx.applying():
        tx.session.connection().execute(text("UPDATE operation SET state = 'applied'"))
        tx.session.connection().execute(
            text("UPDATE resident SET remark = NULL, birth_date = NULL, extra = :extra WHERE id = :id"),
            {"extra": json.dumps({"shoe_size": 42, **kept}), "id": record_id},
        )
        state.set_state(tx.session, placing.PLACED_FOR, "older")


def keep_record(counter: Counter, kind: str, record_id: str, rev: int, **kept: Any) -> None:
    """Let a record lie where a program put it that did not know its type yet."""
    put(counter, entry("spaceship", record_id, rev, **kept))
    with counter.database.write(None) as tx:
        tx.session.connection().execute(
            text("UPDATE feed_record SET record_type = :kind WHERE record_id = :id"), {"kind": kind, "id": record_id}
        )


def test_fields_and_records_that_an_older_program_kept_are_placed_at_the_first_start(new_counter):
    counter = new_counter()
    record_id = counter.register()
    put(counter, entry("spaceship", "s1", 4, name="x"))
    fields = {"house_no": "5-2-301", "building": "溪桥苑五幢", "created_at": "2026-11-01T08:00:00+08:00"}
    keep_record(counter, "household", "h1", 3, **fields)
    keep_record(counter, "household", "h2", 5, building="溪桥苑六幢")  # without what every household must have
    as_an_older_program_left_it(counter, record_id, remark="要早班", birth_date="1971-03-04")

    report = SyncEngine(counter.database).run_once()
    again = place_kept(counter.database)

    row, household = counter.see(record_id), counter.see("h1", Household)
    assert report.error[0] == "sync.not_joined"
    assert (row.remark, row.birth_date, row.extra) == ("要早班", date(1971, 3, 4), {"shoe_size": 42})
    assert (household.rev, household.building) == (3, "溪桥苑五幢")
    kept = dict(counter.ask(lambda tx: tx.sql("SELECT record_id, kept FROM feed_record WHERE rev > 2")))
    assert kept.pop("h1") is None
    assert {name: json.loads(value) for name, value in kept.items()} == {
        "s1": {"name": "x"},
        "h2": {"building": "溪桥苑六幢"},
    }
    assert again == 0


def test_a_value_that_does_not_fit_its_field_stays_kept_and_an_unsent_edit_stands(new_counter):
    counter = new_counter()
    record_id, other = counter.register(), counter.register()
    for each in (record_id, other):
        as_an_older_program_left_it(counter, each, remark="旧的", birth_date="someday")
    counter.edit(record_id, Resident, remark="刚写的")

    place_kept(counter.database)

    assert counter.see(record_id).remark == "刚写的"
    assert counter.see(other).remark == "旧的"
    assert counter.see(other).extra == {"birth_date": "someday", "shoe_size": 42}
    assert counter.see(other).birth_date is None


def test_what_was_placed_under_unsent_work_stays_when_a_neighbours_act_shows_the_record_anew(new_counter):
    counter = new_counter()
    record_id = counter.register()
    as_an_older_program_left_it(counter, record_id, remark="要早班")
    with counter.database.write(None) as tx:
        tx.session.connection().execute(text("DELETE FROM server_row"))
    counter.edit(record_id, mobile="19900000008")
    with counter.database.write(None) as tx:  # the older program's ground did not know the field either
        tx.session.connection().execute(text("UPDATE server_row SET fields = json_remove(fields, '$.remark')"))

    place_kept(counter.database)
    heading = {"op": "n1", "device": "neighbour", "seq": 1, "act": "resident.edit", "schema": 1}
    heading["made_at"] = "2026-11-22T09:00:00+08:00"
    edit = {"type": "resident", "id": record_id, "base": 2, "set": {"school": [None, "余杭中学"]}}
    with counter.database.write(None) as tx:
        take_ops(tx, [SealedOp(json.dumps({**heading, "edits": [edit]}), "0" * 64)], route="lan", sender="neighbour")
    with counter.database.write(None) as tx:
        neighbours.drop(tx, ["n1"], because="not taken as it was")

    row = counter.see(record_id)
    assert (row.mobile, row.remark, row.school) == ("19900000008", "要早班", None)


def test_what_was_placed_is_found_by_search_and_agrees_with_the_district(live, counter):
    record_id = counter.register("沈以安")
    counter.sync()
    with counter.database.write(None) as tx, tx.applying():
        tx.session.connection().execute(
            text("UPDATE resident SET extra = :extra, name = '?' WHERE id = :id"),
            {"extra": json.dumps({"name": "沈以安"}), "id": record_id},
        )
        state.set_state(tx.session, placing.PLACED_FOR, "older")
    counter.reopen()

    report = counter.sync()

    assert (report.agreed, report.repaired) == (True, 0)
    assert counter.see(record_id).name == "沈以安"
    assert any("shenyian" in row.tokens for row in counter.ask(lambda tx: tx.sql("SELECT tokens FROM search_entry")))
