"""``release key|sign|add|list|withdraw``: new versions of the program, from the signer's desk to the counters."""

import argparse
import getpass
import json
import sys
from pathlib import Path
from typing import Any

from app.district import accounts
from app.district.command_store import opened, releases_folder
from app.district.release_overview import overview
from app.district.release_signing import Wanted, is_open_to_others, load_key, make_key, sign_package
from app.district.release_store import Audience, Releases, audience_words, reach
from app.errors import InvalidInputError
from app.texts import _
from app.updates.keys import read_keys
from app.updates.manifest import PLATFORMS, SUFFIX
from app.updates.package import Told

OLDEST_SCHEMA = "0001"


def add_to(commands: Any, where: argparse.ArgumentParser) -> None:
    """Add these commands to the parser's."""
    release = commands.add_parser("release", help=_("发新版：做密钥、签名、放上去、看装了多少、撤回"))
    kinds = release.add_subparsers(dest="what", required=True)

    key = kinds.add_parser("key", help=_("做一把签名的密钥；印出要发给各台电脑的公钥"))
    key.add_argument("--out", metavar="FILE", type=Path, required=True, help=_("密钥写到哪里；不要放在服务器上"))
    key.add_argument("--name", metavar="NAME", default="", help=_("公钥那一行的名字，比如“余杭区 2026”"))
    key.add_argument("--passphrase", action="store_true", help=_("用口令锁上密钥（会问两遍）"))
    key.set_defaults(run=run_key)

    signing = kinds.add_parser("sign", help=_("给一个包签名：在旁边写出 .release 文件"))
    signing.add_argument("package", metavar="PACKAGE", type=Path, help=_(".deb 或 setup.exe"))
    signing.add_argument("--version", metavar="1.2.3", help=_("版本；.deb 里写了，可以不给"))
    signing.add_argument(
        "--platform", metavar="NAME", help=_("平台：{names}；包里看得出，可以不给", names=" ".join(PLATFORMS))
    )
    signing.add_argument(
        "--minimum-schema", metavar="0001", default=OLDEST_SCHEMA, help=_("最早能从哪一步数据升上来，默认 0001")
    )
    signing.add_argument("--notes-zh", metavar="FILE", type=Path, required=True, help=_("中文更新说明的文件"))
    signing.add_argument("--notes-en", metavar="FILE", type=Path, required=True, help=_("英文更新说明的文件"))
    signing.add_argument("--key", metavar="FILE", type=Path, required=True, help=_("签名的密钥"))
    signing.set_defaults(run=run_sign)
    _add_offering(kinds, where)


def _add_offering(kinds: Any, where: argparse.ArgumentParser) -> None:
    add = kinds.add_parser("add", parents=[where], help=_("核对一个签过名的包，放上去给各站取；再放一次就是改给谁"))
    add.add_argument("package", metavar="PACKAGE", type=Path, help=_("包；.release 文件在它旁边"))
    first = add.add_mutually_exclusive_group()
    first.add_argument("--stations", metavar="CODES", help=_("先只给这些站点，编码用逗号隔开"))
    first.add_argument("--share", metavar="10%", help=_("先只给这么多的电脑"))
    add.add_argument("--anyway", action="store_true", help=_("退回的电脑多了会自己停下；查清了，照样给"))
    add.set_defaults(run=run_add)

    listed = kinds.add_parser("list", parents=[where], help=_("列出放上去的版本，和各站装了多少"))
    listed.add_argument("--devices", action="store_true", help=_("也列出每台电脑的版本"))
    listed.add_argument("--json", action="store_true", help=_("给程序看的"))
    listed.set_defaults(run=run_list)

    withdraw = kinds.add_parser("withdraw", parents=[where], help=_("撤回一个版本：不再给；还没装的电脑把它丢开"))
    withdraw.add_argument("version", metavar="VERSION", help=_("版本"))
    withdraw.add_argument("--platform", choices=PLATFORMS, metavar="NAME", help=_("只撤回这个平台的"))
    withdraw.set_defaults(run=run_withdraw)


def run_key(args: argparse.Namespace) -> int:
    """Make a key and print its public line."""
    line = make_key(args.out, passphrase=_new_passphrase() if args.passphrase else "", label=args.name)
    print(line)
    print(_("密钥在 {file}：只留在签名的人手里，备份一份锁起来，不放服务器", file=args.out), file=sys.stderr)
    print(_("上面那一行公钥放进各台电脑的 release-keys.txt（docs/releases.md）"), file=sys.stderr)
    return 0


def run_sign(args: argparse.Namespace) -> int:
    """Write the ``.release`` file beside a package."""
    notes = {name: _text_of(file) for name, file in (("zh", args.notes_zh), ("en", args.notes_en))}
    wanted = Wanted(args.version, args.platform, args.minimum_schema, notes["zh"], notes["en"])
    key = load_key(args.key, lambda: getpass.getpass(_("密钥的口令：")))
    if is_open_to_others(args.key):
        print(_("别的用户也读得到这把密钥：请 chmod 600 {file}", file=args.key), file=sys.stderr)
    release = sign_package(args.package, wanted, key, told=_teller())
    file = args.package.with_name(args.package.name + SUFFIX)
    print(_("{version}（{platform}）签好了：{file}", version=release.version, platform=release.platform, file=file))
    return 0


def run_add(args: argparse.Namespace) -> int:
    """Take a package in, for all or for some."""
    audience = Audience(_codes(args.stations), _percent(args.share), args.anyway)
    releases = Releases(releases_folder(args))
    for fault in read_keys().faults:
        print(fault, file=sys.stderr)
    with opened(args) as store:
        with store.read() as connection:
            rows = accounts.list_devices(connection)
            devices = [(row.id, row.station_code) for row in rows if row.revoked_at is None]
        unknown = sorted(set(audience.stations) - {station for _device, station in devices})
        if unknown:
            raise InvalidInputError({"stations": _("这些站点还没有电脑加入，请核对：{codes}", codes=" ".join(unknown))})
        kept = releases.add(args.package, audience, told=_teller())
    print(
        _(
            "{version}（{platform}）放上去了，给{whom}，{n} 台电脑",
            version=kept.version,
            platform=kept.platform,
            whom=audience_words(audience),
            n=reach(audience, kept.version, devices),
        )
    )
    return 0


def run_list(args: argparse.Namespace) -> int:
    """Print each release with how many installed it, and which versions run besides."""
    with opened(args) as store, store.read() as connection:
        found = overview(connection, Releases(releases_folder(args)).every())
    if args.json:
        print(json.dumps(found.facts(), ensure_ascii=False, indent=2))
        return 0
    for line in found.lines(devices=args.devices):
        print(line)
    return 0


def run_withdraw(args: argparse.Namespace) -> int:
    """Offer a version no longer."""
    done = Releases(releases_folder(args)).withdraw(args.version, platform=args.platform)
    for kept in done:
        print(_("{version}（{platform}）撤回了，不再给；装了的照常用", version=kept.version, platform=kept.platform))
    return 0


def _teller() -> Told | None:
    """Return what shows on a terminal how far it is."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, size: int) -> None:
        print(f"\r{done * 100 // max(size, 1)} % ", end="\r" if done == size else "", file=sys.stderr, flush=True)

    return tell


def _new_passphrase() -> str:
    first, again = getpass.getpass(_("给密钥定一个口令：")), getpass.getpass(_("再输一遍："))
    if not first or first != again:
        raise InvalidInputError({"passphrase": _("两遍口令不一样，或者是空的；没有做密钥")})
    return first


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, ValueError):
        raise InvalidInputError({"notes": _("更新说明读不了（要 UTF-8 的文字文件）：{file}", file=file)}) from None


def _codes(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    codes = tuple(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))
    if not codes:
        raise InvalidInputError({"stations": _("站点编码用逗号隔开，至少一个")})
    return codes


def _percent(text: str | None) -> float:
    if text is None:
        return 100.0
    digits = text.strip().removesuffix("%").removesuffix("％")
    if not (digits.isascii() and digits.replace(".", "", 1).isdigit() and 0 < float(digits) <= 100):
        raise InvalidInputError({"share": _("比例是 0 到 100 之间的百分数，比如 10%")})
    return float(digits)
