"""Wording and its translation, without Qt.

Chinese (zh_CN) is the source: the text in the code is what the counter shows. English lives in
``resources/locale/en/*.json``, one file per area, ``{"Chinese": "English"}``; ``tests/test_texts.py`` fails when a
text lacks its translation. Values go in by name: ``_("已开推荐信 {no}", no=slip_no)``.
"""

import json
from functools import cache

from app import paths

LANGUAGES = ("zh_CN", "en")

_language = "zh_CN"


def set_language(language: str) -> None:
    """Switch the language of every text made from now on.

    Raises:
        ValueError: not one of ``LANGUAGES``.
    """
    global _language
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}, one of: {', '.join(LANGUAGES)}")
    _language = language


def language() -> str:
    """Return the language in force, one of ``LANGUAGES``."""
    return _language


@cache
def catalogue() -> dict[str, str]:
    """Return Chinese → English of all areas."""
    merged: dict[str, str] = {}
    for file in sorted((paths.resources() / "locale" / "en").glob("*.json")):
        merged.update(json.loads(file.read_text("utf-8")))
    return merged


def _(text: str, **values: object) -> str:
    """Return the text in the language in force, its ``{names}`` filled in."""
    text = in_language(text, _language)
    return text.format(**values) if values else text


def in_language(text: str, language: str) -> str:
    """Return a text that ``N_()`` marked in a given language: paper may speak another one than the screen."""
    return text if language == "zh_CN" else catalogue().get(text, text)


def N_(text: str) -> str:
    """Mark a text for translation where it is declared; ``_()`` translates it where it is shown."""
    return text
