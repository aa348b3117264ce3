"""失业登记 and 注销失业登记: finished on the spot; cancelled only by a person, on a ground of article 66."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.services.registrations import deregister_unemployment, register_unemployment
from app.texts import _
from app.ui.dialogs import ask_irrevocably
from app.ui.forms import ChoiceField, DateField, MoneyField, NumberField, RadioField, TextField
from app.ui.resident_file.form_page import FormPage, answer, choices, truth, yes_no
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.unemployment_state import (
    benefit_hint,
    dereg_hint,
    following_status,
    involuntary_of,
    last_contact_on,
    needs_employer,
    needs_pledge,
)

if TYPE_CHECKING:
    from app.ui.context import UiContext


class UnemploymentPage(FormPage):
    """失业登记: finished on the spot, with a proof or with a signed pledge."""

    form_name = "unemp_reg"

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("失业登记"), _("登记失业"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        grid.add(DateField(_("失业日期"), name="unemp_date", required=True, prefer="past"))
        grid.add(DateField(_("登记日期"), name="reg_date", required=True, prefer="past"))
        grid.add(NumberField(_("累计缴费月数"), name="si_months", low=0, high=720, hint=_("失业保险")))
        basis = choices("REG_PLACE_BASIS")
        grid.add(RadioField(_("登记地依据"), basis, name="reg_place_basis", required=True), span=2)
        grid.add(MoneyField(_("失业前月工资"), name="last_wage", hint=_("元")))
        grid.add(ChoiceField(_("人员类别"), choices("UNEMP_SCOPE"), name="reg_scope", required=True), span=2)
        grid.add(ChoiceField(_("失业原因"), choices("UNEMP_REASON"), name="unemp_reason", required=True))
        grid.add(TextField(_("失业前单位"), name="last_employer", max_length=100), span=2)
        grid.add(RadioField(_("不是本人意愿离开"), yes_no(), name="involuntary", required=True))
        proofs = choices("LEAVE_PROOF")
        grid.add(ChoiceField(_("离职证明"), proofs, name="leave_proof_type", hint=_("没有就签承诺书")))
        grid.add(TextField(_("证明编号"), name="leave_proof_no", max_length=40))
        grid.add(RadioField(_("承诺书"), [("1", _("已签")), ("0", _("没签"))], name="pledge_signed"))
        grid.add(RadioField(_("申领失业保险金"), yes_no(), name="apply_benefit"))

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Begin with today and with the place of residence."""
        self.note.setText(
            _("{name}：有劳动能力、想工作、现在没有工作。材料不全，签承诺书当场办结。", name=view.file.resident.name)
        )
        return {"reg_date": view.today, "reg_place_basis": "2"}

    def values(self) -> dict[str, Any]:
        """Return the form's values as the service takes them."""
        values = self.grid.values()
        for name in ("involuntary", "pledge_signed", "apply_benefit"):
            values[name] = truth(values[name])
        values["pledge_signed"] = bool(values["pledge_signed"])
        return values

    def follow(self, name: str) -> None:
        """Derive what the reason says; ask for the pledge where the proof is missing; hint at the benefit."""
        grid = self.grid
        scope, proof = grid.field("reg_scope").value(), grid.field("leave_proof_type").value()
        if name in ("", "unemp_reason"):
            said = involuntary_of(grid.field("unemp_reason").value())
            involuntary = grid.field("involuntary")
            if said is not None:
                involuntary.set_value(answer(said))
            involuntary.set_derived(said is not None, hint=_("由失业原因带出") if said is not None else "")
        if name == "leave_proof_type" and proof == "8":
            grid.field("pledge_signed").set_value("1")
        grid.field("last_employer").set_required(needs_employer(scope))
        grid.field("pledge_signed").set_required(needs_pledge(scope, proof))
        self.hint.set_hint(benefit_hint(self.values()))

    def save(self) -> None:
        """Register."""
        values = self.values()
        if (
            needs_pledge(self.grid.field("reg_scope").value(), values["leave_proof_type"])
            and not values["pledge_signed"]
        ):
            self.grid.set_errors({"pledge_signed": _("没有离职证明的，请本人签承诺书")})
            return
        self.hand_over(partial(register_unemployment, values={**values, "resident_id": self.resident_id}))

    def said(self) -> str:
        """Return what the toast says."""
        name = self._view.file.resident.name if self._view is not None else ""
        return _("已给 {name} 登记失业", name=name)


class DeregistrationPage(FormPage):
    """注销失业登记: a ground of article 66 by code, what it rests on, and the status that follows."""

    form_name = "unemp_dereg"

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("注销失业登记"), _("注销"))

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        grid = self.grid
        grid.add(ChoiceField(_("注销原因"), choices("DEREG"), name="dereg_reason", required=True), span=2)
        grid.add(DateField(_("注销日期"), name="dereg_date", required=True, prefer="past"))
        grid.add(ChoiceField(_("以后的状态"), choices("EMP_STATUS"), name="status", required=True), span=2)
        grid.add(TextField(_("依据"), name="evidence", max_length=200, required=True, hint=_("材料或比对批次")), span=3)

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Begin with today."""
        row = view.file.unemployment
        number, day = (row.rec_no or "", row.reg_date) if row is not None else ("", view.today)
        name = view.file.resident.name
        self.note.setText(
            _("{name}，{no}，{day} 登记。注销以后不能撤销，只能重新登记。", name=name, no=number, day=day)
        )
        return {"dereg_date": view.today}

    def follow(self, name: str) -> None:
        """Suggest the status that follows from the ground."""
        ground = self.grid.field("dereg_reason").value()
        suggested = following_status(ground)
        if name == "dereg_reason" and suggested is not None:
            self.grid.field("status").set_value(suggested)
        if self._view is not None:
            self.hint.set_hint(dereg_hint(ground, self._last_contact(), self._view.rules.gap_months, self._view.today))

    def _last_contact(self) -> date | None:
        view = self._view
        if view is None or view.file.unemployment is None:
            return None
        contact = clock.to_local(view.last_contact_at).date() if view.last_contact_at is not None else None
        return last_contact_on(view.file.unemployment.reg_date, contact)

    def save(self) -> None:
        """Ask once, then cancel the registration."""
        view, values = self._view, self.grid.values()
        if view is None or view.file.unemployment is None or not self._sure(view, values):
            return
        given = {"dereg_date": values["dereg_date"], "dereg_reason": values["dereg_reason"]}
        given["dereg_evidence"] = {"text": values["evidence"]}
        work = partial(
            deregister_unemployment,
            unemp_reg_id=view.file.unemployment.id,
            values=given,
            status=values["status"],
        )
        self.hand_over(work)

    def _sure(self, view: FileView, values: Mapping[str, Any]) -> bool:
        title = _("注销 {name} 的失业登记？", name=view.file.resident.name)
        consequence = _(
            "原因：{ground}。以后的状态：{status}。这一步不能撤销，以后只能重新登记。",
            ground=code_list("DEREG").label(values["dereg_reason"]),
            status=code_list("EMP_STATUS").label(values["status"]),
        )
        return ask_irrevocably(self, title, consequence, [], verb=_("注销")) is not None

    def said(self) -> str:
        """Return what the toast says."""
        name = self._view.file.resident.name if self._view is not None else ""
        return _("已注销 {name} 的失业登记", name=name)
