"""The outcome form: what the reply stub says, by digit."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import clock
from app.errors import InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.fields.base import Field
from app.ui.fields.choice import ChoiceField, RadioField
from app.ui.fields.lines import DateField, MoneyField, NumberField, TextField
from app.ui.forms import FormGrid
from app.ui.referrals import state
from app.ui.referrals.state import NO, YES, OutcomeView
from app.ui.widgets import Button, Text, part


class MonthField(TextField):
    """A month: 202612, 12 and 2026-12 are months, shown as yyyy-MM."""

    def value(self) -> str | None:
        try:
            return state.month_of(self.line.text(), clock.today())
        except (ValueError, IndexError):
            return None

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        try:
            month = state.month_of(self.line.text(), clock.today())
        except (ValueError, IndexError):
            return _("没有这个月。可以写 202612，或今年的 12")
        self.line.setText(month or "")
        return None


class OutcomeForm(QWidget):
    """Enter, in the order of the stub: result, how it came, then what this result asks for."""

    save_requested = Signal(dict)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: OutcomeView | None = None
        self.form = FormGrid()
        self._make_fields()
        self.title, self.about = Text("", "page"), Text("", "body", "text2", wrap=True)
        self.save, self.close_button = Button(_("登记回执"), "filled", "F9", "check"), Button(_("先放一放"), key="Esc")
        self.save.clicked.connect(self.submit)
        self.close_button.clicked.connect(self.closed)
        self.form.set_main_button(self.save)
        self.form.value_changed.connect(self._on_value_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(theme.SPACE[2])
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        head.addWidget(self.save)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addWidget(self._scrolled(), 1)

    def _scrolled(self) -> QScrollArea:
        ground = part(QWidget(), "transparent")
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.addWidget(self.form)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(ground)
        return scroll

    def _make_fields(self) -> None:
        add, pick = self.form.add, state.choices
        add(RadioField(_("结果"), pick("REF_OUTCOME"), name="outcome", required=True, hint=_("按数字选")), span=3)
        add(RadioField(_("怎么知道的"), pick("REPLY_WAY"), name="reply_way", required=True), span=2)
        add(TextField(_("单位谁说的"), name="reply_by", max_length=50))
        reason = ChoiceField(_("为什么没录用"), pick("REF_FAIL"), name="outcome_reason", hint=_("代码或拼音首字母"))
        add(reason, span=3)
        add(DateField(_("上岗日期"), name="onboard_date", hint=_("1124 就是今年 11 月 24 日")))
        add(ChoiceField(_("合同类型"), pick("CONTRACT"), name="contract_type", hint=_("代码或拼音首字母")))
        add(NumberField(_("合同几个月"), name="contract_months", low=1, high=600))
        add(MoneyField(_("月工资（元）"), name="wage_agreed"))
        add(RadioField(_("参保了吗"), [(YES, _("参保")), (NO, _("没参保"))], name="insured"))
        add(MonthField(_("从哪个月参保"), name="si_from", hint="202612"))
        add(DateField(_("试岗到哪天"), name="trial_until", prefer="future"))

    def show_view(self, view: OutcomeView) -> None:
        """Show another referral, with what was entered of it before."""
        self.view = view
        line = view.line
        self.title.setText(_("推荐信 {no} 的回执", no=line.slip_no[-4:]))
        words = _("{name}　{employer}　{title}　{issued} 开，有效至 {until}", name=line.resident_name,
                  employer=line.employer_name, title=line.vacancy_title,
                  issued=state.day_words(clock.to_local(line.issued_at).date()),
                  until=state.day_words(line.valid_until))  # fmt: skip
        self.about.setText(words)
        for field in self.form.fields():
            field.set_value(view.values.get(field.name))
            field.set_error(None)
        if not view.values.get("reply_way"):
            self.form.field("reply_way").set_value("1")
        self._arrange()
        self.focus_first()

    def focus_first(self) -> None:
        """Put the keyboard on the result."""
        self.form.focus_field("outcome")

    def _insured(self) -> bool:
        return bool(self.form.field("insured").value() == YES)

    def _outcome(self) -> str | None:
        value: str | None = self.form.field("outcome").value()
        return value

    def _arrange(self) -> None:
        """Show the fields that this outcome asks for, and star those that must be filled."""
        shown = state.fields_for(self._outcome(), insured=self._insured())
        needed = state.required_for(self._outcome(), insured=self._insured())
        for field in self.form.fields():
            field.setVisible(field.name in shown)
            field.set_required(field.name in needed)

    def _on_value_changed(self, name: str) -> None:
        if name in ("outcome", "insured"):
            self._arrange()

    def submit(self) -> None:
        """Check, and ask for it to be saved; what is missing is said at its field."""
        shown: list[Field] = [field for field in self.form.fields() if not field.isHidden()]
        wrong = [field for field in shown if not field.validate()]
        gaps = [field for field in shown if field.is_required and field.is_empty()]
        if gaps:
            self.form.set_errors({field.name: state.missing_words(field.name) for field in gaps})
        elif wrong:
            self.form.focus_field(wrong[0].name)
        else:
            self.save_requested.emit(self.collected())

    def collected(self) -> dict[str, Any]:
        """Return what is saved."""
        return state.collected(self.form.values(), state.fields_for(self._outcome(), insured=self._insured()))

    def show_errors(self, error: InvalidInputError) -> bool:
        """Show the service's sentences at their fields; False where none of them is on this form."""
        known = {name: words for name, words in error.fields.items() if name in self.form.values()}
        self.form.set_errors(known)
        return bool(known)
