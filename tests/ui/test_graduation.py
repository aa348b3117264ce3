"""The end of a class: scores by keyboard, why not, certificates and their registry, what came after."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Transaction
from app.models.certificate import Certificate
from app.models.identity import slip_payload
from app.models.resident import Resident
from app.models.training import Enrolment, TrainingClass
from app.services.residents import set_emp_status
from app.services.training import certificates, completion, marking
from app.services.training.prints import prints_of
from app.ui import print_pdf
from app.ui.graduation import after, registry, state
from app.ui.graduation.screen import GraduationScreen
from tests.factories import Factory, fictional_id
from tests.printing.reading import codes
from tests.ui.referral_desk import PaperPrinter, press, type_in
from tests.ui.training_desk import desk, kept, running_class, tx_count

HEAD, TRAINER = frozenset({"supervisor"}), frozenset({"trainer"})
CONTROL = Qt.KeyboardModifier.ControlModifier


def held_class(make: Factory, *marks: str, **values: object) -> tuple[TrainingClass, list[Enrolment]]:
    first = clock.today() - timedelta(days=len(marks[0]) - 1)
    row = make.training_class(lessons=len(marks[0]), start_on=first, **values)  # type: ignore[arg-type]
    signed = [make.enrolment(row) for _mark in marks]
    from app.services.training import classes

    classes.open_class(make.tx, row.id, why="照开")
    for person, line in zip(signed, marks, strict=True):
        for lesson, code in zip(make.lessons(row), line, strict=True):
            marking.enter_sheet(make.tx, lesson.id, {person.id: marking.MarkInput(code)})
    make.tx.flush()
    return row, signed


# -- decisions, without a window -----------------------------------------------------------------------------------


def test_only_who_attended_and_completed_it_gets_a_certificate_and_the_rest_hear_why(
    tx: Transaction, make: Factory
) -> None:
    row, signed = held_class(make, "11111", "11100", "00000")
    for person in signed:
        make.assessment(person)
    tx.flush()

    running = state.load_view(tx, row.id)
    completion.finish_class(tx, row.id)
    tx.flush()
    over = state.load_view(tx, row.id)

    assert [state.why_no_certificate(each, running, HEAD) for each in running.rows][:2] == ["先办结业，再发证。"] * 2
    good, short, never = (state.why_no_certificate(each, over, HEAD) for each in over.rows)
    assert good == ""
    assert short == "没有结业，不能发证：出勤 12 课时，占 60%，不到 80%（20 课时）"
    assert never == f"{signed[2].name} 一次课也没上，不能发证"
    assert [each.line.enrolment_id for each in state.to_issue(over, HEAD)] == [signed[0].id]
    assert state.to_issue(over, TRAINER) == ()


def test_scores_are_asked_for_as_the_course_wants_and_not_after_the_end(tx: Transaction, make: Factory) -> None:
    both, _signed = held_class(make, "1")
    none, _signed = held_class(make, "1", course=make.course(assess_way="5"))

    first, second = state.load_view(tx, both.id), state.load_view(tx, none.id)

    assert (first.scores, second.scores) == (("theory", "practice"), ())
    assert state.why_no_score(first.rows[0], first, TRAINER) == ""
    assert state.why_no_score(second.rows[0], second, HEAD) == "这个班只看出勤，不用登成绩。"
    completion.finish_class(tx, none.id)
    tx.flush()
    assert "成绩不再改" in state.why_no_score(second.rows[0], state.load_view(tx, none.id), HEAD)


def test_the_main_act_goes_from_ending_to_issuing_to_printing(tx: Transaction, make: Factory) -> None:
    row, signed = held_class(make, "11")
    make.assessment(signed[0])
    tx.flush()

    words = [state.main_words(state.load_view(tx, row.id), HEAD)]
    completion.finish_class(tx, row.id)
    tx.flush()
    words.append(state.main_words(state.load_view(tx, row.id), HEAD))
    certificates.issue_completion(tx, signed[0].id)
    tx.flush()
    words.append(state.main_words(state.load_view(tx, row.id), HEAD))

    assert [each[0] for each in words] == ["办结业", "发结业证明（1 人）", "看结业证明，打印"]
    assert state.main_words(state.load_view(tx, row.id), TRAINER)[2] != ""


def test_a_scan_finds_one_certificate_and_a_wrong_code_is_refused_in_a_sentence(tx: Transaction, make: Factory) -> None:
    made = make.certificate()
    tx.flush()
    code = slip_payload(made.cert_no)

    assert [line.id for line in registry.search(tx, code)] == [made.id]
    assert [line.id for line in registry.search(tx, made.name[:2])] == [made.id]
    assert (registry.is_scan(code), registry.is_scan("JY3301")) == (True, False)
    with pytest.raises(Exception, match="校验位不符"):
        registry.search(tx, code[:-1] + ("1" if code[-1] != "1" else "2"))


def test_what_runs_out_says_when_and_since_when_it_is_reminded_of(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()
    until = clock.today() + timedelta(days=40)
    values = {"cert_no": "T3301100001", "issued_on": clock.today() - timedelta(days=300), "valid_until": until}
    line = registry.enter(tx, signed.id, values)
    other = registry.enter(tx, signed.id, {"cert_no": "T3301100002"})
    tx.flush()

    found = registry.load_registry(tx, signed.class_id)

    assert [each.id for each in found.expiring] == [line.id]
    assert (registry.state_words(line), registry.state_tone(line)) == ("还剩 40 天", "orange")
    assert registry.note_words(line) == f"{until - timedelta(days=90)} 起提醒复审（R13）"
    assert (registry.state_words(other), registry.note_words(other)) == ("有效", "")


def test_afterwards_says_how_many_days_are_left_and_who_is_to_be_asked(tx: Transaction, make: Factory) -> None:
    works, seeks, late = make.graduate(), make.graduate(), make.graduate()
    set_emp_status(tx, tx.get(Resident, works.resident_id), "11", source="窗口登记")
    with tx.applying():
        seeks.ended_on, late.ended_on = clock.today() - timedelta(days=28), clock.today() - timedelta(days=91)
        tx.flush()

    shown = {each.id: after.load_after(tx, each.class_id) for each in (works, seeks, late)}
    words = {key: after.outcome_words(view.found.lines[0]) for key, view in shown.items()}

    assert words == {works.id: "已就业", seeks.id: "还没就业，剩 62 天", late.id: "到期没就业"}
    assert after.how_words(shown[works.id].found.lines[0]).endswith("结业后 0 天")
    due = after.due_words(shown[seeks.id].found.lines[0], shown[seeks.id])
    assert due.endswith("回访")
    assert after.sum_words(shown[late.id]) == "结业 1 人，90 天内就业 0 人，占有结果的 0%"


# -- the screen ----------------------------------------------------------------------------------------------------


def test_scores_are_entered_by_keyboard_one_person_after_the_other(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        row, signed = running_class(held, ["11", "11", "11"], [None, (70, 70), None])
        screen = held.go("graduation", id=row)

        type_in("82")
        press(Qt.Key.Key_Return)
        type_in("101")
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_Return)
        assert screen.score_panel.practice.error() == "最多 100"
        screen.score_panel.practice.line.selectAll()
        type_in("90.5")
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_Return)

        assert screen.list.row().line.enrolment_id == signed[2]  # the next one without scores
        type_in("55")
        press(Qt.Key.Key_Return)
        type_in("60")
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_Return)
        scores = held.read(lambda tx: completion.scores_of(tx, row))
        assert (scores[signed[0]].theory, scores[signed[0]].practice, scores[signed[0]].passed) == (82, 90.5, True)
        assert (scores[signed[2]].theory, scores[signed[2]].passed) == (55, False)
        press(Qt.Key.Key_Z, CONTROL)
        assert signed[2] not in held.read(lambda tx: completion.scores_of(tx, row))


def test_a_score_left_out_is_said_at_its_field_and_what_was_typed_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        row, signed = running_class(held, ["11", "11"], [None, (70, 70)])
        screen = held.go("graduation", id=row)

        type_in("8")
        screen.score_panel.submit()
        assert screen.score_panel.practice.error() == "这一栏要填"
        screen.list.table.select_key(signed[1])
        assert "成绩还没登" in held.said[-1].text
        assert screen.score_panel.theory.line.text() == "70"
        screen.list.table.select_key(signed[0])

        assert screen.score_panel.theory.line.text() == "8"
        assert screen.list.row().line.score is None


def test_a_class_is_ended_with_a_reason_its_certificates_issued_and_all_printed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    monkeypatch.setattr(print_pdf, "MAX_DPI", 200)  # fine enough to read the code, and quick
    with desk(qtbot, tmp_path / "c") as held:
        row, signed = running_class(held, ["11", "11", "1.", "00"], [(80, 80), (80, 90), None, None])
        screen = held.go("graduation", id=row)
        assert "还有 1 人没点" in screen.list.card.accessibleName()

        press(Qt.Key.Key_F9)
        press(Qt.Key.Key_F9)
        assert held.read(lambda tx: tx.get(TrainingClass, row).state) == "30"
        type_in("1")
        press(Qt.Key.Key_F9)
        assert held.read(lambda tx: tx.get(TrainingClass, row).ended_why) == "没点到的按缺课算"
        assert [kept(held, each).state for each in signed] == ["50", "50", "60", "60"]
        press(Qt.Key.Key_F9)
        numbers = [paper.number for paper in screen.paper.papers]
        assert (screen.where, len(numbers), screen.paper.papers[0].row.void) == ("paper", 2, False)
        screen.paper.panel.all.click()

        assert len(printer.sheets) == 2
        assert codes(printer.sheets[1].read_bytes(), dpi=120) == [slip_payload(numbers[1])]
        ids = [paper.id for paper in screen.paper.papers]
        assert set(held.read(lambda tx: prints_of(tx, ids))) == set(ids)
        press(Qt.Key.Key_Escape)
        assert screen.score_panel.main.text() == "看结业证明，打印"


def test_a_number_used_twice_is_refused_at_its_field_and_nothing_is_lost(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        row, signed = running_class(held, ["11", "11"], [(80, 80), (80, 90)])
        held.write(lambda make: completion.finish_class(make.tx, row))
        held.write(lambda make: certificates.issue_certificate(make.tx, signed[0], {"cert_no": "T3301100007"}).id)
        screen = held.go("graduation", id=row)
        screen.list.table.select_key(signed[1])

        press(Qt.Key.Key_N, CONTROL)
        type_in("t3301100007")
        press(Qt.Key.Key_F9)
        assert screen.form.form.field("cert_no").error().startswith("编号 T3301100007 已经是")
        press(Qt.Key.Key_Escape)
        press(Qt.Key.Key_N, CONTROL)
        assert screen.form.form.field("issuer").value() == "衢州柚见家政服务有限公司"
        screen.form.form.field("cert_no").line.selectAll()
        type_in("T" + fictional_id("19900212"))
        press(Qt.Key.Key_F9)

        made = screen.certs.line()
        assert (screen.where, made.number_on_file, made.resident_id) == (
            "certs",
            True,
            kept(held, signed[1]).resident_id,
        )
        assert made.cert_no.startswith("JY")
        assert tx_count(held, Certificate) == 2


def test_a_certificate_is_scanned_and_voided_with_a_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        number = held.write(lambda make: make.certificate().cert_no)
        screen = held.go("graduation")
        assert screen.where == "certs"

        type_in(slip_payload(number))
        press(Qt.Key.Key_Return)
        assert [line.cert_no for line in screen.certs.table.rows()] == [number]
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Delete)
        type_in("2")
        press(Qt.Key.Key_F9)

        line = held.read(lambda tx: certificates.find_certificate(tx, number))
        assert line.state == "60"
        assert "作废" in held.said[-1].text
        press(Qt.Key.Key_P, CONTROL)
        assert "作废" in held.said[-1].text
        assert screen.where == "certs"


def test_a_trainer_has_the_list_and_the_scores_and_no_way_to_a_file(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        row, _signed = running_class(held, ["11"], [None])
        context = held.go("graduation", id=row)._context
        screen = GraduationScreen(replace(context, actor=replace(context.actor, roles=TRAINER)))
        qtbot.addWidget(screen)
        screen.open(id=row, tab="certs")
        screen.refresh()

        screen.choose_tab("after")

        assert (screen.where, screen.pages.tabs.isHidden(), screen.score_panel.may_score) == ("list", True, True)
        assert not screen.score_panel.main.isEnabled()
        assert "print" in screen.acts()
        screen._on_paper()
        assert "请转窗口" in held.said[-1].text


def test_what_came_after_leads_to_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    with desk(qtbot, tmp_path) as held:
        row, signed = running_class(held, ["11"], [(80, 80)])
        held.write(lambda make: completion.finish_class(make.tx, row))
        screen = held.go("graduation", id=row)

        press(Qt.Key.Key_3, CONTROL)
        assert [after.outcome_words(line) for line in screen.after.table.rows()] == ["还没就业，剩 90 天"]
        press(Qt.Key.Key_F9)

        assert held.name() == "resident_file"
        assert held.front().opened[-1] == {"id": kept(held, signed[0]).resident_id}
