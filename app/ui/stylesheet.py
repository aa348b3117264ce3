"""The one stylesheet, generated from the tokens of the theme.

Only what Qt draws itself is dressed here; chips, buttons, bars and marks are painted (a stylesheet radius above half
the height is ignored, so pills cannot be made here).
"""

from string import Template
from typing import Protocol


class Look(Protocol):
    """What the sheet needs of a theme."""

    def hex(self, token: str) -> str:
        """Return a colour."""

    def px(self, size: float) -> int:
        """Return a length."""

    def pt(self, role: str) -> float:
        """Return points."""


_SHEET = Template("""
QMainWindow, QDialog, QWidget[part="bg"] { background: $bg; }
QWidget[part="surface"] { background: $surface; }
QWidget[part="sunken"] { background: $sunken; }
QLabel { background: transparent; }
QToolTip { color: $text; background: $raised; border: 1px solid $line2; padding: 4px 8px; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox {
  color: $text; background: $surface; border: 1px solid $field; border-radius: 8px;
  padding: 0 ${p11}px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QSpinBox, QComboBox { min-height: ${h34}px; }
QPlainTextEdit, QTextEdit { padding: ${p6}px ${p7}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus {
  border: 2px solid $accent; padding: 0 ${p10}px;
}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { min-height: ${h32}px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: ${p5}px ${p6}px; }
QLineEdit[bad="true"], QPlainTextEdit[bad="true"], QComboBox[bad="true"] {
  border: 2px solid $red_fill; padding: 0 ${p10}px;
}
QLineEdit[bad="true"], QComboBox[bad="true"] { min-height: ${h32}px; }
QPlainTextEdit[bad="true"] { padding: ${p5}px ${p6}px; }
QLineEdit[derived="true"], QPlainTextEdit[derived="true"],
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {
  background: $sunken; border: 1px solid $line; color: $text;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $text3; }
QLineEdit[bare="true"] { background: transparent; border: none; padding: 0; min-height: 0; }
QComboBox::drop-down { border: none; width: ${p24}px; }

QListView, QTreeView, QTableView, QScrollArea, QAbstractScrollArea[bare="true"] {
  background: transparent; border: none; outline: none;
}
QScrollArea > QWidget > QWidget[part="transparent"], QAbstractScrollArea > QWidget#qt_scrollarea_viewport {
  background: transparent;
}
QTableView { gridline-color: transparent; selection-background-color: transparent; selection-color: $text; }
QHeaderView, QHeaderView::section { background: transparent; border: none; }
QTableCornerButton::section { background: transparent; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line2; border-radius: 3px; margin: 0 2px; min-height: 40px; }
QScrollBar::handle:horizontal { background: $line2; border-radius: 3px; margin: 2px 0; min-width: 40px; }
QScrollBar::handle:hover { background: $field; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenu { background: $raised; border: 1px solid $line2; border-radius: 8px; padding: 6px; }
QMenu::item { padding: ${p6}px ${p16}px; border-radius: 6px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $text3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QDialogButtonBox QPushButton, QMessageBox QPushButton, QFileDialog QPushButton, QPrintDialog QPushButton {
  color: $text; background: $surface; border: 1px solid $line2; border-radius: 8px;
  padding: 0 ${p14}px; min-height: ${h34}px;
}
QDialogButtonBox QPushButton:focus, QMessageBox QPushButton:focus, QFileDialog QPushButton:focus,
QPrintDialog QPushButton:focus { border: 2px solid $accent; }
QCalendarWidget QWidget { background: $raised; alternate-background-color: $sunken; }
QCalendarWidget QAbstractItemView { selection-background-color: $accent; selection-color: $on_accent; }
QSplitter::handle { background: $line; }
""")

_TOKENS = (
    "bg", "surface", "sunken", "raised", "text", "text2", "text3", "line", "line2", "field", "track", "accent",
    "on_accent", "accent_soft", "hover", "red_fill",
)  # fmt: skip


def stylesheet(theme: Look) -> str:
    """Return the sheet for this theme."""
    values: dict[str, object] = {token: theme.hex(token) for token in _TOKENS}
    values.update({f"p{size}": theme.px(size) for size in (5, 6, 7, 10, 11, 14, 16, 24)})
    values["h34"], values["h32"] = theme.px(36) - 2, theme.px(36) - 4
    return _SHEET.substitute(values)
