"""今日 of a trainer: her lessons, nothing of any resident's. Enter calls the roll."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.services.training.day import DayLesson, OwnClass
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.sign_in.state import day_text, weekday_text
from app.ui.sync_badge import OFFLINE, SyncSummary, long_span_text
from app.ui.table import Column, RecordTable
from app.ui.today import trainer_state as state
from app.ui.today.side import WaitingRow
from app.ui.today.trainer_state import TrainerFacts
from app.ui.widgets import BannerLine, Button, EmptyState, SectionTitle, Text, paint

SIDE, SHOWN_CLASSES = 300, 8
MINUTE_MS = 60_000


def columns() -> tuple[Column[DayLesson], ...]:
    """Return the columns, in the language in force."""
    return (
        Column("", state.when, width=196, role="row", bold=True, sortable=False),
        Column("", state.title, width=180, stretch=1, sortable=False),
        Column("", state.number, width=84, role="secondary", tone=_quiet, sortable=False),
        Column("", state.room, width=110, role="secondary", tone=_quiet, sortable=False),
        Column("", state.standing, width=220, align="right", paint=_paint_standing, sortable=False),
    )


def _quiet(_lesson: DayLesson) -> str:
    return "text2"


def _paint_standing(painter: QPainter, look: theme.Theme, box: QRectF, row: DayLesson, *, selected: bool) -> None:
    """Paint how far the roll call is; on the chosen row also what Enter does."""
    right = box.right() - look.px(4)
    if selected:
        words, font = state.verb(row), look.font()
        wide = paint.width_of(font, words) + paint.key_cap_width(look, "Enter") + look.px(34)
        pill = QRectF(right - wide, box.center().y() - look.px(16), wide, look.px(32))
        paint.rounded(painter, pill, 8, look.color("surface"), look.color("accent"), 1.6)
        width = paint.width_of(font, words)
        at = pill.left() + look.px(12)
        paint.text(painter, QRectF(at, pill.top(), width + 1, pill.height()), words, font, look.color("text"))
        paint.key_cap(painter, look, at + width + look.px(10), pill.center().y(), "Enter")
        right = pill.left() - look.px(12)
    words, tone = state.standing(row), state.tone(row)
    wide = paint.chip_width(look, words)
    paint.chip(painter, look, right - wide, box.center().y(), words, tone, selected=selected)


class TrainerDay(QWidget):
    """Today's lessons, what was not called, what comes; at the right her classes."""

    badge_changed = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._facts: TrainerFacts | None = None
        self._build()
        self.table.row_activated.connect(self._on_opened)
        self._minute = QTimer(self, interval=MINUTE_MS)
        self._minute.timeout.connect(self._show_sync)
        self._minute.start()
        self.setFocusProxy(self.table)

    def _build(self) -> None:
        self.banner = BannerLine("cloud-off", "", "")
        look = Button(_("看同步"), "text", height=theme.HEIGHT["row_button"])
        look.clicked.connect(partial(self._context.navigate, "sync"))
        self.banner.add(look)
        self._date = Text("", "body", "text2")
        self._date.setContentsMargins(0, 0, 0, 4)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("今日"), "title"))
        head.addWidget(self._date, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        empty = EmptyState(_("这几天没有您的课"), _("站里给您排了课，同步以后就在这里。"), icon="calendar-check")
        self.table: RecordTable[DayLesson] = RecordTable(
            columns(),
            name=_("我的课"),
            row_height=theme.HEIGHT["todo"],
            key=state.key_of,
            empty=empty,
            show_head=False,
        )
        left = QVBoxLayout()
        left.setSpacing(theme.SPACE[1])
        self.lead = SectionTitle(_("我的课"))
        left.addWidget(self.lead)
        left.addWidget(self.table, 1)
        body = QHBoxLayout()
        body.setSpacing(28)
        body.addLayout(left, 1)
        body.addWidget(self._right())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.banner)
        column.addLayout(head)
        column.addLayout(body, 1)

    def _right(self) -> QWidget:
        self.side = QWidget()
        self.side.setFixedWidth(theme.of(self).px(SIDE))
        self._classes = QVBoxLayout()
        self._classes.setSpacing(0)
        column = QVBoxLayout(self.side)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(SectionTitle(_("我的班")))
        self._none = Text(_("还没有排给您的班。"), "secondary", "text2", wrap=True)
        column.addWidget(self._none)
        column.addLayout(self._classes)
        column.addSpacing(theme.SPACE[2])
        about = _("这台电脑上，您能看到自己班里的姓名和电话，看不到居民档案。")
        column.addWidget(Text(about, "secondary", "text2", wrap=True))
        column.addStretch(1)
        return self.side

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the classes out where there is no room beside the lessons: they are under 培训 as well."""
        super().resizeEvent(event)
        look = theme.of(self)
        narrow = look.scale >= theme.DRAWER_SCALE or self.window().width() < theme.DRAWER_BELOW
        self.side.setVisible(not narrow)
        self.side.setFixedWidth(look.px(SIDE))

    # What the window asks

    def refresh(self) -> None:
        """Read the whole page anew."""
        self.table.set_loading()
        local = clock.to_local(clock.now())
        self._date.setText(f"{day_text(local)} {weekday_text(local)}")
        self._show_sync()
        self._context.runner.read(state.load, self._on_facts)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        return [KeyHint(("↑", "↓"), _("选一课")), KeyHint(("Enter",), _("点名")), KeyHint(("F3",), _("查学员"))]

    def main_action(self) -> None:
        """Call the roll of the chosen lesson (F9)."""
        lesson = self.table.current_row()
        if lesson is not None:
            self._on_opened(lesson)

    def badge(self) -> int:
        """Return the count for the rail: lessons of today and before that are not called."""
        return state.badge_count(self._facts.lessons) if self._facts is not None else 0

    # Slots

    def _on_facts(self, facts: TrainerFacts) -> None:
        self._facts = facts
        self.lead.set_text(_("我的课"), state.lead_words(facts.lessons))
        self.table.set_rows(facts.lessons)
        if facts.lessons and not self.table.view.selectionModel().hasSelection():
            self.table.select_first()
        while (item := self._classes.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for each in facts.classes[:SHOWN_CLASSES]:
            self._classes.addWidget(self._class_row(each))
        self._none.setVisible(not facts.classes)
        self.badge_changed.emit()

    def _class_row(self, each: OwnClass) -> WaitingRow:
        row = WaitingRow("graduation-cap", each.title, "", _("{n} 人", n=each.people), tone="accent_text")
        row.setToolTip(_("{title}，到 {day}", title=each.title, day=f"{each.end_on:%Y-%m-%d}"))
        row.clicked.connect(partial(self._context.navigate, "class_file", id=each.id))
        return row

    def _show_sync(self) -> None:
        summary = self._context.sync.summary() if self._context.sync is not None else SyncSummary()
        self.banner.setVisible(summary.state == OFFLINE)
        if summary.state != OFFLINE:
            return
        since = summary.last_ok_at
        title = _("已离线 {span}", span=long_span_text(clock.now() - since)) if since else _("现在离线")
        text = _("点名照常，记号都存在本机。")
        if summary.queued:
            text += _("{n} 笔存在本机，联网后自动送。", n=summary.queued)
        self.banner.set_text(title, text)

    def _on_opened(self, lesson: DayLesson) -> None:
        self._context.navigate("roll_call", id=lesson.class_id, lesson_id=lesson.lesson_id)
