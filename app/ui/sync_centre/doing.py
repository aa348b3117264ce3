"""The deeds of the sync centre: each one service call, its words afterwards, its undo where there is one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import AppError
from app.services import handing, history, merging, withdrawing
from app.services.conflicts import settle
from app.services.outbox import ParkedItem
from app.services.unsent import edits_of
from app.services.withdrawing import HandedItem
from app.sync import feeds, fuse
from app.texts import _
from app.ui.context import UiContext
from app.ui.dialogs import ask_irrevocably
from app.ui.sync_centre import asking, state

if TYPE_CHECKING:
    from app.db.database import Transaction

SETTLE = "conflict.settle"


class Deeds(QObject):
    """Does what the cards ask for. ``done``: something changed; ``failed``: the card named gets its buttons back."""

    done = Signal()
    failed = Signal(str, object)

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._over = context, parent

    def _write(self, key: str, work: Callable[[Transaction], object], on_done: Callable[[object], object]) -> None:
        self._context.runner.write(work, on_done, partial(self._on_failed, key))

    def _on_failed(self, key: str, error: AppError) -> None:
        self.failed.emit(key, error)

    def _say(self, words: str, undo: Callable[[], object] | None = None) -> None:
        self._context.messages.say(words, undo=undo)
        if self._context.sync is not None:
            self._context.sync.sync_now()
        self.done.emit()

    # Sending again

    def resend(self, op: str) -> None:
        """Send a returned operation anew."""
        self._write(f"parked {op}", partial(_send_again, op), self._on_resent)

    def _on_resent(self, new: object) -> None:
        self._say(_("排进去了，联网就送。") if new else _("后来的改动已经把它盖过去了，不用再送。"))

    # The supervisor

    def hand(self, item: ParkedItem) -> None:
        """Hand a returned operation to the supervisor, with a note."""
        subject = state.subject_words(item)
        title = _("把“{act} {subject}”转给站长", act=item.act_label, subject=subject)
        text = _("站长在哪台电脑上都看得到；回了话，这里会告诉您。")
        note = asking.ask_note(self._over, title, text, label=_("写一句给站长，可以不写"), verb=_("转给站长"))
        if note is not None:
            self._write(f"parked {item.op}", partial(_hand, item.op, note), partial(self._on_handed, item.op))

    def _on_handed(self, op: str, _event: object) -> None:
        self._say(_("已转站长。"), undo=partial(self.take_back, op))

    def take_back(self, op: str) -> None:
        """Take out of the supervisor's hands again."""
        self._write(f"parked {op}", partial(_close, op, _("办它的人收回了")), self._on_taken_back)

    def _on_taken_back(self, _event: object) -> None:
        self._say(_("收回来了，还由您来办。"))

    def answer(self, item: HandedItem) -> None:
        """Tell the colleague how it ends, and take it off the supervisor's list."""
        what, _why = state.handed_words(item)
        title, text = _("“{what}”办好了", what=what), _("写一句，转来的人在那台电脑上看得到。")
        note = asking.ask_note(self._over, title, text, label=_("怎么办的"), verb=_("回话"))
        if note is not None:
            work = partial(_close, item.op, note)
            self._write(f"handed {item.op}", work, partial(self._on_answered, item))

    def _on_answered(self, item: HandedItem, _event: object) -> None:
        self._say(_("已回话给{who}。", who=item.handed_by or _("转来的人")))

    def close_mended(self) -> None:
        """Tell the supervisor of what was mended meanwhile; nobody is asked."""
        self._context.runner.write(handing.close_mended)

    # Withdrawing

    def withdraw(self, item: ParkedItem) -> None:
        """Ask what builds on it, then whether it goes."""
        work = partial(_built_on, item.op)
        self._context.runner.read(work, partial(self._on_built, item))

    def _on_built(self, item: ParkedItem, built: tuple[ParkedItem, ...]) -> None:
        made = next((record for kind, record, _name in item.subjects if kind == "resident"), "")
        may_merge = bool(made) and state.Rights.of(self._context.actor.roles).merge and item.act == "resident.register"
        answer, why = asking.ask_withdraw(self._over, item, built, may_merge=may_merge)
        if answer == asking.MERGE:
            self._context.navigate("merging", drop=made)
        elif answer == asking.WITHDRAW:
            work = partial(_withdraw, item.op, why, with_built=bool(built))
            self._write(f"parked {item.op}", work, self._on_withdrawn)

    def _on_withdrawn(self, ops: object) -> None:
        count = len(ops) if isinstance(ops, tuple) else 1
        self._say(_("撤下了 {n} 笔，不再送；记录里留着。", n=count))

    # Settling

    def settle(self, conflict_id: str, choice: str, value: object) -> None:
        """Give the record the chosen value."""
        work = partial(_settle, conflict_id, choice, value)
        self._write(f"conflict {conflict_id}", work, partial(self._on_settled, conflict_id))

    def _on_settled(self, conflict_id: str, _row: object) -> None:
        self._say(_("选定了，没选的那个也留着。"), undo=partial(self._unsettle, conflict_id))

    def _unsettle(self, conflict_id: str) -> None:
        self._context.runner.write(partial(_unsettle, conflict_id), self._on_unsettled)

    def _on_unsettled(self, _done: object) -> None:
        self._say(_("又摆回来了，可以重选。"))

    # The fuse, sealed work, late records

    def allow_removal(self, removal: tuple[str, int, int]) -> None:
        """Let a mass removal through once, after asking."""
        _feed, count, total = removal
        title = _("放行这一次？")
        text = _(
            "下次同步会从这台电脑拿走 {n} 份记录（共 {total} 份）。没送出的改动会封存，不会丢。先和区里核对过再放行。",
            n=count,
            total=total,
        )
        if ask_irrevocably(self._over, title, text, [], verb=_("放行")) is not None:
            self._write("note removal", fuse.allow_removal, self._on_allowed)

    def _on_allowed(self, _nothing: object) -> None:
        self._say(_("放行一次，正在同步。"))

    def export_sealed(self) -> None:
        """Write the sealed work to a file of the person's choice."""
        name, _kind = QFileDialog.getSaveFileName(self._over, _("封存的存成文件"), "sealed.json", "JSON (*.json)")
        if name:
            self._context.runner.read(feeds.export_sealed, partial(self._write_file, Path(name)))

    def _write_file(self, path: Path, text: str) -> None:
        self._context.runner.io(partial(path.write_text, text, "utf-8"), partial(self._on_exported, path))

    def _on_exported(self, path: Path, _count: object) -> None:
        self._context.messages.say(_("存在 {path}。里面有个人信息，只交给区里。", path=str(path)))

    def follow(self, drop_id: str) -> None:
        """Let what came to a merged file late follow it."""
        self._write(f"note stray {drop_id}", partial(_follow, drop_id), self._on_followed)

    def _on_followed(self, count: object) -> None:
        self._say(_("跟过去了 {n} 份。", n=count))


def _send_again(op: str, tx: Transaction) -> str | None:
    return handing.send_again(tx, op)


def _hand(op: str, note: str, tx: Transaction) -> str:
    return withdrawing.hand_to_supervisor(tx, op, note).id


def _close(op: str, note: str, tx: Transaction) -> str:
    return withdrawing.close_handed(tx, op, note).id


def _built_on(op: str, tx: Transaction) -> tuple[ParkedItem, ...]:
    return withdrawing.list_built_on(tx, op)


def _withdraw(op: str, why: str, tx: Transaction, *, with_built: bool) -> tuple[str, ...]:
    return withdrawing.withdraw(tx, op, why=why, with_built=with_built)


def _settle(conflict_id: str, choice: str, value: object, tx: Transaction) -> str:
    return settle(tx, conflict_id, choice, value).id


def _unsettle(conflict_id: str, tx: Transaction) -> str:
    """Take back the settlement of this question, as far as it is among this person's last acts."""
    for done in history.list_done(tx):
        if done.act == SETTLE and any(edit.record_id == conflict_id for edit in edits_of(tx, done.op)):
            return history.undo(tx, done.op).op
    return ""


def _follow(drop_id: str, tx: Transaction) -> int:
    return merging.follow_merge(tx, drop_id)
