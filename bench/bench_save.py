"""A registration saved for good, against a bare SQLModel insert of one Resident row on the same encrypted engine.

Ours holds everything between the clerk's key and the disk: reading and checking the form, the search for a file with
this ID number, the rows of resident, consent and status history, the operation with its edits, the search index, and
one commit with its fsync. The floor validates nothing: ``session.add`` of a ready ``Resident`` and ``commit``.
Both write into files of one folder, turn by turn, so that a busy disk or machine slows both alike.
``python -m bench.bench_save`` prints.
"""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlmodel import Session

from app import clock
from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.models.check_chars import id_check_char
from app.models.resident import Resident, ResidentDraft
from app.services import residents
from app.services.stations import found_station

P50_LIMIT, P99_LIMIT = 3.0, 6.0
TIMES, WARM = 1200, 60
_KEY = bytes(range(32))
_STATION = {"name": "溪桥社区就业服务站", "code": "330110012001", "county_code": "330110", "street_name": "仓前街道"}
_CONSENTS = [{"kind": "1", "agreed": True}]
_WISHES = {
    "person_class": "1",
    "intents": [{"trade": "4-12", "text": "水电维修", "wage_min": 450_000, "form": "1"}],
    "accept_shift": ["01"],
    "max_commute_km": 3.0,
    "commute_mode": "2",
    **dict.fromkeys(("accept_gig", "accept_internship", "guidance_need", "startup_need"), False),
    **dict.fromkeys(("accept_training", "accept_pwpost", "training_need", "publish_consent"), True),
}
_SURNAMES, _GIVEN = "葛沈陆冯姚郑毛金钱顾周徐单仇曾", "守成以安知夏巧云景行阿菊立根晓棠望舒念真"


def person(number: int) -> dict[str, Any]:
    """Return what the form holds of one fictional resident; every number gives another ID number."""
    born = date(1950, 1, 1) + timedelta(days=number // 4 % 20_000)
    body = f"{330100 + number // 80_000:06d}{born:%Y%m%d}{996 + number % 4}"
    given = _GIVEN[number % 19] + _GIVEN[number // 19 % 19]
    return {
        "name": _SURNAMES[number % len(_SURNAMES)] + given,
        "id_type": "01",
        "id_no": body + id_check_char(body),
        "edu_level": "61",
        "hukou_region": "330110",
        "live_region": "330110012",
        "live_addr": f"溪桥苑 {number % 40} 幢 2 单元 301",
        "mobile": f"1990000{number % 10_000:04d}",
        "emp_status": "22",
    }


class _Floor:
    """The bare insert."""

    def __init__(self, path: Path) -> None:
        self.engine = make_engine(path, _KEY)
        migrate(self.engine)

    def save(self, draft: dict[str, Any]) -> None:
        """Add one ready row and commit."""
        with Session(self.engine) as session:
            session.add(Resident(**draft))
            session.commit()


class _Ours:
    """The counter's own way."""

    def __init__(self, path: Path) -> None:
        engine = make_engine(path, _KEY)
        migrate(engine)
        engine.dispose()
        self.database = Database(path, _KEY)
        staff_id = clock.new_id()
        self.actor = Actor(staff_id, "陶丽华", frozenset({"supervisor", "clerk"}))
        with self.database.write(self.actor) as tx:
            found_station(tx, dict(_STATION), supervisor="陶丽华", staff_id=staff_id)

    def save(self, values: dict[str, Any], wishes: dict[str, Any] | None = None) -> None:
        """Register her for good."""
        with self.database.write(self.actor) as tx:
            residents.register_resident(tx, values, registration=wishes, consents=_CONSENTS)


def _seconds(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _described(name: str, times: Sequence[float]) -> str:
    return f"{name} p50 {statistics.median(times) * 1000:.2f} ms, p99 {_p99(times) * 1000:.2f} ms"


def run(times: int = TIMES) -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    floor_times: list[float] = []
    our_times: list[float] = []
    full_times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        floor, ours = _Floor(Path(folder) / "floor.db"), _Ours(Path(folder) / "ours.db")
        for number in range(times + WARM):
            values, other = person(2 * number), person(2 * number + 1)
            ready = ResidentDraft.model_validate(values).model_dump()
            round_of = (
                _seconds(partial(floor.save, ready)),
                _seconds(partial(ours.save, values)),
                _seconds(partial(ours.save, other, _WISHES)),
            )
            if number >= WARM:
                for kept, taken in zip((floor_times, our_times, full_times), round_of, strict=True):
                    kept.append(taken)
        floor.engine.dispose()
        ours.database.close()
    floor_p50, floor_p99 = statistics.median(floor_times), _p99(floor_times)
    found = []
    for name, spent in (("registration saved", our_times), ("registration saved, with job wishes", full_times)):
        detail = f"{_described('bare insert', floor_times)}; {_described('ours', spent)}"
        found.append((f"{name}: p50", statistics.median(spent) / floor_p50, P50_LIMIT, detail))
        found.append((f"{name}: p99", _p99(spent) / floor_p99, P99_LIMIT, detail))
    return found


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
