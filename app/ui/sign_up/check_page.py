"""One person and one class: each rule explained, what she has to be told, her category; then signing up."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.errors import InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.forms import ChoiceField, FormGrid, TextField
from app.ui.sign_up import state
from app.ui.sign_up.parts import FindingLine, ToldLine
from app.ui.sign_up.state import CheckView
from app.ui.widgets import Avatar, Card, Chip, IconLabel, Scroller, SectionTitle, Text


class _Column(QWidget):
    """A column whose widgets come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.SPACE[1])

    def clear(self) -> None:
        """Take everything out."""
        while (item := self.body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class CheckPage(QWidget):
    """Shows a check. What was ticked for this pair stays when it is read anew."""

    saving_requested = Signal(str, tuple, str)

    def __init__(self) -> None:
        super().__init__()
        self.view: CheckView | None = None
        self.told: list[ToldLine] = []
        self._build()

    def _build(self) -> None:
        self.avatar, self.title = Avatar("", size=40), Text("", "page", wrap=True)
        self.about = Text("", "secondary", "text2", wrap=True)
        self.result, self.seat = Chip(""), Chip("")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        head.addWidget(self.result, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.seat, 0, Qt.AlignmentFlag.AlignTop)
        self._scroll = Scroller(spacing=theme.SPACE[1])
        self.form = FormGrid(3)
        self.target = ChoiceField(_("补贴人员类别"), state.targets(), name="target", required=True)
        self.target.set_hint(_("按档案猜的，请核对"))
        self.why = TextField(_("本人怎么说"), name="why", max_length=200)
        self.form.add(self.target, span=1)
        self.form.add(self.why, span=2)
        self.error = IconLabel("circle-alert", "", "red", wrap=True)
        holder = QWidget()
        head.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(head)
        self._first, self._rules = _Column(), _Column()
        for widget in (holder, self._first, self.error, self.form, self._rules):
            self._scroll.body.addWidget(widget)  # all of it scrolls: at twice the text nothing is cut off
        self._scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.error.hide()

    # -- showing ------------------------------------------------------------------------------------------------
    def show_view(self, view: CheckView) -> None:
        """Show another check, or the same one read anew."""
        same = self.view is not None and self.view.key == view.key
        ticked = self.ticked() if same else ()
        unchanged = same and self.view is not None and self.view.found == view.found
        self.view = view
        if unchanged:
            return
        if not same:
            self.target.set_value(view.found.eligibility.target)
            self.why.set_value(None)
            self.why.set_error(None)
        self._show_head(view)
        self._first.clear()
        self._rules.clear()
        self._show_blocks(view)
        self._show_told(view, ticked)
        self._show_findings(view)
        self._scroll.verticalScrollBar().setValue(0)
        self.form.setVisible(not state.blocks(view))
        self.why.set_required(any(line.told.asks_why for line in self.told))
        self._say("")

    def _show_head(self, view: CheckView) -> None:
        line = view.line
        self.avatar.set_person(view.person.name[:1], name=view.person.name)
        self.title.setText(_("给{name}报“{title}”", name=view.person.name, title=line.title))
        days = f"{state.day_words(line.start_on)} – {state.day_words(line.end_on)}"
        parts = (view.person.status, days, view.times, line.place, line.class_no)
        self.about.setText("　".join(part for part in parts if part))
        self.result.set_state(*state.result_words(view.found.eligibility))
        self.seat.set_state(*state.seat_chip(view))
        self.seat.setVisible(not state.blocks(view))

    def _show_blocks(self, view: CheckView) -> None:
        for each in state.blocks(view):
            card = Card("red_soft", None, padding=12)
            card.body.addWidget(IconLabel("ban", each.text, "text", icon_tone="red", wrap=True))
            card.setAccessibleName(_("不能报：{why}", why=each.text))
            self._first.body.addWidget(card)

    def _show_told(self, view: CheckView, ticked: tuple[str, ...]) -> None:
        self.told = []
        if state.blocks(view):
            return
        told = state.to_tell(view)
        if not told:
            return
        card = Card("yellow_soft", None, padding=12)
        card.body.addWidget(Text(_("报名前跟本人说清楚"), "strong"))
        for number, each in enumerate(told, start=1):
            line = ToldLine(each, number)
            line.box.setChecked(each.code in ticked)
            line.ticked.connect(self._on_ticked)
            self.told.append(line)
            card.body.addWidget(line)
        self._first.body.addWidget(card)

    def _show_findings(self, view: CheckView) -> None:
        day = view.found.eligibility.checked_on.isoformat()
        self._rules.body.addWidget(SectionTitle(_("资格核验"), _("按 {day} 区里的规则", day=day), role="strong"))
        for finding in view.found.eligibility.findings:
            self._rules.body.addWidget(FindingLine(finding))

    def focus_first(self) -> None:
        """Put the keyboard on what comes first: something to tell, else her category."""
        if self.told:
            self.told[0].box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not self.form.isHidden():
            self.form.focus_field("target")
        else:
            self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def ticked(self) -> tuple[str, ...]:
        """Return the codes of what she was told."""
        return tuple(line.told.code for line in self.told if line.box.isChecked())

    # -- doing --------------------------------------------------------------------------------------------------
    def submit(self) -> None:
        """Ask for it to be saved; what is missing is said and gets the keyboard."""
        view = self.view
        if view is None or state.blocks(view):
            return
        why = self.why.value()
        words, where = state.missing_words([line.told for line in self.told], self.ticked(), why)
        if where == "tick":
            self._say(words)
            next(line for line in self.told if not line.box.isChecked()).box.setFocus()
        elif where == "why":
            self._say("")
            self.form.set_errors({"why": words})
        elif not self.target.validate() or not self.target.value():
            self.form.set_errors({"target": self.target.error() or _("要选人员类别")})
        else:
            self._say("")
            self.saving_requested.emit(self.target.value(), self.ticked(), why or "")

    def show_errors(self, error: InvalidInputError) -> bool:
        """Show the service's sentences at their fields; False where none of them is on this page."""
        known = {name: words for name, words in error.fields.items() if name in ("target", "why")}
        self.form.set_errors(known)
        return bool(known)

    def _say(self, words: str) -> None:
        self.error.set_text(words)
        self.error.setVisible(bool(words))

    def _on_ticked(self) -> None:
        self._say("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.text()
        window = self.window()
        typing = isinstance(window.focusWidget(), QLineEdit)
        if digit.isdigit() and not typing and 1 <= int(digit) <= len(self.told):
            box = self.told[int(digit) - 1].box
            box.toggle()
            box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not typing:
            self.focusNextChild()
        else:
            super().keyPressEvent(event)
