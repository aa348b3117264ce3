"""Administrative divisions."""

import pytest

from app.models.divisions import division, division_label, find_divisions, is_county, streets_of

STREETS = """
    仓前街道 330110012 五常街道 330110005 闲林街道 330110011 魏塘街道 330421001
    罗星街道 330421002 西塘镇 330421103 白云街道 330802009 府山街道 330802006
    花园街道 330802013 城东街道 330702001 三江街道 330702006 江浦路街道 310110008
    平凉路街道 310110006 五角场街道 310110019 北新泾街道 310105011 新泾镇 310105102
""".split()


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("330110", "浙江省杭州市余杭区"),
        ("330110012", "浙江省杭州市余杭区仓前街道"),
        ("330110012003", "浙江省杭州市余杭区仓前街道"),
        ("330110777", "浙江省杭州市余杭区"),
        ("310110", "上海市杨浦区"),
        ("330100", "浙江省杭州市"),
        ("330000", "浙江省"),
        ("653228", "新疆维吾尔自治区和田地区和安县"),
        ("653229", "新疆维吾尔自治区和田地区和康县"),
        ("419001", "河南省济源市"),
        ("441900", "广东省东莞市"),
        ("830000", "台湾省"),
        ("999999", "999999"),
        (None, ""),
    ],
)
def test_a_code_is_read_out_by_its_longest_known_part(code, label):
    assert division_label(code) == label


@pytest.mark.parametrize(("name", "code"), list(zip(STREETS[::2], STREETS[1::2], strict=True)))
def test_the_streets_of_the_served_districts_are_known(name, code):
    found = division(code)

    assert (found.name, found.level, found.abolished) == (name, "street", False)


@pytest.mark.parametrize("code", ["110103", "110104", "310103", "310108", "310119", "330103", "330104", "330125"])
def test_abolished_counties_of_old_cards_are_known_but_no_longer_counties(code):
    assert division(code).abolished
    assert not is_county(code)


def test_a_county_of_today_is_one():
    assert is_county("330110")
    assert not is_county("330100")
    assert not is_county(None)


@pytest.mark.parametrize("typed", ["余杭", "yhq", "yuhang", "yuh", "330110", "杭州 余杭"])
def test_a_county_is_found_by_code_name_pinyin_or_initials(typed):
    assert find_divisions(typed, near="330110")[0].code == "330110"


def test_the_nearest_comes_first_and_the_abolished_last():
    assert find_divisions("西湖区", near="330110")[0].code == "330106"
    assert find_divisions("余杭", near="330110")[-1].abolished
    assert find_divisions("江干")[0].abolished


def test_nothing_typed_finds_nothing():
    assert find_divisions("  ") == ()
    assert find_divisions("zzzz") == ()


def test_the_streets_of_a_county_are_listed():
    assert {item.name for item in streets_of("330110")} >= {"仓前街道", "五常街道"}
    assert streets_of("110101") == ()
