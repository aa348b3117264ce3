"""Seats of classes: the district decides in its own order; two counters offline never oversell; both are told."""

import uuid

import pytest
import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.rulings import catch_up, undecided
from app.district.verify_rulings import RulingFacts
from app.models.district import RulingCursor, SeatClaim
from tests.district.live import OTHER, Client, Live, make
from tests.district.test_rulings import NOW, faults, standing, update


@pytest.fixture
def other(district: Live) -> Client:
    """Return an enrolled counter of another station."""
    return district.client(station=OTHER)


def held_class(client: Client, seats: int | None, **values: object) -> str:
    number = f"PX330110261101-{uuid.uuid4().int % 10**4:04d}"
    days = {"start_on": "2026-12-01", "end_on": "2026-12-20"}
    edit = make("training_class", class_no=number, course_id="c", title="家政", seats=seats, **{**days, **values})
    assert client.one(edit)["outcome"] == "applied"
    return edit["id"]


def sign_up(client: Client, class_id: str, **values: object) -> str:
    number = f"BM330110261101-{uuid.uuid4().int % 10**4:04d}"
    about = {"resident_id": str(uuid.uuid4()), "name": "郑阿菊", "enrolled_on": "2026-11-10"}
    edit = make("enrolment", enrol_no=number, class_id=class_id, **{**about, **values})
    assert client.one(edit)["outcome"] == "applied"
    return edit["id"]


def seats(live: Live, *people: str) -> list[str | None]:
    return [standing(live, "enrolment", each)["seat"] for each in people]


def test_seats_go_by_arrival_over_all_stations_and_the_next_moves_up(
    district: Live, clerk: Client, other: Client
) -> None:
    group = held_class(clerk, 2)
    people = [sign_up(client, group) for client in (other, clerk, other, clerk)]
    assert seats(district, *people) == ["1", "1", "2", "2"]

    update(district, other, "enrolment", people[0], state="40", drop_reason="01")
    assert seats(district, *people) == [None, "1", "1", "2"]
    update(district, clerk, "enrolment", people[1], deleted_at=NOW)

    assert seats(district, *people) == [None, None, "1", "1"]
    assert faults(district) == ()


def test_who_is_put_ahead_gets_the_next_seat_and_takes_nobodys(district: Live, clerk: Client) -> None:
    group = held_class(clerk, 1)
    people = [sign_up(clerk, group) for _n in range(3)]
    update(district, clerk, "enrolment", people[2], ahead=True, ahead_why="就业困难人员优先")
    assert seats(district, *people) == ["1", "2", "2"]

    update(district, clerk, "enrolment", people[0], state="40", drop_reason="01")

    assert seats(district, *people) == [None, "2", "1"]


def test_a_confirmed_seat_stays_when_somebody_comes_back_or_there_are_fewer(district: Live, clerk: Client) -> None:
    group = held_class(clerk, 2)
    first, second, third = (sign_up(clerk, group) for _n in range(3))
    update(district, clerk, "enrolment", first, state="40", drop_reason="01")
    update(district, clerk, "enrolment", first, state="10", drop_reason=None)

    assert seats(district, first, second, third) == ["2", "1", "1"]
    update(district, clerk, "training_class", group, seats=1)
    assert seats(district, first, second, third) == ["2", "1", "1"]
    update(district, clerk, "training_class", group, seats=3)
    assert seats(district, first, second, third) == ["1", "1", "1"]
    assert faults(district) == ()


def test_a_sign_up_that_came_before_its_class_waits_for_it(district: Live, clerk: Client) -> None:
    group = str(uuid.uuid4())
    early = sign_up(clerk, group)
    assert seats(district, early) == [None]

    days = {"start_on": "2026-12-01", "end_on": "2026-12-20", "seats": 1}
    clerk.one(make("training_class", group, class_no="PX330110261101-0001", course_id="c", title="家政", **days))

    assert seats(district, early) == ["1"]


def test_a_sign_up_moved_to_another_class_frees_its_seat(district: Live, clerk: Client) -> None:
    one, two = held_class(clerk, 1), held_class(clerk, 1)
    first, second = sign_up(clerk, one), sign_up(clerk, one)

    update(district, clerk, "enrolment", first, class_id=two)

    assert seats(district, first, second) == ["1", "1"]


def test_what_was_decided_is_the_districts_act(district: Live, clerk: Client) -> None:
    group = held_class(clerk, 1)
    sign_up(clerk, group)
    trainer = district.client("trainer")

    told = [entry for entry in trainer.everything() if entry["type"] == "enrolment"]

    assert [(entry["act"], entry["values"]["seat"]) for entry in told][-1] == ("district.decide", "1")


def test_deciding_again_from_the_start_changes_nothing(district: Live, clerk: Client) -> None:
    group = held_class(clerk, 1)
    people = [sign_up(clerk, group) for _n in range(3)]
    before = clerk.heads()
    with district.store.write() as connection:
        connection.execute(sa.delete(table_of(RulingCursor)))

    catch_up(district.store)

    assert clerk.heads() == before
    assert seats(district, *people) == ["1", "2", "2"]
    with district.store.read() as connection:
        assert not undecided(connection)
        claim = table_of(SeatClaim)
        kept = connection.scalars(sa.select(claim.c.enrolment_id).order_by(claim.c.seq)).all()
    assert kept == people


def test_a_seat_that_nobody_could_have_decided_is_found_by_verify(district: Live) -> None:
    values = {"class_id": "k", "state": "10", "seat": None, "ahead": False, "deleted_at": None}
    records = [
        (("training_class", "k"), {"seats": 1}),
        (("enrolment", "a"), {**values, "state": "40", "seat": "1"}),
        (("enrolment", "b"), {**values, "seat": "2"}),
    ]

    with district.store.read() as connection:
        facts = RulingFacts(connection)
        facts.take("training/330110", records)
        found = facts.faults()

    assert found == ["class k: 1 have seat 2, should be 0", "class k: 0 have seat None, should be 1"]
