"""Lucide outline icons, tinted by the theme and drawn at the screen's own density."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import paths
from app.ui import theme

SMALL = 16
LARGE = 22
STROKE = "1.75"


def names() -> list[str]:
    """Return the names of all shipped icons."""
    return sorted(file.stem for file in (paths.resources() / "icons").glob("*.svg"))


@cache
def _source(name: str) -> str:
    text = (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")
    return text.replace('stroke-width="2"', f'stroke-width="{STROKE}"')


@cache
def _pixmap(name: str, color: str, size: int, density: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    image = QPixmap(QSize(round(size * density), round(size * density)))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    image.setDevicePixelRatio(density)
    return image


def pixmap(name: str, color: QColor | str, size: int = SMALL, density: float = 1.0) -> QPixmap:
    """Return the icon as a picture; ``color`` is a colour or a token's name."""
    if isinstance(color, str):
        color = theme.current().color(color)
    return _pixmap(name, color.name(), size, density)


def paint(painter: QPainter, name: str, left: float, top: float, color: QColor | str, size: int = SMALL) -> None:
    """Draw the icon with its upper left corner there."""
    density = painter.device().devicePixelRatio()
    painter.drawPixmap(round(left), round(top), pixmap(name, color, size, density))


def icon(name: str, color: QColor | str = "text2", size: int = SMALL) -> QIcon:
    """Return a QIcon (menus, window): holds densities 1 and 2, and the disabled tint."""
    result = QIcon()
    for density in (1.0, 1.5, 2.0):
        result.addPixmap(pixmap(name, color, size, density))
        result.addPixmap(pixmap(name, "text3", size, density), QIcon.Mode.Disabled)
    return result
