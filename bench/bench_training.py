"""Roll call: a class of 40 people and 60 lessons opened, and one mark made durable, among 2,000 classes.

The file holds the real tables with 2,000 classes and 300,000 marks, each with its operation, in the order in which days
bring them: the marks of one class lie scattered. It is filled by bulk SQL. Opening: the floor is a bare cursor that
fetches the same people, lessons and marks, and an ordinary ``QTableView`` of that size painted once; ours begins with
the class's id and ends with the painted grid: what stands of each mark, everybody's hours, the line. Marking: the floor
adds one ready ``Attendance`` by the ORM and commits, in a copy of the same file; ours is the key's whole act with its
checks, its operation and the same fsync. Each is also held against itself in a district of twenty classes.
``python -m bench.bench_training`` prints.
"""

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView
from sqlmodel import Session

from app import clock
from app.db.database import Actor, Database, make_engine, raw_connection
from app.db.migrate import migrate
from app.models.attendance import Attendance, AttendanceDraft
from app.services.stations import found_station
from app.services.training import marking
from app.services.training.grid import load_grid
from app.ui import theme
from app.ui.roll_call.grid_model import RollModel
from app.ui.roll_call.grid_view import RollGrid
from app.ui.roll_call.marker import Marker
from app.ui.roll_call.state import lesson_to_open

OPEN_LIMIT, MARK_LIMIT, FLAT_LIMIT = 2.0, 3.0, 1.2
CLASSES, MARKS, FEW = 2_000, 300_000, 20
PEOPLE, LESSONS = 40, 60
FULL = 12
"""Classes of full size, which are opened and marked in turn; the others share the rest of the marks."""
ROUNDS = 5
WIDTH, HEIGHT = 1058, 640
_KEY = bytes(range(32))
_STATION = {"name": "溪桥社区就业服务站", "code": "330110012001", "county_code": "330110", "street_name": "仓前街道"}
_RULE = '{"attend_percent": 80, "late_minutes": 30, "hour_minutes": 45, "source": "D", "since": "2026-01-01"}'
_ACTOR = Actor("0198f3c2-7d10-7c3e-9a55-0000000000f1", "陶丽华", frozenset({"supervisor", "clerk"}))
_SURNAMES, _GIVEN = "葛沈陆冯姚郑毛金钱顾周徐单仇曾", "守成以安知夏巧云景行阿菊立根晓棠望舒念真"


@dataclass(frozen=True)
class Room:
    """One class of the file: its people, its lessons; today's is the last."""

    class_id: str
    people: tuple[str, ...]
    lessons: tuple[str, ...]


class Filling:
    """Writes classes and marks into a migrated file by bulk SQL."""

    def __init__(self, raw: Any) -> None:
        self._raw, self._seq = raw, 0
        self._now = f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"

    def put(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows that all name the same columns."""
        names = list(rows[0])
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
        self._raw.executemany(statement, [tuple(row.values()) for row in rows])

    def _record(self, **values: Any) -> dict[str, Any]:
        station = {"station_code": "330110012001", "created_at": self._now, "updated_at": self._now}
        return {"id": clock.new_id(), "rev": 1, "extra": "{}", **station, **values}

    def room(self, number: int, course: str, people: int, lessons: int) -> Room:
        """Plan a class that has its last lesson today."""
        today = clock.today()
        days = [today - timedelta(days=lessons - 1 - n) for n in range(lessons)]
        row = self._record(
            class_no=f"PX3301102611{number // 9999 + 1:02d}-{number % 9999:04d}", course_id=course,
            title="家政服务员（初级）", start_on=f"{days[0]}", end_on=f"{today}", slots="[]", place="二楼实训室",
            trainers='[{"name": "何蔚"}]', seats=people, min_open=1, enrol_until=f"{days[0]}", state="30", rule=_RULE,
            news_no=0,
        )  # fmt: skip
        self.put("training_class", [row])
        held = [
            self._record(
                class_id=row["id"], number=place, held_on=f"{day}", starts="13:30", ends="17:00", hours=4.0,
                room="二楼实训室", trainer_name="何蔚", state="10",
            )
            for place, day in enumerate(days, 1)
        ]  # fmt: skip
        self.put("lesson", held)
        signed = [
            self._record(
                enrol_no=f"BM3301102611{number // 200 + 1:02d}-{number % 200 * 40 + n + 1:04d}", class_id=row["id"],
                resident_id=clock.new_id(), name=_SURNAMES[n % 15] + _GIVEN[n % 18 : n % 18 + 2],
                phone=f"1990000{n:04d}", enrolled_on=f"{days[0]}", target="1", eligibility="1", subsidised=1,
                state="10", seat="1", ahead=0, told_news=0,
            )
            for n in range(people)
        ]  # fmt: skip
        self.put("enrolment", signed)
        return Room(row["id"], tuple(each["id"] for each in signed), tuple(each["id"] for each in held))

    def marks(self, cells: Iterator[tuple[Room, str, str, date]]) -> None:
        """Mark these cells, each by an operation of its own."""
        batch: list[dict[str, Any]] = []
        for room, lesson, person, day in cells:
            code = "2" if len(batch) % 17 == 3 else "0" if len(batch) % 29 == 7 else "1"
            batch.append(
                self._record(
                    class_id=room.class_id, lesson_id=lesson, enrolment_id=person, mark=code, entry="1",
                    signed_on=f"{day}", marked_at=self._now, marked_by_name="何蔚",
                )
            )  # fmt: skip
            if len(batch) == 5_000:
                self._flush(batch)
                batch = []
        if batch:
            self._flush(batch)

    def _flush(self, batch: Sequence[dict[str, Any]]) -> None:
        ops, edits = [], []
        for row in batch:
            self._seq += 1
            op = clock.new_id()
            ops.append(
                {
                    "op": op, "device": _ACTOR.staff_id, "seq": self._seq, "act": "attendance.mark",
                    "actor": _ACTOR.staff_id, "made_at": self._now, "schema_version": 1, "origin": "district",
                    "state": "applied",
                }
            )  # fmt: skip
            changes = ", ".join(f'"{name}": [null, "{row[name]}"]' for name in ("class_id", "lesson_id", "mark"))
            edits.append(
                {
                    "op": op, "position": 0, "record_type": "attendance", "record_id": row["id"], "base": 0,
                    "changes": f"{{{changes}}}", "rev": 1,
                }
            )  # fmt: skip
        self.put("attendance", batch)
        self.put("operation", ops)
        self.put("operation_edit", edits)


def fill(path: Path, classes: int, marks: int) -> list[Room]:
    """Build the file; return the classes of full size."""
    engine = make_engine(path, _KEY)
    migrate(engine)
    engine.dispose()
    database = Database(path, _KEY)
    with database.write(_ACTOR) as tx:
        found_station(tx, dict(_STATION), supervisor=_ACTOR.name, staff_id=_ACTOR.staff_id)
    database.close()
    raw = raw_connection(path, _KEY)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("BEGIN")
    filling, course = Filling(raw), clock.new_id()
    full = [filling.room(n, course, PEOPLE, LESSONS) for n in range(FULL)]
    left = marks - FULL * PEOPLE * (LESSONS - 1)
    each = max(1, left // max(1, classes - FULL) // 10)
    rest = [filling.room(FULL + n, course, PEOPLE, each + 1) for n in range(classes - FULL)]
    filling.marks(_day_by_day(full, rest, left))
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.execute("ANALYZE")
    raw.close()
    return full


def _day_by_day(full: Sequence[Room], rest: Sequence[Room], left: int) -> Iterator[tuple[Room, str, str, date]]:
    """Yield the cells in the order of the days; today's lessons stay unmarked."""
    share = -(-left // (LESSONS - 1))
    others = (
        (room, room.lessons[turn % (len(room.lessons) - 1)], person, clock.today())
        for turn in range(100)
        for room in rest
        for person in room.people[turn % 4 * 10 :][:10]
    )
    for place in range(LESSONS - 1):
        day = clock.today() - timedelta(days=LESSONS - 1 - place)
        for room in full:
            yield from ((room, room.lessons[place], person, day) for person in room.people)
        yield from islice(others, share)


# -- the floors -------------------------------------------------------------------------------------------------------

_FLOOR = (
    "SELECT id, lesson_id, coalesce(enrolment_id, walk_in_id), mark, minutes, entry, corrects, rev FROM attendance"
    " WHERE class_id = ? AND deleted_at IS NULL",
    "SELECT id, enrol_no, name, phone, target, state, seat FROM enrolment WHERE class_id = ? AND deleted_at IS NULL"
    " ORDER BY created_at, id",
    "SELECT id, number, held_on, starts, ends, hours, room, state FROM lesson WHERE class_id = ? AND deleted_at IS NULL"
    " ORDER BY number",
    "SELECT class_no, title, state, rule FROM training_class WHERE id = ?",
)


class PlainModel(QAbstractTableModel):
    """The fetched rows as they are: names down, lessons across, a figure in each cell."""

    def __init__(self, people: Sequence[Any], lessons: Sequence[Any], marks: dict[tuple[str, str], str]) -> None:
        super().__init__()
        self._people, self._lessons, self._marks = people, lessons, marks

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802 - Qt's own
        """Return one row a person."""
        return len(self._people)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802 - Qt's own
        """Return the name's column and one a lesson."""
        return len(self._lessons) + 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a name or a mark as text."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        person = self._people[index.row()]
        if index.column() == 0:
            return person[2]
        return self._marks.get((person[0], self._lessons[index.column() - 1][0]))


def open_plain(raw: Any, view: QTableView, class_id: str) -> None:
    """Fetch a class by a bare cursor and paint it in an ordinary table."""
    marks, people, lessons, _class = (raw.execute(each, (class_id,)).fetchall() for each in _FLOOR)
    view.setModel(PlainModel(people, lessons, {(row[2], row[1]): row[3] for row in marks}))
    view.grab()


class Opening:
    """Our own way: the service, the model with everybody's hours, the three parts of the grid."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marker = Marker(cast("Any", None))
        self.model = RollModel(self._marker)
        self.grid = RollGrid(self.model)
        self.grid.resize(WIDTH, HEIGHT)

    def open(self, class_id: str) -> None:
        """Load a class and paint it."""
        with self._database.read(_ACTOR) as tx:
            grid = load_grid(tx, class_id)
        self._marker.show(grid, 0)
        self.model.show()
        lesson = lesson_to_open(grid, clock.today())
        if lesson is not None:
            self.model.choose(self.model.column_of(lesson.id))
        self.grid.grab()


# -- measuring --------------------------------------------------------------------------------------------------------


@dataclass
class Times:
    """Seconds by who was measured."""

    floor: list[float]
    ours: list[float]

    def ratio(self) -> float:
        """Return ours against the floor's, medians of both."""
        return statistics.median(self.ours) / statistics.median(self.floor)

    def told(self, name: str) -> str:
        """Return both medians in words."""
        floor, ours = (statistics.median(each) * 1000 for each in (self.floor, self.ours))
        return f"{name}: floor {floor:.2f} ms, ours {ours:.2f} ms"


def _seconds(act: Callable[[], object], watch: Callable[[], float] = perf_counter) -> float:
    started = watch()
    act()
    return watch() - started


def measure_opening(path: Path, rooms: Sequence[Room]) -> Times:
    """Open the classes in turn, both ways, in processor time; who goes first alternates."""
    raw, database = raw_connection(path, _KEY), Database(path, _KEY)
    plain, opening = QTableView(), Opening(database)
    plain.resize(WIDTH, HEIGHT)
    times = Times([], [])
    for turn in range(ROUNDS + 1):
        for place, room in enumerate(rooms):
            acts = [
                (times.floor, partial(open_plain, raw, plain, room.class_id)),
                (times.ours, partial(opening.open, room.class_id)),
            ]
            for kept, act in acts if (turn + place) % 2 else reversed(acts):
                spent = _seconds(act, process_time)
                if turn:
                    kept.append(spent)
    raw.close()
    database.close()
    return times


def measure_marking(path: Path, floor_path: Path, rooms: Sequence[Room]) -> tuple[Times, Times]:
    """Mark everybody in today's lessons, class by class, both ways in turn; return wall and processor times."""
    engine, database = make_engine(floor_path, _KEY), Database(path, _KEY)
    wall, work = Times([], []), Times([], [])
    for place, room in enumerate(rooms):
        for person in room.people:
            acts = (partial(_insert, engine, _ready(room, person)), partial(_mark, database, room, person))
            for number, act in enumerate(acts):
                before = process_time()
                spent = _seconds(act)
                if place:
                    (wall.ours if number else wall.floor).append(spent)
                    (work.ours if number else work.floor).append(process_time() - before)
    engine.dispose()
    database.close()
    return wall, work


def _ready(room: Room, person: str) -> dict[str, Any]:
    values = {"class_id": room.class_id, "lesson_id": room.lessons[-1], "enrolment_id": person, "mark": "1"}
    moment = {"signed_on": clock.today(), "entry": "1", "way": "4", "marked_at": clock.now()}
    return AttendanceDraft.model_validate({**values, **moment, "marked_by_name": _ACTOR.name}).model_dump()


def _insert(engine: Any, ready: dict[str, Any]) -> None:
    with Session(engine) as session:
        session.add(Attendance(**ready))
        session.commit()


def _mark(database: Database, room: Room, person: str) -> None:
    with database.write(_ACTOR) as tx:
        marking.mark(tx, room.lessons[-1], person, "1", way="4")


def measure(folder: Path, classes: int, marks: int) -> tuple[Times, Times, Times]:
    """Build a district of so many classes; return the times of opening, of marking, and of the work in marking."""
    path, floor_path = folder / f"{classes}.db", folder / f"{classes}-floor.db"
    rooms = fill(path, classes, marks)
    opening = measure_opening(path, rooms)
    shutil.copyfile(path, floor_path)
    wall, work = measure_marking(path, floor_path, rooms)
    for file in folder.iterdir():
        file.unlink()
    return opening, wall, work


def run() -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    theme.load_fonts()
    app.setStyle("Fusion")
    app.setFont(theme.current().font())
    few = FULL * PEOPLE * (LESSONS - 1) + 1_000
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as temporary:
        small_open, small_mark, small_work = measure(Path(temporary), FEW, few)
        big_open, big_mark, big_work = measure(Path(temporary), CLASSES, MARKS)
    flat_open = big_open.ratio() / small_open.ratio()
    flat_mark = big_work.ratio() / small_work.ratio()
    size = f"{PEOPLE} people, {LESSONS} lessons, among {CLASSES:,} classes and {MARKS:,} marks"
    both_open = f"{small_open.told(f'{FEW} classes')}; {big_open.told(f'{CLASSES:,} classes')}"
    both_mark = f"{small_mark.told(f'{FEW} classes')}; {big_mark.told(f'{CLASSES:,} classes')}"
    both_work = f"processor time, {small_work.told(f'{FEW} classes')}; {big_work.told(f'{CLASSES:,} classes')}"
    return [
        ("a class opened in the roll call", big_open.ratio(), OPEN_LIMIT, f"{size}; {both_open}"),
        ("the same, 2,000 classes against 20, each by its floor", flat_open, FLAT_LIMIT, both_open),
        ("a mark durable", big_mark.ratio(), MARK_LIMIT, both_mark),
        ("its work, 2,000 classes against 20, each by its floor", flat_mark, FLAT_LIMIT, both_work),
    ]


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
