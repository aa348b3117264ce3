"""One Alembic tree for SQLite and PostgreSQL, run from the package without an ini file."""
