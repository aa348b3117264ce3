"""The resident file's decisions: lines, chips, next step, history in words, hints."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database
from app.models.craft import CraftAssign
from app.models.resident import Resident
from app.services import referrals, registrations, residents, timeline
from app.services.training import enrolments
from app.ui.resident_file import state
from app.ui.resident_file.changes import rows_of, value_text
from app.ui.resident_file.happenings import entries, place_of
from app.ui.resident_file.loading import FileView, load_view
from app.ui.resident_file.unemployment_state import benefit_hint, dereg_hint, following_status, longest_benefit
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory, fictional_id


class Store:
    """The database with who works on it."""

    def __init__(self, database: Database, actor: Actor) -> None:
        self.database, self.actor = database, actor


@pytest.fixture
def desk(database: Database, actor: Actor) -> Store:
    return Store(database, actor)


@pytest.fixture
def person(database: Database, actor: Actor) -> str:
    with database.write(actor) as tx:
        consents = [NOTICE, {"kind": "2", "agreed": True}]
        return residents.register_resident(tx, dict(RESIDENT), registration=dict(REGISTRATION), consents=consents).id


def view_of(desk: Store, resident_id: str, **values: Any) -> FileView:
    with desk.database.read() as tx:
        return load_view(tx, resident_id, **values)


def refer(desk: Store, resident_id: str) -> str:
    with desk.database.write(desk.actor) as tx:
        vacancy = Factory(tx).vacancy()
    with desk.database.write(desk.actor) as tx:
        return referrals.issue_referral(tx, resident_id=resident_id, vacancy_id=vacancy.id, consent_share=True).id


def unemployed(desk: Store, resident_id: str) -> None:
    with desk.database.write(desk.actor) as tx:
        registrations.register_unemployment(
            tx,
            {
                "resident_id": resident_id,
                "reg_place_basis": "2",
                "unemp_date": clock.today() - timedelta(days=20),
                "reg_scope": "1",
                "unemp_reason": "22",
            },
        )


# What the file says -------------------------------------------------------------------------------------------------


def test_every_act_is_one_line_newest_first_with_its_state_and_sync(desk: Store, person: str) -> None:
    refer(desk, person)

    lines = entries(view_of(desk, person))

    assert [line.title for line in lines] == ["开推荐信", "新登记"]
    assert (lines[0].chip, lines[0].is_pending, lines[0].day) == ("等回执", True, "今天")
    assert "有效至" in lines[0].detail


def test_a_station_without_a_district_waits_for_nothing(desk: Store, person: str) -> None:
    view = view_of(desk, person, joined=False)

    assert not any(line.is_pending for line in entries(view))
    assert not any("待送" in chip.text for chip in state.chips(view))


def test_chips_tell_only_what_records_tell(desk: Store, person: str) -> None:
    before = [chip.text for chip in state.chips(view_of(desk, person, joined=False))]
    unemployed(desk, person)

    after = [chip.text for chip in state.chips(view_of(desk, person, joined=False))]

    assert before[0] == "失业未登记"
    assert after[0] == "登记失业 0 天"
    assert any(text.startswith("求职登记有效至") for text in after)


def test_six_months_without_contact_are_warned_of_at_five(desk: Store, person: str) -> None:
    unemployed(desk, person)
    view = view_of(desk, person, joined=False)

    later = replace(view, today=view.today + timedelta(days=160))

    assert ("5 个月没有联系", "orange") in [(chip.text, chip.tone) for chip in state.chips(later)]


def test_a_woman_near_fifty_is_asked_for_her_retirement_base(database: Database, actor: Actor, desk: Store) -> None:
    with database.write(actor) as tx:
        woman = Factory(tx).resident(id_no=fictional_id(f"{clock.today().year - 48}0130", 998))

    assert any("50 还是 55" in chip.text for chip in state.chips(view_of(desk, woman.id)))


def test_the_strip_shows_wishes_in_her_words(desk: Store, person: str) -> None:
    strip = dict(state.wishes(view_of(desk, person)))

    assert strip["想找"] == "水电维修"
    assert strip["月薪不低于"] == "4500 元"
    assert strip["路程"] == "3 公里，自行车"
    assert strip["证书"] == "—"


def test_the_next_step_follows_the_records(desk: Store, person: str) -> None:
    view = view_of(desk, person)
    referral = refer(desk, person)
    late = replace(view_of(desk, person), overdue=frozenset({referral}))
    ending = replace(view, today=view.file.registration.valid_until - timedelta(days=3))  # type: ignore[union-attr,operator]

    assert (state.next_step(view).act, state.next_step(view).key) == (state.MATCH, "F4")
    assert (state.next_step(late).act, state.next_step(late).record_id) == (state.OUTCOME, referral)
    assert state.next_step(ending).act == state.RENEW


def test_without_a_registration_one_is_opened_first(database: Database, actor: Actor, desk: Store) -> None:
    with database.write(actor) as tx:
        bare = Factory(tx).resident()
        busy = Factory(tx).resident(emp_status="11")

    assert state.next_step(view_of(desk, bare.id)).act == state.REGISTER
    assert state.next_step(view_of(desk, busy.id)).act == state.NOTHING


def test_the_package_counts_distinct_vacancies_and_no_void_slip(desk: Store, person: str) -> None:
    refer(desk, person)
    with desk.database.write(desk.actor) as tx:
        void = timeline.load_file(tx, person).referrals[0].id
    refer(desk, person)
    with desk.database.write(desk.actor) as tx:
        referrals.void_referral(tx, void, "2")

    progress = {line.label: (line.done, line.need) for line in state.package_progress(view_of(desk, person))}

    assert progress["岗位推荐"] == (1, 3)
    assert progress["职业指导"] == (0, 1)
    assert state.package_name(view_of(desk, person)) == "1131"


def test_a_role_sees_only_what_it_may_do(desk: Store, person: str) -> None:
    names = {action.name for action in state.actions(view_of(desk, person), frozenset({"officer"}))}

    assert not names & {"refer", "unemployment", "renew"}


# History ------------------------------------------------------------------------------------------------------------


def test_the_history_shows_labels_and_masks_numbers(desk: Store, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        residents.edit_resident(tx, person, {"mobile": "19900000008", "edu_level": "21"})

    rows = {row.field: row for row in rows_of(view_of(desk, person).changes) if row.act == "改资料"}

    assert (rows["手机号"].old, rows["手机号"].new) == ("199****0003", "199****0008")
    assert rows["文化程度"].new == "大学本科毕业"
    assert value_text("resident", "id_no", RESIDENT["id_no"]) == "330110********9991"
    assert not any(RESIDENT["id_no"] in row.new for row in rows_of(view_of(desk, person).changes))


# Unemployment -------------------------------------------------------------------------------------------------------


def test_benefit_is_hinted_at_and_never_decided() -> None:
    resigned = benefit_hint({"unemp_reason": "11", "involuntary": False, "si_months": 200})
    laid_off = benefit_hint({"unemp_reason": "03", "involuntary": True, "si_months": 64})
    short = benefit_hint({"unemp_reason": "03", "involuntary": True, "si_months": 11})

    assert "第 45 条" in resigned.text
    assert "18 个月" in laid_off.title
    assert "由社保经办机构决定" in laid_off.text
    assert "不满 12 个月" in short.text
    assert [longest_benefit(months) for months in (11, 12, 59, 60, 119, 120)] == [0, 12, 12, 18, 18, 24]


def test_nobody_is_cancelled_for_silence_before_six_months() -> None:
    hint = dereg_hint("9", date(2026, 9, 1), 6, date(2026, 11, 24))

    assert hint.tone == "orange"
    assert following_status("1") == "11"
    assert following_status("6") is None


def test_training_and_craft_lead_to_their_class_and_their_order(desk: Store, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        make = Factory(tx)
        owner, row = tx.get(Resident, person), make.training_class()
        make.enrolment(row, owner)
    with desk.database.write(desk.actor) as tx:
        order = Factory(tx).craft_order()
        assign = Factory(tx).craft_assign(order, tx.get(Resident, person))
    with desk.database.write(desk.actor) as tx:
        Factory(tx).craft_delivery(tx.get(CraftAssign, assign.id))

    lines = [line for line in view_of(desk, person).file.happenings if line.subject is not None]

    assert {(line.record_type, place_of(line)) for line in lines} == {
        ("enrolment", ("class_file", row.id)),
        ("craft_assign", ("crafts", order.id)),
        ("craft_delivery", ("crafts", order.id)),
    }


def test_what_the_district_said_of_a_seat_is_a_chip_on_its_line(desk: Store, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        make = Factory(tx)
        signed = make.enrolment(make.training_class(), tx.get(Resident, person))
    with desk.database.read() as tx:
        line = next(each for each in timeline.list_happenings(tx, person) if each.record_type == "enrolment")
    view = view_of(desk, person)
    said = [replace(line, op=str(n), act="district.decide", state=word) for n, word in enumerate(("候补", "已确认"))]

    shown = entries(replace(view, file=replace(view.file, happenings=tuple(said))))

    assert [(entry.chip, entry.chip_tone) for entry in shown if entry.key] == [("候补", "yellow"), ("已确认", "good")]
    assert signed.id == line.record_id


def test_a_sign_up_says_how_it_stands_now(desk: Store, person: str) -> None:
    with desk.database.write(desk.actor) as tx:
        make = Factory(tx)
        signed = make.enrolment(make.training_class(), tx.get(Resident, person)).id

    def said() -> list[str]:
        with desk.database.read() as tx:
            lines = timeline.list_happenings(tx, person)
        return [line.state for line in lines if line.record_id == signed]

    before = said()
    with desk.database.write(desk.actor) as tx:
        enrolments.drop(tx, signed, "01")

    assert before == ["待确认"]
    assert said() == ["退班", "退班"]
