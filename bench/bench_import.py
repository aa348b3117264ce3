"""Import of 100,000 generated postings against merely reading the same file with its library; and flat memory.

The floor is openpyxl reading every row of the workbook. A CSV of the same rows is reported beside it without a limit:
``csv`` reads a row in 3 µs, less than one durable insert costs.
"""

import csv
import gc
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import openpyxl
import psutil

from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.services.imports.job import ImportJob
from app.services.imports.report import RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.writing import import_batch
from app.services.stations import found_station

LIMIT = 3.0
MEMORY_LIMIT = 1.2
ROWS, QUICK_ROWS = 100_000, 3_000

_HEADINGS = tuple("岗位名称 单位名称 福利待遇 薪资 岗位描述 工作地点 单位性质 单位规模 行业 发布日期".split())
_TITLES = tuple("保洁员 水电维修工 收银员 客服专员 仓库管理员 行政文员 中式厨师 快递分拣员 会计助理 保安".split())
_PAYS = ("4.5-6千/月", "0.6-1.2万/月", "150元/天", "15-20万/年", "3-4.5千/月", "30元/小时", "面议")
_PLACES = ("杭州-余杭区", "杭州-西湖区", "上海-徐汇区", "杭州-拱墅区")
_DUTIES = (
    "负责小区日常巡查与登记",
    "做好货品验收、上架与盘点",
    "接听来电并如实记录诉求",
    "维护设备并按时保养",
    "整理单据、按月归档",
)
_DEMANDS = (
    "大专及以上学历",
    "1年以上相关工作经验",
    "会使用常用办公软件",
    "做事细心、有责任心",
    "年龄45岁以下",
    "能上早晚班",
)
_ACTOR = Actor("0198f3c2-7d10-7c3e-9a55-000000000009", "周素琴", frozenset({"supervisor"}))
_STATION = {"name": "溪桥社区就业服务站", "code": "330110012001", "county_code": "330110", "street_name": "仓前街道"}


def run(quick: bool = False) -> list[tuple[str, float, float | None, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    count = QUICK_ROWS if quick else ROWS
    folder = Path(tempfile.mkdtemp(prefix="doorstep-bench-"))
    try:
        workbook, table = folder / "postings.xlsx", folder / "postings.csv"
        _write_workbook(workbook, count)
        _write_csv(table, count)
        return [
            *_measure(folder, workbook, count, _read_workbook, LIMIT),
            *_measure(folder, table, count, _read_csv, None),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(
    folder: Path, path: Path, count: int, floor: Callable[[Path], int], limit: float | None
) -> Iterator[tuple[str, float, float | None, str]]:
    database = _founded(folder / f"{path.suffix[1:]}.db")
    read, before_s = _timed(floor, path)
    sizes: dict[int, int] = {}
    process = psutil.Process()

    def write(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with database.write(_ACTOR) as tx:
            return import_batch(tx, "vacancies", rows)

    def progress(done: int, _total: int) -> None:
        sizes[done] = process.memory_info().rss

    gc.collect()
    began = time.perf_counter()
    report = ImportJob.open(path, "vacancies").run(write, progress)
    ours_s = time.perf_counter() - began
    database.close()
    # Read before and after: the two straddle whatever else the machine does meanwhile.
    floor_s = (before_s + _timed(floor, path)[1]) / 2
    if not (read - 1 == report.read == report.taken_count == count and report.adds_up()):
        raise AssertionError(f"{read - 1} rows read, account: {report.summary()}")
    detail = f"{ours_s:.1f} s for {count} rows ({ours_s / count * 1e6:.0f} µs each), reading alone {floor_s:.1f} s"
    yield f"import {path.suffix[1:]}: import / reading it", ours_s / floor_s, limit, detail
    early = max(size for done, size in sizes.items() if done <= max(1_000, count // 5))
    late = sizes[max(sizes)]
    name = f"import {path.suffix[1:]}: memory, end / first fifth"
    # In a short run the caches are still filling: only the long one is judged.
    yield name, late / early, MEMORY_LIMIT if count == ROWS else None, f"{late >> 20} MB"


def _timed(floor: Callable[[Path], int], path: Path) -> tuple[int, float]:
    began = time.perf_counter()
    return floor(path), time.perf_counter() - began


def _founded(path: Path) -> Database:
    key = bytes(range(32))
    engine = make_engine(path, key)
    migrate(engine)
    engine.dispose()
    database = Database(path, key)
    with database.write(_ACTOR) as tx:
        found_station(tx, dict(_STATION), supervisor=_ACTOR.name, staff_id=_ACTOR.staff_id)
    return database


def _postings(count: int) -> Iterator[tuple[str, ...]]:
    """Yield generated postings, each different, with descriptions as long as real ones (some 300 characters)."""
    chance = random.Random(20261124)
    for number in range(count):
        duties = " ".join(f"{n}、{chance.choice(_DUTIES)}，{chance.choice(_DUTIES)}；" for n in range(1, 7))
        demands = " ".join(f"{n}、{chance.choice(_DEMANDS)}；" for n in range(1, 6))
        yield (
            f"{chance.choice(_TITLES)}（{number}）",
            f"示例第{chance.randrange(count // 3)}服务有限公司",
            "五险一金 包吃 年终奖金 带薪年假",
            chance.choice(_PAYS),
            f"岗位职责： {duties} 任职要求： {demands} 上班时间早八点到晚五点，做五休二，详情面谈。",
            chance.choice(_PLACES),
            "民营公司",
            "50-150人",
            "生活服务,批发/零售",
            f"{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}",
        )


def _write_workbook(path: Path, count: int) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("岗位")
    sheet.append(_HEADINGS)
    for row in _postings(count):
        sheet.append(row)
    book.save(path)


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(_postings(count))


def _read_workbook(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    read = sum(1 for _row in book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return read


def _read_csv(path: Path) -> int:
    with path.open(encoding="gb18030", newline="") as file:
        return sum(1 for _row in csv.reader(file))


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit or '-'}) {detail}")
