"""What a column can hold, for each kind of file, and how such headings are written."""

from dataclasses import dataclass

from app.errors import BugError
from app.texts import N_


@dataclass(frozen=True)
class Target:
    """One thing a column can hold. ``required``: without it no row can be taken."""

    name: str
    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_VACANCIES = (
    Target("title", N_("岗位名称"), _words("职位 职位名称 岗位 招聘岗位 招聘职位 招聘岗位名称 工种 需求岗位 用工岗位 职位标题 job position"), True),
    Target("employer", N_("单位名称"), _words("公司 公司名称 企业 企业名称 用人单位 用人单位名称 招聘单位 招聘单位名称 招聘企业 用工单位 company employer"), True),
    Target("pay", N_("薪酬"), _words("薪资 工资 薪资待遇 工资待遇 薪酬待遇 待遇 月薪 薪水 薪资范围 工资范围 薪资水平 月工资 劳动报酬 薪资元月 工资元月 salary")),
    Target("pay_min", N_("薪酬下限"), _words("最低薪资 最低工资 薪资下限 工资下限 最低月薪 薪资起")),
    Target("pay_max", N_("薪酬上限"), _words("最高薪资 最高工资 薪资上限 工资上限 最高月薪 薪资止")),
    Target("pay_unit", N_("计薪单位"), _words("薪资单位 计薪方式 薪酬单位 工资单位")),
    Target("benefits", N_("福利待遇"), _words("福利 职位福利 公司福利 岗位福利 福利标签 职位诱惑 亮点")),
    Target("text", N_("岗位描述"), _words("岗位信息 职位描述 职位信息 岗位介绍 岗位说明 职位详情 岗位详情 描述 简介 职位介绍 工作描述 岗位职责及要求 招聘简章")),
    Target("duty", N_("工作内容"), _words("岗位职责 工作职责 职责 主要工作 工作任务 职位职责")),
    Target("other_cond", N_("其他条件"), _words("岗位要求 任职要求 招聘条件 职位要求 任职资格 任职条件 招聘要求 要求 其他要求 应聘条件 技能要求")),
    Target("place", N_("地区"), _words("工作地区 工作区域 所在地区 城市 工作城市 所在地 区域 区县 所属区域 region city")),
    Target("address", N_("工作地点"), _words("公司地址 工作地址 上班地址 上班地点 地址 详细地址 单位地址 办公地址 企业地址 工作场所 address")),
    Target("facts", N_("单位情况"), _words("公司信息 企业信息 单位信息 公司简介 公司概况 单位基本情况")),
    Target("employer_kind", N_("单位类型"), _words("单位性质 公司性质 企业性质 企业类型 公司类型 经济类型")),
    Target("employer_size", N_("单位规模"), _words("公司规模 企业规模 规模 人员规模 公司人数")),
    Target("industry", N_("行业"), _words("所属行业 公司行业 企业行业 行业类别 行业类型 行业领域 单位行业")),
    Target("uscc", N_("统一社会信用代码"), _words("社会信用代码 信用代码 统一信用代码 营业执照号")),
    Target("contact", N_("联系人"), _words("联络人 招聘联系人 负责人 hr")),
    Target("phone", N_("联系电话"), _words("电话 联系方式 手机 手机号 联系手机 咨询电话 招聘电话")),
    Target("experience", N_("工作经验"), _words("经验 经验要求 工作年限 工作经验要求 工作经历 年限要求")),
    Target("education", N_("学历要求"), _words("学历 最低学历 文化程度 学历层次 教育程度")),
    Target("openings", N_("招聘人数"), _words("人数 招工人数 需求人数 岗位数 招聘数量 需求数 用工人数 拟招人数 人数人 数量 名额")),
    Target("posted_on", N_("发布日期"), _words("时间 发布时间 日期 更新日期 更新时间 登记日期 招聘开始日期 开始日期 起始日期 有效期起")),
    Target("open_to", N_("截止日期"), _words("招聘截止日期 截止时间 有效期 有效期至 结束日期 失效日期 有效期止 有效日期")),
    Target("work_form", N_("用工形式"), _words("工作性质 工作类型 用工性质 职位类型 就业形式 用工类型")),
    Target("trade", N_("职业（工种）"), _words("职业 职业代码 职业分类 岗位类别 职位类别 工种代码 职业类别")),
    Target("legacy", N_("限制条件（另存，不参与匹配）"), _words("性别 性别要求 年龄 年龄要求 年龄范围 年龄段 婚姻 婚姻状况 婚姻要求 婚育情况 户口 户籍 户籍要求 户口要求 身高 身高要求 体重 视力 视力要求 民族 民族要求 相貌 形象要求 政治面貌要求 健康要求")),
)  # fmt: skip

_EMPLOYERS = (
    Target("name", N_("单位名称"), _words("公司 公司名称 企业 企业名称 用人单位 用人单位名称 名称 单位 用工单位"), True),
    Target("uscc", N_("统一社会信用代码"), _words("社会信用代码 信用代码 统一信用代码 营业执照号")),
    Target("employer_kind", N_("单位类型"), _words("单位性质 公司性质 企业性质 企业类型 公司类型 经济类型 性质")),
    Target("industry", N_("行业"), _words("所属行业 公司行业 企业行业 行业类别 行业类型 行业领域 单位行业")),
    Target("size", N_("单位规模"), _words("公司规模 企业规模 规模 人员规模 职工人数 员工人数 公司人数")),
    Target("facts", N_("单位情况"), _words("公司信息 企业信息 单位信息")),
    Target("legal_rep", N_("法定代表人"), _words("法人 法人代表 法人姓名 负责人")),
    Target("reg_addr", N_("注册地址"), _words("住所 注册地 营业执照地址 地址 单位地址")),
    Target("work_addr", N_("工作地址"), _words("经营地址 办公地址 生产地址 实际地址 公司地址 企业地址 经营场所")),
    Target("contact", N_("联系人"), _words("联络人 招聘联系人 联系人姓名")),
    Target("phone", N_("联系电话"), _words("电话 联系方式 手机 手机号 单位电话 座机 办公电话")),
    Target("licence_valid_to", N_("执照有效期至"), _words("营业执照有效期 营业期限 有效期 有效期至")),
    Target("hr_licence_no", N_("人力资源服务许可证号"), _words("人力资源许可证 人力资源服务许可证")),
    Target("dispatch_licence_no", N_("劳务派遣许可证号"), _words("劳务派遣许可证 派遣许可证号 劳务派遣经营许可证")),
)  # fmt: skip

_RESIDENTS = (
    Target("name", N_("姓名"), _words("居民姓名 人员姓名 求职者 求职者姓名 名字 name"), True),
    Target("id_no", N_("证件号码"), _words("身份证 身份证号 身份证号码 公民身份号码 证件号 居民身份证 居民身份证号"), True),
    Target("id_type", N_("证件类型"), _words("证件种类 证件类别")),
    Target("sex", N_("性别")),
    Target("birth_date", N_("出生日期"), _words("出生年月 生日 出生年月日 出生")),
    Target("ethnic", N_("民族")),
    Target("edu_level", N_("文化程度"), _words("学历 最高学历 教育程度 学历层次")),
    Target("school", N_("毕业院校"), _words("学校 毕业学校 院校")),
    Target("major", N_("专业"), _words("所学专业")),
    Target("graduate_date", N_("毕业日期"), _words("毕业时间 毕业年月")),
    Target("politic", N_("政治面貌")),
    Target("marital", N_("婚姻状况"), _words("婚姻 婚否")),
    Target("health", N_("健康状况"), _words("身体状况 健康")),
    Target("pwd_cert_no", N_("残疾证号"), _words("残疾人证号 残疾证 残疾人证")),
    Target("hukou_type", N_("户口性质"), _words("户籍性质 户口类别 户口类型 户籍类型")),
    Target("hukou_region", N_("户籍地"), _words("户籍所在地 户籍区划 户籍地区划 户口所在地 籍贯区划")),
    Target("hukou_addr", N_("户籍地址"), _words("户口地址 户籍详细地址 户籍地详细地址")),
    Target("live_region", N_("常住地"), _words("居住地 现居住地 常住区划 居住区划 常住地区划 所属街道")),
    Target("live_addr", N_("常住地址"), _words("居住地址 现住址 家庭住址 住址 地址 家庭地址 联系地址 常住地详细地址 现居住地址")),
    Target("mobile", N_("手机号"), _words("手机 手机号码 电话 联系电话 联系方式 本人电话 移动电话")),
    Target("contact2_name", N_("备用联系人"), _words("紧急联系人 第二联系人 其他联系人")),
    Target("contact2_phone", N_("备用电话"), _words("紧急联系电话 备用联系电话 第二联系电话 紧急联系人电话 备用联系人电话")),
    Target("emp_status", N_("就业失业状态"), _words("就业状态 就业状况 就业失业状况 人员状态")),
    Target("ss_card_no", N_("社保卡号"), _words("社会保障卡号 社保卡 社会保障卡")),
)  # fmt: skip

KINDS = ("vacancies", "employers", "residents")
MULTIPLE = frozenset({"legacy", "text"})
"""Targets that several columns may share; all others stand once."""

_TABLE = {"vacancies": _VACANCIES, "employers": _EMPLOYERS, "residents": _RESIDENTS}


def targets_of(kind: str) -> tuple[Target, ...]:
    """Return what a column of this kind of file can hold, in the order in which it is offered.

    Raises:
        BugError: not one of ``KINDS``.
    """
    if kind not in _TABLE:
        raise BugError(f"no import of {kind!r}, one of: {', '.join(KINDS)}", code="import.kind")
    return _TABLE[kind]
