"""Telephone numbers."""

import pytest

from app.models.phones import check_mobile, check_phone, format_phone


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 199 0000 0001", "19900000001"),
        ("8619900000001", "19900000001"),
        ("199-0000-0001", "19900000001"),
        ("１９９００００００01", "19900000001"),
    ],
)
def test_a_mobile_number_is_stored_as_11_digits(typed, number):
    result = check_mobile(typed)

    assert (result.number, result.text) == (number, "")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1381234567", "少 1 位：现在 10 位，应为 11 位"),
        ("138123456789", "多 1 位：现在 12 位，应为 11 位"),
        ("12345678901", "手机号应是 13 到 19 开头，现在是 12"),
        ("1381234567a", "手机号里有“a”，应全是数字"),
        ("", "还没填手机号"),
    ],
)
def test_a_wrong_mobile_number_is_told_as_at_the_counter(typed, text):
    assert check_mobile(typed).text == text


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0570-12345678", "0570-12345678"),
        ("021 12345678", "02112345678"),
        ("88886666", "88886666"),
        ("0571-88886666转123", "0571-88886666-123"),
        ("0571－88886666", "0571-88886666"),
        ("199 0000 0001", "19900000001"),
    ],
)
def test_a_land_line_is_taken_too(typed, number):
    result = check_phone(typed)

    assert (result.number, result.text) == (number, "")


@pytest.mark.parametrize("typed", ["", "12345", "abc", "1381234567"])
def test_what_is_no_telephone_is_told(typed):
    assert check_phone(typed).text


def test_a_mobile_number_is_shown_as_it_is_read_out():
    assert format_phone("13812345678") == "138 1234 5678"
    assert format_phone("0570-12345678") == "0570-12345678"
    assert format_phone(None) == ""
