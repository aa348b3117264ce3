"""A list imported by ID number; the class file as workbook and PDF."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from app.db.database import Actor, Database, Transaction
from app.errors import NotAllowedError, NotFoundError
from app.printing.class_book import class_pdf, class_workbook
from app.printing.class_sheets import class_book
from app.services.imports.job import ImportJob
from app.services.imports.report import RowOutcome
from app.services.imports.rows import ReadRow
from app.services.training import certificates, rosters
from app.services.training.class_file import class_record
from app.services.training.sign_up_lists import check_enrolments, find_class, import_enrolments
from tests.factories import Factory, fictional_id
from tests.printing.reading import page_count, squeezed

PEOPLE = (("郑阿菊", "19760130"), ("周素琴", "19780812"), ("葛守成", "19700218"))
TRAINER = Actor("t-1", "何蔚", frozenset({"trainer"}))


def table(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(path)
    return path


@pytest.fixture
def room(database: Database, actor: Actor) -> str:
    """Return a class open for sign-up; three people have files here."""
    with database.write(actor) as tx:
        make = Factory(tx)
        for name, born in PEOPLE:
            make.resident(name=name, id_no=fictional_id(born), emp_status="21", mobile="19900000006")
        return make.training_class().id


def test_a_list_is_signed_up_by_id_number_and_every_other_row_is_told_why(
    database: Database, actor: Actor, room: str, tmp_path: Path
) -> None:
    first, second, third = (fictional_id(born) for _name, born in PEOPLE)
    rows = [
        ("序号", "学员姓名", "身份证号", "联系电话", "补贴人员类别"),
        (1, "郑阿菊", first, "19900000006", "就业困难人员"),
        (2, "周素琴", second, "19900000099", ""),
        (3, "郑阿菊", first, "", ""),
        (4, "葛守城", third, "", ""),
        (5, "毛立根", fictional_id("19680909"), "", ""),
        (6, "金晓棠", first[:-1] + ("0" if first[-1] != "0" else "1"), "", ""),
    ]
    job = ImportJob.open(table(tmp_path / "list.xlsx", rows), "enrolments")

    def write(batch: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with database.write(actor) as tx:
            return import_enrolments(tx, room, batch)

    report = job.run(write)

    with database.read() as tx:
        roster = rosters.list_roster(tx, room)
    assert [(line.name, line.target) for line in roster] == [("郑阿菊", "6"), ("周素琴", "5")]
    assert report.counts == {"taken": 1, "remarked": 1, "refused": 4}
    told = report.as_text() + repr(list(report.rows()))
    for words in ("电话和档案里的不一样", "已经报过", "证件号码是 葛守成 的，表里写的是“葛守城”", "先登记再报名"):
        assert words in told
    assert not any(number in told for number in (first, second, third))


def test_a_trainer_imports_no_list(database: Database, room: str) -> None:
    with pytest.raises(NotAllowedError), database.write(TRAINER) as tx:
        import_enrolments(tx, room, [])


@pytest.fixture
def finished(database: Database, actor: Actor) -> str:
    """Return a class that has ended, with a certificate."""
    with database.write(actor) as tx:
        make = Factory(tx)
        signed = make.graduate()
        certificates.issue_completion(tx, signed.id)
        return signed.class_id


def test_the_workbook_has_list_attendance_and_results(database: Database, actor: Actor, finished: str) -> None:
    with database.write(actor) as tx:
        record = class_record(tx, finished)
    line = record.roster[0]

    book = openpyxl.load_workbook(io.BytesIO(class_workbook(class_book(record))))

    assert book.sheetnames == ["报名名单", "考勤", "成绩和结业"]
    roster, attendance, results = (
        [[cell.value for cell in row] for row in book[name].iter_rows(min_row=3)] for name in book.sheetnames
    )
    assert roster[1][1:4] == [line.enrol_no, line.name, f"{(line.phone or '')[:3]}****{(line.phone or '')[-4:]}"]
    assert attendance[1][1:] == [line.name, "到", "到", "8", "100%"]
    assert results[1][1:6] == [line.name, "8", "80", "85", "是"]
    assert results[1][7].startswith("JY330110")


def test_a_name_that_looks_like_a_formula_stays_text(database: Database, actor: Actor, finished: str) -> None:
    with database.write(actor) as tx:
        made = class_book(class_record(tx, finished))
    bad = type(made)(**{**made.__dict__, "roster": type(made.roster)("报名名单", ("姓名",), (("=1+1",),))})

    book = openpyxl.load_workbook(io.BytesIO(class_workbook(bad)))

    cell = book["报名名单"]["A4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_whole_phone_numbers_go_out_with_a_trace_and_not_by_a_trainer(
    database: Database, actor: Actor, finished: str
) -> None:
    with database.write(actor) as tx:
        record = class_record(tx, finished, full=True, why="报区里核查")

    assert record.roster[0].phone in repr(class_book(record).roster.rows)
    with database.read() as tx:
        traces = tx.rows(text("SELECT kind, why FROM service_event"))
    assert [tuple(each) for each in traces] == [("class.export", "报区里核查")]
    with pytest.raises(NotAllowedError), database.write(TRAINER) as tx:
        class_record(tx, finished, full=True, why="想看")
    with database.write(TRAINER) as tx:
        assert class_record(tx, finished).file.line.title


def test_the_pdf_reads_back(database: Database, actor: Actor, finished: str) -> None:
    with database.write(actor) as tx:
        book = class_book(class_record(tx, finished))

    document = class_pdf(book)

    words = squeezed(document)
    assert "培训班级台账" in words
    assert f"培训项目{book.facts[0][1]}" in words
    assert f"1{book.roster.rows[0][1]}{book.roster.rows[0][2]}" in words
    assert book.results.rows[0][7] in words
    assert "制表人" in words
    assert class_pdf(book) == document


def test_sixty_lessons_are_cut_into_pieces_that_fit(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        row = make.training_class(lessons=60)
        for _n in range(3):
            make.enrolment(row)
        book = class_book(class_record(tx, row.id))

    document = class_pdf(book)

    words = "".join(squeezed(document, page) for page in range(page_count(document)))
    assert len(book.attendance.headings) == 64
    days = [heading.replace("\n", "") for heading in book.attendance.headings[2:-2]]
    assert [day for day in days if day not in words] == []
    assert words.count("出勤课时") == 2


def test_a_class_is_named_by_its_number_its_id_or_a_title_that_is_its_alone(tx: Transaction, make: Factory) -> None:
    one, two, other = (make.training_class(title=title) for title in ("家政班", "家政班", "面点班"))

    assert [find_class(tx, named).id for named in (one.class_no, two.id, "面点班")] == [one.id, two.id, other.id]
    with pytest.raises(NotFoundError, match=one.class_no):
        find_class(tx, "家政班")
    with pytest.raises(NotFoundError, match="没有找到班期“水电班”"):
        find_class(tx, "水电班")


def test_who_comes_after_the_last_seat_is_taken_and_told_that_she_waits(tx: Transaction, make: Factory) -> None:
    held = make.training_class(seats=1)
    people = [make.resident(name=name, id_no=fictional_id(born), emp_status="21") for name, born in PEOPLE[:2]]
    rows = [
        ReadRow(n, {"name": p.name, "id_no": p.id_no, "mobile": None, "target": None}, key=p.id_no)
        for n, p in enumerate(people)
    ]

    before = check_enrolments(tx, held.id, rows)
    done = import_enrolments(tx, held.id, rows)

    waits = "名额满了，先排候补，以区里确认为准"
    assert [waits in outcome.notes for outcome in done] == [False, True]
    assert before == done
