"""The sign-in sheet before it is printed: the very PDF on the left, which lessons and which printer at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError, PrintError
from app.printing.sign_in_sheet import render_sign_in
from app.printing.training_facts import sign_in_row
from app.services.training.calendar import LessonLine
from app.services.training.grid import Grid
from app.texts import _
from app.ui import print_pdf, theme
from app.ui.context import UiContext
from app.ui.print_pdf import PrinterChoice
from app.ui.printer_field import SYSTEM_DIALOG, PrinterField
from app.ui.roll_call import state
from app.ui.slip.preview import PreviewView
from app.ui.tasks import Task
from app.ui.widgets import Button, RadioChips, Text

JOB = "doorstep-sign-in-sheet"


@dataclass(frozen=True)
class Sheets:
    """The PDF of some lessons' sheets."""

    pdf: bytes
    pages: int
    lessons: tuple[LessonLine, ...]


def render(grid: Grid, lessons: Sequence[LessonLine], station_name: str) -> Sheets:
    """Render the sheets.

    Raises:
        PrintError: a character that no shipped font has.
    """
    pdf = render_sign_in([sign_in_row(grid, lesson.id, station_name=station_name) for lesson in lessons])
    return Sheets(pdf, print_pdf.page_count(pdf), tuple(lessons))


class SheetPanel(QWidget):
    """What is chosen before printing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.which = RadioChips(name=_("哪几课"))
        self.printer = PrinterField()
        self.pages = Text("", "secondary", "text2", wrap=True)
        self.print = Button(_("打印签到表"), "filled", "F9", "printer", height=theme.HEIGHT["main"])
        self.save, self.close_button = Button(_("存 PDF"), key="Ctrl S"), Button(_("回到点名"), key="Esc")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(Text(_("打印签到表"), "page"))
        column.addWidget(Text(_("哪几课"), "secondary", "text2"))
        column.addWidget(self.which)
        column.addWidget(self.pages)
        column.addSpacing(theme.SPACE[1])
        column.addWidget(self.printer)
        about = _("表上只有姓名，记号和点名的键一样。收回来以后选那一课，照着按就是补录。")
        column.addWidget(Text(about, "secondary", "text2", wrap=True))
        column.addStretch(1)
        column.addWidget(self.print)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE[1])
        foot.addWidget(self.save, 1)
        foot.addWidget(self.close_button, 1)
        column.addLayout(foot)


class SheetPage(QWidget):
    """Shows the sheets and puts them out. Names no one's file: it works on any laptop."""

    closed = Signal()

    def __init__(self, context: UiContext, panel: SheetPanel) -> None:
        super().__init__()
        self._context, self.panel = context, panel
        self._grid: Grid | None = None
        self._lesson: LessonLine | None = None
        self._sheets: Sheets | None = None
        self._printers: tuple[PrinterChoice, ...] = ()
        self._page, self._width = 0, 600
        self._rendering: Task[Sheets] | None = None
        self._picture: Task[QImage] | None = None
        self.preview = PreviewView()
        self.preview.setAccessibleName(_("签到表预览"))
        self.title = Text("", "page")
        self.before, self.after = Button("", key="PgUp", icon="chevron-left"), Button("", key="PgDn")
        self.place = Text("", "secondary", "text2")
        self._build()
        self._connect()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[1])
        head.addWidget(self.title, 1)
        for widget in (self.place, self.before, self.after):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 10)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self.preview, 1)
        self.before.set_label(_("上一页"))
        self.after.set_label(_("下一页"), icon="chevron-right")
        self.setFocusProxy(self.preview)

    def _connect(self) -> None:
        self.preview.picture_wanted.connect(self._on_picture_wanted)
        self.panel.which.chosen.connect(self._on_which)
        self.panel.print.clicked.connect(self.print)
        self.panel.save.clicked.connect(self.save)
        self.panel.close_button.clicked.connect(self.closed)
        self.before.clicked.connect(partial(self._turn, -1))
        self.after.clicked.connect(partial(self._turn, 1))

    def show_class(self, grid: Grid, lesson: LessonLine) -> None:
        """Show the sheet of that lesson, and ask which printers there are."""
        self._grid, self._lesson = grid, lesson
        choices = [
            (state.THIS, _("第 {n} 课", n=lesson.number)),
            (state.WEEK, _("这一周剩下的")),
            (state.AHEAD, _("以后全部的")),
        ]
        self.panel.which.set_choices([(str(n), words) for n, (_code, words) in enumerate(choices, 1)])
        self.panel.which.set_code("1")
        self.title.setText(_("{title} 签到表", title=grid.title))
        self._render(state.THIS)
        self._context.runner.io(print_pdf.list_printers, self._on_printers, self._on_no_printers)

    def _on_which(self, code: str) -> None:
        self._render((state.THIS, state.WEEK, state.AHEAD)[int(code) - 1] if code else state.THIS)

    def _render(self, which: str) -> None:
        if self._grid is None or self._lesson is None:
            return
        lessons = state.lessons_to_print(self._grid, self._lesson, which, clock.today())
        if not lessons:
            self._context.messages.remark(_("从今天起没有要上的课了"))
            self.panel.which.set_code("1")
            lessons = [self._lesson]
        if self._rendering is not None:
            self._rendering.cancel()
        self._page = 0
        work = partial(render, self._grid, lessons, self._context.station.name)
        self._rendering = self._context.runner.io(work, self._on_rendered)

    def _on_rendered(self, sheets: Sheets) -> None:
        self._sheets = sheets
        self._show_place()
        self.preview.set_paper("A4")

    def _show_place(self) -> None:
        pages = self._sheets.pages if self._sheets is not None else 0
        count = len(self._sheets.lessons) if self._sheets is not None else 0
        self.place.setText(_("第 {n} / {all} 页", n=self._page + 1, all=pages))
        for widget in (self.place, self.before, self.after):
            widget.setVisible(pages > 1)
        self.before.setEnabled(self._page > 0)
        self.after.setEnabled(self._page + 1 < pages)
        self.panel.pages.setText(_("{lessons} 课，A4 共 {pages} 页，竖放", lessons=count, pages=pages))

    def _turn(self, by: int) -> None:
        if self._sheets is not None and 0 <= self._page + by < self._sheets.pages:
            self._page += by
            self._show_place()
            self._on_picture_wanted(self._width)

    def _on_picture_wanted(self, width: int) -> None:
        self._width = width
        if self._sheets is None:
            return
        if self._picture is not None:
            self._picture.cancel()
        work = partial(print_pdf.page_image, self._sheets.pdf, width=width, page=self._page)
        self._picture = self._context.runner.io(work, self._on_picture)

    def _on_picture(self, image: QImage) -> None:
        self.preview.set_image(image, self.title.text())

    def _on_printers(self, printers: tuple[PrinterChoice, ...]) -> None:
        self._printers = printers
        self.panel.printer.show_printers(printers, self._context.settings.printer)

    def _on_no_printers(self, _error: AppError) -> None:
        self._on_printers(())

    # -- putting out ----------------------------------------------------------------------------------------------
    def print(self) -> None:
        """Print on the chosen printer, or ask the system's own window."""
        if self._sheets is None or self.panel.print.is_busy:
            return
        name = self.panel.printer.value()
        if name == SYSTEM_DIALOG:
            printer = print_pdf.ask_printer(self.window(), JOB)
            if printer is None:
                return
            work = partial(print_pdf.print_on, printer, self._sheets.pdf, job=JOB, what=_("签到表"), numbered=False)
        elif not name:
            error = PrintError(_("没有找到打印机。可以存成 PDF，拿到别的电脑上打。"), code="print.no_printer")
            self._context.messages.show_error(error, retry=self.save, retry_text=_("存 PDF"))
            return
        else:
            work = partial(_print, self._sheets.pdf, name)
        self.panel.print.set_busy(_("正在打印…"))
        self._context.runner.io(work, self._on_printed, self._on_not_printed)

    def _on_printed(self, _nothing: object) -> None:
        self.panel.print.set_busy(None)
        self._context.messages.say(_("签到表已送到打印机"))

    def _on_not_printed(self, error: AppError) -> None:
        self.panel.print.set_busy(None)
        self._context.messages.show_error(error, retry=self.print)

    def save(self) -> None:
        """Ask where to, then write the PDF."""
        if self._sheets is None or self._grid is None:
            return
        path = print_pdf.ask_file(self.window(), state.sheet_name(self._grid, self._sheets.lessons))
        if path is not None:
            self._context.runner.io(partial(print_pdf.save_pdf, self._sheets.pdf, path), self._on_saved)

    def _on_saved(self, path: Path) -> None:
        self._context.messages.say(_("签到表已存到 {path}", path=path))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._turn(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif text in ("1", "2", "3"):
            self.panel.which.set_code(text)
            self._on_which(text)
        else:
            super().keyPressEvent(event)


def _print(pdf: bytes, name: str) -> None:
    try:
        printer = print_pdf.make_printer(name)
    except PrintError as error:
        raise PrintError(_("签到表没有打出来。{why}", why=error.text), code=error.code) from error
    print_pdf.print_on(printer, pdf, job=JOB, what=_("签到表"), numbered=False)
