"""The vectors of domain sheet 9.3 and 9.5, and the rules around them."""

import pytest

from app.services.matching import distance, rules, score
from app.services.matching.prepare import (
    Need,
    Seeker,
    VacancyFacts,
    bigrams,
    cert_stem,
    heavy_word,
    month_pay,
    prepare_cert,
    prepare_need,
    prepare_wishes,
)

WEIGHTS = rules.all_weights()[0]


@pytest.mark.parametrize(
    ("km", "expected"), [(0.4, 1.0), (1, 1.0), (2, 0.8), (3, 0.6), (5, 0.429), (10, 0.0), (12, 0.0)]
)
def test_distance_part_follows_the_vectors(km, expected):
    assert score.distance(km * 1000, 10) == pytest.approx(expected, abs=0.0005)


@pytest.mark.parametrize(("offer", "expected"), [(450_000, 1.0), (420_000, 0.667), (405_000, 0.5), (360_000, 0.0)])
def test_wage_part_follows_the_vectors(offer, expected):
    assert score.wage(offer, 450_000) == pytest.approx(expected, abs=0.0005)


def test_worked_case_scores_889_and_without_a_place_875():
    skills = score.skills_fit(2, 3, 3, 3, known=True)
    parts = (0.8, skills, score.distance(1140, 10), 1.0, 1.0, 1.0, 1.0)

    assert skills == pytest.approx(0.767, abs=0.0005)
    assert parts[2] == pytest.approx(0.972, abs=0.0005)
    assert score.shown(score.total(WEIGHTS.weights, parts)) == 88.9
    assert score.shown(score.total(WEIGHTS.weights, (*parts[:2], None, *parts[3:]))) == 87.5


@pytest.mark.parametrize(
    ("here", "there", "metres"),
    [((30.2800, 120.0), (30.2890, 120.0), 1000.8), ((30.2880, 119.9980), (30.2930, 120.0050), 872.3)],
)
def test_straight_line_follows_the_vectors(here, there, metres):
    assert distance.haversine(*here, *there) == pytest.approx(metres, abs=0.05)
    prepared = distance.path_m(distance.spot(*here), distance.spot(*there))
    assert prepared == pytest.approx(distance.haversine(*here, *there) * distance.DETOUR, rel=1e-9)


def test_circles_are_those_of_walking_and_cycling_a_quarter_of_an_hour():
    assert [distance.circle(m) for m in (300, 1000, 1001, 3000, 3001)] == ["walk", "walk", "cycle", "cycle", "beyond"]
    assert distance.minutes(1000, distance.WALK_KMH) == 15
    assert distance.minutes(3000, distance.CYCLE_KMH) == 15


def test_two_datums_of_one_place_meet():
    # Tiananmen: 39.907333, 116.391083 in WGS-84 is shown at about 39.908734, 116.397328 on domestic maps.
    lat, lon = distance.to_gcj02(39.907333, 116.391083, "WGS84")

    assert distance.haversine(lat, lon, 39.908734, 116.397328) < 5
    assert 100 < distance.haversine(39.907333, 116.391083, lat, lon) < 700
    assert distance.haversine(*distance.to_gcj02(39.915119, 116.403963, "BD09"), 39.908734, 116.397328) < 120
    assert distance.to_gcj02(39.9, 116.4, "GCJ-02") == (39.9, 116.4)
    assert distance.to_gcj02(51.5, -0.12, "WGS84") == (51.5, -0.12)


def test_a_place_off_the_globe_or_of_an_unknown_datum_is_refused():
    with pytest.raises(ValueError, match="globe"):
        distance.spot(120.0, 30.28)
    with pytest.raises(ValueError, match="datum"):
        distance.spot(30.28, 120.0, "CGCS")


@pytest.mark.parametrize(
    ("wanted", "offered", "expected"),
    [
        ("4-10-01-06", "4-10-01-06", 1.0),
        ("4-10-01-06", "4-10-01-05", 1.0),
        ("4-10-01-06", "4-10-02-01", 0.8),
        ("4-12", "4-12", 0.8),
        ("4-12", "4-12-01-01", 0.8),
        ("4-12", "4-10", 0.5),
        ("4", "4-10", 0.5),
        ("4-12", "6-20", 0.0),
        ("", "6-20", 0.0),
        ("6-20", "", 0.0),
    ],
)
def test_trades_are_compared_from_the_fine_class_up(wanted, offered, expected):
    assert score.code_affinity(wanted, offered) == expected


def test_later_wishes_and_past_jobs_count_a_little_less():
    wishes = prepare_wishes([("甲", "4-12", None), ("乙", "6-20", None), ("丙", "3-01", None)], [("丁", "6-25")])

    fits = [
        score.occupation(Seeker(wishes=wishes), VacancyFacts("v", "e", "岗", occ=o))
        for o in ("4-12", "6-20", "3-01", "6-25")
    ]

    assert fits == pytest.approx([0.8, 0.76, 0.72, 0.72])


def test_trades_without_a_common_class_are_compared_by_their_text():
    wishes = prepare_wishes([("水电维修工", "4-12", None)])
    facts = VacancyFacts("v", "e", "水电工", occ="6-29", grams=bigrams("水电工"))

    fit = score.occupation(Seeker(wishes=wishes), facts)

    assert fit == pytest.approx(0.6 * 2 * 1 / (4 + 2))


@pytest.mark.parametrize(
    ("unit", "amount", "base", "expected"),
    [
        ("H", 2500, None, 435_000),
        ("D", 15_000, None, 326_250),
        ("W", 100_000, None, 435_000),
        ("M", 450_000, None, 450_000),
        ("Y", 6_000_000, None, 500_000),
        ("S", 300_000, None, 300_000),
        ("P", 350, None, None),
        ("P", 350, 280_000, 280_000),
        ("O", 8000, None, None),
        ("M", None, None, None),
        (None, 450_000, None, 450_000),
    ],
)
def test_pay_is_compared_by_the_month(unit, amount, base, expected):
    assert month_pay(unit, amount, base) == expected


@pytest.mark.parametrize(
    ("have", "need", "mandatory", "expected"),
    [
        (4, 4, True, 1),
        (4, 3, True, 1),
        (4, 5, False, 0.5),
        (4, 5, True, 0),
        (4, 6, False, 0),
        (4, 0, False, 1),
        (None, 0, False, 1),
    ],
)
def test_education_is_compared_by_rank(have, need, mandatory, expected):
    assert score.education(have, need, mandatory) == expected


def test_education_not_stated_on_either_side_is_not_compared():
    assert score.education(4, None, False) is None
    assert score.education(None, 4, False) is None


@pytest.mark.parametrize(
    ("accepted", "offered", "expected"),
    [
        ({"01"}, ("01",), 1.0),
        ({"01"}, ("02",), 0.5),
        ({"01"}, ("04",), 0.0),
        ({"02", "03"}, ("05",), 0.5),
        ({"01"}, ("01", "04"), 0.5),
    ],
)
def test_shifts_fit_fully_in_part_or_not(accepted, offered, expected):
    assert score.schedule(frozenset(accepted), offered) == expected


def test_skills_and_experience_score_as_written():
    assert score.skills(Seeker(), (), 0, "") == 1.0
    assert score.skills(Seeker(), (prepare_need("健康证"),), 0, "") is None
    assert score.skills(Seeker(skills_known=True, skills=(("4-12", 2),)), (), 4, "4-12") == pytest.approx(0.7 + 0.15)
    assert score.skills(Seeker(skills_known=True, skills=(("6-20", 4),)), (), 4, "4-12") == pytest.approx(0.7)
    assert (score.experience(1, 2), score.experience(5, 2), score.experience(None, 0), score.experience(None, 2)) == (
        0.5,
        1,
        1,
        None,
    )


@pytest.mark.parametrize(
    ("held", "asked", "covers"),
    [
        ("低压电工作业操作证", "低压电工作业证", True),
        ("低压电工作业证", "电工证", True),
        ("电工证", "低压电工作业证", False),
        ("叉车司机（N1）", "叉车证", True),
        ("健康证明", "健康证", True),
        ("保安员证", "健康证", False),
    ],
)
def test_a_certificate_covers_what_is_no_more_specific(held, asked, covers):
    assert score.cert_covers(prepare_cert(held), prepare_need(asked)) is covers


def test_certificate_names_lose_their_official_tails():
    assert [cert_stem(name) for name in ("低压电工作业证", "养老护理员（中级）职业技能等级证书", "证书")] == [
        "低压电工",
        "养老护理员",
        "证书",
    ]


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("C1 驾照", "C1"),
        ("驾驶证 B2", "B2"),
        ("C1、B2驾驶证", "C1 B2"),
        ("驾驶证", "C1 C2"),
        ("B2", "B2"),
        ("ISO C1 体系", ""),
    ],
)
def test_a_driving_class_in_the_text_is_a_licence(text, licence):
    assert prepare_need(text).licence == licence


def test_a_higher_licence_covers_the_lower():
    held = rules.licence_covers("B2")

    assert score.holds_valid(Seeker(licences=held), Need("C1 驾照", "c1", "C1"))
    assert not score.holds_valid(Seeker(licences=rules.licence_covers("C1")), Need("B2", "b2", "B2"))


@pytest.mark.parametrize(
    ("text", "word"),
    [("负责货物搬运", "搬运"), ("无需搬运", ""), ("不需要搬运重物", ""), ("坐岗", ""), ("需装卸货物", "装卸")],
)
def test_heavy_work_is_read_from_the_text_unless_denied(text, word):
    assert heavy_word(text) == word


def test_weights_are_versioned_and_chosen_by_the_day():
    from datetime import date

    shipped = rules.weights_for(date(2026, 11, 22))

    assert (shipped.version, shipped.total) == ("2026-11-a", 100)
    assert rules.weights_for(date(2020, 1, 1)) == rules.all_weights()[0]
    with pytest.raises(ValueError, match="exactly"):
        rules.parse_weights({"weights": {"occupation": 1}, "trainable": []})
