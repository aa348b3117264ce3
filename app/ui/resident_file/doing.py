"""What is done on a file and taken back again: renewing, undoing, taking merged files apart, following a merge."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.models.acts import may
from app.services import merging, registrations, residents, timeline
from app.services.field_happenings import TYPES as FIELD_TYPES
from app.services.history import DoneAct
from app.services.merged import MergedFile
from app.services.timeline import Happening
from app.texts import _
from app.ui.dialogs import ask_irrevocably
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.notices import SYNC

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.ui.context import UiContext


FIELD_FORMS = {"visit": "visit", "guidance": "guidance", "policy": "policy_intro"}
"""Command → the form of field work that it opens."""


class FileDeeds(QObject):
    """``changed``: the file is to be read anew. ``gone``: it was made by what was taken back."""

    changed = Signal()
    gone = Signal()

    def __init__(self, context: UiContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._over = context, parent
        self._id = ""
        self._merged: tuple[MergedFile, ...] = ()

    def show(self, view: FileView) -> None:
        """Work on this file from now on."""
        self._id, self._merged = view.file.resident.id, view.merged

    def heed(self, name: str, what: object) -> None:
        """Do what a line over the file offers."""
        if name == SYNC:
            self._context.navigate("sync")
        elif isinstance(what, MergedFile):
            self.follow(what)

    def open_other(self, merged: MergedFile) -> None:
        """Go to the file that this one went into."""
        self._context.navigate("resident_file", id=merged.keep_id)

    def field_acts(self) -> dict[str, Callable[[], object]]:
        """Return the forms of field work that this role may open: command name → what opens it."""
        may_record = may(self._context.actor.roles, "visit.record")
        return {name: partial(self._open_field, form) for name, form in FIELD_FORMS.items() if may_record}

    def _open_field(self, form: str) -> None:
        self._context.navigate("field_work", form=form, id=self._id)

    def open_field_record(self, happening: Happening) -> bool:
        """Open a visit, follow-up, guidance or policy talk to look at it or correct it; False where it is none."""
        if happening.record_type not in FIELD_TYPES or not may(self._context.actor.roles, "visit.edit"):
            return False
        about = {"form": happening.record_type, "record": happening.record_id}
        self._context.navigate("field_work", id=self._id, **about)
        return True

    def renew(self, registration_id: str) -> None:
        """Let a jobseeker registration run on."""
        if registration_id:
            work = partial(registrations.renew_registration, registration_id=registration_id)
            self._context.runner.write(work, self._on_renewed)

    def _on_renewed(self, registration: object) -> None:
        until = getattr(registration, "valid_until", None)
        self._context.messages.say(_("求职登记续到 {day}", day=until), undo=self.undo)
        self.changed.emit()

    def on_household_saved(self) -> None:
        """Say so."""
        self._context.messages.say(_("家庭已保存"), undo=self.undo)
        self.changed.emit()

    def withdraw_consent(self, consent_id: str) -> None:
        """Note that the person withdraws a consent."""
        self._context.runner.write(partial(residents.withdraw_consent, consent_id=consent_id), self._on_withdrawn)

    def _on_withdrawn(self, _row: object) -> None:
        self._context.messages.say(_("已撤回同意"))
        self.changed.emit()

    def undo(self) -> None:
        """Take back the last act on this file that may be taken back."""
        self._context.runner.write(partial(timeline.undo_last, resident_id=self._id), self._on_undone)

    def _on_undone(self, done: DoneAct | None) -> None:
        if done is None:
            self._context.messages.remark(_("这份档案没有可以撤销的。"))
            return
        self._context.messages.say(_("已撤销：{act}", act=done.label))
        (self.gone if done.act == "resident.register" else self.changed).emit()

    def unmerge_latest(self) -> None:
        """Take the file apart that went into this one last."""
        if self._merged:
            self.unmerge(self._merged[0])

    def unmerge(self, merged: MergedFile) -> None:
        """Ask, then take two files apart again."""
        title = _("把{name}的两份档案拆开？", name=merged.name)
        text = _("从并进来那份来的，都回到那份去；并了以后新办的，留在这份。要再并，随时可以。")
        if ask_irrevocably(self._over, title, text, [], verb=_("拆开")) is not None:
            self._context.runner.write(partial(_unmerge, merged.drop_id), self._on_unmerged)

    def _on_unmerged(self, _op: object) -> None:
        self._context.messages.say(_("又拆成两份了"))
        self.changed.emit()

    def follow(self, merged: MergedFile) -> None:
        """Let what came to a merged file late follow it."""
        self._context.runner.write(partial(_follow, merged.drop_id), self._on_followed)

    def _on_followed(self, count: object) -> None:
        self._context.messages.say(_("跟过去了 {n} 份。", n=count))
        self.changed.emit()


def _unmerge(drop_id: str, tx: Transaction) -> str:
    return merging.unmerge(tx, drop_id).op


def _follow(drop_id: str, tx: Transaction) -> int:
    return merging.follow_merge(tx, drop_id)
