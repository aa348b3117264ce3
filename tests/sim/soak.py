"""``python -m tests.sim.soak [--rounds N]``: kill the program at random moments, far longer than the suite does."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.sim import kill


def main() -> int:
    """Run the rounds in batches of 100, each with its own seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for batch in range(max(1, options.rounds // 100)):
        with tempfile.TemporaryDirectory() as folder:
            if kill.main(100, options.seed + batch, Path(folder)):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
