"""Matching: top 20 of 10,000 vacancies with all reasons, against the bare score of the same rules.

The floor scores the same vacancies by the same seven parts in straight-line Python over prepared tuples: no filters, no
counts, no reasons, no ties. ``python -m bench.bench_matching`` prints.
"""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from heapq import nlargest
from math import asin, sqrt

from app.services.matching import Pool, Seeker, VacancyFacts, match
from app.services.matching.distance import DETOUR, EARTH_RADIUS_M, spot
from app.services.matching.prepare import month_pay, prepare_cert, prepare_need, prepare_wishes
from app.services.matching.score import code_affinity

ON = date(2026, 11, 22)
COUNT = 10_000
LIMIT = 4.0
_TRADES = ("4-12", "4-10-01-06", "4-02", "4-07-05-01", "6-20-01-01", "3-01", "4-01", "6-25", "2-02", "4-09-08-01")
_WORDS = (
    "水电",
    "维修",
    "保洁",
    "仓库",
    "客服",
    "装配",
    "销售",
    "护理",
    "秩序",
    "电子",
    "冷链",
    "配送",
    "厨房",
    "行政",
)
_ENDS = ("工", "员", "主管", "助理", "专员", "学徒")
_CERTS = ("低压电工作业证", "健康证", "叉车证", "保安员证", "C1 驾驶证", "养老护理员证")


def vacancies(count: int, seed: int = 1) -> list[VacancyFacts]:
    """Make fictional vacancies: half the employers have coordinates, all differ in what real ones differ in."""
    dice = random.Random(seed)
    places = [spot(30.28 + dice.uniform(-0.15, 0.15), 120.0 + dice.uniform(-0.15, 0.15)) for _ in range(count // 3)]
    made = []
    for number in range(count):
        employer = dice.randrange(count // 3)
        low = dice.randrange(28, 80) * 10_000
        high = low + dice.randrange(0, 30) * 10_000
        needs = tuple(prepare_need(name) for name in dice.sample(_CERTS, dice.choice((0, 0, 0, 0, 1, 2))))
        made.append(
            VacancyFacts(
                vacancy_id=f"v{number:05d}",
                employer_id=f"e{employer:05d}",
                employer_name=f"示例单位{employer}",
                title=dice.choice(_WORDS) + dice.choice(_WORDS) + dice.choice(_ENDS),
                occ=dice.choice(_TRADES),
                open_to=ON + timedelta(days=dice.randrange(-2, 60)),
                remaining=dice.choice((0, 1, 2, 3, 5, 8)),
                needs=needs,
                level_min=dice.choice((0, 0, 0, 2, 3)),
                form=dice.choice(("1", "1", "1", "1", "2", "3", "8")),
                contract=dice.choice(("10", "10", "40", "60")),
                shifts=(dice.choice(("01", "01", "01", "02", "05", "06", "04")),),
                pay_unit="M",
                pay_min=low,
                pay_max=high,
                pay_month=month_pay("M", high),
                edu_min=dice.choice((0, 0, 3, 4, 5)),
                exp_years=dice.choice((0, 0, 1, 2, 3)),
                spot=places[employer] if employer % 5 else None,
            )
        )
    return made


def seeker() -> Seeker:
    """Make the person of the design pictures: water and electricity, day shift, by bicycle."""
    return Seeker(
        wishes=prepare_wishes(
            [("水电维修", "4-12", 450_000), ("综合维修", "4-12", 450_000)], [("装配钳工", "6-20-01-01")]
        ),
        certs=(prepare_cert("高处作业证"), prepare_cert("健康证")),
        licences=frozenset({"C1"}),
        skills=(("4-12", 3),),
        skills_known=True,
        work_years=11,
        edu_rank=4,
        forms=frozenset({"1", "2"}),
        shifts=frozenset({"01", "02"}),
        max_commute_km=10,
        spot=spot(30.28, 120.0),
        start_on=ON,
    )


Prepared = tuple[str, frozenset[str], int, int, int, tuple[float, float, float] | None, int, int, int, float]


def bare(person: Seeker, rows: list[Prepared], stems: list[str]) -> list[tuple[float, int]]:
    """Score every row by the seven parts, and nothing else: as lean as straight-line Python gets."""
    fits = {occ: max(wish.factor * code_affinity(wish.occ, occ) for wish in person.wishes) for occ in _TRADES}
    wishes = [(wish.grams, len(wish.grams), wish.factor * 1.2) for wish in person.wishes]
    held = sum(1 << stems.index(cert.stem) for cert in person.certs if cert.stem in stems)
    hx, hy, hz = person.spot or (0.0, 0.0, 0.0)
    years, edu, expect, level = person.work_years or 0, person.edu_rank or 0, 450_000, 3
    accepted = sum(1 << int(shift) for shift in person.shifts or ())
    factor = 2 * DETOUR * EARTH_RADIUS_M / 1000
    found = []
    for number, (occ, grams, needs, asked, need_level, there, pay, shift, edu_min, exp) in enumerate(rows):
        trade = fits[occ]
        if not trade:
            trade = max([share * len(wished & grams) / (size + len(grams)) for wished, size, share in wishes])
        points = 30 * trade + (14 * (needs & held).bit_count() / asked if asked else 14)
        points += 6 if level >= need_level else 6 * level / need_level
        ratio = pay / expect
        points += 15 if ratio >= 1 else 75 * ratio - 60 if ratio > 0.8 else 0
        points += 10 if accepted & shift else 0
        points += 5 if edu >= edu_min else 0
        points += 5 if years >= exp else 5 * years / exp
        if there is None:
            found.append((points / 0.85, number))
            continue
        x, y, z = there
        x -= hx
        y -= hy
        z -= hz
        km = factor * asin(sqrt(x * x + y * y + z * z) / 2)
        points += 15 if km <= 1 else 18 - 3 * km if km <= 3 else 9 * (10 - km) / 7 if km < 10 else 0
        found.append((points, number))
    return nlargest(20, found)


def prepared(pool: Pool) -> tuple[list[Prepared], list[str]]:
    """Return the rows of the floor, and the certificates in the order of their bits."""
    stems = [need.stem for need in pool.needs]
    rows = [
        (
            one.occ,
            one.grams,
            sum(1 << stems.index(need.stem) for need in one.needs),
            len(one.needs),
            one.level_min,
            one.spot,
            one.pay_month or 0,
            1 << int(one.shifts[0]),
            one.edu_min or 0,
            one.exp_years or 0.0,
        )
        for one in pool.facts
    ]
    return rows, stems


def best_of(work: Callable[[], object], rounds: int = 15) -> float:
    """Return the median of several runs in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[rounds // 2]


def run() -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    pool, person = Pool(vacancies(COUNT)), seeker()
    rows, stems = prepared(pool)
    floor = best_of(lambda: bare(person, rows, stems))
    ours = best_of(lambda: match(person, pool, top=20, on=ON))
    result = match(person, pool, top=20, on=ON)
    detail = (
        f"floor {floor * 1000:.1f} ms, match with filters, counts and reasons {ours * 1000:.1f} ms; "
        f"{result.passed} of {result.considered} pass, {len(result.train_first)} to train first"
    )
    return [("match: top 20 of 10,000 with all reasons", ours / floor, LIMIT, detail)]


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
