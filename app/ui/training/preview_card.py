"""The calendar of a class that is being planned: how many lessons, when, and what speaks against it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.training import planning
from app.ui.training.month_grid import MonthGrid
from app.ui.training.month_marks import months_of
from app.ui.training.planning import Preview
from app.ui.widgets import IconLabel, Scroller, Text

SHOWN_WARNINGS = 12


class PreviewCard(QWidget):
    """Shows a preview."""

    def __init__(self) -> None:
        super().__init__()
        self.preview: Preview | None = None
        self.sum = Text("", "strong", wrap=True)
        self.grid = MonthGrid()
        self._scroll = Scroller(spacing=theme.SPACE[1])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(Text(_("课程表预览"), "section"))
        column.addWidget(self.sum)
        column.addWidget(self._scroll, 1)
        self._warnings = QWidget()
        self._scroll.body.addWidget(self._warnings)
        self._scroll.body.addWidget(self.grid)
        self._scroll.body.addStretch(1)

    def show_preview(self, preview: Preview | None) -> None:
        """Show another calendar; None: there is not enough to tell it."""
        self.preview = preview
        if preview is None:
            return
        self.sum.setText(planning.plan_words(preview))
        self.sum.set_tone("text" if preview.plan.lessons else "orange")
        self._tell(planning.warning_lines(preview))
        days = [lesson.held_on for lesson in preview.plan.lessons]
        self.grid.set_marks(planning.preview_marks(preview), months_of(days))

    def _tell(self, lines: list[str]) -> None:
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        for line in lines[:SHOWN_WARNINGS]:
            column.addWidget(IconLabel("info", line, "orange", role="secondary", wrap=True))
        if len(lines) > SHOWN_WARNINGS:
            column.addWidget(Text(_("还有 {n} 条", n=len(lines) - SHOWN_WARNINGS), "secondary", "text2"))
        self._scroll.body.replaceWidget(self._warnings, fresh)
        self._warnings.deleteLater()
        self._warnings = fresh

    def lines(self) -> list[str]:
        """Return the sentences that speak against the plan."""
        return planning.warning_lines(self.preview) if self.preview is not None else []
