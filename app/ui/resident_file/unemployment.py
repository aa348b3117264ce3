"""失业登记 and 注销失业登记: two forms that stand in the file's place until they are done or put aside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.models.codes import code_list
from app.services import drafts
from app.services.drafts import KeptDraft
from app.services.registrations import deregister_unemployment, register_unemployment
from app.texts import _
from app.ui import theme
from app.ui.dialogs import ask_irrevocably
from app.ui.forms import ChoiceField, DateField, Field, FormGrid, MoneyField, NumberField, RadioField, TextField
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.unemployment_state import (
    Hint,
    benefit_hint,
    dereg_hint,
    following_status,
    involuntary_of,
    last_contact_on,
    needs_employer,
    needs_pledge,
)
from app.ui.widgets import Button, Card, Text, part

if TYPE_CHECKING:
    from app.ui.context import UiContext

KEEP_AFTER_MS = 2_000


def yes_no() -> list[tuple[str, str]]:
    """Return the two answers, by digit."""
    return [("1", _("是")), ("0", _("否"))]


def truth(value: Any) -> bool | None:
    """Return what a yes-or-no field says."""
    return None if value in (None, "") else value == "1"


def answer(value: bool | None) -> str | None:
    """Return the code of a truth for a yes-or-no field."""
    return None if value is None else "1" if value else "0"


def choices(list_id: str) -> list[tuple[str, str]]:
    """Return what a code list offers today."""
    return [(item.code, item.label) for item in code_list(list_id).choices()]


class HintCard(Card):
    """A hint beside the form; it says so."""

    def __init__(self) -> None:
        super().__init__("sunken", None, radius=theme.RADIUS["card"], padding=14)
        self.body.setSpacing(2)
        self.title, self.text = Text("", "strong"), Text("", "secondary", "text2", wrap=True)
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)

    def set_hint(self, hint: Hint) -> None:
        """Show another hint."""
        ink, paper, _fill = theme.TONES[hint.tone]
        self.set_look("sunken" if hint.tone == "neutral" else paper)
        self.title.set_tone("text" if hint.tone == "neutral" else ink)
        self.title.setText(hint.title)
        self.text.setText(hint.text)
        self.setAccessibleName(f"{hint.title}，{hint.text}")


class FormPage(QWidget):
    """A form over the file: title, fields, a hint, the main button; what was typed is kept through a crash.

    ``done`` carries what to say; ``closed`` when it is put aside.
    """

    done = Signal(str)
    closed = Signal()
    form_name = ""

    def __init__(self, context: UiContext, title: str, verb: str) -> None:
        super().__init__()
        self._context, self._verb = context, verb
        self._view: FileView | None = None
        self._touched = False
        self.title, self.note = Text(title, "page"), Text("", "secondary", "text2", wrap=True)
        self.grid, self.hint = FormGrid(), HintCard()
        self.back = Button(_("先放一放"), "text", "Esc")
        self.main = Button(verb, "filled", "F9", height=theme.HEIGHT["main"] - 4)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._build()
        self.fill_grid()
        self.grid.set_main_button(self.main)
        self.grid.value_changed.connect(self._on_value_changed)
        self.grid.field_left.connect(self._on_field_left)
        self.main.clicked.connect(self.submit)
        self.back.clicked.connect(self.put_aside)
        self._timer.timeout.connect(self.keep)

    def _build(self) -> None:
        sheet = part(QWidget(), "transparent")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(0, 4, 8, 4)
        inside.setSpacing(theme.SPACE[3])
        inside.addWidget(self.grid)
        inside.addWidget(self.hint)
        inside.addStretch(1)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll.setWidget(sheet)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.main)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        for widget in (self.title, self.note):
            column.addWidget(widget)
        column.addWidget(self.scroll, 1)
        column.addLayout(foot)

    # What each form says of itself

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        raise NotImplementedError

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Return what the fields hold at first."""
        raise NotImplementedError

    def follow(self, name: str) -> None:
        """Let other fields and the hint follow what changed; an empty name means everything."""
        raise NotImplementedError

    def save(self) -> None:
        """Hand the values to the service."""
        raise NotImplementedError

    # Ways

    @property
    def resident_id(self) -> str:
        """Whose form it is."""
        return self._view.file.resident.id if self._view is not None else ""

    def start(self, view: FileView) -> None:
        """Begin the form for a person, with her own draft where one was kept."""
        self._view, self._touched = view, False
        self._timer.stop()
        for field in self.grid.fields():
            field.set_value(None)
            field.set_error(None)
        self.grid.set_values(self.start_values(view))
        self.follow("")
        self.main.set_busy(None)
        find = partial(drafts.find_draft, staff_id=self._context.actor.staff_id, form=self.form_name)
        self._context.runner.read(partial(find, subject=self.resident_id), self._on_draft)
        self.grid.focus_first()

    def _on_draft(self, kept: KeptDraft | None) -> None:
        if kept is None or kept.subject != self.resident_id or self._touched:
            return
        for name, value in kept.entered.items():
            if name in {field.name for field in self.grid.fields()}:
                self.grid.field(name).set_value(_from_kept(self.grid.field(name), value))
        self._touched = True
        self.follow("")
        self._context.messages.say(_("接着上次没办完的填"))

    def keep(self) -> None:
        """Store what was typed so far."""
        self._timer.stop()
        if not self._touched or not self.resident_id:
            return
        entered = {name: _to_kept(value) for name, value in self.grid.values().items() if value not in (None, "")}
        work = partial(drafts.keep_draft, form=self.form_name, entered=entered, subject=self.resident_id)
        self._context.runner.write(work)

    def put_aside(self) -> None:
        """Leave the form; what was typed stays."""
        self.keep()
        self.closed.emit()

    def submit(self) -> None:
        """Check everything, then save."""
        if self.main.is_busy:
            return
        if not self.grid.validate():
            first = (self.grid.wrong() or self.grid.missing())[0]
            for field in self.grid.missing():
                field.set_error(_("这一栏要填"))
            self.grid.focus_field(first.name)
            return
        self.save()

    def hand_over(self, work: Any) -> None:
        """Run the service; errors go to their fields."""
        self._timer.stop()
        self.main.set_busy(_("正在保存…"))
        self._context.runner.write(work, self._on_saved, self._on_failed)

    def _on_saved(self, _row: object) -> None:
        self.main.set_busy(None)
        self._touched = False
        drop = partial(drafts.drop_draft, form=self.form_name, subject=self.resident_id)
        self._context.runner.write(drop)
        self.done.emit(self.said())

    def said(self) -> str:
        """Return what the toast says."""
        return self._verb

    def _on_failed(self, error: AppError) -> None:
        self.main.set_busy(None)
        if isinstance(error, InvalidInputError):
            self.grid.set_errors(error.fields)
            known = {field.name for field in self.grid.fields()}
            if set(error.fields) <= known:
                return
        self._context.messages.show_error(error)

    def _on_value_changed(self, name: str) -> None:
        self._touched = True
        self._timer.start()
        self.follow(name)

    def _on_field_left(self, name: str) -> None:
        self.follow(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_aside()
        else:
            super().keyPressEvent(event)


def _to_kept(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _from_kept(field: Field, value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(field, DateField) and isinstance(value, str) else value


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
        grid.add(RadioField(_("登记地依据"), choices("REG_PLACE_BASIS"), name="reg_place_basis", required=True))
        grid.add(ChoiceField(_("人员类别"), choices("UNEMP_SCOPE"), name="reg_scope", required=True), span=2)
        grid.add(ChoiceField(_("失业原因"), choices("UNEMP_REASON"), name="unemp_reason", required=True))
        grid.add(TextField(_("失业前单位"), name="last_employer", max_length=100), span=2)
        grid.add(RadioField(_("不是本人意愿离开"), yes_no(), name="involuntary", required=True))
        grid.add(ChoiceField(_("离职证明"), choices("LEAVE_PROOF"), name="leave_proof_type", hint=_("没有就签承诺书")))
        grid.add(TextField(_("证明编号"), name="leave_proof_no", max_length=40))
        signed = [("1", _("已签")), ("0", _("没签"))]
        grid.add(RadioField(_("承诺书"), signed, name="pledge_signed"))
        grid.add(NumberField(_("累计缴费月数"), name="si_months", low=0, high=720, hint=_("失业保险")))
        grid.add(MoneyField(_("失业前月工资"), name="last_wage", hint=_("元")))
        grid.add(RadioField(_("申领失业保险金"), yes_no(), name="apply_benefit"))

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Begin with today and with the place of residence."""
        self.note.setText(_("{name}：有劳动能力、想工作、现在没有工作。材料不全，签承诺书当场办结。", name=view.file.resident.name))
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
        if needs_pledge(self.grid.field("reg_scope").value(), values["leave_proof_type"]) and not values["pledge_signed"]:
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
        self.note.setText(_("{name}，{no}，{day} 登记。注销以后不能撤销，只能重新登记。", name=name, no=number, day=day))
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
