"""The history of fields in words: labels instead of names, labels instead of codes, numbers masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import clock
from app.models import masking
from app.models.acts import find_act
from app.models.codes import code_list, occupation_label
from app.models.divisions import division_label
from app.models.operation import PENDING
from app.models.registry import find_type
from app.models.wire import DAY, INSTANT, TRUTH
from app.services.sync_states import NO_MARKS, SYNCED, SyncMarks
from app.services.timeline import FileChange
from app.texts import N_, _
from app.ui import entry
from app.ui.field_work.labels import FIELD_LABELS

COMMON: Mapping[str, str] = {
    "rec_no": N_("业务编号"),
    "grid_code": N_("网格"),
    "source_channel": N_("来源渠道"),
    "remark": N_("备注"),
    "deleted_at": N_("作废时间"),
    "delete_reason": N_("作废原因"),
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "resident": {
        "name": N_("姓名"),
        "id_type": N_("证件类型"),
        "id_no": N_("证件号码"),
        "sex": N_("性别"),
        "birth_date": N_("出生日期"),
        "ethnic": N_("民族"),
        "edu_level": N_("文化程度"),
        "school": N_("毕业院校"),
        "graduate_date": N_("毕业日期"),
        "major": N_("专业"),
        "politic": N_("政治面貌"),
        "marital": N_("婚姻状况"),
        "health": N_("健康状况"),
        "pwd_cert_no": N_("残疾证号"),
        "pwd_type": N_("残疾类别"),
        "pwd_level": N_("残疾等级"),
        "hukou_type": N_("户口性质"),
        "hukou_region": N_("户籍地区划"),
        "hukou_addr": N_("户籍地址"),
        "live_region": N_("常住地区划"),
        "live_addr": N_("常住地址"),
        "residence_permit_no": N_("居住证编号"),
        "mobile": N_("手机号"),
        "contact2_name": N_("紧急联系人"),
        "contact2_phone": N_("紧急联系人电话"),
        "contact2_relation": N_("紧急联系人关系"),
        "emp_status": N_("就业失业状态"),
        "priority_groups": N_("重点群体"),
        "female_retire_base": N_("退休起算年龄"),
        "ss_card_no": N_("社会保障卡号"),
        "bank_account": N_("银行账号"),
        "mismatch_confirmed": N_("已核对证件"),
    },
    "registration": {
        "reg_date": N_("登记日期"),
        "valid_until": N_("有效期至"),
        "person_class": N_("求职人员类别"),
        "work_years": N_("工作年限"),
        "skills": N_("专业技能"),
        "certs": N_("证书"),
        "drive_licence": N_("准驾车型"),
        "intents": N_("求职愿望"),
        "accept_shift": N_("可接受班次"),
        "max_commute_km": N_("最远公里"),
        "commute_mode": N_("通勤方式"),
        "available_from": N_("可到岗日期"),
        "accept_gig": N_("接受零工"),
        "accept_training": N_("接受培训"),
        "accept_internship": N_("接受见习"),
        "accept_pwpost": N_("接受公益性岗位"),
        "board_need": N_("食宿要求"),
        "exclude_trades": N_("不考虑的工种"),
        "exclude_employers": N_("不考虑的单位"),
        "constraints": N_("本人情况"),
        "resume": N_("简历"),
        "guidance_need": N_("需要职业指导"),
        "training_need": N_("需要培训"),
        "startup_need": N_("需要创业帮助"),
        "publish_consent": N_("同意提供简历"),
        "status": N_("登记状态"),
    },
    "unemp_reg": {
        "reg_place_basis": N_("登记地依据"),
        "unemp_date": N_("失业日期"),
        "reg_date": N_("失业登记日期"),
        "reg_scope": N_("人员类别"),
        "unemp_reason": N_("失业原因"),
        "involuntary": N_("不是本人意愿"),
        "last_employer": N_("失业前单位"),
        "last_uscc": N_("失业前单位代码"),
        "last_trade": N_("失业前工种"),
        "last_wage": N_("失业前月工资"),
        "leave_proof_type": N_("离职证明"),
        "leave_proof_no": N_("证明编号"),
        "si_months": N_("累计缴费月数"),
        "apply_benefit": N_("申领失业保险金"),
        "pledge_signed": N_("签了承诺书"),
        "dereg_date": N_("注销日期"),
        "dereg_reason": N_("注销原因"),
        "dereg_evidence": N_("注销依据"),
    },
    "emp_status": {
        "from_status": N_("原状态"),
        "to_status": N_("就业失业状态"),
        "since": N_("起始日期"),
        "source": N_("来源"),
        "evidence": N_("依据"),
    },
    "consent": {
        "kind": N_("告知同意"),
        "agreed": N_("同意"),
        "text_version": N_("文本版本"),
        "told_at": N_("告知时间"),
        "way": N_("方式"),
        "withdrawn_at": N_("撤回时间"),
    },
    "referral": {
        "slip_no": N_("推荐信编号"),
        "referral_mode": N_("推荐方式"),
        "issued_at": N_("开具时间"),
        "valid_until": N_("有效期至"),
        "interview_at": N_("面试时间"),
        "interview_place": N_("面试地点"),
        "consent_share": N_("同意告诉单位"),
        "print_sex": N_("印性别"),
        "print_phone": N_("印电话"),
        "state": N_("推荐状态"),
        "void_reason": N_("作废原因"),
        "outcome": N_("推荐结果"),
        "outcome_reason": N_("没成的原因"),
        "reply_at": N_("回执时间"),
        "reply_way": N_("回执方式"),
        "reply_by": N_("回执人"),
        "onboard_date": N_("上岗日期"),
        "contract_type": N_("合同类型"),
        "contract_months": N_("合同月数"),
        "wage_agreed": N_("约定月工资"),
        "si_from": N_("参保起始月"),
        "trial_until": N_("试岗至"),
    },
    "household": {
        "house_no": N_("门牌"),
        "building": N_("楼幢"),
        "community": N_("小区"),
        "head_name": N_("户主"),
        "hukou_household": N_("户籍户"),
        "has_business_income": N_("有经营性、投资性收入"),
        "dibao_type": N_("低保情况"),
        "needs": N_("家庭需求"),
        "children_under_3": N_("0–2 岁孩子"),
        "children_3_to_6": N_("3–6 岁孩子"),
        "children_7_to_13": N_("7–13 岁孩子"),
    },
    "household_member": {
        "name": N_("成员姓名"),
        "relation": N_("和户主关系"),
        "able": N_("有劳动能力"),
        "willing": N_("想工作"),
        "status_at_check": N_("当时状态"),
    },
    "slip_print": {"copy_no": N_("副本次数"), "why": N_("补打原因"), "paper": N_("纸张"), "way": N_("打印方式")},
    **FIELD_LABELS,
    "service_event": {"detail": N_("看了哪一栏"), "why": N_("为什么看")},
}
MONEY = frozenset({"last_wage", "wage_agreed"})
REGIONS = frozenset({"hukou_region", "live_region"})
MASKS = {
    "id_no": masking.mask_id,
    "pwd_cert_no": masking.mask_id,
    "residence_permit_no": masking.mask_id,
    "bank_account": masking.mask_id,
    "ss_card_no": masking.mask_id,
    "mobile": masking.mask_mobile,
    "contact2_phone": masking.mask_mobile,
    "live_addr": masking.mask_address,
    "hukou_addr": masking.mask_address,
}
_LISTED = {"skills": "trade", "intents": "trade", "certs": "name", "resume": "org", "exclude_trades": "trade"}
_WHY = {"service_event": "REVEAL_REASON"}


@dataclass(frozen=True)
class ChangeRow:
    """One line of the history, in words."""

    key: str
    field_key: str
    when: datetime
    who: str
    act: str
    record: str
    field: str
    old: str
    new: str
    sent: bool
    state: str = SYNCED


def is_shown(record_type: str, field: str) -> bool:
    """Tell whether the history shows this field: links between records and stamps of the program are left out."""
    return field in LABELS.get(record_type, {}) or field in COMMON


def field_label(record_type: str, field: str) -> str:
    """Return what a field is called at the counter."""
    return _(LABELS.get(record_type, {}).get(field) or COMMON.get(field) or field)


def record_label(record_type: str) -> str:
    """Return what a kind of record is called at the counter."""
    kind = find_type(record_type)
    return _(kind.label) if kind else record_type


def value_text(record_type: str, field: str, value: Any) -> str:
    """Return a wire value as the clerk reads it: labels for codes, numbers masked, addresses to the building."""
    if value in (None, "", [], {}):
        return ""
    if field in MASKS:
        return MASKS[field](str(value))
    if field == "dibao_type":
        return _({"1": N_("低保"), "2": N_("低保边缘"), "0": N_("都不是")}.get(str(value), str(value)))
    if field in REGIONS:
        return division_label(str(value))
    if record_type in _WHY:
        return code_list(_WHY[record_type]).label(str(value)) if field == "why" else field_label("resident", str(value))
    if field in MONEY:
        return _("{n} 元", n=entry.show_fen(int(value)))
    kind = find_type(record_type)
    known = kind.fields.get(field) if kind else None
    if known is not None and known.code_list:
        codes = [str(code) for code in value] if isinstance(value, list) else [str(value)]
        return code_list(known.code_list).labels(codes)
    if known is not None and known.kind == TRUTH:
        return _("是") if value else _("否")
    if known is not None and known.kind == INSTANT:
        return f"{clock.to_local(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
    if known is not None and known.kind == DAY:
        return f"{date.fromisoformat(str(value)):%Y-%m-%d}"
    return _plain(field, value)


def _plain(field: str, value: Any) -> str:
    if isinstance(value, list):
        return _("、").join(_item(field, item) for item in value)
    if isinstance(value, dict):
        return _("、").join(str(part) for part in value.values() if part)
    return f"{value:g}" if isinstance(value, float) else masking.mask_text(str(value))


def _item(field: str, item: Any) -> str:
    if field == "priority_groups":
        return code_list("KG").label(str(item.get("code") if isinstance(item, dict) else item))
    if not isinstance(item, dict):
        return occupation_label(str(item)) if field == "exclude_trades" else str(item)
    words = str(item.get("text") or "")
    name = item.get(_LISTED.get(field, "name"))
    words = words or (occupation_label(name) if field in ("skills", "intents") else str(name or ""))
    wage = item.get("wage_min")
    return f"{words} {_('{n} 元', n=entry.show_fen(wage))}" if isinstance(wage, int) else words


def rows_of(changes: Iterable[FileChange], reached: SyncMarks = NO_MARKS) -> list[ChangeRow]:
    """Return the history in words, newest first."""
    rows = []
    for change in changes:
        if not is_shown(change.record_type, change.field):
            continue
        rows.append(
            ChangeRow(
                key=f"{change.op} {change.record_id} {change.field}",
                field_key=f"{change.record_type}.{change.field}",
                when=clock.to_local(change.made_at),
                who=change.actor,
                act=act_label(change.act),
                record=record_label(change.record_type),
                field=field_label(change.record_type, change.field),
                old=value_text(change.record_type, change.field, change.old),
                new=value_text(change.record_type, change.field, change.new),
                sent=change.sent,
                state=SYNCED if change.sent else reached.acts.get(change.op, PENDING),
            )
        )
    return rows


def act_label(name: str) -> str:
    """Return what an act is called."""
    act = find_act(name)
    return _(act.label) if act else name


def fields_of(rows: Iterable[ChangeRow]) -> list[tuple[str, str]]:
    """Return the fields that ever changed, for the filter: key and words, in the order of the record types."""
    found = {row.field_key: f"{row.record} · {row.field}" for row in rows}
    order = {name: place for place, name in enumerate(LABELS)}
    return sorted(found.items(), key=lambda item: (order.get(item[0].partition(".")[0], 99), item[1]))
