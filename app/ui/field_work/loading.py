"""What the forms need of a person, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.models.registry import find_type
from app.services import followups, guidance, policy_intros, visits
from app.services.followups_due import FollowupDue, list_due
from app.services.packages import services_done
from app.services.policy import parameter
from app.services.policy_cards import PolicyCard, list_cards
from app.services.staff import list_staff
from app.services.training.rosters import list_sign_ups
from app.texts import _
from app.ui.resident_file.loading import FileView, load_view

if TYPE_CHECKING:
    from app.db.database import Transaction

SHOWN_PAST = 6


@dataclass(frozen=True)
class PastLine:
    """What was done before, for the panel."""

    kind: str
    record_id: str
    happened_at: datetime
    text: str


@dataclass(frozen=True)
class Origin:
    """Something that may be followed up; ``due`` where a day is due."""

    kind: str
    record_id: str
    text: str
    due: FollowupDue | None = None

    @property
    def key(self) -> str:
        """Return what the form's choice keeps."""
        return f"{self.kind}:{self.record_id}"


@dataclass(frozen=True)
class FieldFacts:
    """A person's file with what the forms offer. ``record``: the values of the record that is to be corrected."""

    view: FileView
    staff: tuple[tuple[str, str], ...]
    members: tuple[tuple[str, str], ...]
    cards: tuple[PolicyCard, ...]
    origins: tuple[Origin, ...]
    past: tuple[PastLine, ...]
    done: Mapping[str, int]
    late_days: int
    tries: int
    today: date
    record: Mapping[str, Any] | None = None


def load_facts(tx: Transaction, resident_id: str, *, kind: str = "", record_id: str = "") -> FieldFacts:
    """Read everything; ``record_id`` of a ``kind`` is to be corrected.

    Raises:
        NotFoundError: there is no such file or record.
    """
    view = load_view(tx, resident_id)
    record = None
    if record_id:
        facts = find_type(kind)
        assert facts is not None
        record = tx.get(facts.model, record_id).model_dump()
    return FieldFacts(
        view=view,
        staff=tuple((row.id, row.name) for row in list_staff(tx) if row.active),
        members=_members(view),
        cards=list_cards(tx),
        origins=_origins(tx, view),
        past=_past(tx, resident_id),
        done=services_done(tx, resident_id),
        late_days=int(parameter(tx, "entry.late_days")),
        tries=int(parameter(tx, "fu.attempts")),
        today=view.today,
        record=record,
    )


def _members(view: FileView) -> tuple[tuple[str, str], ...]:
    """Return the others of the household who have a file here."""
    lines = view.household.members if view.household is not None else ()
    own = view.file.resident.id
    return tuple((line.resident_id, line.name) for line in lines if line.resident_id and line.resident_id != own)


def _origins(tx: Transaction, view: FileView) -> tuple[Origin, ...]:
    """Return what may be followed up: what is due first, then slips, classes, visits, registrations."""
    person = view.file.resident.id
    dues = {due.origin_id: due for due in list_due(tx, resident_id=person)}
    kinds = code_list("FU_ORIGIN")
    found = [
        Origin("referral", line.id, f"{line.employer_name} {line.vacancy_title}".strip(), dues.get(line.id))
        for line in view.file.referrals
    ]
    found += [
        Origin("enrolment", line.enrolment_id, line.title, dues.get(line.enrolment_id))
        for line in list_sign_ups(tx, person)
    ]
    for visit in visits.list_visits(tx, person, limit=5):
        if visit.resident_id == person:
            found.append(Origin("visit", visit.id, _day(visit.visited_at), dues.get(visit.id)))
    for talk in guidance.list_guidance(tx, person, limit=5):
        found.append(Origin("guidance", talk.id, _day(talk.guided_at), dues.get(talk.id)))
    for intro in policy_intros.list_intros(tx, person, limit=5):
        found.append(Origin("policy_intro", intro.id, _day(intro.told_at), dues.get(intro.id)))
    if view.latest is not None:
        found.append(Origin("registration", view.latest.id, view.latest.rec_no or ""))
    if view.file.unemployment is not None:
        found.append(Origin("unemp_reg", view.file.unemployment.id, view.file.unemployment.rec_no or ""))
    named = [Origin(each.kind, each.record_id, f"{kinds.label(each.kind)} {each.text}", each.due) for each in found]
    return tuple(sorted(named, key=lambda each: each.due is None))


def _past(tx: Transaction, person: str) -> tuple[PastLine, ...]:
    found = [
        PastLine("visit", line.id, line.visited_at, code_list("VISIT_OUTCOME").label(line.outcome))
        for line in visits.list_visits(tx, person, limit=SHOWN_PAST)
    ]
    for call in followups.list_followups(tx, person, limit=SHOWN_PAST):
        words = code_list("FU_RESULT").label(call.result) or _("没联系上，试过 {n} 次", n=call.attempts)
        found.append(PastLine("followup", call.id, call.done_at, words))
    for talk in guidance.list_guidance(tx, person, limit=SHOWN_PAST):
        found.append(PastLine("guidance", talk.id, talk.guided_at, talk.problem or ""))
    for intro in policy_intros.list_intros(tx, person, limit=SHOWN_PAST):
        found.append(PastLine("policy_intro", intro.id, intro.told_at, _("、").join(intro.policies)))
    return tuple(sorted(found, key=lambda line: line.happened_at, reverse=True)[:SHOWN_PAST])


def _day(moment: datetime) -> str:
    return f"{clock.to_local(moment):%Y-%m-%d}"
