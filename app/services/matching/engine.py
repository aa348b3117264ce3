"""The matching engine: filters and scores a pool for one person, keeps the best, and says why of each.

Pure and deterministic: same input, same result, to the byte. No database, no clock.
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from heapq import nlargest

from app.services.matching import filters, rules
from app.services.matching.distance import chord2
from app.services.matching.explain import Suggestion, WhyNot, explain_fails, suggest
from app.services.matching.pool import Pool, Row, pool_of
from app.services.matching.prepare import Seeker, VacancyFacts
from app.services.matching.result import MatchResult
from app.services.matching.rules import CLEAR, FILTERS, ORDINAL, Weights
from app.services.matching.score import shown, text_affinity
from app.services.matching.tables import F2_MINOR, F3_MISSING, Tables, build_tables

_SPARE = 40
"""Candidates kept beyond those asked for, so that the employer cap has others to move up."""


def match(
    seeker: Seeker,
    vacancies: Sequence[VacancyFacts],
    *,
    top: int = 20,
    on: date,
    weights: Weights | None = None,
) -> MatchResult:
    """Return the best vacancies for a person with reasons, and how many each filter kept away.

    Pass a ``Pool`` to match many times over the same vacancies; any other sequence is prepared first.
    """
    weights = weights or rules.weights_for(on)
    pool = pool_of(vacancies)
    day = pool.day(on)
    tables = build_tables(seeker, pool, day, weights)
    buckets = _sift(day.rows, tables)
    _move_barred(buckets, _barred(seeker, pool, on, weights))
    passing = buckets.pop()
    trainable = _trainable(buckets[F3_MISSING], day.rows, tables)
    boosts = _boosts(seeker, pool, weights)
    ranked = _rank(pool, seeker, passing, _ranks(passing, day.rows, tables, boosts, weights), top, weights)
    grace = _order(
        dict(zip(trainable, _ranks(trainable, day.rows, tables, boosts, weights), strict=True)), pool, seeker
    )
    kept_away = {FILTERS[first].code: found for first, found in enumerate(buckets) if found}
    return MatchResult(
        suggestions=tuple(_suggestion(at, seeker, pool, boosts, weights) for at in ranked),
        train_first=tuple(_suggestion(at, seeker, pool, boosts, weights) for at in grace[:top]),
        filtered={code: len(found) for code, found in kept_away.items()},
        filtered_ids={code: tuple([pool.ids[at] for at in found]) for code, found in kept_away.items()},
        train_first_count=len(trainable),
        considered=len(pool),
        passed=len(passing),
        weights_version=weights.version,
        on=on,
    )


def why_not(seeker: Seeker, facts: VacancyFacts, *, on: date, weights: Weights | None = None) -> tuple[WhyNot, ...]:
    """Return every reason why a vacancy is not suggested, in order; empty when nothing stands against it."""
    weights = weights or rules.weights_for(on)
    return explain_fails(seeker, facts, filters.all_fails(seeker, facts, on, weights), weights)


def explain(seeker: Seeker, facts: VacancyFacts, *, on: date, weights: Weights | None = None) -> Suggestion:
    """Return score and reasons of one pair, whether or not a filter stands against it."""
    weights = weights or rules.weights_for(on)
    return suggest(seeker, facts, weights, boost=boost_for(seeker, facts, weights))


def name_employers(seeker: Seeker, pool: Pool) -> Seeker:
    """Return the person with employers that she ruled out by name also ruled out by id."""
    names = [name for name in seeker.exclude_employers if name not in pool.by_employer]
    if not names:
        return seeker
    ids = {one.employer_id for one in pool.facts if any(name in one.employer_name for name in names)}
    return replace(seeker, exclude_employers=seeker.exclude_employers | ids)


def boost_for(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> float:
    """Return the priority boost: public-welfare posts and 友好岗, only for those they are offered to."""
    offered = facts.tags & seeker.offers or (facts.form == rules.WELFARE_FORM and seeker.welfare)
    return weights.priority_boost if offered else 0.0


def _sift(rows: list[Row], tables: Tables) -> list[list[int]]:
    """Return the vacancies by the ordinal of the first filter that says no; those that pass are last."""
    gate, require, job = tables.gate.fails, tables.require.fails, tables.job.fails
    pay, place, base = tables.pay.fails, tables.place.fails, tables.pay_base
    buckets: list[list[int]] = [[] for _ in range(CLEAR + 1)]
    for at, (g, r, _, j, w, p) in enumerate(rows):
        first = gate[g]
        if first > F2_MINOR:  # what fails F1 or F2 need not be asked further
            if require[r] < first:
                first = require[r]
            if job[j] < first:
                first = job[j]
            if place[p] < first:
                first = place[p]
            low = pay[w] if base is None else pay[w + base[j]]
            if low < first:
                first = low
        buckets[first].append(at)
    return buckets


def _move_barred(buckets: list[list[int]], barred: Mapping[int, int]) -> None:
    """Move the vacancies that are barred one by one to the bucket of that filter, if it comes first."""
    if not barred:
        return
    for first, found in enumerate(buckets):
        moving = [at for at in found if barred.get(at, CLEAR) < first]
        if moving:
            buckets[first] = [at for at in found if barred.get(at, CLEAR) >= first]
            for at in moving:
                insort(buckets[barred[at]], at)


def _trainable(found: list[int], rows: list[Row], tables: Tables) -> list[int]:
    """Return those whose only obstacle is a certificate that can be trained for."""
    gate, job, place = tables.gate.fails, tables.job.fails, tables.place.fails
    pay, base = tables.pay.fails, tables.pay_base
    kept = []
    for at in found:
        g, r, _, j, w, p = rows[at]
        low = pay[w] if base is None else pay[w + base[j]]
        if tables.trainable[r] and gate[g] == job[j] == place[p] == low == CLEAR:
            kept.append(at)
    return kept


def _ranks(
    found: list[int], rows: list[Row], tables: Tables, boosts: Mapping[int, float], weights: Weights
) -> list[float]:
    """Return score plus boost of vacancies, in their order."""
    gate, require, study = tables.gate.points, tables.require.points, tables.study.points
    job, pay, place = tables.job.points, tables.pay.points, tables.place.points
    base, total = tables.pay_base, weights.total
    mine = [rows[at] for at in found]
    if base is None:
        sums = [gate[g] + place[p] + require[r] + job[j] + pay[w] + study[s] for g, r, s, j, w, p in mine]
    else:
        sums = [gate[g] + place[p] + require[r] + job[j] + pay[w + base[j]] + study[s] for g, r, s, j, w, p in mine]
    # Where nothing at all could be compared the points are 0 too: any divisor will do.
    ranks = [one.real * 100 / ((total - one.imag) or 1.0) for one in sums]
    if boosts:
        ranks = [rank + boosts.get(at, 0.0) for at, rank in zip(found, ranks, strict=True)]
    return ranks


def _barred(seeker: Seeker, pool: Pool, on: date, weights: Weights) -> dict[int, int]:
    """Return place in the pool → ordinal of the filters that name single vacancies or employers."""
    barred = {
        pool.place_of[vacancy_id]: ORDINAL[code]
        for vacancy_id, code in filters.blocked(seeker, on, weights).items()
        if vacancy_id in pool.place_of
    }
    for employer_id in seeker.exclude_employers:
        barred.update(dict.fromkeys(pool.by_employer.get(employer_id, ()), ORDINAL["F4.employer"]))
    return barred


def _boosts(seeker: Seeker, pool: Pool, weights: Weights) -> dict[int, float]:
    """Return place in the pool → boost, of those that have one."""
    if not seeker.offers and not seeker.welfare:
        return {}
    boosts = ((at, boost_for(seeker, pool.facts[at], weights)) for at in pool.special)
    return {at: boost for at, boost in boosts if boost}


def _rank(pool: Pool, seeker: Seeker, passing: list[int], ranks: list[float], top: int, weights: Weights) -> list[int]:
    """Return the best vacancies in order, at most so many of one employer among the first."""
    want = top + _SPARE
    while True:
        best = nlargest(want, ranks)
        # Down to a tenth below the last: those may show the same score, and the tie is settled by date and distance.
        cut = best[-1] - 0.1 if best else 0.0
        found = {at: rank for at, rank in zip(passing, ranks, strict=True) if rank >= cut}
        ordered, complete = _cap_employers(_order(found, pool, seeker), pool, top, weights)
        if complete or len(best) < want:
            return ordered[:top]
        want *= 4


def _order(ranks: Mapping[int, float], pool: Pool, seeker: Seeker) -> list[int]:
    """Return vacancies by shown score, then sooner end, then shorter way, then nearer title, then id."""
    here, facts, ids, open_to = seeker.spot, pool.facts, pool.ids, pool.open_to
    wanted = [wish.grams for wish in seeker.wishes if not wish.past]

    def key(at: int) -> tuple[float, int, float, float, str]:
        there, title = facts[at].spot, facts[at].grams
        way = chord2(here, there) if here and there else float("inf")
        alike = max([text_affinity(grams, title) for grams in wanted], default=0.0)
        return -shown(ranks[at]), open_to[at], way, -alike, ids[at]

    return sorted(ranks, key=key)


def _cap_employers(ordered: list[int], pool: Pool, top: int, weights: Weights) -> tuple[list[int], bool]:
    """Move what exceeds the cap of one employer behind the first places; say whether those could be filled."""
    head: list[int] = []
    behind: list[int] = []
    seen: dict[str, int] = {}
    rest = iter(ordered)
    within = min(weights.employer_cap_within, top)
    for at in rest:
        employer = pool.facts[at].employer_id
        if seen.get(employer, 0) < weights.employer_cap:
            seen[employer] = seen.get(employer, 0) + 1
            head.append(at)
            if len(head) == within:
                break
        else:
            behind.append(at)
    return [*head, *behind, *rest], len(head) >= within


def _suggestion(at: int, seeker: Seeker, pool: Pool, boosts: Mapping[int, float], weights: Weights) -> Suggestion:
    return suggest(seeker, pool.facts[at], weights, boost=boosts.get(at, 0.0))
