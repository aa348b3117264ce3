"""Readings of Chinese characters, with surnames read as surnames: 单 is Shan, 区 is Ou, 尉迟 is Yuchi.

Readings come from pypinyin without its phrases (they cost 0.2 s and 50 MB). It is imported when a reading is first
asked for, so that a counter starts without it.
"""

import json
import os
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from app import paths

SURNAME_READINGS = {
    "单": ("shan",),
    "仇": ("qiu",),
    "曾": ("zeng",),
    "查": ("zha",),
    "解": ("xie",),
    "朴": ("piao", "pu"),
    "区": ("ou",),
    "盖": ("ge", "gai"),
    "翟": ("zhai", "di"),
    "缪": ("miao", "mou"),
    "员": ("yun", "yuan"),
    "折": ("she", "zhe"),
    "黑": ("he", "hei"),
    "乐": ("yue", "le"),
    "华": ("hua",),
    "任": ("ren",),
    "燕": ("yan",),
    "宁": ("ning",),
    "覃": ("qin", "tan"),
    "卜": ("bu",),
    "种": ("chong", "zhong"),
    "秘": ("bi", "mi"),
    "洗": ("xian", "xi"),
    "冼": ("xian",),
    "隗": ("wei", "kui"),
    "召": ("shao", "zhao"),
    "繁": ("po", "fan"),
    "訾": ("zi",),
    "尉": ("wei", "yu"),
    "逄": ("pang",),
    "阚": ("kan",),
    "乜": ("nie", "mie"),
    "佴": ("nai", "er"),
    "晁": ("chao",),
    "哈": ("ha",),
    "呙": ("guo",),
    "句": ("gou", "ju"),
    "郇": ("xun", "huan"),
    "郗": ("xi", "chi"),
    "车": ("che",),
    "沈": ("shen",),
    "石": ("shi",),
    "万": ("wan",),
    "长": ("chang",),
    "能": ("nai", "neng"),
    "牟": ("mu", "mou"),
    "祭": ("zhai", "ji"),
    "幺": ("yao",),
    "那": ("na",),
    "令": ("ling",),
    "冯": ("feng",),
    "贾": ("jia",),
    "葛": ("ge",),
    "纪": ("ji",),
    "应": ("ying",),
    "郝": ("hao",),
    "宓": ("mi", "fu"),
    "都": ("du",),
    "谌": ("chen", "shen"),
    "夏": ("xia",),
    "俞": ("yu",),
    "於": ("yu",),
    "藏": ("zang",),
    "臧": ("zang",),
    "相": ("xiang",),
    "过": ("guo",),
    "鲜": ("xian",),
    "撒": ("sa",),
    "尹": ("yin",),
    "柏": ("bai", "bo"),
    "褚": ("chu",),
    "亓": ("qi",),
    "粘": ("nian",),
    "瞿": ("qu",),
    "盛": ("sheng",),
    "洪": ("hong",),
    "殷": ("yin",),
    "晟": ("cheng", "sheng"),
}
"""How these characters are read as surnames, the usual reading first."""

_OWN_COMPOUND_READINGS = {
    "尉迟": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "乐正": ("yue", "zheng"),
    "宰父": ("zai", "fu"),
    "亓官": ("qi", "guan"),
    "令狐": ("ling", "hu"),
    "夏侯": ("xia", "hou"),
    "呼延": ("hu", "yan"),
    "鲜于": ("xian", "yu"),
    "淳于": ("chun", "yu"),
    "拓跋": ("tuo", "ba"),
    "诸葛": ("zhu", "ge"),
    "皇甫": ("huang", "fu"),
    "哥舒": ("ge", "shu"),
    "贺兰": ("he", "lan"),
    "濮阳": ("pu", "yang"),
    "车正": ("che", "zheng"),
    "宿勤": ("su", "qin"),
    "仆固": ("pu", "gu"),
}
COMPOUND_SURNAMES = frozenset(_OWN_COMPOUND_READINGS) | frozenset(
    re.findall(
        "..",
        "欧阳司马司徒司空上官东方慕容独孤南宫西门公孙轩辕钟离闾丘端木赫连百里东郭"
        "申屠太史公冶宗政仲孙宇文谷梁漆雕巫马公西壤驷公良梁丘左丘东门南门第五羊舌"
        "微生纳兰叶赫完颜耶律司寇子车颛孙公羊夹谷段干东里北宫拓拔",
    )
)

_CORRECTED = {"𬱖": ("yi", "di"), "晟": ("sheng", "cheng"), "茜": ("xi", "qian"), "睿": ("rui",), "喆": ("zhe",)}
_MAX_READINGS = 4


@lru_cache(maxsize=8192)
def readings(char: str) -> tuple[str, ...]:
    """Return the toneless readings of one character, the usual one first; ü is ``v``. Nothing when it has none."""
    own = _CORRECTED.get(char, ())
    in_use = _in_use().get(char)
    found = tuple(in_use.split()) if in_use else _from_dictionary(char)
    return (own + tuple(reading for reading in found if reading not in own))[:_MAX_READINGS]


@lru_cache(maxsize=2048)
def surname_readings(surname: str) -> tuple[tuple[str, ...], ...]:
    """Return for each character of a surname its readings, as a surname first, then any other."""
    own = _OWN_COMPOUND_READINGS.get(surname)
    rows = []
    for place, char in enumerate(surname):
        first = (own[place],) if own else SURNAME_READINGS.get(char, ()) if len(surname) == 1 else ()
        rest = tuple(reading for reading in readings(char) if reading not in first)
        rows.append((first + rest)[:_MAX_READINGS])
    return tuple(rows)


@cache
def _in_use() -> Mapping[str, str]:
    """Return the characters whose dictionary lists readings that no word uses any more → those in use."""
    file = paths.resources() / "codes" / "reading.json"
    return dict(json.loads(file.read_text("utf-8"))["in_use"])


def _from_dictionary(char: str) -> tuple[str, ...]:
    os.environ["PYPINYIN_NO_PHRASES"] = "1"
    from pypinyin import Style, pinyin  # 40 ms: kept away from the start of the program

    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    syllables = (unicodedata.normalize("NFC", syllable) for syllable in (found[0] if found else ()))
    usable = (syllable.replace("ü", "v").replace("ê", "e") for syllable in syllables)
    return tuple(dict.fromkeys(syllable for syllable in usable if syllable.isascii() and syllable.isalpha()))
