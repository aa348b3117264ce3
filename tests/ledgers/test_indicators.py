"""Figures that can be opened: each counts its own rows, and the balances hold."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from app import clock
from app.db.inserts import table_of
from app.ledgers.base import Ask
from app.ledgers.figures import PERSONS, RECORDS, behind, figure, figures, trend
from app.ledgers.figures_people import first_birth, months_before
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import Period, month_of
from app.models.registration import EmpStatus, UnempReg
from app.models.retirement import MEN, WOMEN_STAFF, WOMEN_WORKERS, is_past
from tests.factories import fictional_id

MONTHS = [month_of(date(2026, month, 1)) for month in range(8, 12)]


def value(tx, code, period, **filters):
    return figure(tx.session.connection(), indicator(code), Ask(period, **filters))


@pytest.mark.parametrize("each", INDICATORS, ids=lambda each: each.code)
def test_a_figure_is_the_number_of_its_rows(tx, make, each):
    make.referral()
    make.unemp_reg()
    make.craft_delivery()
    make.graduate()
    tx.flush()
    ask = Ask(month_of(clock.today()))
    connection = tx.session.connection()

    found = figure(connection, each, ask)
    rows = behind(connection, each, ask)

    counted = {RECORDS: len(rows), PERSONS: len({row.resident_id for row in rows})}
    assert each.count not in counted or found.numerator == counted[each.count]
    assert found.value is None or found.value >= 0
    assert figure(connection, each, Ask(month_of(date(2020, 1, 1)))).numerator == 0


def test_registered_unemployed_balance_in_every_month(tx, make):
    people = [make.resident() for _n in range(4)]
    tx.act("unemp.register")
    spells = [
        ("2026-07-15", None),
        ("2026-08-31", "2026-09-01"),
        ("2026-09-01", "2026-10-31"),
        ("2026-10-02", "2026-10-02"),
    ]
    spells += [("2026-10-31", "2026-11-01")]
    for person, (came, left) in zip([*people, people[1]], spells, strict=True):
        values = {
            "resident_id": person.id,
            "unemp_date": date.fromisoformat(came),
            "reg_date": date.fromisoformat(came),
        }
        ended = {"dereg_date": date.fromisoformat(left), "dereg_reason": "01"} if left else {}
        tx.add(UnempReg(**values, **ended, reg_scope="1", unemp_reason="22", reg_place_basis="2"))
    tx.flush()

    b1 = [value(tx, "B1", period).numerator for period in MONTHS]
    b2 = [value(tx, "B2", period).numerator for period in MONTHS]
    b3 = [value(tx, "B3", period).numerator for period in MONTHS]

    assert (b1, b2, b3) == ([2, 2, 2, 1], [1, 1, 2, 0], [0, 1, 2, 1])
    assert [later - earlier for earlier, later in pairwise(b1)] == [
        new - ended for new, ended in zip(b2[1:], b3[1:], strict=True)
    ]


def test_who_works_is_told_as_of_the_end_not_as_of_today(tx, make):
    person = make.resident(emp_status="22")
    tx.flush()
    tx.act("registration.edit")
    for status, since in (("22", "2026-08-01"), ("11", "2026-10-01")):
        day = date.fromisoformat(since)
        tx.add(EmpStatus(resident_id=person.id, to_status=status, since=day, source="x"))
    person.created_at = datetime(2026, 8, 1, tzinfo=clock.UTC)
    tx.flush()

    assert [value(tx, "A3", period).numerator for period in MONTHS[:3]] == [0, 0, 1]
    assert [value(tx, "A4", period).numerator for period in MONTHS[:3]] == [1, 1, 0]
    assert value(tx, "A8", MONTHS[2]).value == 100


@settings(max_examples=150, deadline=None)
@given(
    st.dates(date(1950, 1, 1), date(2010, 12, 31)),
    st.dates(date(2024, 1, 1), date(2045, 12, 31)),
    st.sampled_from([MEN, WOMEN_STAFF, WOMEN_WORKERS]),
)
def test_the_earliest_birth_of_working_age_is_the_statutes(born, day, base):
    assert (born >= first_birth(base, day)) == (not is_past(born, base, day))


def test_success_counts_by_the_day_of_its_outcome_and_averages_the_slips_before(tx, make):
    person, other = make.resident(), make.resident()
    slips = [make.referral(resident=person), make.referral(resident=person), make.referral(resident=other)]
    for slip, issued, reply, outcome in zip(slips, (3, 10, 12), (8, 40, 20), ("3", "1", "7"), strict=True):
        slip.issued_at = datetime(2026, 9, 1, tzinfo=clock.UTC) + timedelta(days=issued)
        slip.reply_at = datetime(2026, 9, 1, tzinfo=clock.UTC) + timedelta(days=reply)
        slip.outcome, slip.onboard_date = outcome, date(2026, 10, 12) if outcome == "1" else None
    tx.flush()

    september, october = MONTHS[1], MONTHS[2]
    assert [value(tx, "D1", period).numerator for period in (september, october)] == [3, 0]
    assert (value(tx, "D2", september).value, value(tx, "D2", october).value) == (0, 100)
    assert (value(tx, "D3", october).numerator, value(tx, "D3", october).value) == (2, 2)


def test_months_before_keep_to_short_months():
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 31), 12) == date(2025, 1, 31)


def test_on_trial_is_no_result_yet(tx, make):
    slip = make.referral()
    slip.reply_at, slip.outcome = datetime(2026, 10, 5, tzinfo=clock.UTC), "2"
    tx.flush()

    assert (value(tx, "D2", MONTHS[2]).numerator, value(tx, "D2", MONTHS[2]).denominator) == (0, 0)


def test_what_an_earlier_search_took_is_not_counted_again(tx, make):
    person = make.resident()
    slips = [make.referral(resident=person) for _n in range(3)]
    for slip, issued, reply in zip(slips, ("2026-08-03", "2026-08-20", "2026-10-01"), (3, 2, 4), strict=True):
        slip.issued_at = datetime.fromisoformat(issued).replace(tzinfo=clock.UTC)
        slip.reply_at = slip.issued_at + timedelta(days=reply)
        slip.outcome, slip.onboard_date = "1", slip.reply_at.date()
    slips[0].outcome, slips[0].onboard_date = "3", None
    tx.flush()

    assert [value(tx, "D3", MONTHS[n]).numerator for n in (0, 2)] == [2, 1]


def test_who_changes_from_one_work_to_another_does_not_find_work_again(tx, make):
    person = make.resident(emp_status="22")
    row = make.unemp_reg(person)
    row.unemp_date = row.reg_date = date(2026, 8, 3)
    tx.flush()
    for before, status, since in (("21", "16", "2026-09-10"), ("16", "11", "2026-10-10")):
        day = date.fromisoformat(since)
        tx.add(EmpStatus(resident_id=person.id, from_status=before, to_status=status, since=day, source="x"))
    tx.flush()

    assert [value(tx, "D4", period).numerator for period in MONTHS] == [0, 1, 0, 0]


def test_who_is_sixteen_or_retires_on_the_day_after_the_end_is_counted_as_on_the_last_day(tx, make):
    child = make.resident(id_no=fictional_id("20101101", 997), emp_status="31")
    retiring = make.resident(id_no=fictional_id("19660510", 997), emp_status="11")  # October 2026, statutory
    for person in (child, retiring):
        person.created_at = datetime(2026, 8, 1, tzinfo=clock.UTC)
    tx.flush()

    assert [value(tx, "A2", period).numerator for period in MONTHS] == [1, 1, 1, 1]
    assert [value(tx, "A6", period).numerator for period in MONTHS] == [0, 0, 0, 1]
    assert [value(tx, "A3", period).numerator for period in MONTHS] == [1, 1, 1, 0]


def test_a_code_that_is_none_is_told():
    with pytest.raises(KeyError, match="Z9"):
        indicator("Z9")


def test_many_figures_at_once_are_those_of_each_alone(tx, make):
    make.referral()
    make.hired()
    make.followup()
    tx.flush()
    connection, ask = tx.session.connection(), Ask(month_of(clock.today()))

    together = figures(connection, INDICATORS, ask)

    assert together == [figure(connection, each, ask) for each in INDICATORS]
    assert trend(connection, indicator("D1"), ask, MONTHS) == [
        figure(connection, indicator("D1"), Ask(period)) for period in MONTHS
    ]


days = st.integers(0, 400).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
spells = st.lists(st.tuples(st.integers(0, 4), days, st.none() | st.integers(0, 120), st.booleans()), max_size=25)


@settings(max_examples=60, deadline=None)
@given(spells, st.lists(days, min_size=2, max_size=6, unique=True))
def test_b1_is_carried_over_by_b2_and_b3_whatever_was_registered(blank, drawn, cuts):
    """Several periods of any length, late entries (the row's own time says nothing), deleted rows, spells again."""
    rows = []
    for number, (person, came, lasted, deleted) in enumerate(drawn):
        left = None if lasted is None else came + timedelta(days=lasted)
        gone = datetime(2027, 3, 1) if deleted else None
        rows.append({"id": f"u{number}", "resident_id": f"p{person}", "reg_date": came, "unemp_date": came,
                     "dereg_date": left, "deleted_at": gone and gone.replace(tzinfo=clock.UTC), "rev": 0, "extra": {},
                     "created_at": datetime(2027, 2, 1, tzinfo=clock.UTC), "pledge_signed": False})  # fmt: skip
    cuts = sorted(cuts)
    periods = [Period(first, until) for first, until in pairwise([date(2026, 1, 1), *cuts])]
    periods = [each for each in periods if each.first < each.until]

    with blank.begin() as connection:
        connection.execute(table_of(UnempReg).delete())
        if rows:
            connection.execute(table_of(UnempReg).insert(), rows)
        told = [[each.numerator for each in figures(connection, BALANCE, Ask(period))] for period in periods]

    at_start = 0
    for (at_end, came, left), period in zip(told, periods, strict=True):
        assert at_end == at_start + came - left, period
        at_start = at_end


BALANCE = [indicator(code) for code in ("B1", "B2", "B3")]


@pytest.fixture(scope="module")
def blank():
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()
