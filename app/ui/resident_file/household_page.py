"""The household at the level of an address: who lives there, who could work and who wants to (domain sheet 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.masking import mask_address
from app.services.households import HouseholdFile, MemberLine, find_at_address, save_household
from app.services.residents import ResidentHit, search_residents
from app.texts import N_, _
from app.ui import theme
from app.ui.forms import ChoiceField, FormGrid, MultiChoiceField, NumberField, RadioField, TextField
from app.ui.resident_file.form_page import answer, choices, truth, yes_no
from app.ui.resident_file.loading import FileView
from app.ui.widgets import BannerLine, Button, Card, SectionTitle, Text, part

if TYPE_CHECKING:
    from app.ui.context import UiContext

DIBAO = (("1", N_("低保")), ("2", N_("低保边缘")), ("0", N_("都不是")))
"""``dibao_type``: 1 minimum living allowance, 2 on its edge, 0 neither."""

CHILDREN = ("children_under_3", "children_3_to_6", "children_7_to_13")
SELF = "0"


class MemberCard(Card):
    """One member: who, how related to the head, able, willing, status."""

    changed = Signal()
    name_left = Signal(object)
    remove_requested = Signal(object)

    def __init__(self, line: MemberLine, *, removable: bool) -> None:
        super().__init__("surface", "line", radius=theme.RADIUS["card"], padding=12)
        self.line = line
        self.name = TextField(_("姓名"), name="name", required=True, max_length=50)
        self.grid = FormGrid()
        self.link = Button("", "soft", height=theme.HEIGHT["row_button"])
        self.link.hide()
        self._found: ResidentHit | None = None
        self._build(removable=removable)
        self.set_line(line)
        self.grid.value_changed.connect(self._on_changed)
        self.grid.field_left.connect(self._on_left)
        self.link.clicked.connect(self._on_link)

    def _build(self, *, removable: bool) -> None:
        grid = self.grid
        grid.add(self.name)
        grid.add(ChoiceField(_("和户主关系"), choices("KIN"), name="relation", required=True))
        grid.add(ChoiceField(_("现在的状态"), choices("EMP_STATUS"), name="status_at_check", required=True))
        grid.add(RadioField(_("有劳动能力"), yes_no(), name="able", required=True))
        grid.add(RadioField(_("想工作"), yes_no(), name="willing", required=True))
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE[1])
        foot.addWidget(self.link)
        foot.addStretch(1)
        self.remove = Button(_("去掉这一位"), "text", height=theme.HEIGHT["row_button"])
        self.remove.setVisible(removable)
        self.remove.clicked.connect(self._on_remove)
        foot.addWidget(self.remove)
        self.body.addWidget(grid)
        self.body.addLayout(foot)

    def set_line(self, line: MemberLine) -> None:
        """Show a member."""
        self.line = line
        self.name.set_value(line.name)
        self.name.set_derived(line.resident_id is not None, hint=_("有档案") if line.resident_id else "")
        values = {"relation": line.relation, "status_at_check": line.status_at_check}
        self.grid.set_values({**values, "able": answer(line.able), "willing": answer(line.willing)})

    def values(self) -> dict[str, Any]:
        """Return the member as the service takes it."""
        values = self.grid.values()
        values.update(able=truth(values["able"]), willing=truth(values["willing"]))
        return {**values, "id": self.line.id or None, "resident_id": self.line.resident_id}

    def offer(self, hit: ResidentHit) -> None:
        """Offer to tie this name to a file that was found."""
        self._found = hit
        place = mask_address(hit.live_addr)
        self.link.set_label(_("就是这位：{name} {place}", name=hit.name, place=place))
        self.link.show()

    def _on_link(self) -> None:
        hit = self._found
        if hit is None:
            return
        self.link.hide()
        given = self.values()
        status = given["status_at_check"] or hit.emp_status
        line = replace(self.line, resident_id=hit.id, name=hit.name, status_at_check=status)
        self.set_line(replace(line, relation=given["relation"], able=given["able"], willing=given["willing"]))
        self.changed.emit()

    def _on_changed(self, name: str) -> None:
        if name == "name":
            self.link.hide()
        self.changed.emit()

    def _on_left(self, name: str) -> None:
        if name == "name" and self.line.resident_id is None and self.name.value():
            self.name_left.emit(self)

    def _on_remove(self) -> None:
        self.remove_requested.emit(self)


class HouseholdPage(QWidget):
    """The household's form; F9 saves it with all its members in one act."""

    saved = Signal()

    def __init__(self, context: UiContext, *, may_save: bool) -> None:
        super().__init__()
        self._context = context
        self._view: FileView | None = None
        self._known: HouseholdFile | None = None
        self._joining: str | None = None
        self._asking: MemberCard | None = None
        self._found: HouseholdFile | None = None
        self.cards: list[MemberCard] = []
        self.is_dirty = False
        self.house, self.more = FormGrid(), FormGrid()
        self.same_address = BannerLine("house", "", "", tone="blue", soft=True)
        self.join = Button(_("并到这一户"), "soft", height=theme.HEIGHT["row_button"])
        self.save = Button(_("保存家庭"), "filled", "F9")
        self.add = Button(_("加一位成员"), icon="plus", height=theme.HEIGHT["row_button"])
        self.save.setVisible(may_save)
        self._build()
        self.house.value_changed.connect(self._on_changed)
        self.more.value_changed.connect(self._on_changed)
        self.house.field_left.connect(self._on_house_left)
        self.join.clicked.connect(self._on_join)
        self.add.clicked.connect(self._on_add)
        self.save.clicked.connect(self.submit)

    def _build(self) -> None:
        self._fill_house()
        self.same_address.add(self.join)
        self.same_address.hide()
        sheet = part(QWidget(), "transparent")
        self._column = QVBoxLayout(sheet)
        self._column.setContentsMargins(0, 10, 10, 12)
        self._column.setSpacing(theme.SPACE[2])
        self._column.addWidget(self.same_address)
        self._column.addWidget(self.house)
        self._title = SectionTitle(_("成员"), _("不满 14 周岁的只记人数，不记名字"), role="strong")
        self._title.add(self.add)
        self._column.addWidget(self._title)
        self._members = QVBoxLayout()
        self._members.setSpacing(theme.SPACE[1])
        self._column.addLayout(self._members)
        self._column.addWidget(SectionTitle(_("需要和孩子"), role="strong"))
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(sheet)
        foot = QHBoxLayout()
        foot.addWidget(Text(_("在这里写的，按 F9 才保存"), "secondary", "text2"), 1)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 10)
        column.addWidget(scroll, 1)
        column.addLayout(foot)

    def _fill_house(self) -> None:
        house = self.house
        house.add(TextField(_("楼幢"), name="building", required=True, max_length=60))
        house.add(TextField(_("门牌（房号）"), name="house_no", required=True, max_length=30))
        house.add(TextField(_("户主"), name="head_name", max_length=50))
        house.add(RadioField(_("户籍户"), yes_no(), name="hukou_household", required=True))
        house.add(RadioField(_("有经营性、投资性收入"), yes_no(), name="has_business_income", required=True))
        house.add(RadioField(_("低保情况"), [(code, _(words)) for code, words in DIBAO], name="dibao_type"))
        more = self.more
        more.add(MultiChoiceField(_("需要什么"), choices("NEED"), name="needs"), span=3)
        for name, label in zip(CHILDREN, (_("0–2 岁孩子"), _("3–6 岁孩子"), _("7–13 岁孩子")), strict=True):
            more.add(NumberField(label, name=name, low=0, high=20, hint=_("只记人数")))

    # Showing

    def set_view(self, view: FileView) -> None:
        """Show a person's household; what is being typed is not overwritten by a refresh."""
        same = self._view is not None and self._view.file.resident.id == view.file.resident.id
        self._view = view
        if same and self.is_dirty:
            return
        self._joining = None
        self.same_address.hide()
        self._show(view.household, self._lines(view, view.household))
        if view.household is None:
            self._suggest_address(view)
        self.is_dirty = False

    def _lines(self, view: FileView, household: HouseholdFile | None) -> list[MemberLine]:
        lines = list(household.members) if household is not None else []
        resident = view.file.resident
        if all(line.resident_id != resident.id for line in lines):
            willing = True if view.file.unemployment is not None else None
            relation = None if lines else SELF
            lines.append(MemberLine("", resident.id, resident.name, relation, willing, willing, resident.emp_status))
        return lines

    def _show(self, household: HouseholdFile | None, lines: Sequence[MemberLine]) -> None:
        self._known = household
        for field in (*self.house.fields(), *self.more.fields()):
            field.set_value(None)
            field.set_error(None)
        if household is not None:
            row = household.household.model_dump()
            row.update(hukou_household=answer(row["hukou_household"]))
            row.update(has_business_income=answer(row["has_business_income"]))
            self.house.set_values(row)
            self.more.set_values(row)
        for card in self.cards:
            self._drop(card)
        self.cards = []
        for line in lines:
            self._add_card(line)

    def _suggest_address(self, view: FileView) -> None:
        """Begin from the person's own address: the building, and what follows it."""
        whole = view.file.resident.live_addr or ""
        building = mask_address(whole)
        rest = whole[len(building) :].strip() if whole.startswith(building) else ""
        self.house.set_values({"building": building or None, "house_no": rest or None})
        self._ask_address()

    def _add_card(self, line: MemberLine) -> MemberCard:
        own = self._view is not None and line.resident_id == self._view.file.resident.id
        card = MemberCard(line, removable=not own)
        card.changed.connect(self._on_card_changed)
        card.name_left.connect(self._on_name_left)
        card.remove_requested.connect(self._on_remove)
        self.cards.append(card)
        self._members.addWidget(card)
        return card

    def _drop(self, card: MemberCard) -> None:
        self._members.removeWidget(card)
        card.hide()
        card.deleteLater()

    # What is typed

    def _on_changed(self, _name: str) -> None:
        self.is_dirty = True

    def _on_card_changed(self) -> None:
        self.is_dirty = True

    def _on_add(self) -> None:
        card = self._add_card(MemberLine("", None, "", None, None, None, None))
        self.is_dirty = True
        card.grid.focus_field("name")

    def _on_remove(self, card: MemberCard) -> None:
        self.cards.remove(card)
        self._drop(card)
        self.is_dirty = True

    def _on_house_left(self, name: str) -> None:
        if name in ("building", "house_no"):
            self._ask_address()

    def _ask_address(self) -> None:
        """Look whether this address has its household already."""
        building, house_no = self.house.field("building").value(), self.house.field("house_no").value()
        if self._known is None and building and house_no:
            self._context.runner.read(
                partial(find_at_address, building=building, house_no=house_no), self._on_address_found
            )

    def _on_address_found(self, found: HouseholdFile | None) -> None:
        self._found = found
        self.same_address.setVisible(found is not None and self._known is None)
        if found is not None:
            names = _("、").join(line.name for line in found.members[:3])
            self.same_address.set_text(_("这个地址已经有一户"), names)

    def _on_join(self) -> None:
        found = self._found
        if found is not None and self._view is not None:
            self._show(found, self._lines(self._view, found))
            self._joining = found.household.id
            self.same_address.hide()
            self.is_dirty = True

    def _on_name_left(self, card: MemberCard) -> None:
        self._asking = card
        self._context.runner.read(
            partial(search_residents, typed=str(card.name.value()), limit=5), self._on_people_found
        )

    def _on_people_found(self, hits: list[ResidentHit]) -> None:
        card = self._asking
        if card is None or card not in self.cards or card.line.resident_id is not None:
            return
        taken = {other.line.resident_id for other in self.cards}
        for hit in hits:
            if hit.name == card.name.value() and hit.id not in taken:
                card.offer(hit)
                return

    # Saving

    def submit(self) -> None:
        """Check and save the household with its members."""
        if self._view is None or self.save.is_busy or self.save.isHidden():
            return
        grids = [self.house, self.more, *(card.grid for card in self.cards)]
        for grid in grids:
            grid.validate()
        lacking = [(grid, field) for grid in grids for field in (*grid.wrong(), *grid.missing())]
        if lacking:
            for grid in grids:
                for field in grid.missing():
                    field.set_error(_("这一栏要填"))
            lacking[0][0].focus_field(lacking[0][1].name)
            return
        values = {**self.house.values(), **self.more.values()}
        for name in ("hukou_household", "has_business_income"):
            values[name] = truth(values[name])
        values.update({name: values[name] or 0 for name in CHILDREN}, needs=list(values["needs"]))
        self.save.set_busy(_("正在保存…"))
        work = partial(
            save_household,
            resident_id=self._view.file.resident.id,
            values=values,
            members=[card.values() for card in self.cards],
            household_id=self._joining,
        )
        self.is_dirty = False
        self._context.runner.write(work, self._on_saved, self._on_failed)

    def _on_saved(self, _row: object) -> None:
        self.save.set_busy(None)
        self.saved.emit()

    def _on_failed(self, error: AppError) -> None:
        self.save.set_busy(None)
        self.is_dirty = True
        if not isinstance(error, InvalidInputError):
            self._context.messages.show_error(error)
            return
        self.house.set_errors(error.fields)
        self.more.set_errors(error.fields)
        for place, card in enumerate(self.cards):
            start = f"members.{place}."
            card.grid.set_errors({k.removeprefix(start): v for k, v in error.fields.items() if k.startswith(start)})
