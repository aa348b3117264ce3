"""The list of devices: what each said of itself, what needs somebody, and what is known while offline."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.errors import OfflineError
from app.models.wire import to_wire
from app.services.device_list import DeviceLine, keep_devices, kept_devices
from app.ui.devices import state
from app.ui.devices.screen import DevicesScreen
from app.ui.screens import open_to
from tests.ui.test_vacancies import Window

GIGABYTE = 1024**3


def _device(number: str, **report: Any) -> dict[str, Any]:
    now = to_wire(clock.now())
    return {
        "id": f"d{number}", "device_no": number, "name": f"{number} 号窗口", "role": "clerk",
        "station_code": "330110001001", "app_version": "0.1.0", "enrolled_at": now, "last_seen_at": now,
        "revoked": False, "report": {"queued": 0, "parked": 0, "free_bytes": 90 * GIGABYTE, **report},
    }  # fmt: skip


class AnsweringDoor:
    """The edge of the network: answers, or cannot be reached."""

    def __init__(self, *devices: dict[str, Any]) -> None:
        self.answer: dict[str, Any] | None = {"devices": list(devices)}

    def devices(self) -> dict[str, Any]:
        if self.answer is None:
            raise OfflineError("连不上区里")
        return self.answer


def _screen(qtbot: QtBot, database: Database, actor: Actor, folder: Path, door: AnsweringDoor) -> DevicesScreen:
    context = replace(Window(database, actor, folder).context, door=door)  # type: ignore[arg-type]
    screen = DevicesScreen(context)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(974, 640)
    screen.show()
    screen.refresh()
    return screen


def test_every_device_is_shown_with_what_needs_somebody(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path
) -> None:
    door = AnsweringDoor(_device("01"), _device("02", free_bytes=GIGABYTE))

    screen = _screen(qtbot, database, actor, tmp_path, door)

    assert [line.device_no for line in screen.table.rows()] == ["01", "02"]
    assert [screen._concern(line) for line in screen.table.rows()] == ["正常", "磁盘只剩 1.0 GB"]
    assert screen.note.text() == "2 台，1 台要看看"
    assert screen.banner.isHidden()


def test_offline_it_shows_the_last_answer_with_its_time(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path
) -> None:
    door = AnsweringDoor(_device("01"))
    _screen(qtbot, database, actor, tmp_path, door)
    door.answer = None

    screen = _screen(qtbot, database, actor, tmp_path, door)

    assert [line.name for line in screen.table.rows()] == ["01 号窗口"]
    assert not screen.banner.isHidden()
    assert "的情况" in screen.banner.accessibleName()
    assert not screen.again.is_busy


def test_an_answer_of_another_version_is_read_as_far_as_it_goes(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        keep_devices(tx, {"devices": [{"id": "d9", "report": None, "last_seen_at": "soon"}, "nonsense"]})
    with database.read() as tx:
        found = kept_devices(tx)

    assert [(line.id, line.queued, line.last_seen_at) for line in found.devices] == [("d9", None, None)]


LINE = DeviceLine(
    "d1", "01", "1 号窗口", "clerk", "330110001001", "0.2.0", None, clock.now(), revoked=False, queued=0,
    free_bytes=90 * GIGABYTE, clock_offset=2.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"last_seen_at": None}, ["从没联系过"]),
        ({"last_seen_at": clock.now() - timedelta(days=4)}, ["4 天没联系"]),
        ({"queued": 3, "oldest_at": clock.now() - timedelta(days=5)}, ["最早一笔等了 5 天"]),
        ({"parked": 2}, ["2 笔退回没改"]),
        ({"free_bytes": GIGABYTE}, ["磁盘只剩 1.0 GB"]),
        ({"app_version": "0.1.9"}, ["版本旧：0.1.9"]),
        ({"clock_offset": -900.0}, ["时钟慢 15 分钟"]),
        ({"revoked": True, "parked": 2}, []),
        ({"breaks": ({"log": "looks", "kind": "cut", "first": 2, "last": 3},)}, ["日志对不上"]),
        ({"breaks": ({"log": "operations", "kind": "restored", "first": 5, "last": 9},)}, ["从备份恢复过"]),
    ],
)
def test_what_needs_attention_is_said_in_words(change: dict[str, Any], words: list[str]) -> None:
    found = state.concerns(replace(LINE, **change), "0.2.0", clock.now())

    assert [each.words for each in found] == words
    assert all(each.hint for each in found)


def test_supervisor_and_officer_alone_open_it() -> None:
    assert {role: "devices" in {screen.name for screen in open_to((role,))} for role in ("clerk", "supervisor")} == {
        "clerk": False,
        "supervisor": True,
    }
