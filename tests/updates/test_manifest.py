"""The signed manifest: what is signed is what is read, and nothing else is taken."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.errors import RuleError
from app.updates.manifest import Release, key_name, read_release, sign, version_order

PRIVATE = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
RELEASE = Release(
    version="0.2.0",
    platform="linux-amd64",
    file="doorstep_0.2.0_amd64.deb",
    size=70_000_000,
    sha256="ab" * 32,
    minimum_schema="0001",
    notes={"zh_CN": "更稳了", "en": "Steadier"},
    made_at="2026-11-29T00:00:00Z",
)


def _code(content: bytes, trusted: list[bytes]) -> str:
    with pytest.raises(RuleError) as caught:
        read_release(content, trusted)
    return caught.value.code


def test_what_was_signed_is_read_again_with_the_makers_key_alone():
    content = sign(RELEASE, PRIVATE)

    found = read_release(content, [b"\1" * 32, PUBLIC])

    assert found == RELEASE
    assert found.notes_in("en") == "Steadier"
    assert found.notes_in("fr") == "更稳了"
    assert _code(content, [b"\1" * 32]) == "release.unknown_key"
    assert _code(content, []) == "release.unknown_key"


@given(st.data())
def test_one_changed_byte_anywhere_is_never_taken_for_another_release(data):
    content = bytearray(sign(RELEASE, PRIVATE))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    try:
        found = read_release(bytes(content), [PUBLIC])
    except RuleError:
        return
    assert found == RELEASE  # white space of the envelope, at most


def test_a_foreign_signature_under_the_makers_name_is_refused():
    envelope = json.loads(sign(RELEASE, b"\7" * 32))
    envelope["key"] = key_name(PUBLIC)

    assert _code(json.dumps(envelope).encode(), [PUBLIC]) == "release.signature"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b"{" * 100_000, b'{"manifest": 1}'])
def test_what_is_no_manifest_is_told_in_one_sentence(content):
    assert _code(content, [PUBLIC]) == "release.unreadable"


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../../etc/passwd"},
        {"file": ".deb"},
        {"platform": "amiga"},
        {"size": 0},
        {"size": True},
        {"sha256": "AB" * 32},
        {"version": "0.2"},
        {"version": "01.2.3"},
        {"notes": {"en": 1}},
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_refused_though_signed(change):
    manifest = json.dumps({"product": "doorstep", **replace(RELEASE, **change).__dict__})
    signature = Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(b"doorstep release 1\n" + manifest.encode())
    envelope = {"manifest": manifest, "signature": base64.b64encode(signature).decode(), "key": key_name(PUBLIC)}

    with pytest.raises(RuleError):
        read_release(json.dumps(envelope).encode(), [PUBLIC])


def test_versions_are_compared_as_numbers():
    assert version_order("0.10.0") > version_order("0.9.12")
