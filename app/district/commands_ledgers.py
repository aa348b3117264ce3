"""``ledger-log``: who fetched which ledger from the district."""

import argparse
from typing import Any

from app.district.accounts import local_text
from app.district.command_store import opened
from app.district.ledger_log import list_fetches
from app.ledgers.period import Period
from app.texts import _


def add_to(commands: Any, where: argparse.ArgumentParser) -> None:
    """Add these commands to the parser's."""
    listed = commands.add_parser("ledger-log", parents=[where], help=_("列出谁取过哪本台账、为什么"))
    listed.add_argument("--limit", metavar="N", type=int, default=50, help=_("最多几行，默认 50，最近的在前"))
    listed.set_defaults(run=run_log)


def run_log(args: argparse.Namespace) -> int:
    """List the latest fetches, latest first."""
    with opened(args) as store, store.read() as connection:
        rows = list_fetches(connection, max(1, args.limit))
    for row in rows:
        sent = _("没有取完") if row.sent_count is None else _("{n} 行", n=row.sent_count)
        whose = row.stations or _("全区")
        what = (row.ledger, Period(row.first, row.until).words, whose, sent)
        why = _("完整信息：{why}", why=row.why) if row.whole else _("已脱敏")
        print("\t".join((local_text(row.at), row.device_name or row.device, row.actor or "-", *what, why)))
    return 0
