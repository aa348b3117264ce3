"""INDICATORS: the figures of domain sheet 7.3 that today's records can feed, block by block.

Periods are half-open; what stands at the end is as of the last instant before ``period.until``. 社区就业率 and
登记失业率 are the station's own working figures and say so. docs/ledgers.md tells how each is counted, and why the
others of the sheet are not.
"""

from __future__ import annotations

from app.ledgers import figures_help as help_given
from app.ledgers import figures_people as people
from app.ledgers import figures_results as results
from app.ledgers.figures import RECORDS, SUM, UNITS, Indicator
from app.texts import N_

_HOUR, _YUAN = 3600, 100

_PEOPLE = (
    Indicator("A1", N_("在册居民"), N_("期末在册、没有作废的档案"), people.on_file, unit=N_("人")),
    Indicator("A2", N_("劳动年龄人口"), N_("满 16 岁、未到法定退休年龄"), people.of_age, unit=N_("人")),
    Indicator("A3", N_("在业"), N_("就业状态 11–18"), people.employed, unit=N_("人")),
    Indicator("A4", N_("失业"), N_("就业状态 21、22"), people.with_status("unemployed"), unit=N_("人")),
    Indicator("A5", N_("备业"), N_("就业状态 23、24"), people.with_status("preparation"), unit=N_("人")),
    Indicator("A6", N_("非劳动力"), N_("就业状态 31–39"), people.with_status("outside"), unit=N_("人")),
    Indicator("A7", N_("情况不明"), N_("就业状态 90，或没有填"), people.with_status("unknown"), unit=N_("人")),
    Indicator("A8", N_("社区就业率（工作口径）"), N_("A3 ÷（A3 + A4 + A5）"), people.employed, base=people.active),
    Indicator("A9", N_("建档率"), N_("近 12 个月更新过的档案 ÷ A1"), people.fresh_files, base=people.on_file),
    Indicator("B1", N_("期末登记失业人数"), N_("期末在册的失业登记"), people.registered, RECORDS, unit=N_("人")),
    Indicator("B2", N_("本期新登记"), N_("登记日期在期内"), people.newly_registered, RECORDS, unit=N_("人")),
    Indicator("B3", N_("本期注销"), N_("注销日期在期内"), people.deregistered, RECORDS, unit=N_("人")),
    Indicator("B4", N_("就业困难人员在册"), N_("期末档案里记着就业困难人员的"), people.in_hardship, unit=N_("人")),
    Indicator("B8", N_("长期失业占比"), N_("连续登记满 12 个月 ÷ B1"), people.long_registered, base=people.registered),
    Indicator(
        "B9",
        N_("登记失业率（参考值，非统计部门口径）"),
        N_("B1 ÷（A3 + B1）"),
        people.registered,
        base=people.employed_or_registered,
    ),
)

_HELP = (
    Indicator(
        "C1",
        N_("5 日联系率"),
        N_("5 天内联系上 ÷ 期内满 5 天的线索"),
        help_given.contacted_in_time,
        RECORDS,
        base=help_given.leads,
        base_count=RECORDS,
        goal=95,
        amber=85,
    ),
    Indicator(
        "C2",
        N_("平均首次联系时长"),
        N_("登记到首次联系的天数 ÷ 联系上的线索"),
        help_given.contacted,
        SUM,
        base=help_given.contacted,
        base_count=RECORDS,
        per=1,
        unit=N_("天"),
    ),
    Indicator(
        "C3",
        N_("1131 完成率"),
        N_("四项都做到 ÷ 期内登记满 90 天的人"),
        help_given.package_of("policy", "guidance", "referral", "training"),
        base=help_given.package_due,
        goal=90,
    ),
    Indicator("C3a", N_("政策宣介到位"), N_("做过 1 次"), help_given.package_of("policy"), base=help_given.package_due),
    Indicator(
        "C3b", N_("职业指导到位"), N_("做过 1 次"), help_given.package_of("guidance"), base=help_given.package_due
    ),
    Indicator(
        "C3c", N_("岗位推荐到位"), N_("推荐过 3 个岗位"), help_given.package_of("referral"), base=help_given.package_due
    ),
    Indicator(
        "C3d",
        N_("培训见习到位"),
        N_("报过名或推荐过"),
        help_given.package_of("training"),
        base=help_given.package_due,
    ),
    Indicator("C5a", N_("走访覆盖户数"), N_("期内走访到的家庭，一户一次"), help_given.visits, UNITS, unit=N_("户")),
    Indicator(
        "C5b",
        N_("入户见到率"),
        N_("见到本人 ÷ 上门走访"),
        help_given.visits_that_met,
        RECORDS,
        base=help_given.visits_at_the_door,
        base_count=RECORDS,
    ),
    Indicator(
        "C9",
        N_("回访完成率"),
        N_("做过的 ÷ 期内到期的上岗、训后回访"),
        help_given.followups_done,
        RECORDS,
        base=help_given.followups_due,
        base_count=RECORDS,
    ),
    Indicator(
        "C10a",
        N_("岗位审核平均时长"),
        N_("登记到审核的时间 ÷ 期内审核的岗位"),
        help_given.reviewed,
        SUM,
        base=help_given.reviewed,
        base_count=RECORDS,
        per=1,
        unit=N_("小时"),
        scale=_HOUR,
    ),
    Indicator(
        "C10b",
        N_("岗位退回率"),
        N_("退回 ÷ 期内审核的岗位"),
        help_given.sent_back,
        RECORDS,
        base=help_given.reviewed,
        base_count=RECORDS,
    ),
    Indicator(
        "C11",
        N_("回执率"),
        N_("到期的推荐信里收回回执的"),
        help_given.slips_answered,
        RECORDS,
        base=help_given.slips_due,
        base_count=RECORDS,
        goal=80,
    ),
)

_RESULTS = (
    Indicator("D1", N_("推荐人次"), N_("期内开具、没有作废"), results.referred, RECORDS, unit=N_("人次")),
    Indicator(
        "D2",
        N_("推荐成功率"),
        N_("录用 ÷ 有结果的推荐，试岗、待定不算结果"),
        results.hired,
        RECORDS,
        base=results.closed,
        base_count=RECORDS,
        goal=25,
    ),
    Indicator(
        "D3",
        N_("人均推荐次数至就业"),
        N_("录用者这次求职到录用为止的推荐 ÷ 录用人数"),
        results.referrals_of_hired,
        RECORDS,
        base=results.hired,
        per=1,
        unit=N_("次"),
    ),
    Indicator("D4", N_("失业人员再就业人数"), N_("登记失业的人期内转为在业"), results.back_in_work, unit=N_("人")),
    Indicator(
        "D5", N_("再就业率"), N_("D4 ÷（期初 B1 + B2）"), results.back_in_work, base=results.unemployed_in_period
    ),
    Indicator(
        "D6", N_("就业困难人员就业人数"), N_("就业困难人员期内转为在业"), results.hardship_in_work, unit=N_("人")
    ),
    Indicator(
        "D9", N_("稳岗率"), N_("满 90 天还在岗 ÷ 满 90 天联系上的"), results.stayed, base=results.reached, goal=70
    ),
    Indicator("D9u", N_("满 90 天没联系上"), N_("D9 之外另报"), results.not_reached, unit=N_("人")),
    Indicator(
        "D10a",
        N_("培训合格率"),
        N_("结业 ÷ 期内结束的班的学员"),
        results.passed,
        RECORDS,
        base=results.trained,
        base_count=RECORDS,
    ),
    Indicator(
        "D10b",
        N_("培训取证率"),
        N_("取得证书 ÷ 期内结束的班的学员"),
        results.certified,
        RECORDS,
        base=results.trained,
        base_count=RECORDS,
    ),
    Indicator(
        "D10c",
        N_("训后 90 天就业率"),
        N_("90 天内就业 ÷ 期内满 90 天的结业学员"),
        results.graduates_in_work,
        RECORDS,
        base=results.graduates_long_ago,
        base_count=RECORDS,
    ),
    Indicator("D13a", N_("来料加工参与人数"), N_("期内领料或交货的人"), results.craft_workers, unit=N_("人")),
    Indicator(
        "D13b", N_("来料加工加工费"), N_("期内交货的应付加工费"), results.craft_pay, SUM, unit=N_("元"), scale=_YUAN
    ),
    Indicator(
        "D13c",
        N_("来料加工人均加工费"),
        N_("D13b ÷ D13a"),
        results.craft_pay,
        SUM,
        base=results.craft_workers,
        per=1,
        unit=N_("元"),
        scale=_YUAN,
    ),
    Indicator(
        "D15",
        N_("满意度"),
        N_("4–5 分 ÷ 打了分的回访和指导"),
        results.satisfied,
        RECORDS,
        base=results.rated,
        base_count=RECORDS,
    ),
    Indicator(
        "D16",
        N_("政策惠及人次（按宣介计）"),
        N_("期内宣介，一人一天一次"),
        results.policies_told,
        UNITS,
        unit=N_("人次"),
    ),
)

INDICATORS: tuple[Indicator, ...] = (*_PEOPLE, *_HELP, *_RESULTS)


def indicator(code: str) -> Indicator:
    """Return the indicator of a code.

    Raises:
        KeyError: there is none.
    """
    try:
        return next(each for each in INDICATORS if each.code == code)
    except StopIteration:
        raise KeyError(code) from None
