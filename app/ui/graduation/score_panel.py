"""The right panel of the list: one person's hours and scores, her certificates, and the act of the whole class."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.forms import FormGrid, RadioField, TextField
from app.ui.graduation import state
from app.ui.graduation.state import BY_SCORE, FAIL, PASS, GradRow, GradView
from app.ui.questions import AskCard, WhyCard
from app.ui.vacancies.form_page import DecimalField
from app.ui.widgets import Button, Chip, Hairline, IconLabel, Scroller, Text

TOP_SCORE = 100.0


class ScorePanel(QWidget):
    """``score_requested`` carries the values of the person shown; ``main_requested`` is the class's act."""

    score_requested = Signal(dict)
    issue_requested = Signal()
    paper_requested = Signal()
    entry_requested = Signal()
    main_requested = Signal()
    finish_decided = Signal(str)
    left_unsaved = Signal(str)

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__()
        self._roles = roles
        self.row: GradRow | None = None
        self.view: GradView | None = None
        self._typed: dict[str, tuple[str, str]] = {}
        self._build()
        self._connect()
        self.show_row(None, None)

    def _build(self) -> None:
        self.name, self.chip = Text("", "page", wrap=True), Chip("")
        self.hours = IconLabel("clock", "", "text", icon_tone="text2", wrap=True)
        self.reasons = IconLabel("info", "", "orange", role="secondary", wrap=True)
        self.off = IconLabel("lock", "", "text2", role="secondary", wrap=True)
        self.theory = DecimalField(_("理论"), name="theory", high=TOP_SCORE)
        self.practice = DecimalField(_("实操"), name="practice", high=TOP_SCORE)
        results = [(BY_SCORE, _("看分数")), (PASS, _("合格")), (FAIL, _("不合格"))]
        self.result = RadioField(_("结果"), results, name="passed")
        self.note = TextField(_("说明（可以不写）"), name="note", max_length=200)
        self.save = Button(_("登成绩"), "soft", "Enter", "check")
        self.form, self.more = FormGrid(2), FormGrid(1)
        self.form.add(self.theory)
        self.form.add(self.practice)
        self.more.add(self.result)
        self.more.add(self.note)
        for form in (self.form, self.more):
            form.set_main_button(self.save)
        self.issue = Button(_("发结业证明"), icon="graduation-cap", height=32)
        self.paper = Button(_("打印结业证明"), key="Ctrl P", icon="printer", height=32)
        self.enter = Button(_("登记别的证书"), key="Ctrl N", icon="plus", height=32)
        self.why_not = IconLabel("ban", "", "text2", role="secondary", wrap=True)
        self.main = Button("", "filled", "F9", "check", height=theme.HEIGHT["main"])
        self.main_off = IconLabel("info", "", "text2", role="secondary", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        self._scroll = Scroller(spacing=theme.SPACE[1])
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.chip)
        body = self._scroll.body
        holder = QWidget()
        holder.setLayout(head)
        head.setContentsMargins(0, 0, 0, 0)
        for widget in (holder, self.hours, self.reasons, Hairline(), self.off, self.form, self.save, self.more):
            body.addWidget(widget)
        for widget in (Hairline(), self.issue, self.paper, self.enter, self.why_not):
            body.addWidget(widget)
        body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        column.addStretch(0)
        column.addWidget(self.main_off)
        column.addWidget(self.main)

    def _connect(self) -> None:
        self.save.clicked.connect(self.submit)
        self.issue.clicked.connect(self.issue_requested)
        self.paper.clicked.connect(self.paper_requested)
        self.enter.clicked.connect(self.entry_requested)
        self.main.clicked.connect(self.main_requested)

    # -- showing ------------------------------------------------------------------------------------------------
    def show_row(self, row: GradRow | None, view: GradView | None) -> None:
        """Show another person; what is being typed of the same one stays."""
        same = self.row is not None and row is not None and row.line.enrolment_id == self.row.line.enrolment_id
        fresh = not same or self.row is None or row is None or row.line.score != self.row.line.score
        if not same:
            self._keep_typed()
        self.row, self.view = row, view
        words, icon, why = state.main_words(view, self._roles)
        if not self.main.is_busy:
            self.main.set_label(words, icon=icon)
            self.main.setEnabled(not why)
        self.main_off.set_text(why)
        self.main_off.setVisible(bool(why))
        self._scroll.setVisible(row is not None)
        if row is None or view is None:
            return
        self.name.setText(row.line.name)
        self.chip.set_state(state.result_words(row, view), state.result_tone(row, view))
        self.hours.set_text(state.progress_words(row, view.found.percent))
        self.reasons.set_text(state.reason_words(row))
        self.reasons.setVisible(bool(row.line.reasons))
        self._show_scores(row, view, fresh=fresh)
        self._show_certificates(row, view)

    def _show_scores(self, row: GradRow, view: GradView, *, fresh: bool) -> None:
        off = state.why_no_score(row, view, self._roles)
        self.off.set_text(off)
        self.off.setVisible(bool(off))
        for widget in (self.save, self.more):
            widget.setVisible(not off)
        self.form.setVisible(bool(view.scores))
        for field in (self.theory, self.practice):
            field.setVisible(field.name in view.scores)
            field.set_required(field.name in view.scores and not off)
            field.set_derived(bool(off))
        if fresh:
            score = row.line.score
            for field in (self.theory, self.practice):
                field.set_value(getattr(score, field.name) if score is not None else None)
                field.set_error(None)
            self.result.set_value(BY_SCORE)
            self.note.set_value(score.note if score is not None else None)
            typed = self._typed.pop(row.line.enrolment_id, None)
            if typed is not None and not off:
                self.theory.line.setText(typed[0])
                self.practice.line.setText(typed[1])
        hint = _("满分 100，{n} 分及格", n=view.pass_score)
        self.theory.set_hint("" if "practice" in view.scores else hint)
        self.practice.set_hint("")
        self.result.set_hint(hint if "practice" in view.scores else "")

    def _keep_typed(self) -> None:
        """Keep scores that were typed and not saved until the person comes back to that row; say so."""
        row = self.row
        if row is None or not self.may_score:
            return
        texts = (self.theory.line.text().strip(), self.practice.line.text().strip())
        if texts != tuple(state.score_words(row, name) for name in ("theory", "practice")):
            self._typed[row.line.enrolment_id] = texts
            self.left_unsaved.emit(_("{name} 的成绩还没登，回到那一行按“登成绩”。", name=row.line.name))

    def _show_certificates(self, row: GradRow, view: GradView) -> None:
        why, entry = (rule(row, view, self._roles) for rule in (state.why_no_certificate, state.why_no_entry))
        self.issue.setVisible(row.own is None)
        self.issue.setEnabled(not why)
        self.paper.setVisible(row.own is not None)
        self.enter.setEnabled(not entry)
        said = why if row.own is None else _("结业证明 {no}", no=row.own.cert_no)
        others = state.other_words(row)
        icon = "ban" if why and row.own is None else "id-card"
        self.why_not.set_text(_("；").join(part for part in (said, others) if part), icon=icon)
        self.why_not.setVisible(bool(self.why_not.text()))

    # -- scores -------------------------------------------------------------------------------------------------
    @property
    def may_score(self) -> bool:
        """Whether scores may be entered for the person shown."""
        return self.row is not None and not self.save.isHidden()

    def focus_scores(self, typed: str = "") -> None:
        """Go to the first score; ``typed`` is the first digit of it."""
        first = self.theory if not self.theory.isHidden() else self.practice
        first.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        first.line.selectAll()
        if typed:
            first.line.setText(typed)

    def values(self) -> dict[str, Any]:
        """Return what was entered."""
        return state.score_values(
            self.theory.value() if not self.theory.isHidden() else None,
            self.practice.value() if not self.practice.isHidden() else None,
            self.result.value(),
            self.note.value(),
        )

    def submit(self) -> None:
        """Ask for the scores to be saved; what cannot be read is said at its field."""
        if not self.may_score:
            return
        shown = [field for field in (self.theory, self.practice) if not field.isHidden()]
        wrong = [field for field in shown if not field.validate()]
        if wrong:
            wrong[0].line.setFocus()
        else:
            self.score_requested.emit(self.values())

    def show_errors(self, error: InvalidInputError) -> bool:
        """Show the service's sentences at their fields; False where none of them is here."""
        known = {name: words for name, words in error.fields.items() if name in ("theory", "practice")}
        self.form.set_errors(known)
        return bool(known)

    # -- ending the class ---------------------------------------------------------------------------------------
    @property
    def asking(self) -> AskCard | None:
        """Return the question under way."""
        return self._scroll.asking

    def ask_finish(self) -> None:
        """Ask why the class ends in spite of what is open."""
        reasons = [(code, _(words)) for code, words in state.FINISH_REASONS]
        card = WhyCard(_("还有没办完的，为什么照办结业？"), reasons, _("结业"))
        card.decided.connect(self._on_decided)
        self._scroll.ask(card)

    def drop_question(self) -> None:
        """Take the question away."""
        self._scroll.drop_question()

    def _on_decided(self, code: str, own: str) -> None:
        self.drop_question()
        words = dict(state.FINISH_REASONS)[code]  # a record is in Chinese
        self.finish_decided.emit("：".join(part for part in (words, own) if part)[:200])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.asking is not None:
            self.drop_question()
        else:
            super().keyPressEvent(event)
