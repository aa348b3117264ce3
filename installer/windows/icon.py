"""Draw the program's mark into ``doorstep.ico``: run it again when the mark changes.

``QT_QPA_PLATFORM=offscreen .venv/bin/python installer/windows/icon.py``
"""

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.widgets.brand import Brand

SIZES = (16, 20, 24, 32, 48, 64, 256)
FILE = Path(__file__).with_name("doorstep.ico")


def png(size: int) -> bytes:
    """Return the mark in one size."""
    canvas = QPixmap(size, size)
    canvas.fill(Qt.GlobalColor.transparent)
    brand = Brand(size)
    brand.render(canvas, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.save(buffer, "PNG")
    return bytes(buffer.data().data())


def main() -> None:
    """Write all sizes as one icon file; its pictures are PNG, which Windows reads since Vista."""
    application = QApplication([])
    assert application is not None
    pictures = [png(size) for size in SIZES]
    at = 6 + 16 * len(pictures)
    entries = b""
    for size, picture in zip(SIZES, pictures, strict=True):
        side = size % 256  # 0 says 256
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    FILE.write_bytes(struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures))


if __name__ == "__main__":
    main()
