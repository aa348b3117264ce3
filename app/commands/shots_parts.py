"""What pictures need: somebody signed in, a window at rest, a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from app.commands import sample
from app.counter import Counter
from app.ui.desktop import Desktop
from app.ui.sign_in.screen import SignInScreen
from app.ui.tasks import TaskRunner

WIDTH, HEIGHT = 1366, 768
LOOK_MS, QUIET_LOOKS = 80, 4
Look = tuple[str, dict[str, object]]
"""How a picture's name ends, and the settings it is taken with."""

LOOKS: tuple[Look, ...] = (
    ("", {}),
    ("-dark", {"theme": "dark"}),
    ("-en", {"language": "en"}),
    ("-large", {"text_scale": 150}),
)


def sign_in(desktop: Desktop, counter: Counter, name: str) -> None:
    """Let somebody of the sample sign in, as the sign-in page does."""
    person = next(each for each in counter.people() if each.name == name)
    page = desktop.sign_in
    assert isinstance(page, SignInScreen)
    pin = sample.SUPERVISOR_PIN if person.role == "supervisor" else sample.CLERK_PIN
    page.signed_in.emit(counter.sign_in(person.entry_id, pin))
    desktop.idle.stop()  # on a busy machine the pictures take longer than the lock waits
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


def each_look(desktop: Desktop, counter: Counter, looks: Sequence[Look] = LOOKS) -> Iterator[str]:
    """Yield the ending of each look while the window has it; afterwards everything is as before."""
    for ending, look in looks:
        before = {name: getattr(counter.store.current, name) for name in look}
        for name, value in look.items():
            counter.store.change(name, value)
        settle(counter.runner)
        desktop.resize(WIDTH, HEIGHT)
        yield ending
        for name, value in before.items():
            counter.store.change(name, value)
        settle(counter.runner)
        desktop.resize(WIDTH, HEIGHT)
