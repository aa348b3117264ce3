"""Two counters of a station on its network, the district away: found, proven, sealed, resumed, converging."""

import socket
import threading
from itertools import permutations

import pytest
from sqlalchemy import text

from app.db import state
from app.district import accounts
from app.errors import InvalidInputError
from app.services import outbox
from app.services.neighbours import count_unconfirmed, unconfirmed
from app.sync import relaying
from app.sync.lan import LanExchange
from app.sync.lan_finding import ALPHABET, address_of, ask, code_of, find
from app.sync.lan_session import LanError
from app.sync.neighbours import STATION_KEYS, station_keys
from app.sync.proof import StationKeys
from tests.district.live import OTHER, running

STRANGER = StationKeys({1: bytes(32)})


@pytest.fixture
def district(tmp_path):
    """Run one engine: the counters' side is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


@pytest.fixture
def lan():
    """Return a maker of exchanges on the loopback that end with the test."""
    made = []

    def build(counter, **settings):
        made.append(LanExchange(counter.database, host="127.0.0.1", probe_port=0, **settings))
        return made[-1]

    yield build
    for each in made:
        each.stop()


def count(counter, table):
    return counter.ask(lambda tx: tx.rows(text(f"SELECT count(*) FROM {table}")))[0][0]


class Wire:
    """A line in between that records what the caller says, and may bend or cut it."""

    def __init__(self, target, *, bend=lambda piece, _at: piece, cut_at=None):
        self.said = bytearray()
        self._bend, self._cut_at, self._target = bend, cut_at, target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        near, _address = self._listener.accept()
        far = socket.create_connection(self._target)
        back = threading.Thread(target=self._pump, args=(far, near, None), daemon=True)
        back.start()
        self._pump(near, far, self.said)
        back.join(5)
        for each in (near, far, self._listener):
            each.close()

    def _pump(self, source, target, record):
        try:
            while piece := source.recv(4096):
                if record is not None:
                    piece = self._bend(piece, len(record))
                    record += piece
                    if self._cut_at is not None and len(record) >= self._cut_at:
                        break
                target.sendall(piece)
            target.shutdown(socket.SHUT_RDWR)
            source.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


@pytest.mark.parametrize("who", [0, 1])
def test_two_counters_see_each_others_residents_and_either_alone_brings_all_to_the_district(one, two, lan, who):
    mine, theirs = one.register("沈以安"), two.register("陆知夏")
    code = lan(one).offer()

    done = lan(two).join(code)

    assert (done.received, done.sent) == (1, 1)
    assert (one.see(theirs).name, two.see(mine).name) == ("陆知夏", "沈以安")
    assert one.ask(unconfirmed, "resident", theirs)[0].route == "lan"
    assert two.ask(unconfirmed, "resident", mine)[0].act == "resident.register"
    for each in (one, two) if who == 0 else (two, one):
        assert each.sync().agreed is True
    for each in (one, two):
        assert each.ask(count_unconfirmed).waiting == 0
        assert each.ask(outbox.sync_summary).queued == 0
        assert each.see(mine).rev > 0 < each.see(theirs).rev


def test_a_second_talk_has_nothing_to_say(one, two, lan):
    one.register()
    code = lan(one).offer()
    caller = lan(two)
    caller.join(code)

    again = caller.join(code)

    assert (again.received, again.sent) == (0, 0)


def test_it_is_found_by_asking_around_and_only_by_the_station(one, two, lan):
    record_id = one.register()
    offer = lan(one)
    offer.offer()
    around = [offer.probe_address()]

    strangers = find(STRANGER, seconds=0.3, targets=around)
    done = lan(two).join(targets=around, seconds=0.5)

    assert strangers == ()
    assert done.received == 1
    assert two.see(record_id) is not None


def test_a_question_that_was_recorded_gets_no_second_answer(one, lan):
    offer = lan(one)
    offer.offer()
    keys = one.ask(station_keys)
    question = ask(bytes(16), keys.get(keys.newest))

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(0.5)
        line.sendto(question, offer.probe_address())
        told = line.recv(512)
        line.sendto(question, offer.probe_address())
        with pytest.raises(TimeoutError):
            line.recv(512)

    assert b"47615" not in told and len(told) == 10 + 12 + 2 + 16


def test_a_stranger_gets_not_a_byte(one, lan, two):
    one.register()
    offer = lan(one)
    offer.offer()
    with two.database.write(None) as tx:
        state.set_state(tx.session, STATION_KEYS, [{"number": 1, "key": "A" * 43 + "="}])

    heard = []
    for words in (b"GET / HTTP/1.1\r\n\r\n" + b"x" * 200, b"DOORLAN1" + bytes(100)):
        with socket.create_connection(offer.status().address) as line:
            line.settimeout(5)
            line.sendall(words)
            try:
                heard.append(line.recv(4096))
            except ConnectionResetError:
                heard.append(b"")
    with pytest.raises(LanError) as refused:
        lan(two).exchange(offer.status().address)

    assert heard == [b"", b""]
    assert refused.value.code == "lan.no_answer"
    assert count(two, "neighbour_op") == 0


def test_a_counter_of_another_station_gets_nothing(one, new_counter, district, lan):
    one.register()
    stranger = new_counter().join(district, "clerk", OTHER)
    offer = lan(one)

    with pytest.raises(LanError) as refused:
        lan(stranger).join(offer.offer())

    assert refused.value.code == "lan.no_answer"
    assert count(stranger, "neighbour_op") == 0


def test_a_recorded_session_played_again_is_refused(one, two, lan):
    two.register()
    offer = lan(one)
    offer.offer()
    noted = threading.Event()
    offer.on_change.append(lambda status: status.last_device is not None and noted.set())
    wire = Wire(offer.status().address)
    lan(two).exchange(wire.address)
    assert noted.wait(30)  # the answering side notes the talk on a thread of its own, and clears an error by that
    before = count(one, "neighbour_op")
    fresh = lan(one)
    fresh.offer()

    failed = [_first_error(each) for each in (offer, fresh)]
    heard = {}
    for name, address in (("same", offer.status().address), ("restarted", fresh.status().address)):
        with socket.create_connection(address) as line:
            line.settimeout(5)
            line.sendall(bytes(wire.said))
            heard[name] = _all_of(line)

    assert before == count(one, "neighbour_op") == 1
    assert heard["same"] == b""
    assert len(heard["restarted"]) == 97  # a fresh nonce and key, then silence: the rest of the recording fits nothing
    assert all(each.wait(30) for each in failed)
    assert [each.status().error[0] for each in (offer, fresh)] == ["lan.replayed", "lan.spoiled"]


def _first_error(exchange):
    seen = threading.Event()
    exchange.on_change.append(lambda status: status.error is not None and seen.set())
    return seen


def _all_of(line):
    heard = bytearray()
    try:
        while piece := line.recv(4096):
            heard += piece
    except OSError:
        pass
    return bytes(heard)


def test_a_message_changed_on_the_way_ends_the_talk_and_nothing_of_it_is_taken(one, two, lan):
    two.register()
    offer = lan(one)
    offer.offer()

    def bend_at(place):
        def bend(piece, at):
            if not at <= place < at + len(piece):
                return piece
            piece = bytearray(piece)
            piece[place - at] ^= 1
            return bytes(piece)

        return bend

    for place in (3, 11, 20, 50, 100, 112, 125, 200, 400, 700):
        with pytest.raises(LanError):
            lan(two).exchange(Wire(offer.status().address, bend=bend_at(place)).address)

    assert count(one, "neighbour_op") == count(one, "resident") == 0
    assert lan(two).exchange(offer.status().address).sent == 1


def test_a_line_that_breaks_keeps_what_came_and_goes_on_from_there(one, two, lan, monkeypatch):
    ids = [two.register(f"沈以{char}") for char in "安宁康平"]
    monkeypatch.setattr(relaying, "BATCH_BYTES", 1)  # each operation is a message of its own
    offer = lan(one)
    offer.offer()

    with pytest.raises(LanError):
        lan(two).exchange(Wire(offer.status().address, cut_at=2500).address)
    before = count(one, "neighbour_op")
    done = lan(two).exchange(offer.status().address)

    assert 0 < before < 4
    assert done.sent == 4 - before
    assert all(one.see(record_id) for record_id in ids)


@pytest.mark.parametrize("order", list(permutations([(0, 1), (1, 2), (0, 2)])))
def test_three_counters_in_any_order_come_to_the_same(new_counter, district, lan, order):
    counters = [new_counter().join(district) for _n in range(3)]
    exchanges = [lan(each) for each in counters]
    for each in exchanges:
        each.offer()
    ids = [each.register(name) for each, name in zip(counters, ("沈以安", "陆知夏", "冯巧云"), strict=True)]

    for caller, called in order * 2:
        exchanges[caller].exchange(exchanges[called].status().address)

    for each in counters:
        assert [each.see(record_id).name for record_id in ids] == ["沈以安", "陆知夏", "冯巧云"]
        assert each.ask(count_unconfirmed).waiting == 2


def test_a_counter_with_an_old_key_is_told_to_synchronise_first(one, two, new_counter, district, lan):
    third = new_counter().join(district)
    third.register()
    with district.store.write() as connection:
        accounts.revoke(connection, _device(two))
    one.sync()
    offer = lan(one)
    code = offer.offer()

    for outdated in (third, two):
        with pytest.raises(LanError) as refused:
            lan(outdated).join(code)
        assert refused.value.code == "lan.old_key"
    third.sync()
    third.register("陆知夏")

    assert lan(third).join(code).sent == 1
    assert count(one, "neighbour_op") == 1


def _device(counter):
    return counter.ask(lambda tx: state.get_state(tx.session, state.DEVICE_ID))


def test_renewed_proofs_replace_those_of_an_earlier_token(one, two, lan, district):
    record_id = one.register()
    code = lan(one).offer()
    caller = lan(two)
    caller.join(code)
    one.join_with(district, district.code("supervisor"))

    done = caller.join(code)
    two.sync()

    assert done.received == 0  # no new operation, but a proof that holds
    assert two.see(record_id).rev > 0


def test_a_change_travels_by_itself_while_the_exchange_goes_on(one, two, lan):
    came = threading.Event()
    one.database.on_commit.append(lambda touched: "resident" in touched and came.set())
    caller = lan(two, every=0.1)
    caller.join(lan(one).offer())
    caller.keep_going()

    record_id = two.register()

    assert came.wait(30)
    assert one.see(record_id) is not None


def test_an_offer_to_which_nobody_comes_ends_by_itself(one, lan):
    ended = threading.Event()
    offer = lan(one, idle=0.3)
    offer.on_change.append(lambda status: not status.offering and ended.set())
    address = address_of(offer.offer())

    assert ended.wait(30)
    with pytest.raises(OSError):
        socket.create_connection(address, timeout=2)
    assert offer.status().code is None


def test_who_is_not_reached_is_said_plainly(two, lan):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()

    with pytest.raises(LanError) as unreachable:
        lan(two).exchange(address)
    with pytest.raises(LanError) as none:
        lan(two).join(targets=[address], seconds=0.1)

    assert (unreachable.value.code, none.value.code) == ("lan.unreachable", "lan.none")


def test_before_it_joined_a_counter_has_nobody_to_exchange_with(new_counter, lan):
    with pytest.raises(LanError) as refused:
        lan(new_counter()).offer()

    assert refused.value.code == "lan.not_joined"


@pytest.mark.parametrize("address", [("0.0.0.0", 1), ("192.168.31.7", 47001), ("255.255.255.255", 65535)])
def test_a_code_is_an_address_and_shows_a_wrong_letter(address):
    code = code_of(address)
    letters = code.replace("-", "")

    assert address_of(code.lower().replace("-", " ")) == address
    wrong = [letters[:n] + other + letters[n + 1 :] for n in range(11) for other in ALPHABET if other != letters[n]]
    swapped = [letters[:n] + letters[n + 1] + letters[n] + letters[n + 2 :] for n in range(10)]
    bad = [*wrong, *(each for each in swapped if each != letters), letters[:-1], letters + "2", ""]
    for each in bad:
        with pytest.raises(InvalidInputError):
            address_of(each)
