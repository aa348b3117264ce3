"""Whether seats and places are given out rightly, and of an attendance mark the latest stands on every machine.

It thinks for itself, as the ledger does: at no moment in the life of a feed are more seats confirmed than a class has.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from app.models.attendance import Attendance
from app.models.marks import standing_marks
from app.services.training.marking import MARK_COLUMNS, as_mark
from tests.sim.ledger import UNSENT, Truth, own_log

if TYPE_CHECKING:
    from tests.sim.world import World

CONFIRMED, WAITS = "1", "2"
LEFT = "40"
_KNOWN = select(*MARK_COLUMNS).where(col(Attendance.deleted_at).is_(None), col(Attendance.rev) > 0)


def unfair(world: "World", truth: Truth) -> Iterator[str]:
    """Yield what was given out twice or to nobody, and marks that stand otherwise than the latest."""
    yield from _seats(truth)
    yield from _waiting(truth)
    yield from _places(truth)
    yield from _marks(world, truth)


def _seats(truth: Truth) -> Iterator[str]:
    """Walk through each feed as it grew."""
    seats: dict[str, int] = {}
    people: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for entry in truth.entries:
        kind, record_id = entry.key
        if kind == "training_class":
            seats[record_id] = entry.values["seats"]
        elif kind == "enrolment":
            mine = people[str(entry.values["class_id"])]
            mine[record_id] = entry.values
            seated = sum(_takes_part(each) and each["seat"] == CONFIRMED for each in mine.values())
            if seated > seats.get(str(entry.values["class_id"]), 0):
                yield f"{seated} confirmed seats in {entry.values['class_id']} at {entry.seq}"


def _takes_part(values: Mapping[str, Any]) -> bool:
    return values["deleted_at"] is None and values["state"] != LEFT


def _waiting(truth: Truth) -> Iterator[str]:
    """Yield classes in which somebody waits for a seat that is free, or knows nothing of hers."""
    heads = truth.heads.items()
    for (kind, class_id), (_feed, _rev, held) in heads:
        if kind != "training_class":
            continue
        mine = [each for (name, _id), (_f, _r, each) in heads if name == "enrolment" and each["class_id"] == class_id]
        given = [each["seat"] for each in mine if _takes_part(each)]
        if None in given:
            yield f"somebody in {class_id} does not know whether she has a seat"
        if WAITS in given and given.count(CONFIRMED) < held["seats"]:
            yield f"somebody waits for a seat in {class_id}, and there is one"


def _places(truth: Truth) -> Iterator[str]:
    """Yield vacancies of which more places are held than there are, over all stations."""
    heads = truth.heads.items()
    for (kind, vacancy_id), (_feed, _rev, post) in heads:
        if kind != "vacancy" or post["openings"] is None:
            continue
        given = [
            each["place"] for (name, _id), (_f, _r, each) in heads
            if name == "referral" and each["vacancy_id"] == vacancy_id and each["deleted_at"] is None
        ]  # fmt: skip
        if given.count(CONFIRMED) > post["openings"]:
            yield f"{given.count(CONFIRMED)} places of {vacancy_id} are held, there are {post['openings']}"
        if WAITS in given and given.count(CONFIRMED) < post["openings"]:
            yield f"somebody waits for a place of {vacancy_id}, and there is one"


def _marks(world: "World", truth: Truth) -> Iterator[str]:
    """Compare what every machine shows of roll calls with the last mark of each cell in the district's order."""
    cells: dict[tuple[str, str], list[tuple[int, str, Mapping[str, Any]]]] = defaultdict(list)
    for (kind, record_id), (_feed, rev, values) in truth.heads.items():
        if kind == "attendance" and values["deleted_at"] is None:
            cells[values["enrolment_id"], values["lesson_id"]].append((rev, record_id, values))
    right = {}
    for cell, marks in cells.items():
        past = {values["corrects"] for _rev, _id, values in marks}
        right[cell] = max(each for each in marks if each[1] not in past)[1]
    for machine in world.machines:
        unsent = {
            record_id
            for item in own_log(machine).values()
            if item.state in UNSENT
            for _kind, record_id, _sets in item.edits
        }
        with machine.database.read() as tx:
            stands = standing_marks(map(as_mark, tx.rows(_KNOWN)))
        shown = {cell: standing.mark.id for cell, standing in stands.items()}
        for cell in sorted(shown.keys() | right.keys()):
            mine = unsent & {each[1] for each in cells[cell]}
            if shown.get(cell) != right.get(cell) and not mine:
                yield f"{machine.name} shows of {cell} the mark {shown.get(cell)}, the latest is {right.get(cell)}"
