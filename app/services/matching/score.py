"""The seven parts of the score, each a pure function to 0…1, or None when a side says nothing (domain sheet 9.3).

These are the rules in their plain form. ``engine`` fills its tables from these very functions, so there is one truth.
"""

from app.models.codes import middle_of
from app.services.matching import rules
from app.services.matching.prepare import Cert, Need, Seeker, VacancyFacts, Wish
from app.services.matching.rules import Weights

SAME_MINOR, SAME_MIDDLE, SAME_MAJOR, TEXT_FACTOR = 1.0, 0.8, 0.5, 0.6
NEAR_KM, MIDDLE_KM, MIDDLE_SCORE = 1.0, 3.0, 0.6
SKILL_COVER, SKILL_LEVEL = 0.7, 0.3


def code_affinity(wanted: str, offered: str) -> float:
    """Return how near two occupation codes are: same 细/小类 1, 中类 0.8, 大类 0.5, else 0."""
    if not wanted or not offered:
        return 0.0
    mine, theirs = wanted.split("-"), offered.split("-")
    if mine[:1] != theirs[:1]:
        return 0.0
    if len(mine) < 2 or mine[:2] != theirs[:2]:
        return SAME_MAJOR
    return SAME_MINOR if len(mine) > 2 and mine[:3] == theirs[:3] else SAME_MIDDLE


def text_affinity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the similarity of two sets of bigrams (Dice), 0…1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def wish_fit(wish: Wish, facts: VacancyFacts) -> float:
    """Return how well a vacancy fits one wish: by code, or by the text where the codes share no major class."""
    affinity = code_affinity(wish.occ, facts.occ) or text_affinity(wish.grams, facts.grams) * TEXT_FACTOR
    return wish.factor * affinity


def best_wish(seeker: Seeker, facts: VacancyFacts) -> tuple[float, Wish | None]:
    """Return the best fit and its wish (the first of equals); no wish when nothing is in common."""
    best, chosen = 0.0, None
    for wish in seeker.wishes:
        fit = wish_fit(wish, facts)
        if fit > best:
            best, chosen = fit, wish
    return best, chosen


def occupation(seeker: Seeker, facts: VacancyFacts) -> float | None:
    """Score the trade: the best over intents and past jobs."""
    return best_wish(seeker, facts)[0] if seeker.wishes else None


def expected_pay(seeker: Seeker, facts: VacancyFacts) -> int | None:
    """Return the pay to compare with: that of the wish the vacancy answers, else the lowest of all."""
    wish = best_wish(seeker, facts)[1]
    return wish.expect if wish and wish.expect else seeker.lowest_expect


def cert_covers(cert: Cert, need: Need) -> bool:
    """Say whether a certificate is of the kind asked for: at least as specific as the need."""
    return bool(need.stem) and need.stem in cert.stem


def holds(seeker: Seeker, need: Need) -> bool:
    """Say whether the person has what the vacancy asks for, whether or not it is still valid."""
    return _licensed(seeker, need) or any(cert_covers(cert, need) for cert in seeker.certs)


def holds_valid(seeker: Seeker, need: Need) -> bool:
    """Say whether the person has it, valid on the day she can start."""
    return _licensed(seeker, need) or any(
        cert_covers(cert, need)
        and (cert.valid_to is None or seeker.start_on is None or cert.valid_to >= seeker.start_on)
        for cert in seeker.certs
    )


def _licensed(seeker: Seeker, need: Need) -> bool:
    return bool(need.licence) and any(one in seeker.licences for one in need.licence.split())


def level_of(seeker: Seeker, middle: str) -> int:
    """Return the person's best skill level in a middle class; a skill without a class counts everywhere."""
    return max((level for trade, level in seeker.skills if not trade or not middle or trade == middle), default=0)


def skills(seeker: Seeker, needs: tuple[Need, ...], level_min: int, middle: str) -> float | None:
    """Score the certificates and the level asked for; nothing asked for is a full fit."""
    held = sum(holds_valid(seeker, need) for need in needs)
    level = level_of(seeker, middle) if level_min else 0
    return skills_fit(held, len(needs), level, level_min, known=seeker.skills_known)


def skills_fit(held: int, asked: int, level: int, level_min: int, *, known: bool) -> float | None:
    """Score so many needs held of those asked for, and the level."""
    if not asked and not level_min:
        return 1.0
    if not known:
        return None
    covered = held / asked if asked else 1.0
    return SKILL_COVER * covered + SKILL_LEVEL * (min(1.0, level / level_min) if level_min else 1.0)


def distance(metres: float, zero_km: float) -> float:
    """Score the way: 1 up to 1 km, 0.6 at 3 km, 0 at ``zero_km``, straight lines between."""
    km = metres / 1000
    if km <= NEAR_KM:
        return 1.0
    if km <= MIDDLE_KM:
        return 1 - (1 - MIDDLE_SCORE) * (km - NEAR_KM) / (MIDDLE_KM - NEAR_KM)
    if km >= zero_km:
        return 0.0
    return MIDDLE_SCORE * (zero_km - km) / (zero_km - MIDDLE_KM)


def zero_km(seeker: Seeker, weights: Weights) -> float:
    """Return where the distance part ends: the weights' limit, or further for one who travels further."""
    return max(weights.distance_zero_km, seeker.max_commute_km or 0)


def wage(offer: int | None, expect: int | None) -> float | None:
    """Score the top of the offer against the least expected, both fen a month."""
    if offer is None or not expect:
        return None
    return min(1.0, max(0.0, (offer / expect - 0.8) / 0.2))


def schedule(accepted: frozenset[str] | None, offered: tuple[str, ...]) -> float | None:
    """Score the shifts: all accepted 1, some or overlapping ones 0.5, none 0."""
    if not accepted or not offered:
        return None
    fitting = sum(shift in accepted for shift in offered)
    if fitting == len(offered):
        return 1.0
    overlapping = fitting or any(rules.SHIFT_OVERLAPS.get(shift, frozenset()) & accepted for shift in offered)
    return 0.5 if overlapping else 0.0


def education(have: int | None, required: int | None, mandatory: bool) -> float | None:
    """Score the level of education; ``required`` 0 is 不限, None not stated."""
    if required is None:
        return None
    if required == 0:
        return 1.0
    if have is None:
        return None
    if have >= required:
        return 1.0
    return 0.5 if have == required - 1 and not mandatory else 0.0


def experience(years: float | None, required: float | None) -> float | None:
    """Score the years of work; none required is a full fit."""
    if not required:
        return 1.0
    return None if years is None else min(1.0, years / required)


def all_parts(seeker: Seeker, facts: VacancyFacts, metres: float | None, weights: Weights) -> tuple[float | None, ...]:
    """Return the seven parts of one pair, in the order of ``rules.PARTS``."""
    middle = middle_of(facts.occ) if facts.level_min else ""
    return (
        occupation(seeker, facts),
        skills(seeker, facts.needs, facts.level_min, middle),
        None if metres is None else distance(metres, zero_km(seeker, weights)),
        wage(facts.pay_month, expected_pay(seeker, facts)),
        schedule(seeker.shifts, facts.shifts),
        education(seeker.edu_rank, facts.edu_min, facts.edu_mandatory),
        experience(seeker.work_years, facts.exp_years),
    )


def mark_of(s: float | None) -> str:
    """Return the mark of a part: full ✓, partly △, none ✗, not compared –."""
    if s is None:
        return rules.NOT_COMPARED
    if s >= rules.FULL_FROM:
        return rules.FULL
    return rules.PARTLY if s >= rules.PARTLY_FROM else rules.NONE


def total(weights: tuple[float, ...], parts: tuple[float | None, ...]) -> float:
    """Return the score 0…100 of the parts that could be compared."""
    points = sum(weight * s for weight, s in zip(weights, parts, strict=True) if s is not None)
    compared = sum(weight for weight, s in zip(weights, parts, strict=True) if s is not None)
    return points * 100 / compared if compared else 0.0


def shown(score: float) -> float:
    """Return the score as shown and stored: one decimal, halves up."""
    return round(score + 1e-9, 1)
