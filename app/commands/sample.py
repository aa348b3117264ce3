"""The sample station: fictional people, postings, two counters' worth of work. For a first look and for the demo."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock, paths
from app.commands.local_district import LocalDistrict, local_district
from app.commands.work import publish_waiting, run_import
from app.db.database import Actor, Database, Transaction
from app.db.keyring import Keyring
from app.models.check_chars import id_check_char
from app.models.resident import Resident
from app.paths import DataFolder
from app.services import employers, referrals, residents, staff, vacancies, withdrawing
from app.services.counters import OpenCounter, found_counter
from app.services.imports.job import ImportJob
from app.services.matching.query import explain_vacancy, match_resident
from app.services.outbox import list_parked
from app.services.vacancies import VacancyLine
from app.sync.engine import SyncEngine, enrol
from app.sync.joining import join_district
from app.texts import _

SUPERVISOR_PIN, CLERK_PIN = "258046", "739146"


def sample_people() -> dict[str, Any]:
    """Return the fictional station, staff and residents."""
    loaded: dict[str, Any] = json.loads((paths.resources() / "sample" / "people.json").read_text("utf-8"))
    return loaded


def shipped_postings() -> Path:
    """Return the fictional postings."""
    return paths.resources() / "sample" / "vacancies.csv"


def posting_files() -> list[Path]:
    """Return the real postings where they lie beside the source tree, else the shipped ones."""
    named = os.environ.get("DOORSTEP_SHARED_DATA")
    folder = Path(named) if named else paths.resources().parent.parent / "shared" / "data"
    real = folder / "vacancies.xlsx"
    return [real] if real.is_file() else [shipped_postings()]


def found_sample(folder: DataFolder) -> tuple[OpenCounter, str]:
    """Found the sample station with its supervisor and clerks; return the counter and the recovery key."""
    people = sample_people()
    counter, recovery = found_counter(folder, people["station"], supervisor=people["supervisor"], pin=SUPERVISOR_PIN)
    keyring = Keyring.open(folder)
    for name in people["clerks"]:
        with counter.database.write(counter.actor) as tx:
            clerk = staff.add_staff(tx, {"name": name, "roles": ["clerk"]})
        keyring.add(counter.key, staff_id=clerk.id, name=name, role="clerk", pin=CLERK_PIN)
    return counter, recovery


def clerk_of(counter: OpenCounter, name: str) -> Actor:
    """Return a clerk of this station as somebody who can act."""
    with counter.database.read() as tx:
        person = staff.find_staff(tx, name)
    assert person is not None
    return Actor(person.id, person.name, frozenset(person.roles))


def register_sample(counter: OpenCounter, actor: Actor, facts: Mapping[str, Any]) -> Resident:
    """Register one of the fictional residents, with what she looks for."""
    intent = {"trade": facts["trade"], "text": facts["want"], "wage_min": facts["wage"] * 100, "form": "1"}
    registration = {
        "person_class": facts["person_class"],
        "intents": [intent],
        "accept_shift": facts["shift"],
        "max_commute_km": 8.0,
        "commute_mode": "3",
        **dict.fromkeys(("accept_gig", "accept_internship", "guidance_need", "startup_need"), False),
        **dict.fromkeys(("accept_training", "accept_pwpost", "training_need", "publish_consent"), True),
    }
    values = {name: facts.get(name) for name in ("name", "id_no", "mobile", "edu_level", "live_addr", "geo")}
    values |= {"female_retire_base": facts.get("female_retire_base"), "emp_status": "22", "id_type": "01"}
    values |= {"hukou_region": facts["id_no"][:6], "live_region": "330110012", "source_channel": None}
    with counter.database.write(actor) as tx:
        return residents.register_resident(
            tx, values, registration=registration, consents=[{"kind": "1", "agreed": True}]
        )


def refer_best(counter: OpenCounter, actor: Actor, resident_id: str, *, skip: int = 0) -> tuple[str, float] | None:
    """Refer somebody to her best vacancy (or the next after ``skip``); return the referral's id and the score."""
    with counter.database.read() as tx:
        result = match_resident(tx, resident_id, top=skip + 1)
        if len(result.suggestions) <= skip:
            return None
        best = result.suggestions[skip]
        verdict = explain_vacancy(tx, resident_id, best.vacancy_id)
    with counter.database.write(actor) as tx:
        referral = referrals.issue_referral(
            tx,
            resident_id=resident_id,
            vacancy_id=best.vacancy_id,
            consent_share=True,
            match=verdict.for_referral(),
            print_sex=True,
        )
    return referral.id, best.score


def fill_sample(counter: OpenCounter) -> None:
    """Give the station a past: postings of last week, people and slips of the last nine days, and today's."""
    people = sample_people()["residents"]
    with days_ago(9):
        for file in {shipped_postings(), *posting_files()}:
            run_import(counter, ImportJob.open(file, "vacancies"))
        complete_employers(counter)
        publish_waiting(counter)
    actor = clerk_of(counter, sample_people()["clerks"][0])
    for place, facts in enumerate(people):
        with days_ago((9, 8, 5, 2, 1, 0)[place % 6]):
            resident = register_sample(counter, actor, facts)
        if place < 4:
            with days_ago((8, 7, 4, 0)[place]):
                refer_best(counter, actor, resident.id)


def complete_employers(counter: OpenCounter) -> None:
    """Let the supervisor verify the fictional employers, and complete their postings with place and shift."""
    day = clock.today()
    for facts in sample_people()["employers"]:
        known = {name: facts[name] for name in ("uscc", "employer_kind", "industry", "contact", "phone")}
        known |= {"legal_rep": facts["contact"][:1] + "远", "reg_addr": facts["addr"], "work_addr": facts["addr"]}
        known |= {"licence_valid_to": day.replace(year=day.year + 10), "agent_name": facts["contact"][:1] + "宁"}
        with counter.database.write(counter.actor) as tx:
            employer = employers.find_employer(tx, name=facts["name"])
            assert employer is not None
            employers.edit_employer(tx, employer.id, known)
            tx.flush()
            employers.verify_employer(tx, employer.id, employers.PASSED)
            place = {"lat": facts["geo"][0], "lon": facts["geo"][1], "datum": "GCJ-02"}
            for line in vacancies.list_vacancies(tx, employer_id=employer.id):
                row = vacancies.get_vacancy(tx, line.id)
                said = (row.duty or "") + (row.other_cond or "")
                shift = next((code for word, code in _SHIFTS if word in said), "01")
                values = {"geo": place, "work_place": facts["addr"], "region": facts["region"], "shift": [shift]}
                vacancies.edit_vacancy(tx, row.id, values)


def trouble(first: OpenCounter, district: LocalDistrict, root: Path) -> None:
    """Let a second counter join and the two get in each other's way, as it happens after some days without a line.

    Afterwards the first counter has a field that both changed, acts that the district sent back, one of them handed to
    the supervisor, and two files of one person.
    """
    people = sample_people()
    names = [facts["name"] for facts in people["residents"]]
    code = district.enrol_code(people["station"]["code"], "clerk")
    into = DataFolder(root / "counter-2")
    second = join_district(into, district.url, code, name=people["clerks"][1], pin=CLERK_PIN, device="2 号窗口").counter
    try:
        clerk, other = clerk_of(first, people["clerks"][0]), second.actor
        _change_both(first, clerk, second, other, names[2])
        _narrow_pay(first, clerk, second, other)
        synchronise(second)
        with first.database.write(first.actor) as tx:
            staff.edit_staff(tx, other.staff_id, {"active": False})
        synchronise(first)
        _register_unasked(first, other, clerk)
        _register_twice(first, clerk, people["residents"][1])
        synchronise(first)
        _hand_on(first, clerk)
        synchronise(first)
        synchronise(second)
    finally:
        second.database.close()


def _change_both(first: OpenCounter, clerk: Actor, second: OpenCounter, other: Actor, name: str) -> None:
    with first.database.read() as tx:
        person = residents.search_residents(tx, name, limit=1)[0].id
    for counter, actor, days, address in ((first, clerk, 2, "溪桥苑 5 幢"), (second, other, 1, "西溪雅苑 9 幢")):
        with days_ago(days), counter.database.write(actor) as tx:
            residents.edit_resident(tx, person, {"live_addr": address})


def _narrow_pay(first: OpenCounter, clerk: Actor, second: OpenCounter, other: Actor) -> None:
    """Raise a vacancy's lowest pay at one counter and lower its highest at the other: together they make no sense."""
    with first.database.read() as tx:
        lines = [vacancies.get_vacancy(tx, line.id) for line in _own_postings(tx)]
        row = next(each for each in lines if each.pay_min and each.pay_max and each.pay_max > each.pay_min)
        low, high = int(row.pay_min or 0), int(row.pay_max or 0)
    middle = (low + high) // 2
    for counter, actor, change in ((first, clerk, {"pay_min": middle + 20000}), (second, other, {"pay_max": middle})):
        with days_ago(1), counter.database.write(actor) as tx:
            vacancies.edit_vacancy(tx, row.id, {**_a_month(), **change})


def _own_postings(tx: Transaction) -> list[VacancyLine]:
    """Return the postings of the fictional employers."""
    known = [employers.find_employer(tx, name=facts["name"]) for facts in sample_people()["employers"]]
    return [line for each in known if each is not None for line in vacancies.list_vacancies(tx, employer_id=each.id)]


def _register_unasked(counter: OpenCounter, actor: Actor, clerk: Actor) -> None:
    """Let somebody register a person who works here no longer, without knowing it; a colleague goes on with her."""
    number = "33011019810612998"
    facts = {**sample_people()["residents"][0], "name": "毛立根", "id_no": number + id_check_char(number)}
    facts |= {"mobile": "19900000061", "live_addr": "葛溪新村 11 幢 402"}
    resident = register_sample(counter, actor, facts)
    with counter.database.write(clerk) as tx:
        residents.edit_resident(tx, resident.id, {"mobile": "19900000062"})


def _register_twice(counter: OpenCounter, actor: Actor, facts: Mapping[str, Any]) -> None:
    """Register somebody a second time, with a number that was misread."""
    number = facts["id_no"][:14] + "998"
    again = {**facts, "id_no": number + id_check_char(number), "mobile": "19900000064", "live_addr": "溪桥苑 3 幢"}
    register_sample(counter, actor, {**again, "edu_level": "61"})


def _hand_on(counter: OpenCounter, actor: Actor) -> None:
    with counter.database.read() as tx:
        returned = next((item for item in list_parked(tx) if item.act == "vacancy.edit"), None)
    if returned is not None:
        with counter.database.write(actor) as tx:
            withdrawing.hand_to_supervisor(tx, returned.op, "单位说薪酬没谈定，请您打电话问一下")


def work_offline(database: Database, actor: Actor) -> None:
    """Do a few things that wait to be sent: changes, a slip's reply."""
    people = sample_people()["residents"]
    for place, facts in enumerate(people[:4]):
        with database.write(actor) as tx:
            person = residents.search_residents(tx, facts["name"], limit=1)[0].id
            residents.edit_resident(tx, person, {"mobile": f"1990000007{place}"})
    with database.read() as tx:
        returned = {record for item in list_parked(tx) for _kind, record, _name in item.subjects}
        lines = [line for line in _own_postings(tx) if line.id not in returned][:2]
    for line in lines:
        with database.write(actor) as tx:
            vacancies.edit_vacancy(tx, line.id, {**_a_month(), "other_cond": "包工作餐，试用一个月"})


def _a_month() -> dict[str, Any]:
    """Return a posting's days from the first of this month: the same at every counter."""
    first = clock.today().replace(day=1)
    return {"open_from": first, "open_to": first + timedelta(days=60)}


def synchronise(counter: OpenCounter) -> None:
    """Synchronise once, whatever comes of it."""
    engine = SyncEngine(counter.database)
    try:
        engine.run_once()
    finally:
        engine.close()


_SHIFTS = (("三班倒", "06"), ("两班倒", "05"), ("时间可以商量", "09"), ("长白班", "01"))


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """Set this process's clock back: the sample has a past."""
    clock.shift(timedelta(days=-days))
    try:
        yield
    finally:
        clock.shift(timedelta(0))


@contextmanager
def sample_station() -> Iterator[Path]:
    """Yield the data folder of a filled sample station that has joined a district on the loopback; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="doorstep-sample-") as temporary:
        root = Path(temporary)
        folder = DataFolder(root / "counter")
        with local_district(root / "district") as district:
            print(_("正在准备样板站点…"), flush=True)
            counter, recovery = found_sample(folder)
            join_sample(counter, district)
            fill_sample(counter)
            counter.database.close()
            print(_("样板站点好了。{name}（站长）PIN {pin}", name=sample_people()["supervisor"], pin=SUPERVISOR_PIN))
            for name in sample_people()["clerks"]:
                print(_("{name}（窗口经办）PIN {pin}", name=name, pin=CLERK_PIN))
            print(_("恢复密钥 {key}", key=recovery), flush=True)
            yield folder.root


def join_sample(counter: OpenCounter, district: LocalDistrict, *, device: str = "1 号窗口") -> None:
    """Let the founded station join the district, and synchronise once."""
    station = sample_people()["station"]
    enrol(
        counter.database, district.url, district.enrol_code(station["code"], "supervisor", name=station["name"]), device
    )
    synchronise(counter)
