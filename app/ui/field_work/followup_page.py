"""回访: what is followed up, whether she was reached, how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services.followups import edit_followup, record_followup
from app.texts import _
from app.ui.field_work import state
from app.ui.field_work.entry_page import EntryPage
from app.ui.field_work.loading import FieldFacts
from app.ui.field_work.talk_pages import satisfaction
from app.ui.forms import ChoiceField, DateField, MultiChoiceField, RadioField, TextField
from app.ui.resident_file.form_page import choices, yes_no

if TYPE_CHECKING:
    from app.ui.context import UiContext

BY_PHONE = "1"
_TRUTHS = ("still_employed", "contract_signed", "si_paid", "wage_paid_ok")
_CONDITIONAL = (*_TRUTHS, "left_on", "left_why", "result", "satisfaction", "needs")


class FollowupPage(EntryPage):
    """One try to follow somebody up; a try that reached nobody is kept and counted."""

    kind, moment_name = state.FOLLOWUP, "done_at"
    origin_id = ""

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("记回访"), _("改回访记录"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        self.origin = ChoiceField(_("回访哪件事"), (), name="origin", required=True, show_code=False)
        grid.add(self.origin, span=2)
        grid.add(DateField(_("到期日"), name="due_on", required=True))
        self.add_moment(_("回访日期"), RadioField(_("联系上了"), yes_no(), name="reached", required=True))
        grid.add(RadioField(_("回访方式"), choices("FU_WAY"), name="way", required=True), span=2)
        grid.add(RadioField(_("还在岗"), yes_no(), name="still_employed"))
        unsure = [*yes_no(), (state.UNKNOWN, _("不清楚"))]
        grid.add(RadioField(_("签了合同"), unsure, name="contract_signed"))
        grid.add(RadioField(_("缴了社保"), unsure, name="si_paid"))
        grid.add(RadioField(_("工资按时发"), unsure, name="wage_paid_ok"))
        grid.add(DateField(_("离岗日期"), name="left_on", prefer="past"))
        grid.add(TextField(_("为什么离岗"), name="left_why", max_length=100), span=2)
        grid.add(TextField(_("困难或情况"), name="difficulty", max_length=200), span=2)
        grid.add(ChoiceField(_("回访结果"), choices("FU_RESULT"), name="result"))
        grid.add(DateField(_("下次回访"), name="next_on", prefer="future"))
        grid.add(RadioField(_("满意度"), satisfaction(), name="satisfaction"), span=2)
        grid.add(MultiChoiceField(_("新的需求"), choices("NEED"), name="needs"), span=3)

    def draft_name(self) -> str:
        """Keep a draft for each thing that is followed up."""
        return f"{super().draft_name()}.{self.origin_id[-12:]}" if self.origin_id else super().draft_name()

    def offer(self, facts: FieldFacts) -> None:
        """Offer what may be followed up, what is due first; a correction keeps what it belongs to."""
        self.origin.set_items(state.origin_choices(facts))
        for name in ("origin", "due_on"):
            self.grid.field(name).set_derived(facts.record is not None)

    def first_values(self, facts: FieldFacts) -> dict[str, Any]:
        """Begin with what is due, by phone."""
        origin = state.first_origin(facts, self.origin_id)
        due_on = origin.due.due_on if origin is not None and origin.due is not None else facts.today
        return {"origin": origin.key if origin is not None else None, "due_on": due_on, "way": BY_PHONE}

    def known_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Show the record as it stands."""
        asked = record["still_employed"] is True
        said = {name: state.answer(record[name], asked=asked) for name in _TRUTHS[1:]}
        said["still_employed"] = state.answer(record["still_employed"], asked=False)
        said["reached"] = state.answer(record["reached"])
        satisfied = record["satisfaction"]
        said["satisfaction"] = None if satisfied is None else str(satisfied)
        return {**record, **said, "origin": f"{record['origin_kind']}:{record['origin_id']}"}

    def follow(self, name: str) -> None:
        """Ask for what the answers so far ask for; the due day follows from what is followed up."""
        super().follow(name)
        values = self.grid.values()
        origin = state.origin_named(self.facts, values["origin"])
        if name == "origin" and origin is not None:
            self.grid.field("due_on").set_value(origin.due.due_on if origin.due is not None else self.facts.today)
        asked = state.followup_asks(self.facts, values)
        for each in _CONDITIONAL:
            self.show_field(each, each in asked.shown, required=each in asked.required)
        self.show_hint(state.due_hint(self.facts, origin, values["reached"]) if not self.record_id else None)

    def save(self) -> None:
        """Hand the try over."""
        values = self.entered()
        values["origin_kind"], _colon, values["origin_id"] = str(values.pop("origin")).partition(":")
        for name in _TRUTHS:
            values[name] = state.truth(values[name])
        values["reached"] = values["reached"] == state.YES
        values["needs"] = values["needs"] or []
        values["satisfaction"] = int(values["satisfaction"]) if values["satisfaction"] else None
        self.write(record_followup, edit_followup, values)
