"""Every act a person can do, with who may and whether it can be taken back.

Act names are those of the operation log. One table: services check it, the server checks it again, the interface hides
what is not allowed.
"""

from dataclasses import dataclass
from functools import cache

from app.texts import N_

CLERK, TRAINER, SUPERVISOR, OFFICER, OPERATOR = "clerk", "trainer", "supervisor", "officer", "operator"
ROLES = (CLERK, TRAINER, SUPERVISOR, OFFICER, OPERATOR)

_COUNTER = frozenset({CLERK, SUPERVISOR})
_LEAD = frozenset({SUPERVISOR, OFFICER})
_CLASSROOM = frozenset({CLERK, SUPERVISOR, TRAINER})
_HEAD = frozenset({SUPERVISOR})
_DISTRICT_STAFF = frozenset({OFFICER})


@dataclass(frozen=True)
class Act:
    """One kind of act. ``undoable``: a counter-operation may take it back (ui guide, section 3: undo before asking).

    ``keeps_later``: taking it back leaves what was changed since as it is, instead of refusing.
    """

    name: str
    label: str
    roles: frozenset[str]
    undoable: bool = False
    keeps_later: bool = False


ACTS: tuple[Act, ...] = (
    Act("station.found", N_("建站"), frozenset(ROLES)),
    Act("station.edit", N_("改站点资料"), _LEAD),
    Act("staff.add", N_("添加人员"), _LEAD),
    Act("staff.edit", N_("改人员资料"), _LEAD, undoable=True),
    Act("resident.register", N_("新登记"), _COUNTER, undoable=True),
    Act("resident.edit", N_("改资料"), _COUNTER, undoable=True),
    Act("resident.remove", N_("作废档案"), frozenset({SUPERVISOR}), undoable=True),
    Act("resident.merge", N_("合并档案"), _COUNTER, undoable=True, keeps_later=True),
    Act("resident.reveal", N_("看完整号码"), _COUNTER | _LEAD),
    Act("resident.import", N_("导入居民"), _COUNTER, undoable=True),
    Act("household.save", N_("改家庭"), _COUNTER, undoable=True),
    Act("consent.record", N_("记录告知同意"), _COUNTER, undoable=True),
    Act("consent.withdraw", N_("撤回同意"), _COUNTER),
    Act("registration.open", N_("求职登记"), _COUNTER, undoable=True),
    Act("registration.edit", N_("改求职意向"), _COUNTER, undoable=True),
    Act("registration.renew", N_("续登记"), _COUNTER, undoable=True),
    Act("registration.close", N_("结束求职登记"), _COUNTER, undoable=True),
    Act("unemp.register", N_("失业登记"), _COUNTER, undoable=True),
    Act("unemp.edit", N_("改失业登记"), _COUNTER, undoable=True),
    Act("unemp.deregister", N_("注销失业登记"), _COUNTER),
    Act("employer.add", N_("登记单位"), _COUNTER | _LEAD, undoable=True),
    Act("employer.edit", N_("改单位资料"), _COUNTER | _LEAD, undoable=True),
    Act("employer.verify", N_("核验单位"), _LEAD, undoable=True),
    Act("employer.import", N_("导入单位"), _COUNTER | _LEAD, undoable=True),
    Act("vacancy.add", N_("登记岗位"), _COUNTER | _LEAD, undoable=True),
    Act("vacancy.edit", N_("改岗位"), _COUNTER | _LEAD, undoable=True),
    Act("vacancy.import", N_("导入岗位"), _COUNTER | _LEAD, undoable=True),
    Act("vacancy.publish", N_("发布岗位"), _LEAD, undoable=True),
    Act("vacancy.return", N_("退回岗位"), _LEAD, undoable=True),
    Act("vacancy.take_down", N_("下架岗位"), _COUNTER | _LEAD, undoable=True),
    Act("referral.issue", N_("开推荐信"), _COUNTER),
    Act("referral.print", N_("打印推荐信"), _COUNTER),
    Act("referral.deliver", N_("推荐信已送达"), _COUNTER, undoable=True),
    Act("referral.outcome", N_("登记回执"), _COUNTER, undoable=True),
    Act("referral.void", N_("作废推荐信"), _COUNTER),
    Act("course.add", N_("登记培训项目"), _COUNTER, undoable=True),
    Act("course.edit", N_("改培训项目"), _COUNTER, undoable=True),
    Act("class.plan", N_("排班期"), _COUNTER, undoable=True),
    Act("class.edit", N_("改班期"), _COUNTER, undoable=True),
    Act("class.lessons", N_("排课"), _COUNTER, undoable=True),
    Act("class.publish", N_("开始报名"), _COUNTER, undoable=True),
    Act("class.open", N_("开班"), _COUNTER, undoable=True),
    Act("class.postpone", N_("班期延期"), _COUNTER),
    Act("class.cancel", N_("取消班期"), _HEAD),
    Act("class.finish", N_("结业"), _COUNTER, undoable=True),
    Act("class.export", N_("导出班级台账"), _COUNTER),
    Act("lesson.move", N_("调课"), _COUNTER, undoable=True),
    Act("lesson.cancel", N_("取消一次课"), _COUNTER, undoable=True),
    Act("lesson.note", N_("写上课记录"), _CLASSROOM, undoable=True),
    Act("enrolment.add", N_("报名培训"), _COUNTER, undoable=True),
    Act("enrolment.import", N_("导入报名名单"), _COUNTER, undoable=True),
    Act("enrolment.drop", N_("退班"), _COUNTER, undoable=True),
    Act("enrolment.promote", N_("提前递补"), _HEAD, undoable=True),
    Act("enrolment.tell", N_("通知学员"), _COUNTER, undoable=True),
    Act("enrolment.print", N_("打印报名确认单"), _COUNTER),
    Act("attendance.mark", N_("点名"), _CLASSROOM, undoable=True),
    Act("attendance.enter", N_("补录考勤"), _CLASSROOM, undoable=True),
    Act("attendance.correct", N_("更正考勤"), _CLASSROOM, undoable=True),
    Act("attendance.adopt", N_("临时来的学员补报名"), _COUNTER, undoable=True),
    Act("assessment.mark", N_("登记成绩"), _CLASSROOM, undoable=True),
    Act("certificate.issue", N_("发证书"), _COUNTER),
    Act("certificate.print", N_("打印结业证明"), _COUNTER),
    Act("certificate.check", N_("查验证书"), _COUNTER, undoable=True),
    Act("certificate.void", N_("作废证书"), _HEAD),
    Act("craft.order", N_("登记来料加工订单"), _COUNTER, undoable=True),
    Act("craft.edit", N_("改来料加工订单"), _COUNTER, undoable=True),
    Act("craft.assign", N_("发料"), _COUNTER, undoable=True),
    Act("craft.deliver", N_("登记交货"), _COUNTER, undoable=True),
    Act("craft.pay", N_("登记付加工费"), _COUNTER),
    Act("ledger.export", N_("导出台账"), _LEAD),
    Act("ledger.export_whole", N_("导出完整信息的台账"), _LEAD),
    Act("month.close", N_("月度结账"), _HEAD),
    Act("month.reopen", N_("重新打开已结账的月份"), _HEAD),
    Act("visit.record", N_("记走访"), _COUNTER, undoable=True),
    Act("visit.edit", N_("改走访记录"), _COUNTER, undoable=True),
    Act("followup.record", N_("记回访"), _COUNTER, undoable=True),
    Act("followup.edit", N_("改回访记录"), _COUNTER, undoable=True),
    Act("guidance.record", N_("职业指导"), _COUNTER, undoable=True),
    Act("guidance.edit", N_("改职业指导记录"), _COUNTER, undoable=True),
    Act("policy_intro.record", N_("讲政策"), _COUNTER, undoable=True),
    Act("policy_intro.edit", N_("改政策宣介记录"), _COUNTER, undoable=True),
    Act("policy.set", N_("改区里参数"), _DISTRICT_STAFF, undoable=True),
    Act("conflict.settle", N_("两边不一样，选定"), _COUNTER | _LEAD, undoable=True),
    Act("sync.withdraw", N_("撤下没送出的一笔"), _COUNTER | _LEAD),
    Act("sync.hand", N_("转站长"), _COUNTER | _LEAD),
    Act("sync.allow_removal", N_("放行大批移除"), _LEAD),
    Act("undo", N_("撤销"), frozenset(ROLES)),
    Act("district.decide", N_("区里决定"), frozenset()),
)


@cache
def _by_name() -> dict[str, Act]:
    return {act.name: act for act in ACTS}


def find_act(name: str) -> Act | None:
    """Return the act of that name, if there is one."""
    return _by_name().get(name)


def may(roles: frozenset[str], name: str) -> bool:
    """Tell whether somebody with these roles may do this act."""
    act = find_act(name)
    return act is not None and bool(act.roles & roles)
