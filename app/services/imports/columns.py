"""What the columns of a file mean: guessed from the headings, then from the cells; a person may change it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.errors import InvalidInputError, StorageError, UserError
from app.services.imports.targets import KINDS, MULTIPLE, Target, headings_of, targets_of
from app.texts import _

_PUNCTUATION = re.compile(r"[\s:：*＊（）()\[\]【】/、_.\-—\"'“”﻿]+")
_NOT_CHINESE = re.compile(r"[^\u4e00-\u9fff]+")
_UNIT_TAIL = re.compile(r"(?:必填|选填|可选)$")

_CELL_SIGNS = (
    ("pay", re.compile(r"\d\s*(?:千|万|元|[kK])?\s*/\s*(?:月|年|天|日|小时)|面议")),
    ("employer", re.compile(r"(?:公司|工厂|集团|门店|商行|事务所|中心|合作社)$")),
    ("posted_on", re.compile(r"^(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:发布)?$")),
    ("openings", re.compile(r"^(?:招)?(?:\d+|若干)人$")),
    ("education", re.compile(r"^(?:学历不限|初中|高中|中专|中技|大专|本科|硕士|博士)")),
    ("experience", re.compile(r"(?:工作)?经验$")),
)
_ENOUGH = 0.6


@dataclass(frozen=True)
class ColumnMap:
    """For each column of a file, what it holds: a target's name, or nothing (left out)."""

    kind: str
    headings: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def signature(self) -> str:
        """Return the sign under which a person's choice for such headings is remembered."""
        joined = "\x1f".join((self.kind, *(normalise_heading(heading) for heading in self.headings)))
        return hashlib.sha256(joined.encode()).hexdigest()[:16]

    def with_target(self, index: int, target: str) -> "ColumnMap":
        """Return the map with one column changed; a target that may stand once leaves its former column."""
        changed = list(self.targets)
        if target and target not in MULTIPLE:
            changed = ["" if name == target else name for name in changed]
        changed[index] = target
        return ColumnMap(self.kind, self.headings, tuple(changed))

    def places(self) -> dict[str, tuple[int, ...]]:
        """Return target → the columns it is in."""
        found: dict[str, list[int]] = {}
        for index, target in enumerate(self.targets):
            if target:
                found.setdefault(target, []).append(index)
        return {target: tuple(indexes) for target, indexes in found.items()}

    def missing(self) -> tuple[Target, ...]:
        """Return the targets without which no row can be taken."""
        return tuple(target for target in targets_of(self.kind) if target.required and target.name not in self.targets)

    def check(self) -> None:
        """Refuse a map with which no row can be taken.

        Raises:
            InvalidInputError: a sentence for each column that is missing.
        """
        lacking = {
            target.name: _("没有认出“{column}”这一列，请指定", column=_(target.label)) for target in self.missing()
        }
        if lacking:
            raise InvalidInputError(lacking, code="import.columns")

    def to_json(self) -> str:
        """Return the map as the text of a ``--map`` file."""
        columns = {heading: target for heading, target in zip(self.headings, self.targets, strict=True) if heading}
        return json.dumps({"kind": self.kind, "columns": columns}, ensure_ascii=False, indent=2)


def guess_columns(kind: str, headings: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> ColumnMap:
    """Guess what each column holds: by its heading, then by its cells where the heading says nothing known."""
    by_word = _synonyms(kind)
    targets = [by_word.get(normalise_heading(heading), "") for heading in headings]
    seen: set[str] = set()
    for index, target in enumerate(targets):
        if target and target in seen and target not in MULTIPLE:
            targets[index] = ""
        seen.add(target)
    if kind == "vacancies":
        for index, heading in enumerate(headings):
            if not targets[index]:
                guess = _by_cells([row[index] for row in sample if index < len(row) and row[index]])
                if guess and guess not in seen and (not heading or not is_known_heading(heading)):
                    targets[index] = guess
                    seen.add(guess)
    return ColumnMap(kind, tuple(headings), tuple(targets))


def _by_cells(cells: Sequence[str]) -> str:
    if len(cells) < 3:
        return ""
    for target, sign in _CELL_SIGNS:
        if sum(1 for cell in cells if sign.search(cell)) >= _ENOUGH * len(cells):
            return target
    return ""


def read_map(path: Path, kind: str, headings: Sequence[str]) -> ColumnMap:
    """Read a ``--map`` file: heading → target; columns that it does not name are left out.

    Raises:
        StorageError: the file is missing or cannot be read.
        UserError: it is no map, or names headings or targets that are not there.
    """
    try:
        raw = json.loads(Path(path).read_text("utf-8-sig"))
    except OSError as problem:
        raise StorageError(_("打不开列对应文件“{name}”", name=Path(path).name), code="import.map") from problem
    except ValueError as problem:
        raise UserError(_("列对应文件“{name}”不是 JSON", name=Path(path).name), code="import.map") from problem
    return map_from(raw, kind, headings)


def map_from(raw: object, kind: str, headings: Sequence[str]) -> ColumnMap:
    """Build a map from ``{"columns": {heading: target}}`` or the inner part alone.

    Raises:
        UserError: it names headings or targets that are not there.
    """
    columns = raw.get("columns", raw) if isinstance(raw, Mapping) else None
    if not isinstance(columns, Mapping):
        raise UserError(_("列对应文件的写法不对，应为 {form}", form='{"columns": {"列名": "字段"}}'), code="import.map")
    names = {target.name for target in targets_of(kind)} | {""}
    wanted: dict[str, str] = {}
    for heading, target in columns.items():
        if str(heading) == "kind" and target in KINDS:
            continue
        if (target or "") not in names:
            raise UserError(
                _("没有“{target}”这个字段，可用的有：{names}", target=target, names="、".join(sorted(names - {""}))),
                code="import.map",
            )
        wanted[normalise_heading(str(heading))] = str(target or "")
    strange = set(wanted) - {normalise_heading(heading) for heading in headings}
    if strange:
        raise UserError(_("文件里没有这些列：{columns}", columns="、".join(sorted(strange))), code="import.map")
    return ColumnMap(kind, tuple(headings), tuple(wanted.get(normalise_heading(heading), "") for heading in headings))


# Headings ------------------------------------------------------------------------------------------------------------


def normalise_heading(heading: str) -> str:
    """Return a heading without spaces, signs and “(必填)”, in lower case: what is compared."""
    return _UNIT_TAIL.sub("", _PUNCTUATION.sub("", heading)).lower()


def is_known_heading(heading: str) -> bool:
    """Say whether any kind of file has such a heading."""
    return normalise_heading(heading) in _all_synonyms()


def repair_heading(heading: str) -> str:
    """Return the heading; one damaged by stray letters (``gr职位``) is mended when the rest is a known one."""
    text = " ".join(heading.replace("\ufeff", "").split())
    if is_known_heading(text):
        return text
    rest = _NOT_CHINESE.sub("", text)
    return rest if rest and is_known_heading(rest) else text


@cache
def _synonyms(kind: str) -> dict[str, str]:
    return {normalise_heading(heading): target for heading, target in headings_of(kind).items()}


@cache
def _all_synonyms() -> frozenset[str]:
    return frozenset(word for kind in KINDS for word in _synonyms(kind))
