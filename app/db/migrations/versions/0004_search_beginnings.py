"""search beginnings"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.models.names import search_tokens

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEX = (
    "CREATE VIRTUAL TABLE search USING fts5"
    " (tokens, content='search_entry', content_rowid='row', columnsize=0, detail=none, tokenize='ascii')"
)
PIECE = 2000
_NEXT = (
    "SELECT e.row, e.tokens, r.name, r.id_no, r.mobile FROM search_entry e JOIN resident r ON r.id = e.record_id"
    " WHERE e.record_type = 'resident' AND e.tokens <> '' AND e.row > ? ORDER BY e.row LIMIT ?"
)
"""Those that are to be found; a deleted file has an entry without tokens."""


def upgrade() -> None:
    """Make the search index anew: beginnings of words are tokens, so it needs no prefix indexes. SQLite alone."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("DROP TABLE search")
    _enter_anew(connection)
    connection.exec_driver_sql(INDEX)
    connection.exec_driver_sql("INSERT INTO search (search) VALUES ('rebuild')")


def _enter_anew(connection: sa.Connection) -> None:
    at = 0
    while rows := connection.exec_driver_sql(_NEXT, (at, PIECE)).all():
        fresh = [(search_tokens(row.name, id_no=row.id_no, mobile=row.mobile), row.row) for row in rows]
        connection.exec_driver_sql("UPDATE search_entry SET tokens = ? WHERE row = ?", fresh)
        at = rows[-1].row


def downgrade() -> None:
    """Steps are never taken back: restore the backup made before the upgrade."""
    raise NotImplementedError
