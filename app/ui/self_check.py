"""The self-test's part with Qt, without a screen: window, fonts, a PDF read back, printers, the screen's library."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QSize, qVersion
from PySide6.QtGui import QImage, QRawFont
from PySide6.QtWidgets import QApplication, QLabel

from app import paths
from app.errors import PrintError, StorageError
from app.launching import screen
from app.services.health import OK, WARNING
from app.texts import _
from app.ui import print_pdf, theme
from app.ui.charts.plot import Plot
from app.ui.charts.spec import Line

_NO_SCREEN = ["doorstep", "-platform", "offscreen", "-style", "fusion"]
_PRINTER_SECONDS = 5.0
_TRIAL = QSize(320, 120)


def offscreen() -> QApplication:
    """Return the program's Qt, without a screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(_NO_SCREEN)


def look_at_window() -> tuple[str, str]:
    """Paint a window with a word in it, and a chart: their library is the one that comes late.

    Raises:
        StorageError: one of them stayed blank.
    """
    app = offscreen()
    theme.apply_theme(app, theme.Theme())
    label = QLabel(_("家门口"))
    label.setFont(theme.current().font("title"))
    label.resize(_TRIAL)
    label.show()
    pictures = [label.grab().toImage(), _chart()]
    label.close()
    label.deleteLater()
    if any(_is_blank(picture) for picture in pictures):
        raise StorageError(_("窗口画出来是空的"), code="self_test.window")
    return OK, _("Qt {version} 画得出窗口", version=qVersion())


def _chart() -> QImage:
    """Return a small chart as the board has it."""
    plot = Plot()
    try:
        plot.set_spec(Line(("1", "2", "3"), (3.0, 1.0, 2.0), "accent"), theme.current(), theme.current().font())
        return plot.picture(_TRIAL)
    finally:
        plot.close()


def _is_blank(picture: QImage) -> bool:
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)}
    return picture.isNull() or len(colours) < 2


def look_at_screen() -> tuple[str, str]:
    """Load the library that puts windows on an X11 screen, as Qt will: where a system library lacks, it says which.

    Raises:
        StorageError: it cannot be loaded.
    """
    if not sys.platform.startswith("linux"):
        return OK, _("由系统自己画")
    problem = screen.library_trouble(plugins())
    if problem is not None:
        raise StorageError(problem, code="self_test.screen")
    return OK, _("X11 的库齐了")


def plugins() -> Path:
    """Return the folder of Qt's plugins."""
    return Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))


def look_at_fonts(characters: str) -> tuple[str, str]:
    """Let Qt load every shipped font, and find the rare characters in them.

    Raises:
        StorageError: a font does not load, or a character is in none.
    """
    offscreen()
    theme.load_fonts()
    theme.load_rare_fonts()
    known = theme.loaded_fonts()
    unread = [file for file, families in known.items() if not families]
    if unread or not known:
        raise StorageError(_("字体 {file} 读不了，请重新安装家门口", file="、".join(unread)), code="self_test.fonts")
    raw = [QRawFont(str(paths.resources() / "fonts" / file), 12.0) for file in known]
    missing = [each for each in characters if not any(font.supportsCharacter(ord(each)) for font in raw)]
    if missing:
        raise StorageError(_("屏幕上没有这些字：{missing}", missing="".join(missing)), code="self_test.fonts")
    return OK, _("{files} 个字体文件都装上了，{count} 个生僻字纸上屏上都有", files=len(known), count=len(characters))


def look_at_slip(pdf: bytes, *, holds: tuple[str, ...]) -> tuple[str, str]:
    """Read the printed slip back: its text and its picture.

    Raises:
        PrintError: it cannot be read, does not say what it should, or shows an empty page.
    """
    offscreen()
    text = "".join(print_pdf.page_text(pdf).split())
    lost = [each for each in holds if each not in text]
    if lost:
        raise PrintError(_("推荐信里读不回：{lost}", lost="、".join(lost)), code="self_test.slip")
    picture = print_pdf.page_image(pdf, width=300)
    inked = sum(picture.pixelColor(x, y).lightness() < 200 for x in range(0, 300, 3) for y in range(0, 424, 3))
    if inked < 100:
        raise PrintError(_("推荐信画出来是空的"), code="self_test.slip")
    return OK, _("推荐信做成 PDF（{size} KB），编号和生僻字都读得回", size=len(pdf) // 1024)


def look_at_printers() -> tuple[str, str] | tuple[str, str, str]:
    """Tell which printers this PC has; none is no fault: a slip can be kept as PDF."""
    offscreen()
    found: list[print_pdf.PrinterChoice] = []
    asking = threading.Thread(target=lambda: found.extend(print_pdf.list_printers()), name="printers", daemon=True)
    asking.start()
    asking.join(_PRINTER_SECONDS)
    if asking.is_alive():
        return WARNING, _("打印系统没有应答"), _("推荐信可以存成 PDF；请管理员看看打印服务")
    if not found:
        return WARNING, _("没有找到打印机"), _("推荐信可以存成 PDF；要打印，请管理员在系统里装打印机")
    default = next((one.label for one in found if one.is_default), "—")
    return OK, _("{count} 台，默认 {default}", count=len(found), default=default)
