"""ledgers of the district"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go one step up."""
    op.create_table(
        "ledger_cursor",
        sa.Column("feed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_ledger_cursor")),
    )
    op.create_table(
        "ledger_fetch",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("ledger", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("stations", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("sent_count", sa.Integer(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_fetch")),
    )
    with op.batch_alter_table("ledger_fetch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_fetch_at"), ["at"], unique=False)


def downgrade() -> None:
    """Go one step down."""
    with op.batch_alter_table("ledger_fetch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_fetch_at"))
    op.drop_table("ledger_fetch")
    op.drop_table("ledger_cursor")
