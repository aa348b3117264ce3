"""Pictures of every screen, taken from the real desktop over a filled sample station."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app import texts
from app.bootstrap import open_counter
from app.commands import sample
from app.counter import Counter
from app.paths import DataFolder
from app.services import residents, todos
from app.services.referral_lines import list_referrals
from app.ui import theme
from app.ui.desktop import Desktop
from app.ui.sign_in.screen import SignInScreen
from app.ui.tasks import TaskRunner

WIDTH, HEIGHT = 1366, 768
LOOK_MS, QUIET_LOOKS = 80, 4


@dataclass(frozen=True)
class Subject:
    """What the pictures show: one person of the sample, and her slip."""

    resident_id: str
    referral_id: str


def take_shots(folder: Path) -> Iterator[Path]:
    """Write a PNG of each screen (light, then some dark and in English) and yield its path."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["doorstep"])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory(prefix="doorstep-shots-") as temporary:
        subject = _fill(Path(temporary))
        counter = open_counter(Path(temporary))
        try:
            yield from _pictures(app, counter, subject, folder)
        finally:
            counter.close()
            texts.set_language("zh_CN")


def _fill(root: Path) -> Subject:
    counter, _recovery = sample.found_sample(DataFolder(root))
    sample.fill_sample(counter)
    with counter.database.read() as tx:
        slip = list_referrals(tx)[-1]
        resident = residents.search_residents(tx, slip.resident_name)[0]
        todos.list_todos(tx)
    counter.database.close()
    return Subject(resident.id, slip.id)


def _pictures(app: QApplication, counter: Counter, subject: Subject, folder: Path) -> Iterator[Path]:
    theme.apply_theme(app, theme.Theme(dark=False))
    desktop = Desktop(counter)
    desktop.resize(WIDTH, HEIGHT)
    desktop.show()
    settle(counter.runner)
    yield shoot(desktop, folder / "01-sign-in.png")
    sign_in(desktop, counter, sample.sample_people()["clerks"][0])
    yield from _screens(desktop, counter, subject, folder, "")
    for name in ("dark", "en"):
        counter.store.change(*({"dark": ("theme", "dark"), "en": ("language", "en")}[name]))
        settle(counter.runner)
        yield from _screens(desktop, counter, subject, folder, f"-{name}")
        counter.store.change(*({"dark": ("theme", "light"), "en": ("language", "zh_CN")}[name]))
        settle(counter.runner)
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
    )
    for name, screen, arguments in journey:
        assert desktop.shell is not None
        desktop.shell.navigate(screen, **arguments)
        settle(counter.runner)
        yield shoot(desktop, folder / f"{name}{ending}.png")


def sign_in(desktop: Desktop, counter: Counter, name: str) -> None:
    """Let somebody of the sample sign in, as the sign-in page does."""
    person = next(each for each in counter.people() if each.name == name)
    page = desktop.sign_in
    assert isinstance(page, SignInScreen)
    page.signed_in.emit(counter.sign_in(person.entry_id, sample.CLERK_PIN))
    settle(counter.runner)


def settle(runner: TaskRunner) -> None:
    """Let the window work until its reads have come back and it has painted."""
    quiet = 0
    while quiet < QUIET_LOOKS:
        loop = QEventLoop()
        QTimer.singleShot(LOOK_MS, loop.quit)
        loop.exec()
        quiet = 0 if runner.busy else quiet + 1


def shoot(desktop: Desktop, path: Path) -> Path:
    """Save what the window shows."""
    desktop.grab().save(str(path))
    return path
