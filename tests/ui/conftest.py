"""Every screen test ends with its windows gone, and garbage is collected on the GUI thread alone."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _clean_desk() -> Iterator[None]:
    """Keep the collector off other threads (as ``app.ui.collecting`` does) and delete what the test left open.

    What stood before the test is left out of the collection after it: with a whole suite's modules and caches it is
    looked through for seconds, and was collected by the test before.
    """
    gc.disable()
    gc.freeze()
    yield
    if QApplication.instance() is not None:
        for window in QApplication.topLevelWidgets():
            window.close()
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    gc.enable()
