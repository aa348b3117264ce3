"""New versions as the window sees them: the thread's views come to the GUI thread, what somebody decides leaves it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app import paths
from app.errors import AppError, RuleError
from app.sync.updating import UpdateView, Updating
from app.texts import _
from app.ui.messages import Messages
from app.ui.tasks import TaskRunner
from app.updates.programs import INSTALLED, Programs
from app.updates.words import told_words

if TYPE_CHECKING:
    from app.config import SettingsStore
    from app.db.database import Database
    from app.ui.background_sync import BackgroundSync


def look_after(database: Database, runner: TaskRunner, store: SettingsStore, sync: BackgroundSync) -> BackgroundUpdates:
    """Start what looks after new versions of this counter; from a checkout it only does what somebody asks for."""
    updating = Updating(
        database,
        Programs(paths.programs()),
        when=lambda: store.current.update_download,
        syncing=sync.is_running,
        ca=store.current.district_ca or None,
        by_itself=bool(getattr(sys, "frozen", False)),
    )
    made = BackgroundUpdates(updating, runner)
    made.start()
    return made


class BackgroundUpdates(QObject):
    """The one ``Updating`` of this counter; it goes on while the PC is locked."""

    changed = Signal(object)
    _told = Signal(object)

    def __init__(self, updating: Updating, runner: TaskRunner) -> None:
        super().__init__(runner)
        self._updating, self._runner = updating, runner
        self._messages: Messages | None = None
        self._announced: set[str] = set()
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        updating.on_change.append(self._told.emit)

    def start(self) -> None:
        """Start the thread."""
        self._updating.start()

    def stop(self) -> None:
        """End it after the present piece."""
        self._updating.stop()

    def view(self) -> UpdateView:
        """Return how it stands."""
        return self._updating.view()

    def announce_to(self, messages: Messages) -> None:
        """Say there what happened at the start, and when a new version is here; each once."""
        self._messages = messages
        self._announce(self.view())

    def synced(self) -> None:
        """Take word that the district was just reached."""
        self._updating.synced()

    def ask_now(self) -> None:
        """Ask the district, and fetch what it offers."""
        self._updating.ask_now()

    def pause(self) -> None:
        """Stop what is under way; what came stays."""
        self._updating.pause()

    def take(self, chosen: Path) -> None:
        """Take a package from a stick."""
        self._updating.take(chosen)

    def want(self, version: str) -> None:
        """Install it at the next start."""
        self._do(partial(self._updating.want, version))

    def later(self, version: str) -> None:
        """Not yet."""
        self._do(partial(self._updating.later, version))

    def decline(self, version: str) -> None:
        """Not this one."""
        self._do(partial(self._updating.decline, version))

    def go_back(self) -> None:
        """Have the version before run from the next start on."""
        self._do(self._updating.go_back)

    def _do(self, work: Callable[[], object]) -> None:
        self._runner.io(work, None, self._on_refused)

    def _on_refused(self, error: AppError) -> None:
        if self._messages is not None:
            self._messages.show_error(error)

    def _on_told(self, view: UpdateView) -> None:
        self._announce(view)
        self.changed.emit(view)

    def _announce(self, view: UpdateView) -> None:
        if self._messages is None:
            return
        told = view.standing.state.told
        if told is not None and told.what not in self._announced:
            self._announced.add(told.what)
            if told.what == INSTALLED:
                self._messages.say(told_words(told))
            else:
                self._messages.show_error(RuleError(told_words(told), code=f"update.{told.why or told.what}"))
            self._do(self._updating.acknowledge)
        offer = view.standing.offer
        if offer is None or view.standing.wanted or offer.version in view.standing.state.declined:
            return
        if offer.version not in self._announced:
            self._announced.add(offer.version)
            words = _("新版本 {version} 已取来。什么时候装，在“设置 → 程序更新”里定。", version=offer.version)
            self._messages.say(words)
