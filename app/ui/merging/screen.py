"""并档案: two files of one person side by side; what differs is chosen by key, and one button makes them one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.access_log import MERGE_LOOK
from app.services import merging, timeline
from app.texts import _
from app.ui import theme
from app.ui.acting import show_keys
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.merging import state
from app.ui.merging.picking import PickPage
from app.ui.merging.rows import LABEL, DiffRow, PairHead
from app.ui.resident_file.changes import field_label
from app.ui.widgets import Button, Fact, Hairline, IconLabel, Scroller, Text

if TYPE_CHECKING:
    from app.db.database import Transaction


class MergingScreen(QWidget):
    """Opened with ``keep`` and ``drop``, or with one of them: then the other is looked for first."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._keep = self._drop = ""
        self.view: state.PairView | None = None
        self.choices: dict[str, str] = {}
        self.rows: list[DiffRow] = []
        self._build()
        self.pick.picked.connect(self._on_picked)
        self.swap.clicked.connect(self.swap_files)
        self.merge.clicked.connect(self.main_action)

    def _build(self) -> None:
        self.note = Text("", "secondary", "text2")
        self.swap = Button(_("对调"), "outline", "0", "arrow-up-down")
        self.merge = Button(_("并成一份"), "filled", "F9", "merge", height=theme.HEIGHT["main"])
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("并档案"), "title"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.swap)
        self.pick, self.pair, self._scroll = PickPage(self._context), PairHead(), Scroller(spacing=2)
        both = QWidget()
        inner = QVBoxLayout(both)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.SPACE[2])
        inner.addWidget(self.pair)
        inner.addWidget(self._scroll, 1)
        self._stack = QStackedWidget()
        self._stack.setMinimumSize(1, 1)
        for page in (self.pick, both):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 18, 8)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.panel = QWidget()
        side = QVBoxLayout(self.panel)
        side.setContentsMargins(0, 0, 0, 0)
        self._effects = Scroller(spacing=theme.SPACE[2])
        side.addWidget(self._effects, 1)
        side.addWidget(self.merge)
        self.merge.setEnabled(False)

    # What the window asks

    def open(self, **arguments: object) -> None:
        """Take ``keep`` and ``drop``; a missing one is looked for."""
        self._keep, self._drop = str(arguments.get("keep") or ""), str(arguments.get("drop") or "")
        self.view, self.choices = None, {}

    def refresh(self) -> None:
        """Read both files, or who may be the other one."""
        if self._keep and self._drop:
            work = partial(state.load_pair, keep=self._keep, drop=self._drop)
            self._context.runner.read(work, self._show, self._on_lost)
        else:
            self._show_picking()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        if self.view is None:
            return [
                KeyHint(("↑", "↓"), _("选一份")),
                KeyHint(("Enter",), _("就是这份")),
                KeyHint(("Esc",), _("不并了")),
            ]
        return [
            KeyHint(("↑", "↓"), _("选一栏")),
            KeyHint(("1", "2"), _("用哪份的")),
            KeyHint(("0",), _("对调")),
            KeyHint(("F9",), _("并成一份")),
            KeyHint(("Esc",), _("不并了")),
        ]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen."""
        return {"filter": self._go_filter}

    def main_action(self) -> None:
        """Make them one (F9)."""
        if self.view is None or not self.merge.isEnabled():
            return
        self.merge.set_busy(_("正在并…"))
        work = partial(_merge, self._keep, self._drop, dict(self.choices))
        self._context.runner.write(work, self._on_merged, self._on_refused)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves it; 0 swaps the two; the arrows begin at the first line."""
        if event.key() == Qt.Key.Key_Escape:
            self._context.navigate("resident_file", id=self._keep or self._drop)
        elif event.text() == "0" and self.view is not None:
            self.swap_files()
        elif event.key() == Qt.Key.Key_Down and self.rows:
            self._focus_row(0)
        else:
            super().keyPressEvent(event)

    # Finding the other one

    def _show_picking(self) -> None:
        self.view = None
        self._stack.setCurrentIndex(0)
        self.swap.hide()
        self.merge.setEnabled(False)
        self._effects.clear()
        self.note.setText(_("先找到另一份"))
        self.setFocusProxy(self.pick)
        known = self._keep or self._drop
        if known:
            self._context.runner.read(partial(_name_of, known), partial(self._on_name, known), self._on_lost)

    def _on_name(self, known: str, name: str) -> None:
        self.pick.start(known, name)
        show_keys(self)

    def _on_picked(self, resident_id: str) -> None:
        if self._keep:
            self._drop = resident_id
        else:
            self._keep = resident_id
        self.refresh()

    def _go_filter(self) -> None:
        if self.view is None:
            self.pick.search.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_lost(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self._drop = "" if self._keep else self._drop
        if self.view is None and self._stack.currentIndex() != 0:
            self._stack.setCurrentIndex(0)

    # Both side by side

    def swap_files(self) -> None:
        """Keep the other one; what was chosen stays chosen by value."""
        if self.view is None:
            return
        self._keep, self._drop = self._drop, self._keep
        other = {merging.KEEP: merging.DROP, merging.DROP: merging.KEEP}
        self.choices = {name: other[side] for name, side in self.choices.items()}
        self.refresh()

    def _show(self, view: state.PairView) -> None:
        self.view = view
        for resident_id in (self._keep, self._drop):
            self._context.looked(MERGE_LOOK, "resident", resident_id)
        rows = state.rows_of(view)
        self.choices = {**state.default_choices(view), **{k: v for k, v in self.choices.items() if _asked(k, rows)}}
        self._stack.setCurrentIndex(1)
        self.swap.show()
        self.note.setText(_("同一个人的两份档案，{n} 栏不一样", n=len(rows)) if rows else _("两份档案没有不一样的"))
        self.pair.show_pair(view)
        self._show_rows(rows)
        self._show_effects()
        self.merge.set_busy(None)
        self.merge.setEnabled(True)
        self.setFocusProxy(self.rows[0] if self.rows else self.merge)
        if self.isVisible():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        show_keys(self)

    def _show_rows(self, rows: tuple[state.Row, ...]) -> None:
        self._scroll.clear()
        self.rows = []
        if rows:
            self._scroll.body.addWidget(_Heads())
        for row in rows:
            line = DiffRow(row, self.choices[row.name])
            line.chosen.connect(self._on_chosen)
            line.step_requested.connect(self._on_step)
            self.rows.append(line)
            self._scroll.body.addWidget(line)
        self._scroll.body.addStretch(1)

    def _on_chosen(self, name: str, side: str) -> None:
        self.choices[name] = side
        self._show_effects()

    def _on_step(self, by: int) -> None:
        line = self.sender()
        if isinstance(line, DiffRow) and line in self.rows:
            self._focus_row(self.rows.index(line) + by)

    def _focus_row(self, place: int) -> None:
        if place >= len(self.rows):
            self.merge.setFocus(Qt.FocusReason.TabFocusReason)
        elif place >= 0:
            self.rows[place].setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(self.rows[place])

    def _show_effects(self) -> None:
        self._effects.clear()
        if self.view is None:
            return
        body = self._effects.body
        body.addWidget(Text(_("并了以后"), "section"))
        for label, words in state.effects(self.view, self.choices):
            body.addWidget(Fact(label, words))
        body.addWidget(Hairline())
        note = _("并掉的那份写着并到了哪里，以前的链接都指过来。随时能拆开，同步以后也能。")
        body.addWidget(IconLabel("undo-2", note, "text2", role="secondary", wrap=True))
        body.addStretch(1)

    # Merging

    def _on_merged(self, keep_id: str) -> None:
        self.merge.set_busy(None)
        drop_id, name = self._drop, self.view.keep.name if self.view is not None else ""
        self.view, self._drop = None, ""
        self._context.navigate("resident_file", id=keep_id)
        words = _("{name}的两份档案已并成一份", name=name)
        self._context.messages.say(words, undo=partial(self._unmerge, drop_id, keep_id))

    def _unmerge(self, drop_id: str, keep_id: str) -> None:
        self._context.runner.write(partial(_unmerge, drop_id), partial(self._on_unmerged, keep_id))

    def _on_unmerged(self, keep_id: str, _done: object) -> None:
        self._context.messages.say(_("又拆成两份了"))
        self._context.navigate("resident_file", id=keep_id)

    def _on_refused(self, error: AppError) -> None:
        self.merge.set_busy(None)
        if isinstance(error, InvalidInputError):
            words = "；".join(f"{field_label(merging.RESIDENT, name)}：{text}" for name, text in error.fields.items())
            self._context.messages.remark(words)
            place = next((n for n, row in enumerate(self.rows) if row.row.name in error.fields), -1)
            self._focus_row(place)
        else:
            self._context.messages.show_error(error)


class _Heads(QWidget):
    """The words over the two columns, with their keys."""

    def __init__(self) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.setSpacing(theme.SPACE[2])
        what = Text(_("不一样的"), "secondary", "text2")
        what.setFixedWidth(theme.of(self).px(LABEL))
        line.addWidget(what)
        line.addWidget(Text(_("1  留下的那份"), "secondary", "text2"), 1)
        line.addWidget(Text(_("2  并进来的那份"), "secondary", "text2"), 1)


def _asked(name: str, rows: tuple[state.Row, ...]) -> bool:
    return any(row.name == name for row in rows)


def _name_of(resident_id: str, tx: Transaction) -> str:
    return timeline.load_file(tx, resident_id).resident.name


def _merge(keep: str, drop: str, choices: dict[str, str], tx: Transaction) -> str:
    return merging.merge_files(tx, keep, drop, choices).id


def _unmerge(drop_id: str, tx: Transaction) -> str:
    return merging.unmerge(tx, drop_id).op
