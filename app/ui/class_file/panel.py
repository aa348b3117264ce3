"""The right side of a class's file: what comes next, what is missing, the calendar, the other acts."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.class_file import state
from app.ui.class_file.acts import ActState, acts_of, sentence_for
from app.ui.class_file.state import ClassView
from app.ui.questions import AskCard, ReasonCard
from app.ui.rights import Rights
from app.ui.training.month_grid import MonthGrid
from app.ui.training.steps import Step, step_of
from app.ui.widgets import Button, FlowLayout, IconLabel, Scroller, SectionTitle

_SAME = {"enrol": "sign_up", "open": "open", "publish": "publish", "roll_call": "roll_call", "graduate": "graduate"}
"""Step act → the act button that would say the same."""


class ClassSide(QWidget):
    """Next step and acts. ``act_requested`` carries an act's name, ``main_requested`` comes from the filled button."""

    act_requested = Signal(str)
    main_requested = Signal()

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self.step = Step("")
        self.buttons: dict[str, Button] = {}
        self._scroll = Scroller(spacing=theme.SPACE[1])
        self.grid = MonthGrid()
        self._acts = QWidget()
        self._flow = FlowLayout(self._acts, spacing=6)
        self.main = Button("", "filled", "F9", height=theme.HEIGHT["main"])
        self.main.clicked.connect(self.main_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        column.addWidget(self._acts)
        column.addWidget(self.main)
        self.main.hide()

    def show_view(self, view: ClassView) -> None:
        """Show another class, or the same one anew; a question under way stays."""
        self.step = step_of(view.line, self._rights, untold=len(view.untold))
        place = self._scroll.verticalScrollBar().value()
        body = self._scroll.body
        kept = self._scroll.asking
        for widget in (kept, self.grid):
            if widget is not None:
                body.removeWidget(widget)
        self._scroll.clear()
        if kept is not None:
            body.addWidget(kept)
            self._scroll.asking = kept
        body.addWidget(SectionTitle(_("下一步")))
        body.addWidget(IconLabel(self.step.icon, self.step.text, self.step.tone, wrap=True))
        for check in state.checks_of(view):
            icon, tone = ("circle-check", "text2") if check.done else ("circle-alert", "orange")
            body.addWidget(IconLabel(icon, check.text, tone, role="secondary", wrap=True))
        told = sentence_for(view.line, self._rights)
        if told:
            body.addWidget(IconLabel("info", told, "text2", role="secondary", wrap=True))
        acts = acts_of(view.line, self._rights)
        for act in acts:
            if act.why:
                body.addWidget(IconLabel("lock", act.why, "text2", role="secondary", wrap=True))
        body.addSpacing(theme.SPACE[1])
        self.grid.set_marks(state.calendar_marks(view), state.shown_months(view))
        body.addWidget(self.grid)
        body.addStretch(1)
        self._scroll.verticalScrollBar().setValue(place)
        self._show_acts(acts)
        self.set_main(self.step.label, self.step.icon)

    def set_main(self, label: str, icon: str = "check") -> None:
        """Say what the filled button does; without words it is not there."""
        self.main.setVisible(bool(label))
        if label:
            self.main.set_label(label, icon=icon)

    def _show_acts(self, acts: tuple[ActState, ...]) -> None:
        for button in self.buttons.values():
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for act in acts:
            if _SAME.get(self.step.act) == act.name:
                continue
            button = Button(act.label, "outline", act.key, act.icon, height=32)
            button.setEnabled(not act.why)
            button.setToolTip(act.why)
            button.clicked.connect(partial(self.act_requested.emit, act.name))
            self._flow.addWidget(button)
            button.show()
            self.buttons[act.name] = button

    # -- asking -------------------------------------------------------------------------------------------------
    @property
    def asking(self) -> AskCard | None:
        """Return the question under way."""
        return self._scroll.asking

    def ask(self, card: ReasonCard) -> None:
        """Put a question at the top, and the keyboard on it."""
        self._scroll.ask(card)

    def drop_question(self) -> None:
        """Take the question away."""
        self._scroll.drop_question()
