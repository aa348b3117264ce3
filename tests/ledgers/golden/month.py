"""December 2026 as the counters of two stations kept it: every act through the real services, at its own moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.models.employer import Vacancy
from app.models.registration import UnempReg
from app.services import followups, guidance, households, policy_intros, referrals, registrations, residents, vacancies
from app.services import visits as visiting
from app.services.traces import reveal
from app.services.training import certificates, classes, completion, crafts, enrolments, marking
from tests.factories import NOTICE, REGISTRATION, RESIDENT, STAFF_ID, Factory
from tests.field_factory import GUIDANCE, HOUSE
from tests.ledgers.golden.people import FIRST_STATION, LAST_MINUTE, NEW_YEAR, SECOND_STATION, Person

CLERK = Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))


def moment(text: str) -> datetime:
    """Return the instant of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL_ZONE).astimezone(UTC)


class Counter:
    """One station's counter, its clock set by hand; ids of what was made by a short key."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch) -> None:
        self.database, self._patch = database, patch
        self.ids: dict[str, str] = {}

    @contextmanager
    def at(self, text: str) -> Iterator[Transaction]:
        """One act at one local time."""
        self._patch.setattr(clock, "now", lambda: moment(text))
        with self.database.write(CLERK) as tx:
            yield tx

    def keep(self, key: str, row: Any) -> None:
        """Remember a record."""
        self.ids[key] = row.id

    # -- what the clerks do ---------------------------------------------------------------------------------------
    def file(self, person: Person, number: int) -> None:
        """Make somebody's file; one without a status is what an import leaves."""
        with self.at(person.filed) as tx:
            values = {**RESIDENT, **person.values(number)}
            whole = person.status is not None
            self.keep(person.key, residents.register_resident(tx, values, consents=[NOTICE], complete=whole))

    def seek(self, when: str, key: str, person: str, **values: Any) -> None:
        """Open a jobseeker registration."""
        with self.at(when) as tx:
            row = registrations.open_registration(tx, {**REGISTRATION, "resident_id": self.ids[person], **values})
            self.keep(key, row)

    def lose_work(self, when: str, key: str, person: str, on: str) -> None:
        """Register somebody as unemployed, as of a day."""
        day = date.fromisoformat(on)
        values = {"reg_place_basis": "2", "unemp_date": day, "reg_date": day, "reg_scope": "1", "unemp_reason": "22"}
        with self.at(when) as tx:
            self.keep(key, registrations.register_unemployment(tx, {**values, "resident_id": self.ids[person]}))

    def end_unemployment(self, when: str, key: str, on: str, reason: str, status: str) -> None:
        """Cancel an unemployment registration."""
        values = {"dereg_date": date.fromisoformat(on), "dereg_reason": reason}
        with self.at(when) as tx:
            registrations.deregister_unemployment(tx, self.ids[key], values, status=status)

    def become(self, when: str, person: str, status: str) -> None:
        """Correct somebody's status in her file."""
        with self.at(when) as tx:
            residents.edit_resident(tx, self.ids[person], {"emp_status": status})

    def refer(self, when: str, key: str, person: str, vacancy: str) -> None:
        """Issue a slip."""
        with self.at(when) as tx:
            row = referrals.issue_referral(
                tx, resident_id=self.ids[person], vacancy_id=self.ids[vacancy], consent_share=True
            )
            self.keep(key, row)

    def reply(self, when: str, key: str, outcome: str, **values: Any) -> None:
        """Enter what came of a slip."""
        said = {"outcome": outcome, "reply_way": "1", **values}
        with self.at(when) as tx:
            referrals.record_outcome(tx, self.ids[key], said)

    def hire(self, when: str, key: str, onboard: str, contract: str = "10") -> None:
        """Enter that a slip led to work."""
        self.reply(when, key, "1", onboard_date=date.fromisoformat(onboard), contract_type=contract)

    def offer(self, when: str, key: str, openings: int, *, until: str | None = None) -> None:
        """Register a vacancy."""
        with self.at(when) as tx:
            owner = self.ids.get("employer")
            if owner is None:
                made = Factory(tx).employer()
                owner = self.ids["employer"] = made.id
            more = {"open_to": date.fromisoformat(until)} if until else {}
            row = Factory(tx).vacancy(
                tx.get(type_of_employer(), owner), published=False, openings=openings, title=f"岗位{key}", **more
            )
            self.keep(key, row)

    def publish(self, when: str, key: str) -> None:
        """Publish a vacancy."""
        with self.at(when) as tx:
            vacancies.publish_vacancy(tx, self.ids[key])

    def visit(self, when: str, person: str, outcome: str, *, entered: str = "", **values: Any) -> None:
        """Record a visit, on the spot or later from paper."""
        needs = {"needs": ["1"], "next_action": "1", "next_on": moment(when).date()} if outcome == "02" else {}
        answered = {"emp_status_found": "22"} if outcome in ("01", "02", "03") else {}
        base = {"visit_type": "1", "contact_way": "1", "visited_at": moment(when), "outcome": outcome}
        late = {"late_why": "纸质补录"} if entered else {}
        with self.at(entered or when) as tx:
            visiting.record_visit(tx, {**base, **needs, **answered, **late, "resident_id": self.ids[person], **values})

    def guide(self, when: str, person: str, **values: Any) -> None:
        """Record a career guidance."""
        with self.at(when) as tx:
            base = {**GUIDANCE, "guided_at": moment(when), "plan_items": []}
            guidance.record_guidance(tx, {**base, "resident_id": self.ids[person], **values})

    def tell(self, when: str, person: str) -> None:
        """Record that a policy was explained."""
        base = {"told_at": moment(when), "way": "1", "policies": ["si_flex"], "understood": True, "interested": False}
        with self.at(when) as tx:
            policy_intros.record_intro(tx, {**base, "resident_id": self.ids[person]})

    def follow_up(self, when: str, origin: tuple[str, str], due: str, **said: Any) -> None:
        """Record a follow-up of a referral or an enrolment."""
        kind, key = origin
        base = {"origin_kind": kind, "origin_id": self.ids[key], "due_on": date.fromisoformat(due)}
        with self.at(when) as tx:
            followups.record_followup(tx, {**base, "done_at": moment(when), "way": "1", **said})

    def teach(self, key: str, first: str, pupils: dict[str, str], *, until: str, dropped: tuple[str, ...] = ()) -> None:
        """Hold a class of two lessons and end it; ``pupils``: person → present or absent."""
        with self.at(f"{first} 08:00") as tx:
            factory = Factory(tx)
            row = factory.training_class(lessons=2, start_on=date.fromisoformat(first), title=f"班{key}")
            for person in (*pupils, *dropped):
                made = enrolments.enrol(tx, row.id, self.ids[person], knowing=("subsidy", "clash", "no_phone"))
                tx.flush()
                self.keep(f"{key}.{person}", made)
            self.keep(key, row)
            classes.open_class(tx, row.id, why="照开")
        with self.at(f"{until} 18:00") as tx:
            for person in dropped:
                enrolments.drop(tx, self.ids[f"{key}.{person}"], "02")
            for lesson in Factory(tx).lessons(tx.get(type(row), row.id)):
                for person, mark in pupils.items():
                    marking.mark(tx, lesson.id, self.ids[f"{key}.{person}"], mark)
            for person, mark in pupils.items():
                if mark == "1":
                    completion.assess(tx, self.ids[f"{key}.{person}"], {"theory": 80, "practice": 85})
            completion.finish_class(tx, row.id, why="按期结业")


def type_of_employer() -> Any:
    """Return the record type of an employer."""
    from app.models.employer import Employer

    return Employer


YES, NO = {"reached": True, "still_employed": True, "result": "1"}, {"reached": False}


def first_station(counter: Counter) -> None:
    """Play what happened at 溪桥 up to the first days of January."""
    for number, person in enumerate(FIRST_STATION, 1):
        counter.file(person, number)
    with counter.at("2026-12-20 10:00") as tx:
        residents.remove_resident(tx, counter.ids["P14"], "重复建档")
    _vacancies(counter)
    _unemployment(counter)
    _earlier_hires(counter)
    _package(counter)
    _december_slips(counter)
    _seekers(counter)
    _field_work(counter)
    _training(counter)
    _craft(counter)
    _followups(counter)


def _vacancies(counter: Counter) -> None:
    for key, when, until in (
        ("OLD", "2026-05-04 10:00", "2026-07-31"),
        ("B1", "2026-08-20 10:00", "2026-11-18"),
        ("B2", "2026-08-20 10:00", "2026-11-18"),
        ("B3", "2026-08-20 10:00", "2026-11-18"),
        ("C1", "2026-11-19 10:00", "2027-02-10"),
        ("C2", "2026-11-19 10:00", "2027-02-10"),
    ):
        counter.offer(when, key, 50, until=until)
        counter.publish(when, key)
    counter.offer("2026-12-01 08:00", "V2", 5)
    counter.publish("2026-12-01 11:00", "V2")
    counter.offer(LAST_MINUTE, "V3", 3)
    counter.offer(NEW_YEAR, "V4", 9)
    counter.offer("2026-11-30 08:00", "V5", 4)
    counter.publish("2026-12-02 08:00", "V5")
    counter.offer("2026-12-10 09:00", "V6", 2)
    with counter.at("2026-12-11 09:00") as tx:
        vacancies.return_vacancy(tx, counter.ids["V6"], "薪酬没写清")
    counter.offer("2026-12-12 09:00", "V7", 8)
    with counter.at("2026-12-12 10:00") as tx:
        tx.act("vacancy.take_down")
        tx.remove(tx.get(Vacancy, counter.ids["V7"]), "录重了")


def _unemployment(counter: Counter) -> None:
    for person, day in (("P18", "2026-01-01"), ("P19", "2026-01-02")):
        counter.lose_work("2026-11-02 10:00", f"U.{person}", person, day)
    for person, day in (
        ("P28", "2026-09-01"),
        ("P25", "2026-10-10"),
        ("P26", "2026-10-12"),
        ("P27", "2026-10-15"),
        ("P29", "2026-11-10"),
        ("P20", "2026-11-30"),
        ("P21", "2026-12-01"),
    ):
        counter.lose_work(f"{day} 10:00", f"U.{person}", person, day)
    counter.end_unemployment("2026-11-30 16:00", "U.P29", "2026-11-30", "1", "11")
    counter.end_unemployment("2026-12-01 16:00", "U.P26", "2026-12-01", "8", "34")
    counter.lose_work("2026-12-03 10:00", "U.P30", "P30", "2026-12-03")
    with counter.at("2026-12-03 11:00") as tx:
        tx.act("unemp.deregister")
        tx.remove(tx.get(UnempReg, counter.ids["U.P30"]), "登错了人")
    counter.become("2026-12-03 11:05", "P30", "22")
    counter.end_unemployment("2026-12-10 16:00", "U.P28", "2026-12-10", "10", "14")
    counter.lose_work("2026-12-20 10:00", "U.P28b", "P28", "2026-12-20")
    counter.lose_work(LAST_MINUTE, "U.P22", "P22", "2026-12-31")
    counter.end_unemployment("2026-12-31 17:00", "U.P25", "2026-12-31", "1", "11")
    counter.lose_work(NEW_YEAR, "U.P23", "P23", "2027-01-01")
    counter.end_unemployment("2027-01-01 09:00", "U.P27", "2027-01-01", "1", "11")
    counter.lose_work("2027-01-05 10:00", "U.P24", "P24", "2026-12-15")


def _earlier_hires(counter: Counter) -> None:
    """P04 in June; P05, P09, P10, P16 and P36 in the autumn, whose ninetieth day is in December."""
    counter.seek("2026-05-05 09:00", "S.P04.may", "P04", person_class="6")
    counter.refer("2026-06-01 09:00", "R.P04.june", "P04", "OLD")
    counter.hire("2026-06-10 09:00", "R.P04.june", "2026-06-12")
    counter.follow_up(
        "2026-11-01 10:00", ("referral", "R.P04.june"), "2026-09-10",
        reached=True, still_employed=False, left_on=date(2026, 10, 31), left_why="单位裁员", result="3", late_why="x",
    )  # fmt: skip
    counter.become("2026-11-01 10:10", "P04", "22")
    for person, reply, onboard, contract in (
        ("P05", "2026-09-03", "2026-09-05", "10"),
        ("P09", "2026-09-08", "2026-09-10", "10"),
        ("P10", "2026-10-01", "2026-10-02", "40"),
        ("P16", "2026-09-01", "2026-09-02", "70"),
        ("P36", "2026-09-18", "2026-09-20", "10"),
    ):
        counter.seek("2026-08-20 11:00", f"S.{person}.summer", person)
        counter.refer("2026-08-25 09:00", f"R.{person}.autumn", person, "B1")
        counter.hire(f"{reply} 10:00", f"R.{person}.autumn", onboard, contract)
    counter.follow_up(
        "2026-10-20 10:00", ("referral", "R.P36.autumn"), "2026-10-20",
        reached=True, still_employed=False, left_on=date(2026, 10, 15), left_why="路太远", result="3",
    )  # fmt: skip
    counter.become("2026-10-20 10:10", "P36", "22")


def _package(counter: Counter) -> None:
    """P18 and P26: their ninetieth day after registration is in December; P27's is New Year's Day."""
    counter.seek("2026-09-02 09:00", "S.P18", "P18")
    counter.tell("2026-09-05 09:00", "P18")
    counter.guide("2026-09-06 09:00", "P18")
    for day, vacancy in (("2026-09-10", "B1"), ("2026-09-20", "B2"), ("2026-10-10", "B3")):
        counter.refer(f"{day} 09:00", f"R.P18.{vacancy}", "P18", vacancy)
    counter.visit("2026-12-01 10:00", "P18", "01", services=["D"])
    counter.seek("2026-10-02 09:00", "S.P26", "P26")
    counter.visit("2026-10-05 10:00", "P26", "01", services=["A"])
    for day, vacancy in (("2026-10-06", "B1"), ("2026-10-07", "B2"), ("2026-10-08", "B3")):
        counter.refer(f"{day} 09:00", f"R.P26.{vacancy}", "P26", vacancy)
    with counter.at("2026-10-08 10:00") as tx:
        referrals.void_referral(tx, counter.ids["R.P26.B3"], "2")
    counter.visit(NEW_YEAR, "P26", "01", services=["E"])
    counter.seek("2026-10-03 09:00", "S.P27", "P27")


def _seekers(counter: Counter) -> None:
    """Registrations that lead to nothing else."""
    counter.seek("2026-12-03 09:00", "S.P23a", "P23", person_class="1")
    with counter.at("2026-12-04 09:00") as tx:
        registrations.close_registration(tx, counter.ids["S.P23a"], "40")
    counter.seek("2026-12-05 09:00", "S.P23b", "P23", person_class="6")
    counter.seek("2027-01-04 09:00", "S.P22", "P22", person_class="4", reg_date=date(2026, 12, 20))
    counter.seek("2026-12-07 09:00", "S.P30", "P30")
    with counter.at("2026-12-07 10:00") as tx:
        tx.act("registration.close")
        tx.remove(registrations.active_registration(tx, counter.ids["P30"]), "登错了人")


def _december_slips(counter: Counter) -> None:
    counter.seek("2026-11-05 09:00", "S.P19", "P19", person_class="4", certs=[{"type": "2", "name": "电工"}])
    counter.refer("2026-11-10 09:00", "R.P19a", "P19", "B1")
    counter.reply("2026-11-18 09:00", "R.P19a", "3", outcome_reason="02")
    counter.refer("2026-11-20 09:00", "R.P19b", "P19", "C1")
    counter.hire("2026-12-29 09:00", "R.P19b", "2027-01-04")
    counter.seek("2026-11-20 09:30", "S.P20", "P20", person_class="3")
    counter.refer("2026-11-25 09:00", "R.P20", "P20", "C1")
    counter.hire("2026-12-03 09:00", "R.P20", "2026-12-05")
    counter.seek("2026-11-24 09:00", "S.P21", "P21")
    counter.refer("2026-11-24 09:30", "R.P21", "P21", "C1")
    counter.reply(NEW_YEAR, "R.P21", "3", outcome_reason="03")
    counter.seek("2026-11-20 10:00", "S.P31a", "P31", person_class="1")
    counter.refer("2026-12-02 09:00", "R.P31a", "P31", "C1")
    with counter.at("2026-12-02 09:05") as tx:
        referrals.record_print(tx, counter.ids["R.P31a"], paper="A4", way="pdf")
    counter.hire("2026-12-04 09:00", "R.P31a", "2026-12-04")
    counter.seek("2026-12-10 09:00", "S.P31b", "P31", person_class="1")
    counter.refer("2026-12-10 09:30", "R.P31b", "P31", "C2")
    counter.hire("2026-12-20 09:00", "R.P31b", "2026-12-20")
    counter.seek("2026-12-01 09:00", "S.P04", "P04", person_class="6")
    counter.refer("2026-12-02 10:00", "R.P04", "P04", "C1")
    counter.hire("2026-12-07 09:00", "R.P04", "2026-12-08")
    counter.seek("2026-12-05 10:00", "S.P32", "P32", person_class="99")
    counter.refer("2026-12-05 10:30", "R.P32", "P32", "C1")
    with counter.at("2026-12-06 09:00") as tx:
        referrals.void_referral(tx, counter.ids["R.P32"], "3")
    counter.seek("2026-12-04 09:00", "S.P33", "P33", person_class="5", certs=[{"type": "1", "name": "养老护理员"}])
    with counter.at("2026-12-04 09:01") as tx:
        tx.act("registration.edit")
        registrations.active_registration(tx, counter.ids["P33"]).source_channel = "01"
    counter.refer("2026-12-08 09:00", "R.P33", "P33", "C1")
    counter.reply("2026-12-12 09:00", "R.P33", "7")
    counter.seek("2026-12-31 16:00", "S.P34", "P34", person_class="3")
    counter.refer(LAST_MINUTE, "R.P34", "P34", "C1")
    counter.hire(NEW_YEAR, "R.P34", "2027-01-02")
    counter.seek(NEW_YEAR, "S.P35", "P35")
    counter.refer(NEW_YEAR, "R.P35", "P35", "C1")
    counter.seek("2026-12-08 09:00", "S.P36", "P36", person_class="4", certs=[{"type": "4", "name": "低压电工"}])
    counter.refer("2026-12-09 09:00", "R.P36", "P36", "C1")
    counter.reply(LAST_MINUTE, "R.P36", "3", outcome_reason="02")
    counter.seek("2026-12-09 09:00", "S.P01", "P01", person_class="1", certs=[{"type": "2", "name": "电工"}])
    counter.refer("2026-12-10 10:00", "R.P01", "P01", "C1")
    counter.reply("2026-12-15 09:00", "R.P01", "2", trial_until=date(2027, 1, 15))
    counter.seek("2026-12-23 09:00", "S.P16", "P16", person_class="2")
    counter.refer("2026-12-24 09:00", "R.P16", "P16", "C1")
    counter.seek("2026-12-02 08:00", "S.P17", "P17", person_class="8")
    counter.refer("2026-12-25 09:00", "R.P17", "P17", "C1")


def _field_work(counter: Counter) -> None:
    with counter.at("2026-11-20 15:00") as tx:
        member = {"able": True, "willing": True, "status_at_check": "22"}
        pair = [
            {**member, "resident_id": counter.ids[key], "relation": kin} for key, kin in (("P31", "0"), ("P32", "1"))
        ]
        households.save_household(tx, counter.ids["P31"], dict(HOUSE), pair)
    counter.visit("2026-12-06 23:30", "P21", "01")
    counter.visit("2026-12-22 10:00", "P28", "03")
    counter.visit("2026-12-04 10:00", "P05", "04")
    counter.visit("2026-12-05 10:00", "P05", "08", contact_way="2")
    counter.visit(LAST_MINUTE, "P02", "01")
    counter.visit(NEW_YEAR, "P03", "01")
    counter.visit("2026-12-28 10:00", "P04", "02", entered="2027-01-06 09:00")
    counter.visit("2026-12-14 10:00", "P31", "01", services=["A"])
    counter.visit("2026-12-15 10:00", "P32", "05")
    counter.guide("2026-12-10 14:00", "P33", satisfaction=5)
    counter.guide("2026-12-12 14:00", "P33")
    counter.guide("2026-12-15 14:00", "P24")
    counter.guide(LAST_MINUTE, "P34")
    counter.guide(NEW_YEAR, "P35")
    counter.tell("2026-12-10 15:00", "P33")
    counter.tell("2026-12-15 07:00", "P01")
    counter.tell("2026-12-15 16:00", "P01")
    counter.tell("2026-12-16 09:00", "P01")
    counter.tell(LAST_MINUTE, "P34")
    counter.tell(NEW_YEAR, "P35")
    with counter.at("2026-12-10 16:00") as tx:
        reveal(tx, counter.ids["P33"], "id_no", "1")


def _training(counter: Counter) -> None:
    counter.teach("K0", "2026-09-19", {"P25": "1", "P29": "1"}, until="2026-09-20")
    counter.teach("K2", "2026-10-01", {"P28": "1"}, until="2026-10-02")
    counter.teach("K1", "2026-12-17", {"P17": "1", "P09": "1", "P10": "4"}, until="2026-12-18", dropped=("P11",))
    with counter.at("2026-12-18 19:00") as tx:
        certificates.issue_completion(tx, counter.ids["K1.P09"])
        certificates.issue_certificate(tx, counter.ids["K1.P17"], {"cert_no": "GOLD-0001", "cert_type": "1"})


def _craft(counter: Counter) -> None:
    with counter.at("2026-11-18 09:00") as tx:
        counter.keep("ORDER", Factory(tx).craft_order(due_on=date(2027, 1, 31)))
    for when, person in (("2026-11-20", "P11"), ("2026-11-25", "P30"), ("2026-12-03", "P10"), ("2026-12-30", "P29")):
        with counter.at(f"{when} 10:00") as tx:
            values = {"taken_count": 20, "signed": True}
            counter.keep(f"W.{person}", crafts.hand_out(tx, counter.ids["ORDER"], counter.ids[person], values))
    for when, person, brought in (
        ("2026-12-10 10:00", "P10", {"quantity": 10, "accepted": 9, "rework": 1}),
        ("2026-12-31 10:00", "P11", {"quantity": 5, "accepted": 5}),
        (NEW_YEAR, "P30", {"quantity": 7, "accepted": 7}),
    ):
        with counter.at(when) as tx:
            crafts.deliver(tx, counter.ids[f"W.{person}"], brought)


def _followups(counter: Counter) -> None:
    counter.follow_up("2026-12-12 10:00", ("referral", "R.P20"), "2026-12-12", **YES, satisfaction=5)
    counter.follow_up("2027-01-02 10:00", ("referral", "R.P31b"), "2026-12-27", **YES)
    for day in ("2026-12-15", "2026-12-16", "2026-12-17"):
        counter.follow_up(f"{day} 10:00", ("referral", "R.P04"), "2026-12-15", **NO)
    counter.follow_up("2026-12-04 10:00", ("referral", "R.P05.autumn"), "2026-12-04", **YES, satisfaction=4)
    counter.follow_up(
        "2026-12-09 10:00", ("referral", "R.P09.autumn"), "2026-12-09",
        reached=True, still_employed=False, left_on=date(2026, 12, 1), left_why="合同期满", result="3",
    )  # fmt: skip
    counter.become("2026-12-09 10:10", "P09", "22")
    counter.follow_up("2026-12-31 10:00", ("referral", "R.P10.autumn"), "2026-12-31", **NO)
    counter.follow_up("2026-12-03 10:00", ("referral", "R.P16.autumn"), "2026-12-01", **YES, satisfaction=3)
    counter.follow_up("2026-12-20 10:00", ("enrolment", "K0.P25"), "2026-12-19", reached=True, result="4")


def second_station(counter: Counter) -> None:
    """Play what happened at 乐业空间."""
    for number, person in enumerate(SECOND_STATION, 37):
        counter.file(person, number)
    counter.offer("2026-12-01 09:00", "V", 2, until="2026-12-31")
    counter.publish("2026-12-01 10:00", "V")
    counter.lose_work("2026-12-02 10:00", "U.P38", "P38", "2026-12-02")
    counter.seek("2026-12-05 10:00", "S.P37", "P37", person_class="1")
    counter.refer("2026-12-06 10:00", "R.P37", "P37", "V")
    counter.hire("2026-12-20 10:00", "R.P37", "2026-12-21")
    counter.guide(LAST_MINUTE, "P40")
