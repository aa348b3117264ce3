"""The other roads of a simulation: two counters on the station's network, and files on a stick.

The network is a line in this process. Only one side runs at a time, until it waits for the other, so that a seed
replays; everything above the line is real, the proof of the key and the sealing of each message too.
"""

import random
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import ExternalError, UserError
from app.sync.carrying import make_packet, take_packet
from app.sync.lan_session import Seen, accept, connect
from app.sync.lan_talk import talk
from app.sync.neighbours import station_keys
from app.sync.packet import TO_DISTRICT, TO_STATION
from tests.sim.air import Killed
from tests.sim.times import Times

if TYPE_CHECKING:
    from tests.sim.world import Machine, World


class Wire:
    """A line between two sides. ``breaks_after``: so many pieces go through it, then it is dead."""

    def __init__(self, times: Times, breaks_after: int | None) -> None:
        self._times = times
        self._left = breaks_after
        self._baton = threading.Condition()
        self._turn = 0
        self._over = [False, False]
        self._waiting: list[bytearray] = [bytearray(), bytearray()]

    def run(self, sides: tuple[Callable[["End"], None], Callable[["End"], None]]) -> list[BaseException | None]:
        """Let both sides talk until both have ended; return what each ended with."""
        ended: list[BaseException | None] = [None, None]

        def live(which: int) -> None:
            self._wait_for_turn(which)
            try:
                sides[which](End(self, which))
            except BaseException as problem:  # noqa: BLE001 - handed on to whoever let them talk
                ended[which] = problem
            with self._baton:
                self._over[which] = True
                self._turn = 1 - which
                self._baton.notify_all()

        before = self._times.offset
        threads = [threading.Thread(target=live, args=(which,), daemon=True) for which in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._times.offset = before
        return ended

    def _wait_for_turn(self, which: int) -> None:
        with self._baton:
            self._baton.wait_for(lambda: self._turn == which or self._over[1 - which])

    def send(self, which: int, content: bytes) -> None:
        """Carry a piece to the other side."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise ConnectionResetError
        self._waiting[1 - which] += content

    def receive(self, which: int, size: int) -> bytes:
        """Return what came; where nothing has, let the other side go on until it waits, too."""
        while not self._waiting[which]:
            if self._over[1 - which] or (self._left is not None and self._left < 0):
                return b""
            mine = self._times.offset
            with self._baton:
                self._turn = 1 - which
                self._baton.notify_all()
            self._wait_for_turn(which)
            self._times.offset = mine
        piece = bytes(self._waiting[which][:size])
        del self._waiting[which][:size]
        return piece


class End:
    """One end of a wire, as the program sees a socket."""

    def __init__(self, wire: Wire, which: int) -> None:
        self._wire, self._which = wire, which

    def sendall(self, content: bytes) -> None:
        self._wire.send(self._which, bytes(content))

    def recv(self, size: int) -> bytes:
        return self._wire.receive(self._which, size)

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing is waited for here: who is silent has ended."""

    def close(self) -> None:
        """Do nothing: an end ends with its side."""


def exchange(world: "World", first: "Machine", second: "Machine", *, breaks_after: int | None) -> str:
    """Let two counters exchange what each lacks; return how it went."""

    def side(machine: "Machine", *, calls: bool) -> Callable[[Any], None]:
        def run(end: Any) -> None:
            with world.times.at(machine.offset):
                with machine.database.read() as tx:
                    keys = station_keys(tx)
                channel = connect(end, keys) if calls else accept(end, keys, Seen())
                talk(channel, machine.database, first=calls)

        return run

    ended = Wire(world.times, breaks_after).run((side(first, calls=True), side(second, calls=False)))
    told = []
    for machine, problem in zip((first, second), ended, strict=True):
        machine.last = None
        told.append("done" if problem is None else _met(machine, problem))
    return " ".join(told)


def _met(machine: "Machine", problem: BaseException) -> str:
    """Take up after what a machine met; what is no trouble of the world is a fault."""
    if isinstance(problem, Killed):
        machine.start_again()
        return "killed"
    if isinstance(problem, ExternalError | UserError):
        return problem.code
    raise problem


@dataclass
class Stick:
    """A file that a machine made, and the district's answer to it, if it was brought there."""

    maker: "Machine"
    path: Path
    purpose: str

    @property
    def answer(self) -> Path:
        return self.path.with_suffix(".answer")


def make_stick(world: "World", machine: "Machine", *, for_station: bool) -> str:
    """Let a counter write what it carries to a file."""
    path = world.folder / f"stick-{len(world.sticks)}.dsp"
    for each in (path, path.with_suffix(".answer")):
        each.unlink(missing_ok=True)
    purpose = TO_STATION if for_station else TO_DISTRICT
    with world.times.at(machine.offset):
        try:
            make_packet(machine.database, path, purpose=purpose)
        except (ExternalError, Killed) as problem:
            return _met(machine, problem)
    world.sticks.append(Stick(machine, path, purpose))
    return "done"


def bring(world: "World", which: int) -> str:
    """Let the district take one of the files, a new one or an old one, and write its answer."""
    if not world.sticks:
        return "nothing to do"
    stick = world.sticks[which % len(world.sticks)]
    return world.district.take(stick.path, stick.answer)


def take(world: "World", machine: "Machine", which: int, *, spoil: random.Random | None = None) -> str:
    """Let a counter take a file: a neighbour's, or an answer, its own or not. ``spoil``: the file is cut off before."""
    if not world.sticks:
        return "nothing to do"
    stick = world.sticks[which % len(world.sticks)]
    path = stick.path if stick.purpose == TO_STATION else stick.answer
    if not path.exists():
        return "nothing to do"
    if spoil is not None:
        cut = path.with_suffix(".cut")
        shutil.copyfile(path, cut)
        with cut.open("r+b") as file:
            file.truncate(spoil.randrange(path.stat().st_size))
        path = cut
    machine.last = None
    with world.times.at(machine.offset):
        try:
            take_packet(machine.database, path, page=machine.page)
        except (ExternalError, UserError, Killed) as problem:
            return _met(machine, problem)
    assert spoil is None, "a file that was cut off was taken"
    return "done"
