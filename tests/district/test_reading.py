"""The quick reader of a push takes nothing that the long one reads otherwise, and leaves to it what it doubts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.district import reading
from app.sync.protocol import MalformedError

DEEP = "[" * 40 + "]" * 40
USUAL = {"op": "a-1", "seq": 1, "act": "x", "made_at": "2026-11-22T01:12:33.120Z", "edits": []}
EDIT = {"type": "resident", "id": "r-1", "base": 0, "set": {"name": [None, "沈以安"]}}
ODD = st.sampled_from(
    [
        *(
            "null",
            "true",
            "1",
            "-0",
            "1.0",
            "1e0",
            "1E400",
            "0.1",
            "[]",
            "{}",
            '""',
            '"x"',
            '"é"',
            '"\\u0000"',
            '"\\ud800"',
        ),
        *("9007199254740991", "9007199254740992", "-1", "9" * 30, "9" * 5000, "NaN", "Infinity", "01", "'x'", DEEP),
        *(
            '"2026-11-22T01:12:33Z"',
            '"2026-11-22"',
            f'"{"y" * 61}"',
            f'"{"z" * 300}"',
            '"a b"',
            '"\t"',
            '"\\ud83d\\ude00"',
        ),
        *(
            '{"a":1,"a":2}',
            "[[1,2]]",
            '{"name":[1,2]}',
            '{"name":[1]}',
            '{"name":[1,2,3]}',
            '{"name":[{"x":[1.50]},"\\/"]}',
        ),
    ]
)


def both(text):
    content = text if isinstance(text, bytes) else text.encode()
    try:
        found = reading._read_thoroughly(content)
    except MalformedError:
        found = None
    return reading._read_quickly(content), found


@given(
    place=st.sampled_from(
        [
            "epoch",
            "brief",
            "ops",
            *(f"op.{n}" for n in (*USUAL, "device", "actor", "reason", "schema")),
            *(f"edit.{n}" for n in EDIT),
            "set.name",
            "old",
            "new",
            "more",
        ]
    ),
    odd=ODD,
)
def test_what_is_read_quickly_is_read_alike(place, odd):
    text = body(place, odd)

    quick, thorough = both(text)

    if quick is not None:
        assert thorough is not None
        assert seen(quick) == seen(thorough)


def body(place, odd):
    """Return a push with one odd value at a place."""
    edit, op = dict(EDIT), dict(USUAL)
    mark = "@@"
    if place.startswith("edit."):
        edit[place[5:]] = mark
    elif place.startswith("op."):
        op[place[3:]] = mark
    elif place in ("set.name", "old", "new"):
        edit["set"] = {"name": mark if place == "set.name" else [mark, 1] if place == "old" else [1, mark]}
    if op["edits"] == []:
        op["edits"] = [edit]
    push = {"epoch": "e", "ops": [op]} | ({place: mark} if place in ("epoch", "brief", "ops", "more") else {})
    return json.dumps(push, ensure_ascii=False).replace(f'"{mark}"', odd)


def seen(push):
    """Return all that was read, so that 1, 1.0 and True differ and a pair is a pair, whatever it is made of."""
    epoch, ops, brief = push
    edits = [[(e.type, e.id, e.base, [(n, *p) for n, p in e.changes.items()]) for e in op.edits] for op in ops]
    heads = [(op.op, op.seq, op.device, op.act, op.actor, op.made_at, op.reason, op.schema, op.problem) for op in ops]
    return repr((epoch, brief, heads, edits))


def test_a_usual_push_is_read_quickly():
    quick, thorough = both(json.dumps({"epoch": "e", "brief": True, "ops": [{**USUAL, "edits": [EDIT]}]}))

    assert quick is not None
    assert seen(quick) == seen(thorough)
    assert quick[2] is True


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'"\xff"', b'{"epoch":"\xed\xa0\x80","ops":[]}', b"\xef\xbb\xbf{}", b"[" * 5000]
)
def test_what_is_no_push_is_left_to_the_long_reader(content):
    quick, thorough = both(content)

    assert quick is None
    assert thorough is None
