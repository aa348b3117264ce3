"""How a device belongs to its district, and joining one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from app import __version__
from app.db import state
from app.db.database import Database, Transaction
from app.errors import ProtocolError, RuleError
from app.models.operation import PENDING, Operation
from app.services import outbox
from app.sync.invitation import invited
from app.sync.neighbours import note_status
from app.sync.transport import HttpTransport
from app.texts import _

DISTRICT_PIN = outbox.DISTRICT_PIN
UNREACHED = (
    "sync.offline",
    "sync.no_network",
    "sync.not_the_district",
    "sync.cut_off",
    "sync.busy",
    "sync.clock",
    "sync.address",
    "sync.revoked",
    "sync.auth",
)
"""Codes of a run that did not get through to the district (line.py), or that it shut out."""


@dataclass(frozen=True)
class Membership:
    """What a device knows of its district. ``pin``: the only public key it talks to, where it was given one."""

    url: str
    token: str
    device: str
    epoch: str
    feeds: tuple[str, ...]
    pin: str | None = None

    def connect(self, ca: str | None = None) -> HttpTransport:
        """Return a connection to the district that trusts what this device was told to trust."""
        return HttpTransport(self.url, self.token, ca=ca, pin=self.pin)


def membership(tx: Transaction) -> Membership | None:
    """Return how this device belongs to its district, or None before it joined."""

    def get(key: str) -> Any:
        return state.get_state(tx.session, key)

    if get(outbox.DISTRICT_URL) is None or get(outbox.DISTRICT_TOKEN) is None:
        return None
    return Membership(
        url=get(outbox.DISTRICT_URL),
        token=get(outbox.DISTRICT_TOKEN),
        device=str(get(state.DEVICE_ID)),
        epoch=get(outbox.DISTRICT_EPOCH),
        feeds=tuple(get(outbox.DISTRICT_FEEDS) or ()),
        pin=get(DISTRICT_PIN),
    )


def note_contact(tx: Transaction, now: str, trouble: str | None) -> None:
    """Note since when the district cannot be reached; a district that answered, with whatever, was reached."""
    since = state.get_state(tx.session, outbox.OFFLINE_SINCE)
    away = trouble in UNREACHED or (trouble or "").startswith("sync.certificate")
    if away != (since is not None):
        state.set_state(tx.session, outbox.OFFLINE_SINCE, now if away else None)


def enrol(
    database: Database, url: str, code: str, device_name: str, *, ca: str | None = None, pin: str | None = None
) -> Mapping[str, Any]:
    """Join a district by a one-time code, keeping this device's id and what it did before.

    ``url`` or ``code`` may be the whole text of an invitation (invitation.py).

    Raises:
        InvalidInputError: the invitation is not whole.
        RuleError: this device serves another station than the code's.
        ExternalError: the district cannot be reached, or does not take the code.
    """
    asked = invited(url, code, pin=pin)
    with database.write(None) as tx:
        device, station = state.device_id(tx.session), state.station_code(tx.session)
        number = state.get_state(tx.session, state.DEVICE_NO)
    if station is not None and asked.station not in (None, station):
        raise _other_station(str(asked.station), station)
    transport = HttpTransport(asked.url, ca=ca, pin=asked.pin)
    try:
        answer = transport.enrol(asked.code, device_name, __version__, device, station or asked.station, number)
    finally:
        transport.close()
    with database.write(None) as tx:
        _keep_membership(tx, transport.url, answer)
        state.set_state(tx.session, DISTRICT_PIN, asked.pin)
    return answer


def _other_station(code: str, own: str) -> RuleError:
    text = _("这个加入码是站点 {code} 的，这台电脑是站点 {own} 的", code=code, own=own)
    return RuleError(text, code="sync.other_station")


def _keep_membership(tx: Transaction, url: str, answer: Mapping[str, Any]) -> None:
    station = state.station_code(tx.session)
    try:
        facts = {
            state.DEVICE_ID: str(answer["device"]),
            state.STATION_CODE: str(answer["station_code"]),
            outbox.DISTRICT_URL: url,
            outbox.DISTRICT_TOKEN: str(answer["token"]),
            outbox.DISTRICT_ROLE: str(answer["role"]),
            outbox.DISTRICT_FEEDS: [str(feed) for feed in answer["feeds"]],
            outbox.DISTRICT_EPOCH: str(answer["epoch"]),
        }
    except (KeyError, TypeError) as problem:
        raise ProtocolError(_("区里的回答看不懂，请稍后再试")) from problem
    if station is not None and station != facts[state.STATION_CODE]:
        raise _other_station(str(facts[state.STATION_CODE]), station)
    for optional, key in (("device_no", state.DEVICE_NO), ("county_code", state.COUNTY_CODE)):
        if answer.get(optional):
            facts[key] = str(answer[optional])
    before = state.device_id(tx.session)
    if before != facts[state.DEVICE_ID]:
        tx.session.connection().execute(
            update(Operation)
            .where(col(Operation.device) == before, col(Operation.state) == PENDING)
            .values(device=facts[state.DEVICE_ID])
        )
    if state.get_state(tx.session, outbox.DISTRICT_EPOCH) is not None:
        # Joined before: the next run sees whether the server lives another epoch, and does what follows from that.
        del facts[outbox.DISTRICT_EPOCH]
    for key, value in facts.items():
        state.set_state(tx.session, key, value)
    note_status(tx, answer)
