"""The simulation's own eyes on seats, places and marks see what is wrong with them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.models.attendance import Attendance
from app.services.training import marking
from tests.sim.fairness import unfair
from tests.sim.ledger import Truth, read_truth
from tests.sim.machine import settle
from tests.sim.world import World


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("fair")
    world = World(f"sqlite:///{folder / 'district.db'}", folder)
    yield world
    world.close()


@pytest.fixture
def world(stage: World) -> Iterator[World]:
    """Return a world in which two people have seats and one has a place, with nothing to blame."""
    with stage.run(1) as world:
        settle(world)
        assert list(unfair(world, read_truth(world))) == []
        yield world


def having(truth: Truth, kind: str, **values: Any) -> Truth:
    """Return what the district holds with other values in the records of a type, and in their entries."""
    for key, (feed, rev, there) in truth.heads.items():
        if key[0] == kind:
            truth.heads[key] = (feed, rev, {**there, **values})
    entries = [
        replace(each, values={**each.values, **values}) if each.key[0] == kind else each for each in truth.entries
    ]
    return replace(truth, entries=entries)


def test_a_seat_given_twice_is_seen(world: World) -> None:
    truth = having(read_truth(world), "training_class", seats=1)

    assert any("2 confirmed seats" in each for each in unfair(world, truth))


def test_somebody_who_waits_for_a_free_seat_is_seen(world: World) -> None:
    truth = having(read_truth(world), "enrolment", seat="2")

    assert any("waits for a seat" in each for each in unfair(world, truth))


def test_a_place_held_twice_is_seen(world: World) -> None:
    truth = having(read_truth(world), "vacancy", openings=0)

    assert any("1 places of" in each for each in unfair(world, truth))


def test_a_mark_that_stands_though_a_later_one_came_is_seen(world: World) -> None:
    north, laptop = world.counters[0], world.machines[3]
    for machine, code in ((laptop, "1"), (north, "0")):
        with machine.database.write(machine.people[0]) as tx:
            lesson = tx.sql("SELECT id FROM lesson ORDER BY id")[0][0]
            person = tx.sql("SELECT id FROM enrolment ORDER BY id")[0][0]
            marking.mark(tx, lesson, person, code)
    settle(world)
    assert list(unfair(world, read_truth(world))) == []

    with laptop.database.write(None) as tx, tx.applying():
        last = tx.sql("SELECT max(rev) FROM attendance")[0][0]
        tx.session.connection().execute(sa.update(Attendance).where(Attendance.rev == last).values(rev=1))

    assert any(each.startswith("laptop shows of") for each in unfair(world, read_truth(world)))
