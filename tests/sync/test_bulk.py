"""What pages of many records are read and written with: quicker than the general way, and the same."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.db.database import make_engine
from app.db.inserts import _binder
from app.models.resident import Resident
from app.sync.protocol import Entry, dumps, parse_snapshot
from app.sync.rows import Row, _new_columns, shape_of

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
