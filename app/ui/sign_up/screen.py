"""报名: from a resident's file to the open classes, or from a class to the residents; checks, slip, waiting list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.access_log import RESIDENT_LOOK
from app.models.acts import may
from app.services.training.fitting import FittingClass
from app.services.training.listing import ClassLine
from app.texts import _
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.sign_up import seats, state
from app.ui.sign_up.check_page import CheckPage
from app.ui.sign_up.deeds import SeatDeeds
from app.ui.sign_up.listing import FIRST, SEATS, Listing
from app.ui.sign_up.paper_page import PaperPage
from app.ui.sign_up.papers import SLIP
from app.ui.sign_up.seats import SeatLine
from app.ui.sign_up.side import ClassPanel, SeatPanel
from app.ui.sign_up.state import CheckView, Offer

PERSON, OFFER, LIST, CHECK, PAPER = range(5)


class SignUpScreen(QWidget):
    """Opened with ``id`` (whom), ``class_id`` (which class) or both; with neither one finds the person first."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._roles = context.actor.roles
        self._person_id = self._class_id = ""
        self._of_class = False
        self._held: ClassLine | None = None
        self._after_paper = OFFER
        self._moved = False
        self._doer = Doer(context, self)
        self.deeds = SeatDeeds(self._doer)
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.list = Listing(self._context)
        self.check, self.paper = CheckPage(), PaperPage(self._context)
        framed = QWidget()
        inner = QVBoxLayout(framed)
        inner.setContentsMargins(24, 16, 24, 12)
        inner.addWidget(self.check)
        self.stack, self.panel = QStackedWidget(), QStackedWidget()
        for page in (self.list, framed, self.paper):
            self.stack.addWidget(page)
        self.class_panel, self.seat_panel = ClassPanel(), SeatPanel(self._roles)
        for side in (self.class_panel, self.seat_panel, self.paper.panel):
            self.panel.addWidget(side)
        for stack in (self.stack, self.panel):
            stack.setMinimumSize(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _connect(self) -> None:
        self.list.tabs.chosen.connect(self.choose_tab)
        self.list.look.clicked.connect(partial(self.choose_tab, SEATS))
        self.list.people.picked.connect(self._on_person_picked)
        self.list.offer.picked.connect(self._on_class_picked)
        self.list.offer.selected.connect(self._on_offer_selected)
        for page in (self.list.of_person_page, self.list.of_class_page):
            page.selected.connect(self.seat_panel.show_line)
            page.slip_requested.connect(self._open_slip)
            page.table.postpone_requested.connect(self._on_drop)
        self.check.saving_requested.connect(self._on_save)
        self.class_panel.main_requested.connect(self.main_action)
        self.check.form.set_main_button(self.class_panel.main)
        self.seat_panel.slip_requested.connect(self._on_slip)
        self.seat_panel.told_requested.connect(self._on_told)
        self.seat_panel.file_requested.connect(self._on_file)
        self.seat_panel.decided.connect(self._on_decided)
        self.paper.left.connect(self._on_paper_left)
        self.paper.hints_changed.connect(self._on_keys_changed)
        self._doer.changed.connect(self.refresh)
        for place, code in enumerate((FIRST, SEATS), start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{place}"), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.choose_tab, code))

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Take whom, which class, or both; ``tab="seats"`` shows what was signed up for already."""
        self._person_id, self._class_id = (str(arguments.get(name) or "") for name in ("id", "class_id"))
        self._of_class = bool(self._class_id) and not self._person_id
        self._held, self.check.view = None, None
        self.seat_panel.drop_question()
        code = SEATS if arguments.get("tab") == SEATS else FIRST
        self.list.start(of_class=self._of_class, tabs=bool(self._person_id or self._class_id), code=code)
        if not self._person_id:
            self.list.people.start()
        self._go(CHECK if self._person_id and self._class_id else self._list_page())

    def refresh(self) -> None:
        """Read anew what is in front, and who has to be told something."""
        read = self._context.runner.read
        page = self.page
        if page == PAPER:
            self.paper.refresh()
        elif page == CHECK and self._person_id and self._class_id:
            check = partial(state.load_check, class_id=self._class_id, resident_id=self._person_id)
            read(check, self._on_check, self._on_lost)
        elif self._of_class:
            read(partial(state.load_class, class_id=self._class_id), self._on_class, self._on_lost)
            self.list.people.refresh()
        elif self._person_id:
            read(partial(state.load_offer, resident_id=self._person_id), self._on_offer, self._on_lost)
        else:
            self.list.people.refresh()
        if self._of_class:
            read(partial(seats.of_class, class_id=self._class_id), self._on_seats)
        elif self._person_id:
            read(partial(seats.of_person, resident_id=self._person_id), self._on_seats)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        page = self.page
        if page == PAPER:
            return self.paper.key_hints()
        back = KeyHint(("Esc",), _("回去"))
        if page == CHECK:
            told = [KeyHint(("1", "9"), _("说了，打勾"))] if self.check.told else []
            return [*told, KeyHint(("Enter",), _("下一栏")), KeyHint(("F9",), _("报名")), back]
        turn = [KeyHint(("Ctrl 1", "Ctrl 2"), _("换一页"))] if not self.list.tabs.isHidden() else []
        if page == LIST:
            acts = [KeyHint(("Enter",), _("确认单")), KeyHint(("Del",), _("退班"))]
            return [KeyHint(("↑", "↓"), _("选一行")), *acts, KeyHint(("F9",), self.seat_panel.main.text()), *turn, back]
        what = _("选人") if page == PERSON else _("看能不能报")
        return [KeyHint(("↑", "↓"), _("选一行")), KeyHint(("Enter",), what), *turn, back]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        if self.page == PAPER:
            return self.paper.acts()
        if self.page == PERSON:
            return {"filter": self._on_filter}
        return {"print": self._on_slip} if self.page == LIST else {}

    def main_action(self) -> None:
        """Do what the main button says (F9)."""
        deeds: dict[int, Callable[[], object]] = {
            PERSON: self.list.people.take,
            OFFER: self._take_class,
            LIST: self.seat_panel.do_main,
            CHECK: self._submit,
            PAPER: self.paper.main_action,
        }
        deeds[self.page]()

    @property
    def page(self) -> int:
        """Which page is in front."""
        if self.stack.currentIndex():
            return CHECK if self.stack.currentIndex() == 1 else PAPER
        return {0: PERSON, 1: OFFER}.get(self.list.lists.currentIndex(), LIST)

    # -- going from page to page --------------------------------------------------------------------------------
    def _list_page(self) -> int:
        if self.list.tabs.code() == SEATS and not self.list.tabs.isHidden():
            return LIST
        return OFFER if self._person_id and not self._of_class else PERSON

    def _go(self, page: int) -> None:
        """Put a page in front with its panel; the keyboard follows once it has something to show."""
        widgets: dict[int, QWidget] = {
            PERSON: self.list.people,
            OFFER: self.list.offer,
            CHECK: self.check,
            PAPER: self.paper,
        }
        shown = widgets.get(page, self.list.seats)
        if page in (CHECK, PAPER):
            self.stack.setCurrentIndex(1 if page == CHECK else 2)
        else:
            self.list.lists.setCurrentWidget(shown)
            self.stack.setCurrentIndex(0)
        self.panel.setCurrentIndex({LIST: 1, PAPER: 2}.get(page, 0))
        self.setFocusProxy(shown)
        self._moved = True
        shown.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_foot()
        show_keys(self)

    def choose_tab(self, code: str) -> None:
        """Go to one of the two lists."""
        if not self.list.tabs.isHidden() and not self.paper.is_busy:
            self.list.tabs.set_code(code)
            self._go(self._list_page())
            self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._back()
        else:
            super().keyPressEvent(event)

    def _back(self) -> None:
        """Leave the page in front for the one it came from; leave the screen for the file or the class."""
        if self.page == CHECK:
            if self._of_class:
                self._person_id = ""
            self.list.tabs.set_code(FIRST)
            self._go(self._list_page())
            self.refresh()
        elif self._of_class:
            self._context.navigate("class_file", id=self._class_id)
        elif self._person_id:
            self._context.navigate("resident_file", id=self._person_id)

    def _on_person_picked(self, resident_id: str) -> None:
        if not self._of_class:
            self._context.navigate("sign_up", id=resident_id)
            return
        self._person_id = resident_id
        self._go(CHECK)
        self.refresh()

    def _on_class_picked(self, class_id: str) -> None:
        self._class_id = class_id
        self._go(CHECK)
        self.refresh()

    def _take_class(self) -> None:
        each = self.list.offer.table.current_row()
        if each is not None:
            self._on_class_picked(each.line.id)

    def _on_filter(self) -> None:
        self.list.people.search.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.people.search.line.selectAll()

    # -- showing ------------------------------------------------------------------------------------------------
    def _on_offer(self, offer: Offer) -> None:
        if offer.person.id != self._person_id or self.page == CHECK:
            return
        self.list.show_title(_("给{name}报培训班", name=offer.person.name), offer.person.status)
        self.list.offer.show_offer(offer)
        self._on_offer_selected(self.list.offer.table.current_row())
        self._take_keyboard(OFFER)

    def _on_offer_selected(self, each: FittingClass | None) -> None:
        if each is None or self.page != OFFER:
            return
        fit = state.fit_words(each) if not each.signed_up else ""
        self.class_panel.show_class(each.line, state.slot_words(each.slots), fit)
        self._show_foot()

    def _on_class(self, line: ClassLine) -> None:
        self._held = line
        about = "　".join((line.class_no, state.places_words(line)))
        self.list.show_title(_("“{title}”报名", title=line.title), about)
        if self.page == PERSON:
            self.class_panel.show_class(line, "")
        self._show_foot()

    def _on_check(self, view: CheckView) -> None:
        if view.key != (self._person_id, self._class_id) or self.page != CHECK:
            return
        fresh = self.check.view is None or self.check.view.key != view.key
        self.check.show_view(view)
        self._context.looked(RESIDENT_LOOK, "resident", self._person_id)
        self.class_panel.show_class(view.line, view.times)
        self._show_foot()
        show_keys(self)
        if fresh or self._moved:
            self._moved = False
            self.check.focus_first()

    def _on_seats(self, lines: tuple[SeatLine, ...]) -> None:
        self.list.show_lines(lines, in_front=self.page == LIST)
        self.seat_panel.show_line(self.list.seats.line())
        self._take_keyboard(LIST)
        show_keys(self)

    def _take_keyboard(self, page: int) -> None:
        """Give the keyboard to a list that had nothing to take it when its page came."""
        if self._moved and self.page == page:
            self._moved = False
            (self.list.offer if page == OFFER else self.list.seats).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_lost(self, error: AppError) -> None:
        """Begin with finding somebody: the person or the class is gone."""
        self.open()
        self._context.messages.show_error(error)

    def _show_foot(self) -> None:
        """Say what the main button does here, or why it does nothing."""
        denied = "" if may(self._roles, "enrolment.add") else _("您的岗位不能办报名，请转窗口。")
        if self.page == CHECK:
            summary = self._context.sync.summary() if self._context.sync is not None else None
            blocked = self.check.view is not None and bool(state.blocks(self.check.view))
            why_not = denied or (_("这个人现在报不了这个班，原因在左边。") if blocked else "")
            self.class_panel.set_foot(_("报名"), note=state.seat_note(summary), why_not=why_not)
        elif self.page == OFFER:
            self.class_panel.set_foot(_("看能不能报"), possible=bool(self.list.offer.table.rows()))
        elif self.page == PERSON:
            closed = self._held is not None and self._of_class and not self._held.open_to_sign_up
            note = _("这个班现在不收报名，选了人会说明原因。") if closed else ""
            self.class_panel.set_foot(_("选这个人"), note=note)
            if not self._of_class:
                self.class_panel.show_class(None, "")
                self.list.show_title(_("报名"), _("先找要报名的人"))

    def _on_keys_changed(self) -> None:
        show_keys(self)

    # -- doing --------------------------------------------------------------------------------------------------
    def _submit(self) -> None:
        if self.class_panel.main.isEnabled():
            self.check.submit()

    def _on_save(self, target: str, knowing: tuple[str, ...], why: str) -> None:
        view = self.check.view
        if view is None or self.class_panel.main.is_busy:
            return
        self.class_panel.main.set_busy(_("正在报名…"))
        person, held = view.person, view.line
        work = partial(
            state.save, class_id=held.id, resident_id=person.id, target=target, knowing=knowing, why=why or None
        )
        said = _("{name} 报上了“{title}”", name=person.name, title=held.title)
        self._doer.do(work, said, on_done=self._on_saved, on_error=self._on_not_saved)

    def _on_saved(self, enrolment_id: str) -> None:
        self.class_panel.main.set_busy(None)
        if self._of_class:
            self._person_id = ""
        self._after_paper = PERSON if self._of_class else LIST
        self._show_slip(enrolment_id)

    def _on_not_saved(self, error: AppError) -> None:
        self.class_panel.main.set_busy(None)
        if not (isinstance(error, InvalidInputError) and self.check.show_errors(error)):
            self._context.messages.show_error(error)
        self.refresh()  # something new may stand against it: it is to be seen and ticked

    def _open_slip(self, enrolment_id: str) -> None:
        self._after_paper = LIST
        line = self.list.seats.line()
        why_not = seats.why_no_slip(line, self._roles) if line is not None else ""
        if why_not:
            self._context.messages.remark(why_not)
        else:
            self._show_slip(enrolment_id)

    def _show_slip(self, enrolment_id: str) -> None:
        self.paper.start(SLIP, [enrolment_id])
        self._go(PAPER)

    def _on_paper_left(self) -> None:
        if self._after_paper == PERSON:
            self.list.people.start()
        self.list.tabs.set_code(FIRST if self._after_paper == PERSON else SEATS)
        self._go(self._list_page())
        self.refresh()

    def _on_slip(self) -> None:
        line = self.list.seats.line()
        if line is not None:
            self._open_slip(line.id)

    def _on_told(self) -> None:
        if self.seat_panel.line is not None:
            self.deeds.told(self.seat_panel.line)

    def _on_file(self) -> None:
        if self.seat_panel.line is not None:
            self._context.navigate("resident_file", id=self.seat_panel.line.resident_id)

    def _on_drop(self, line: SeatLine) -> None:
        why_not = seats.why_no_drop(line, self._roles)
        if why_not:
            self._context.messages.remark(why_not)
        else:
            self.seat_panel.ask_drop()

    def _on_decided(self, what: str, code: str, own: str) -> None:
        if self.seat_panel.line is not None:
            self.deeds.decide(self.seat_panel.line, what, code, own)
