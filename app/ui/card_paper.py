"""The counter's card on paper: made on the io lane, printed by the system's dialog or saved as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.printing.counter_card import CardRow, render_counter_card
from app.services.stations import find_station
from app.texts import _
from app.ui import print_pdf
from app.ui.card import card_row

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from app.config import Settings
    from app.db.database import Transaction
    from app.ui.context import StationFacts, UiContext

JOB = "doorstep-counter-card"


class CardPaper(QObject):
    """Prints or saves the card of this counter."""

    def __init__(self, context: UiContext, over: QWidget) -> None:
        super().__init__(over)
        self._context, self._over = context, over
        self.is_busy = False

    def print(self) -> None:
        """Ask for the printer, then print."""
        self._make(self._on_row_to_print)

    def save(self) -> None:
        """Ask where to, then write the PDF."""
        self._make(self._on_row_to_save)

    def _make(self, then: Callable[[CardRow], None]) -> None:
        if not self.is_busy:
            self.is_busy = True
            row = partial(_row, settings=self._context.settings, known=self._context.station)
            self._context.runner.read(row, then, self._on_failed)

    def _on_row_to_print(self, row: CardRow) -> None:
        printer = print_pdf.ask_printer(self._over.window(), JOB)
        if printer is None:
            self.is_busy = False
        else:
            self._context.runner.io(partial(_print, row, printer), self._on_printed, self._on_failed)

    def _on_row_to_save(self, row: CardRow) -> None:
        path = print_pdf.ask_file(self._over.window(), _("窗口一页卡") + ".pdf")
        if path is None:
            self.is_busy = False
        else:
            self._context.runner.io(partial(_save, row, path), self._on_saved, self._on_failed)

    def _on_printed(self, _nothing: None) -> None:
        self.is_busy = False
        self._context.messages.say(_("一页卡已送到打印机"))

    def _on_saved(self, path: Path) -> None:
        self.is_busy = False
        self._context.messages.say(_("一页卡已存到 {path}", path=path))

    def _on_failed(self, error: AppError) -> None:
        self.is_busy = False
        self._context.messages.show_error(error)


def _row(tx: Transaction, *, settings: Settings, known: StationFacts) -> CardRow:
    """Return the card; on paper it is Chinese whatever the language of the screen."""
    station = find_station(tx)
    name, code = (station.name, station.code) if station is not None else (known.name, known.code)
    phone = (station.phone or "") if station is not None else ""
    return card_row(settings, station_name=name, station_code=code, station_phone=phone)


def _print(row: CardRow, printer: QPrinter) -> None:
    print_pdf.print_on(printer, render_counter_card(row), job=JOB, what=_("一页卡"), numbered=False)


def _save(row: CardRow, path: Path) -> Path:
    return print_pdf.save_pdf(render_counter_card(row), path)
