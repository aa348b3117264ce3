"""Which keys a computer trusts: what shipped and root's file; what is damaged is told and weakens nothing."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import paths
from app.errors import RuleError
from app.updates import keys
from app.updates.keys import key_files, read_keys, verified
from tests.updates import making

OTHER = Ed25519PrivateKey.from_private_bytes(b"\7" * 32).public_key().public_bytes_raw()
OTHER_LINE = base64.b64encode(OTHER).decode()


def read(monkeypatch, *files):
    monkeypatch.setattr(keys, "key_files", lambda: files)
    return read_keys()


def written(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_keys_of_both_files_are_trusted_with_their_names(tmp_path, monkeypatch):
    shipped = written(tmp_path, "a", f"# ours\n\n{making.LINE} # since 2026\n")
    own = written(tmp_path, "b", f"\ufeff{OTHER_LINE}\r\n{making.LINE}\r\n")

    found = read(monkeypatch, shipped, own, tmp_path / "not there")

    assert [(key.public, key.label, key.file.name) for key in found.keys] == [
        (making.PUBLIC, "余杭区", "a"),
        (OTHER, "", "b"),
    ]
    assert found.faults == ()


def test_what_ships_names_no_key_and_has_no_fault(monkeypatch):
    monkeypatch.delenv("DOORSTEP_RELEASE_KEYS", raising=False)
    shipped, own = key_files()

    assert shipped == paths.resources() / "release-keys.txt" and shipped.is_file()
    assert own.name == "release-keys.txt" and own.parent.name == "doorstep"
    assert read(monkeypatch, shipped) == keys.TrustedKeys((), ())


@pytest.mark.parametrize(
    "line", ["not-a-key", OTHER_LINE[:-8], OTHER_LINE + "AAAA", base64.b64encode(bytes(32)).decode(), "!", "=" * 44]
)
def test_a_damaged_line_is_told_by_file_and_number_and_the_others_stand(tmp_path, monkeypatch, line):
    file = written(tmp_path, "keys.txt", f"# x\n{line}\n{making.LINE}\n")

    found = read(monkeypatch, file)

    assert found.publics == (making.PUBLIC,)
    (fault,) = found.faults
    assert "keys.txt" in fault and " 2 " in fault


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"#" * 70_000])
def test_a_file_that_cannot_be_read_is_told(tmp_path, monkeypatch, content):
    found = read(monkeypatch, written(tmp_path, "a", content), written(tmp_path, "b", making.LINE))

    assert (len(found.faults), found.publics) == (1, (making.PUBLIC,))
    assert len(read(monkeypatch, tmp_path).faults) == 1


def test_a_key_that_is_distrusted_anywhere_is_trusted_nowhere(tmp_path, monkeypatch):
    shipped = written(tmp_path, "a", f"{OTHER_LINE} new\n!{making.LINE}\n")
    own = written(tmp_path, "b", f"{making.LINE}\n")

    assert read(monkeypatch, shipped, own).publics == read(monkeypatch, own, shipped).publics == (OTHER,)


def test_a_damaged_line_is_named_where_its_key_may_be_the_one_that_is_missed(tmp_path, monkeypatch):
    package = making.package(tmp_path)
    content = package.with_name(package.name + ".release").read_bytes()
    making.trust(monkeypatch, tmp_path, making.LINE[3:])

    with pytest.raises(RuleError, match="第 1 行") as unknown:
        verified(content)

    assert unknown.value.code == "release.unknown_key"


def test_a_point_of_small_order_is_no_key_though_it_would_verify_a_forgery():
    for each in keys._SMALL_ORDER:
        for last in (each[31], each[31] | 0x80):
            assert keys._key_of(base64.b64encode(each[:31] + bytes([last])).decode()) is None
