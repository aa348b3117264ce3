"""What pages of many records are read and written with: quicker than the general way, and the same."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from json import loads
from pathlib import Path

import msgspec
import pytest

from app.db.database import make_engine
from app.db.inserts import _binder
from app.errors import ProtocolError
from app.models.resident import Resident
from app.sync.apply import apply_entries
from app.sync.protocol import Entry, dumps, parse_snapshot
from app.sync.rows import Row, _new_columns
from app.sync.shapes import shape_of, stored_text
from app.sync.working_out import made_of, making_of, moments_of, words_of, work_ahead
from tests.factories import RESIDENT
from tests.sync.world import Counter

ID = "0198f3c2-7d10-7c3e-9a55-000000000001"


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b"])
def test_a_text_with_an_unusual_line_break_does_not_tear_a_snapshot(mark: str) -> None:
    record = {"feed": "station/1", "seq": 1, "op": "o", "act": "a", "type": "resident", "id": ID, "rev": 1}
    record |= {"values": {"remark": f"上午{mark}来过"}}
    end = {"end": True, "feed": "station/1", "epoch": "e", "head": 1, "after": 1, "more": False, "total": 1}

    page = parse_snapshot(f"{dumps(record)}\n{dumps(end)}\n".encode())

    assert [each.values["remark"] for each in page.entries] == [f"上午{mark}来过"]


def test_a_moment_is_stored_as_the_library_stores_it(tmp_path: Path) -> None:
    dialect = make_engine(tmp_path / "a.db", None).dialect
    kind = Resident.__table__.c.created_at.type  # type: ignore[attr-defined]
    usual, ours = kind.dialect_impl(dialect).bind_processor(dialect), _binder(kind, dialect)
    zones = (UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=9, minutes=30)))
    moments = [
        datetime(year, 12, 31, 23, 59, 59, part, zone)
        for year in (20, 1999, 2026)
        for part in (0, 1, 120_000)
        for zone in zones
    ]

    assert [ours(each) for each in moments] == [usual(each) for each in moments]
    assert ours(None) is None
    with pytest.raises(ValueError, match="timezone"):
        ours(datetime(2026, 1, 1))


def test_an_empty_value_is_left_to_the_table_only_where_that_is_what_the_table_holds() -> None:
    shape = shape_of("resident")
    wire = dict.fromkeys(("remark", "name"), "") | {"priority_groups": [], "geo": {}}
    entry = Entry(
        "station/1", 1, "o", "resident.edit", None, datetime(2026, 11, 22, tzinfo=UTC), "resident", ID, 1, wire
    )
    row = Row(1, wire, entry=entry)

    columns = _new_columns(shape, ID, row)

    assert columns["remark"] == ""
    assert columns["geo"] == {}
    assert "priority_groups" not in columns
    assert shape.common["priority_groups"] == []


def test_a_page_stored_at_once_leaves_what_its_entries_leave_one_by_one(new_counter: Callable[[], Counter]) -> None:
    page = [
        _entry(1, "a", name="沈以安", mobile="19900000001", created_at="2026-11-22T01:12:33.120Z"),
        _entry(2, "b", name="葛守成", remark="", geo={"lat": 30.25}, birth_date="1970-02-18", unheard=[1, None]),
        _entry(3, "a", name="沈以安", mobile="19900000002", priority_groups=["01"], mismatch_confirmed=True),
        _entry(4, "c", name="宋巧云", deleted_at="2026-11-22T09:12:33.120+08:00", delete_reason="重复"),
        _entry(5, "d", name="王小明"),
        msgspec.structs.replace(_entry(6, "d"), removed=True),
        msgspec.structs.replace(_entry(7, "s", name="x"), type="spaceship"),
        _entry(8, "e", name="贾望舒", op="op5"),
    ]
    whole, single = new_counter(), new_counter()

    with whole.database.write(None) as tx:
        apply_entries(tx, page)
    for entry in page:
        with single.database.write(None) as tx:
            apply_entries(tx, [entry])

    assert _tables(whole) == _tables(single)
    assert len(_tables(whole)["resident"]) == 4
    assert [row[1] for row in _tables(whole)["search_entry"] if row[2]] == ["a", "b", "e"]


_REQUIRED: dict[str, object] = {name: value for name, value in RESIDENT.items() if isinstance(value, str)}
_REQUIRED |= {"priority_groups": [], "mismatch_confirmed": False}


def _entry(seq: int, record_id: str, *, op: str | None = None, **values: object) -> Entry:
    made = datetime(2026, 11, 22, 1, 12, 33, 120_000, UTC)
    act = (op or f"op{seq}", "resident.edit", None, made)
    held = {**_REQUIRED, **values}
    return Entry("station/1", seq, *act, "resident", record_id, seq, held, "other", sparse=True)


def _tables(counter: Counter) -> dict[str, list[tuple[object, ...]]]:
    tables = {
        "resident": "SELECT * FROM resident ORDER BY id",
        "feed_record": "SELECT * FROM feed_record ORDER BY record_type, record_id",
        "operation": "SELECT * FROM operation ORDER BY op",
        "operation_edit": "SELECT * FROM operation_edit ORDER BY op, position",
        "search_entry": "SELECT record_type, record_id, tokens FROM search_entry ORDER BY record_id",
    }
    with counter.database.read() as tx:
        return {name: [tuple(row) for row in tx.sql(query)] for name, query in tables.items()}


def _bare(kind: str, **values: object) -> Entry:
    return Entry("station/1", 1, "o", "x", None, datetime(2026, 11, 22, tzinfo=UTC), kind, "r", 1, values)


def test_what_is_worked_out_ahead_is_what_its_turn_would_and_a_fault_waits_for_its_turn() -> None:
    values = {"name": "沈以安", "mobile": "19900000001", "remark": "", "priority_groups": [], "unheard": 1}
    values |= {"birth_date": "1970-02-18", "created_at": "2026-11-22T01:12:33.120Z", "graduate_date": None}
    whole, again = _bare("resident", **values), _bare("resident", **values)
    bad, unknown = _bare("resident", mobile="19900000002"), _bare("spaceship", name="x")

    work_ahead([whole, bad, unknown], history=True)

    worked = {
        "words": words_of(again),
        "making": making_of(again),
        "made": made_of(again),
        "moments": moments_of(again),
    }
    assert whole.__dict__ == worked
    assert made_of(whole) == "2026-11-22 00:00:00.000000"
    assert moments_of(whole) == {"birth_date": "1970-02-18", "created_at": "2026-11-22 01:12:33.120000"}
    assert "shenyian" in words_of(whole).split()
    assert loads(making_of(whole)) == {
        name: [None, values[name]] for name in values if values[name] not in ([], None, 1)
    }
    assert "words" not in bad.__dict__
    assert unknown.__dict__ == {}
    with pytest.raises(KeyError):
        words_of(bad)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2026-11-22T01:12:33.120Z",
            "2026-11-22T01:12:33Z",
            "2026-11-22T09:12:33.120+08:00",
            "2026-W47-7T01:12:33.120Z",
        ),
        *(
            "2026-11-22T01:12:33.120456Z",
            "0001-01-01T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
            "20261122T011233.120Z",
        ),
    ],
)
def test_an_instant_goes_from_the_wire_into_the_file_as_the_library_would_store_it(value: str, tmp_path: Path) -> None:
    dialect = make_engine(tmp_path / "a.db", None).dialect
    kind = Resident.__table__.c.created_at.type  # type: ignore[attr-defined]
    usual = kind.dialect_impl(dialect).bind_processor(dialect)

    assert stored_text(shape_of("resident"), "created_at", value) == usual(datetime.fromisoformat(value))


@pytest.mark.parametrize("value", ["1970-02-18", "19700218", "2026-W47-7"])
def test_so_does_a_day_and_what_is_none_is_told_by_its_field(value: str) -> None:
    shape = shape_of("resident")

    assert stored_text(shape, "birth_date", value) == date.fromisoformat(value).isoformat()
    for wrong in ("", "1970-02-30", "1970-2-18", 19700218, "２０２６-11-22"):
        with pytest.raises(ProtocolError, match="birth_date"):
            stored_text(shape, "birth_date", wrong)
