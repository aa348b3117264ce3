"""The employer form: every field of 用人单位 (domain sheet 2.6), the credit code checked, duplicates told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from app.models.codes import code_list
from app.services.employers import add_employer, edit_employer, find_employer
from app.texts import N_, _
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.forms import ChoiceField, DateField, PhoneField, RadioField, TextField
from app.ui.vacancies import form_rules
from app.ui.vacancies.form_page import RecordForm, add_all
from app.ui.widgets import BannerLine, Button

if TYPE_CHECKING:
    from app.db.database import Transaction

CREDIT = (("", N_("没有")), ("1", N_("失信")), ("2", N_("欠薪")), ("3", N_("黑名单")))


class EmployerForm(RecordForm):
    """Registers or changes an employer."""

    open_requested = Signal(str)
    form_name = "employer"

    def __init__(self, context: UiContext, doer: Doer) -> None:
        self._known = ""
        super().__init__(context, doer)
        self.same = BannerLine("copy", "", "", tone="orange", soft=True)
        button = Button(_("打开那一份"), "soft", height=32)
        button.clicked.connect(self._on_open_known)
        self.same.add(button)
        self.same.hide()
        column = self.layout()
        if column is not None:
            column.insertWidget(1, self.same)  # type: ignore[attr-defined]

    def headline(self, *, new: bool) -> tuple[str, str]:
        if new:
            return _("登记单位"), _("保存后待核验，看过证照再判通过")
        return _("改单位资料"), _("名称或信用代码改了，要重新核验")

    def fill_form(self) -> None:
        self.section(_("单位"))
        code = TextField(
            _("统一社会信用代码"), name="uscc", required=True, max_length=24, check=form_rules.uscc_problem
        )
        self.uscc = code
        add_all(
            self.form,
            (
                (code, 1),
                (TextField(_("单位名称"), name="name", required=True, max_length=100, hint=_("和执照一字不差")), 2),
                (ChoiceField(_("单位类型"), _codes("EMPLOYER_TYPE"), name="employer_kind", required=True), 1),
                (ChoiceField(_("行业"), _codes("GB4754"), name="industry", required=True), 1),
                (ChoiceField(_("单位规模"), _codes("SIZE"), name="size"), 1),
                (TextField(_("法定代表人"), name="legal_rep", required=True, max_length=50), 1),
                (TextField(_("注册地址"), name="reg_addr", required=True), 2),
                (DateField(_("执照有效期至"), name="licence_valid_to", required=True, hint=_("长期写 20991231")), 1),
                (TextField(_("工作地址"), name="work_addr", required=True), 2),
            ),
        )
        self.section(_("联系和经办"))
        self._add_people()
        self.section(_("许可和信用"))
        self._add_credit()

    def _add_people(self) -> None:
        add_all(
            self.form,
            (
                (TextField(_("联系人"), name="contact", required=True, max_length=50), 1),
                (PhoneField(_("电话"), name="phone", required=True), 1),
                (TextField(_("经办人"), name="agent_name", required=True, max_length=50), 1),
                (TextField(_("经办人证件后四位"), name="agent_id_tail", max_length=4, hint=_("不存证件照片")), 1),
                (RadioField(_("经办人证件"), [("1", _("看过了")), ("0", _("还没看"))], name="agent_checked"), 1),
            ),
        )

    def _add_credit(self) -> None:
        yes_no = [("1", _("开了")), ("0", _("没开"))]
        add_all(
            self.form,
            (
                (TextField(_("人力资源服务许可证号"), name="hr_licence_no", max_length=40, hint=_("中介必填")), 1),
                (TextField(_("劳务派遣许可证号"), name="dispatch_licence_no", max_length=40, hint=_("派遣必填")), 1),
                (RadioField(_("社保户"), yes_no, name="si_opened"), 1),
                (RadioField(_("信用"), [(code or "0", _(words)) for code, words in CREDIT], name="credit_flag"), 3),
            ),
        )

    def put_values(self, values: Mapping[str, Any]) -> None:
        shown = dict(values)
        for name in ("agent_checked", "si_opened"):
            if isinstance(shown.get(name), bool):
                shown[name] = "1" if shown[name] else "0"
        shown["credit_flag"] = shown.get("credit_flag") or "0"
        self.form.set_values(shown)
        self.uscc.set_hint(form_rules.uscc_hint(shown.get("uscc")))
        if hasattr(self, "same"):
            self.same.hide()

    def entered(self) -> dict[str, Any]:
        values = super().entered()
        values["agent_checked"] = values["agent_checked"] == "1"
        values["si_opened"] = None if values["si_opened"] is None else values["si_opened"] == "1"
        values["credit_flag"] = None if values["credit_flag"] in (None, "0") else values["credit_flag"]
        return values

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        if self.record_id:
            return edit_employer(tx, self.record_id, values).id
        return add_employer(tx, values).id

    def said(self, values: Mapping[str, Any]) -> str:
        if self.record_id:
            return _("已改“{name}”", name=values["name"])
        return _("已登记“{name}”，待核验", name=values["name"])

    # -- duplicates ---------------------------------------------------------------------------------------------
    def field_done(self, name: str) -> None:
        if name == "uscc":
            self.uscc.set_hint(form_rules.uscc_hint(self.uscc.value()))
        if name in ("uscc", "name"):
            values = self.form.values()
            if values["name"] or values["uscc"]:
                work = partial(_same, str(values["name"] or ""), values["uscc"])
                self._context.runner.read(work, self._on_same)

    def _on_same(self, found: tuple[str, str, str] | None) -> None:
        if found is None or found[0] == self.record_id:
            self.same.hide()
            return
        self._known = found[0]
        self.same.set_text(_("可能登记过了"), "，".join(part for part in found[1:] if part))
        self.same.show()

    def _on_open_known(self) -> None:
        self.open_requested.emit(self._known)


def _same(name: str, uscc: str | None, tx: Transaction) -> tuple[str, str, str] | None:
    row = find_employer(tx, name=name, uscc=uscc)
    return (row.id, row.name, row.rec_no or "") if row is not None else None


def _codes(list_id: str) -> list[tuple[str, str]]:
    return [(item.code, item.label) for item in code_list(list_id).choices()]
