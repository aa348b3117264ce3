"""The rule of the district, over any order of edits: nothing is lost without a trace."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.registry import find_type
from app.sync.merge import merge

RESIDENT = find_type("resident")
EVENT = find_type("service_event")
FIELDS = ("mobile", "school", "remark", "created_by")
VALUES = st.sampled_from([None, "甲", "乙", "丙"])
CHANGES = st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1)
BEFORE = st.dictionaries(st.sampled_from(FIELDS), VALUES)
FOREIGN = st.sets(st.sampled_from(FIELDS))


def merged(values, changes, foreign=(), kind=RESIDENT):
    pairs = {name: (values.get(name), new) for name, new in changes.items()}
    return merge(kind, values, pairs, foreign=lambda name, _old: name in foreign, others=bool(foreign))


@settings(deadline=None)
@given(
    values=st.dictionaries(st.sampled_from(FIELDS), VALUES), changes=CHANGES, foreign=st.sets(st.sampled_from(FIELDS))
)
def test_every_pushed_value_stands_or_is_asked_or_is_the_districts_to_keep(values, changes, foreign):
    done = merged(values, changes, foreign)

    for name, new in changes.items():
        if values.get(name) == new:
            assert name not in done.take
            assert name not in done.ask
        elif name not in foreign:
            assert done.take[name] == new
        elif name in RESIDENT.keep_district:
            assert name in done.stood_off
        else:
            assert done.ask[name] == (new, values.get(name))
            assert name in done.stood_off
            assert name not in done.take


@settings(deadline=None)
@given(values=BEFORE, changes=CHANGES)
def test_without_others_everything_is_taken(values, changes):
    done = merged(values, changes)

    assert all({**values, **done.take}.get(name) == new for name, new in changes.items())
    assert not done.ask


@settings(deadline=None)
@given(changes=CHANGES, foreign=FOREIGN)
def test_the_same_edit_twice_changes_nothing_more(changes, foreign):
    once = {**changes, **merged({}, changes, foreign).take}

    again = merged(once, changes, foreign)

    assert not again.take
    assert not again.ask


def test_an_append_only_record_takes_the_later_value():
    done = merged({"detail": "甲"}, {"detail": "乙"}, {"detail"}, EVENT)

    assert done.take == {"detail": "乙"}
    assert not done.ask


def test_deleted_on_both_sides_is_agreed():
    done = merged({"deleted_at": "2026-11-22T01:00:00Z"}, {"deleted_at": "2026-11-22T02:00:00Z"}, {"deleted_at"})

    assert not done.take
    assert not done.ask


def test_the_same_instant_written_otherwise_is_no_change():
    done = merged({"created_at": "2026-11-22T01:00:00Z"}, {"created_at": "2026-11-22T09:00:00+08:00"}, {"created_at"})

    assert not done.take
    assert not done.ask
