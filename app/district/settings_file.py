"""The server's settings in one file: read by systemd for the service, and by every command that is given by hand.

Without it a command typed by an administrator would open another database than the service has: a code from an empty
SQLite file admits nobody. What the environment or an option says stands above the file.
"""

import argparse
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.errors import InvalidInputError, UserError
from app.texts import _

FILE_NAME = "DOORSTEP_DISTRICT_SETTINGS"
"""The variable that names another file than ``USUAL``."""
USUAL = Path("/etc/doorstep/district.env")

DATABASE, DATA = "DOORSTEP_DATABASE_URL", "DOORSTEP_DISTRICT_DATA"
URL, HOST, PORT = "DOORSTEP_DISTRICT_URL", "DOORSTEP_DISTRICT_HOST", "DOORSTEP_DISTRICT_PORT"
TLS_CERT, TLS_KEY = "DOORSTEP_DISTRICT_TLS_CERT", "DOORSTEP_DISTRICT_TLS_KEY"

LOWEST_PORT = 1024
"""Below, a service without rights of its own cannot listen."""
GROUP = "doorstep"
"""Who may read the file besides root: the group of the service's own user."""
SERVICE_DATA = Path("/var/lib/doorstep-district")
SERVICE_DATABASE = "postgresql:///doorstep?host=/var/run/postgresql"
"""PostgreSQL on this computer by its socket: it knows the service's user, so there is no password anywhere."""


def settings_file() -> Path:
    """Return where the settings are looked for."""
    return Path(os.environ.get(FILE_NAME) or USUAL)


def load() -> None:
    """Put the file's settings into the environment, below what is there already; none if it cannot be read."""
    try:
        text = settings_file().read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for name, value in read_settings(text).items():
        os.environ.setdefault(name, value)


def read_settings(text: str) -> dict[str, str]:
    """Return the settings of a file written as systemd reads it: ``NAME=value`` lines, ``#`` and ``;`` comments."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name[:1] in ("#", ";") or not name.strip().startswith("DOORSTEP_"):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        found[name.strip()] = value
    return found


def given(name: str) -> str | None:
    """Return a setting, None where there is none."""
    return os.environ.get(name) or None


def check_readable() -> None:
    """Stop a command that would miss the settings.

    Raises:
        UserError: the file is there, but this user may not read it.
    """
    file = settings_file()
    try:
        there = file.exists()
    except OSError:
        there = True
    if there and not os.access(file, os.R_OK):
        text = _("读不了服务端的设置 {file}。请用服务的用户运行：runuser -u doorstep -- doorstep-district …", file=file)
        raise UserError(text, code="district.settings")


def check_user(database: str | None) -> None:
    """Stop root where the database knows the service's user by the socket, and nobody else.

    Raises:
        UserError: it would say only that there is no role "root".
    """
    if database == SERVICE_DATABASE and hasattr(os, "geteuid") and os.geteuid() == 0:
        text = _("数据库只认服务的用户。请这样运行：runuser -u doorstep -- doorstep-district …")
        raise UserError(text, code="district.settings")


def add_command(commands: Any) -> None:
    """Add the command ``settings``."""
    told = _("写出服务端的设置文件，写过的不覆盖")
    command = commands.add_parser("settings", help=told, description=told)
    command.add_argument("--url", required=True, metavar="URL", help=_("站点连哪里，https://…"))
    command.add_argument("--database", metavar="URL", help=_("默认是本机的 PostgreSQL，不用密码"))
    command.add_argument("--data", metavar="DIR", type=Path, help=_("默认 {folder}", folder=SERVICE_DATA))
    command.add_argument("--out", metavar="FILE", type=Path, help=_("默认 {file}", file=USUAL))
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    file = args.out or settings_file()
    text = compose(args.url, database=args.database or SERVICE_DATABASE, data=args.data or SERVICE_DATA)
    if file.exists():
        raise InvalidInputError({"out": _("已经有 {file} 了，没有改。要改请打开它，或者先把它移走", file=file)})
    if not file.parent.exists():
        file.parent.mkdir(parents=True)
        file.parent.chmod(0o755)  # whatever the administrator's umask: the service's user must get through
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    file.chmod(0o640)
    if _group_is_there() and os.geteuid() == 0:
        shutil.chown(file, group=GROUP)
    print(_("设置写在 {file}", file=file))
    return 0


def compose(url: str, *, database: str, data: Path) -> str:
    """Return the content of the file.

    Raises:
        InvalidInputError: the address is none, or the database is none that the server takes.
    """
    address = url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        port = parts.port or 0
    except ValueError:
        parts, port = urlsplit(""), 0
    known = parts.scheme == "https" and parts.hostname and not parts.path and port >= LOWEST_PORT
    if not known or any(char.isspace() for char in address):
        raise InvalidInputError({"url": _("地址要写成 https://域名:8765 这样，端口 1024 以上：{url}", url=url)})
    if not database.startswith(("postgresql://", "sqlite:///")) or any(char.isspace() for char in database):
        raise InvalidInputError({"database": _("数据库只能用 sqlite:/// 或 postgresql://")})
    values: Mapping[str, tuple[str, object]] = {
        DATABASE: (_("数据库。别的机器上的：postgresql://用户:密码@主机/库名，密码里的符号写成 %XX"), database),
        DATA: (_("更新包和证书放在这里"), data),
        HOST: (_("监听的地址和端口"), "0.0.0.0"),  # noqa: S104 - the stations come from outside
        PORT: ("", port),
        TLS_CERT: (_("TLS 证书和私钥；用单位自己的证书，就写它们在哪里"), data / "cert.pem"),
        TLS_KEY: ("", data / "key.pem"),
        URL: (_("站点连哪里；印在加入单上"), address),
    }
    head = [_("# 家门口区里服务端的设置。改完：systemctl restart doorstep-district")]
    body = [f"{'# ' + told + chr(10) if told else ''}{name}={value}" for name, (told, value) in values.items()]
    return "\n".join(head + body) + "\n"


def _group_is_there() -> bool:
    try:
        import grp
    except ImportError:  # Windows
        return False
    return any(each.gr_name == GROUP for each in grp.getgrall())
