"""The look: contrast, fonts, stylesheet, icons."""

import re

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.ui import icons, theme
from app.ui.stylesheet import stylesheet
from app.ui.theme import GRAPHIC_PAIRS, TEXT_PAIRS, TOKENS, Theme
from app.ui.widgets import Text
from app.ui.widgets.paint import KEY_VEIL


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("ink", "paper"), sorted(set(TEXT_PAIRS)))
def test_text_is_readable_on_its_ground(ink: str, paper: str, dark: bool) -> None:
    assert theme.contrast(TOKENS[ink][dark], TOKENS[paper][dark]) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("ink", "paper"), sorted(set(GRAPHIC_PAIRS)))
def test_borders_and_icons_stand_out(ink: str, paper: str, dark: bool) -> None:
    assert theme.contrast(TOKENS[ink][dark], TOKENS[paper][dark]) >= 3


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("ink", "paper"), [("on_accent", "accent"), ("on_toast", "toast")])
def test_a_key_on_a_filled_button_is_readable(ink: str, paper: str, dark: bool) -> None:
    front, back = QColor(TOKENS[ink][dark]), QColor(TOKENS[paper][dark])
    pairs = zip(front.getRgb()[:3], back.getRgb()[:3], strict=True)  # type: ignore[arg-type]
    mixed = QColor(*(round(b + (f - b) * KEY_VEIL) for f, b in pairs))

    assert theme.contrast(TOKENS[ink][dark], mixed.name().upper()) >= 4.5


def test_every_tone_is_tested_for_contrast() -> None:
    assert {(ink, paper) for ink, paper, _fill in theme.TONES.values()} <= set(TEXT_PAIRS)


def test_tokens_are_those_of_the_design() -> None:
    assert TOKENS["accent"] == ("#0B6B60", "#56C5B5")
    assert TOKENS["text3"] == ("#5B6964", "#8F9D98")
    assert all(re.fullmatch("#[0-9A-F]{6}", value) for pair in TOKENS.values() for value in pair)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_the_sheet_has_no_hole_and_scales(qapp: QApplication, scale: float) -> None:
    sheet = stylesheet(Theme(scale=scale))

    assert "$" not in sheet
    assert f"min-height: {round(36 * scale) - 2}px" in sheet


def test_no_radius_exceeds_half_the_height_it_dresses(qapp: QApplication) -> None:
    radii = [int(radius) for radius in re.findall(r"border-radius: (\d+)px", stylesheet(Theme()))]

    assert max(radii) <= 10


def test_digits_are_of_even_width_and_the_font_is_ours_or_the_systems(qapp: QApplication) -> None:
    theme.apply_theme(qapp, Theme())
    for bold in (False, True):
        metrics = QFontMetricsF(theme.current().font(bold=bold))

        assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1
    assert QFontInfo(theme.current().font()).family() in theme.FAMILIES


def test_text_grows_with_the_scale(qapp: QApplication) -> None:
    assert Theme(scale=2.0).font("body").pointSizeF() == 21.0
    assert Theme(scale=2.0).px(36) == 72


def test_only_two_weights_are_used(qapp: QApplication) -> None:
    weights = {int(Theme().font(role).weight()) for role in theme.TYPE}

    assert weights == {400, 700}


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_draws_in_its_tint(qapp: QApplication, name: str) -> None:
    picture = icons.pixmap(name, QColor("#FF0000"), 22, 2.0).toImage()

    inked = [
        picture.pixelColor(x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() > 200
    ]
    assert inked
    assert all(color.red() > 200 and color.green() < 60 for color in inked)


def test_the_icons_bring_their_licence() -> None:
    assert "ISC License" in (paths.resources() / "icons" / "LICENSE").read_text("utf-8")


def test_icons_of_every_name_in_the_code_are_shipped() -> None:
    used = set()
    for file in (paths.resources().parent / "app" / "ui").rglob("*.py"):
        used |= set(
            re.findall(
                r'(?:icon=|icons\.icon\(|IconTile\(|IconLabel\(|IconButton\()"([a-z0-9-]+)"', file.read_text("utf-8")
            )
        )

    assert used <= set(icons.names())


def test_a_label_that_is_shown_grows_with_the_text_at_once(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply_theme(qapp, theme.Theme())
    label = Text("同步", "title")
    qtbot.addWidget(label)
    label.show()

    theme.apply_theme(qapp, theme.Theme(scale=1.5))
    grown = label.font().pointSizeF()
    theme.apply_theme(qapp, theme.Theme())

    assert (grown, label.font().pointSizeF()) == (27.0, 18.0)


def test_a_label_that_is_shown_takes_its_ink_at_once_when_it_gets_dark(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply_theme(qapp, theme.Theme())
    label = Text("同步", "title")
    qtbot.addWidget(label)
    label.show()

    theme.apply_theme(qapp, theme.Theme(dark=True))
    ink = label.palette().color(QPalette.ColorRole.WindowText).name().upper()
    theme.apply_theme(qapp, theme.Theme())

    assert ink == f"#{TOKENS['text'][True]}".upper().replace("##", "#")
