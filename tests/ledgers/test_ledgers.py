"""Each ledger empty and full, its periods, its masks, and the files that leave the house."""

import csv
import errno
from datetime import date, datetime, timedelta
from itertools import pairwise

import openpyxl
import pypdfium2
import pytest
from sqlalchemy import func, select

from app import clock
from app.db.database import Actor
from app.errors import Cancelled, NotAllowedError, StorageError, UserError
from app.ledgers import LEDGERS, ledger_named
from app.ledgers.base import Ask, Kind
from app.ledgers.export import EXCEL_ROWS, Heading, write_csv, write_excel
from app.ledgers.making import cells, note_export
from app.ledgers.period import Period, between, month_of, read_month
from app.models.access_log import LEDGER_LOOK
from app.models.registration import ServiceEvent
from app.printing.ledger_pdf import ledger_pdf
from app.services.looks import Look, note_look

NOVEMBER = month_of(date(2026, 11, 1))
HEADING = Heading("溪桥社区就业服务站", "2026年11月", "陶丽华", datetime(2026, 12, 1, 9, tzinfo=clock.LOCAL_ZONE))


@pytest.fixture
def full(tx, make):
    """Fill every ledger's records once, dated within this month; return the ask that finds them."""
    make.slip_print()
    make.unemp_reg()
    make.service_event()
    make.enrolment()
    make.craft_delivery()
    make.guidance()
    make.policy_intro()
    make.visit()
    make.followup()
    tx.flush()
    note_look(tx, Look(LEDGER_LOOK, "ledger", "L02"))
    return Ask(month_of(clock.today()))


def rows_of(tx, name, ask, **how):
    return list(cells(tx, ledger_named(name), ask, **how))


def at(ledger, title):
    return [column.title for column in ledger.columns].index(title)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.code)
def test_a_ledger_without_rows_says_so_on_every_paper(tx, ledger, tmp_path):
    rows = list(cells(tx, ledger, Ask(month_of(date(2020, 1, 1)))))
    write_excel(tmp_path / "a.xlsx", ledger, HEADING, rows)
    write_csv(tmp_path / "a.csv", ledger, HEADING, rows)
    (tmp_path / "a.pdf").write_bytes(ledger_pdf(ledger, HEADING, rows))

    assert rows == []
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert "本期没有记录" in [cell.value for line in sheet for cell in line]
    assert "本期没有记录" in (tmp_path / "a.csv").read_text("utf-8-sig")
    assert "本期没有记录" in text_of(tmp_path / "a.pdf")


def test_a_character_that_no_font_has_stops_no_paper_and_is_told_on_its_page():
    ledger = ledger_named("L02")
    odd = [["数据\ufffd损坏", *[None] * (len(ledger.columns) - 1)]]

    made, plain = ledger_pdf(ledger, HEADING, odd), ledger_pdf(ledger, HEADING, [["王", *odd[0][1:]]])

    told = [page_words(each) for each in (made, plain)]
    assert "数据〓损坏" in told[0] and "字体里没有的字" in told[0]
    assert "字体里没有的字" not in told[1]


SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
"""One for each column: none stands in a title."""


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.code)
def test_on_paper_a_number_or_a_day_ends_before_the_next_column_begins(ledger):
    row = [unbroken(column.kind, at) or SIGNS[at] for at, column in enumerate(ledger.columns)]

    page = pypdfium2.PdfDocument(ledger_pdf(ledger, HEADING, [row]))[0].get_textpage()

    words = page.get_text_range()
    places = [(words.index(str(cell)), len(str(cell))) for cell in row]
    boxes = [(page.get_charbox(at)[0], page.get_charbox(at + length - 1)[2]) for at, length in places]
    assert all(right < left for (_start, right), (left, _end) in pairwise(boxes))


def unbroken(kind, at):
    """Return a value of a kind that no line may break, another one for each column; nothing of other kinds."""
    return {
        Kind.SERIAL: f"QZ330110261101-{at:04}",
        Kind.ID_NO: f"330110********99{at:02}",
        Kind.MOBILE: f"199****00{at:02}",
        Kind.DATE: date(2025, 10, at + 1),
    }.get(kind)


def page_words(pdf):
    return "".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())


def text_of(path):
    document = pypdfium2.PdfDocument(path)
    return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.code)
def test_a_full_ledger_opens_again_in_excel_with_real_types_and_in_print(tx, full, ledger, tmp_path):
    rows = list(cells(tx, ledger, full))
    write_excel(tmp_path / "a.xlsx", ledger, HEADING, rows)
    (tmp_path / "a.pdf").write_bytes(ledger_pdf(ledger, HEADING, rows))

    assert rows
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[3]] == ["序号", *(column.title for column in ledger.columns)]
    again = [[plain(cell.value) for cell in line[1:]] for line in sheet.iter_rows(min_row=4, max_row=3 + len(rows))]
    assert again == [[plain(cell) for cell in line] for line in rows]
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("C4", "$1:$3", "landscape")
    assert book.sheetnames[1] == "口径说明"
    assert ledger.title in text_of(tmp_path / "a.pdf")


def plain(value):
    """Return what a cell is, without the difference between a day and its midnight, or nothing and no text."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return value or None if isinstance(value, str) else value


def test_people_are_masked_unless_whole_ones_are_asked_for(tx, full):
    ledger = ledger_named("L06")
    masked, whole = rows_of(tx, "L06", full)[0], rows_of(tx, "L06", full, whole=True)[0]

    assert masked[at(ledger, "社区")] == "仓前街道"
    name, number, phone = at(ledger, "姓名"), at(ledger, "证件号码"), at(ledger, "电话")
    assert "*" in masked[name] and "*" not in whole[name]
    assert masked[number] == whole[number][:6] + "*" * 8 + whole[number][-4:]
    assert masked[phone] == whole[phone][:3] + "****" + whole[phone][-4:]


def test_a_referral_counts_where_it_was_issued_and_where_it_was_answered(tx, make):
    referral = make.referral()
    referral.issued_at = datetime(2026, 11, 30, 15, 59, tzinfo=clock.UTC)  # a minute before December, local time
    referral.reply_at = datetime(2026, 11, 30, 16, 0, tzinfo=clock.UTC)  # December's first instant
    referral.outcome, referral.onboard_date = "1", date(2026, 12, 1)
    tx.flush()

    months = [Ask(month_of(date(2026, month, 5))) for month in (10, 11, 12)] + [Ask(month_of(date(2027, 1, 5)))]

    assert [len(rows_of(tx, "referrals", ask)) for ask in months] == [0, 1, 1, 0]


def test_unemployment_balances_new_less_ended(tx, make):
    kept, ended = make.unemp_reg(make.resident()), make.unemp_reg(make.resident())
    kept.reg_date = ended.reg_date = date(2026, 10, 31)
    kept.unemp_date = ended.unemp_date = date(2026, 10, 1)
    ended.dereg_date, ended.dereg_reason = date(2026, 11, 1), "01"
    tx.flush()

    change = at(ledger_named("L03"), "本期变动")
    seen = {month: sorted(row[change] for row in rows_of(tx, "L03", Ask(month_of(date(2026, month, 1)))))
            for month in (9, 10, 11, 12)}  # fmt: skip

    assert seen == {9: [], 10: ["新登记", "新登记"], 11: ["在册", "注销"], 12: ["在册"]}


def test_filters_narrow_by_community_grid_officer_and_group(tx, make, actor):
    make.registration(make.resident(live_region="330110012", priority_groups=[{"code": "02"}]))
    make.registration(make.resident(live_region="330110001"))
    tx.flush()
    period = month_of(clock.today())

    def count(**filters):
        return len(rows_of(tx, "L02", Ask(period, **filters)))

    assert count() == 2
    assert (count(community="330110012"), count(community="330110"), count(community="310")) == (1, 2, 0)
    assert (count(group="02"), count(group="03"), count(grid="G1")) == (1, 0, 0)
    assert (count(officer=actor.staff_id), count(officer="nobody")) == (2, 0)


def test_taking_a_ledger_out_leaves_a_trace_and_shows_in_the_audit(database, actor):
    ask = Ask(month_of(clock.today()))
    with database.write(actor) as tx:
        note_export(tx, ledger_named("L02"), ask, way="xlsx", why="区里核对")
    with database.read() as tx:
        [line] = rows_of(tx, "L25", ask)

    audit = ledger_named("L25")
    assert (line[at(audit, "动作")], line[at(audit, "理由")]) == ("导出完整信息的台账", "区里核对")
    assert line[at(audit, "人员")] == "陶丽华"
    assert "L02 求职登记台账" in line[at(audit, "内容")] and line[at(audit, "内容")].endswith("xlsx 0 行")


def test_a_clerk_takes_no_ledger_out(database):
    clerk = Actor("0198f3c2-7d10-7c3e-9a55-0000000000bb", "方静", frozenset({"clerk"}))

    with pytest.raises(NotAllowedError), database.write(clerk) as tx:
        note_export(tx, ledger_named("L02"), Ask(NOVEMBER), way="xlsx")
    with database.read() as tx:
        assert tx.rows(select(func.count()).select_from(ServiceEvent))[0][0] == 0


def test_whole_numbers_carry_their_watermark(tmp_path):
    ledger = ledger_named("L02")
    heading = Heading("溪桥社区就业服务站", "2026年11月", "陶丽华", HEADING.made_at, whole_why="区里核对")
    write_excel(tmp_path / "a.xlsx", ledger, heading, [])
    (tmp_path / "a.pdf").write_bytes(ledger_pdf(ledger, heading, []))

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    said = "含完整个人信息，陶丽华 2026-12-01 09:00 导出，理由：区里核对"
    assert said in sheet["A3"].value and said in sheet.oddHeader.center.text
    assert said in text_of(tmp_path / "a.pdf")


def test_no_text_becomes_a_formula(tmp_path):
    ledger = ledger_named("L05")
    evil = ["=1+1", "+1", "-1", "@x", "\tx", "=cmd|'/c calc'!A1", "公司", None]
    write_csv(tmp_path / "a.csv", ledger, HEADING, [evil])
    write_excel(tmp_path / "a.xlsx", ledger, HEADING, [evil])

    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.reader(file))[3]
    assert row[1:7] == ["'" + text for text in evil[:6]]
    cells_again = list(openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0][4])
    assert [cell.value for cell in cells_again[1:7]] == evil[:6]
    assert {cell.data_type for cell in cells_again[1:7]} == {"s"}


def test_the_same_rows_give_the_same_bytes(tmp_path):
    ledger = ledger_named("L05")
    row = ["云禾", "保洁", 3, "", "通过", "", "陶丽华", datetime(2026, 11, 3, 9, 5)]
    for name in ("a", "b"):
        write_excel(tmp_path / name, ledger, HEADING, [row] * 3)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert ledger_pdf(ledger, HEADING, [row]) == ledger_pdf(ledger, HEADING, [row])


def test_a_cancelled_or_failed_export_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    ledger, path = ledger_named("L05"), tmp_path / "a.xlsx"
    path.write_bytes(b"old")

    def stop(_count):
        raise Cancelled

    def full_disk(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    for write in (write_excel, write_csv):
        with pytest.raises(Cancelled):
            write(path, ledger, HEADING, [["", "", 1, "", "", "", "", None]] * 600, progress=stop)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(StorageError, match="磁盘满了"):
        write_excel(path, ledger, HEADING, [])

    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]
    assert path.read_bytes() == b"old"


def test_more_rows_than_a_sheet_holds_go_on_to_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("app.ledgers.export.EXCEL_ROWS", 13)
    ledger = ledger_named("L05")
    write_excel(tmp_path / "a.xlsx", ledger, HEADING, [["", "", n, "", "", "", "", None] for n in range(1, 20)])

    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    numbers = [row[0].value for sheet in book.worksheets[:-1] for row in sheet.iter_rows(min_row=4)]
    assert [number for number in numbers if isinstance(number, int)] == list(range(1, 20))
    assert len(book.sheetnames) == 4
    assert any("分成 3 张" in str(cell.value) for row in book.worksheets[-1] for cell in row)


def test_excel_itself_holds_no_more_than_we_think():
    assert EXCEL_ROWS == 2**20


@pytest.mark.parametrize(("typed", "why"), [("2026-13", "读不懂"), ("十一月", "读不懂"), ("", "读不懂")])
def test_a_month_that_is_none_is_told(typed, why):
    with pytest.raises(UserError, match=why):
        read_month(typed)


def test_a_month_in_the_future_is_told():
    with pytest.raises(UserError, match="还没到"):
        read_month(f"{clock.today() + timedelta(days=40):%Y-%m}")
    with pytest.raises(UserError, match="早于开始"):
        between(date(2026, 11, 3), date(2026, 11, 2))


def test_months_follow_each_other_without_a_gap():
    december = month_of(date(2026, 12, 31))

    assert (december.first, december.until) == (date(2026, 12, 1), date(2027, 1, 1))
    assert december.next().before() == december
    assert december.end == december.next().start == datetime(2026, 12, 31, 16, tzinfo=clock.UTC)
    assert (december.words, december.slug) == ("2026年12月", "2026-12")
    assert Period(date(2026, 11, 3), date(2026, 11, 17)).words == "2026-11-03 至 2026-11-16"


def test_a_ledger_that_is_not_there_names_those_that_are():
    with pytest.raises(UserError, match="L06 referrals"):
        ledger_named("L99")


def test_days_stand_in_excel_as_days_whatever_their_year(tmp_path):
    ledger = ledger_named("L02")
    days = [date(1900, 1, 15), date(1900, 3, 1), date(1969, 12, 31), date(2026, 2, 28), date(2028, 2, 29)]
    place = at(ledger, "登记日期")
    blank = [None] * len(ledger.columns)
    write_excel(tmp_path / "a.xlsx", ledger, HEADING, [[*blank[:place], day, *blank[place + 1 :]] for day in days])

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    again = [sheet.cell(4 + row, place + 2).value.date() for row in range(len(days))]

    assert again == days
