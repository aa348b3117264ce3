"""The keyring: who may open this PC's data, and what a copy of the folder gives away."""

import json
import os
import stat
import subprocess
import sys
from datetime import timedelta

import pytest

from app import clock
from app.db.keyring import LOCKED_FOR, TRIES, Keyring
from app.db.keyring_file import Cost
from app.db.pins import check_pin
from app.db.recovery_key import ALPHABET, make_recovery_key, read_recovery_key
from app.db.secret_store import FileSecretStore, SecretServiceStore, choose_store
from app.errors import BugError, InvalidInputError, NotFoundError, RuleError, StorageError
from app.paths import DataFolder

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PIN, OTHER_PIN = "274951", "903817"


@pytest.fixture
def store(tmp_path):
    return FileSecretStore(tmp_path / "secrets")


@pytest.fixture
def ring(data_folder, store):
    return Keyring.create(data_folder, store=store, cost=CHEAP)


@pytest.fixture
def keyring(ring):
    return ring[0]


@pytest.fixture
def data_key(ring):
    return ring[0].recover(ring[1])


@pytest.fixture
def lin(keyring, data_key):
    return keyring.add(data_key, staff_id="s-1", name="林晓燕", role="clerk", pin=PIN)


def wrong(keyring, entry_id, times):
    for _n in range(times):
        with pytest.raises((InvalidInputError, RuleError)):
            keyring.unlock(entry_id, "830412")


def test_the_right_pin_gives_the_data_key(keyring, data_key, lin):
    assert len(data_key) == 32
    assert keyring.unlock(lin, PIN) == data_key


def test_the_real_cost_opens_too(data_folder, store):
    keyring, paper = Keyring.create(data_folder, store=store)
    entry = keyring.add(keyring.recover(paper), staff_id="s-1", name="林晓燕", role="clerk", pin=PIN)

    assert keyring.unlock(entry, PIN) == keyring.recover(paper)
    assert json.loads(data_folder.keyring.read_bytes())["entries"][0]["cost"]["memory_kib"] == 65536


def test_full_width_digits_of_an_input_method_are_the_same_pin(keyring, data_key, lin):
    assert keyring.unlock(lin, "２７４９５１") == data_key


def test_a_wrong_pin_says_how_many_tries_are_left(keyring, lin):
    with pytest.raises(InvalidInputError, match="还可以试 4 次") as caught:
        keyring.unlock(lin, OTHER_PIN)

    assert caught.value.code == "keyring.wrong_pin"
    assert keyring.people()[0].tries_left == TRIES - 1


def test_the_fifth_wrong_pin_locks_for_fifteen_minutes(keyring, lin):
    wrong(keyring, lin, TRIES - 1)

    with pytest.raises(RuleError, match="15 分钟"):
        keyring.unlock(lin, OTHER_PIN)
    with pytest.raises(RuleError, match="15 分钟"):
        keyring.unlock(lin, PIN)


def test_a_lock_ends_by_time_and_gives_five_tries_again(keyring, data_key, lin):
    wrong(keyring, lin, TRIES)
    clock.shift(LOCKED_FOR + timedelta(seconds=1))

    assert keyring.people()[0].tries_left == TRIES
    assert keyring.unlock(lin, PIN) == data_key


def test_a_lock_outlives_the_program(data_folder, store, keyring, lin):
    wrong(keyring, lin, TRIES)

    with pytest.raises(RuleError):
        Keyring.open(data_folder, store=store, cost=CHEAP).unlock(lin, PIN)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3650)])
def test_a_clock_that_steps_back_neither_opens_a_lock_nor_keeps_it_for_ever(keyring, data_key, lin, back):
    wrong(keyring, lin, TRIES)

    clock.shift(-back)
    with pytest.raises(RuleError, match="15 分钟"):
        keyring.unlock(lin, PIN)
    clock.shift(-back + LOCKED_FOR + timedelta(seconds=1))

    assert keyring.unlock(lin, PIN) == data_key


def test_a_right_pin_forgets_the_wrong_ones(keyring, lin):
    wrong(keyring, lin, TRIES - 1)
    keyring.unlock(lin, PIN)

    assert keyring.people()[0].tries_left == TRIES


def test_people_are_shown_latest_sign_in_first(keyring, data_key, lin):
    zhao = keyring.add(data_key, staff_id="s-2", name="赵敏", role="supervisor", pin=OTHER_PIN)
    keyring.unlock(zhao, OTHER_PIN)

    people = keyring.people()

    assert [p.name for p in people] == ["赵敏", "林晓燕"]
    assert people[0].last_signed_in_at is not None
    assert people[1].last_signed_in_at is None
    assert (people[0].staff_id, people[0].role) == ("s-2", "supervisor")


def test_nobody_signs_in_twice_under_one_name(keyring, data_key, lin):
    with pytest.raises(RuleError, match="已经可以"):
        keyring.add(data_key, staff_id="s-1", name="林晓燕", role="clerk", pin=OTHER_PIN)


def test_a_wrong_data_key_adds_nobody(keyring):
    with pytest.raises(BugError):
        keyring.add(bytes(32), staff_id="s-9", name="某人", role="clerk", pin=PIN)

    assert keyring.people() == ()


def test_a_changed_pin_opens_and_the_old_one_does_not(keyring, data_key, lin):
    keyring.change_pin(lin, PIN, OTHER_PIN)

    assert keyring.unlock(lin, OTHER_PIN) == data_key
    with pytest.raises(InvalidInputError):
        keyring.unlock(lin, PIN)


def test_the_same_pin_again_is_no_change(keyring, lin):
    with pytest.raises(InvalidInputError) as caught:
        keyring.change_pin(lin, PIN, PIN)

    assert "new_pin" in caught.value.fields


def test_a_supervisor_resets_a_forgotten_pin_and_its_lock(keyring, data_key, lin):
    wrong(keyring, lin, TRIES)

    keyring.reset_pin(data_key, lin, OTHER_PIN)

    assert keyring.unlock(lin, OTHER_PIN) == data_key


def test_a_removed_person_no_longer_signs_in(keyring, data_key, lin):
    keyring.add(data_key, staff_id="s-2", name="赵敏", role="supervisor", pin=OTHER_PIN)

    keyring.remove(lin)

    assert [p.name for p in keyring.people()] == ["赵敏"]
    with pytest.raises(NotFoundError):
        keyring.unlock(lin, PIN)


def test_the_last_person_cannot_be_removed(keyring, lin):
    with pytest.raises(RuleError, match="最后一位"):
        keyring.remove(lin)


def test_a_changed_name_shows_on_the_sign_in_screen(keyring, data_key, lin):
    keyring.update(lin, name="林小燕", role="supervisor")

    assert [(p.name, p.role) for p in keyring.people()] == [("林小燕", "supervisor")]
    assert keyring.unlock(lin, PIN) == data_key


def test_a_copied_folder_shows_no_name_and_no_pin_opens_it(tmp_path, data_folder, keyring, lin):
    keyring.remember("station", "转塘街道就业服务站")
    thief = Keyring.open(data_folder, store=FileSecretStore(tmp_path / "elsewhere"), cost=CHEAP)

    raw = b"".join(p.read_bytes() for p in data_folder.root.rglob("*") if p.is_file())

    for word in ("林晓燕", "clerk", "s-1", "转塘", PIN):
        assert word.encode() not in raw
        assert word.encode("unicode_escape") not in raw
    assert not thief.bound
    assert thief.people() == ()
    assert thief.recall("station") is None
    with pytest.raises(StorageError, match="恢复密钥"):
        thief.unlock(lin, PIN)


def test_the_secret_lies_outside_the_data_folder_for_this_user_alone(data_folder, store, keyring):
    files = list(store.folder.iterdir())

    assert len(files) == 1
    assert data_folder.root not in files[0].parents
    if os.name == "posix":
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
        assert stat.S_IMODE(data_folder.keyring.stat().st_mode) == 0o600
    assert str(store.folder) in keyring.describe()


def test_a_named_folder_is_where_the_secret_goes(monkeypatch, tmp_path):
    monkeypatch.setenv("DOORSTEP_SECRETS", str(tmp_path / "here"))

    chosen = choose_store()

    assert isinstance(chosen, FileSecretStore)
    assert chosen.folder == tmp_path / "here"


def test_a_session_without_a_keyring_service_is_told_so(monkeypatch):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)

    assert not SecretServiceStore().available()


def test_the_recovery_key_opens_on_another_pc_and_ties_the_folder_to_it(tmp_path, ring, data_folder, data_key, lin):
    other_pc = FileSecretStore(tmp_path / "other-pc")

    keyring, key = Keyring.rebind(data_folder, ring[1], store=other_pc, cost=CHEAP)
    entry = keyring.add(key, staff_id="s-1", name="林晓燕", role="clerk", pin=OTHER_PIN)

    assert key == data_key
    assert Keyring.open(data_folder, store=other_pc, cost=CHEAP).unlock(entry, OTHER_PIN) == data_key
    with pytest.raises(NotFoundError):
        keyring.unlock(lin, PIN)


def test_a_renewed_recovery_key_replaces_the_paper(ring, keyring, data_key):
    fresh = keyring.renew_recovery(data_key)

    assert keyring.recover(fresh) == data_key
    with pytest.raises(InvalidInputError, match="旧密钥"):
        keyring.recover(ring[1])


def test_the_recovery_key_forgives_case_spaces_and_look_alikes():
    paper = make_recovery_key()
    typed = paper.lower().replace("-", "  ").replace("0", "o").replace("1", "l")

    assert read_recovery_key(typed) == read_recovery_key(paper)


def test_every_single_slip_in_a_recovery_key_is_told_by_its_group():
    paper = make_recovery_key()

    for place, letter in enumerate(paper):
        if letter == "-":
            continue
        slip = paper[:place] + ALPHABET[(ALPHABET.index(letter) + 5) % 32] + paper[place + 1 :]
        with pytest.raises(InvalidInputError, match=f"第 {place // 6 + 1} 组"):
            read_recovery_key(slip)


def test_swapped_groups_are_told():
    groups = make_recovery_key().split("-")
    groups[2], groups[5] = groups[5], groups[2]

    with pytest.raises(InvalidInputError, match="第 3、6 组"):
        read_recovery_key("-".join(groups))


def test_a_recovery_key_too_short_says_how_long():
    with pytest.raises(InvalidInputError, match="40 个字，现在是 39 个"):
        read_recovery_key(make_recovery_key()[:-1])


@pytest.mark.parametrize(
    "pin",
    ["000000", "123456", "654321", "890123", "121212", "123123", "112233", "520131", "12345", "1234567", "abc123"]
    + ["一二三四五六", "aaaaaaaaaa", "1234567890", "ababababab", ""],
)
def test_an_easy_pin_is_refused_with_a_sentence(pin):
    with pytest.raises(InvalidInputError) as caught:
        check_pin(pin)

    assert caught.value.fields["pin"]


@pytest.mark.parametrize("pin", [PIN, OTHER_PIN, " 274951 ", "correct horse battery", "春眠不觉晓处处闻啼鸟"])
def test_a_good_pin_or_passphrase_is_taken(pin):
    assert check_pin(pin)


def test_sealed_bytes_open_on_this_pc_alone(tmp_path, keyring):
    sealed = keyring.seal(b"draft")
    other, _paper = Keyring.create(DataFolder(tmp_path / "b"), store=FileSecretStore(tmp_path / "s2"), cost=CHEAP)

    assert b"draft" not in sealed
    assert keyring.open_sealed(sealed) == b"draft"
    with pytest.raises(StorageError):
        other.open_sealed(sealed)
    with pytest.raises(StorageError):
        keyring.open_sealed(sealed[:-1])


def test_what_is_remembered_is_there_before_sign_in(data_folder, store, keyring):
    keyring.remember("station", "转塘街道就业服务站")

    assert Keyring.open(data_folder, store=store).recall("station") == "转塘街道就业服务站"
    assert keyring.recall("never") is None


def test_a_second_keyring_never_overwrites_the_first(data_folder, store, keyring):
    before = data_folder.keyring.read_bytes()

    with pytest.raises(StorageError, match="没有重建"):
        Keyring.create(data_folder, store=store, cost=CHEAP)

    assert data_folder.keyring.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "x", "entries": []}'])
def test_a_damaged_keyring_is_a_sentence(data_folder, store, content):
    data_folder.keyring.write_bytes(content)

    with pytest.raises(StorageError, match="坏了"):
        Keyring.open(data_folder, store=store)


def test_a_keyring_of_a_newer_program_is_refused_with_a_sentence(data_folder, store, keyring):
    file = json.loads(data_folder.keyring.read_bytes())
    data_folder.keyring.write_text(json.dumps(file | {"format": 2}))

    with pytest.raises(StorageError, match="更新的版本"):
        Keyring.open(data_folder, store=store)


def test_two_programs_adding_people_at_once_lose_nobody(tmp_path, data_folder, store, ring, data_key):
    code = """
import sys
from pathlib import Path
from app.db.keyring import Keyring
from app.db.keyring_file import Cost
from app.db.secret_store import FileSecretStore
from app.paths import DataFolder

keyring = Keyring.open(DataFolder(Path(sys.argv[1])), store=FileSecretStore(Path(sys.argv[2])), cost=Cost(64, 1, 1))
key = keyring.recover(sys.argv[3])
for n in range(15):
    keyring.add(key, staff_id=f"{sys.argv[4]}-{n}", name="某", role="clerk", pin="274951")
"""
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(data_folder.root), str(store.folder), ring[1], tag])
        for tag in ("a", "b")
    ]

    assert [p.wait() for p in both] == [0, 0]
    assert len(ring[0].people()) == 30
