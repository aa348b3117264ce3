"""Conditions that a vacancy may not set are taken out of texts, and what is lawful stays."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.imports.conditions import split_conditions
from app.services.imports.readers import open_table

UNLAWFUL = {"V01", "V02", "V03", "V04", "V05", "V06", "V07", "V27"}


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("大专以上，年龄25-32岁，会办公软件", "年龄25-32岁"),
        ("仅限女性，会收银", "仅限女性"),
        ("男性优先", "男性优先"),
        ("性别：女，会做账", "性别：女"),
        ("已婚已育优先，能加班", "已婚已育优先"),
        ("本市户口优先", "本市户口优先"),
        ("形象气质佳，会说普通话", "形象气质佳"),
        ("身高165CM以上；会开车", "身高165CM以上"),
        ("乙肝携带者勿扰", "乙肝携带者勿扰"),
        ("35周岁以下，有健康证", "35周岁以下"),
        ("会电焊，90后优先", "90后优先"),
        ("18―40周岁，肯吃苦", "18―40周岁"),
    ],
)
def test_an_unlawful_condition_is_taken_out(text: str, span: str) -> None:
    split = split_conditions(text)

    assert [taken for _label, taken in split.taken] == [span]
    assert span not in split.text


@pytest.mark.parametrize(
    "text",
    [
        "男女不限，会收银",
        "性别不限",
        "年满18周岁，会开车",
        "18周岁以上",
        "不限户籍",
        "残疾人优先",
        "女职工休息室",
        "男装导购",
        "公司形象推广",
        "办理上海户口",
        "婚假、产假",
        "平均年龄25岁的团队",
        "无年龄要求",
        "会 24 小时轮班",
    ],
)
def test_what_the_law_allows_stays(text: str) -> None:
    assert split_conditions(text).text == text
    assert split_conditions(text).taken == ()


def test_the_rest_of_a_text_stays_readable() -> None:
    assert split_conditions("要求：女，25-35岁，形象好，会收银。").text == "要求：会收银。"


@given(st.text(alphabet="男女限性别岁年龄户口身高，。：0123456789-以下佳优先 a", max_size=80))
def test_nothing_is_lost_but_what_was_taken(text: str) -> None:
    split = split_conditions(text)

    rest = list(text)
    assert all(span in text for _label, span in split.taken)
    assert set(split.text) <= set(rest)


def test_every_span_that_reviewers_marked_in_the_real_postings_is_taken_out(shared_data: Path) -> None:
    rows = list(open_table(shared_data / "vacancies.xlsx").iter_rows())
    with (shared_data / "vacancies_compliance.csv").open(encoding="utf-8-sig") as file:
        marked = [line for line in csv.DictReader(file) if line["rule"] in UNLAWFUL]

    missed = []
    for line in marked:
        cells = rows[int(line["row"]) - 1].cells
        taken = [span for cell in (cells[0], cells[4]) for _label, span in split_conditions(cell).taken]
        if not any(span in line["span"] or line["span"] in span for span in taken):
            missed.append(line)

    assert len(marked) > 100
    assert missed == []
