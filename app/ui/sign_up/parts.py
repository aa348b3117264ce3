"""Small parts of signing up: a rule with its verdict, something to tell, a question with reasons by code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.training.eligibility import Finding
from app.texts import _
from app.ui import theme
from app.ui.sign_up import state
from app.ui.sign_up.state import Told
from app.ui.widgets import CheckBox, MarkTile, Text


class FindingLine(QWidget):
    """One rule: its mark and name, what was found, whose rule it is and since when."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        mark, verdict = state.mark_of(finding), state.verdict_words(finding)
        name, source = state.rule_words(finding), state.source_words(finding)
        title = Text(name, "secondary", bold=True)
        title.setFixedWidth(theme.of(self).px(92))
        title.setWordWrap(True)
        tone = {"full": "text", "partly": "yellow", "none": "red"}.get(mark, "orange")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(finding.text, "body", tone, wrap=True))
        if source:
            words.addWidget(Text(source, "caption", "text2", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 3)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(MarkTile(mark, verdict), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setAccessibleName(_("，").join(part for part in (name, verdict, finding.text, source) if part))


class ToldLine(QWidget):
    """Something that she must hear, and the tick that she did."""

    ticked = Signal()

    def __init__(self, told: Told, number: int) -> None:
        super().__init__()
        self.told = told
        digit = f"{number}  " if number <= 9 else ""
        self.box = CheckBox(_("{digit}说了，还要报", digit=digit))
        self.box.setAccessibleName(_("{what}。说了，还要报", what=told.text))
        self.words = Text(told.text, "body", "text", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        self.box.toggled.connect(self.ticked)
