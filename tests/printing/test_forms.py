from datetime import date

import pytest

from app import texts
from app.errors import PrintError
from app.printing.forms import (
    CertLine,
    IntentLine,
    RegistrationFormRow,
    ResumeLine,
    SkillLine,
    render_registration_form,
)
from tests.printing.reading import glyphs, page_count, page_size_mm, page_text, squeezed

ID_NO = "330110197002189991"


def make_row(**changes) -> RegistrationFormRow:
    values = {
        "name": "葛守成", "sex_code": "1", "birth_on": date(1970, 2, 18), "id_type": "居民身份证", "id_no": ID_NO,
        "edu_code": "61", "mobile": "19900000003", "reg_no": "QZ330110260001", "reg_on": date(2026, 11, 24),
        "certs": (CertLine("低压电工作业证", "", f"T{ID_NO}", date(2024, 3, 1), date(2030, 2, 28)),),
        "intents": (IntentLine("水电维修", "4500", "全日制", "仓前街道"),), "shift_codes": ("01",),
        "publish_consent": True, "station_name": "仓前街道溪桥社区就业服务站", "handled_by": "方静",
    }  # fmt: skip
    return RegistrationFormRow(**(values | changes))


def test_the_empty_form_is_one_a4_page_with_every_section():
    document = render_registration_form(None)

    text = squeezed(document)
    assert (page_count(document), page_size_mm(document)) == (1, (210, 297))
    for words in (
        "求职登记表",
        "姓名",
        "证件号码",
        "文化程度",
        "求职人员类别",
        "择业工种",
        "技能等级",
        "证书编号",
        "可接受班次",
    ):
        assert words in text
    for words in ("长白班", "初中", "食宿要求", "公益性岗位", "本人签字", "不收取任何费用", "第1页共1页"):
        assert words in text


def test_the_filled_form_shows_what_was_registered():
    text = squeezed(render_registration_form(make_row()))

    for words in ("葛守成", "1970年2月18日", "19900000003", "QZ330110260001", "水电维修", "2030年2月28日", "方静"):
        assert words in text


def test_the_id_number_is_masked_also_inside_a_certificate_number():
    text = squeezed(render_registration_form(make_row()))

    assert ID_NO not in text
    assert "330110********9991" in text
    assert "T330110********9991" in text


def test_the_id_number_is_whole_when_the_form_needs_it():
    assert ID_NO in squeezed(render_registration_form(make_row(show_id=True)))


def test_a_code_outside_the_short_list_is_shown_and_ticked():
    assert "中专肄业" in squeezed(render_registration_form(make_row(edu_code="43")))


def test_a_very_full_form_takes_two_pages_and_loses_nothing():
    row = make_row(
        hukou_address="浙江省杭州市余杭区仓前街道葛巷社区" * 6,
        skills=tuple(SkillLine(f"工种{i}", "中级工", f"{i} 年", "说明文字" * 20) for i in range(6)),
        certs=tuple(CertLine(f"证书{i}" * 8, "三级", f"NO{i:020d}") for i in range(8)),
        resume=tuple(ResumeLine("2001.1—2005.3", f"杭州第{i}机械厂" * 8, "维修电工") for i in range(8)),
    )

    document = render_registration_form(row)

    text = squeezed(document) + squeezed(document, 1)
    assert page_count(document) == 2
    assert text.count("说明文字") == 120
    for i in range(8):
        assert f"杭州第{i}机械厂" * 8 in text
    assert "第2页共2页" in page_text(document, 1).replace(" ", "")


def test_everything_stays_inside_the_margins():
    for row in (None, make_row(live_address="浙江省杭州市余杭区仓前街道溪桥社区" * 6)):
        for glyph in glyphs(render_registration_form(row)):
            assert glyph.left > 12 * 2.83
            assert glyph.right < (210 - 12) * 2.84
            assert glyph.bottom > 5 * 2.83


def test_a_missing_glyph_stops_the_form_too():
    with pytest.raises(PrintError, match=r"U\+2EBF0"):
        render_registration_form(make_row(intents=(IntentLine("水电\U0002ebf0"),)))


def test_the_form_is_the_same_bytes_again_and_in_an_english_program():
    chinese = render_registration_form(make_row())
    texts.set_language("en")

    assert render_registration_form(make_row()) == chinese
