"""The sign-in page's decisions, without Qt: what a key does, and what each person's card says."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import clock
from app.texts import _
from app.ui.door import Person

PIN_LENGTH = 6


@dataclass(frozen=True)
class SignInState:
    """Who is chosen, how much of the PIN stands there, and what was last said."""

    people: tuple[Person, ...] = ()
    chosen: int | None = None
    pin: str = ""
    busy: bool = False
    error: str = ""

    @property
    def person(self) -> Person | None:
        """Return who is chosen."""
        return None if self.chosen is None else self.people[self.chosen]

    @property
    def complete(self) -> bool:
        """Tell whether the PIN is typed to its end."""
        return len(self.pin) == PIN_LENGTH

    def choose(self, place: int | None) -> SignInState:
        """Choose a person; the PIN begins anew."""
        if self.busy or (place is not None and not 0 <= place < len(self.people)):
            return self
        chosen = replace(self, chosen=place, pin="", error="")
        person = chosen.person
        return replace(chosen, error=locked_text(person.locked_for)) if person and person.locked_for else chosen

    def step(self, by: int) -> SignInState:
        """Choose the next person, round the end (Tab)."""
        if not self.people:
            return self
        start = -1 if self.chosen is None and by > 0 else self.chosen or 0
        return self.choose((start + by) % len(self.people))

    def digit(self, digit: str) -> SignInState:
        """Take a digit: the first picks a person, the others are the PIN."""
        if self.busy:
            return self
        if self.chosen is None:
            return self.choose(int(digit) - 1)
        person = self.person
        if self.complete or (person is not None and person.locked_for):
            return self
        return replace(self, pin=self.pin + digit, error="")

    def back(self) -> SignInState:
        """Take the last digit away."""
        return self if self.busy else replace(self, pin=self.pin[:-1])

    def clear(self) -> SignInState:
        """Empty the PIN; when it is empty, nobody is chosen any more (Esc)."""
        if self.busy:
            return self
        if self.pin:
            return replace(self, pin="")
        return self.choose(None if len(self.people) > 1 else 0)

    def trying(self) -> SignInState:
        """Begin to check the PIN."""
        return replace(self, busy=True, error="")

    def refused(self, sentence: str, people: tuple[Person, ...]) -> SignInState:
        """Say why not, with the people as they are now: fewer tries, or locked."""
        entry = self.person.entry_id if self.person else ""
        place = next((i for i, each in enumerate(people) if each.entry_id == entry), None)
        return SignInState(people, place, error=sentence)


def digit_of(text: str) -> str | None:
    """Return the digit a key typed, full-width ones too."""
    if len(text) != 1:
        return None
    value = unicodedata.digit(text, None)
    return None if value is None else str(value)


def last_seen(instant: datetime | None) -> str:
    """Return when somebody last signed in: 今天 08:52, 昨天, 11 月 20 日."""
    if instant is None:
        return _("还没登录过")
    local, today = clock.to_local(instant), clock.today()
    if local.date() == today:
        return _("今天 {time}", time=f"{local:%H:%M}")
    if local.date() == today - timedelta(days=1):
        return _("昨天")
    return day_text(local)


def day_text(local: datetime) -> str:
    """Return 11 月 24 日, with the year if it is another."""
    if local.year == clock.today().year:
        return _("{month} 月 {day} 日", month=local.month, day=local.day)
    return _("{year} 年 {month} 月 {day} 日", year=local.year, month=local.month, day=local.day)


def weekday_text(local: datetime) -> str:
    """Return 星期二."""
    names = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    return names[local.weekday()]


def locked_text(left: timedelta) -> str:
    """Return how long somebody is still locked out."""
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    return _("连续输错，先锁住了；{minutes} 分钟后再试，或请站长重设 PIN。", minutes=minutes)


def drafts_line(people: tuple[Person, ...]) -> str:
    """Return whose half-filled forms are kept; "" if there are none."""
    kept = [person for person in people if person.drafts]
    if not kept:
        return ""
    if len(kept) == 1:
        return _("{name}有 {count} 份没填完的登记，已经存好，只有本人能打开。", name=kept[0].name, count=kept[0].drafts)
    names = _("、").join(person.name for person in kept)
    return _("{names}都有没填完的登记，已经存好，只有本人能打开。", names=names)
