"""Taking conditions that a vacancy may not set out of a posting's text (domain sheet 2.7, section 6).

Sex, age, marriage, ethnicity, hukou, looks, height, infection: what a text says of them is kept apart for the reviewer
and stands in no field that is shown, indexed or matched on. The rest of the text stays as it was written.
"""

import re
from dataclasses import dataclass

from app.texts import N_

_STOP = r"[^，,；;。.！!？?、\s（）()【】]"
_DASH = r"\s*(?:[-—–―－~～至到]+)\s*(?:[（(]?\s*)?"
_AGE = r"(?:1[6-9]|[2-7]\d)"
_BETTER = r"(?:优先(?:考虑|录用|者)?|为主|为佳|更佳|最佳|佳|为宜|亦可)"


@dataclass(frozen=True)
class _Family:
    """One forbidden kind of condition. ``anchors``: without any of these the patterns need not be tried."""

    name: str
    label: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_FAMILIES = (
    _Family(
        "sex", N_("性别"), ("男", "女", "先生", "性别", "限***", "萌"),
        _any(
            r"(?:仅限|只限|只招|仅招|只要|限招|限|招聘|招|须|需|要求)[男女](?:性|生|士|工|孩)?(?![男女/、性士生])",
            rf"[男女](?:性|士|生|孩)?(?:者)?{_BETTER}",
            r"性\s*别\s*(?:要求)?\s*[:：为]?\s*[男女](?:性|生)?(?![男女/、或])",
            r"(?<![男女一-鿿A-Za-z/、])[男女](?:性|士|生)?(?=[，,；;。.、\s）)]|$)",
            r"[男女](?:性|士|生)?\s*[，,]\s*(?=\d{2})",
            r"限\*{2,}",
            r"萌\*{2,}",
            r"(?:帅哥|美女)(?:优先|加分)",
        ),
    ),
    _Family(
        "age", N_("年龄"), ("岁", "年龄", "年纪", "0后", "5后"),
        _any(
            rf"(?:年龄|年纪)(?:要求|范围|段|限制)?\s*(?:在|为|从|须|需|应)?\s*[:：]?\s*(?:女|男)?\s*[:：]?\s*{_AGE}\s*(?:周?岁)?"
            rf"(?:{_DASH}{_AGE}\s*(?:周?岁)?)?\s*(?:之间|左右|以下|以内|以上|及以下|及以上|为宜|优先|为佳)*",
            rf"{_AGE}\s*(?:周?岁)?{_DASH}{_AGE}\s*周?岁\s*(?:之间|左右|以下|以内|为宜|优先|为佳)*",
            rf"{_AGE}\s*周?岁\s*(?:及)?(?:以下|以内|之间|左右)(?:优先|为佳)?",
            r"(?:不超过|不满|小于|低于|未满)\s*(?:[2-7]\d)\s*周?岁",
            r"(?:[6-9]|0)[05]后(?:优先|为主)?(?![的我团])",
        ),
    ),
    _Family(
        "marriage", N_("婚育"), ("婚", "已育", "未育", "单身", "备孕", "孕检", "生育计划"),
        _any(
            r"(?:已婚|未婚)(?:已育|未育)?(?:者|女性|男性|女士)?(?:优先(?:考虑)?|为佳|均可)?",
            r"已育(?:者)?(?:优先)?",
            r"未育",
            r"单身(?:者)?(?:优先)?",
            r"(?:近?[一二三两\d]年(?:内)?)?(?:不|无)(?:备孕|怀孕)(?:计划)?",
            r"无生育计划",
            r"孕检",
            r"婚育状况[:：]?[^，,；;。\s]{0,8}",
        ),
    ),
    _Family(
        "ethnicity", N_("民族与信仰"), ("族", "信教", "宗教"),
        _any(r"(?:仅|只)?限汉族",
            r"汉族(?:优先)?",
            rf"不(?:招|要|收){_STOP}{{1,6}}族",
            r"(?:信教|有宗教信仰)(?:者)?(?:勿扰|勿投|不要)?"),
    ),
    _Family(
        "hukou", N_("户籍"), ("户口", "户籍", "沪籍", "本地人", "外地", "上海人", "籍贯"),
        _any(
            r"(?:持有?|具有?|有|须|需|限|仅限|要求)?(?:本地|本市|本区|上海(?:市|本地|本市)?|沪|外地|外省|外省市|城镇|农村|农业|非农业?|当地|常住|北京|广州|深圳|杭州)"
            r"(?:市|区|的)?户[口籍](?:者|人员)?(?:优先(?:考虑|录用)?|为佳|均可)?",
            r"沪籍(?:人员|者)?(?:优先(?:考虑)?)?",
            r"(?:限|仅限|只招|只要|要求)?(?:上海|本地|本市)人(?:优先(?:考虑)?|为佳)?(?![员才力事])",
            rf"(?:限|仅限|不招|不要){_STOP}{{1,4}}(?:省|市|县|地区)(?:籍|人)",
            r"外地(?:人)?(?:勿扰|勿投|不要|不招)",
        ),
    ),
    _Family(
        "looks", N_("身高相貌"), (
            *("身高", "体重", "视力", "形象", "相貌", "品貌", "外貌", "容貌", "面容", "颜值"),
            *("五官", "气质", "漂亮", "美貌", "仪表", "外表", "外形", "外型", "端庄"),
        ),
        _any(
            rf"身高(?:要求)?\s*[:：]?\s*(?:[男女](?:性|生|士)?\s*[:：]?\s*)?(?:不低于|须|需|在)?\s*\d(?:{_STOP}|\.(?=\d)){{0,14}}(?:\s*，?\s*男\s*[:：]?\s*\d{_STOP}{{0,10}})?",
            rf"体重\s*[:：]?\s*(?:不超过|在)?\s*\d{_STOP}{{0,12}}",
            rf"(?:裸眼|矫正)?视力\s*[:：]?\s*(?:不低于|在)?\s*[\d良正]{_STOP}{{0,10}}",
            r"(?:本人|个人)?(?:形象|气质|仪表|仪态|外表|外形|外型|外貌|相貌|品貌|容貌|面容|五官|颜值|长相)"
            r"(?:[、与和及]?(?:形象|气质|仪表|仪态|外表|外形|外型|谈吐))*(?:较|俱|都|均|姣|很|要|高|超)?(?:佳|好|良好|端正|端庄|优雅|靓丽|姣好|出众|优秀|优|高|大方)"
            r"(?:大方)?(?:者)?(?:优先(?:考虑)?)?(?:[，,、]\s*(?:有)?气质(?:较)?(?:佳|好|优雅))?",
            r"漂亮(?:大方)?(?:气质(?:好|佳))?",
            r"美貌(?:与实力并存的你)?",
            r"端庄大方",
            r"颜值(?:高|担当)?",
        ),
    ),
    _Family(
        "health", N_("病毒携带与身体"), ("乙肝", "三阳", "两对半", "HBV", "携带者", "残疾", "身体健全", "四肢"),
        _any(
            r"(?:体检)?(?:无|不含|含|查)?(?:乙肝|乙型肝炎)(?:五项|携带者|病毒携带者)?(?:不要|勿扰|勿投|除外)?",
            r"[大小]三阳",
            r"(?:乙肝)?两对半",
            r"HBV",
            r"残疾(?:人|者)?(?:勿扰|勿投|不要|不招|除外)",
            r"(?:身体|四肢)健全",
        ),
    ),
)  # fmt: skip

_LAWFUL = re.compile(
    r"男女(?:性)?(?:均可|不限|皆可)?|性别不限|不限(?:性别|户籍|户口|年龄|学历)|(?:户籍|户口|年龄|婚姻|形象|身高|性别)(?:要求)?不限|(?:年?满|须满|满)?1[68]周?岁(?:及)?以上|年满1[68]周?岁"
    r"|平均年龄[^，,；;。]{0,12}|女职工|妇女|男装|女装|男鞋|女鞋|男士(?:护肤|洗|西)|女士(?:包|服|鞋)|残疾人优先|(?:办理|解决|提供|代办|协助)[^，,；;。]{0,6}(?:户口|户籍)|企业形象|公司形象|品牌形象|形象(?:设计|店|推广|宣传|岗|顾问)"
    r"|形象(?:的)?(?:塑造|建设|维护)|已婚(?:员工)?假|婚假|婚庆|婚纱|婚礼|无(?:形象|年龄|户籍|性别|身高)(?:要求|限制)|不招聘?外包"
)
_LAWFUL_ANCHORS = re.compile(
    "男|女|不限|6岁|8岁|6周岁|8周岁|平均年龄|残疾人优先|户口|户籍|形象|婚|无年龄|无性别|无身高|不招"
)
_ANCHORS = re.compile("|".join(re.escape(anchor) for family in _FAMILIES for anchor in family.anchors))
_FAMILY_OF = {anchor: family.name for family in _FAMILIES for anchor in family.anchors}
_TIDY = (
    (re.compile(r"([，,、；;])(?:\s*[，,、])+"), r"\1"),
    (re.compile(r"([：:（(【])\s*[，,、；;]+"), r"\1"),
    (re.compile(r"[，,、]+(?=[；;。！!）)】])"), ""),
    (re.compile(r"[（(]\s*[）)]"), ""),
)


@dataclass(frozen=True)
class Split:
    """A text without its forbidden conditions, and those, each with the family's label (to be translated)."""

    text: str
    taken: tuple[tuple[str, str], ...]


def split_conditions(text: str) -> Split:
    """Take every forbidden condition out of a text; what the law allows to say (男女不限, 年满18周岁) stays."""
    # A search for fixed words is ten times faster than one by a pattern, and few texts hold any of them.
    first = _ANCHORS.search(text)
    if first is None:
        return Split(text, ())
    anchored = _families(text, first)
    spans = [
        (*match.span(), family.label)
        for family in _FAMILIES
        if family.name in anchored
        for match in family.pattern.finditer(text)
        if match.end() > match.start()
    ]
    if spans and _LAWFUL_ANCHORS.search(text):
        lawful = [match.span() for match in _LAWFUL.finditer(text)]
        spans = [span for span in spans if not any(span[0] < high and low < span[1] for low, high in lawful)]
    return _cut(text, spans) if spans else Split(text, ())


def _families(text: str, found: re.Match[str] | None) -> set[str]:
    """Return the names of the families of which a text holds an anchor; anchors may overlap."""
    names: set[str] = set()
    while found is not None:
        names.add(_FAMILY_OF[found.group()])
        found = _ANCHORS.search(text, found.start() + 1)
    return names


def _cut(text: str, spans: list[tuple[int, int, str]]) -> Split:
    kept: list[str] = []
    taken: list[tuple[str, str]] = []
    place = 0
    for start, end, label in sorted(spans):
        if start >= place:
            kept.append(text[place:start])
            taken.append((label, text[start:end].strip(" ，,、")))
        elif end > place:
            taken.append((label, text[place:end].strip(" ，,、")))
        place = max(place, end)
    kept.append(text[place:])
    rest = "".join(kept)
    for pattern, replacement in _TIDY:
        rest = pattern.sub(replacement, rest)
    return Split(rest.strip(), tuple((label, span) for label, span in taken if span))
