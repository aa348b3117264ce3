"""A closed month: what is frozen, that nothing changes it, and what keeps it from being closed."""

import hashlib
import shutil
import zlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from sqlalchemy import func, select, update

from app import clock
from app.db import state as facts
from app.db.database import Actor, Database
from app.errors import Cancelled, InvalidInputError, NotAllowedError, NotFoundError, RuleError, StorageError, UserError
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.closing import close_month, readiness
from app.ledgers.indicators import INDICATORS
from app.ledgers.making import cells, count, heading_of
from app.ledgers.months import rounds_of
from app.ledgers.period import Period
from app.ledgers.snapshot import Packer, again, check_frozen, frozen_rows, plain
from app.models.access_log import RESIDENT_LOOK
from app.models.blob import WANTED, Blob, BlobPiece, piece_key
from app.models.employer import Employer
from app.models.month_close import CLOSED, REOPENED, MonthClose
from app.models.registration import ServiceEvent
from app.models.resident import Resident
from app.models.station import Staff, Station
from app.services.looks import Look, note_look
from tests.factories import STAFF_ID, Factory
from tests.fixtures_db import KEY, STATION
from tests.ledgers.month_desk import DECEMBER, NOVEMBER, OCTOBER, MonthDesk, copy_to, set_clock

CODE = STATION["code"]


@pytest.fixture
def desk(database: Database, actor: Actor) -> MonthDesk:
    return MonthDesk(database, actor)


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the file of a counter on which every ledger of October has rows, and the id of a resident in them."""
    path = tmp_path_factory.mktemp("october") / "doorstep.db"
    shutil.copyfile(template, path)
    built = Database(path, KEY)
    person = MonthDesk(built, Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))).on(
        date(2026, 10, 20), fill
    )
    built.close()
    clock.shift(timedelta(0))
    return path, person


def fill(make: Factory) -> str:
    """Put a row or more into every ledger; return the id of a resident in it."""
    make.slip_print()
    make.unemp_reg()
    make.service_event()
    make.enrolment()
    make.craft_delivery()
    make.guidance()
    make.policy_intro()
    make.visit()
    make.followup()
    person = make.resident(name="郑阿菊", live_region="330110012", priority_groups=[{"code": "02"}])
    person.grid_code = "G7"
    make.registration(person)
    return person.id


@pytest.fixture
def october(desk: MonthDesk, filled: tuple[Path, str]) -> str:
    """Let every ledger of October have rows, and let it be the third of November; return a resident's id."""
    copy_to(desk.database, filled[0])
    set_clock(date(2026, 11, 3))
    return filled[1]


def rename_everything(desk: MonthDesk, person: str) -> None:
    """Change what the papers of October are made of."""
    desk.change(Resident, person, name="改了名字", mobile="19900009999", live_region="330110001")
    desk.change(Staff, STAFF_ID, name="陶丽华（已婚改名）")
    with desk.database.write(desk.actor) as tx:
        tx.act("station.edit")
        for model, values in ((Station, {"name": "溪桥新站"}), (Employer, {"name": "改名的公司"})):
            for row in tx.session.scalars(select(model)).all():
                tx.change(row, values)
    desk.on(date(2027, 3, 9), lambda make: (make.registration(), make.visit()))


# Frozen --------------------------------------------------------------------------------------------------------------


def test_closed_papers_are_the_same_bytes_whatever_is_changed_later(
    desk: MonthDesk, october: str, tmp_path: Path
) -> None:
    desk.close(OCTOBER)
    before = desk.files(tmp_path / "a", OCTOBER)

    rename_everything(desk, october)
    other = MonthDesk(desk.database, Actor("0198f3c2-7d10-7c3e-9a55-0000000000cc", "别人", frozenset({"supervisor"})))
    after = other.files(tmp_path / "b", OCTOBER)

    assert len(before) == 3 * len(SHARED)
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_papers_of_a_closed_month_say_what_the_open_one_said(desk: MonthDesk, october: str) -> None:
    open_ones = {ledger.code: desk.rows(ledger.code, OCTOBER, whole=True) for ledger in SHARED}
    masked = {ledger.code: desk.rows(ledger.code, OCTOBER) for ledger in SHARED}

    desk.close(OCTOBER)

    assert {ledger.code: desk.rows(ledger.code, OCTOBER, whole=True) for ledger in SHARED} == open_ones
    assert {ledger.code: desk.rows(ledger.code, OCTOBER) for ledger in SHARED} == masked
    assert all(open_ones.values())


def test_the_hash_and_who_closed_it_stand_on_every_paper(desk: MonthDesk, october: str, tmp_path: Path) -> None:
    desk.close(OCTOBER)
    set_clock(date(2027, 1, 8))
    desk.files(tmp_path, OCTOBER, codes=("L02",))

    close = desk.standing(OCTOBER)
    entry = close.ledger("L02")
    assert entry is not None
    book = openpyxl.load_workbook(tmp_path / "L02.xlsx")
    texts = [str(cell.value) for line in book.worksheets[0] for cell in line if cell.value]
    defined = [str(cell.value) for line in book["口径说明"] for cell in line if cell.value]
    paper = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(tmp_path / "L02.pdf"))
    for said in ("".join(texts), "".join(defined), paper, (tmp_path / "L02.csv").read_text("utf-8-sig")):
        assert entry["sha256"] in said
    assert entry["sha256"] in book.worksheets[0].oddFooter.center.text
    assert "制表人：陶丽华" in "".join(texts) and "制表时间：2026-11-03 10:00" in "".join(texts)
    assert "2026-11-03 10:00" in paper
    assert book.properties.created.year == 2026


def test_a_whole_paper_of_a_closed_month_names_who_takes_it_and_why_a_masked_one_does_not(
    desk: MonthDesk, october: str, tmp_path: Path
) -> None:
    desk.close(OCTOBER)
    other = MonthDesk(desk.database, Actor("0198f3c2-7d10-7c3e-9a55-0000000000cc", "方静", frozenset({"supervisor"})))
    set_clock(date(2027, 1, 8))
    masked = other.files(tmp_path / "a", OCTOBER, codes=("L02",))["L02.csv"].decode("utf-8-sig")
    whole = other.files(tmp_path / "b", OCTOBER, why="审计要看", codes=("L02",))["L02.csv"].decode("utf-8-sig")

    assert "方静" not in masked and "审计" not in masked
    assert "含完整个人信息，方静 2027-01-08 10:00 导出，理由：审计要看" in whole
    assert "郑阿菊" in whole and "郑阿菊" not in masked


def test_filters_of_a_closed_month_find_what_they_found_before(desk: MonthDesk, october: str) -> None:
    asked = [{"community": "330110012"}, {"grid": "G7"}, {"group": "02"}, {"officer": STAFF_ID}, {"officer": "nobody"}]
    ledgers = [each for each in SHARED if not each.summed]
    before = {each.code: [desk.rows(each.code, OCTOBER, **filters) for filters in asked] for each in ledgers}

    desk.close(OCTOBER)
    desk.change(Resident, october, live_region="330110001", grid_code="G8", priority_groups=[])

    after = {each.code: [desk.rows(each.code, OCTOBER, **filters) for filters in asked] for each in ledgers}
    assert after == before
    assert [len(rows) for rows in before["L02"]] == [3, 1, 1, 3, 0]


def test_sums_of_a_closed_month_are_not_narrowed_and_say_so(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)

    with pytest.raises(RuleError, match="请去掉筛选"):
        desk.rows("YB", OCTOBER, officer=STAFF_ID)

    assert len(desk.rows("YB", OCTOBER)) == 1


def test_the_looks_of_this_computer_are_not_frozen_and_stay_to_be_seen(desk: MonthDesk, october: str) -> None:
    def looked() -> tuple[int, int]:
        return len(desk.rows("L25", OCTOBER)), len(desk.rows("L25-1", OCTOBER))

    desk.on(date(2026, 10, 21), lambda make: note_look(make.tx, Look(RESIDENT_LOOK, "resident", october)))
    before = looked()

    set_clock(date(2026, 11, 5))
    desk.close(OCTOBER)

    assert (before[1], looked()) == (1, (before[0] - 1, 1))


def test_a_filter_by_an_officer_who_was_renamed_says_her_name_of_then(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)
    desk.change(Staff, STAFF_ID, name="陶新名")

    with desk.database.read(desk.actor) as tx:
        heading = heading_of(tx, Ask(OCTOBER, officer=STAFF_ID), ledger=ledger_named("L02"))

    assert heading.filters == "经办人 陶丽华"


def test_a_close_holds_every_ledger_every_figure_and_who_and_when(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER, figures=INDICATORS)

    close = desk.standing(OCTOBER)
    assert [each["code"] for each in close.ledgers] == [ledger.code for ledger in SHARED]
    assert [each["code"] for each in close.figures] == [each.code for each in INDICATORS]
    assert (close.round, close.state, close.closed_name, close.unit) == (1, CLOSED, "陶丽华", STATION["name"])
    assert close.closed_at.isoformat().startswith("2026-11-03T02:00")
    with desk.database.read() as tx:
        assert [len(list(frozen_rows(tx, each))) for each in close.ledgers] == [each["rows"] for each in close.ledgers]


def test_the_hash_is_that_of_the_lines_and_not_of_how_they_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []

    def pack(part: int, level: int) -> tuple[str, int]:
        kept.clear()
        monkeypatch.setattr("app.ledgers.snapshot.PART", part)
        monkeypatch.setattr("app.ledgers.snapshot.LEVEL", level)
        packer = Packer(lambda content: kept.append(content) or hashlib.sha256(content).hexdigest())
        for number in range(3000):
            packer.add(["r", number, hashlib.sha256(str(number).encode()).hexdigest()])
        return packer.end()[0], len(kept)

    one, many, fast = pack(1 << 23, 6), pack(1 << 14, 6), pack(1 << 23, 1)

    assert one[0] == many[0] == fast[0]
    assert (one[1], many[1] > 3) == (1, True)


def test_a_ledger_in_several_parts_is_read_as_one(
    desk: MonthDesk, october: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ledgers.snapshot.PART", 1)
    before = {ledger.code: desk.rows(ledger.code, OCTOBER) for ledger in SHARED}

    desk.close(OCTOBER)

    assert any(len(each["blobs"]) > 1 for each in desk.standing(OCTOBER).ledgers)
    assert {ledger.code: desk.rows(ledger.code, OCTOBER) for ledger in SHARED} == before


@pytest.mark.parametrize("value", [None, "甲", 3, 2.5, True, date(2026, 10, 3), [{"code": "02"}], {"t": "x"}, []])
def test_every_kind_of_value_comes_back_as_it_was(value: Any) -> None:
    assert again(plain(value)) == value


def test_a_month_without_rows_closes_and_its_papers_say_so(desk: MonthDesk, tmp_path: Path) -> None:
    set_clock(date(2020, 3, 1))

    desk.close(period := Period(date(2020, 1, 1), date(2020, 2, 1)))

    files = desk.files(tmp_path, period, codes=("L06",))
    assert "本期没有记录" in files["L06.csv"].decode("utf-8-sig")
    assert "本期没有记录" in "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(tmp_path / "L06.pdf")
    )


def test_a_part_of_a_month_is_made_from_the_records_of_now(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)
    desk.change(Resident, october, name="金晓棠")
    part = Period(date(2026, 10, 2), date(2026, 11, 1))

    frozen, now = desk.rows("L02", OCTOBER, whole=True), desk.rows("L02", part, whole=True)

    assert "郑阿菊" in {row[0] for row in frozen} - {row[0] for row in now}


def test_in_the_file_of_the_counter_no_name_stands_in_clear(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)

    files = list(desk.database.path.parent.glob(desk.database.path.name + "*"))
    assert files and all("郑阿菊".encode() not in each.read_bytes() for each in files)


# Who and when --------------------------------------------------------------------------------------------------------


A_WEEK = Period(date(2026, 10, 1), date(2026, 10, 9))


@pytest.mark.parametrize(
    ("period", "why"), [(NOVEMBER, "还没过完，2026-12-01起"), (DECEMBER, "还没到"), (A_WEEK, "按整月")]
)
def test_only_a_month_that_is_over_is_closed(desk: MonthDesk, october: str, period: Any, why: str) -> None:
    with pytest.raises(UserError, match=why):
        desk.close(period)

    with desk.database.read() as tx:
        assert tx.rows(select(func.count()).select_from(MonthClose))[0][0] == 0


def test_a_month_is_closed_once_and_the_second_is_told_by_whom(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)

    with pytest.raises(RuleError, match="已由陶丽华在2026-11-03 10:00结账"):
        desk.close(OCTOBER)


def test_a_clerk_closes_no_month(desk: MonthDesk, october: str) -> None:
    clerk = Actor("0198f3c2-7d10-7c3e-9a55-0000000000bb", "方静", frozenset({"clerk"}))

    with pytest.raises(NotAllowedError, match="转站长"):
        close_month(desk.database, clerk, OCTOBER)


def test_before_a_close_she_is_told_what_is_still_under_way(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)
    set_clock(date(2027, 1, 5))
    with desk.database.write(desk.actor) as tx:
        facts.set_state(tx.session, "district_url", "https://district.test")

    with desk.database.read(desk.actor) as tx:
        ready = readiness(tx, DECEMBER)

    assert [period.slug for period in ready.earlier_open] == ["2026-11"]
    assert ready.unsent > 0 and ready.not_synced_since and ready.round == 1
    assert {ledger.code: rows for ledger, rows in ready.rows}["L01"] > 0


def test_a_counter_that_holds_several_stations_closes_none(desk: MonthDesk, october: str) -> None:
    desk.on(date(2026, 11, 3), lambda make: make.station(code="330110012002", name="乐业空间"))

    with pytest.raises(RuleError, match="站点自己的电脑"):
        desk.close(OCTOBER)


def test_closing_and_opening_again_stand_in_the_audit(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)
    desk.reopen(OCTOBER, "补登记漏了")

    with desk.database.read() as tx:
        audit = list(cells(tx, ledger_named("L25"), Ask(NOVEMBER)))

    acts = [(row[2], row[4], row[5]) for row in audit]
    assert acts[-2][0] == "月度结账" and acts[-2][1].startswith("2026年10月 第 1 次结账")
    assert acts[-1] == ("重新打开已结账的月份", "2026年10月 第 1 次结账重新打开", "补登记漏了")


# Opening again -------------------------------------------------------------------------------------------------------


def test_opened_again_a_month_shows_the_records_and_its_old_close_stays_readable(desk: MonthDesk, october: str) -> None:
    desk.close(OCTOBER)
    desk.change(Resident, october, name="金晓棠")
    desk.reopen(OCTOBER)

    names = {row[0] for row in desk.rows("L02", OCTOBER, whole=True)}
    desk.close(OCTOBER)
    with desk.database.read() as tx:
        first, second = rounds_of(tx, CODE, "2026-10")
        old = {row.cells[0] for row in frozen_rows(tx, first.ledger("L02") or {})}
        new = {row.cells[0] for row in frozen_rows(tx, second.ledger("L02") or {})}

    assert "金晓棠" in names and "郑阿菊" in old and "金晓棠" in new
    assert [(each.round, each.state) for each in (first, second)] == [(1, REOPENED), (2, CLOSED)]
    assert (first.reopened_name, first.reopen_why) == ("陶丽华", "审计要改")


@pytest.mark.parametrize("why", ["", "  ", "长" * 101])
def test_opening_again_needs_a_reason(desk: MonthDesk, october: str, why: str) -> None:
    desk.close(OCTOBER)

    with pytest.raises(InvalidInputError):
        desk.reopen(OCTOBER, why)

    assert desk.standing(OCTOBER).live


def test_an_open_month_is_not_opened_again(desk: MonthDesk, october: str) -> None:
    with pytest.raises(RuleError, match="没有结账"):
        desk.reopen(OCTOBER)


# Faults --------------------------------------------------------------------------------------------------------------


def blobs(desk: MonthDesk) -> int:
    with desk.database.read() as tx:
        return int(tx.rows(select(func.count()).select_from(Blob))[0][0])


def test_a_close_that_is_cancelled_leaves_the_month_open_and_nothing_behind(desk: MonthDesk, october: str) -> None:
    told: list[int] = []

    def stop(done: int, _total: int) -> None:
        told.append(done)
        if blobs(desk) > 3:
            raise Cancelled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.ledgers.closing.STEP", 1)
        with pytest.raises(Cancelled):
            desk.close(OCTOBER, progress=stop)

    assert told[0] == 0 and max(told) > 0
    assert blobs(desk) == 0
    with desk.database.read() as tx:
        assert tx.rows(select(func.count()).select_from(MonthClose))[0][0] == 0


def test_what_a_killed_close_left_is_swept_by_the_next_one(
    desk: MonthDesk, october: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("app.ledgers.closing._record", die)
        patch.setattr("app.ledgers.closing.suppress", die)  # a kill cleans nothing up
        with pytest.raises(Killed):
            desk.close(OCTOBER)
    left = blobs(desk)
    desk.change(Resident, october, name="金晓棠")
    desk.close(OCTOBER)

    assert left == len(SHARED)
    named = {blob["sha256"] for each in desk.standing(OCTOBER).ledgers for blob in each["blobs"]}
    with desk.database.read() as tx:
        assert {row[0] for row in tx.rows(select(Blob.sha256))} == named


def test_a_full_disk_leaves_the_month_open(desk: MonthDesk, october: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> str:
        raise StorageError("磁盘满了", code="storage.full")

    with monkeypatch.context() as patch:
        patch.setattr("app.ledgers.closing.keep_blob", full)
        with pytest.raises(StorageError, match="磁盘满了"):
            desk.close(OCTOBER)

    desk.close(OCTOBER)
    assert desk.standing(OCTOBER).round == 1


@pytest.fixture
def entry(desk: MonthDesk, october: str) -> Any:
    desk.close(OCTOBER)
    return desk.standing(OCTOBER).ledger("L02")


def test_a_tampered_snapshot_is_named_and_not_printed(desk: MonthDesk, entry: Any, tmp_path: Path) -> None:
    with desk.database.engine.begin() as connection:
        [(key, content)] = connection.execute(
            select(BlobPiece.sha256, BlobPiece.content).where(BlobPiece.sha256 == piece(desk, entry))
        )
        connection.execute(
            update(BlobPiece).where(BlobPiece.sha256 == key).values(content=repacked(content, "郑阿菊", "郑阿妹"))
        )

    with pytest.raises(StorageError, match="L02 封存的内容和结账时的校验值不一样"):
        desk.files(tmp_path / "out", OCTOBER, codes=("L02",))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cut_off_snapshot_is_named(desk: MonthDesk, entry: Any) -> None:
    with desk.database.engine.begin() as connection:
        connection.execute(
            update(BlobPiece).where(BlobPiece.sha256 == piece(desk, entry)).values(content=b"\x78\x9c\x01")
        )

    with pytest.raises(StorageError, match="L02"), desk.database.read() as tx:
        check_frozen(tx, entry)


def test_a_snapshot_that_is_not_here_yet_says_what_to_do(desk: MonthDesk, entry: Any) -> None:
    with desk.database.write(None) as tx:
        row = tx.session.get(Blob, (entry["blobs"][0]["sha256"], f"station/{CODE}"))
        assert row is not None
        row.state = WANTED

    with pytest.raises(NotFoundError, match="L02 封存的内容还没有收齐：联网同步后再看"):
        desk.rows("L02", OCTOBER)
    with desk.database.read() as tx:
        assert count(tx, ledger_named("L02"), Ask(OCTOBER)) == entry["rows"]


def piece(desk: MonthDesk, entry: Any) -> str:
    return piece_key(entry["blobs"][0]["sha256"], f"station/{CODE}")


def repacked(content: bytes, old: str, new: str) -> bytes:
    return zlib.compress(zlib.decompress(content).replace(old.encode(), new.encode()))


def test_a_trace_of_every_close_names_no_person(desk: MonthDesk, entry: Any) -> None:
    with desk.database.read() as tx:
        details = [row[0] for row in tx.rows(select(ServiceEvent.detail).where(ServiceEvent.kind == "month.close"))]

    assert len(details) == 1 and "郑" not in details[0]
