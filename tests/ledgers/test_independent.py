"""A second computation, in plain SQL, comes to the same figures and rows on a made-up district."""

import pytest

from app.ledgers import SHARED
from app.ledgers.indicators import INDICATORS
from tests.ledgers import independent
from tests.ledgers.comparing import PERIODS, differences, district_of, runner


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with district_of(tmp_path_factory.mktemp("district") / "district.db", 2000) as connection:
        yield connection


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.slug)
def test_figures_and_ledgers_agree_with_sql_written_by_hand(small, period):
    assert differences(small, period) == []


def test_the_second_computation_leaves_no_figure_and_no_ledger_out_and_none_is_empty(small):
    told = independent.figures(runner(small), PERIODS[2].first, PERIODS[2].until)

    assert set(told) == {each.code for each in INDICATORS}
    assert {*independent.LEDGERS, "YB"} == {each.code for each in SHARED}
    assert [code for code, (over, _under) in told.items() if not over] == []
