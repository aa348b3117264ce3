"""The machines of a simulation: counters with encrypted files, a trainer's laptop, the air, and a district.

One world serves many runs: each begins from the same scene, which was played once through the real parts.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.db.restore import _note_restore
from app.district import accounts
from app.errors import UserError
from app.services import employers, referrals, residents, staff, vacancies, withdrawing
from app.sync.engine import SyncEngine, SyncReport, enrol
from tests.factories import EMPLOYER, NOTICE, REGISTRATION, RESIDENT, VACANCY, fictional_id, fictional_uscc
from tests.sim import acts, ledger, lessons
from tests.sim.agreement import feeds_of
from tests.sim.air import Air, Killed, Line
from tests.sim.district import District, Rows
from tests.sim.ledger import Ledger
from tests.sim.roads import Stick
from tests.sim.times import START, Times

KEY = bytes(range(32))
STATION, OTHER = "330110012001", "330110012002"
ACTS = {**acts.ACTS, **lessons.ACTS}
YEARS = (1970, 1999, 2025, 2027, 2050)

PEOPLE = (("陶丽华", ("supervisor", "clerk")), ("方静", ("clerk",)), ("周予安", ("clerk",)))
IDS = "0198f3c2-7d10-7c3e-9a55-00000000"
STAFF = {
    station: tuple(Actor(f"{IDS}{mark}00{n}", name, frozenset(roles)) for n, (name, roles) in enumerate(PEOPLE))
    for station, mark in ((STATION, "a"), (OTHER, "b"))
}
"""The people of each station: a supervisor and two clerks."""


@dataclass
class Machine:
    """One PC. ``kill_at``: the plug is pulled before its so-many-th statement from now; ``kill_after``: once it has
    committed. ``offset``: how wrong its clock is. ``last``: what its last run of the sync told.
    ``look``: told of each commit, before it is.
    """

    name: str
    role: str
    station: str
    path: Path
    database: Database = field(init=False)
    engine: SyncEngine = field(init=False)
    offset: timedelta = timedelta(0)
    page: int = 500
    kill_at: int = 0
    kill_after: bool = False
    last: SyncReport | None = None
    look: Callable[[str, sa.Connection], None] | None = None

    @property
    def people(self) -> tuple[Actor, ...]:
        return STAFF[self.station] if self.role != "trainer" else (lessons.TRAINER,) * 3

    @property
    def url(self) -> str:
        return f"http://{self.name}.sim"

    def open(self) -> None:
        """Start the program: fresh connections, for ``close`` ended the old ones; statements stay compiled."""
        self.engine = SyncEngine(self.database, page=self.page, snapshot_from=10**9)

    def __post_init__(self) -> None:
        self.database = Database(self.path, KEY)
        event.listen(self.database.engine, "before_cursor_execute", self._count)
        event.listen(self.database.engine, "commit", self._before_commit)
        self.database.on_commit.append(self._committed)

    def close(self) -> None:
        """End the program."""
        self.engine.close()
        self.database.close()

    def _count(self, *_args: Any) -> None:
        if self.kill_at:
            self.kill_at -= 1
            if self.kill_at == 0:
                self._pull_the_plug()

    def _before_commit(self, connection: sa.Connection) -> None:
        self._count()
        if self.look is not None:
            before, self.kill_at = self.kill_at, 0
            self.look(self.name, connection)
            self.kill_at = before

    def _committed(self, _touched: frozenset[str]) -> None:
        if self.kill_after:
            self.kill_after = False
            self._pull_the_plug()

    def _pull_the_plug(self) -> None:
        """Keep the files as they lie on the disk at this very statement."""
        for end in ("", "-wal"):
            if self._beside(end).exists():
                shutil.copyfile(self._beside(end), self._beside(end + ".crash"))
        raise Killed

    def _beside(self, end: str) -> Path:
        return self.path.with_name(self.path.name + end)

    def lay_down(self, path: Path) -> None:
        """Put a copy of a file in the place of the closed store."""
        for end in ("", "-wal", "-shm", ".crash", "-wal.crash"):
            self._beside(end).unlink(missing_ok=True)
        shutil.copyfile(path, self.path)

    def start_again(self) -> None:
        """Start after the plug was pulled: with the files as they lay then, not as an orderly end left them."""
        self.kill_at, self.kill_after = 0, False
        self.close()
        for end in ("-wal", "-shm"):
            self._beside(end).unlink(missing_ok=True)
        for end in ("", "-wal"):
            if self._beside(end + ".crash").exists():
                self._beside(end + ".crash").replace(self._beside(end))
        self.open()


class World:
    """Everything of a simulation. ``begin`` sets the scene of one run; what happens then is told by its methods."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.times = Times()
        self.times.begin(0)
        with self.times.in_charge():
            self.district = District(url, self.times)
            self.air = Air(self.district.serve, lambda: setattr(self.district, "kill_at", 1 + self._dice.randrange(25)))
            self._dice = random.Random(0)
            self._casts = {OTHER: self._cast(OTHER), STATION: self._cast(STATION)}
            self._scenes: dict[str, Rows] = {}
            self.machines = self._casts[STATION]
            self._play_the_scene()
        self.ledger = Ledger()
        self.backups: list[tuple[Rows, dict[Any, Any]]] = []
        self.sticks: list[Stick] = []
        self.kept: list[tuple[Machine, Path]] = []

    def _cast(self, third: str) -> list[Machine]:
        roles = (("north", "supervisor", STATION), ("south", "clerk", STATION), ("west", "supervisor", third))
        cast = [Machine(name, role, place, self.folder / f"{name}.db") for name, role, place in roles]
        return [*cast, Machine("laptop", "trainer", STATION, self.folder / "laptop.db")]

    def _play_the_scene(self) -> None:
        """Join every machine, at both stations the third, with its people, one vacancy and one resident."""
        empty = self.folder / "empty.db"
        engine = make_engine(empty, KEY)
        migrate(engine)
        engine.dispose()
        blank = self.district.dump()
        for kind, cast in self._casts.items():
            self.machines = cast
            self.district.put_back(blank, restored=False)
            with self.air.in_charge():
                for machine in self.machines:
                    shutil.copyfile(empty, machine.path)
                    self.air.lines[f"{machine.name}.sim"] = Line()
                    machine.open()
                    self.join(machine)
                self._first_day(self.machines[0])
                if kind == OTHER:
                    self._hire(self.machines[2])
                for machine in self.machines * 2:
                    assert machine.engine.run_once().ok
                self._second_day()
            for machine in self.machines:
                machine.close()
                shutil.copyfile(machine.path, self.folder / f"{machine.name}-{kind}.scene")
            self._scenes[kind] = self.district.dump()
        self._scene_end = self.times.now()

    def _hire(self, machine: Machine) -> None:
        with machine.database.write(machine.people[0]) as tx:
            for person in machine.people:
                staff.add_staff(tx, {"name": person.name, "roles": sorted(person.roles)}, staff_id=person.staff_id)

    def _first_day(self, machine: Machine) -> None:
        self._hire(machine)
        with machine.database.write(machine.people[0]) as tx:
            owner = employers.add_employer(tx, {**EMPLOYER, "uscc": fictional_uscc(1)})
            vacancies.publish_vacancy(tx, vacancies.add_vacancy(tx, {**VACANCY, "employer_id": owner.id}).id)
        for more in ({}, {"name": "冯巧云", "id_no": fictional_id("19850503", 998), "mobile": "19900000004"}):
            with machine.database.write(machine.people[0]) as tx:
                person = residents.register_resident(
                    tx, {**RESIDENT, **more}, registration=REGISTRATION, consents=[NOTICE]
                )
        with machine.database.write(machine.people[0]) as tx:
            vacancy = tx.sql("SELECT id FROM vacancy")[0][0]
            referrals.issue_referral(tx, resident_id=person.id, vacancy_id=vacancy, consent_share=True)
        with machine.database.write(machine.people[0]) as tx:
            lessons.hold(tx)

    def _second_day(self) -> None:
        """Leave a conflict and a returned act behind: every run begins in the midst of things."""
        for machine in self.machines[:2]:
            with machine.database.write(machine.people[0]) as tx:
                person = tx.sql("SELECT id FROM resident ORDER BY id")[0][0]
                residents.edit_resident(tx, person, {"mobile": f"199000000{10 + len(machine.role)}"})
        with self.machines[1].database.write(self.machines[1].people[1]) as tx:
            acts.register_wrongly(tx, acts.Dice(1, "south"))
        for machine in self.machines * 2:
            assert machine.engine.run_once().ok

    @contextmanager
    def run(self, seed: int) -> Iterator["World"]:
        """Set the scene and live through one run."""
        kind = OTHER if seed % 4 == 0 else STATION
        self.times.begin(seed, self._scene_end)
        self._dice = random.Random(seed)
        self.machines = self._casts[kind]
        self.ledger, self.backups, self.sticks, self.kept = Ledger(), [], [], []
        self.district.offset, self.district.kill_at = timedelta(0), 0
        self.district.dice = random.Random(seed)
        with self.times.in_charge(), self.air.in_charge():
            self.district.put_back(self._scenes[kind], restored=False)
            for machine in self.machines:
                machine.lay_down(self.folder / f"{machine.name}-{kind}.scene")
                self.air.lines[f"{machine.name}.sim"] = Line()
                machine.offset, machine.page, machine.kill_at, machine.kill_after = timedelta(0), 500, 0, False
                machine.look = self.ledger.look
                machine.open()
            try:
                yield self
            finally:
                for machine in self.machines:
                    machine.close()

    def close(self) -> None:
        """End the district."""
        self.district.close()

    # What happens

    @property
    def counters(self) -> list[Machine]:
        """The machines of counters, without the trainer's laptop."""
        return self.machines[:3]

    def line(self, machine: Machine) -> Line:
        """Return a machine's way to the district."""
        return self.air.lines[f"{machine.name}.sim"]

    def act(self, machine: Machine, name: str, seed: int) -> str:
        """Let somebody do something; what was acknowledged goes into the ledger. Returns how it went."""
        dice = acts.Dice(seed, machine.name)
        actor = machine.people[seed % 3]
        self.times.pass_by(timedelta(minutes=1 + seed % 90))
        with self.times.at(machine.offset):
            try:
                with machine.database.write(actor) as tx:
                    claims = ACTS[name](tx, dice)
            except UserError as problem:
                return problem.code
            except Killed:
                machine.start_again()
                return "killed"
        machine.kill_at = 0
        if claims is not None and tx.op_id is not None:
            self.ledger.note(machine, tx.op_id, name, claims)
        return "done" if claims is not None else "nothing to do"

    def withdraw(self, machine: Machine, seed: int) -> str:
        """Take a returned act back."""
        dice = random.Random(seed)
        with self.times.at(machine.offset):
            try:
                with machine.database.write(machine.people[0]) as tx:
                    items = acts.outbox.list_parked(tx)
                    if not items:
                        return "nothing to do"
                    gone = withdrawing.withdraw(tx, items[dice.randrange(len(items))].op, with_built=True)
            except UserError as problem:
                return problem.code
            except Killed:
                machine.start_again()
                return "killed"
        machine.kill_at = 0
        self.ledger.taken_back.update(gone)
        if tx.op_id is not None:
            self.ledger.note(machine, tx.op_id, "withdraw", {})
        return "done"

    def sync(self, machine: Machine) -> SyncReport | None:
        """Synchronise once, as the weather is; None when the plug was pulled over it.

        One time in three as when somebody asks for it: then every row is counted.
        """
        machine.last = None
        with self.times.at(machine.offset):
            try:
                machine.last = machine.engine.run_once(recount=self._dice.randrange(3) == 0)
            except Killed:
                machine.start_again()
        machine.kill_at = 0
        return machine.last

    def at_rest(self, machine: Machine) -> bool:
        """Tell whether a machine's last run ended well, it has nothing to send, and the district nothing new for it."""
        report = machine.last
        if report is None or report.error or report.agreed is not True or report.locked_out:
            return False
        with machine.database.read() as tx:
            if tx.sql("SELECT 1 FROM operation WHERE state = 'pending' LIMIT 1"):
                return False
            if tx.sql("SELECT 1 FROM neighbour_op WHERE state = 'waiting' LIMIT 1"):
                return False
            here = {row[0]: row[1] for row in tx.sql("SELECT feed, seq FROM cursor")}
        heads = self.district.heads()
        return all(here.get(feed) == heads.get(feed, 0) for feed in feeds_of(machine))

    def join(self, machine: Machine) -> bool:
        """Join, or join again, with a fresh code."""
        code = self.district.code(machine.role, machine.station)
        with self.times.at(machine.offset):
            try:
                enrol(machine.database, machine.url, code, "窗口")
            except Killed:
                machine.start_again()
                return False
        return True

    def set_year(self, machine: Machine | District, year: int) -> None:
        """Put a clock wrong: into the middle of a year."""
        machine.offset = datetime(year, 6, 1, tzinfo=UTC) - START

    def back_up(self) -> None:
        """Let the night's backup of the district be taken."""
        self.backups.append((self.district.dump(), dict(self.ledger.future)))

    def restore(self, which: int) -> bool:
        """Put the district back to one of its backups."""
        if not self.backups:
            return False
        rows, future = self.backups[which % len(self.backups)]
        self.ledger.earlier |= self.district.records()
        self.ledger.owed.clear()  # what a counter lost and the district with it, nobody has any more
        self.district.put_back(rows)
        self.ledger.future = dict(future)  # what a newer server wrote since is no counter's, and lost with it
        return True

    def keep(self, machine: Machine) -> None:
        """Take a backup of a counter."""
        path = self.folder / f"kept-{len(self.kept)}.db"
        machine.close()  # folds the log into the file
        shutil.copyfile(machine.path, path)
        machine.open()
        self.kept.append((machine, path))

    def fall_back(self, which: int) -> bool:
        """Put a counter back to one of its backups, as after a broken disk."""
        if not self.kept:
            return False
        machine, path = self.kept[which % len(self.kept)]
        before = ledger.own_log(machine)
        machine.close()
        machine.lay_down(path)
        with self.times.at(machine.offset):
            _note_restore(machine.path, KEY)
        machine.open()
        machine.last = None
        self.ledger.fell_back(machine, before, self.district.ops())
        return True

    def write_future(self, number: int, value: int) -> None:
        """Let a newer server write what this program does not know: a type, or a field of the vacancy."""
        feed, changes = f"market/{STATION[:6]}", {"shade": value}
        kind, record_id = ("awning", f"awning-{number}") if number else ("vacancy", self.district.first("vacancy"))
        self.district.write_future(feed, kind, record_id, changes)
        self.ledger.future[kind, record_id] = changes

    def knows(self, machine: Machine) -> bool:
        """Tell whether the district, as restored as it may be, knows this device."""
        device = self.device_of(machine)
        with self.district.store.read() as connection:
            return any(row.id == device for row in accounts.list_devices(connection))

    def device_of(self, machine: Machine) -> str:
        """Return a machine's device id."""
        from app.db import state

        with machine.database.read() as tx:
            return str(state.get_state(tx.session, state.DEVICE_ID))
