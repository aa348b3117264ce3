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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


from app import clock
from app.db.database import Actor, Database, make_engine, raw_connection
from app.db.migrate import migrate
from app.services.stations import found_station

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
        (room, lesson, person, clock.today())
        for n in range(200)
        for room in rest
        for lesson in room.lessons[n % len(room.lessons) :][:1]
        for person in room.people[n // 1 % 4 * 10 :][:10]
        if lesson != room.lessons[-1]
    )
    for place in range(LESSONS - 1):
        day = clock.today() - timedelta(days=LESSONS - 1 - place)
        for room in full:
            yield from ((room, room.lessons[place], person, day) for person in room.people)
        for _n, cell in zip(range(share), others, strict=False):
            yield cell
