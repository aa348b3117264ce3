"""The file on a stick: whole or refused, both ways, any number of times, by any road: one effect."""

import errno
import random

import pytest
import sqlalchemy as sa
from sqlalchemy import text

from app.db import state
from app.db.inserts import table_of
from app.district import accounts, packets
from app.district.lives import new_epoch
from app.district.verify import verify
from app.errors import StorageError
from app.models.district import ReceivedOp
from app.services import outbox
from app.services.neighbours import count_unconfirmed, unconfirmed
from app.sync import carrying, packet
from app.sync.carrying import make_packet, take_packet
from app.sync.fuse import RemovalError
from app.sync.lan import LanExchange
from app.sync.packet import Packet, PacketError
from tests.district.live import OTHER, running


@pytest.fixture
def district(tmp_path):
    """Run one engine: the file is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def by_stick(counter, district, stick, *, limit=500):
    """Carry a counter's work to the district and the answer home; return what it brought."""
    there, back = stick / "there.dsp", stick / "back.dsp"
    make_packet(counter.database, there)
    packets.take_packet(district.store, there, back, limit=limit)
    return take_packet(counter.database, back)


def device(counter):
    return counter.ask(lambda tx: state.get_state(tx.session, state.DEVICE_ID))


def count(counter, table):
    return counter.ask(lambda tx: tx.rows(text(f"SELECT count(*) FROM {table}")))[0][0]


def ops_there(district):
    with district.store.read() as connection:
        table = table_of(ReceivedOp)
        return connection.execute(sa.select(sa.func.count()).where(table.c.seq.is_not(None))).scalar()


def code_of(call, *args):
    with pytest.raises(PacketError) as refused:
        call(*args)
    return refused.value.code


def test_a_station_without_any_line_lives_by_the_stick_alone(one, two, district, stick):
    mine, theirs = one.register("沈以安"), two.register("陆知夏")

    for each in (one, two, one):
        by_stick(each, district, stick, limit=1)

    for each in (one, two):
        assert each.see(mine).rev > 0 < each.see(theirs).rev
        assert each.ask(outbox.sync_summary).queued == 0
        assert each.ask(count_unconfirmed).waiting == 0
    assert one.sync().agreed is True


def test_a_computer_that_stays_on_an_older_version_goes_on_by_file_with_a_newer_district(one, district, stick):
    """The forms of acts that each earlier version wrote are taken; the answer is understood."""
    ids = [one.register(name) for name in ("沈以安", "陆知夏")]
    with one.database.write(None) as tx:
        tx.session.connection().execute(text("UPDATE operation SET schema_version = 1"))

    by_stick(one, district, stick)

    assert all(one.see(record_id).rev > 0 for record_id in ids)
    summary = one.ask(outbox.sync_summary)
    assert (summary.queued, summary.parked) == (0, 0)


def test_the_same_files_three_times_both_ways_have_one_effect_and_say_so(one, two, district, stick):
    two.register("陆知夏")
    two.sync()
    one.register("沈以安")
    there, back = stick / "there.dsp", stick / "back.dsp"
    make_packet(one.database, there)

    brought = []
    for _time in range(3):
        packets.take_packet(district.store, there, back)
        brought.append(take_packet(one.database, back))

    assert [(each.answers, each.entries, each.nothing) for each in brought] == [
        (1, 2, False),
        (0, 0, True),
        (0, 0, True),
    ]
    assert ops_there(district) == 2
    assert one.sync().agreed is True


def test_an_older_file_after_a_newer_one_has_no_effect(one, two, district, stick):
    one.register("沈以安")
    make_packet(one.database, stick / "old.dsp")
    packets.take_packet(district.store, stick / "old.dsp", stick / "old-back.dsp")
    record_id = one.register("陆知夏")
    by_stick(one, district, stick)
    one.edit(record_id, mobile="19900000009")
    one.sync()

    again = take_packet(one.database, stick / "old-back.dsp")
    packets.take_packet(district.store, stick / "old.dsp", stick / "again.dsp")

    assert again.nothing
    assert one.see(record_id).mobile == "19900000009"
    assert one.sync().agreed is True
    assert ops_there(district) == 3


def test_what_a_neighbour_handed_over_travels_along(one, two, district, stick):
    record_id = one.register()
    make_packet(one.database, stick / "station.dsp", purpose="station")
    first = take_packet(two.database, stick / "station.dsp")
    second = take_packet(two.database, stick / "station.dsp")
    two.edit(record_id, remark="早班")

    assert two.ask(unconfirmed, "resident", record_id)[0].route == "file"
    by_stick(two, district, stick)
    one.sync()

    assert (first.fresh, second.nothing) == (1, True)
    assert two.ask(count_unconfirmed).waiting == 0
    assert (one.see(record_id).remark, one.see(record_id).rev) == ("早班", 2)
    assert ops_there(district) == 2


def test_a_refusal_comes_home_by_the_stick(one, district, stick):
    with one.database.write(None) as tx:
        tx.act("policy.set")
        from app.models.resident import Resident
        from tests.factories import RESIDENT

        tx.add(Resident.model_validate(RESIDENT))

    by_stick(one, district, stick)

    [item] = one.ask(outbox.list_parked)
    assert (item.code, item.state) == ("not_allowed", "parked")


def test_a_restored_district_gets_everything_again_by_the_stick(one, district, stick):
    record_id = one.register()
    one.sync()
    one.edit(record_id, remark="早班")
    with district.store.write() as connection:
        new_epoch(connection)

    first = by_stick(one, district, stick)
    second = by_stick(one, district, stick)

    assert (first.skipped, first.answers, ops_there(district)) == ((), 1, 2)
    assert second.nothing
    assert one.sync().agreed is True
    assert one.see(record_id).remark == "早班"


def test_an_answer_of_an_earlier_life_is_not_used_in_this_one(one, district, stick):
    one.register()
    make_packet(one.database, stick / "there.dsp")
    packets.take_packet(district.store, stick / "there.dsp", stick / "back.dsp")
    with district.store.write() as connection:
        new_epoch(connection)
    one.sync()

    assert code_of(take_packet, one.database, stick / "back.dsp") == "packet.old"
    assert one.sync().agreed is True


def test_a_file_cut_off_anywhere_is_refused_as_a_whole(one, two, district, stick, monkeypatch):
    monkeypatch.setattr(packet, "PIECE", 512)  # many pieces: every length class is there
    for n in range(4):
        one.register(f"沈以{'安宁康平'[n]}", remark=random.Random(n).randbytes(150).hex())
    for purpose, take in (
        ("district", lambda path: packets.take_packet(district.store, path, stick / "back.dsp")),
        ("station", lambda path: take_packet(two.database, path)),
    ):
        make_packet(one.database, stick / "whole.dsp", purpose=purpose)
        whole = (stick / "whole.dsp").read_bytes()
        starts = _piece_starts(whole)
        assert len(starts) > 3
        lengths = {0, 1, 7, 8, 11, 12, 13, starts[0] - 1, len(whole) - 1, len(whole) - 17}
        lengths |= {at + more for at in starts for more in (0, 1, 3, 4, 5, 20, 300)}
        for length in sorted(each for each in lengths if each < len(whole)):
            (stick / "cut.dsp").write_bytes(whole[:length])
            assert code_of(take, stick / "cut.dsp") in ("packet.not_one", "packet.damaged"), length
        (stick / "cut.dsp").write_bytes(whole + b"\x00")
        assert code_of(take, stick / "cut.dsp") == "packet.damaged"

    assert ops_there(district) == 0
    assert count(two, "neighbour_op") == 0
    assert not (stick / "back.dsp").exists()


def _piece_starts(whole):
    at = 12 + int.from_bytes(whole[10:12], "big")
    starts = []
    while at < len(whole):
        starts.append(at)
        at += 4 + int.from_bytes(whole[at : at + 4], "big")
    return starts


def test_a_file_changed_anywhere_is_refused_as_a_whole(one, two, stick, monkeypatch):
    monkeypatch.setattr(packet, "PIECE", 256)
    one.register()
    make_packet(one.database, stick / "whole.dsp", purpose="station")
    whole = (stick / "whole.dsp").read_bytes()
    starts = _piece_starts(whole)

    spoiled = []
    for at in [*range(12), *range(12, starts[0], 9), *range(starts[0], len(whole), 23)]:
        changed = bytearray(whole)
        changed[at] ^= 1
        spoiled.append(bytes(changed))
    first, second = whole[starts[0] : starts[1]], whole[starts[1] : starts[2]]
    spoiled.append(whole[: starts[0]] + second + first + whole[starts[2] :])
    spoiled.append(whole[: starts[1]] + first + whole[starts[1] :])
    for content in spoiled:
        (stick / "bad.dsp").write_bytes(content)
        with pytest.raises(PacketError):
            take_packet(two.database, stick / "bad.dsp")

    assert count(two, "neighbour_op") == count(two, "resident") == 0


def test_a_file_of_a_newer_program_says_so(one, two, stick):
    make_packet(one.database, stick / "a.dsp", purpose="station")
    content = bytearray((stick / "a.dsp").read_bytes())
    content[9] = 2
    (stick / "a.dsp").write_bytes(content)

    assert code_of(take_packet, two.database, stick / "a.dsp") == "packet.newer"


def test_a_file_is_for_one_station_and_an_answer_for_one_computer(one, two, new_counter, district, stick):
    one.register()
    stranger = new_counter().join(district, "clerk", OTHER)
    there, back, station = stick / "there.dsp", stick / "back.dsp", stick / "station.dsp"
    make_packet(one.database, station, purpose="station")
    make_packet(one.database, there)
    packets.take_packet(district.store, there, back)

    assert code_of(take_packet, stranger.database, station) == "packet.other_station"
    assert code_of(take_packet, two.database, back) == "packet.other_device"
    assert code_of(take_packet, two.database, there) == "packet.wrong_kind"
    assert code_of(packets.take_packet, district.store, station, back) == "packet.wrong_kind"
    assert "葛守成".encode() not in station.read_bytes()


def test_a_revoked_computers_file_is_not_taken_and_its_key_opens_no_newer_one(one, two, district, stick):
    two.register()
    make_packet(two.database, stick / "revoked.dsp")
    with district.store.write() as connection:
        accounts.revoke(connection, device(two))
    one.register()
    one.sync()
    make_packet(one.database, stick / "new.dsp", purpose="station")

    assert code_of(packets.take_packet, district.store, stick / "revoked.dsp", stick / "back.dsp") == "packet.revoked"
    assert code_of(take_packet, two.database, stick / "new.dsp") == "packet.no_key"
    assert ops_there(district) == 1


def test_a_file_made_before_its_computer_joined_again_is_taken_and_the_answer_is_for_its_new_token(
    one, district, stick
):
    record_id = one.register()
    make_packet(one.database, stick / "there.dsp")
    one.join_with(district, district.code("supervisor"))
    one.join_with(district, district.code("supervisor"))

    packets.take_packet(district.store, stick / "there.dsp", stick / "back.dsp")
    take_packet(one.database, stick / "back.dsp")

    assert (one.see(record_id).rev, one.ask(outbox.sync_summary).queued) == (1, 0)


def test_a_file_sealed_before_a_revocation_is_still_read_and_the_answer_brings_the_new_key(
    one, two, new_counter, district, stick
):
    gone = new_counter().join(district)
    one.register()
    make_packet(one.database, stick / "there.dsp")
    with district.store.write() as connection:
        accounts.revoke(connection, device(gone))

    packets.take_packet(district.store, stick / "there.dsp", stick / "back.dsp")
    take_packet(one.database, stick / "back.dsp")

    two.sync()
    make_packet(one.database, stick / "station.dsp", purpose="station")
    with Packet(stick / "station.dsp") as made:
        assert made.heading.key_number == 2
    assert take_packet(two.database, stick / "station.dsp").nothing


def test_a_full_stick_leaves_the_file_that_was_there(one, stick, monkeypatch):
    path = stick / "a.dsp"
    make_packet(one.database, path)
    before = path.read_bytes()
    one.register()

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(packet.os, "fsync", full)
    with pytest.raises(StorageError) as refused:
        make_packet(one.database, path)

    assert refused.value.code == "storage.full"
    assert path.read_bytes() == before
    assert list(stick.iterdir()) == [path]


def test_a_file_that_would_remove_much_stops_before_anything_of_it(one, two, district, stick, monkeypatch):
    from app.models.resident import Resident
    from app.sync import fuse

    monkeypatch.setattr(fuse, "RECORDS", 2)
    ids = [one.register() for _n in range(4)]
    one.sync()
    two.sync()
    make_packet(two.database, stick / "there.dsp")
    for record_id in ids:
        one.act(lambda tx, it=record_id: tx.remove(tx.session.get(Resident, it), "错录"), "resident.remove")
    one.sync()
    packets.take_packet(district.store, stick / "there.dsp", stick / "back.dsp", limit=1)

    with pytest.raises(RemovalError):
        take_packet(two.database, stick / "back.dsp")

    assert all(two.see(record_id).deleted_at is None for record_id in ids)


def test_an_answer_with_a_gap_before_it_is_refused(one, district, stick):
    one.register()
    one.sync()
    make_packet(one.database, stick / "there.dsp")
    packets.take_packet(district.store, stick / "there.dsp", stick / "back.dsp")
    with one.database.write(None) as tx:  # as after a restore of this counter
        tx.session.connection().exec_driver_sql("UPDATE cursor SET seq = 0")

    assert code_of(take_packet, one.database, stick / "back.dsp") == "packet.gap"


@pytest.mark.parametrize("seed", range(4))
def test_by_https_lan_and_file_in_any_order_there_is_one_effect(new_counter, district, stick, seed):
    dice = random.Random(seed)
    counters = [new_counter().join(district) for _n in range(3)]
    ids = []
    kept = []

    def act():
        counter = dice.choice(counters)
        known = [each for each in ids if counter.see(each) is not None]
        if not known or dice.random() < 0.3:
            ids.append(counter.register(dice.choice(["沈以安", "陆知夏", "冯巧云"])))
        else:
            counter.edit(dice.choice(known), **{dice.choice(["remark", "school"]): f"第{dice.randrange(1000)}号"})

    def lan():
        one, two = dice.sample(counters, 2)
        offer = LanExchange(one.database, host="127.0.0.1", probe_port=None)
        caller = LanExchange(two.database)
        try:
            offer.offer()
            for _time in range(dice.choice([1, 3])):
                caller.exchange(offer.status().address)
        finally:
            offer.stop()

    def station_file():
        one, two = dice.sample(counters, 2)
        path = stick / f"{len(kept)}.dsp"
        make_packet(one.database, path, purpose="station")
        kept.append((two, path))
        for _time in range(dice.choice([1, 3])):
            take_packet(two.database, path)

    def district_file():
        counter = dice.choice(counters)
        there, back = stick / f"{len(kept)}.dsp", stick / f"{len(kept)}-back.dsp"
        make_packet(counter.database, there)
        for _time in range(dice.choice([1, 3])):
            packets.take_packet(district.store, there, back, limit=dice.choice([1, 500]))
            if dice.random() < 0.8:
                take_packet(counter.database, back)
        kept.append((counter, back))

    def old_file():
        if kept:
            counter, path = dice.choice(kept)
            take_packet(counter.database, path)

    def https():
        assert dice.choice(counters).sync().ok

    for _step in range(45):
        dice.choice([act, act, act, lan, station_file, district_file, old_file, https])()
    for counter in counters * 3:
        assert counter.sync().agreed is True

    with district.store.read() as connection:
        assert verify(connection).faults == ()
        table = table_of(ReceivedOp)
        arrived = list(connection.scalars(sa.select(table.c.op).where(table.c.seq.is_not(None))))
    made = [
        op
        for counter in counters
        for (op,) in counter.ask(lambda tx: tx.rows(text("SELECT op FROM operation WHERE origin = 'local'")))
    ]
    assert sorted(arrived) == sorted(made)
    views = [
        counter.ask(lambda tx: list(tx.rows(text("SELECT id, rev, name, remark, school FROM resident ORDER BY id"))))
        for counter in counters
    ]
    assert views[0] == views[1] == views[2]
    assert all(counter.ask(count_unconfirmed).waiting == 0 for counter in counters)
    assert all(counter.ask(outbox.sync_summary).queued == 0 for counter in counters)
    assert all(counter.ask(outbox.list_parked) == () for counter in counters)


def test_large_files_pass_piece_by_piece(one, two, stick, monkeypatch):
    monkeypatch.setattr(carrying, "BATCH_BYTES", 4096)
    ids = [one.register("沈以安", remark=random.Random(n).randbytes(200).hex()) for n in range(20)]
    make_packet(one.database, stick / "a.dsp", purpose="station")

    assert take_packet(two.database, stick / "a.dsp").fresh == 20
    assert all(two.see(record_id) for record_id in ids)
