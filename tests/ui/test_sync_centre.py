"""The sync centre: what waits, what came back, what two sides changed, and how this PC is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, update
from sqlmodel import col

from app import clock
from app.db import state as facts
from app.db.database import Actor, Database
from app.models.conflict import Conflict
from app.models.operation import HELD, PARKED, PENDING, Operation
from app.models.resident import Resident
from app.services import outbox
from app.services.sync_overview import list_waiting, load_centre
from app.sync import epoch
from app.ui.sync_centre import state
from app.ui.sync_centre.notes import NoteCard
from app.ui.sync_centre.screen import SyncScreen
from tests.factories import Factory
from tests.ui.test_vacancies import Window


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


def _screen(qtbot: QtBot, window: Window) -> SyncScreen:
    screen = SyncScreen(window.context)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(974, 640)
    screen.show()
    screen.refresh()
    return screen


def _join(database: Database, **more: Any) -> None:
    with database.write(None) as tx:
        joined = {outbox.DISTRICT_URL: "https://qu.example.test", outbox.DISTRICT_TOKEN: "x", **more}
        for key, value in joined.items():
            facts.set_state(tx.session, key, value)


def _act(database: Database, actor: Actor, kind: str) -> tuple[str, str]:
    """Do one act; return its operation and its record."""
    with database.write(actor) as tx:
        row = getattr(Factory(tx), kind)()
        tx.flush()
    assert tx.op_id is not None
    return tx.op_id, row.id


def _refuse(
    database: Database, op: str, *, state_name: str = PARKED, text: str | None = "失业日期晚于登记日期。"
) -> None:
    with database.write(None) as tx:
        changed = {"state": state_name, "code": "bad_date", "text": text, "field": "unemp_date"}
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(**changed))


def test_a_station_on_its_own_is_told_how_to_join(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    _act(database, actor, "resident")

    screen = _screen(qtbot, window)

    assert screen.join is not None
    assert "加入码" in " ".join(
        label.text() for label in screen.join.findChildren(object) if hasattr(label, "text") and callable(label.text)
    )
    assert screen.now.isHidden()


def test_what_waits_is_counted_by_act_with_its_oldest_and_whose(database: Database, actor: Actor) -> None:
    for _n in range(3):
        _act(database, actor, "resident")
    _act(database, actor, "employer")

    with database.read() as tx:
        waiting = {item.act: item for item in list_waiting(tx)}

    assert waiting["resident.register"].count == 3
    assert waiting["resident.register"].by_person == (("陶丽华", 3),)
    assert state.people_words(waiting["employer.add"]) == "陶丽华 1"


def test_a_returned_act_says_why_and_leads_to_its_record(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    op, resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op)

    screen = _screen(qtbot, window)
    card = screen.parked[0]
    card.mend.click()

    assert "区里退回：失业日期晚于登记日期。" in card.accessibleName()
    assert window.went == [("resident_file", {"id": resident})]


def test_what_hangs_on_a_resident_leads_to_her_file(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    with database.write(actor) as tx:
        resident = Factory(tx).resident()
        tx.flush()
        resident_id = resident.id
    with database.write(actor) as tx:
        Factory(tx).registration(tx.get(type(resident), resident_id))
    assert tx.op_id is not None
    _join(database)
    _refuse(database, tx.op_id)

    screen = _screen(qtbot, window)
    screen.parked[0].mend.click()

    assert window.went == [("resident_file", {"id": resident_id})]


def test_sending_again_takes_the_card_away(qtbot: QtBot, window: Window, database: Database, actor: Actor) -> None:
    op, _resident = _act(database, actor, "resident")
    _join(database)
    _refuse(database, op)
    screen = _screen(qtbot, window)

    screen.parked[0].again.click()

    assert screen.parked == []
    assert window.said[-1].text == "排进去了，联网就送。"
    with database.read() as tx:
        assert outbox.sync_summary(tx).queued > 0


def test_what_is_held_is_named_under_its_cause(qtbot: QtBot, window: Window, database: Database, actor: Actor) -> None:
    first, _resident = _act(database, actor, "resident")
    second, _other = _act(database, actor, "resident")
    _join(database)
    _refuse(database, first)
    _refuse(database, second, state_name=HELD, text=None)

    screen = _screen(qtbot, window)

    assert screen.centre is not None
    assert len(screen.parked) == 1
    assert [item.op for item in state.held_behind(screen.centre, screen.parked[0].item)] == [second]


def test_an_act_beyond_the_role_says_who_can(database: Database, actor: Actor) -> None:
    op, _vacancy = _act(database, actor, "vacancy")
    with database.write(None) as tx:
        changed = {"state": PARKED, "act": "vacancy.publish"}
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(**changed))
    with database.read() as tx:
        item = load_centre(tx).parked[0]

    assert "站长" in state.who_can(item, frozenset({"clerk"}))
    assert state.who_can(item, frozenset({"supervisor"})) == ""


def test_a_conflict_shows_both_values_and_which_stands(
    qtbot: QtBot, window: Window, database: Database, actor: Actor
) -> None:
    _op, resident = _act(database, actor, "resident")
    _join(database, **{facts.DEVICE_ID: "d1"})
    said = {"act": "resident.edit", "made_at": clock.now().isoformat()}
    row = {
        "id": clock.new_id(), "record_type": "resident", "record_id": resident, "field": "live_addr",
        "ours": {**said, "value": "溪桥苑 5 幢", "actor": actor.staff_id, "device": "d1"},
        "theirs": {**said, "value": "西溪雅苑 9 幢", "actor": "?", "device": "d2"},
        "standing": "theirs", "state": "open", "settled_value": {}, "created_at": clock.now(), "rev": 1, "extra": {},
    }  # fmt: skip
    with database.write(None) as tx, tx.applying():
        tx.session.connection().execute(insert(Conflict), [row])
        tx.session.connection().execute(update(Resident).values(live_addr="西溪雅苑 9 幢"))

    screen = _screen(qtbot, window)
    assert screen.centre is not None
    ours, theirs = state.sides(screen.centre.conflicts[0], screen.centre.people, "d1")

    assert len(screen.conflicts) == 1
    assert (ours.title, ours.value, ours.stands) == ("这台电脑", "溪桥苑 5 幢", False)
    assert (theirs.title, theirs.value, theirs.stands) == ("另一台电脑", "西溪雅苑 9 幢", True)
    assert ours.who.startswith("陶丽华")


def test_offline_is_said_with_its_reason_and_span(qtbot: QtBot, window: Window, database: Database) -> None:
    ago = clock.now() - timedelta(days=3, hours=4)
    _join(database, **{outbox.LAST_OK: ago.isoformat(), outbox.LAST_ERROR: ["sync.offline", "网线没有插好。"]})

    screen = _screen(qtbot, window)

    assert screen.line.text().startswith("离线 3 天 4 小时，上次送达")
    assert screen.centre is not None
    assert state.network_words(screen.centre.summary, "offline") == ("不通", "网线没有插好。", "yellow")


@pytest.mark.parametrize(
    ("offset", "words"), [(0.4, "准"), (8.2, "快 8 秒，正常"), (-40, "慢 40 秒，正常"), (900, "快 15 分钟，请校准")]
)
def test_the_clock_is_told_in_words(offset: float, words: str) -> None:
    assert state.clock_words(offset) == words


@pytest.mark.parametrize(("again", "words"), [(3, "本机办过的 3 笔再送一遍核对"), (0, "本机办过的，区里都有")])
def test_a_restored_district_is_told_for_some_days_and_why_so_much_is_sent_again(
    qtbot: QtBot, window: Window, database: Database, again: int, words: str
) -> None:
    _join(database)
    with database.write(None) as tx:
        facts.set_state(tx.session, epoch.RESTORED, {"at": clock.now().isoformat(), "again": again})

    told = _screen(qtbot, window).board.card("note restored")
    clock.shift(timedelta(days=4))
    later = _screen(qtbot, window).board.card("note restored")

    assert isinstance(told, NoteCard)
    assert told.note.title.startswith("区里的服务器从备份恢复过")
    assert told.note.text.startswith(words)
    assert later is None


def test_the_panel_tells_size_backup_and_version(database: Database) -> None:
    with database.read() as tx:
        centre = load_centre(tx)
    rows = dict(state.device_rows(centre, clock.now()))

    assert rows["本机数据"].endswith("MB，已加密")
    assert rows["版本"]
    assert rows["备份"]
    assert centre.device.data_bytes == database.path.stat().st_size


def test_nothing_to_do_is_said(qtbot: QtBot, window: Window, database: Database) -> None:
    _join(database)
    with database.write(None) as tx:
        tx.session.connection().execute(
            update(Operation).where(col(Operation.state) == PENDING).values(state="applied")
        )

    screen = _screen(qtbot, window)

    assert screen.centre is not None
    assert not screen.centre.waiting
    assert screen.parked == screen.conflicts == []
    assert "sync" in screen.acts()
