"""Forms: the grid that sets fields in columns, leads from one to the next and collects what they say."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from app.ui import theme
from app.ui.fields.base import Field
from app.ui.fields.choice import ChoiceField, ChoiceItem, MultiChoiceField, RadioField
from app.ui.fields.identity import IdField
from app.ui.fields.lines import DateField, LongTextField, MoneyField, NumberField, PhoneField, TextField
from app.ui.widgets import Button
from app.ui.widgets.themed import Themed

__all__ = [
    "ChoiceField", "ChoiceItem", "DateField", "Field", "FormGrid", "IdField", "LongTextField", "MoneyField",
    "MultiChoiceField", "NumberField", "PhoneField", "RadioField", "TextField",
]  # fmt: skip

COLUMNS = 3
_COLUMN_NEEDS = 230


class FormGrid(Themed, QWidget):
    """Fields in three columns; in two or one where the window is narrow or the text big.

    Enter goes to the next field that is not derived, Shift+Enter back; from the last one Enter goes to the main
    button and does not press it.
    """

    value_changed = Signal(str)
    field_left = Signal(str)

    def __init__(self, columns: int = COLUMNS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most, self._columns = columns, 0
        self._cells: list[tuple[QWidget, int]] = []
        self._fields: dict[str, Field] = {}
        self._main: Button | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE[4])
        self._grid.setVerticalSpacing(theme.SPACE[2])

    # -- making -------------------------------------------------------------------------------------------------
    def add(self, field: Field, *, span: int = 1) -> Field:
        """Add a field that is ``span`` columns wide."""
        self._fields[field.name] = field
        field.value_changed.connect(self._on_value_changed)
        field.left.connect(self._on_left)
        field.next_requested.connect(self._on_next_requested)
        field.previous_requested.connect(self._on_previous_requested)
        self.add_widget(field, span=span)
        return field

    def add_widget(self, widget: QWidget, *, span: int = COLUMNS) -> None:
        """Add something that is no field: a line, a title, a notice."""
        self._cells.append((widget, span))
        widget.setParent(self)
        if self._columns:
            self._arrange(self._columns)
        else:
            self._arrange(self._fit())

    def set_main_button(self, button: Button) -> None:
        """Say where Enter leads from the last field."""
        self._main = button

    # -- asking -------------------------------------------------------------------------------------------------
    def fields(self) -> list[Field]:
        """Return the fields in order."""
        return list(self._fields.values())

    def field(self, name: str) -> Field:
        """Return a field by its name."""
        return self._fields[name]

    def values(self) -> dict[str, Any]:
        """Return every field's value by its name."""
        return {name: field.value() for name, field in self._fields.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values by name; names that have no field are passed over."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].set_value(value)

    def missing(self) -> list[Field]:
        """Return the required fields that are still empty (还差 n 项)."""
        return [
            field for field in self._fields.values() if field.is_required and self._counts(field) and field.is_empty()
        ]

    def wrong(self) -> list[Field]:
        """Return the fields that show an error."""
        return [field for field in self._fields.values() if field.error()]

    def validate(self) -> bool:
        """Check every field now; True when none is wrong and none is missing."""
        for field in self._fields.values():
            if not field.is_derived:
                field.validate()
        return not self.wrong() and not self.missing()

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Show sentences by field, as ``InvalidInputError.fields`` brings them, and go to the first."""
        known = [name for name in self._fields if name in errors]
        for name in known:
            self._fields[name].set_error(errors[name])
        if known:
            self.focus_field(known[0])

    def focus_field(self, name: str) -> None:
        """Go to a field and bring it into view."""
        field = self._fields[name]
        field.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._bring_into_view(field)

    def focus_first(self) -> None:
        """Go to the first field that is typed in."""
        for name in self._fields:
            if self._may_enter(self._fields[name]):
                self.focus_field(name)
                return

    # -- going on -----------------------------------------------------------------------------------------------
    def _counts(self, field: Field) -> bool:
        return not field.isHidden() and not field.is_derived

    def _may_enter(self, field: Field) -> bool:
        return self._counts(field) and field.editor.isEnabled()

    def _step(self, field: Field, by: int) -> None:
        order = [other for other in self._fields.values() if other is field or self._may_enter(other)]
        at = order.index(field) + by
        if 0 <= at < len(order):
            self.focus_field(order[at].name)
        elif at >= len(order) and self._main is not None:
            self._main.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_next_requested(self) -> None:
        self._step(self._sender(), 1)

    def _on_previous_requested(self) -> None:
        self._step(self._sender(), -1)

    def _on_value_changed(self) -> None:
        self.value_changed.emit(self._sender().name)

    def _on_left(self) -> None:
        self.field_left.emit(self._sender().name)

    def _sender(self) -> Field:
        sender = self.sender()
        assert isinstance(sender, Field)
        return sender

    def _bring_into_view(self, field: Field) -> None:
        parent = self.parentWidget()
        while parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(field, 0, 40)
                return
            parent = parent.parentWidget()

    # -- setting in columns -------------------------------------------------------------------------------------
    def columns(self) -> int:
        """Return how many columns there are now."""
        return self._columns

    def restyle(self) -> None:
        self._arrange(self._fit())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit() != self._columns:
            self._arrange(self._fit())

    def _fit(self) -> int:
        need = theme.of(self).px(_COLUMN_NEEDS) + theme.SPACE[4]
        width = (
            self.width() if self.isVisible() or self.testAttribute(Qt.WidgetAttribute.WA_WState_Created) else need * 3
        )
        return max(1, min(self._most, (width + theme.SPACE[4]) // need))

    def _arrange(self, columns: int) -> None:
        self._columns = columns
        for widget, _span in self._cells:
            self._grid.removeWidget(widget)  # not takeAt: an item left alive keeps its cached height for ever
        row = column = 0
        for widget, span in self._cells:
            wide = min(span, columns)
            if column + wide > columns:
                row, column = row + 1, 0
            self._grid.addWidget(widget, row, column, 1, wide, Qt.AlignmentFlag.AlignTop)
            column += wide
        for index in range(self._grid.rowCount()):
            self._grid.setRowStretch(index, 0)
        # An aligned layout would get its sizeHint and clip what needs height for its width (chips that wrap).
        self._grid.setRowStretch(row + 1, 1)
        is_wide = self.window().width() >= theme.WIDE_FROM
        for index in range(self._most):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)
            self._grid.setColumnMinimumWidth(index, 0)
        column = theme.of(self).px(theme.WIDTH["column"]) + theme.SPACE[4]
        self.setMaximumWidth(columns * column if is_wide else 16_777_215)
