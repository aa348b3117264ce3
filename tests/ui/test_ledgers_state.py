"""What the ledgers' screen shows, without Qt."""

from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import Cancelled, UserError
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.making import note_export
from app.ledgers.offers import offers
from app.ledgers.period import month_of
from app.ui.ledgers import state
from tests.factories import Factory


def preview(tx: Transaction, code: str, **filters: str) -> state.Preview:
    tx.flush()
    ask = Ask(month_of(clock.today()), (), **filters)
    return state.load_preview(tx, ledger=ledger_named(code), ask=ask, stopped=lambda: False)


def test_the_rows_of_a_preview_are_masked_and_numbered(tx: Transaction, make: Factory) -> None:
    make.referral()

    read = preview(tx, "L06")

    titles = [column.title for column in read.ledger.columns]
    texts = {title: state.Shown(read).text(read.rows[0], at) for at, title in enumerate(titles)}
    assert [row.number for row in read.rows] == [1]
    assert "*" in texts["姓名"] and "********" in texts["证件号码"] and "****" in texts["电话"]
    assert state.count_words(read).startswith("1 行，按")


def test_a_read_that_nobody_waits_for_any_more_ends(
    tx: Transaction, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "LOOK_EVERY", 1)
    make.referral()
    tx.flush()

    with pytest.raises(Cancelled):
        state.load_preview(tx, ledger=ledger_named("L06"), ask=Ask(month_of(clock.today())), stopped=lambda: True)


def test_a_row_leads_to_its_person_its_vacancy_or_nowhere(tx: Transaction, make: Factory) -> None:
    referral = make.referral()
    tx.flush()
    note_export(tx, ledger_named("L06"), Ask(month_of(clock.today())), way="csv")

    person, vacancy, log = (preview(tx, code) for code in ("L06", "L04", "L25"))

    assert state.subject_of(person.ledger, person.rows[0]) == ("resident", referral.resident_id)
    assert state.subject_of(vacancy.ledger, vacancy.rows[0]) == ("vacancy", referral.vacancy_id)
    assert state.subject_of(log.ledger, log.rows[-1]) is None


def test_the_filters_offer_what_the_records_hold(tx: Transaction, make: Factory) -> None:
    make.resident(live_region="330110012").grid_code = "G7"
    make.resident(live_region="330110012")
    tx.flush()

    found = offers(tx)

    assert [code for code, _name in found.communities] == ["330110012"]
    assert found.grids == (("G7", "G7"),)
    assert "陶丽华" in [name for _id, name in found.officers]
    assert found.groups


def test_a_month_is_read_however_it_is_typed() -> None:
    ways = ["2026-11", "202611", "2026.11", "2026年11月", " 2026-11 "]

    assert {state.tidy_month(typed) for typed in ways} == {"2026-11"}


def test_what_is_no_month_stays_as_typed_and_is_told() -> None:
    assert state.tidy_month("上个月") == "上个月"
    with pytest.raises(UserError, match="读不懂"):
        state.read_period("上个月", "", by_month=True)


def test_no_step_leads_into_a_month_that_has_not_begun() -> None:
    this = month_of(clock.today())

    assert state.stepped(this, 1) == this
    assert state.stepped(this, -1) == this.before()
    assert state.stepped(this.before(), 1) == this
    assert (state.is_last_month(this), state.is_last_month(this.before())) == (True, False)


def test_a_file_is_named_by_ledger_and_period() -> None:
    assert state.file_name(ledger_named("L06"), month_of(date(2026, 11, 3))) == "L06 推荐（职业介绍）台账 2026-11"


def test_cells_stand_as_on_paper() -> None:
    day = date(2026, 11, 3)
    moment = clock.to_local(clock.now()).replace(tzinfo=None) + timedelta(0)

    words = [state.cell_words(cell) for cell in (None, day, moment, 1234.5, 12, "甲")]

    assert words == ["", "2026-11-03", f"{moment:%Y-%m-%d %H:%M}", "1,234.50", "12", "甲"]
