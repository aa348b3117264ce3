"""Where things live: the shipped resources, the data folder, and the device's secret."""

import os
from pathlib import Path


def resources() -> Path:
    """Return the folder of shipped resources (source tree and installed alike)."""
    beside = Path(__file__).resolve().parent.parent / "resources"
    return beside if beside.is_dir() else Path(__file__).resolve().parent / "resources"


def default_data() -> Path:
    """Return the counter's data folder when ``--data`` is not given."""
    named = os.environ.get("DOORSTEP_DATA")
    return Path(named) if named else _system_folder("user_data_dir", "doorstep")


def default_district_data() -> Path:
    """Return the district server's data folder when none is given."""
    named = os.environ.get("DOORSTEP_DISTRICT_DATA")
    return Path(named) if named else _system_folder("user_data_dir", "doorstep-district")


def secrets() -> Path:
    """Return the folder of device secrets: outside the data folder, so that a copy of that opens nothing."""
    named = os.environ.get("DOORSTEP_SECRETS")
    if named:
        return Path(named)
    folder = _system_folder("user_config_dir", "doorstep")
    if folder == _system_folder("user_data_dir", "doorstep"):  # Windows has one place for both
        return folder.with_name("doorstep-secrets")
    return folder / "secrets"


def programs() -> Path:
    """Return the folder of programs that came as updates: beside the data, so that no copy of the data carries them."""
    named = os.environ.get("DOORSTEP_PROGRAMS")
    return Path(named) if named else _system_folder("user_data_dir", "doorstep-programs")


def _system_folder(which: str, name: str) -> Path:
    """Ask the system where such files go."""
    import platformdirs  # only where no folder is named: the window need not wait for it

    return Path(getattr(platformdirs, which)(name, appauthor=False))


class DataFolder:
    """The files of one counter.

    Everything with personal data in it is encrypted; ``keyring.json`` holds wrapped keys only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "doorstep.db"
        self.keyring = root / "keyring.json"
        self.backups = root / "backups"
        self.logs = root / "logs"
        self.drafts = root / "drafts"
        self.lock = root / "doorstep.lock"

    def create(self) -> None:
        """Make the folders, readable by this user alone."""
        for folder in (self.root, self.backups, self.logs, self.drafts):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
