"""The counter's card, read back: everything on one page, nothing over an edge, legible at arm's length."""

import dataclasses
from itertools import pairwise

import pypdfium2
import pytest

from app.config import Settings
from app.errors import PrintError
from app.printing.counter_card import SAY, TROUBLES, CardRow, render_counter_card
from app.texts import in_language
from app.ui.card import ON_CARD, card_row
from app.ui.keys import COMMANDS
from tests.printing.reading import glyphs, page_count, page_size_mm, squeezed
from tests.printing.rows import RARE_NAME

FACTS = {"station_name": "仓前街道溪桥社区就业服务站", "station_code": "330110001001", "station_phone": "0571-00000200"}
LANGUAGES = ("zh_CN", "en")


def card(language="zh_CN", **settings):
    return card_row(Settings(**settings), **FACTS, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_key_stands_on_one_a4_page(language):
    row = card(language, idle_lock_minutes=7, district_phone="0571-00000100", window_name="2 号窗口")

    pdf = render_counter_card(row)

    text = squeezed(pdf)
    steps = [in_language(step, language).format(minutes=7) for each in TROUBLES for step in each.steps]
    titles = [in_language(each.title, language) for each in TROUBLES]
    wanted = [*steps, *titles, in_language(SAY, language), *(does for _key, does in row.keys)]
    facts = ["0571-00000200", "0571-00000100", "330110001001", "2 号窗口", FACTS["station_name"]]
    assert page_count(pdf) == 1
    assert page_size_mm(pdf) == (210, 297)
    assert [each for each in (*wanted, *facts) if "".join(each.split()) not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_over_an_edge_or_on_another_line_and_the_steps_are_large(language):
    row = dataclasses.replace(card(language), station_name=f"很长的{RARE_NAME}街道" * 4 + "就业服务站")

    found = glyphs(render_counter_card(row))

    steps = [each for each in found if 60 < each.bottom < 560 and "\u4e00" <= each.text <= "\u9fff"]
    crossing = [
        (a.text, b.text)
        for a, b in pairwise(found)
        if a.left < b.left < a.right - 1 and a.bottom < b.top and b.bottom < a.top
    ]
    assert all(each.left > 28 and each.right < 595.3 - 28 and each.bottom > 28 for each in found)
    assert crossing == []
    assert all(each.right - each.left > 6.5 for each in steps if each.text != "一")


def test_an_unknown_phone_leaves_a_line_to_write_on():
    without = render_counter_card(card())

    with pypdfium2.PdfDocument(without) as pdf:
        paths = sum(1 for each in pdf[0].get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH)
    with pypdfium2.PdfDocument(render_counter_card(card(district_phone="0571-00000100"))) as pdf:
        fewer = sum(1 for each in pdf[0].get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH)

    assert "区里电话" in squeezed(without)
    assert paths == fewer + 1


def test_the_same_row_gives_the_same_bytes():
    assert render_counter_card(card()) == render_counter_card(card())


def test_what_cannot_stand_on_the_page_stops_the_print_instead_of_being_cut_off():
    row = CardRow((("F1", "键"),) * 60)

    with pytest.raises(PrintError):
        render_counter_card(row)


def test_the_card_names_every_command_of_the_counter_that_is_there():
    counter = {each.name for each in COMMANDS if each.group == "办事"}

    assert counter <= set(ON_CARD)
