"""The two lists: classes open for one person, and sign-ups (hers, or those of a class)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.training.fitting import FittingClass
from app.texts import _
from app.ui.sign_up import seats, state
from app.ui.sign_up.seats import SeatLine
from app.ui.table import Column, RecordTable
from app.ui.widgets import EmptyState


def offer_columns() -> tuple[Column[FittingClass], ...]:
    """Return the columns of the open classes."""
    return (
        Column(
            _("班级"),
            lambda each: each.line.title,
            width=230,
            stretch=3,
            bold=True,
            second=lambda each: state.slot_words(each.slots),
            third=state.fit_words,
            third_tone=state.fit_tone,
        ),
        Column(
            _("开课"),
            lambda each: state.day_words(each.line.start_on),
            width=104,
            second=lambda each: _("到 {day}", day=state.day_words(each.line.end_on)),
            sort_key=lambda each: each.line.start_on,
        ),
        Column(_("课时"), lambda each: str(each.line.hours_total or ""), width=62, align="right"),
        Column(_("地点"), lambda each: each.line.place or "", width=130, stretch=1),
        Column(
            _("还有名额"),
            lambda each: state.places_words(each.line),
            width=128,
            tone=lambda each: state.places_tone(each.line),
            sort_key=lambda each: -(state.places_left(each.line) or 0),
        ),
        Column(
            _("截止"),
            lambda each: state.day_words(each.line.enrol_until) if each.line.enrol_until else "",
            width=84,
            sort_key=lambda each: each.line.enrol_until,
        ),
    )


def seat_columns(*, of_class: bool) -> tuple[Column[SeatLine], ...]:
    """Return the columns of sign-ups; ``of_class``: of many people in one class."""
    first: Column[SeatLine] = (
        Column(_("姓名"), lambda line: line.name, width=110, stretch=1, bold=True)
        if of_class
        else Column(_("班级"), lambda line: line.title, width=210, stretch=2, bold=True)
    )
    return (
        first,
        Column(_("报名号"), lambda line: line.enrol_no[-4:], width=92, sort_key=lambda line: line.enrol_no),
        Column(_("名额结果"), seats.seat_words, width=206, chip=seats.seat_tone),
        Column(_("补贴"), lambda line: _("补贴") if line.subsidised else _("不补贴"), width=80, tone=_quiet),
        Column(_("报名日期"), lambda line: state.day_words(line.enrolled_on), width=92, tone=_quiet),
        Column(
            _("要办的"),
            seats.note_words,
            width=120,
            stretch=1,
            tone=lambda line: "orange" if line.untold or seats.slip_is_old(line) else "text2",
        ),
    )


def _quiet(_line: SeatLine) -> str:
    return "text2"


class OfferPage(QWidget):
    """Classes open today, what fits her first; Enter looks at one."""

    picked = Signal(str)
    selected = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        empty = EmptyState(_("眼下没有能报的班"), _("在“培训”里排了班、开始报名了，这里就有。"), icon="graduation-cap")
        self.table: RecordTable[FittingClass] = RecordTable(
            offer_columns(), name=_("能报的班"), row_height=64, key=lambda each: each.line.id, empty=empty
        )
        _alone(self, self.table)
        self.table.row_activated.connect(self._on_activated)
        self.table.row_selected.connect(self.selected)
        self.setFocusProxy(self.table)

    def show_offer(self, offer: state.Offer) -> None:
        """Show the classes for another person."""
        self.table.set_rows(list(offer.classes))
        if self.table.current_row() is None:
            self.table.select_first()

    def _on_activated(self, each: FittingClass) -> None:
        self.picked.emit(each.line.id)


class SeatsPage(QWidget):
    """Sign-ups with the state of their seats; Enter shows the slip."""

    slip_requested = Signal(str)
    selected = Signal(object)

    def __init__(self, *, of_class: bool) -> None:
        super().__init__()
        title = _("还没有人报名") if of_class else _("还没有报过培训班")
        text = _("按 Ctrl+1 找人报名。") if of_class else _("按 Ctrl+1 看能报的班。")
        self.table: RecordTable[SeatLine] = RecordTable(
            seat_columns(of_class=of_class),
            name=_("名单") if of_class else _("报过的班"),
            row_height=40,
            key=lambda line: line.id,
            empty=EmptyState(title, text, icon="clipboard-list"),
        )
        _alone(self, self.table)
        self.table.row_activated.connect(self._on_activated)
        self.table.row_selected.connect(self.selected)
        self.setFocusProxy(self.table)

    def show_lines(self, lines: tuple[SeatLine, ...]) -> None:
        """Show other sign-ups."""
        self.table.set_rows(list(lines))
        if self.table.current_row() is None:
            self.table.select_first()

    def line(self) -> SeatLine | None:
        """Return the chosen one."""
        return self.table.current_row()

    def _on_activated(self, line: SeatLine) -> None:
        self.slip_requested.emit(line.id)


def _alone(page: QWidget, table: QWidget) -> None:
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(table)
