"""What this program is, for whoever answers the phone: versions and places, nothing of a person."""

import platform
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.db import migrate, state
from app.db.database import Transaction


@dataclass(frozen=True)
class ProgramFacts:
    """Versions of the program, its data and what it stands on; ``folder``: where the data lie."""

    version: str
    schema: str
    python: str
    cipher: str
    sqlite: str
    system: str
    station: str
    device_no: str
    folder: Path


def program_facts(tx: Transaction) -> ProgramFacts:
    """Return the facts of this program and this counter."""
    connection = tx.session.connection()
    return ProgramFacts(
        version=__version__,
        schema=migrate.head(),
        python=platform.python_version(),
        cipher=str(connection.exec_driver_sql("PRAGMA cipher_version").scalar() or ""),
        sqlite=str(connection.exec_driver_sql("SELECT sqlite_version()").scalar() or ""),
        system=_system(),
        station=state.station_code(tx.session) or "",
        device_no=str(state.get_state(tx.session, state.DEVICE_NO) or ""),
        folder=Path(connection.engine.url.database or "").parent,
    )


def _system() -> str:
    """Return system, machine and C library: what decides which package fits."""
    library = " ".join(platform.libc_ver()).strip()
    return " ".join(part for part in (platform.system(), platform.release(), platform.machine(), library) if part)
