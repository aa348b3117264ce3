"""One vacancy at the right: the six elements, what the import kept apart, the occupation, and what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.models.codes import occupation_label
from app.models.employer import Vacancy
from app.services.vacancies import (
    PUBLISHED,
    RETURNED,
    TAKEN_DOWN,
    VacancyLine,
    VacancySheet,
    edit_vacancy,
    get_sheet,
    publish_vacancy,
    return_vacancy,
    take_down,
)
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.forms import ChoiceField, ChoiceItem
from app.ui.questions import AskCard, ReasonCard
from app.ui.tasks import Task
from app.ui.vacancies import state
from app.ui.widgets import Button, Card, Chip, EmptyState, Fact, IconLabel, Scroller, Text, flow_of

if TYPE_CHECKING:
    from app.db.database import Transaction


class VacancyPanel(QWidget):
    """Shows the chosen vacancy; its buttons are the screen's acts."""

    edit_requested = Signal(str)
    employer_requested = Signal(str)
    publish_ticked_requested = Signal()
    add_requested = Signal()

    def __init__(self, context: UiContext, doer: Doer) -> None:
        super().__init__()
        self._context, self._doer = context, doer
        self._rights = state.Rights.of(context.actor.roles)
        self._asked: Task[VacancySheet] | None = None
        self._wanted, self._ticked = "", 0
        self.sheet: VacancySheet | None = None
        self.trade: ChoiceField | None = None
        self._build()

    def _build(self) -> None:
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.edit = Button(_("修改"), "outline", "Ctrl E", "pencil", height=32)
        self.turn_down = Button(_("退回"), "text", "Del", height=32)
        self.main = Button("", "filled", "F9", height=theme.HEIGHT["main"])
        self.edit.clicked.connect(self._on_edit)
        self.turn_down.clicked.connect(self.ask_why)
        self.main.clicked.connect(self.do_main)
        row = QHBoxLayout()
        row.addWidget(self.edit)
        row.addWidget(self.turn_down)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        column.addLayout(row)
        column.addWidget(self.main)
        self._tell()

    # -- what it shows ------------------------------------------------------------------------------------------
    def show_line(self, line: VacancyLine | None) -> None:
        """Read and show this vacancy; None: nothing is chosen."""
        if self._asked is not None:
            self._asked.cancel()
        self._wanted = line.id if line is not None else ""
        if line is None:
            self._show(None)
            return
        work = partial(_read_sheet, line.id)
        self._asked = self._context.runner.read(work, self._show)

    def set_ticked(self, count: int) -> None:
        """Say how many are ticked: the main button publishes them."""
        self._ticked = count
        self._tell()

    def _show(self, sheet: VacancySheet | None) -> None:
        same = self.sheet is not None and sheet is not None and self.sheet.line.id == sheet.line.id
        if same and self._scroll.asking is not None:
            self.sheet = sheet
            return
        place = self._scroll.verticalScrollBar().value() if same else 0
        self.sheet, self.trade = sheet, None
        self._scroll.clear()
        if sheet is None:
            self._scroll.body.addWidget(
                EmptyState(_("没有选中岗位"), _("在左边选一个，这里看全部内容。"), icon="briefcase")
            )
        else:
            self._head(sheet)
            self._occupation(sheet)
            self._apart(sheet)
            for label, words in state.six_elements(sheet):
                self._scroll.body.addWidget(Fact(label, words, due=True))
            self._until(sheet)
        self._scroll.body.addStretch(1)
        self._scroll.verticalScrollBar().setValue(place)
        self._tell()

    def _head(self, sheet: VacancySheet) -> None:
        line, today, body = sheet.line, clock.today(), self._scroll.body
        body.addWidget(Text(line.title, "page", wrap=True))
        chips: list[QWidget] = [Chip(state.state_words(line, today), state.state_tone(line, today))]
        if not line.employer_verified:
            chips.append(Chip(_("单位待核验"), "yellow"))
        to_employer = Button(_("看单位"), "text", height=32)
        to_employer.clicked.connect(self._on_employer)
        body.addWidget(flow_of([*chips, to_employer]))
        if line.review_state in (RETURNED, TAKEN_DOWN) and sheet.values["remark"]:
            why = _("原因：{why}", why=sheet.values["remark"])
            if sheet.reviewer and line.review_state == RETURNED:
                why = _("{who}退回：{why}", who=sheet.reviewer, why=sheet.values["remark"])
            body.addWidget(IconLabel("info", why, "orange", role="secondary", wrap=True))
        elif sheet.problem and line.review_state != PUBLISHED:
            words = _("现在还不能发布：{why}", why=sheet.problem)
            body.addWidget(IconLabel("circle-alert", words, "orange", role="secondary", wrap=True))

    def _occupation(self, sheet: VacancySheet) -> None:
        values = sheet.values
        guesses = state.occupation_choices(
            str(values["title"]), str(values["duty"] or ""), str(sheet.employer["industry"] or "")
        )
        self.trade = occupation_field(guesses)
        self.trade.set_value(values["trade"])
        if values["trade"] and self.trade.value() is None:
            self.trade.set_item(ChoiceItem(values["trade"], occupation_label(values["trade"])))
        sure = values["trade_confidence"]
        if sure is not None and sure < 1:
            self.trade.set_hint(_("从名称猜的，{percent}%", percent=round(sure * 100)))
        elif not values["trade"]:
            self.trade.set_hint(_("没认出来，请选一个"))
        self.trade.setEnabled(self._rights.add)
        self.trade.value_changed.connect(self._on_trade)
        self._scroll.body.addWidget(self.trade)

    def _until(self, sheet: VacancySheet) -> None:
        values, today = sheet.values, clock.today()
        days = [state.short_day(values[name], today) for name in ("open_from", "open_to")]
        words = _("{first} 到 {last}", first=days[0] or "—", last=days[1]) if days[1] else ""
        self._scroll.body.addWidget(Fact(_("招聘期"), words, due=True))
        came = state.import_words(values, today)
        number = values["rec_no"] or ""
        if came or number:
            self._scroll.body.addWidget(Fact(_("来处"), "，".join(part for part in (number, came) if part)))

    def _apart(self, sheet: VacancySheet) -> None:
        """Show apart what the imported text demands and the law does not let a vacancy demand."""
        if not sheet.values["legacy_note"]:
            return
        card = Card("yellow_soft", None, padding=12)
        title = _("导入原文里的条件，不作为招聘条件")
        card.body.addWidget(IconLabel("paperclip", title, "yellow", role="secondary", wrap=True))
        card.body.addWidget(Text(str(sheet.values["legacy_note"]), "secondary", "text", wrap=True))
        card.setAccessibleName(f"{title} {sheet.values['legacy_note']}")
        self._scroll.body.addWidget(card)

    def _tell(self) -> None:
        """Set the buttons to what can be done now."""
        line = self.sheet.line if self.sheet is not None else None
        acts = state.acts_on(line, self._rights) if line is not None else None
        self.edit.setVisible(line is not None and self._rights.add)
        self.turn_down.setVisible(acts is not None and (acts.send_back or acts.take_down))
        if acts is not None and acts.take_down:
            self.turn_down.set_label(_("下架"))
        else:
            self.turn_down.set_label(_("退回"))
        if self._rights.publish and self._ticked:
            self.main.set_label(_("发布选中的 {n} 个", n=self._ticked), icon="check")
        elif self._rights.publish and acts is not None and acts.publish:
            self.main.set_label(_("发布"), icon="check")
        else:
            self.main.set_label(_("登记岗位"), icon="plus")
        self.main.setVisible(self._rights.add or self._rights.publish)

    # -- what it does -------------------------------------------------------------------------------------------
    def do_main(self) -> None:
        """Publish the ticked ones, else the chosen one; else register a new one (F9)."""
        line = self.sheet.line if self.sheet is not None else None
        if self._rights.publish and self._ticked:
            self.publish_ticked_requested.emit()
        elif line is not None and state.acts_on(line, self._rights).publish:
            said = _("已发布“{title}”", title=line.title)
            self._doer.do(partial(_publish, line.id), said)
        else:
            self.add_requested.emit()

    @property
    def asking(self) -> AskCard | None:
        """Return the question under way."""
        return self._scroll.asking

    def ask_why(self) -> None:
        """Ask for the reason of returning or taking down, here in the panel."""
        line = self.sheet.line if self.sheet is not None else None
        if line is None or self._scroll.asking is not None:
            return
        acts = state.acts_on(line, self._rights)
        if acts.take_down:
            reasons, title, verb = state.TAKE_DOWN_REASONS, _("为什么下架“{title}”？", title=line.title), _("下架")
        elif acts.send_back:
            reasons, title, verb = state.RETURN_REASONS, _("为什么退回“{title}”？", title=line.title), _("退回")
        else:
            return
        card = ReasonCard(title, [(code, _(words)) for code, words in reasons], verb)
        card.decided.connect(self._on_decided)
        self._scroll.ask(card)

    def _on_decided(self, why: str) -> None:
        if self.sheet is None:
            return
        line = self.sheet.line
        self._scroll.drop_question()
        if line.review_state == PUBLISHED:
            self._doer.do(partial(_take_down, line.id, why), _("已下架“{title}”", title=line.title))
        else:
            self._doer.do(partial(_return, line.id, why), _("已退回“{title}”", title=line.title))

    def _on_trade(self) -> None:
        if self.sheet is None or self.trade is None:
            return
        code = self.trade.value()
        if code and code != self.sheet.values["trade"]:
            said = _("“{title}”的职业改成{trade}", title=self.sheet.line.title, trade=occupation_label(code))
            self._doer.do(partial(_set_trade, self.sheet.line.id, code), said)

    def _on_edit(self) -> None:
        if self.sheet is not None:
            self.edit_requested.emit(self.sheet.line.id)

    def _on_employer(self) -> None:
        if self.sheet is not None:
            self.employer_requested.emit(self.sheet.line.employer_id)


def occupation_field(guesses: tuple[state.Guess, ...], *, required: bool = False) -> ChoiceField:
    """Return a field of the middle classes, the guess first with how sure it is."""
    items = [
        ChoiceItem(
            one.code,
            one.label,
            figure="" if one.confidence is None else _("猜 {percent}%", percent=round(one.confidence * 100)),
        )
        for one in guesses
    ]
    return ChoiceField(_("职业（中类）"), items, name="trade", required=required)


def _read_sheet(vacancy_id: str, tx: Transaction) -> VacancySheet:
    return get_sheet(tx, vacancy_id)


def _publish(vacancy_id: str, tx: Transaction) -> Vacancy:
    return publish_vacancy(tx, vacancy_id)


def _return(vacancy_id: str, why: str, tx: Transaction) -> Vacancy:
    return return_vacancy(tx, vacancy_id, why)


def _take_down(vacancy_id: str, why: str, tx: Transaction) -> Vacancy:
    return take_down(tx, vacancy_id, why)


def _set_trade(vacancy_id: str, code: str, tx: Transaction) -> Vacancy:
    return edit_vacancy(tx, vacancy_id, {"trade": code})
