"""The resident file's screen: head, tabs, and the two forms that may stand in their place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.access_log import RESIDENT_LOOK
from app.models.acts import may
from app.services import traces
from app.services.merged import MergedFile
from app.services.timeline import ConsentLine, Happening
from app.texts import _
from app.ui import theme
from app.ui.acting import show_keys
from app.ui.context import UiContext
from app.ui.dialogs import ask_irrevocably, ask_reveal
from app.ui.forms import FormGrid
from app.ui.keys import KeyHint, hint
from app.ui.resident_file import state
from app.ui.resident_file.doing import FileDeeds
from app.ui.resident_file.form_page import FormPage
from app.ui.resident_file.happenings import entries, place_of
from app.ui.resident_file.header import FileHeader
from app.ui.resident_file.household_page import HouseholdPage
from app.ui.resident_file.lists import ChangesPage, ConsentsPage, ReferralsPage
from app.ui.resident_file.loading import FileView, load_opened
from app.ui.resident_file.notices import FileNotices, MergedPage
from app.ui.resident_file.paper import FormPaper
from app.ui.resident_file.side import SidePanel
from app.ui.resident_file.unemployment import DeregistrationPage, UnemploymentPage
from app.ui.resident_file.watermark import Watermark
from app.ui.sync_badge import ALONE
from app.ui.widgets import Choice, EmptyState, Tabs, TimelineEntry, TimelineView

TIMELINE, REFERRALS, HOUSEHOLD, CONSENTS, CHANGES = "all", "referrals", "household", "consents", "changes"


class ResidentFileScreen(QWidget):
    """One person, everything that happened, and what comes next."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._id = ""
        self._view: FileView | None = None
        self._build()
        self._connect()

    def _build(self) -> None:
        roles = self._context.actor.roles
        self.header, self.tabs, self.notices = FileHeader(), Tabs(name=_("档案")), FileNotices()
        self.timeline = TimelineView()
        self.referrals, self.consents, self.changes = ReferralsPage(), ConsentsPage(), ChangesPage()
        self.household = HouseholdPage(self._context, may_save=may(roles, "household.save"))
        self.consents.withdraw.setVisible(may(roles, "consent.withdraw"))
        self.pages: dict[str, QWidget] = {
            TIMELINE: self.timeline,
            REFERRALS: self.referrals,
            HOUSEHOLD: self.household,
            CONSENTS: self.consents,
            CHANGES: self.changes,
        }
        self._tabbed, self._stack = QStackedWidget(), QStackedWidget()
        for page in self.pages.values():
            self._tabbed.addWidget(page)
        self._file = QWidget()
        column = QVBoxLayout(self._file)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        for widget, stretch in ((self.header, 0), (self.notices, 0), (self.tabs, 0), (self._tabbed, 1)):
            column.addWidget(widget, stretch)
        self.unemployment, self.deregistration = UnemploymentPage(self._context), DeregistrationPage(self._context)
        self.went = MergedPage(may_merge=may(roles, "resident.merge"))
        self.nobody = EmptyState(_("先找一位居民"), _("按 F3 查人，或者按 F2 新登记。"), icon="users-round")
        for page in (self._file, self.unemployment, self.deregistration, self.nobody, self.went):
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self.nobody)
        self.setFocusProxy(self.timeline)
        self._lay_out()
        self.panel = SidePanel()
        self.panel.hide()
        self.paper, self.deeds = FormPaper(self._context, self), FileDeeds(self._context, self)
        self.watermark = Watermark(self)

    def _lay_out(self) -> None:
        for stack in (self._tabbed, self._stack):
            stack.setMinimumSize(1, 1)  # big text: what does not fit scrolls, the window does not grow
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 0)
        outer.addWidget(self._stack)

    def _connect(self) -> None:
        self.header.edit_requested.connect(self._on_edit)
        self.header.reveal_asked.connect(self._on_reveal_asked)
        self.header.revealed.connect(self._on_revealed_changed)
        self.tabs.chosen.connect(self.show_tab)
        self.timeline.entry_activated.connect(self._on_entry_activated)
        self.referrals.slip_requested.connect(self._open_slip)
        self.consents.withdraw_requested.connect(self._on_withdraw)
        self.household.saved.connect(self.deeds.on_household_saved)
        self.panel.next_requested.connect(self.do_next)
        self.panel.action_requested.connect(self.run)
        self.notices.deed_requested.connect(self.deeds.heed)
        self.deeds.changed.connect(self.refresh)
        self.deeds.gone.connect(self._on_gone)
        self.went.open_requested.connect(self.deeds.open_other)
        self.went.unmerge_requested.connect(self.deeds.unmerge)
        self.went.follow_requested.connect(self.deeds.follow)
        for place, code in enumerate(self.pages, start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.choose_tab, code))
        for form in (self.unemployment, self.deregistration):
            form.done.connect(self._on_form_done)
            form.closed.connect(self._show_file)

    # What the window asks

    def open(self, **arguments: object) -> None:
        """Show the file of ``id``; ``tab`` opens one of its tabs."""
        wanted = str(arguments.get("id") or self._id)
        self.header.mask_all()
        if wanted != self._id:
            self._id, self._view = wanted, None
            self.household.is_dirty = False
            self.tabs.set_code(TIMELINE)
            self.show_tab(TIMELINE)
        tab = str(arguments.get("tab") or "")
        if tab in self.pages:
            self.tabs.set_code(tab)
            self.show_tab(tab)
        self._stack.setCurrentWidget(self._file if self._view is not None else self.nobody)
        self._mark_main()

    def refresh(self) -> None:
        """Read the file anew."""
        if self._id:
            sync = self._context.sync
            joined = sync is not None and sync.summary().state != ALONE
            work = partial(load_opened, resident_id=self._id, joined=joined)
            self._context.runner.read(work, self._on_loaded, self._on_lost)

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        if self.form is not None:
            return [KeyHint(("Enter",), _("下一栏")), KeyHint(("F9",), _("保存")), KeyHint(("Esc",), _("先放一放"))]
        return [
            hint("match"),
            hint("refer"),
            hint("edit"),
            KeyHint(("Ctrl P",), _("打印登记表")),
            KeyHint(("Ctrl 1", "Ctrl 5"), _("换一页")),
            hint("undo"),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what this screen offers now."""
        if self._view is None:
            return {}
        go: dict[str, Callable[[], object]] = dict.fromkeys(("match", "refer"), self._go_match)
        go["train"] = partial(self._context.navigate, "sign_up", id=self._id)
        if self.form is not None:
            return go
        papers = {name: partial(self.run, name) for name in ("print", "save_pdf")}
        offered: dict[str, Callable[[], object]] = {**go, **papers, **self.deeds.field_acts()}
        offered |= {"undo": self.undo, "filter": self._go_filter}
        if may(self._context.actor.roles, "resident.edit"):
            offered["edit"] = self._on_edit
        return offered

    def main_action(self) -> None:
        """Save what is being written, else do the next step (F9)."""
        form = self.form
        if form is not None:
            form.submit()
        elif self._stack.currentWidget() is self.went:
            self.went.submit()
        elif self.tabs.code() == HOUSEHOLD:
            self.household.submit()
        else:
            self.do_next()

    def may_leave(self) -> bool:
        """Keep what was typed in a form; stay once where a household is not saved."""
        form = self.form
        if form is not None:
            form.put_aside()
        if self.household.is_dirty and self.tabs.code() == HOUSEHOLD:
            self._context.messages.remark(_("家庭还没保存：按 F9 保存，或者再走一次就不存了。"))
            self.household.is_dirty = False
            return False
        return True

    # Showing

    @property
    def form(self) -> FormPage | None:
        """The form in front, if one is."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, FormPage) else None

    def show_tab(self, code: str) -> None:
        """Show one of the tabs; the household, being long, takes the room of the wishes."""
        self._tabbed.setCurrentWidget(self.pages[code])
        self.header.wishes.setVisible(code != HOUSEHOLD)
        self._mark_main()

    def _mark_main(self) -> None:
        """Keep one filled button: the form's, the household's, or else that of the next step."""
        other = self.form is not None or self.tabs.code() == HOUSEHOLD
        self.panel.next.button.set_kind("outline" if other else "filled")

    def choose_tab(self, code: str) -> None:
        """Choose a tab and put the keyboard into it."""
        self.tabs.set_code(code)
        self.show_tab(code)
        inside = {HOUSEHOLD: self.household.house, CHANGES: self.changes.table, CONSENTS: self.consents.table}
        page = inside.get(code, self.referrals.table if code == REFERRALS else self.timeline)
        if isinstance(page, FormGrid):
            page.focus_first()
        else:
            page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_loaded(self, view: FileView | MergedFile) -> None:
        if isinstance(view, MergedFile):
            self._show_merged(view)
            return
        if view.file.resident.id != self._id:
            return
        self._view = view
        self._context.looked(RESIDENT_LOOK, "resident", self._id)
        self.deeds.show(view)
        roles = self._context.actor.roles
        self.header.set_view(view, may_edit=may(roles, "resident.edit"))
        self.tabs.set_choices([Choice(code, words, count) for code, words, count in state.tab_counts(view)])
        chosen = self.timeline.currentIndex().row()
        self.timeline.set_entries(entries(view))
        if chosen >= 0:
            self.timeline.setCurrentIndex(self.timeline.model().index(chosen, 0))
        self.notices.set_view(view, may_merge=may(roles, "resident.merge"))
        self.referrals.set_view(view)
        self.household.set_view(view)
        self.consents.set_view(view)
        self.changes.set_view(view)
        self.panel.set_content(
            state.next_step(view), state.actions(view, roles), state.package_progress(view), state.package_name(view)
        )
        self.panel.show()
        if self.form is None:
            self._stack.setCurrentWidget(self._file)

    def _show_merged(self, merged: MergedFile) -> None:
        if merged.drop_id == self._id:
            self._view = None
            self.panel.hide()
            self.went.show_merged(merged)
            self._stack.setCurrentWidget(self.went)
            if self.isVisible():
                self.went.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_lost(self, error: AppError) -> None:
        self._view = None
        self.panel.hide()
        self._stack.setCurrentWidget(self.nobody)
        self._context.messages.show_error(error)

    def _show_file(self) -> None:
        self._stack.setCurrentWidget(self._file if self._view is not None else self.nobody)
        self.timeline.setFocus(Qt.FocusReason.OtherFocusReason)
        self._mark_main()
        show_keys(self)

    # Looking at masked numbers

    def _on_reveal_asked(self, field: str) -> None:
        if self._view is None:
            return
        why = ask_reveal(self, self.header.masked(field).name)
        if why is not None:
            work = partial(traces.reveal, resident_id=self._id, field=field, why=why)
            self._context.runner.write(work, partial(self._on_revealed, field))

    def _on_revealed(self, field: str, number: str) -> None:
        self.header.show_open(field, number)

    def _on_revealed_changed(self, is_open: bool) -> None:
        self.watermark.setVisible(is_open)
        if is_open:
            self.watermark.show_reader(self._context.actor.name, self._context.station)

    def hideEvent(self, event: QHideEvent) -> None:
        """Mask again on leaving and on lock."""
        super().hideEvent(event)
        self.header.mask_all()

    # Doing

    def run(self, name: str) -> None:
        """Do one of the panel's actions."""
        deeds: dict[str, Callable[[], object]] = {
            "refer": self._go_match,
            "train": partial(self._context.navigate, "sign_up", id=self._id),
            "renew": self._renew,
            **self.deeds.field_acts(),
            "merge": partial(self._context.navigate, "merging", keep=self._id),
            "unmerge": self.deeds.unmerge_latest,
            "open_registration": self._on_edit,
            "unemployment": partial(self._open_form, self.unemployment),
            "deregister": partial(self._open_form, self.deregistration),
            "print": partial(self.paper.print, self._view),
            "save_pdf": partial(self.paper.save, self._view),
            "blank": partial(self.paper.print, None),
        }
        if self._view is not None:
            deeds[name]()

    def do_next(self) -> None:
        """Do what the card at the right proposes."""
        if self._view is None:
            return
        step = state.next_step(self._view)
        deeds: dict[str, Callable[[], object]] = {
            state.REGISTER: self._on_edit,
            state.RENEW: self._renew,
            state.MATCH: self._go_match,
            state.OUTCOME: partial(self._context.navigate, "referrals", id=step.record_id),
        }
        if step.act in deeds:
            deeds[step.act]()

    def _on_edit(self) -> None:
        self._context.navigate("register", id=self._id)

    def _go_match(self) -> None:
        self._context.navigate("match", id=self._id)

    def _go_filter(self) -> None:
        self.tabs.set_code(CHANGES)
        self.show_tab(CHANGES)
        self.changes.field.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_slip(self, referral_id: str) -> None:
        self._context.navigate("slip", id=referral_id)

    def _on_entry_activated(self, entry: TimelineEntry) -> None:
        happening = entry.key
        if not isinstance(happening, Happening):
            return
        if (place := place_of(happening)) is not None:
            self._context.navigate(place[0], id=place[1])
        elif not self.deeds.open_field_record(happening):
            tab = HOUSEHOLD if happening.act == "household.save" else CHANGES
            tab = CONSENTS if happening.act.startswith("consent.") else tab
            self.choose_tab(tab)

    def _open_form(self, form: FormPage) -> None:
        if self._view is not None:
            self._stack.setCurrentWidget(form)
            form.start(self._view)
            self._mark_main()
            show_keys(self)

    def _on_form_done(self, words: str) -> None:
        self._show_file()
        undo = self.undo if self.sender() is self.unemployment else None
        self._context.messages.say(words, undo=undo)
        self.refresh()

    def _renew(self) -> None:
        self.deeds.renew(state.can_renew(self._view) if self._view is not None else "")

    def _on_withdraw(self, line: ConsentLine) -> None:
        text = _("从现在起不再按这条同意提供信息；以前按它做的仍然有效。撤回要留记录，不能撤销，以后可以重新同意。")
        if ask_irrevocably(self, _("撤回这条同意？"), text, [], verb=_("撤回")) is not None:
            self.deeds.withdraw_consent(line.id)

    # Undoing

    def undo(self) -> None:
        """Take back the last act on this file that may be taken back."""
        if self._view is not None:
            self.deeds.undo()

    def _on_gone(self) -> None:
        self._id, self._view = "", None
        self._context.navigate("residents")
