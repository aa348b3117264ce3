"""What pictures need: somebody signed in, a window at rest, a file."""

from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from app.commands import sample
from app.counter import Counter
from app.ui.desktop import Desktop
from app.ui.sign_in.screen import SignInScreen
from app.ui.tasks import TaskRunner

WIDTH, HEIGHT = 1366, 768
LOOK_MS, QUIET_LOOKS = 80, 4


def sign_in(desktop: Desktop, counter: Counter, name: str) -> None:
    """Let somebody of the sample sign in, as the sign-in page does."""
    person = next(each for each in counter.people() if each.name == name)
    page = desktop.sign_in
    assert isinstance(page, SignInScreen)
    pin = sample.SUPERVISOR_PIN if person.role == "supervisor" else sample.CLERK_PIN
    page.signed_in.emit(counter.sign_in(person.entry_id, pin))
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
