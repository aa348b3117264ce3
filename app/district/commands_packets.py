"""``packet take``: what a station brings on a stick, and the answer for it to take home."""

import argparse
import sys
from pathlib import Path
from typing import Any

from app.district.command_store import opened
from app.district.packets import take_packet
from app.texts import _


def add_to(commands: Any, where: argparse.ArgumentParser) -> None:
    """Add this command to the parser's."""
    packet = commands.add_parser("packet", help=_("收站点用 U 盘送来的文件")).add_subparsers(dest="what", required=True)
    take = packet.add_parser("take", parents=[where], help=_("收一个文件，写出给它带回去的回执"))
    take.add_argument("file", metavar="FILE", type=Path, help=_("站点送来的文件"))
    take.add_argument("--answer", metavar="FILE", type=Path, required=True, help=_("回执写到哪里"))
    take.set_defaults(run=run_packet_take)


def run_packet_take(args: argparse.Namespace) -> int:
    """Apply a file and write its answer."""
    with opened(args) as store:
        done = take_packet(store, args.file, args.answer)
    print(_("收了 {device} 的 {n} 笔，回执写在 {file}", device=done.device, n=done.operations, file=args.answer))
    for device, (_code, why) in sorted(done.skipped.items()):
        print(_("{device} 的没有收全：{why}", device=device, why=why), file=sys.stderr)
    return 0
