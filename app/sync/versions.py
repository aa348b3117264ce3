"""What this program and a district of another version can exchange: what one cannot take waits, nothing is lost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import ProtocolError
from app.models.operation import SCHEMA
from app.sync.protocol import PROTOCOL_MAX, PROTOCOL_MIN, SCHEMA_NEWEST, SCHEMA_OLDEST, dumps
from app.texts import _


@dataclass
class Terms:
    """Which schemas of operations the district reads in this run.

    ``too_old``: this program must be upgraded before it pulls. ``waiting``: some operation had to be held back.
    """

    low: int = SCHEMA_OLDEST
    high: int = SCHEMA_NEWEST
    too_old: bool = False
    waiting: bool = False

    def takes(self, batch: list[str]) -> list[str]:
        """Return the beginning of a batch that the district can read; the rest must wait, in order.

        An operation that an older program wrote is stated in a schema that this one writes: they read alike so far.
        """
        if self.low <= SCHEMA_OLDEST and self.high >= SCHEMA_NEWEST:
            return batch
        taken = []
        for text in batch:
            op = json.loads(text)
            if op["schema"] < self.low <= SCHEMA:
                op["schema"], text = self.low, dumps({**op, "schema": self.low})
            if not self.low <= op["schema"] <= self.high:
                self.waiting = True
                break
            taken.append(text)
        return taken

    def check_before_pull(self) -> None:
        """Stop after the push where this program is too old for more.

        Raises:
            ProtocolError: it must be upgraded first.
        """
        if self.too_old:
            text = _("这台电脑的程序太旧，请升级。能送的都送了，其余的和要取的等升级以后；东西都在本机")
            raise ProtocolError(text, code="sync.version")

    def check_all_sent(self) -> None:
        """Say at the end of a run that something had to wait.

        Raises:
            ProtocolError: the district's program is too old for it.
        """
        if self.waiting:
            text = _("区里的程序旧，有几笔还收不了。都在本机等着，区里升级后自动送；别的照常")
            raise ProtocolError(text, code="sync.district_old")


def terms_of(status: Mapping[str, Any]) -> Terms:
    """Return what can be exchanged with a district that says this of itself.

    Raises:
        ProtocolError: nothing can: the district's program is too old.
    """
    speaks_from, speaks_to = _range(status.get("protocol"), PROTOCOL_MIN, PROTOCOL_MAX)
    if speaks_to < PROTOCOL_MIN:
        text = _("区里的程序太旧，还不能同步。东西都在本机，区里升级后自动送")
        raise ProtocolError(text, code="sync.district_old")
    low, high = _range(status.get("op_schema"), SCHEMA_OLDEST, SCHEMA_NEWEST)
    return Terms(low, high, too_old=speaks_from > PROTOCOL_MAX or low > SCHEMA)


def _range(said: object, low: int, high: int) -> tuple[int, int]:
    """Return what the district said of its versions; one that says nothing is taken to be of ours."""
    said = said if isinstance(said, Mapping) else {}
    found = tuple(said.get(name, default) for name, default in (("min", low), ("max", high)))
    return (int(found[0]), int(found[1])) if all(isinstance(each, int) for each in found) else (low, high)
