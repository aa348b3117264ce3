"""Makes the two packages from one bundle: ``pack.py --bundle DIR --out DIR --version X``.

The ``.deb`` puts the bundle under ``/opt/doorstep`` with links, menu entry, icons, manual pages and the unit of the
district server; the package for the UOS store holds the same bundle in that store's layout, without scripts. Neither
touches a home folder.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
APP_ID = "cn.jiamenkou.doorstep"
MAINTAINER = "Doorstep maintainers <maintainers@doorstep.invalid>"
PROGRAMS = ("doorstep", "doorstep-district")
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

# What the bundle takes from the system, and whose it is; tests/installer compares it with what its libraries name.
SYSTEM_LIBRARIES = {
    "ld-linux-x86-64.so.2": "libc6", "ld-linux-aarch64.so.1": "libc6", "libc.so.6": "libc6", "libm.so.6": "libc6",
    "libdl.so.2": "libc6", "libpthread.so.0": "libc6", "librt.so.1": "libc6", "libutil.so.1": "libc6",
    "libresolv.so.2": "libc6", "libstdc++.so.6": "libstdc++6", "libgcc_s.so.1": "libgcc-s1",
    "libatomic.so.1": "libatomic1", "libz.so.1": "zlib1g", "libzstd.so.1": "libzstd1", "libbz2.so.1.0": "libbz2-1.0",
    "liblzma.so.5": "liblzma5", "libexpat.so.1": "libexpat1", "libuuid.so.1": "libuuid1", "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1", "libX11.so.6": "libx11-6", "libX11-xcb.so.1": "libx11-xcb1", "libxcb.so.1": "libxcb1",
    "libfontconfig.so.1": "libfontconfig1", "libfreetype.so.6": "libfreetype6", "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0", "libcups.so.2": "libcups2",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}  # fmt: skip
DEPENDS = ", ".join(dict.fromkeys(SYSTEM_LIBRARIES.values())).replace("libc6", "libc6 (>= 2.31)", 1)


def main() -> int:
    """Pack both; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--quick", action="store_true", help="the .deb alone, hardly compressed: for tries")
    given = parser.parse_args()
    if not re.fullmatch(r"\d+(\.\d+){1,3}(~?[a-z0-9.]+)?", given.version):
        print(f"installer: {given.version} is no version; write it like 0.1.1", file=sys.stderr)
        return 2
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()
    words = {
        "VERSION": given.version,
        "ARCH": architecture,
        "MAINTAINER": MAINTAINER,
        "DEPENDS": DEPENDS,
        "DATE": time.strftime("%Y-%m-%d", time.gmtime(_when())),
    }
    icons = given.out / "icons"
    draw_icons(icons)
    for package, lay in (("doorstep", lay_deb), (APP_ID, lay_uos)):
        if package == APP_ID and given.quick:
            continue
        tree = Path(tempfile.mkdtemp(prefix="stage-", dir=given.out))
        lay(tree, bundle=given.bundle, icons=icons, words=words)
        build(tree, given.out / f"{package}_{given.version}_{architecture}.deb", level=0 if given.quick else 6)
        shutil.rmtree(tree)
    return 0


def _when() -> int:
    """Return the instant that the packages carry: that of the sources, where it is known."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named:
        return int(named)
    asked = subprocess.run(
        ["git", "-C", ROOT, "log", "-1", "--format=%ct"], check=False, capture_output=True, text=True
    )
    return int(asked.stdout) if asked.returncode == 0 and asked.stdout.strip() else int(time.time())


def draw_icons(folder: Path) -> None:
    """Render the program's icon in the sizes that menus ask for."""
    if all((folder / f"{size}.png").exists() for size in ICON_SIZES):
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    _application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    drawing = QSvgRenderer(str(HERE / "doorstep.svg"))
    for size in ICON_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        drawing.render(painter)
        painter.end()
        image.save(str(folder / f"{size}.png"))


def lay_program(folder: Path, bundle: Path, *, version: str) -> None:
    """Put the bundle there, stamped with the version."""
    shutil.copytree(bundle, folder, symlinks=True)  # no hard links: tar gives up if somebody uses the bundle meanwhile
    (folder / "_internal" / "VERSION").write_text(version, "utf-8")


def lay_deb(tree: Path, *, bundle: Path, icons: Path, words: dict[str, str]) -> None:
    """Lay out the package for Debian and its kin."""
    lay_program(tree / "opt/doorstep", bundle, version=words["VERSION"])
    programs = tree / "usr/bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        (programs / name).symlink_to(f"/opt/doorstep/{name}")
        page = _filled(HERE / f"{name}.1", words)
        _write(tree / f"usr/share/man/man1/{name}.1.gz", _zipped(page))
    entry = _filled(HERE / "doorstep.desktop", {**words, "PROGRAM": "/usr/bin/doorstep", "ICON": "doorstep"})
    _write(tree / "usr/share/applications/doorstep.desktop", entry)
    _write(tree / f"usr/share/metainfo/{APP_ID}.metainfo.xml", _filled(HERE / "metainfo.xml", words))
    _lay_icons(tree / "usr/share/icons", icons, name="doorstep")
    _write(tree / "lib/systemd/system/doorstep-district.service", (HERE / "doorstep-district.service").read_bytes())
    _write(tree / "etc/doorstep/release-keys.txt", (HERE / "release-keys.txt").read_bytes())
    documents = tree / "usr/share/doc/doorstep"
    _write(documents / "copyright", (HERE / "copyright").read_bytes())
    _write(documents / "changelog.gz", _zipped(_changelog(words)))
    _write(documents / "NEWS.md.gz", _zipped((ROOT / "CHANGELOG.md").read_bytes()))
    _write(tree / "usr/share/lintian/overrides/doorstep", (HERE / "lintian-overrides").read_bytes())
    _write_control(tree, _filled(HERE / "control", {**words, "SIZE": _size(tree)}))
    (tree / "DEBIAN/conffiles").write_text("/etc/doorstep/release-keys.txt\n", "utf-8")
    for script in ("postinst", "prerm", "postrm"):
        target = tree / "DEBIAN" / script
        shutil.copyfile(HERE / script, target)
        target.chmod(0o755)


def lay_uos(tree: Path, *, bundle: Path, icons: Path, words: dict[str, str]) -> None:
    """Lay out the package for the UOS store: all under /opt/apps/<id>, and no scripts."""
    home = tree / "opt/apps" / APP_ID
    lay_program(home / "files", bundle, version=words["VERSION"])
    program = f"/opt/apps/{APP_ID}/files/doorstep"
    entry = _filled(HERE / "doorstep.desktop", {**words, "PROGRAM": program, "ICON": APP_ID})
    _write(home / "entries/applications" / f"{APP_ID}.desktop", entry)
    _lay_icons(home / "entries/icons", icons, name=APP_ID)
    _write(home / "files/doc/copyright", (HERE / "copyright").read_bytes())
    permissions = dict.fromkeys(
        "autostart notification trayicon clipboard account bluetooth camera audio_record installed_apps".split(), False
    )
    about = {
        "appid": APP_ID,
        "name": "家门口",
        "version": four_numbers(words["VERSION"]),
        "arch": [words["ARCH"]],
        "permissions": {**permissions, "clipboard": True},
    }
    _write(home / "info", (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode())
    text = (
        _filled(HERE / "control", {**words, "SIZE": _size(tree)})
        .decode()
        .replace("Package: doorstep", f"Package: {APP_ID}")
    )
    _write_control(tree, text.encode())


def four_numbers(version: str) -> str:
    """Return the version as the store wants it: four numbers."""
    numbers = re.findall(r"\d+", version)[:4]
    return ".".join([*numbers, *"0000"][:4])


def build(tree: Path, package: Path, *, level: int) -> None:
    """Write the package: xz, since dpkg of older systems reads no zstd."""
    for folder, _folders, files in os.walk(tree):
        Path(folder).chmod(0o755)
        if "DEBIAN" in Path(folder).parts:
            continue
        for name in files:
            file = Path(folder) / name
            program = name in PROGRAMS and file.parent.name in ("doorstep", "files")
            if not file.is_symlink():
                file.chmod(0o755 if program else 0o644)
    subprocess.run(
        ["dpkg-deb", "-Zxz", f"-z{level}", "--root-owner-group", "--build", tree, package],
        check=True,
        stdout=sys.stderr,
    )


def _lay_icons(folder: Path, icons: Path, *, name: str) -> None:
    for size in ICON_SIZES:
        _write(folder / f"hicolor/{size}x{size}/apps/{name}.png", (icons / f"{size}.png").read_bytes())
    _write(folder / f"hicolor/scalable/apps/{name}.svg", (HERE / "doorstep.svg").read_bytes())


def _write_control(tree: Path, text: bytes) -> None:
    _write(tree / "DEBIAN/control", text)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _filled(file: Path, words: dict[str, str]) -> bytes:
    text = file.read_text("utf-8")
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _changelog(words: dict[str, str]) -> bytes:
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(_when()))
    return (
        f"doorstep ({words['VERSION']}) stable; urgency=medium\n\n  * Changes: see NEWS.md.gz.\n\n"
        f" -- {MAINTAINER}  {when}\n"
    ).encode()


def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def _size(tree: Path) -> str:
    """Return the installed size in KiB."""
    sizes = (file.lstat().st_size for file in tree.rglob("*") if not file.is_dir())
    return str(sum(-(-size // 1024) for size in sizes))


if __name__ == "__main__":
    sys.exit(main())
