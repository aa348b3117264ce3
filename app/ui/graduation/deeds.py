"""What is done on the screen: scores, ending the class, certificates entered, checked and voided."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.services.training.certificates import CertificateLine
from app.texts import _
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.dialogs import IrrevocableDialog
from app.ui.graduation import registry, state
from app.ui.graduation.issuing import Issued, Issuer
from app.ui.graduation.state import GradRow


class GradDeeds(QObject):
    """Writes through the screen's doer; ``issued`` brings the ids of what was issued."""

    issued = Signal(tuple)

    def __init__(self, context: UiContext, doer: Doer, over: QWidget) -> None:
        super().__init__(over)
        self._context, self._doer, self._over = context, doer, over
        self._dialog: IrrevocableDialog | None = None
        self._voiding: CertificateLine | None = None
        self.class_id = ""
        self.issuer = Issuer(context.runner, self)
        self.issuer.finished.connect(self._on_issued)

    def assess(
        self,
        row: GradRow,
        values: dict[str, Any],
        on_done: Callable[[Any], object],
        on_error: Callable[[AppError], object],
    ) -> None:
        """Enter somebody's scores."""
        work = partial(state.assess, enrolment_id=row.line.enrolment_id, values=values)
        self._doer.do(work, _("登了 {name} 的成绩", name=row.line.name), on_done=on_done, on_error=on_error)

    def finish(self, why: str) -> None:
        """End the class."""
        work = partial(state.finish, class_id=self.class_id, why=why or None)
        self._doer.do(work, _finished_words)

    def enter(
        self,
        enrolment_id: str,
        values: dict[str, Any],
        on_done: Callable[[Any], object],
        on_error: Callable[[AppError], object],
    ) -> None:
        """Enter a certificate of another issuer."""
        work = partial(registry.enter, enrolment_id=enrolment_id, values=values)
        self._context.runner.write(work, partial(self._on_entered, on_done), on_error)

    def _on_entered(self, on_done: Callable[[Any], object], line: CertificateLine) -> None:
        said = _("登记了 {name} 的“{cert}”", name=line.name, cert=registry.name_words(line))
        self._context.messages.say(said)
        on_done(line)

    def check(self, line: CertificateLine, result: str) -> None:
        """Note what the issuer's registry says."""
        work = partial(registry.note_check, certificate_id=line.id, result=result)
        self._doer.do(work, _("记下了“{cert}”的查验结果", cert=registry.name_words(line)))

    def ask_void(self, line: CertificateLine) -> None:
        """Ask before a certificate is voided: it cannot be taken back."""
        if self._dialog is not None:
            return
        self._voiding = line
        title = _("作废 {name} 的“{cert}”？", name=line.name, cert=registry.name_words(line))
        text = _("编号 {no} 不再用，本人求职登记里的这张证书也去掉。这一步不能撤销，要的话另发一张。", no=line.cert_no)
        reasons = [(code, _(words)) for code, words in registry.VOID_REASONS]
        self._dialog = IrrevocableDialog(self._over.window(), title, text, reasons, verb=_("作废"))
        self._dialog.finished.connect(self._on_void_answered)
        self._dialog.open()

    def _on_void_answered(self, _result: int) -> None:
        dialog, self._dialog = self._dialog, None
        code = dialog.code if dialog is not None else None
        if dialog is not None:
            dialog.deleteLater()
        line = self._voiding
        if code and line is not None:
            work = partial(registry.void, certificate_id=line.id, why=registry.void_words(code))
            self._doer.do(work, _("作废了 {no}", no=line.cert_no))

    def _on_issued(self, issued: Issued) -> None:
        if issued.ids:
            self._context.messages.say(issued.words())
        if issued.failed:
            self._context.messages.show_error(issued.as_error())
        self.issued.emit(issued.ids)


def _finished_words(count: int) -> str:
    return _("办了结业，{n} 人结业", n=count)
