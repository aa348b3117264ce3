from dataclasses import fields
from itertools import pairwise

import pytest

from app import texts
from app.errors import PrintError
from app.models.identity import parse_slip_code, slip_payload
from app.printing.page import MM
from app.printing.slip import FREE_OF_CHARGE, LAYOUTS, SlipRow, render_slips
from app.printing.spool import pdf_sha256
from tests.printing.reading import codes, glyphs, metadata, page_count, page_size_mm, page_text, squeezed
from tests.printing.rows import PLAIN, RARE_NAME, longest_slip, make_slip

PAPER_NAMES = ("A4", "A5")


@pytest.fixture(params=PAPER_NAMES)
def paper(request):
    return request.param


def test_the_paper_has_its_size_and_three_strips(paper):
    document = render_slips([PLAIN], paper=paper)

    text = squeezed(document)
    assert page_size_mm(document) == {"A4": (210, 297), "A5": (210, 148)}[paper]
    assert "职业介绍推荐信存根" in text
    assert "本站留存" in text
    assert "交用人单位" in text
    assert "单位寄回" in text
    assert "骑缝章" in text
    assert text.count("沿虚线撕下") == 2
    assert text.count("编号TJ330110261103-0007") == 3


def test_the_letter_says_what_the_law_wants_said(paper):
    text = squeezed(render_slips([PLAIN], paper=paper))

    assert FREE_OF_CHARGE in text
    assert "杭州云禾物业服务有限公司：" in text
    assert "兹介绍求职者葛守成（性别男，联系电话19900000003）前往贵单位应聘水电维修工岗位" in text
    assert "岗位（岗位编号GW330110261102-0112），请予接洽。" in text
    assert "单位地址仓前街道葛溪路18号联系人许经理电话0571-00000118" in text
    assert "面试时间2026年11月26日14:00本信有效期至2026年12月1日" in text
    assert "仓前街道溪桥社区就业服务站（章）" in text
    assert "经办人方静电话0571-00000200" in text
    assert text.count("2026年11月24日") == 1


def test_the_reply_asks_for_every_outcome_within_five_working_days(paper):
    text = squeezed(render_slips([PLAIN], paper=paper))

    assert "回执（用人单位填写，请于收信后5个工作日内返回）" in text
    assert "仓前街道溪桥社区就业服务站：你站推荐的求职者葛守成已于月日来我单位应聘水电维修工岗位，结果：" in text
    for words in (
        "录用（上岗日期",
        "合同期限",
        "月工资元",
        "是否参保是否）",
        "试岗中（至月日）",
        "未录用，原因：",
        "条件不符",
        "岗位已满",
    ):
        assert words in text
    for words in ("薪资未谈妥", "本人放弃", "未到面试", "其他", "单位（章）/经办人"):
        assert words in text


def test_the_counterfoil_masks_the_name_and_the_other_strips_do_not(paper):
    text = squeezed(render_slips([PLAIN], paper=paper))

    assert "求职者葛*成推荐单位" in text
    assert text.count("葛守成") == 2


def test_sex_and_phone_are_absent_when_not_agreed(paper):
    text = squeezed(render_slips([make_slip(sex_label=None, phone=None)], paper=paper))

    assert "性别" not in text
    assert "联系电话" not in text
    assert "19900000003" not in text
    assert "兹介绍求职者葛守成前往贵单位应聘" in text


def test_the_row_has_no_field_for_id_number_home_address_or_hardship():
    names = {field.name for field in fields(SlipRow)}

    assert not [
        name for name in names if any(word in name for word in ("id_no", "live", "hukou", "hardship", "pwd", "birth"))
    ]


@pytest.mark.parametrize("dpi", [150, 300])
def test_both_qr_codes_read_back_as_number_and_check_digits(paper, dpi):
    found = codes(render_slips([PLAIN], paper=paper), dpi=dpi)

    assert found == [slip_payload(PLAIN.slip_no)] * 2
    assert parse_slip_code(found[0]) == PLAIN.slip_no


def test_the_qr_codes_read_on_the_fullest_void_slip_too(paper):
    assert codes(render_slips([longest_slip()], paper=paper), dpi=150) == [slip_payload(PLAIN.slip_no)] * 2


@pytest.mark.parametrize("character", RARE_NAME)
def test_a_rare_name_prints_and_reads_back_as_itself(paper, character):
    text = squeezed(render_slips([make_slip(name=f"葛{character}")], paper=paper))

    assert f"兹介绍求职者葛{character}（" in text


def test_characters_of_the_rare_fonts_print_and_read_back(paper):
    name = "𠀗𪚥𫝀𰻞"

    text = squeezed(render_slips([make_slip(name=name)], paper=paper))

    assert f"求职者{name}已于" in text


def test_a_missing_glyph_stops_the_print_and_is_named():
    with pytest.raises(PrintError) as stopped:
        render_slips([PLAIN, make_slip(name="葛\U0002ebf0")], paper="A4")

    assert "“\U0002ebf0”（U+2EBF0）" in stopped.value.text
    assert "打不出来" in stopped.value.text
    assert stopped.value.code == "print.missing_glyph"


def test_an_original_bears_no_mark_of_copy_or_void(paper):
    text = squeezed(render_slips([PLAIN], paper=paper))

    assert "副本" not in text
    assert "作废" not in text
    assert "待核验" not in text
    assert "名额以区里确认为准" not in text


def test_a_reprint_is_marked_on_every_strip(paper):
    text = squeezed(render_slips([make_slip(copy_no=2)], paper=paper))

    assert text.count("副本第2次") == 3


def test_a_void_slip_is_marked_on_every_strip_and_keeps_its_number(paper):
    text = squeezed(render_slips([make_slip(void=True)], paper=paper))

    assert text.count("作废") == 3
    assert text.count("编号TJ330110261103-0007") == 3


def test_an_unverified_employer_is_marked_beside_its_name(paper):
    text = squeezed(render_slips([make_slip(employer_unverified=True)], paper=paper))

    assert text.count("杭州云禾物业服务有限公司待核验") == 2


def test_the_note_about_places_is_printed_when_asked_for(paper):
    assert "名额以区里确认为准" in squeezed(render_slips([make_slip(places_note=True)], paper=paper))


@pytest.mark.parametrize("row", [PLAIN, make_slip(copy_no=3, places_note=True), longest_slip(void=False)])
def test_nothing_leaves_the_page_crosses_a_cut_line_or_is_too_small(paper, row):
    document = render_slips([row], paper=paper)

    layout = LAYOUTS[paper]
    height = page_size_mm(document)[1]
    cuts = [(height - cut) * MM for cut in layout.cuts[1:3]]
    for glyph in glyphs(document):
        assert layout.band[0] * MM <= glyph.left, glyph
        assert glyph.right <= layout.content[1] * MM + 1, glyph
        assert glyph.bottom >= 4 * MM, glyph
        for cut in cuts:
            on_line = glyph.bottom < cut < glyph.top
            assert not on_line or glyph.text in "骑缝章·沿虚线撕下", glyph


def test_the_longest_texts_are_printed_whole(paper):
    row = longest_slip(void=False)

    text = squeezed(render_slips([row], paper=paper))

    for value in (row.name, row.employer_name, row.employer_address, row.contact, row.vacancy_title):
        assert "".join(value.split()) in text


def test_no_two_letters_lie_on_each_other(paper):
    found = glyphs(render_slips([longest_slip(void=False)], paper=paper))

    centres = sorted(((g.left + g.right) / 2, (g.bottom + g.top) / 2, g.text) for g in found)
    for (ax, ay, a), (bx, by, b) in pairwise(centres):
        assert abs(ax - bx) > 1 or abs(ay - by) > 3, (a, b)


def test_what_cannot_fit_even_small_is_refused_not_cut():
    with pytest.raises(PrintError) as stopped:
        render_slips([make_slip(employer_address="仓前街道" * 400)], paper="A5")

    assert stopped.value.code == "print.too_long"


def test_the_same_rows_give_the_same_bytes(paper):
    rows = [PLAIN, make_slip(slip_no="TJ330110261103-0008", name=RARE_NAME)]

    assert pdf_sha256(render_slips(rows, paper=paper)) == pdf_sha256(render_slips(rows, paper=paper))


def test_another_row_gives_other_bytes():
    assert pdf_sha256(render_slips([PLAIN], paper="A4")) != pdf_sha256(render_slips([make_slip(copy_no=1)], paper="A4"))


def test_the_metadata_names_the_slip_and_nobody():
    told = metadata(render_slips([PLAIN], paper="A4"))

    assert told["Title"] == "TJ330110261103-0007"
    assert "葛守成" not in "".join(told.values())


def test_many_slips_are_one_document_with_a_page_each():
    rows = [make_slip(slip_no=f"TJ330110261103-{i:04d}") for i in range(1, 13)]

    document = render_slips(rows, paper="A5")

    assert page_count(document) == 12
    assert "TJ330110261103-0012" in page_text(document, 11)


def test_the_paper_stays_chinese_when_the_screen_is_english():
    chinese = render_slips([PLAIN], paper="A4")
    texts.set_language("en")

    assert render_slips([PLAIN], paper="A4") == chinese
