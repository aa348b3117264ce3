"""``notice``, ``notices``: a word from the district to its counters."""

import argparse
from typing import Any

from app import clock
from app.district.accounts import local_text
from app.district.command_store import opened
from app.district.notices import add_notice, list_notices, remove_notice
from app.errors import InvalidInputError
from app.texts import _


def add_to(commands: Any, where: argparse.ArgumentParser) -> None:
    """Add these commands to the parser's."""
    notice = commands.add_parser("notice", parents=[where], help=_("给各站窗口发一条通知，或撤回一条"))
    notice.add_argument("text", metavar="TEXT", nargs="?", help=_("通知的内容，最多 300 字"))
    notice.add_argument("--station", metavar="CODE", help=_("只给这个站点；不写就给全部"))
    notice.add_argument("--hours", metavar="N", type=int, help=_("几小时后不再显示；不写就一直显示到撤回"))
    notice.add_argument("--remove", metavar="ID", help=_("撤回这一条"))
    notice.set_defaults(run=run_notice)
    listed = commands.add_parser("notices", parents=[where], help=_("列出发过的通知"))
    listed.set_defaults(run=run_notices)


def run_notice(args: argparse.Namespace) -> int:
    """Put up a notice and print its id, or take one back."""
    if (args.text is None) == (args.remove is None):
        raise InvalidInputError({"text": _("要么写通知的内容，要么用 --remove 撤回一条")})
    with opened(args) as store, store.write() as connection:
        if args.remove is not None:
            remove_notice(connection, args.remove)
            print(_("已撤回 {notice}", notice=args.remove))
        else:
            print(add_notice(connection, args.text, station=args.station, hours=args.hours))
    return 0


def run_notices(args: argparse.Namespace) -> int:
    """List the notices, latest first."""
    with opened(args) as store, store.read() as connection:
        rows = list_notices(connection)
    now = clock.now()
    for row in rows:
        until = local_text(row.expires_at) if row.expires_at else "-"
        state = _("已过期") if row.expires_at is not None and row.expires_at <= now else _("在显示")
        print("\t".join((row.id, row.station_code or _("全部"), state, until, row.text)))
    return 0
