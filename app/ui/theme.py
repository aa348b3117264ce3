"""The look: one table of tokens, the palette, the fonts, and the stylesheet made from them.

No other module writes a colour, a size or a radius of its own. Widgets that paint ask ``of(widget)`` while painting, so
a change of theme needs no more than ``apply_theme``: Qt then sends every widget a style change.
"""

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app import paths
from app.ui.stylesheet import stylesheet

# token → (light, dark)
TOKENS: dict[str, tuple[str, str]] = {
    "bg": ("#EFF3F1", "#0D1312"),
    "surface": ("#FFFFFF", "#151C1B"),
    "sunken": ("#F6F8F7", "#111817"),
    "raised": ("#FFFFFF", "#1C2524"),
    "text": ("#14201D", "#E7EEEC"),
    "text2": ("#46544F", "#B3C0BC"),
    "text3": ("#5B6964", "#8F9D98"),
    "line": ("#DDE4E1", "#273130"),
    "line2": ("#C5CFCB", "#394644"),
    "field": ("#7C8B86", "#74847F"),
    "track": ("#E3E9E7", "#2A3533"),
    "accent": ("#0B6B60", "#56C5B5"),
    "accent_hi": ("#08564D", "#74D6C8"),
    "on_accent": ("#FFFFFF", "#05211D"),
    "accent_soft": ("#E0F0EC", "#15342F"),
    "accent_text": ("#0A5F55", "#7FD8CB"),
    "selected": ("#E2F0EC", "#17322E"),
    "hover": ("#EDF3F1", "#1E2827"),
    "blue": ("#1F5FB8", "#94BDF5"),
    "blue_soft": ("#E5EEF9", "#1A2A40"),
    "blue_fill": ("#3B7DD8", "#5C97E6"),
    "yellow": ("#765800", "#EBCB62"),
    "yellow_soft": ("#FAF0CC", "#322A10"),
    "yellow_fill": ("#E2B007", "#D9B02C"),
    "orange": ("#9B4200", "#F3A968"),
    "orange_soft": ("#FCEADB", "#392513"),
    "orange_fill": ("#E37119", "#E5863B"),
    "red": ("#B0261F", "#F39A92"),
    "red_soft": ("#FBE7E5", "#3D1E1C"),
    "red_fill": ("#D43A30", "#E2685E"),
    # The toast is the one dark slab of the light theme; in the dark theme it is a raised one.
    "toast": ("#14201D", "#2A3533"),
    "on_toast": ("#FFFFFF", "#E7EEEC"),
    "shadow": ("#14201D", "#000000"),
}

# tone → (text, background, bar or dot); "good" is the accent: there is no second green.
TONES: dict[str, tuple[str, str, str]] = {
    "neutral": ("text2", "track", "field"),
    "good": ("accent_text", "accent_soft", "accent"),
    "accent": ("accent_text", "accent_soft", "accent"),
    "blue": ("blue", "blue_soft", "blue_fill"),
    "yellow": ("yellow", "yellow_soft", "yellow_fill"),
    "orange": ("orange", "orange_soft", "orange_fill"),
    "red": ("red", "red_soft", "red_fill"),
}

# Every pair of (foreground, background) in use. A test holds text to 4.5 and the rest to 3.
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, paper) for ink in ("text", "text2", "text3") for paper in ("bg", "surface", "sunken", "raised", "hover")),
    *((ink, "selected") for ink in ("text", "text2", "text3", "accent_text")),
    *((ink, "accent_soft") for ink in ("text", "text2", "text3")),
    *((ink, paper) for ink in ("accent_text", "red", "orange", "yellow", "blue") for paper in ("bg", "surface")),
    *((ink, paper) for ink in ("accent_text", "red", "orange", "yellow", "blue") for paper in ("sunken", "selected")),
    *((ink, paper) for ink, paper, _fill in TONES.values()),
    ("on_accent", "accent"),
    ("on_accent", "accent_hi"),
    ("on_toast", "toast"),
    ("text", "red_soft"),
    ("text2", "red_soft"),
    ("text", "yellow_soft"),
    ("text2", "yellow_soft"),
    ("surface", "orange"),
)
GRAPHIC_PAIRS: tuple[tuple[str, str], ...] = (
    *(("accent", paper) for paper in ("bg", "surface", "sunken", "raised", "selected", "accent_soft")),
    *(("field", paper) for paper in ("surface", "sunken", "raised")),
    *(("text3", paper) for paper in ("bg", "surface", "sunken", "track")),
    ("red_fill", "surface"),
)

# type role → (points, bold)
TYPE: dict[str, tuple[float, bool]] = {
    "caption": (9.0, False),
    "secondary": (9.75, False),
    "body": (10.5, False),
    "strong": (10.5, True),
    "row": (11.25, True),
    "section": (12.0, True),
    "page": (15.0, True),
    "title": (18.0, True),
    "number": (20.0, True),
    "figure": (27.0, True),
}
SPACE = (4, 8, 12, 16, 20, 24, 32)
RADIUS = {"key": 4, "check": 5, "field": 8, "button": 8, "card": 10, "panel": 12, "dialog": 14}
HEIGHT = {
    "field": 36, "button": 36, "main": 44, "row_button": 32, "id_field": 50, "row": 34, "roll": 32, "todo": 50,
    "timeline": 62, "match": 70, "head": 34, "chip": 22, "filter": 30, "tab": 44, "top": 60, "key_bar": 36,
}  # fmt: skip
WIDTH = {"rail": 84, "rail_wide": 168, "panel": 308, "panel_match": 330, "panel_wide": 360, "column": 340}
DRAWER_BELOW = 1180
DRAWER_SCALE = 1.5
WIDE_FROM = 1600
SCALES = (1.0, 1.1, 1.25, 1.5, 1.75, 2.0)

FAMILIES = (
    "Microsoft YaHei UI", "Noto Sans CJK SC", "Noto Sans SC", "SimSun-ExtB",
    "Doorstep Rare Han", "Doorstep Rare Han Two",
)  # fmt: skip


@dataclass(frozen=True)
class Theme:
    """A look in force: light or dark, and the scale of text (1.0 to 2.0)."""

    dark: bool = False
    scale: float = 1.0
    families: tuple[str, ...] = FAMILIES
    _colors: dict[str, QColor] = field(default_factory=dict, compare=False, repr=False)
    _fonts: dict[str, QFont] = field(default_factory=dict, compare=False, repr=False)

    def hex(self, token: str) -> str:
        """Return the token as ``#RRGGBB``."""
        return TOKENS[token][self.dark]

    def color(self, token: str) -> QColor:
        """Return the token's colour."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = QColor(TOKENS[token][self.dark])
        return found

    def px(self, size: float) -> int:
        """Return a length at 96 dpi, grown with the text."""
        return round(size * self.scale)

    def pt(self, role: str) -> float:
        """Return the points of a type role, grown with the text."""
        return TYPE[role][0] * self.scale

    def font(self, role: str = "body", *, bold: bool | None = None) -> QFont:
        """Return the font of a type role; ``bold`` overrules the role's weight."""
        heavy = TYPE[role][1] if bold is None else bold
        key = f"{role}{heavy}"
        found = self._fonts.get(key)
        if found is None:
            found = QFont(list(self.families))
            found.setPointSizeF(self.pt(role))
            found.setWeight(QFont.Weight.Bold if heavy else QFont.Weight.Normal)
            self._fonts[key] = found
        return QFont(found)

    def tone(self, tone: str) -> tuple[QColor, QColor, QColor]:
        """Return the text, background and fill colours of a tone."""
        ink, paper, fill = TONES[tone]
        return self.color(ink), self.color(paper), self.color(fill)


class ThemeSignals(QObject):
    """Tells those who keep pictures or layouts made from the theme."""

    theme_changed = Signal(object)


_current = Theme()
_signals: ThemeSignals | None = None
_loaded: dict[str, list[str]] = {}


def signals() -> ThemeSignals:
    """Return the one teller of theme changes."""
    global _signals
    if _signals is None:
        _signals = ThemeSignals()
    return _signals


def current() -> Theme:
    """Return the theme in force."""
    return _current


def of(widget: QWidget | None = None) -> Theme:
    """Return the theme that this widget wears: that of the program, today."""
    return _current


def load_fonts() -> list[str]:
    """Register the bundled text fonts, once, and return the families they brought."""
    return _load("NotoSansSC*.ttf")


def load_rare_fonts() -> list[str]:
    """Register the big fonts of rare name characters; call it after the first paint, it need not delay the start."""
    return _load("DoorstepRare*.ttf")


def _load(pattern: str) -> list[str]:
    brought: list[str] = []
    for file in sorted((paths.resources() / "fonts").glob(pattern)):
        if file.name not in _loaded:
            number = QFontDatabase.addApplicationFont(str(file))
            _loaded[file.name] = QFontDatabase.applicationFontFamilies(number)
            brought.extend(_loaded[file.name])
    return brought


def loaded_fonts() -> dict[str, list[str]]:
    """Return the bundled files that were registered, each with its families; none for a file that Qt cannot read."""
    return dict(_loaded)


def palette(theme: Theme) -> QPalette:
    """Return the Qt palette of the theme: for what the stylesheet does not reach (dialogs of Qt, placeholders)."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: "bg",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "sunken",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "surface",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "on_accent",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "text3",
        QPalette.ColorRole.Link: "accent_text",
        QPalette.ColorRole.LinkVisited: "accent_text",
        QPalette.ColorRole.Light: "surface",
        QPalette.ColorRole.Midlight: "line",
        QPalette.ColorRole.Mid: "line2",
        QPalette.ColorRole.Dark: "field",
        QPalette.ColorRole.Shadow: "shadow",
    }
    for role, token in roles.items():
        result.setColor(role, theme.color(token))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.color("text3"))
    return result


_STYLED = "doorstep_styled"


def apply_theme(app: QApplication, theme: Theme, *, styled: bool = False) -> None:
    """Dress the whole program: style, fonts, palette, stylesheet.

    ``styled``: the program wears Fusion already. To ask for its style, the binding makes ``QStyle`` with all its enums.
    """
    global _current
    load_fonts()
    _current = theme
    if not styled and not app.property(_STYLED):
        app.setStyle("Fusion")  # once: under a stylesheet, the style no longer tells its name
        app.setProperty(_STYLED, True)
    app.setPalette(palette(theme))
    app.setFont(theme.font())
    if app.styleSheet():
        # Qt dresses each widget once when it takes a sheet off or puts one on; in place of another, each of them once
        # for every one that it lies in (7,000 widgets: 1.4 s instead of 9).
        app.setStyleSheet("")
    app.setStyleSheet(stylesheet(theme))
    signals().theme_changed.emit(theme)


def system_is_dark(app: QApplication) -> bool:
    """Say whether the system asks for dark; a hint only, some systems never say."""
    from PySide6.QtCore import Qt

    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def contrast(ink: str, paper: str) -> float:
    """Return the WCAG contrast ratio of two ``#RRGGBB`` colours."""

    def luminance(value: str) -> float:
        channels = (int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    first, second = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (first + 0.05) / (second + 0.05)
