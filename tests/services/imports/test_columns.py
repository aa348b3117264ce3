"""Guessing columns, changing them, and remembering the choice by the headings."""

import json
from pathlib import Path

import pytest

from app.errors import InvalidInputError, StorageError, UserError
from app.services.imports.columns import guess_columns, map_from, read_map
from app.services.imports.readers import open_table
from app.services.imports.targets import KINDS, targets_of


@pytest.mark.parametrize("name", ["vacancies.xlsx", "vacancies_gb18030.csv"])
def test_every_column_of_the_real_files_is_guessed(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / name)

    columns = guess_columns("vacancies", table.headings)

    assert all(columns.targets)
    assert len(set(columns.targets)) == len(columns.targets)
    assert columns.missing() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_targets_are_their_own_headings(kind: str) -> None:
    names = [target.name for target in targets_of(kind)]

    assert list(guess_columns(kind, [target.label for target in targets_of(kind)]).targets) == names


def test_one_heading_means_different_things_in_different_files() -> None:
    assert guess_columns("vacancies", ["性别"]).targets == ("legacy",)
    assert guess_columns("residents", ["性别"]).targets == ("sex",)


def test_a_second_column_of_the_same_meaning_is_left_to_the_person() -> None:
    assert guess_columns("vacancies", ["职位", "岗位", "公司"]).targets == ("title", "", "employer")


def test_an_unknown_heading_is_guessed_by_its_cells() -> None:
    rows = [("a", "4-6千/月", "溪桥公司"), ("b", "150元/天", "云禾公司"), ("c", "面议", "景行公司")]

    assert guess_columns("vacancies", ["职位", "��", "?"], rows).targets == ("title", "pay", "employer")


def test_a_changed_column_leaves_its_former_place() -> None:
    columns = guess_columns("vacancies", ["职位", "公司", "备注"])

    assert columns.with_target(2, "title").targets == ("", "employer", "title")
    assert columns.with_target(1, "").targets == ("title", "", "")


def test_a_map_without_the_needed_columns_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError) as caught:
        guess_columns("vacancies", ["薪资"]).check()

    assert set(caught.value.fields) == {"title", "employer"}


def test_the_signature_ignores_how_headings_are_spaced() -> None:
    first, second = guess_columns("vacancies", ["职位", "公司"]), guess_columns("vacancies", [" 职 位 ", "公司:"])

    assert first.signature == second.signature
    assert first.signature != guess_columns("employers", ["职位", "公司"]).signature


def test_a_map_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    columns = guess_columns("vacancies", ["职位", "公司", "备注"]).with_target(2, "text")
    path = tmp_path / "map.json"
    path.write_text(columns.to_json(), "utf-8")

    assert read_map(path, "vacancies", columns.headings) == columns


@pytest.mark.parametrize("raw", [[], {"columns": 3}, {"职位": "wage"}, {"columns": {"没有": "title"}}])
def test_a_wrong_map_ends_in_a_sentence(raw: object) -> None:
    with pytest.raises(UserError):
        map_from(raw, "vacancies", ["职位"])


def test_a_map_file_that_is_missing_or_no_json_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{", "utf-8")

    with pytest.raises(StorageError):
        read_map(tmp_path / "none.json", "vacancies", [])
    with pytest.raises(UserError):
        read_map(tmp_path / "bad.json", "vacancies", [])
    assert json.loads(guess_columns("vacancies", ["职位"]).to_json())["kind"] == "vacancies"
