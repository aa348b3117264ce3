"""``doctor --self-test``: can this installed program work on this PC? No PIN, no screen; the counter's data stay as is.

Each check is one line; any ✗ ends it with 1. The update runs it before it trusts a new version.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from app import __version__, clock, texts
from app.config import SettingsStore
from app.errors import ExternalError
from app.launching import input_method
from app.paths import DataFolder
from app.printing import trial
from app.services import self_check
from app.services.health import FAULT, OK, WARNING
from app.services.self_check import Check, run_check
from app.sync.asking import reach_district
from app.texts import _

SIGNS = {OK: "✓", WARNING: "△", FAULT: "✗"}


def run_self_test(options: argparse.Namespace) -> int:
    """Run every check, print a line for each as it is done, and a last one for all."""
    started = clock.monotonic()
    checks: list[Check] = []
    for check in examine(options.data, ca=options.ca):
        checks.append(check)
        if not options.json:
            print(line_of(check), flush=True)
            if check.advice:
                print(f"  {check.advice}", flush=True)
    took = round(clock.monotonic() - started, 1)
    faults = sum(check.level == FAULT for check in checks)
    if options.json:
        rows = [vars(check) for check in checks]
        told = {"ok": not faults, "version": __version__, "seconds": took, "checks": rows}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        print(summary(checks, took))
    sys.stdout.flush()
    return 1 if faults else 0


def line_of(check: Check) -> str:
    """Return ``✓ what: result``."""
    colon = "：" if texts.language() == "zh_CN" else ": "
    return f"{SIGNS[check.level]} {check.what}{colon}{check.result}"


def summary(checks: list[Check], seconds: float) -> str:
    """Return the last line."""
    faults = sum(check.level == FAULT for check in checks)
    warnings = sum(check.level == WARNING for check in checks)
    values = {"good": len(checks) - faults - warnings, "warnings": warnings, "seconds": seconds}
    if faults:
        return _(
            "自检没有通过：{faults} 项不行，{warnings} 项要留意，{good} 项好（{seconds} 秒）", faults=faults, **values
        )
    return _("自检通过：{good} 项好，{warnings} 项要留意（{seconds} 秒）", **values)


def examine(root: Path, *, ca: str | None = None) -> Iterator[Check]:
    """Yield every check as it is done."""
    yield run_check("program", _("程序"), _look_at_program)
    yield run_check("files", _("程序文件"), self_check.look_at_files)
    yield run_check("store", _("加密数据库"), self_check.look_at_store)
    yield run_check("window", _("程序窗口"), partial(_with_qt, "look_at_window"))
    yield run_check("screen", _("屏幕"), partial(_with_qt, "look_at_screen"))
    yield run_check("fonts", _("字体"), _look_at_fonts)
    yield run_check("slip", _("推荐信"), _look_at_slip)
    yield run_check("printer", _("打印机"), partial(_with_qt, "look_at_printers"))
    yield run_check("input", _("中文输入"), _look_at_input)
    yield run_check("clock", _("时间"), self_check.look_at_clock)
    yield run_check("room", _("磁盘"), lambda: self_check.look_at_room(root))
    yield run_check("data", _("数据文件夹"), lambda: self_check.look_at_data(root))
    yield run_check("district", _("区里"), lambda: _look_at_district(root, ca))


def _with_qt(look: str, *values: Any, **named: Any) -> tuple[str, ...]:
    """Look with Qt, imported here: a Qt that does not load is a finding too."""
    answer: tuple[str, ...] = getattr(import_module("app.ui.self_check"), look)(*values, **named)
    return answer


def _look_at_program() -> tuple[str, str]:
    packed = _("安装包") if getattr(sys, "frozen", False) else _("源码")
    facts = {
        "version": __version__,
        "packed": packed,
        "python": platform.python_version(),
    }
    system = f"{platform.system()} {platform.machine()}"
    return OK, _("家门口 {version}（{packed}），Python {python}，{system}", system=system, **facts)


def _look_at_fonts() -> tuple[str, ...]:
    rare = str(self_check.trial()["rare"])
    missing = trial.uncovered(rare)
    if missing:
        return FAULT, _("打印字体里没有这些字：{missing}", missing=missing)
    return _with_qt("look_at_fonts", rare)


def _look_at_slip() -> tuple[str, ...]:
    pdf, row = trial.trial_slip(self_check.trial())
    return _with_qt("look_at_slip", pdf, holds=(row.slip_no, row.name, row.vacancy_title))


def _look_at_input() -> tuple[str, ...]:
    if not sys.platform.startswith("linux"):
        return OK, _("由系统自己提供")
    found = input_method.describe()
    if found is None:
        return WARNING, _("没有找到中文输入法"), _("登录桌面以后再看；要装就请管理员装 fcitx5 或 ibus 的拼音")
    return OK, _("fcitx5 或 ibus（经门户）") if found == "portal" else found


def _look_at_district(root: Path, ca: str | None) -> tuple[str, ...]:
    folder = DataFolder(root)
    if not folder.keyring.exists():
        return OK, _("还没有站点，没有区里可连")
    known = self_check.remembered(folder)
    if "url" not in known:
        return WARNING, _("登录以前不知道区里的地址"), _("登录一次以后再自检")
    if known["url"] is None:
        return OK, _("还没有加入区里")
    ca = ca or SettingsStore(root / "settings.json").current.district_ca or None
    try:
        version = reach_district(known["url"], ca=ca, pin=known.get("pin"))
    except ExternalError as problem:
        return WARNING, _("连不上 {url}", url=known["url"]), problem.text
    return OK, _("连得上 {url}，服务端版本 {version}", url=known["url"], version=version)
