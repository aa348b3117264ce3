"""A slip of nobody, to see that this PC can make one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app import clock
from app.printing.fonts import FontSet, shipped_fonts
from app.printing.slip import SlipRow, render_slips


def trial_slip(facts: Mapping[str, Any], fonts: FontSet | None = None) -> tuple[bytes, SlipRow]:
    """Return the PDF of the self-test's slip, and the row it shows.

    Raises:
        PrintError: a font is missing or lacks a character.
    """
    today = clock.today()
    row = SlipRow(
        name=facts["resident"]["name"],
        sex_label=None,
        phone=facts["resident"]["mobile"],
        employer_unverified=False,
        interview_at=None,
        issued_on=today,
        valid_until=today + timedelta(days=7),
        station_name=facts["station"]["name"],
        handled_by=facts["staff"]["name"],
        **facts["slip"],
    )
    return render_slips([row], paper="A4", fonts=fonts or shipped_fonts()), row


def uncovered(characters: str) -> str:
    """Return those of the characters that no shipped font prints.

    Raises:
        PrintError: a font file is missing or damaged.
    """
    return "".join(shipped_fonts().missing_glyphs(characters))
