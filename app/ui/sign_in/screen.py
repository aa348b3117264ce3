"""The sign-in page: who is at this PC, then the PIN. Works offline, by the number pad alone."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.texts import _
from app.ui import theme
from app.ui.announce import announce
from app.ui.door import Door
from app.ui.messages import as_trouble
from app.ui.roles import tone_of
from app.ui.sign_in.parts import PadKey, PersonCard, PinDots
from app.ui.sign_in.state import (
    SignInState,
    day_text,
    digit_of,
    drafts_line,
    last_seen,
    weekday_text,
)
from app.ui.widgets.blocks import Card
from app.ui.widgets.brand import Brand
from app.ui.widgets.button import Button
from app.ui.widgets.small import Avatar, IconLabel, IconTile, KeyCap
from app.ui.widgets.themed import Text, part

__all__ = ["SignInScreen", "last_seen"]
PAD = ("7", "8", "9", "4", "5", "6", "1", "2", "3")


class SignInScreen(QWidget):
    """Emits ``signed_in`` with the actor once the PIN opened the database."""

    signed_in = Signal(object)
    help_requested = Signal()

    def __init__(self, door: Door, *, chosen_entry: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._door = door
        self._state = SignInState()
        self._cards: list[PersonCard] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        part(self, "bg")
        self._build()
        self._tick = QTimer(self, interval=5_000)
        self._tick.timeout.connect(self._on_tick)
        self._tick.start()
        self.reload(chosen_entry)

    @property
    def state(self) -> SignInState:
        """Return what the page shows."""
        return self._state

    def reload(self, chosen_entry: str = "") -> None:
        """Read the people anew; choose one if named, or if there is only one."""
        people = self._door.people()
        place = next((i for i, person in enumerate(people) if person.entry_id == chosen_entry), None)
        if place is None and len(people) == 1:
            place = 0
        self._show_people(SignInState(people).choose(place))
        self._on_tick()

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 26, 48, 18)
        column.addLayout(self._head())
        column.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addLayout(self._left())
        middle.addSpacing(72)
        middle.addWidget(self._right(), 0, Qt.AlignmentFlag.AlignVCenter)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(1)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        station = self._door.station()
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        row.addWidget(Brand(44))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(_("家门口"), "page"))
        place = "・".join(each for each in (station.name, station.window) if each)
        words.addWidget(Text(place, "secondary", "text2"))
        row.addLayout(words)
        row.addStretch(1)
        clock_words = QVBoxLayout()
        clock_words.setSpacing(0)
        self._time = Text("", "title")
        self._date = Text("", "secondary", "text2")
        for label in (self._time, self._date):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            clock_words.addWidget(label)
        row.addLayout(clock_words)
        return row

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(Text(_("谁在用这台电脑？"), "number"))
        column.addSpacing(6)
        column.addWidget(Text(_("按数字选人，再输 PIN。"), "body", "text2"))
        column.addSpacing(20)
        self._grid_holder = part(QWidget(), "transparent")
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(14)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._grid_holder)
        column.addWidget(self._scroll)
        column.addSpacing(22)
        self._drafts = IconLabel("file-pen-line", "", "text2", role="secondary")
        column.addWidget(self._drafts)
        column.addStretch(1)
        return column

    def _right(self) -> QStackedWidget:
        self._sides = QStackedWidget()
        card = Card(border="line", radius=18, padding=28)
        column = card.body
        column.setSpacing(0)
        self._avatar = Avatar("？", size=60)
        self._name = Text("", "page")
        self._hint = Text("", "secondary", "text2", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setMinimumHeight(theme.of(self).px(40))
        self._dots = PinDots()
        for widget, gap in ((self._avatar, 12), (self._name, 0), (self._hint, 8), (self._dots, 16)):
            column.addWidget(
                widget, 0, Qt.AlignmentFlag.AlignHCenter if widget is not self._hint else Qt.AlignmentFlag(0)
            )
            column.addSpacing(gap)
        column.addLayout(self._pad())
        column.addSpacing(10)
        self._forgot = Button(_("忘了 PIN"), "text")
        self._forgot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._forgot.clicked.connect(self._on_forgot_clicked)
        column.addWidget(self._forgot, 0, Qt.AlignmentFlag.AlignHCenter)
        card.setFixedWidth(theme.of(self).px(388))
        self._sides.addWidget(card)
        self._sides.setFixedWidth(card.width())
        return self._sides

    def _pad(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(10)
        self._keys: list[PadKey] = []
        for place, digit in enumerate(PAD):
            grid.addWidget(self._key(PadKey(digit), partial(self.take_digit, digit)), place // 3, place % 3)
        grid.addWidget(self._key(PadKey(_("清空"), bare=True), self._on_clear), 3, 0)
        grid.addWidget(self._key(PadKey("0"), partial(self.take_digit, "0")), 3, 1)
        grid.addWidget(self._key(PadKey(_("退一位"), icon="delete"), self._on_back), 3, 2)
        return grid

    def _key(self, key: PadKey, act: object) -> PadKey:
        key.clicked.connect(act)
        self._keys.append(key)
        return key

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[1])
        self._offline = IconLabel("cloud-off", "", "text2", role="secondary", icon_tone="yellow")
        row.addWidget(self._offline)
        row.addStretch(1)
        row.addWidget(IconTile("keyboard", "text2"))
        row.addWidget(Text(_("小键盘可以直接输"), "secondary", "text2"))
        for keys, words in (("Tab", _("换人")), ("F1", _("帮助"))):
            row.addSpacing(10)
            row.addWidget(KeyCap(keys))
            row.addWidget(Text(words, "secondary", "text2"))
        return row

    # Showing

    def _show_people(self, state: SignInState) -> None:
        for card in self._cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self._cards = []
        columns = 2 if len(state.people) > 1 else 1
        for place, person in enumerate(state.people):
            card = PersonCard(person, place, tone_of(place))
            card.clicked.connect(partial(self._on_card_clicked, place))
            self._cards.append(card)
            self._grid.addWidget(card, place // columns, place % columns)
        rows = -(-len(state.people) // columns)
        look = theme.of(self)
        self._scroll.setFixedHeight(min(max(rows, 1), 4) * look.px(106) - 14)
        self._scroll.setFixedWidth(columns * look.px(304) + (columns - 1) * 14 + (12 if rows > 4 else 0))
        line = drafts_line(state.people)
        self._drafts.set_text(line)
        self._drafts.setVisible(bool(line))
        self._show(state)

    def _show(self, state: SignInState) -> None:
        self._state = state
        person = state.person
        for card in self._cards:
            card.setChecked(card.place == state.chosen)
            card.update()
        if state.chosen is not None and self._cards:
            self._scroll.ensureWidgetVisible(self._cards[state.chosen])
        tone = "neutral" if state.chosen is None else tone_of(state.chosen)
        self._avatar.set_person(person.name[:1] if person else "？", tone, name=person.name if person else "")
        self._name.setText(person.name if person else _("先选人"))
        self._hint.setText(state.error or self._prompt(state))
        self._hint.set_tone("red" if state.error else "text2")
        active = person is not None and not state.busy and not person.locked_for
        self._dots.show_typed(len(state.pin), active=active)
        self._forgot.setEnabled(not state.busy and bool(state.people))

    @staticmethod
    def _prompt(state: SignInState) -> str:
        if state.busy:
            return _("正在打开…")
        if state.person is None:
            return _("按数字键，或点左边的人")
        return _("输入 6 位 PIN，输满自动进入")

    def _on_tick(self) -> None:
        local = clock.to_local(clock.now())
        self._time.setText(f"{local:%H:%M}")
        self._date.setText(f"{day_text(local)} {weekday_text(local)}")
        line = self._offline_words()
        self._offline.set_text(line)
        self._offline.setVisible(bool(line))
        person = self._state.person
        if person is not None and person.locked_for:
            self.reload(person.entry_id)

    def _offline_words(self) -> str:
        sync = self._door.sync
        if sync is None:  # always so at the start: nobody has signed in yet
            return ""
        from app.ui.sync_badge import offline_line

        return offline_line(sync.summary())

    # Acting

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, Backspace, Esc, Tab and arrows."""
        digit = digit_of(event.text())
        key = event.key()
        if digit is not None:
            self.take_digit(digit)
        elif key == Qt.Key.Key_Backspace:
            self._on_back()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete):
            self._on_clear()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._show(self._state.step(1))
        elif key in (Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._show(self._state.step(-1))
        elif key == Qt.Key.Key_F1:
            self.help_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab for changing the person while the PIN card is in front."""
        return self._sides.currentIndex() != 0 and super().focusNextPrevChild(forward)

    def take_digit(self, digit: str) -> None:
        """Take one digit; the sixth of the PIN tries it."""
        if self._sides.currentIndex() != 0:
            return
        self._show(self._state.digit(digit))
        if self._state.complete and not self._state.busy:
            self._try()

    def _try(self) -> None:
        person = self._state.person
        if person is None:
            return
        pin = self._state.pin
        self._show(self._state.trying())
        self._door.runner.db(partial(self._door.sign_in, person.entry_id, pin), self._on_opened, self._on_refused)

    def _on_opened(self, actor: object) -> None:
        self._show(SignInState(self._state.people))
        self.signed_in.emit(actor)

    def _on_refused(self, error: AppError) -> None:
        sentence = error.text or as_trouble(error).text
        self._show_people(self._state.refused(sentence, self._door.people()))
        announce(self, sentence)

    def _on_card_clicked(self, place: int) -> None:
        self._show(self._state.choose(place))
        self.setFocus()

    def _on_clear(self) -> None:
        self._show(self._state.clear())

    def _on_back(self) -> None:
        self._show(self._state.back())

    def _on_forgot_clicked(self) -> None:
        from app.ui.sign_in.forgot import ForgotPin  # rarely needed: the start does without

        page = ForgotPin(self._door, self._state.person)
        page.done.connect(self._on_reset)
        page.left.connect(self._leave_forgot)
        self._sides.addWidget(page)
        self._sides.setCurrentWidget(page)
        page.focus_first()

    def _on_reset(self, entry_id: str) -> None:
        self._leave_forgot()
        self.reload(entry_id)
        self._hint.setText(_("PIN 已换好，请用新的登录。"))

    def _leave_forgot(self) -> None:
        page = self._sides.currentWidget()
        if page is not None and self._sides.currentIndex() != 0:
            self._sides.removeWidget(page)
            page.deleteLater()
        self._sides.setCurrentIndex(0)
        self.setFocus()
