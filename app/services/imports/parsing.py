"""Reading single cells of postings: dates, head counts, education, experience, and what they say of the employer.

Nothing is invented: what is not said stays None. Where a reading took a decision, a remark says which.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Generic, TypeVar

from app.texts import _

T = TypeVar("T")

_FULL_DATE = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_COMPACT_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_SHORT_DATE = re.compile(r"(?<![\d-])(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?![\d-])")
_MONTH_ONLY = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_SERIAL = re.compile(r"^[34]\d{4}$")
_DAYS_AGO = re.compile(r"^(\d{1,3})天前")
_EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What a cell says, and a remark when a decision was taken over it or it could not be read."""

    value: T | None = None
    remark: str | None = None


def parse_date(text: str, *, today: date) -> Reading[date]:
    """Read a date; one without a year falls in the last twelve months up to ``today``."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return Reading()
    if match := _FULL_DATE.search(plain) or _COMPACT_DATE.search(plain):
        return _told(_day(int(match[1]), int(match[2]), int(match[3])), text)
    if _SERIAL.match(plain):
        return Reading(_EXCEL_EPOCH + timedelta(days=int(plain)))
    if match := _DAYS_AGO.search(plain):
        return Reading(today - timedelta(days=int(match[1])))
    if plain.startswith(("今天", "刚刚")):
        return Reading(today)
    if plain.startswith("昨天"):
        return Reading(today - timedelta(days=1))
    if match := _SHORT_DATE.search(plain):
        found = _latest(int(match[1]), int(match[2]), today)
        if found is not None:
            return Reading(found, _("日期没写年份，按 {day} 记", day=found.isoformat()))
    return _told(None, text)


def parse_month(text: str, *, today: date) -> Reading[date]:
    """Read a date that may lack its day (毕业年月): then the first of the month."""
    match = _MONTH_ONLY.match(unicodedata.normalize("NFKC", text).strip())
    if match and (found := _day(int(match[1]), int(match[2]), 1)):
        return Reading(found)
    return parse_date(text, today=today)


def _told(found: date | None, text: str) -> Reading[date]:
    return Reading(found) if found else Reading(remark=_("日期“{cell}”没看懂，没有记", cell=text[:20]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _latest(month: int, day: int, today: date) -> date | None:
    """Return the last such day that is not in the future (29 February: of the last leap year)."""
    for year in range(today.year, today.year - 9, -1):
        found = _day(year, month, day)
        if found and found <= today:
            return found
    return None


def parse_openings(text: str) -> Reading[int]:
    """Read how many are wanted: ``21人``; ``若干`` is no number."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return Reading()
    match = re.search(r"(\d{1,6})(?:\s*[-~至到]\s*(\d{1,6}))?", plain)
    if match is None:
        return Reading(remark=_("招聘人数写的是“{cell}”，要补", cell=plain[:10]))
    low, high = int(match[1]), int(match[2] or match[1])
    if not 1 <= low <= 99999:
        return Reading(remark=_("招聘人数“{cell}”不对，要补", cell=plain[:10]))
    if high > low:
        return Reading(low, _("招聘人数写的是 {cell}，按少的记", cell=plain[:20]))
    return Reading(low)


# Education and experience --------------------------------------------------------------------------------------------

UNLIMITED = "不限"
_EDU_WORDS = (
    ("11", ("博士",)),
    ("14", ("硕士", "研究生", "MBA", "EMBA")),
    ("21", ("本科", "学士")),
    ("31", ("大专", "专科", "高职", "大学专科")),
    ("47", ("技校", "中技", "技工学校")),
    ("44", ("职高", "职业高中")),
    ("41", ("中专", "中职", "中等专业")),
    ("61", ("高中",)),
    ("71", ("初中",)),
    ("81", ("小学",)),
)


@lru_cache(maxsize=1024)
def find_education(text: str) -> str | None:
    """Return the EDU code of the lowest level that a cell names, ``不限``, or None when it names none."""
    if any(word in text for word in ("不限", "无要求", "不要求", "无学历要求")):
        return UNLIMITED
    found = None
    for code, words in _EDU_WORDS:
        if any(word in text for word in words):
            found = code
    if found and "及以下" in text:
        return UNLIMITED
    return found


def parse_experience(text: str) -> Reading[int]:
    """Read the fewest years asked for: ``3-4年工作经验`` is 3, none and 不限 are 0."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return Reading()
    if any(word in plain for word in ("不限", "无工作经验", "无经验", "不要求", "无需经验", "无要求", "应届", "在校")):
        return Reading(0)
    match = re.search(r"(\d{1,2})(?:\.\d)?\s*(?:[-~至到]\s*\d{1,2})?\s*年", plain)
    if match:
        return Reading(0 if re.search(r"年(?:及)?以[下内]", plain) and "-" not in plain else int(match[1]))
    return Reading(remark=_("工作经验“{cell}”没看懂，没有记", cell=plain[:20]))


_PROSE_EDU = re.compile(
    r"(博士|硕士|研究生|本科|大专|专科|高职|中专|中技|技校|职高|高中|初中)(?:（含）|[(]含[)])?\s*(?:毕业)?\s*(?:及|或|含|/)?\s*(?:其)?(?:以上|同等)(?!.{0,6}优先)"
)
_PROSE_YEARS = re.compile(r"(?<!\d)(\d{1,2})\s*年(?:及)?(?:以上)?[^，,；;。.、\d\s]{0,14}(?:工作)?经验(?!.{0,6}优先)")


def find_prose_demands(text: str) -> tuple[str | None, int | None]:
    """Return the EDU code and the years of experience that a description asks for; what it only prefers is not."""
    edu = years = None
    if match := _PROSE_EDU.search(text):
        edu = find_education(match[1])
    if "经验" in text and (match := _PROSE_YEARS.search(text)):
        years = int(match[1]) if int(match[1]) <= 20 else None
    return edu, years


def is_experience(text: str) -> bool:
    """Tell whether a cell speaks of experience: in scraped files, cells slide into the column before."""
    return "经验" in text or "应届" in text or bool(re.search(r"\d\s*年", text))


# The employer --------------------------------------------------------------------------------------------------------

_KIND_WORDS = (
    ("85", ("家庭雇主",)),
    ("80", ("居委会", "村委会", "居民委员会", "村民委员会")),
    ("70", ("合作社",)),
    ("60", ("个体",)),
    ("50", ("民办非企业", "社会服务机构")),
    ("40", ("社会团体", "社团")),
    ("30", ("机关", "政府")),
    ("20", ("事业单位",)),
    ("13", ("外资", "外商", "外企", "港澳台", "合资", "独资企业(外)")),
    ("12", ("民营", "私营", "民企")),
    ("11", ("集体",)),
    ("10", ("国企", "国有", "央企")),
)
_STATED_KINDS = ("上市公司", "创业公司", "非营利", "股份制", "有限责任", "其他")
_PEOPLE = re.compile(r"^(?:少于|约)?\s*\d+\s*(?:[-~至]\s*\d+)?\s*人?(?:以上|以下|以内)?$")


@lru_cache(maxsize=2048)
def find_employer_kind(text: str) -> str | None:
    """Return the EMPLOYER_TYPE code; listed and start-up companies are not told apart by owner, so None."""
    return next((code for code, words in _KIND_WORDS if any(word in text for word in words)), None)


@lru_cache(maxsize=1024)
def find_size(text: str) -> str | None:
    """Return the SIZE code of a head count.

    The legal size classes depend on the trade as well (turnover, assets): only the head count is known here, and the
    commonest bounds are used (工信部联企业〔2011〕300号: 1000, 300 and 20 people).
    """
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not numbers:
        return next(
            (code for code, word in (("1", "大型"), ("2", "中型"), ("3", "小型"), ("4", "微型")) if word in text), None
        )
    least = 0 if text.startswith("少于") or text.endswith(("以下", "以内")) else numbers[0]
    most = numbers[-1] if len(numbers) > 1 or least == 0 else least
    for code, low, high in (("1", 1000, 10**9), ("2", 300, 1000), ("3", 20, 300), ("4", 0, 20)):
        if low <= least and (most <= high or "以上" in text):
            return code
    return None


_SECTIONS = (
    ("A", "农 林 牧 渔 种植 养殖 农业"),
    ("B", "采掘 采矿 矿产 煤矿"),
    ("P", "教育 培训 院校 学校 幼儿园 托育"),
    ("Q", "医疗/护理 卫生 医院 诊所 养老 社会工作"),
    ("J", "金融 银行 保险 证券 基金 信托 投资"),
    ("K", "房地产 物业"),
    ("H", "餐饮 酒店 住宿 宾馆"),
    ("G", "物流 运输 交通 快递 仓储 货运 邮政"),
    ("I", "互联网 计算机软件 计算机服务 通信/电信运营 网络游戏 软件 信息技术 电子商务 增值服务"),
    ("E", "建筑 装潢 装修 工程施工 室内设计"),
    ("D", "电力 燃气 供水 水利 新能源"),
    ("C", "制造 电子技术 半导体 机械 设备 重工 汽车 化工 制药 生物工程 服装 纺织 皮革 食品 "
        "家具 家电 玩具 印刷 包装 造纸 原材料 加工 仪器仪表 "
        "通信/电信/网络设备 计算机硬件 医疗设备 航天 航空 快速消费品 冶炼 奢侈品 办公用品"),
    ("F", "批发 零售 贸易 进出口 商超"),
    ("M", "检测 认证 科研 学术 研究"),
    ("R", "影视 媒体 艺术 文化 出版 娱乐 体育 休闲"),
    ("L", "咨询 人力资源 财会 会计 审计 法律 广告 公关 会展 中介 租赁 外包 商务服务 专业服务"),
    ("N", "环保 环境 绿化 环卫"),
    ("O", "生活服务 美容 保健 家政 居民服务 修理"),
    ("S", "政府 公共事业 社会组织 非营利 社会保障"),
)  # fmt: skip
_BROAD = ("多元化",)
_PRECISE = (
    ("通信/电信/网络设备", "C"), ("计算机硬件", "C"), ("医疗设备", "C"), ("旅游", "L"), ("酒店/旅游", "H"),
    ("汽车", "C"),
    ("医疗/护理/卫生", "Q"), ("影视/媒体/艺术/文化传播", "R"), ("金融/投资/证券", "J"), ("航天/航空", "C"),
    ("家居", "E"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def find_industry(text: str) -> str | None:
    """Return the GB/T 4754 section that the first named trade belongs to; None where none is sure."""
    for piece in re.split(r"[\s,，;；|]+", text.strip()):
        if not piece or any(word in piece for word in _BROAD):
            continue
        if len(piece) == 1 and piece.upper() in "ABCDEFGHIJKLMNOPQRST":
            return piece.upper()
        for word, section in _PRECISE:
            if word in piece:
                return section
        for section, words in _SECTIONS:
            if any(word in piece for word in words.split()):
                return section
    return None


@dataclass(frozen=True)
class EmployerFacts:
    """What a posting says of its employer. ``rest`` is what no field could take."""

    kind: str | None = None
    size: str | None = None
    industry: str | None = None
    rest: str = ""


@lru_cache(maxsize=4096)
def parse_facts(text: str) -> EmployerFacts:
    """Read ``外资（非欧美）| 10000人以上| 生活服务 房地产``; any of the pieces may be missing."""
    kind = size = industry = None
    rest: list[str] = []
    for piece in (part.strip() for part in re.split(r"[|｜]", text)):
        if not piece:
            continue
        if _PEOPLE.match(piece):
            size = size or find_size(piece)
        elif kind is None and len(piece) <= 12 and (found := find_employer_kind(piece)):
            kind = found
        elif any(word in piece for word in _STATED_KINDS):
            rest.append(piece)
        elif industry is None and (found := find_industry(piece)):
            industry = found
        else:
            rest.append(piece)
    return EmployerFacts(kind, size, industry, " ".join(rest))
