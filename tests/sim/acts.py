"""What people at the counters do in a simulation: real service calls, drawn by dice, ordinary and awkward ones.

Each act takes the transaction and the dice, and returns what it means to have written: {(type, id, field): value}.
Where there is nothing to do it to, it returns None. A service that says no raises a ``UserError``: nothing was done.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from app.db.database import Transaction
from app.models.resident import Resident
from app.services import (
    conflicts,
    employers,
    history,
    merging,
    outbox,
    referrals,
    registrations,
    residents,
    staff,
    vacancies,
    withdrawing,
)
from tests.factories import EMPLOYER, NAMES, NOTICE, REGISTRATION, RESIDENT, VACANCY, fictional_id, fictional_uscc

Claims = dict[tuple[str, str, str], Any]


class Dice(random.Random):
    """Draws what is done to which record; ``own`` draws the values: two people do the same thing differently."""

    def __init__(self, seed: int, who: str) -> None:
        super().__init__(seed)
        self.own = random.Random(f"{seed} {who}")


Act = Callable[[Transaction, Dice], Claims | None]

PEOPLE = 24
"""So few that two counters register the same person while apart."""


def register(tx: Transaction, dice: Dice) -> Claims:
    number = dice.randrange(PEOPLE)
    born = date(1970, 1, 1) + timedelta(days=number * 401)
    values = {
        **RESIDENT,
        "name": dice.choice(NAMES),
        "id_no": fictional_id(f"{born:%Y%m%d}", 996 + number % 4),
        "mobile": _mobile(dice),
    }
    wishes = REGISTRATION if dice.random() < 0.6 else None
    row = residents.register_resident(tx, values, registration=wishes, consents=[NOTICE])
    return {("resident", row.id, name): values[name] for name in ("name", "id_no", "mobile")}


def edit(tx: Transaction, dice: Dice) -> Claims | None:
    record_id = some(tx, dice, "resident")
    if record_id is None:
        return None
    name = dice.choice(("mobile", "mobile", "school", "live_addr", "edu_level"))
    value = (
        _mobile(dice)
        if name == "mobile"
        else dice.own.choice(("21", "31", "61"))
        if name == "edu_level"
        else _word(dice)
    )
    residents.edit_resident(tx, record_id, {name: value})
    return {("resident", record_id, name): value}


def change_status(tx: Transaction, dice: Dice) -> Claims | None:
    record_id = some(tx, dice, "resident")
    if record_id is None:
        return None
    value = dice.own.choice(("11", "12", "22", "23"))
    residents.edit_resident(tx, record_id, {"emp_status": value})
    return {("resident", record_id, "emp_status"): value}


def overfill(tx: Transaction, dice: Dice) -> Claims | None:
    """Write what the district will refuse: an import of an older program, a rule that it has only now."""
    record_id = some(tx, dice, "resident")
    if record_id is None:
        return None
    tx.act("resident.edit")
    value = "长" * 600
    tx.change(tx.get(Resident, record_id), {"remark": value})
    return {("resident", record_id, "remark"): value}


def register_wrongly(tx: Transaction, dice: Dice) -> Claims:
    """Make a file that the district refuses, on which others build: its number has a wrong check digit."""
    tx.act("resident.register")
    values = {**RESIDENT, "name": dice.choice(NAMES), "id_no": "330110197002189992", "birth_date": date(1970, 2, 18)}
    row = tx.add(Resident(**values))
    registrations.open_registration(tx, {**REGISTRATION, "resident_id": row.id}, newcomer=True)
    return {("resident", row.id, "name"): values["name"]}


def remove(tx: Transaction, dice: Dice) -> Claims | None:
    record_id = some(tx, dice, "resident")
    if record_id is None:
        return None
    residents.remove_resident(tx, record_id, "错录")
    return {("resident", record_id, "delete_reason"): "错录"}


def merge(tx: Transaction, dice: Dice) -> Claims | None:
    known = ids(tx, "resident")
    if len(known) < 2:
        return None
    keep, drop = dice.sample(known, 2)
    merging.merge_files(tx, keep, drop)
    return {}


def take_apart(tx: Transaction, dice: Dice) -> Claims | None:
    gone = [row[0] for row in tx.sql("SELECT id FROM resident WHERE deleted_at IS NOT NULL ORDER BY id")]
    if not gone:
        return None
    merging.unmerge(tx, dice.choice(gone))
    return {}


def follow(tx: Transaction, dice: Dice) -> Claims | None:
    strays = merging.list_strays(tx)
    if not strays:
        return None
    merging.follow_merge(tx, dice.choice(sorted(item.drop_id for item in strays)))
    return {}


def wishes(tx: Transaction, dice: Dice) -> Claims | None:
    """Open, change, renew or close a registration, whichever there is to do."""
    resident_id = some(tx, dice, "resident")
    if resident_id is None:
        return None
    known = registrations.active_registration(tx, resident_id)
    if known is None:
        registrations.open_registration(tx, {**REGISTRATION, "resident_id": resident_id})
        return {}
    choice = dice.randrange(3)
    if choice == 0:
        registrations.edit_registration(tx, known.id, {"max_commute_km": float(dice.own.randrange(1, 30))})
    elif choice == 1:
        registrations.renew_registration(tx, known.id)
    else:
        registrations.close_registration(tx, known.id, dice.own.choice(("20", "30", "40")))
    return {}


def consent(tx: Transaction, dice: Dice) -> Claims | None:
    resident_id = some(tx, dice, "resident")
    if resident_id is None:
        return None
    given = [row[0] for row in tx.sql("SELECT id FROM consent WHERE kind IN ('2', '3') ORDER BY id")]
    if given and dice.random() < 0.4:
        residents.withdraw_consent(tx, dice.choice(given))
    else:
        residents.record_consent(tx, resident_id, {"kind": "2", "agreed": True})
    return {}


def offer(tx: Transaction, dice: Dice) -> Claims:
    """Take in an employer with a vacancy, published where this person may."""
    number = dice.randrange(5000, 9999)
    facts = {"uscc": fictional_uscc(number), "name": f"杭州云禾第{number}物业服务有限公司"}
    owner = employers.add_employer(tx, {**EMPLOYER, **facts})
    row = vacancies.add_vacancy(tx, {**VACANCY, "employer_id": owner.id, "openings": dice.choice((1, 1, 2, 5))})
    return {("employer", owner.id, "name"): facts["name"], ("vacancy", row.id, "title"): VACANCY["title"]}


def tend(tx: Transaction, dice: Dice) -> Claims | None:
    """Change, publish or take down a vacancy, or change its employer."""
    vacancy_id, owner_id = some(tx, dice, "vacancy"), some(tx, dice, "employer")
    if vacancy_id is None or owner_id is None:
        return None
    choice = dice.randrange(4)
    if choice == 0:
        pay = dice.own.randrange(300_000, 450_000)
        vacancies.edit_vacancy(tx, vacancy_id, {"pay_min": pay})
        return {("vacancy", vacancy_id, "pay_min"): pay}
    if choice == 1:
        vacancies.publish_vacancy(tx, vacancy_id)
    elif choice == 2:
        vacancies.take_down(tx, vacancy_id, "1")
    else:
        contact = _word(dice)
        employers.edit_employer(tx, owner_id, {"contact": contact})
        return {("employer", owner_id, "contact"): contact}
    return {}


def refer(tx: Transaction, dice: Dice) -> Claims | None:
    resident_id, vacancy_id = some(tx, dice, "resident"), some(tx, dice, "vacancy")
    if resident_id is None or vacancy_id is None:
        return None
    row = referrals.issue_referral(tx, resident_id=resident_id, vacancy_id=vacancy_id, consent_share=True)
    return {("referral", row.id, "slip_no"): row.slip_no}


def pursue(tx: Transaction, dice: Dice) -> Claims | None:
    """Print a slip, hand it over, enter its reply, or void it."""
    referral_id = some(tx, dice, "referral")
    if referral_id is None:
        return None
    choice = dice.own.randrange(5)
    if choice == 0:
        referrals.record_print(tx, referral_id, paper="A4", way="pdf", why="1")
    elif choice == 1:
        referrals.mark_delivered(tx, referral_id)
    elif choice == 2:
        referrals.void_referral(tx, referral_id, "1")
    else:
        reply = _HIRED if choice == 3 else _NO
        referrals.record_outcome(tx, referral_id, reply)
        return {("referral", referral_id, "outcome"): reply["outcome"]}
    return {}


_HIRED = {"outcome": "1", "reply_way": "1", "contract_type": "10", "onboard_date": date(2026, 12, 1)}
_NO = {"outcome": "2", "reply_way": "1", "refuse_reason": "1"}


def people(tx: Transaction, dice: Dice) -> Claims | None:
    """End or begin somebody's work here, or note a phone number."""
    person_id = some(tx, dice, "staff")
    if person_id is None:
        return None
    values = {"active": dice.random() < 0.8} if dice.random() < 0.5 else {"phone": _mobile(dice)}
    staff.edit_staff(tx, person_id, values)
    return {("staff", person_id, name): value for name, value in values.items()}


def take_back(tx: Transaction, dice: Dice) -> Claims | None:
    """Undo one of one's own last acts."""
    done = history.list_done(tx)
    if not done:
        return None
    history.undo(tx, done[min(dice.randrange(3), len(done) - 1)].op)
    return {}


def settle(tx: Transaction, dice: Dice) -> Claims | None:
    items = conflicts.list_conflicts(tx)
    if not items:
        return None
    item = items[dice.randrange(len(items))]
    choice = dice.own.choice(("restore", "remove") if item.removal else ("ours", "theirs"))
    conflicts.settle(tx, item.id, choice)
    return {}


def resend(tx: Transaction, dice: Dice) -> Claims | None:
    """Send what came back once more; half of the time mended first."""
    items = outbox.list_parked(tx)
    if not items:
        return None
    outbox.resend(tx, items[dice.randrange(len(items))].op)
    return {}


def mend(tx: Transaction, dice: Dice) -> Claims | None:
    """Put right what the district refused, as an edit like any other."""
    tx.act("resident.edit")
    rows = tx.sql("SELECT id FROM resident WHERE length(remark) > 500 OR id_no = '330110197002189992' ORDER BY id")
    if not rows:
        return None
    row = tx.session.get(Resident, dice.choice(rows)[0])
    value = _word(dice)
    tx.change(
        row, {"remark": value, "id_no": "330110197002189991"} if row.id_no.endswith("9992") else {"remark": value}
    )
    return {("resident", row.id, "remark"): value}


def hand_on(tx: Transaction, dice: Dice) -> Claims | None:
    items = [item for item in outbox.list_parked(tx) if item.state == "parked"]
    if not items:
        return None
    withdrawing.hand_to_supervisor(tx, items[dice.randrange(len(items))].op, "请看一下")
    return {}


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        register, edit, change_status, overfill, register_wrongly, remove, merge, take_apart, follow, wishes, consent,
        offer, tend, refer, pursue, people, take_back, settle, resend, mend, hand_on,
    )
}  # fmt: skip
ORDINARY = ("register", "edit", "edit", "edit", "change_status", "wishes", "offer", "tend", "refer", "pursue")
AWKWARD = ("overfill", "register_wrongly", "remove", "merge", "take_apart", "follow", "consent", "people", "take_back")
RIVAL = ("edit", "edit", "change_status", "tend", "pursue", "settle", "wishes", "merge", "remove")
MENDING = ("settle", "settle", "resend", "mend", "hand_on")


def ids(tx: Transaction, table: str) -> Sequence[str]:
    """Return the ids of what is not removed, oldest first."""
    return [row[0] for row in tx.sql(f"SELECT id FROM {table} WHERE deleted_at IS NULL ORDER BY id")]


def some(tx: Transaction, dice: Dice, table: str) -> str | None:
    """Return one of the newest five, so that two counters often mean the same one."""
    newest = ids(tx, table)[-5:]
    return dice.choice(newest) if newest else None


def _mobile(dice: Dice) -> str:
    return f"1990000{dice.own.randrange(10_000):04d}"


def _word(dice: Dice) -> str:
    return f"第{dice.own.randrange(1000)}号"
