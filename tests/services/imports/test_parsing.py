"""Single cells of postings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.imports.parsing import (
    UNLIMITED,
    find_education,
    find_industry,
    find_prose_demands,
    parse_date,
    parse_experience,
    parse_facts,
    parse_openings,
)
from app.services.imports.places import clean_address, find_region

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "written", ["2026-11-02", "2026/11/2", "2026年11月2日", "20261102", "2026.11.02", "46328", "2026-11-02 10:00"]
)
def test_whole_dates_are_read(written: str) -> None:
    assert parse_date(written, today=TODAY).value == date(2026, 11, 2)
    assert parse_date(written, today=TODAY).remark is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("09-13", date(2026, 9, 13)),
        ("09-13发布", date(2026, 9, 13)),
        ("12月1日", date(2025, 12, 1)),
        ("11-24", TODAY),
        ("02-29", date(2024, 2, 29)),
    ],
)
def test_a_date_without_a_year_is_never_in_the_future_and_says_so(written: str, day: date) -> None:
    read = parse_date(written, today=TODAY)

    assert read.value == day
    assert read.remark is not None and day.isoformat() in read.remark


@pytest.mark.parametrize("written", ["2026-13-01", "长期", "02-30", "99-99"])
def test_what_is_no_date_is_remarked(written: str) -> None:
    assert parse_date(written, today=TODAY).value is None
    assert parse_date(written, today=TODAY).remark is not None


@given(st.text(max_size=30))
def test_no_cell_makes_the_readers_fail(text: str) -> None:
    parse_date(text, today=TODAY)
    parse_openings(text)
    parse_experience(text)
    parse_facts(text)
    find_education(text)
    find_region(text[:8])


def test_head_counts() -> None:
    assert [parse_openings(text).value for text in ("21人", "招2人", "若干人", "", "3-5人", "0人")] == [
        21,
        2,
        None,
        None,
        3,
        None,
    ]
    assert parse_openings("若干人").remark is not None


def test_education_is_the_lowest_level_that_is_named() -> None:
    written = ("初中及以下", "大专", "中技", "高中/中专", "博士", "学历不限", "英语良好")

    assert [find_education(text) for text in written] == [UNLIMITED, "31", "47", "61", "11", UNLIMITED, None]


def test_experience_is_the_fewest_years() -> None:
    written = ("3-4年工作经验", "10年以上工作经验", "无工作经验", "经验不限", "1年以下")

    assert [parse_experience(text).value for text in written] == [3, 10, 0, 0, 0]


def test_a_description_is_read_for_what_it_asks_not_for_what_it_prefers() -> None:
    assert find_prose_demands("1、大专及以上学历；2、2年以上收银工作经验") == ("31", 2)
    assert find_prose_demands("本科以上学历优先，有3年以上工作经验优先") == (None, None)


def test_facts_of_an_employer() -> None:
    facts = parse_facts("外资（非欧美）| 10000人以上| 生活服务 房地产")

    assert (facts.kind, facts.size, facts.industry) == ("13", "1", "O")
    assert parse_facts("国企| 通信/电信运营、增值服务").industry == "I"
    assert parse_facts("上市公司| 仪器仪表/工业自动化").kind is None


def test_industry_sections() -> None:
    assert [find_industry(text) for text in ("机械/设备/重工,环保", "多元化业务集团公司,餐饮业", "C", "不知道")] == [
        "C",
        "H",
        "C",
        None,
    ]


def test_regions_become_division_codes() -> None:
    written = ("上海-徐汇区", "深圳-罗湖区", "成都-高新区", "苏州", "浙江省杭州市余杭区", "异地招聘")

    assert [find_region(text) for text in written] == ["310104", "440303", "510100", "320500", "330110", None]


def test_the_label_of_an_address_is_dropped() -> None:
    assert clean_address("上班地址 : 东晓路 1 号") == "东晓路 1 号"
    assert clean_address("上班地址 :") == ""
