"""Code lists: complete, labelled in both languages, read as text."""

from datetime import date

import pytest

from app import texts
from app.errors import BugError
from app.models.codes import (
    all_lists,
    code_list,
    edu_from_1984,
    edu_rank,
    is_occupation,
    middle_of,
    occupation,
    occupation_label,
    skill_rank,
    trade_nicknames,
)

LISTS = [known.list_id for known in all_lists()]
NEEDED = """
    SEX ETHNIC EDU EDU_1984 POLITIC MARITAL HEALTH PWD_TYPE PWD_LEVEL KIN HUKOU EMP_STATUS UNEMP_SCOPE
    UNEMP_REASON DEREG HARDSHIP HARDSHIP_EXIT KG SEEKER_CLASS OCC_MAJOR OCC OCC_FINE SKILL GB4754 EMPLOYER_TYPE
    SIZE CONTRACT PAY_UNIT SHIFT WORK_FORM BOARD REF_STATE REF_OUTCOME REF_FAIL VISIT_TYPE VISIT_OUTCOME SERVICE
    TRAIN_TYPE CERT_TYPE SUBSIDY SUBSIDY_TARGET REMINDER TASK TASK_STATE ID_TYPE CHANNEL REVIEW VERIFY_STATE
    REG_STATUS REG_PLACE_BASIS VACANCY_SOURCE REFERRAL_MODE REPLY_WAY LEAVE_PROOF COMMUTE_MODE SI_ITEM
    FRIENDLY_TAG NEED CONSTRAINT FORBIDDEN_WOMEN CONSENT_KIND ROLE REVEAL_REASON REPRINT_REASON VOID_REASON
    PLACE CLASS_STATE ENROL_STATE SEAT LESSON_STATE LESSON_KIND ATTEND_MARK SIGN_WAY ATTEND_ENTRY ASSESS_WAY
    DROP_REASON ELIGIBILITY CERT_STATE CERT_CHECK CRAFT_STATE CRAFT_BLAME
    VISIT_WAY JOB_WISH NEXT_ACTION FU_TARGET FU_ORIGIN FU_WAY FU_RESULT GUIDE_FORM GUIDE_TOPIC INTRO_WAY
""".split()


@pytest.fixture
def english():
    texts.set_language("en")
    yield
    texts.set_language("zh_CN")


def test_every_list_of_the_domain_sheet_is_shipped():
    assert set(NEEDED) == set(LISTS)


@pytest.mark.parametrize("list_id", LISTS)
def test_a_list_is_complete_and_says_where_it_comes_from(list_id):
    known = code_list(list_id)

    assert known.list_id == list_id
    assert known.source and known.edition and known.tag and known.name_zh and known.name_en.isascii()
    assert len({item.code for item in known}) == len({item.label_zh for item in known}) == len(known) > 1
    assert all(item.code and item.label_zh and item.label_en.strip() for item in known)
    assert not any("\u4e00" <= char <= "\u9fff" for item in known for char in item.label_en)


@pytest.mark.parametrize(
    ("list_id", "count"), [("ETHNIC", 58), ("EDU", 40), ("POLITIC", 13), ("OCC_MAJOR", 8), ("OCC", 79), ("GB4754", 20)]
)
def test_national_lists_have_all_their_values(list_id, count):
    assert len(code_list(list_id)) == count


def test_an_unknown_code_is_shown_as_it_is():
    sex = code_list("SEX")

    assert (sex.label("1"), sex.label("7"), sex.label(None)) == ("男性", "7", "")
    assert sex.get("7") is None
    assert "1" in sex
    assert "7" not in sex
    assert sex.labels(["1", "2"]) == "男性、女性"


def test_labels_follow_the_language(english):
    assert code_list("SEX").label("2") == "Female"
    assert code_list("SEX").get("2").short_label == "Female"
    assert code_list("ETHNIC").labels(("01", "36")) == "Han, Maonan"


def test_a_list_that_is_not_shipped_is_an_error_of_the_program():
    for name in ("NOPE", "DIVISION"):
        with pytest.raises(BugError):
            code_list(name)


def test_the_counters_short_list_of_education_is_offered_with_its_words():
    short = code_list("EDU").short()

    assert [item.code for item in short] == ["11", "14", "21", "31", "41", "44", "47", "61", "71", "81", "90"]
    assert [item.short_label for item in short][:5] == ["博士研究生", "硕士研究生", "大学本科", "大学专科", "中专"]
    assert len(code_list("KIN").short()) == len(code_list("KIN"))


def test_levels_are_compared_by_rank_and_not_by_code():
    assert [edu_rank(code) for code in ("11", "14", "21", "31", "41", "44", "47", "61", "71", "81", "90", None)] == [
        8, 7, 6, 5, 4, 4, 4, 4, 3, 2, 1, 0,
    ]  # fmt: skip
    assert skill_rank("L6") > skill_rank("L2") > skill_rank("L0") == skill_rank(None)
    assert code_list("SKILL").get("L2").extra["certificate"] == "5"


def test_the_1984_edition_means_something_else_by_the_same_code():
    assert edu_from_1984("50") == "47"
    assert edu_from_1984("60") == "61"
    assert edu_from_1984("11") is None
    assert all(item.extra["edu"] in code_list("EDU") for item in code_list("EDU_1984"))


def test_the_1984_edition_can_no_longer_be_chosen():
    known = code_list("EDU_1984")

    assert known.choices(date(2026, 11, 22)) == ()
    assert len(known.choices(date(2000, 1, 1))) == len(known)


def test_what_a_status_counts_as_is_told():
    statuses = code_list("EMP_STATUS")

    assert statuses.get("21").extra["counts_as"] == "unemployed"
    assert {item.extra["counts_as"] for item in statuses} == {
        "employed", "unemployed", "preparation", "outside", "unknown",
    }  # fmt: skip


def test_an_involuntary_reason_is_yes_no_or_not_said():
    found = {item.code: item.extra["involuntary"] for item in code_list("UNEMP_REASON")}

    assert (found["03"], found["11"], found["99"]) == ("Y", "N", None)


def test_an_entry_is_found_by_its_label_short_label_or_alias():
    assert code_list("ETHNIC").by_label("崩龙族").code == "46"
    assert code_list("EDU").by_label("初中").code == "71"
    assert code_list("SEX").by_label("男").code == "1"
    assert code_list("SEX").by_label("？") is None


def test_occupations_are_known_at_three_depths():
    assert occupation_label("4") == "社会生产服务和生活服务人员"
    assert occupation_label("4-10") == "居民服务人员"
    assert occupation_label("4-10-01-06") == "家政服务员"
    assert occupation_label("4-10-09-09") == "居民服务人员 4-10-09-09"
    assert occupation_label(None) == ""
    assert occupation("9") is None


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("4-10", True),
        ("4", True),
        ("4-10-01-06", True),
        ("4-10-09-09", True),
        ("4-10-1", False),
        ("4-77-01-01", False),
        ("x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_codes_of_known_classes_are_occupations(code, known):
    assert is_occupation(code) is known


def test_every_fine_class_and_every_nickname_belongs_to_a_middle_class():
    middles = code_list("OCC")

    assert all(middle_of(item.code) in middles for item in code_list("OCC_FINE"))
    assert set(trade_nicknames().values()) <= {item.code for item in middles}
    assert middle_of("4") == ""


@pytest.mark.parametrize(
    ("nickname", "code"),
    [("水电维修工", "4-12"), ("叉车工", "6-30"), ("钩针编织", "6-09"), ("月嫂", "4-10"), ("保洁员", "4-09")],
)
def test_what_people_call_a_trade_leads_to_its_class(nickname, code):
    assert trade_nicknames()[nickname] == code
