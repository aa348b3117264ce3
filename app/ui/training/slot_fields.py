"""Fields for a weekly slot: days by digit, a stretch of the day, class hours; and the room that a form's head takes."""

from __future__ import annotations

from typing import Any

from app.models.hours import hours_text
from app.texts import _
from app.ui.fields.lines import TextField
from app.ui.training import planning
from app.ui.vacancies.form_page import RecordForm


class WeekdaysField(TextField):
    """Days of the week by digit: 135 is Monday, Wednesday, Friday."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, max_length=40, **options)

    def value(self) -> list[int] | None:
        return planning.weekdays_of(self.line.text()) or None

    def words_of(self, value: Any) -> str:
        return planning.weekdays_text(value)

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        days = planning.weekdays_of(self.line.text())
        if days is None:
            return _("写 1 到 7，比如 135 就是周一、周三、周五")
        self.line.setText(planning.weekdays_text(days))
        return None


class SpanField(TextField):
    """From when to when: 1330-1700 becomes 13:30–17:00."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, max_length=20, **options)

    def value(self) -> tuple[str, str] | None:
        return planning.span_of(self.line.text())

    def words_of(self, value: Any) -> str:
        return f"{value[0]}–{value[1]}"

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        if self.is_empty():
            return None
        span = self.value()
        if span is None:
            return _("写从几点到几点，比如 1330-1700")
        if span[1] <= span[0]:
            return _("下课时间早于上课时间")
        self.line.setText(self.words_of(span))
        return None


class HoursField(TextField):
    """Class hours, in halves at the finest."""

    def __init__(self, label: str, *, high: float = 24, **options: Any) -> None:
        self._high = high
        super().__init__(label, max_length=6, **options)

    def value(self) -> float | None:
        try:
            return float(self.line.text().strip().replace("．", ".")) if self.line.text().strip() else None
        except ValueError:
            return None

    def words_of(self, value: Any) -> str:
        return hours_text(value)

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        number = self.value()
        if self.is_empty():
            return None
        if number is None:
            return _("这里写数字，像 8 或 7.5")
        if not 0.5 <= number <= self._high or number * 2 != int(number * 2):
            return _("课时从半课时到 {high} 课时，最小到半课时", high=hours_text(self._high))
        return None


LEAST_WORDS = 40


def spare_the_head(form: RecordForm) -> None:
    """Let the words at the head of a form end with an ellipsis where the text is big: the window is not widened."""
    for label in (form.title, form.note):
        label.setMinimumWidth(LEAST_WORDS)
