"""Who signs in on this PC: one's own PIN, and for a supervisor everybody's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.services.staff import add_staff, find_staff
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.fields.choice import ChoiceField
from app.ui.fields.lines import TextField
from app.ui.forms import FormGrid
from app.ui.roles import ROLE_NAMES, role_name
from app.ui.secret_field import SecretField
from app.ui.widgets.blocks import Card
from app.ui.widgets.button import Button
from app.ui.widgets.themed import Text

if TYPE_CHECKING:
    from app.db.database import Transaction


class _PinForm(Card):
    """A small form with one button and its errors."""

    def __init__(self, context: UiContext, title: str, note: str, button: str) -> None:
        super().__init__(border="line2", padding=16)
        self._context = context
        self.body.addWidget(Text(title, "strong"))
        self.body.addWidget(Text(note, "secondary", "text2", wrap=True))
        self.form = FormGrid(3)
        self.body.addWidget(self.form)
        row = QHBoxLayout()
        row.addStretch(1)
        self.button = Button(button, "soft")
        self.button.clicked.connect(self.submit)
        row.addWidget(self.button)
        self.body.addLayout(row)
        self.form.set_main_button(self.button)

    def submit(self) -> None:
        """Check, then do it."""
        missing = self.form.missing()
        if missing:
            self.form.set_errors({field.name: _("要填") for field in missing})
            self.form.focus_field(missing[0].name)
            return
        values = self.form.values()
        if values["new_pin"] != values["again"]:
            self.form.set_errors({"again": _("两遍 PIN 不一样，再输一次")})
            return
        self._save(values)

    def _save(self, values: dict[str, object]) -> None:
        raise NotImplementedError

    def _on_error(self, error: AppError) -> None:
        self.button.set_busy(None)
        fields = dict(error.fields) if isinstance(error, InvalidInputError) else {}
        known = {field.name for field in self.form.fields()}
        renamed = {("new_pin" if name == "pin" and "pin" not in known else name): text for name, text in fields.items()}
        if renamed and set(renamed) <= known:
            self.form.set_errors(renamed)
        else:
            self._context.messages.show_error(error)

    def _clear(self) -> None:
        self.button.set_busy(None)
        self.form.set_values({field.name: None for field in self.form.fields()})


class MyPin(_PinForm):
    """Change one's own PIN."""

    def __init__(self, context: UiContext) -> None:
        super().__init__(context, _("换我的 PIN"), _("6 位数字；不要用生日、连着的数。"), _("换 PIN"))
        self.form.add(SecretField(_("现在的 PIN"), name="pin", required=True))
        self.form.add(SecretField(_("新 PIN"), name="new_pin", required=True))
        self.form.add(SecretField(_("再输一遍"), name="again", required=True))

    def _save(self, values: dict[str, object]) -> None:
        door = self._context.door
        assert door is not None
        entry = next(each.entry_id for each in door.people() if each.staff_id == self._context.actor.staff_id)
        self.button.set_busy(_("正在换…"))
        work = partial(door.change_pin, entry, str(values["pin"]), str(values["new_pin"]))
        self._context.runner.db(work, self._on_done, self._on_error)

    def _on_done(self, _nothing: object) -> None:
        self._clear()
        self._context.messages.say(_("PIN 已换，下次登录用新的。"))


class PeopleCard(_PinForm):
    """Let somebody else sign in here; take somebody off."""

    def __init__(self, context: UiContext) -> None:
        note = _("每人用自己的 PIN 登录，谁办的事记在谁名下。第一个 PIN 由本人当面输。")
        super().__init__(context, _("能在这台电脑登录的人"), note, _("加上"))
        self.form.add(TextField(_("姓名"), name="name", required=True, max_length=50))
        roles = [(code, _(words)) for code, words in ROLE_NAMES.items()]
        self.form.add(ChoiceField(_("岗位"), roles, name="role", required=True, show_code=False), span=2)
        self.form.add(SecretField(_("PIN"), name="new_pin", required=True, hint=_("6 位数字")))
        self.form.add(SecretField(_("再输一遍"), name="again", required=True))
        self._lines: list[QWidget] = []
        self._list_people()

    def _list_people(self) -> None:
        for line in self._lines:
            self.body.removeWidget(line)
            line.deleteLater()
        door = self._context.door
        assert door is not None
        self._lines = [self._line(each.entry_id, each.staff_id, each.name, each.role) for each in door.people()]
        for place, line in enumerate(self._lines):
            self.body.insertWidget(2 + place, line)

    def _line(self, entry_id: str, staff_id: str, name: str, role: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(Text(name, "strong"))
        row.addWidget(Text(role_name((role,)), "secondary", "text2"))
        row.addStretch(1)
        if staff_id != self._context.actor.staff_id:
            button = Button(_("不再在这台登录"), "text", height=32)
            button.setAccessibleName(_("{name}不再在这台登录", name=name))
            button.clicked.connect(partial(self._remove, entry_id, name))
            row.addWidget(button)
        return holder

    def _save(self, values: dict[str, object]) -> None:
        self.button.set_busy(_("正在加…"))
        self._context.runner.write(
            partial(_find_or_add, name=str(values["name"]), role=str(values["role"])),
            partial(self._on_known, str(values["new_pin"])),
            self._on_error,
        )

    def _on_known(self, pin: str, person: tuple[str, str, str]) -> None:
        door = self._context.door
        assert door is not None
        staff_id, name, role = person
        work = partial(door.add_person, staff_id, name, role, pin)
        self._context.runner.db(work, partial(self._on_added, name), self._on_error)

    def _on_added(self, name: str, _entry: object) -> None:
        self._clear()
        self._list_people()
        self._context.messages.say(_("{name}可以在这台电脑登录了。", name=name))

    def _remove(self, entry_id: str, name: str) -> None:
        door = self._context.door
        assert door is not None
        work = partial(door.remove_person, entry_id)
        self._context.runner.db(work, partial(self._on_removed, name), self._on_error)

    def _on_removed(self, name: str, _nothing: object) -> None:
        self._list_people()
        self._context.messages.say(_("{name}不再在这台电脑登录，以前办的事都在。", name=name))


def _find_or_add(tx: Transaction, *, name: str, role: str) -> tuple[str, str, str]:
    """Return who this is: the station's member of staff of that name, else a new one."""
    person = find_staff(tx, name)
    if person is None:
        person = add_staff(tx, {"name": name, "roles": [role]}, staff_id=clock.new_id())
    return person.id, person.name, person.roles[0]
