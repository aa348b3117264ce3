"""Code lists: the shipped value sets of ``resources/codes``, with their source and edition.

A code is text, never a number. A list is read when it is first asked for, never at import. Unknown codes do not
fail: records of an older or newer edition keep them, and they are shown as they are.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app import clock, paths, texts
from app.errors import BugError

_FIXED = {"code", "label_zh", "label_en", "sort"}
_NOT_LISTS = {"division", "trade_nickname", "match_weights", "occ_words"}


@dataclass(frozen=True)
class Code:
    """One value of a list. ``extra`` holds what only this list has, such as ``rank`` or ``counts_as``."""

    code: str
    label_zh: str
    label_en: str
    sort: int
    extra: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """Return the label in the language in force."""
        return self.label_zh if texts.language() == "zh_CN" else self.label_en

    @property
    def short_label(self) -> str:
        """Return the label as the counter's short list shows it: 男 for 男性, 初中 for 初中毕业."""
        short = self.extra.get("short_zh")
        return str(short) if short and texts.language() == "zh_CN" else self.label

    def in_force(self, on: date) -> bool:
        """Say whether this code may be chosen on that day."""
        since, until = self.extra.get("effective_from"), self.extra.get("effective_to")
        day = on.isoformat()
        return (not since or str(since) <= day) and (not until or day <= str(until))


@dataclass(frozen=True)
class CodeList:
    """A value set, in the order in which it is offered."""

    list_id: str
    name_zh: str
    name_en: str
    std_ref: str
    source: str
    edition: str
    tag: str
    effective_from: str | None
    effective_to: str | None
    items: tuple[Code, ...]

    @cached_property
    def _by_code(self) -> dict[str, Code]:
        return {item.code: item for item in self.items}

    @property
    def name(self) -> str:
        """Return the list's own name in the language in force."""
        return self.name_zh if texts.language() == "zh_CN" else self.name_en

    def get(self, code: str | None) -> Code | None:
        """Return the code's entry, or None when this list does not know it."""
        return self._by_code.get(code) if code else None

    def label(self, code: str | None) -> str:
        """Return the label; nothing for None, the code itself when it is unknown."""
        if not code:
            return ""
        item = self._by_code.get(code)
        return item.label if item else code

    def labels(self, codes: "Iterator[str] | list[str] | tuple[str, ...]") -> str:
        """Return the labels of several codes, joined as the language does it."""
        return ("、" if texts.language() == "zh_CN" else ", ").join(self.label(code) for code in codes)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Code]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def choices(self, on: date | None = None) -> tuple[Code, ...]:
        """Return what may be chosen on that day (today when not given), in order."""
        day = on or clock.today()
        if (self.effective_from or "") > day.isoformat() or (self.effective_to or "9") < day.isoformat():
            return ()
        return tuple(item for item in self.items if item.in_force(day))

    def short(self) -> tuple[Code, ...]:
        """Return the counter's short list; the whole list where none is marked."""
        marked = tuple(item for item in self.choices() if item.extra.get("short"))
        return marked or self.choices()

    def by_label(self, text: str) -> Code | None:
        """Return the entry whose label, short label or alias is this text: for imports and the keyboard."""
        wanted = text.strip()
        for item in self.items:
            names = (
                item.label_zh,
                item.label_en,
                item.extra.get("short_zh"),
                *_strings(item.extra.get("aliases")),
            )
            if wanted and wanted in names:
                return item
        return None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, list | tuple) else ()


@cache
def code_list(list_id: str) -> CodeList:
    """Return a shipped code list.

    Raises:
        BugError: the program asks for a list that it does not ship.
    """
    raw = _raw(list_id.lower())
    if "items" not in raw:
        raise BugError(f"no code list {list_id!r}", code="codes.unknown_list")
    items = sorted(
        (_read_item(item, place) for place, item in enumerate(raw["items"], 1)),
        key=lambda item: item.sort,
    )
    return CodeList(
        list_id=raw["list_id"],
        name_zh=raw["name_zh"],
        name_en=raw["name_en"],
        std_ref=raw["std_ref"],
        source=raw["source"],
        edition=raw["edition"],
        tag=raw["tag"],
        effective_from=raw["effective_from"],
        effective_to=raw["effective_to"],
        items=tuple(items),
    )


def all_lists() -> tuple[CodeList, ...]:
    """Return every shipped code list, by its name."""
    stems = sorted(file.stem for file in _folder().glob("*.json"))
    return tuple(code_list(stem.upper()) for stem in stems if "items" in _raw(stem))


@cache
def _raw(stem: str) -> Mapping[str, Any]:
    """Return a data file; the folder also holds tables that are no code lists and have no ``items``."""
    file = _folder() / f"{stem}.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


def _folder() -> Path:
    return paths.resources() / "codes"


def _read_item(raw: Mapping[str, object], place: int) -> Code:
    extra = {key: value for key, value in raw.items() if key not in _FIXED}
    sort = raw.get("sort", place)
    return Code(
        code=str(raw["code"]),
        label_zh=str(raw["label_zh"]),
        label_en=str(raw["label_en"]),
        sort=sort if isinstance(sort, int) else place,
        extra=MappingProxyType(extra),
    )


# Levels of education -------------------------------------------------------------------------------------------------


def edu_rank(code: str | None) -> int:
    """Return how high a level of education is, 1 to 8; 0 when there is none or it is unknown.

    Compare levels by this rank, never by the code.
    """
    item = code_list("EDU").get(code)
    rank = item.extra.get("rank") if item else None
    return rank if isinstance(rank, int) else 0


def edu_from_1984(code: str) -> str | None:
    """Return the 2006 code of a value in the 1984 edition, whose 50 and 90 mean something else."""
    item = code_list("EDU_1984").get(code)
    mapped = item.extra.get("edu") if item else None
    return str(mapped) if mapped else None


def skill_rank(code: str | None) -> int:
    """Return how high a skill level is (L0 is 0). The old national digit falls as skill rises: never compare that."""
    item = code_list("SKILL").get(code)
    rank = item.extra.get("rank") if item else None
    return rank if isinstance(rank, int) else 0


# Occupations ---------------------------------------------------------------------------------------------------------


def occupation(code: str | None) -> Code | None:
    """Return the entry of a major (``4``), middle (``4-10``) or fine (``4-10-01-06``) occupation code."""
    if not code:
        return None
    depth = code.count("-")
    list_id = {0: "OCC_MAJOR", 1: "OCC"}.get(depth, "OCC_FINE")
    return code_list(list_id).get(code)


def is_occupation(code: str | None) -> bool:
    """Say whether the code can stand in a record: a known major or middle class, or a fine code below a known one."""
    if not code:
        return False
    if occupation(code) is not None:
        return True
    parts = code.split("-")
    fine = len(parts) in (3, 4) and all(len(part) == 2 and part.isdecimal() for part in parts[1:])
    return fine and middle_of(code) in code_list("OCC")


def occupation_label(code: str | None) -> str:
    """Return the label; a fine code that is not listed shows its middle class beside it."""
    if not code:
        return ""
    item = occupation(code)
    if item is not None:
        return item.label
    middle = code_list("OCC").get(middle_of(code))
    return f"{middle.label} {code}" if middle else code


def middle_of(code: str) -> str:
    """Return the middle class of a fine or middle code; nothing for a major class alone."""
    parts = code.split("-")
    return "-".join(parts[:2]) if len(parts) > 1 else ""


@cache
def trade_nicknames() -> Mapping[str, str]:
    """Return what people call a trade → its occupation code (the middle class, finer where that is sure)."""
    return MappingProxyType({name: code for code, names in _raw("trade_nickname")["names"].items() for name in names})
