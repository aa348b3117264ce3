"""Devices: one-time enrolment codes, tokens, which feeds a role reads and writes, revocation."""

import hashlib
import secrets
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.problems import ProblemError
from app.district.seals import keep_former
from app.district.station_keys import ensure_key, renew_key
from app.district.store import DISTRICT_CODE, get_fact, insert_missing, put_fact
from app.errors import InvalidInputError, NotFoundError
from app.models.acts import CLERK, OFFICER, OPERATOR, ROLES, SUPERVISOR, TRAINER
from app.models.district import Device, DistrictFact, EnrolCode, FeedHead
from app.models.registry import MARKET, OFFICE, STATION, TRAINING
from app.texts import _

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LETTERS = 12
CODE_HOURS = 72
REPLY_LOST = timedelta(minutes=10)
"""A device whose enrolment answer was lost may use the same code again for this long; nobody else may."""

WRITES = {
    CLERK: (STATION, MARKET, TRAINING),
    SUPERVISOR: (STATION, MARKET, TRAINING),
    TRAINER: (TRAINING,),
    OFFICER: (OFFICE, MARKET),
    OPERATOR: (STATION,),
}
"""The kinds of feed that a device of each role writes; it reads them too."""

NUMBER_FLOOR, SKIPPED = "device_no_floor", 30
"""Up to where device numbers are spoken for, and how many are left out after a restore from a backup."""

READS = {OFFICER: (TRAINING,), OPERATOR: (MARKET,)}
"""What a role reads besides; an officer also reads every station's feed."""


@dataclass(frozen=True)
class Caller:
    """The device that a request's token belongs to."""

    id: str
    role: str
    station_code: str
    county_code: str
    next_seq: int
    seen_at: datetime | None = None

    def feed_of(self, kind: str) -> str:
        """Return the name of this device's feed of a kind."""
        return f"{kind}/{self.station_code if kind == STATION else self.county_code}"

    def works_as(self, other: "Caller") -> bool:
        """Tell whether it is the same device in the same place."""
        return (self.id, self.role, self.station_code, self.county_code) == (
            *(other.id, other.role, other.station_code, other.county_code),
        )

    @property
    def writable(self) -> tuple[str, ...]:
        """The feeds this device writes, sorted."""
        return tuple(sorted(self.feed_of(kind) for kind in WRITES.get(self.role, ())))


def hashed(secret: str) -> str:
    """Return what is kept of a token or code."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()


def readable_feeds(connection: sa.Connection, caller: Caller) -> tuple[str, ...]:
    """Return the feeds a device may read, sorted."""
    feeds = set(caller.writable) | {caller.feed_of(kind) for kind in READS.get(caller.role, ())}
    if caller.role == OFFICER:
        head = table_of(FeedHead)
        feeds |= set(connection.scalars(sa.select(head.c.feed).where(head.c.feed.like(f"{STATION}/%"))))
    return tuple(sorted(feeds))


def identify(connection: sa.Connection, token: str | None, *, lock: bool = False) -> Caller:
    """Return the device of a token; ``lock`` keeps other requests of that device waiting (SELECT … FOR UPDATE).

    Raises:
        ProblemError: 401, no such token or revoked.
    """
    if not token:
        raise ProblemError(401, "unknown_token", _("缺少令牌：请先用加入码加入"))
    device = table_of(Device)
    query = sa.select(device).where(device.c.token_hash == hashed(token))
    return caller_of(connection.execute(query.with_for_update() if lock else query).first())


def caller_of(row: Any) -> Caller:
    """Return the device of a row, if there is one.

    Raises:
        ProblemError: 401, no such token or revoked.
    """
    if row is None:
        raise ProblemError(401, "unknown_token", _("区里不认识这台电脑的令牌"))
    if row.revoked_at is not None:
        raise ProblemError(401, "revoked", _("这台电脑已被区里停用"))
    return Caller(row.id, row.role, row.station_code, row.county_code, row.next_seq, row.last_seen_at)


def touch(connection: sa.Connection, caller: Caller) -> None:
    """Note that a device was in contact."""
    device = table_of(Device)
    connection.execute(sa.update(device).where(device.c.id == caller.id).values(last_seen_at=clock.now()))


def make_code(
    connection: sa.Connection, *, station: str, role: str, name: str | None = None, hours: int = CODE_HOURS
) -> str:
    """Make a one-time enrolment code and return it; only its hash is kept.

    Raises:
        InvalidInputError: the station's code or the role is not one.
    """
    station = station.strip()
    errors = {}
    if not station or len(station) > 12 or not all(char.isalnum() or char in "-_" for char in station):
        errors["station"] = _("站点编码要 1 到 12 位字母或数字：{code}", code=station)
    if role not in ROLES:
        errors["role"] = _("没有岗位“{role}”，可选：{roles}", role=role, roles="、".join(ROLES))
    if name is not None and not 1 <= len(name.strip()) <= 60:
        errors["name"] = _("站点名称要 1 到 60 个字")
    if errors:
        raise InvalidInputError(errors)
    letters = "".join(secrets.choice(ALPHABET) for _n in range(CODE_LETTERS))
    made = clock.now()
    connection.execute(
        sa.insert(table_of(EnrolCode)),
        {
            "code_hash": hashed(letters),
            "station_code": station,
            "station_name": name.strip() if name else None,
            "county_code": district_code(connection, station),
            "role": role,
            "made_at": made,
            "expires_at": made + timedelta(hours=hours),
        },
    )
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def district_code(connection: sa.Connection, station: str) -> str:
    """Return the six digits of this server's district; the first station named here decides them."""
    known = get_fact(connection, DISTRICT_CODE)
    if known is None:
        known = station[:6] if len(station) >= 6 and station[:6].isascii() and station[:6].isdigit() else "000000"
        put_fact(connection, DISTRICT_CODE, known)
    return known


@dataclass(frozen=True)
class Enrolled:
    """What a new device is told."""

    caller: Caller
    token: str
    device_no: str
    station_name: str | None


def enrol(
    connection: sa.Connection,
    *,
    code: str,
    device_name: str,
    app_version: str | None = None,
    device: str | None = None,
    station: str | None = None,
    number: str | None = None,
) -> Enrolled:
    """Admit a device by its one-time code.

    ``device``, ``station`` and ``number``: the id, the station and the device number under which it has worked before.

    Raises:
        ProblemError: 403, the code is not known, used or expired; 409, the device belongs to another station. The code
            is not used up.
    """
    codes, now = table_of(EnrolCode), clock.now()
    wanted = hashed("".join(char for char in code.upper() if char.isalnum()))
    found = _admissible(connection, wanted, device, station)
    token = "dst_" + secrets.token_urlsafe(32)
    facts = {
        "name": device_name,
        "role": found.role,
        "station_code": found.station_code,
        "county_code": found.county_code,
        "token_hash": hashed(token),
        "app_version": app_version,
        "enrolled_at": now,
        "revoked_at": None,
    }
    caller, given = _admit(connection, device or clock.new_id(), facts, number if device is not None else None)
    connection.execute(
        sa.update(codes).where(codes.c.code_hash == wanted).values(used_at=found.used_at or now, used_by=caller.id)
    )
    _open_feeds(connection, caller)
    ensure_key(connection, caller.station_code)
    return Enrolled(caller, token, given, found.station_name)


def _open_feeds(connection: sa.Connection, caller: Caller) -> None:
    """See to it that the feeds of a new device are there."""
    feeds = {*caller.writable, *(caller.feed_of(kind) for kind in READS.get(caller.role, ()))}
    feeds.add(caller.feed_of(STATION))
    insert_missing(connection, FeedHead, [{"feed": feed, "head": 0} for feed in sorted(feeds)])


def _admissible(connection: sa.Connection, wanted: str, device: str | None, station: str | None) -> sa.Row[Any]:
    """Return the code's row, locked, if this device may use it."""
    codes, now = table_of(EnrolCode), clock.now()
    found = connection.execute(sa.select(codes).where(codes.c.code_hash == wanted).with_for_update()).first()
    if found is None:
        raise ProblemError(403, "code_invalid", _("没有这个加入码，请核对"))
    if found.used_at is not None and not (device == found.used_by and now - found.used_at < REPLY_LOST):
        raise ProblemError(403, "code_used", _("这个加入码已经用过，请区里再发一个"))
    if found.expires_at < now:
        raise ProblemError(403, "code_expired", _("这个加入码过期了，请区里再发一个"))
    if station is not None and station != found.station_code:
        text = _("这个加入码是站点 {code} 的，这台电脑是站点 {own} 的", code=found.station_code, own=station)
        raise ProblemError(409, "other_station", text)
    return found


def _admit(
    connection: sa.Connection, device_id: str, facts: dict[str, object], stated: str | None
) -> tuple[Caller, str]:
    """Make the device's row, or renew it for a device of the same station; return its number too."""
    devices = table_of(Device)
    known = connection.execute(sa.select(devices).where(devices.c.id == device_id).with_for_update()).first()
    if known is not None:
        if known.station_code != facts["station_code"]:
            raise ProblemError(409, "device_taken", _("这台电脑已在别的站点登记"))
        number, next_seq = known.device_no, known.next_seq
        keep_former(connection, known)
        connection.execute(sa.update(devices).where(devices.c.id == device_id).values(**facts))
    else:
        number, next_seq = _number_for(connection, str(facts["county_code"]), stated), 1
        connection.execute(sa.insert(devices), {"id": device_id, "device_no": number, "next_seq": 1, **facts})
    role, station, county = (str(facts[name]) for name in ("role", "station_code", "county_code"))
    return Caller(device_id, role, station, county, next_seq), number


def _number_for(connection: sa.Connection, county: str, stated: str | None) -> str:
    """Return a new device's two characters: those it states, where nobody has them, else the next ones.

    A device that this server has forgotten (it was restored from a backup) keeps the number that its slips bear. New
    numbers lie above all that were ever given or stated.
    """
    facts, devices = table_of(DistrictFact), table_of(Device)
    connection.execute(sa.select(facts.c.key).where(facts.c.key == DISTRICT_CODE).with_for_update())
    given = set(connection.scalars(sa.select(devices.c.device_no).where(devices.c.county_code == county)))
    if stated in _NUMBERS and stated not in given:
        _keep_floor(connection, _NUMBERS.index(stated) + 1)
        return stated
    floor = max((_NUMBERS.index(number) + 1 for number in given if number in _NUMBERS), default=0)
    floor = max(floor, _floor(connection))
    number = next((number for number in _NUMBERS[floor:] if number not in given), None)
    # Above there is nothing left: one that was never given by this server, if there is any.
    number = number or next((number for number in _NUMBERS if number not in given), None)
    if number is None:
        raise ProblemError(409, "numbers_used_up", _("本区的设备号用完了"))
    return number


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBERS = (*(f"{n:02d}" for n in range(1, 100)), *(a + b for a in _LETTERS for b in "0123456789" + _LETTERS))
"""Device numbers in the order in which they are given: 01 to 99, then A0 to ZZ."""


def _floor(connection: sa.Connection) -> int:
    return int(get_fact(connection, NUMBER_FLOOR) or 0)


def _keep_floor(connection: sa.Connection, floor: int) -> None:
    if floor > _floor(connection):
        put_fact(connection, NUMBER_FLOOR, str(floor))


def skip_numbers(connection: sa.Connection) -> None:
    """Leave out the next numbers after a restore: devices that joined after the backup may have them on their slips."""
    given = connection.scalars(sa.select(table_of(Device).c.device_no))
    highest = max((_NUMBERS.index(number) + 1 for number in given if number in _NUMBERS), default=0)
    # No further than half of what is left, so that the numbers never run out for it.
    floor = max(highest, _floor(connection))
    _keep_floor(connection, floor + min(SKIPPED, (len(_NUMBERS) - floor) // 2))


def list_devices(connection: sa.Connection) -> list[sa.Row[tuple[object, ...]]]:
    """Return every device, by number."""
    devices = table_of(Device)
    return list(connection.execute(sa.select(devices).order_by(devices.c.county_code, devices.c.device_no)).all())


def revoke(connection: sa.Connection, device: str) -> str:
    """Shut a device out, by its id or its number; return its id.

    Raises:
        NotFoundError: there is no such device, or more than one of that number.
    """
    devices = table_of(Device)
    found = find_device(connection, device)
    done = connection.execute(
        sa.update(devices)
        .where(devices.c.id == found.id, devices.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    if done.rowcount:
        renew_key(connection, found.station_code)
    return str(found.id)


def find_device(connection: sa.Connection, device: str) -> Any:
    """Return id and station of a device, by its id or its number.

    Raises:
        NotFoundError: there is no such device, or more than one of that number.
    """
    devices = table_of(Device)
    found = connection.execute(
        sa.select(devices.c.id, devices.c.station_code).where(
            sa.or_(devices.c.id == device, devices.c.device_no == device)
        )
    ).all()
    if len(found) != 1:
        raise NotFoundError(_("没有这台设备：{device}", device=device), code="device.not_found")
    return found[0]


class RateLimit:
    """At most ``limit`` failures in ``seconds`` for each address, and ten times as many over all."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Let a try pass.

        Raises:
            ProblemError: 429, too many failures of late.
        """
        with self._lock:
            now = clock.monotonic()
            for key, limit in ((address, self._limit), ("", self._limit * 10)):
                times = self._failures.get(key, deque())
                while times and now - times[0] > self._seconds:
                    times.popleft()
                if len(times) >= limit:
                    problem = ProblemError(429, "too_many_tries", _("试得太多了，请过一会儿再试"))
                    problem.headers["Retry-After"] = str(max(1, round(self._seconds - (now - times[0]))))
                    raise problem

    def failed(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            for key in (address, ""):
                self._failures.setdefault(key, deque()).append(clock.monotonic())
            if len(self._failures) > 10_000:
                self._failures = {"": self._failures[""]}


def local_text(moment: datetime) -> str:
    """Return an instant as local text."""
    return f"{clock.to_local(moment):%Y-%m-%d %H:%M}"
