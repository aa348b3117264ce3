"""Who must be told what: one after the other by phone, ticked as told, with the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.models.masking import mask_mobile
from app.services import traces
from app.services.training.rosters import ToTell
from app.texts import _
from app.ui import theme
from app.ui.class_file.state import ClassView
from app.ui.context import UiContext
from app.ui.dialogs import ask_reveal
from app.ui.resident_file.header import Masked
from app.ui.resident_file.watermark import Watermark
from app.ui.table import Column, RecordTable
from app.ui.training.slot_fields import LEAST_WORDS
from app.ui.widgets import Button, Card, EmptyState, Text, Themed

ROW = 50
_NO_BAR_FROM = 1.75


def _texts(row: ToTell) -> str:
    return _("；").join(row.texts)


class TellPage(Themed, QWidget):
    """The list of people to tell. ``told`` carries the sign-ups that are told now."""

    told = Signal(list)
    ticked = Signal(int)
    file_requested = Signal(str)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._view: ClassView | None = None
        self.sum = Text("", "secondary", "text2")
        self.sum.setMinimumWidth(LEAST_WORDS)
        self.tick_all = Button(_("全勾"), "text", "Ctrl A", height=32)
        self.table: RecordTable[ToTell] = RecordTable(
            self._columns(), name=_("要通知的人"), row_height=ROW, checkable=True, key=lambda row: row.enrolment_id
        )
        text = _("名额定了、调课、延期、取消的时候，本站报名的人会排在这里。")
        self.table.set_empty(EmptyState(_("都通知到了"), text, icon="circle-check"))
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.sum, 1)
        bar.addWidget(self.tick_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._bar)
        column.addWidget(self.table, 1)
        column.addWidget(self._build_card())
        self.setFocusProxy(self.table)
        self.table.row_selected.connect(self._on_row)
        self.table.row_activated.connect(self._on_activated)
        self.table.checks_changed.connect(self._on_ticks)
        self.tick_all.clicked.connect(self.tick_everybody)
        self.watermark = Watermark(self)
        self.watermark.hide()
        self.restyle()

    def restyle(self) -> None:
        """Where the text is big, leave the room to the list: the tab says how many, Ctrl+A ticks all."""
        self._bar.setVisible(theme.of(self).scale < _NO_BAR_FROM)

    def _columns(self) -> tuple[Column[ToTell], ...]:
        wide = texts.language() != "zh_CN"
        return (
            Column(_("姓名"), lambda row: row.name, width=130, bold=True),
            Column(_("电话"), lambda row: mask_mobile(row.phone), width=126, tone=lambda _row: "text2"),
            Column(_("要说的话"), _texts, width=300 if wide else 260, stretch=1),
        )

    def _build_card(self) -> Card:
        """Say to whom, at which number, and what: the sentence to read out stands whole here."""
        self.card = Card("sunken", None, padding=12)
        self.name, self.words = Text("", "row", bold=True), Text("", "body", wrap=True)
        self.phone = Masked(traces.PHONE, _("电话"))
        self.open_file = Button(_("打开档案"), "text", height=32)
        self.one = Button(_("通知到了"), "soft", "Enter", "check", height=32)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.name)
        head.addWidget(self.phone, 1)
        head.addWidget(self.open_file)
        head.addWidget(self.one)
        self.card.body.addLayout(head)
        self.card.body.addWidget(self.words)
        self.phone.asked.connect(self._on_reveal_asked)
        self.phone.opened.connect(self._on_phone_opened)
        self.one.clicked.connect(self._on_one)
        self.open_file.clicked.connect(self._on_file)
        return self.card

    def show_view(self, view: ClassView) -> None:
        """Show who of this class must be told."""
        self._view = view
        self.table.set_rows(view.untold)
        if self.table.current_row() is None:
            self.table.select_first()
        count = len(view.untold)
        self.sum.setText(_("还有 {n} 个人要通知，打过电话就按 Enter", n=count) if count else "")
        self.tick_all.setVisible(count > 1)
        self._show_one(self.table.current_row())
        self._on_ticks(self.table.checked_rows())

    def chosen(self) -> list[ToTell]:
        """Return who is ticked, else the one the keyboard is on."""
        row = self.table.current_row()
        return self.table.checked_rows() or ([row] if row is not None else [])

    def main_label(self) -> str:
        """Return what F9 does here; empty where nobody is left."""
        count = len(self.table.checked_rows())
        if count > 1:
            return _("{n} 个人都通知到了", n=count)
        return _("通知到了") if self.chosen() else ""

    def do_main(self) -> None:
        """Note the ticked ones, else the chosen one, as told (F9)."""
        if self.chosen():
            self.told.emit(self.chosen())

    def tick_everybody(self) -> None:
        """Tick all, or none where all are."""
        rows = self.table.rows()
        done = len(self.table.checked_rows()) == len(rows)
        self.table.set_checked([] if done else [row.enrolment_id for row in rows])

    def hideEvent(self, event: QHideEvent) -> None:
        """Mask again on leaving and on lock."""
        super().hideEvent(event)
        self.phone.close_now()

    def _show_one(self, row: ToTell | None) -> None:
        self.card.setVisible(row is not None)
        if row is None:
            self.phone.close_now()
            return
        self.name.setText(row.name)
        self.phone.set_masked(mask_mobile(row.phone))
        self.words.setText(_texts(row))

    def _on_row(self, row: ToTell) -> None:
        self.phone.close_now()
        self._show_one(row)

    def _on_activated(self, row: ToTell) -> None:
        self.told.emit([row])

    def _on_one(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.told.emit([row])

    def _on_ticks(self, rows: Sequence[ToTell]) -> None:
        self.ticked.emit(len(rows))

    def _on_file(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.file_requested.emit(row.resident_id)

    # -- the number ---------------------------------------------------------------------------------------------
    def _on_reveal_asked(self, field: str) -> None:
        row = self.table.current_row()
        if row is None:
            return
        why = ask_reveal(self, _("电话"))
        if why is not None:
            work = partial(traces.reveal, resident_id=row.resident_id, field=field, why=why)
            self._context.runner.write(work, partial(self._on_revealed, row))

    def _on_revealed(self, asked: ToTell, number: str) -> None:
        row = self.table.current_row()
        if row is not None and row.enrolment_id == asked.enrolment_id:
            self.phone.show_open(number or row.phone or "")

    def _on_phone_opened(self, is_open: bool) -> None:
        self.watermark.setVisible(is_open)
        if is_open:
            self.watermark.show_reader(self._context.actor.name, self._context.station)
