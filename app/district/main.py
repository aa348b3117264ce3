"""The command ``doorstep-district``: serve and verify here, the others in ``commands_*`` and ``certificate``."""

import argparse
import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app import __version__
from app.district import (
    certificate,
    commands_devices,
    commands_ledgers,
    commands_notices,
    commands_packets,
    push_workers,
    release_commands,
    settings_file,
)
from app.district.api import create_api
from app.district.blobs import drop_unfinished
from app.district.command_store import open_store, opened, releases_folder
from app.district.rulings import catch_up
from app.district.store import DistrictStore
from app.district.verify import verify
from app.errors import AppError, InvalidInputError
from app.logs import MaskingFormatter
from app.sync.pulling import TURN
from app.texts import LANGUAGES, _, set_language

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
        _tell_systemd()


def _tell_systemd() -> None:
    """Say that requests are taken, where a service manager waits for it (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect("\0" + address[1:] if address.startswith("@") else address)
        told.sendall(b"READY=1")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    settings_file.load()
    given = sys.argv[1:] if argv is None else list(argv)
    if given == [push_workers.NAME]:  # started by the server alone, hence in no help
        _log_from(logging.WARNING)
        return push_workers.serve()
    if os.environ.get("DOORSTEP_LANGUAGE") in LANGUAGES and "serve" not in given[:1]:
        set_language(os.environ["DOORSTEP_LANGUAGE"])  # the administrator's; what the server tells counters is Chinese
    parser = _parser()
    args = parser.parse_args(given)
    _log_from(logging.INFO if args.command == "serve" else logging.WARNING)
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


def _log_from(level: int) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskingFormatter())
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="doorstep-district", description=_("区县服务端：站点把办的事送上来，把别处办的取回去。")
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument(
        "--database",
        metavar="URL",
        help=_("postgresql://… 或 sqlite:///文件；不写就用设置里的（DOORSTEP_DATABASE_URL），没有设置就用 SQLite"),
    )
    where.add_argument("--data", metavar="DIR", type=Path, help=_("数据文件夹"))

    _add_serve(commands, where)

    commands_devices.add_to(commands, where)
    commands_notices.add_to(commands, where)
    commands_packets.add_to(commands, where)
    commands_ledgers.add_to(commands, where)
    release_commands.add_to(commands, where)
    certificate.add_command(commands)
    settings_file.add_command(commands)
    check = commands.add_parser("verify", parents=[where], help=_("用操作记录重建每份记录并核对"))
    check.set_defaults(run=_verify)
    return parser


def _add_serve(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", where: argparse.ArgumentParser) -> None:
    serve = commands.add_parser("serve", parents=[where], help=_("开服务"))
    own = settings_file.given
    host, port = own(settings_file.HOST) or "127.0.0.1", own(settings_file.PORT) or "8765"
    cert, key = own(settings_file.TLS_CERT), own(settings_file.TLS_KEY)
    serve.add_argument("--host", default=host, help=_("监听的地址，默认只有本机"))
    serve.add_argument("--port", type=_port, default=port, help=_("端口，默认 8765；0 表示任意空闲端口"))
    serve.add_argument("--tls-cert", metavar="FILE", type=Path, default=cert, help=_("TLS 证书（PEM）"))
    serve.add_argument("--tls-key", metavar="FILE", type=Path, default=key, help=_("TLS 私钥（PEM）"))
    serve.add_argument(
        "--attachments-mb", type=_megabytes, metavar="N", help=_("每个站点最多存多少附件（MB），默认 2048")
    )
    serve.add_argument(
        "--release-mbit",
        type=_mbit,
        metavar="N",
        default=os.environ.get("DOORSTEP_RELEASE_MBIT") or None,
        help=_("发新版一共最多占多少带宽（Mbit/s），默认 50"),
    )
    serve.add_argument(
        "--metrics-token",
        metavar="TOKEN",
        default=os.environ.get("DOORSTEP_METRICS_TOKEN") or None,
        help=_("带这个令牌的可以从别的机器看 /metrics；不写就只有本机能看"),
    )
    serve.add_argument(
        "--push-workers",
        type=_workers,
        metavar="N",
        default=os.environ.get("DOORSTEP_PUSH_WORKERS") or None,
        help=_("收大批操作的进程，默认每个处理器一个、最多 4 个；0 表示不开（SQLite 不开）"),
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


def _mbit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(_("发新版的带宽是 1 以上的整数（Mbit/s）"))
    return int(text)


def _workers(text: str) -> int:
    if not text.isdigit() or int(text) > 64:
        raise argparse.ArgumentTypeError(_("收大批操作的进程是 0 到 64 的整数"))
    return int(text)


def _share_the_turn() -> None:
    """Let a request that comes back from the database go on soon.

    Python's own 5 ms are waited for at each of a push's twenty questions while another thread is busy deciding.
    """
    sys.setswitchinterval(TURN)
    push_workers.freeze_garbage()


def _api(store: DistrictStore, args: argparse.Namespace) -> FastAPI:
    workers = push_workers.count_for(store, args.push_workers)
    folder = releases_folder(args)
    api = create_api(store, metrics_token=args.metrics_token, releases=folder, push_workers=workers)
    if args.attachments_mb is not None:
        api.state.blob_quota = args.attachments_mb * 1024 * 1024
    if args.release_mbit is not None:
        api.state.release_gate.mbit = args.release_mbit
    return api


def _serve(args: argparse.Namespace) -> int:
    if (args.tls_cert is None) != (args.tls_key is None):
        raise InvalidInputError({"tls": _("TLS 证书和私钥要一起给")})
    for file in (args.tls_cert, args.tls_key):
        if file is not None and not file.is_file():
            raise InvalidInputError({"tls": _("没有这个文件：{file}", file=file)})
    store = open_store(args)
    api = _api(store, args)
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
    with store.write() as connection:
        drop_unfinished(connection)
    server = _Server(config)
    _share_the_turn()
    api.state.rulings.wake()
    try:
        server.run()
    except SystemExit:
        print(_("开不了：地址 {host}:{port} 用不了，可能已被占用", host=args.host, port=args.port), file=sys.stderr)
        return 1
    finally:
        api.state.rulings.close()
        api.state.desk.close()
        api.state.workers.close()
        store.close()
    return 0 if server.started else 1


def _verify(args: argparse.Namespace) -> int:
    with opened(args) as store:
        catch_up(store)  # what a crash left undecided is decided first
        with store.read() as connection:
            report = verify(connection)
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
