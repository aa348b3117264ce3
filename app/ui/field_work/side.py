"""The panel beside the forms: how far her service package is, what was done before."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app import clock
from app.texts import _
from app.ui import theme
from app.ui.field_work import state
from app.ui.field_work.loading import FieldFacts, PastLine
from app.ui.resident_file.side import ActionLine, ProgressLines
from app.ui.resident_file.state import Action, package_name, package_progress
from app.ui.widgets import Hairline, Scroller, SectionTitle, Text

_ICONS = {code: icon for code, _words, icon in state.FORMS}
_SHOWN = 25


class FieldPanel(Scroller):
    """``record_requested`` carries kind and id of what is to be looked at or corrected; ``file_requested``: back."""

    record_requested = Signal(str, str)
    file_requested = Signal()

    def __init__(self) -> None:
        super().__init__(spacing=theme.SPACE[1])
        self.lines: list[ActionLine] = []

    def set_facts(self, facts: FieldFacts) -> None:
        """Show another person's panel."""
        self.clear()
        self.lines = []
        resident = facts.view.file.resident
        name = Text(resident.name, "page", wrap=True)
        self.body.addWidget(name)
        back = ActionLine(Action("file", _("回到档案"), "user-round", "Esc"))
        back.clicked.connect(self.file_requested)
        self.body.addWidget(back)
        self.body.addWidget(Hairline())
        title = SectionTitle(_("服务进度"), role="strong")
        title.add(Text(_("“{name}” 服务包", name=package_name(facts.view)), "secondary", "text2"))
        progress = ProgressLines()
        progress.set_lines(package_progress(facts.view))
        for widget in (title, progress, Hairline(), SectionTitle(_("以前记过的"), role="strong")):
            self.body.addWidget(widget)
        if not facts.past:
            self.body.addWidget(Text(_("还没有走访、回访和指导的记录。"), "secondary", "text2", wrap=True))
        for past in facts.past:
            self._add(past)
        self.body.addStretch(1)

    def _add(self, past: PastLine) -> None:
        day = f"{clock.to_local(past.happened_at):%m-%d}"
        short = state.shortened(past.text, _SHOWN)
        line = ActionLine(Action(f"{past.kind}:{past.record_id}", f"{day}  {short}", _ICONS[past.kind]))
        line.setToolTip(past.text)
        line.clicked.connect(self._on_line)
        self.lines.append(line)
        self.body.addWidget(line)

    def _on_line(self) -> None:
        line = self.sender()
        if isinstance(line, ActionLine):
            kind, _colon, record_id = line.action.name.partition(":")
            self.record_requested.emit(kind, record_id)
