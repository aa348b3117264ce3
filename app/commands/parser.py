"""Every command's arguments, in one place and light: what a command does is imported when it runs.

``run`` names the function, ``module:function`` below ``app.commands``. The window and ``--help`` thus start at once.
"""

import argparse
import platform
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from app import __version__, texts
from app.texts import _

IMPORTABLE = ("residents", "employers", "vacancies", "enrolments")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``--help`` of each suffices."""
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
    for add in (
        _add_demo, _add_exchange, _add_carry, _add_work, _add_ledger, _add_months, _add_store, _add_program,
        _add_update,
    ):  # fmt: skip
        add(commands, common)
    return parser


def run_command(options: argparse.Namespace) -> int:
    """Import the chosen command and run it; return its exit status."""
    module, _colon, function = options.run.partition(":")
    status: int = getattr(import_module(f"app.commands.{module}"), function)(options)
    return status


def _command(
    commands: Any, common: argparse.ArgumentParser, name: str, run: str, told: str, *, staff: bool = True
) -> argparse.ArgumentParser:
    """Add one command; ``staff``: a person runs it."""
    parser: argparse.ArgumentParser = commands.add_parser(name, parents=[common], help=told, description=told)
    parser.set_defaults(run=run)
    if staff:
        parser.add_argument("--staff", metavar=_("姓名"), help=_("谁在办；这台电脑只有一个人时可以不写"))
    return parser


def _add_demo(commands: Any, common: argparse.ArgumentParser) -> None:
    demo = _command(commands, common, "demo", "demo:run_demo", _("不用屏幕演一遍窗口的一天"), staff=False)
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("推荐信、导入结果和画面放哪里"))
    demo.add_argument("--database", metavar="URL", help=_("区县服务端用哪个 PostgreSQL；不写就用 SQLite"))
    demo.add_argument("--no-shots", action="store_true", help=_("不拍画面"))
    shots = _command(commands, common, "shots", "demo:run_shots", _("把每个画面拍成图"), staff=False)
    shots.add_argument("--out", type=Path, required=True, metavar="DIR", help=_("画面放哪里"))


def _add_exchange(commands: Any, common: argparse.ArgumentParser) -> None:
    join = _command(commands, common, "enrol", "exchange:run_enrol", _("用加入码加入区里"))
    join.add_argument("url", metavar="URL", help=_("区里服务端的地址，或者二维码里的整行文字"))
    join.add_argument("code", metavar="CODE", nargs="?", default="", help=_("区里发的一次性加入码；给了整行就不用写"))
    join.add_argument("--pin", metavar="PIN", help=_("区里证书的指纹，sha256:…"))
    join.add_argument("--device-name", default=platform.node() or "counter", help=_("这台电脑叫什么"))
    join.add_argument("--ca", metavar="FILE", help=_("区里的证书（PEM）"))
    sync = _command(commands, common, "sync", "exchange:run_sync", _("和区里同步"))
    sync.add_argument("--once", action="store_true", help=_("只同步一次就结束"))
    sync.add_argument("--allow-removal", action="store_true", help=_("区里要拿走很多记录、先停住了的，放行一次"))
    sync.add_argument("--ca", metavar="FILE", help=_("区里的证书（PEM）"))
    status = _command(commands, common, "status", "exchange:run_status", _("什么还没送出，什么被退回"))
    status.add_argument("--json", action="store_true", help=_("写成 JSON"))
    status.add_argument(
        "--export-sealed",
        type=Path,
        metavar="FILE",
        help=_("把封存的（这台电脑不再管的那一路上没送出的）写成 JSON 文件"),
    )


def _add_carry(commands: Any, common: argparse.ArgumentParser) -> None:
    told = _("连不上区里时，和同站的电脑直接交换")
    lan = commands.add_parser("lan", help=told, description=told).add_subparsers(dest="what", required=True)
    offer = _command(lan, common, "offer", "carry:run_lan_offer", _("等同站的电脑来连；半小时没人来就结束"))
    offer.add_argument("--port", type=int, default=0, help=_("端口，不写就任意一个空闲的"))
    offer.add_argument("--host", default="0.0.0.0", help=_("监听的地址，默认本机所有网口"))  # noqa: S104
    join = _command(lan, common, "join", "carry:run_lan_join", _("连上在等的那台电脑，交换一次"))
    join.add_argument("code", nargs="?", metavar="CODE", help=_("那台电脑显示的连接码；不写就在局域网里找"))
    told = _("用 U 盘上的加密文件送和取")
    packet = commands.add_parser("packet", help=told, description=told).add_subparsers(dest="what", required=True)
    make = _command(packet, common, "make", "carry:run_packet_make", _("把没送出的写成加密文件"))
    make.add_argument("file", type=Path, metavar="FILE", help=_("写到哪里，比如 U 盘上的 a.dsp"))
    make.add_argument(
        "--for", dest="purpose", choices=("district", "station"), default="district", help=_("送给区里，还是同站的电脑")
    )
    take = _command(packet, common, "take", "carry:run_packet_take", _("收下区里的回执文件，或同站电脑的文件"))
    take.add_argument("file", type=Path, metavar="FILE", help=_("收哪个文件"))


def _add_work(commands: Any, common: argparse.ArgumentParser) -> None:
    found = _command(commands, common, "found", "work:run_found", _("离线建站：这台电脑成为第一个窗口"), staff=False)
    found.add_argument("--name", required=True, help=_("站点名称"))
    found.add_argument("--code", required=True, help=_("站点编码，12 位"))
    found.add_argument("--county", required=True, help=_("县区代码，6 位"))
    found.add_argument("--street", help=_("街道"))
    found.add_argument("--phone", help=_("站点电话"))
    found.add_argument("--staff", required=True, metavar=_("姓名"), help=_("站长姓名"))
    importing = _command(commands, common, "import", "work:run_import_file", _("导入 Excel 或 CSV"))
    importing.add_argument("kind", choices=IMPORTABLE, help=_("导入什么：居民、单位、岗位、培训报名名单"))
    importing.add_argument("file", type=Path, metavar="FILE", help=_("Excel 或 CSV 文件"))
    told = _("报名名单报到哪个班：班号、id，或者不重的班名")
    importing.add_argument("--class", dest="held_class", metavar="NO", help=told)
    importing.add_argument("--map", type=Path, metavar="FILE", help=_("列的对应（JSON）"))
    importing.add_argument("--sheet", help=_("工作表名"))
    importing.add_argument("--dry-run", action="store_true", help=_("只看结果，不存"))
    importing.add_argument("--report", type=Path, metavar="FILE", help=_("把逐行结果写成 CSV"))
    publish = _command(commands, common, "publish", "work:run_publish", _("发布待审岗位（站长）"))
    publish.add_argument("--all", action="store_true", required=True, help=_("所有待审的"))
    match = _command(commands, common, "match", "work:run_match", _("给一位居民找岗位，说明理由"))
    match.add_argument("resident", help=_("姓名、拼音、证件号或手机尾号、档案 id"))
    match.add_argument("--top", type=int, default=20, help=_("最多几个，默认 20"))
    match.add_argument("--json", action="store_true", help=_("写成 JSON"))


def _add_ledger(commands: Any, common: argparse.ArgumentParser) -> None:
    ledger = _command(commands, common, "ledger", "ledger:run_ledger", _("导出台账：Excel、PDF 或 CSV"))
    ledger.add_argument(
        "kind", metavar="KIND", help=_("哪本台账，如 L06 或 referrals；compare 是站点对比；list 列出全部")
    )
    ledger.add_argument("--month", metavar="YYYY-MM", help=_("哪个月；不写是上个月"))
    ledger.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD", help=_("或者从哪天"))
    ledger.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD", help=_("到哪天，含这天"))
    ledger.add_argument("--out", type=Path, metavar="FILE", help=_("写到哪里：.xlsx、.pdf 或 .csv"))
    ledger.add_argument("--community", default="", metavar="CODE", help=_("只要这个街道或社区（区划代码）"))
    ledger.add_argument("--grid", default="", metavar="CODE", help=_("只要这个网格"))
    ledger.add_argument("--officer", default="", metavar=_("姓名"), help=_("只要这位经办人的"))
    ledger.add_argument("--group", default="", metavar="CODE", help=_("只要这类重点群体（代码）"))
    ledger.add_argument("--district", action="store_true", help=_("向区里取，站点都在里面；不写就用本机的"))
    told = _("只要这个站点（编码），可以写几次")
    ledger.add_argument("--station", action="append", default=[], metavar="CODE", help=told)
    ledger.add_argument("--block", default="", metavar="ABCD", help=_("站点对比只要这几块指标，如 AB"))
    ledger.add_argument("--ca", metavar="FILE", help=_("区里的证书（PEM）"))
    told = _("Excel 文件加打开密码：密码写在这个文件的第一行，写 - 就在终端里问")
    ledger.add_argument("--password", default="", metavar="FILE", help=told)
    ledger.add_argument("--whole", default="", metavar=_("理由"), help=_("导出完整姓名和号码，写明理由，会留痕"))


def _add_months(commands: Any, common: argparse.ArgumentParser) -> None:
    told = _("月度结账：列出、结账、重新打开、核对")
    month = commands.add_parser("month", help=told, description=told).add_subparsers(dest="what", required=True)
    _command(month, common, "list", "month:run_month_list", _("列出结过账的月份"))
    close = _command(month, common, "close", "month:run_month_close", _("给一个月结账（站长）"))
    close.add_argument("month", nargs="?", metavar="YYYY-MM", help=_("哪个月；不写是上个月"))
    again = _command(month, common, "reopen", "month:run_month_reopen", _("重新打开结过账的月份（站长），要写原因"))
    again.add_argument("month", metavar="YYYY-MM", help=_("哪个月"))
    again.add_argument("--why", default="", metavar=_("原因"), help=_("为什么重新打开，会留痕"))
    check = _command(
        month, common, "check", "month:run_month_check", _("把封存的内容和校验值逐本核对；有不一样的以 1 结束")
    )
    check.add_argument("month", nargs="?", metavar="YYYY-MM", help=_("哪个月；不写就核对全部"))


def _add_store(commands: Any, common: argparse.ArgumentParser) -> None:
    backup = _command(commands, common, "backup", "store:run_backup", _("做一份加密备份"))
    backup.add_argument("file", type=Path, metavar="FILE", help=_("备份写到哪里"))
    restore = _command(commands, common, "restore", "store:run_restore", _("用备份恢复；原来的数据留在一边"))
    restore.add_argument("file", type=Path, metavar="FILE", help=_("用哪个备份"))
    restore.add_argument("--recovery-key", metavar="KEY", help=_("换了电脑，或忘了 PIN：建站时打印的恢复密钥"))
    doctor = _command(commands, common, "doctor", "store:run_doctor", _("检查本机数据，能修的就修"))
    doctor.add_argument("--check", action="store_true", help=_("只看，不修"))
    told = _("自检：装好的程序在这台电脑上能不能用；不用 PIN，不用屏幕，不动数据")
    doctor.add_argument("--self-test", action="store_true", help=told)
    doctor.add_argument("--json", action="store_true", help=_("自检的结果写成 JSON"))
    doctor.add_argument("--ca", metavar="FILE", help=_("区里的证书（PEM）"))
    forget = _command(
        commands, common, "forget", "forget:run_forget", _("删掉这台电脑上的数据（站长），问两遍，先备份")
    )
    forget.add_argument("--backup", type=Path, metavar="FILE", help=_("先做的备份写到哪里；不写就放在个人文件夹"))
    forget.add_argument("--no-backup", action="store_true", help=_("不备份就删"))


def _add_program(commands: Any, common: argparse.ArgumentParser) -> None:
    card = _command(commands, common, "card", "card:run_card", _("窗口一页卡，存成 PDF"), staff=False)
    card.add_argument("--out", type=Path, required=True, metavar="FILE", help=_("写到哪里：.pdf"))
    card.add_argument("--phone", default="", metavar=_("电话"), help=_("本站电话；不写就留空，用笔填"))
    card.add_argument("--district-phone", default="", metavar=_("电话"), help=_("区里电话；不写就用设置里的"))
    licences = _command(
        commands, common, "licences", "licences:run_licences", _("程序带着什么，各按什么许可"), staff=False
    )
    licences.add_argument("word", nargs="?", default="", metavar="WORD", help=_("只要名称或许可里有这个词的"))
    licences.add_argument("--full", action="store_true", help=_("连许可全文一起"))


def _add_update(commands: Any, common: argparse.ArgumentParser) -> None:
    told = _("程序的新版本：看情况、取、从 U 盘取、退回上一版；都是下次打开窗口时才换")
    update = commands.add_parser("update", help=told, description=told).add_subparsers(dest="what", required=True)
    status = _command(
        update, common, "status", "update:run_update_status", _("现在用哪个版本，有没有新的"), staff=False
    )
    status.add_argument("--json", action="store_true", help=_("写成 JSON"))
    fetched = _command(update, common, "fetch", "update:run_update_fetch", _("向区里取新版本，下次启动时安装"))
    fetched.add_argument("--ca", metavar="FILE", help=_("区里的证书（PEM）"))
    take = _command(update, common, "take", "update:run_update_take", _("从 U 盘取新版本，下次启动时安装"), staff=False)
    take.add_argument("file", type=Path, metavar="FILE", help=_("更新包（.deb），或它旁边的 .release"))
    _command(update, common, "back", "update:run_update_back", _("下次启动用回上一版"), staff=False)
