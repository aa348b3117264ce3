"""设备: what every counter of the station last said of itself, and which of them needs somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import __version__, clock
from app.errors import AppError, OfflineError
from app.services.device_list import DeviceLine, DeviceList, keep_devices, kept_devices
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.devices import state
from app.ui.keys import KeyHint
from app.ui.sync_centre.panel import FactRow
from app.ui.table import Column, RecordTable
from app.ui.widgets import BannerLine, Button, EmptyState, Hairline, IconLabel, Scroller, Text

if TYPE_CHECKING:
    from app.db.database import Transaction


class DevicesScreen(QWidget):
    """A table of devices; the panel tells everything about the chosen one and what to do."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._newest = __version__
        self.found: DeviceList | None = None
        self._build()
        self.table.row_selected.connect(self._show_device)
        self.again.clicked.connect(self.ask)

    def _build(self) -> None:
        self.note = Text("", "secondary", "text2")
        self.again = Button(_("再问一次"), "outline", "F5", "refresh-cw")
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("设备"), "title"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.again)
        self.banner = BannerLine("cloud-off", "", "")
        self.banner.hide()
        empty = EmptyState(_("还没有设备的情况"), _("联网以后按 F5 问区里。"), icon="laptop")
        self.table: RecordTable[DeviceLine] = RecordTable(
            self._columns(), name=_("设备"), row_height=52, key=_key, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 0)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self.banner)
        column.addWidget(self.table, 1)
        self.panel = Scroller(spacing=theme.SPACE[1])
        self.setFocusProxy(self.table)

    def _columns(self) -> tuple[Column[DeviceLine], ...]:
        return (
            Column(_("设备"), self._name, width=150, stretch=1, bold=True, second=state.role_words),
            Column(_("要看看"), self._concern, width=150, stretch=1, chip=self._tone, second=self._more),
            Column(_("上次联系"), self._seen, width=96, tone=_quiet, sort_key=_seen_key),
            Column(_("等着送出"), state.queue_words, width=110, second=self._oldest, sort_key=_queue_key),
            Column(_("退回"), _parked, width=56, align="right", tone=_quiet),
            Column(_("版本"), lambda line: line.app_version, width=72, tone=_quiet),
            Column(_("磁盘还剩"), lambda line: state.size_words(line.free_bytes), width=84, align="right", tone=_quiet,
                   sort_key=lambda line: line.free_bytes or 0),
        )  # fmt: skip

    # What the window asks

    def refresh(self) -> None:
        """Show what is kept, then ask the district."""
        self._context.runner.read(kept_devices, self._show)
        self.ask()

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do here."""
        return [KeyHint(("↑", "↓"), _("选一台")), KeyHint(("F5",), _("再问一次"))]

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this screen: F5."""
        return {"sync": self.ask}

    def ask(self) -> None:
        """Ask the district for its devices, off the window's thread."""
        door = self._context.door
        if door is None or self.again.is_busy:
            return
        self.again.set_busy(_("正在问…"))
        self._context.runner.io(door.devices, self._on_answer, self._on_no_answer)

    # Slots

    def _on_answer(self, answer: Mapping[str, Any]) -> None:
        self.again.set_busy(None)
        self.banner.hide()
        self._context.runner.write(partial(_keep, answer), self._show)

    def _on_no_answer(self, error: AppError) -> None:
        self.again.set_busy(None)
        found = self.found or DeviceList(None, (), "")
        title, text = state.stale_words(found, clock.now())
        told = not isinstance(error, OfflineError) and getattr(error, "status", 404) != 404
        self.banner.set_text(title, f"{text}{error.text}" if told else text)
        self.banner.show()

    def _show(self, found: DeviceList) -> None:
        self.found = found
        self._newest = state.newest_version(found.devices, __version__)
        self.note.setText(state.summary_words(found, self._newest, clock.now()))
        self.table.set_rows(found.devices)
        if found.devices and self.table.current_row() is None:
            self.table.select_first()
        self._show_device(self.table.current_row())

    def _show_device(self, line: DeviceLine | None) -> None:
        self.panel.clear()
        if line is None or self.found is None:
            return
        now, body = clock.now(), self.panel.body
        body.addWidget(Text(state.name_words(line, self.found.own), "section", wrap=True))
        wanting = state.concerns(line, self._newest, now)
        for each in wanting:
            body.addWidget(IconLabel("circle-alert", each.words, each.tone, role="strong"))
            body.addWidget(Text(each.hint, "secondary", "text2", wrap=True))
        if line.revoked:
            body.addWidget(IconLabel("ban", _("已停用，不再能送能取"), "text2"))
        elif not wanting:
            body.addWidget(IconLabel("circle-check", _("都正常"), "accent_text"))
        body.addSpacing(4)
        body.addWidget(Hairline())
        body.addSpacing(4)
        for label, words in state.facts(line, now):
            body.addWidget(FactRow(label, words))
        body.addStretch(1)

    # Cells

    def _name(self, line: DeviceLine) -> str:
        return state.name_words(line, self.found.own if self.found is not None else "")

    def _wanting(self, line: DeviceLine) -> tuple[state.Concern, ...]:
        return state.concerns(line, self._newest, clock.now())

    def _concern(self, line: DeviceLine) -> str:
        wanting = self._wanting(line)
        if line.revoked:
            return _("已停用")
        return wanting[0].words if wanting else _("正常")

    def _more(self, line: DeviceLine) -> str:
        return "，".join(each.words for each in self._wanting(line)[1:3])

    def _tone(self, line: DeviceLine) -> str:
        wanting = self._wanting(line)
        if line.revoked:
            return "neutral"
        return wanting[0].tone if wanting else "good"

    def _seen(self, line: DeviceLine) -> str:
        return state.seen_words(line, clock.now())

    def _oldest(self, line: DeviceLine) -> str:
        return state.oldest_words(line, clock.now())


def _key(line: DeviceLine) -> str:
    return line.id


def _quiet(_line: DeviceLine) -> str:
    return "text2"


def _parked(line: DeviceLine) -> str:
    return str(line.parked) if line.parked else ""


def _seen_key(line: DeviceLine) -> float:
    return line.last_seen_at.timestamp() if line.last_seen_at else 0.0


def _queue_key(line: DeviceLine) -> int:
    return (line.queued or 0) + (line.held or 0)


def _keep(answer: Mapping[str, Any], tx: Transaction) -> DeviceList:
    return keep_devices(tx, answer)
