"""Months from the command line: closed, listed, opened again, checked; each refusal a sentence."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from app import clock
from app.ledgers.period import month_of
from tests.commands.conftest import Run
from tests.ledgers.month_desk import FEW, set_clock


@pytest.fixture(autouse=True)
def _few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ledgers.closing.INDICATORS", FEW)


@pytest.fixture
def november(founded: Run) -> Run:
    """Return the runner of a station in November 2026."""
    set_clock(date(2026, 11, 3))
    return founded


def test_a_month_is_closed_listed_and_its_ledger_comes_frozen(november: Run, tmp_path: Path) -> None:
    closed = november("month", "close", "2026-10")
    made = []
    for name in ("a", "b"):
        for way in ("xlsx", "pdf", "csv"):
            assert november("ledger", "L01", "--month", "2026-10", "--out", tmp_path / f"{name}.{way}").status == 0
        set_clock(date(2026, 12, 9))
    made = [{way: (tmp_path / f"{name}.{way}").read_bytes() for way in ("xlsx", "pdf", "csv")} for name in ("a", "b")]
    listed = november("month", "list")

    assert (closed.status, listed.status) == (0, 0)
    assert "2026年10月结账了" in closed.out
    assert listed.out.startswith("2026-10  1  陶丽华  2026-11-03 10:00") and "已结账" in listed.out
    assert made[0] == made[1]
    assert "结账校验值" in made[0]["csv"].decode("utf-8-sig")


def test_without_a_month_the_last_one_is_closed(founded: Run) -> None:
    last = month_of(clock.today()).before()

    assert founded("month", "close").status == 0
    assert last.slug in founded("month", "list").out


def test_a_closed_month_is_opened_again_for_a_reason_and_closed_once_more(november: Run) -> None:
    november("month", "close", "2026-10")
    without = november("month", "reopen", "2026-10")
    opened = november("month", "reopen", "2026-10", "--why", "补登记漏了")
    closed = november("month", "close", "2026-10")
    listed = november("month", "list")

    assert without.status != 0 and "--why" in without.err
    assert (opened.status, closed.status) == (0, 0)
    assert "重新打开过：补登记漏了" in listed.out and "2026-10  2  " in listed.out


def test_each_refusal_is_a_sentence(november: Run) -> None:
    november("month", "close", "2026-10")
    later = f"{clock.today() + timedelta(days=40):%Y-%m}"

    refused = [
        november("month", "close", later),
        november("month", "close", "2026-11"),
        november("month", "close", "2026-10"),
        november("month", "close", "十月"),
        november("month", "reopen", "2026-09", "--why", "看看"),
    ]

    words = ["还没到", "还没过完", "已由陶丽华", "读不懂", "没有结账"]
    assert all(done.status == 1 and word in done.err for done, word in zip(refused, words, strict=True))
    assert not any("Traceback" in done.err for done in refused)


def test_check_names_what_differs_and_its_exit_tells(november: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    november("month", "close", "2026-10")
    whole = november("month", "check")
    with monkeypatch.context() as patch:
        patch.setattr(
            "app.ledgers.snapshot.read_blob", lambda _tx, _sha256: iter([b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
        )
        damaged = november("month", "check", "2026-10")
    unknown = november("month", "check", "2026-09")

    assert whole.status == 0 and whole.out.startswith("✓ 2026-10 第 1 次结账")
    assert damaged.status == 1 and "✗ 2026-10/1 L01 封存的内容和结账时的校验值不一样" in damaged.out
    assert unknown.status == 1 and "2026-09 没有结过账" in unknown.out


def test_nothing_closed_is_said(founded: Run) -> None:
    assert "还没有结过账的月份" in founded("month", "list").out
    assert founded("month", "check").status == 0
