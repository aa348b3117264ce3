"""Reasons in the counter's words: one line per part, one for the list row, one sentence per filter (domain sheet 9.4).

Made only for what is shown; the counts need none of it.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.models.codes import code_list, middle_of
from app.services.matching import filters, rules, score
from app.services.matching.distance import CYCLE_KMH, WALK_KMH, circle, minutes, path_m
from app.services.matching.prepare import Seeker, VacancyFacts
from app.services.matching.rules import NOT_COMPARED, PARTS, Weights
from app.services.matching.wording import edu_text, km_text, level_text, list_text, pay_text, shift_text, yuan
from app.texts import _


@dataclass(frozen=True, slots=True)
class PartScore:
    """One of the seven parts: ``points`` of ``weight``, its mark, and its line."""

    part: str
    weight: float
    s: float | None
    points: float | None
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One vacancy with its score and reasons. ``boost`` is not in ``score``; the list is sorted by their sum."""

    vacancy_id: str
    employer_id: str
    title: str
    employer_name: str
    score: float
    boost: float
    parts: tuple[PartScore, ...]
    headline: str
    distance_m: float | None
    circle: str
    pay: str
    open_to: date | None
    remaining: int | None
    employer_verified: bool
    lacking: tuple[str, ...]
    not_compared: str

    @property
    def priority(self) -> bool:
        """Say whether this post is offered to the person's group first (优先)."""
        return self.boost > 0

    @property
    def rank(self) -> float:
        """Return what the list is sorted by."""
        return self.score + self.boost

    def reasons(self) -> list[dict[str, Any]]:
        """Return the parts as JSON, as a referral keeps them."""
        kept: list[dict[str, Any]] = [asdict(part) for part in self.parts]
        if self.boost:
            kept.append({"part": "priority", "points": self.boost, "text": _("优先")})
        return kept

    def as_json(self) -> dict[str, Any]:
        """Return the suggestion as plain JSON."""
        return {**asdict(self), "open_to": self.open_to.isoformat() if self.open_to else None, "rank": self.rank}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One filter that stands against a vacancy: stable code, short label, whole sentence."""

    code: str
    label: str
    text: str


def suggest(seeker: Seeker, facts: VacancyFacts, weights: Weights, *, boost: float = 0.0) -> Suggestion:
    """Score one pair and say why."""
    metres = path_m(seeker.spot, facts.spot) if seeker.spot and facts.spot else None
    values = score.all_parts(seeker, facts, metres, weights)
    parts = _parts(seeker, facts, metres, values, weights)
    without = tuple(need.name for need in facts.needs if not score.holds_valid(seeker, need))
    return Suggestion(
        vacancy_id=facts.vacancy_id,
        employer_id=facts.employer_id,
        title=facts.title,
        employer_name=facts.employer_name,
        score=score.shown(score.total(weights.weights, values)),
        boost=boost,
        parts=parts,
        headline=_headline(seeker, facts, parts, boost),
        distance_m=metres,
        circle="" if metres is None else circle(metres),
        pay=pay_text(facts),
        open_to=facts.open_to,
        remaining=facts.remaining,
        employer_verified=facts.employer_verified,
        lacking=without,
        not_compared=_not_compared(parts),
    )


def _parts(
    seeker: Seeker, facts: VacancyFacts, metres: float | None, values: tuple[float | None, ...], weights: Weights
) -> tuple[PartScore, ...]:
    texts = (
        _occupation_text(seeker, facts),
        _skills_text(seeker, facts, weights, values[1]),
        _distance_text(seeker, facts, metres),
        _wage_text(seeker, facts),
        _schedule_text(seeker, facts, values[4]),
        _education_text(seeker, facts),
        _experience_text(seeker, facts),
    )
    return tuple(
        PartScore(part, weight, s, None if s is None else score.shown(weight * s), score.mark_of(s), text)
        for part, weight, s, text in zip(PARTS, weights.weights, values, texts, strict=True)
    )


def _not_compared(parts: tuple[PartScore, ...]) -> str:
    dropped = [_(rules.PART_LABELS[part.part]) for part in parts if part.mark == NOT_COMPARED]
    return _("资料不足：{parts}", parts=list_text(dropped)) if dropped else ""


def _occupation_text(seeker: Seeker, facts: VacancyFacts) -> str:
    if not seeker.wishes:
        return _("本人没写想做的工种，没有比较")
    fit, wish = score.best_wish(seeker, facts)
    if wish is None:
        return _("和意向不是一类")
    which = _("做过的“{name}”", name=wish.text) if wish.past else _("意向“{name}”", name=wish.text)
    affinity = score.code_affinity(wish.occ, facts.occ)
    if affinity == score.SAME_MINOR:
        return _("和{which}同一工种", which=which)
    if affinity == score.SAME_MIDDLE:
        return _("和{which}同一中类（{code}）", which=which, code=middle_of(facts.occ))
    if affinity == score.SAME_MAJOR:
        return _("和{which}同一大类，不同中类", which=which)
    if fit >= rules.PARTLY_FROM:
        return _("和{which}字面相近", which=which)
    return _("和意向不是一类")


def _skills_text(seeker: Seeker, facts: VacancyFacts, weights: Weights, s: float | None) -> str:
    if not facts.needs and not facts.level_min:
        return _("岗位不要证书、不要等级")
    if s is None:
        return _("本人没写技能和证书，没有比较")
    lines = []
    without = [need for need in facts.needs if not score.holds_valid(seeker, need)]
    stale = [need.name for need in without if score.holds(seeker, need)]
    missing = [need for need in without if not score.holds(seeker, need)]
    if missing:
        names = list_text([need.name for need in missing])
        can = all(filters.trains(need, weights) for need in missing)
        lines.append(_("差{certs}，可先报取证班", certs=names) if can else _("差{certs}", certs=names))
    if stale:
        lines.append(_("{certs}到期了，要先复审", certs=list_text(stale)))
    if facts.level_min:
        have = score.level_of(seeker, middle_of(facts.occ))
        if have < facts.level_min:
            lines.append(_("要{need}，本人{have}", need=level_text(facts.level_min), have=level_text(have)))
        elif not lines:
            lines.append(_("要{need}，本人{have}，够了", need=level_text(facts.level_min), have=level_text(have)))
    if not lines:
        lines.append(_("有{certs}", certs=list_text([need.name for need in facts.needs])))
    return _("；").join(lines)


def _distance_text(seeker: Seeker, facts: VacancyFacts, metres: float | None) -> str:
    if seeker.spot is None:
        return _("本人住处没有定位，没有比较")
    if metres is None:
        return _("岗位地点没有定位，没有比较")
    if metres <= 2000:
        return _("约 {km} 公里，步行约 {n} 分钟", km=km_text(metres), n=minutes(metres, WALK_KMH))
    if metres <= 10_000:
        return _("约 {km} 公里，骑车约 {n} 分钟", km=km_text(metres), n=minutes(metres, CYCLE_KMH))
    return _("约 {km} 公里，要坐车", km=km_text(metres))


def _wage_text(seeker: Seeker, facts: VacancyFacts) -> str:
    offer, expect = facts.pay_month, score.expected_pay(seeker, facts)
    if offer is None:
        if facts.pay_unit in ("P", "O"):
            return _("按件、按单算，折不成月薪，没有比较")
        return _("岗位没写工资，没有比较")
    if not expect:
        return _("{pay}；本人没写期望工资，没有比较", pay=pay_text(facts))
    if offer >= expect:
        return _("{pay}，够到期望 {expect} 元", pay=pay_text(facts), expect=yuan(expect))
    return _(
        "{pay}，最高比期望 {expect} 元少 {gap} 元", pay=pay_text(facts), expect=yuan(expect), gap=yuan(expect - offer)
    )


def _schedule_text(seeker: Seeker, facts: VacancyFacts, s: float | None) -> str:
    if not facts.shifts:
        return _("岗位没写班次，没有比较")
    if s is None:
        return _("本人没写可接受的班次，没有比较")
    shifts = shift_text(facts.shifts)
    if s >= 1:
        return _("{shifts}，可以接受", shifts=shifts)
    mine = shift_text(tuple(sorted(seeker.shifts or ())))
    if s > 0:
        return _("{shifts}，本人写的是{mine}，部分合适", shifts=shifts, mine=mine)
    return _("{shifts}，本人写的是{mine}", shifts=shifts, mine=mine)


def _education_text(seeker: Seeker, facts: VacancyFacts) -> str:
    if facts.edu_min is None:
        return _("岗位没写学历，没有比较")
    if facts.edu_min == 0:
        return _("岗位不限学历")
    if seeker.edu_rank is None:
        return _("本人没写学历，没有比较")
    need, have = edu_text(facts.edu_min), edu_text(seeker.edu_rank)
    if seeker.edu_rank >= facts.edu_min:
        return _("要{need}，本人{have}，够了", need=need, have=have)
    return _("要{need}，本人{have}", need=need, have=have)


def _experience_text(seeker: Seeker, facts: VacancyFacts) -> str:
    if not facts.exp_years:
        return _("岗位不要求经验")
    if seeker.work_years is None:
        return _("本人没写工作年限，没有比较")
    return _("要 {need:g} 年，本人有 {have:g} 年", need=facts.exp_years, have=seeker.work_years)


def _headline(seeker: Seeker, facts: VacancyFacts, parts: tuple[PartScore, ...], boost: float) -> str:
    """Return the one thing to know for the list row: what is most worth doing about it."""
    if boost and facts.form == rules.WELFARE_FORM:
        return _("公益岗优先 +{n:g}", n=boost)
    if boost:
        return _("友好岗优先 +{n:g}", n=boost)
    by_name = {part.part: part for part in parts}
    if by_name["skills"].mark in (rules.PARTLY, rules.NONE):
        return by_name["skills"].text
    occupation = by_name["occupation"]
    gaps = [part for part in parts[2:] if part.mark in (rules.PARTLY, rules.NONE)]
    if occupation.mark == rules.NONE:
        return occupation.text if gaps else _("工种和意向不同，其余都合")
    if gaps:
        return max(gaps, key=lambda part: part.weight * (1 - (part.s or 0.0))).text
    dropped = _not_compared(parts)
    if dropped:
        return dropped
    return _("工种相近，其余都合") if occupation.mark == rules.PARTLY else _("七项都合")


def explain_fails(seeker: Seeker, facts: VacancyFacts, codes: tuple[str, ...], weights: Weights) -> tuple[WhyNot, ...]:
    """Return each filter's sentence, with what it compared."""
    return tuple(WhyNot(code, _(rules.FILTER_LABELS[code]), _SENTENCES[code](seeker, facts, weights)) for code in codes)


def _missing(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> str:
    without = filters.lacking(seeker, facts.needs)
    names = list_text([need.name for need in without])
    if filters.can_train(seeker, facts.needs, weights):
        return _("缺必备证书：{certs}。可以先报取证班", certs=names)
    return _("缺必备证书：{certs}", certs=names)


def _stale(seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    names = [need.name for need in filters.lacking(seeker, facts.needs)]
    return _("证书到期：{certs}。先复审再推荐", certs=list_text(names))


def _far(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> str:
    metres = path_m(seeker.spot, facts.spot) if seeker.spot and facts.spot else 0.0
    limit = filters.commute_limit_m(seeker, weights) or 0.0
    own = f"{seeker.max_commute_km or 0:g}"
    return _(
        "路太远：约 {km} 公里，本人最多 {own} 公里（放宽到 {limit} 公里）",
        km=km_text(metres),
        own=own,
        limit=km_text(limit),
    )


def _low(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> str:
    expect = score.expected_pay(seeker, facts) or 0
    floor = round(weights.wage_floor * expect)
    return _(
        "月薪最高 {offer} 元，不到期望 {expect} 元的八成（{floor} 元）",
        offer=yuan(facts.pay_month or 0),
        expect=yuan(expect),
        floor=yuan(floor),
    )


def _referred(seeker: Seeker, facts: VacancyFacts, weights: Weights) -> str:
    last = max(day for vacancy_id, day in seeker.referred if vacancy_id == facts.vacancy_id)
    return _(
        "{month} 月 {day} 日推荐过这个岗位，{n} 天内不重复推荐", month=last.month, day=last.day, n=weights.repeat_days
    )


def _form(_seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    return _("岗位是{form}，本人没选这种用工形式", form=code_list("WORK_FORM").label(facts.form))


def _night(_seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    return _("岗位是{shifts}，本人不上夜班", shifts=shift_text(facts.shifts))


def _day_text(day: date | None) -> tuple[int, int]:
    return (day.month, day.day) if day else (0, 0)


def _early(_seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    month, day = _day_text(facts.open_from)
    return _("{month} 月 {day} 日才开始招", month=month, day=day)


def _expired(_seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    month, day = _day_text(facts.open_to)
    return _("招聘到 {month} 月 {day} 日为止，已经过了", month=month, day=day)


def _clause(_seeker: Seeker, facts: VacancyFacts, _weights: Weights) -> str:
    return _("法律规定的禁忌岗位：{clause}", clause=code_list("FORBIDDEN_WOMEN").label(facts.clause))


_Sentence = Callable[[Seeker, VacancyFacts, Weights], str]

_SENTENCES: dict[str, _Sentence] = {
    "F1.unpublished": lambda s, v, w: _("岗位没有发布，或者已暂停、已下架"),
    "F1.early": _early,
    "F1.expired": _expired,
    "F1.full": lambda s, v, w: _("对方已招满"),
    "F1.employer": lambda s, v, w: _("单位核验没有通过，或者有欠薪、失信记录"),
    "F2.child": lambda s, v, w: _("本人不满 16 周岁，依法不能介绍工作"),
    "F2.minor": lambda s, v, w: _("本人 16、17 周岁，这个岗位没有标明可招未成年工"),
    "F3.missing": _missing,
    "F3.expired": _stale,
    "F4.trade": lambda s, v, w: _("本人说过不考虑这个工种"),
    "F4.employer": lambda s, v, w: _("本人说过不考虑这家单位"),
    "F4.shift": lambda s, v, w: _("岗位是{shifts}，本人说过不上", shifts=shift_text(v.shifts)),
    "F4.night": _night,
    "F4.heavy": lambda s, v, w: _("岗位写了“{word}”，本人说不能搬重", word=v.heavy_word),
    "F4.standing": lambda s, v, w: _("岗位写了“{word}”，本人说不能久站", word=v.standing_word),
    "F5.form": _form,
    "F5.pension": lambda s, v, w: _("本人已领养老金，不能再签劳动合同；可以找书面用工协议的岗位"),
    "F5.rehire": lambda s, v, w: _("退休返聘岗位，本人还没有领养老金"),
    "F6.far": _far,
    "F7.low": _low,
    "F8.rule": lambda s, v, w: _("岗位内容违反招聘规定（{rule}），改正前不能推荐", rule=v.reject_rule),
    "F9.referred": _referred,
    "F9.hired": lambda s, v, w: _("本人已在这个岗位录用"),
    "F10.clause": lambda s, v, w: _(
        "法律规定的禁忌岗位：{clause}", clause=code_list("FORBIDDEN_WOMEN").label(v.clause)
    ),
    "F11.consent": lambda s, v, w: _("本人已撤回同意，档案已封存，不能推荐"),
}
