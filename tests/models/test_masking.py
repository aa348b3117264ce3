"""Masking of personal data."""

import pytest

from app.models.masking import mask_address, mask_id, mask_id_public, mask_mobile, mask_name, mask_text


def test_numbers_keep_what_a_clerk_recognises():
    assert mask_id("330110197903129996") == "330110********9996"
    assert mask_id("USA310085061514") == "USA310*****1514"
    assert mask_id("E12345678") == "E******78"
    assert mask_id("123") == "***"
    assert mask_id(None) == ""
    assert mask_id_public("330110197903129996") == "3****************6"
    assert mask_mobile("19900000003") == "199****0003"
    assert mask_mobile("0570-12345678") == "***********78"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("沈以安", "沈*安"),
        ("李明", "李*"),
        ("欧阳明月", "欧阳**"),
        ("欧阳明", "欧阳*"),
        ("阿依古丽·买买提", "阿依古丽·***"),
        ("𬱖㛃", "𬱖*"),
        ("Ivan Petrov", "I***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_surname(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("溪桥苑 3 幢 2 单元 301", "溪桥苑 3 幢"),
        ("平凉路1398弄5号602室", "平凉路1398弄5号"),
        ("仓前街道 12 号 301", "仓前街道 12 号"),
        ("溪桥社区 301室", "溪桥社区"),
        (None, ""),
    ],
)
def test_an_address_ends_at_the_building(address, masked):
    assert mask_address(address) == masked


def test_numbers_inside_free_text_are_masked():
    text = "身份证330110197903129996，旧号330110790312999，电话 199 0000 0003，单号 TJ330110261103-0007，工资 4500"

    assert mask_text(text) == (
        "身份证330110********9996，旧号330110*****2999，电话 199****0003，单号 TJ330110261103-0007，工资 4500"
    )
