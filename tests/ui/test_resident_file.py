"""The resident file: what happened, what comes next, what may be done, and what stays hidden."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app import clock
from app.db.database import Actor, Database
from app.models.registration import ServiceEvent
from app.services import households, referrals, registrations, residents
from app.ui import print_pdf
from app.ui.resident_file import screen as screen_module
from app.ui.resident_file import unemployment
from app.ui.resident_file.happenings import entries
from app.ui.resident_file.lists import may_be_withdrawn
from app.ui.resident_file.loading import FileView, load_view
from app.ui.resident_file.screen import CHANGES, CONSENTS, HOUSEHOLD, ResidentFileScreen
from app.ui.sync_badge import SyncSummary
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory
from tests.printing.reading import squeezed
from tests.ui.desks import Desk

HOUSE = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    held.runner.close()


@pytest.fixture
def person(database: Database, actor: Actor) -> str:
    with database.write(actor) as tx:
        consents = [NOTICE, {"kind": "2", "agreed": True}]
        return residents.register_resident(tx, dict(RESIDENT), registration=dict(REGISTRATION), consents=consents).id


def shown(qtbot: QtBot, desk: Desk, resident_id: str) -> ResidentFileScreen:
    screen = ResidentFileScreen(desk.context)
    qtbot.addWidget(screen)
    screen.resize(974, 680)
    screen.show()
    screen.open(id=resident_id)
    screen.refresh()
    return screen


def view_of(desk: Desk, resident_id: str, **values: Any) -> FileView:
    with desk.database.read() as tx:
        return load_view(tx, resident_id, **values)


def refer(desk: Desk, resident_id: str) -> str:
    with desk.database.write(desk.actor) as tx:
        vacancy = Factory(tx).vacancy()
    with desk.database.write(desk.actor) as tx:
        return referrals.issue_referral(tx, resident_id=resident_id, vacancy_id=vacancy.id, consent_share=True).id


def unemployed(desk: Desk, resident_id: str) -> None:
    with desk.database.write(desk.actor) as tx:
        registrations.register_unemployment(
            tx,
            {
                "resident_id": resident_id,
                "reg_place_basis": "2",
                "unemp_date": clock.today() - timedelta(days=20),
                "reg_scope": "1",
                "unemp_reason": "22",
            },
        )


def answer_reveal(monkeypatch: pytest.MonkeyPatch, code: str | None) -> None:
    monkeypatch.setattr(screen_module, "ask_reveal", lambda *_args, **_options: code)


# The screen ---------------------------------------------------------------------------------------------------------


def test_the_head_masks_what_is_not_asked_for(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)

    assert screen.header.id_no._text.text() == "330110********9991"
    assert screen.header.phone._text.text() == "199****0003"
    assert screen.header.address.text() == "溪桥苑 5 幢"


def test_a_reveal_needs_a_reason_leaves_a_trace_and_ends_on_leaving(
    qtbot: QtBot, desk: Desk, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = shown(qtbot, desk, person)
    answer_reveal(monkeypatch, None)
    screen.header.id_no.reveal_requested.emit()
    refused = screen.header.id_no.is_open

    answer_reveal(monkeypatch, "1")
    screen.header.id_no.reveal_requested.emit()
    opened = screen.header.id_no._text.text()
    screen.hide()

    assert (refused, opened) == (False, RESIDENT["id_no"])
    assert screen.header.id_no._text.text() == "330110********9991"
    with desk.database.read() as tx:
        traces = tx.session.exec(select(ServiceEvent)).all()
    assert [(trace.detail, trace.why) for trace in traces] == [("id_no", "1")]


def test_a_revealed_number_is_masked_again_when_its_time_is_up(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)
    screen.header.show_open("mobile", "19900000003")
    watermarked = screen.watermark.isVisible()

    screen.header.phone._timer.timeout.emit()

    assert watermarked
    assert not screen.watermark.isVisible()
    assert screen.header.phone._text.text() == "199****0003"


def test_keys_lead_to_the_other_screens(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)

    for name in ("match", "refer", "edit"):
        screen.acts()[name]()
    screen.main_action()

    assert desk.went == [(name, {"id": person}) for name in ("match", "match", "register", "match")]


def test_ctrl_digits_change_the_tab(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)
    with qtbot.waitActive(screen):
        screen.activateWindow()
    screen.timeline.setFocus()

    qtbot.keyClick(screen.timeline, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)

    assert screen.tabs.code() == CONSENTS


def test_the_last_act_on_the_file_is_taken_back(qtbot: QtBot, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        residents.edit_resident(tx, person, {"mobile": "19900000008"})
    screen = shown(qtbot, desk, person)

    screen.acts()["undo"]()

    assert desk.said[-1].text == "已撤销：改资料"
    assert screen.header.phone._text.text() == "199****0003"


def test_a_consent_is_withdrawn_after_one_question(
    qtbot: QtBot, desk: Desk, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen_module, "ask_irrevocably", lambda *_args, **_options: "")
    screen = shown(qtbot, desk, person)
    screen.choose_tab(CONSENTS)
    line = next(line for line in screen.consents.table.rows() if may_be_withdrawn(line))
    screen.consents.table.select_key(line.id)

    screen.consents.withdraw.click()

    again = next(row for row in screen.consents.table.rows() if row.id == line.id)
    assert again.withdrawn_at is not None
    assert not screen.consents.withdraw.isEnabled()


def test_an_empty_file_asks_for_a_person(qtbot: QtBot, desk: Desk) -> None:
    screen = ResidentFileScreen(desk.context)
    qtbot.addWidget(screen)

    screen.open()
    screen.refresh()

    assert screen._stack.currentWidget() is screen.nobody
    assert screen.acts() == {}


# Household ----------------------------------------------------------------------------------------------------------


def test_a_household_is_begun_from_the_address_and_saved_with_f9(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)
    screen.choose_tab(HOUSEHOLD)
    page = screen.household
    started = page.house.field("building").value()

    page.house.set_values({"hukou_household": "1", "has_business_income": "0"})
    page.more.set_values({"children_3_to_6": 1})
    page.cards[0].grid.set_values({"able": "1", "willing": "1"})
    page.add.click()
    page.cards[1].grid.set_values(
        {"name": "葛阿秀", "relation": "1", "status_at_check": "35", "able": "0", "willing": "0"}
    )
    screen.main_action()

    saved = view_of(desk, person).household
    assert started == "溪桥苑 5 幢"
    assert saved is not None
    assert saved.household.children_3_to_6 == 1
    assert [(line.name, line.relation, line.able) for line in saved.members] == [
        ("葛守成", "0", True),
        ("葛阿秀", "1", False),
    ]
    assert desk.said[-1].text == "家庭已保存"


def test_gaps_of_a_household_are_shown_at_their_fields(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)
    screen.choose_tab(HOUSEHOLD)

    screen.main_action()

    assert screen.household.house.field("hukou_household").error()
    assert view_of(desk, person).household is None


def test_an_address_already_written_down_is_offered_to_join(qtbot: QtBot, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        wife = Factory(tx).resident(name="葛阿秀")
        member = {"resident_id": wife.id, "relation": "0", "able": True, "willing": True, "status_at_check": "22"}
        households.save_household(tx, wife.id, {**HOUSE, "house_no": "2 单元 301"}, [member])
    screen = shown(qtbot, desk, person)
    screen.choose_tab(HOUSEHOLD)

    offered = not screen.household.same_address.isHidden()
    screen.household.join.click()
    screen.household.cards[1].grid.set_values({"relation": "1", "able": "1", "willing": "1"})
    screen.main_action()

    saved = view_of(desk, person).household
    assert offered
    assert saved is not None
    assert [line.name for line in saved.members] == ["葛阿秀", "葛守成"]


def test_the_history_may_be_narrowed_to_one_field(qtbot: QtBot, desk: Desk, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        residents.edit_resident(tx, person, {"mobile": "19900000008"})
    screen = shown(qtbot, desk, person)

    screen.changes.show_field("resident.mobile")

    assert [row.new for row in screen.changes.table.rows()] == ["199****0008", "199****0003"]


# Unemployment -------------------------------------------------------------------------------------------------------


def test_unemployment_is_registered_with_a_pledge_where_the_proof_is_missing(
    qtbot: QtBot, desk: Desk, person: str
) -> None:
    screen = shown(qtbot, desk, person)
    screen.run("unemployment")
    grid = screen.unemployment.grid
    grid.set_values({"unemp_date": clock.today(), "reg_scope": "2", "last_employer": "杭州旧城物业有限公司"})
    grid.set_values({"unemp_reason": "11"})
    screen.unemployment.follow("unemp_reason")

    screen.main_action()
    refused = grid.field("pledge_signed").error()
    grid.set_values({"pledge_signed": "1"})
    screen.main_action()

    row = view_of(desk, person).file.unemployment
    assert refused
    assert row is not None
    assert (row.involuntary, row.pledge_signed) == (False, True)
    assert screen.form is None
    assert view_of(desk, person).file.resident.emp_status == "21"


def test_a_form_put_aside_is_gone_on_with(qtbot: QtBot, desk: Desk, person: str) -> None:
    screen = shown(qtbot, desk, person)
    screen.run("unemployment")
    line = screen.unemployment.grid.field("last_employer")
    qtbot.keyClicks(line.editor, "Qingxi")
    qtbot.keyClick(line.editor, Qt.Key.Key_Escape)
    left = screen.form is None

    screen.run("unemployment")

    assert left
    assert screen.unemployment.grid.field("last_employer").value() == "Qingxi"


def test_cancelling_asks_once_and_needs_ground_status_and_evidence(
    qtbot: QtBot, desk: Desk, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(unemployment, "ask_irrevocably", lambda *args, **_options: asked.append(args[2]) or "")
    unemployed(desk, person)
    screen = shown(qtbot, desk, person)
    screen.run("deregister")
    grid = screen.deregistration.grid
    grid.set_values({"dereg_reason": "1"})
    screen.deregistration.follow("dereg_reason")

    screen.main_action()
    before = len(asked)
    grid.set_values({"evidence": "劳动合同"})
    screen.main_action()

    assert (before, len(asked)) == (0, 1)
    assert "被用人单位录用" in asked[0]
    view = view_of(desk, person)
    assert view.file.unemployment is None
    assert view.file.resident.emp_status == "11"


# Paper --------------------------------------------------------------------------------------------------------------


def test_the_filled_form_is_saved_as_a_pdf_without_the_whole_id_number(
    qtbot: QtBot, desk: Desk, person: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "form.pdf"
    monkeypatch.setattr(print_pdf, "ask_file", lambda *_args: target)
    screen = shown(qtbot, desk, person)

    screen.acts()["save_pdf"]()

    words = squeezed(target.read_bytes())
    assert "葛守成" in words
    assert "水电维修" in words
    assert RESIDENT["id_no"] not in words


def test_opening_a_line_goes_to_what_it_changed(qtbot: QtBot, desk: Desk, person: str) -> None:
    desk.set_summary(SyncSummary(state="offline"))
    screen = shown(qtbot, desk, person)

    screen.timeline.entry_activated.emit(entries(view_of(desk, person))[0])

    assert screen.tabs.code() == CHANGES
    assert entries(view_of(desk, person))[0].is_pending
