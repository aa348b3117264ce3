"""Search as one types, among a million residents in an encrypted file, against the same MATCH on bare FTS5.

The file holds the real tables, the real index and the real tokens; it is filled by bulk SQL, because a million
operations would take hours. The floor is a raw cursor of the driver that runs one ready expression and fetches the same
columns of the same residents. Ours begins with what was typed and ends with the lines that the screen shows: reading
the words, the expression, a read transaction, the query, the typed rows. Each keystroke is measured both ways, in
turn. ``python -m bench.bench_search [quick]`` prints; ``quick`` takes 100,000 residents.
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from app import clock
from app.db.database import Database, make_engine, raw_connection
from app.db.migrate import migrate
from app.models.check_chars import id_check_char
from app.models.names import full_pinyin, initials, match_query, search_tokens
from app.services import residents

LIMIT = 2.0
COUNT, QUICK = 1_000_000, 100_000
PEOPLE = 250
SHOWN = 20
_KEY = bytes(range(32))
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇解区"
)
_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国华红梅志安以知景行守成巧云阿菊立根晓棠望舒念真素琴家宝"
    "春夏秋冬东南西北山河海江天地玄黄宇宙日月星辰风雨雪雷电石金木水火土花草树竹松柏桃李莲荷鹏飞翔宏远博学笃信诚仁义礼智"
    "思源清源浩然子涵梓萱欣怡诗雅雨桐俊豪泽宇奕辰一诺可馨若曦佳琪心怡瑞祥吉庆福禄寿喜康宁长乐永昌"
)
_RESIDENT = (
    "INSERT INTO resident (id, station_code, created_at, updated_at, rev, extra, name, id_type, id_no, sex, birth_date,"
    " edu_level, hukou_region, live_region, live_addr, mobile, emp_status, priority_groups, mismatch_confirmed)"
    " VALUES (?, '330110012001', ?, ?, 0, '{}', ?, '01', ?, ?, ?, '61', '330110', '330110012', ?, ?, '22', '[]', 0)"
)
_ENTRY = "INSERT INTO search_entry (record_type, record_id, tokens) VALUES ('resident', ?, ?)"
_FLOOR = (
    "SELECT r.id, r.name, r.sex, r.birth_date, r.id_no, r.mobile, r.live_addr, r.emp_status, r.updated_at"
    " FROM search CROSS JOIN search_entry e ON e.row = search.rowid CROSS JOIN resident r ON r.id = e.record_id"
    " WHERE search MATCH ? ORDER BY search.rowid DESC LIMIT ?"
)


def people(count: int, seed: int = 7) -> Iterator[tuple[str, str, str, str]]:
    """Make fictional residents: name, ID number of the test range, birth date, phone."""
    dice = random.Random(seed)
    start = date(1945, 1, 1)
    for number in range(count):
        born = start + timedelta(days=number % 22_000)
        body = f"{330100 + number // 88_000:06d}{born:%Y%m%d}{996 + number // 22_000 % 4}"
        name = dice.choice(_SURNAMES) + "".join(dice.choices(_GIVEN, k=dice.choice((1, 2, 2, 2))))
        yield name, body + id_check_char(body), f"{born}", f"1990000{dice.randrange(10_000):04d}"


def fill(path: Path, count: int) -> list[tuple[str, str, str, str]]:
    """Build the file by bulk SQL; return every n-th person, to be searched for."""
    engine = make_engine(path, _KEY)
    migrate(engine)
    engine.dispose()
    raw = raw_connection(path, _KEY)
    raw.execute("PRAGMA synchronous = OFF")
    asked, rows, entries = [], [], []
    now = f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"
    raw.execute("BEGIN")
    for number, one in enumerate(people(count)):
        name, id_no, born, mobile = one
        record_id, sex = clock.new_id(), "1" if int(id_no[16]) % 2 else "2"
        rows.append((record_id, now, now, name, id_no, sex, born, f"溪桥苑 {number % 90} 幢 301", mobile))
        entries.append((record_id, search_tokens(name, id_no=id_no, mobile=mobile)))
        if number % (count // PEOPLE) == 0:
            asked.append(one)
        if len(rows) == 20_000 or number == count - 1:
            raw.executemany(_RESIDENT, rows)
            raw.executemany(_ENTRY, entries)
            rows, entries = [], []
    raw.execute("INSERT INTO search (search) VALUES ('rebuild')")
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.execute("ANALYZE")
    raw.close()
    return asked


def keystrokes(asked: Sequence[tuple[str, str, str, str]], seed: int = 3) -> list[str]:
    """Return what the search box holds after each key, for each of these people in one of the ways to ask."""
    dice = random.Random(seed)
    typed: list[str] = []
    for name, id_no, _born, mobile in asked:
        ways = (name, name[1:], full_pinyin(name)[0], initials(name)[0])
        for word in dice.sample(ways, 2):
            typed += [word[:end] for end in range(1, len(word) + 1)]
        # Fictional phones all begin with 1990000: below nine digits, a whole phone would ask for everybody.
        number, shortest = dice.choice(((id_no[-6:], 4), (id_no, 10), (mobile[-4:], 4), (mobile, 9)))
        typed += [number[:end] for end in range(shortest, len(number) + 1)]
        typed.append(f"{name[0]} {mobile[-4:]}")
    return [word for word in typed if match_query(word) is not None]


def measure(database: Database, raw: Any, typed: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the times of floor and ours for every keystroke; who goes first alternates."""
    floor, ours = [], []
    for number, word in enumerate(typed):
        expression = match_query(word)
        for turn in (number % 2, 1 - number % 2):
            start = perf_counter()
            if turn:
                raw.execute(_FLOOR, (expression, SHOWN)).fetchall()
                floor.append(perf_counter() - start)
            else:
                with database.read() as tx:
                    residents.search_residents(tx, word, limit=SHOWN)
                ours.append(perf_counter() - start)
    return floor, ours


def run(*, quick: bool = False) -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    count = QUICK if quick else COUNT
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        path = Path(folder) / "million.db"
        start = perf_counter()
        typed = keystrokes(fill(path, count))
        built = perf_counter() - start
        database, raw = Database(path, _KEY), raw_connection(path, _KEY)
        measure(database, raw, typed)
        floor, ours = measure(database, raw, typed)
        raw.close()
        database.close()
        size = path.stat().st_size / 1e6
    floor_p99, ours_p99 = (sorted(times)[int(len(times) * 0.99)] for times in (floor, ours))
    detail = (
        f"{len(typed)} keystrokes; "
        f"bare FTS5 p50 {statistics.median(floor) * 1000:.2f} ms, p99 {floor_p99 * 1000:.2f} ms; "
        f"ours p50 {statistics.median(ours) * 1000:.2f} ms, p99 {ours_p99 * 1000:.2f} ms; "
        f"file of {size:.0f} MB built in {built:.0f} s"
    )
    return [(f"search among {count:,} residents: p99 of a keystroke", ours_p99 / floor_p99, LIMIT, detail)]


if __name__ == "__main__":
    for name, ratio, limit, detail in run(quick="quick" in sys.argv[1:]):
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
