"""What a column can hold, for each kind of file; how headings are written: ``resources/imports/headings.json``."""

import json
from dataclasses import dataclass
from functools import cache

from app import paths
from app.errors import BugError
from app.texts import N_


@dataclass(frozen=True)
class Target:
    """One thing a column can hold. ``required``: without it no row can be taken."""

    name: str
    label: str
    required: bool = False


_VACANCIES = (
    Target("title", N_("岗位名称"), required=True),
    Target("employer", N_("单位名称"), required=True),
    Target("pay", N_("薪酬")),
    Target("pay_min", N_("薪酬下限")),
    Target("pay_max", N_("薪酬上限")),
    Target("pay_unit", N_("计薪单位")),
    Target("benefits", N_("福利待遇")),
    Target("text", N_("岗位描述")),
    Target("duty", N_("工作内容")),
    Target("other_cond", N_("其他条件")),
    Target("place", N_("地区")),
    Target("address", N_("工作地点")),
    Target("facts", N_("单位情况")),
    Target("employer_kind", N_("单位类型")),
    Target("employer_size", N_("单位规模")),
    Target("industry", N_("行业")),
    Target("uscc", N_("统一社会信用代码")),
    Target("contact", N_("联系人")),
    Target("phone", N_("联系电话")),
    Target("experience", N_("工作经验")),
    Target("education", N_("学历要求")),
    Target("openings", N_("招聘人数")),
    Target("posted_on", N_("发布日期")),
    Target("open_to", N_("截止日期")),
    Target("work_form", N_("用工形式")),
    Target("trade", N_("职业（工种）")),
    Target("legacy", N_("限制条件（另存，不参与匹配）")),
)

_EMPLOYERS = (
    Target("name", N_("单位名称"), required=True),
    Target("uscc", N_("统一社会信用代码")),
    Target("employer_kind", N_("单位类型")),
    Target("industry", N_("行业")),
    Target("size", N_("单位规模")),
    Target("facts", N_("单位情况")),
    Target("legal_rep", N_("法定代表人")),
    Target("reg_addr", N_("注册地址")),
    Target("work_addr", N_("工作地址")),
    Target("contact", N_("联系人")),
    Target("phone", N_("联系电话")),
    Target("licence_valid_to", N_("执照有效期至")),
    Target("hr_licence_no", N_("人力资源服务许可证号")),
    Target("dispatch_licence_no", N_("劳务派遣许可证号")),
)

_RESIDENTS = (
    Target("name", N_("姓名"), required=True),
    Target("id_no", N_("证件号码"), required=True),
    Target("id_type", N_("证件类型")),
    Target("sex", N_("性别")),
    Target("birth_date", N_("出生日期")),
    Target("ethnic", N_("民族")),
    Target("edu_level", N_("文化程度")),
    Target("school", N_("毕业院校")),
    Target("major", N_("专业")),
    Target("graduate_date", N_("毕业日期")),
    Target("politic", N_("政治面貌")),
    Target("marital", N_("婚姻状况")),
    Target("health", N_("健康状况")),
    Target("pwd_cert_no", N_("残疾证号")),
    Target("hukou_type", N_("户口性质")),
    Target("hukou_region", N_("户籍地")),
    Target("hukou_addr", N_("户籍地址")),
    Target("live_region", N_("常住地")),
    Target("live_addr", N_("常住地址")),
    Target("grid_code", N_("网格")),
    Target("mobile", N_("手机号")),
    Target("contact2_name", N_("备用联系人")),
    Target("contact2_phone", N_("备用电话")),
    Target("emp_status", N_("就业失业状态")),
    Target("ss_card_no", N_("社保卡号")),
)

_ENROLMENTS = (
    Target("name", N_("姓名"), required=True),
    Target("id_no", N_("证件号码"), required=True),
    Target("mobile", N_("手机号")),
    Target("target", N_("人员类别")),
)

ENROLMENTS = "enrolments"
"""The kind that goes into something: a class."""
KINDS = ("vacancies", "employers", "residents", ENROLMENTS)
MULTIPLE = frozenset({"legacy", "text"})
"""Targets that several columns may share; all others stand once."""

_TABLE = {"vacancies": _VACANCIES, "employers": _EMPLOYERS, "residents": _RESIDENTS, ENROLMENTS: _ENROLMENTS}


def targets_of(kind: str) -> tuple[Target, ...]:
    """Return what a column of this kind of file can hold, in the order in which it is offered.

    Raises:
        BugError: not one of ``KINDS``.
    """
    if kind not in _TABLE:
        raise BugError(f"no import of {kind!r}, one of: {', '.join(KINDS)}", code="import.kind")
    return _TABLE[kind]


@cache
def headings_of(kind: str) -> dict[str, str]:
    """Return how headings are written → the target that they mean."""
    written = json.loads((paths.resources() / "imports" / "headings.json").read_text("utf-8"))[kind]
    return {
        heading: target.name
        for target in targets_of(kind)
        for heading in (target.label, target.name, *written.get(target.name, ()))
    }
