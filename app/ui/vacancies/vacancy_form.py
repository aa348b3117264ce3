"""The vacancy form: every field of 招聘登记 (domain sheet 2.7), checked at its field.

There are deliberately no fields for sex, age, marriage, hukou or height.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.models.codes import code_list, occupation_label
from app.models.divisions import division_label, find_divisions
from app.services.employers import EmployerLine
from app.services.vacancies import add_vacancy, edit_vacancy
from app.texts import _
from app.ui import entry
from app.ui.forms import (
    ChoiceField,
    ChoiceItem,
    DateField,
    LongTextField,
    MoneyField,
    MultiChoiceField,
    NumberField,
    RadioField,
    TextField,
)
from app.ui.vacancies import form_rules, state
from app.ui.vacancies.form_page import DecimalField, RecordForm, add_all
from app.ui.vacancies.vacancy_panel import occupation_field

if TYPE_CHECKING:
    from app.db.database import Transaction

YES_NO = ("1", "0")


class VacancyForm(RecordForm):
    """Registers or changes a vacancy."""

    form_name = "vacancy"
    _employers: Sequence[EmployerLine] = ()

    def headline(self, *, new: bool) -> tuple[str, str]:
        if new:
            return _("登记岗位"), _("保存后待审；性别、年龄、婚育、户籍、身高不作条件，所以没有这些栏")
        return _("改岗位"), _("已发布的改了内容，要重新审核")

    def set_employers(self, employers: Sequence[EmployerLine]) -> None:
        """Offer these employers."""
        self._employers = employers

    def fill_form(self) -> None:
        self.section(_("单位和岗位"))
        self._add_post()
        self.section(_("工作内容和地点"))
        self._add_place()
        self.section(_("劳动报酬"), _("单位：元"))
        self._add_pay()
        self.section(_("用工"))
        self._add_terms()
        self.section(_("招聘条件"), _("只写和做这份工作有关的"))
        self._add_conditions()
        self.section(_("招聘期"))
        self._add_dates()

    def _add_post(self) -> None:
        self.trade = occupation_field(state.occupation_choices(""), required=True)
        add_all(
            self.form,
            (
                (_employer_field(_("用人单位"), "employer_id", self._find_employers, required=True), 2),
                (ChoiceField(_("岗位来源"), _codes("VACANCY_SOURCE"), name="source"), 1),
                (TextField(_("岗位名称"), name="title", required=True, max_length=40), 1),
                (self.trade, 1),
                (NumberField(_("招聘人数"), name="openings", required=True, low=1, high=99999), 1),
                (_employer_field(_("实际用工单位"), "end_user_id", self._find_employers, hint=_("派遣必填")), 3),
            ),
        )

    def _add_place(self) -> None:
        region = ChoiceField(
            _("所在街道"),
            name="region",
            required=True,
            find=self._find_regions,
            hint=_("打名称或拼音首字母"),
            show_code=False,
        )
        add_all(
            self.form,
            (
                (LongTextField(_("工作内容"), name="duty", required=True, rows=3, hint=_("至少 10 个字"),
                               check=form_rules.duty_problem), 3),
                (TextField(_("工作地点"), name="work_place", required=True), 2),
                (region, 1),
            ),
        )  # fmt: skip

    def _add_pay(self) -> None:
        add_all(
            self.form,
            (
                (ChoiceField(_("计薪单位"), _codes("PAY_UNIT"), name="pay_unit", required=True), 1),
                (MoneyField(_("薪酬下限"), name="pay_min", required=True), 1),
                (MoneyField(_("薪酬上限"), name="pay_max", required=True), 1),
                (MoneyField(_("保底（基本劳动报酬）"), name="base_pay", hint=_("计件、提成必填")), 1),
                (NumberField(_("发薪日"), name="pay_day", low=1, high=31, hint=_("每月几日")), 1),
                (TextField(_("工资说明"), name="pay_note"), 1),
                (NumberField(_("试用期（月）"), name="probation_months", low=0, high=6), 1),
                (MoneyField(_("试用期工资"), name="probation_pay"), 1),
            ),
        )

    def _add_terms(self) -> None:
        add_all(
            self.form,
            (
                (ChoiceField(_("用工形式"), _codes("WORK_FORM"), name="work_form", required=True), 1),
                (ChoiceField(_("合同类型"), _codes("CONTRACT"), name="contract_type", required=True), 1),
                (NumberField(_("合同期限（月）"), name="contract_months", low=1, high=600), 1),
                (DecimalField(_("每天几小时"), name="hours_day", required=True, high=24), 1),
                (DecimalField(_("每周几天"), name="days_week", required=True, high=7), 1),
                (ChoiceField(_("食宿"), _codes("BOARD"), name="board"), 1),
                (MultiChoiceField(_("班次"), _pairs("SHIFT"), name="shift", required=True), 3),
                (MultiChoiceField(_("社会保险和公积金"), _pairs("SI_ITEM"), name="si_items", required=True), 3),
            ),
        )

    def _add_conditions(self) -> None:
        must = [(YES_NO[0], _("必须")), (YES_NO[1], _("可以商量"))]
        yes_no = [(YES_NO[0], _("可以")), (YES_NO[1], _("不可以"))]
        add_all(
            self.form,
            (
                (ChoiceField(_("学历要求"), _education(), name="edu_min", required=True, hint=_("90 就是不限")), 1),
                (RadioField(_("学历"), must, name="edu_mandatory"), 1),
                (NumberField(_("工作经验（年）"), name="exp_years_min", low=0, high=60), 1),
                (ChoiceField(_("技能等级"), _codes("SKILL"), name="skill_level_min"), 1),
                (TextField(_("必备证书"), name="certs_required", hint=_("几个用顿号隔开")), 2),
                (LongTextField(_("其他条件"), name="other_cond", rows=2, check=form_rules.condition_problem), 3),
                (RadioField(_("16、17 岁未成年工"), yes_no, name="minor_ok", required=True), 1),
                (
                    ChoiceField(
                        _("女职工禁忌依据"), _codes("FORBIDDEN_WOMEN"), name="forbidden_for_women", required=True
                    ),
                    2,
                ),
                (MultiChoiceField(_("友好标签"), _pairs("FRIENDLY_TAG"), name="friendly_tags"), 3),
            ),
        )

    def _add_dates(self) -> None:
        add_all(
            self.form,
            (
                (DateField(_("开始日期"), name="open_from", required=True, prefer="future"), 1),
                (DateField(_("截止日期"), name="open_to", required=True, prefer="future", hint=_("最长 90 天")), 1),
            ),
        )

    # -- values -------------------------------------------------------------------------------------------------
    def put_values(self, values: Mapping[str, Any]) -> None:
        shown = dict(values)
        papers = shown.pop("certs_required", None)
        if papers is not None:
            shown["certs_required"] = papers if isinstance(papers, str) else "、".join(map(str, papers))
        for name in ("edu_mandatory", "minor_ok"):
            if isinstance(shown.get(name), bool):
                shown[name] = YES_NO[0] if shown[name] else YES_NO[1]
        for name in ("employer_id", "end_user_id", "region"):
            self._put_item(name, shown.pop(name, None))
        title, duty = str(shown.get("title") or ""), str(shown.get("duty") or "")
        self._offer_occupations(title, duty)
        trade = shown.pop("trade", None)
        self.trade.set_value(trade)
        if trade and self.trade.value() is None:
            self.trade.set_item(ChoiceItem(trade, occupation_label(trade)))
        self.form.set_values(shown)

    def _put_item(self, name: str, code: str | None) -> None:
        field = self.form.field(name)
        if not isinstance(field, ChoiceField):
            return
        if not code:
            field.set_item(None)
        elif name == "region":
            field.set_item(ChoiceItem(code, division_label(code)))
        else:
            found = next((line for line in self._employers if line.id == code), None)
            field.set_item(_employer_item(found) if found is not None else ChoiceItem(code, _("（名单外的单位）")))

    def entered(self) -> dict[str, Any]:
        values = super().entered()
        papers = values.pop("certs_required", None)
        values["certs_required"] = form_rules.papers_of(papers) if papers else []
        for name in ("edu_mandatory", "minor_ok"):
            values[name] = values[name] == YES_NO[0]
        return values

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        return form_rules.vacancy_problems(values, complete=not self.record_id)

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        if self.record_id:
            return edit_vacancy(tx, self.record_id, values).id
        return add_vacancy(tx, {name: value for name, value in values.items() if value is not None}).id

    def said(self, values: Mapping[str, Any]) -> str:
        if self.record_id:
            return _("已改“{title}”", title=values["title"])
        return _("已登记“{title}”，待审", title=values["title"])

    def field_done(self, name: str) -> None:
        if name == "title" and self.trade.is_empty():
            first = state.occupation_choices(str(self.form.values()["title"] or ""))[0]
            if first.confidence is not None:
                self.trade.set_value(first.code)

    def value_entered(self, name: str) -> None:
        if name in ("title", "duty"):
            values = self.form.values()
            self._offer_occupations(str(values["title"] or ""), str(values["duty"] or ""))

    def _offer_occupations(self, title: str, duty: str) -> None:
        guesses = state.occupation_choices(title, duty)
        self.trade.set_items(
            [
                ChoiceItem(
                    one.code,
                    one.label,
                    figure="" if one.confidence is None else _("猜 {percent}%", percent=round(one.confidence * 100)),
                )
                for one in guesses
            ]
        )
        first = guesses[0] if guesses and guesses[0].confidence is not None else None
        self.trade.set_hint(_("猜是{trade}", trade=first.label) if first is not None else "")

    def _find_employers(self, typed: str) -> list[ChoiceItem]:
        wanted = typed.strip()
        fit = (line for line in self._employers if not wanted or entry.matches(line.name, wanted))
        return [_employer_item(line) for _n, line in zip(range(50), fit, strict=False)]

    def _find_regions(self, typed: str) -> list[ChoiceItem]:
        near = self._context.station.code
        return [ChoiceItem(item.code, item.label) for item in find_divisions(typed or near[:6], near=near)]


def _employer_item(line: EmployerLine) -> ChoiceItem:
    return ChoiceItem(line.id, line.name, figure="" if line.verify_state == "20" else _("待核验"))


def _employer_field(label: str, name: str, find: Any, *, required: bool = False, hint: str = "") -> ChoiceField:
    return ChoiceField(label, name=name, required=required, find=find, show_code=False, hint=hint)


def _codes(list_id: str) -> list[tuple[str, str]]:
    return [(item.code, item.label) for item in code_list(list_id).choices()]


def _pairs(list_id: str) -> list[tuple[str, str]]:
    return [(item.code, item.short_label) for item in code_list(list_id).choices()]


def _education() -> list[tuple[str, str]]:
    """Return the counter's short list of education, with “no demand” first."""
    short = [(item.code, item.short_label) for item in code_list("EDU").short() if item.code != "90"]
    return [("90", _("不限")), *short]
