"""What goes into the bundle and what stays out: plain lists, read by ``doorstep.spec`` and by the tests."""

import ast
import re
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("doorstep", "doorstep-district")
MIGRATIONS = "app/db/migrations"

# Imported by name at run time, where PyInstaller's hooks do not know it.
BY_NAME = (
    "psycopg",
    "psycopg_binary",
    "sqlcipher3",
    "pypinyin",
    "uvicorn",
    "alembic.ddl",
    "sqlalchemy.dialects.sqlite",
)

# In the bundle's lock alone: they make the bundle and stay out of it.
BUILD_TOOLS = (
    "pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "setuptools", "macholib", "pefile", "pywin32-ctypes",
    "pip", "meson-python", "meson", "cython", "ninja", "pyproject-metadata",
)  # fmt: skip

# Qt: LGPL parts that the program uses. Charts, Graphs and the virtual keyboard are GPL and must never go in.
QT_PLUGINS = frozenset(
    {
        "platforms/libqxcb.so", "platforms/libqoffscreen.so", "platforms/qwindows.dll", "platforms/qoffscreen.dll",
        "platforminputcontexts/libibusplatforminputcontextplugin.so",
        "platforminputcontexts/libcomposeplatforminputcontextplugin.so",
        "platformthemes/libqxdgdesktopportal.so",
        "styles/qmodernwindowsstyle.dll", "styles/qwindowsvistastyle.dll",
        "imageformats/libqsvg.so", "imageformats/libqico.so", "imageformats/libqjpeg.so", "imageformats/libqgif.so",
        "imageformats/qsvg.dll", "imageformats/qico.dll", "imageformats/qjpeg.dll", "imageformats/qgif.dll",
        "iconengines/libqsvgicon.so", "iconengines/qsvgicon.dll",
        "printsupport/libcupsprintersupport.so", "printsupport/windowsprintersupport.dll",
    }
)  # fmt: skip
QT_LIBRARIES = frozenset("Core Gui Widgets PrintSupport Svg Pdf DBus Network XcbQpa".split())
QT_WORDS = ("qtbase_zh_CN.qm", "qt_zh_CN.qm", "qtbase_en.qm", "qt_en.qm")
GPL = ("Charts", "DataVisualization", "Graphs", "VirtualKeyboard", "qtvirtualkeyboard")

LEFT_OUT = (
    "tkinter", "_tkinter", "turtle", "test", "idlelib", "lib2to3", "pydoc_data", "ensurepip", "IPython", "matplotlib",
    "scipy", "pandas", "pytest", "setuptools", "pkg_resources", "pip", "wheel", "numpy.f2py", "numpy.testing.tests",
    "numpy.distutils", "numpy._core.tests", "pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.canvas", "OpenGL",
    "PySide6.QtCharts", "PySide6.QtDataVisualization", "PySide6.QtGraphs", "PySide6.QtQml", "PySide6.QtQuick",
    "PySide6.QtWebEngineCore", "PySide6.QtWebEngineWidgets", "PySide6.QtMultimedia", "PySide6.QtSql",
    "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtTest", "PySide6.QtNetwork", "PySide6.QtDBus",
    "Cython", "cython", "pyximport", "mesonpy", "mesonbuild", "PyInstaller", "altgraph", "numpy._pyinstaller",
    "numpy.random",
    "_hashlib",  # a second OpenSSL of 4 MB; hashlib then takes its own SHA-2
    "_codecs_jp", "_codecs_kr", "_codecs_hk",
    "sqlite3", "_sqlite3", "curses", "distutils",
    "PIL._avif", "PIL.AvifImagePlugin", "PIL._webp", "PIL.WebPImagePlugin", "PIL._imagingft", "PIL._imagingcms",
    "PIL._imagingtk", "zstandard._cffi", "zstandard.backend_cffi", "sqlalchemy.testing", "alembic.testing",
    "sqlmodel.testing", "pypinyin.runner", "pygments", "rich", "yaml", "MySQLdb", "pysqlite2",
    "pydantic.v1", "pydantic.mypy",
    "PyQt5", "PyQt6", "PySide2", "readline", "httptools", "watchfiles", "websockets", "uvloop", "a2wsgi", "wsproto",
)  # fmt: skip

# Of the system's libraries these go in, since an older system lacks them; all others are the package's Depends.
OWN_SYSTEM_LIBRARIES = re.compile(
    r"^lib(python3|ffi|sqlite3|xkbcommon|xcb-(cursor|icccm|image|keysyms|randr|render|render-util|shape|shm|sync|util"
    r"|xfixes|xkb|xinerama|xinput))[.\d-]*\.so|^libxkbcommon-x11\.so"
)


def modules(root: Path = ROOT) -> list[str]:
    """Return every module of the program, whoever imports it; the migrations go in as files instead."""
    found = []
    for file in sorted((root / "app").rglob("*.py")):
        path = file.relative_to(root)
        if not path.as_posix().startswith(f"{MIGRATIONS}/") or path.as_posix() == f"{MIGRATIONS}/__init__.py":
            parts = path.with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def imported_by_migrations(root: Path = ROOT) -> list[str]:
    """Return what the migration files import: nothing else would say so, for alembic reads them as files."""
    found = set()
    for file in (root / MIGRATIONS).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return sorted(found - {"typing", "collections.abc", "__future__"})


def data_files(root: Path = ROOT) -> list[tuple[str, str]]:
    """Return (file, folder in the bundle) of the migrations and of all that lies in ``resources/``."""
    files = [*(root / MIGRATIONS).rglob("*.py"), *(root / MIGRATIONS).glob("*.mako"), *(root / "resources").rglob("*")]
    wanted = [
        path
        for path in sorted(files)
        if path.is_file() and "__pycache__" not in path.parts and path.name != "build_rare_fonts.py"
    ]
    return [(str(path), path.parent.relative_to(root).as_posix()) for path in wanted]


def goes_in(name: str, source: str) -> bool:
    """Tell whether a file that PyInstaller found goes in; ``name`` is its place in the bundle."""
    place = PurePosixPath(name.replace("\\", "/"))
    text, file = place.as_posix(), place.name
    if any(word in text for word in GPL):
        return False
    if "/plugins/" in text and "PySide6" in text:
        return text.split("/plugins/")[1] in QT_PLUGINS
    if text.startswith("PySide6/") and "/translations/" in text:
        return file in QT_WORDS
    if text.startswith(("PySide6/Qt/qml", "PySide6/Qt/resources", "PySide6/Qt/libexec", "PySide6/qml")):
        return False
    qt = re.match(r"(?:lib)?Qt6?([A-Za-z]+)(?:\.so\.6|\.abi3\.so|\.dll|\.pyd)", file)
    if qt:
        return qt.group(1) in QT_LIBRARIES
    if re.search(r"(^|/)(tests?|peegee)/", text) or file.endswith((".pyi", ".pxd", ".h", ".a")):
        return False
    if file.startswith("lib") and source.startswith(("/lib/", "/usr/lib/", "/usr/local/lib")):
        return bool(OWN_SYSTEM_LIBRARIES.match(file))
    return True
