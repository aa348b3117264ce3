"""A few runs of the simulation in every suite (the long ones: ``make soak args="sim"``), and the ledger itself."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.models.conflict import Conflict
from app.models.operation import Operation
from app.models.resident import Resident
from app.services import residents
from tests.sim import ledger, word
from tests.sim.agreement import differences
from tests.sim.machine import Simulation, examine, settle
from tests.sim.runs import run_one
from tests.sim.world import Machine, World

RUNS = {"sqlite": 5, "postgres": 3}


@pytest.mark.parametrize("engine", RUNS)
@pytest.mark.timeout(300)
def test_whatever_happens_nothing_acknowledged_is_lost(engine: str, request: pytest.FixtureRequest) -> None:
    database = engine if engine == "sqlite" else request.getfixturevalue("postgres_url")
    options = ["sim", "--runs", str(RUNS[engine]), "--seed", "1", "--database", database]

    done = subprocess.run(
        [sys.executable, "-m", "tests.sim.soak", *options],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("sim")
    world = World(f"sqlite:///{folder / 'district.db'}", folder)
    yield world
    world.close()


def test_a_seed_plays_the_very_same_run_again(stage: World) -> None:
    Simulation.world = stage
    played = []
    for seed in (61, 62, 61):
        assert run_one(seed) is None
        played.append(ledger.read_truth(stage).entries)

    assert played[0] == played[2] != played[1]


@pytest.fixture
def world(stage: World) -> Iterator[World]:
    with stage.run(1) as world:
        yield world


def edit(world: World, machine: Machine, **values: str) -> None:
    """Let somebody change the first resident's file, and note it as acknowledged."""
    with machine.database.write(machine.people[0]) as tx:
        person = tx.sql("SELECT id FROM resident ORDER BY id")[0][0]
        residents.edit_resident(tx, person, values)
    assert tx.op_id is not None
    world.ledger.note(machine, tx.op_id, "edit", {("resident", person, name): new for name, new in values.items()})


def test_a_quiet_day_leaves_nothing_to_blame(world: World) -> None:
    for number, machine in enumerate(world.counters * 4):
        edit(world, machine, mobile=f"199000001{number:02d}")
    world.sync(world.counters[0])

    settle(world)

    examine(world)
    assert len(world.ledger.acts) == 12


def test_the_ledger_sees_an_act_that_is_gone_from_the_district(world: World) -> None:
    edit(world, world.counters[0], mobile="19900000101")
    settle(world)
    with world.district.store.write() as connection:
        connection.execute(sa.text("DELETE FROM received_op WHERE op = :op"), {"op": world.ledger.acts[0].op})
        connection.execute(sa.text("DELETE FROM feed_entry WHERE op = :op"), {"op": world.ledger.acts[0].op})

    found = list(ledger.losses(world))

    assert any("unknown at the district" in each for each in found)
    assert any("the district has the numbers" in each for each in found)


def test_the_ledger_sees_an_act_that_is_gone_from_its_own_counter(world: World) -> None:
    north = world.counters[0]
    edit(world, north, mobile="19900000101")
    settle(world)
    with north.database.write(None) as tx:
        tx.session.connection().execute(
            sa.update(Operation).where(Operation.op == world.ledger.acts[0].op).values(origin="district")
        )

    assert any("gone from its own log" in each for each in ledger.losses(world))


def test_the_ledger_sees_a_value_that_was_overwritten_unseen(world: World) -> None:
    edit(world, world.counters[0], mobile="19900000101")
    edit(world, world.counters[1], mobile="19900000102", school="余杭中学")
    settle(world)
    assert list(ledger.losses(world)) == []
    with world.district.store.write() as connection:
        connection.execute(sa.text("UPDATE received_op SET stood_off = '[]'"))

    assert any("which never saw it" in each for each in ledger.losses(world))


@pytest.mark.parametrize("column", ["mobile", "rev"])
def test_the_ledger_sees_a_row_that_differs(world: World, column: str) -> None:
    settle(world)
    south = world.counters[1]
    with south.database.write(None) as tx, tx.applying():
        value = "19900009999" if column == "mobile" else 99
        tx.session.connection().execute(sa.update(Resident).values({column: value}))

    assert any("south" in each for each in differences(world))


def test_the_ledger_sees_a_ground_that_the_district_never_laid(world: World) -> None:
    north = world.counters[0]
    with north.database.write(north.people[0]) as tx:
        person = tx.sql("SELECT id FROM resident ORDER BY id")[0][0]
        tx.act("resident.edit")
        tx.change(tx.get(Resident, person), {"remark": "长" * 600})  # comes back, and lies on what the district says
    settle(world)
    assert list(differences(world)) == []
    with north.database.write(None) as tx:
        tx.session.connection().execute(
            sa.text("UPDATE server_row SET fields = json_set(fields, '$.mobile', '19900009999')")
        )

    [found] = differences(world)

    assert "north keeps as said of" in found


@pytest.mark.parametrize("along", [False, True])
def test_a_machine_that_hears_of_news_takes_it_in_at_once(world: World, along: bool) -> None:
    north, south = world.counters[:2]
    settle(world)
    edit(world, north, mobile="19900000101")
    world.sync(north)

    report = word.hear(world, south, along=along, send=True, weather=[])

    assert report is not None
    assert report.error is None
    with south.database.read() as tx:
        assert tx.sql("SELECT mobile FROM resident ORDER BY id")[0][0] == "19900000101"
    assert not [each for each in differences(world) if each.startswith("south")]


def both_change_the_mobile(world: World) -> tuple[ledger.Truth, ledger.Entry]:
    """Let two counters change one field; return what the district holds, and the entry of the question."""
    edit(world, world.counters[0], mobile="19900000101")
    edit(world, world.counters[1], mobile="19900000102")
    settle(world)
    truth = ledger.read_truth(world)
    assert list(ledger.losses(world, truth)) == []
    return truth, next(entry for entry in reversed(truth.entries) if entry.key[0] == "conflict")


def test_who_says_what_stands_anyway_has_written_nothing_that_its_writer_could_overwrite(world: World) -> None:
    north, south = world.counters[:2]
    edit(world, north, mobile="19900000101")
    edit(world, south, mobile="19900000101", school="余杭中学")
    world.sync(north)
    world.sync(south)

    edit(world, north, mobile="19900000102")  # it has not heard that the other said the same
    settle(world)

    examine(world)
    with south.database.read() as tx:
        assert tx.sql("SELECT mobile FROM resident ORDER BY id")[0][0] == "19900000102"


def test_a_value_that_stood_at_another_time_is_lost_if_nobody_is_asked(world: World) -> None:
    truth, question = both_change_the_mobile(world)
    person = truth.entries.index(next(each for each in truth.entries if each.key[0] == "resident"))
    once = {**truth.entries[person].values, "mobile": "19900000102"}
    truth.entries[person] = replace(truth.entries[person], values=once)
    truth.entries.remove(question)

    assert any("neither stood nor is it asked about" in each for each in ledger.losses(world, truth))


def test_the_ledger_sees_a_question_that_nobody_settled(world: World) -> None:
    truth, question = both_change_the_mobile(world)

    truth.entries.append(replace(question, values={**question.values, "state": "settled"}))

    assert any("nobody settled the question" in each for each in ledger.losses(world, truth))


def test_the_ledger_sees_a_question_that_asks_about_anothers_value_by_now(world: World) -> None:
    truth, question = both_change_the_mobile(world)
    ours = {**question.values["ours"], "op": world.ledger.acts[0].op}

    truth.entries.append(replace(question, values={**question.values, "ours": ours}))

    assert any("no longer asks about" in each for each in ledger.losses(world, truth))


def test_the_ledger_sees_what_the_program_set_aside_too_early(world: World) -> None:
    north = world.counters[0]
    edit(world, north, mobile="19900000101")
    act = world.ledger.acts[0]
    with north.database.write(None) as tx, tx.applying():
        connection = tx.session.connection()
        connection.execute(
            sa.update(Operation).where(Operation.op == act.op).values(state="withdrawn", code="superseded")
        )
        connection.execute(sa.update(Resident).where(Resident.id == act.edits[0][1]).values(mobile="19900000004"))

    assert [each.partition(": ")[2] for each in world.ledger.faults] == ["resident.mobile is nowhere"]


def test_what_was_withdrawn_and_is_still_shown_differs(world: World) -> None:
    settle(world)
    south = world.counters[1]
    with south.database.write(None) as tx:
        withdrawn = sa.update(Operation).where(Operation.state == "parked").values(state="withdrawn", code="taken_back")
        assert tx.session.connection().execute(withdrawn).rowcount

    assert any("which the district does not have" in each for each in differences(world))


def test_a_question_that_the_district_never_asked_differs(world: World) -> None:
    settle(world)
    south = world.counters[1]
    with south.database.write(None) as tx, tx.applying():
        connection = tx.session.connection()
        assert connection.execute(sa.update(Conflict).values(id="0" * 32, rev=0)).rowcount

    assert any("which the district does not have" in each for each in differences(world))


def test_what_a_counter_lost_with_its_disk_comes_back_if_it_was_sent(world: World) -> None:
    north = world.counters[0]
    world.keep(north)
    edit(world, north, mobile="19900000101")
    world.sync(north)
    edit(world, north, mobile="19900000102")

    world.fall_back(0)
    settle(world)

    examine(world)
    assert [len(world.ledger.lost), len(world.ledger.owed), len(world.ledger.acts)] == [2, 1, 0]
    with north.database.read() as tx:
        assert tx.sql("SELECT mobile FROM resident ORDER BY id")[0][0] == "19900000101"


def test_what_a_restored_district_had_not_got_again_is_not_owed_by_it(world: World) -> None:
    north = world.counters[0]
    world.keep(north)
    world.back_up()
    edit(world, north, mobile="19900000101")
    world.sync(north)
    world.restore(0)

    world.fall_back(0)
    settle(world)

    examine(world)
    assert [len(world.ledger.lost), len(world.ledger.owed)] == [1, 0]


def test_the_ledger_sees_what_is_owed_to_a_counter_and_does_not_come_back(world: World) -> None:
    north = world.counters[0]
    world.keep(north)
    edit(world, north, mobile="19900000101")
    settle(world)
    world.fall_back(0)
    settle(world)
    truth = ledger.read_truth(world)

    del truth.received[world.ledger.lost[0].op]
    truth = replace(truth, entries=[each for each in truth.entries if each.op in truth.received])

    assert any("after its counter fell back" in each for each in ledger.losses(world, truth))
