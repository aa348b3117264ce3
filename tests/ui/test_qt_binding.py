"""PySide6 6.12.0 on CPython 3.11 drops a reference to None at every void call, until the process aborts."""

import sys

import PySide6
from PySide6.QtWidgets import QApplication, QLabel

CALLS = 2_000


def test_pyside_is_older_than_the_one_that_loses_none() -> None:
    assert tuple(int(part) for part in PySide6.__version__.split(".")[:2]) < (6, 12)


def test_void_calls_lose_no_reference_to_none(qapp: QApplication) -> None:
    label = QLabel()
    before = sys.getrefcount(None)

    for _call in range(CALLS):
        label.setText("家门口")

    assert before - sys.getrefcount(None) < CALLS // 10
