"""Parse arguments, run one command, end with its exit status: 0 only on success, errors as one plain sentence."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app import paths, texts
from app.errors import AppError, Cancelled
from app.launching.folders import check_owner, is_foreign
from app.texts import _

_WITHOUT_DATA = frozenset({"demo", "shots", "licences"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``doorstep``; return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--lang" in given[:-1] and given[given.index("--lang") + 1] in texts.LANGUAGES:
        texts.set_language(given[given.index("--lang") + 1])
    try:
        window = _window_options(given)
        if arguments is None and getattr(sys, "frozen", False) and not (window and is_foreign(window.data)):
            from app.commands.versions import choose_version

            status = choose_version(given, window=window is not None and not window.sample)
            if status is not None:
                return status
        if window is not None:
            return _open_desktop(window)
        return _run_command(given)
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


def _run_command(given: Sequence[str]) -> int:
    from app.commands.parser import build_parser, run_command

    options = build_parser().parse_args(given)
    options.data = Path(getattr(options, "data", None) or paths.default_data())
    if options.command is None:
        return _open_desktop(options)
    if options.command not in _WITHOUT_DATA and not getattr(options, "self_test", False):
        check_owner(options.data.absolute())  # "sudo doorstep sync" would leave files that the clerk cannot write
    return run_command(options)


def _window_options(given: Sequence[str]) -> argparse.Namespace | None:
    """Return the options if nothing but the window is asked for; it need not wait for the parser of all commands."""
    options = argparse.Namespace(data=None, lang=None, sample=False)
    words = iter(given)
    for word in words:
        if word == "--sample":
            options.sample = True
        elif word in ("--data", "--lang"):
            setattr(options, word[2:], next(words, ""))
        else:
            return None
    if "" in (options.data, options.lang) or options.lang not in (None, *texts.LANGUAGES):
        return None  # the whole parser says what is wrong
    options.data = Path(options.data or paths.default_data())
    return options


def _open_desktop(options: argparse.Namespace) -> int:
    from app.bootstrap import run_desktop

    if options.sample:
        from app.commands.sample import sample_station

        with sample_station() as folder:
            return run_desktop(folder, language=getattr(options, "lang", None))
    return run_desktop(options.data, language=getattr(options, "lang", None))
