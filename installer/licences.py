"""Writes ``resources/licences/``: everything the bundle carries, with version, licence and whole text.

    .venv/bin/python installer/licences.py [--site FOLDER]

Names and versions are the lock's (``requirements-bundle.lock``; where that is not there, the program's part of
``requirements.lock``); licences and texts come from the installed packages, else from ``licence_facts.py``.
``--site``: also look for packages in this folder.
"""

import argparse
import hashlib
import importlib.metadata
import json
import re
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

import licence_facts as known  # noqa: E402

BUNDLE_LOCK, LOCK = HERE / "requirements-bundle.lock", ROOT / "requirements.lock"
INTO = ROOT / "resources" / "licences"
PACKAGE, BUILD, PART = "package", "build", "part"
_LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?", re.MULTILINE)
_TEXT = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
_MACHINES = {"== 'aarch64'": "arm64", "!= 'aarch64'": "x86-64", "== 'win32'": "Windows", "== 'darwin'": "macOS"}


def main() -> int:
    """Write the list and the texts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, action="append", default=[], help="look for packages here too")
    options = parser.parse_args()
    sys.path.extend(str(folder) for folder in options.site)
    texts: dict[str, str] = {}
    entries = [*_packages(texts), *_parts(texts)]
    unknown = [each["name"] for each in entries if not each["licence"] or not each["texts"]]
    if unknown:
        print(f"no licence or no text known of {', '.join(unknown)}: see licence_facts.py", file=sys.stderr)
        return 1
    INTO.mkdir(exist_ok=True)
    listed = {"lock": lock_path().relative_to(ROOT).as_posix(), "entries": entries}
    (INTO / "licences.json").write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _write_texts(texts)
    print(f"{len(entries)} entries, {len(texts)} texts")
    return 0


def lock_path() -> Path:
    """Return the lock of what the bundle installs."""
    return BUNDLE_LOCK if BUNDLE_LOCK.exists() else LOCK


def locked() -> dict[str, str]:
    """Return each package of the bundle with its versions, and for which machines where there are several."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, version, marker in _LINE.findall(lock_path().read_text("utf-8")):
        where = next((words for part, words in _MACHINES.items() if part in marker), "")
        if where != "macOS":
            found.setdefault(_normal(name), []).append((version, where))
    wanted = set(found) if lock_path() == BUNDLE_LOCK else set(_program_part(set(found)))
    return {
        name: ", ".join(f"{version} ({where})" if where else version for version, where in sorted(found[name]))
        for name in sorted(wanted)
    }


def _program_part(names: set[str]) -> Iterator[str]:
    """Return what of the whole lock the program needs, without what only its makers need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    waiting, seen = [_asked(each) for each in project["project"]["dependencies"]], set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen or name not in names:
            continue
        seen.add((name, extras))
        yield name
        found = _installed(name)
        for line in (found.requires if found is not None else None) or ():
            extra = re.search(r"extra == ['\"]([^'\"]+)", line)
            if (extra is None or extra.group(1) in extras) and not _elsewhere(line):
                waiting.append(_asked(line))


def _elsewhere(requirement: str) -> bool:
    """Tell whether a requirement holds on no machine that the program is made for, as far as Python's version goes."""
    told = re.search(r"python_version\s*<\s*['\"]3\.(\d+)", requirement)
    return (told is not None and int(told.group(1)) <= 11) or 'platform_python_implementation == "PyPy"' in requirement


def _asked(requirement: str) -> tuple[str, tuple[str, ...]]:
    match = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^]]*)\])?", requirement)
    assert match is not None
    return _normal(match.group(1)), tuple(each.strip() for each in (match.group(2) or "").split(",") if each)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(texts: dict[str, str]) -> Iterator[dict[str, Any]]:
    for name, version in locked().items():
        found = _installed(name)
        licence = known.SPDX.get(name) or (found and found.metadata.get("License-Expression")) or ""
        own = [] if found is None else [_keep(texts, content) for content in _texts_of(found)]
        by_hand = () if own and name in known.BUILDS else known.TEXTS.get(name, ())
        keys = list(dict.fromkeys([*own, *(_keep(texts, _shipped_text(each)) for each in by_hand)]))
        kind = BUILD if name in known.BUILDS else PACKAGE
        yield _entry(name, version, kind, licence, keys, note=known.NOTES.get(name, ("", "")))


def _installed(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _texts_of(found: importlib.metadata.Distribution) -> Iterator[str]:
    """Return the licence files of a package's metadata, in their order."""
    for file in sorted(found.files or (), key=str):
        if ".dist-info/" in str(file) and _TEXT.search(str(file)):
            yield Path(str(file.locate())).read_text("utf-8", errors="replace")


def _parts(texts: dict[str, str]) -> Iterator[dict[str, Any]]:
    for part in known.PARTS:
        keys = [_keep(texts, _shipped_text(each)) for each in part.texts]
        yield _entry(part.name, part.inside, PART, part.licence, keys, note=part.note)


def _shipped_text(name: str) -> str:
    """Return a text of ours or one that lies beside what it is about."""
    named = {
        "python": Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        "font-noto": ROOT / "resources/fonts/LICENSE-NotoSansSC-OFL.txt",
        "font-hanazono": ROOT / "resources/fonts/LICENSE-Hanazono.txt",
        "font-arphic": ROOT / "resources/fonts/LICENSE-Arphic.txt",
        "lucide": ROOT / "resources/icons/LICENSE",
    }
    if name in named and named[name].exists():
        return named[name].read_text("utf-8")
    packaged = {"pypinyin": "pypinyin", "cet-maps": "pyqtgraph"}
    if name in packaged:
        for file in importlib.metadata.files(packaged[name]) or ():
            word = "CC-BY" if name == "cet-maps" else "LICENSE"
            if word in str(file):
                return Path(str(file.locate())).read_text("utf-8")
    return (HERE / "licence_texts" / f"{name}.txt").read_text("utf-8")


def _keep(texts: dict[str, str], content: str) -> str:
    """Keep a text once; return its key."""
    content = content.replace("\r\n", "\n").strip() + "\n"
    key = hashlib.sha256(content.encode()).hexdigest()[:12]
    texts[key] = content
    return key


def _entry(
    name: str, version: str, kind: str, licence: str, keys: Iterable[str], *, note: tuple[str, str]
) -> dict[str, Any]:
    entry = {"name": name, "version": version, "kind": kind, "licence": licence, "texts": list(keys)}
    if note[0]:
        entry["note"] = {"zh_CN": note[0], "en": note[1]}
    return entry


def _write_texts(texts: dict[str, str]) -> None:
    """Pack the texts; the same texts make the same file."""
    with zipfile.ZipFile(INTO / "texts.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for key in sorted(texts):
            member = zipfile.ZipInfo(key, (2026, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(member, texts[key])


if __name__ == "__main__":
    sys.exit(main())
