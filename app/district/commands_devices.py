"""``enrol-code``, ``devices``, ``revoke``, ``new-epoch``: who belongs to the district, and how they are."""

import argparse
import json
from pathlib import Path
from typing import Any

from app import clock
from app.district import accounts, code_batch, enrol_qr
from app.district.chain_heads import settle_breaks
from app.district.command_store import opened
from app.district.lives import new_epoch
from app.district.reports import described
from app.errors import InvalidInputError
from app.models.acts import ROLES
from app.services.chain_told import break_words
from app.sync.protocol import read_instant
from app.texts import _

MEGABYTE = 1024**2


def add_to(commands: Any, where: argparse.ArgumentParser) -> None:
    """Add these commands to the parser's."""
    _add_enrol_code(commands, where)

    devices = commands.add_parser("devices", parents=[where], help=_("列出加入的电脑"))
    devices.add_argument("--json", action="store_true", help=_("给程序看的：每台电脑的全部情况"))
    devices.set_defaults(run=run_devices)

    settle = commands.add_parser("settle-log", parents=[where], help=_("日志提示查清了：写明是怎么回事，不再提示"))
    settle.add_argument("device", metavar="DEVICE", help=_("设备的编号或两位设备号"))
    settle.add_argument("--why", required=True, metavar="TEXT", help=_("查到了什么；留在区里"))
    settle.set_defaults(run=run_settle_log)

    revoke = commands.add_parser("revoke", parents=[where], help=_("停用一台电脑"))
    revoke.add_argument("device", metavar="DEVICE", help=_("设备的编号或两位设备号"))
    revoke.set_defaults(run=run_revoke)

    epoch = commands.add_parser(
        "new-epoch", parents=[where], help=_("数据库从备份恢复之后、开服务之前办一次：各站把备份之后的重新送来")
    )
    epoch.set_defaults(run=run_new_epoch)


def _add_enrol_code(commands: Any, where: argparse.ArgumentParser) -> None:
    code = commands.add_parser("enrol-code", parents=[where], help=_("发一次性的加入码"))
    code.add_argument("--station", metavar="CODE", help=_("站点编码，最多 12 位"))
    code.add_argument("--role", metavar="ROLE", help=_("岗位：{roles}", roles=" ".join(ROLES)))
    code.add_argument("--name", metavar="NAME", help=_("站点名称"))
    code.add_argument("--hours", type=int, default=accounts.CODE_HOURS, help=_("几小时内有效，默认 72"))
    code.add_argument("--count", type=int, metavar="N", help=_("发几个，一台电脑一个；要用 --out"))
    told = _("给名单里的每个站发：CSV，列名 station,role,name,count；要用 --out")
    code.add_argument("--list", dest="stations", type=Path, metavar="FILE", help=told)
    told = _("入网通知存到哪里：.pdf 一台一张，可以打印；.csv 是表格")
    code.add_argument("--out", type=Path, metavar="FILE", help=told)
    enrol_qr.add_arguments(code)
    code.set_defaults(run=run_enrol_code)


def run_enrol_code(args: argparse.Namespace) -> int:
    """Print a one-time code, or write many of them as sheets."""
    if not 1 <= args.hours <= 24 * 90:
        raise InvalidInputError({"hours": _("有效时间在 1 到 2160 小时之间")})
    if args.stations is None and (args.station is None or args.role is None):
        raise InvalidInputError({"station": _("要写 --station 和 --role，或者用 --list 给名单")})
    if args.out is not None or args.stations is not None or args.count is not None:
        return _write_sheets(args)
    invitation = enrol_qr.check_arguments(args)
    with opened(args) as store, store.write() as connection:
        code = accounts.make_code(connection, station=args.station, role=args.role, name=args.name, hours=args.hours)
    print(code)
    if invitation is not None:
        enrol_qr.hand_out(invitation, code, args.qr)
    return 0


def _write_sheets(args: argparse.Namespace) -> int:
    if args.out is None:
        raise InvalidInputError({"out": _("发几个加入码要写 --out FILE.pdf 或 FILE.csv")})
    if args.stations is not None and (args.station or args.role or args.name or args.count or args.qr is not None):
        raise InvalidInputError({"list": _("名单里都有了，--list 不要和 --station、--role、--name、--count 一起用")})
    code_batch.check_out(args.out)
    count = 1 if args.count is None else args.count
    if args.stations is None:
        wishes = [code_batch.Wish(args.station.strip(), args.role, args.name, count)]
    else:
        wishes, args.station = code_batch.read_list(args.stations), ""
    invitation = enrol_qr.check_arguments(args)
    if invitation is None:
        raise InvalidInputError({"url": _("入网通知上要印地址，请用 --url 写上站点连哪里")})
    with opened(args) as store, store.write() as connection:
        rows = code_batch.make_batch(connection, wishes, invitation, hours=args.hours)
    code_batch.write_batch(args.out, rows)
    print(_("{n} 张入网通知存到 {file}，{until} 前有效", n=len(rows), file=args.out, until=rows[0].until))
    return 0


def run_devices(args: argparse.Namespace) -> int:
    """List every device with what it last said of itself."""
    with opened(args) as store, store.read() as connection:
        found = described(connection, list(accounts.list_devices(connection)))
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for item in found:
        state = _("已停用") if item["revoked"] else _("在用")
        seen = _when(item["last_seen_at"])
        known = (item["device_no"], item["id"], item["station_code"], item["role"], state, seen, item["name"])
        print("\t".join((*known, *_said(item))))
    return 0


def _said(item: dict[str, Any]) -> tuple[str, ...]:
    """Return version, queue and disk in words, and what is wrong with its logs."""
    version, report = item["app_version"] or "-", item["report"]
    broken = [break_words(each) for each in item["breaks"]]
    if report is None:
        return version, "，".join(broken) or "-"
    words = [_("待送 {n}", n=report["queued"])]
    if report["parked"] or report["held"]:
        words.append(_("退回 {n}", n=report["parked"] + report["held"]))
    if report["conflicts"]:
        words.append(_("两边不一样 {n}", n=report["conflicts"]))
    if report["free_bytes"] is not None:
        words.append(_("磁盘剩 {n} MB", n=report["free_bytes"] // MEGABYTE))
    if report["last_error"]:
        words.append(report["last_error"])
    return version, "，".join([*broken, *words]), _when(report["reported_at"])


def _when(text: str | None) -> str:
    return f"{clock.to_local(read_instant(text)):%Y-%m-%d %H:%M}" if text else "-"


def run_revoke(args: argparse.Namespace) -> int:
    """Shut a device out."""
    with opened(args) as store, store.write() as connection:
        device = accounts.revoke(connection, args.device)
    print(_("已停用 {device}", device=device))
    return 0


def run_settle_log(args: argparse.Namespace) -> int:
    """Note that somebody looked into what was said of a device's logs."""
    with opened(args) as store, store.write() as connection:
        device = accounts.find_device(connection, args.device).id
        count = settle_breaks(connection, device, args.why)
    print(_("{device} 的 {n} 条日志提示已了结", device=device, n=count))
    return 0


def run_new_epoch(args: argparse.Namespace) -> int:
    """Begin another life of the server."""
    with opened(args) as store, store.write() as connection:
        epoch = new_epoch(connection)
        accounts.skip_numbers(connection)
    print(_("新的一期：{epoch}。各站下次同步会把备份之后办的重新送来；备份之后停用的电脑请再停用一次", epoch=epoch))
    return 0
