"""Which month and which station the dashboard shows, and on which monitor the hall's screen goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QScreen
from PySide6.QtWidgets import QWidget

from app.ledgers.base import Ask
from app.ledgers.period import Period, read_month
from app.texts import _
from app.ui.dashboard import state
from app.ui.dialogs import QuietDialog
from app.ui.forms import ChoiceField, FormGrid
from app.ui.widgets import Button, RadioChips


class BoardFilters(FormGrid):
    """Month and station. ``changed`` when something else is asked for."""

    changed = Signal(object)

    def __init__(self, ask: Ask, parent: QWidget | None = None) -> None:
        super().__init__(2, parent)
        self.ask = ask
        self.month = ChoiceField(_("月份"), state.month_choices(), name="month", show_code=False)
        self.station = ChoiceField(_("站点"), name="station", show_code=False)
        self.station.line.setPlaceholderText(_("本机有的全部站点"))
        self.add(self.month)
        self.add(self.station)
        self.month.set_value(ask.period.slug)
        self.field_left.connect(self._on_left_field)

    def set_stations(self, stations: Sequence[tuple[str, str]]) -> None:
        """Offer the stations that the database knows."""
        self.station.set_items(stations)

    def take_period(self, period: Period) -> None:
        """Ask for another month."""
        self.month.set_value(period.slug)
        self._take(period)

    def station_words(self) -> str:
        """Return whose figures these are."""
        item = self.station.item()
        return item.label if item is not None else ""

    def _on_left_field(self, _name: str) -> None:
        code = self.month.value()
        self._take(read_month(code) if code else self.ask.period)

    def _take(self, period: Period) -> None:
        station = self.station.value()
        ask = Ask(period, (station,) if station else ())
        if ask != self.ask:
            self.ask = ask
            self.changed.emit(ask)


class ScreenDialog(QuietDialog):
    """Asks on which of several monitors the hall's screen goes; a digit chooses."""

    def __init__(self, parent: QWidget | None, screens: Sequence[QScreen]) -> None:
        text = _("大屏只有合计的数，没有任何人的资料。窗口这边照常用。")
        super().__init__(parent, _("大屏放到哪块屏幕"), text, icon="monitor")
        choices = [(str(number), screen_words(screen)) for number, screen in enumerate(screens, 1)]
        self.screens = RadioChips(choices, name=_("屏幕"))
        self.no, self.yes = Button(_("先不开"), key="Esc"), Button(_("打开大屏"), "soft", "Enter")
        self.picked: QScreen | None = None
        self._offered = tuple(screens)
        self.column.addWidget(self.screens)
        self.add_buttons(self.no, self.yes)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes)
        self.screens.set_code("1")
        self.screens.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() in ("\r", "\n"):
            self._on_yes()
        else:
            super().keyPressEvent(event)

    def _on_yes(self) -> None:
        if self.screens.code():
            self.picked = self._offered[int(self.screens.code()) - 1]
            self.accept()


def screen_words(screen: QScreen) -> str:
    """Return a monitor in words: its name and its pixels."""
    size, density = screen.size(), screen.devicePixelRatio()
    return f"{screen.name()} {round(size.width() * density)}×{round(size.height() * density)}"


def ask_screen(parent: QWidget | None, screens: Sequence[QScreen]) -> QScreen | None:
    """Ask which monitor; None when the answer is no."""
    dialog = ScreenDialog(parent, screens)
    dialog.exec()
    dialog.deleteLater()
    return dialog.picked
