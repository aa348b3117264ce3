"""Qt's own words (dialogs, menus of fields, calendars) and the locale, in the language in force."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import texts

_translators: list[QTranslator] = []


def use_language(app: QApplication, language: str) -> None:
    """Switch the program's and Qt's language, live."""
    texts.set_language(language)
    QLocale.setDefault(QLocale("zh_CN" if language == "zh_CN" else "en_GB"))
    while _translators:
        app.removeTranslator(_translators.pop())
    if language != "zh_CN":
        return
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for catalogue in ("qtbase_zh_CN", "qt_zh_CN"):
        translator = QTranslator(app)
        if translator.load(catalogue, folder):
            app.installTranslator(translator)
            _translators.append(translator)
