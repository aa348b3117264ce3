"""``python -m app.db "message"``: write the next migration step (``make migration m="…"``).

``python -m app.db --check`` fails if the steps and the models differ (``make drift``).
"""

import sys
import tempfile
from pathlib import Path

from app.db.database import make_engine
from app.db.migrate import FOLDER, drift, migrate, write_step


def main() -> int:
    """Write the step and say where it is."""
    if len(sys.argv) != 2:
        print("usage: python -m app.db MESSAGE | --check", file=sys.stderr)
        return 2
    if sys.argv[1] == "--check":
        return check()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(Path(folder) / "empty.db", None)
        if list((FOLDER / "versions").glob("[0-9]*.py")):
            migrate(engine)
        if sys.argv[1] == "--check":
            differences = drift(engine)
        else:
            differences = []
            print(write_step(engine, sys.argv[1]))
        engine.dispose()
    for difference in differences:
        print(f"models and migrations differ: {difference}", file=sys.stderr)
    return 1 if differences else 0


def check() -> int:
    """Say what differs between the models and a freshly migrated file; 0 when nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(Path(folder) / "empty.db", None)
        migrate(engine)
        differences = drift(engine)
        engine.dispose()
    for item in differences:
        print(item, file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
