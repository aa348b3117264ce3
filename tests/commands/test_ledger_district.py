"""Ledgers of the district and stations side by side, as a scheduler asks for them."""

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import requests

from app import clock
from app.paths import DataFolder
from app.sync.joining import join_district
from tests.commands.conftest import PIN, Run
from tests.district.live import OTHER, STATION, running
from tests.district.whole_district import Whole, filled

MONTH = f"{clock.today():%Y-%m}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Yield a district of two stations at work."""
    folder = tmp_path_factory.mktemp("district")
    with running(f"sqlite:///{folder / 'district.db'}") as live, filled(live, folder) as made:
        yield made


@pytest.fixture(scope="module")
def joined(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Return the data folder of an officer's PC that joined it."""
    folder = DataFolder(tmp_path_factory.mktemp("officer"))
    folder.create()
    code = whole.live.code("officer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOORSTEP_SECRETS", str(folder.root.parent / "secrets"))
        answer = join_district(folder, whole.live.url, code, name="许文", pin=PIN, device="区里")
    answer.counter.database.close()
    return folder


@pytest.fixture
def data_folder(joined: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """Let every command run on that PC."""
    monkeypatch.setenv("DOORSTEP_SECRETS", str(joined.root.parent / "secrets"))
    return joined


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig") as file:
        return [row for row in csv.reader(file) if row and row[0].isdigit()]


def test_a_ledger_of_the_district_is_this_pcs_own_and_narrows_to_stations(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in ("far", "near", "one")]

    far = run("ledger", "L06", "--district", "--month", MONTH, "--out", paths[0])
    near = run("ledger", "L06", "--month", MONTH, "--out", paths[1])
    one = run("ledger", "L06", "--district", "--station", OTHER, "--month", MONTH, "--out", paths[2])

    assert (far.status, near.status, one.status) == (0, 0, 0), (far.err, near.err, one.err)
    whole = rows_of(paths[0])
    assert whole == rows_of(paths[1]) and 0 < len(rows_of(paths[2])) < len(whole)
    assert "余杭区" in paths[0].read_text("utf-8-sig") and "乐业空间就业服务站" in paths[2].read_text("utf-8-sig")


def test_stations_are_compared_alike_there_and_here(run: Run, tmp_path: Path) -> None:
    books = [tmp_path / "far.xlsx", tmp_path / "near.xlsx"]

    done = [
        run("ledger", "compare", "--district", "--month", MONTH, "--out", books[0]),
        run("ledger", "compare", "--month", MONTH, "--out", books[1]),
        run("ledger", "compare", "--block", "bd", "--month", MONTH, "--out", tmp_path / "a.pdf"),
    ]

    assert [each.status for each in done] == [0, 0, 0], [each.err for each in done]
    tables = [[[cell.value for cell in row] for row in openpyxl.load_workbook(book).worksheets[0]] for book in books]
    stands = [[row for row in table if isinstance(row[0], int)] for table in tables]
    assert stands[0] == stands[1] and len(stands[0]) == 3 and stands[0][-1][1] == "合计"
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_whole_values_are_taken_for_a_reason_and_stand_in_both_logs(run: Run, tmp_path: Path) -> None:
    path, audit = tmp_path / "whole.xlsx", tmp_path / "audit.csv"

    done = run("ledger", "L01", "--district", "--month", MONTH, "--whole", "报区里核对", "--out", path)
    run("ledger", "audit", "--month", MONTH, "--out", audit)

    assert done.status == 0, done.err
    text = [str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0] for cell in row]
    assert any("含完整个人信息" in each and "报区里核对" in each for each in text)
    assert any("L01" in row[6] and "区里 xlsx" in row[6] and row[7] == "报区里核对" for row in rows_of(audit))


def test_what_cannot_be_had_is_said_in_a_sentence_and_leaves_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = ("--month", MONTH, "--out", tmp_path / "a.xlsx")
    asked = {
        "没有台账": run("ledger", "L99", "--district", *out),
        "指标块": run("ledger", "compare", "--block", "X", *out),
        "以 .xlsx": run("ledger", "L01", "--district", "--month", MONTH),
    }

    def no_line(*_what: object, **_how: object) -> None:
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(requests.Session, "request", no_line)
    asked["联网后再取"] = run("ledger", "L01", "--district", *out)

    assert all(done.status == 1 and words in done.err for words, done in asked.items()), asked
    assert not list(tmp_path.glob("a.*"))


def test_the_district_tells_what_it_has(run: Run) -> None:
    done = run("ledger", "list", "--district")

    assert done.status == 0 and "L06" in done.out and f"{STATION}  溪桥社区就业服务站" in done.out
