"""The page of figures: its months, bands and shares, what is remembered, and what a public screen hides."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise, product

import pytest

from app import clock
from app.errors import Cancelled
from app.ledgers import board as page
from app.ledgers.base import Ask
from app.ledgers.board import BELOW, GOOD, NEAR, Memory, band_of, load_board, load_trend, months_until, station_names
from app.ledgers.board_rows import load_rows
from app.ledgers.figures import BLOCKS, Figure
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import Period, month_of
from app.ledgers.suppression import LEAST, Balance, hidden
from app.models.registration import UnempReg

OCTOBER = month_of(date(2026, 10, 1))
OLD = datetime(2025, 1, 1, tzinfo=clock.UTC)


def spell(tx, person, came, left=None):
    """Add a registration as unemployed, from one day to before another."""
    first = date.fromisoformat(came)
    values = {"resident_id": person.id, "unemp_date": first, "reg_date": first, "reg_scope": "1"}
    if left:
        values |= {"dereg_date": date.fromisoformat(left), "dereg_reason": "01"}
    tx.add(UnempReg(**values, unemp_reason="22", reg_place_basis="2"))


@pytest.fixture
def october(tx, make):
    """Make four people on file; three were registered, one of them came and one left in October."""
    people = [make.resident(emp_status=status) for status in ("11", "22", "22", "24")]
    for person in people:
        person.created_at = OLD
    people[1].priority_groups = [{"code": "KG02"}, {"code": "KG06"}]
    people[2].priority_groups = ["KG02"]
    tx.act("unemp.register")
    spell(tx, people[0], "2026-08-01", "2026-10-31")
    spell(tx, people[1], "2026-09-30")
    spell(tx, people[2], "2026-10-31")
    tx.flush()
    return people


def read(tx, period=OCTOBER, **more):
    return load_board(tx, Ask(period), memory=Memory(), **more)


# The page -----------------------------------------------------------------------------------------------------------


def test_every_figure_stands_in_one_of_the_four_blocks(tx):
    board = read(tx)

    shown = [cell.code for letter, _title in BLOCKS for cell in board.block(letter)]

    assert shown == [each.code for each in INDICATORS]


def test_a_figure_is_told_with_that_of_the_month_before(tx, october):
    cells = read(tx).cells

    assert [cells[code].now.numerator for code in ("B1", "B2", "B3")] == [2, 1, 1]
    assert [cells[code].before.numerator for code in ("B1", "B2", "B3")] == [2, 1, 0]
    assert [cells[code].change for code in ("B1", "B2", "B3")] == [0, 0, 1]


def test_a_share_of_nothing_has_no_value_no_change_and_no_band(tx, october):
    cell = read(tx).cells["C11"]

    assert (cell.now.value, cell.change, cell.band) == (None, None, None)


def test_the_parts_of_the_working_age_make_up_the_whole(tx, october):
    board = read(tx)

    assert [share.count for share in board.shares] == [1, 2, 1, 0, 0]
    assert sum(share.count for share in board.shares) == board.cells["A2"].now.numerator
    assert [share.percent for share in board.shares] == [25, 50, 25, 0, 0]


def test_a_key_group_counts_who_stands_behind_it_when_it_is_opened(tx, october):
    board = read(tx)

    groups = {share.code: share.count for share in board.groups}

    assert groups == {"KG02": 2, "KG06": 1}
    assert [share.code for share in board.groups] == ["KG02", "KG06"]
    for code, count in groups.items():
        assert len(load_rows(tx, "A1", Ask(OCTOBER, group=code), base=False)) == count


def test_a_page_of_another_station_holds_nobody_of_this_one(tx, october):
    board = load_board(tx, Ask(OCTOBER, stations=("330110012999",)), memory=Memory())

    assert board.cells["A1"].now.numerator == 0
    assert board.groups == ()
    assert board.shares[0].percent is None
    assert [name for code, name in station_names(tx) if code == "330110012001"] == ["溪桥社区就业服务站"]


def test_reading_stops_when_something_else_is_wanted(tx):
    with pytest.raises(Cancelled):
        read(tx, stopped=lambda: True)


@pytest.mark.parametrize(("hired", "band"), [(25, GOOD), (24, NEAR), (15, NEAR), (14, BELOW)])
def test_the_band_follows_the_goal_and_ten_points_below_it(hired, band):
    assert indicator("D2").goal == 25
    assert band_of(Figure(indicator("D2"), hired, 100)) == band


def test_a_figure_without_a_goal_has_no_band():
    assert band_of(Figure(indicator("A8"), 1, 2)) is None


# Twelve months ------------------------------------------------------------------------------------------------------


def test_a_trend_is_twelve_months_that_meet_without_a_gap():
    months = months_until(Period(date(2026, 2, 3), date(2026, 3, 1)))

    assert (months[0], months[-1]) == (month_of(date(2025, 3, 1)), month_of(date(2026, 2, 1)))
    assert all(earlier.until == later.first for earlier, later in pairwise(months))
    assert len(months) == 12


def test_a_trend_counts_the_last_moment_of_a_month_in_it_and_the_next_in_the_next(tx, make):
    slips = [make.referral(), make.referral()]
    midnight = datetime(2026, 10, 1, tzinfo=clock.LOCAL_ZONE)
    slips[0].issued_at, slips[1].issued_at = midnight - timedelta(microseconds=1), midnight
    tx.flush()

    trend = load_trend(tx, "D1", Ask(OCTOBER), memory=Memory())

    assert [point.figure.numerator for point in trend][-3:] == [0, 1, 1]


def test_the_registered_balance_from_month_to_month_in_the_trends(tx, october):
    board = read(tx, trends=("B1", "B2", "B3"))

    stood, came, left = ([p.figure.numerator for p in board.trends[code]] for code in ("B1", "B2", "B3"))

    assert stood[-3:] == [1, 2, 2]
    assert [b - a for a, b in pairwise(stood)] == [new - gone for new, gone in zip(came[1:], left[1:], strict=True)]


# What is remembered -------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """Return which figures were counted, in order."""
    calls = []
    real = page.figures

    def count(connection, indicators, ask):
        calls.extend((each.code, ask.period) for each in indicators)
        return real(connection, indicators, ask)

    monkeypatch.setattr(page, "figures", count)
    return calls


def test_nothing_is_counted_twice_while_no_record_changes(database, counted):
    memory = Memory()
    with database.read() as tx:
        load_board(tx, Ask(OCTOBER), memory=memory, trends=("B1",))
    first = len(counted)

    with database.read() as tx:
        load_board(tx, Ask(OCTOBER), memory=memory, trends=("B1",))

    assert first == 2 * len(INDICATORS) + 10
    assert len(counted) == first


def test_an_act_has_the_month_asked_for_counted_again_and_leaves_those_that_are_over(database, actor, make_in, counted):
    memory = Memory()
    with database.read() as tx:
        load_board(tx, Ask(OCTOBER), memory=memory, trends=("B1",))
    counted.clear()

    make_in(lambda make: make.resident())
    with database.read() as tx:
        board = load_board(tx, Ask(OCTOBER), memory=memory, trends=("B1",))

    assert {period for _code, period in counted} == {OCTOBER}
    assert len(counted) == len(INDICATORS)
    assert len(board.trends["B1"]) == 12


def test_months_that_are_over_are_counted_again_some_minutes_after_a_change(database, make_in, counted, monkeypatch):
    memory, today = Memory(), clock.monotonic()
    with database.read() as tx:
        load_trend(tx, "B1", Ask(OCTOBER), memory=memory)
    make_in(lambda make: make.resident())
    counted.clear()

    monkeypatch.setattr(clock, "monotonic", lambda: today + page.KEPT_SECONDS + 60)
    with database.read() as tx:
        load_trend(tx, "B1", Ask(OCTOBER), memory=memory)

    assert len(counted) == 12


def test_what_this_process_says_has_changed_is_counted_again(database, counted):
    memory = Memory()
    with database.read() as tx:
        load_board(tx, Ask(OCTOBER), memory=memory)
    counted.clear()

    memory.note_change()
    with database.read() as tx:
        load_board(tx, Ask(OCTOBER), memory=memory)

    assert len(counted) == len(INDICATORS)


@pytest.fixture
def make_in(database, actor):
    """Do an act in a transaction of its own."""
    from tests.factories import Factory

    def act(work):
        with database.write(actor) as tx:
            work(Factory(tx))

    return act


# The rows behind ----------------------------------------------------------------------------------------------------


def test_rows_are_masked_and_lead_to_the_person(tx, make):
    person = make.resident(name="沈念安", mobile="19900000003")
    slip = make.referral(resident=person)
    tx.flush()

    (row,) = load_rows(tx, "D1", Ask(month_of(clock.today())), base=False)

    assert (row.name, row.mobile, row.resident_id, row.referral_id) == ("沈*安", "199****0003", person.id, slip.id)
    assert person.id_no not in str(row)
    assert row.what.startswith(slip.slip_no)
    assert row.on == clock.today()


def test_numerator_and_denominator_have_rows_of_their_own(tx, october):
    ask = Ask(OCTOBER)

    parts = [len(load_rows(tx, "A8", ask, base=base)) for base in (False, True)]

    assert parts == [1, 4]


def test_a_long_list_of_rows_stops_on_the_way(tx, october):
    with pytest.raises(Cancelled):
        load_rows(tx, "A1", Ask(OCTOBER), base=False, stopped=lambda: True)


# What a public screen hides -----------------------------------------------------------------------------------------

PARTS = Balance(("a", "b", "c"), ("whole",), keep="whole")


def whole(**parts):
    return {**parts, "whole": sum(parts.values())}


def test_counts_below_five_are_hidden_and_five_is_shown():
    assert hidden({"a": 4, "b": 5, "c": 0}) == {"a", "c"}


def test_a_single_hidden_part_takes_the_smallest_other_with_it():
    assert hidden(whole(a=3, b=90, c=40), [PARTS]) == {"a", "c"}


def test_two_hidden_parts_that_their_sum_gives_away_take_a_third():
    assert hidden(whole(a=4, b=4, c=40), [PARTS]) == {"a", "b", "c"}
    assert hidden(whole(a=0, b=0, c=40), [PARTS]) == {"a", "b", "c"}
    assert hidden(whole(a=3, b=2, c=40), [PARTS]) == {"a", "b"}


def test_nothing_small_hides_nothing():
    assert hidden(whole(a=5, b=6, c=7), [PARTS]) == frozenset()


def test_the_whole_is_hidden_last_and_only_where_a_part_would_be_told():
    assert hidden(whole(a=3, b=2), [Balance(("a", "b"), ("whole",), keep="whole")]) == {"a", "b"}
    assert hidden(whole(a=1, b=7), [Balance(("a", "b"), ("whole",), keep="whole")]) == {"a", "b"}
    assert hidden({"a": 4, "b": 0, "whole": 4}, [Balance(("a", "b"), ("whole",))]) == {"a", "b", "whole"}


def test_a_share_with_a_small_rest_does_not_show_its_count():
    counts, rest = {"n": 52, "d": 54, "rest": 2}, Balance(("n", "rest"), ("d",), keep="d")

    assert hidden(counts, [rest], unseen=frozenset({"rest"})) == {"n", "rest"}


def test_what_is_hidden_cannot_be_worked_out_from_what_is_shown():
    """Try every district of four small counts: no hidden small one has only one value that fits what is shown."""
    balance = Balance(("before", "came"), ("left", "now"), keep="now")
    for before, came, left in product((0, 3, 4, 5, 9), repeat=3):
        now = before + came - left
        if now < 0:
            continue
        counts = {"before": before, "came": came, "left": left, "now": now}
        out = hidden(counts, [balance])

        fits = [
            guess for guess in _guesses(counts, out) if guess["before"] + guess["came"] == guess["left"] + guess["now"]
        ]

        for key in out:
            if counts[key] < LEAST:
                assert len({guess[key] for guess in fits}) > 1, (counts, out)


def _guesses(counts, out):
    """Return what somebody may think who sees the rest: a small one is 0…4, another hidden one 5…30."""
    spans = [
        range(LEAST) if key in out and count < LEAST else range(LEAST, 31) if key in out else (count,)
        for key, count in counts.items()
    ]
    return [dict(zip(counts, guess, strict=True)) for guess in product(*spans)]


def test_a_months_figures_may_be_asked_for_a_community_too(tx, october):
    nowhere = replace(Ask(OCTOBER), community="330110999")

    assert load_board(tx, nowhere, memory=Memory()).cells["A1"].now.numerator == 0
