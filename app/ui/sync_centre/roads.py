"""The other roads while the district is out of reach: a counter nearby, and a file on a stick."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.sync_centre import asking, state
from app.ui.widgets import Button, Chip, Text, flow_of
from app.ui.widgets.small import IconTile

if TYPE_CHECKING:
    from app.sync.carrying import Brought, Made
    from app.sync.lan import LanStatus
    from app.sync.lan_talk import Talk

SUFFIX = "doorstep"


class Road(QWidget):
    """One road: its icon, its name, how it stands, what can be done."""

    def __init__(self, icon: str, title: str, note: str) -> None:
        super().__init__()
        row, column, head = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile(icon, "neutral", size=20, tile=38), 0, Qt.AlignmentFlag.AlignTop)
        column.setSpacing(3)
        self.chip, self.code, self.text = (
            Chip("", "good"),
            Text("", "page"),
            Text(note, "secondary", "text2", wrap=True),
        )
        self.buttons = QVBoxLayout()
        head.addWidget(Text(title, "strong"))
        head.addStretch(1)
        head.addWidget(self.chip)
        self.chip.hide()
        self.code.hide()
        column.addLayout(head)
        for widget in (self.text, self.code):
            column.addWidget(widget)
        column.addLayout(self.buttons)
        row.addLayout(column, 1)

    def say(self, words: str) -> None:
        """Tell how it stands."""
        self.text.setText(words)
        self.setAccessibleName(words)


class RoadsBox(QWidget):
    """给旁边的窗口用, 找旁边的窗口, 写到 U 盘, 读 U 盘. ``done``: something came or went."""

    done = Signal()
    _changed = Signal(object)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._listening = False
        self.near = Road("network", _("同站电脑"), _("区里不通的时候，两个窗口直接互通。"))
        self.stick = Road("usb", _("U 盘"), _("做一个加密的文件带走，回来再读回执。"))
        self.offer, self.look = Button(_("给旁边的窗口用"), height=32), Button(_("找旁边的窗口"), height=32)
        self.write = Button(_("写给区里"), height=32)
        self.write_near, self.read = Button(_("写给同站"), height=32), Button(_("读 U 盘"), height=32)
        self.near.buttons.addWidget(flow_of([self.offer, self.look]))
        self.stick.buttons.addWidget(flow_of([self.write, self.write_near, self.read]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.near)
        column.addWidget(self.stick)
        self._changed.connect(self._on_changed, Qt.ConnectionType.QueuedConnection)
        self.offer.clicked.connect(self._on_offer)
        self.look.clicked.connect(self._on_find)
        self.write.clicked.connect(partial(self._on_write, station=False))
        self.write_near.clicked.connect(partial(self._on_write, station=True))
        self.read.clicked.connect(self._on_read)

    # The counter nearby

    def _lan(self) -> Any:
        """Return this counter's part in the exchange, listened to from now on."""
        assert self._context.door is not None
        lan = self._context.door.roads().lan
        if not self._listening:
            self._listening = True
            lan.on_change.append(self._changed.emit)
        return lan

    def _on_offer(self) -> None:
        lan = self._lan()
        if lan.status().offering:
            self.offer.set_busy(_("正在停下…"))
            self._context.runner.io(lan.stop, self._on_offered, partial(self._on_failed, self.offer))
        else:
            self.offer.set_busy(_("正在打开…"))
            self._context.runner.io(lan.offer, self._on_offered, partial(self._on_failed, self.offer))

    def _on_offered(self, _code: object) -> None:
        self.offer.set_busy(None)
        self._on_changed(self._lan().status())

    def _on_find(self) -> None:
        title, text = _("找旁边的窗口"), _("那台电脑先点“给旁边的窗口用”。不写连接码，就在这里的网上自动找。")
        code = asking.ask_note(self, title, text, label=_("连接码，可以不写"), verb=_("找"))
        if code is not None:
            self.look.set_busy(_("正在找…"))
            work = partial(self._lan().join, code.strip() or None)
            self._context.runner.io(work, self._on_found, partial(self._on_failed, self.look))

    def _on_found(self, talk: Talk) -> None:
        self.look.set_busy(None)
        self._lan().keep_going()
        self._context.messages.say(_("互通了：收到 {n} 笔，送去 {m} 笔。", n=talk.received, m=talk.sent))
        self.done.emit()

    def _on_changed(self, status: LanStatus) -> None:
        self.offer.set_label(_("不给用了") if status.offering else _("给旁边的窗口用"))
        self.near.code.setVisible(status.code is not None)
        self.near.code.setText(_("连接码 {code}", code=status.code or ""))
        linked = status.last_at is not None and status.error is None
        self.near.chip.set_state(_("已通") if linked else _("等着"), "good" if linked else "yellow")
        self.near.chip.setVisible(linked or status.offering)
        self.near.say(near_words(status))
        if status.last_at is not None:
            self.done.emit()

    # The stick

    def _on_write(self, *_clicked: object, station: bool) -> None:
        name = f"{self._context.station.window or 'doorstep'}-{clock.today():%m%d}.{SUFFIX}"
        chosen, _kind = QFileDialog.getSaveFileName(self, _("写到 U 盘"), name, f"*.{SUFFIX}")
        if chosen and self._context.door is not None:
            button = self.write_near if station else self.write
            button.set_busy(_("正在写…"))
            work = partial(self._context.door.roads().write, Path(chosen), station=station)
            self._context.runner.io(work, partial(self._on_written, button, station), partial(self._on_failed, button))

    def _on_written(self, button: Button, station: bool, made: Made) -> None:
        button.set_busy(None)
        self.stick.say(written_words(made, station=station))
        self._context.messages.say(_("写好了，可以拔 U 盘了。"))

    def _on_read(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, _("读 U 盘"), "", f"*.{SUFFIX};;*")
        if chosen and self._context.door is not None:
            self.read.set_busy(_("正在读…"))
            work = partial(self._context.door.roads().read, Path(chosen))
            self._context.runner.io(work, self._on_taken, partial(self._on_failed, self.read))

    def _on_taken(self, brought: Brought) -> None:
        self.read.set_busy(None)
        self.stick.say(brought_words(brought))
        self._context.messages.say(brought_words(brought))
        self.done.emit()

    def _on_failed(self, button: Button, error: AppError) -> None:
        button.set_busy(None)
        self._context.messages.show_error(error)


def near_words(status: LanStatus) -> str:
    """Return how the exchange with the counters nearby stands."""
    if status.error is not None:
        return status.error[1]
    if status.last_at is not None:
        when = state.day_and_time(status.last_at)
        return _("{when} 互通过：共收到 {n} 笔，送去 {m} 笔。", when=when, n=status.received, m=status.sent)
    if status.offering:
        return _("等旁边的窗口来找。在那台上点“找旁边的窗口”。")
    return _("区里不通的时候，两个窗口直接互通。")


def written_words(made: Made, *, station: bool) -> str:
    """Return what the file has, and where it goes."""
    counts = _("本机 {own} 笔，同站 {near} 笔。", own=made.own, near=made.neighbours)
    if station:
        return counts + _("拿到同站那台电脑上读。")
    return counts + _("带到区里收，再把回执文件带回来读。")


def brought_words(brought: Brought) -> str:
    """Return what a file brought."""
    if brought.nothing:
        return _("文件里的这里都有了。")
    parts = [
        _("同站 {n} 笔", n=brought.fresh) if brought.fresh else "",
        _("区里答复 {n} 笔", n=brought.answers) if brought.answers else "",
        _("区里的记录 {n} 份", n=brought.entries) if brought.entries else "",
    ]
    told = _("收好了：{what}。", what="，".join(part for part in parts if part))
    return told + "".join(text for _device, text in brought.skipped[:1])
