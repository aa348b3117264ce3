"""The command that a scheduler runs: a ledger as a file."""

import io
from datetime import timedelta
from pathlib import Path

import msoffcrypto
import openpyxl

from app import clock
from tests.commands.conftest import Run


def test_a_ledger_is_written_in_each_way_and_its_taking_out_is_in_the_audit(founded: Run, tmp_path: Path) -> None:
    month = f"{clock.today():%Y-%m}"

    ways = [
        founded("ledger", "L02", "--month", month, "--out", tmp_path / f"a.{way}") for way in ("xlsx", "pdf", "csv")
    ]
    audit = founded("ledger", "audit", "--month", month, "--out", tmp_path / "audit.xlsx")

    assert [done.status for done in ways] == [0, 0, 0]
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert "求职登记台账" in (tmp_path / "a.csv").read_text("utf-8-sig")
    assert audit.status == 0
    sheet = openpyxl.load_workbook(tmp_path / "audit.xlsx").worksheets[0]
    taken = [row[5].value for row in sheet.iter_rows(min_row=4) if isinstance(row[0].value, int)]
    assert [str(what).split()[-3] for what in taken] == ["xlsx", "pdf", "csv", "xlsx"]


def test_what_cannot_be_taken_out_is_said_in_a_sentence(founded: Run, tmp_path: Path) -> None:
    later = f"{clock.today() + timedelta(days=40):%Y-%m}"

    refused = [
        founded("ledger", "L99", "--out", tmp_path / "a.xlsx"),
        founded("ledger", "L02", "--month", later, "--out", tmp_path / "a.xlsx"),
        founded("ledger", "L02", "--month", "2026-11", "--out", tmp_path / "a.doc"),
        founded("ledger", "L02", "--from", "2026-11-01", "--out", tmp_path / "a.xlsx"),
        founded("ledger", "L02", "--officer", "没有这人", "--out", tmp_path / "a.xlsx"),
    ]

    words = ["没有台账", "还没到", "以 .xlsx", "要么写 --month", "没有找到经办人"]
    assert all(done.status != 0 and word in done.err for done, word in zip(refused, words, strict=True))
    assert not list(tmp_path.glob("a.*"))


def test_a_ledger_is_locked_by_the_first_line_of_a_file(founded: Run, tmp_path: Path) -> None:
    (tmp_path / "word.txt").write_text("溪桥-2026-台账\n", "utf-8")
    month = f"{clock.today():%Y-%m}"

    done = founded("ledger", "L02", "--month", month, "--out", tmp_path / "a.xlsx", "--password", tmp_path / "word.txt")

    locked, plain = msoffcrypto.OfficeFile(io.BytesIO((tmp_path / "a.xlsx").read_bytes())), io.BytesIO()
    locked.load_key(password="溪桥-2026-台账", verify_password=True)
    locked.decrypt(plain)
    assert done.status == 0
    assert openpyxl.load_workbook(plain).worksheets


def test_a_password_that_cannot_be_had_is_said_and_no_file_is_made(founded: Run, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("1234", "utf-8")
    month = f"{clock.today():%Y-%m}"

    def refused(name: str, word: Path | str) -> str:
        return founded("ledger", "L02", "--month", month, "--out", tmp_path / name, "--password", word).err

    words = [
        refused("a.xlsx", tmp_path / "gone.txt"),
        refused("a.xlsx", tmp_path / "short.txt"),
        refused("a.xlsx", "-"),
    ]
    assert ["读不了密码文件" in words[0], "打开密码要 8 到 64 个字" in words[1], "没有终端" in words[2]] == [True] * 3
    assert not list(tmp_path.glob("a.*"))


def test_the_ledgers_are_listed(founded: Run) -> None:
    done = founded("ledger", "list")

    assert done.status == 0
    assert "L06  referrals" in done.out and "推荐（职业介绍）台账" in done.out
