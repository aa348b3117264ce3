"""former tokens"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go one step up."""
    op.create_table(
        "former_token",
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_former_token")),
    )
    with op.batch_alter_table("former_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_token_device"), ["device"], unique=False)


def downgrade() -> None:
    """Go one step down."""
    with op.batch_alter_table("former_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_token_device"))
    op.drop_table("former_token")
