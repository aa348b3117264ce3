"""What the metadata of packages does not say: SPDX names, what lies inside them, and what else the bundle carries.

Read by ``licences.py``. A new package without a known licence, or a library in a wheel that nobody names here, fails a
test: it is looked at by a person first.
"""

from dataclasses import dataclass, field

# Packages whose metadata say it in other words, or say more than one and we choose.
SPDX: dict[str, str] = {
    "certifi": "MPL-2.0",
    "charset-normalizer": "MIT",
    "colorama": "BSD-3-Clause",
    "et-xmlfile": "MIT",
    "fonttools": "MIT",
    "h11": "MIT",
    "msoffcrypto-tool": "MIT",
    "numpy": (
        "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0"
        " AND GPL-3.0-or-later WITH GCC-exception-3.1 AND LGPL-2.1-or-later"
    ),
    "olefile": "BSD-2-Clause",
    "openpyxl": "MIT",
    "pypinyin": "MIT",
    "pyqtgraph": "MIT",
    "pyside6": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "pyside6-addons": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "pyside6-essentials": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "shiboken6": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "reportlab": "BSD-3-Clause",
    "requests": "Apache-2.0",
    "segno": "BSD-3-Clause",
    "sqlcipher3": "Zlib",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyinstaller-hooks-contrib": "Apache-2.0 AND GPL-2.0-or-later",
    "altgraph": "MIT",
    "macholib": "MIT",
    "pefile": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "setuptools": "MIT",
    "cython": "Apache-2.0",
    "meson": "Apache-2.0",
    "meson-python": "MIT",
    "ninja": "Apache-2.0",
    "pip": "MIT",
    "pyproject-metadata": "MIT",
    "packaging": "Apache-2.0 OR BSD-2-Clause",
    "tzdata": "Apache-2.0",
}

# Packages that only make the bundle: nothing of them is in it, but for what is said.
BUILDS: frozenset[str] = frozenset(
    """pyinstaller pyinstaller-hooks-contrib altgraph macholib pefile pywin32-ctypes setuptools
    cython meson meson-python ninja pip pyproject-metadata""".split()
)

# Texts of those that bring none, or are not installed where this is run; files in ``licence_texts/``.
TEXTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6"), ("lgpl-3.0", "gpl-3.0")),
    "certifi": ("mpl-2.0",),
    "psycopg": ("gpl-3.0",),
    "psycopg-binary": ("gpl-3.0",),
    **{name: (name,) for name in ("altgraph", "macholib", "pefile", "pyinstaller", "pyinstaller-hooks-contrib")},
    **{name: (name,) for name in ("pywin32-ctypes", "setuptools", "tzdata", "pip", "pyproject-metadata")},
    **dict.fromkeys(("cython", "meson", "ninja"), ("apache-2.0",)),
    "meson-python": ("meson-python",),
}

NOTES: dict[str, tuple[str, str]] = {
    "pyinstaller": (
        "只有它的引导程序在安装包里，许可允许和任何程序放在一起分发。",
        "Only its bootloader is in the bundle; its licence allows that with any program.",
    ),
    "pyinstaller-hooks-contrib": (
        "安装包里只有它按 Apache-2.0 的运行时小段；GPL 的部分只在打包时用，不在里面。",
        "Only run-time hooks under Apache-2.0 are in the bundle; the GPL part serves packing alone.",
    ),
    "psycopg": ("按 LGPL-3 使用，文件夹里的 psycopg 可以换成您自己改过的。", "Used under LGPL-3; it may be replaced."),
    "psycopg-binary": (
        "按 LGPL-3 使用；里面的 libpq、OpenSSL、Kerberos 等见下面各条。",
        "Used under LGPL-3; libpq, OpenSSL, Kerberos and others in it have entries of their own.",
    ),
    "reportlab": (
        "它自带的 DarkGarden 字体是 GPL（带字体例外），程序不用它，安装包里没有。",
        "Its DarkGarden font is GPL with a font exception: the program does not use it, the bundle leaves it out.",
    ),
    "numpy": (
        "Linux 安装包里的是自己编译的，不带这些；Windows 的带 OpenBLAS、libgfortran（GPL-3，GCC 运行库例外）"
        "和 libquadmath（LGPL-2.1），全文都在许可里。",
        "In the Linux bundle it is compiled without these; the Windows one carries OpenBLAS, libgfortran (GPL-3, GCC "
        "runtime exception) and libquadmath (LGPL-2.1); texts included.",
    ),
    "pillow": (
        "里面带 libjpeg、libpng、FreeType（取 FTL 许可）、HarfBuzz、libtiff、libwebp 等，全文都在许可里。",
        "Carries libjpeg, libpng, FreeType (FTL chosen), HarfBuzz, libtiff, libwebp and others; texts included.",
    ),
}

_REPLACE = (
    "按 LGPL-3 使用，没有改动。源码：download.qt.io/official_releases/qt 和 …/QtForPython，取同一版本号。"
    "要换成您自己编的：程序文件夹 _internal/PySide6 下的库是单独的文件，换上同名、同一大版本的就行。",
    "Used under LGPL-3, unchanged. Source: download.qt.io/official_releases/qt and …/QtForPython, same version number. "
    "To use your own build: the libraries under _internal/PySide6 are files of their own; put in yours of the same "
    "name and major version.",
)
for _name in ("pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6"):
    NOTES[_name] = _REPLACE

QT_MODULES = ("Core", "Gui", "Widgets", "PrintSupport", "Svg", "Pdf", "DBus", "Network")
"""Qt's modules that the program imports or that those need; XcbQpa, which Linux needs beside them, belongs to Gui."""

FORBIDDEN_QT = frozenset(
    """Charts DataVisualization DataVisualizationQml Graphs GraphsWidgets VirtualKeyboard WebEngineCore WebEngineQuick
    WebEngineWidgets NetworkAuth HttpServer Lottie Quick3D QuickTimeline ShaderTools WaylandCompositor""".split()
)
"""GPL without an LGPL choice, or (WebEngine) a browser that nobody here answers for."""


@dataclass(frozen=True)
class Part:
    """Something in the bundle that is no Python package of the lock."""

    name: str
    licence: str
    texts: tuple[str, ...]
    inside: str = ""
    note: tuple[str, str] = ("", "")
    libraries: tuple[str, ...] = field(default=())


PARTS: tuple[Part, ...] = (
    Part("Qt", "LGPL-3.0-only", ("lgpl-3.0", "gpl-3.0"), "PySide6: " + ", ".join(QT_MODULES), _REPLACE),
    Part("ICU", "Unicode-3.0", ("icu",), "PySide6"),
    Part("SQLCipher", "BSD-3-Clause", ("sqlcipher",), "sqlcipher3"),
    Part("SQLite", "blessing", ("sqlite",), "sqlcipher3, CPython"),
    Part(
        "OpenSSL",
        "Apache-2.0",
        ("apache-2.0",),
        "sqlcipher3, cryptography, psycopg-binary",
        libraries=("libcrypto", "libssl"),
    ),
    Part("libpq", "PostgreSQL", ("libpq",), "psycopg-binary", libraries=("libpq",)),
    Part(
        "MIT Kerberos",
        "MIT",
        ("krb5",),
        "psycopg-binary",
        libraries=("libkrb5", "libkrb5support", "libk5crypto", "libgssapi_krb5", "libcom_err"),
    ),
    Part("OpenLDAP", "OLDAP-2.8", ("openldap",), "psycopg-binary", libraries=("libldap", "liblber")),
    Part("Cyrus SASL", "BSD-4-Clause-UC", ("cyrus-sasl",), "psycopg-binary", libraries=("libsasl2",)),
    Part(
        "keyutils",
        "LGPL-2.1-or-later",
        ("keyutils", "lgpl-2.1"),
        "psycopg-binary",
        (
            "只有库在里面，是 LGPL；它的命令行程序（GPL）不在。",
            "Only the library is carried, under LGPL; its commands (GPL) are not.",
        ),
        libraries=("libkeyutils",),
    ),
    Part("libxcrypt", "LGPL-2.1-or-later", ("libxcrypt", "lgpl-2.1"), "psycopg-binary", libraries=("libcrypt",)),
    Part("CPython", "PSF-2.0", ("python",), "libpython"),
    Part("libffi", "MIT", ("libffi",), "CPython"),
    Part("libxkbcommon", "MIT", ("libxkbcommon",), "Linux"),
    Part("libxcb", "X11", ("libxcb",), "Linux"),
    Part("Noto Sans SC", "OFL-1.1", ("font-noto",), "resources/fonts"),
    Part("Hanazono (DoorstepRareHan)", "LicenseRef-Hanazono", ("font-hanazono",), "resources/fonts"),
    Part("BabelStone Han (DoorstepRareHanTwo)", "LicenseRef-Arphic-1999", ("font-arphic",), "resources/fonts"),
    Part("Lucide", "ISC AND MIT", ("lucide",), "resources/icons"),
    Part("pinyin-data, phrase-pinyin-data", "MIT", ("pypinyin",), "pypinyin"),
    Part("CET colour maps", "CC-BY-4.0", ("cet-maps",), "pyqtgraph"),
)

CARRIED_BY_NAME = ("numpy", "pillow")
"""Wheels whose own licence file names every library beside them."""
