"""first"""

from alembic import op
from sqlmodel import SQLModel

from app.db import search_index

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make every table."""
    bind = op.get_bind()
    SQLModel.metadata.create_all(bind)
    if bind.dialect.name == "sqlite":
        for statement in search_index.CREATE:
            bind.exec_driver_sql(statement)
