"""A row of a posting becomes a vacancy's fields."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from app.models.employer import Vacancy
from app.services.imports.columns import guess_columns
from app.services.imports.postings import PostingReader, split_sections
from app.services.imports.readers import RawRow, open_table
from app.services.imports.rows import ReadRow

TODAY = date(2026, 11, 24)
HEADINGS = (
    "职位",
    "薪资",
    "公司",
    "公司信息",
    "公司地址",
    "地区",
    "工作经验",
    "学历",
    "人数",
    "时间",
    "岗位信息",
    "性别要求",
)


def read(cells: Sequence[str], headings: Sequence[str] = HEADINGS) -> ReadRow:
    columns = guess_columns("vacancies", headings)
    return PostingReader(columns, today=TODAY).read(RawRow(2, tuple(cells) + ("",) * (len(headings) - len(cells))))


ROW = (
    "水电维修工",
    "5-6千/月",
    "云禾物业（杭州）有限公司",
    "民营公司| 50-150人| 物业管理/商业中心",
    "上班地址 : 溪桥路 1 号",
    "杭州-余杭区",
    "1年工作经验",
    "初中",
    "2人",
    "11-02",
    "",
)


def test_a_posting_is_read_whole() -> None:
    row = read(ROW)

    assert row.refusals == []
    assert row.values["title"] == "水电维修工"
    assert (row.values["pay_unit"], row.values["pay_min"], row.values["pay_max"]) == ("M", 500_000, 600_000)
    assert (row.values["work_place"], row.values["region"]) == ("溪桥路 1 号", "330110")
    assert (row.values["edu_min"], row.values["exp_years_min"], row.values["openings"]) == ("71", 1, 2)
    assert row.values["open_from"] == date(2026, 11, 2)
    assert row.values["trade"] == "4-12"
    assert (row.values["review_state"], row.employer["verify_state"]) == ("20", "10")
    assert (row.employer["employer_kind"], row.employer["size"], row.employer["industry"]) == ("12", "3", "K")


def test_what_a_file_lacks_stays_empty() -> None:
    row = read(("保洁员", "", "云禾物业"))

    invented = {
        "openings",
        "edu_min",
        "exp_years_min",
        "pay_min",
        "open_from",
        "open_to",
        "work_form",
        "contract_type",
        "hours_day",
        "duty",
    }
    assert invented.isdisjoint(row.values)
    Vacancy.model_validate({**row.values, "employer_id": "x"})


def test_cells_that_slid_one_column_to_the_left_are_understood() -> None:
    row = read((*ROW[:6], "本科", "英语良好", "1人"))

    assert row.values["edu_min"] == "21"
    assert row.values["other_cond"] == "英语良好"
    assert "exp_years_min" not in row.values


def test_a_row_without_title_or_employer_is_not_taken() -> None:
    assert read(("", "5千/月", "云禾物业")).refusals
    assert read(("保洁员", "5千/月", "（）")).refusals
    assert read(("",) * 5).refusals


def test_unlawful_conditions_stand_in_legacy_note_and_nowhere_else() -> None:
    row = read((*ROW[:10], "工作职责：小区维修。任职要求：男，45岁以下，身高170以上，持电工证。", "男"))

    told = " ".join(str(value) for name, value in row.values.items() if name != "legacy_note")
    assert row.values["legacy_note"].splitlines()[-1] == "性别要求：男"
    assert not any(word in told for word in ("男", "岁", "身高"))
    assert "持电工证" in row.values["other_cond"]
    assert any("限制条件" in remark for remark in row.remarks)


def test_a_title_may_not_carry_them_either() -> None:
    row = read(("收银员（女，18-35岁）", *ROW[1:]))

    assert row.values["title"] == "收银员"
    assert "18-35岁" in row.values["legacy_note"]


def test_a_description_is_parted_at_its_headings() -> None:
    duty, demand = split_sections("【岗位职责】1、收银；2、理货。 任职要求： 1、会电脑；2、细心。 福利待遇：包午餐")

    assert duty == "【岗位职责】1、收银；2、理货。\n福利待遇：包午餐"
    assert demand == "1、会电脑；2、细心。"


def test_the_key_depends_on_content_not_on_columns_or_width() -> None:
    other = ("公司", "职位", "薪资", "公司地址", "地区", "时间")
    cells = ("云禾物业(杭州)有限公司", "水电 维修工", "５-6千/月", "上班地址 : 溪桥路 1 号", "杭州-余杭区", "11-02")

    assert read(cells, other).key == read(ROW).key
    assert read((*ROW[:1], "6-7千/月", *ROW[2:])).key != read(ROW).key


def test_separate_pay_columns_are_read() -> None:
    row = read(("保洁员", "云禾物业", "3000", "4000", "月"), ("岗位", "单位名称", "最低工资", "最高工资", "计薪方式"))

    assert (row.values["pay_min"], row.values["pay_max"]) == (300_000, 400_000)


def test_nearly_all_real_postings_are_understood(shared_data: Path) -> None:
    for name, rows, empty in (("vacancies.xlsx", 800, 0), ("vacancies_gb18030.csv", 1000, 9)):
        table = open_table(shared_data / name)
        reader = PostingReader(guess_columns("vacancies", table.headings), today=TODAY)

        found = [reader.read(row) for row in table.iter_rows()]

        good = [row for row in found if not row.refusals]
        assert (len(found), len(found) - len(good)) == (rows, empty)
        assert sum("pay_unit" in row.values for row in good) >= 0.95 * len(good)
        assert sum("region" in row.values for row in good) >= 0.95 * len(good)
        assert sum("trade" in row.values for row in good) >= 0.9 * len(good)
        for row in good:
            Vacancy.model_validate({**row.values, "employer_id": "x"})
