"""Pictures of every screen, taken from the real desktop over a filled sample station."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import clock, texts
from app.bootstrap import open_counter
from app.commands import sample
from app.commands.local_district import LocalDistrict, local_district
from app.commands.sample_class import class_facts, teach
from app.commands.shots_about import about_shots
from app.commands.shots_board import board_shots
from app.commands.shots_crafts import crafts_shots, fill_crafts
from app.commands.shots_ledgers import ledger_shots
from app.commands.shots_months import month_shots
from app.commands.shots_office import fill_office, office_shots
from app.commands.shots_parts import HEIGHT, WIDTH, settle, shoot, sign_in
from app.commands.shots_roll import roll_shots
from app.commands.shots_sign_up import ShownSignUp, fill_sign_up, sign_up_shots
from app.commands.shots_sync import device_shots, go_offline, sync_shots
from app.commands.shots_training import ShownClasses, plan_classes, training_shots
from app.commands.shots_updates import update_shots
from app.counter import Counter
from app.paths import DataFolder
from app.services import residents, todos
from app.services.referral_lines import list_referrals
from app.ui import theme
from app.ui.desktop import Desktop


@dataclass(frozen=True)
class Subject:
    """What the pictures show: a person of the sample, her slip; a craft order; classes planned, taught and ended."""

    resident_id: str
    referral_id: str
    craft_order_id: str
    classes: ShownClasses
    class_id: str
    sign_up: ShownSignUp


def take_shots(folder: Path) -> Iterator[Path]:
    """Write a PNG of each screen (light, then some dark and in English) and yield its path."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["doorstep"])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory(prefix="doorstep-shots-") as temporary:
        root = Path(temporary)
        with ExitStack() as district:
            local = district.enter_context(local_district(root / "district"))
            subject = _fill(root, local)
            office = fill_office(root, local)
            theme.apply_theme(app, theme.Theme(dark=False))
            yield from office_shots(folder, office)
            counter = open_counter(root / "counter")
            try:
                yield from _pictures(app, counter, subject, folder, district.close)
            finally:
                counter.close()
                clock.shift(timedelta(0))
                texts.set_language("zh_CN")
        yield from board_shots(folder, root)


def _fill(root: Path, district: LocalDistrict) -> Subject:
    counter, _recovery = sample.found_sample(DataFolder(root / "counter"))
    sample.fill_sample(counter)
    craft_order = fill_crafts(counter, sample.clerk_of(counter, sample.sample_people()["clerks"][0]))
    class_id = teach(counter)
    shown = plan_classes(counter)
    sign_up = fill_sign_up(counter, sample.clerk_of(counter, sample.sample_people()["clerks"][0]))
    sample.join_sample(counter, district)
    sample.trouble(counter, district, root)
    with counter.database.read() as tx:
        slip = list_referrals(tx)[-1]
        resident = residents.search_residents(tx, slip.resident_name)[0]
        todos.list_todos(tx)
    counter.database.close()
    return Subject(resident.id, slip.id, craft_order, shown, class_id, sign_up)


def _pictures(
    app: QApplication, counter: Counter, subject: Subject, folder: Path, end_district: Callable[[], object]
) -> Iterator[Path]:
    theme.apply_theme(app, theme.Theme(dark=False))
    desktop = Desktop(counter)
    desktop.resize(WIDTH, HEIGHT)
    desktop.show()
    settle(counter.runner)
    yield shoot(desktop, folder / "01-sign-in.png")
    clerk, supervisor = sample.sample_people()["clerks"][0], sample.sample_people()["supervisor"]
    sign_in(desktop, counter, clerk)
    yield from _screens(desktop, counter, subject, folder, "")
    for name in ("dark", "en"):
        counter.store.change(*({"dark": ("theme", "dark"), "en": ("language", "en")}[name]))
        settle(counter.runner)
        yield from _screens(desktop, counter, subject, folder, f"-{name}")
        counter.store.change(*({"dark": ("theme", "light"), "en": ("language", "zh_CN")}[name]))
        settle(counter.runner)
    desktop.lock()
    sign_in(desktop, counter, supervisor)
    yield from device_shots(desktop, counter, folder)
    yield from about_shots(desktop, counter, folder)
    yield from update_shots(desktop, counter, folder)
    yield from ledger_shots(desktop, counter, folder)
    yield from month_shots(desktop, counter, folder)
    desktop.lock()
    sign_in(desktop, counter, class_facts()["trainer"])
    yield from roll_shots(desktop, counter, folder, subject.class_id)
    desktop.lock()
    sign_in(desktop, counter, clerk)
    end_district()
    go_offline(counter)
    yield from sync_shots(desktop, counter, folder)
    desktop.close()


def _screens(desktop: Desktop, counter: Counter, subject: Subject, folder: Path, ending: str) -> Iterator[Path]:
    journey: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("02-today", "today", {}),
        ("03-resident-file", "resident_file", {"id": subject.resident_id}),
        ("04-register", "register", {}),
        ("05-match", "match", {"id": subject.resident_id}),
        ("06-slip", "slip", {"id": subject.referral_id}),
        ("07-sync", "sync", {}),
        ("08-residents", "residents", {}),
        ("09-vacancies", "vacancies", {}),
        ("10-referrals", "referrals", {}),
        ("11-settings", "settings", {}),
        ("18-visit", "field_work", {"form": "visit", "id": subject.resident_id}),
        ("19-follow-up", "field_work", {"form": "followup", "id": subject.resident_id}),
        ("20-guidance", "field_work", {"form": "guidance", "id": subject.resident_id}),
        ("21-policies", "field_work", {"form": "policy_intro", "id": subject.resident_id}),
    )
    for name, screen, arguments in journey:
        assert desktop.shell is not None
        desktop.shell.navigate(screen, **arguments)
        settle(counter.runner)
        yield shoot(desktop, folder / f"{name}{ending}.png")
    yield from crafts_shots(desktop, counter, folder, subject.craft_order_id, ending)
    yield from training_shots(desktop, counter, subject.classes, folder, ending)
    yield from sign_up_shots(desktop, counter, subject.sign_up, folder, ending)
