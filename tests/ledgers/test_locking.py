"""A workbook behind a password: opened with it, not without it, and nothing open left on the way."""

import io
import tempfile
from datetime import datetime
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.exceptions import InvalidKeyError

from app import clock
from app.errors import Cancelled, InvalidInputError, StorageError
from app.ledgers import ledger_named
from app.ledgers.export import Heading
from app.ledgers.locking import check_password
from app.printing.ledger_file import write_ledger

PASSWORD = "溪桥-2026-台账"
LEDGER = ledger_named("L06")
HEADING = Heading("溪桥社区就业服务站", "2026年11月", "陶丽华", datetime(2026, 12, 1, 9, tzinfo=clock.LOCAL_ZONE))


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    """Give temporary files a folder of their own, which can be looked into."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def write(path, rows, **how):
    return write_ledger(path, LEDGER, HEADING, rows, password=PASSWORD, **how)


def row(text):
    return [text, *[None] * (len(LEDGER.columns) - 1)]


def opened(path, password):
    file = msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes()))
    file.load_key(password=password, verify_password=True)
    plain = io.BytesIO()
    file.decrypt(plain, verify_integrity=True)
    return openpyxl.load_workbook(plain)


def test_a_locked_ledger_opens_with_its_password_and_reads_as_the_open_one(tmp_path, rooms):
    count = write(tmp_path / "a.xlsx", [row("第一行")])

    sheet = opened(tmp_path / "a.xlsx", PASSWORD).worksheets[0]
    assert count == 1
    assert "第一行" in [cell.value for line in sheet for cell in line]
    assert list(rooms.iterdir()) == []


def test_without_its_password_nothing_of_a_locked_ledger_can_be_read(tmp_path, rooms):
    write(tmp_path / "a.xlsx", [row("第一行")])

    with pytest.raises(InvalidKeyError):
        opened(tmp_path / "a.xlsx", "溪桥-2026-别的")
    with pytest.raises(Exception, match="zip"):
        openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert LEDGER.title.encode() not in (tmp_path / "a.xlsx").read_bytes()


def test_the_open_workbook_never_lies_in_the_folder_of_the_wanted_file(tmp_path, rooms):
    target, seen = tmp_path / "stick", []

    def rows():
        seen.extend(target.glob("**/*"))
        yield row("第一行")

    target.mkdir()
    write(target / "a.xlsx", rows())

    assert seen == []
    assert [each.name for each in target.glob("**/*")] == ["a.xlsx"]


def test_a_locked_ledger_that_is_stopped_or_fails_leaves_the_old_file_and_no_open_one(tmp_path, rooms, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")

    def stopped():
        yield row("第一行")
        raise Cancelled

    def full(*_args):
        raise OSError(28, "No space left on device")

    with pytest.raises(Cancelled):
        write(path, stopped())
    monkeypatch.setattr("app.ledgers.export.os.replace", full)
    with pytest.raises(StorageError):
        write(path, [row("第一行")])

    assert path.read_bytes() == b"old"
    assert list(rooms.iterdir()) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.xlsx", "tmp"]


@pytest.mark.parametrize("kind", [".pdf", ".csv"])
def test_only_a_workbook_takes_a_password(tmp_path, kind):
    with pytest.raises(InvalidInputError) as refused:
        write(tmp_path / f"a{kind}", [row("第一行")])

    assert refused.value.fields == {"password": "只有 Excel 文件能设打开密码"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("password", ["", "1234567", "x" * 65, " 12345678", "12345678 ", "11111111", "1234\x007890"])
def test_a_password_that_is_none_is_refused_with_a_sentence(tmp_path, password):
    with pytest.raises(InvalidInputError) as refused:
        check_password(password)

    assert "打开密码" in refused.value.fields["password"]


def test_the_two_libraries_agree_on_a_long_chinese_password(tmp_path: Path, rooms: Path):
    long = "家门口就业服务站二〇二六年十一月台账" * 3

    write_ledger(tmp_path / "a.xlsx", LEDGER, HEADING, [row("第一行")], password=long)

    assert opened(tmp_path / "a.xlsx", long).worksheets[0].title.startswith("推荐")
