"""Children of ``bench_start``: the program, or a bare window; each prints when it was
usable, last on its line.

The clock is the system's, the same for all processes. ``program DIR`` runs the real ``main`` and waits until the
sign-in page has been painted and a pressed digit has changed it; ``bare`` waits for a ``QMainWindow``'s first paint.
"""

import sys
import time


def bare() -> int:
    """Show an empty main window and leave at its first paint."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's own
            super().paintEvent(event)
            QTimer.singleShot(0, told)

    def told() -> None:
        print(time.monotonic(), flush=True)
        QApplication.quit()

    app = QApplication([])
    window = Window()
    window.resize(1366, 680)
    window.show()
    return app.exec()


def program(data: str) -> int:
    """Run the program on a founded folder up to its usable sign-in page."""
    from app.commands.main import main
    from app.ui import start

    class Watched(start.Start):
        def fill(self) -> None:
            print(time.monotonic(), end=" ")  # right after the window's first paint
            super().fill()
            watch(self)

    start.Start = Watched  # type: ignore[misc]
    return main(["--data", data])


def watch(held: object) -> None:
    """Wait for the sign-in page's paint, press a digit, and leave once the page took it."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
    from PySide6.QtGui import QKeyEvent

    desktop = held.desktop  # type: ignore[attr-defined]
    page = desktop.sign_in

    class Paint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, press)
            return False

    def press() -> None:
        before = page.state
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1")
        QCoreApplication.sendEvent(desktop.window().windowHandle(), key)  # the way a real key takes; QtTest is slow
        if page.state == before:
            QTimer.singleShot(1, press)
            return
        print(time.monotonic(), flush=True)
        desktop.window().close()

    page.installEventFilter(Paint(page))


if __name__ == "__main__":
    sys.exit(program(sys.argv[2]) if sys.argv[1] == "program" else bare())
