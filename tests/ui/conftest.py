"""Every screen test ends with its windows gone, and garbage is collected on the GUI thread alone."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _clean_desk() -> Iterator[None]:
    """Keep the collector off other threads (as ``app.ui.collecting`` does) and delete what the test left open.

    What stands before the test is left out of the collection after it: a whole suite's modules and caches take seconds
    to look through. What the test before let go of late, with its fixtures, is collected first.
    """
    gc.disable()
    gc.collect()
    gc.freeze()
    yield
    if QApplication.instance() is not None:
        for window in QApplication.topLevelWidgets():
            window.close()
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    gc.enable()
