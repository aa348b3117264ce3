"""Every text that staff can see is Chinese in the code and has its English in resources/locale/en."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app import paths, texts

ROOT = Path(__file__).parents[1]
LOCALE = paths.resources() / "locale" / "en"
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
PLACEHOLDER = re.compile(r"\{(\w*)[^}]*\}")

# The pictures of the parts show rows made up for the picture.
SAMPLE_ROWS = {"app/ui/gallery.py"}

# `_()` of something that is no literal: a label that a table declared with N_().
LABEL_FIELDS = {"label", "text", "title", "help", "unit", "needs"}
LOOP_NAMES = {"words", "word", "label", "known", "group", "step"}
TABLE_NAME = re.compile(r"_?[A-Z][A-Z_]+$|labels$|LABELS$")

# Chinese that is not put through `_()`, and why it need not be.
BARE_FOLDERS = {
    "app/ledgers/": "a ledger is a paper too; what the screen shows of it goes through N_",
    "app/printing/": "paper is always Chinese, in whatever language the screen is",
    "app/db/migrations/": "writes no text",
}
BARE_FILES = {
    "app/commands/sample.py": "made-up records",
    "app/commands/sample_town.py": "made-up records",
    "app/commands/shots_sign_up.py": "made-up records",
    "app/commands/shots_training.py": "made-up records",
    "app/commands/shots_crafts.py": "made-up records",
    "app/commands/shots_office.py": "made-up records",
    "app/models/pinyin.py": "readings of characters",
    "app/models/names.py": "ranges of characters",
    "app/models/divisions.py": "endings of place names, looked for in addresses",
    "app/models/masking.py": "marks looked for in addresses",
    "app/models/phones.py": "marks looked for in phone numbers",
    "app/services/imports/columns.py": "words looked for in other people's tables",
    "app/services/imports/conditions.py": "words looked for in postings",
    "app/services/imports/employers.py": "words looked for in other people's tables",
    "app/services/imports/parsing.py": "words looked for in other people's tables",
    "app/services/imports/pay.py": "units looked for in postings",
    "app/services/imports/places.py": "endings of place names, looked for in addresses",
    "app/services/imports/postings.py": "words looked for in postings",
    "app/services/imports/residents.py": "words looked for in other people's tables",
    "app/services/matching/loading.py": "words looked for in the wishes",
    "app/services/matching/prepare.py": "words looked for in postings",
    "app/services/occupation.py": "words looked for in titles",
    "app/ui/crafts/materials.py": "the mark typed beside materials that go back",
}
BARE_TEXTS = {
    ("app/services/referrals.py", "推荐录用"): "stored in the history of employment: a record is in Chinese",
    ("app/services/registrations.py", "失业登记"): "stored in the history of employment: a record is in Chinese",
    ("app/services/visits.py", "走访"): "stored in the history of employment: a record is in Chinese",
    ("app/services/residents.py", "窗口登记"): "stored in the history of employment: a record is in Chinese",
    ("app/services/training/certificates.py", "结业证明"): "printed on the certificate: paper is in Chinese",
    ("app/ui/entry.py", "元"): "taken off a typed amount",
    ("app/ui/slip/consent.py", "点"): "taken for a colon in a typed time",
    ("app/ui/slip/consent.py", "分"): "taken off a typed time",
    ("app/ui/wizard/screen.py", "中文"): "a language is called by its own name",
    ("app/ui/vacancies/screen.py", "空格"): "compared with the name of a key in the table of keys",
}


@cache
def _sources() -> tuple[tuple[str, ast.Module], ...]:
    files = {file.relative_to(ROOT).as_posix(): file for file in sorted((ROOT / "app").rglob("*.py"))}
    return tuple((name, ast.parse(file.read_text("utf-8"))) for name, file in files.items() if name not in SAMPLE_ROWS)


def _is_text_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_"}


@cache
def _calls() -> dict[str, list[str]]:
    """Return text → where ``_()`` or ``N_()`` has it."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, tree in _sources():
        for node in ast.walk(tree):
            if _is_text_call(node) and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)].append(f"{name}:{node.lineno}")
    return dict(found)


@cache
def _english() -> dict[str, dict[str, str]]:
    """Return area → Chinese → English."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(LOCALE.glob("*.json"))}


def _from_a_table(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Attribute(attr=attr):
            return attr in LABEL_FIELDS
        case ast.Name(id=name):
            return name in LOOP_NAMES
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return bool(TABLE_NAME.match(name))
        case ast.Call(func=ast.Attribute(attr="get", value=table)):
            if isinstance(table, ast.Dict):
                return True
            inner = table.func.value if isinstance(table, ast.Call) and isinstance(table.func, ast.Attribute) else table
            return bool(TABLE_NAME.match(ast.unparse(inner).split(".")[-1]))
        case ast.BoolOp(values=values):
            return all(_from_a_table(value) or isinstance(value, ast.Name) for value in values)
    return False


def _docstrings(tree: ast.Module) -> set[int]:
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _bare() -> Iterator[tuple[str, int, str]]:
    for name, tree in _sources():
        if name in BARE_FILES or name.startswith(tuple(BARE_FOLDERS)):
            continue
        fine = _docstrings(tree)
        for node in ast.walk(tree):
            if _is_text_call(node):
                fine |= {id(part) for argument in node.args[:1] for part in ast.walk(argument)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in fine:
                continue
            if HAN.search(node.value) and (name, node.value) not in BARE_TEXTS:
                yield name, node.lineno, node.value


def test_every_text_has_its_english() -> None:
    known = set().union(*_english().values())

    missing = [f"{places[0]} {text}" for text, places in _calls().items() if HAN.search(text) and text not in known]

    assert not missing, f"{len(missing)} without English:\n" + "\n".join(missing)


def test_english_keeps_every_value_that_is_filled_in() -> None:
    wrong = [
        f"{area}: {chinese} → {english}"
        for area, entries in _english().items()
        for chinese, english in entries.items()
        if set(PLACEHOLDER.findall(chinese)) != set(PLACEHOLDER.findall(english))
    ]

    assert not wrong, "\n".join(wrong)


def test_no_english_is_kept_for_a_text_that_is_gone() -> None:
    unused = [f"{area}: {text}" for area, entries in _english().items() for text in entries if text not in _calls()]

    assert not unused, f"{len(unused)} that no code uses:\n" + "\n".join(unused)


def test_a_text_stands_in_one_catalogue() -> None:
    areas: dict[str, list[str]] = defaultdict(list)
    for area, entries in _english().items():
        for chinese in entries:
            areas[chinese].append(area)

    twice = {chinese: found for chinese, found in areas.items() if len(found) > 1}

    assert not twice


def test_english_has_no_chinese_left() -> None:
    names_of_things = {"中文"}  # a language is called by its own name

    left = [
        english
        for entries in _english().values()
        for english in entries.values()
        if not english.strip() or HAN.search(english.translate({ord(c): None for c in "".join(names_of_things)}))
    ]

    assert not left


def test_the_translator_is_given_literals_or_labels_of_a_table() -> None:
    built = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in _sources()
        for node in ast.walk(tree)
        if _is_text_call(node) and not _from_a_table(node.args[0])
    ]

    assert not built, "\n".join(built)


def test_nothing_that_staff_read_goes_around_the_translator() -> None:
    bare = [f"{name}:{line} {text}" for name, line, text in _bare()]

    assert not bare, "\n".join(bare)


def test_every_exemption_is_still_needed() -> None:
    present = {
        (name, node.value)
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert not set(BARE_TEXTS) - present
    assert not [name for name in BARE_FILES if not (ROOT / name).exists()]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_text_takes_its_values(language: str) -> None:
    before = texts.language()
    texts.set_language(language)
    try:
        for text in _calls():
            values = {name: 1 for name in PLACEHOLDER.findall(text) if name}
            assert texts._(text, **values)
    finally:
        texts.set_language(before)
