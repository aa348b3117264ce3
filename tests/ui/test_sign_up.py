"""Signing up: classes that fit first, every rule explained, what has to be told, the slip, the waiting list."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Transaction
from app.models.identity import slip_payload
from app.models.training import EligibilityCheck
from app.services.training import classes
from app.services.training.prints import prints_of
from app.ui import print_pdf
from app.ui.sign_up import papers, seats, state
from app.ui.sign_up.screen import CHECK, LIST, OFFER, PAPER, PERSON
from app.ui.sync_badge import OFFLINE, SyncSummary
from tests.factories import Factory
from tests.printing.reading import codes, page_size_mm, squeezed
from tests.ui.referral_desk import Desk, PaperPrinter, press, type_in
from tests.ui.training_desk import add_class, decide, desk, kept, sign_up, tx_count

CONTROL = Qt.KeyboardModifier.ControlModifier


# -- decisions, without a window -----------------------------------------------------------------------------------


def view_of(tx: Transaction, class_id: str, person_id: str) -> state.CheckView:
    tx.flush()
    return state.load_check(tx, class_id, person_id)


def test_each_rule_says_whose_it_is_and_since_when(tx: Transaction, make: Factory) -> None:
    make.policy_param(
        key="training.per_year", value=2, effective_from=date(2026, 1, 1), source_doc="杭人社发〔2026〕3 号"
    )
    row, person = make.training_class(start_on=date(2026, 12, 3)), make.resident(emp_status="21")

    view = view_of(tx, row.id, person.id)

    found = {each.rule: each for each in view.found.eligibility.findings}
    assert state.source_words(found["per_year"]) == "区里的规则：杭人社发〔2026〕3 号，2026-01-01 起"
    assert found["per_year"].text.endswith("每年最多 2 次")
    assert state.source_words(found["age"]) == "区里还没下发，按程序自带的规则"
    assert {state.mark_of(each) for each in found.values()} == {"full"}
    assert state.result_words(view.found.eligibility) == ("可以补贴", "good")


@pytest.mark.parametrize(
    ("status", "rule", "mark", "verdict", "result"),
    [
        ("11", "in_work", "partly", "能参加，不补贴", "能参加，不补贴"),
        ("31", "in_school", "partly", "能参加，不补贴", "能参加，不补贴"),
        ("90", "in_work", "skipped", "资料不全", "资料不全，待核"),
    ],
)
def test_a_rule_against_the_subsidy_is_marked_and_told(
    tx: Transaction, make: Factory, status: str, rule: str, mark: str, verdict: str, result: str
) -> None:
    row, person = make.training_class(), make.resident(emp_status=status)

    view = view_of(tx, row.id, person.id)

    finding = next(each for each in view.found.eligibility.findings if each.rule == rule)
    assert (state.mark_of(finding), state.verdict_words(finding)) == (mark, verdict)
    assert state.result_words(view.found.eligibility)[0] == result
    assert [each.code for each in state.to_tell(view)] == ["subsidy"]


def test_a_full_class_is_told_with_the_likely_place(tx: Transaction, make: Factory) -> None:
    row, person = make.training_class(seats=1), make.resident(emp_status="21")
    for _n in range(2):
        make.enrolment(row)

    told = state.to_tell(view_of(tx, row.id, person.id))

    assert [each.code for each in told] == [state.FULL]
    assert "候补第 2 位" in told[0].text


def test_a_clash_wants_an_answer_and_ticks_come_before_it(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(title="中式面点"), person)
    row = make.training_class(make.course(in_catalogue=False, subsidy_amount=None))

    told = state.to_tell(view_of(tx, row.id, person.id))

    assert [(each.code, each.asks_why) for each in told] == [("clash", True)]
    assert state.missing_words(told, (), None)[1] == "tick"
    assert state.missing_words(told, ("clash",), None)[1] == "why"
    assert state.missing_words(told, ("clash",), "本人自己安排") == ("", "")


def test_what_cannot_be_helped_leaves_nothing_to_tick(tx: Transaction, make: Factory) -> None:
    row, person = make.training_class(seats=1), make.resident(emp_status="21")
    make.enrolment(row, person)

    view = view_of(tx, row.id, person.id)

    assert [each.code for each in state.blocks(view)] == ["twice"]
    assert state.to_tell(view) == ()


def test_an_offline_counter_says_that_the_seat_is_not_sure() -> None:
    offline = SyncSummary(state=OFFLINE)

    assert "待确认" in state.seat_note(offline)
    assert state.seat_note(None) == "名额按报名先后定。"


def test_the_word_on_a_seat_follows_the_district(tx: Transaction, make: Factory) -> None:
    row = make.training_class(seats=1)
    first, second = make.enrolment(row), make.enrolment(row)

    before = {line.id: line for line in seats.of_class(tx, row.id)}
    with tx.applying():
        first.seat, second.seat = "1", "2"
        tx.flush()
    after = {line.id: line for line in seats.of_class(tx, row.id)}

    assert seats.seat_words(before[first.id]) == "待确认"
    assert seats.seat_words(before[second.id]) == "待确认，大概候补第 1 位"
    assert (seats.seat_words(after[first.id]), seats.seat_tone(after[first.id])) == ("已确认", "good")
    assert (seats.seat_words(after[second.id]), seats.seat_tone(after[second.id])) == ("候补第 1 位", "orange")
    assert "排在候补" in seats.told_words(after[second.id])
    assert seats.note_words(after[second.id]) == "还没告诉本人"


def test_a_slip_printed_before_the_word_came_is_to_be_replaced(tx: Transaction, make: Factory) -> None:
    row = make.training_class()
    signed = make.enrolment(row)
    paper = papers.load_papers(tx, papers.SLIP, [signed.id], "方静")[0]
    papers.record(tx, papers.Job(paper, papers.PRINTER), "方静")
    tx.flush()
    with tx.applying():
        signed.seat, signed.told_seat = "1", "1"
        tx.flush()

    line = seats.of_person(tx, signed.resident_id)[0]
    fresh = papers.load_papers(tx, papers.SLIP, [signed.id], "方静")[0]

    assert (line.untold, seats.note_words(line)) == ((), "单子要换")
    assert (fresh.again, fresh.printed, fresh.chip[0]) == (False, 1, "名额已确认")
    assert papers.note_words(fresh) == "名额有了新结果：打这张换给本人，旧的收回。"


def test_a_sheet_that_changed_meanwhile_is_made_anew(tx: Transaction, make: Factory) -> None:
    signed = make.enrolment()
    job = papers.prepare(papers.Job(papers.load_papers(tx, papers.SLIP, [signed.id], "方静")[0], papers.PDF))
    with tx.applying():
        signed.seat = "2"
        tx.flush()

    recorded = papers.record(tx, job, "方静")

    assert recorded.pdf == b""
    assert "候补" in squeezed(papers.render(recorded.paper))


@pytest.mark.parametrize(("roles", "may"), [({"supervisor"}, True), ({"clerk"}, False)])
def test_who_goes_first_is_the_heads_decision(tx: Transaction, make: Factory, roles: set[str], may: bool) -> None:
    row = make.training_class(seats=1)
    make.enrolment(row)
    waiting = seats.of_class(tx, row.id)[0] if make.enrolment(row) is None else seats.of_class(tx, row.id)[1]

    assert (seats.why_no_promotion(waiting, frozenset(roles)) == "") is may


# -- the screen ----------------------------------------------------------------------------------------------------


def test_from_a_file_to_a_printed_slip_by_keyboard_alone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    monkeypatch.setattr(print_pdf, "MAX_DPI", 200)  # fine enough to read the code, and quick
    with desk(qtbot, tmp_path / "c") as held:
        wanted = add_class(held, "家政服务员（初级）")
        screen = held.go("sign_up", id=held.person)
        assert screen.page == OFFER

        press(Qt.Key.Key_Return)
        assert screen.page == CHECK
        press(Qt.Key.Key_F9)

        assert screen.page == PAPER
        made = seats_of(held, held.person)[0]
        assert (made.class_id, made.seat_text, kept(held, made.id).target) == (wanted, "待确认", "5")
        press(Qt.Key.Key_F9)
        sheet = printer.sheets[0].read_bytes()
        assert (page_size_mm(sheet), codes(sheet, dpi=200)) == ((210, 148), [slip_payload(made.enrol_no)])
        text = squeezed(papers.render(screen.paper.paper))
        assert all(words in text for words in ("待确认", "学员签字", made.enrol_no, "郑阿菊"))
        assert held.read(lambda tx: prints_of(tx, [made.id]))[made.id]["0"] == 1
        press(Qt.Key.Key_Escape)
        assert (screen.page, [line.id for line in screen.list.seats.table.rows()]) == (LIST, [made.id])
        press(Qt.Key.Key_Escape)
        assert held.name() == "resident_file"


def test_the_file_leads_here_with_ctrl_t() -> None:
    from app.ui.keys import command
    from app.ui.screens import screen_named

    assert command("train").keys == ("Ctrl+T",)
    assert screen_named("sign_up").under == "training"


def test_what_was_not_told_keeps_the_sign_up_back(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        first = add_class(held, "面点")
        sign_up(held, first, held.person)
        wanted = add_class(held, "家政", seats=1)
        sign_up(held, wanted)
        screen = held.go("sign_up", id=held.person, class_id=wanted)
        assert [line.told.code for line in screen.check.told] == ["clash", "subsidy", "full"]

        press(Qt.Key.Key_F9)
        assert screen.check.error.text().startswith("还有 3 条没跟本人说")
        for digit in "123":
            type_in(digit)
        press(Qt.Key.Key_F9)
        assert screen.check.why.error() == "两个班时间撞了，写一句本人打算怎么办"
        type_in("只差一天，请假")
        press(Qt.Key.Key_F9)

        assert screen.page == PAPER
        checks = [row for row in held.read(all_checks) if row.class_id == wanted and row.resident_id == held.person]
        assert [(row.known, row.why) for row in checks] == [(["clash", "subsidy"], "只差一天，请假")]
        press(Qt.Key.Key_Z, CONTROL)
        assert screen.page == LIST
        assert wanted not in [line.class_id for line in seats_of(held, held.person)]


def test_somebody_who_cannot_sign_up_sees_why_and_nothing_is_saved(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        wanted = add_class(held, "家政", enrol_until=clock.today())
        sign_up(held, wanted, held.person)
        screen = held.go("sign_up", id=held.person, class_id=wanted)

        press(Qt.Key.Key_F9)

        assert screen.page == CHECK
        assert not screen.class_panel.main.isEnabled()
        assert [each.code for each in state.blocks(screen.check.view)] == ["twice"]
        assert tx_count(held, EligibilityCheck) == 1


def test_from_a_class_the_person_is_found_and_the_next_one_after_her(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        held.write(lambda make: make.resident(name="苏玉梅", emp_status="21"))
        wanted = add_class(held, "家政服务员（初级）")
        screen = held.go("sign_up", class_id=wanted)
        assert screen.page == PERSON

        type_in("zaj")
        press(Qt.Key.Key_Return)
        assert screen.check.view.person.name == "郑阿菊"
        press(Qt.Key.Key_F9)
        assert screen.page == PAPER
        press(Qt.Key.Key_Escape)

        assert (screen.page, screen.list.people.search.text()) == (PERSON, "")
        assert [line.name for line in screen.list.seats.table.rows()] == ["郑阿菊"]
        press(Qt.Key.Key_Escape)
        assert held.name() == "class_file"


def test_a_seat_that_turned_out_over_is_said_plainly_until_she_was_told(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        wanted = add_class(held, "家政", seats=1)
        other, mine = sign_up(held, wanted), sign_up(held, wanted, held.person)
        screen = held.go("sign_up", id=held.person)
        assert screen.list.banner.isHidden()

        decide(held, other, "1")
        decide(held, mine, "2")
        assert not screen.list.banner.isHidden()
        assert "候补" in screen.list.banner.accessibleName()
        press(Qt.Key.Key_2, CONTROL)
        assert screen.seat_panel.chip.text == "候补第 1 位"
        assert "排在候补" in screen.seat_panel.tell_words.text()
        press(Qt.Key.Key_F9)

        assert kept(held, mine).told_seat == "2"
        assert screen.seat_panel.tell.isHidden()
        roster = held.go("sign_up", class_id=wanted)
        assert "有 1 条" in roster.list.banner.accessibleName()


def test_leaving_asks_for_its_reason_and_can_be_taken_back(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        mine = sign_up(held, add_class(held, "家政"), held.person)
        held.go("sign_up", id=held.person, tab="seats")

        press(Qt.Key.Key_Delete)
        press(Qt.Key.Key_F9)
        assert kept(held, mine).state == "10"
        type_in("2")
        press(Qt.Key.Key_F9)

        assert (kept(held, mine).state, kept(held, mine).drop_reason) == ("40", "02")
        press(Qt.Key.Key_Z, CONTROL)
        assert kept(held, mine).state == "10"


def test_the_head_puts_somebody_first_with_a_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        wanted = add_class(held, "家政", seats=1)
        first = sign_up(held, wanted)
        sign_up(held, wanted)
        last = sign_up(held, wanted, held.person)
        screen = held.go("sign_up", class_id=wanted, tab="seats")
        decide(held, first, "1")
        screen.list.seats.table.select_key(last)
        assert screen.seat_panel.chip.text == "待确认，大概候补第 2 位"

        screen.seat_panel.up.click()
        type_in("2")
        press(Qt.Key.Key_F9)

        assert (kept(held, last).ahead, kept(held, last).ahead_why) == (True, "就业困难人员优先")
        assert screen.seat_panel.chip.text == "待确认，大概候补第 1 位"


def test_a_second_print_asks_why_and_a_dead_printer_loses_nothing(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    monkeypatch.setattr(print_pdf, "MAX_DPI", 200)  # fine enough to read the code, and quick
    with desk(qtbot, tmp_path / "c") as held:
        mine = sign_up(held, add_class(held, "家政"), held.person)
        screen = held.go("sign_up", id=held.person, tab="seats")
        press(Qt.Key.Key_Return)
        dead: Any = print_pdf.print_on
        monkeypatch.setattr(print_pdf, "print_on", lambda *_a, **_k: print_pdf._refuse("确认单", numbered=True))

        press(Qt.Key.Key_F9)
        assert held.troubles[-1].retry is not None
        monkeypatch.setattr(print_pdf, "print_on", dead)
        held.troubles[-1].retry()
        press(Qt.Key.Key_F9)
        assert screen.paper._dialog is not None
        type_in("3")
        press(Qt.Key.Key_F9)

        assert held.read(lambda tx: prints_of(tx, [mine]))[mine]["0"] == 2
        assert sum(bool(sheet.is_file()) for sheet in printer.sheets) == 2


def test_a_cancelled_class_says_so_and_prints_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        wanted = add_class(held, "家政", start_on=clock.today() + timedelta(days=5))
        sign_up(held, wanted, held.person)
        held.write(lambda make: classes.cancel_class(make.tx, wanted, "人数不够"))
        screen = held.go("sign_up", id=held.person, tab="seats")

        assert screen.seat_panel.chip.text == "班取消了"
        assert "人数不够" in screen.seat_panel.tell_words.text()
        press(Qt.Key.Key_P, CONTROL)
        assert not screen.paper.panel.print.isEnabled()


def seats_of(held: Desk, person: str) -> tuple[seats.SeatLine, ...]:
    return held.read(lambda tx: seats.of_person(tx, person))


def all_checks(tx: Transaction) -> list[EligibilityCheck]:
    from sqlmodel import select

    return list(tx.session.exec(select(EligibilityCheck)).all())
