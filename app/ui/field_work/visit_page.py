"""走访: who went, who was met, what was found, what comes next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from app.services.visits import edit_visit, may_take_status, record_visit
from app.texts import _
from app.ui.field_work import state
from app.ui.field_work.entry_page import EntryPage
from app.ui.field_work.loading import FieldFacts
from app.ui.forms import ChoiceField, DateField, LongTextField, MultiChoiceField, RadioField, TextField
from app.ui.resident_file.form_page import choices

if TYPE_CHECKING:
    from app.ui.context import UiContext

AT_THE_DOOR, WEEKLY = "1", "1"


class VisitPage(EntryPage):
    """One visit to one person, and to those of her household who were there."""

    kind, moment_name = state.VISIT, "visited_at"

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("记走访"), _("改走访记录"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        kind = ChoiceField(_("走访类型"), choices("VISIT_TYPE"), name="visit_type", required=True)
        self.add_moment(_("走访日期"), kind)
        grid.add(ChoiceField(_("走访结果"), choices("VISIT_OUTCOME"), name="outcome", required=True))
        grid.add(RadioField(_("服务方式"), choices("VISIT_WAY"), name="contact_way", required=True), span=2)
        grid.add(ChoiceField(_("现在的就业状态"), choices("EMP_STATUS"), name="emp_status_found"))
        grid.add(RadioField(_("就业意愿"), choices("JOB_WISH"), name="job_wish"), span=2)
        grid.add(RadioField(_("档案里的状态"), [("1", _("也改")), ("0", _("不改"))], name="take_status"))
        self.visitors = MultiChoiceField(_("走访人员"), (), name="visitors", required=True, hint=_("最好两个人"))
        self.also_met = MultiChoiceField(_("同时见到的家里人"), (), name="also_met")
        grid.add(self.visitors, span=3)
        grid.add(self.also_met, span=3)
        grid.add(MultiChoiceField(_("需求"), choices("NEED"), name="needs"), span=2)
        grid.add(TextField(_("需求说明"), name="needs_text", max_length=200))
        self.policies = MultiChoiceField(_("已宣介政策"), (), name="policies")
        grid.add(self.policies, span=3)
        grid.add(MultiChoiceField(_("现场服务"), choices("SERVICE"), name="services"), span=3)
        grid.add(ChoiceField(_("后续动作"), choices("NEXT_ACTION"), name="next_action"))
        grid.add(DateField(_("哪天再办"), name="next_on", prefer="future"))
        grid.add(LongTextField(_("情况记录"), name="narrative", rows=2, hint=_("不写别人的病情")), span=3)

    def offer(self, facts: FieldFacts) -> None:
        """Offer the staff, the household and the cards in force."""
        given = list(facts.record["policies"]) if facts.record is not None else []
        self.visitors.set_choices(facts.staff)
        self.also_met.set_choices(facts.members)
        self.also_met.setVisible(bool(facts.members))
        self.policies.set_choices(state.card_choices(facts, given))

    def first_values(self, facts: FieldFacts) -> dict[str, Any]:
        """Begin with a visit at the door by whoever is signed in."""
        return {
            "visit_type": WEEKLY,
            "contact_way": AT_THE_DOOR,
            "visitors": (self._context.actor.staff_id,),
            "take_status": "0",
        }

    def known_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Show the record as it stands."""
        return record

    def follow(self, name: str) -> None:
        """Ask for what the outcome asks for; compare what was found with the file."""
        super().follow(name)
        outcome = self.grid.field("outcome").value()
        asked = state.visit_asks(outcome)
        for each in ("emp_status_found", "job_wish"):
            self.show_field(each, each in asked.shown, required=each in asked.required)
        for each in ("needs", "next_action", "next_on"):
            self.grid.field(each).set_required(each in asked.required)
        if not self.grid.field("needs_text").is_empty():
            self.grid.field("needs").set_required(False)
        found = self.grid.field("emp_status_found").value() if "emp_status_found" in asked.shown else None
        offers = not self.record_id and may_take_status(self.facts.view.file.resident, found)
        self.show_field("take_status", offers, required=True)
        self.show_hint(state.status_hint(self.facts, found) if not self.record_id else None)

    def save(self) -> None:
        """Hand the visit over."""
        values = self.entered()
        takes = values.pop("take_status") == state.YES
        record = partial(_record_visit, takes)
        self.write(record, edit_visit, values)


def _record_visit(takes: bool, tx: Any, values: dict[str, Any]) -> object:
    return cast(object, record_visit(tx, values, take_status=takes))
