"""Identity numbers, organisation codes and slip numbers: the vectors of the standards and of the domain sheet."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc
from stdnum.iso7064 import mod_11_2, mod_97_10

from app.errors import RuleError
from app.models.identity import (
    check_id_no,
    check_pwd_cert,
    check_uscc,
    guess_id_type,
    id15_to_18,
    id_check_char,
    looks_like_slip,
    mismatch,
    normalise_id,
    org_check_char,
    parse_slip_code,
    slip_check_digits,
    slip_payload,
    uscc_check_char,
)

TODAY = date(2026, 11, 22)
SLIP = "TJ330110261103-0007"


@pytest.mark.parametrize(
    ("number", "birth", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2"),
        ("330110197903129996", date(1979, 3, 12), "1"),
        ("31010519751001996X", date(1975, 10, 1), "2"),
        ("330110200002299976", date(2000, 2, 29), "1"),
        ("330110198006149975", date(1980, 6, 14), "1"),
        ("330802197601309981", date(1976, 1, 30), "2"),
    ],
)
def test_a_right_citizen_number_tells_birth_and_sex(number, birth, sex):
    result = check_id_no("01", number, today=TODAY)

    assert (result.error, result.warning, result.number) == (None, None, number)
    assert (result.birth_on, result.sex) == (birth, sex)
    assert mod_11_2.is_valid(number)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("440524188001010014", "E_BIRTH"),
        ("330110197903129990", "E_CHECK"),
        ("330110197902309995", "E_BIRTH"),
        ("330110190002299996", "E_BIRTH"),
        ("160110197903129994", "E_REGION"),
        ("33011019790312", "E_FORMAT"),
        ("33011019790312999A", "E_FORMAT"),
        ("３３０１１０１９７９０３１２９９９0", "E_CHECK"),
        ("33011020300312999" + id_check_char("33011020300312999"), "E_BIRTH"),
        ("", "E_FORMAT"),
    ],
)
def test_a_wrong_citizen_number_is_refused_with_its_code_and_a_sentence(number, error):
    result = check_id_no("01", number, today=TODAY)

    assert result.error == error
    assert result.text
    assert result.birth_on is None


def test_the_standards_second_example_is_right_but_for_its_age():
    assert id_check_char("44052418800101001") == "4"
    assert check_id_no("01", "440524188001010014", today=date(2005, 1, 1)).ok


def test_the_sentence_counts_the_missing_digits():
    assert check_id_no("01", "33011019790312999", today=TODAY).text == "少 1 位：现在 17 位，应为 18 位"
    assert check_id_no("01", "3301101979031299961", today=TODAY).text == "多 1 位：现在 19 位，应为 18 位"
    assert check_id_no("01", "330110197903129990", today=TODAY).text == "校验位不符，请核对证件"


def test_what_a_clerk_types_is_normalised():
    assert normalise_id(" ３１０１０５-1975 1001 996ｘ ") == "31010519751001996X"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("330110790312999", "330110197903129996"),
        ("310105751001998", "310105197510019986"),
        ("330421881105997", "330421198811059978"),
    ],
)
def test_a_15_digit_number_is_lengthened_with_a_warning(old, new):
    result = check_id_no("01", old, today=TODAY)

    assert id15_to_18(old) == new
    assert (result.number, result.upgraded_from, result.warning) == (new, old, "W_LEGACY")


@pytest.mark.parametrize(
    ("number", "id_type", "birth", "sex"),
    [
        ("810000199001010019", "02", date(1990, 1, 1), "1"),
        ("820000198512300023", "02", date(1985, 12, 30), "2"),
        ("830000197809150035", "03", date(1978, 9, 15), "1"),
        ("931840198506150015", "06", date(1985, 6, 15), "1"),
        ("933826199211200029", "06", date(1992, 11, 20), "2"),
        ("931392198010050036", "06", date(1980, 10, 5), "1"),
        ("USA310085061514", "06", date(1985, 6, 15), None),
        ("GBR330092112029", "06", date(1992, 11, 20), None),
    ],
)
def test_permits_are_guessed_and_right(number, id_type, birth, sex):
    result = check_id_no(id_type, number, today=TODAY)

    assert guess_id_type(number) == id_type
    assert (result.error, result.warning, result.birth_on, result.sex) == (None, None, birth, sex)


def test_a_permanent_residence_number_with_an_unknown_province_is_refused():
    assert check_id_no("06", "990110197903129999", today=TODAY).error == "E_REGION"


def test_a_wrong_check_digit_on_an_old_residence_card_is_only_a_warning():
    result = check_id_no("06", "USA310085061515", today=TODAY)

    assert (result.error, result.warning, result.birth_on) == (None, "W_OLDCHK", date(1985, 6, 15))


def test_the_wrong_type_of_document_is_said():
    assert check_id_no("01", "810000199001010019", today=TODAY).error == "E_REGION"
    assert check_id_no("02", "330110197903129996", today=TODAY).error == "E_REGION"
    assert check_id_no("01", "931840198506150015", today=TODAY).error == "E_REGION"
    assert check_id_no("06", "330110197903129996", today=TODAY).error == "E_REGION"


@pytest.mark.parametrize(
    ("id_type", "number", "ok"),
    [
        ("04", "H12345678", True),
        ("04", "M1234567801", True),
        ("04", "X12345678", False),
        ("05", "12345678", True),
        ("05", "1234567890A", True),
        ("05", "123456789", False),
        ("07", "EA1234567", True),
        ("07", "E1", False),
        ("08", "南字第1234567号", True),
        ("99", "A", False),
        ("09", "330110201509129997", True),
        ("09", "330110201509129998", False),
    ],
)
def test_other_documents_are_checked_by_their_form(id_type, number, ok):
    assert check_id_no(id_type, number, today=TODAY).ok is ok


@pytest.mark.parametrize(
    ("text", "id_type"),
    [
        ("330110790312999", "01"),
        ("h12345678", "04"),
        ("EA1234567", "07"),
        ("12345678", "05"),
        ("3301", "01"),
        ("", "99"),
    ],
)
def test_the_type_is_guessed_from_the_number(text, id_type):
    assert guess_id_type(text) == id_type


def test_a_birth_date_or_sex_that_differs_is_told():
    check = check_id_no("01", "330110197903129996", today=TODAY)

    assert mismatch(check, birth_on=date(1979, 3, 12), sex="1") == ""
    assert "出生日期" in mismatch(check, birth_on=date(1979, 3, 13), sex="1")
    assert "性别" in mismatch(check, birth_on=None, sex="2")


ids = st.builds(
    lambda area, birth, seq: f"{area}{birth:%Y%m%d}{seq:03d}",
    st.sampled_from(["330110", "310105", "650102"]),
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999),
)


@given(body=ids, place=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_any_single_wrong_digit_in_an_id_number_is_caught(body, place, digit):
    number = body + id_check_char(body)
    changed = number[:place] + digit + number[place + 1 :]

    assert check_id_no("01", changed, today=TODAY).ok is (changed == number)


@given(body=ids)
def test_an_independent_implementation_agrees_on_the_check_character(body):
    assert mod_11_2.calc_check_digit(body) == id_check_char(body)


# Organisations -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("91350100M000100Y43", "企业"),
        ("91330110MADEM0X11U", "企业"),
        ("92330802MADEM0X382", "个体工商户"),
        ("52330802MJDEM0X49T", "民办非企业单位"),
        ("12310110MBDEM0X58L", "事业单位"),
        ("91330110MADEM1A18W", "企业"),
        ("91310105MADEM1F1XT", "企业"),
    ],
)
def test_a_right_credit_code_tells_its_kind(code, label):
    result = check_uscc(code.lower())

    assert (result.error, result.warning, result.label, result.number) == (None, None, label, code)
    assert stdnum_uscc.is_valid(code)


@pytest.mark.parametrize(
    ("code", "error", "warning"),
    [
        ("91350100M000100Y44", "E_CHECK", None),
        ("9135010OM000100Y43", "E_FORMAT", None),
        ("91330110MADEM0X10Q", None, "W_ORGCHK"),
        ("330110000012345", "E_FORMAT", None),
        ("91350100M000100Y4", "E_FORMAT", None),
        ("9135A100M000100Y43", "E_FORMAT", None),
    ],
)
def test_a_wrong_credit_code_is_told(code, error, warning):
    result = check_uscc(code)

    assert (result.error, result.warning) == (error, warning)
    assert result.text


def test_a_registration_number_is_answered_with_what_to_enter():
    assert "18 位" in check_uscc("330110000012345").text


@given(
    body=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    place=st.integers(0, 17),
    char=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_any_single_wrong_character_in_a_credit_code_is_caught(body, place, char):
    code = "91330110" + body + uscc_check_char("91330110" + body)
    changed = code[:place] + char + code[place + 1 :]

    assert (check_uscc(changed).error is None) is (changed == code)


def test_the_organisation_code_of_the_standards_sample_is_right():
    assert org_check_char("M000100Y") == "4"
    assert org_check_char("MADEM0X1") == "1"


def test_a_disability_certificate_is_the_holders_number_and_two_digits():
    assert check_pwd_cert("33011019790312999643", "330110197903129996") == ""
    assert check_pwd_cert("33011019790312999643B1") == ""
    assert check_pwd_cert("33011019790312999693")
    assert check_pwd_cert("33011019790312999643", "330110198006149975")
    assert check_pwd_cert("3301101979031299964") == "少 1 位：现在 19 位，应为 20 位"
    assert check_pwd_cert("33011019790312999043")


# Slip numbers --------------------------------------------------------------------------------------------------------


def test_slip_check_digits_make_the_number_one_modulo_97():
    text = SLIP.replace("-", "") + slip_check_digits(SLIP)

    assert int("".join(str(int(char, 36)) for char in text)) % 97 == 1
    assert mod_97_10.is_valid(text)


@pytest.mark.parametrize(
    "typed",
    [
        SLIP,
        slip_payload(SLIP),
        slip_payload(SLIP).replace("-", ""),
        slip_payload(SLIP).lower() + "\r\n",
        "ＴＪ３３０１１０２６１１０３－０００７",
        " tj330110 261103 0007 ",
    ],
)
def test_a_slip_number_is_read_however_it_was_typed_or_scanned(typed):
    assert parse_slip_code(typed) == SLIP


@pytest.mark.parametrize("typed", ["", "你好", "TJ330110261103-00", "QZ330110261103-0007", "330110197903129996", "TJ"])
def test_what_is_no_slip_number_is_refused_with_a_sentence(typed):
    with pytest.raises(RuleError) as refused:
        parse_slip_code(typed)

    assert refused.value.code == "slip.format"


@given(place=st.integers(2, 19), digit=st.sampled_from("0123456789"))
def test_any_single_wrong_digit_in_a_scanned_slip_is_caught(place, digit):
    right = slip_payload(SLIP).replace("-", "")
    wrong = right[:place] + digit + right[place + 1 :]

    if wrong == right:
        assert parse_slip_code(wrong) == SLIP
    else:
        with pytest.raises(RuleError):
            parse_slip_code(wrong)


def test_a_slip_is_recognised_among_other_searches():
    assert looks_like_slip("tj3301")
    assert not looks_like_slip("tian")
