"""Who looked at what, from the screens into the access log: after the page is shown, so nobody waits for it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from app import clock
from app.services.looks import SITTING, Look, note_look
from app.texts import _

if TYPE_CHECKING:
    from app.errors import AppError
    from app.ui.messages import Messages
    from app.ui.tasks import TaskRunner


class Looking:
    """Notes looks. What this person saw a moment ago is not even written again; a look that cannot be kept is said."""

    def __init__(self, runner: TaskRunner, messages: Messages) -> None:
        self._runner = runner
        self._messages = messages
        self._noted: dict[Look, datetime] = {}

    def note(self, look: Look) -> None:
        """Write this look into the access log, behind what is under way."""
        now = clock.now()
        before = self._noted.get(look)
        if self._runner.actor is None or (before is not None and before <= now < before + SITTING):
            return
        self._noted[look] = now
        self._runner.write(partial(note_look, look=look), None, partial(self._on_lost, look))

    def _on_lost(self, look: Look, error: AppError) -> None:
        if error.code == "lock.closed":  # locked meanwhile: the page is covered
            return
        self._noted.pop(look, None)
        self._messages.remark(_("看得到，但“谁看过”没记下来。{why}", why=error.text))
