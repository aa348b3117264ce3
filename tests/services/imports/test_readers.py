"""Opening files: every encoding, and a sentence for every way in which a file can be wrong."""

import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import AppError, StorageError, UserError
from app.services.imports import readers
from app.services.imports.readers import clean_cells, open_table, unwrap

LINES = "职位,公司,薪资\r\n['钟点工'],['溪桥家政'],['30元/小时']\r\n保洁员,云禾物业,3-4千/月\r\n"
Sheet = Callable[..., Path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "岗位.csv"
    path.write_bytes(LINES.encode(encoding))

    table = open_table(path)

    assert table.headings == ("职位", "公司", "薪资")
    assert [(row.number, row.cells) for row in table.iter_rows()] == [
        (2, ("钟点工", "溪桥家政", "30元/小时")),
        (3, ("保洁员", "云禾物业", "3-4千/月")),
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t", "，"])
def test_the_delimiter_is_found(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"职位{sign}公司{sign}薪资\n保洁员{sign}云禾物业{sign}3千/月\n", "utf-8")

    assert next(open_table(path).iter_rows()).cells == ("保洁员", "云禾物业", "3千/月")


def test_headings_damaged_by_stray_letters_are_mended(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("gr职位,公司*,x薪资\n保洁员,云禾物业,3千/月\n", "utf-8")

    assert open_table(path).headings == ("职位", "公司*", "薪资")


def test_headings_are_found_below_a_title(workbook: Sheet) -> None:
    path = workbook(
        [["溪桥社区秋季招聘会岗位表"], [], ["岗位名称", "单位名称", "薪资"], ["保洁员", "云禾物业", "3千/月"]]
    )

    table = open_table(path)

    assert (table.heading_row, table.headings) == (3, ("岗位名称", "单位名称", "薪资"))
    assert [row.number for row in table.iter_rows()] == [4]


def test_the_sheet_with_known_headings_is_taken(workbook: Sheet) -> None:
    path = workbook([["说明"], ["请填第二张表"]], 岗位=[["岗位名称", "单位名称"], ["保洁员", "云禾物业"]])

    assert open_table(path).sheet == "岗位"
    assert open_table(path, sheet="Sheet").headings == ("说明",)


def test_numbers_and_dates_of_a_workbook_become_plain_text() -> None:
    from datetime import datetime

    cells = clean_cells([3.0, 2.5, datetime(2026, 11, 2), None, "\xa0 保洁\u3000 ", "nan", 19900000003])

    assert cells == ("3", "2.5", "2026-11-02", "", "保洁", "", "19900000003")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("['1-1.5万/月']", "1-1.5万/月"),
        ("[]", ""),
        ('["a\'s"]', "a's"),
        ("['甲', '乙']", "甲 乙"),
        ("[急聘]保洁", "[急聘]保洁"),
        ("[急聘]", "[急聘]"),
    ],
)
def test_wrapped_cells_are_unwrapped(written: str, meant: str) -> None:
    assert clean_cells([written]) == (meant,)


def test_unwrapping_leaves_other_brackets() -> None:
    assert unwrap("[1, 2]") == "[1, 2]"


def _refused(path: Path, **more: str) -> AppError:
    with pytest.raises((UserError, StorageError)) as caught:
        list(open_table(path, **more).iter_rows())
    assert caught.value.text.strip()
    return caught.value


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "blank.csv").write_text(",,\n,,\n", "utf-8")

    codes = [_refused(tmp_path / name).code for name in ("none.csv", ".", "empty.csv", "blank.csv")]

    assert codes == ["import.missing", "import.folder", "import.empty", "import.empty"]


def test_an_empty_workbook_says_so(workbook: Sheet) -> None:
    assert _refused(workbook([])).code == "import.empty"


def test_a_wrong_sheet_is_told_with_those_there_are(postings: Path) -> None:
    problem = _refused(postings, sheet="岗位")

    assert problem.code == "import.no_sheet"
    assert "Sheet" in problem.text


def test_a_password_and_an_old_workbook_are_told_apart(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    (tmp_path / "locked.xlsx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    (tmp_path / "old.xls").write_bytes(ole + "Workbook".encode("utf-16-le"))

    assert _refused(tmp_path / "locked.xlsx").code == "import.password"
    assert _refused(tmp_path / "old.xls").code == "import.old_excel"


def test_damaged_workbooks_end_in_a_sentence(tmp_path: Path, postings: Path) -> None:
    whole = postings.read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.xlsx").write_text("不是表格", "utf-8")
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as package:
        package.writestr("word/document.xml", "<w/>")
    _rewrite(
        postings, tmp_path / "broken.xlsx", "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c t='s'><v>x"
    )
    _rewrite(postings, tmp_path / "workbook.xlsx", "xl/workbook.xml", b"<<<")

    codes = [_refused(tmp_path / f"{name}.xlsx").code for name in ("cut", "text", "other", "broken", "workbook")]

    assert codes == ["import.damaged", "import.damaged", "import.not_table", "import.damaged", "import.damaged"]


def _rewrite(source: Path, target: Path, part: str, content: bytes) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == part else old.read(entry))


def test_a_packed_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, postings: Path) -> None:
    shutil.copyfile(postings, tmp_path / "bomb.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/big.xml", "w") as part,
    ):
        for _round in range(160):
            part.write(bytes(1 << 20))

    assert _refused(tmp_path / "bomb.xlsx").code == "import.too_large"


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(readers.MAX_FILE_BYTES + 1)

    assert _refused(path).code == "import.too_large"


def test_bytes_of_no_encoding_and_other_formats_are_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(b"\xff\xfe\xff"[1:] + b"\x81\xff,\xff\n" * 9)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "binary.csv").write_bytes(b"a,b\n\x00\x01\x02")

    assert [_refused(tmp_path / name).code for name in ("noise.csv", "paper.pdf", "binary.csv")] == [
        "import.encoding",
        "import.not_table",
        "import.not_table",
    ]


def test_a_csv_with_an_endless_cell_ends_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('职位,公司\n保洁员,云禾\n"' + "甲" * 200_000 + '",乙\n', "utf-8")

    problem = _refused(path)

    assert (problem.code, "3" in problem.text) == ("import.bad_row", True)


def test_shared_strings_are_read_as_excel_writes_them(tmp_path: Path, postings: Path) -> None:
    shared = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + "".join(
        f"<si><t>{text}</t></si>" for text in ("岗位名称", "单位名称", "保洁员")
    )
    shared += "<si><r><t>云禾</t></r><r><t>物业</t></r><rPh sb='0' eb='1'><t>yun</t></rPh></si></sst>"
    cells = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1"/><sheetData>'
    )
    cells += '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    cells += '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row></sheetData></worksheet>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    target = tmp_path / "shared.xlsx"
    with zipfile.ZipFile(postings) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "[Content_Types].xml" and b"sharedStrings" not in content:
                content = content.replace(
                    b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
                )
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = cells.encode()
            if entry.filename != "xl/sharedStrings.xml":
                new.writestr(entry.filename, content)
        new.writestr("xl/sharedStrings.xml", shared)

    table = open_table(target)

    assert table.headings == ("岗位名称", "单位名称")
    assert [row.cells for row in table.iter_rows()] == [("保洁员", "云禾物业")]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write("职位,公司,岗位描述\n")
        for number in range(20_000):
            file.write(f"保洁员{number},云禾物业,{'打扫楼道' * 40}\n")
    table = open_table(path)
    tracemalloc.start()

    count = sum(1 for _row in table.iter_rows())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 2 * 1024 * 1024


def test_the_real_files_are_read_to_the_last_row(shared_data: Path) -> None:
    workbook, csv_file = open_table(shared_data / "vacancies.xlsx"), open_table(shared_data / "vacancies_gb18030.csv")

    assert (sum(1 for _row in workbook.iter_rows()), sum(1 for _row in csv_file.iter_rows())) == (800, 1000)
    assert csv_file.encoding == "gb18030"
