"""What fills the window: the wizard, the sign-in page, or the shell of who is signed in; and what lies over them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.texts import _
from app.ui import theme
from app.ui.door import Door
from app.ui.idle import IdleWatch
from app.ui.messages import Messages
from app.ui.notices import Notices
from app.ui.qt_language import use_language
from app.ui.replaced_watch import ReplacedWatch
from app.ui.sign_in.screen import SignInScreen
from app.ui.sync_badge import SYNCED

if TYPE_CHECKING:
    from app.db.database import Actor
    from app.ui.context import UiContext
    from app.ui.screens import Screen
    from app.ui.shell import Shell
    from app.ui.sync_badge import SyncSummary

log = logging.getLogger(__name__)


class Desktop(QWidget):
    """One counter's desktop, from the first start to the end of the day."""

    full_screen_requested = Signal()
    entered = Signal(str)
    locked = Signal()

    def __init__(self, door: Door, *, screens: tuple[Screen, ...] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._door = door
        self._screens = screens
        self._context: UiContext | None = None
        self._entry = ""
        self.shell: Shell | None = None
        self.sign_in: SignInScreen | None = None
        self.messages = Messages(self)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.notices = Notices(self, self.messages)
        self._replaced = ReplacedWatch(self.messages, self)
        self.idle = IdleWatch(self._app(), self)
        self.idle.idled.connect(self._on_idle)
        door.runner.show_error = self.messages.show_error
        door.store.on_change(self._on_setting)
        self._app().styleHints().colorSchemeChanged.connect(self._apply_look)
        use_language(self._app(), door.store.current.language)
        self._apply_look()
        self._show_first()

    @staticmethod
    def _app() -> QApplication:
        return cast("QApplication", QApplication.instance())

    # Wizard and sign-in

    def _show_first(self) -> None:
        if self._door.is_founded() and self._door.is_bound():
            self._show_sign_in()
        else:
            self._show_wizard()

    def _show_wizard(self) -> None:
        from app.ui.wizard.screen import WizardScreen  # needed once in the life of a PC

        wizard = WizardScreen(self._door, self.messages, moved=self._door.is_founded())
        wizard.finished.connect(self._on_founded)
        wizard.language_requested.connect(partial(self._door.store.change, "language"))
        self._replace(wizard)

    def _on_founded(self, entry_id: str, pin: str) -> None:
        self._show_sign_in(entry_id)
        self._door.runner.db(partial(self._door.sign_in, entry_id, pin), self._on_signed_in, self._on_first_refused)

    def _on_first_refused(self, error: AppError) -> None:
        self.messages.show_error(error)

    def _show_sign_in(self, chosen_entry: str = "") -> None:
        # With its parent from the start: to move a built page, Qt matches every part with the stylesheet anew.
        page = SignInScreen(self._door, chosen_entry=chosen_entry, parent=self._stack)
        page.signed_in.connect(self._on_signed_in)
        page.help_requested.connect(self.show_help)
        self._replace(page, keep=self.shell)
        self.sign_in = page
        page.setFocus()

    def _replace(self, page: QWidget, keep: QWidget | None = None) -> None:
        """Put a page in front; all others but ``keep`` go."""
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        for place in reversed(range(self._stack.count())):
            other = self._stack.widget(place)
            if other is not None and other is not page and other is not keep:
                self._stack.removeWidget(other)
                other.deleteLater()
        if page is not self.sign_in:
            self.sign_in = None

    # In and out

    def _on_signed_in(self, actor: Actor) -> None:
        self._door.enter(actor)
        same = self.shell is not None and self._context is not None and self._context.actor == actor
        self._entry = next((p.entry_id for p in self._door.people() if p.staff_id == actor.staff_id), "")
        self._door.store.set_person(actor.staff_id)
        if same and self.shell is not None:
            self._replace(self.shell)
            self.shell.setFocus()
        else:
            self._build_shell(actor)
        self.idle.start(self._door.store.current.idle_lock_minutes)
        if self._door.sync is not None:
            self._door.sync.on_change(self._on_sync)
            self._on_sync(self._door.sync.summary())
        if self._door.updates is not None:
            self._door.updates.announce_to(self.messages)
        self._replaced.remind()
        self.entered.emit(actor.staff_id)

    def _build_shell(self, actor: Actor, first: str = "", arguments: dict[str, object] | None = None) -> None:
        from app.ui.context import UiContext
        from app.ui.screens import SCREENS
        from app.ui.shell import Shell  # behind the sign-in: it brings every shared part of the screens

        self._context = UiContext(
            runner=self._door.runner,
            store=self._door.store,
            messages=self.messages,
            navigate=self._navigate,
            actor=actor,
            station=self._door.station(),
            search=self._door.search,
            sync=self._door.sync,
            door=self._door,
        )
        shell = Shell(self._context, screens=self._screens or SCREENS)
        shell.lock_requested.connect(self.lock)
        shell.help_requested.connect(self.show_help)
        shell.full_screen_requested.connect(self.full_screen_requested)
        shell.scale_requested.connect(self._on_scale)
        self.shell = shell
        self._replace(shell)
        names = shell.rail.names()
        if first or names:
            shell.navigate(first or names[0], **(arguments or {}))

    def _navigate(self, name: str, **arguments: object) -> None:
        if self.shell is not None:
            self.shell.navigate(name, **arguments)

    def lock(self, *, chosen_entry: str = "") -> None:
        """Cover everything at once; forms keep their drafts, whoever comes back to the same person goes on."""
        if self.shell is None or self.sign_in is not None:
            return
        from PySide6.QtWidgets import QDialog

        for window in QApplication.topLevelWidgets():
            if isinstance(window, QDialog) and window.isVisible():
                window.reject()
        self.notices.hide_all()
        self.idle.stop()
        self._show_sign_in(chosen_entry)
        self._door.leave()
        self._door.store.set_person("")
        self.locked.emit()

    def _on_idle(self) -> None:
        self.lock(chosen_entry=self._entry)

    def _on_sync(self, summary: SyncSummary) -> None:
        if self.shell is not None:
            self.shell.show_sync(summary)
        if self._door.updates is not None and summary.state == SYNCED:
            self._door.updates.synced()

    # Look and language

    def _on_setting(self, name: str) -> None:
        if name == "language":
            # Not inside the click that asked for it: the page that sent it is about to go.
            QTimer.singleShot(0, self._retell)
        elif name in ("theme", "text_scale"):
            self._apply_look()
        elif name == "idle_lock_minutes" and self.sign_in is None:
            self.idle.start(self._door.store.current.idle_lock_minutes)

    def _apply_look(self) -> None:
        settings, app = self._door.store.current, self._app()
        dark = settings.theme == "dark" or (settings.theme == "system" and theme.system_is_dark(app))
        look = theme.Theme(dark=dark, scale=settings.text_scale / 100)
        if look != theme.current() or not app.styleSheet():
            theme.apply_theme(app, look)

    def _retell(self) -> None:
        """Build what is in front anew in the language in force."""
        use_language(self._app(), self._door.store.current.language)
        self.window().setWindowTitle(_("家门口"))
        if self.sign_in is not None:
            self.shell = None
            self._show_sign_in(self._entry)
        elif self.shell is not None and self._context is not None:
            page = self.shell.current
            name, arguments = (page.screen.name, page.arguments) if page else ("", {})
            self._build_shell(self._context.actor, name, arguments)
            if self._door.sync is not None:
                self._on_sync(self._door.sync.summary())
        else:
            self._show_first()

    def _on_scale(self, step: int) -> None:
        scales = [round(scale * 100) for scale in theme.SCALES]
        now = self._door.store.current.text_scale
        place = min(range(len(scales)), key=lambda i: abs(scales[i] - now))
        place = 0 if step == 0 else max(0, min(len(scales) - 1, place + step))
        try:
            self._door.store.change("text_scale", scales[place])
        except AppError as error:
            self.messages.show_error(error)

    # Over everything

    def show_help(self) -> None:
        """Show all keys (F1)."""
        from app.ui.help import HelpSheet

        paper = None
        if self._context is not None and self.sign_in is None:
            from app.ui.card_paper import CardPaper

            paper = CardPaper(self._context, self)
        sheet = HelpSheet(self, paper, about=paper is not None)
        sheet.closed.connect(self._on_help_closed)
        sheet.about_requested.connect(self._on_about_requested)
        sheet.open()

    def _on_about_requested(self) -> None:
        self._navigate("about")

    def _on_help_closed(self) -> None:
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep toast and error card in their places."""
        super().resizeEvent(event)
        self.notices.place()

    def close_down(self) -> None:
        """End: finish what is being saved, then close the file."""
        self.idle.stop()
        started = clock.monotonic()
        self._door.close()
        log.info("closed in %.1f s", clock.monotonic() - started)
