"""Python's garbage collector, kept on the GUI thread.

A widget that ends in a reference cycle is deleted by whichever thread happens to collect it. Deleted in the db lane, it
takes the program with it. So automatic collection stays off, and a timer collects here, by the collector's own
thresholds.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class GuiCollector(QObject):
    """Collects garbage on the thread that made it, instead of anywhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._thresholds = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(EVERY_MS)

    def collect(self) -> None:
        """Collect the generations that are due."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return
