"""A word from the district to its counters: shown at each until it expires or is taken back."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.errors import InvalidInputError, NotFoundError
from app.models.district import Notice
from app.models.wire import to_wire
from app.sync.protocol import clean_text
from app.texts import _

MOST_CHARACTERS, MOST_HOURS = 300, 24 * 366
MOST_SHOWN = 20


def add_notice(connection: sa.Connection, text: str, *, station: str | None = None, hours: int | None = None) -> str:
    """Put up a notice, for one station or for all; without ``hours`` it stays until it is taken back. Return its id.

    Raises:
        InvalidInputError: the text, the station's code or the hours are wrong.
    """
    words = " ".join(text.split())
    errors = {}
    if not words or not clean_text(words, MOST_CHARACTERS):
        errors["text"] = _("通知要 1 到 {n} 个字", n=MOST_CHARACTERS)
    if station is not None and not (
        1 <= len(station) <= 12 and all(char.isalnum() or char in "-_" for char in station)
    ):
        errors["station"] = _("站点编码要 1 到 12 位字母或数字：{code}", code=station)
    if hours is not None and not 1 <= hours <= MOST_HOURS:
        errors["hours"] = _("有效时间在 1 到 {n} 小时之间", n=MOST_HOURS)
    if errors:
        raise InvalidInputError(errors)
    made = clock.now()
    until = made + timedelta(hours=hours) if hours is not None else None
    row = {"id": clock.new_id(), "text": words, "station_code": station, "made_at": made, "expires_at": until}
    connection.execute(sa.insert(table_of(Notice)), row)
    return str(row["id"])


def remove_notice(connection: sa.Connection, notice: str) -> None:
    """Take a notice back.

    Raises:
        NotFoundError: there is none of that id.
    """
    table = table_of(Notice)
    if connection.execute(sa.delete(table).where(table.c.id == notice)).rowcount == 0:
        raise NotFoundError(_("没有这条通知：{notice}", notice=notice), code="district.no_notice")


def list_notices(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return every notice that is kept, latest first, also those that have expired."""
    table = table_of(Notice)
    return list(connection.execute(sa.select(table).order_by(table.c.made_at.desc(), table.c.id.desc())).all())


def notices_for(connection: sa.Connection, station: str) -> list[dict[str, Any]]:
    """Return the notices in force for a station, latest first: {id, text, until}; ``until`` may be null."""
    table = table_of(Notice)
    query = (
        sa.select(table)
        .where(sa.or_(table.c.station_code.is_(None), table.c.station_code == station))
        .where(sa.or_(table.c.expires_at.is_(None), table.c.expires_at > clock.now()))
        .order_by(table.c.made_at.desc(), table.c.id.desc())
        .limit(MOST_SHOWN)
    )
    return [{"id": row.id, "text": row.text, "until": to_wire(row.expires_at)} for row in connection.execute(query)]
