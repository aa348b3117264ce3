"""How the screen 全区台账 is laid out: the list at the left; head, filters, banner, tabs, progress round the rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.ledgers.base import Ask
from app.ledgers.period import month_of
from app.texts import _
from app.ui import theme
from app.ui.dialogs import ProgressCard
from app.ui.district_ledgers import state
from app.ui.fields.choice import MultiChoiceField
from app.ui.ledgers import parts as ledger_parts
from app.ui.widgets import BannerLine, Button, Choice, IconButton, SkeletonRows, Tabs, Text

_KINDS_WIDTH = 236


class LedgerFrame(QWidget):
    """The widgets of the screen; what they do, the screen says."""

    def __init__(self) -> None:
        super().__init__()
        self._build()

    def _build(self) -> None:
        self.kinds = ledger_parts.kinds_table()
        self.filters = ledger_parts.Filters(Ask(month_of(clock.today())))
        self.stations = MultiChoiceField(_("只要这些站点"), (), name="stations")
        self.filters.add_widget(self.stations, span=4)
        self.shelf = ledger_parts.Scrolled(self.filters)
        self.shelf.hide()
        self.title, self.period = Text("", "page", wrap=True), Text("", "section")
        self.before = IconButton("chevron-left", _("上个月"), key="Ctrl PgUp")
        self.after = IconButton("chevron-right", _("下个月"), key="Ctrl PgDn")
        self.narrow = Button(_("期间和站点"), "outline", "/", "funnel")
        self.fetch = Button(_("向区里取"), "outline", "F5", "download")
        self.export = Button(_("导出"), "filled", "F9", "file-down")
        self.filters.set_main_button(self.export)
        self.count, self.masked = Text("", "secondary", "text2", wrap=True), Text("", "secondary", "text2", wrap=True)
        self.masked.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.banner = BannerLine("cloud-off", "", "")
        self.local = Button(_("看本机有的"), "text")
        self.banner.add(self.local)
        self.banner.hide()
        self.tabs = Tabs([Choice(letter, f"{letter} {_(label)}") for letter, label in state.blocks()], name=_("指标块"))
        self.tabs.hide()
        self.progress = ProgressCard(_("正在取"), can_background=False)
        self.progress.hide()
        self._spot = QVBoxLayout()
        self._spot.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget = SkeletonRows(6)
        self._spot.addWidget(self._shown, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(16, 16, 24, 8)
        outer.setSpacing(theme.SPACE[4])
        outer.addWidget(self.kinds)
        outer.addLayout(self._sheet(), 1)
        self.setFocusProxy(self.kinds)

    def _sheet(self) -> QVBoxLayout:
        head, line = QHBoxLayout(), QHBoxLayout()
        line.setSpacing(theme.SPACE[3])
        head.setSpacing(theme.SPACE[1])
        head.addWidget(self.title, 1)
        for widget in (self.before, self.period, self.after, self.narrow, self.export):
            head.addWidget(widget)
        line.addWidget(self.count, 3)
        line.addWidget(self.masked, 2)
        line.addWidget(self.fetch)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.shelf)
        column.addWidget(self.banner)
        column.addLayout(line)
        column.addWidget(self.tabs)
        column.addLayout(self._spot, 1)
        column.addWidget(self.progress)
        return column

    def show_in_place(self, widget: QWidget) -> None:
        """Show something where the rows are; the keyboard goes on with it."""
        had_keys = self._shown.isAncestorOf(self.window().focusWidget() or self)
        self._spot.removeWidget(self._shown)
        self._shown.hide()
        self._shown.deleteLater()
        self._shown = widget
        self._spot.addWidget(widget, 1)
        widget.show()  # not only when the layout comes round to it: it may be given the keyboard now
        if had_keys:
            widget.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.kinds.setFixedWidth(min(theme.of(self).px(_KINDS_WIDTH), max(_KINDS_WIDTH, self.width() // 5)))
