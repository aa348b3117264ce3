"""今日: what is due, most urgent first; beside it what of mine waits, and my numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.models.acts import may
from app.services.todos import OVERDUE, SOON, TODAY, Todo, TodoRule
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.sign_in.state import day_text, weekday_text
from app.ui.sync_badge import OFFLINE, SyncSummary, long_span_text
from app.ui.table import Column, RecordTable
from app.ui.today import state
from app.ui.today.side import MyNumbers, WaitingList
from app.ui.today.state import ALL, TONES, TodayFacts
from app.ui.widgets import (
    BannerLine,
    Button,
    Card,
    Choice,
    EmptyState,
    SectionTitle,
    SegmentedFilter,
    Text,
    paint,
    row_of,
)

SIDE = 372
MINUTE_MS = 60_000


def columns() -> tuple[Column[Todo], ...]:
    """Return the columns, in the language in force."""
    return (
        Column("", _urgency, width=24, paint=_paint_bar, sortable=False),
        Column("", _name, width=124, role="row", bold=True, sortable=False),
        Column("", _kind, width=104, role="secondary", tone=_quiet, sortable=False),
        Column("", _text, width=200, stretch=1, sortable=False),
        Column("", state.due_words, width=252, align="right", paint=_paint_due, sortable=False),
    )


def _urgency(todo: Todo) -> str:
    return state.labels()[todo.urgency]


def _name(todo: Todo) -> str:
    return todo.name


def _kind(todo: Todo) -> str:
    return todo.kind


def _text(todo: Todo) -> str:
    return todo.text


def _quiet(_todo: Todo) -> str:
    return "text2"


def _paint_bar(painter: QPainter, look: theme.Theme, box: QRectF, row: Todo, *, selected: bool) -> None:
    bar = QRectF(box.left() - 3, box.top() + look.px(9), look.px(4), box.height() - look.px(17))
    paint.rounded(painter, bar, 2, look.tone(TONES[row.urgency])[2])


def _paint_due(painter: QPainter, look: theme.Theme, box: QRectF, row: Todo, *, selected: bool) -> None:
    """Paint when it is due; on the chosen row also what Enter does."""
    right = box.right() - look.px(4)
    if selected:
        words, font = state.verb(row), look.font()
        wide = paint.width_of(font, words) + paint.key_cap_width(look, "Enter") + look.px(34)
        pill = QRectF(right - wide, box.center().y() - look.px(16), wide, look.px(32))
        paint.rounded(painter, pill, 8, look.color("surface"), look.color("accent"), 1.6)
        at = pill.left() + look.px(12)
        width = paint.width_of(font, words)
        paint.text(painter, QRectF(at, pill.top(), width + 1, pill.height()), words, font, look.color("text"))
        paint.key_cap(painter, look, at + width + look.px(10), pill.center().y(), "Enter")
        right = pill.left() - look.px(12)
    loud = row.urgency in (OVERDUE, TODAY)
    ink = {"blue": "text2"}.get(TONES[row.urgency], TONES[row.urgency])
    room = QRectF(box.left(), box.top(), right - box.left(), box.height())
    paint.text(painter, room, state.due_words(row), look.font("body", bold=loud), look.color(ink), paint.RIGHT)


class TodayScreen(QWidget):
    """The list with its slices, the offline line over it, and the right side."""

    badge_changed = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._facts: TodayFacts | None = None
        self._mine = False
        self._build()
        self.slices.chosen.connect(self._on_slice)
        self.table.row_activated.connect(self._on_opened)
        self.why.clicked.connect(self._on_why)
        self.new.clicked.connect(partial(self._context.navigate, "register"))
        self.waiting.draft_requested.connect(self._on_draft)
        self.waiting.screen_requested.connect(self._context.navigate)
        self.swap.clicked.connect(self._on_swap)
        self._minute = QTimer(self, interval=MINUTE_MS)
        self._minute.timeout.connect(self._show_sync)
        self._minute.start()
        self.setFocusProxy(self.table)
        shortcut = QShortcut(QKeySequence("Ctrl+\\"), self)
        shortcut.activated.connect(self._on_swap)

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 0)
        column.setSpacing(theme.SPACE[2])
        self.banner = BannerLine("cloud-off", "", "")
        look = Button(_("看同步"), "text", height=theme.HEIGHT["row_button"])
        look.clicked.connect(partial(self._context.navigate, "sync"))
        self.banner.add(look)
        column.addWidget(self.banner)
        column.addLayout(self._head())
        body = QHBoxLayout()
        body.setSpacing(28)
        self.list, self.side = self._left(), self._right()
        body.addWidget(self.list, 1)
        body.addWidget(self.side)
        column.addLayout(body, 1)

    def _head(self) -> QHBoxLayout:
        self._date = Text("", "body", "text2")
        self._date.setContentsMargins(0, 0, 0, 4)
        self.new = Button(_("新登记"), key="F2", icon="user-round-plus")
        self.new.setVisible(may(self._context.actor.roles, "resident.register"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[3])
        row.addWidget(Text(_("今日"), "title"))
        row.addWidget(self._date, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        self.swap = Button(_("我的"), key="Ctrl \\")
        self.swap.hide()
        row.addWidget(self.swap)
        row.addWidget(self.new)
        return row

    def _left(self) -> QWidget:
        self.slices = SegmentedFilter([Choice(ALL, _("全部"), 0)], name=_("待办"))
        self.why = Button(_("为什么有这些"), "text", height=theme.HEIGHT["row_button"])
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[3])
        row.addWidget(Text(_("待办"), "section"))
        row.addWidget(self.slices)
        row.addStretch(1)
        row.addWidget(self.why)
        self.rules = Card("sunken", "line", radius=theme.RADIUS["card"], padding=14)
        self.rules.hide()
        self.table: RecordTable[Todo] = RecordTable(
            columns(),
            name=_("待办"),
            row_height=theme.HEIGHT["todo"],
            key=state.key_of,
            empty=self._empty(ALL, 0),
            show_head=False,
        )
        self.table.setMinimumHeight(theme.HEIGHT["todo"])
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(row)
        column.addWidget(self.rules)
        column.addWidget(self.table, 1)
        return left

    def _right(self) -> QWidget:
        self.waiting, self.numbers = WaitingList(), MyNumbers()
        side = QWidget()
        side.setFixedWidth(theme.of(self).px(SIDE))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 6, 0, 12)
        column.setSpacing(theme.SPACE[4])
        column.addWidget(self.waiting)
        column.addWidget(self.numbers)
        column.addStretch(1)
        return side

    def _empty(self, level: str, soon: int) -> EmptyState:
        if level == ALL:
            return EmptyState(_("没有待办"), _("新的到期和回执会自己出现在这里。"), icon="calendar-check")
        text = _("可以看看三天内到期的 {n} 件。", n=soon) if soon and level != SOON else _("看看别的，或者歇一口气。")
        words = state.labels()[level]
        empty = EmptyState(_("“{slice}”都办完了", slice=words), text, Button(_("看全部")), icon="calendar-check")
        empty.act_requested.connect(self._on_all)
        return empty

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show list and side beside each other, or one at a time where there is no room for both."""
        super().resizeEvent(event)
        look = theme.of(self)
        self.side.setFixedWidth(min(look.px(SIDE), self.width() - 48))
        self._fit(narrow=look.scale >= theme.DRAWER_SCALE or self.window().width() < theme.DRAWER_BELOW)

    def _fit(self, *, narrow: bool) -> None:
        self.swap.setVisible(narrow)
        if not narrow:
            self._mine = False
        self.list.setVisible(not (narrow and self._mine))
        self.side.setVisible(not narrow or self._mine)
        self.swap.set_label(_("待办") if self._mine else _("我的"))

    def _on_swap(self) -> None:
        if not self.swap.isHidden():
            self._mine = not self._mine
            self._fit(narrow=True)

    # What the window asks

    def refresh(self) -> None:
        """Read the whole page anew."""
        self.table.set_loading()
        local = clock.to_local(clock.now())
        self._date.setText(f"{day_text(local)} {weekday_text(local)}")
        self._show_sync()
        question = state.TodayQuestion(self._context.actor.staff_id)
        self._context.runner.read(question.ask, self._on_facts)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [
            KeyHint(("↑", "↓"), _("选待办")),
            KeyHint(("Enter",), _("办理")),
            KeyHint(("F2",), _("新登记")),
        ]

    def main_action(self) -> None:
        """Open what the chosen to-do is about (F9)."""
        todo = self.table.current_row()
        if todo is not None:
            self._on_opened(todo)

    def badge(self) -> int:
        """Return the count for the rail: overdue and due today."""
        return state.badge_count(self._facts.todos) if self._facts is not None else 0

    # Slots

    def _on_facts(self, facts: TodayFacts) -> None:
        self._facts = facts
        counted, words = state.counts(facts.todos), state.labels()
        self.slices.set_choices([Choice(code, words[code], counted[code], TONES.get(code, "")) for code in words])
        self.waiting.show_facts(facts, reviews=may(self._context.actor.roles, "vacancy.publish"))
        self.numbers.show_day(facts.mine)
        self._fill_rules(facts.rules)
        self._show_slice()
        self.badge_changed.emit()

    def _show_slice(self) -> None:
        if self._facts is None:
            return
        level = self.slices.code()
        rows = state.in_slice(self._facts.todos, level)
        if not rows:
            self.table.set_empty(self._empty(level, state.counts(self._facts.todos)[SOON]))
        self.table.set_rows(rows)
        if rows and self.table.current_row() is None:
            self.table.select_first()

    def _fill_rules(self, rules: Sequence[TodoRule]) -> None:
        while (item := self.rules.body.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.rules.body.addWidget(SectionTitle(_("这些待办怎么来的"), role="strong"))
        font = theme.of(self).font("strong")
        wide = max((round(paint.width_of(font, rule.kind)) for rule in rules), default=0) + theme.SPACE[1]
        for rule in rules:
            kind = Text(rule.kind, "strong")
            kind.setFixedWidth(wide)
            line = row_of([kind], spacing=theme.SPACE[2], stretch=False)
            words = Text(rule.text, "secondary", "text2", wrap=True)
            layout = line.layout()
            if isinstance(layout, QHBoxLayout):
                layout.addWidget(words, 1)
            self.rules.body.addWidget(line)
        order = _("每次打开都从登记、推荐信和岗位现算，办完就自己消失。红色已逾期，橙色今天，黄色三天内，蓝色留意。")
        self.rules.body.addWidget(Text(order, "secondary", "text2", wrap=True))

    def _show_sync(self) -> None:
        summary = self._context.sync.summary() if self._context.sync is not None else SyncSummary()
        self.banner.setVisible(summary.state == OFFLINE)
        if summary.state != OFFLINE:
            return
        since = summary.last_ok_at
        title = _("已离线 {span}", span=long_span_text(clock.now() - since)) if since else _("现在离线")
        text = _("登记、匹配、开推荐信、打印照常办。")
        if summary.queued:
            text += _("{n} 笔存在本机，联网后自动送。", n=summary.queued)
        self.banner.set_text(title, text)

    def _on_slice(self, _code: str) -> None:
        self._show_slice()

    def _on_all(self) -> None:
        self.slices.set_code(ALL)
        self._show_slice()

    def _on_why(self) -> None:
        self.rules.setVisible(self.rules.isHidden())
        self.why.set_label(_("收起") if not self.rules.isHidden() else _("为什么有这些"))

    def _on_opened(self, todo: Todo) -> None:
        name, arguments = state.way_to(todo)
        self._context.navigate(name, **arguments)

    def _on_draft(self, subject: str) -> None:
        self._context.navigate("register", draft=subject)
