"""The texts people agree to: shipped drafts, by version, until the district approves its own (domain sheet 8.1)."""

import json
from dataclasses import dataclass
from functools import cache

from app import paths, texts

NOTICE, SENSITIVE, EMPLOYERS, PUBLIC, WITHDRAWAL = "1", "2", "3", "4", "5"
"""Codes of CONSENT_KIND."""


@dataclass(frozen=True)
class ConsentText:
    """One text. ``is_draft``: the district has not approved it yet, and the screen says so."""

    kind: str
    version: str
    is_draft: bool
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str

    @property
    def title(self) -> str:
        """Return the title in the language in force."""
        return self.title_zh if texts.language() == "zh_CN" else self.title_en

    @property
    def text(self) -> str:
        """Return the text in the language in force; what is signed is the Chinese one."""
        return self.text_zh if texts.language() == "zh_CN" else self.text_en


@cache
def consent_texts() -> dict[str, ConsentText]:
    """Return kind → text."""
    raw = json.loads((paths.resources() / "policy" / "consents.json").read_text("utf-8"))
    common = {"version": raw["version"], "is_draft": raw["status"] == "draft"}
    return {item["kind"]: ConsentText(**common, **item) for item in raw["texts"]}
