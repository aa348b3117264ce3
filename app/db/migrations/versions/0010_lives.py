"""the number of the last word on a device's logs, and what was expected of it when the district's life began

For a while step 0009 made ``telling`` too; where it did, it stays.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go one step up."""
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("device")}
    with op.batch_alter_table("device", schema=None) as batch_op:
        if "telling" not in there:
            batch_op.add_column(sa.Column("telling", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("life_seq", sa.BigInteger(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Go one step down."""
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_column("life_seq")
        batch_op.drop_column("telling")
