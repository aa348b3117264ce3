"""The database that a command of ``doorstep-district`` names."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import paths
from app.district import settings_file
from app.district.store import DistrictStore


def open_store(args: argparse.Namespace) -> DistrictStore:
    """Return the prepared database that a command names, else the one of the server's settings."""
    folder, url = data_folder(args), args.database
    if url is None and args.data is None:
        settings_file.check_readable()
        url = settings_file.given(settings_file.DATABASE)
        settings_file.check_user(url)
    if url is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = f"sqlite:///{folder / 'district.db'}"
    store = DistrictStore(url)
    store.prepare()
    return store


def data_folder(args: argparse.Namespace) -> Path:
    """Return the data folder that a command names."""
    folder: Path = args.data or paths.default_district_data()
    return folder


def releases_folder(args: argparse.Namespace) -> Path:
    """Return the folder of the packages that are offered to counters."""
    return data_folder(args) / "releases"


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[DistrictStore]:
    """Yield the prepared database that a command names; closed afterwards."""
    store = open_store(args)
    try:
        yield store
    finally:
        store.close()
