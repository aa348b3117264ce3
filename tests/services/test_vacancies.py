"""Vacancies and employers: review before publishing, no field that the law forbids."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotAllowedError, RuleError
from app.models.employer import Vacancy
from app.services import employers, vacancies
from tests.factories import EMPLOYER, VACANCY, Factory

FORBIDDEN = ("sex", "gender", "age", "marital", "marriage", "hukou", "height", "weight", "ethnic", "religion", "sight")


def test_a_vacancy_has_no_field_for_what_must_not_be_asked() -> None:
    fields = Vacancy.model_fields

    assert [name for name in fields if any(word == part for part in name.split("_") for word in FORBIDDEN)] == []


def test_a_new_vacancy_waits_and_is_numbered(make: Factory) -> None:
    row = make.vacancy(published=False)

    assert row.review_state == vacancies.WAITING
    assert row.rec_no is not None and row.rec_no.startswith("GW330110")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"duty": "维修"}, "duty"),
        ({"pay_min": 600000}, "pay_min"),
        ({"openings": 0}, "openings"),
        ({"open_to": clock.today() + timedelta(days=200)}, "open_to"),
        ({"shift": ["99"]}, "shift"),
        ({"title": "很长" * 40}, "title"),
    ],
)
def test_bad_input_is_told_at_its_field(make: Factory, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as told:
        make.vacancy(published=False, **values)

    assert field in told.value.fields


def test_a_clerk_does_not_publish(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        vacancy_id = Factory(tx).vacancy(published=False).id
    clerk = Actor("c", "方静", frozenset({"clerk"}))

    with pytest.raises(NotAllowedError, match="发布岗位"), database.write(clerk) as tx:
        vacancies.publish_vacancy(tx, vacancy_id)


def test_what_is_not_ready_stays_with_its_reason(tx: Transaction, make: Factory) -> None:
    ready = make.vacancy(published=False)
    no_pay = make.vacancy(published=False)
    no_pay.pay_min = no_pay.pay_max = None

    result = vacancies.publish_many(tx, [ready.id, no_pay.id])

    assert result.done == 1
    assert [why for _id, why in result.refused] == ["还缺：薪酬"]
    assert no_pay.review_state == vacancies.WAITING


def test_a_posting_without_headcount_is_published_with_the_hit_on_record(tx: Transaction, make: Factory) -> None:
    row = make.vacancy(published=False)
    row.openings = row.open_to = None

    vacancies.publish_vacancy(tx, row.id)

    assert row.open_to == clock.today() + timedelta(days=30)
    assert [hit["rule"] for hit in row.review_hits] == ["V23"]


def test_an_edited_published_vacancy_is_reviewed_again_but_not_for_its_occupation(
    tx: Transaction, make: Factory
) -> None:
    row = make.vacancy()

    vacancies.edit_vacancy(tx, row.id, {"trade": "4-10"})
    assert (row.review_state, row.trade_confidence) == (vacancies.PUBLISHED, 1.0)
    vacancies.edit_vacancy(tx, row.id, {"pay_max": 600000})
    assert row.review_state == vacancies.WAITING


def test_an_employer_known_by_name_only_stays_unverified(tx: Transaction) -> None:
    row = employers.add_employer(tx, {"name": "某某餐饮"}, complete=False)

    assert row.verify_state == employers.UNVERIFIED
    with pytest.raises(InvalidInputError):
        employers.verify_employer(tx, row.id, employers.PASSED)


def test_the_same_employer_is_registered_once_whatever_its_brackets(tx: Transaction) -> None:
    employers.add_employer(tx, {"name": "织里记（上海）文创有限公司"}, complete=False)

    with pytest.raises(RuleError, match="已经登记过"):
        employers.add_employer(tx, {"name": "织里记(上海) 文创有限公司"}, complete=False)


def test_a_wrong_credit_code_is_told_at_its_field(tx: Transaction) -> None:
    with pytest.raises(InvalidInputError) as told:
        employers.add_employer(tx, {**EMPLOYER, "uscc": "91350100M000100Y44"})

    assert "uscc" in told.value.fields


def test_a_changed_credit_code_asks_for_verification_again(tx: Transaction, make: Factory) -> None:
    row = make.employer()

    employers.edit_employer(tx, row.id, {"uscc": "91350100M000100Y43"})

    assert row.verify_state == employers.UNVERIFIED


def test_the_vacancies_of_a_failed_employer_are_not_published(tx: Transaction, make: Factory) -> None:
    row = make.vacancy(published=False)
    employers.verify_employer(tx, row.employer_id, employers.FAILED)

    with pytest.raises(RuleError, match="核验不通过"):
        vacancies.publish_vacancy(tx, row.id)


def test_lists_filter_by_state_and_words(tx: Transaction, make: Factory) -> None:
    published = make.vacancy(title="水电维修工")
    make.vacancy(published=False, title="保洁员")
    tx.flush()

    assert [line.id for line in vacancies.list_vacancies(tx, state="30", filter_text="水电")] == [published.id]
    assert vacancies.count_by_state(tx) == {"20": 1, "30": 1}
    assert VACANCY["title"] in {line.title for line in vacancies.list_vacancies(tx)}
