"""Whatever JSON arrives: an answer of the protocol, never a 5xx, never half a batch."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.models.registry import RECORD_TYPES
from tests.district.live import Client, Live, on_postgres, resident, running

WORDS = st.text(alphabet=st.characters(), max_size=12)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS,
    st.sampled_from(["2026-02-30", "2026-11-22", "2026-11-22T09:12:33.120+08:00", "0001-01-01T00:00:00+14:00", "01"]),
    st.sampled_from(["\x00", "\ud800", 10**30, -1, 2**53, 2**31, 1e308, "9999-12-31T23:59:59-14:00", "x" * 5000]),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
KINDS = [kind.name for kind in RECORD_TYPES]
NAMES = [name for kind in RECORD_TYPES for name in kind.fields]
PAIRS = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), WORDS), st.one_of(st.tuples(ANYTHING, ANYTHING), ANYTHING), max_size=5
)
EDITS = st.fixed_dictionaries(
    {
        "type": st.one_of(st.sampled_from([kind.name for kind in RECORD_TYPES]), ANYTHING),
        "set": st.one_of(PAIRS, ANYTHING),
    },
    optional={"id": st.one_of(st.sampled_from(["a", "b"]), ANYTHING), "base": st.one_of(st.integers(0, 9), ANYTHING)},
)

HEADINGS = st.sampled_from(["act", "actor", "reason", "made_at", "schema"])
BODIES = st.fixed_dictionaries({"epoch": ANYTHING, "ops": ANYTHING, "cursors": ANYTHING, "feed": ANYTHING})


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    if request.param == "sqlite":
        path: Path = tmp_path_factory.mktemp("fuzz") / "d.db"
        with running(f"sqlite:///{path}") as live:
            yield live
        return
    with on_postgres(request.getfixturevalue("postgres_server")) as live:
        yield live


@pytest.fixture(scope="module")
def fuzzer(server: Live) -> Client:
    return server.client()


RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def send(client: Client, body: object) -> tuple[int, dict]:
    answer = client.raw("/v1/push", json.dumps(body).encode())
    assert answer.status_code < 500, answer.text
    return answer.status_code, answer.json()


@RELAXED
@given(
    edits=st.lists(EDITS, max_size=3),
    extra=st.dictionaries(st.sampled_from(["act", "actor", "reason", "made_at", "schema"]), ANYTHING),
)
@example(edits=[resident("a")], extra={})
@example(edits=[{**resident("a"), "set": {"geo": [None, {"a": [[[[[[1]]]]]]}]}}], extra={})
def test_any_operation_gets_an_answer(fuzzer, edits, extra):
    seq = fuzzer.get("/v1/status")[1]["expect"]
    op = {
        "op": str(uuid.uuid4()),
        "seq": seq,
        "act": "x",
        "made_at": "2026-11-22T09:12:33+08:00",
        "edits": edits,
        **extra,
    }

    status, body = send(fuzzer, {"epoch": fuzzer.epoch, "ops": [op]})

    if status == 200:
        assert body["results"][0]["outcome"] in ("applied", "merged", "conflict", "refused")
        assert body["expect"] == seq + 1
        assert send(fuzzer, {"epoch": fuzzer.epoch, "ops": [op]})[1]["results"] == body["results"]
    else:
        assert (status, body["code"]) == (400, "malformed")
        assert fuzzer.get("/v1/status")[1]["expect"] == seq


@RELAXED
@given(
    body=st.one_of(
        ANYTHING, st.fixed_dictionaries({"epoch": ANYTHING, "ops": ANYTHING, "cursors": ANYTHING, "feed": ANYTHING})
    )
)
def test_any_body_gets_an_answer(fuzzer, body):
    for path in ("/v1/push", "/v1/pull", "/v1/digest"):
        answer = fuzzer.raw(path, json.dumps(body).encode())
        assert answer.status_code < 500, answer.text
        assert answer.json()
