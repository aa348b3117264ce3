"""A community of made-up people with a year behind it: for pictures of figures, which need more than a handful."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app import clock
from app.db.database import Actor, Transaction
from app.models.check_chars import id_check_char
from app.models.referral import Referral
from app.models.registration import EmpStatus, UnempReg
from app.models.resident import Resident
from app.models.visit import Visit
from app.services.counters import OpenCounter

PEOPLE = 1460
DAYS = 400
_STATUSES = (("11", 52), ("12", 6), ("15", 9), ("17", 7), ("22", 5), ("24", 6), ("31", 6), ("34", 5), ("90", 2))
_GROUPS = (("KG02", 0.030), ("KG04", 0.026), ("KG15", 0.024), ("KG09", 0.014), ("KG07", 0.05), ("KG16", 0.02))
_SURNAMES = "沈顾陆姚王金周郑毛方邵温葛陶"
_GIVEN = ("念安", "真", "夏", "行", "娟", "棠", "琴", "菊", "根", "静", "国平", "岚", "守成", "丽华", "知远", "清源")


def fill_town(counter: OpenCounter, actor: Actor) -> None:
    """Put people, their work, registrations and slips of the last year into the counter, as one import would."""
    dice = random.Random(11)
    people = [_person(dice, number) for number in range(PEOPLE)]
    with counter.database.write(actor) as tx:
        tx.act("resident.register")
        tx.add_rows(Resident, people)
    with counter.database.write(actor) as tx:
        tx.act("unemp.register")
        called = _spells(tx, dice, people)
    with counter.database.write(actor) as tx:
        tx.act("visit.record")
        calls = [*called, *((dice.choice(people)["id"], _day(dice)) for _number in range(900))]
        tx.add_rows(Visit, [_visit(dice, person, day, actor) for person, day in calls])
    with counter.database.write(actor) as tx:
        tx.act("referral.issue")
        tx.add_rows(Referral, [_slip(dice, people, actor, number) for number in range(430)])


def _day(dice: random.Random, most: int = DAYS) -> date:
    """Return a day of the last year, later ones a little more often: the station grows."""
    back = int(most * (1 - dice.random() ** 0.8))
    return clock.today() - timedelta(days=max(0, back - 1))


def _moment(day: date, hour: int) -> datetime:
    return min(datetime.combine(day, time(hour), clock.LOCAL_ZONE).astimezone(UTC), clock.now())


def _person(dice: random.Random, number: int) -> dict[str, Any]:
    born = date(1958, 1, 1) + timedelta(days=dice.randrange(18_000))
    sex = dice.choice("12")
    body = f"330110{born:%Y%m%d}{997 if sex == '1' else 998}"
    made = _moment(date(2025, 6, 1) + timedelta(days=number % 60), 9)
    touched = _moment(_day(dice, 500), 10)
    groups = [{"code": code} for code, share in _GROUPS if dice.random() < share]
    status = dice.choices([code for code, _n in _STATUSES], [n for _code, n in _STATUSES])[0]
    return {
        "id": clock.new_id(),
        "name": dice.choice(_SURNAMES) + dice.choice(_GIVEN),
        "id_type": "01",
        "id_no": body + id_check_char(body),
        "sex": sex,
        "birth_date": born,
        "edu_level": "61",
        "hukou_region": "330110",
        "live_region": "330110012",
        "mobile": f"1990000{dice.randrange(10_000):04d}",
        "emp_status": status,
        "priority_groups": groups,
        "created_at": made,
        "updated_at": max(touched, made),
    }


def _spells(tx: Transaction, dice: random.Random, people: list[dict[str, Any]]) -> list[tuple[str, date]]:
    """Let people be out of work and find some: a registration, and a change of their status at both ends.

    Returns who is called on then, and on which day.
    """
    spells, changes, called = [], [], []
    for person in dice.sample(people, 300):
        came = _day(dice, 470)
        left = came + timedelta(days=dice.choice((dice.randrange(20, 330), dice.randrange(20, 330), 450)))
        called.append((person["id"], min(came + timedelta(days=dice.choice((1, 1, 2, 2, 3, 4, 5, 9))), clock.today())))
        ended = left < clock.today()
        spells.append(_spell(person, came, left if ended else None))
        changes.append(_change(person, "21", came))
        if ended:
            changes.append(_change(person, "11" if dice.random() < 0.7 else "34", left))
    tx.add_rows(UnempReg, spells)
    tx.add_rows(EmpStatus, changes)
    return called


def _spell(person: Mapping[str, Any], came: date, left: date | None) -> dict[str, Any]:
    values = {"id": clock.new_id(), "resident_id": person["id"], "unemp_date": came, "reg_date": came}
    values |= {"reg_place_basis": "2", "reg_scope": "1", "unemp_reason": "22", "created_at": _moment(came, 9)}
    return values if left is None else {**values, "dereg_date": left, "dereg_reason": "01"}


def _change(person: Mapping[str, Any], status: str, since: date) -> dict[str, Any]:
    return {
        "id": clock.new_id(),
        "resident_id": person["id"],
        "to_status": status,
        "since": since,
        "source": "窗口登记",
    }


def _visit(dice: random.Random, person: str, day: date, actor: Actor) -> dict[str, Any]:
    outcome = dice.choices(("01", "02", "04", "05"), (60, 22, 14, 4))[0]
    moment = _moment(day, 15)
    values = {"id": clock.new_id(), "resident_id": person, "visit_type": "1", "visited_at": moment, "outcome": outcome}
    return {**values, "entered_at": moment, "visitors": [actor.staff_id], "contact_way": "1", "created_at": moment}


def _slip(dice: random.Random, people: list[dict[str, Any]], actor: Actor, number: int) -> dict[str, Any]:
    day = _day(dice, 360)
    reply = day + timedelta(days=dice.randrange(1, 12))
    answered = reply < clock.today() and dice.random() < 0.86
    hired = dice.random() < 0.42
    values = {
        "id": clock.new_id(),
        "slip_no": f"TJ330110{day:%y%m%d}9-{number:04d}",
        "resident_id": dice.choice(people)["id"],
        "vacancy_id": clock.new_id(),
        "issued_at": _moment(day, 10),
        "issued_by": actor.staff_id,
        "valid_until": day + timedelta(days=10),
        "consent_share": True,
        "state": "40" if answered else "20",
        "created_at": _moment(day, 10),
    }
    if not answered:
        return values
    return {**values, "outcome": "1" if hired else "3", "reply_at": _moment(reply, 15)}
