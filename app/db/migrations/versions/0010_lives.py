"""what was expected of a device when the present life of the district began"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go one step up."""
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.add_column(sa.Column("life_seq", sa.BigInteger(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Go one step down."""
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_column("life_seq")
