"""What the district sent back: mended, sent again, handed to the supervisor, withdrawn; by mouse and by keys."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from sqlalchemy import update
from sqlmodel import col, select

from app import clock
from app.db import state as facts
from app.db.database import Actor, Database
from app.models.operation import SEALED, WITHDRAWN, Operation
from app.models.registration import ServiceEvent
from app.models.resident import Resident
from app.services import handing, outbox, residents, withdrawing
from app.sync import fuse
from app.ui.sync_centre import asking, doing, notes, places, state
from app.ui.sync_centre.notes import NoteCard
from app.ui.sync_centre.returned import HandedCard
from app.ui.sync_centre.screen import SyncScreen
from tests.ui.test_settling import _ask
from tests.ui.test_sync_centre import _act, _join, _refuse, _screen
from tests.ui.test_vacancies import Window

CLERK = Actor("0198f3c2-7d10-7c3e-9a55-000000000009", "方静", frozenset({"clerk"}))
OPERATOR = Actor("0198f3c2-7d10-7c3e-9a55-000000000008", "温岚", frozenset({"operator"}))
TRAINER = Actor("0198f3c2-7d10-7c3e-9a55-000000000009", "何蔚", frozenset({"trainer"}))


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


@pytest.fixture
def returned(database: Database, actor: Actor) -> str:
    """Return a registration that the district sent back."""
    op, _resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op)
    return op


def _say(monkeypatch: pytest.MonkeyPatch, note: str | None) -> None:
    monkeypatch.setattr(asking, "ask_note", lambda *_args, **_options: note)


def _handed(database: Database) -> list[tuple[str, str]]:
    with database.read() as tx:
        return [(item.op, item.note) for item in withdrawing.list_handed(tx)]


def _state_of(database: Database, op: str) -> str:
    with database.read() as tx:
        row = tx.session.get(Operation, op)
        assert row is not None
        return row.state


def _notes(screen: SyncScreen) -> dict[str, NoteCard]:
    return {card.note.key: card for card in screen.board.cards() if isinstance(card, NoteCard)}


# The four ways out --------------------------------------------------------------------------------------------------


def test_it_is_handed_with_a_note_and_taken_back_by_undo(
    qtbot: QtBot, window: Window, database: Database, returned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say(monkeypatch, "请您看看")
    screen = _screen(qtbot, window)

    screen.parked[0].hand.click()
    handed, label = _handed(database), screen.parked[0].hand.text()
    window.undo()

    assert handed == [(returned, "请您看看")]
    assert label == "收回"
    assert _handed(database) == []
    assert screen.parked[0].hand.text() == "转站长"


def test_without_an_answer_nothing_is_handed(
    qtbot: QtBot, window: Window, database: Database, returned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say(monkeypatch, None)
    screen = _screen(qtbot, window)

    screen.parked[0].hand.click()

    assert _handed(database) == []


def test_the_digits_press_the_buttons_of_the_card_with_the_keyboard(
    qtbot: QtBot, window: Window, database: Database, returned: str
) -> None:
    screen = _screen(qtbot, window)
    card = screen.parked[0]

    qtbot.keyClick(screen, Qt.Key.Key_2)
    untouched = _state_of(database, returned)
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_2)

    assert untouched == "parked"
    assert _state_of(database, returned) == WITHDRAWN
    assert window.said[-1].text == "排进去了，联网就送。"


def test_enter_goes_to_the_field_that_the_district_named(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    op, resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op, text="手机号少 1 位")
    with database.write(None) as tx:
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(field="mobile"))
    screen = _screen(qtbot, window)
    card = screen.parked[0]

    words = card.mend.text()
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)

    assert words == "改手机号"
    assert window.went == [("register", {"id": resident, "field": "mobile", "why": "手机号少 1 位"})]


def test_a_vacancys_field_is_mended_in_its_form(database: Database, actor: Actor) -> None:
    op, vacancy = _act(database, actor, "vacancy")
    _refuse(database, op, text="薪酬下限高于上限")
    with database.write(None) as tx:
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(field="pay_min"))
    with database.read() as tx:
        (item,) = outbox.list_parked(tx)

    place = places.place_of(item, {})

    assert place is not None
    assert place.screen == "vacancies"
    assert place.arguments == {"vacancy": vacancy, "field": "pay_min", "why": "薪酬下限高于上限"}


def test_withdrawing_names_what_builds_on_it_and_takes_all_back(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    op, resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op)
    with database.write(actor) as tx:
        residents.edit_resident(tx, resident, {"mobile": "19900000031"})
    _refuse(database, str(tx.op_id), state_name="held", text=None)
    asked: list[Any] = []

    def answer(_over: object, item: Any, built: Any, *, may_merge: bool) -> tuple[str, str]:
        asked.append((item.op, len(built), may_merge))
        return asking.WITHDRAW, "登错人了"

    monkeypatch.setattr(asking, "ask_withdraw", answer)
    screen = _screen(qtbot, window)

    screen.parked[0].withdraw.click()

    assert asked == [(op, 1, True)]
    assert [_state_of(database, each) for each in (op, str(tx.op_id))] == [WITHDRAWN, WITHDRAWN]
    assert screen.parked == []
    with database.read() as tx:
        assert tx.find(Resident, resident) is None
        trace = tx.session.exec(select(ServiceEvent)).one()
    assert (trace.kind, trace.why) == ("sync.withdraw", "登错人了")


def test_what_builds_on_it_may_be_merged_elsewhere_first(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    op, resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op)
    monkeypatch.setattr(asking, "ask_withdraw", lambda *_args, **_options: (asking.MERGE, ""))
    screen = _screen(qtbot, window)

    screen.parked[0].withdraw.click()

    assert window.went == [("merging", {"drop": resident})]
    assert _state_of(database, op) == "parked"


def test_the_dialog_stands_on_no_and_lists_what_goes_with_it(
    qtbot: QtBot, database: Database, actor: Actor, returned: str
) -> None:
    with database.read() as tx:
        (item,) = outbox.list_parked(tx)
    dialog = asking.WithdrawDialog(None, item, (item,), may_merge=True)
    qtbot.addWidget(dialog)
    dialog.show()

    assert dialog.focusWidget() is dialog.no
    assert dialog.yes.text() == "2 笔一起撤下"
    qtbot.keyClick(dialog, Qt.Key.Key_2)
    assert dialog.answer == asking.MERGE


def test_a_trainer_sees_nothing_of_a_residents_returned_work(
    qtbot: QtBot, database: Database, returned: str, tmp_path: Path
) -> None:
    assert _screen(qtbot, Window(database, TRAINER, tmp_path)).parked == []


def test_a_role_that_may_not_sees_no_such_button(
    qtbot: QtBot, database: Database, returned: str, tmp_path: Path
) -> None:
    screen = _screen(qtbot, Window(database, OPERATOR, tmp_path))
    card = screen.parked[0]

    assert card.hand.isHidden()
    assert card.withdraw.isHidden()
    assert not card.again.isHidden()


# The supervisor -----------------------------------------------------------------------------------------------------


def _from_elsewhere(database: Database) -> str:
    """Let another PC's clerk have handed something on."""
    op = clock.new_id()
    with database.write(CLERK) as tx:
        tx.act("sync.hand")
        values = {
            "kind": withdrawing.HANDED, "happened_at": clock.now(), "subject_type": "operation", "subject_id": op,
            "detail": "失业登记 毛立根：失业日期晚于登记日期", "why": "日期拿不准",
        }  # fmt: skip
        tx.add(ServiceEvent.model_validate(values))
    _join(database)
    return op


def test_what_another_pc_handed_on_reaches_the_supervisor_and_she_answers(
    qtbot: QtBot, window: Window, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _from_elsewhere(database)
    _say(monkeypatch, "按离职证明上的日期")
    screen = _screen(qtbot, window)
    (card,) = [card for card in screen.board.cards() if isinstance(card, HandedCard)]

    said = card.accessibleName()
    card.done.click()

    assert "失业登记 毛立根" in said
    assert "日期拿不准" in said
    assert _handed(database) == []
    assert not [card for card in screen.board.cards() if isinstance(card, HandedCard)]


def test_a_clerk_is_not_shown_what_lies_with_the_supervisor(qtbot: QtBot, database: Database, tmp_path: Path) -> None:
    _from_elsewhere(database)

    screen = _screen(qtbot, Window(database, CLERK, tmp_path))

    assert not [card for card in screen.board.cards() if isinstance(card, HandedCard)]


def test_the_answer_is_told_on_the_card_that_was_handed_on(
    qtbot: QtBot, database: Database, returned: str, actor: Actor, tmp_path: Path
) -> None:
    with database.write(CLERK) as tx:
        withdrawing.hand_to_supervisor(tx, returned, "")
    with database.write(actor) as tx:
        withdrawing.close_handed(tx, returned, "改成 11 月 20 日")

    screen = _screen(qtbot, Window(database, CLERK, tmp_path))

    with database.read() as tx:
        (answer,) = handing.list_answers(tx)
    assert (answer.note, answer.waits) == ("改成 11 月 20 日", True)
    assert screen.parked[0].hand.text() == "转站长"
    shown = " ".join(label.text() for label in screen.parked[0].findChildren(type(screen.line)))
    assert "改成 11 月 20 日" in shown


def test_what_was_mended_is_taken_out_of_the_supervisors_hands(
    qtbot: QtBot, window: Window, database: Database, returned: str
) -> None:
    with database.write(CLERK) as tx:
        withdrawing.hand_to_supervisor(tx, returned, "")
    screen = _screen(qtbot, window)

    screen.parked[0].again.click()

    with database.read() as tx:
        query = select(ServiceEvent).where(ServiceEvent.kind == withdrawing.HANDLED)
        ends = [row.why for row in tx.session.exec(query)]
    assert ends == ["已经改好再送"]


# The fuse, sealed work, the rest ------------------------------------------------------------------------------------


def _stop_a_removal(database: Database) -> None:
    _join(database, **{fuse.ASKED: ["station/330110001001", 320, 400]})


def test_a_supervisor_lets_a_mass_removal_through_once(
    qtbot: QtBot, window: Window, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stop_a_removal(database)
    monkeypatch.setattr(doing, "ask_irrevocably", lambda *_args, **_options: "")
    screen = _screen(qtbot, window)
    card = _notes(screen)["removal"]

    said = card.accessibleName()
    card.buttons[notes.ALLOW].click()

    assert "320" in said
    assert "400" in said
    with database.read() as tx:
        assert fuse.removal_allowed(tx)
    assert notes.ALLOW not in _notes(screen)["removal"].buttons


def test_a_clerk_is_told_that_it_takes_the_supervisor(qtbot: QtBot, database: Database, tmp_path: Path) -> None:
    _stop_a_removal(database)

    screen = _screen(qtbot, Window(database, CLERK, tmp_path))

    assert not _notes(screen)["removal"].buttons
    assert "这一步要站长来办" in _notes(screen)["removal"].accessibleName()


def test_sealed_work_is_shown_and_written_to_a_file(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    op, _resident = _act(database, actor, "resident")
    _join(database)
    with database.write(None) as tx:
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(state=SEALED))
    target = tmp_path / "sealed.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    screen = _screen(qtbot, window)

    _notes(screen)["sealed"].buttons[notes.EXPORT].click()

    assert op in target.read_text("utf-8")


def test_a_third_value_being_typed_survives_a_refresh(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    _op, resident = _act(database, actor, "resident")
    _join(database)
    _ask(database, resident, "mobile", "19900000008", "19900000007")
    screen = _screen(qtbot, window)
    card = screen.conflicts[0]
    card.chooser.choose("other")
    card.chooser.form.field("value").set_value("1990000")

    screen.refresh()

    assert screen.conflicts == [card]
    assert not card.chooser.form.isHidden()
    assert card.chooser.form.field("value").value() == "1990000"


def test_a_settlement_is_taken_back_at_once(qtbot: QtBot, window: Window, database: Database, actor: Actor) -> None:
    _op, resident = _act(database, actor, "resident")
    _join(database)
    _ask(database, resident, "mobile", "19900000008", "19900000007")
    screen = _screen(qtbot, window)

    qtbot.keyClick(screen, Qt.Key.Key_1)
    settled = screen.conflicts == []
    window.undo()

    assert settled
    assert len(screen.conflicts) == 1


@pytest.mark.parametrize(
    ("code", "title", "tone"),
    [
        ("sync.no_network", "这台电脑没有网", "yellow"),
        ("sync.certificate_expired", "区里的证书对不上", "red"),
        ("sync.busy", "区里正忙", "yellow"),
        ("sync.not_the_district", "那头不是区里的服务器", "red"),
        ("sync.whatever", "不通", "yellow"),
    ],
)
def test_each_reason_for_being_offline_has_its_title(
    database: Database, code: str, title: str, tone: str, make_summary: Callable[[str], outbox.SyncSummary]
) -> None:
    assert state.network_words(make_summary(code), "offline") == (title, "一句话", tone)


@pytest.fixture
def make_summary(database: Database) -> Callable[[str], outbox.SyncSummary]:
    def summary(code: str) -> outbox.SyncSummary:
        _join(database, **{outbox.LAST_ERROR: [code, "一句话"]})
        with database.read() as tx:
            return outbox.sync_summary(tx)

    return summary


def test_a_wrong_clock_is_said_at_the_top(qtbot: QtBot, window: Window, database: Database) -> None:
    _join(database, **{outbox.CLOCK_OFFSET: -900.0, facts.DEVICE_ID: "d1"})

    screen = _screen(qtbot, window)

    assert "慢 15 分钟" in _notes(screen)["clock"].accessibleName()
