"""A made-up district of two years, written by bulk inserts: every record the figures read, edge instants among them.

One seed, one district. Nobody in it exists: names are numbers, ID numbers use the sequences 996 to 999.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.models.certificate import Certificate
from app.models.craft import CraftAssign, CraftDelivery, CraftOrder
from app.models.employer import Employer, Vacancy
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral, SlipPrint
from app.models.registration import EmpStatus, Registration, ServiceEvent, UnempReg
from app.models.resident import Household, Resident
from app.models.station import Station
from app.models.training import Course, Enrolment, TrainingClass
from app.models.visit import Followup, Visit

FIRST, DAYS = date(2025, 1, 1), 730
STATIONS = ("330110012001", "330110012002", "330110005001", "330110005002")
_LOCAL = timezone(timedelta(hours=8))
_EMPLOYED = ("11", "12", "14", "15", "16")
_STATUSES = (*_EMPLOYED, "18", "21", "22", "22", "23", "24", "31", "34", "35", "39", "90")
_EDGES = tuple(date(year, month, 1) for year in (2025, 2026) for month in range(1, 13))
Row = dict[str, Any]


class District:
    """Draws the rows of a district of so many residents."""

    def __init__(self, residents: int, seed: int = 7) -> None:
        self.count, self.dice = residents, random.Random(seed)
        self._serial = 0
        self.people = [self._id("r") for _n in range(residents)]
        self.homes = [self._id("h") for _n in range(max(1, residents // 3))]
        self.employers = [self._id("e") for _n in range(max(2, residents // 200))]
        self.vacancies = [self._id("v") for _n in range(max(20, residents // 20))]
        self.classes = [(self._id("k"), self.day()) for _n in range(max(4, residents // 500))]
        self.hires: list[tuple[str, str, date]] = []
        self.seekers: list[tuple[str, str, date]] = []
        self.graduates: list[tuple[str, str, date]] = []

    # -- draws ----------------------------------------------------------------------------------------------------
    def _id(self, mark: str) -> str:
        self._serial += 1
        return f"{mark}{self._serial:012d}"

    def day(self) -> date:
        """Return a day of the two years; one in eight is the first or last of a month."""
        if self.dice.random() < 0.125:
            return self.dice.choice(_EDGES) - timedelta(days=self.dice.choice((0, 1)))
        return FIRST + timedelta(days=self.dice.randrange(DAYS))

    def moment(self, day: date | None = None) -> datetime:
        """Return an instant of a day; one in ten lies on, or a microsecond before, local midnight."""
        at = datetime.combine(day or self.day(), time(), _LOCAL)
        if self.dice.random() < 0.1:
            return (at - timedelta(microseconds=self.dice.choice((0, 1)))).astimezone(UTC)
        return (at + timedelta(seconds=self.dice.randrange(86400))).astimezone(UTC)

    def someone(self) -> str:
        """Return a person; one in three is of the few who come often."""
        return self.dice.choice(self.people[: self.count // 50] if self.dice.random() < 0.33 else self.people)

    def after(self, day: date, most: int) -> date:
        """Return a day up to so many days later."""
        return day + timedelta(days=self.dice.randrange(most))

    def maybe(self, chance: float, value: Any) -> Any:
        """Return the value, or None."""
        return value if self.dice.random() < chance else None

    def _common(self, mark: str, made: datetime) -> Row:
        return {
            "id": self._id(mark),
            "station_code": self.dice.choice(STATIONS),
            "created_at": made,
            "created_by": f"s{self.dice.randrange(9)}",
            "deleted_at": self.maybe(0.02, made),
            "rev": 0,
        }

    # -- rows -----------------------------------------------------------------------------------------------------
    def residents(self) -> Iterator[Row]:
        """Files; births around sixteen and the statutory ages of the last day are common."""
        for number, person in enumerate(self.people):
            born = date(1945, 1, 1) + timedelta(days=self.dice.randrange(25_000))
            if self.dice.random() < 0.1:
                born = self.dice.choice(_EDGES).replace(year=self.dice.choice((2009, 2010, 1965, 1970, 1975, 1976)))
                born -= timedelta(days=self.dice.choice((0, 1)))
            groups = self.dice.sample(["KG01", "KG02", "KG03", "KG05", "KG10"], self.dice.choice((0, 0, 0, 1, 2)))
            made = self.moment()
            yield {
                **self._common("r", made),
                "id": person,
                "name": f"居民{number}",
                "id_type": "01",
                "id_no": f"X{number:017d}",
                "sex": self.dice.choice(("1", "2")),
                "birth_date": self.maybe(0.995, born),
                "female_retire_base": self.dice.choice((None, "50", "55")),
                "live_region": self.dice.choice(("330110012", "330110005")),
                "household_id": self.maybe(0.7, self.dice.choice(self.homes)),
                "emp_status": self.maybe(0.98, self.dice.choice(_STATUSES)),
                "priority_groups": [{"code": code} for code in groups],
                "updated_at": self.maybe(0.8, self.moment()),
            }

    def statuses(self) -> Iterator[Row]:
        """Draw changes of status, several of one day among them."""
        for _n in range(int(self.count * 1.3)):
            yield {
                **self._common("s", self.moment()),
                "resident_id": self.someone(),
                "from_status": self.maybe(0.9, self.dice.choice(_STATUSES)),
                "to_status": self.dice.choice(_STATUSES),
                "since": self.day(),
            }

    def registrations(self) -> Iterator[Row]:
        """Jobseekers, some of them twice."""
        certs: Sequence[list[Row]] = ([], [], [{"type": "1"}], [{"type": "2"}], [{"type": "4"}, {"type": "9"}])
        for _n in range(int(self.count * 0.3)):
            row = {
                **self._common("g", self.moment()),
                "resident_id": self.someone(),
                "reg_date": self.day(),
                "person_class": self.dice.choice(("1", "2", "3", "4", "5", "6", "8", "10", "99")),
                "source_channel": self.dice.choice(("02", "02", "01", "06", None)),
                "certs": self.dice.choice(certs),
                "status": "10",
            }
            self.seekers.append((row["id"], row["resident_id"], row["reg_date"]))
            yield row

    def unemployed(self) -> Iterator[Row]:
        """Unemployment registrations, ended or not."""
        for _n in range(int(self.count * 0.15)):
            came = self.day()
            left = self.maybe(0.5, self.after(came, 400))
            yield {
                **self._common("u", self.moment()),
                "resident_id": self.someone(),
                "reg_date": came,
                "unemp_date": came,
                "dereg_date": left,
                "dereg_reason": left and self.dice.choice(("1", "2", "8", "10")),
            }

    def offers(self) -> Iterator[Row]:
        """Vacancies, reviewed or not."""
        for vacancy in self.vacancies:
            made = self.moment()
            yield {
                **self._common("v", made),
                "id": vacancy,
                "employer_id": self.dice.choice(self.employers),
                "title": "岗位",
                "openings": self.maybe(0.95, self.dice.randrange(1, 30)),
                "review_state": self.dice.choice(("20", "25", "30", "30", "70")),
                "reviewed_at": self.maybe(0.8, made + timedelta(seconds=self.dice.randrange(300_000))),
            }

    def slips(self) -> Iterator[Row]:
        """Referrals: open, answered, void."""
        for number in range(int(self.count * 0.6)):
            registration, person, began = self.seekers[number % (1 + len(self.seekers) // 4)]
            day = self.day() if number % 2 else self.after(began, 95)
            reply = self.maybe(0.8, self.moment(self.after(day, 40)))
            outcome = reply and self.dice.choice(("1", "1", "2", "3", "4", "7", None))
            start = self.after(day, 60) if outcome == "1" else None
            row = {
                **self._common("f", self.moment(day)),
                "slip_no": f"TJ{number:018d}",
                "resident_id": person,
                "registration_id": self.maybe(0.95, registration),
                "vacancy_id": self.dice.choice(self.vacancies),
                "issued_at": self.moment(day),
                "issued_by": f"s{self.dice.randrange(9)}",
                "valid_until": day + timedelta(days=7),
                "state": "60" if self.dice.random() < 0.05 else "40",
                "reply_at": reply,
                "outcome": outcome,
                "onboard_date": start,
            }
            if start is not None:
                self.hires.append((row["id"], person, start))
            yield row

    def field_work(self) -> Iterator[tuple[type[Any], Row]]:
        """Visits, guidance and policy introductions."""
        for _n in range(int(self.count * 0.6)):
            at, place = self.moment(), self.dice.randrange(self.count)
            yield (
                Visit,
                {
                    **self._common("i", at),
                    "resident_id": self.people[place],
                    "household_id": self.maybe(0.8, self.homes[place % len(self.homes)]),
                    "visit_type": "1",
                    "visited_at": at,
                    "entered_at": at,
                    "contact_way": self.dice.choice(("1", "1", "2")),
                    "outcome": self.dice.choice(("01", "02", "03", "04", "05", "08")),
                    "services": self.dice.sample(["A", "B", "C", "D", "E"], self.dice.randrange(3)),
                },
            )
        for _n in range(int(self.count * 0.15)):
            at = self.moment()
            yield (
                Guidance,
                {
                    **self._common("d", at),
                    "resident_id": self.someone(),
                    "guided_at": at,
                    "entered_at": at,
                    "duration_min": self.dice.randrange(10, 90),
                    "satisfaction": self.maybe(0.5, self.dice.randrange(1, 6)),
                },
            )
        for _n in range(int(self.count * 0.25)):
            at = self.moment()
            person = self.someone()
            told = {"told_at": at, "entered_at": at, "way": "1"}
            yield PolicyIntro, {**self._common("p", at), "resident_id": person, **told}

    def packages(self) -> Iterator[tuple[type[Any], Row]]:
        """Draw what was done for some jobseekers up to the ninetieth day and a little beyond."""
        for _registration, person, began in self.seekers[: 1 + len(self.seekers) // 8]:
            at = self.moment(began + timedelta(days=self.dice.choice((0, 3, 45, 89, 90, 91))))
            told = {"told_at": at, "entered_at": at, "way": "1", "resident_id": person}
            yield PolicyIntro, {**self._common("p", at), **told}
            yield Guidance, {**self._common("d", at), "guided_at": at, "entered_at": at, "resident_id": person}
            seen = {"visited_at": at, "entered_at": at, "resident_id": person, "outcome": "01", "visit_type": "1"}
            yield Visit, {**self._common("i", at), **seen, "contact_way": "1", "services": ["D"]}

    def lessons(self) -> Iterator[tuple[type[Any], Row]]:
        """Classes, who was in them, certificates."""
        for key, day in self.classes:
            ended = self.maybe(0.8, self.after(day, 60))
            yield (
                TrainingClass,
                {
                    **self._common("k", self.moment(day)),
                    "id": key,
                    "class_no": key,
                    "course_id": "c1",
                    "title": "班",
                    "start_on": day,
                    "end_on": day + timedelta(days=60),
                    "opened_on": day,
                    "finished_on": ended,
                    "state": "40",
                },
            )
            for _n in range(max(1, self.count * 6 // 100 // len(self.classes))):
                yield from self._pupil(key, day, ended)

    def _pupil(self, key: str, day: date, ended: date | None) -> Iterator[tuple[type[Any], Row]]:
        state = self.dice.choice(("50", "50", "60", "40")) if ended else "10"
        person = self.someone()
        row = {
            **self._common("l", self.moment(day)),
            "enrol_no": f"BM{self._serial}",
            "class_id": key,
            "resident_id": person,
            "name": "学员",
            "enrolled_on": day - timedelta(days=self.dice.randrange(30)),
            "state": state,
            "ended_on": ended,
        }
        yield Enrolment, row
        if state != "50" or ended is None:
            return
        self.graduates.append((row["id"], person, ended))
        for kind in self.dice.sample(["1", "2", "4", "6"], self.dice.randrange(3)):
            yield (
                Certificate,
                {
                    **self._common("z", self.moment(ended)),
                    "cert_no": f"ZS{self._serial}",
                    "cert_type": kind,
                    "issued_on": self.after(ended, 20),
                    "enrolment_id": row["id"],
                    "resident_id": person,
                    "name": "学员",
                    "state": self.dice.choice(("10", "10", "10", "60")),
                },
            )

    def followups(self) -> Iterator[Row]:
        """Follow-ups of hires and of graduates, on their day, around it, or never."""
        origins = [("referral", *each) for each in self.hires] + [("enrolment", *each) for each in self.graduates]
        for kind, origin, person, began in origins:
            for days in (7, 30, 90, 180):
                if self.dice.random() < 0.4:
                    continue
                due = began + timedelta(days=days)
                at = self.moment(due + timedelta(days=self.dice.randrange(-2, 25)))
                reached = self.dice.random() < 0.7
                there = self.dice.random() < 0.8 if reached and kind == "referral" else None
                yield {
                    **self._common("w", at),
                    "target_kind": "2",
                    "resident_id": person,
                    "origin_kind": kind,
                    "origin_id": origin,
                    "due_on": due,
                    "done_at": at,
                    "entered_at": at,
                    "reached": reached,
                    "attempts": 1,
                    "still_employed": there,
                    "left_on": self.after(began, 120) if there is False else None,
                    "satisfaction": self.maybe(0.6, self.dice.randrange(1, 6)) if reached else None,
                    "result": "1" if reached else self.maybe(0.3, "8"),
                }

    def craft(self) -> Iterator[tuple[type[Any], Row]]:
        """Home craft: what was taken, what was brought."""
        common = self._common("o", self.moment())
        yield (
            CraftOrder,
            {**common, "order_no": "DD1", "employer_id": self.employers[0], "product": "杯垫", "state": "40"},
        )
        for _n in range(max(2, self.count // 50)):
            day, person = self.day(), self.someone()
            taken = {**self._common("a", self.moment(day)), "order_id": common["id"], "resident_id": person}
            yield CraftAssign, {**taken, "taken_on": day, "due_count": 90}
            for _m in range(self.dice.randrange(4)):
                pieces = self.dice.randrange(1, 30)
                yield (
                    CraftDelivery,
                    {
                        **self._common("y", self.moment(day)),
                        "order_id": common["id"],
                        "assign_id": taken["id"],
                        "resident_id": person,
                        "delivered_on": self.after(day, 60),
                        "quantity": pieces,
                        "accepted": pieces,
                        "rework": 0,
                        "scrap": 0,
                        "piece_pay": 350,
                        "pay_due": pieces * 350,
                    },
                )

    def traces(self) -> Iterator[tuple[type[Any], Row]]:
        """Reveals, and prints of slips."""
        for _n in range(max(5, self.count // 20)):
            at = self.moment()
            event = {**self._common("n", at), "kind": "resident.reveal", "happened_at": at, "why": "1"}
            yield ServiceEvent, {**event, "subject_id": self.someone()}
        for referral, _person, _day in self.hires[: self.count // 20]:
            at = self.moment()
            yield SlipPrint, {**self._common("q", at), "referral_id": referral, "copy_no": 0, "printed_at": at}

    def rows(self) -> Iterator[tuple[type[Any], Row]]:
        """Everything, those first on whom others depend."""
        made = datetime(2024, 12, 1, tzinfo=UTC)
        for code in STATIONS:
            yield Station, {**self._common("t", made), "deleted_at": None, "name": f"站{code}", "code": code}
        for home in self.homes:
            yield Household, {**self._common("h", made), "id": home, "house_no": "1", "building": "1 幢"}
        for employer in self.employers:
            yield Employer, {**self._common("e", made), "id": employer, "name": f"单位{employer}"}
        yield Course, {**self._common("c", made), "id": "c1", "name": "课"}
        parts = (
            (Resident, self.residents),
            (EmpStatus, self.statuses),
            (Registration, self.registrations),
            (UnempReg, self.unemployed),
            (Vacancy, self.offers),
            (Referral, self.slips),
        )
        for model, draw in parts:
            for row in draw():
                yield model, row
        yield from self.field_work()
        yield from self.packages()
        yield from self.lessons()
        for row in self.followups():
            yield Followup, row
        yield from self.craft()
        yield from self.traces()


def fill(engine: sa.Engine, residents: int, *, seed: int = 7) -> None:
    """Write a district into an empty, migrated database, a table at a time."""
    waiting: dict[type[Any], list[Row]] = {}
    with engine.connect() as connection:
        for model, row in District(residents, seed).rows():
            rows = waiting.setdefault(model, [])
            rows.append({**_nothing(model), **row})
            if len(rows) >= 5000:
                connection.execute(table_of(model).insert(), rows)
                rows.clear()
        for model, rows in waiting.items():
            if rows:
                connection.execute(table_of(model).insert(), rows)
        connection.commit()
        connection.execute(sa.text("ANALYZE"))
        connection.commit()


_BLANKS: dict[type[Any], Row] = {}


def _nothing(model: type[Any]) -> Row:
    """Return every column of a table as it is where nothing was said."""
    if model not in _BLANKS:
        _BLANKS[model] = {column.name: _blank(column) for column in table_of(model).columns}
    return _BLANKS[model]


def _blank(column: sa.Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, sa.JSON):
        return {} if column.name == "extra" else []
    if isinstance(column.type, sa.Boolean):
        return False
    return 0 if isinstance(column.type, sa.Integer | sa.Float) else ""
