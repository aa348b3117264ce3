"""The columns of the two tables, with the cells that are painted by hand."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app import clock, texts
from app.models.masking import mask_mobile
from app.services.employers import EmployerLine
from app.services.vacancies import VacancyLine
from app.texts import _
from app.ui import icons, theme
from app.ui.table import Column
from app.ui.vacancies import state
from app.ui.widgets import paint


def _width(chinese: int, other: int) -> int:
    """Return a column's width in the language in force: English words are longer."""
    return chinese if texts.language() == "zh_CN" else other


def vacancy_columns() -> tuple[Column[VacancyLine], ...]:
    """Return the vacancy table's columns, titled in the language in force."""

    def pay(row: VacancyLine) -> str:
        return state.pay_words(row.pay_unit, row.pay_min, row.pay_max)

    return (
        Column(
            _("岗位名称"),
            lambda row: row.title,
            width=_width(196, 176),
            stretch=3,
            bold=True,
            second=state.trade_words,
            paint=_paint_title,
        ),
        Column(
            _("用人单位"),
            lambda row: row.employer_name,
            width=_width(162, 152),
            stretch=2,
            second=lambda row: "" if row.employer_verified else _("待核验"),
            paint=_paint_employer,
        ),
        Column(_("薪酬"), pay, width=_width(118, 150), sort_key=lambda row: row.pay_max or row.pay_min),
        Column(_("人数"), state.places_words, width=_width(76, 62), align="right", sort_key=lambda row: row.openings),
        *_where_and_when(clock.today()),
    )


def _where_and_when(today: date) -> tuple[Column[VacancyLine], ...]:
    """Return place, last day and state."""
    return (
        Column(
            _("地点"),
            lambda row: row.work_place or "",
            width=_width(104, 84),
            stretch=1,
            tone=lambda _row: "text2",
        ),
        Column(
            _("截止"),
            lambda row: state.short_day(row.open_to, today),
            width=64,
            tone=lambda _row: "text2",
            sort_key=lambda row: row.open_to.isoformat() if row.open_to else "",
        ),
        Column(
            _("状态"),
            lambda row: state.state_words(row, today),
            width=_width(84, 134),
            chip=lambda row: state.state_tone(row, today),
        ),
    )


def employer_columns() -> tuple[Column[EmployerLine], ...]:
    """Return the employer table's columns."""
    return (
        Column(_("单位名称"), lambda row: row.name, width=240, stretch=3, bold=True),
        Column(_("统一社会信用代码"), lambda row: row.uscc or "", width=190, tone=lambda _row: "text2"),
        Column(
            _("核验"),
            state.verify_words,
            width=_width(92, 124),
            chip=lambda row: state.VERIFY_TONES.get(row.verify_state, "neutral"),
        ),
        Column(_("联系人"), lambda row: row.contact or "", width=90, stretch=1),
        Column(_("电话"), lambda row: mask_mobile(row.phone), width=130, tone=lambda _row: "text2"),
        Column(
            _("岗位"),
            lambda row: str(row.vacancy_count) if row.vacancy_count else "",
            width=64,
            align="right",
            sort_key=lambda row: row.vacancy_count,
        ),
    )


def _paint_title(painter: QPainter, look: theme.Theme, box: QRectF, row: VacancyLine, *, selected: bool) -> None:
    """Paint title, with the mark of kept-apart text, and the occupation with how sure it is."""
    bold, small = look.font("row", bold=True), look.font("secondary")
    first, second = paint.line_height(bold), paint.line_height(small)
    top = box.top() + (box.height() - first - second) / 2
    room, size = box.width(), look.px(14)
    if row.has_legacy_note:
        room -= size + 6
    paint.text(painter, QRectF(box.left(), top, room, first), row.title, bold, look.color("text"))
    if row.has_legacy_note:
        left = box.left() + min(paint.width_of(bold, row.title), room) + 6
        icons.paint(painter, "paperclip", left, top + (first - size) / 2, "text2", size)
    under = QRectF(box.left(), top + first, box.width(), second)
    paint.text(painter, under, state.trade_words(row), small, look.color(state.trade_tone(row)))


def _paint_employer(painter: QPainter, look: theme.Theme, box: QRectF, row: VacancyLine, *, selected: bool) -> None:
    """Paint the employer, and under it 待核验 until its papers were seen."""
    font = look.font()
    first = paint.line_height(font)
    if row.employer_verified:
        paint.text(painter, box, row.employer_name, font, look.color("text"))
        return
    chip = paint.chip_height(look)
    top = box.top() + (box.height() - first - chip - 1) / 2
    paint.text(painter, QRectF(box.left(), top, box.width(), first), row.employer_name, font, look.color("text"))
    paint.chip(painter, look, box.left(), top + first + 1 + chip / 2, _("待核验"), "yellow", selected=selected)
