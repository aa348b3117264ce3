"""The columns of the three lists, with the cells that are painted: ring, title, distance, marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app import texts
from app.services.matching import PART_LABELS, Suggestion
from app.services.matching.rules import PARTS
from app.texts import N_, _
from app.ui import theme
from app.ui.match.state import GOOD_FROM, Row, places_words
from app.ui.table import Column
from app.ui.widgets import distance_circle, distance_words, paint

MARK_KINDS = {"full": "full", "partly": "partly", "none": "none", "not_compared": "skipped"}
MARK_WORDS = {"full": N_("合"), "partly": N_("差一点"), "none": N_("不合"), "not_compared": N_("没比")}
_LONGEST_HEAD = 6


def score_words(one: Suggestion) -> str:
    """Say a score in full words: “88.9 分，七项里 2 项差一点”."""
    short = sum(part.mark == "partly" for part in one.parts)
    wrong = sum(part.mark == "none" for part in one.parts)
    words = [_("{score} 分", score=f"{one.score:.1f}")]
    if short:
        words.append(_("七项里 {n} 项差一点", n=short))
    if wrong:
        words.append(_("{n} 项不合", n=wrong))
    if one.boost:
        words.append(_("优先"))
    return "，".join(words)


def headline_tone(row: Row) -> str:
    """Return the ink of the gap line: quiet when nothing is amiss, blue where only the priority is told."""
    if row.suggestion is None:
        return "text2"
    marks = {part.mark for part in row.suggestion.parts}
    if marks & {"partly", "none"}:
        return "orange"
    return "blue" if row.suggestion.boost else "text2"


def _paint_score(painter: QPainter, look: theme.Theme, box: QRectF, row: Row, *, selected: bool) -> None:
    if row.suggestion is None:
        return
    score = row.suggestion.score
    side = look.px(44)
    ring = QRectF(box.left() + look.px(2), box.center().y() - side / 2, side, side)
    fill, track = look.color("accent" if score >= GOOD_FROM else "field"), look.color("line2" if selected else "track")
    paint.ring(painter, ring, score / 100, fill, track, look.px(4))
    paint.text(painter, ring, f"{score:.0f}", look.font("row"), look.color("text"), paint.CENTER)


def _paint_title(painter: QPainter, look: theme.Theme, box: QRectF, row: Row, *, selected: bool) -> None:
    """Paint the title with 优先, the employer with 待核验, and the one thing that is amiss."""
    bold, small = look.font("row", bold=True), look.font("secondary")
    lines = [paint.line_height(bold), paint.line_height(small)]
    said = row.suggestion.headline if row.suggestion is not None else ""
    if said:
        lines.append(paint.line_height(small))
    top = box.top() + (box.height() - sum(lines)) / 2
    chip = _("优先") if row.suggestion is not None and row.suggestion.priority else ""
    _line(
        painter,
        look,
        QRectF(box.left(), top, box.width(), lines[0]),
        (row.title, "row", "text"),
        (chip, "blue"),
        selected,
    )
    top += lines[0]
    mark = "" if row.verified else _("待核验")
    second = (row.employer_name, "secondary", "text2")
    _line(painter, look, QRectF(box.left(), top, box.width(), lines[1]), second, (mark, "yellow"), selected)
    if said:
        third = QRectF(box.left(), top + lines[1], box.width(), lines[2])
        paint.text(painter, third, said, small, look.color(headline_tone(row)))


def _line(
    painter: QPainter,
    look: theme.Theme,
    box: QRectF,
    words: tuple[str, str, str],
    chip: tuple[str, str],
    selected: bool,
) -> None:
    """Paint words and, close behind them, a chip that is never pushed out."""
    text, role, ink = words
    font = look.font(role)
    room = paint.chip_width(look, chip[0]) + look.px(8) if chip[0] else 0.0
    width = min(paint.width_of(font, text) + 1, box.width() - room)
    paint.text(painter, QRectF(box.left(), box.top(), width, box.height()), text, font, look.color(ink))
    if chip[0]:
        left = box.left() + width + look.px(8)
        paint.chip(painter, look, left, box.center().y(), chip[0], chip[1], selected=selected)


def _paint_pay(painter: QPainter, look: theme.Theme, box: QRectF, row: Row, *, selected: bool) -> None:
    """Paint the pay as it is stated, what it is worth in a month, and how many are wanted."""
    stated, _bracket, worth = row.pay.partition("（")
    small = look.font("secondary")
    said = [(stated or "—", look.font("row", bold=True), "text")]
    if worth:
        said.append((worth.rstrip("）"), small, "text2"))
    said.append((places_words(row.places), small, "text2"))
    heights = [paint.line_height(font) for _words, font, _ink in said]
    top = box.top() + (box.height() - sum(heights)) / 2
    for (words, font, ink), height in zip(said, heights, strict=True):
        paint.text(painter, QRectF(box.left(), top, box.width(), height), words, font, look.color(ink))
        top += height


def _paint_way(painter: QPainter, look: theme.Theme, box: QRectF, row: Row, *, selected: bool) -> None:
    if row.suggestion is None:
        return
    metres = row.suggestion.distance_m
    line = paint.line_height(look.font())
    words = QRectF(box.left(), box.center().y() - line, box.width(), line)
    km = _("{km} 公里", km=f"{metres / 1000:.1f}") if metres is not None else ""
    paint.text(painter, words, km, look.font(), look.color("text"))
    left = words.left() + (paint.width_of(look.font(), km) + look.px(8) if km else 0)
    circle = QRectF(left, words.top(), words.right() - left, line)
    paint.text(painter, circle, distance_circle(metres), look.font("secondary"), look.color("text2"))
    bar = QRectF(box.left(), words.bottom() + look.px(3), box.width() - look.px(10), look.px(14))
    paint.distance(painter, look, bar, metres, selected=selected)


def _paint_mark(painter: QPainter, look: theme.Theme, box: QRectF, row: Row, *, selected: bool, at: int = 0) -> None:
    if row.suggestion is None:
        return
    side = look.px(24)
    tile = QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
    paint.mark(painter, look, tile, MARK_KINDS[row.suggestion.parts[at].mark], selected=selected)


def _mark_words(at: int) -> Callable[[Row], str]:
    def words(row: Row) -> str:
        return _(MARK_WORDS[row.suggestion.parts[at].mark]) if row.suggestion is not None else ""

    return words


def _mark_order(at: int) -> Callable[[Row], float]:
    def order(row: Row) -> float:
        return row.suggestion.parts[at].s or 0.0 if row.suggestion is not None else 0.0

    return order


def _head_words(part: str) -> str:
    """Return the head of a mark's narrow column: the part's name, cut with a point where it is long."""
    words = _(PART_LABELS[part])
    return words if len(words) <= _LONGEST_HEAD else f"{words[:4]}."


def _title_words(row: Row) -> str:
    return row.title if row.verified else f"{row.title} {_('待核验')}"


def suggested_columns() -> tuple[Column[Row], ...]:
    """Return the columns of what is suggested: ring, vacancy, pay, way, seven marks."""
    mark_width, pay_width, way_width = (43, 124, 146) if texts.language() == "zh_CN" else (52, 138, 130)
    return (
        _score_column(),
        Column(
            _("岗位"),
            _title_words,
            width=156,
            stretch=1,
            bold=True,
            paint=_paint_title,
            second=lambda row: row.employer_name,
            third=lambda row: row.suggestion.headline if row.suggestion else "",
        ),
        Column(
            _("月薪、名额"),
            lambda row: row.pay,
            width=pay_width,
            bold=False,
            paint=_paint_pay,
            second=lambda row: places_words(row.places),
            sort_key=lambda row: row.pay,
            sortable=False,
        ),
        Column(
            _("路程"),
            lambda row: distance_words(row.suggestion.distance_m) if row.suggestion else "",
            width=way_width,
            paint=_paint_way,
            sort_key=lambda row: row.suggestion.distance_m if row.suggestion else None,
        ),
        *_mark_columns(mark_width),
    )


def _score_column() -> Column[Row]:
    return Column(
        _("得分"),
        lambda row: score_words(row.suggestion) if row.suggestion else "",
        width=98,
        align="center",
        paint=_paint_score,
        sort_key=lambda row: row.suggestion.rank if row.suggestion else 0.0,
    )


def _mark_columns(width: int) -> Iterator[Column[Row]]:
    for at, part in enumerate(PARTS):
        yield Column(
            _head_words(part),
            _mark_words(at),
            width=width,
            align="center",
            paint=partial(_paint_mark, at=at),
            sort_key=_mark_order(at),
        )


def everything_columns() -> tuple[Column[Row], ...]:
    """Return the columns of all open vacancies: nothing in them is about the person."""
    return (
        Column(_("岗位"), _title_words, width=320, stretch=2, bold=True, paint=_paint_title),
        Column(_("月薪、名额"), lambda row: row.pay, width=210, paint=_paint_pay, sortable=False),
        Column(_("招到哪天"), lambda row: row.until, width=110),
    )


def reason_columns() -> tuple[Column[Row], ...]:
    """Return the columns of what is not suggested: each with its reason as a sentence."""
    return (
        Column(_("岗位"), lambda row: row.title, width=220, stretch=1, bold=True, second=lambda row: row.employer_name),
        Column(_("为什么"), lambda row: row.label, width=150, chip=lambda _row: "neutral"),
        Column(_("一句话"), lambda row: row.why, width=300, stretch=2, tone=lambda _row: "text"),
    )
