"""Visits, guidance and policy talks: the rules of the sheet, what they count for, what follows from them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotAllowedError
from app.models.referral import Referral
from app.models.registration import EmpStatus
from app.models.resident import Resident
from app.services import guidance, merging, policy_cards, policy_intros, timeline, todos, visits
from app.services.contacts import last_contacts
from app.services.history import list_done, undo
from app.services.packages import services_done
from tests.factories import STAFF_ID, Factory
from tests.field_factory import GUIDANCE, VISIT

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"emp_status_found": None}, "emp_status_found"),
    ({"outcome": "03", "emp_status_found": None}, "emp_status_found"),
    ({"next_action": None}, "next_action"),
    ({"next_on": None}, "next_on"),
    ({"needs": []}, "needs"),
    ({"visited_at": clock.now() + timedelta(hours=2)}, "visited_at"),
    ({"next_on": date(2020, 1, 1)}, "next_on"),
    ({"visitors": []}, "visitors"),
    ({"visitors": ["nobody"]}, "visitors"),
    ({"visit_type": "77"}, "visit_type"),
    ({"contact_way": None}, "contact_way"),
    ({"policies": ["no_such_card"]}, "policies"),
    ({"also_met": ["0198f3c2-7d10-7c3e-9a55-00000000dead"]}, "also_met"),
    ({"narrative": "字" * 1001}, "narrative"),
]


@pytest.mark.parametrize(("wrong", "field"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_visit_lacks_is_said_at_its_field(
    tx: Transaction, make: Factory, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        make.visit(**wrong)

    assert field in refused.value.fields


def test_nobody_home_needs_neither_status_nor_next_step(tx: Transaction, make: Factory) -> None:
    row = make.visit(outcome="04", emp_status_found=None, job_wish=None, needs=[], next_action=None, next_on=None)

    assert row.rec_no is not None and row.rec_no.startswith("ZF330110")
    assert row.visitors == [STAFF_ID]


def test_a_paper_of_four_days_ago_needs_a_reason_and_keeps_both_days(tx: Transaction, make: Factory) -> None:
    four_days_ago = clock.now() - timedelta(days=4)
    with pytest.raises(InvalidInputError) as refused:
        make.visit(visited_at=four_days_ago)

    row = make.visit(visited_at=four_days_ago, late_why="下雨，走访本晚带回来")

    assert set(refused.value.fields) == {"late_why"}
    line = visits.list_visits(tx, row.resident_id)[0]
    assert line.days_late == 4
    assert clock.to_local(line.visited_at).date() == clock.today() - timedelta(days=4)
    assert clock.to_local(line.entered_at).date() == clock.today()


def test_three_days_are_in_time_unless_the_district_says_otherwise(tx: Transaction, make: Factory) -> None:
    three_days_ago = clock.now() - timedelta(days=3)
    make.visit(visited_at=three_days_ago)
    make.policy_param(key="entry.late_days", value=1)
    tx.flush()

    with pytest.raises(InvalidInputError) as refused:
        make.visit(visited_at=three_days_ago)

    assert "late_why" in refused.value.fields


def test_a_correction_keeps_whose_it_is_and_when_it_was_entered(tx: Transaction, make: Factory) -> None:
    row, other = make.visit(), make.resident()
    entered = row.entered_at

    visits.edit_visit(tx, row.id, {"resident_id": other.id, "entered_at": clock.now(), "narrative": "改成夜班也行"})

    assert (row.entered_at, row.narrative) == (entered, "改成夜班也行")
    assert row.resident_id != other.id


def test_what_was_found_becomes_the_status_only_where_asked(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    make.visit(person, emp_status_found="16")
    before = person.emp_status

    visits.record_visit(
        tx,
        {**VISIT, "resident_id": person.id, "visited_at": clock.now(), "emp_status_found": "16"}
        | {"next_on": clock.today()},
        take_status=True,
    )

    assert (before, person.emp_status) == ("22", "16")
    history = tx.session.exec(select(EmpStatus).where(EmpStatus.to_status == "16")).all()
    assert [(row.source, row.from_status) for row in history] == [("走访", "22")]


def test_registered_unemployment_is_not_ended_by_a_visit(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    make.unemp_reg(person)

    with pytest.raises(InvalidInputError) as refused:
        visits.record_visit(
            tx,
            {**VISIT, "resident_id": person.id, "visited_at": clock.now(), "emp_status_found": "11"}
            | {"next_on": clock.today()},
            take_status=True,
        )

    assert "emp_status_found" in refused.value.fields
    assert person.emp_status == "21"


def test_a_visit_counts_for_the_package_and_nothing_twice(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    make.visit(person, policies=["si_flex", "pw_post"], services=["B", "C"])
    make.policy_intro(person)
    make.guidance(person)

    done = services_done(tx, person.id)

    assert done == {"policy": 1, "guidance": 1, "training_or_internship": 0}


def test_other_days_and_other_parts_count_apart(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    make.visit(person, visited_at=clock.now() - timedelta(days=2), services=["A", "D"])
    make.policy_intro(person)
    make.guidance(person)
    make.enrolment(make.training_class(), person)

    done = services_done(tx, person.id)

    assert done == {"policy": 2, "guidance": 1, "training_or_internship": 2}


def test_who_was_met_too_got_the_service_and_has_the_visit_in_her_file(tx: Transaction, make: Factory) -> None:
    person, wife = make.couple()
    row = make.visit(person, also_met=[wife.id, person.id, wife.id], policies=["pw_post"])

    assert row.also_met == [wife.id]
    assert row.services == ["A"]
    assert services_done(tx, wife.id)["policy"] == 1
    assert [line.id for line in visits.list_visits(tx, wife.id)] == [row.id]


def test_who_moved_away_since_keeps_the_visit_in_her_file(tx: Transaction, make: Factory) -> None:
    person, wife = make.couple()
    row = make.visit(person, also_met=[wife.id])
    wife.household_id = make.household().id
    tx.flush()

    assert [line.id for line in visits.list_visits(tx, wife.id)] == [row.id]


def test_somebody_of_another_household_was_not_met_at_this_door(tx: Transaction, make: Factory) -> None:
    person, _wife = make.couple()

    with pytest.raises(InvalidInputError) as refused:
        make.visit(person, also_met=[make.resident().id])

    assert set(refused.value.fields) == {"also_met"}


def test_a_merged_file_brings_the_visits_at_which_it_was_met(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        person, wife = make.couple()
        keep_id, drop_id, visit_id = make.resident().id, wife.id, make.visit(person, also_met=[wife.id]).id
    with database.write(actor) as tx:
        before = visits.list_visits(tx, keep_id)
        merging.merge_files(tx, keep_id, drop_id)

    with database.read() as tx:
        assert before == []
        assert [line.id for line in visits.list_visits(tx, keep_id)] == [visit_id]


def test_what_was_undone_counts_no_more(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        person_id = Factory(tx).resident().id
    with database.write(actor) as tx:
        visits.record_visit(
            tx,
            {**VISIT, "resident_id": person_id, "visited_at": clock.now(), "policies": ["si_flex"]}
            | {"next_on": clock.today()},
        )
    with database.write(actor) as tx:
        before = services_done(tx, person_id)["policy"]
        undo(tx, list_done(tx)[0].op)

    with database.read() as tx:
        assert (before, services_done(tx, person_id)["policy"]) == (1, 0)
        assert visits.list_visits(tx, person_id) == []


@pytest.mark.parametrize(("outcome", "contact"), [("01", True), ("08", True), ("03", False), ("04", False)])
def test_only_who_was_spoken_to_was_contacted(tx: Transaction, make: Factory, outcome: str, contact: bool) -> None:
    person = make.resident()
    make.visit(person, outcome=outcome, needs=[], next_action=None, next_on=None)

    assert (person.id in last_contacts(tx, [person.id])) is contact


def test_a_visit_ends_the_warning_of_five_silent_months(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    make.unemp_reg(person, reg_date=clock.today() - timedelta(days=170), unemp_date=clock.today() - timedelta(days=180))
    tx.flush()
    before = [todo.kind for todo in todos.list_todos(tx) if todo.resident_id == person.id]

    make.visit(person, outcome="01", emp_status_found="21", needs=[], next_action=None, next_on=None)

    after = [todo.kind for todo in todos.list_todos(tx) if todo.resident_id == person.id]
    assert ("失业登记" in before, "失业登记" in after) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"duration_min": 5}, "duration_min"),
        ({"duration_min": 241}, "duration_min"),
        ({"topics": []}, "topics"),
        ({"problem": ""}, "problem"),
        ({"advice": None}, "advice"),
        ({"satisfaction": 6}, "satisfaction"),
        ({"plan_items": [{"by": "2026-12-20"}]}, "plan_items"),
        ({"plan_items": [{"what": "报班", "by": "20.12."}]}, "plan_items"),
        ({"plan_items": [{"what": "报班"}] * 7}, "plan_items"),
        ({"assessment_result": "动手型"}, "assessment_tool"),
        ({"counsellor_id": "nobody"}, "counsellor_id"),
        ({"guided_at": clock.now() + timedelta(days=1)}, "guided_at"),
    ],
)
def test_what_a_guidance_lacks_is_said_at_its_field(
    tx: Transaction, make: Factory, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        make.guidance(**wrong)

    assert field in refused.value.fields


def test_a_guidance_has_its_number_its_counsellor_and_its_line(tx: Transaction, make: Factory) -> None:
    row = make.guidance()

    line = guidance.list_guidance(tx, row.resident_id)[0]

    assert line.rec_no is not None and line.rec_no.startswith("ZD330110")
    assert (line.counsellor, line.duration_min, line.topics) == ("陶丽华", 35, ("4", "5"))
    guidance.edit_guidance(tx, row.id, {"duration_min": 40})
    assert row.duration_min == 40 and row.topics == GUIDANCE["topics"]


def test_a_policy_talk_names_cards_in_force_that_day(tx: Transaction, make: Factory) -> None:
    card = {"name": "稳岗补贴（试行）", "summary": "只到上个月"}
    month_ago = clock.today() - timedelta(days=30)
    make.policy_param(key="policy.card.old", value=card, effective_from=date(2026, 1, 1), effective_to=month_ago)
    tx.flush()

    with pytest.raises(InvalidInputError) as refused:
        make.policy_intro(policies=["si_flex", "old"])
    row = make.policy_intro(
        policies=["old", "old"], told_at=clock.now() - timedelta(days=31), late_why="纸质登记本补录"
    )

    assert "稳岗补贴（试行）" in refused.value.fields["policies"]
    assert row.policies == ["old"]
    assert policy_intros.list_intros(tx, row.resident_id)[0].policies == ("稳岗补贴（试行）",)


def test_a_districts_card_stands_for_the_shipped_one_from_its_day_on(tx: Transaction, make: Factory) -> None:
    new = {"name": "灵活就业社保补贴", "summary": "每月补三分之二", "doc_no": "余人社〔2026〕9 号", "phone": "12333"}
    make.policy_param(key="policy.card.si_flex", value=new, effective_from=date(2026, 6, 1), source_doc="余人社")
    tx.flush()

    before = {card.id: card for card in policy_cards.list_cards(tx, date(2026, 5, 31))}["si_flex"]
    since = {card.id: card for card in policy_cards.list_cards(tx, date(2026, 6, 1))}["si_flex"]

    assert (before.doc_no, since.doc_no, since.since) == ("", "余人社〔2026〕9 号", date(2026, 6, 1))
    assert len(policy_cards.list_cards(tx)) == 8


def test_the_file_tells_of_each_of_them_in_words(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        person, wife = make.couple()
        slip = make.hired(person)
    ids = person.id, wife.id, slip.id
    paper = {"visited_at": clock.now() - timedelta(days=5), "late_why": "走访本晚带回来", "next_on": clock.today()}
    for write in (
        lambda make: make.visit(make.tx.get(Resident, ids[0]), also_met=[ids[1]], policies=["si_flex"], **paper),
        lambda make: make.guidance(make.tx.get(Resident, ids[0])),
        lambda make: make.policy_intro(make.tx.get(Resident, ids[0])),
        lambda make: make.followup(make.tx.get(Referral, ids[2])),
    ):
        with database.write(actor) as tx:
            write(Factory(tx))

    with database.read() as tx:
        lines = {line.act: line for line in timeline.list_happenings(tx, ids[0])}
        hers = [line.act for line in timeline.list_happenings(tx, ids[1])]

    assert lines["visit.record"].text.startswith("补录，实际是")
    assert "，见到本人-有需求，讲了灵活就业社保补贴，想找离家近" in lines["visit.record"].text
    assert lines["visit.record"].state == "见到本人-有需求"
    assert lines["guidance.record"].text.startswith("35 分钟，简历没有写清")
    assert lines["policy_intro.record"].text == "灵活就业社保补贴"
    assert (lines["followup.record"].text, lines["followup.record"].state) == ("岗位推荐，稳定在岗", "稳定在岗")
    assert hers[0] == "visit.record"


@pytest.mark.parametrize("act", ["visit", "guidance", "policy_intro"])
def test_a_trainer_does_not_write_field_work(database: Database, actor: Actor, act: str) -> None:
    with database.write(actor) as tx:
        person = Factory(tx).resident()
    trainer = Actor("t-1", "何蔚", frozenset({"trainer"}))

    with pytest.raises(NotAllowedError), database.write(trainer) as tx:
        getattr(Factory(tx), act)(person)
