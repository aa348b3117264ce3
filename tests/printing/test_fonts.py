import subprocess
import sys
import threading

import pytest
from fontTools.ttLib import TTFont

from app import paths, texts
from app.errors import PrintError
from app.printing.fonts import FONT_FILES, FontSet, printable, shipped_fonts, to_unicode_map
from app.printing.slip import render_slips
from tests.printing.reading import squeezed
from tests.printing.rows import PLAIN, RARE_NAME, make_slip


def test_every_shipped_font_has_truetype_outlines_and_may_be_embedded():
    for name in FONT_FILES:
        with TTFont(paths.resources() / "fonts" / name, lazy=True) as font:
            assert "glyf" in font, name
            assert font["OS/2"].fsType in (0, 4, 8), name


def test_the_fonts_leave_room_in_a_repository_of_60_mb():
    assert sum((paths.resources() / "fonts" / name).stat().st_size for name in FONT_FILES) < 45_000_000


def test_the_licence_of_every_font_is_shipped():
    for name in ("LICENSE-NotoSansSC-OFL.txt", "LICENSE-Hanazono.txt", "LICENSE-Arphic.txt", "README.md"):
        assert (paths.resources() / "fonts" / name).stat().st_size > 500


def test_importing_the_module_loads_neither_reportlab_nor_a_font():
    program = "import sys, app.printing.forms; import app.printing.slip; sys.exit('reportlab' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=paths.resources().parent, check=False).returncode == 0


@pytest.mark.parametrize(
    ("first", "last"),
    [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DD), (0x2A700, 0x2B734), (0x2B740, 0x2B81D)]
    + [(0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0)],
)
def test_every_han_character_of_gb_18030_level_3_prints(first, last):
    assert shipped_fonts().missing_glyphs("".join(map(chr, range(first, last + 1)))) == ()


def test_missing_glyphs_are_named_once_and_in_order():
    assert shipped_fonts().missing_glyphs("葛\U0002ebf0成\U000323b0\U0002ebf0") == ("\U0002ebf0", "\U000323b0")


def test_the_sentence_about_a_missing_glyph_is_translated_and_still_names_it():
    texts.set_language("en")

    with pytest.raises(PrintError) as stopped:
        shipped_fonts().require(["葛\U0002ebf0"])

    assert "“\U0002ebf0”（U+2EBF0） cannot be printed" in stopped.value.text


def test_a_text_is_cut_into_runs_where_the_font_changes():
    runs = list(shipped_fonts().runs("葛𠀗成"))

    assert [(run.face.file.name, run.text) for run in runs] == [
        ("NotoSansSC-Regular.ttf", "葛"),
        ("DoorstepRareHan-Regular.ttf", "𠀗"),
        ("NotoSansSC-Regular.ttf", "成"),
    ]


def test_characters_beyond_the_first_plane_are_mapped_in_utf_16():
    told = to_unicode_map("F", [0, 0x845B, 0x2CEEF])

    assert "<01> <845B>" in told
    assert "<02> <D873DEEF>" in told
    assert "<00> <0000>" not in told


def test_a_map_is_written_in_blocks_of_at_most_100():
    told = to_unicode_map("F", list(range(0x4E00, 0x4E00 + 250)))

    assert told.count("beginbfchar") == 3
    assert "100 beginbfchar" in told
    assert "50 beginbfchar" in told


def test_a_variation_selector_or_a_line_break_does_not_reach_the_paper():
    assert printable(" 葛\U000e0100守\n成\u200b ") == "葛守 成"


def test_a_damaged_font_is_told_as_a_sentence(tmp_path):
    (tmp_path / "NotoSansSC-Regular.ttf").write_bytes(b"not a font")

    with pytest.raises(PrintError) as stopped:
        FontSet(tmp_path).width("葛", 10)

    assert "NotoSansSC-Regular.ttf" in stopped.value.text


def test_documents_made_at_the_same_time_do_not_mix():
    made: dict[int, bytes] = {}

    def make(i: int) -> None:
        made[i] = render_slips([make_slip(slip_no=f"TJ330110261103-{i:04d}", name=RARE_NAME[i % 5] + "安")], paper="A5")

    workers = [threading.Thread(target=make, args=(i,)) for i in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    for i, document in made.items():
        text = squeezed(document)
        assert f"TJ330110261103-{i:04d}" in text
        assert f"兹介绍求职者{RARE_NAME[i % 5]}安" in text
    assert len(made) == 6
    assert PLAIN.name not in squeezed(made[0])
