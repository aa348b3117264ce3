"""The lists of the file: referrals, consents, history of every field."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.models.codes import code_list
from app.models.operation import PENDING
from app.services.referral_lines import ReferralLine
from app.services.residents import WITHDRAWABLE
from app.services.sync_states import SYNCED, SyncMarks
from app.services.timeline import ConsentLine
from app.texts import _
from app.ui import theme
from app.ui.forms import ChoiceField, ChoiceItem
from app.ui.resident_file import marks
from app.ui.resident_file.changes import ChangeRow, fields_of, rows_of
from app.ui.resident_file.happenings import referral_state
from app.ui.resident_file.loading import FileView
from app.ui.table import Column, RecordTable
from app.ui.widgets import Button, EmptyState, Text

ALL_FIELDS = "0"


class ReferralsPage(QWidget):
    """Every referral of the person; Enter opens its slip."""

    slip_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view: FileView | None = None
        empty = EmptyState(_("还没有推荐过"), _("匹配到合适的岗位，就能开推荐信。"), icon="handshake")
        self.table: RecordTable[ReferralLine] = RecordTable(
            self._columns(), name=_("推荐"), row_height=52, key=lambda line: line.id, empty=empty
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.table)
        self.table.row_activated.connect(self._on_activated)

    def _columns(self) -> tuple[Column[ReferralLine], ...]:
        return (
            Column(
                _("岗位"),
                lambda line: line.vacancy_title,
                width=200,
                stretch=1,
                bold=True,
                second=lambda line: line.employer_name,
            ),
            Column(_("编号"), lambda line: line.slip_no, width=160),
            Column(_("开具"), lambda line: f"{clock.to_local(line.issued_at):%m-%d}", width=70),
            Column(_("有效至"), lambda line: f"{line.valid_until:%m-%d}", width=70),
            Column(_("进展"), lambda line: self._state(line)[0], width=130, chip=lambda line: self._state(line)[1]),
            Column(
                _("原因"),
                lambda line: code_list("REF_FAIL").label(line.outcome_reason),
                width=110,
                tone=lambda _line: "text2",
            ),
            Column(
                _("送出"),
                lambda line: marks.words(self._reached(line)),
                width=92,
                tone=lambda line: marks.INKS[self._reached(line)],
            ),
        )

    def _state(self, line: ReferralLine) -> tuple[str, str]:
        return referral_state(self._view, line) if self._view is not None else ("", "neutral")

    def _reached(self, line: ReferralLine) -> str:
        if self._view is None:
            return SYNCED
        known = self._view.marks.record(line.id)
        return PENDING if known == SYNCED and line.id in self._view.unsent else known

    def set_view(self, view: FileView) -> None:
        """Show another file's referrals."""
        self._view = view
        self.table.set_rows(view.file.referrals)

    def _on_activated(self, line: ReferralLine) -> None:
        self.slip_requested.emit(line.id)


class ConsentsPage(QWidget):
    """What she was told, agreed to, refused, withdrew; a consent may be withdrawn here on one screen (PIPL 15)."""

    withdraw_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._marks = SyncMarks()
        empty = EmptyState(_("还没有告知和同意的记录"), _("登记时给本人看过告知书，这里就有。"), icon="shield-check")
        self.table: RecordTable[ConsentLine] = RecordTable(
            self._columns(), name=_("同意"), key=lambda line: line.id, empty=empty
        )
        self.withdraw = Button(_("撤回选中的同意"), icon="shield")
        foot = QHBoxLayout()
        foot.addWidget(Text(_("撤回以后不再往外提供；依法要留的登记还在。"), "secondary", "text2"), 1)
        foot.addWidget(self.withdraw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 12)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        self.table.row_selected.connect(self._on_selected)
        self.withdraw.clicked.connect(self._on_withdraw)
        self.withdraw.setEnabled(False)

    def _columns(self) -> tuple[Column[ConsentLine], ...]:
        kinds = code_list("CONSENT_KIND")
        return (
            Column(_("内容"), lambda line: kinds.label(line.kind), width=230, stretch=2, bold=True),
            Column(_("给谁"), lambda line: line.to_whom, width=170, stretch=1),
            Column(_("结果"), lambda line: consent_state(line)[0], width=110, chip=lambda line: consent_state(line)[1]),
            Column(_("时间"), lambda line: f"{clock.to_local(line.told_at):%Y-%m-%d %H:%M}", width=140),
            Column(_("撤回"), _day_of, width=96),
            Column(_("版本"), lambda line: line.text_version, width=80, tone=lambda _line: "text2"),
            Column(_("经办人"), lambda line: line.taken_by, width=70),
            Column(
                _("送出"),
                lambda line: marks.words(self._reached(line)),
                width=92,
                tone=lambda line: marks.INKS[self._reached(line)],
            ),
        )

    def _reached(self, line: ConsentLine) -> str:
        known = self._marks.record(line.id)
        return PENDING if known == SYNCED and not line.sent else known

    def set_view(self, view: FileView) -> None:
        """Show another file's consents."""
        self._marks = view.marks
        self.table.set_rows(view.consents)
        self._on_selected(self.table.current_row())

    def _on_selected(self, line: object) -> None:
        self.withdraw.setEnabled(isinstance(line, ConsentLine) and may_be_withdrawn(line))

    def _on_withdraw(self) -> None:
        line = self.table.current_row()
        if line is not None and may_be_withdrawn(line):
            self.withdraw_requested.emit(line)


def may_be_withdrawn(line: ConsentLine) -> bool:
    """Tell whether there is a consent to withdraw: notices and refusals are none."""
    return line.kind in WITHDRAWABLE and line.agreed and line.withdrawn_at is None


def consent_state(line: ConsentLine) -> tuple[str, str]:
    """Return where a consent stands: the word and the tone of its chip."""
    if line.withdrawn_at is not None:
        return _("已撤回"), "orange"
    if line.kind not in WITHDRAWABLE:
        return _("已告知"), "neutral"
    return (_("已同意"), "good") if line.agreed else (_("不同意"), "neutral")


def _day_of(line: ConsentLine) -> str:
    return f"{clock.to_local(line.withdrawn_at):%Y-%m-%d}" if line.withdrawn_at is not None else ""


class ChangesPage(QWidget):
    """Who changed which field when, from what to what; one field at a time if one wants."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ChangeRow] = []
        self.field = ChoiceField(_("只看哪一栏"), show_code=False)
        self.field.setMaximumWidth(theme.of(self).px(340))
        self.table: RecordTable[ChangeRow] = RecordTable(
            self._columns(), name=_("修改记录"), key=lambda row: row.key, empty=EmptyState(_("没有这样的修改"), "")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.field)
        column.addWidget(self.table, 1)
        self.field.value_changed.connect(self._show)

    def _columns(self) -> tuple[Column[ChangeRow], ...]:
        return (
            Column(_("时间"), lambda row: f"{row.when:%Y-%m-%d %H:%M}", width=140),
            Column(_("谁"), lambda row: row.who, width=76),
            Column(_("做了什么"), lambda row: row.act, width=110, tone=lambda _row: "text2"),
            Column(_("哪一栏"), lambda row: row.field, width=120, bold=True),
            Column(_("原来"), lambda row: row.old, width=120, stretch=1, tone=lambda _row: "text2"),
            Column(_("改成"), lambda row: row.new, width=120, stretch=1),
            Column(
                _("送出"),
                lambda row: marks.words(row.state),
                width=92,
                tone=lambda row: marks.INKS[row.state],
            ),
        )

    def set_view(self, view: FileView) -> None:
        """Show another file's history."""
        self._rows = rows_of(view.changes, view.marks)
        fields = fields_of(self._rows)
        chosen = self.field.value()
        self.field.set_items([ChoiceItem(ALL_FIELDS, _("全部"))] + [ChoiceItem(key, words) for key, words in fields])
        self.field.set_value(chosen if chosen in {key for key, _words in fields} else ALL_FIELDS)
        self._show()

    def show_field(self, key: str) -> None:
        """Show the history of one field alone."""
        self.field.set_value(key)
        self._show()

    def _show(self) -> None:
        chosen = self.field.value()
        everything = chosen in (None, ALL_FIELDS)
        self.table.set_rows([row for row in self._rows if everything or row.field_key == chosen])
