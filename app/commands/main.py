"""Parse arguments, run one command, end with its exit status: 0 only on success, errors as one plain sentence."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app import __version__, paths, texts
from app.errors import AppError, Cancelled
from app.texts import _


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``--help`` of each suffices."""
    from app.commands import demo, exchange, store, work

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=_("数据文件夹"))
    common.add_argument("--lang", choices=texts.LANGUAGES, default=argparse.SUPPRESS, help=_("界面语言"))
    parser = argparse.ArgumentParser(
        prog="doorstep",
        description=_("家门口：就业服务站的柜台程序。不带命令就打开窗口。"),
        parents=[common],
        epilog=_("要本人办的命令用 --staff 姓名，PIN 当场问，或读环境变量 DOORSTEP_PIN。"),
    )
    parser.add_argument("--version", action="version", version=f"doorstep {__version__}")
    parser.add_argument("--sample", action="store_true", help=_("打开样板站点，自带一台本机区县服务端（试用）"))
    commands = parser.add_subparsers(dest="command", metavar=_("命令"))
    for group in (demo, exchange, work, store):
        group.add_commands(commands, common)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``doorstep``; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--lang" in given[:-1] and given[given.index("--lang") + 1] in texts.LANGUAGES:
        texts.set_language(given[given.index("--lang") + 1])
    try:
        options = build_parser().parse_args(given)
        options.data = Path(getattr(options, "data", None) or paths.default_data())
        if options.command is None:
            return _open_desktop(options)
        status: int = options.run(options)
        return status
    except Cancelled:
        print(_("已停下"), file=sys.stderr)
        return 130
    except AppError as problem:
        print(f"doorstep: {problem.text}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:
        reason = problem.strerror or str(problem)
        print(
            "doorstep: " + _("系统不让做：{reason}（{where}）", reason=reason, where=problem.filename), file=sys.stderr
        )
        return 1


def _open_desktop(options: argparse.Namespace) -> int:
    from app.bootstrap import run_desktop

    if options.sample:
        from app.commands.sample import sample_station

        with sample_station() as folder:
            return run_desktop(folder, language=getattr(options, "lang", None))
    return run_desktop(options.data, language=getattr(options, "lang", None))
