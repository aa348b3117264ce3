"""first"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SEARCH = (
    "CREATE TABLE IF NOT EXISTS search_entry (row INTEGER PRIMARY KEY, record_type TEXT NOT NULL, record_id TEXT NOT NULL, tokens TEXT NOT NULL, UNIQUE (record_type, record_id))",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (tokens, content='search_entry', content_rowid='row', columnsize=0, detail=none, prefix='1 2 3 4 5', tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Cn So'\")",
)
"""The search index: SQLite alone; the district searches by SQL."""


def upgrade() -> None:
    """Go one step up."""
    op.create_table(
        "conflict",
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
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("standing", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("settled_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_value", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_station_code"), ["station_code"], unique=False)

    op.create_table(
        "consent",
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
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("text_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_station_code"), ["station_code"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("verified_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_cursor")),
    )
    op.create_table(
        "device",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device_no", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("county_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("app_version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("county_code", "device_no", name=op.f("uq_device_county_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_station_code"), ["station_code"], unique=False)

    op.create_table(
        "district_fact",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_district_fact")),
    )
    op.create_table(
        "emp_status",
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
        sa.Column("from_status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("to_status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emp_status")),
    )
    with op.batch_alter_table("emp_status", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emp_status_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_emp_status_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_emp_status_station_code"), ["station_code"], unique=False)

    op.create_table(
        "employer",
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
        sa.Column("uscc", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("employer_kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("size", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("legal_rep", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("reg_addr", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("work_addr", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("geo", sa.JSON(), nullable=True),
        sa.Column("contact", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=True),
        sa.Column("licence_valid_to", sa.Date(), nullable=True),
        sa.Column("agent_name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("agent_id_tail", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=True),
        sa.Column("agent_checked", sa.Boolean(), nullable=False),
        sa.Column("hr_licence_no", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("dispatch_licence_no", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("verify_state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("verified_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("verified_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("credit_flag", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("si_opened", sa.Boolean(), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("name_key", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
    )
    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employer_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_station_code"), ["station_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_uscc"), ["uscc"], unique=False)
        batch_op.create_index(batch_op.f("ix_employer_verify_state"), ["verify_state"], unique=False)

    op.create_table(
        "enrol_code",
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("station_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("county_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("used_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrol_code")),
    )
    op.create_table(
        "feed_digest",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.PrimaryKeyConstraint("feed", "record_type", name=op.f("pk_feed_digest")),
    )
    with op.batch_alter_table("feed_digest", schema=None) as batch_op:
        batch_op.create_index("ix_feed_digest_feed", ["feed"], unique=False)

    op.create_table(
        "feed_entry",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "seq", name=op.f("pk_feed_entry")),
    )
    op.create_table(
        "feed_head",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "feed_record",
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("record_type", "record_id", name=op.f("pk_feed_record")),
    )
    with op.batch_alter_table("feed_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_record_feed"), ["feed"], unique=False)

    op.create_table(
        "form_draft",
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("entered", sa.JSON(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "form", "subject", name=op.f("pk_form_draft")),
    )
    op.create_table(
        "household",
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
        sa.Column("house_no", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
        sa.Column("building", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("community", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("head_name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("hukou_household", sa.Boolean(), nullable=True),
        sa.Column("has_business_income", sa.Boolean(), nullable=True),
        sa.Column("dibao_type", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("children_under_3", sa.Integer(), nullable=False),
        sa.Column("children_3_to_6", sa.Integer(), nullable=False),
        sa.Column("children_7_to_13", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_station_code"), ["station_code"], unique=False)

    op.create_table(
        "household_member",
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
        sa.Column("household_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("resident_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("relation", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("able", sa.Boolean(), nullable=True),
        sa.Column("willing", sa.Boolean(), nullable=True),
        sa.Column("status_at_check", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_member")),
    )
    with op.batch_alter_table("household_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_member_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_member_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_member_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_household_member_station_code"), ["station_code"], unique=False)

    op.create_table(
        "import_map",
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_import_map")),
    )
    op.create_table(
        "local_state",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_local_state")),
    )
    op.create_table(
        "number_counter",
        sa.Column("stem", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stem", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "operation",
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undoes", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.PrimaryKeyConstraint("op", name=op.f("pk_operation")),
        sa.UniqueConstraint("device", "seq", name=op.f("uq_operation_device")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index("ix_operation_state_seq", ["state", "seq"], unique=False)

    op.create_table(
        "policy_param",
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
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source_doc", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_param")),
    )
    with op.batch_alter_table("policy_param", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_param_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_policy_param_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_policy_param_station_code"), ["station_code"], unique=False)

    op.create_table(
        "received_op",
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("edits", sa.Text(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("field", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("stood_off", sa.Text(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("op", name=op.f("pk_received_op")),
        sa.UniqueConstraint("device", "seq", name=op.f("uq_received_op_device")),
    )
    op.create_table(
        "record_head",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("stamps", sa.Text(), nullable=False),
        sa.Column("first_rev", sa.BigInteger(), nullable=False),
        sa.Column("first_device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.PrimaryKeyConstraint("feed", "record_type", "record_id", name=op.f("pk_record_head")),
    )
    op.create_table(
        "referral",
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
        sa.Column("slip_no", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("resident_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("vacancy_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("match_score", sa.Float(), nullable=True),
        sa.Column("match_reasons", sa.JSON(), nullable=False),
        sa.Column("weights_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("referral_mode", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("issued_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("interview_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("interview_place", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("consent_share", sa.Boolean(), nullable=False),
        sa.Column("print_sex", sa.Boolean(), nullable=False),
        sa.Column("print_phone", sa.Boolean(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("void_reason", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("outcome_reason", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("reply_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reply_way", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("reply_by", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("onboard_date", sa.Date(), nullable=True),
        sa.Column("contract_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("wage_agreed", sa.Integer(), nullable=True),
        sa.Column("si_from", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=True),
        sa.Column("trial_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_registration_id"), ["registration_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_slip_no"), ["slip_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_station_code"), ["station_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_vacancy_id"), ["vacancy_id"], unique=False)

    op.create_table(
        "refused_record",
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.PrimaryKeyConstraint("device", "record_type", "record_id", name=op.f("pk_refused_record")),
    )
    op.create_table(
        "registration",
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
        sa.Column("reg_date", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("person_class", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("work_years", sa.Integer(), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("certs", sa.JSON(), nullable=False),
        sa.Column("drive_licence", sa.JSON(), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("accept_shift", sa.JSON(), nullable=False),
        sa.Column("max_commute_km", sa.Float(), nullable=True),
        sa.Column("commute_mode", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("accept_gig", sa.Boolean(), nullable=True),
        sa.Column("accept_training", sa.Boolean(), nullable=True),
        sa.Column("accept_internship", sa.Boolean(), nullable=True),
        sa.Column("accept_pwpost", sa.Boolean(), nullable=True),
        sa.Column("board_need", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("exclude_trades", sa.JSON(), nullable=False),
        sa.Column("exclude_employers", sa.JSON(), nullable=False),
        sa.Column("constraints", sa.JSON(), nullable=False),
        sa.Column("resume", sa.JSON(), nullable=False),
        sa.Column("guidance_need", sa.Boolean(), nullable=True),
        sa.Column("training_need", sa.Boolean(), nullable=True),
        sa.Column("startup_need", sa.Boolean(), nullable=True),
        sa.Column("publish_consent", sa.Boolean(), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_station_code"), ["station_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_status"), ["status"], unique=False)

    op.create_table(
        "resident",
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
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
        sa.Column("id_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("id_no", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("sex", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("ethnic", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("edu_level", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("school", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("graduate_date", sa.Date(), nullable=True),
        sa.Column("major", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("politic", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("marital", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("health", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("pwd_cert_no", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("pwd_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("pwd_level", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("hukou_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("hukou_region", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("hukou_addr", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("live_region", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("live_addr", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("residence_permit_no", sqlmodel.sql.sqltypes.AutoString(length=30), nullable=True),
        sa.Column("mobile", sqlmodel.sql.sqltypes.AutoString(length=11), nullable=True),
        sa.Column("contact2_name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=True),
        sa.Column("contact2_phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("contact2_relation", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("household_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("emp_status", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("priority_groups", sa.JSON(), nullable=False),
        sa.Column("female_retire_base", sqlmodel.sql.sqltypes.AutoString(length=2), nullable=True),
        sa.Column("ss_card_no", sqlmodel.sql.sqltypes.AutoString(length=9), nullable=True),
        sa.Column("bank_account", sqlmodel.sql.sqltypes.AutoString(length=19), nullable=True),
        sa.Column("geo", sa.JSON(), nullable=True),
        sa.Column("consent_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("mismatch_confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
    )
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resident_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_id_no"), ["id_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_mobile"), ["mobile"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_station_code"), ["station_code"], unique=False)

    op.create_table(
        "server_row",
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("record_type", "record_id", name=op.f("pk_server_row")),
    )
    op.create_table(
        "service_event",
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
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("happened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("subject_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_event")),
    )
    with op.batch_alter_table("service_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_event_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_event_station_code"), ["station_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_event_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "slip_print",
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
        sa.Column("referral_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("copy_no", sa.Integer(), nullable=False),
        sa.Column("printed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("printed_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("paper", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=True),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("pdf_sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_print")),
    )
    with op.batch_alter_table("slip_print", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_print_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_print_referral_id"), ["referral_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_print_station_code"), ["station_code"], unique=False)

    op.create_table(
        "staff",
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
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=50), nullable=False),
        sa.Column("staff_no", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_station_code"), ["station_code"], unique=False)

    op.create_table(
        "station",
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
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("county_code", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("street_name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("community_name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("geo", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )
    with op.batch_alter_table("station", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_station_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_station_code"), ["station_code"], unique=False)

    op.create_table(
        "unemp_reg",
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
        sa.Column("reg_place_basis", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("unemp_date", sa.Date(), nullable=False),
        sa.Column("reg_date", sa.Date(), nullable=False),
        sa.Column("reg_scope", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("unemp_reason", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("involuntary", sa.Boolean(), nullable=True),
        sa.Column("last_employer", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("last_uscc", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
        sa.Column("last_trade", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("last_wage", sa.Integer(), nullable=True),
        sa.Column("leave_proof_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("leave_proof_no", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("si_months", sa.Integer(), nullable=True),
        sa.Column("apply_benefit", sa.Boolean(), nullable=True),
        sa.Column("pledge_signed", sa.Boolean(), nullable=False),
        sa.Column("dereg_date", sa.Date(), nullable=True),
        sa.Column("dereg_reason", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("dereg_evidence", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unemp_reg")),
    )
    with op.batch_alter_table("unemp_reg", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unemp_reg_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_unemp_reg_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unemp_reg_station_code"), ["station_code"], unique=False)

    op.create_table(
        "vacancy",
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
        sa.Column("employer_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("end_user_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("trade", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("trade_confidence", sa.Float(), nullable=True),
        sa.Column("openings", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("work_form", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("contract_type", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("duty", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("work_place", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("region", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("geo", sa.JSON(), nullable=True),
        sa.Column("pay_unit", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("pay_min", sa.Integer(), nullable=True),
        sa.Column("pay_max", sa.Integer(), nullable=True),
        sa.Column("base_pay", sa.Integer(), nullable=True),
        sa.Column("pay_note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("pay_day", sa.Integer(), nullable=True),
        sa.Column("probation_months", sa.Integer(), nullable=True),
        sa.Column("probation_pay", sa.Integer(), nullable=True),
        sa.Column("hours_day", sa.Float(), nullable=True),
        sa.Column("days_week", sa.Float(), nullable=True),
        sa.Column("shift", sa.JSON(), nullable=False),
        sa.Column("si_items", sa.JSON(), nullable=False),
        sa.Column("board", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("edu_min", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=True),
        sa.Column("edu_mandatory", sa.Boolean(), nullable=False),
        sa.Column("skill_level_min", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("certs_required", sa.JSON(), nullable=False),
        sa.Column("exp_years_min", sa.Integer(), nullable=True),
        sa.Column("other_cond", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=True),
        sa.Column("minor_ok", sa.Boolean(), nullable=False),
        sa.Column("forbidden_for_women", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("friendly_tags", sa.JSON(), nullable=False),
        sa.Column("open_from", sa.Date(), nullable=True),
        sa.Column("open_to", sa.Date(), nullable=True),
        sa.Column("review_state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("review_hits", sa.JSON(), nullable=False),
        sa.Column("reviewed_by", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("reviewed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("legacy_note", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=True),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("last_referred_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
    )
    with op.batch_alter_table("vacancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vacancy_employer_id"), ["employer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_vacancy_rec_no"), ["rec_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_vacancy_review_state"), ["review_state"], unique=False)
        batch_op.create_index(batch_op.f("ix_vacancy_source_key"), ["source_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_vacancy_station_code"), ["station_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_vacancy_trade"), ["trade"], unique=False)

    op.create_table(
        "operation_edit",
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("record_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["op"], ["operation.op"], name=op.f("fk_operation_edit_op")),
        sa.PrimaryKeyConstraint("op", "position", name=op.f("pk_operation_edit")),
    )
    with op.batch_alter_table("operation_edit", schema=None) as batch_op:
        batch_op.create_index("ix_operation_edit_record", ["record_type", "record_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in SEARCH:
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Steps are never taken back: restore the backup made before the upgrade."""
    raise NotImplementedError
