"""Shared by the tests of the launcher: a folder that another user can reach, and that user."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534
AsNobody = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a folder that every user may enter; pytest's own are this user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="doorstep-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def as_nobody() -> AsNobody:
    """Return a way to be another user for a while; where the tests are not root's, one is oneself."""

    @contextmanager
    def become() -> Iterator[None]:
        if sys.platform == "win32" or os.geteuid() != 0:
            yield
            return
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return become
