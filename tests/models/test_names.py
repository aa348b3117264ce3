"""Names: normalising, checking, readings, search and similarity, tried on a real FTS5 table."""

import sqlite3
import subprocess
import sys

import pytest

from app.models.names import (
    check_name,
    full_pinyin,
    initials,
    match_query,
    normalise_name,
    search_tokens,
    sounds_like,
    surname_of,
)

PEOPLE = {
    "沈以安": ("330110198006149975", "19900000001"),
    "欧阳明月": ("31010519751001996X", "19900000002"),
    "单雄信": ("330110197903129996", "19900000003"),
    "尉迟恭": ("330110200002299976", "19900000004"),
    "阿依古丽·买买提": ("650102199001019987", "19900000005"),
    "吕绿": ("330802197601309981", "19900000006"),
    "𬱖㛃": ("330421199208119977", "19900000007"),
    "Ivan Petrov": ("USA310085061514", "19900000008"),
    "曾重乐": ("330802196809099990", "19900000009"),
    "䶮云": ("330421197904259966", "19900000010"),
}


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE search USING fts5(tokens, name UNINDEXED, columnsize=0, detail=none, tokenize='ascii')"
    )
    rows = [(search_tokens(name, id_no=number, mobile=phone), name) for name, (number, phone) in PEOPLE.items()]
    connection.executemany("INSERT INTO search (tokens, name) VALUES (?, ?)", rows)
    yield connection
    connection.close()


def found(index, typed):
    query = match_query(typed)
    rows = index.execute("SELECT name FROM search WHERE search MATCH ?", (query,)) if query else ()
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("沈", "沈以安"),
        ("以安", "沈以安"),
        ("安", "沈以安"),
        ("shenyian", "沈以安"),
        ("SHEN yi", "沈以安"),
        ("yian", "沈以安"),
        ("sya", "沈以安"),
        ("ya", "沈以安"),
        ("shenya", "沈以安"),
        ("沈 ya", "沈以安"),
        ("沈9975", "沈以安"),
        ("9975", "沈以安"),
        ("149975", "沈以安"),
        ("330110198006149975", "沈以安"),
        ("330110 1980", "沈以安"),
        ("19800614", "沈以安"),
        ("0001", "沈以安"),
        ("199 0000 0001", "沈以安"),
        ("19900000001", "沈以安"),
        ("沈3", "沈以安"),
        ("欧阳", "欧阳明月"),
        ("阳明", "欧阳明月"),
        ("明月", "欧阳明月"),
        ("月", "欧阳明月"),
        ("mingyue", "欧阳明月"),
        ("oymy", "欧阳明月"),
        ("996x", "欧阳明月"),
        ("996Ｘ", "欧阳明月"),
        ("shanxx", "单雄信"),
        ("danxiong", "单雄信"),
        ("yuchi", "尉迟恭"),
        ("weichi", "尉迟恭"),
        ("古丽", "阿依古丽·买买提"),
        ("买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("丽买", "阿依古丽·买买提"),
        ("gulimaimai", "阿依古丽·买买提"),
        ("lvlv", "吕绿"),
        ("lülü", "吕绿"),
        ("lyu", "吕绿"),
        ("𬱖", "𬱖㛃"),
        ("㛃", "𬱖㛃"),
        ("䶮", "䶮云"),
        ("petrov", "Ivan Petrov"),
        ("ivan pet", "Ivan Petrov"),
        ("1514", "Ivan Petrov"),
        ("zengchongle", "曾重乐"),
        ("zengzhongle", "曾重乐"),
        ("zcl", "曾重乐"),
    ],
)
def test_a_resident_is_found_by(index, typed, name):
    assert name in found(index, typed)


@pytest.mark.parametrize("typed", ["9976x", "沈明", "shenyi xin", "zzz", "4321"])
def test_others_are_not_found(index, typed):
    assert "沈以安" not in found(index, typed)


@pytest.mark.parametrize("typed", ["w", "i", "b", "u"])
def test_a_single_letter_asks_for_names_alone_and_not_for_everybody_with_a_number(index, typed):
    assert "沈以安" not in found(index, typed)


@pytest.mark.parametrize("typed", ["", "  ", "·", "99", '"', "***", "(", "-"])
def test_what_asks_nothing_makes_no_query(typed):
    assert match_query(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        'a" OR "b',
        "NEAR(a b)",
        "tokens:沈",
        "沈*",
        "^沈",
        "a AND NOT b",
        "{x}",
        "沈'安",
        "\x00沈",
        "🙂沈",
        "a+b",
        "0x9f",
    ],
)
def test_nothing_typed_breaks_the_query(index, typed):
    found(index, typed)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("单明", "shanming"),
        ("仇英", "qiuying"),
        ("曾国", "zengguo"),
        ("查良", "zhaliang"),
        ("解晓东", "xiexiaodong"),
        ("朴顺", "piaoshun"),
        ("区明", "ouming"),
        ("尉迟恭", "yuchigong"),
        ("盖叫天", "gejiaotian"),
        ("翟志", "zhaizhi"),
        ("长孙明", "zhangsunming"),
        ("缪云", "miaoyun"),
        ("员明", "yunming"),
        ("折明", "sheming"),
        ("黑明", "heming"),
        ("万俟云", "moqiyun"),
        ("单于明", "chanyuming"),
        ("乐云", "yueyun"),
        ("华明", "huaming"),
        ("任明", "renming"),
        ("燕青", "yanqing"),
        ("宁云", "ningyun"),
        ("覃明", "qinming"),
        ("卜明", "buming"),
        ("种云", "chongyun"),
        ("秘云", "biyun"),
        ("冼明", "xianming"),
        ("隗明", "weiming"),
        ("召明", "shaoming"),
        ("繁明", "poming"),
        ("訾明", "ziming"),
        ("澹台明", "tantaiming"),
    ],
)
def test_a_surname_is_read_as_a_surname_first(name, spelling):
    assert full_pinyin(name)[0] == spelling
    assert initials(name)[0][0] == spelling[0]


def test_other_readings_are_accepted_and_bounded():
    assert {"shanming", "danming"} <= set(full_pinyin("单明"))
    assert {"qinming", "tanming"} <= set(full_pinyin("覃明"))
    assert {"yueyun", "leyun"} <= set(full_pinyin("乐云"))
    assert len(full_pinyin("乐行重长朝都和")) <= 8
    assert full_pinyin("Ivan") == initials("") == ()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 沈 以　安 ", "沈以安"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("Ivan   Petrov", "Ivan Petrov"),
        ("Ｉｖａｎ", "Ivan"),
        ("Zoe\u0308 Li", "Zoë Li"),
        ("𬱖㛃", "𬱖㛃"),
        ("安\u200b琪", "安琪"),
    ],
)
def test_a_name_is_stored_in_one_form(typed, stored):
    assert normalise_name(typed) == stored
    assert check_name(typed) == ""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "还没填姓名"),
        ("沈", "姓名至少 2 个字，现在 1 个"),
        ("沈1安", "姓名里不能有“1”，只能是汉字、字母和“·”"),
        ("沈?安", "姓名里不能有“?”，只能是汉字、字母和“·”"),
        ("·买买提", "“·”前后都要有字"),
        ("沈\ue123安", "“\ue123”是本机造的字，别的电脑认不出，请换成标准字"),
        ("安" * 51, "姓名最多 50 个字，现在 51 个"),
    ],
)
def test_a_wrong_name_is_told_with_its_bad_character(name, text):
    assert check_name(name) == text


def test_50_characters_beyond_the_basic_plane_are_50_characters():
    assert check_name("𬱖" * 50) == ""


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("欧阳明月", "欧阳"),
        ("沈以安", "沈"),
        ("单于", "单"),
        ("单于明", "单于"),
        ("阿依古丽·买买提", ""),
        ("Ivan Petrov", ""),
        ("", ""),
    ],
)
def test_compound_surnames_are_kept_whole(name, surname):
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("沈以安", "沈以安"),
        ("沈以安", "沈亿安"),
        ("沈以安", "沈以按"),
        ("陈玲", "程林"),
        ("牛丽娜", "刘丽娜"),
        ("张山", "章三"),
        ("王小明", "王明"),
        ("李晓伟", "李晓强"),
        ("单明", "山明"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("Ivan Petrov", "Ivan Petrow"),
    ],
)
def test_these_may_be_the_same_person(a, b):
    assert sounds_like(a, b)
    assert sounds_like(b, a)


@pytest.mark.parametrize(
    ("a", "b"), [("沈以安", "陆知夏"), ("李伟", "王强"), ("王伟", "李伟"), ("沈以安", ""), ("王明", "李小明")]
)
def test_these_are_different_people(a, b):
    assert not sounds_like(a, b)


def test_pypinyin_is_not_imported_before_a_reading_is_asked_for():
    code = "import sys, app.models.names, app.models.codes, app.models.divisions; print('pypinyin' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
