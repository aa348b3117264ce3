"""The register sheet: a number brings the rest, nothing typed is lost, one act saves it all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.making import cells
from app.ledgers.period import month_of
from app.services import drafts, registrations, residents
from app.ui.register import state
from app.ui.register.screen import RegisterScreen
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory
from tests.ui.desks import Desk

ID_NO = "330421197904259966"


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path)


@pytest.fixture
def screen(desk: Desk, qtbot: QtBot) -> RegisterScreen:
    return shown(RegisterScreen(desk.context), qtbot)


def shown(screen: RegisterScreen, qtbot: QtBot) -> RegisterScreen:
    qtbot.addWidget(screen)
    screen.resize(974, 640)
    with qtbot.waitExposed(screen):
        screen.show()
    screen.activateWindow()
    screen.open()
    screen.refresh()
    return screen


def type_in(screen: RegisterScreen, name: str, text: str, *, enter: bool = True) -> None:
    screen.sheet.focus_field(name)
    editor = screen.sheet.field(name).editor
    for char in text:
        QGuiApplication.sendEvent(editor, QKeyEvent(QKeyEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, char))
    if enter:
        press(editor, Qt.Key.Key_Return)


def press(widget: QWidget, key: Qt.Key) -> None:
    QGuiApplication.sendEvent(widget, QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))


def fill(screen: RegisterScreen, **other: str) -> None:
    """Type a whole registration as a clerk does."""
    typed = {
        "id_no": ID_NO, "female_retire_base": "1", "name": "冯巧云", "edu_level": "71", "person_class": "4",
        "emp_status": "22", "mobile": "19900000004", "live_addr": "溪桥苑 3 幢 2 单元", "hukou_region": "330421",
        "intent1": "家政服务员", "wage1": "4200", "accept_shift": "19", "accept_gig": "1", "accept_training": "1",
        "accept_internship": "0", "accept_pwpost": "1", "guidance_need": "1", "training_need": "0",
        "startup_need": "0", "consent_notice": "1", "publish_consent": "1", "consent_way": "1",
    } | other  # fmt: skip
    for name, text in typed.items():
        type_in(screen, name, text)


def test_a_registration_typed_by_keyboard_is_saved_in_one_act(screen: RegisterScreen, desk: Desk) -> None:
    fill(screen)
    screen.main_action()

    name, arguments = desk.went[-1]
    assert name == "resident_file"
    with desk.database.read() as tx:
        person = residents.load_facts(tx, str(arguments["id"]))
        acts = [row.act for row in tx.sql("SELECT act FROM operation WHERE act <> 'station.found'")]
    assert acts == ["resident.register"]
    assert (person.resident["sex"], str(person.resident["birth_date"])) == ("2", "1979-04-25")
    assert person.resident["female_retire_base"] == "50"
    assert (person.resident["live_region"], person.resident["hukou_region"]) == ("330110012", "330421")
    assert person.registration is not None
    assert person.registration["intents"][0]["wage_min"] == 420000
    assert person.registration["intents"][0]["trade"].startswith("4-10")
    assert person.registration["accept_shift"] == ["01", "09"]
    assert person.consents == {"1": True, "3": True}


def test_the_grid_is_kept_and_the_ledgers_find_people_by_it(screen: RegisterScreen, desk: Desk) -> None:
    screen.sheet.open_more("home", is_open=True)
    fill(screen, grid_code="溪桥01")
    screen.main_action()

    month = month_of(clock.today())
    with desk.database.read() as tx:
        found = [list(cells(tx, ledger_named("L02"), Ask(month, grid=grid))) for grid in ("溪桥01", "溪桥02")]
    assert [len(rows) for rows in found] == [1, 0]


def test_enter_leads_from_the_number_to_the_name_past_what_is_derived(screen: RegisterScreen) -> None:
    type_in(screen, "id_no", "330110198006149975")

    assert screen.sheet.field("name").editor.hasFocus()
    assert screen.sheet.field("id_no").is_masked  # type: ignore[attr-defined]


def test_a_woman_is_asked_for_50_or_55_and_a_man_is_not(screen: RegisterScreen) -> None:
    line = screen.sheet.field("female_retire_base")
    type_in(screen, "id_no", "330110198006149975")
    assert line.chips.isHidden()  # type: ignore[attr-defined]

    screen.sheet.field("id_no").set_value(None)
    type_in(screen, "id_no", ID_NO)

    assert not line.chips.isHidden()  # type: ignore[attr-defined]
    assert line.editor.hasFocus()


def test_a_wrong_number_is_told_on_leaving_and_never_while_typing(screen: RegisterScreen) -> None:
    type_in(screen, "id_no", "33042119790425996", enter=False)
    assert screen.sheet.field("id_no").error() == ""

    press(screen.sheet.field("id_no").editor, Qt.Key.Key_Return)

    assert "1 位" in screen.sheet.field("id_no").error()


@pytest.mark.parametrize(("number", "kind"), [("830000199001019967", "03"), ("E12345678", "07"), (ID_NO, "01")])
def test_the_kind_of_document_is_guessed_from_its_number(screen: RegisterScreen, number: str, kind: str) -> None:
    type_in(screen, "id_no", number, enter=False)

    assert screen.sheet.field("id_type").value() == kind


def test_a_passport_asks_for_sex_and_birth_date(screen: RegisterScreen) -> None:
    type_in(screen, "id_no", "E12345678")

    assert {"sex", "birth_date"} <= {field.name for field in screen.sheet.missing()}


def test_a_contradiction_is_saved_only_when_confirmed(screen: RegisterScreen, desk: Desk) -> None:
    fill(screen)
    screen.sheet.ask_difference()
    type_in(screen, "birth_date", "19790426")
    screen.main_action()
    assert [gap.name for gap in screen.gaps()] == ["mismatch_confirmed"]

    type_in(screen, "mismatch_confirmed", "1")
    screen.main_action()

    with desk.database.read() as tx:
        person = residents.load_facts(tx, str(desk.went[-1][1]["id"])).resident
    assert (str(person["birth_date"]), person["mismatch_confirmed"]) == ("1979-04-26", True)


def test_what_is_missing_is_listed_and_led_to(screen: RegisterScreen, qtbot: QtBot) -> None:
    fill(screen, mobile="1990000004")
    gaps = screen.gaps()
    assert [(gap.words, gap.step, gap.is_wrong) for gap in gaps] == [("手机号：少 1 位", 2, True)]

    screen.main_action()

    assert screen.sheet.field("mobile").editor.hasFocus()


def test_the_hukou_is_never_inferred_from_the_number(screen: RegisterScreen) -> None:
    type_in(screen, "id_no", ID_NO)

    assert screen.sheet.field("hukou_region").value() is None
    assert screen.sheet.field("live_region").value() == "330110012"


def test_words_that_no_list_has_are_kept_with_the_class_they_sound_like(screen: RegisterScreen) -> None:
    type_in(screen, "intent1", "小区水电维修", enter=False)
    field = screen.sheet.field("intent1")
    field.close_list()  # type: ignore[attr-defined]
    press(field.editor, Qt.Key.Key_Return)

    assert field.value()["text"] == "小区水电维修"
    assert field.value()["trade"]


def test_each_trade_says_how_many_vacancies_it_has(database: Database, actor: Actor, desk: Desk, qtbot: QtBot) -> None:
    with database.write(actor) as tx:
        Factory(tx).vacancy(trade="4-10", title="家政服务员")
    screen = shown(RegisterScreen(desk.context), qtbot)

    offered = screen.sheet.field("intent1").candidates("家政")  # type: ignore[attr-defined]

    assert {item.figure for item in offered} == {"同类 1 个岗位"}


def test_sensitive_marks_ask_for_their_own_consent_and_a_no_keeps_them_out(screen: RegisterScreen, desk: Desk) -> None:
    fill(screen)
    assert screen.sheet.field("consent_sensitive").isHidden()
    type_in(screen, "constraints", "4")
    type_in(screen, "consent_sensitive", "0")
    screen.main_action()
    assert desk.went == []

    type_in(screen, "consent_sensitive", "1")
    screen.main_action()

    with desk.database.read() as tx:
        assert residents.load_facts(tx, str(desk.went[-1][1]["id"])).consents["2"] is True


def test_a_graduate_has_to_say_school_date_and_major(screen: RegisterScreen) -> None:
    type_in(screen, "priority_groups", "4")

    assert set(state.GRADUATE_FIELDS) <= {field.name for field in screen.sheet.missing()}


def test_a_draft_is_kept_on_leaving_a_field_and_offered_after_a_crash(
    screen: RegisterScreen, desk: Desk, qtbot: QtBot
) -> None:
    type_in(screen, "id_no", ID_NO)
    type_in(screen, "name", "冯巧云")
    assert screen.header.is_kept

    again = shown(RegisterScreen(desk.context), qtbot)
    assert not again.offer.isHidden()
    again.offer.go_on.click()

    assert again.sheet.field("name").value() == "冯巧云"
    assert again.sheet.field("id_no").value() == ID_NO


def test_a_draft_is_kept_two_seconds_after_the_last_key(screen: RegisterScreen, qtbot: QtBot) -> None:
    with qtbot.waitSignal(screen.drafts.kept, timeout=4000):
        type_in(screen, "name", "冯", enter=False)


def test_drafts_of_one_person_are_not_offered_to_another(
    screen: RegisterScreen, desk: Desk, database: Database
) -> None:
    type_in(screen, "name", "冯巧云")

    with database.read() as tx:
        assert drafts.list_drafts(tx, "somebody-else", state.FORM) == []
        assert len(drafts.list_drafts(tx, desk.actor.staff_id, state.FORM)) == 1


def test_saving_forgets_the_draft_and_undo_brings_it_back(screen: RegisterScreen, desk: Desk, qtbot: QtBot) -> None:
    fill(screen)
    screen.main_action()
    with desk.database.read() as tx:
        assert drafts.list_drafts(tx, desk.actor.staff_id, state.FORM) == []

    undo = desk.said[-1].undo
    assert undo is not None
    undo()

    assert desk.went[-1][0] == "register"
    with desk.database.read() as tx:
        assert residents.list_recent(tx) == []
    screen.open(**desk.went[-1][1])
    assert screen.sheet.field("name").value() == "冯巧云"


def test_esc_puts_the_sheet_aside_and_a_new_one_begins(screen: RegisterScreen, desk: Desk, qtbot: QtBot) -> None:
    type_in(screen, "name", "冯巧云")
    qtbot.keyClick(screen.sheet.field("mobile").editor, Qt.Key.Key_Escape)

    assert desk.went[-1][0] == "today"
    assert screen.sheet.field("name").value() is None


def test_f2_again_goes_on_with_the_sheet_under_way(screen: RegisterScreen) -> None:
    type_in(screen, "name", "冯巧云")

    screen.open()

    assert screen.sheet.field("name").value() == "冯巧云"


@pytest.fixture
def twin(database: Database, actor: Actor) -> str:
    values = {**RESIDENT, "name": "冯巧芸", "id_type": "99", "id_no": "JZ0001", "sex": "2", "birth_date": "1979-04-25"}
    with database.write(actor) as tx:
        person = residents.register_resident(
            tx, {**values, "mobile": "19900000004"}, registration=REGISTRATION, consents=[NOTICE]
        )
        return person.id


def see_twin(screen: RegisterScreen, qtbot: QtBot) -> None:
    type_in(screen, "id_no", ID_NO)
    type_in(screen, "name", "冯巧云")
    type_in(screen, "mobile", "19900000004")
    qtbot.waitUntil(lambda: not screen.panel.card.isHidden(), timeout=3000)


def test_a_similar_name_born_the_same_day_is_shown_while_typing(
    screen: RegisterScreen, twin: str, qtbot: QtBot
) -> None:
    see_twin(screen, qtbot)

    screen.panel.card.other.click()

    assert screen.panel.card.isHidden()


def test_the_same_person_goes_on_with_her_file(screen: RegisterScreen, desk: Desk, twin: str, qtbot: QtBot) -> None:
    see_twin(screen, qtbot)
    type_in(screen, "wage1", "4300")
    screen.panel.card.same.click()

    assert screen.sheet.field("name").value() == "冯巧芸"
    assert screen.sheet.field("mobile").editor.text() == "199****0004"  # type: ignore[attr-defined]
    assert screen.sheet.field("wage1").value() == 430000
    screen.may_leave()
    with desk.database.read() as tx:
        assert [kept.subject for kept in drafts.list_drafts(tx, desk.actor.staff_id, state.FORM)] == [twin]


def test_facts_and_wishes_on_file_are_edited_in_one_act(screen: RegisterScreen, desk: Desk, twin: str) -> None:
    screen.open(id=twin)
    screen.sheet.field("mobile").editor.selectAll()  # type: ignore[attr-defined]
    type_in(screen, "mobile", "19900000014")
    type_in(screen, "wage1", "", enter=False)
    screen.sheet.field("wage1").set_value(None)
    type_in(screen, "wage1", "4600")
    screen.main_action()

    assert desk.went[-1] == ("resident_file", {"id": twin})
    with desk.database.read() as tx:
        known = residents.load_facts(tx, twin)
        acts = [row.act for row in tx.sql("SELECT act FROM operation ORDER BY seq")]
    assert acts[-1] == "resident.edit"
    assert known.resident["mobile"] == "19900000014"
    assert known.registration is not None
    assert known.registration["intents"][0]["wage_min"] == 460000
    assert known.registration["training_need"] is True


def test_a_phone_on_file_shows_masked_and_stays_when_not_typed_over(
    screen: RegisterScreen, desk: Desk, twin: str
) -> None:
    screen.open(id=twin)
    assert "19900000004" not in screen.sheet.field("mobile").editor.text()  # type: ignore[attr-defined]
    type_in(screen, "live_addr", "")
    screen.main_action()

    with desk.database.read() as tx:
        assert residents.load_facts(tx, twin).resident["mobile"] == "19900000004"


def test_a_file_without_registration_is_edited_without_wishes(
    screen: RegisterScreen, desk: Desk, database: Database, actor: Actor
) -> None:
    with database.write(actor) as tx:
        person = Factory(tx).resident(live_addr="溪桥苑 1 幢").id
    screen.open(id=person)
    assert screen.gaps() == []
    type_in(screen, "intent1", "保安")
    assert "accept_shift" in {gap.name for gap in screen.gaps()}

    screen.sheet.field("intent1").set_value(None)
    screen._fit_wishes()
    screen.main_action()

    with database.read() as tx:
        assert registrations.active_registration(tx, person) is None


def test_the_same_number_is_refused_with_the_person_beside_it(screen: RegisterScreen, desk: Desk, qtbot: QtBot) -> None:
    fill(screen)
    with desk.database.write(desk.actor) as tx:
        residents.register_resident(tx, {**RESIDENT, "name": "冯巧云", "id_no": ID_NO}, consents=[NOTICE])
    screen.main_action()

    assert desk.troubles[0].code == "resident.exists"
    assert not screen.panel.card.isHidden()
    assert screen.panel.card.other.isHidden()
    assert screen.sheet.field("name").value() == "冯巧云"


def test_every_step_is_reached_by_ctrl_page_down(screen: RegisterScreen, qtbot: QtBot) -> None:
    screen.sheet.focus_first()
    seen = [screen._here]
    for _step in range(4):
        qtbot.keyClick(screen, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        seen.append(screen._here)

    assert seen == [1, 2, 3, 4, 5]


def test_what_a_file_holds_comes_back_from_the_sheet_unchanged(database: Database, actor: Actor) -> None:
    wanted = {
        **REGISTRATION,
        "skills": [{"trade": "4-12", "note": "电工", "level": "L3", "years": 5}] * 4,
        "certs": [{"type": "4", "name": "低压电工证", "valid_to": "2027-01-01", "no": "X1"}],
        "exclude_trades": ["4-07"],
    }
    with database.write(actor) as tx:
        person = residents.register_resident(tx, {**RESIDENT}, registration=wanted, consents=[NOTICE]).id
    with database.read() as tx:
        known = residents.load_facts(tx, person)

    entered = state.from_draft(state.to_draft(state.entered_on_file(known)))
    again = state.registration_values(entered, known.registration)

    assert known.registration is not None
    for name in ("intents", "skills", "certs", "accept_shift", "max_commute_km", "accept_pwpost", "publish_consent"):
        assert again[name] == known.registration[name], name
    assert {**state.resident_values(entered, known.resident), "sex": None}.items() >= {"name": "葛守成"}.items()


def test_ages_are_full_years() -> None:
    born = clock.today() - timedelta(days=1)
    assert state.age_on(born.replace(year=born.year - 40), clock.today()) == 40
    assert state.age_on(clock.today().replace(year=clock.today().year - 40, day=1), clock.today()) == 40
