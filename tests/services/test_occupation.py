"""Guessing the occupation of a posting."""

import csv
import re
from pathlib import Path

import pytest

from app.models.codes import code_list
from app.services.imports.readers import open_table
from app.services.occupation import guess_occupation

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "tests" / "data" / "occupation_labels.csv"
DOCUMENT = ROOT / "docs" / "occupation-guess.md"


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("水电维修工", "4-12"),
        ("保洁员", "4-09"),
        ("小区保安", "4-07"),
        ("月嫂", "4-10"),
        ("中餐厨师", "4-03"),
        ("超市收银员（日结）", "4-01"),
        ("快递员/分拣员", "4-02"),
        ("财务助理 五险一金", "2-06"),
        ("急聘：缝纫工", "6-05"),
        ("电焊工", "6-18"),
        ("幼儿园老师", "2-08"),
        ("Java开发工程师", "2-02"),
    ],
)
def test_everyday_titles_are_known(title: str, code: str) -> None:
    assert guess_occupation(title).code == code


def test_a_guess_says_its_words_and_is_the_same_every_time() -> None:
    first, second = guess_occupation("采购文员"), guess_occupation("采购文员")

    assert first == second
    assert first.basis == ("采购文员",)
    assert 0 < first.confidence <= 1


def test_where_the_title_says_nothing_the_duties_are_asked_with_less_confidence() -> None:
    guess = guess_occupation("诚聘英才", "负责小区保洁、清扫楼道")

    assert guess.code == "4-09"
    assert guess.confidence < guess_occupation("保洁员").confidence


def test_nothing_known_is_no_guess() -> None:
    guess = guess_occupation("？？？")

    assert (guess.code, guess.confidence, guess.basis) == (None, 0.0, ())


def test_every_word_votes_for_a_class_of_the_list() -> None:
    import json

    words = json.loads((ROOT / "resources" / "codes" / "occ_words.json").read_text("utf-8"))["title"]

    assert set(words) <= {item.code for item in code_list("OCC")}


def test_the_labels_are_150_rows_in_two_halves() -> None:
    with LABELS.open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))

    assert len({line["row"] for line in labels}) == 150
    assert [sum(line["split"] == half for line in labels) for half in ("tuning", "held-out")] == [75, 75]


def test_the_held_out_figure_of_the_document_holds(shared_data: Path) -> None:
    stated = re.search(r"held-out accuracy: (\d+) of (\d+)", DOCUMENT.read_text("utf-8"))
    assert stated is not None
    table = open_table(shared_data / "vacancies.xlsx")
    rows = {row.number: row.cells for row in table.iter_rows()}
    with LABELS.open(encoding="utf-8") as file:
        labels = [line for line in csv.DictReader(file) if line["split"] == "held-out"]

    right = sum(
        guess_occupation(rows[int(line["row"])][0], rows[int(line["row"])][4]).code == line["code"] for line in labels
    )

    assert len(labels) == int(stated[2])
    assert right >= int(stated[1])
