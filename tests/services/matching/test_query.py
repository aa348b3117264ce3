"""Matching on a counter's real database: what is read, what is kept between calls, what a referral keeps."""

import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from app import clock
from app.errors import NotFoundError, RuleError
from app.services import matching, referrals, residents, vacancies
from app.services.matching import explain_vacancy, list_all_vacancies, list_filtered, match_resident
from app.services.matching.cache import current_pool
from tests.factories import STAFF_ID, Factory

HOME = {"lat": 30.2800, "lon": 120.0000, "datum": "GCJ02"}
NEAR = {"lat": 30.2850, "lon": 120.0050, "datum": "GCJ02"}


@pytest.fixture
def town(database, actor):
    """Return the ids of a person and of vacancies of all kinds, committed."""
    ids = {}
    with database.write(actor) as tx:
        make = Factory(tx)
        person = make.resident(geo=HOME)
        make.registration(person, certs=[{"type": "10", "name": "健康证", "valid_to": "2099-01-01"}], work_years=11)
        ids["person"] = person.id
        owner = make.employer()
        ids["good"] = make.vacancy(owner, geo=NEAR).id
        ids["cert"] = make.vacancy(make.employer(), geo=NEAR, certs_required=["低压电工作业证"]).id
        ids["low"] = make.vacancy(make.employer(), pay_min=260_000, pay_max=300_000).id
        ids["far"] = make.vacancy(make.employer(), geo={"lat": 30.9, "lon": 120.0}).id
        ids["night"] = make.vacancy(make.employer(), shift=["04"]).id
        ids["heavy"] = make.vacancy(make.employer(), duty="仓库货物搬运、装卸，保持通道畅通").id
        ids["waiting"] = make.vacancy(make.employer(), published=False).id
    return ids


def match(database, ids, **values):
    with database.read() as tx:
        return match_resident(tx, ids["person"], **values)


def act(database, actor, name, **values):
    with database.write(actor) as tx:
        tx.act(name)
        values["change"](tx)


def test_a_resident_is_matched_against_everything_published(database, town):
    result = match(database, town)

    assert result.suggestions[0].vacancy_id == town["good"]
    assert result.filtered == {"F3.missing": 1, "F4.night": 1, "F6.far": 1, "F7.low": 1}
    assert [one.vacancy_id for one in result.train_first] == [town["cert"]]
    assert result.considered == 6
    best = result.suggestions[0]
    assert best.parts[0].text == "和意向“水电维修”同一中类（4-12）"
    assert (best.circle, best.employer_verified, best.remaining) == ("walk", True, 1)


def test_why_not_this_one_has_an_answer_for_every_vacancy(database, town):
    with database.read() as tx:
        answers = {name: explain_vacancy(tx, town["person"], town[name]) for name in town if name != "person"}

    assert {name: [one.code for one in said.against] for name, said in answers.items()} == {
        "good": [],
        "heavy": [],
        "cert": ["F3.missing"],
        "low": ["F7.low"],
        "far": ["F6.far"],
        "night": ["F4.night"],
        "waiting": ["F1.unpublished"],
    }
    assert answers["cert"].against[0].text == "缺必备证书：低压电工作业证。可以先报取证班"


def test_what_is_not_suggested_can_be_looked_at_one_by_one(database, town):
    with database.read() as tx:
        everything = list_filtered(tx, town["person"])
        low = list_filtered(tx, town["person"], "F7.low")

    assert {line.vacancy_id for line in everything} == {town[name] for name in ("cert", "low", "far", "night")}
    assert [(line.vacancy_id, line.text) for line in low] == [
        (town["low"], "月薪最高 3000 元，不到期望 4500 元的八成（3600 元）")
    ]


def test_the_list_for_everybody_is_not_sorted_by_person(database, town):
    with database.read() as tx:
        ids = [one.vacancy_id for one in list_all_vacancies(tx)]

    assert ids == sorted((town[name] for name in ("good", "cert", "low", "far", "night", "heavy")), reverse=True)


CHANGES = {
    "ethnic": "22",
    "politic": "01",
    "marital": "40",
    "health": "6",
    "pwd_cert_no": None,
    "pwd_type": "4",
    "pwd_level": "3",
    "hukou_type": "20",
    "hukou_region": "522601",
    "hukou_addr": "别处",
    "live_addr": "别处 1 号",
    "name": "顾念真",
    "contact2_name": "某人",
    "school": "某校",
    "major": "某专业",
    "female_retire_base": "50",
    "household_id": "0198f3c2-7d10-7c3e-9a55-0000000000aa",
    "sex": "2",
    "birth_date": date(1999, 6, 21),
}


@pytest.mark.parametrize("field", [*CHANGES, "dibao and release", "all"])
def test_changing_what_may_never_count_changes_nothing(database, actor, town, field):
    before = repr(match(database, town, top=100))

    def change(tx):
        row = tx.get(residents.Resident, town["person"])
        tx.change(row, CHANGES if field == "all" else {field: CHANGES[field]} if field in CHANGES else {})
        if field in ("dibao and release", "all"):
            row.priority_groups = [
                {"code": "KG11"},
                {"code": "KG14"},
                {"code": "KG06"},
                {"code": "KG07"},
                {"code": "KG01"},
            ]

    act(database, actor, "resident.edit", change=change)

    assert repr(match(database, town, top=100)) == before


def test_no_statement_of_matching_names_a_column_that_may_never_count(database, town):
    said = []
    event.listen(database.engine, "before_cursor_execute", lambda c, cur, sql, *rest: said.append(sql))
    match(database, town)
    with database.read() as tx:
        explain_vacancy(tx, town["person"], town["cert"])

    named = {name for sql in said for name in re.findall(r"resident\.(\w+)", sql)}
    assert named == {"id", "deleted_at", "edu_level", "geo", "emp_status", "priority_groups", "birth_date", "sex"}
    assert "household" not in " ".join(said)
    assert "unemp_reg" not in " ".join(said)


def test_sex_is_read_by_the_one_clause_the_law_has(database, actor, town):
    act(
        database,
        actor,
        "resident.edit",
        change=lambda tx: tx.change(tx.get(residents.Resident, town["person"]), {"remark": "男", "sex": "1"}),
    )
    act(
        database,
        actor,
        "vacancy.edit",
        change=lambda tx: tx.change(tx.get(vacancies.Vacancy, town["good"]), {"forbidden_for_women": "1"}),
    )
    assert "F10.clause" not in match(database, town).filtered

    act(
        database,
        actor,
        "resident.edit",
        change=lambda tx: tx.change(tx.get(residents.Resident, town["person"]), {"sex": "2"}),
    )

    assert match(database, town).filtered["F10.clause"] == 1
    with database.read() as tx:
        assert explain_vacancy(tx, town["person"], town["good"]).against[0].text == "法律规定的禁忌岗位：矿山井下作业"


@pytest.mark.parametrize(("years", "expected"), [(15, "F2.child"), (16, "F2.minor"), (17, "F2.minor"), (18, None)])
def test_age_is_read_by_the_legal_limit_alone(database, actor, town, years, expected):
    today = clock.today()
    birth = date(today.year - years, today.month, min(today.day, 28))
    act(
        database,
        actor,
        "resident.edit",
        change=lambda tx: tx.change(tx.get(residents.Resident, town["person"]), {"birth_date": birth}),
    )

    filtered = match(database, town).filtered

    assert [code for code in filtered if code.startswith("F2")] == ([expected] if expected else [])


def test_priority_goes_to_the_groups_a_post_is_offered_to(database, actor, town):
    def change(tx):
        tx.change(tx.get(vacancies.Vacancy, town["good"]), {"friendly_tags": ["2"]})
        row = tx.get(residents.Resident, town["person"])
        row.priority_groups = [{"code": "KG10", "valid_to": "2099-01-01"}]

    plain = match(database, town).suggestions[0]
    act(database, actor, "resident.edit", change=change)
    boosted = match(database, town).suggestions[0]

    assert (boosted.score, boosted.boost, boosted.headline) == (plain.score, 5.0, "友好岗优先 +5")


def test_withdrawn_consent_stops_matching(database, actor, town):
    act(
        database,
        actor,
        "consent.record",
        change=lambda tx: residents.record_consent(tx, town["person"], {"kind": "5", "agreed": True}),
    )

    result = match(database, town)

    assert result.passed == 0
    assert result.filtered["F11.consent"] >= 1


def test_own_constraints_and_exclusions_are_kept(database, actor, town):
    def change(tx):
        row = referrals.active_registration(tx, town["person"])
        owner = tx.get(vacancies.Employer, tx.get(vacancies.Vacancy, town["good"]).employer_id)
        tx.change(row, {"constraints": ["05"], "exclude_employers": [{"name": owner.name}]})

    act(database, actor, "registration.edit", change=change)

    assert match(database, town).filtered_ids["F4.heavy"] == (town["heavy"],)
    assert match(database, town).filtered_ids["F4.employer"] == (town["good"],)


def test_a_referral_keeps_score_reasons_and_version_and_is_not_suggested_again(database, actor, town):
    with database.write(actor) as tx:
        verdict = explain_vacancy(tx, town["person"], town["good"])
        row = referrals.issue_referral(
            tx,
            resident_id=town["person"],
            vacancy_id=town["good"],
            consent_share=True,
            match=verdict.for_referral(),
        )
        kept = (row.match_score, row.weights_version, len(row.match_reasons))

    assert kept == (verdict.suggestion.score, "2026-11-a", 7)
    assert json.loads(json.dumps(verdict.for_referral())) == verdict.for_referral()
    assert match(database, town).filtered_ids["F9.referred"] == (town["good"],)


def test_the_pool_is_kept_until_a_vacancy_changes(database, actor, town):
    today = clock.today()
    with database.read() as tx:
        first = current_pool(tx, today)
        assert current_pool(tx, today) is first

    with database.write(actor) as tx:
        Factory(tx).resident()
    with database.read() as tx:
        assert current_pool(tx, today) is first

    with database.write(actor) as tx:
        vacancies.take_down(tx, town["far"], "单位来电撤岗")
        fresh = Factory(tx).vacancy(geo=NEAR).id
    with database.read() as tx:
        changed = current_pool(tx, today)
    assert set(changed.ids) == set(first.ids) - {town["far"]} | {fresh}
    assert changed.find(town["good"]) is first.find(town["good"])


def test_an_employer_that_fails_verification_takes_its_vacancies_along(database, actor, town):
    match(database, town)

    def change(tx):
        owner = tx.get(vacancies.Vacancy, town["good"]).employer_id
        tx.get(vacancies.Employer, owner).verify_state = "40"

    act(database, actor, "employer.edit", change=change)

    assert match(database, town).filtered_ids["F1.employer"] == (town["good"],)


def test_an_employer_still_to_be_verified_is_matched_with_its_mark(database, actor, town):
    def change(tx):
        owner = tx.get(vacancies.Vacancy, town["good"]).employer_id
        tx.get(vacancies.Employer, owner).verify_state = "10"

    act(database, actor, "employer.edit", change=change)

    best = match(database, town).suggestions[0]
    assert (best.vacancy_id, best.employer_verified) == (town["good"], False)


def test_hires_use_up_places_and_give_them_back(database, actor, town):
    with database.write(actor) as tx:
        referral = Factory(tx).referral(tx.get(vacancies.Vacancy, town["good"]))
        referral_id = referral.id

    def outcome(value):
        def change(tx):
            row = tx.get(referrals.Referral, referral_id)
            tx.change(row, {"outcome": value, "onboard_date": clock.today() if value else None})

        return change

    assert match(database, town).suggestions[0].vacancy_id == town["good"]
    act(database, actor, "referral.outcome", change=outcome("1"))
    assert match(database, town).filtered_ids["F1.full"] == (town["good"],)
    act(database, actor, "referral.outcome", change=outcome(None))
    assert match(database, town).suggestions[0].vacancy_id == town["good"]


def _add_one_and_fail(tx, person, expected):
    Factory(tx).vacancy(geo=NEAR)
    assert match_resident(tx, person).considered == expected
    raise RuleError("撤销")


def test_an_unfinished_transaction_does_not_leak_into_the_kept_pool(database, actor, town):
    before = match(database, town)

    with pytest.raises(RuleError), database.write(actor) as tx:
        _add_one_and_fail(tx, town["person"], before.considered + 1)

    assert match(database, town) == before


def test_without_a_registration_there_is_a_sentence(database, actor, town):
    with database.write(actor) as tx:
        person = Factory(tx).resident().id

    with database.read() as tx, pytest.raises(RuleError) as caught:
        match_resident(tx, person)
    assert caught.value.code == "match.no_registration"
    with database.read() as tx, pytest.raises(NotFoundError):
        match_resident(tx, STAFF_ID)
    with database.read() as tx, pytest.raises(NotFoundError):
        explain_vacancy(tx, town["person"], STAFF_ID)


def test_ended_vacancies_are_counted_for_a_month_and_then_forgotten(database, town):
    today = clock.today()

    assert match(database, town, on=today + timedelta(days=40)).filtered == {"F1.expired": 6}
    assert match(database, town, on=today + timedelta(days=70)).considered == 0


def test_marks_of_the_screen_are_all_there(database, town):
    one = match(database, town).suggestions[0]

    assert [part.part for part in one.parts] == list(matching.rules.PARTS)
    assert {part.mark for part in one.parts} <= {"full", "partly", "none", "not_compared"}
    assert one.parts[0].points == 24.0


def test_the_result_is_plain_json_for_the_command_line(database, town):
    said = match(database, town).as_json()

    assert json.loads(json.dumps(said))["suggestions"][0]["vacancy_id"] == town["good"]
    assert said["weights_version"] == "2026-11-a"
