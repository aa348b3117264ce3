"""Figures that can be opened: each counts its own rows, and the balances hold."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock
from app.ledgers.base import Ask
from app.ledgers.figures import PERSONS, RECORDS, behind, figure
from app.ledgers.indicators import INDICATORS, _first_birth, _months_before, indicator
from app.ledgers.period import month_of
from app.models.registration import EmpStatus, UnempReg
from app.models.retirement import MEN, WOMEN_STAFF, WOMEN_WORKERS, is_past

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
    assert (born >= _first_birth(base, day)) == (not is_past(born, base, day))


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
    assert _months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert _months_before(date(2026, 1, 31), 12) == date(2025, 1, 31)
