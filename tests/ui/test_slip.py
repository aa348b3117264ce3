"""The slip: preview, paper, copies, void; what is in the books before anything is printed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Transaction
from app.errors import PrintError
from app.models.referral import SlipPrint
from app.printing.slip_facts import slip_row
from app.services import referrals
from app.services.referrals import SlipFacts
from app.ui import print_pdf
from app.ui.slip import state
from app.ui.slip.consent import parse_time
from app.ui.slip.state import SlipView
from app.ui.sync_badge import SyncSummary
from tests.printing import reading
from tests.ui.referral_desk import Desk, PaperPrinter, desk, press

FACTS = SlipFacts(
    referral_id="r", slip_no="TJ330110261103-0007", name="葛守成", sex=None, phone=None,
    employer_name="杭州云禾物业服务有限公司", employer_unverified=True, employer_address=None, contact=None,
    employer_phone=None, vacancy_title="水电维修工", vacancy_no=None, interview_at=None, valid_until=date(2026, 12, 1),
    issued_on=date(2026, 11, 24), station_name="溪桥社区就业服务站", station_phone=None, handled_by="方静", copy_no=0,
    void=False, places_left=1,
)  # fmt: skip
VIEW = SlipView(FACTS, "p", "10", False, False, False, 0)


def _prints(held: Desk, referral_id: str) -> list[SlipPrint]:
    return held.read(lambda tx: [row.model_copy() for row in referrals.list_prints(tx, referral_id)])


def _open(held: Desk, *ids: str) -> Any:
    return held.go("slip", ids=ids) if len(ids) > 1 else held.go("slip", id=ids[0])


def test_sex_and_phone_reach_the_row_only_if_agreed() -> None:
    silent, told = slip_row(FACTS), slip_row(replace(FACTS, sex="1", phone="19900000003"))

    assert (silent.sex_label, silent.phone) == (None, None)
    assert (told.sex_label, told.phone) == ("男", "19900000003")


def test_the_letter_says_who_confirms_the_place_where_few_are_left() -> None:
    assert slip_row(FACTS).places_note
    assert not slip_row(replace(FACTS, places_left=20)).places_note
    assert not slip_row(replace(FACTS, places_left=None)).places_note


def test_the_note_of_few_places_says_whether_it_is_offline() -> None:
    offline, alone = SyncSummary("offline"), SyncSummary("alone")

    assert "现在离线" in state.places_note(VIEW, offline)
    assert state.places_note(VIEW, alone) == "这个岗位只剩 1 个名额。"
    assert state.places_note(replace(VIEW, facts=replace(FACTS, places_left=9)), offline) == ""


@pytest.mark.parametrize(("typed", "hour"), [("14:00", 14), ("1400", 14), ("9", 9), ("９：３０", 9), ("9点", 9)])
def test_times_are_read_as_people_type_them(typed: str, hour: int) -> None:
    found = parse_time(typed)

    assert found is not None
    assert found.hour == hour


def test_the_preview_is_the_sheet_itself(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _open(held, held.referral())

        image = screen.preview.sheet.image
        again = state.preview(screen._view.facts, "A4", image.width())

        assert not image.isNull()
        assert image == again


def test_digits_change_the_paper(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        screen = _open(held, held.referral())

        press(Qt.Key.Key_2)

        assert screen.panel.paper.code() == "A5"
        assert screen.preview.sheet.width() > screen.preview.sheet.height()
        press(Qt.Key.Key_1)
        assert screen.preview.sheet.width() < screen.preview.sheet.height()


def test_f9_prints_the_original(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)

        press(Qt.Key.Key_F9)

        row = _prints(held, made)[0]
        assert (row.copy_no, row.way, row.paper) == (0, "printer", "A4")
        assert row.pdf_sha256
        assert reading.page_size_mm(printer.sheets[0].read_bytes()) == (210, 297)
        assert reading.codes(printer.sheets[0].read_bytes(), dpi=200)
        assert held.said[-1].text == "已打印推荐信 0001"


def test_without_any_printer_f9_offers_the_pdf_and_books_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_pdf, "list_printers", lambda: ())
    monkeypatch.setattr(print_pdf, "ask_file", lambda _parent, name: tmp_path / name)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)

        press(Qt.Key.Key_F9)

        trouble = held.troubles[-1]
        assert "没有找到打印机" in trouble.text
        assert (trouble.code, trouble.retry_text, _prints(held, made)) == ("print.no_printer", "存 PDF", [])
        assert trouble.retry is not None
        trouble.retry()
        assert [row.way for row in _prints(held, made)] == ["pdf"]
        assert len(list(tmp_path.glob("*.pdf"))) == 1


def test_a_print_is_in_the_books_before_paper_moves_and_trying_again_is_no_copy(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)

    def asleep(name: str) -> None:
        raise PrintError("打印机没有应。")

    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)
        monkeypatch.setattr(print_pdf, "make_printer", asleep)

        press(Qt.Key.Key_F9)
        trouble = held.troubles[-1]
        assert len(_prints(held, made)) == 1
        assert trouble.text == "推荐信 0001 已登账，没有出纸。打印机没有应。"

        monkeypatch.setattr(print_pdf, "make_printer", printer.make)
        assert trouble.retry is not None
        trouble.retry()
        assert len(printer.sheets) == 1
        assert len(_prints(held, made)) == 1


def test_a_reprint_asks_why_and_is_marked_as_a_copy(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PaperPrinter(tmp_path, monkeypatch)
    target = tmp_path / "saved.pdf"
    monkeypatch.setattr(print_pdf, "ask_file", lambda parent, name: target)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)
        press(Qt.Key.Key_F9)

        press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        assert not target.exists()
        press(Qt.Key.Key_3)
        press(Qt.Key.Key_F9)

        rows = _prints(held, made)
        assert [(row.copy_no, row.way, row.why) for row in rows] == [(0, "printer", None), (1, "pdf", "3")]
        assert "副本第1次" in reading.squeezed(target.read_bytes())


def test_thinking_better_of_a_reprint_prints_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)
        press(Qt.Key.Key_F9)

        press(Qt.Key.Key_F9)
        press(Qt.Key.Key_Escape)

        assert len(_prints(held, made)) == len(printer.sheets) == 1


def test_a_glyph_no_font_has_stops_before_anything_is_recorded(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        made = held.referral(held.vacancy("\U0002ebf0工", "杭州栖里公寓管理有限公司"))
        screen = _open(held, made)

        press(Qt.Key.Key_F9)

        assert "U+2EBF0" in held.troubles[-1].text
        assert _prints(held, made) == []
        assert printer.sheets == []
        assert "U+2EBF0" in " ".join(label.text() for label in screen.nothing.findChildren(QLabel))


def test_without_a_printer_saving_is_offered(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "saved.pdf"
    monkeypatch.setattr(print_pdf, "list_printers", tuple)
    monkeypatch.setattr(print_pdf, "ask_file", lambda parent, name: target)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)

        press(Qt.Key.Key_F9)
        trouble = held.troubles[-1]
        assert _prints(held, made) == []
        assert trouble.retry_text == "存 PDF"
        assert trouble.retry is not None
        trouble.retry()

        assert "葛守成" in reading.squeezed(target.read_bytes())
        assert [row.way for row in _prints(held, made)] == ["pdf"]


def test_a_void_slip_keeps_its_number_and_is_not_printed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        _open(held, made)

        press(Qt.Key.Key_Delete)
        press(Qt.Key.Key_2)
        press(Qt.Key.Key_F9)
        press(Qt.Key.Key_F9)

        referral = held.read(lambda tx: referrals.get_referral(tx, made).model_copy())
        assert (referral.state, referral.void_reason) == ("60", "2")
        assert referral.slip_no.endswith("0001")
        assert printer.sheets == []
        assert "作废" in held.said[-1].text


def test_several_slips_are_paged_and_printed_one_by_one(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        ids = [held.referral(held.vacancy(title, f"杭州{title}公司")) for title in ("保洁员", "收货员")]
        screen = _open(held, *ids)
        press(Qt.Key.Key_PageDown)
        press(Qt.Key.Key_PageUp)
        assert screen.place.text() == "第 1 / 2 封"

        press(Qt.Key.Key_F9)
        assert screen.place.text() == "第 2 / 2 封"
        press(Qt.Key.Key_F9)

        assert [len(_prints(held, made)) for made in ids] == [1, 1]
        assert len(printer.sheets) == 2


def test_the_person_having_it_can_be_noted_and_undone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PaperPrinter(tmp_path, monkeypatch)
    with desk(qtbot, tmp_path) as held:
        made = held.referral()
        screen = _open(held, made)
        press(Qt.Key.Key_F9)

        screen.panel.deliver.setFocus()
        press(Qt.Key.Key_Return)
        assert held.read(lambda tx: referrals.get_referral(tx, made).state) == "20"
        press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

        assert held.read(lambda tx: referrals.get_referral(tx, made).state) == "10"


def test_a_slip_and_its_outcome_on_screen_are_a_look_at_the_person(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        referral = held.referral()
        clock.shift(timedelta(hours=1))
        _open(held, referral)
        slip = held.read(_looks)
        clock.shift(timedelta(hours=2))
        held.go("referrals", id=referral)
        both = held.read(_looks)
        clock.shift(timedelta(0))

    assert slip == [("resident.look", held.person)]
    assert both == [("resident.look", held.person)] * 2


def _looks(tx: Transaction) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in tx.sql("SELECT act, subject_id FROM access_log ORDER BY number")]
