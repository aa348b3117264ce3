"""The simulation as a hypothesis state machine: anything may happen at any time, and after the dust nothing is lost."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any

from hypothesis import assume, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.district.verify import verify
from app.sync.engine import SyncReport
from tests.sim import acts, ledger, lessons, roads, word
from tests.sim.agreement import differences
from tests.sim.air import FAULTS
from tests.sim.chains import chain_faults
from tests.sim.fairness import unfair
from tests.sim.world import YEARS, Machine, World

WHO = st.integers(0, 2)
ANYBODY = st.integers(0, 3)
SEED = st.integers(0, 2**16)
WEATHER = st.lists(st.sampled_from(FAULTS), min_size=1, max_size=9)
ANY_ACT = (*acts.ORDINARY, *acts.AWKWARD, *lessons.OFFICE)
STATEMENT = st.integers(1, 60)
BREAKS = st.sampled_from((None, None, None, 2, 4, 5, 7, 9, 11))
"""After so many pieces a line between two counters is dead."""
ROUNDS = 12
"""So many rounds of everybody synchronising on a good line must bring rest."""


def _some(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=5)


def step(method: Callable[..., None]) -> Callable[..., None]:
    """Note that a step failed: then there is nothing to look at in the end."""

    @wraps(method)
    def watched(self: "Simulation", **values: Any) -> None:
        self.whole = False
        method(self, **values)
        self.whole = True

    return watched


class Simulation(RuleBasedStateMachine):
    """Three counters, a trainer's laptop and a district."""

    world: World
    """Set by whoever runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = False
        self._ends = ExitStack()

    @initialize(lot=st.integers(0, 2**32))
    @step
    def begin(self, lot: int) -> None:
        assume(lot != 0)  # hypothesis begins with the simplest of all runs, in which nothing happens
        self._ends.enter_context(self.world.run(lot))

    def _machine(self, who: int) -> Machine:
        return self.world.machines[who]

    # Work

    @rule(who=WHO, names=_some(acts.ORDINARY), seed=SEED)
    @step
    def work(self, who: int, names: list[str], seed: int) -> None:
        self._do(who, names, seed)

    @rule(name=st.sampled_from(acts.RIVAL), seed=SEED)
    @step
    def both_do_the_same(self, name: str, seed: int) -> None:
        for who in (0, 1):
            self._do(who, [name], seed)

    @rule(who=WHO, names=_some(acts.AWKWARD), seed=SEED)
    @step
    def work_awkwardly(self, who: int, names: list[str], seed: int) -> None:
        self._do(who, names, seed)

    @rule(who=WHO, names=_some(acts.MENDING), seed=SEED)
    @step
    def put_in_order(self, who: int, names: list[str], seed: int) -> None:
        self._do(who, names, seed)

    @rule(who=ANYBODY, names=_some(lessons.OFFICE), called=_some(lessons.CLASSROOM), seed=SEED)
    @step
    def hold_a_class(self, who: int, names: list[str], called: list[str], seed: int) -> None:
        self._do(who, called if self._machine(who).role == "trainer" else names, seed)

    @rule(seed=SEED, name=st.sampled_from(("call", "call", "call_all")))
    @step
    def all_call_the_roll(self, seed: int, name: str) -> None:
        for who in (0, 1, 3):
            self._do(who, [name], seed)

    def _do(self, who: int, names: list[str], seed: int) -> None:
        for number, name in enumerate(names):
            note(self.world.act(self._machine(who), name, seed + number))

    @rule(who=WHO, seed=SEED)
    @step
    def withdraw(self, who: int, seed: int) -> None:
        note(self.world.withdraw(self._machine(who), seed))

    @rule(who=ANYBODY, act=st.sampled_from(ANY_ACT), seed=SEED, at=STATEMENT, after=st.booleans())
    @step
    def die_at_work(self, who: int, act: str, seed: int, at: int, after: bool) -> None:
        machine = self._machine(who)
        if machine.role == "trainer":
            act = lessons.CLASSROOM[seed % len(lessons.CLASSROOM)]
        machine.kill_at, machine.kill_after = (0, True) if after else (at, False)
        note(self.world.act(machine, act, seed))
        machine.kill_at, machine.kill_after = 0, False

    # Synchronising

    @rule(who=ANYBODY)
    @step
    def sync(self, who: int) -> None:
        note(str(self.world.sync(self._machine(who))))

    @rule(who=ANYBODY, weather=WEATHER)
    @step
    def sync_in_bad_weather(self, who: int, weather: list[str]) -> None:
        machine = self._machine(who)
        self.world.line(machine).weather.extend(weather)
        note(str(self.world.sync(machine)))
        self.world.line(machine).weather.clear()

    @rule()
    @step
    def sync_all(self) -> None:
        for machine in self.world.machines:
            self.world.sync(machine)

    @rule(who=ANYBODY, at=st.integers(1, 250), weather=WEATHER)
    @step
    def die_while_synchronising(self, who: int, at: int, weather: list[str]) -> None:
        machine = self._machine(who)
        self.world.line(machine).weather.extend(weather[:2])
        machine.kill_at = at
        self.world.sync(machine)
        machine.kill_at = 0
        self.world.line(machine).weather.clear()

    @rule(who=ANYBODY, along=st.booleans(), send=st.booleans(), at=st.integers(-200, 100), weather=WEATHER)
    @step
    def hear_of_news(self, who: int, along: bool, send: bool, at: int, weather: list[str]) -> None:
        machine = self._machine(who)
        machine.kill_at = max(0, at)
        note(str(word.hear(self.world, machine, along=along, send=send, weather=weather[1:3])))

    @rule(who=WHO, size=st.sampled_from((1, 2, 3, 7, 500)))
    @step
    def set_page(self, who: int, size: int) -> None:
        machine = self._machine(who)
        machine.page = machine.engine._page = size

    @rule(who=WHO)
    @step
    def let_late_ones_arrive(self, who: int) -> None:
        self.world.air.arrive(self.world.line(self._machine(who)))

    # Other roads

    @rule(pair=st.sampled_from(((0, 1), (1, 0), (0, 2), (2, 1))), breaks=BREAKS, at=st.integers(-200, 100))
    @step
    def exchange_with_a_neighbour(self, pair: tuple[int, int], breaks: int | None, at: int) -> None:
        first, second = (self._machine(who) for who in pair)
        first.kill_at = max(0, at)
        note(roads.exchange(self.world, first, second, breaks_after=breaks))
        first.kill_at = 0

    @rule(who=WHO, at=st.integers(-60, 60))
    @step
    def carry_a_stick_there_and_back(self, who: int, at: int) -> None:
        note(roads.make_stick(self.world, self._machine(who), for_station=False))
        self.world.district.kill_at = max(0, at)
        note(roads.bring(self.world, -1))
        self.world.district.kill_at = 0
        note(roads.take(self.world, self._machine(who), -1))

    @rule(who=WHO, for_station=st.booleans())
    @step
    def make_a_stick(self, who: int, for_station: bool) -> None:
        note(roads.make_stick(self.world, self._machine(who), for_station=for_station))

    @rule(which=st.integers(0, 5))
    @step
    def bring_a_stick(self, which: int) -> None:
        note(roads.bring(self.world, which))

    @rule(who=WHO, which=st.integers(0, 5), at=st.integers(-200, 100), cut=st.none() | SEED)
    @step
    def take_a_stick(self, who: int, which: int, at: int, cut: int | None) -> None:
        machine = self._machine(who)
        machine.kill_at = max(0, at)
        note(roads.take(self.world, machine, which, spoil=None if cut is None else random.Random(cut)))
        machine.kill_at = 0

    # What befalls machines

    @rule(who=WHO)
    @step
    def restart(self, who: int) -> None:
        self._machine(who).close()
        self._machine(who).open()

    @rule(who=ANYBODY, year=st.sampled_from(YEARS))
    @step
    def clock_goes_wrong(self, who: int, year: int) -> None:
        self.world.set_year(self._machine(who), year)

    @rule(who=ANYBODY, seconds=st.integers(-90_000, 90_000))
    @step
    def clock_is_set(self, who: int, seconds: int) -> None:
        self._machine(who).offset = timedelta(seconds=seconds)

    @rule(year=st.sampled_from((2025, 2026, 2026, 2030)))
    @step
    def clock_of_the_district_goes_wrong(self, year: int) -> None:
        self.world.set_year(self.world.district, year)

    @rule(who=ANYBODY, names=_some(acts.ORDINARY), seed=SEED, back=st.sampled_from((True, True, False)))
    @step
    def revoke(self, who: int, names: list[str], seed: int, back: bool) -> None:
        machine = self._machine(who)
        if self.world.knows(machine):
            self.world.district.revoke(self.world.device_of(machine))
        self._do(who, ["call"] if machine.role == "trainer" else names, seed)
        self.world.sync(machine)
        if back:
            self.world.join(machine)

    @rule(who=WHO, names=_some(acts.ORDINARY), seed=SEED, at=st.integers(-150, 150), weather=WEATHER)
    @step
    def lose_a_feed_for_a_while(self, who: int, names: list[str], seed: int, at: int, weather: list[str]) -> None:
        machine = self._machine(who)
        device = self.world.device_of(machine)
        self._do(who, names[:2], seed)
        self.world.district.set_role(device, "trainer")
        machine.kill_at = max(0, at)
        self.world.line(machine).weather.extend(weather[:1])
        note(str(self.world.sync(machine)))
        self.world.line(machine).weather.clear()
        self._do(who, names[2:], seed)
        self.world.district.set_role(device, machine.role)

    @rule(who=ANYBODY)
    @step
    def keep(self, who: int) -> None:
        self.world.keep(self._machine(who))

    @rule(which=st.integers(0, 5))
    @step
    def fall_back(self, which: int) -> None:
        self.world.fall_back(which)

    @rule(who=ANYBODY)
    @step
    def join_again(self, who: int) -> None:
        self.world.join(self._machine(who))

    # What befalls the district

    @rule()
    @step
    def back_up(self) -> None:
        self.world.back_up()

    @rule(which=st.integers(0, 5))
    @step
    def restore(self, which: int) -> None:
        self.world.restore(which)

    @rule(number=st.integers(0, 3), value=st.integers(0, 99))
    @step
    def upgrade_the_district(self, number: int, value: int) -> None:
        self.world.write_future(number, value)

    @rule(who=WHO, schema=st.sampled_from((2, 5, 7, 8)))
    @step
    def program_of_another_version(self, who: int, schema: int) -> None:
        self.world.line(self._machine(who)).schema = schema

    # The end

    def teardown(self) -> None:
        with self._ends:
            if self.whole:
                with _blaming("after the dust"):
                    settle(self.world)
                    examine(self.world)


@contextmanager
def _blaming(_when: str) -> Iterator[None]:
    yield


def settle(world: World) -> None:
    """Let the weather be good until everybody has everything, and see that then nothing moves any more.

    A machine is at rest when it agreed with the district, has nothing to send and nothing new to fetch. That this is
    so, one of them shows by a further run, another each time.
    """
    for line in world.air.lines.values():
        line.weather.clear()
        line.schema = None
        while line.late:
            world.air.arrive(line)
    for machine in world.machines:
        machine.last = None
    for _round in range(ROUNDS):
        world.district.rule()
        restless = [machine for machine in world.machines if not world.at_rest(machine)]
        if not restless:
            break
        for machine in restless:
            _in_good_weather(world, machine)
    else:
        raise AssertionError(f"no rest after {ROUNDS} rounds")
    witness = world.machines[world.district.dice.randrange(len(world.machines))]
    report = _in_good_weather(world, witness)
    moved = report.pushed + report.pulled + report.repaired + int(report.epoch_changed)
    assert not moved, f"{witness.name} was at rest, and yet: {report}"


def _in_good_weather(world: World, machine: Machine) -> SyncReport:
    """Synchronise, after joining again if it must be; nothing may go wrong."""
    report = world.sync(machine)
    assert report is not None
    if report.locked_out:
        assert world.join(machine)
        report = world.sync(machine)
        assert report is not None
    assert report.error is None, (machine.name, report)
    return report


def examine(world: World) -> None:
    """Look at everything with the ledger's eyes, and with the district's own."""
    truth = ledger.read_truth(world)
    faults = [*ledger.losses(world, truth), *differences(world, truth), *unfair(world, truth)]
    faults += chain_faults(world)
    with world.district.store.read() as connection:
        faults += verify(connection).faults
    assert not faults, "\n".join(faults[:12])
