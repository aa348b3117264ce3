"""What the four forms share: the day it happened, the reason for a late entry, corrections, the way back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from app.services.drafts import KeptDraft
from app.texts import _
from app.ui.acting import Doer
from app.ui.field_work import state
from app.ui.field_work.loading import FieldFacts
from app.ui.forms import DateField, Field, TextField
from app.ui.resident_file.form_page import FormPage
from app.ui.resident_file.state import person_line
from app.ui.resident_file.unemployment_state import Hint
from app.ui.slip.consent import time_problem

if TYPE_CHECKING:
    from app.ui.context import UiContext
    from app.ui.resident_file.loading import FileView


class EntryPage(FormPage):
    """A form about one person; ``moment_name`` is the field that says when it happened."""

    kind = ""
    moment_name = ""
    _facts: FieldFacts | None = None

    def __init__(self, context: UiContext, title: str, correcting: str) -> None:
        super().__init__(context, title, _("保存"))
        self._titles = title, correcting
        self._doer = Doer(context, self)
        self.record_id = ""

    # What each form says of itself

    def first_values(self, facts: FieldFacts) -> dict[str, Any]:
        """Return what a new record's fields hold at first."""
        raise NotImplementedError

    def known_values(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return what the fields hold of a record that is corrected."""
        raise NotImplementedError

    def offer(self, facts: FieldFacts) -> None:
        """Let the fields offer what this person, station and day have to offer."""

    # Ways

    def begin(self, facts: FieldFacts, record_id: str = "") -> None:
        """Begin the form for a person, or the correction of a record."""
        self._facts, self.record_id = facts, record_id
        self.form_name = self.draft_name()
        self.title.setText(self._titles[1] if record_id else self._titles[0])
        self.offer(facts)
        self.start(facts.view)

    def _on_draft(self, kept: KeptDraft | None) -> None:
        """Take over a draft, unless another record came to the front before it was read."""
        if kept is not None and kept.form == self.form_name:
            super()._on_draft(kept)

    def draft_name(self) -> str:
        """Return under which name the draft is kept: each correction has its own."""
        return f"{self.kind}.{self.record_id[-12:]}" if self.record_id else self.kind

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Begin with now, or with what the record says."""
        facts = self.facts
        resident = view.file.resident
        self.note.setText(_("，").join((resident.name, person_line(resident, view.today))))
        day, at = state.day_and_time(facts.record[self.moment_name] if facts.record is not None else None)
        when = {self.moment_name: day, self.time_name: at}
        if facts.record is not None:
            record = dict(facts.record)
            return {**self.known_values(record), **when, "late_why": record.get("late_why")}
        return {**self.first_values(facts), **when}

    @property
    def facts(self) -> FieldFacts:
        """What was read of the person."""
        assert self._facts is not None
        return self._facts

    @property
    def time_name(self) -> str:
        """The field that holds the time of day."""
        return f"{self.moment_name}_time"

    def add_moment(self, label: str, *beside: Field) -> None:
        """Add day and time of what happened, what stands beside them, and the reason of a late entry under them."""
        self.grid.add(DateField(label, name=self.moment_name, required=True, prefer="past"))
        hint = _("不填就是现在")
        self.grid.add(TextField(_("时间"), name=self.time_name, max_length=8, hint=hint, check=time_problem))
        for field in beside:
            self.grid.add(field)
        self.grid.add(
            TextField(_("补录原因"), name="late_why", max_length=200, hint=_("纸上先记、后来录入的写明")), span=3
        )

    def follow(self, name: str) -> None:
        """Ask for the reason of a late entry."""
        late = state.is_late(self.grid.field(self.moment_name).value(), self.facts)
        self.show_field("late_why", late, required=late)

    def show_field(self, name: str, shown: bool, *, required: bool = False) -> None:
        """Show or hide a field; what is hidden is not asked for."""
        field = self.grid.field(name)
        field.setVisible(shown)
        field.set_required(shown and required)

    def show_hint(self, hint: Hint | None) -> None:
        """Show a hint under the form, or none."""
        self.hint.setVisible(hint is not None)
        if hint is not None:
            self.hint.set_hint(hint)

    def entered(self) -> dict[str, Any]:
        """Return the values as the service takes them; what is hidden is empty."""
        values = {
            field.name: None if field.isHidden() else field.value()
            for field in self.grid.fields()
            if field.name != self.time_name
        }
        at = self.grid.field(self.time_name).value()
        values[self.moment_name] = state.moment_of(values[self.moment_name], at)
        for name, value in values.items():
            if isinstance(value, tuple):
                values[name] = list(value)
        return {**values, "resident_id": self.resident_id}

    def hand_over(self, work: Any) -> None:
        """Run the service; the toast takes back what was done, errors go to their fields."""
        self._timer.stop()
        self.main.set_busy(_("正在保存…"))
        self._doer.do(work, self.said(), on_done=self._on_saved, on_error=self._on_failed)

    def write(self, record: Any, edit: Any, values: dict[str, Any]) -> None:
        """Record anew, or correct."""
        if self.record_id:
            self.hand_over(partial(_edit, edit, self.record_id, values))
        else:
            self.hand_over(partial(_record, record, values))

    def said(self) -> str:
        """Return what the toast says."""
        name = self.facts.view.file.resident.name
        if self.record_id:
            return _("已改好 {name} 的记录", name=name)
        return _("已记下：{what}，{name}", what=self._titles[0], name=name)


def _record(record: Any, values: dict[str, Any], tx: Any) -> Any:
    return record(tx, values)


def _edit(edit: Any, record_id: str, values: dict[str, Any], tx: Any) -> Any:
    return edit(tx, record_id, values)
