"""职业指导 and 讲政策: what was said to a person at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services.guidance import edit_guidance, record_guidance
from app.services.policy_intros import edit_intro, record_intro
from app.texts import _
from app.ui.field_work import state
from app.ui.field_work.entry_page import EntryPage
from app.ui.field_work.loading import FieldFacts
from app.ui.forms import ChoiceField, DateField, LongTextField, MultiChoiceField, NumberField, RadioField, TextField
from app.ui.resident_file.form_page import answer, choices, truth, yes_no

if TYPE_CHECKING:
    from app.ui.context import UiContext

ONE_TO_ONE, FACE_TO_FACE = "1", "1"


def satisfaction() -> list[tuple[str, str]]:
    """Return the five answers, by digit."""
    words = (_("很不满意"), _("不满意"), _("一般"), _("满意"), _("很满意"))
    return [(str(n), word) for n, word in enumerate(words, start=1)]


class GuidancePage(EntryPage):
    """职业指导: problem, advice, a small plan."""

    kind, moment_name = state.GUIDANCE, "guided_at"

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("职业指导"), _("改职业指导记录"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        length = NumberField(_("时长（分钟）"), name="duration_min", required=True, low=10, high=240)
        self.add_moment(_("指导日期"), length)
        self.counsellor = ChoiceField(_("指导师"), (), name="counsellor_id", required=True, show_code=False)
        grid.add(self.counsellor)
        grid.add(RadioField(_("指导形式"), choices("GUIDE_FORM"), name="form", required=True), span=2)
        grid.add(MultiChoiceField(_("指导内容"), choices("GUIDE_TOPIC"), name="topics", required=True), span=3)
        grid.add(LongTextField(_("主要问题"), name="problem", rows=2, required=True), span=3)
        grid.add(LongTextField(_("指导意见"), name="advice", rows=2, required=True), span=3)
        for n in range(1, state.PLAN_LINES + 1):
            grid.add(TextField(_("就业计划 {n}", n=n), name=f"plan{n}", max_length=100), span=2)
            grid.add(DateField(_("什么时候前"), name=f"plan{n}_by", prefer="future"))
        grid.add(TextField(_("职业测评"), name="assessment_tool", max_length=60))
        grid.add(TextField(_("测评结果"), name="assessment_result", max_length=200), span=2)
        grid.add(DateField(_("下次日期"), name="next_on", prefer="future"))
        grid.add(RadioField(_("满意度"), satisfaction(), name="satisfaction"), span=2)
        grid.add(RadioField(_("本人签字"), yes_no(), name="signed"))

    def offer(self, facts: FieldFacts) -> None:
        """Offer the staff as counsellors."""
        self.counsellor.set_items(facts.staff)

    def first_values(self, facts: FieldFacts) -> dict[str, Any]:
        """Begin with half an hour by whoever is signed in."""
        return {"counsellor_id": self._context.actor.staff_id, "form": ONE_TO_ONE, "duration_min": 30}

    def known_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Show the record as it stands."""
        marks = {"signed": answer(record["signed"]), "satisfaction": _digit(record["satisfaction"])}
        return {**record, **state.plan_lines(record["plan_items"]), **marks}

    def follow(self, name: str) -> None:
        """Ask, where there is a result, which assessment it is of."""
        super().follow(name)
        self.grid.field("assessment_tool").set_required(not self.grid.field("assessment_result").is_empty())
        self.show_hint(None)

    def save(self) -> None:
        """Hand the guidance over."""
        values = self.entered()
        kept = list((self.facts.record or {}).get("plan_items") or ())[state.PLAN_LINES :]
        values["plan_items"] = [*state.plan_of(values), *kept]
        for n in range(1, state.PLAN_LINES + 1):
            del values[f"plan{n}"], values[f"plan{n}_by"]
        values["signed"] = truth(values["signed"])
        values["satisfaction"] = int(values["satisfaction"]) if values["satisfaction"] else None
        self.write(record_guidance, edit_guidance, values)


class PolicyPage(EntryPage):
    """讲政策: which cards, how, understood or not; the card chosen last can be read out."""

    kind, moment_name = state.INTRO, "told_at"

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("讲政策"), _("改政策宣介记录"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        self.policies = MultiChoiceField(_("讲了哪些"), (), name="policies", required=True)
        grid.add(self.policies, span=3)
        grid.add(RadioField(_("宣介方式"), choices("INTRO_WAY"), name="way", required=True), span=2)
        self.teller = ChoiceField(_("谁讲的"), (), name="told_by", required=True, show_code=False)
        grid.add(self.teller)
        grid.add(RadioField(_("听明白了"), yes_no(), name="understood", required=True))
        grid.add(RadioField(_("想申请"), yes_no(), name="interested", required=True))
        grid.add(DateField(_("哪天再联系"), name="next_on", prefer="future"))
        self.add_moment(_("宣介日期"))
        grid.add(TextField(_("备注"), name="note", max_length=200), span=3)

    def offer(self, facts: FieldFacts) -> None:
        """Offer the cards in force and the staff."""
        given = list(facts.record["policies"]) if facts.record is not None else []
        self.policies.set_choices(state.card_choices(facts, given))
        self.teller.set_items(facts.staff)

    def first_values(self, facts: FieldFacts) -> dict[str, Any]:
        """Begin face to face with whoever is signed in."""
        return {"told_by": self._context.actor.staff_id, "way": FACE_TO_FACE}

    def known_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Show the record as it stands."""
        said = {name: answer(record[name]) for name in ("understood", "interested")}
        return {**record, **said}

    def follow(self, name: str) -> None:
        """Show what the chosen card says."""
        super().follow(name)
        self.show_hint(state.card_hint(self.facts, self.policies.value()))

    def save(self) -> None:
        """Hand the policy introduction over."""
        values = self.entered()
        for name in ("understood", "interested"):
            values[name] = truth(values[name])
        self.write(record_intro, edit_intro, values)


def _digit(value: int | None) -> str | None:
    return None if value is None else str(value)
