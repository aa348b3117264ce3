"""From file to store: every row has one outcome, twice changes nothing, cancel keeps what was taken."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col
from sqlmodel import select as pick

from app.db.database import Actor, Database
from app.errors import InvalidInputError, NotAllowedError, StorageError
from app.models.employer import Employer, Vacancy
from app.models.operation import Operation, OperationEdit
from app.models.resident import Resident
from app.services.imports import job as job_module
from app.services.imports.job import ImportJob, WriteBatch
from app.services.imports.report import REFUSED, ImportReport, RowOutcome, guard_formula, refused, taken
from app.services.imports.rows import ReadRow
from app.services.imports.writing import import_batch
from app.sync.protocol import MAX_BODY
from tests.services.imports.conftest import HEADINGS, POSTINGS

Sheet = Callable[..., Path]
Writer = Callable[[str], WriteBatch]


def run(path: Path, kind: str, write: WriteBatch | None, *, dry_run: bool = False) -> ImportReport:
    report = ImportJob.open(path, kind, dry_run=dry_run).run(write)
    assert report.adds_up()
    return report


def count(database: Database, model: type[Vacancy] | type[Employer] | type[Resident]) -> int:
    with database.read() as tx:
        return len(tx.rows(select(col(model.id))))


def test_postings_wait_for_review_and_their_employers_for_verification(
    database: Database, writer: Writer, postings: Path
) -> None:
    report = run(postings, "vacancies", writer("vacancies"))

    assert (report.read, report.taken_count, report.refused_count) == (2, 2, 0)
    with database.read() as tx:
        assert {row[0] for row in tx.rows(select(col(Vacancy.review_state)))} == {"20"}
        assert {row[0] for row in tx.rows(select(col(Employer.verify_state)))} == {"10"}
        assert {row[0] for row in tx.rows(select(col(Employer.uscc)))} == {None}


def test_importing_twice_changes_nothing(database: Database, writer: Writer, postings: Path, workbook: Sheet) -> None:
    run(postings, "vacancies", writer("vacancies"))
    turned = workbook([HEADINGS[::-1], *(row[::-1] for row in POSTINGS)], name="again.xlsx")
    with database.read() as tx:
        before = len(tx.rows(select(col(Operation.op))))

    for path in (postings, turned):
        report = run(path, "vacancies", writer("vacancies"))
        assert (report.taken_count, report.refused_count) == (0, 2)

    with database.read() as tx:
        assert len(tx.rows(select(col(Operation.op)))) == before
    assert (count(database, Vacancy), count(database, Employer)) == (2, 2)


def test_one_batch_is_one_operation(database: Database, writer: Writer, postings: Path) -> None:
    run(postings, "vacancies", writer("vacancies"))

    with database.read() as tx:
        acts = [row[0] for row in tx.rows(select(col(Operation.act)).order_by(col(Operation.seq).desc()))]
    assert acts.count("vacancy.import") == 1


def test_postings_with_long_texts_make_operations_that_fit_into_a_push(
    database: Database, writer: Writer, workbook: Sheet
) -> None:
    path = workbook(
        [("岗位名称", "单位名称", "岗位描述"), *((f"保洁员{n}", "云禾物业", "打扫卫生" * 900) for n in range(210))]
    )

    run(path, "vacancies", writer("vacancies"))

    with database.read() as tx:
        sizes = tx.sql("SELECT sum(length(CAST(changes AS BLOB)) + 200) FROM operation_edit GROUP BY op")
    assert sum(size for (size,) in sizes) > MAX_BODY
    assert max(size for (size,) in sizes) < MAX_BODY


def test_rows_written_in_bulk_are_captured_field_by_field(database: Database, writer: Writer, postings: Path) -> None:
    run(postings, "vacancies", writer("vacancies"))

    with database.read() as tx:
        edits = tx.session.exec(pick(OperationEdit).where(col(OperationEdit.record_type) == "vacancy")).all()
        stored = {edit.record_id: tx.get(Vacancy, edit.record_id) for edit in edits}
    assert len(edits) == 2
    for edit in edits:
        row = stored[edit.record_id]
        told = {name: new for name, (_old, new) in edit.changes.items()}
        assert (told["title"], told["source_key"], told["review_state"]) == (row.title, row.source_key, "20")
        assert told["open_from"] == (row.open_from.isoformat() if row.open_from else None)
        assert row.created_by is not None and row.station_code is not None and row.created_at is not None


def test_employer_names_that_differ_in_width_only_are_one_employer(
    database: Database, writer: Writer, workbook: Sheet
) -> None:
    names = ("云禾物业（杭州）有限公司", "云禾物业(杭州)有限公司", "云禾物业 (杭州) 有限公司")
    path = workbook([("岗位名称", "单位名称"), *((f"保洁员{n}", name) for n, name in enumerate(names))])

    run(path, "vacancies", writer("vacancies"))

    assert (count(database, Vacancy), count(database, Employer)) == (3, 1)


def test_a_repeat_within_the_file_is_told_with_its_row(writer: Writer, workbook: Sheet) -> None:
    report = run(workbook([HEADINGS, POSTINGS[0], POSTINGS[0]]), "vacancies", writer("vacancies"))

    assert [(row.number, row.notes) for row in report.rows() if row.outcome == REFUSED] == [(3, ("与第 2 行相同",))]


def test_a_dry_run_stores_nothing_and_accounts_for_every_row(
    database: Database, writer: Writer, postings: Path
) -> None:
    report = run(postings, "vacancies", writer("vacancies"), dry_run=True)

    assert report.taken_count == 2
    assert count(database, Vacancy) == 0
    assert report.summary().startswith("试导入")


def test_after_a_cancel_what_was_taken_stays(
    database: Database, writer: Writer, workbook: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_module, "BATCH", 2)
    path = workbook([("岗位名称", "单位名称"), *((f"保洁员{n}", "云禾物业") for n in range(7))])
    seen: list[tuple[int, int]] = []

    report = ImportJob.open(path, "vacancies").run(
        writer("vacancies"), lambda done, total: seen.append((done, total)), lambda: len(seen) >= 2
    )

    assert (report.cancelled, report.read, count(database, Vacancy)) == (True, 4, 4)
    assert report.adds_up()
    assert "取消" in report.summary()


def test_a_failure_in_the_middle_ends_the_import_with_its_reason(
    database: Database, writer: Writer, workbook: Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_module, "BATCH", 2)
    path = workbook([("岗位名称", "单位名称"), *((f"保洁员{n}", "云禾物业") for n in range(5))])
    store = writer("vacancies")

    def full_disk(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        if rows[0].number > 3:
            raise StorageError("磁盘满了")
        return store(rows)

    report = ImportJob.open(path, "vacancies").run(full_disk)

    assert (report.read, count(database, Vacancy)) == (2, 2)
    assert "磁盘满了" in report.summary()


def test_a_file_without_the_needed_columns_is_refused(workbook: Sheet) -> None:
    with pytest.raises(InvalidInputError):
        ImportJob.open(workbook([("薪资", "备注"), ("3千/月", "无")]), "vacancies").run(None)


def test_a_trainer_may_not_import(database: Database, actor: Actor, postings: Path) -> None:
    def write(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with database.write(Actor(actor.staff_id, "钱望舒", frozenset({"trainer"}))) as tx:
            return import_batch(tx, "vacancies", rows)

    with pytest.raises(NotAllowedError):
        ImportJob.open(postings, "vacancies").run(write)
    assert count(database, Vacancy) == 0


def test_employers_are_taken_and_completed(database: Database, writer: Writer, workbook: Sheet) -> None:
    headings = ("单位名称", "统一社会信用代码", "单位性质", "行业", "联系人", "电话")
    first = workbook(
        [headings, ("杭州云禾物业服务有限公司", "", "民营", "房地产业", "", ""), ("坏码公司", "123", "", "", "", "")]
    )
    second = workbook(
        [headings, ("杭州云禾物业服务有限公司", "91330110MADEM1A18W", "民营", "K", "周素琴", "0571-00000201")],
        name="b.xlsx",
    )

    before = run(first, "employers", writer("employers"))
    after = run(second, "employers", writer("employers"))
    again = run(second, "employers", writer("employers"))

    assert (before.taken_count, before.refused_count) == (1, 1)
    assert (after.taken_count, again.taken_count) == (1, 0)
    with database.read() as tx:
        statement = select(
            col(Employer.uscc), col(Employer.industry), col(Employer.contact), col(Employer.verify_state)
        )
        assert list(map(tuple, tx.rows(statement))) == [("91330110MADEM1A18W", "K", "周素琴", "10")]


def test_residents_are_taken_and_bad_rows_say_which_field(database: Database, writer: Writer, workbook: Sheet) -> None:
    path = workbook(
        [
            ("姓名", "身份证号", "手机", "学历", "户籍地", "性别", "所属网格"),
            ("葛守成", "330110197002189991", "19900000003", "高中", "浙江省杭州市余杭区", "男", "溪桥01"),
            ("冯巧云", "330110197002189992", "19900000004", "初中", "", "", ""),
            ("姚景行", "330110197002189991", "19900000005", "初中", "", "", ""),
            ("钱望舒", "330110197002189000", "19900000006", "", "", "", ""),
            ("", "", "", "", "", "", ""),
            ("顾念真", "", "19900000007", "", "", "", ""),
        ]
    )

    report = run(path, "residents", writer("residents"))

    told = {row.number: row.notes for row in report.rows() if row.outcome == REFUSED}
    assert (report.read, report.taken_count) == (5, 1)
    assert told[3][0].startswith("证件号码：")
    assert "已有档案" in told[4][0]
    assert "丢了" in told[5][0]
    assert "没有证件号码" in told[7][0]
    with database.read() as tx:
        kept = (col(Resident.sex), col(Resident.edu_level), col(Resident.hukou_region), col(Resident.grid_code))
        assert list(map(tuple, tx.rows(select(*kept)))) == [("1", "61", "330110", "溪桥01")]
    assert run(path, "residents", writer("residents")).taken_count == 0


def test_a_bare_code_of_education_is_not_taken(workbook: Sheet) -> None:
    path = workbook([("姓名", "身份证号", "学历"), ("葛守成", "330110197002189991", "50")])

    row = ImportJob.open(path, "residents").preview()[0]

    assert "edu_level" not in row.values
    assert "1984" in row.remarks[0]


def test_the_report_is_written_for_spreadsheets_without_formulas(tmp_path: Path) -> None:
    report = ImportReport("岗位.csv", "vacancies")
    for row in (taken(2), taken(3, ("=1+1",)), refused(4, "没有单位名称")):
        report.add(row)
    path = tmp_path / "report.csv"

    report.write_csv(path)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[1:3] == [["3", "已导入，有说明", "'=1+1"], ["4", "未导入", "没有单位名称"]]
    assert report.adds_up()
    assert "第 4 行" in report.as_text()


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1"])
def test_formulas_are_guarded(text: str) -> None:
    assert guard_formula(text) == "'" + text


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        ImportReport("a.csv", "vacancies").write_csv(tmp_path / "no" / "report.csv")


@pytest.mark.parametrize(("name", "rows", "good"), [("vacancies.xlsx", 800, 800), ("vacancies_gb18030.csv", 1000, 991)])
def test_the_real_postings_are_taken_and_the_account_adds_up(
    database: Database, writer: Writer, shared_data: Path, name: str, rows: int, good: int
) -> None:
    report = run(shared_data / name, "vacancies", writer("vacancies"))

    assert (report.read, report.taken_count) == (rows, good)
    assert count(database, Vacancy) == good
