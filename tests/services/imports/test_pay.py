"""Pay as postings write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.imports.pay import Pay, parse_pay

CASES = [
    ("4.5-6千/月", "M", 4500, 6000),
    ("0.6-1.2万/月", "M", 6000, 12000),
    ("150元/天", "D", 150, 150),
    ("2-2.5万/月", "M", 20000, 25000),
    ("15-20万/年", "Y", 150000, 200000),
    ("100元/小时", "H", 100, 100),
    ("1.5千以下/月", "M", None, 1500),
    ("10万以上/年", "Y", 100000, None),
    ("2万以下/年", "Y", None, 20000),
    ("8千-1万/月", "M", 8000, 10000),
    ("8000-1万/月", "M", 8000, 10000),
    ("５０００元／月", "M", 5000, 5000),
    ("￥4,500–6,000/月", "M", 4500, 6000),
    ("月薪4500", "M", 4500, 4500),
    ("时薪25元", "H", 25, 25),
    ("底薪3000+提成", "S", 3000, None),
    ("0.5元/件", "P", 0.5, 0.5),
    ("1000-1500元/周", "W", 1000, 1500),
    ("薪资面议 4000起/月", "M", 4000, None),
]


@pytest.mark.parametrize(("written", "unit", "low", "high"), CASES)
def test_pay_is_read_to_the_fen(written: str, unit: str, low: float | None, high: float | None) -> None:
    pay = parse_pay(written)

    assert (pay.unit, pay.min_fen, pay.max_fen) == (
        unit,
        None if low is None else round(low * 100),
        None if high is None else round(high * 100),
    )
    assert pay.remark is None


def test_pay_without_a_period_is_taken_by_the_month_and_says_so() -> None:
    pay = parse_pay("4500-6000")

    assert (pay.unit, pay.min_fen, pay.max_fen) == ("M", 450_000, 600_000)
    assert pay.remark is not None


@pytest.mark.parametrize(
    "written", ["面议", "薪资面议", "150", "优厚", "8-1.2万/月", "6000-4000元/月", "0元/月", "=1+1"]
)
def test_an_amount_is_never_invented(written: str) -> None:
    pay = parse_pay(written)

    assert (pay.unit, pay.min_fen, pay.max_fen) == (None, None, None)
    assert pay.remark is not None


def test_no_pay_is_no_remark() -> None:
    assert parse_pay("  ") == Pay()


def test_a_thirteenth_month_is_remarked_not_counted() -> None:
    pay = parse_pay("8-10K·13薪")

    assert (pay.min_fen, pay.max_fen, pay.unit) == (800_000, 1_000_000, "M")
    assert pay.remark is not None and "13" in pay.remark


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_or_turn_round(text: str) -> None:
    pay = parse_pay(text)

    assert pay.min_fen is None or pay.max_fen is None or pay.min_fen <= pay.max_fen
    assert all(amount is None or amount > 0 for amount in (pay.max_fen,))


@given(
    st.integers(1, 999),
    st.integers(0, 999),
    st.sampled_from([("千", 1000), ("万", 10_000)]),
    st.sampled_from(["月", "年", "天"]),
)
def test_what_is_written_in_thousands_is_read_back(low: int, more: int, sign: tuple[str, int], period: str) -> None:
    high = low + more
    written = f"{low / 10:g}-{high / 10:g}{sign[0]}/{period}"

    pay = parse_pay(written)

    assert (pay.min_fen, pay.max_fen) == (low * sign[1] * 10, high * sign[1] * 10)


@given(st.integers(1, 99_999), st.integers(0, 99_999), st.sampled_from(["/月", "/天", "/小时", "每月", "/年"]))
def test_plain_yuan_are_read_back(low: int, more: int, period: str) -> None:
    pay = parse_pay(f"{low}-{low + more}元{period}")

    assert (pay.min_fen, pay.max_fen) == (low * 100, (low + more) * 100)
