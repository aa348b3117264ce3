"""The command ``doorstep-district``: serve, certificate, enrol-code, devices, revoke, new-epoch, verify."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from app import __version__, paths
from app.district import accounts, certificate, enrol_qr
from app.district.api import create_api
from app.district.rulings import catch_up
from app.district.store import DistrictStore, new_epoch
from app.district.verify import verify
from app.errors import AppError, InvalidInputError
from app.models.acts import ROLES
from app.texts import _

__all__ = ["create_api", "main"]


class _Server(uvicorn.Server):
    """Prints one line with the address once requests are taken."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        scheme = "https" if self.config.is_ssl else "http"
        shown = f"[{host}]" if ":" in host else host
        print(_("区里的服务已开：{url}", url=f"{scheme}://{shown}:{port}"), flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.INFO if args.command == "serve" else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        return int(args.run(args))
    except InvalidInputError as problem:
        print(problem.text, file=sys.stderr)
        return 2
    except AppError as problem:
        print(problem.text, file=sys.stderr)
        return 1
    except OSError as problem:
        print(_("开不了：{problem}", problem=problem.strerror or str(problem)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doorstep-district", description=_("区县服务端：站点把办的事送上来，把别处办的取回去。")
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument(
        "--database", metavar="URL", help=_("postgresql://… 或 sqlite:///文件；不写就用数据文件夹里的 SQLite")
    )
    where.add_argument("--data", metavar="DIR", type=Path, help=_("数据文件夹"))

    _add_serve(commands, where)

    code = commands.add_parser("enrol-code", parents=[where], help=_("发一个一次性的加入码"))
    code.add_argument("--station", required=True, metavar="CODE", help=_("站点编码，最多 12 位"))
    code.add_argument("--role", required=True, metavar="ROLE", help=_("岗位：{roles}", roles=" ".join(ROLES)))
    code.add_argument("--name", metavar="NAME", help=_("站点名称"))
    code.add_argument("--hours", type=int, default=accounts.CODE_HOURS, help=_("几小时内有效，默认 72"))
    enrol_qr.add_arguments(code)
    code.set_defaults(run=_enrol_code)
    certificate.add_command(commands)

    devices = commands.add_parser("devices", parents=[where], help=_("列出加入的电脑"))
    devices.set_defaults(run=_devices)
    revoke = commands.add_parser("revoke", parents=[where], help=_("停用一台电脑"))
    revoke.add_argument("device", metavar="DEVICE", help=_("设备的编号或两位设备号"))
    revoke.set_defaults(run=_revoke)
    epoch = commands.add_parser(
        "new-epoch", parents=[where], help=_("数据库从备份恢复之后、开服务之前办一次：各站把备份之后的重新送来")
    )
    epoch.set_defaults(run=_new_epoch)
    check = commands.add_parser("verify", parents=[where], help=_("用操作记录重建每份记录并核对"))
    check.set_defaults(run=_verify)
    return parser


def _add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", where: argparse.ArgumentParser) -> None:
    serve = commands.add_parser("serve", parents=[where], help=_("开服务"))
    serve.add_argument("--host", default="127.0.0.1", help=_("监听的地址，默认只有本机"))
    serve.add_argument("--port", type=_port, default=8765, help=_("端口，默认 8765；0 表示任意空闲端口"))
    serve.add_argument("--tls-cert", metavar="FILE", type=Path, help=_("TLS 证书（PEM）"))
    serve.add_argument("--tls-key", metavar="FILE", type=Path, help=_("TLS 私钥（PEM）"))
    serve.add_argument(
        "--attachments-mb", type=_megabytes, metavar="N", help=_("每个站点最多存多少附件（MB），默认 2048")
    )
    serve.set_defaults(run=_serve)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(_("端口是 0 到 65535 的数"))
    return int(text)


def _megabytes(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 2**24:
        raise argparse.ArgumentTypeError(_("附件的总量是 1 以上的整数（MB）"))
    return int(text)


def open_store(args: argparse.Namespace) -> DistrictStore:
    """Return the prepared database that a command names."""
    folder = args.data or paths.default_district_data()
    url = args.database
    if url is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'district.db'}"
    store = DistrictStore(url)
    store.prepare()
    return store


def _serve(args: argparse.Namespace) -> int:
    if (args.tls_cert is None) != (args.tls_key is None):
        raise InvalidInputError({"tls": _("TLS 证书和私钥要一起给")})
    for file in (args.tls_cert, args.tls_key):
        if file is not None and not file.is_file():
            raise InvalidInputError({"tls": _("没有这个文件：{file}", file=file)})
    store = open_store(args)
    api = create_api(store)
    if args.attachments_mb is not None:
        api.state.blob_quota = args.attachments_mb * 1024 * 1024
    config = uvicorn.Config(
        api,
        host=args.host,
        port=args.port,
        ssl_certfile=args.tls_cert,
        ssl_keyfile=args.tls_key,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    api.state.rulings.wake()
    try:
        server.run()
    except SystemExit:
        print(_("开不了：地址 {host}:{port} 用不了，可能已被占用", host=args.host, port=args.port), file=sys.stderr)
        return 1
    finally:
        api.state.rulings.close()
        store.close()
    return 0 if server.started else 1


def _enrol_code(args: argparse.Namespace) -> int:
    if not 1 <= args.hours <= 24 * 90:
        raise InvalidInputError({"hours": _("有效时间在 1 到 2160 小时之间")})
    invitation = enrol_qr.check_arguments(args)
    store = open_store(args)
    with store.write() as connection:
        code = accounts.make_code(connection, station=args.station, role=args.role, name=args.name, hours=args.hours)
    store.close()
    print(code)
    if invitation is not None:
        enrol_qr.hand_out(invitation, code, args.qr)
    return 0


def _devices(args: argparse.Namespace) -> int:
    store = open_store(args)
    with store.read() as connection:
        rows = accounts.list_devices(connection)
    store.close()
    for row in rows:
        item = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        seen = accounts.local_text(item["last_seen_at"]) if item["last_seen_at"] else "-"
        state = _("已停用") if item["revoked_at"] else _("在用")
        print("\t".join((item["device_no"], item["id"], item["station_code"], item["role"], state, seen, item["name"])))
    return 0


def _revoke(args: argparse.Namespace) -> int:
    store = open_store(args)
    with store.write() as connection:
        device = accounts.revoke(connection, args.device)
    store.close()
    print(_("已停用 {device}", device=device))
    return 0


def _new_epoch(args: argparse.Namespace) -> int:
    store = open_store(args)
    with store.write() as connection:
        epoch = new_epoch(connection)
    store.close()
    print(_("新的一期：{epoch}。各站下次同步会把备份之后办的重新送来；备份之后停用的电脑请再停用一次", epoch=epoch))
    return 0


def _verify(args: argparse.Namespace) -> int:
    store = open_store(args)
    catch_up(store)  # what a crash left undecided is decided first
    with store.read() as connection:
        report = verify(connection)
    store.close()
    print(
        _(
            "核对了 {records} 份记录、{entries} 条变动：{bad} 处不符",
            records=report.records,
            entries=report.entries,
            bad=len(report.faults),
        )
    )
    for fault in report.faults[:50]:
        print(fault, file=sys.stderr)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
