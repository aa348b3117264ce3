"""Corrections of closed months: what they say, where they stand, and that they always add up to the records."""

import csv
import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.db.database import Actor, Database
from app.errors import StorageError
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.closing import _fitting, restated_figures
from app.ledgers.correction_rows import correction_cells
from app.ledgers.months import closes, standing
from app.ledgers.period import Period, month_of
from app.ledgers.read import lines
from app.ledgers.restating import CAME, CHANGED, GONE, LATE, correction_of
from app.ledgers.snapshot import frozen_corrections, frozen_rows
from app.models.registration import Registration, UnempReg
from app.models.resident import Resident
from app.printing.ledger_file import beside
from tests.factories import STAFF_ID, Factory
from tests.fixtures_db import KEY, STATION
from tests.ledgers.month_desk import DECEMBER, NOVEMBER, OCTOBER, MonthDesk, copy_to, set_clock

CODE = STATION["code"]


@pytest.fixture
def desk(database: Database, actor: Actor) -> MonthDesk:
    return MonthDesk(database, actor)


@pytest.fixture(scope="module")
def october(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the file of a counter that closed October with one registration, one visit and one person, and her id."""
    path = tmp_path_factory.mktemp("closed") / "doorstep.db"
    shutil.copyfile(template, path)
    built = Database(path, KEY)

    def work(make: Factory) -> str:
        person = make.resident(name="郑阿菊")
        make.registration(person)
        make.visit(person)
        return person.id

    made = MonthDesk(built, Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"})))
    person = made.on(date(2026, 10, 20), work)
    set_clock(date(2026, 11, 3))
    made.close(OCTOBER)
    built.close()
    clock.shift(timedelta(0))
    return path, person


@pytest.fixture
def closed(desk: MonthDesk, october: tuple[Path, str]) -> str:
    """Let October be closed; it is the fifth of November. Return the person's id."""
    copy_to(desk.database, october[0])
    set_clock(date(2026, 11, 5))
    return october[1]


def enter_late(desk: MonthDesk, person: str) -> None:
    """Enter a visit of October from its paper, today."""
    visited = datetime(2026, 10, 28, 9, tzinfo=clock.LOCAL_ZONE)
    with desk.database.write(desk.actor) as tx:
        Factory(tx).visit(tx.get(Resident, person), visited_at=visited, late_why="下雨没带电脑")


def paper(path: Path) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def test_nothing_is_corrected_where_nothing_changed(desk: MonthDesk, closed: str) -> None:
    assert [desk.corrections(ledger.code, NOVEMBER) for ledger in SHARED] == [[]] * len(SHARED)


def test_a_late_entry_counts_by_its_true_date_and_shows_both(desk: MonthDesk, closed: str) -> None:
    before = desk.rows("L09", OCTOBER)
    enter_late(desk, closed)

    [line] = desk.corrections("L09", NOVEMBER)

    assert (line.kind, line.month, line.happened) == (LATE, "2026-10", date(2026, 10, 28))
    assert line.entered is not None and clock.to_local(line.entered).date() == date(2026, 11, 5)
    assert desk.rows("L09", OCTOBER) == before and len(before) == 1
    assert desk.rows("L09", NOVEMBER) == []


def test_a_change_says_what_stood_there_before_masked_or_whole(desk: MonthDesk, closed: str) -> None:
    desk.change(Resident, closed, name="郑阿莲")

    [line] = desk.corrections("L02", NOVEMBER)
    ledger = ledger_named("L02")
    [masked], [whole] = (list(correction_cells(ledger, [line], whole=way)) for way in (False, True))

    assert whole[:5] == ["2026-10", "更正", date(2026, 10, 20), date(2026, 11, 5), "郑阿菊 → 郑阿莲"]
    assert masked[4] == "郑*菊 → 郑*莲"
    assert all("*" in str(masked[at]) for at in (5, 6)) and whole[7:] == masked[7:]


def test_a_change_that_the_mask_hides_is_named_as_one(desk: MonthDesk, closed: str) -> None:
    desk.change(Resident, closed, id_no="330110197002189975")
    desk.change(Resident, closed, id_no="330110198103079977")

    [line] = desk.corrections("L02", NOVEMBER)
    [cells] = correction_cells(ledger_named("L02"), [line], whole=False)

    assert "→" in str(cells[5]) or str(cells[5]).endswith("（已更正）")
    assert "19810307" not in str(cells[5])


def test_what_is_void_now_is_gone_and_says_when(desk: MonthDesk, closed: str) -> None:
    with desk.database.write(desk.actor) as tx:
        tx.act("registration.edit")
        row = tx.session.get(Registration, registration_id(tx))
        assert row is not None
        tx.remove(row, "录重了")

    [line] = desk.corrections("L02", NOVEMBER)

    assert (line.kind, line.after) == (GONE, None)
    assert line.entered is not None and clock.to_local(line.entered).date() == date(2026, 11, 5)


def registration_id(tx: Any) -> str:
    return str(tx.sql("SELECT id FROM registration")[0][0])


def test_what_goes_on_after_the_month_is_no_correction(desk: MonthDesk, closed: str) -> None:
    desk.change(Resident, closed, mobile="19900008888", live_region="330110001", emp_status="11")
    with desk.database.write(desk.actor) as tx:
        tx.act("registration.close")
        tx.change(tx.session.get(Registration, registration_id(tx)), {"status": "20"})

    assert desk.corrections("L01", NOVEMBER) == desk.corrections("L02", NOVEMBER) == []


def test_a_reply_of_november_is_none_one_of_october_is(desk: MonthDesk) -> None:
    first, second = desk.on(date(2026, 10, 20), lambda make: (make.referral().id, make.referral().id))
    set_clock(date(2026, 11, 3))
    desk.close(OCTOBER)
    for slip, day in ((first, 4), (second, -2)):
        with desk.database.write(desk.actor) as tx:
            tx.act("referral.outcome")
            replied = datetime(2026, 11, 1, 9, tzinfo=clock.LOCAL_ZONE) + timedelta(days=day - 1)
            changed = {"reply_at": replied, "outcome": "2", "outcome_reason": "01"}
            tx.change(tx.session.get(ledger_model("L06"), slip), changed)

    [line] = desk.corrections("L06", NOVEMBER)

    assert (line.kind, line.row.row_id) == (CHANGED, second)
    [cells] = correction_cells(ledger_named("L06"), [line], whole=False)
    assert "（空） → 2026-10-29" in cells


def ledger_model(code: str) -> Any:
    from app.models.registry import find_type

    kind = find_type(ledger_named(code).record_type)
    assert kind is not None
    return kind.model


def test_only_the_first_open_month_shows_corrections_and_freezes_them(desk: MonthDesk, closed: str) -> None:
    enter_late(desk, closed)
    shown = {period.slug: len(desk.corrections("L09", period)) for period in (OCTOBER, NOVEMBER)}
    set_clock(date(2026, 12, 3))
    later = len(desk.corrections("L09", DECEMBER))
    desk.close(NOVEMBER)
    enter_late_again = desk.corrections("L09", DECEMBER)

    assert (shown, later) == ({"2026-10": 0, "2026-11": 1}, 0)
    assert enter_late_again == []
    [frozen] = desk.corrections("L09", NOVEMBER)
    assert (frozen.kind, frozen.happened) == (LATE, date(2026, 10, 28))
    assert (desk.standing(NOVEMBER).ledger("L09") or {})["corrections"] == 1


def test_a_correction_of_a_correction_starts_from_the_last_one(desk: MonthDesk, closed: str) -> None:
    desk.change(Resident, closed, name="郑阿莲")
    set_clock(date(2026, 12, 3))
    desk.close(NOVEMBER)
    desk.change(Resident, closed, name="郑雅莲")

    [line] = desk.corrections("L02", DECEMBER)

    assert line.before is not None and line.after is not None
    assert (line.before.cells[0], line.after.cells[0], line.month) == ("郑阿莲", "郑雅莲", "2026-10")
    desk.change(Resident, closed, name="郑阿莲")
    assert desk.corrections("L02", DECEMBER) == []


def test_opened_again_a_later_month_shows_what_it_had_frozen_of_the_earlier(desk: MonthDesk, closed: str) -> None:
    enter_late(desk, closed)
    set_clock(date(2026, 12, 3))
    desk.close(NOVEMBER)
    desk.reopen(NOVEMBER)

    assert [line.kind for line in desk.corrections("L09", NOVEMBER)] == [LATE]


def test_closed_anew_an_earlier_month_holds_its_corrections_itself(desk: MonthDesk, closed: str) -> None:
    enter_late(desk, closed)
    set_clock(date(2026, 12, 3))
    desk.close(NOVEMBER)
    desk.reopen(OCTOBER)
    desk.close(OCTOBER)

    assert len(desk.rows("L09", OCTOBER)) == 2
    assert desk.corrections("L09", DECEMBER) == []
    assert len(desk.corrections("L09", NOVEMBER)) == 1  # as it was printed


def test_renaming_who_did_it_corrects_nothing(desk: MonthDesk, closed: str) -> None:
    from app.models.station import Staff

    desk.change(Staff, STAFF_ID, name="陶新名")

    assert [desk.corrections(ledger.code, NOVEMBER) for ledger in SHARED] == [[]] * len(SHARED)


def test_filters_narrow_corrections_too(desk: MonthDesk, closed: str) -> None:
    enter_late(desk, closed)

    found = [len(desk.corrections("L09", NOVEMBER, community=where)) for where in ("330110012", "330110999")]

    assert found == [1, 0]


def test_papers_show_corrections_apart_and_the_csv_stays_one_table(
    desk: MonthDesk, closed: str, tmp_path: Path
) -> None:
    enter_late(desk, closed)
    folder = tmp_path / "out"
    files = desk.files(folder, NOVEMBER, codes=("L09",))

    book = openpyxl.load_workbook(folder / "L09.xlsx")
    sheet = book["更正以前月份"]
    row = [cell.value for cell in sheet[4]]
    assert book.sheetnames == ["走访台账", "更正以前月份", "口径说明"]
    assert row[:5] == [1, "2026-10", "补录", datetime(2026, 10, 28), datetime(2026, 11, 5)]
    text = paper(folder / "L09.pdf")
    assert "走访台账：更正以前月份" in text and "2026-10-28" in text
    other = beside(folder / "L09.csv")
    assert set(files) == {"L09.csv", "L09.pdf", "L09.xlsx", other.name}
    with other.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[2][:5] == ["序号", "原月份", "怎么改的", "发生日期", "录入或更正日期"]
    assert table[3][1:5] == ["2026-10", "补录", "2026-10-28", "2026-11-05"]
    assert "补录" not in files["L09.csv"].decode("utf-8-sig")


def test_papers_of_a_closed_month_keep_the_corrections_they_were_closed_with(
    desk: MonthDesk, closed: str, tmp_path: Path
) -> None:
    enter_late(desk, closed)
    set_clock(date(2026, 12, 3))
    desk.close(NOVEMBER)
    before = desk.files(tmp_path / "a", NOVEMBER, codes=("L09",))

    desk.change(Resident, closed, name="改了名")
    enter_late(desk, closed)
    set_clock(date(2027, 2, 3))

    assert desk.files(tmp_path / "b", NOVEMBER, codes=("L09",)) == before
    assert len(before) == 4


def test_figures_are_restated_as_told_and_as_now(desk: MonthDesk, closed: str) -> None:
    with desk.database.write(desk.actor) as tx:
        Factory(tx).unemp_reg(tx.get(Resident, closed)).reg_date = date(2026, 10, 29)

    def restated(period: Period) -> dict[str, list[Any]]:
        with desk.database.read() as tx:
            found = restated_figures(tx, period, station=CODE)
        return {code: counts for month in found for code, *counts in month["figures"]}

    now = restated(NOVEMBER)
    set_clock(date(2026, 12, 3))
    desk.close(NOVEMBER)

    assert now["B2"] == [0, None, 1, None] and now["B1"] == [0, None, 1, None]
    assert {month["month"] for month in desk.standing(NOVEMBER).restated} == {"2026-10"}
    assert restated(DECEMBER) == {}


def test_a_close_holds_as_many_restated_figures_as_a_record_takes_and_leaves_the_rest() -> None:
    months = [{"month": f"20{year}-01", "close_id": "x" * 36, "figures": [["A1", 1, None, 2, None]] * 100}
              for year in range(10, 40)]  # fmt: skip

    held = _fitting(months)

    assert 0 < len(held) < len(months) and held == months[: len(held)]
    assert len(json.dumps(held)) < 20_000
    assert _fitting(months[:1]) == months[:1]


def test_what_was_tampered_with_corrects_nothing_and_closes_nothing(desk: MonthDesk, closed: str) -> None:
    with desk.database.write(None) as tx:
        tx.session.connection().exec_driver_sql("UPDATE blob_piece SET content = x'789c0300000000'")
    set_clock(date(2026, 12, 3))

    with pytest.raises(StorageError, match="L02 封存的内容"):
        desk.corrections("L02", NOVEMBER)
    with pytest.raises(StorageError, match="封存的内容"):
        desk.close(NOVEMBER)


# Known and lines are always the records -----------------------------------------------------------------------------

MONTHS = [month_of(date(2026, month, 1)) for month in (8, 9, 10)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("name"), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("move"), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("void"), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("close"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("close"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("reopen"), st.integers(0, 2), st.just(0)),
    ),
    min_size=4,
    max_size=14,
)


@pytest.fixture(scope="module")
def begun(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a counter's file with four unemployment registrations of August."""
    path = tmp_path_factory.mktemp("begun") / "doorstep.db"
    shutil.copyfile(template, path)
    built = Database(path, KEY)

    def work(make: Factory) -> None:
        for _number in range(4):
            make.unemp_reg(make.resident())

    MonthDesk(built, Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))).on(date(2026, 8, 12), work)
    built.close()
    clock.shift(timedelta(0))
    return path


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_frozen_and_corrections_replayed_are_the_records_of_now(
    begun: Path, tmp_path: Path, actor: Actor, steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path / "property.db"
    for each in tmp_path.glob("property.db*"):
        each.unlink()
    shutil.copyfile(begun, path)
    database = Database(path, KEY)
    desk = MonthDesk(database, actor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.ledgers.closing.SHARED", (ledger_named("L03"),))
        set_clock(date(2026, 11, 3))
        for number, (what, month, which) in enumerate(steps):
            set_clock(date(2026, 11, 3) + timedelta(days=number))
            take(desk, what, MONTHS[month], which)
        with database.read() as tx:
            live = [close for close in closes(tx, CODE).values() if close.live]
            for close in live:
                assert replayed(tx, close) == now(tx, close.period)
    database.close()


def take(desk: MonthDesk, what: str, month: Period, which: int) -> None:
    """Take one step; one that is not possible is none."""
    with desk.database.read() as tx:
        close = standing(tx, CODE, month)
    is_closed = close is not None and close.live
    if what == "close" and not is_closed:
        desk.close(month)
    elif what == "reopen" and is_closed:
        desk.reopen(month)
    elif what in ("add", "name", "move", "void"):
        with desk.database.write(desk.actor) as tx:
            change(tx, what, month, which)


def change(tx: Any, what: str, month: Period, which: int) -> None:
    tx.act("unemp.edit")
    ids = [row[0] for row in tx.sql("SELECT id FROM unemp_reg WHERE deleted_at IS NULL ORDER BY id")]
    day = month.first + timedelta(days=which)
    if what == "add" or not ids:
        row = Factory(tx).unemp_reg(Factory(tx).resident(), unemp_date=day)
        row.reg_date = day
        return
    row = tx.session.get(UnempReg, ids[which % len(ids)])
    if what == "name":
        tx.change(tx.session.get(Resident, row.resident_id), {"name": f"改名{which}"})
    elif what == "move":
        tx.change(row, {"reg_date": day, "unemp_date": day})
    else:
        tx.remove(row, "录错")


def compared(row: Any) -> tuple[Any, ...]:
    """Return what of a row of L03 has to agree: who, when registered, what became of it."""
    titles = [column.title for column in ledger_named("L03").columns]
    return tuple(row.values[titles.index(title)] for title in ("姓名", "证件号码", "登记日期", "本期变动", "失业日期"))


def replayed(tx: Any, close: Any) -> dict[str, tuple[Any, ...]]:
    """Return the rows of a closed month as its snapshot, the frozen corrections and those of now make them."""
    found = {row.row_id: compared(row) for row in frozen_rows(tx, close.ledger("L03"))}
    others = sorted((each for each in closes(tx, CODE).values() if each.live), key=lambda each: each.closed_at)
    told = [correction_of(line) for each in others for line in frozen_corrections(tx, each.ledger("L03"))]
    open_month = close.period.next()
    while (other := standing(tx, CODE, open_month)) is not None and other.live:
        open_month = open_month.next()
    from app.ledgers.making import corrections_of

    told += corrections_of(tx, ledger_named("L03"), Ask(open_month))
    for each in told:
        if each.close_id == close.id and each.after is None:
            found.pop(each.row.row_id)
        elif each.close_id == close.id:
            found[each.row.row_id] = compared(each.after)
    return found


def now(tx: Any, period: Period) -> dict[str, tuple[Any, ...]]:
    ledger = ledger_named("L03")
    return {row.row_id: compared(row) for row in lines(tx.session.connection(), ledger, Ask(period, (CODE,)))}


def test_a_row_of_another_counter_that_came_late_is_told_from_one_entered_late(desk: MonthDesk, closed: str) -> None:
    set_clock(date(2026, 11, 2))
    with desk.database.write(desk.actor) as tx:
        row = Factory(tx).registration()
        row.reg_date = date(2026, 10, 30)

    [line] = desk.corrections("L02", NOVEMBER)

    assert line.kind == CAME
