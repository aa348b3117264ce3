"""Messages: the one place where the desktop says something to the person in front of it.

``say`` is a toast (with its undo), ``show_error`` an error card: what happened, what is safe, what to do. The window
that shows them listens to the signals; nothing else does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, BugError, Cancelled, ExternalError, UserError
from app.texts import _

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """A toast: done, and how to take it back."""

    text: str
    undo: Callable[[], object] | None = None
    done: bool = True


@dataclass(frozen=True)
class Trouble:
    """An error as it is shown: title, what is safe and what to do, one button, the code for the phone."""

    title: str
    text: str
    code: str
    retry: Callable[[], object] | None = None
    retry_text: str = ""


class Messages(QObject):
    """Toasts and errors, from anywhere on the GUI thread."""

    said = Signal(object)
    troubled = Signal(object)
    cleared = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_last: Callable[[], bool] = _nothing_to_undo

    def say(self, text: str, *, undo: Callable[[], object] | None = None) -> None:
        """Show a toast for 8 s; with ``undo`` it carries 撤销, and Ctrl+Z does the same."""
        self.said.emit(Notice(text, undo))

    def remark(self, text: str) -> None:
        """Show a toast for what was not done: a key that needs something first."""
        self.said.emit(Notice(text, done=False))

    def show_error(
        self, error: BaseException, *, retry: Callable[[], object] | None = None, retry_text: str = ""
    ) -> None:
        """Show what went wrong; a cancelled task is silent."""
        if isinstance(error, Cancelled):
            return
        shown = as_trouble(error)
        log.warning("shown to the person: %s", shown.code)
        self.troubled.emit(Trouble(shown.title, shown.text, shown.code, retry, retry_text or _("再试一次")))

    def tell(self, title: str, text: str, code: str) -> None:
        """Show what happened before anybody was here; the card stays until it is put away."""
        self.troubled.emit(Trouble(title, text, code))

    def clear(self) -> None:
        """Take the error card away: the person moved on."""
        self.cleared.emit()


def _nothing_to_undo() -> bool:
    return False


def as_trouble(error: BaseException) -> Trouble:
    """Turn any exception into the words for it."""
    if isinstance(error, UserError):
        return Trouble(_("这一步没有做成"), error.text, error.code)
    if isinstance(error, ExternalError):
        return Trouble(_title_of(error), error.text, error.code)
    if isinstance(error, AppError) and not isinstance(error, BugError):
        return Trouble(_("这一步没有做成"), error.text, error.code)
    code = f"bug.{type(error.__cause__ or error).__name__}"
    text = _("已经保存的都在。这一步没有保存，可以再试一次；还是不行，把代号告诉站长。")
    report = error.report if isinstance(error, BugError) else ""
    if report:
        text += _("经过记在 {where}，里面没有个人信息。", where=report)
    return Trouble(_("程序自己出了错"), text, code)


def _title_of(error: ExternalError) -> str:
    area = error.code.partition(".")[0]
    titles = {
        "print": _("没有打印出来"),
        "sync": _("送不出去，东西都在本机"),
        "storage": _("没有写进磁盘"),
    }
    return titles.get(area, _("这一步没有做成"))
