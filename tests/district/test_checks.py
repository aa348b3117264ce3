"""The quick looks at a push say "surely right" only where the long way agrees."""

import string
from datetime import date, datetime, timedelta, timezone
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.district.checks import Refusal, _check_value, _edits_text, _fits, _made_text, _rules_of, blank
from app.errors import InvalidInputError
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.registry import RECORD_TYPES, find_type
from app.models.wire import DAY, INSTANT, LIST, NUMBER, OBJECT, TEXT, TRUTH, WHOLE, check_wire, from_wire
from app.sync.protocol import WireEdit, dumps, loads
from tests.factories import fictional_id

TEXTS = ["", " ", "葛守成", "a" * 400, "\x00", "\ud800", "19900000003", "50", "1", "91330110MA2CXXXX0B", "·", "葛·"]
TEXTS += [fictional_id("19700218", 996), "12345", "01", "2026-W48-6", "2026-02-30", "2026-11-28"]
ODD = [None, True, 0, -1, 2**40, 1.5, [], {}, ["01"], ["\x00"], {"a": "\ud800"}, [[[[]]]], "2026-11-28T00:00:00Z"]


def fitting(facts):
    """Return values of a field's kind, most of them right."""
    return _fitting(facts.kind, facts.code_list)


@cache
def _fitting(kind, codes_of):
    if codes_of is not None:
        codes = st.sampled_from([item.code for item in code_list(codes_of)])
        return st.lists(codes, max_size=3) if kind == LIST else codes
    return {
        TEXT: st.sampled_from(TEXTS) | st.text(string.printable + "葛守成·", max_size=30),
        WHOLE: st.integers(-5, 120),
        NUMBER: st.floats(0, 200, allow_nan=False),
        TRUTH: st.booleans(),
        DAY: st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat),
        INSTANT: st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
            lambda at: at.replace(tzinfo=timezone(timedelta(hours=8))).isoformat()
        ),
        LIST: st.just([]),
        OBJECT: st.just({}),
    }.get(kind, st.none())


@cache
def _records(name):
    return st.fixed_dictionaries(
        {
            field: fitting(facts) if facts.required else st.none() | fitting(facts)
            for field, facts in find_type(name).fields.items()
        }
    )


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.name)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_value_that_is_surely_right_is_right(kind, data):
    for name, surely in _fits(kind.name).items():
        new = data.draw(st.sampled_from(TEXTS + ODD) | fitting(kind.fields[name]))

        if surely(new) and _edits_text([WireEdit(kind.name, "1", 0, {name: [None, new]})])[1]:
            try:
                _check_value(kind, name, None, new)
            except Refusal as refusal:
                pytest.fail(f"{name} {new!r}: {refusal.code}")


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.name)
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_rules_that_surely_hold_are_kept_by_the_draft(kind, data):
    rules = _rules_of(kind.name)
    drawn = data.draw(_records(kind.name))
    values = {
        **blank(kind),
        **{name: value for name, value in drawn.items() if check_wire(kind.fields[name], value) is None},
    }
    rows = {
        name: from_wire(kind.fields[name], value)
        for name, value in values.items()
        if value is not None and name in rules.draft.model_fields
    }

    assert rules.hold(values) == rules.hold(values, listed=True)
    if rules.hold(values):
        try:
            parse_draft(rules.draft, rows, complete=False)
        except InvalidInputError as problem:
            pytest.fail(f"{values}: {problem.fields}")


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.name)
def test_the_text_of_a_new_record_is_its_values(kind):
    changed = dict.fromkeys(list(kind.fields)[:3], "葛守成")

    for given_values in ({}, changed, dict.fromkeys(kind.fields)):
        given = dumps(given_values)[1:-1]
        assert loads(_made_text(kind, given_values, given).encode()) == {**blank(kind), **given_values}
