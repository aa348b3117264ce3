"""The field that says which class a list of sign-ups goes into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.training.listing import ClassLine
from app.texts import _
from app.ui.fields.choice import ChoiceField, ChoiceItem
from app.ui.importing import state

if TYPE_CHECKING:
    from app.ui.tasks import TaskRunner


class ClassField(ChoiceField):
    """The classes open for sign-up today; read anew each time it is shown."""

    def __init__(self) -> None:
        super().__init__(_("报到哪个班"), name="held_class", show_code=False, required=True)
        self._wanted = ""

    def load(self, runner: TaskRunner, wanted: str = "") -> None:
        """Read the classes; ``wanted`` is chosen when it is among them, the only one anyway."""
        self._wanted = wanted or self.class_id()
        runner.read(state.load_open_classes, self._on_classes)

    def class_id(self) -> str:
        """Return the chosen class, or nothing."""
        return str(self.value() or "")

    def _on_classes(self, lines: list[ClassLine]) -> None:
        known = {line.id for line in lines}
        self.set_items([ChoiceItem(line.id, line.title, state.class_note(line)) for line in lines])
        self.set_hint("" if lines else _("没有在报名的班"))
        chosen = self._wanted if self._wanted in known else lines[0].id if len(lines) == 1 else None
        if chosen != self.value():
            self.set_value(chosen)
            self.value_changed.emit()
