"""Working days by the State Council's yearly notice, make-up weekends included (domain sheet 5.1, ``calendar``).

A year without a notice on this device counts Monday to Friday.
"""

from datetime import date, timedelta

from app.db.database import Transaction
from app.services.policy import parameter


def add_workdays(tx: Transaction, start: date, count: int) -> date:
    """Return the day that lies ``count`` working days after ``start``."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        if is_workday(tx, day):
            count -= 1
    return day


def is_workday(tx: Transaction, day: date) -> bool:
    """Tell whether people work on this day."""
    try:
        notice = parameter(tx, f"calendar.{day.year}", day)
    except KeyError:
        return day.weekday() < 5
    text = day.isoformat()
    if text in notice["holidays"]:
        return False
    return day.weekday() < 5 or text in notice["workdays"]


WORKDAY, WEEKEND, HOLIDAY, MAKE_UP = "workday", "weekend", "holiday", "make_up"


def day_kind(tx: Transaction, day: date) -> str:
    """Return what kind of day it is: ``HOLIDAY`` by the yearly notice, ``MAKE_UP`` a weekend day that is worked."""
    try:
        notice = parameter(tx, f"calendar.{day.year}", day)
    except KeyError:
        return WORKDAY if day.weekday() < 5 else WEEKEND
    text = day.isoformat()
    if text in notice["holidays"]:
        return HOLIDAY
    if day.weekday() < 5:
        return WORKDAY
    return MAKE_UP if text in notice["workdays"] else WEEKEND


def special_days(tx: Transaction, first: date, last: date) -> dict[date, str]:
    """Return the holidays and the worked weekend days from one day to another: what a calendar marks.

    Each year's notice is taken as it stands at the end: a calendar is read once, not day by day.
    """
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        try:
            notice = parameter(tx, f"calendar.{year}", min(last, date(year, 12, 31)))
        except KeyError:
            continue
        for name, kind in (("workdays", MAKE_UP), ("holidays", HOLIDAY)):
            days = (date.fromisoformat(text) for text in notice[name])
            found.update({day: kind for day in days if first <= day <= last})
    return found


def unknown_years(tx: Transaction, first: date, last: date) -> list[int]:
    """Return the years between two days whose notice of holidays is not on this device."""
    found = []
    for year in range(first.year, last.year + 1):
        try:
            parameter(tx, f"calendar.{year}", date(year, 12, 31))
        except KeyError:
            found.append(year)
    return found
