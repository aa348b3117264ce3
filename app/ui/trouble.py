"""The small window that says why there is no big one: who clicked an icon sees no terminal."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from app.texts import _
from app.ui import theme


def show_trouble(text: str, parent: QWidget | None = None) -> None:
    """Show one sentence until it is put away (Enter or Esc)."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["doorstep", "-style", "fusion"])
    if running is None:
        theme.apply_theme(app, theme.Theme(dark=theme.system_is_dark(app)), styled=True)
    box = QMessageBox(QMessageBox.Icon.Warning, _("家门口"), text, QMessageBox.StandardButton.Close, parent)
    box.setMinimumWidth(480)
    close = box.button(QMessageBox.StandardButton.Close)
    close.setText(_("关闭"))
    close.setIcon(QIcon())
    box.exec()
    box.deleteLater()
