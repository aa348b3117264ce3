"""Attachments at the district, by a stranger's client: pieces in order, whole or not at all, to nobody else."""

import hashlib
import os
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from app.district.blobs import UNFINISHED
from app.models.blob import MAX_BLOB, MAX_PIECE, Blob
from tests.district.live import OTHER, STATION, Client, Live, running

FEED = f"station/{STATION}"
CONTENT = os.urandom(3 * 1000)
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(f"sqlite:///{tmp_path / 'district.db'}") as found:
        yield found


class Sender:
    """Sends and asks for one blob of one feed."""

    def __init__(self, client: Client, feed: str = FEED, sha256: str = SHA) -> None:
        self.client = client
        self.url = f"{client.url}/v1/blobs/{feed}/{sha256}"

    def put(self, start: int, content: bytes, size: int = len(CONTENT), **headers: str) -> requests.Response:
        place = {"Content-Range": f"bytes {start}-{start + len(content) - 1}/{size}"}
        return requests.put(self.url, data=content, headers={**self.client.headers, **place, **headers}, timeout=60)

    def get(self, wanted: str | None = None, method: str = "GET") -> requests.Response:
        headers = {**self.client.headers, **({"Range": wanted} if wanted else {})}
        return requests.request(method, self.url, headers=headers, timeout=60)

    def head(self) -> requests.Response:
        return self.get(method="HEAD")


def test_pieces_in_order_make_a_whole_that_others_of_the_feed_can_read(district):
    one, two = Sender(district.client()), Sender(district.client())

    answers = [one.put(start, CONTENT[start : start + 1000]).json() for start in (0, 1000)]
    half = (one.head(), two.get())
    last = one.put(2000, CONTENT[2000:])

    assert [answer["have"] for answer in answers] == [1000, 2000]
    assert half[0].headers["Upload-Offset"] == "2000"
    assert half[1].status_code == 404
    assert last.json() == {"feed": FEED, "sha256": SHA, "size": 3000, "have": 3000}
    assert two.get().content == CONTENT
    assert two.head().headers["Content-Length"] == "3000"


def test_a_gap_is_told_with_what_is_there_and_a_repeat_changes_nothing(district):
    sender = Sender(district.client())
    sender.put(0, CONTENT[:1000])

    gap, overlap, again = (
        sender.put(2000, CONTENT[2000:]),
        sender.put(500, CONTENT[500:1500]),
        sender.put(0, CONTENT[:1000]),
    )

    assert [(each.status_code, each.json().get("code"), each.json()["have"]) for each in (gap, overlap, again)] == [
        (409, "piece_gap", 1000),
        (409, "piece_gap", 1000),
        (200, None, 1000),
    ]
    sender.put(1000, CONTENT[1000:])
    assert sender.put(0, CONTENT[:1000]).json()["have"] == 3000
    assert sender.get().content == CONTENT


def test_a_wrong_hash_discards_everything_and_the_right_content_follows(district):
    sender = Sender(district.client())
    sender.put(0, CONTENT[:2000])

    wrong = sender.put(2000, bytes(1000))
    after = sender.head()
    right = [sender.put(start, CONTENT[start : start + 1500]).status_code for start in (0, 1500)]

    assert (wrong.status_code, wrong.json()["code"], wrong.json()["have"]) == (409, "hash_wrong", 0)
    assert after.headers["Upload-Offset"] == "0"
    assert right == [200, 200]
    assert sender.get().content == CONTENT


def test_whoever_began_with_a_wrong_length_does_not_shut_out_the_right_one(live):
    one, two = Sender(live.client()), Sender(live.client())
    one.put(0, CONTENT[:1000], size=9999)

    answer = two.put(0, CONTENT)

    assert answer.json()["have"] == 3000
    assert one.put(0, CONTENT[:1000], size=9999).json()["code"] == "hash_wrong"
    assert one.get().content == CONTENT


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        ("bytes=0-", 206, 0, 2999),
        ("bytes=1700-", 206, 1700, 2999),
        ("bytes=10-19", 206, 10, 19),
        ("bytes=990-2010", 206, 990, 2010),
        ("bytes=2999-99999", 206, 2999, 2999),
        ("bytes=-5", 200, 0, 2999),
        ("bytes=0-1,5-6", 200, 0, 2999),
        ("pages=1-2", 200, 0, 2999),
    ],
)
def test_any_part_can_be_asked_for(shared, wanted, status, first, last):
    answer = shared.get(wanted)

    assert answer.status_code == status
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers.get("Content-Range") == (f"bytes {first}-{last}/3000" if status == 206 else None)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    with running(f"sqlite:///{tmp_path_factory.mktemp('district') / 'district.db'}") as found:
        sender = Sender(found.client())
        for start in (0, 1000, 2000):
            sender.put(start, CONTENT[start : start + 1000])
        yield sender


def test_a_part_behind_the_end_is_not_there(shared):
    answer = shared.get("bytes=3000-")

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_there")
    assert answer.headers["Content-Range"] == "bytes */3000"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"Content-Range": ""}, 400, "malformed"),
        ({"Content-Range": "bytes 0-9/3000"}, 400, "malformed"),
        ({"Content-Range": "bytes 999-0/3000"}, 400, "malformed"),
        ({"Content-Range": "bytes 0-999/999"}, 400, "malformed"),
        ({"Content-Range": "bytes 0-999/*"}, 400, "malformed"),
        ({"Content-Range": f"bytes 0-999/{MAX_BLOB + 1}"}, 413, "too_large"),
        ({"Content-Encoding": "gzip"}, 415, "bad_encoding"),
        ({"Authorization": ""}, 401, "unknown_token"),
    ],
)
def test_a_piece_in_a_wrong_frame_is_refused(shared, change, status, code):
    answer = Sender(shared.client, sha256="0" * 64).put(0, CONTENT[:1000], **change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("sha256", ["0" * 63, "A" * 64, "x", "%2e%2e"])
def test_what_is_no_hash_is_refused(shared, sha256):
    sender = Sender(shared.client, sha256=sha256)

    assert [each.status_code for each in (sender.put(0, b"x", 1), sender.get(), sender.head())] == [400, 400, 400]


def test_a_piece_beyond_the_limit_is_refused(shared):
    answer = Sender(shared.client, sha256="0" * 64).put(0, bytes(MAX_PIECE + 1), MAX_PIECE + 1)

    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "too_large", MAX_PIECE)


def test_nobody_reads_or_sends_in_a_feed_that_is_not_his_even_if_he_knows_the_hash(district):
    owner = Sender(district.client())
    owner.put(0, CONTENT)

    for stranger in (district.client("trainer"), district.client(station=OTHER)):
        asked = Sender(stranger)
        unknown = Sender(stranger, sha256="0" * 64)

        for answer in (asked.get(), asked.get("bytes=0-9"), asked.put(0, CONTENT), unknown.get()):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_your_feed")
        assert [asked.head().status_code, unknown.head().status_code] == [403, 403]


def test_an_officer_reads_a_stations_attachment_and_sends_none(live):
    Sender(live.client()).put(0, CONTENT)
    officer = Sender(live.client("officer"))

    assert officer.get().content == CONTENT
    assert officer.put(0, CONTENT).json()["code"] == "not_your_feed"


def test_a_revoked_device_gets_nothing(live):
    clerk = live.client()
    Sender(clerk).put(0, CONTENT)
    with live.store.write() as connection:
        from app.district.accounts import revoke

        revoke(connection, clerk.device)

    answers = [Sender(clerk).get(), Sender(clerk).put(0, CONTENT), Sender(clerk).head()]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_content_that_another_feed_has_is_uploaded_as_if_nobody_had_it(live):
    Sender(live.client()).put(0, CONTENT)
    other = Sender(live.client(station=OTHER), f"station/{OTHER}")

    before = other.head().status_code
    steps = [other.put(start, CONTENT[start : start + 1000]).json()["have"] for start in (0, 1000, 2000)]

    assert before == 404
    assert steps == [1000, 2000, 3000]


def test_a_forged_beginning_in_one_feed_does_not_spoil_the_other_feeds_upload(live):
    forger = Sender(live.client(station=OTHER), f"station/{OTHER}")
    forger.put(0, bytes(1000))
    honest = Sender(live.client())

    answer = honest.put(0, CONTENT)

    assert (answer.status_code, answer.json()["have"]) == (200, 3000)
    assert honest.get().content == CONTENT


def test_a_station_that_has_filled_its_share_is_told_and_others_go_on(live):
    live.api.state.blob_quota = 5000
    mine, other = live.client(), live.client(station=OTHER)
    Sender(mine).put(0, CONTENT)
    fresh = hashlib.sha256(b"another").hexdigest()

    full = Sender(mine, sha256=fresh).put(0, b"another", 2001)
    elsewhere = Sender(other, f"station/{OTHER}").put(0, CONTENT)
    rest = Sender(mine, sha256=fresh).put(0, b"another", 7)

    assert (full.status_code, full.json()["code"], full.json()["limit"]) == (413, "quota_full", 5000)
    assert elsewhere.status_code == 200
    assert rest.json()["have"] == 7


def test_an_upload_that_nobody_goes_on_with_makes_room_after_a_week(live):
    live.api.state.blob_quota = 5000
    client = live.client()
    left, under_way = Sender(client), Sender(client, sha256=hashlib.sha256(b"later").hexdigest())
    left.put(0, CONTENT[:1000])
    under_way.put(0, b"lat", 2000)
    with live.store.write() as connection:
        connection.execute(sa.update(Blob).values(made_at=datetime.now(UTC) - UNFINISHED - timedelta(hours=1)))
    under_way.put(3, b"e", 2000)

    other = Sender(client, sha256=hashlib.sha256(b"another").hexdigest()).put(0, b"another", 2001)
    gone, goes_on = left.head(), under_way.head()
    live.api.state.blob_quota = 9000
    back = left.put(1000, CONTENT[1000:])
    whole = left.put(back.json()["have"], CONTENT)

    assert (other.status_code, gone.status_code, goes_on.headers["Upload-Offset"]) == (200, 404, "4")
    assert (back.status_code, back.json()["code"]) == (409, "piece_gap")
    assert whole.json()["have"] == len(CONTENT)


def test_two_who_send_the_same_at_once_end_with_one_whole(district):
    senders = [Sender(district.client()) for _n in range(4)]
    content = os.urandom(200_000)
    sha256 = hashlib.sha256(content).hexdigest()

    def send(client: Client) -> None:
        sender, at = Sender(client, sha256=sha256), 0
        while at < len(content):
            answer = sender.put(at, content[at : at + 20_000], len(content))
            assert answer.status_code in (200, 409), answer.text
            at = answer.json()["have"]

    threads = [threading.Thread(target=send, args=(each.client,)) for each in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Sender(senders[0].client, sha256=sha256).get().content == content


def test_the_longest_attachment_goes_through_in_flat_memory(live):
    content = os.urandom(1024) * (MAX_BLOB // 1024)
    sender = Sender(live.client(), sha256=hashlib.sha256(content).hexdigest())
    for start in range(0, MAX_BLOB - MAX_PIECE, MAX_PIECE):
        assert sender.put(start, content[start : start + MAX_PIECE], MAX_BLOB).status_code == 200
    digest, length = hashlib.sha256(), 0

    tracemalloc.start()
    last = sender.put(MAX_BLOB - MAX_PIECE, content[MAX_BLOB - MAX_PIECE :], MAX_BLOB)
    with requests.get(sender.url, headers=sender.client.headers, stream=True, timeout=60) as answer:
        for part in answer.iter_content(65536):
            digest.update(part)
            length += len(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert last.json()["have"] == length == MAX_BLOB
    assert digest.hexdigest() == hashlib.sha256(content).hexdigest()
    assert peak < MAX_BLOB // 2


def test_attachments_survive_a_restart_of_the_server(tmp_path):
    url = f"sqlite:///{tmp_path / 'district.db'}"
    with running(url) as live:
        clerk = live.client()
        Sender(clerk).put(0, CONTENT[:1234])
    with running(url) as live:
        clerk.url = live.url
        sender = Sender(clerk)

        offset = int(sender.head().headers["Upload-Offset"])
        sender.put(offset, CONTENT[offset:])

        assert offset == 1234
        assert sender.get().content == CONTENT
