"""Questions to the district that are no part of a sync: asked when somebody looks."""

from collections.abc import Mapping
from typing import Any

from app.db.database import Database
from app.errors import OfflineError
from app.sync.membership import membership
from app.sync.transport import HttpTransport
from app.texts import _


def ask_devices(database: Database, *, ca: str | None = None) -> Mapping[str, Any]:
    """Ask which devices the district knows, as far as this one may see them.

    Raises:
        ExternalError: it cannot be reached, or does not tell this role.
    """
    with database.read() as tx:
        member = membership(tx)
    if member is None:
        raise OfflineError(_("这台电脑还没有加入区里"), code="sync.not_joined")
    transport = member.connect(ca)
    try:
        return transport.devices()
    finally:
        transport.close()


def reach_district(url: str, *, ca: str | None = None, pin: str | None = None) -> str:
    """Ask the district whether it is well, as nobody in particular; return its version.

    Raises:
        ExternalError: it cannot be reached, is not the one with this key, or does not reach its own database.
    """
    transport = HttpTransport(url, ca=ca, pin=pin)
    try:
        said = transport.health()
    finally:
        transport.close()
    if said.get("ok") is not True:
        raise OfflineError(_("区里的服务开着，但它的数据库没有准备好"), code="sync.busy")
    return str(said.get("version", ""))
