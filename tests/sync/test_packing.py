"""Bodies packed with gzip and zstd, both ways, and none that swells beyond reason."""

import gzip
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from app.errors import OfflineError, ProtocolError
from app.sync.packing import pack, unpack
from app.sync.transport import HttpTransport
from tests.district.live import Client, Live, dump, resident, running
from tests.sync.test_transport import JSON, Portal, portal  # noqa: F401 - a fixture

LONG = json.dumps({"text": "就业" * 4000}).encode()


def packed(encoding: str, content: bytes) -> bytes:
    return {"gzip": gzip.compress, "zstd": zstandard.compress, "": bytes}[encoding](content)


@pytest.mark.parametrize("encoding", ["gzip", "zstd", ""])
def test_what_is_packed_comes_out_whole(encoding):
    assert unpack(io.BytesIO(packed(encoding, LONG)), encoding) == LONG


@pytest.mark.parametrize("encoding", ["gzip", "zstd", ""])
def test_an_answer_beyond_the_limit_is_refused_and_not_eaten(encoding):
    bomb = packed(encoding, bytes(8 * 1024 * 1024))
    source = io.BytesIO(bomb)

    with pytest.raises(ProtocolError) as caught:
        unpack(source, encoding, most=1024 * 1024)

    assert caught.value.code == "sync.answer_too_large"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_not_packed_as_it_says_is_not_taken_for_an_answer(encoding):
    with pytest.raises(OfflineError) as caught:
        unpack(io.BytesIO(bytes(1000)), encoding)

    assert caught.value.code == "sync.cut_off"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_half_an_answer_is_no_answer(portal, encoding):  # noqa: F811
    whole = packed(encoding, json.dumps({"epoch": "e", "pad": os.urandom(9000).hex()}).encode())
    Portal.answer = (200, {**JSON, "Content-Encoding": encoding}, whole[: len(whole) // 2])
    transport = HttpTransport(portal, "t")

    with pytest.raises(OfflineError) as caught:
        transport.status()

    transport.close()
    assert caught.value.code == "sync.cut_off"


def test_short_bodies_go_as_they_are():
    assert pack(b"{}", "zstd") == (b"{}", None)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_an_answer_of_either_packing_is_read_and_a_swollen_one_refused(portal, encoding):  # noqa: F811
    body = json.dumps({"epoch": "e", "pad": "x" * 100_000}).encode()
    Portal.answer = (200, {**JSON, "Content-Encoding": encoding}, packed(encoding, body))
    transport = HttpTransport(portal, "t")

    assert transport.status()["epoch"] == "e"
    transport.most_bytes = 10_000
    with pytest.raises(ProtocolError) as caught:
        transport.status()

    transport.close()
    assert caught.value.code == "sync.answer_too_large"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


@pytest.mark.parametrize("path", ["/v1/pull", "/v1/snapshot", "/v1/schema"])
def test_the_district_packs_long_answers_as_the_caller_takes_them(live, path):
    clerk = live.client()
    clerk.results(*(clerk.op(resident(n=n)) for n in range(20)))
    feed = next(feed for feed in clerk.feeds if feed.startswith("station/"))
    transport = HttpTransport(live.url, clerk.token)
    body = json.dumps({"epoch": clerk.epoch}).encode() if path == "/v1/pull" else None
    where = f"{path}/{feed}" if path == "/v1/snapshot" else path

    used = {}
    for accept in ("zstd, gzip", "gzip", "zstd;q=0, gzip", "identity"):
        with transport._send("POST" if body else "GET", where, body, {"Accept-Encoding": accept}) as answer:
            assert json.loads(transport._read(answer).content.splitlines()[0])
        used[accept] = answer.headers.get("Content-Encoding")
        assert "Accept-Encoding" in answer.headers["Vary"]

    transport.close()
    assert used == {"zstd, gzip": "zstd", "gzip": "gzip", "zstd;q=0, gzip": "gzip", "identity": None}


def test_short_answers_are_not_packed(live):
    clerk = live.client()
    transport = HttpTransport(live.url, clerk.token)

    with transport._send("GET", "/v1/status", None, {}) as answer:
        transport._read(answer)

    transport.close()
    assert "Content-Encoding" not in answer.headers


def test_the_counter_packs_with_zstd_once_the_district_says_that_it_reads_it(live):
    clerk: Client = live.client()
    transport = HttpTransport(live.url, clerk.token)
    sent: list[str | None] = []
    inner = transport._send

    def watched(method, path, content, headers):
        sent.append(headers.get("Content-Encoding"))
        return inner(method, path, content, headers)

    transport._send = watched  # type: ignore[method-assign]
    ops = [dump(clerk.op(resident(n=n))).decode() for n in range(8)]

    transport.push(clerk.epoch, ops[:4])
    transport.status()
    _results, expect = transport.push(clerk.epoch, ops[4:])

    transport.close()
    assert sent == ["gzip", None, "zstd"]
    assert expect == 9
