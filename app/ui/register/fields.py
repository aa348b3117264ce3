"""Fields that only this form has: occupation with its vacancies, region, kilometres, a masked phone, consents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.models.codes import Code, code_list, middle_of, occupation, occupation_label, trade_nicknames
from app.models.divisions import COUNTY, STREET, Division, division, find_divisions, streets_of
from app.models.masking import mask_mobile
from app.services.consents import ConsentText
from app.services.occupation import guess_occupation
from app.texts import _
from app.ui import entry, theme
from app.ui.fields.base import Field
from app.ui.forms import ChoiceField, ChoiceItem, FormGrid, MoneyField, PhoneField, RadioField
from app.ui.widgets import Button, Chip, IconTile, RadioChips, Text, Themed, paint

_MOST = 9


class OccupationField(ChoiceField):
    """A trade in her own words, with its class: from nicknames, fine and middle classes; else guessed from the words.

    The value is {trade, text}, or None.
    """

    def __init__(self, label: str, count: Callable[[str], int | None], **options: Any) -> None:
        self._count = count
        super().__init__(label, show_code=False, find=self._suggest, **options)

    def value(self) -> Any:
        item = self.item()
        return {"trade": item.code.partition("|")[0] or None, "text": item.label} if item else None

    def set_value(self, value: Any) -> None:
        if not isinstance(value, Mapping) or not (value.get("trade") or value.get("text")):
            self.set_item(None)
            return
        self.set_item(self._item(value.get("trade") or "", value.get("text") or occupation_label(value["trade"])))

    def tidy(self) -> str | None:
        """Take words that no list has as they are, with the class they sound like."""
        typed = self.line.text().strip()
        self.close_list()
        if not typed:
            self._choose(None)
        elif self.item() is None or typed != self._words(self.item() or ChoiceItem("", "")):
            exact = next((item for item in self._suggest(typed) if typed in (item.label, item.code)), None)
            self._choose(exact or self._item(guess_occupation(typed).code or "", typed))
        return None

    def _suggest(self, typed: str) -> Sequence[ChoiceItem]:
        wanted = entry.half_width(typed).strip()
        if not wanted:
            return ()
        names = [(name, code) for name, code in trade_nicknames().items() if entry.matches(name, wanted)]
        fine = [(item.label_zh, item.code) for item in code_list("OCC_FINE") if _fits(item, wanted)]
        middle = [(item.label_zh, item.code) for item in code_list("OCC") if _fits(item, wanted)]
        found = dict((*fine, *sorted(names, key=_shorter), *middle))
        best = sorted(found.items(), key=lambda one: (one[0] != wanted, not one[0].startswith(wanted)))[:_MOST]
        offered = [self._item(code, name) for name, code in best]
        if not any(item.label == wanted for item in offered) and not wanted.isascii():
            offered.append(self._item(guess_occupation(wanted).code or "", wanted, literal=True))
        return offered

    def _item(self, code: str, label: str, *, literal: bool = False) -> ChoiceItem:
        middle = middle_of(code)
        known = occupation(middle)
        place = f"{middle} {known.label}" if known else _("还不知道归到哪一类")
        note = _("按字面找") if literal else place
        count = self._count(middle) if middle else None
        figure = _("同类 {n} 个岗位", n=count) if count is not None else ""
        return ChoiceItem(f"{code}|{label}", label, note, figure)


def _fits(item: Code, wanted: str) -> bool:
    """Say whether the code or the words, in either language, are what was typed; what is kept is the Chinese."""
    names = (item.label_zh, item.label_en)
    return item.code.startswith(wanted) or any(entry.matches(name, wanted) for name in names)


def _shorter(pair: tuple[str, str]) -> tuple[int, str]:
    return len(pair[0]), pair[0]


class RegionField(ChoiceField):
    """A county or street by code, name or pinyin; those near the station come first."""

    def __init__(self, label: str, near: str, **options: Any) -> None:
        self._near = near
        super().__init__(label, find=self._suggest, **options)

    def set_value(self, value: Any) -> None:
        found = division(value) if value else None
        if found is not None:
            self.set_item(_region_item(found))
        else:
            self.set_item(ChoiceItem(value, value) if value else None)

    def _suggest(self, typed: str) -> Sequence[ChoiceItem]:
        wanted = entry.half_width(typed).strip()
        found = find_divisions(wanted, near=self._near, limit=30) if wanted else streets_of(self._near)
        return [_region_item(one) for one in found if one.level in (COUNTY, STREET) and not one.abolished]


def _region_item(found: Division) -> ChoiceItem:
    above = division(found.code[:6]) if found.level == STREET else None
    name = f"{above.name}{found.name}" if above is not None else found.name
    return ChoiceItem(found.code, name, found.label.removesuffix(name))


class KmField(MoneyField):
    """Kilometres, with one decimal if need be."""

    def value(self) -> Any:
        hundredths = super().value()
        return None if hundredths is None else hundredths / 100

    def words_of(self, value: Any) -> str:
        return f"{value:g}"

    def tidy(self) -> str | None:
        try:
            hundredths = entry.parse_fen(self.line.text())
        except ValueError:
            return _("这里写多少公里，像 3 或 2.5")
        if hundredths is not None and hundredths > 20_000:
            return _("最多 200 公里")
        self.line.setText("" if hundredths is None else self.words_of(hundredths / 100))
        return None


class MaskedPhoneField(PhoneField):
    """A phone that is on file already shows masked; typing over it begins anew."""

    def __init__(self, label: str, **options: Any) -> None:
        self._kept = ""
        super().__init__(label, **options)

    def value(self) -> str | None:
        return self._kept or super().value()

    def keep(self, number: str | None) -> None:
        """Show a number that is on file."""
        self._kept = number or ""
        self.line.setText(mask_mobile(self._kept))

    def set_value(self, value: Any) -> None:
        self._kept = ""
        super().set_value(value)

    def tidy(self) -> str | None:
        return None if self._kept else super().tidy()

    def _on_text_edited(self) -> None:
        if self._kept:
            typed = self.line.text()
            self._kept = ""
            self.line.setText("" if "*" in typed else typed)
        super()._on_text_edited()


def mask_phones(sheet: FormGrid, on_file: Mapping[str, Any]) -> None:
    """Mask the numbers on the sheet that are those of the file."""
    for field in sheet.fields():
        if isinstance(field, MaskedPhoneField) and field.value() == on_file.get(field.name):
            field.keep(on_file.get(field.name))


class DerivedField(Field):
    """The line under the ID number: what follows from it; asks a woman for 50 or 55, and takes a contradiction."""

    differs_requested = Signal()

    def __init__(self, *, name: str) -> None:
        self.chips = RadioChips([("50", _("50 岁")), ("55", _("55 岁"))], name=_("退休年龄起算"))
        self.icon = IconTile("circle-check", "accent_text")
        self.head = Text("", "body", "accent_text")
        self.words = Text("", "strong", "accent_text")
        self.note = Text("", "secondary", "text2", wrap=True)
        self.other = Button(_("和本人不一样"), "text", height=theme.HEIGHT["row_button"])
        super().__init__(_("退休年龄按 50 还是 55 岁起算，请问本人"), self.chips, name=name)
        self.other.clicked.connect(self.differs_requested)
        self.chips.chosen.connect(self._on_chosen)
        self.show_derived("", woman=False)

    def _build(self) -> None:
        self._label.setBuddy(self.editor)
        self._star.hide()
        self._hint.hide()
        self._box = _Soft()
        self._row = QHBoxLayout(self._box)
        self._row.setContentsMargins(14, 4, 8, 4)
        self._row.setSpacing(theme.SPACE[1])
        for widget in (self.icon, self.head, self.words):
            self._row.addWidget(widget)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.note, 1)
        self._row.addWidget(self._label, 2)
        self._row.addWidget(self.chips)
        self._row.addWidget(self.other)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._box)

    def show_derived(self, words: str, *, woman: bool, note: str = "") -> None:
        """Say what follows; without words, say what will."""
        self._box.set_lit(bool(words))
        self.head.setText(_("由证件号带出：") if words else _("输入证件号，性别、出生日期和年龄自动带出"))
        self.head.set_tone("accent_text" if words else "text2")
        self.icon.set_icon("circle-check" if words else "id-card", "accent_text" if words else "text2")
        self.words.setText(words)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.set_derived(not woman)
        self._label.setVisible(woman)
        self.chips.setVisible(woman)
        self.other.setVisible(bool(words))
        self.setAccessibleName(f"{self.head.text()}{words}")

    def set_required(self, required: bool) -> None:
        super().set_required(required)
        self._star.hide()

    def value(self) -> str | None:
        return self.chips.code() or None

    def set_value(self, value: Any) -> None:
        self.chips.set_code(value or "")

    def _on_chosen(self) -> None:
        self.value_changed.emit()


class _Soft(Themed, QWidget):
    """The soft slab of the derived line."""

    def restyle(self) -> None:
        self.setMinimumHeight(theme.of(self).px(42))
        self.update()

    def __init__(self) -> None:
        super().__init__()
        self._lit = False
        self.restyle()

    def set_lit(self, lit: bool) -> None:
        """Be green once there is something to say."""
        self._lit = lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.of(self)
        paint.rounded(QPainter(self), QRectF(self.rect()), 8, look.color("accent_soft" if self._lit else "sunken"))


class ConsentField(RadioField):
    """A consent: its text as it is shown to the person, then her answer by digit."""

    def __init__(self, text: ConsentText, answers: Sequence[tuple[str, str]], **options: Any) -> None:
        self._said = Text(text.text, "secondary", "text2", wrap=True)
        super().__init__(text.title, answers, **options)
        self._column.insertWidget(1, self._said)
        first = self._column.itemAt(0)
        head = first.layout() if first is not None else None
        if isinstance(head, QHBoxLayout):
            mark = Chip(_("待区里审定"), "yellow") if text.is_draft else Chip(text.version)
            head.insertWidget(2, mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_hint(_("版本 {version}", version=text.version))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the text as many lines as it needs at this width."""
        super().resizeEvent(event)
        self._said.setFixedHeight(max(1, self._said.heightForWidth(self.width())))
