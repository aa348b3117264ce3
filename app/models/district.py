"""Tables that only the district server fills: devices, received operations, feeds and the state of every record.

Everything of the sync is keyed by feed, so that PostgreSQL can partition by it. JSON that only travels is kept as
text: it is written once and passed on as it is.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class DistrictFact(SQLModel, table=True):
    """Facts of the server itself, by key: its epoch, its district code."""

    __tablename__ = "district_fact"

    key: str = Field(primary_key=True, max_length=60)
    value: str = Field(max_length=200)


class Device(SQLModel, table=True):
    """An enrolled counter. ``next_seq``: the next operation wanted of it. Tokens are kept as SHA-256.

    ``life_seq``: what ``next_seq`` was when the present life of this server began (app/district/lives.py).
    ``telling``: the number of the last word on its logs that was taken (docs/protocol.md, heads).
    ``report``: what it last said of itself, as JSON (docs/protocol.md, report).
    """

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("county_code", "device_no"),)

    id: str = Field(primary_key=True, max_length=36)
    device_no: str = Field(max_length=2)
    name: str = Field(max_length=80)
    role: str = Field(max_length=16)
    station_code: str = Field(max_length=12, index=True)
    county_code: str = Field(max_length=12)
    token_hash: str = Field(max_length=64, unique=True)
    app_version: str | None = Field(default=None, max_length=40)
    next_seq: int = Field(default=1, sa_column=Column(BigInteger, nullable=False))
    enrolled_at: datetime = Field()
    last_seen_at: datetime | None = Field(default=None)
    revoked_at: datetime | None = Field(default=None)
    reported_at: datetime | None = Field(default=None)
    report: str | None = Field(default=None, sa_column=Column(Text))
    telling: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    life_seq: int = Field(default=1, sa_column=Column(BigInteger, nullable=False, server_default="1"))


class FormerToken(SQLModel, table=True):
    """A token that a device had before it joined again: what it sealed then, others may still carry.

    ``revoked``: the device was shut out under it, and nothing that it sealed is taken any more.
    """

    __tablename__ = "former_token"

    token_hash: str = Field(primary_key=True, max_length=64)
    device: str = Field(max_length=36, index=True)
    revoked: bool = Field()
    ended_at: datetime = Field()


class StationKey(SQLModel, table=True):
    """A station's own secret, known to its devices and the district: seals what travels by LAN or by file.

    ``key``: 32 bytes as base64. A new number is made when one of the station's devices is revoked; old ones stay to
    read what was sealed before.
    """

    __tablename__ = "station_key"

    station_code: str = Field(primary_key=True, max_length=12)
    number: int = Field(primary_key=True)
    key: str = Field(max_length=64)
    made_at: datetime = Field()


class UniqueValue(SQLModel, table=True):
    """A value that only one record of the district may hold (registry: ``unique``), such as a slip number."""

    __tablename__ = "unique_value"

    record_type: str = Field(primary_key=True, max_length=40)
    field: str = Field(primary_key=True, max_length=60)
    value: str = Field(primary_key=True, max_length=60)
    record_id: str = Field(max_length=36)


class IdentityMark(SQLModel, table=True):
    """The keyed hash of the identity number in one resident's file: equal marks are one person, and nothing more."""

    __tablename__ = "identity_mark"

    feed: str = Field(primary_key=True, max_length=60)
    record_id: str = Field(primary_key=True, max_length=36)
    mark: str = Field(max_length=64, index=True)


class RulingCursor(SQLModel, table=True):
    """How far the district has read a feed to decide what is its own to decide (app/district/rulings.py)."""

    __tablename__ = "ruling_cursor"

    feed: str = Field(primary_key=True, max_length=60)
    seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class PlaceClaim(SQLModel, table=True):
    """One referral in the order in which the referrals of a vacancy reached the district, over all stations.

    ``number``: without a gap from 1 within the vacancy, given out when the referral is first met. ``op`` made it.
    """

    __tablename__ = "place_claim"

    vacancy_id: str = Field(primary_key=True, max_length=36)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    feed: str = Field(max_length=60)
    referral_id: str = Field(max_length=36)
    op: str = Field(max_length=36)


class SeatClaim(SQLModel, table=True):
    """One enrolment of a class; ``seq``: the entry of its feed that made it, which is the order of their arrival."""

    __tablename__ = "seat_claim"

    class_id: str = Field(primary_key=True, max_length=36)
    enrolment_id: str = Field(primary_key=True, max_length=36)
    feed: str = Field(max_length=60)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))


class Notice(SQLModel, table=True):
    """A word from the district to its counters, shown until it expires. Without a station it is for all of them."""

    __tablename__ = "notice"

    id: str = Field(primary_key=True, max_length=36)
    text: str = Field(max_length=300)
    station_code: str | None = Field(default=None, max_length=12)
    made_at: datetime = Field()
    expires_at: datetime | None = Field(default=None)


class EnrolCode(SQLModel, table=True):
    """A one-time code that admits one device, kept as SHA-256."""

    __tablename__ = "enrol_code"

    code_hash: str = Field(primary_key=True, max_length=64)
    station_code: str = Field(max_length=12)
    station_name: str | None = Field(default=None, max_length=60)
    county_code: str = Field(max_length=12)
    role: str = Field(max_length=16)
    made_at: datetime = Field()
    expires_at: datetime = Field()
    used_at: datetime | None = Field(default=None)
    used_by: str | None = Field(default=None, max_length=36)


class ReceivedOp(SQLModel, table=True):
    """An operation as it arrived, for ever, with its answer.

    ``seq``: none of the server's own, and of what came late, by a neighbour, after its number had been used again.

    ``edits``: as on the wire. ``records``: [[feed, type, id, rev], …] of the answer, values at that revision being the
    feed entry's. ``stood_off``: [[type, id, field], …] that did not stand (conflicts, fields that the district keeps).
    """

    __tablename__ = "received_op"
    __table_args__ = (UniqueConstraint("device", "seq"),)

    op: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36)
    seq: int | None = Field(default=None, sa_column=Column(BigInteger))
    act: str = Field(max_length=60)
    actor: str | None = Field(default=None, max_length=36)
    made_at: str = Field(max_length=40)
    reason: str | None = Field(default=None, max_length=200)
    schema_version: int = Field()
    edits: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str = Field(max_length=10)
    code: str | None = Field(default=None, max_length=60)
    text: str | None = Field(default=None, sa_column=Column(Text))
    field: str | None = Field(default=None, max_length=60)
    records: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    stood_off: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    received_at: datetime = Field()


class RefusedRecord(SQLModel, table=True):
    """A record whose creation by this device was refused: what builds on it is refused too, until it is made."""

    __tablename__ = "refused_record"

    device: str = Field(primary_key=True, max_length=36)
    record_type: str = Field(primary_key=True, max_length=40)
    record_id: str = Field(primary_key=True, max_length=36)
    op: str = Field(max_length=36)


class FeedHead(SQLModel, table=True):
    """How far a feed has grown. This row is locked while numbers are given out: feed order is commit order."""

    __tablename__ = "feed_head"

    feed: str = Field(primary_key=True, max_length=60)
    head: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class FeedEntry(SQLModel, table=True):
    """One record after one operation; ``seq`` is gapless within the feed and is the record's revision."""

    __tablename__ = "feed_entry"

    feed: str = Field(primary_key=True, max_length=60)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    op: str = Field(max_length=36)
    record_type: str = Field(max_length=40)
    record_id: str = Field(max_length=36)
    fields: str = Field(sa_column=Column("fields", Text, nullable=False))
    removed: bool = Field(default=False)


class RecordHead(SQLModel, table=True):
    """A record as it stands in its feed.

    ``stamps``: {field: [rev, device]} of who changed a field last; a field without a stamp was set when the record was
    made, or never.
    """

    __tablename__ = "record_head"

    feed: str = Field(primary_key=True, max_length=60)
    record_type: str = Field(primary_key=True, max_length=40)
    record_id: str = Field(primary_key=True, max_length=36)
    rev: int = Field(sa_column=Column(BigInteger, nullable=False))
    fields: str = Field(sa_column=Column("fields", Text, nullable=False))
    stamps: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    first_rev: int = Field(sa_column=Column(BigInteger, nullable=False))
    first_device: str = Field(max_length=36)


class FeedDigest(SQLModel, table=True):
    """Count and digest of a feed's records by type, kept up with every change (docs/protocol.md, digest)."""

    __tablename__ = "feed_digest"
    __table_args__ = (Index("ix_feed_digest_feed", "feed"),)

    feed: str = Field(primary_key=True, max_length=60)
    record_type: str = Field(primary_key=True, max_length=40)
    count: int = Field(default=0)
    digest: str = Field(default="0" * 16, max_length=16)


class LedgerCursor(SQLModel, table=True):
    """How far a feed's records stand in the typed tables that ledgers read (app/district/ledger_tables.py)."""

    __tablename__ = "ledger_cursor"

    feed: str = Field(primary_key=True, max_length=60)
    seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class LedgerFetch(SQLModel, table=True):
    """Who fetched which ledger of which stations, when and why: a line for each, without anybody's data.

    ``first``, ``until``: the period. ``stations``: their codes with commas; empty for all. ``row_count``: how many rows
    there were; ``sent_count``: how many went out, None while they do.
    """

    __tablename__ = "ledger_fetch"

    id: str = Field(primary_key=True, max_length=36)
    at: datetime = Field(index=True)
    device: str = Field(max_length=36)
    actor: str | None = Field(default=None, max_length=36)
    ledger: str = Field(max_length=40)
    first: date = Field()
    until: date = Field()
    stations: str = Field(default="", sa_column=Column(Text, nullable=False))
    row_count: int = Field(default=0)
    sent_count: int | None = Field(default=None)
    whole: bool = Field(default=False)
    why: str | None = Field(default=None, max_length=100)


class ChainHead(SQLModel, table=True):
    """A head of a device's log as the device told it, for ever; ``live``: it must still agree.

    What a restore of that counter, or a break that was noted, left behind is not live.
    """

    __tablename__ = "chain_head"
    __table_args__ = (Index("ix_chain_head_device_log", "device", "log"),)

    id: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36)
    log: str = Field(max_length=12)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    chain: str = Field(max_length=64)
    told_at: datetime = Field()
    live: bool = Field(default=True)


class ChainBreak(SQLModel, table=True):
    """A head that did not follow from the earlier ones. ``first`` to ``last``: the lines it is about.

    ``kind``: ``changed`` (the same number, another hash), ``cut`` (lines are gone) or ``restored`` (the counter says
    that it was restored from a backup; ``token`` names that restore, which explains one break of each log).
    """

    __tablename__ = "chain_break"

    id: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36, index=True)
    log: str = Field(max_length=12)
    kind: str = Field(max_length=10)
    first: int = Field(sa_column=Column(BigInteger, nullable=False))
    last: int = Field(sa_column=Column(BigInteger, nullable=False))
    token: str | None = Field(default=None, max_length=60)
    noted_at: datetime = Field()
    settled_at: datetime | None = Field(default=None)
    settled_why: str | None = Field(default=None, max_length=200)
