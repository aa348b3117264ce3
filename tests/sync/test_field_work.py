"""Visits, follow-ups, guidance and policy talks between two counters and the district."""

from datetime import timedelta
from typing import Any

from app import clock
from app.models.guidance import Guidance, PolicyIntro
from app.models.resident import Resident
from app.models.visit import Followup, Visit
from app.services import followups, visits
from app.services.packages import services_done
from tests.district.live import Client, Live, make, resident
from tests.factories import Factory
from tests.sync.world import CLERK, Counter


def settle(*counters: Counter) -> None:
    for _round in range(2):
        for each in counters:
            report = each.sync()
            assert (report.error, report.parked, report.conflicts) == (None, 0, 0)


def test_field_work_reaches_the_other_counter_as_it_was_written(one: Counter, two: Counter) -> None:
    with one.database.write(CLERK) as tx:
        person_id = Factory(tx).resident().id
    ids = {}
    for kind in ("visit", "guidance", "policy_intro"):
        with one.database.write(CLERK) as tx:
            ids[kind] = getattr(Factory(tx), kind)(tx.get(Resident, person_id)).id
    with one.database.write(CLERK) as tx:
        ids["followup"] = followups.record_followup(tx, call(ids["visit"])).id
    settle(one, two)

    for kind, model in (
        ("visit", Visit),
        ("guidance", Guidance),
        ("policy_intro", PolicyIntro),
        ("followup", Followup),
    ):
        mine, theirs = one.see(ids[kind], model), two.see(ids[kind], model)
        assert theirs is not None and theirs.rev > 0
        assert {**theirs.model_dump(), "updated_at": None} == {**mine.model_dump(), "updated_at": None}
    assert one.ask(services_done, person_id) == two.ask(services_done, person_id)
    assert two.ask(services_done, person_id)["policy"] == 1


def call(visit_id: str) -> dict[str, Any]:
    due_on = clock.today() + timedelta(days=5)
    origin = {"origin_kind": "visit", "origin_id": visit_id, "due_on": due_on, "done_at": clock.now()}
    return {**origin, "way": "1", "reached": True, "result": "5"}


def test_two_counters_that_correct_one_visit_are_asked_about_that_field_alone(one: Counter, two: Counter) -> None:
    with one.database.write(CLERK) as tx:
        visit_id = Factory(tx).visit().id
    settle(one, two)

    for counter, words in ((one, "愿意上夜班"), (two, "不上夜班")):
        with counter.database.write(CLERK) as tx:
            visits.edit_visit(tx, visit_id, {"narrative": words, "needs": ["1", "2"]})
    one.sync()
    report = two.sync()

    assert report.conflicts == 1
    assert two.see(visit_id, Visit).needs == ["1", "2"]


def test_the_district_refuses_a_visit_that_breaks_the_sheet(district: Live, clerk: Client) -> None:
    file = resident()
    told = {"visited_at": "2026-11-20T09:00:00+08:00", "entered_at": "2026-11-20T10:00:00+08:00"}
    about = {"resident_id": file["id"], "visit_type": "1", "contact_way": "1"}

    fine = clerk.one(make("visit", **about, **told, outcome="04"))
    no_status = clerk.one(make("visit", **about, **told, outcome="01"))
    future = clerk.one(make("visit", **about, **{**told, "visited_at": "2026-11-20T11:00:00+08:00"}, outcome="04"))

    assert fine["outcome"] == "applied"
    assert [answer["outcome"] for answer in (no_status, future)] == ["refused", "refused"]


def test_a_trainers_token_neither_reads_nor_writes_field_work(district: Live, clerk: Client) -> None:
    trainer = district.client("trainer")
    told = {"told_at": "2026-11-20T09:00:00+08:00", "entered_at": "2026-11-20T10:00:00+08:00"}
    talk = make("policy_intro", resident_id=resident()["id"], policies=["si_flex"], **told)
    assert clerk.one(talk)["outcome"] == "applied"

    seen = {entry["type"] for entry in trainer.everything()}

    assert not seen & {"visit", "followup", "guidance", "policy_intro"}
    assert trainer.one(make("policy_intro", resident_id=talk["id"], policies=["x"], **told))["outcome"] == "refused"
