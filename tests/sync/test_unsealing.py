"""A feed that comes back to a device: the work that was sealed with it goes to the district after all, once."""

import json

import pytest
from sqlalchemy import text

from app.models.employer import Employer
from app.services import outbox, residents
from app.sync.feeds import export_sealed
from app.sync.membership import membership
from app.sync.sending import pending_ops
from tests.district.live import OTHER, STATION, running
from tests.sync.test_feeds import count, set_role
from tests.sync.test_grounds import fall_back, keep


@pytest.fixture
def district(tmp_path):
    """Run one engine: the counters' side is the same on both."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live


def states(counter):
    query = "SELECT o.act, o.state, o.code FROM operation o WHERE o.origin = 'local' ORDER BY o.seq"
    return [tuple(row) for row in counter.ask(lambda tx: tx.rows(text(query)))]


@pytest.fixture
def sealed(one, two, district):
    """Return a known and an unsent resident of counter one, whose work on both is sealed, its feed gone."""
    known = one.register("陆知夏")
    for each in (one, two):
        each.sync()
    unsent = one.register("冯巧云", mobile="19900000007")
    one.edit(unsent, remark="早班")
    one.edit(known, mobile="19900000008")
    set_role(district, one, "trainer")
    assert one.sync().sealed == 3
    return known, unsent


def test_sealed_work_goes_to_the_district_when_the_feed_comes_back(one, two, district, sealed):
    known, unsent = sealed
    two.edit(known, school="余杭中学")
    two.sync()

    set_role(district, one, "clerk")
    report = one.sync()
    two.sync()

    assert (report.error, report.agreed, report.parked) == (None, True, 0)
    for each in (one, two):
        assert (each.see(known).mobile, each.see(known).school) == ("19900000008", "余杭中学")
        assert (each.see(unsent).mobile, each.see(unsent).remark) == ("19900000007", "早班")
        assert each.see(unsent).rev > 0
    assert json.loads(one.ask(export_sealed))["sealed"] == []
    assert count(one, "server_row") == 0
    assert [entry.id for entry in one.ask(residents.search_residents, "fengqiaoyun")] == [unsent]


def test_while_it_waits_unsealed_work_is_shown_and_is_kept_by_a_kill(one, district, sealed):
    known, unsent = sealed
    set_role(district, one, "clerk")
    one.line.cut["push"] = 9

    assert not one.sync().ok
    one.reopen()

    assert (one.see(known).mobile, one.see(unsent).remark) == ("19900000008", "早班")
    assert one.ask(outbox.sync_summary).queued == 3
    one.line.cut.clear()
    assert one.sync().agreed
    assert one.see(unsent).rev > 0


def test_what_another_changed_meanwhile_is_asked_and_not_overwritten(one, two, district, sealed):
    known, _unsent = sealed
    two.edit(known, mobile="19900000009")
    two.sync()

    set_role(district, one, "clerk")
    one.sync()

    [question] = one.ask(outbox.list_conflicts)
    assert (question.field, one.see(known).mobile) == ("mobile", "19900000009")
    assert {question.ours["value"], question.theirs["value"]} == {"19900000008", "19900000009"}


def test_sealed_numbers_that_went_out_empty_are_said_anew(one, two, district, sealed):
    known, unsent = sealed
    set_role(district, one, "supervisor", station_code=OTHER)
    one.sync()
    one.act(lambda tx: tx.add(Employer.model_validate({"name": "云禾物业"})), "employer.add")
    assert one.sync().agreed  # the numbers of what is sealed are used by now, empty
    assert one.see(unsent) is None

    set_role(district, one, "supervisor", station_code=STATION)
    assert one.sync().agreed
    two.sync()

    assert (two.see(known).mobile, two.see(unsent).remark) == ("19900000008", "早班")
    first, again = states(one)[1:4], states(one)[5:]
    assert first == [(act, "withdrawn", "resent") for act, _state, _code in again]
    assert [state for _act, state, _code in again] == ["applied"] * 3


def test_what_went_out_empty_and_is_unsent_again_after_a_fall_is_said_anew(one, two, district):
    known = one.register("陆知夏")
    one.sync()
    unsent = one.register("冯巧云", mobile="19900000007")
    one.edit(known, mobile="19900000008")
    night = keep(one)
    set_role(district, one, "supervisor", station_code=OTHER)
    assert one.sync().sealed == 2
    one.act(lambda tx: tx.add(Employer.model_validate({"name": "云禾物业"})), "employer.add")
    assert one.sync().agreed  # the numbers of what is sealed are used by now, empty
    fall_back(one, night)

    set_role(district, one, "supervisor", station_code=STATION)
    report = one.sync()
    one.sync()
    two.sync()

    assert (report.error, report.parked) == (None, 0)
    for each in (one, two):
        assert each.see(known).mobile == "19900000008"
        assert (each.see(unsent).mobile, each.see(unsent).rev > 0) == ("19900000007", True)
    assert one.ask(outbox.sync_summary).queued == 0
    assert count(one, "server_row") == 0


def test_what_was_sealed_on_a_used_number_does_not_move_what_was_answered(one, two, district):
    known = one.register("陆知夏")
    one.sync()
    night = keep(one)
    one.edit(known, remark="早班")
    one.sync()
    fall_back(one, night)
    one.edit(known, mobile="19900000008")  # on a number that is used by now
    set_role(district, one, "supervisor", station_code=OTHER)
    one.sync()
    one.act(lambda tx: tx.add(Employer.model_validate({"name": "云禾物业"})), "employer.add")
    assert one.sync().agreed

    set_role(district, one, "supervisor", station_code=STATION)
    one.sync()
    one.edit(known, school="余杭中学")
    report = one.sync()
    two.sync()

    assert (report.error, report.agreed) == (None, True)
    for each in (one, two):
        assert (each.see(known).mobile, each.see(known).school) == ("19900000008", "余杭中学")


def test_numbers_that_went_out_empty_from_a_trainers_laptop_are_said_anew_too(one, two, district, sealed):
    known, unsent = sealed
    member = one.ask(membership)
    answers, _expect = one.line.inner.push(member.epoch, one.ask(lambda tx: pending_ops(tx, member.device, 2)))
    assert [each.code for each in answers] == ["not_allowed"] * 3  # a trainer's laptop may not even say that

    set_role(district, one, "clerk")
    assert one.sync().agreed
    two.sync()

    assert (two.see(known).mobile, two.see(unsent).remark) == ("19900000008", "早班")
    assert [act for act, state, _code in states(one) if state == "parked"] == []


def test_what_the_district_refuses_of_it_is_parked_like_any_other(one, district):
    one.sync()
    one.register("冯巧云", remark="长" * 600, raw=True)
    set_role(district, one, "trainer")
    one.sync()

    set_role(district, one, "clerk")
    assert one.sync().ok

    assert [each[1:] for each in states(one)] == [("withdrawn", "resent"), ("parked", "too_long")]


def test_what_the_district_had_taken_before_it_was_sealed_is_not_said_twice(one, two, district):
    for each in (one, two):
        each.sync()
    unsent = one.register("冯巧云")
    one.line.lose_reply["push"] = 1
    one.sync()
    set_role(district, one, "trainer")
    assert one.sync().sealed == 1

    set_role(district, one, "clerk")
    assert one.sync().agreed

    assert states(one) == [("resident.register", "applied", None)]
    assert one.see(unsent).rev > 0


def test_work_on_what_is_not_here_stays_sealed(one, two, district, sealed):
    set_role(district, one, "supervisor", station_code=OTHER)

    assert one.sync().agreed

    assert len(json.loads(one.ask(export_sealed))["sealed"]) == 3
    assert count(one, "resident") == 0


def test_lost_and_given_back_twice_it_has_one_effect(one, two, district, sealed):
    known, unsent = sealed
    for _time in range(2):
        set_role(district, one, "clerk")
        one.line.cut["push"] = 1
        one.sync()
        set_role(district, one, "trainer")
        one.sync()
    set_role(district, one, "clerk")

    assert one.sync().agreed
    two.sync()

    assert (two.see(known).mobile, two.see(unsent).remark) == ("19900000008", "早班")
    assert count(two, "resident") == 2
    assert two.ask(outbox.list_conflicts) == ()
