"""exchange"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go one step up."""
    op.create_table(
        "blob",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("have", sa.BigInteger(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "feed", name=op.f("pk_blob")),
    )
    op.create_table(
        "blob_piece",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "start", name=op.f("pk_blob_piece")),
    )
    op.create_table(
        "duplicate_hint",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("rec_no", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("source_channel", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("remark", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("updated_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("deleted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("delete_reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("resident_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("other_station", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("other_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_hint")),
    )
    with op.batch_alter_table("duplicate_hint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_hint_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_duplicate_hint_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_duplicate_hint_station_code"), ["station_code"], unique=False)

    op.create_table(
        "identity_mark",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("feed", "record_id", name=op.f("pk_identity_mark")),
    )
    with op.batch_alter_table("identity_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_mark_mark"), ["mark"], unique=False)

    op.create_table(
        "neighbour_op",
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("proof", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("route", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("op", name=op.f("pk_neighbour_op")),
    )
    with op.batch_alter_table("neighbour_op", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_neighbour_op_device"), ["device"], unique=False)
        batch_op.create_index(batch_op.f("ix_neighbour_op_state"), ["state"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_table(
        "place_claim",
        sa.Column("vacancy_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("referral_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.PrimaryKeyConstraint("vacancy_id", "number", name=op.f("pk_place_claim")),
    )
    op.create_table(
        "ruling_cursor",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_ruling_cursor")),
    )
    op.create_table(
        "station_key",
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("station_code", "number", name=op.f("pk_station_key")),
    )
    op.create_table(
        "unique_value",
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.PrimaryKeyConstraint("record_type", "field", "value", name=op.f("pk_unique_value")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("report", sa.Text(), nullable=True))

    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True))


def downgrade() -> None:
    """Steps are never taken back: restore the backup made before the upgrade."""
    raise NotImplementedError
