"""What the program carries of others, as ``installer/licences.py`` wrote it down when its packages were chosen."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app import paths, texts
from app.errors import StorageError
from app.texts import _

PACKAGE, BUILD, PART = "package", "build", "part"
OWN = "Apache-2.0"
_RULE = "\n" + "─" * 60 + "\n\n"


@dataclass(frozen=True)
class Component:
    """One thing that is carried. ``version``: of a part, what it lies in. ``kind`` BUILD: it only makes the package."""

    name: str
    version: str
    kind: str
    licence: str
    texts: tuple[str, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Return what is to be known of it, in the language of the window."""
        return self.notes.get(texts.language()) or self.notes.get("zh_CN", "")

    def matches(self, typed: str) -> bool:
        """Tell whether every word is in the name, the licence or the note."""
        stands = f"{self.name} {self.version} {self.licence} {self.note}".casefold()
        return all(word in stands for word in typed.casefold().split())


def _folder() -> Path:
    return paths.resources() / "licences"


@cache
def list_components() -> tuple[Component, ...]:
    """Return everything that is carried, what the program is made of first, by name.

    Raises:
        StorageError: the list is missing or damaged: the program was not installed whole.
    """
    try:
        listed = json.loads((_folder() / "licences.json").read_text("utf-8"))
        found = [_component(each) for each in listed["entries"]]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _missing() from problem
    order = (PACKAGE, PART, BUILD)
    return tuple(sorted(found, key=lambda each: (order.index(each.kind), each.name.casefold())))


def _component(entry: Mapping[str, Any]) -> Component:
    facts = {name: str(entry[name]) for name in ("name", "version", "kind", "licence")}
    return Component(**facts, texts=tuple(entry["texts"]), notes=dict(entry.get("note", {})))


def whole_text(component: Component) -> str:
    """Return the licence texts of a component, one after the other.

    Raises:
        StorageError: the texts are missing or damaged.
    """
    return _RULE.join(read_texts(component.texts))


def read_texts(keys: Sequence[str]) -> list[str]:
    """Return texts by their keys.

    Raises:
        StorageError: they are missing or damaged.
    """
    try:
        with zipfile.ZipFile(_folder() / "texts.zip") as packed:
            return [packed.read(key).decode("utf-8") for key in keys]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise _missing() from problem


def _missing() -> StorageError:
    return StorageError(_("许可清单不在，程序可能没有装完整。数据不受影响，请重新安装"), code="licences.missing")
