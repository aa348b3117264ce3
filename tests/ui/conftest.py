"""Every screen test ends with its windows gone, and garbage is collected on the GUI thread alone."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.stylesheet import stylesheet


@pytest.fixture(autouse=True)
def _clean_desk(qapp: QApplication) -> Iterator[None]:
    """Keep the collector off other threads (as ``app.ui.collecting`` does) and delete what the test left open.

    The program wears its plain look before every test: put on again only after another one, when no window is left to
    be dressed anew with it (a desktop with all its screens takes seconds).

    What stands before the test is left out of the collection after it: a whole suite's modules and caches take seconds
    to look through. What the test before let go of late, with its fixtures, is collected first.
    """
    gc.disable()
    gc.collect()
    gc.freeze()
    _wear_plain_look(qapp)
    yield
    for window in QApplication.topLevelWidgets():
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    _wear_plain_look(qapp)
    gc.collect()
    gc.enable()


def _wear_plain_look(app: QApplication) -> None:
    if theme.current() != theme.Theme() or app.styleSheet() != stylesheet(theme.Theme()):
        theme.apply_theme(app, theme.Theme())
