"""The right panel: score and seven parts of the vacancy in hand, each with its reason."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.services.matching import PART_LABELS, PartScore
from app.services.matching.query import Verdict
from app.texts import _
from app.ui import theme
from app.ui.match.columns import MARK_WORDS, score_words
from app.ui.match.offers import ClassOffers
from app.ui.match.state import first_class, fit_of, refer_words, seats_note
from app.ui.widgets import Button, Chip, Hairline, IconLabel, ProgressBarThin, Text, paint, part

_TONES = {"full": "accent", "partly": "yellow", "none": "red", "not_compared": "neutral"}
_INKS = {"full": "text2", "partly": "yellow", "none": "red", "not_compared": "text2"}


class PartLine(QWidget):
    """One part: its name, a bar, its points, and the reason below."""

    def __init__(self, one: PartScore) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE[1])
        grid.setVerticalSpacing(1)
        bar = ProgressBarThin()
        share = one.points / one.weight if one.points is not None and one.weight else 0.0
        label, mark = _(PART_LABELS[one.part]), _(MARK_WORDS[one.mark])
        bar.set_share(share, tone=_TONES[one.mark], name=mark)
        points = f"{one.points:g}" if one.points is not None else "–"
        figures = QHBoxLayout()
        figures.setSpacing(2)
        figures.addStretch(1)
        figures.addWidget(Text(points, "body", bold=True))
        figures.addWidget(Text(f"/ {one.weight:g}", "caption", "text2"), 0, Qt.AlignmentFlag.AlignBottom)
        reason = Text(one.text, "secondary", _INKS[one.mark], wrap=True)
        grid.addWidget(Text(label, "secondary", bold=True), 0, 0)
        grid.addWidget(bar, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addLayout(figures, 0, 2)
        grid.addWidget(reason, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        look = theme.of(self)
        labels = [paint.width_of(look.font("secondary", bold=True), _(words)) for words in PART_LABELS.values()]
        grid.setColumnMinimumWidth(0, round(max(labels)) + 2)
        grid.setColumnMinimumWidth(2, theme.of(self).px(56))
        self.setAccessibleName(f"{label}，{mark}，{points} / {one.weight:g}，{one.text}")


class ReasonsPanel(QWidget):
    """Says of one vacancy why it fits, or what stands against it; the main button at the foot."""

    refer_requested = Signal()
    class_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, may_sign_up: bool = False) -> None:
        super().__init__(parent)
        self.verdict: Verdict | None = None
        self._may_sign_up = may_sign_up
        self._ticked = 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        self.reading = QScrollArea()
        self.reading.setWidgetResizable(True)
        self.reading.setFrameShape(QFrame.Shape.NoFrame)
        self.reading.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.reading.setAccessibleName(_("为什么推荐"))
        self.button = Button(_("开推荐信"), "filled", "F8", "file-text", height=theme.HEIGHT["main"])
        self.button.clicked.connect(self.refer_requested)
        column.addWidget(self.reading, 1)
        column.addWidget(self.button)
        self.show_verdict(None)

    def offered_class(self) -> str:
        """Return the class that Ctrl+T leads to; nothing where none is offered."""
        return first_class(self.verdict) if self._may_sign_up else ""

    def show_ticked(self, ticked: int, *, possible: bool) -> None:
        """Say on the button how many are ticked."""
        self._ticked = ticked
        self.button.set_label(refer_words(ticked))
        self.button.setEnabled(possible)

    def show_verdict(self, verdict: Verdict | None, words: str = "") -> None:
        """Show another vacancy; without one, ``words``."""
        self.verdict = verdict
        body = part(QWidget(), "transparent")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(theme.SPACE[1])
        if verdict is None:
            column.addWidget(Text(words, "body", "text2", wrap=True))
        else:
            self._fill(column, verdict)
        column.addStretch(1)
        self.reading.setWidget(body)

    def _fill(self, column: QVBoxLayout, verdict: Verdict) -> None:
        one = verdict.suggestion
        title = Text(one.title, "page", wrap=True)
        column.addWidget(title)
        employer = QHBoxLayout()
        employer.addWidget(Text(one.employer_name, "secondary", "text2", wrap=True), 1)
        if not one.employer_verified:
            employer.addWidget(Chip(_("待核验"), "yellow"), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(employer)
        column.addLayout(self._score(verdict))
        for against in verdict.against:
            column.addWidget(IconLabel("ban", against.text, "red", role="secondary", wrap=True))
        if verdict.closing:
            offers = ClassOffers(verdict.closing, may_sign_up=self._may_sign_up)
            offers.class_requested.connect(self.class_requested)
            column.addWidget(offers)
        if verdict.against or verdict.closing:
            column.addWidget(Hairline())
        for each in one.parts:
            column.addWidget(PartLine(each))
        if one.boost:
            column.addWidget(Hairline())
            words = _("优先 +{n}，不算在分数里：这个岗位先给本人这类人员", n=f"{one.boost:g}")
            column.addWidget(IconLabel("star", words, "blue", role="secondary", wrap=True))
        column.addWidget(Hairline())
        column.addWidget(IconLabel("hourglass", seats_note(one.remaining), "text2", role="secondary", wrap=True))

    def _score(self, verdict: Verdict) -> QHBoxLayout:
        one, row = verdict.suggestion, QHBoxLayout()
        row.setSpacing(4)
        figure = Text(f"{one.score:.1f}", "figure")
        figure.setAccessibleName(score_words(one))
        row.addWidget(figure)
        row.addWidget(Text(_("分"), "secondary", "text2"), 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        word, tone = (_("没有推荐"), "red") if verdict.against else fit_of(one.score)
        row.addWidget(Chip(word, tone), 0, Qt.AlignmentFlag.AlignVCenter)
        return row
