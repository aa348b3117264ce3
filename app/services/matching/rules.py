"""The rules of matching as data: weights by version, hard filters in their order, and the ranks they compare.

A version of the weights is never edited once it has been used: its name is stamped on every result and referral.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from app import paths
from app.texts import N_

PARTS = ("occupation", "skills", "distance", "wage", "schedule", "education", "experience")
"""The seven parts, in the order of the screen."""

PART_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "occupation": N_("工种"),
        "skills": N_("技能"),
        "distance": N_("距离"),
        "wage": N_("薪酬"),
        "schedule": N_("班次"),
        "education": N_("学历"),
        "experience": N_("经验"),
    }
)

FULL, PARTLY, NONE, NOT_COMPARED = "full", "partly", "none", "not_compared"
"""The four marks: ✓ △ ✗ –."""

FULL_FROM = 0.95
PARTLY_FROM = 0.2


@dataclass(frozen=True, slots=True)
class Weights:
    """One version of the weights and limits, in force from a day."""

    version: str
    effective_from: date
    weights: tuple[float, ...]
    priority_boost: float
    distance_zero_km: float
    commute_slack: float
    wage_floor: float
    repeat_days: int
    employer_cap: int
    employer_cap_within: int
    trainable: tuple[str, ...]

    @property
    def total(self) -> float:
        """Return the sum of all weights (100 in the shipped versions)."""
        return sum(self.weights)


def parse_weights(entry: Mapping[str, object]) -> Weights:
    """Build one version from its JSON object.

    Raises:
        ValueError: a weight is missing, negative, or all are zero.
    """
    raw = entry["weights"]
    if not isinstance(raw, dict) or set(raw) != set(PARTS):
        raise ValueError(f"weights must name exactly: {', '.join(PARTS)}")
    weights = tuple(float(raw[part]) for part in PARTS)
    if min(weights) < 0 or sum(weights) <= 0:
        raise ValueError("weights must not be negative, nor all zero")
    trainable = entry["trainable"]
    return Weights(
        version=str(entry["version"]),
        effective_from=date.fromisoformat(str(entry["effective_from"])),
        weights=weights,
        priority_boost=_number(entry, "priority_boost"),
        distance_zero_km=_number(entry, "distance_zero_km"),
        commute_slack=_number(entry, "commute_slack"),
        wage_floor=_number(entry, "wage_floor"),
        repeat_days=int(_number(entry, "repeat_days")),
        employer_cap=int(_number(entry, "employer_cap")),
        employer_cap_within=int(_number(entry, "employer_cap_within")),
        trainable=tuple(str(word) for word in trainable) if isinstance(trainable, list) else (),
    )


def _number(entry: Mapping[str, object], name: str) -> float:
    return float(str(entry[name]))


@cache
def all_weights() -> tuple[Weights, ...]:
    """Return every shipped version, oldest first."""
    text = (paths.resources() / "matching" / "weights.json").read_text("utf-8")
    versions = [parse_weights(entry) for entry in json.loads(text)["versions"]]
    return tuple(sorted(versions, key=lambda one: (one.effective_from, one.version)))


def weights_for(on: date) -> Weights:
    """Return the version in force on a day; before the first one, the first."""
    versions = all_weights()
    in_force = [one for one in versions if one.effective_from <= on]
    return in_force[-1] if in_force else versions[0]


@dataclass(frozen=True, slots=True)
class Filter:
    """One hard filter: its stable code and the short label of the counts line."""

    code: str
    label: str


FILTERS: tuple[Filter, ...] = (
    Filter("F1.unpublished", N_("没有发布")),
    Filter("F1.early", N_("还没开始招")),
    Filter("F1.expired", N_("已过招聘日期")),
    Filter("F1.full", N_("已招满")),
    Filter("F1.employer", N_("单位核验没有通过")),
    Filter("F2.child", N_("不满 16 周岁")),
    Filter("F2.minor", N_("不招 16、17 周岁")),
    Filter("F3.missing", N_("缺必备证书")),
    Filter("F3.expired", N_("证书到期")),
    Filter("F4.trade", N_("本人不考虑的工种")),
    Filter("F4.employer", N_("本人不考虑的单位")),
    Filter("F4.shift", N_("本人不上的班次")),
    Filter("F4.night", N_("本人不上夜班")),
    Filter("F4.heavy", N_("本人不能搬重")),
    Filter("F4.standing", N_("本人不能久站")),
    Filter("F5.form", N_("用工形式不接受")),
    Filter("F5.pension", N_("已领养老金，不能签劳动合同")),
    Filter("F5.rehire", N_("只招已退休的")),
    Filter("F6.far", N_("路太远")),
    Filter("F7.low", N_("月薪不到期望八成")),
    Filter("F8.rule", N_("岗位内容待改正")),
    Filter("F9.referred", N_("90 天内推荐过")),
    Filter("F9.hired", N_("已在这个岗位录用")),
    Filter("F10.clause", N_("法定禁忌岗位")),
    Filter("F11.consent", N_("本人已撤回同意")),
)
"""The hard filters in the order in which they are asked; the first that says no is the one counted."""

TRAIN_FIRST = "F3.train"
"""Not a filter that is counted with the others: lacks only certificates that can be trained for (可先培训)."""

CLEAR = len(FILTERS)
"""The ordinal of "no filter says no"."""

ORDINAL: Mapping[str, int] = MappingProxyType({one.code: at for at, one in enumerate(FILTERS)})

FILTER_LABELS: Mapping[str, str] = MappingProxyType({one.code: one.label for one in FILTERS})

SHIFT_OVERLAPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "01": frozenset({"02", "09"}),
        "02": frozenset({"01"}),
        "03": frozenset({"05", "06"}),
        "04": frozenset({"06"}),
        "05": frozenset({"02", "03", "06"}),
        "06": frozenset({"02", "03", "04", "05"}),
        "07": frozenset({"01", "05", "06", "09"}),
        "08": frozenset({"09"}),
        "09": frozenset({"01", "02", "03", "08", "10", "11"}),
        "10": frozenset({"09"}),
        "11": frozenset({"09"}),
    }
)
"""A vacancy's shift → shifts whose acceptance makes it fit in part."""

NIGHT_SHIFT = "04"
NIGHT_SHIFTS = frozenset({"04", "05", "06"})
"""Shifts with night work in them (``night`` in code list SHIFT)."""

ORDINARY_FORMS = frozenset({"1", "2", "4", "5"})
GIG_FORMS = frozenset({"3"})
INTERN_FORMS = frozenset({"6", "7"})
WELFARE_FORM = "8"
REHIRE_FORM = "9"

LABOUR_CONTRACTS = frozenset({"10", "20", "30", "40", "50"})
"""Contract codes that are labour contracts: closed to those who draw a pension (劳动合同法 44(2))."""

EDU_LABELS: Mapping[int, str] = MappingProxyType(
    {
        8: N_("博士研究生"),
        7: N_("硕士研究生"),
        6: N_("大学本科"),
        5: N_("大学专科"),
        4: N_("高中、中专"),
        3: N_("初中"),
        2: N_("小学"),
        1: N_("小学以下"),
    }
)

_LICENCE_COVERS = {
    "A1": "A1 A3 B1 B2 C1 C2 C3 C4 M",
    "A2": "A2 B1 B2 C1 C2 C3 C4 C6 M",
    "A3": "A3 C1 C2 C3 C4",
    "B1": "B1 C1 C2 C3 C4 M",
    "B2": "B2 C1 C2 C3 C4 M",
    "C1": "C1 C2 C3",
    "C3": "C3 C4",
    "D": "D E F",
    "E": "E F",
}


def licence_covers(held: str) -> frozenset[str]:
    """Return every driving class that a held class permits (机动车驾驶证申领和使用规定, annex 1)."""
    return frozenset(_LICENCE_COVERS.get(held, held).split())


LICENCE_CLASSES = frozenset({"A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "C4", "C5", "C6", "D", "E", "F", "M"})

FRIENDLY_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "KG15": frozenset({"1"}),
        "KG10": frozenset({"2", "5"}),
        "KG16": frozenset({"3"}),
        "KG09": frozenset({"4"}),
    }
)
"""Priority group → the employer's offers (code list FRIENDLY_TAG) made to it. No other group is ever read."""

WELFARE_GROUPS = frozenset({"KG02", "KG03"})
"""Groups that public-welfare posts (公益性岗位) are for."""
