"""A counter's ends for screen tests: a real database and runner; where the screen went, what it said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.config import SettingsStore
from app.db.database import Actor, Database
from app.ui.context import StationFacts, UiContext
from app.ui.messages import Messages, Notice
from app.ui.sync_badge import SyncSummary
from app.ui.tasks import TaskRunner
from tests.fixtures_db import STATION


class Desk:
    """What surrounds a screen."""

    def __init__(self, database: Database, actor: Actor, folder: Path) -> None:
        self.database, self.actor = database, actor
        self.went: list[tuple[str, dict[str, object]]] = []
        self.said: list[Notice] = []
        self.troubles: list[Any] = []
        self._summary = SyncSummary()
        self.runner = TaskRunner(inline=True)
        self.runner.attach(database, actor)
        self.messages = Messages()
        self.messages.said.connect(self.said.append)
        self.messages.troubled.connect(self.troubles.append)
        self.runner.show_error = self.messages.show_error
        self.context = UiContext(
            runner=self.runner,
            store=SettingsStore(folder / "settings.json"),
            messages=self.messages,
            navigate=self._go,
            actor=actor,
            station=StationFacts(STATION["code"], STATION["name"], "2 号窗口"),
            search=_find_nobody,
            sync=self,
        )

    def _go(self, name: str, **arguments: object) -> None:
        self.went.append((name, arguments))

    # The sync, as far as a screen may touch it

    def summary(self) -> SyncSummary:
        return self._summary

    def set_summary(self, summary: SyncSummary) -> None:
        self._summary = summary

    def sync_now(self) -> None: ...

    def on_change(self, told: Callable[[SyncSummary], object]) -> None: ...


def _find_nobody(tx: object, words: str, *, limit: int) -> list[Any]:
    return []
