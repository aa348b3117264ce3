"""The sheet itself: all fields of a registration, in five steps, on one scrolling grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.models.codes import Code, code_list
from app.models.divisions import division
from app.models.identity import check_pwd_cert
from app.models.names import check_name
from app.models.phones import check_mobile, check_phone
from app.services.consents import EMPLOYERS, NOTICE, SENSITIVE, consent_texts
from app.texts import _
from app.ui import theme
from app.ui.forms import (
    ChoiceField,
    DateField,
    Field,
    FormGrid,
    IdField,
    MoneyField,
    MultiChoiceField,
    NumberField,
    RadioField,
    TextField,
)
from app.ui.register import state
from app.ui.register.fields import ConsentField, DerivedField, KmField, MaskedPhoneField, OccupationField, RegionField
from app.ui.register.state import CERTS, EXCLUDED, INTENTS, LICENCES, SKILLS, STEPS, WAYS, YES_NO
from app.ui.register.steps import StepHead
from app.ui.widgets import Button, Hairline, Themed, paint

WISHES = (
    "person_class", "intent1", "wage1", "form1", "accept_shift", "max_commute_km", "commute_mode", *YES_NO,
)  # fmt: skip
"""What a registration cannot be without; a file may be edited without one."""


class Sheet(FormGrid):
    """Every field with its step; optional ones stand behind 更多 until they are wanted or filled."""

    step_entered = Signal(int)

    def __init__(self, near: str, count: Callable[[str], int | None]) -> None:
        super().__init__()
        self._near, self._count = near, count
        self._now, self._step_of = 1, dict[str, int]()
        self._more: dict[str, list[str]] = {}
        self._togglers: dict[str, Button] = {}
        self._holders: dict[str, QWidget] = {}
        self._titles: dict[str, str] = {}
        self._editors: dict[int, str] = {}
        self._heads: dict[int, StepHead] = {}
        for number, build in enumerate((self._papers, self._home, self._wish, self._time, self._consent), 1):
            self._now = number
            if number > 1:
                self._heads[number] = StepHead(number, _(STEPS[number - 1]))
                self.add_widget(self._heads[number])
            build()
        self.set_values(self.defaults())

    # Building

    def _put(self, field: Field, *, span: int = 1, more: str = "") -> Field:
        self._step_of[field.name] = self._now
        self.add(field, span=span)
        field.editor.installEventFilter(self)
        self._editors[id(field.editor)] = field.name
        if more:
            self._more[more].append(field.name)
            field.hide()
        return field

    def _toggler(self, key: str, title: str, *, span: int = 2) -> None:
        self._more[key], self._titles[key] = [], title
        button = Button(title, "text", icon="chevron-down", height=32)
        button.clicked.connect(partial(self._on_toggled, key))
        self._togglers[key] = button
        self._holders[key] = _Beside(button, level=span == 2 and key != "skill")
        self.add_widget(self._holders[key], span=span)

    def _codes(self, name: str, label: str, list_id: str, *, short: bool = False, **options: Any) -> ChoiceField:
        known = code_list(list_id)
        items = [(one.code, _label(one)) for one in (known.short() if short else known.choices())]
        field = ChoiceField(label, items, name=name, **options)
        if short:
            field.set_items(items + [(one.code, one.label) for one in known.choices() if not one.extra.get("short")])
        return field

    def _papers(self) -> None:
        self._put(IdField(_("证件号码"), name="id_no", required=True), span=2)
        self._put(self._codes("id_type", _("证件类型"), "ID_TYPE", short=True, required=True, hint=_("按号码猜的")))
        line = DerivedField(name="female_retire_base")
        line.differs_requested.connect(self.ask_difference)
        self._put(line, span=3)
        sexes = [(one.code, _label(one)) for one in code_list("SEX").short()]
        for field in (
            RadioField(_("性别"), sexes, name="sex", required=True),
            DateField(_("出生日期"), name="birth_date", prefer="past", required=True, hint=_("像 19790425")),
            RadioField(_("和证件号不一样"), [("1", _("已核对证件原件"))], name="mismatch_confirmed", required=True),
        ):
            self._put(field).hide()
        self._put(TextField(_("姓名"), name="name", max_length=50, required=True, check=_name_problem))
        hint = _("键入代码或拼音首字母")
        self._put(self._codes("edu_level", _("文化程度"), "EDU", short=True, required=True, hint=hint))
        self._put(self._codes("person_class", _("人员类别"), "SEEKER_CLASS", required=True))
        self._put(self._codes("emp_status", _("就业失业状态"), "EMP_STATUS", required=True))
        self._toggler("person", _("更多：重点群体、毕业院校、民族、政治面貌、婚姻、健康、残疾"))
        groups = [(one.code, one.label) for one in code_list("KG").choices()]
        self._put(
            MultiChoiceField(_("重点群体"), groups, name="priority_groups", hint=_("带残疾、低保的要单独同意")),
            span=3, more="person",
        )  # fmt: skip
        self._put(TextField(_("毕业院校"), name="school", max_length=60), more="person")
        self._put(DateField(_("毕业日期"), name="graduate_date"), more="person")
        self._put(TextField(_("专业"), name="major", max_length=60), more="person")
        self._put(self._codes("ethnic", _("民族"), "ETHNIC"), more="person")
        self._put(self._codes("politic", _("政治面貌"), "POLITIC"), more="person")
        self._put(self._codes("marital", _("婚姻状况"), "MARITAL", short=True, hint="§"), more="person")
        self._put(self._codes("health", _("健康状况"), "HEALTH", hint="§"), more="person")
        self._put(TextField(_("残疾证号"), name="pwd_cert_no", max_length=24, hint="§", check=_pwd), more="person")
        self._put(self._codes("pwd_type", _("残疾类别"), "PWD_TYPE", hint="§"), more="person")
        self._put(self._codes("pwd_level", _("残疾等级"), "PWD_LEVEL", hint="§"), more="person")

    def _home(self) -> None:
        self._put(MaskedPhoneField(_("手机号"), name="mobile", required=True, check=_mobile_problem))
        self._put(TextField(_("常住地址"), name="live_addr", max_length=100, required=True, hint=_("写到幢、单元")))
        hint = _("请核对，不按证件号推")
        self._put(RegionField(_("户籍地区划"), self._near, name="hukou_region", required=True, hint=hint))
        self._put(RegionField(_("常住地区划"), self._near, name="live_region", required=True, hint=_("先填本站")))
        self._toggler("home", _("更多：网格、紧急联系人、户口性质、户籍地址、居住证、社保卡"))
        self._put(TextField(_("网格"), name="grid_code", max_length=16, hint=_("网格编码")), more="home")
        self._put(TextField(_("紧急联系人"), name="contact2_name", max_length=50), more="home")
        phone = MaskedPhoneField(_("联系人电话"), name="contact2_phone", max_length=20, check=_phone_problem)
        self._put(phone, more="home")
        self._put(self._codes("contact2_relation", _("和本人的关系"), "KIN"), more="home")
        self._put(self._codes("hukou_type", _("户口性质"), "HUKOU", short=True, hint=_("只作统计")), more="home")
        self._put(TextField(_("户籍地址"), name="hukou_addr", max_length=100), span=2, more="home")
        self._put(TextField(_("居住证编号"), name="residence_permit_no", max_length=30), more="home")
        self._put(TextField(_("社会保障卡号"), name="ss_card_no", max_length=9), more="home")

    def _wish(self) -> None:
        for n in range(1, INTENTS + 1):
            first = n == 1
            more = "" if first else f"intent{n}"
            if not first:
                self._toggler(more, _("再加一个想做的工种"), span=1)
            if n == 2:
                self._toggler("skill", _("更多：技能、证书、驾驶证、工作年限、不考虑的工种"))
            label = _("想做的工种（第一）") if first else _("想做的工种（第 {n} 个）", n=n)
            hint = _("可填 3 个") if first else ""
            self._put(OccupationField(label, self._count, name=f"intent{n}", required=first, hint=hint), more=more)
            self._put(MoneyField(_("月薪不低于（元）"), name=f"wage{n}", required=first), more=more)
            self._put(self._codes(f"form{n}", _("用工形式"), "WORK_FORM", required=first), more=more)
        self._holders[f"intent{INTENTS}"].hide()
        for n in range(1, SKILLS + 1):
            self._put(OccupationField(_("会什么（第 {n} 项）", n=n), self._count, name=f"skill{n}"), more="skill")
            self._put(self._codes(f"level{n}", _("技能等级"), "SKILL"), more="skill")
            self._put(NumberField(_("做了几年"), name=f"years{n}", low=0, high=60), more="skill")
        for n in range(1, CERTS + 1):
            self._put(self._codes(f"cert_type{n}", _("证书（第 {n} 本）", n=n), "CERT_TYPE"), more="skill")
            name = TextField(_("证书名称"), name=f"cert_name{n}", max_length=60, hint=_("像 低压电工证"))
            self._put(name, more="skill")
            self._put(DateField(_("有效期至"), name=f"cert_until{n}", prefer="future"), more="skill")
        cars = [(code, code) for code in LICENCES]
        self._put(MultiChoiceField(_("驾驶证准驾车型"), cars, name="drive_licence"), span=3, more="skill")
        self._put(NumberField(_("工作年限"), name="work_years", low=0, high=60), more="skill")
        for n in range(1, EXCLUDED + 1):
            label = _("不考虑的工种（第 {n} 个）", n=n)
            self._put(OccupationField(label, self._count, name=f"exclude{n}"), more="skill")
        self._put(RegionField(_("想在哪里上班"), self._near, name="intent_region"), more="skill")

    def _time(self) -> None:
        shifts = [(one.code, one.label) for one in code_list("SHIFT").choices()]
        shift = MultiChoiceField(
            _("能接受的班次"), shifts, name="accept_shift", required=True, hint=_("按数字勾选，←→ 移动，空格勾上")
        )
        self._put(shift, span=3)
        self._put(KmField(_("能接受的路程（公里）"), name="max_commute_km", required=True, hint=_("单程")))
        self._put(self._codes("commute_mode", _("怎么去上班"), "COMMUTE_MODE", required=True))
        self._put(DateField(_("哪天能上班"), name="available_from", prefer="future", hint=_("空着就是随时")))
        questions = (
            ("accept_gig", _("接受零工")), ("accept_training", _("接受培训")), ("accept_internship", _("接受见习")),
            ("accept_pwpost", _("接受公益性岗位")), ("guidance_need", _("要职业指导")),
            ("training_need", _("要参加培训")), ("startup_need", _("想自己创业")),
        )  # fmt: skip
        for name, label in questions:
            self._put(RadioField(label, [("1", _("是")), ("0", _("否"))], name=name, required=True))
        self._put(self._codes("board_need", _("食宿要求"), "BOARD"))
        told = [(one.code, one.label) for one in code_list("CONSTRAINT").choices()]
        hint = _("本人自己说的，只在站内看，不给单位")
        self._put(MultiChoiceField(_("照护负担和做不了的"), told, name="constraints", hint=hint), span=3)

    def _consent(self) -> None:
        texts = consent_texts()
        yes_no = [("1", _("同意")), ("0", _("不同意"))]
        told = [("1", _("已给本人看过、讲清楚"))]
        self._put(ConsentField(texts[NOTICE], told, name="consent_notice", required=True), span=3)
        sensitive = ConsentField(texts[SENSITIVE], yes_no, name="consent_sensitive", check=_refused)
        self._put(sensitive, span=3).hide()
        self._put(ConsentField(texts[EMPLOYERS], yes_no, name="publish_consent", required=True), span=3)
        ways = [(code, _(words)) for code, words in WAYS]
        self._put(RadioField(_("怎么同意的"), ways, name="consent_way", required=True), span=3)
        self.add_widget(Hairline())

    # Values

    def defaults(self) -> dict[str, Any]:
        """Return what a new sheet holds: the station's own region, and the commonest answers."""
        here = {"live_region": self._near if division(self._near) else None}
        return {"id_type": "01", "form1": "1", "max_commute_km": 3.0, "commute_mode": "2", **here}

    def clear(self) -> None:
        """Make it a new sheet."""
        for field in self.fields():
            field.set_value(None)
            field.set_error(None)
        self.set_values(self.defaults())
        for key in self._togglers:
            self.open_more(key, is_open=False)
        self.fit_identity()
        self.fit_consent()

    def show_entered(self, entered: Mapping[str, Any]) -> None:
        """Show what is on file or in a draft, and open what is filled."""
        self.set_values(entered)
        for key, names in self._more.items():
            if any(not self.field(name).is_empty() for name in names):
                self.open_more(key, is_open=True)
        if not state.differs(entered) and state.derive(entered.get("id_type"), entered.get("id_no")).sex:
            self.set_values({"sex": None, "birth_date": None, "mismatch_confirmed": None})
        self.fit_identity()
        self.fit_consent()

    def step_of(self, name: str) -> int:
        """Return the step (from 1) in which the field stands."""
        return self._step_of[name]

    def steps(self) -> Sequence[list[Field]]:
        """Return the fields of each step."""
        found: list[list[Field]] = [[] for _step in STEPS]
        for field in self.fields():
            found[self._step_of[field.name] - 1].append(field)
        return found

    def top_of(self, number: int) -> int:
        """Return how far down the step begins."""
        return self._heads[number].y() if number in self._heads else 0

    def required(self) -> list[Field]:
        """Return the fields that have to be filled now."""
        return [field for field in self.fields() if field.is_required and self._counts(field)]

    def set_wishes_required(self, required: bool) -> None:
        """Demand what she looks for, or let a file be edited without it."""
        for name in WISHES:
            self.field(name).set_required(required)

    def _bring_into_view(self, field: Field) -> None:
        """Leave room below the field for its list."""
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.ensureWidgetVisible(field, 0, min(theme.of(self).px(230), parent.height() // 3))

    def _may_enter(self, field: Field) -> bool:
        if field.name == "id_type":
            return bool(self.field("id_no").error())
        return super()._may_enter(field)

    # What depends on other fields

    def fit_identity(self) -> None:
        """Show what follows from the number; ask for sex and birth date where it does not say them."""
        entered = {name: self.field(name).value() for name in ("id_no", "id_type", "sex", "birth_date")}
        said = state.derive(entered["id_type"], entered["id_no"])
        line, number = self.field("female_retire_base"), self.field("id_no")
        assert isinstance(line, DerivedField)
        assert isinstance(number, IdField)
        woman = (entered["sex"] or said.sex) == state.FEMALE
        line.show_derived(said.words, woman=woman, note=said.warning)
        number.set_state(_("校验通过") if entered["id_no"] and not said.problem else "")
        complete = bool(entered["id_no"]) and not said.problem
        contradicts = bool(entered["sex"] or entered["birth_date"])
        for name, known in (("sex", said.sex), ("birth_date", said.birth_on)):
            self.field(name).setVisible(contradicts or (complete and known is None))
        self.field("mismatch_confirmed").setVisible(state.differs(entered))

    def ask_difference(self) -> None:
        """Let the clerk write sex and birth date by hand, beginning with what the number says."""
        said = state.derive(self.field("id_type").value(), self.field("id_no").value())
        self.set_values({"sex": said.sex, "birth_date": said.birth_on})
        self.fit_identity()
        self.focus_field("sex")

    def fit_graduate(self) -> None:
        """Demand school, date and major of a graduate."""
        graduate = state.is_graduate({"priority_groups": self.field("priority_groups").value()})
        for name in state.GRADUATE_FIELDS:
            self.field(name).set_required(graduate)

    def fit_consent(self) -> None:
        """Ask for the separate consent only where something sensitive was filled in."""
        field = self.field("consent_sensitive")
        needed = state.is_sensitive(self.values())
        field.setVisible(needed)
        field.set_required(needed)
        self.fit_graduate()

    def open_more(self, key: str, *, is_open: bool) -> None:
        """Open or close a group of optional fields."""
        for name in self._more[key]:
            self.field(name).setVisible(is_open)
        self._togglers[key].set_label(self._titles[key], icon="chevron-up" if is_open else "chevron-down")
        if key.startswith("intent"):
            self._fit_intents()

    def _fit_intents(self) -> None:
        """Offer one more trade at a time."""
        closed = [n for n in range(2, INTENTS + 1) if self.field(f"intent{n}").isHidden()]
        for n in range(2, INTENTS + 1):
            self._holders[f"intent{n}"].setVisible(n in closed[:1])

    def focus_field(self, name: str) -> None:
        """Go to a field; what hides it opens."""
        for key, names in self._more.items():
            if name in names and self.field(name).isHidden():
                self.open_more(key, is_open=True)
        self.field(name).show()
        super().focus_field(name)

    def _on_toggled(self, key: str) -> None:
        first = self.field(self._more[key][0])
        opening = first.isHidden()
        self.open_more(key, is_open=opening)
        if opening:
            self.focus_field(first.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and id(watched) in self._editors:
            self.step_entered.emit(self._step_of[self._editors[id(watched)]])
        return super().eventFilter(watched, event)


class _Beside(Themed, QWidget):
    """A text button; ``level`` sets it on the line where the field beside it is typed in."""

    def __init__(self, button: Button, *, level: bool) -> None:
        super().__init__()
        self._level = level
        self._column = QVBoxLayout(self)
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.restyle()

    def restyle(self) -> None:
        top = round(paint.line_height(theme.of(self).font("secondary"))) + 6
        self._column.setContentsMargins(0, top if self._level else 0, 0, 0)


def _label(one: Code) -> str:
    return one.short_label


def _name_problem(value: Any) -> str | None:
    return check_name(value) or None


def _mobile_problem(value: Any) -> str | None:
    return check_mobile(value).text or None


def _phone_problem(value: Any) -> str | None:
    return check_phone(value).text or None


def _pwd(value: Any) -> str | None:
    return check_pwd_cert(value) or None


def _refused(value: Any) -> str | None:
    return _("本人不同意，带 § 的栏和残疾、低保、照护、身体的勾选请清掉") if value == "0" else None
