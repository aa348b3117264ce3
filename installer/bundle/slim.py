"""Makes a finished bundle smaller: ``slim.py BUNDLE``. Runs where the bundle was made, with gcc and strip at hand.

- Libraries are stripped; some wheels bring them with all that a debugger reads.
- Functions lose their docstrings, and packages their copies of licences; the migrations, which go in as files, are
  compiled.
- ICU's data keeps Chinese, English and the root; Qt has its own tables for dates and numbers and asks ICU for collation
  and conversion only.
"""

import compileall
import dis
import inspect
import marshal
import py_compile
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from types import CodeType

LANGUAGES = ("root", "zh", "en", "pool", "res_index", "supplementalData", "metadata")


def strip(bundle: Path) -> None:
    """Take the symbols that only a debugger reads out of every library."""
    for file in (bundle / "_internal").rglob("*.so*"):
        if file.is_file() and not file.is_symlink():
            subprocess.run(["strip", "--strip-unneeded", file], check=True)


def compile_migrations(bundle: Path) -> None:
    """Compile the files that alembic reads, once for all: the program's folder is read-only when it runs."""
    invalidation = py_compile.PycInvalidationMode.UNCHECKED_HASH
    folder = str(bundle / "_internal/app/db/migrations")
    compileall.compile_dir(folder, quiet=1, invalidation_mode=invalidation, stripdir=str(bundle / "_internal"))


def drop_docstrings(bundle: Path) -> None:
    """Take the docstrings of functions out of the modules.

    Those of the district's calls stay, FastAPI shows them; so do those of SQLAlchemy's events, read at import.
    """
    for file in (bundle / "_internal").rglob("*.pyc"):
        path = file.relative_to(bundle / "_internal")
        if path.parts[:2] != ("app", "district") and (path.parts[0], file.name) != ("sqlalchemy", "events.pyc"):
            content = file.read_bytes()
            code = marshal.loads(content[16:])  # noqa: S302 - PyInstaller wrote it a minute ago
            file.write_bytes(content[:16] + marshal.dumps(_without_docstrings(code)))


def _without_docstrings(code: CodeType) -> CodeType:
    """Return the code and all code in it without docstrings; one that the code itself reads stays."""
    constants = [_without_docstrings(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    function = bool(code.co_flags & inspect.CO_NEWLOCALS) and not code.co_name.startswith("<")
    if function and constants and isinstance(constants[0], str):
        read = any(each.opcode in dis.hasconst and each.arg == 0 for each in dis.get_instructions(code))
        if not read:
            constants[0] = None
    return code.replace(co_consts=tuple(constants))


def take_systems_xau(bundle: Path) -> None:
    """Put Debian's libXau in the place of the one in Pillow's wheel: 2 MB of it are zeros, a gap between two pages."""
    there = [each for each in Path("/usr/lib").glob("*/libXau.so.6") if each.exists()]
    for library in (bundle / "_internal" / "pillow.libs").glob("libXau-*"):
        if there:
            shutil.copyfile(there[0], library)


def drop_licence_files(bundle: Path) -> None:
    """Take out the packages' copies of their licences: every text is in ``resources/licences`` once."""
    for pattern in ("*.dist-info/licenses", "*.dist-info/LICENSE*", "*.dist-info/COPYING*"):
        for each in (bundle / "_internal").glob(pattern):
            shutil.rmtree(each) if each.is_dir() else each.unlink()


def slim_icu(library: Path) -> None:
    """Write ``libicudata.so`` anew, with fewer languages in it."""
    symbol, package = _data_of(library)
    kept = {name: item for name, item in _items(package) if _wanted(name)}
    with tempfile.TemporaryDirectory() as folder:
        data, source = Path(folder) / "icu.dat", Path(folder) / "icu.s"
        data.write_bytes(_package(package, kept))
        source.write_text(
            f'.section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol}, %object\n{symbol}:\n.incbin "{data}"\n'
            f'.size {symbol}, . - {symbol}\n.section .note.GNU-stack, "", %progbits\n'
        )
        made = Path(folder) / "made.so"
        subprocess.run(
            ["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-Wl,-z,noexecstack", "-o", made, source],
            check=True,
        )
        subprocess.run(["strip", "--strip-unneeded", made], check=True)
        library.write_bytes(made.read_bytes())


def _data_of(library: Path) -> tuple[str, bytes]:
    """Return the symbol and the bytes of the data package in the library."""
    table = subprocess.run(["readelf", "-sW", "--dyn-syms", library], check=True, capture_output=True, text=True).stdout
    symbol = next(word for word in table.split() if word.startswith("icudt") and word.endswith("_dat"))
    content = library.read_bytes()
    # The package's magic and its format "CmnD", after the size of the header.
    at = next(
        i
        for i in range(0, len(content), 16)
        if content[i + 2 : i + 4] == b"\xda\x27" and content[i + 12 : i + 16] == b"CmnD"
    )
    return symbol, content[at:]


def _items(package: bytes) -> list[tuple[str, bytes]]:
    """Return (name, bytes) of each item; they lie one after the other in the order of their names."""
    base = struct.unpack_from("<H", package)[0]
    count = struct.unpack_from("<I", package, base)[0]
    places = [struct.unpack_from("<II", package, base + 4 + 8 * i) for i in range(count)]
    starts = [data for _name, data in places]
    end = len(package) - base
    items = []
    for (name, start), stop in zip(places, [*starts[1:], end], strict=True):
        text = package[base + name : package.index(b"\0", base + name)].decode("ascii")
        items.append((text, package[base + start : base + stop]))
    return items


def _wanted(name: str) -> bool:
    """Tell whether an item stays: all that is of no language, and of the languages ours."""
    path = name.split("/", 1)[1]
    file = path.rsplit("/", 1)[-1]
    stem, _dot, kind = file.rpartition(".")
    if kind == "dict":
        return False
    if path.startswith(("translit/", "rbnf/", "unit/", "region/", "lang/", "curr/", "zone/")) or stem == "unames":
        return False
    if kind == "cnv":
        return stem.startswith(("gb18030", "ibm-1386", "ibm-5478", "windows-936", "ibm-1252", "ibm-5348"))
    if kind != "res":
        return True
    known = stem.split("_")[0] if "_" in stem and stem != "res_index" else stem
    return known in LANGUAGES or not (2 <= len(known) <= 3 and known.islower())


def _package(package: bytes, kept: dict[str, bytes]) -> bytes:
    """Return a data package with these items, the header as it was."""
    header = package[: struct.unpack_from("<H", package)[0]]
    names = b"".join(name.encode("ascii") + b"\0" for name in kept)
    at = 4 + 8 * len(kept)
    table, data, name_at = struct.pack("<I", len(kept)), b"", at
    data_at = -(-(at + len(names)) // 16) * 16
    for name, item in kept.items():
        table += struct.pack("<II", name_at, data_at + len(data))
        name_at += len(name) + 1
        data += item + b"\0" * (-len(item) % 16)
    return header + (table + names).ljust(data_at, b"\0") + data


def main() -> None:
    """Slim the bundle named on the command line."""
    bundle = Path(sys.argv[1])
    take_systems_xau(bundle)
    strip(bundle)
    drop_docstrings(bundle)
    drop_licence_files(bundle)
    compile_migrations(bundle)
    for library in (bundle / "_internal").rglob("libicudata.so.*"):
        if not library.is_symlink():
            slim_icu(library)


if __name__ == "__main__":
    main()
