"""The letter says how it stands with the place: the district confirms it, or the person waits for one."""

from dataclasses import replace

import pytest

from app.printing.slip import LAYOUTS, render_slips
from app.printing.slip_facts import slip_row
from tests.printing.reading import glyphs, squeezed
from tests.printing.rows import longest_slip, make_slip
from tests.ui.test_slip import FACTS


@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_who_waits_is_told_on_the_letter(paper):
    text = squeezed(render_slips([make_slip(waiting=True, places_note=True)], paper=paper))

    assert "候补名额空出后递补" in text
    assert "名额以区里确认为准" not in text


@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_the_longest_letter_of_somebody_who_waits_stays_on_the_page(paper):
    document = render_slips([longest_slip(void=False, waiting=True)], paper=paper)

    assert all(glyph.bottom >= 4 * 72 / 25.4 for glyph in glyphs(document))
    assert "候补" in squeezed(document)
    assert paper in LAYOUTS


@pytest.mark.parametrize(
    ("place", "joined", "left", "note", "waiting"),
    [
        (None, True, 20, True, False),
        (None, True, None, False, False),
        (None, False, 20, False, False),
        (None, False, 1, True, False),
        ("1", True, 1, False, False),
        ("2", True, 0, False, True),
    ],
)
def test_the_note_stands_until_the_district_has_said_it(place, joined, left, note, waiting):
    row = slip_row(replace(FACTS, place=place, joined=joined, places_left=left))

    assert (row.places_note, row.waiting) == (note, waiting)
