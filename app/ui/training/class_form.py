"""The class form: course, weekly slots, place, seats; the calendar that they give stands at the right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout

from app import clock
from app.errors import AppError, InvalidInputError
from app.services.training.classes import edit_class, plan_class
from app.texts import _
from app.ui import entry
from app.ui.forms import ChoiceField, ChoiceItem, DateField, NumberField, TextField
from app.ui.tasks import Task
from app.ui.training import planning
from app.ui.training.planning import Offer, Preview
from app.ui.training.preview_card import PreviewCard
from app.ui.training.slot_fields import HoursField, SpanField, WeekdaysField, spare_the_head
from app.ui.vacancies.form_page import RecordForm, add_all
from app.ui.widgets import Button, row_of

if TYPE_CHECKING:
    from app.db.database import Transaction

PREVIEW_REST_MS = 200
GAPS_ROOM = 150
_NEW_ONLY = ("course_id", "start_on", "end_on")
_MISPLACED = {"slots": "weekdays1"}


class ClassForm(RecordForm):
    """Plans a class, or changes its facts; lessons are moved one by one in the class's file."""

    form_name = "training_class"
    _offer = Offer((), {})

    def headline(self, *, new: bool) -> tuple[str, str]:
        if new:
            return _("排班期"), _("保存后是计划，看过课程表再开始报名")
        return _("改班期"), _("已排的课不变，要调课在课程表里调")

    def set_offer(self, offer: Offer) -> None:
        """Offer these courses and trainers."""
        self._offer = offer
        self.form.field("trainers").set_hint(
            _("本站：{names}", names="、".join(list(offer.trainers)[:4])) if offer.trainers else _("几位用顿号隔开")
        )

    def fill_form(self) -> None:
        spare_the_head(self)
        self._asked: Task[Preview] | None = None
        self._quiet_preview = QTimer(self, singleShot=True, interval=PREVIEW_REST_MS)
        self._quiet_preview.timeout.connect(self.show_preview)
        self.preview = PreviewCard()
        self.section(_("项目和时间"))
        course = ChoiceField(_("培训项目"), name="course_id", required=True, find=self._find_courses, show_code=False)
        add_all(
            self.form,
            (
                (course, 2),
                (TextField(_("班名"), name="title", max_length=60, hint=_("不写就用项目名称")), 1),
                (DateField(_("第一次课不早于"), name="start_on", required=True, prefer="future"), 1),
                (DateField(_("最晚到"), name="end_on", prefer="future", hint=_("不写就排到课时满")), 1),
                (DateField(_("报名截止"), name="enrol_until", prefer="future", hint=_("不写就是开课那天")), 1),
            ),
        )
        self.section(_("每周哪些时段"), _("节假日自动跳过；周末调休上班的也跳过"))
        self._add_slots()
        self.section(_("地点和人数"))
        add_all(
            self.form,
            (
                (TextField(_("上课地点"), name="place", required=True, max_length=100), 1),
                (TextField(_("授课教师"), name="trainers", required=True, max_length=100), 2),
                (NumberField(_("计划人数"), name="seats", required=True, low=1, high=500), 1),
                (NumberField(_("最低开班人数"), name="min_open", required=True, low=1, high=500), 1),
                (TextField(_("开班申请审批号"), name="approval_no", max_length=40), 1),
            ),
        )
        self._place_preview()

    def _add_slots(self) -> None:
        for row in range(1, planning.SLOT_ROWS + 1):
            first = row == 1
            hint = _("135 就是周一三五") if first else ""
            fields = (
                (WeekdaysField(_("星期几"), name=f"weekdays{row}", required=first, hint=hint), 1),
                (SpanField(_("几点到几点"), name=f"span{row}", required=first, hint="1330-1700" if first else ""), 1),
                (HoursField(_("每次几课时"), name=f"hours{row}", required=first), 1),
            )
            add_all(self.form, fields)
        self.more = Button(_("再加一个时段"), "text", icon="plus", height=32)
        self.more.clicked.connect(self._on_more)
        self.form.add_widget(row_of([self.more]), span=3)
        self._show_slots(1)

    def _place_preview(self) -> None:
        side = self.panel.layout()
        assert isinstance(side, QVBoxLayout)
        side.insertWidget(2, self.preview, 3)
        self.preview.hide()

    # -- slots --------------------------------------------------------------------------------------------------
    def _show_slots(self, count: int) -> None:
        self._slots_shown = count
        for row in range(1, planning.SLOT_ROWS + 1):
            for part in ("weekdays", "span", "hours"):
                self.form.field(f"{part}{row}").setVisible(row <= count)
        self.more.setVisible(count < planning.SLOT_ROWS)

    def _on_more(self) -> None:
        self._show_slots(self._slots_shown + 1)
        self.form.focus_field(f"weekdays{self._slots_shown}")

    def _slots(self) -> list[dict[str, Any]]:
        values, slots = self.form.values(), []
        for row in range(1, self._slots_shown + 1):
            slot = planning.slot_of(values[f"weekdays{row}"], values[f"span{row}"], values[f"hours{row}"])
            if slot is not None:
                slots.append(slot)
        return slots

    def _put_slots(self, slots: list[Any]) -> None:
        known = [slot for slot in slots if isinstance(slot, dict)][: planning.SLOT_ROWS]
        self._show_slots(max(1, len(known)))
        for row in range(1, planning.SLOT_ROWS + 1):
            slot = known[row - 1] if row <= len(known) else {}
            span = (slot["from"], slot["to"]) if slot.get("from") and slot.get("to") else None
            self.form.field(f"weekdays{row}").set_value(slot.get("weekdays"))
            self.form.field(f"span{row}").set_value(span)
            self.form.field(f"hours{row}").set_value(slot.get("hours"))

    # -- values -------------------------------------------------------------------------------------------------
    def put_values(self, values: Mapping[str, Any]) -> None:
        shown = dict(values)
        self._put_slots(list(shown.pop("slots", None) or []))
        shown["trainers"] = planning.trainer_names(shown.get("trainers") or ()) or None
        self._put_course(shown.pop("course_id", None))
        self.form.set_values(shown)
        for name in _NEW_ONLY:
            field = self.form.field(name)
            field.setVisible(not self.record_id)
        self._quiet_preview.start()

    def _put_course(self, course_id: str | None) -> None:
        field = self.form.field("course_id")
        assert isinstance(field, ChoiceField)
        found = next((line for line in self._offer.courses if line.id == course_id), None)
        field.set_item(_course_item(found.id, found.name, found.provider_name) if found is not None else None)

    def entered(self) -> dict[str, Any]:
        values = super().entered()
        kept = {name: value for name, value in values.items() if name[-1] not in "123"}
        kept["slots"] = self._slots()
        kept["trainers"] = planning.trainers_of(str(values["trainers"] or ""), self._offer.trainers)
        return kept

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        wrong: dict[str, str] = {}
        start, end, until = (values.get(name) for name in ("start_on", "end_on", "enrol_until"))
        if start and end and end < start:
            wrong["end_on"] = _("结束日期早于开始日期")
        if start and not self.record_id and start < clock.today():
            wrong["start_on"] = _("开课日期已经过了，请改到今天以后")
        if until and not self.record_id and until < clock.today():
            wrong["enrol_until"] = _("报名截止已经过了，请改到今天以后")
        if values.get("seats") and values.get("min_open") and values["min_open"] > values["seats"]:
            wrong["min_open"] = _("最低开班人数不能多于计划人数")
        for row in range(1, self._slots_shown + 1):
            wrong.update(self._half_slot(row))
        return wrong

    def _half_slot(self, row: int) -> dict[str, str]:
        """Return what a slot that was begun still lacks."""
        names = [f"{part}{row}" for part in ("weekdays", "span", "hours")]
        empty = [name for name in names if self.form.field(name).is_empty()]
        return {name: _("这一栏要填") for name in empty} if 0 < len(empty) < len(names) else {}

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        try:
            if self.record_id:
                kept = {name: value for name, value in values.items() if name not in _NEW_ONLY and value is not None}
                return edit_class(tx, self.record_id, kept).id
            return plan_class(tx, {name: value for name, value in values.items() if value is not None}).id
        except InvalidInputError as error:
            raise InvalidInputError(
                {_MISPLACED.get(name, name): text for name, text in error.fields.items()}
            ) from error

    def said(self, values: Mapping[str, Any]) -> str:
        title = str(values.get("title") or "")
        if self.record_id:
            return _("已改“{title}”", title=title)
        field = self.form.field("course_id")
        chosen = field.item() if isinstance(field, ChoiceField) else None
        return _("已排班期“{title}”，还没开始报名", title=title or (chosen.label if chosen else ""))

    def _find_courses(self, typed: str) -> list[ChoiceItem]:
        wanted = typed.strip()
        fit = (line for line in self._offer.courses if not wanted or entry.matches(line.name, wanted))
        return [_course_item(line.id, line.name, line.provider_name) for _n, line in zip(range(50), fit, strict=False)]

    # -- the calendar -------------------------------------------------------------------------------------------
    def value_entered(self, name: str) -> None:
        self._quiet_preview.start()

    def field_done(self, name: str) -> None:
        if name.startswith("span"):
            hours, span = self.form.field(f"hours{name[-1]}"), self.form.field(name).value()
            if span is not None and hours.is_empty():
                hours.set_value(planning.usual_hours(span))
        self._quiet_preview.start()

    def show_preview(self) -> None:
        """Read the calendar that the slots give, where there is enough to tell it."""
        if self._asked is not None:
            self._asked.cancel()
        values, slots = self.form.values(), self._slots()
        ready = not self.record_id and values["course_id"] and values["start_on"] and slots
        if not ready:
            self._show(None)
            return
        work = partial(
            planning.load_preview,
            course_id=str(values["course_id"]),
            start_on=values["start_on"],
            slots=slots,
            end_on=values["end_on"],
            room=str(values["place"] or ""),
            trainers=planning.trainers_of(str(values["trainers"] or ""), self._offer.trainers),
        )
        self._asked = self._context.runner.read(work, self._show, self._on_no_preview)

    def _show(self, preview: Preview | None) -> None:
        self.preview.show_preview(preview)
        self.preview.setVisible(preview is not None)
        self.gaps.setMaximumHeight(GAPS_ROOM if preview is not None else 16_777_215)

    def _on_no_preview(self, _error: AppError) -> None:
        self._show(None)


def _course_item(course_id: str, name: str, provider: str | None) -> ChoiceItem:
    return ChoiceItem(course_id, name, note=provider or "")
