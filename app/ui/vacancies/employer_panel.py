"""One employer at the right: its facts, its vacancies, and its verification once the papers were seen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.models.codes import code_list
from app.models.employer import Employer
from app.models.uscc import check_uscc
from app.services.employers import FAILED, PASSED, EmployerLine, get_employer, verify_employer
from app.texts import N_, _
from app.ui import theme
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.questions import ReasonCard
from app.ui.tasks import Task
from app.ui.vacancies import state
from app.ui.widgets import Button, Card, CheckBox, Chip, EmptyState, Fact, IconLabel, Scroller, Text, flow_of, row_of

if TYPE_CHECKING:
    from app.db.database import Transaction

PAPERS = (N_("营业执照，和单位名称一致"), N_("经办人身份证件"), N_("单位委托证明"))
"""What 人力资源市场暂行条例 26 wants seen before a vacancy is published."""
FAIL_REASONS = (
    ("1", N_("执照过期或对不上")),
    ("2", N_("没有委托证明")),
    ("3", N_("经办人证件对不上")),
    ("4", N_("电话打不通")),
)


class EmployerPanel(QWidget):
    """Shows the chosen employer."""

    edit_requested = Signal(str, dict)
    vacancies_requested = Signal(str)
    add_requested = Signal()

    def __init__(self, context: UiContext, doer: Doer) -> None:
        super().__init__()
        self._context, self._doer = context, doer
        self._rights = state.Rights.of(context.actor.roles)
        self._asked: Task[tuple[EmployerLine, dict[str, Any]]] | None = None
        self.line: EmployerLine | None = None
        self.papers: list[CheckBox] = []
        self._build()

    def _build(self) -> None:
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.edit = Button(_("修改"), "outline", "Ctrl E", "pencil", height=32)
        self.to_vacancies = Button(_("看岗位"), "text", height=32)
        self.main = Button(_("登记单位"), "filled", "F9", "plus", height=theme.HEIGHT["main"])
        self.main.setVisible(self._rights.add)
        self.edit.clicked.connect(self._on_edit)
        self.to_vacancies.clicked.connect(self._on_vacancies)
        self.main.clicked.connect(self.add_requested)
        row = QHBoxLayout()
        row.addWidget(self.edit)
        row.addWidget(self.to_vacancies)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        column.addLayout(row)
        column.addWidget(self.main)

    def show_line(self, line: EmployerLine | None) -> None:
        """Read and show this employer; None: nothing is chosen."""
        if self._asked is not None:
            self._asked.cancel()
        if line is None:
            self._show(None)
        else:
            self._asked = self._context.runner.read(partial(_read, line.id), self._show)

    def _show(self, found: tuple[EmployerLine, dict[str, Any]] | None) -> None:
        same = found is not None and self.line is not None and found[0].id == self.line.id
        if same and self._scroll.asking is not None:
            return
        self._scroll.clear()
        self.papers = []
        self.line = found[0] if found is not None else None
        self.edit.setVisible(found is not None and self._rights.add)
        self.to_vacancies.setVisible(found is not None and found[0].vacancy_count > 0)
        if found is None:
            self._scroll.body.addWidget(EmptyState(_("没有选中单位"), _("在左边选一个。"), icon="building-2"))
        else:
            self._facts(*found)
            if self._rights.verify:
                self._verification(found[0])
        self._scroll.body.addStretch(1)

    def _facts(self, line: EmployerLine, values: dict[str, Any]) -> None:
        body, today = self._scroll.body, clock.today()
        body.addWidget(Text(line.name, "page", wrap=True))
        body.addWidget(row_of([Chip(state.verify_words(line), state.VERIFY_TONES.get(line.verify_state, "neutral"))]))
        if line.verify_state != PASSED and values["remark"]:
            words = _("原因：{why}", why=values["remark"])
            body.addWidget(IconLabel("info", words, "orange", role="secondary", wrap=True))
        kind = check_uscc(line.uscc).label if line.uscc else ""
        number = _("{code}，{kind}", code=line.uscc, kind=kind) if kind else line.uscc or ""
        body.addWidget(Fact(_("统一社会信用代码"), number, due=True))
        lists = (("EMPLOYER_TYPE", "employer_kind"), ("GB4754", "industry"), ("SIZE", "size"))
        words = "，".join(code_list(name).label(values[field]) for name, field in lists if values[field])
        body.addWidget(Fact(_("类型、行业、规模"), words))
        body.addWidget(Fact(_("工作地址"), values["work_addr"] or "", due=True))
        contact = "  ".join(str(part) for part in (values["contact"], values["phone"]) if part)
        body.addWidget(Fact(_("联系人"), contact, due=True))
        licence = state.short_day(values["licence_valid_to"], today)
        body.addWidget(Fact(_("执照有效期至"), licence, due=True))
        if values["review_due"]:
            body.addWidget(Fact(_("下次复核"), state.short_day(values["review_due"], today)))

    def _verification(self, line: EmployerLine) -> None:
        """Offer the verdict: passed only when every paper was seen."""
        card = Card(padding=12)
        card.body.addWidget(Text(_("看过原件再打勾"), "strong"))
        for words in PAPERS:
            box = CheckBox(_(words))
            box.setChecked(line.verify_state == PASSED)
            box.toggled.connect(self._on_paper)
            card.body.addWidget(box)
            self.papers.append(box)
        self.passed = Button(_("核验通过"), "soft", height=32)
        self.failed = Button(_("不通过"), "text", height=32)
        self.passed.setEnabled(False)
        self.passed.setVisible(line.verify_state != PASSED)
        self.passed.clicked.connect(self._on_passed)
        self.failed.clicked.connect(self._on_failed)
        card.body.addWidget(flow_of([self.passed, self.failed]))
        self._scroll.body.addWidget(card)

    def _on_paper(self, _on: bool) -> None:
        self.passed.setEnabled(all(box.isChecked() for box in self.papers))

    def _on_passed(self) -> None:
        if self.line is not None:
            said = _("{name} 核验通过", name=self.line.name)
            self._doer.do(partial(_verify, self.line.id, PASSED, None), said, on_error=self._on_not_passed)

    def _on_not_passed(self, error: AppError) -> None:
        """Something is still missing: open the form at those fields."""
        if isinstance(error, InvalidInputError) and self.line is not None:
            self._context.messages.remark(_("还有没填的，补上再核验。"))
            self.edit_requested.emit(self.line.id, error.fields)
        else:
            self._context.messages.show_error(error)

    def _on_failed(self) -> None:
        if self.line is None or self._scroll.asking is not None:
            return
        reasons = [(code, _(words)) for code, words in FAIL_REASONS]
        card = ReasonCard(_("为什么不通过？"), reasons, _("判不通过"))
        card.decided.connect(self._on_fail_decided)
        self._scroll.ask(card)

    def _on_fail_decided(self, why: str) -> None:
        self._scroll.drop_question()
        if self.line is not None:
            said = _("{name} 核验不通过，它的岗位不能发布", name=self.line.name)
            self._doer.do(partial(_verify, self.line.id, FAILED, why), said)

    def _on_edit(self) -> None:
        if self.line is not None:
            self.edit_requested.emit(self.line.id, {})

    def _on_vacancies(self) -> None:
        if self.line is not None:
            self.vacancies_requested.emit(self.line.name)


def _read(employer_id: str, tx: Transaction) -> tuple[EmployerLine, dict[str, Any]]:
    return get_employer(tx, employer_id)


def _verify(employer_id: str, verdict: str, why: str | None, tx: Transaction) -> Employer:
    return verify_employer(tx, employer_id, verdict, why=why)
