"""Cards with one thing to know and at most two to do: the district's notices, the fuse, sealed work, late records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.services.handing import Answer
from app.services.merged import MergedFile
from app.texts import _
from app.ui import theme
from app.ui.sync_centre import state
from app.ui.sync_centre.focus_card import FocusCard
from app.ui.sync_centre.loading import CentreView
from app.ui.widgets import Button, Text, flow_of
from app.ui.widgets.small import IconTile

ALLOW, EXPORT, FOLLOW, OPEN_FILE, SET_CLOCK = "allow", "export", "follow", "open_file", "set_clock"


@dataclass(frozen=True)
class Deed:
    """One button: what it does, what it says, with which record."""

    name: str
    words: str
    kind: str = "soft"
    record_id: str = ""


@dataclass(frozen=True)
class Note:
    """What a card says. ``key`` tells it from the others, so that it stays while nothing about it changes."""

    key: str
    icon: str
    tone: str
    title: str
    text: str
    deeds: tuple[Deed, ...] = ()


class NoteCard(FocusCard):
    """Shows a note."""

    deed_requested = Signal(str, str)

    def __init__(self, note: Note) -> None:
        super().__init__(padding=12)
        self.note = note
        row, column = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(theme.SPACE[2])
        column.setSpacing(2)
        row.addWidget(IconTile(note.icon, note.tone, size=18), 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(Text(note.title, "strong", wrap=True))
        if note.text:
            column.addWidget(Text(note.text, "secondary", "text2", wrap=True))
        row.addLayout(column, 1)
        self.buttons: dict[str, Button] = {}
        for number, deed in enumerate(note.deeds, start=1):
            button = Button(deed.words, deed.kind, str(number), height=32)
            button.clicked.connect(partial(self._on_deed, deed))
            self.buttons[deed.name] = self.keys[str(number)] = button
        if self.buttons:
            row.addWidget(flow_of(list(self.buttons.values())), 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)
        self.setAccessibleName(f"{note.title} {note.text}")

    def _on_deed(self, deed: Deed) -> None:
        self.deed_requested.emit(deed.name, deed.record_id)


def notes_of(view: CentreView, rights: state.Rights) -> tuple[Note, ...]:
    """Return what stands at the top of the sync centre, the most urgent first."""
    notes = [Note(f"notice {item.id}", "megaphone", "blue", _("区里通知"), item.text) for item in view.notices]
    notes += [*_removal(view, rights), *_sealed(view), *_clock(view), *_restored(view)]
    notes += [_stray(item, rights) for item in view.centre.strays]
    notes += [_answer(item) for item in view.centre.answers if not item.waits]
    return tuple(notes)


def _removal(view: CentreView, rights: state.Rights) -> Sequence[Note]:
    if view.removal is None:
        return ()
    feed, count, total = view.removal
    title = _("区里要从这台电脑拿走 {n} 份记录（{feed}共 {total} 份）", n=count, total=total, feed=feed_words(feed))
    if view.removal_allowed:
        return (Note("removal", "shield", "yellow", title, _("站长已经放行一次，下次同步就拿走。")),)
    text = _("先停住了，什么都没有动。先打电话和区里核对；确实要拿走，再放行。")
    deeds = (Deed(ALLOW, _("放行一次"), "outline"),) if rights.lead else ()
    text = text if deeds else text + _("这一步要站长来办。")
    return (Note("removal", "shield", "orange", title, text, deeds),)


def _sealed(view: CentreView) -> Sequence[Note]:
    if not view.sealed:
        return ()
    title = _("有 {n} 笔办在已经不归本站的记录上，封存着", n=view.sealed)
    text = _("一笔都没有丢；这一路还给本站，就自己送出。不再还的，存成文件交给区里，由接手的站点补办。")
    return (Note("sealed", "lock", "orange", title, text, (Deed(EXPORT, _("存成文件"), "outline"),)),)


def _clock(view: CentreView) -> Sequence[Note]:
    if not state.clock_is_off(view.centre.summary):
        return ()
    title = _("这台电脑的时钟{how}", how=state.clock_words(view.centre.summary.clock_offset))
    text = _("不影响谁的改动算数，但单子上印的日期时间会错。请在系统设置里校准。")
    return (Note("clock", "clock", "orange", title, text),)


def _restored(view: CentreView) -> Sequence[Note]:
    if view.restored is None:
        return ()
    title = _("区里的服务器从备份恢复过（{when} 知道的）", when=state.day_and_time(view.restored.at))
    own = _("本机办过的，区里都有。")
    if view.restored.again:
        own = _("本机办过的 {n} 笔再送一遍核对：区里缺的补上，有的不会重复。", n=view.restored.again)
    others = _("别的窗口的，等它们联上就补齐。")
    return (Note("restored", "database-backup", "blue", title, own + others),)


def _stray(item: MergedFile, rights: state.Rights) -> Note:
    title = _("{name}的档案并过以后，又有 {n} 份记录到了旧档案上", name=item.name, n=item.late)
    text = _("别的窗口那时还不知道已经并了。跟过去，就都在一份档案里。")
    follow = (Deed(FOLLOW, _("跟过去"), "soft", item.drop_id),) if rights.merge else ()
    return Note(
        f"stray {item.drop_id}", "merge", "orange", title, text,
        (*follow, Deed(OPEN_FILE, _("看档案"), "text", item.keep_id)),
    )  # fmt: skip


def _answer(item: Answer) -> Note:
    who, when = item.by or _("站长"), state.day_and_time(item.answered_at)
    title = _("{who}办好了您转去的一笔：{note}", who=who, note=item.note)
    return Note(f"answer {item.op}", "message-circle", "accent_text", title, f"{item.text}  {when}")


def feed_words(feed: str) -> str:
    """Return what a feed is called at the counter."""
    kind = feed.partition("/")[0]
    return {"station": _("本站档案"), "market": _("全区岗位"), "training": _("培训"), "office": _("区里的记录")}.get(
        kind, feed
    )
