"""audit"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.db.chain import BEFORE, OPERATIONS, beginning

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

KEPT = tuple(
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    f" BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
    for table in ("access_log", "operation_link")
    for verb in ("UPDATE", "DELETE")
)
"""A counter's file is SQLite; at the district these tables stay empty."""


def upgrade() -> None:
    """Go one step up."""
    op.create_table(
        "access_log",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("staff_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("station_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("chain", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("access_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_log_looked_at"), ["looked_at"], unique=False)

    op.create_table(
        "chain_break",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("log", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("noted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_why", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_break")),
    )
    with op.batch_alter_table("chain_break", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chain_break_device"), ["device"], unique=False)

    op.create_table(
        "chain_head",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("log", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("chain", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_head")),
    )
    with op.batch_alter_table("chain_head", schema=None) as batch_op:
        batch_op.create_index("ix_chain_head_device_log", ["device", "log"], unique=False)

    op.create_table(
        "operation_link",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("op", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("chain", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_operation_link")),
        sa.UniqueConstraint("op", name=op.f("uq_operation_link_op")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _begin_chain(op.get_bind())


def _begin_chain(connection: sa.Connection) -> None:
    """Keep the two logs from being changed, and begin the chain: with the next operation, however many there are.

    A file with a million operations is not read through for this; how many lie before the chain stands in its beginning.
    """
    for statement in KEPT:
        connection.exec_driver_sql(statement)
    before = connection.exec_driver_sql("SELECT count(*) FROM operation WHERE origin = 'local'").scalar() or 0
    row = (0, f"{BEFORE}{before}", beginning(OPERATIONS, int(before)))
    connection.exec_driver_sql("INSERT INTO operation_link (number, op, chain) VALUES (?, ?, ?)", row)


def downgrade() -> None:
    """Steps are never taken back: restore the backup made before the upgrade."""
    raise NotImplementedError
