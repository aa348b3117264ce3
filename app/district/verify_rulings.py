"""Whether what the district decided by itself is what a fresh computation over all stations says."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.identity_marks import HINT, OPEN, RESIDENT, SECRET, File, Pair, mark_of, pairs_among
from app.district.place_rulings import REFERRAL, VACANCY, Claim, claims_of, places_of, remaining_of
from app.district.rulings import undecided
from app.district.seat_rulings import CLASS, ENROLMENT, wanted_seats
from app.district.store import get_fact
from app.models.district import IdentityMark, PlaceClaim
from app.models.registry import STATION

_OF_REFERRAL = ("vacancy_id", "state", "outcome", "deleted_at", "place")


class RulingFacts:
    """Gathers, feed by feed, what the rulings follow from; little of each record."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        secret = get_fact(connection, SECRET)
        self._secret = bytes.fromhex(secret) if secret is not None else None
        self._referrals: dict[tuple[str, str], dict[str, Any]] = {}
        self._vacancies: dict[str, tuple[int | None, int | None]] = {}
        self._marks: dict[File, str] = {}
        self._hints: dict[Pair, str] = {}
        self._classes: dict[str, int | None] = {}
        self._enrolments: dict[str, dict[str, dict[str, Any]]] = {}

    def take(self, feed: str, records: Iterable[tuple[tuple[str, str], Mapping[str, Any]]]) -> None:
        """Take in a feed's records."""
        for (kind, record_id), values in records:
            if kind == REFERRAL:
                self._referrals[feed, record_id] = {name: values.get(name) for name in _OF_REFERRAL}
            elif kind == VACANCY:
                self._vacancies[record_id] = (values.get("openings"), values.get("remaining"))
            elif kind == RESIDENT and self._secret is not None:
                if (mark := mark_of(self._secret, values)) is not None:
                    self._marks[feed, record_id] = mark
            elif kind == CLASS:
                self._classes[record_id] = values.get("seats")
            elif kind == ENROLMENT:
                mine = {name: values.get(name) for name in ("state", "seat", "ahead", "deleted_at")}
                self._enrolments.setdefault(str(values["class_id"]), {})[record_id] = mine
            elif kind == HINT:
                other = f"{STATION}/{values['other_station']}"
                self._hints[feed, str(values["resident_id"]), other] = str(values["state"])

    def faults(self) -> list[str]:
        """Return what stands otherwise than it should; nothing as long as something waits to be decided."""
        if undecided(self._connection):
            return []
        return [*self._places(), *self._seats(), *self._hinted()]

    def _seats(self) -> list[str]:
        """Find classes with a seat free while somebody waits, and seats of people who left.

        Who came first is not asked again: a confirmed seat stays whatever comes.
        """
        found: list[str] = []
        for class_id, people in sorted(self._enrolments.items()):
            if class_id not in self._classes:
                continue
            right = wanted_seats(self._classes[class_id], people, {})
            for what in ("1", "2", None):
                have, should = (sum(seat == what for seat in seats) for seats in (
                    [each["seat"] for each in people.values()], list(right.values())
                ))  # fmt: skip
                if have != should:
                    found.append(f"class {class_id}: {have} have seat {what}, should be {should}")
        return found

    def _places(self) -> list[str]:
        found: list[str] = []
        logs: dict[str, list[Claim]] = {}
        vacancies = self._connection.scalars(sa.select(table_of(PlaceClaim).c.vacancy_id).distinct())
        for claim in claims_of(self._connection, vacancies):
            log = logs.setdefault(claim.vacancy_id, [])
            log.append(claim)
            if claim.number != len(log):
                found.append(f"claims of vacancy {claim.vacancy_id}: gap before {claim.number}")
        asking = {(each["vacancy_id"], *place) for place, each in self._referrals.items()}
        asking -= {(claim.vacancy_id, claim.feed, claim.referral_id) for log in logs.values() for claim in log}
        found.extend(f"{feed}: referral {referral} has no place in the order" for _v, feed, referral in sorted(asking))
        for vacancy in sorted({*self._vacancies, *logs}):
            found.extend(self._of_vacancy(vacancy, logs.get(vacancy, [])))
        return found

    def _of_vacancy(self, vacancy: str, log: list[Claim]) -> list[str]:
        openings, remaining = self._vacancies.get(vacancy, (None, None))
        mine = [(claim.feed, claim.referral_id) for claim in log]
        mine = [place for place in mine if self._referrals.get(place, {}).get("vacancy_id") == vacancy]
        values = [self._referrals[place] for place in mine]
        found = []
        if remaining != (right := remaining_of(openings, values)):
            found.append(f"vacancy {vacancy}: remaining is {remaining}, should be {right}")
        for (feed, referral), each, should in zip(mine, values, places_of(openings, values), strict=True):
            if each["place"] != should:
                found.append(f"{feed}: place of referral {referral} is {each['place']}, should be {should}")
        return found

    def _hinted(self) -> list[str]:
        found: list[str] = []
        table = table_of(IdentityMark)
        kept = {(row.feed, row.record_id): row.mark for row in self._connection.execute(sa.select(table))}
        found.extend(
            f"{feed}: mark of resident {resident} is wrong"
            for feed, resident in sorted({*kept, *self._marks})
            if kept.get((feed, resident)) != self._marks.get((feed, resident))
        )
        groups: dict[str, list[File]] = {}
        for file, mark in self._marks.items():
            groups.setdefault(mark, []).append(file)
        should = {pair for files in groups.values() for pair in pairs_among(files)}
        told = {pair for pair, state in self._hints.items() if state == OPEN}
        found.extend(f"{feed}: no hint for resident {resident}" for feed, resident, _o in sorted(should - told))
        found.extend(f"{feed}: wrong hint for resident {resident}" for feed, resident, _o in sorted(told - should))
        return found
