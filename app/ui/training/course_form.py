"""The course form: every field of 培训项目 (domain sheet 2.12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.models.codes import code_list, occupation_label
from app.services.training.courses import add_course, edit_course
from app.texts import _
from app.ui.forms import ChoiceField, ChoiceItem, MoneyField, NumberField, RadioField, TextField
from app.ui.training.slot_fields import spare_the_head
from app.ui.vacancies import state as vacancy_state
from app.ui.vacancies.form_page import RecordForm, add_all
from app.ui.vacancies.vacancy_panel import occupation_field

if TYPE_CHECKING:
    from app.db.database import Transaction

YES, NO = "1", "0"
FLAGS = ("in_catalogue", "free")


class CourseForm(RecordForm):
    """Registers or changes a course."""

    form_name = "course"

    def headline(self, *, new: bool) -> tuple[str, str]:
        if new:
            return _("登记培训项目"), _("登记一次，以后排班期直接选")
        return _("改培训项目"), _("已经排的班期不跟着变")

    def fill_form(self) -> None:
        spare_the_head(self)
        self.section(_("项目"))
        self.trade = occupation_field(vacancy_state.occupation_choices(""), required=True)
        add_all(
            self.form,
            (
                (TextField(_("项目名称"), name="name", required=True, max_length=60), 2),
                (ChoiceField(_("类型"), _codes("TRAIN_TYPE"), name="train_type", required=True), 1),
                (self.trade, 1),
                (ChoiceField(_("等级"), _codes("SKILL"), name="level", required=True), 1),
                (TextField(_("办学许可证号"), name="licence_no", max_length=40), 1),
                (TextField(_("培训机构"), name="provider_name", required=True, max_length=100), 3),
            ),
        )
        self.section(_("课时"))
        self._add_hours()
        self.section(_("收费和补贴"), _("单位：元"))
        self._add_money()
        self.section(_("考核和证书"))
        self._add_result()

    def _add_hours(self) -> None:
        add_all(
            self.form,
            (
                (NumberField(_("理论课时"), name="hours_theory", required=True, low=0, high=5000), 1),
                (NumberField(_("实操课时"), name="hours_practice", required=True, low=0, high=5000), 1),
                (NumberField(_("总课时"), name="hours_total", required=True, low=1, high=5000), 1),
            ),
        )

    def _add_money(self) -> None:
        free = [(YES, _("免费")), (NO, _("收费"))]
        listed = [(YES, _("在目录里")), (NO, _("不在"))]
        add_all(
            self.form,
            (
                (RadioField(_("收费"), free, name="free", required=True), 1),
                (MoneyField(_("收多少"), name="fee", hint=_("收费的要填")), 2),
                (RadioField(_("补贴目录"), listed, name="in_catalogue", required=True), 1),
                (MoneyField(_("补贴标准（每人）"), name="subsidy_amount"), 2),
            ),
        )

    def _add_result(self) -> None:
        add_all(
            self.form,
            (
                (ChoiceField(_("考核方式"), _codes("ASSESS_WAY"), name="assess_way", required=True), 1),
                (ChoiceField(_("证书类型"), _codes("CERT_TYPE"), name="cert_type", required=True), 1),
                (NumberField(_("有效几个月"), name="cert_months", low=1, high=600, hint=_("长期有效不填")), 1),
                (
                    TextField(_("证书名称"), name="cert_name", max_length=60, hint=_("和岗位要求的叫法一样，才对得上")),
                    3,
                ),
            ),
        )

    def put_values(self, values: Mapping[str, Any]) -> None:
        shown = dict(values)
        for name in FLAGS:
            if isinstance(shown.get(name), bool):
                shown[name] = YES if shown[name] else NO
        trade = shown.pop("trade", None)
        self.trade.set_value(trade)
        if trade and self.trade.value() is None:
            self.trade.set_item(ChoiceItem(trade, occupation_label(trade)))
        self.form.set_values(shown)
        self._ask_fee()

    def entered(self) -> dict[str, Any]:
        values = super().entered()
        for name in FLAGS:
            values[name] = None if values[name] is None else values[name] == YES
        return values

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        wrong: dict[str, str] = {}
        if values.get("free") is False and not values.get("fee"):
            wrong["fee"] = _("收费的要写金额")
        return wrong

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        if self.record_id:
            return edit_course(tx, self.record_id, values).id
        return add_course(tx, {name: value for name, value in values.items() if value is not None}).id

    def said(self, values: Mapping[str, Any]) -> str:
        if self.record_id:
            return _("已改“{title}”", title=values["name"])
        return _("已登记培训项目“{name}”", name=values["name"])

    def value_entered(self, name: str) -> None:
        if name == "free":
            self._ask_fee()

    def field_done(self, name: str) -> None:
        """Sum the hours, guess the trade from the name: both can be changed."""
        values = self.form.values()
        if name in ("hours_theory", "hours_practice"):
            parts = (values["hours_theory"], values["hours_practice"])
            if None not in parts:
                self.form.field("hours_total").set_value(sum(part or 0 for part in parts))
        elif name == "name" and self.trade.is_empty():
            first = vacancy_state.occupation_choices(str(values["name"] or ""))[0]
            if first.confidence is not None:
                self.trade.set_value(first.code)

    def _ask_fee(self) -> None:
        """Star the fee where the course costs something."""
        costs = self.form.field("free").value() == NO
        self.form.field("fee").set_required(costs)


def _codes(list_id: str) -> list[tuple[str, str]]:
    return [(item.code, item.label) for item in code_list(list_id).choices()]
