"""The forms of visits, follow-ups, guidance and policy talks, by keyboard."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app import clock
from app.db.database import Actor, Database
from app.models.base import Record
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.resident import Resident
from app.models.visit import Followup, Visit
from app.services import drafts, households, residents
from app.ui.field_work import state
from app.ui.field_work.loading import FieldFacts, load_facts
from app.ui.field_work.screen import FieldWorkScreen
from app.ui.fields.base import Field
from app.ui.resident_file.loading import load_view
from app.ui.resident_file.screen import ResidentFileScreen
from app.ui.resident_file.state import actions, package_progress
from app.ui.today.screen import TodayScreen
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory
from tests.field_factory import VISIT
from tests.ui.desks import Desk
from tests.ui.referral_desk import press, type_in

CLERK = frozenset({"clerk"})
Show = Callable[..., FieldWorkScreen]


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    held.runner.close()


@pytest.fixture
def person(database: Database, actor: Actor) -> str:
    with database.write(actor) as tx:
        return residents.register_resident(tx, dict(RESIDENT), registration=dict(REGISTRATION), consents=[NOTICE]).id


@pytest.fixture
def slip(desk: Desk, person: str) -> str:
    """Return the slip by which the person was hired a week ago."""
    with desk.database.write(desk.actor) as tx:
        return Factory(tx).hired(tx.get(Resident, person)).id


@pytest.fixture
def show(qtbot: QtBot, desk: Desk) -> Show:
    """Return what opens the screen with its panel beside it, as the shell does: alone it would be a second window."""
    windows = []

    def opened(**arguments: object) -> FieldWorkScreen:
        window, screen = QWidget(), FieldWorkScreen(desk.context)
        row = QHBoxLayout(window)
        row.addWidget(screen, 1)
        row.addWidget(screen.panel)
        for earlier in windows:
            earlier.hide()
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1274, 680)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        screen.open(**arguments)
        screen.refresh()
        return screen

    return opened


def made(desk: Desk, model: type[Record]) -> list[Any]:
    with desk.database.read() as tx:
        return list(tx.session.exec(select(model)).all())


def facts_of(desk: Desk, person: str, **more: str) -> FieldFacts:
    with desk.database.read() as tx:
        return load_facts(tx, person, **more)


def field_in_front() -> Field | None:
    widget: QWidget | None = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, Field):
        widget = widget.parentWidget()
    return widget


def fill_in(typed: dict[str, str]) -> list[str]:
    """Go through the form with Enter, typing where the clerk would; return the fields that had the keyboard."""
    visited: list[str] = []
    for _step in range(40):
        field = field_in_front()
        if field is None:
            break
        if field.name in typed and field.name not in visited:
            if not isinstance(field.editor, QWidget) or not hasattr(field.editor, "selectAll"):
                type_in(typed[field.name])
            else:
                field.editor.selectAll()
                type_in(typed[field.name])
        visited.append(field.name)
        press(Qt.Key.Key_Return)
    return visited


# By keyboard --------------------------------------------------------------------------------------------------------


def test_a_visit_is_written_down_by_keyboard(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    day = clock.today() + timedelta(days=3)

    visited = fill_in(
        {"visit_type": "4", "outcome": "02", "emp_status_found": "22", "job_wish": "1", "needs": "1"}
        | {"policies": "4", "services": "B", "next_action": "1", "next_on": f"{day:%Y%m%d}", "narrative": "白班"}
    )
    screen.main_action()

    row = made(desk, Visit)[0]
    assert "late_why" not in visited and "take_status" not in visited and "also_met" not in visited
    assert (row.resident_id, row.visit_type, row.outcome, row.emp_status_found) == (person, "4", "02", "22")
    assert (row.policies, row.services, row.needs) == (["si_flex"], ["A", "B"], ["1"])
    assert (row.next_action, row.next_on, row.narrative) == ("1", day, "白班")
    assert desk.went[-1] == ("resident_file", {"id": person})
    assert desk.said[-1].text == "已记下：记走访，葛守成"


def test_a_saved_visit_is_taken_back_from_the_toast(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    screen.form.grid.set_values({"outcome": "04"})
    screen.main_action()
    before = len(made(desk, Visit))

    assert desk.said[-1].undo is not None
    desk.said[-1].undo()

    assert (before, [row.deleted_at is None for row in made(desk, Visit)]) == (1, [False])


def test_what_a_visit_with_needs_lacks_is_said_at_the_fields(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    grid = screen.form.grid
    fill_in({"outcome": "02"})

    screen.main_action()

    wrong = {field.name for field in grid.wrong()}
    assert wrong == {"emp_status_found", "needs", "next_action", "next_on"}
    assert made(desk, Visit) == []
    assert field_in_front() is grid.field("emp_status_found")


def test_an_old_day_asks_why_it_is_entered_so_late(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    day = clock.today() - timedelta(days=6)
    fill_in({"visited_at": f"{day:%Y%m%d}", "visited_at_time": "0930", "outcome": "04"})
    asked = not screen.form.grid.field("late_why").isHidden()
    screen.main_action()
    refused = screen.form.grid.field("late_why").error()

    screen.form.grid.focus_field("late_why")
    type_in("下雨没带电脑")
    screen.main_action()

    row = made(desk, Visit)[0]
    assert (asked, refused) == (True, "这一栏要填")
    assert f"{clock.to_local(row.visited_at):%Y-%m-%d %H:%M}" == f"{day:%Y-%m-%d} 09:30"
    assert row.late_why == "下雨没带电脑"


def test_a_visit_changes_the_status_only_where_the_clerk_says_so(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    fill_in({"outcome": "01", "emp_status_found": "16", "take_status": "1"})
    hint = screen.form.hint.title.text()

    screen.main_action()

    with desk.database.read() as tx:
        assert tx.get(Resident, person).emp_status == "16"
    assert hint == "档案里是“失业未登记”"


def test_a_hired_person_is_followed_up_by_keyboard(show: Show, desk: Desk, person: str, slip: str) -> None:
    screen = show(form="followup", id=person, origin=slip)
    hint = screen.form.hint.title.text()

    visited = fill_in(
        {"reached": "1", "way": "1", "still_employed": "1", "contract_signed": "1", "si_paid": "9"}
        | {"wage_paid_ok": "0", "difficulty": "路远", "result": "2", "satisfaction": "4"}
    )
    screen.main_action()

    row = made(desk, Followup)[0]
    assert hint.startswith("上岗满 7 天：")
    assert "left_on" not in visited
    assert (row.origin_kind, row.origin_id, row.due_on) == ("referral", slip, clock.today())
    assert (row.contract_signed, row.si_paid, row.wage_paid_ok) == (True, None, False)
    assert (row.result, row.satisfaction, row.difficulty, row.target_kind) == ("2", 4, "路远", "2")


def test_a_try_that_reached_nobody_asks_for_nothing_more(show: Show, desk: Desk, person: str, slip: str) -> None:
    screen = show(form="followup", id=person, origin=slip)

    visited = fill_in({"reached": "0"})
    warned = screen.form.hint.text.text()
    screen.main_action()

    row = made(desk, Followup)[0]
    assert not {"still_employed", "result", "satisfaction"} & set(visited)
    assert (row.reached, row.attempts, row.result) == (False, 1, None)
    assert "再有 2 天" in warned


def test_guidance_is_written_down_with_its_plan(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="guidance", id=person)

    fill_in(
        {"duration_min": "45", "topics": "4", "problem": "不会写简历", "advice": "先写做过的活"}
        | {"plan1": "报电工班", "plan1_by": "20991220"}
    )
    screen.main_action()

    row = made(desk, Guidance)[0]
    assert (row.duration_min, row.topics, row.problem) == (45, ["4"], "不会写简历")
    assert row.plan_items == [{"what": "报电工班", "by": "2099-12-20"}]
    assert row.counsellor_id == desk.actor.staff_id


def test_policies_are_explained_with_the_card_to_read_out(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="policy_intro", id=person)

    fill_in({"policies": "2", "understood": "1", "interested": "1"})
    read_out = screen.form.hint.title.text()
    screen.main_action()

    row = made(desk, PolicyIntro)[0]
    assert read_out == "失业保险金"
    assert (row.policies, row.understood, row.interested, row.way) == (["ui_benefit"], True, True, "1")


def test_what_was_typed_is_kept_when_the_form_is_put_aside(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="guidance", id=person)
    screen.form.grid.focus_field("problem")
    type_in("怕面试")

    press(Qt.Key.Key_Escape)
    again = show(form="guidance", id=person)

    assert desk.went[-1] == ("resident_file", {"id": person})
    assert again.form.grid.field("problem").value() == "怕面试"
    again.form.grid.set_values({"topics": ("4",), "advice": "多练"})
    again.main_action()
    with desk.database.read() as tx:
        assert drafts.count_drafts(tx) == {}


def test_changing_the_form_keeps_the_draft_of_the_other(show: Show, desk: Desk, person: str) -> None:
    screen = show(form="visit", id=person)
    screen.form.grid.focus_field("narrative")
    type_in("白班")

    screen.acts()["guidance"]()
    other = screen.tabs.code()
    screen.acts()["visit"]()

    assert (other, screen.tabs.code()) == ("guidance", "visit")
    assert screen.form.grid.field("narrative").value() == "白班"


def test_a_record_is_corrected_and_keeps_its_day_of_entry(show: Show, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        row = Factory(tx).visit(tx.get(Resident, person))
        visit_id, entered = row.id, row.entered_at
    screen = show(id=person)
    screen.panel.lines[0].click()
    title = screen.form.title.text()
    screen.form.grid.set_values({"narrative": "夜班也行"})

    screen.main_action()

    rows = made(desk, Visit)
    assert title == "改走访记录"
    assert [(row.id, row.narrative, row.entered_at) for row in rows] == [(visit_id, "夜班也行", entered)]


def test_a_follow_up_is_corrected_without_moving_it(show: Show, desk: Desk, person: str, slip: str) -> None:
    with desk.database.write(desk.actor) as tx:
        row = Factory(tx).followup(tx.get(Referral, slip))
        call_id = row.id
    screen = show(form="followup", id=person, record=call_id)
    fixed = screen.form.grid.field("origin").is_derived
    screen.form.grid.set_values({"result": "2", "difficulty": "路远"})

    screen.main_action()

    rows = made(desk, Followup)
    assert fixed
    assert [(row.id, row.origin_id, row.result, row.attempts) for row in rows] == [(call_id, slip, "2", 1)]


def test_others_of_the_household_are_offered(show: Show, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        wife = Factory(tx).resident(name="葛阿秀").id
        member = {"able": True, "willing": True, "status_at_check": "22"}
        people = [{**member, "resident_id": person, "relation": "0"}, {**member, "resident_id": wife, "relation": "1"}]
        house = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}
        households.save_household(tx, person, house, people)
    screen = show(form="visit", id=person)

    fill_in({"also_met": "1", "outcome": "04"})
    screen.main_action()

    row = made(desk, Visit)[0]
    assert row.also_met == [wife]
    assert row.household_id is not None


def test_without_a_person_the_screen_asks_for_one(show: Show, desk: Desk) -> None:
    screen = show()

    assert screen.form is None
    assert screen.acts() == {}
    screen.main_action()


# Ways there ---------------------------------------------------------------------------------------------------------


def test_the_file_opens_the_forms_by_key_and_from_its_list(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = ResidentFileScreen(desk.context)
    qtbot.addWidget(screen)
    screen.open(id=person)
    screen.refresh()

    for name in ("visit", "guidance", "policy"):
        screen.acts()[name]()
        line = screen.panel.line(name)
        assert line is not None
        line.click()

    forms = ["visit", "visit", "guidance", "guidance", "policy_intro", "policy_intro"]
    assert desk.went == [("field_work", {"form": form, "id": person}) for form in forms]


def test_a_line_of_the_file_opens_the_record(qtbot: QtBot, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        talk = Factory(tx).guidance(tx.get(Resident, person)).id
    screen = ResidentFileScreen(desk.context)
    qtbot.addWidget(screen)
    screen.open(id=person)
    screen.refresh()

    screen.timeline.setCurrentIndex(screen.timeline.model().index(0, 0))
    screen.timeline.activated.emit(screen.timeline.currentIndex())

    assert desk.went == [("field_work", {"id": person, "form": "guidance", "record": talk})]


def test_todays_follow_up_opens_its_form(qtbot: QtBot, desk: Desk, person: str, slip: str) -> None:
    screen = TodayScreen(desk.context)
    qtbot.addWidget(screen)
    screen.refresh()

    screen.main_action()

    assert desk.went == [("field_work", {"form": "followup", "id": person, "origin": slip})]


def test_the_file_counts_the_package_from_the_records(desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        Factory(tx).visit(tx.get(Resident, person), policies=["si_flex"], services=["B"])
    with desk.database.read() as tx:
        view = load_view(tx, person)

    assert [(line.done, line.need) for line in package_progress(view)] == [(1, 1), (1, 1), (0, 3), (0, 1)]


def test_whoever_may_not_record_sees_no_lines_for_it(desk: Desk, person: str) -> None:
    with desk.database.read() as tx:
        view = load_view(tx, person)

    clerk = {action.name for action in actions(view, CLERK)}
    officer = {action.name for action in actions(view, frozenset({"officer"}))}

    assert {"visit", "guidance", "policy"} <= clerk
    assert not {"visit", "guidance", "policy"} & officer


# Decisions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "required"),
    [
        ("01", {"emp_status_found"}),
        ("02", {"emp_status_found", "needs", "next_action", "next_on"}),
        ("03", {"emp_status_found"}),
        ("04", set()),
        ("08", set()),
        (None, set()),
    ],
)
def test_the_outcome_says_what_is_asked(outcome: str | None, required: set[str]) -> None:
    assert state.visit_asks(outcome).required == required


def test_a_time_left_empty_is_now_today_and_noon_before() -> None:
    today, yesterday = clock.today(), clock.today() - timedelta(days=1)

    assert abs(state.moment_of(today, None) - clock.now()) < timedelta(seconds=5)
    assert f"{clock.to_local(state.moment_of(yesterday, '')):%d %H:%M}" == f"{yesterday:%d} 12:00"
    assert f"{clock.to_local(state.moment_of(yesterday, '0905')):%H:%M}" == "09:05"
    assert state.moment_of(None, "0905") is None


def test_what_is_due_stands_first_among_what_may_be_followed_up(desk: Desk, person: str, slip: str) -> None:
    with desk.database.write(desk.actor) as tx:
        Factory(tx).visit(tx.get(Resident, person), **{**VISIT, "outcome": "01", "needs": []})

    offered = state.origin_choices(facts_of(desk, person))

    assert offered[0][0] == f"referral:{slip}"
    assert offered[0][1].endswith("（到期）")
    assert {key.partition(":")[0] for key, _words in offered} == {"referral", "visit", "registration"}


def test_a_long_text_is_shortened_by_its_width() -> None:
    assert state.shortened("Met in person, has needs", 25) == "Met in person, has needs"
    assert state.shortened("想找离家近一点、白班的工作", 10) == "想找离家近…"
