"""One person's tables over a pool: for each numbered value, the points, the weight that drops out, and the filter.

An entry of a points table is a complex number: real = points, imaginary = weight not compared. Adding six entries adds
both at once; a look-up of six filters and that addition are the whole hot loop of ``engine``.
"""

from collections import Counter
from dataclasses import dataclass

from app.services.matching import distance, filters, score
from app.services.matching.pool import Day, Pool
from app.services.matching.prepare import Seeker, Wish
from app.services.matching.rules import CLEAR, ORDINAL, Weights

F2_MINOR, F3_MISSING, F4_TRADE = ORDINAL["F2.minor"], ORDINAL["F3.missing"], ORDINAL["F4.trade"]
F6_FAR, F7_LOW = ORDINAL["F6.far"], ORDINAL["F7.low"]


@dataclass(frozen=True, slots=True)
class Table:
    """Points and first filter (an ordinal, ``CLEAR`` for none) of each numbered value."""

    points: list[complex]
    fails: list[int]


@dataclass(frozen=True, slots=True)
class Tables:
    """All six tables of a person; ``pay_base`` is where each job's own expectation starts in the pay table."""

    gate: Table
    require: Table
    study: Table
    job: Table
    pay: Table
    place: Table
    pay_base: list[int] | None
    trainable: list[bool]


def build_tables(seeker: Seeker, pool: Pool, day: Day, weights: Weights) -> Tables:
    """Ask every rule once for each distinct value in the pool."""
    job, expects = _job_table(seeker, pool, weights)
    kinds = sorted(set(expects), key=lambda expect: expect or 0)
    base = {expect: place * len(pool.pays) for place, expect in enumerate(kinds)}
    require, trainable = _require_table(seeker, pool, weights)
    return Tables(
        gate=_gate_table(seeker, day, weights),
        require=require,
        study=_study_table(seeker, pool, weights),
        job=job,
        pay=_pay_table(pool, kinds, weights),
        place=_place_table(seeker, pool, weights),
        pay_base=None if len(kinds) <= 1 else [base[expect] for expect in expects],
        trainable=trainable,
    )


def _entry(weight: float, s: float | None) -> complex:
    return complex(0.0, weight) if s is None else complex(weight * s)


def _gate_table(seeker: Seeker, day: Day, weights: Weights) -> Table:
    weight = weights.weights[4]
    fits = {shifts: score.schedule(seeker.shifts, shifts) for shifts in {gate.shifts for gate in day.gates}}
    return Table(
        [_entry(weight, fits[gate.shifts]) for gate in day.gates],
        [_first(filters.gate_fails(seeker, gate)) for gate in day.gates],
    )


def _require_table(seeker: Seeker, pool: Pool, weights: Weights) -> tuple[Table, list[bool]]:
    """Return the skills table, and for each requirement whether training would close what it lacks."""
    weight, known = weights.weights[1], seeker.skills_known
    valid = [score.holds_valid(seeker, need) for need in pool.needs]
    first_of = [_first(filters.need_fails(seeker, (need,))) for need in pool.needs]
    trained = [filters.can_train(seeker, (need,), weights) for need in pool.needs]
    levels = {middle: score.level_of(seeker, middle) for middle in {one.middle for one in pool.requires}}
    points, fails, trainable = [], [], []
    for needs, level_min, middle in pool.requires:
        held, first, trains = 0, CLEAR, True
        for need in needs:
            held += valid[need]
            first = min(first, first_of[need])
            trains = trains and trained[need]
        points.append(_entry(weight, score.skills_fit(held, len(needs), levels[middle], level_min, known=known)))
        fails.append(first)
        trainable.append(trains)
    return Table(points, fails), trainable


def _first(codes: list[str]) -> int:
    return min((ORDINAL[code] for code in codes), default=CLEAR)


def _study_table(seeker: Seeker, pool: Pool, weights: Weights) -> Table:
    edu, exp = weights.weights[5], weights.weights[6]
    points = [
        _entry(edu, score.education(seeker.edu_rank, one.edu_min, one.edu_mandatory))
        + _entry(exp, score.experience(seeker.work_years, one.exp_years))
        for one in pool.studies
    ]
    return Table(points, [CLEAR] * len(points))


def _job_table(seeker: Seeker, pool: Pool, weights: Weights) -> tuple[Table, list[int | None]]:
    """Return the occupation table, and the pay to compare each job with (one for all, where there is but one)."""
    weight, wishes = weights.weights[0], seeker.wishes
    by_code = [_best_by_code(seeker, occ) for occ in pool.occs]
    by_text = _text_fits(wishes, pool, by_code)
    entries = [_entry(weight, fit if wishes else None) for fit, _ in by_code]
    points = [entries[occ] for occ in pool.occ_of_job]
    for job, (fit, _) in by_text.items():
        points[job] = complex(weight * fit)
    fails = [CLEAR] * len(points)
    if seeker.exclude_trades:
        for number, job_text in enumerate(pool.jobs):
            if filters.trade_excluded(seeker, job_text.occ, job_text.title):
                fails[number] = F4_TRADE
    lowest = seeker.lowest_expect
    # One entry more than wishes: place -1 (no wish) finds the lowest at the end.
    pays = [*(wish.expect or lowest for wish in wishes), lowest]
    if len(set(pays)) == 1:
        return Table(points, fails), pays[:1]
    expects = [pays[by_code[occ][1]] for occ in pool.occ_of_job]
    for job, (_, place) in by_text.items():
        expects[job] = pays[place]
    return Table(points, fails), expects


def _best_by_code(seeker: Seeker, occ: str) -> tuple[float, int]:
    """Return the best fit by code and the place of its wish (-1: none)."""
    best, chosen = 0.0, -1
    for place, wish in enumerate(seeker.wishes):
        fit = wish.factor * score.code_affinity(wish.occ, occ)
        if fit > best:
            best, chosen = fit, place
    return best, chosen


def _text_fits(wishes: tuple[Wish, ...], pool: Pool, by_code: list[tuple[float, int]]) -> dict[int, tuple[float, int]]:
    """Return job → fit and wish, where the text fits better than any code: only jobs with a bigram in common."""
    found: dict[int, tuple[float, int]] = {}
    sizes, majors, occ_of = pool.gram_count_of_job, pool.major_of_job, pool.occ_of_job
    for place, wish in enumerate(wishes):
        shared: Counter[int] = Counter()
        for gram in sorted(wish.grams):
            shared.update(pool.jobs_with.get(gram, ()))
        mine, major = len(wish.grams), wish.occ[:1]
        for job, count in shared.items():
            if major and majors[job] == major:
                continue
            fit = wish.factor * (2 * count / (mine + sizes[job]) * score.TEXT_FACTOR)
            best, chosen = found.get(job) or by_code[occ_of[job]]
            if fit > best or (fit == best and place < chosen):
                found[job] = (fit, place)
    return found


def _pay_table(pool: Pool, kinds: list[int | None], weights: Weights) -> Table:
    """Return the wage table: all pays for the first expectation, then for the next, and so on."""
    weight = weights.weights[3]
    points, fails = [], []
    for expect in kinds:
        for offer in pool.pays:
            low = filters.pays_too_little(offer, expect, weights)
            points.append(_entry(weight, score.wage(offer, expect)))
            fails.append(F7_LOW if low else CLEAR)
    return Table(points, fails)


def _place_table(seeker: Seeker, pool: Pool, weights: Weights) -> Table:
    """Return the distance table. Places out of reach are told by their chord, without trigonometry."""
    weight = weights.weights[2]
    here = seeker.spot
    unknown = complex(0.0, weight)
    if here is None:
        return Table([unknown] * len(pool.spots), [CLEAR] * len(pool.spots))
    x, y, z = here
    limit = filters.commute_limit_chord2(seeker, weights)
    zero_km = score.zero_km(seeker, weights)
    points: list[complex] = []
    fails = [CLEAR] * len(pool.spots)
    for number, there in enumerate(pool.spots):
        if there is None:
            points.append(unknown)
            continue
        dx, dy, dz = x - there[0], y - there[1], z - there[2]
        chord = dx * dx + dy * dy + dz * dz
        if chord > limit:
            points.append(unknown)
            fails[number] = F6_FAR
        else:
            points.append(complex(weight * score.distance(distance.path_of_chord(chord), zero_km)))
    return Table(points, fails)
