"""What is asked before an act on a class: why, and for good or not; and what is taken out as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.services.training.calendar import LessonLine
from app.texts import _
from app.ui.class_file import acts, export, state
from app.ui.class_file.deeds import Deeds
from app.ui.class_file.panel import ClassSide
from app.ui.class_file.state import ClassView
from app.ui.context import UiContext
from app.ui.dialogs import ask_irrevocably
from app.ui.questions import ReasonCard
from app.ui.rights import Rights
from app.ui.training import words


class Asking(QObject):
    """Asks in the panel, or over the window what cannot be taken back. ``exporting`` tells when a file is made."""

    exporting = Signal(bool)

    def __init__(self, context: UiContext, rights: Rights, deeds: Deeds, side: ClassSide, over: QWidget) -> None:
        super().__init__(over)
        self._context, self._rights, self._deeds, self._side, self._over = context, rights, deeds, side, over
        self._export: export.Export | None = None

    def open_class(self, view: ClassView) -> None:
        """Let the class begin; below its minimum only with a reason."""
        lack = words.lacking(view.line)
        if not lack:
            self._deeds.open_class(view, None)
            return
        title = _("还差 {n} 人到最低开班人数，为什么照开？", n=lack)
        card = ReasonCard(title, _shown(acts.OPEN_REASONS), _("照开"))
        card.decided.connect(partial(self._on_open_decided, view))
        self._side.ask(card)

    def cancel_lesson(self, view: ClassView, lesson: LessonLine) -> None:
        """Ask why one lesson is cancelled."""
        told = state.on_list(view.roster)
        title = _("为什么取消第 {n} 课？名单上 {told} 个人都要通知", n=lesson.number, told=told)
        card = ReasonCard(title, _shown(acts.MOVE_REASONS), _("取消这次课"))
        card.decided.connect(partial(self._on_lesson_decided, view, lesson))
        self._side.ask(card)

    def cancel_class(self, view: ClassView) -> None:
        """Ask before a class is cancelled for good."""
        told = state.on_list(view.roster)
        text = _("取消以后不能恢复。名单上 {n} 个人都要通知，可以改报别的班；本年的补贴次数不算。", n=told)
        reasons = _shown(acts.CANCEL_REASONS)
        title = _("取消“{title}”", title=view.line.title)
        code = ask_irrevocably(self._over, title, text, reasons, verb=_("取消班期"))
        if code:
            self._deeds.cancel_class(view, dict(reasons)[code])

    def export(self, view: ClassView) -> None:
        """Ask what to take out and where to, then write the file."""
        if self._export is not None:
            return
        wanted = export.ask_export(self._over, self._rights)
        path = export.ask_path(self._over, wanted.kind, view.line.class_no) if wanted is not None else None
        if wanted is None or path is None:
            return
        self._export = export.Export(self._context, self, view.line.id, wanted, path)
        self._export.finished.connect(self._on_exported)
        self.exporting.emit(True)
        self._export.start()

    def _on_open_decided(self, view: ClassView, why: str) -> None:
        self._side.drop_question()
        self._deeds.open_class(view, why)

    def _on_lesson_decided(self, view: ClassView, lesson: LessonLine, why: str) -> None:
        self._side.drop_question()
        self._deeds.cancel_lesson(view, lesson, why)

    def _on_exported(self) -> None:
        if self._export is not None:
            self._export.deleteLater()
            self._export = None
        self.exporting.emit(False)


def _shown(reasons: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, _(label)) for code, label in reasons]
