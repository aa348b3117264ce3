"""The engine: equal to the plain rules, complete in its counts, fair in its order, blind to what may not count."""

import random
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from app import texts
from app.services.matching import Pool, Seeker, VacancyFacts, explain, filters, match, rules, why_not
from app.services.matching.distance import spot
from app.services.matching.engine import boost_for
from app.services.matching.prepare import accepted_forms, month_pay, prepare_cert, prepare_need, prepare_wishes
from bench.bench_matching import ON, seeker, vacancies

WEIGHTS = rules.weights_for(ON)
HOME = spot(30.28, 120.0)


def facts(vacancy_id="v1", **values):
    base = {
        "employer_id": "e1",
        "employer_name": "杭州云禾物业服务有限公司",
        "title": "水电维修工",
        "occ": "4-12",
        "form": "1",
        "contract": "10",
        "shifts": ("01",),
        "pay_unit": "M",
        "pay_min": 450_000,
        "pay_max": 550_000,
        "pay_month": 550_000,
        "edu_min": 0,
        "spot": spot(30.285, 120.005),
        "open_to": ON + timedelta(days=20),
        "remaining": 1,
    }
    return VacancyFacts(vacancy_id=vacancy_id, **{**base, **values})


def codes(person, **values):
    return [one.code for one in why_not(person, facts(**values), on=ON)]


def varied_people():
    base = seeker()
    yield base
    yield Seeker()
    yield replace(base, spot=None, skills_known=False, edu_rank=None, work_years=None, shifts=None, forms=None)
    yield replace(
        base,
        wishes=prepare_wishes([("保安", "4-07-05-01", 350_000), ("电子装配", "6-25", 500_000)], [("客服专员", "")]),
        exclude_trades=("4-12", "销售"),
        exclude_employers=frozenset({"e00003", "e00017"}),
        referred=(("v00010", ON - timedelta(days=5)), ("v00011", ON - timedelta(days=91))),
        hired=frozenset({"v00012"}),
        offers=frozenset({"1"}),
        welfare=True,
        forms=frozenset({"1", "8"}),
    )
    yield replace(base, age_gate="minor")
    yield replace(base, pension=True, forms=frozenset({"1", "2", "9"}), no_night=True)
    yield replace(base, accept_training=False, max_commute_km=None)


def all_texts(person, vacancy):
    one = explain(person, vacancy, on=ON)
    fails = why_not(person, vacancy, on=ON)
    return [*(part.text for part in one.parts), one.headline, one.not_compared, one.pay, *(fail.text for fail in fails)]


@pytest.fixture(scope="module")
def pool():
    return Pool(vacancies(700, seed=5))


@pytest.mark.parametrize("person", list(varied_people()))
def test_engine_says_exactly_what_the_plain_rules_say(person, pool):
    result = match(person, pool, top=700, on=ON)

    plain = {one.vacancy_id: filters.all_fails(person, one, ON, WEIGHTS) for one in pool}
    kept_away = {code: [i for i, fails in plain.items() if fails[:1] == (code,)] for code in rules.ORDINAL}
    assert result.filtered_ids == {code: tuple(ids) for code, ids in kept_away.items() if ids}
    assert {one.vacancy_id for one in result.suggestions} == {i for i, fails in plain.items() if not fails}
    scores = {one.vacancy_id: one.score for one in result.suggestions}
    assert scores == {i: explain(person, pool.find(i), on=ON).score for i in scores}
    assert result.passed + sum(result.filtered.values()) == result.considered == 700


@pytest.mark.parametrize("person", list(varied_people()))
def test_the_best_are_found_without_ranking_all(person, pool):
    few = match(person, pool, top=20, on=ON).suggestions
    order = match(person, pool, top=700, on=ON).suggestions

    assert [one.vacancy_id for one in few] == [one.vacancy_id for one in order[:20]]
    best = max(((one.rank, one.vacancy_id) for one in order), default=(0, ""))[0]
    assert not few or few[0].rank == best


def test_train_first_lists_what_only_a_course_stands_before(pool):
    result = match(seeker(), pool, top=20, on=ON)

    assert result.train_first_count >= len(result.train_first) > 0
    for one in result.train_first:
        assert [fail.code for fail in why_not(seeker(), pool.find(one.vacancy_id), on=ON)] == ["F3.missing"]
        assert one.lacking
    ranks = [one.rank for one in result.train_first]
    assert ranks == sorted(ranks, reverse=True)


def test_result_is_the_same_to_the_byte_each_time_and_in_any_order_of_vacancies(pool):
    shuffled = list(pool)
    random.Random(3).shuffle(shuffled)

    first, again, other = (match(seeker(), some, on=ON) for some in (pool, pool, shuffled))

    assert repr(first) == repr(again)
    assert repr(first.suggestions) == repr(other.suggestions)


def test_at_most_two_of_one_employer_are_among_the_first_ten():
    many = [facts(f"a{n}", employer_id="big") for n in range(30)]
    others = [facts(f"b{n}", employer_id=f"small{n}", pay_max=430_000, pay_month=430_000) for n in range(9)]

    ids = [one.employer_id for one in match(seeker(), many + others, on=ON).suggestions]

    assert ids[:10].count("big") == 2
    assert ids[10:] == ["big"] * 10


def test_one_employer_alone_still_fills_the_list():
    assert len(match(seeker(), [facts(f"a{n}", employer_id="big") for n in range(30)], on=ON).suggestions) == 20


def test_ties_go_to_the_sooner_end_then_the_shorter_way():
    late = facts("late", employer_id="a", open_to=ON + timedelta(days=9))
    soon_far = facts("soon-far", employer_id="b", open_to=ON + timedelta(days=3), spot=spot(30.2812, 120.0))
    soon_near = facts("soon-near", employer_id="c", open_to=ON + timedelta(days=3), spot=spot(30.2801, 120.0))

    result = match(seeker(), [late, soon_far, soon_near], on=ON)

    assert [one.vacancy_id for one in result.suggestions] == ["soon-near", "soon-far", "late"]


def test_among_equals_of_one_class_the_title_nearest_to_the_wish_comes_first():
    titles = ("空调安装工", "管道疏通工", "小区水电维修")
    posts = [facts(f"v{n}", employer_id=f"e{n}", title=title, spot=None) for n, title in enumerate(titles)]

    result = match(seeker(), posts, on=ON)

    assert result.suggestions[0].title == "小区水电维修"
    assert len({one.score for one in result.suggestions}) == 1


def test_priority_is_only_for_those_a_post_is_offered_to_and_shown_apart():
    welfare, friendly = facts(form="8"), facts(tags=frozenset({"2", "5"}))
    person = replace(seeker(), forms=frozenset({"1", "8"}))

    assert boost_for(person, welfare, WEIGHTS) == boost_for(person, friendly, WEIGHTS) == 0
    assert boost_for(replace(person, welfare=True), welfare, WEIGHTS) == 5
    assert boost_for(replace(person, offers=frozenset({"2", "5"})), friendly, WEIGHTS) == 5
    assert boost_for(replace(person, offers=frozenset({"1"})), friendly, WEIGHTS) == 0
    plain = match(person, [welfare], on=ON).suggestions[0]
    boosted = match(replace(person, welfare=True), [welfare], on=ON).suggestions[0]
    assert (boosted.score, boosted.rank, boosted.priority) == (plain.score, plain.score + 5, True)


def test_result_carries_the_version_of_its_weights():
    other = replace(WEIGHTS, version="2027-01-b", weights=(0.0, 0.0, 0.0, 100.0, 0.0, 0.0, 0.0))

    result = match(seeker(), [facts(pay_month=405_000)], on=ON, weights=other)

    assert (result.weights_version, result.suggestions[0].score) == ("2027-01-b", 50.0)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"published": False}, "F1.unpublished"),
        ({"open_from": ON + timedelta(days=1)}, "F1.early"),
        ({"open_to": ON - timedelta(days=1)}, "F1.expired"),
        ({"remaining": 0}, "F1.full"),
        ({"employer_ok": False}, "F1.employer"),
        ({"needs": (prepare_need("低压电工作业证"),)}, "F3.missing"),
        ({"shifts": ("04",)}, "F4.night"),
        ({"form": "3"}, "F5.form"),
        ({"form": "9", "contract": "60"}, "F5.rehire"),
        ({"spot": spot(30.50, 120.0)}, "F6.far"),
        ({"pay_month": 359_999}, "F7.low"),
        ({"reject_rule": "V01"}, "F8.rule"),
    ],
)
def test_each_filter_of_a_vacancy_says_no_with_a_sentence(values, code):
    (found,) = why_not(seeker(), facts(**values), on=ON)

    assert found.code == code
    assert found.text and found.label and "{" not in found.text


@pytest.mark.parametrize(
    ("person", "values", "code"),
    [
        ({"age_gate": "child"}, {"minor_ok": True}, "F2.child"),
        ({"age_gate": "minor"}, {}, "F2.minor"),
        (
            {"certs": (prepare_cert("健康证", ON - timedelta(days=1)),)},
            {"needs": (prepare_need("健康证"),)},
            "F3.expired",
        ),
        ({"exclude_trades": ("4",)}, {}, "F4.trade"),
        ({"exclude_trades": ("维修",)}, {}, "F4.trade"),
        ({"exclude_employers": frozenset({"e1"})}, {}, "F4.employer"),
        ({"exclude_shifts": frozenset({"10"})}, {"shifts": ("10",)}, "F4.shift"),
        ({"no_night": True}, {"shifts": ("06",)}, "F4.night"),
        ({"no_heavy": True}, {"heavy_word": "搬运"}, "F4.heavy"),
        ({"no_standing": True}, {"standing_word": "久站"}, "F4.standing"),
        ({"pension": True}, {}, "F5.pension"),
        ({"referred": (("v1", ON - timedelta(days=90)),)}, {}, "F9.referred"),
        ({"hired": frozenset({"v1"})}, {}, "F9.hired"),
        ({"clause_applies": True}, {"clause": "1"}, "F10.clause"),
        ({"withdrawn": True}, {}, "F11.consent"),
    ],
)
def test_each_filter_of_a_person_says_no_with_a_sentence(person, values, code):
    (found,) = why_not(replace(seeker(), **person), facts(**values), on=ON)

    assert found.code == code
    assert found.text and "{" not in found.text


@pytest.mark.parametrize(
    ("person", "values"),
    [
        ({}, {}),
        ({"age_gate": "minor"}, {"minor_ok": True}),
        ({"pension": True}, {"contract": "60"}),
        ({"pension": True}, {"contract": "60", "form": "9"}),
        ({}, {"clause": "1"}),
        ({"spot": None}, {"spot": spot(31.5, 121.0)}),
        ({}, {"spot": None}),
        ({}, {"pay_month": 360_000}),
        ({}, {"pay_month": None}),
        ({}, {"employer_verified": False}),
        ({"no_heavy": True}, {}),
        ({"shifts": frozenset({"01", "04"})}, {"shifts": ("04",)}),
        ({"referred": (("v1", ON - timedelta(days=91)),)}, {}),
        ({}, {"needs": (prepare_need("低压电工作业证", mandatory=False),)}),
    ],
)
def test_filters_leave_alone_what_they_must_not_touch(person, values):
    assert why_not(replace(seeker(), **person), facts(**values), on=ON) == ()


def test_commute_limit_has_a_fifth_of_slack():
    person = replace(seeker(), max_commute_km=3.0, spot=HOME)
    degree = 1 / 111.195  # a kilometre of latitude

    assert codes(person, spot=spot(30.28 + 3.59 / 1.3 * degree, 120.0)) == []
    assert codes(person, spot=spot(30.28 + 3.61 / 1.3 * degree, 120.0)) == ["F6.far"]


def test_all_reasons_are_told_but_only_the_first_is_counted():
    bad = facts(remaining=0, pay_month=100_000, shifts=("04",))

    assert [one.code for one in why_not(seeker(), bad, on=ON)] == ["F1.full", "F4.night", "F7.low"]
    assert match(seeker(), [bad], on=ON).filtered == {"F1.full": 1}


def test_a_post_outside_all_wishes_is_compared_with_the_lowest_wage():
    person = replace(seeker(), wishes=prepare_wishes([("水电维修", "4-12", 600_000), ("保安", "4-07-05-01", 350_000)]))

    assert codes(person, pay_month=400_000) == ["F7.low"]
    assert codes(person, occ="4-07-05-01", title="保安员", pay_month=400_000) == []
    assert codes(person, occ="6-25", title="装配", pay_month=300_000) == []


def test_reasons_read_as_at_the_counter():
    person = replace(seeker(), certs=())
    vacancy = facts(needs=(prepare_need("低压电工作业证", mandatory=False),), exp_years=2, spot=spot(30.2830, 119.9930))

    one = explain(person, vacancy, on=ON)

    lines = {part.part: part.text for part in one.parts}
    assert lines["occupation"] == "和意向“水电维修”同一中类（4-12）"
    assert lines["skills"] == "差低压电工作业证，可先报取证班"
    assert lines["distance"] == "约 1.0 公里，步行约 15 分钟"
    assert lines["wage"] == "4500–5500 元，够到期望 4500 元"
    assert lines["schedule"] == "长白班，可以接受"
    assert lines["education"] == "岗位不限学历"
    assert lines["experience"] == "要 2 年，本人有 11 年"
    assert one.headline == "差低压电工作业证，可先报取证班"
    marks = [part.mark for part in one.parts]
    assert marks == ["partly", "partly", "full", "full", "full", "full", "full"]


def test_what_was_not_compared_is_said():
    one = explain(replace(seeker(), spot=None), facts(edu_min=None, shifts=()), on=ON)

    assert one.not_compared == "资料不足：距离、班次、学历"
    assert [part.text for part in one.parts if part.s is None] == [
        "本人住处没有定位，没有比较",
        "岗位没写班次，没有比较",
        "岗位没写学历，没有比较",
    ]


@pytest.mark.parametrize(
    ("values", "headline"),
    [
        ({}, "工种相近，其余都合"),
        ({"pay_month": 430_000, "pay_min": 400_000, "pay_max": 430_000}, "4000–4300 元，最高比期望 4500 元少 200 元"),
        ({"shifts": ("06", "01")}, "三班倒、长白班，本人写的是长白班、早班，部分合适"),
        ({"occ": "7-01", "title": "文员"}, "工种和意向不同，其余都合"),
        ({"edu_min": None}, "资料不足：学历"),
    ],
)
def test_headline_names_the_main_gap(values, headline):
    assert explain(seeker(), facts(**values), on=ON).headline == headline


def test_pay_by_the_day_is_shown_with_its_month():
    one = explain(
        seeker(), facts(pay_unit="D", pay_min=26_000, pay_max=26_000, pay_month=month_pay("D", 26_000)), on=ON
    )

    assert one.pay == "260 元/天（合每月约 5655 元）"


def test_everything_is_said_in_english_too(pool):
    texts.set_language("en")
    people = list(varied_people())

    said = [text for person in people for vacancy in pool[:120] for text in all_texts(person, vacancy)]

    given = "".join([*(one.title + one.employer_name for one in pool), *(need.name for need in pool.needs)])
    given += "".join(wish.text for person in people for wish in person.wishes)
    for text in said:
        assert not [char for char in text if "一" <= char <= "鿿" and char not in given], text


def test_inputs_have_no_field_for_what_may_never_count():
    allowed_to_the_law = {"age_gate"}
    forbidden = ("sex", "gender", "age", "birth", "ethnic", "relig", "politic", "marital", "child", "hukou", "health")
    forbidden += ("disab", "pwd", "dibao", "release", "group", "height", "photo", "name")

    names = {field.name for field in fields(Seeker)} - allowed_to_the_law

    assert not [name for name in names for word in forbidden if word in name.split("_") or name.startswith(word)]


def test_accepted_forms_follow_what_the_person_said():
    nothing = {"gig": False, "internship": False, "welfare": False, "pension": False}

    assert accepted_forms([""], **nothing) == {"1", "2", "4", "5"}
    assert accepted_forms(["1"], **nothing) == {"1"}
    assert accepted_forms(["1"], gig=True, internship=True, welfare=True, pension=True) == {
        "1",
        "3",
        "6",
        "7",
        "8",
        "9",
    }


def test_a_person_without_anything_recorded_still_gets_a_list():
    result = match(Seeker(), [facts()], on=ON)

    assert result.passed == 1
    assert result.suggestions[0].not_compared == "资料不足：工种、距离、薪酬、班次"


def test_no_vacancies_is_an_empty_answer():
    result = match(seeker(), [], on=date(2026, 11, 22))

    assert (result.suggestions, result.considered, result.passed, result.filtered) == ((), 0, 0, {})


def test_reasons_for_the_referral_are_plain_json():
    import json

    kept = explain(seeker(), facts(), on=ON).reasons()

    assert json.loads(json.dumps(kept)) == kept
    assert [one["part"] for one in kept] == list(rules.PARTS)
