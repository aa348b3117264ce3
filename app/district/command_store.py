"""The database that a command of ``doorstep-district`` names."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from app import paths
from app.district.store import DistrictStore


def open_store(args: argparse.Namespace) -> DistrictStore:
    """Return the prepared database that a command names."""
    folder = args.data or paths.default_district_data()
    url = args.database
    if url is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'district.db'}"
    store = DistrictStore(url)
    store.prepare()
    return store


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[DistrictStore]:
    """Yield the prepared database that a command names; closed afterwards."""
    store = open_store(args)
    try:
        yield store
    finally:
        store.close()
