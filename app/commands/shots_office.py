"""Pictures of the district's office: its stations side by side, one of them, a ledger of all, and without a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app import clock
from app.bootstrap import open_counter
from app.commands import sample
from app.commands.local_district import LocalDistrict
from app.commands.sample import synchronise
from app.commands.shots_parts import HEIGHT, WIDTH, each_look, settle, shoot
from app.counter import Counter
from app.models.registration import UnempReg
from app.paths import DataFolder
from app.services import registrations, residents
from app.services.counters import OpenCounter, found_counter
from app.sync.engine import enrol
from app.sync.joining import join_district
from app.ui.desktop import Desktop
from app.ui.district_ledgers.screen import DistrictLedgersScreen
from app.ui.sign_in.screen import SignInScreen

OFFICER, OFFICE_PIN = "许禾", "250613"
STATIONS = (("330110012002", "乐业空间就业服务站", 9), ("330110012003", "良睦路就业服务站", 5))


def fill_office(root: Path, district: LocalDistrict) -> Path:
    """Let two more stations work and join, and an officer's PC join them; return its folder."""
    for number, (code, name, count) in enumerate(STATIONS, 1):
        facts = {**sample.sample_people()["station"], "code": code, "name": name}
        counter, _recovery = found_counter(
            DataFolder(root / f"station{number}"), facts, supervisor="陶丽华", pin=OFFICE_PIN
        )
        _work(counter, count)
        enrol(counter.database, district.url, district.enrol_code(code, "supervisor", name=name), "1 号窗口")
        synchronise(counter)
        counter.database.close()
    folder = root / "office"
    code = district.enrol_code("330110", "officer", name="余杭区就业管理服务中心")
    joined = join_district(DataFolder(folder), district.url, code, name=OFFICER, pin=OFFICE_PIN, device="区里 1 号机")
    joined.counter.database.close()
    return folder


def _work(counter: OpenCounter, count: int) -> None:
    """Register so many people, every third in work, every second of the others as unemployed."""
    for number, facts in enumerate(sample.sample_people()["residents"][:count]):
        values: dict[str, Any] = {
            name: facts.get(name) for name in ("name", "id_no", "mobile", "edu_level", "live_addr")
        }
        values |= {"id_type": "01", "hukou_region": facts["id_no"][:6], "live_region": "330110012"}
        values |= {"emp_status": "22" if number % 3 else "11", "female_retire_base": facts.get("female_retire_base")}
        with counter.database.write(counter.actor) as tx:
            person = residents.register_resident(tx, values, consents=[{"kind": "1", "agreed": True}])
        if number % 3 == 1:
            with counter.database.write(counter.actor) as tx:
                _unemployed(tx, {"resident_id": person.id})


def _unemployed(tx: Any, who: Mapping[str, str]) -> UnempReg:
    day = clock.today()
    facts = {"reg_place_basis": "2", "unemp_date": day.replace(day=1), "reg_scope": "1", "unemp_reason": "22"}
    return registrations.register_unemployment(tx, {**facts, **who})


def office_shots(folder: Path, office: Path) -> Iterator[Path]:
    """Yield the pictures of the officer's window."""
    counter = open_counter(office)
    try:
        desktop = Desktop(counter)
        desktop.resize(WIDTH, HEIGHT)
        desktop.show()
        settle(counter.runner)
        page = desktop.sign_in
        assert isinstance(page, SignInScreen)
        page.signed_in.emit(counter.sign_in(counter.people()[0].entry_id, OFFICE_PIN))
        settle(counter.runner)
        for ending in each_look(desktop, counter):
            yield from _pictures(desktop, counter, folder, ending)
        desktop.close()
    finally:
        counter.close()


def _pictures(desktop: Desktop, counter: Counter, folder: Path, ending: str) -> Iterator[Path]:
    shell = desktop.shell
    assert shell is not None
    shell.navigate("district_ledgers")
    settle(counter.runner)
    assert shell.current is not None
    screen = shell.current.widget
    assert isinstance(screen, DistrictLedgersScreen)
    yield shoot(desktop, folder / f"63-office{ending}.png")
    screen.ask()
    settle(counter.runner)
    yield shoot(desktop, folder / f"64-office-stations{ending}.png")
    screen.tabs.set_code("B")
    screen.tabs.chosen.emit("B")
    settle(counter.runner)
    yield shoot(desktop, folder / f"65-office-unemployed{ending}.png")
    screen.table.row_activated.emit(screen.table.current_row())  # type: ignore[union-attr]
    settle(counter.runner)
    yield shoot(desktop, folder / f"66-office-station{ending}.png")
    screen.kinds.select_key("L01")
    settle(counter.runner)
    screen.ask()
    settle(counter.runner)
    shell.run("filter")
    settle(counter.runner)
    yield shoot(desktop, folder / f"67-office-ledger{ending}.png")
    screen.narrow.click()
    screen.kinds.select_first()
    settle(counter.runner)
