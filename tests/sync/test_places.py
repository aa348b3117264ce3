"""Two stations refer to the last place and register the same person: both counters come to know."""

from datetime import timedelta

import pytest

from app import clock
from app.models.employer import Vacancy
from app.models.referral import Referral
from app.printing.slip_facts import slip_row
from app.services import referrals
from app.services.duplicates import hints_of
from app.services.places import list_place_news, place_label, place_sentence
from app.services.referral_lines import list_referrals
from app.services.todos import list_rules, list_todos
from tests.district.live import OTHER
from tests.factories import Factory, fictional_id


@pytest.fixture
def there(new_counter, district):
    """Return a counter of another station."""
    return new_counter().join(district, station=OTHER)


def refer(counter, vacancy_id):
    def issue(tx):
        vacancy = tx.get(Vacancy, vacancy_id)
        return Factory(tx).referral(vacancy)

    return counter.act(issue, "referral.issue").id


def post(counter, openings=1):
    return counter.act(lambda tx: Factory(tx).vacancy(openings=openings), "vacancy.add").id


def place(counter, referral_id):
    return counter.see(referral_id, Referral).place


def place_todos(counter):
    return [(todo.record_id, todo.text) for todo in counter.ask(list_todos) if todo.kind == "名额"]


def row(counter, referral_id):
    return slip_row(counter.ask(referrals.slip_facts, referral_id))


def test_of_two_stations_that_refer_to_the_last_place_offline_one_waits_and_both_are_told(one, there):
    vacancy = post(one)
    assert one.sync().ok
    assert there.sync().ok
    mine, theirs = refer(one, vacancy), refer(there, vacancy)  # neither knows of the other
    assert row(one, mine).places_note
    assert row(there, theirs).places_note

    assert there.sync().ok
    assert one.sync().ok

    assert (place(there, theirs), place(one, mine)) == ("1", "2")
    assert row(one, mine).waiting
    assert not row(there, theirs).places_note
    assert [(kind, "候补" in text) for kind, text in place_todos(one)] == [(mine, True)]
    assert place_todos(there) == []
    assert [line.place for line in one.ask(list_referrals)] == ["2"]


def test_when_the_first_fails_the_next_moves_up_and_is_told_for_a_week(one, there):
    vacancy = post(one)
    assert one.sync().ok
    assert there.sync().ok
    theirs = refer(there, vacancy)
    assert there.sync().ok
    mine = refer(one, vacancy)
    assert one.sync().ok

    there.act(lambda tx: referrals.void_referral(tx, theirs, "3"), "referral.void")
    assert there.sync().ok
    assert one.sync().ok

    assert place(one, mine) == "1"
    ((record_id, text),) = place_todos(one)
    assert (record_id, "有名额了" in text) == (mine, True)
    clock.shift(timedelta(days=8))
    assert place_todos(one) == []


def test_a_hire_anywhere_leaves_fewer_places_everywhere(one, there):
    vacancy = post(one, openings=2)
    assert one.sync().ok
    assert there.sync().ok
    theirs = refer(there, vacancy)
    hired = {
        "outcome": "1", "onboard_date": clock.today(), "contract_type": "10", "reply_way": "1", "wage_agreed": 450000,
    }  # fmt: skip
    there.act(lambda tx: referrals.record_outcome(tx, theirs, hired), "referral.outcome")
    assert there.sync().ok

    assert one.sync().ok

    assert one.see(vacancy, Vacancy).remaining == 1
    assert one.ask(lambda tx: referrals.places_left(tx, tx.get(Vacancy, vacancy))) == 1


def test_the_same_person_at_two_stations_is_shown_in_both_files(one, there):
    number = fictional_id("19700218", 999)
    mine, theirs = one.register(id_no=number), there.register(id_no=number)
    assert one.sync().ok
    assert there.sync().ok
    assert one.sync().ok

    (hint,) = one.ask(hints_of, mine)

    assert hint.station_code == OTHER
    assert hint.text.startswith(f"已在{OTHER}登记")
    assert len(there.ask(hints_of, theirs)) == 1
    there.edit(theirs, id_no=fictional_id("19710218", 999), birth_date=None)
    assert there.sync().ok
    assert one.sync().ok
    assert one.ask(hints_of, mine) == ()


def test_places_have_plain_words():
    assert [place_label(each) for each in ("1", "2", None)] == ["有名额", "候补", ""]
    assert place_label("2", open_now=False) == ""
    assert len({place_sentence(each) for each in ("1", "2", None)}) == 3


def test_the_rule_behind_the_news_is_told(one):
    assert "名额" in {rule.kind for rule in one.ask(list_rules)}
    assert one.ask(list_place_news) == ()
