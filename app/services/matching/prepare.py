"""What matching may know, prepared for speed: one ``Seeker`` per person, one ``VacancyFacts`` per vacancy.

These two types are the whole input. What may never count (domain sheet 9.1: sex, age, ethnicity, religion, politics,
marriage and children, hukou, health, disability, dibao, release record) has no field here, so no rule can read it.
The law's own questions arrive answered: ``age_gate`` (F2), ``pension`` (F5), ``clause_applies`` (F10).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.services.matching import rules
from app.services.matching.distance import Spot

AgeGate = Literal["adult", "minor", "child"]

INTENT_FACTORS = (1.0, 0.95, 0.9)
PAST_FACTOR = 0.9

DAYS_PER_MONTH = 21.75
HOURS_PER_MONTH = 174


@dataclass(frozen=True, slots=True)
class Wish:
    """A trade that the person wants or has worked in; ``expect`` is fen a month."""

    text: str
    occ: str
    factor: float
    expect: int | None = None
    past: bool = False
    grams: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cert:
    """A certificate held."""

    name: str
    stem: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Seeker:
    """One person's side of matching. None means: not recorded, so not compared."""

    wishes: tuple[Wish, ...] = ()
    certs: tuple[Cert, ...] = ()
    licences: frozenset[str] = frozenset()
    skills: tuple[tuple[str, int], ...] = ()
    skills_known: bool = False
    work_years: float | None = None
    edu_rank: int | None = None
    forms: frozenset[str] | None = None
    shifts: frozenset[str] | None = None
    max_commute_km: float | None = None
    spot: Spot | None = None
    start_on: date | None = None
    accept_training: bool = True
    exclude_trades: tuple[str, ...] = ()
    exclude_employers: frozenset[str] = frozenset()
    exclude_shifts: frozenset[str] = frozenset()
    no_night: bool = False
    no_heavy: bool = False
    no_standing: bool = False
    referred: tuple[tuple[str, date], ...] = ()
    hired: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    welfare: bool = False
    age_gate: AgeGate = "adult"
    pension: bool = False
    clause_applies: bool = False
    withdrawn: bool = False

    @property
    def lowest_expect(self) -> int | None:
        """Return the least pay among the wishes: what a post outside all wishes is compared with."""
        return min((one.expect for one in self.wishes if one.expect), default=None)


@dataclass(frozen=True, slots=True)
class Need:
    """A certificate or driving licence that a vacancy asks for."""

    name: str
    stem: str
    licence: str = ""
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class VacancyFacts:
    """One vacancy's side of matching. None and "" mean: not stated, so not compared."""

    vacancy_id: str
    employer_id: str
    title: str
    occ: str = ""
    employer_name: str = ""
    published: bool = True
    open_from: date | None = None
    open_to: date | None = None
    remaining: int | None = None
    openings: int | None = None
    employer_ok: bool = True
    employer_verified: bool = True
    minor_ok: bool = False
    needs: tuple[Need, ...] = ()
    level_min: int = 0
    form: str = ""
    contract: str = ""
    shifts: tuple[str, ...] = ()
    heavy_word: str = ""
    standing_word: str = ""
    pay_unit: str = ""
    pay_min: int | None = None
    pay_max: int | None = None
    pay_month: int | None = None
    edu_min: int | None = None
    edu_mandatory: bool = False
    exp_years: float | None = None
    spot: Spot | None = None
    reject_rule: str = ""
    clause: str = ""
    tags: frozenset[str] = frozenset()
    grams: frozenset[str] = field(default=frozenset(), compare=False, repr=False)


_NOISE = re.compile(r"[\s\W_]+")
_BRACKETS = re.compile(r"[（(【\[].*?[】）)\]]")
_CERT_TAIL = re.compile(r"(操作|作业|从业|职业|执业|专业|技能|等级|资格|培训|合格|上岗|特种|证书|证件|证|照|书)+$")
_LICENCE = re.compile(r"(?<![A-Z0-9])(A[123]|B[12]|C[1-6]|[DEFM])(?![A-Z0-9])")


def normal(text: str) -> str:
    """Return the text for comparing: half width, lower case, letters and figures only."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters; a single character stands for itself."""
    plain = normal(_BRACKETS.sub("", text)) or normal(text)
    return frozenset({plain}) if len(plain) == 1 else frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def cert_stem(name: str) -> str:
    """Return what a certificate is about: "低压电工作业证" and "低压电工（操作证）" are both "低压电工"."""
    plain = normal(_BRACKETS.sub("", name)) or normal(name)
    return _CERT_TAIL.sub("", plain) or plain


def prepare_wishes(
    intents: Sequence[tuple[str, str, int | None]], past_jobs: Iterable[tuple[str, str]] = ()
) -> tuple[Wish, ...]:
    """Prepare intents (text, code, fen a month), in order of preference, and past jobs (text, code)."""
    wanted = [
        Wish(text, occ, INTENT_FACTORS[min(place, 2)], expect, grams=bigrams(text))
        for place, (text, occ, expect) in enumerate(intents)
    ]
    seen = dict.fromkeys(past_jobs)
    past = [Wish(text, occ, PAST_FACTOR, past=True, grams=bigrams(text)) for text, occ in seen if text or occ]
    return (*wanted, *past)


def prepare_cert(name: str, valid_to: date | None = None) -> Cert:
    """Prepare a certificate held."""
    return Cert(name, cert_stem(name), valid_to)


def prepare_need(name: str, *, mandatory: bool = True) -> Need:
    """Prepare a certificate asked for; a driving class in the text ("C1 驾照") makes it a licence."""
    upper = unicodedata.normalize("NFKC", name).upper()
    classes = _LICENCE.findall(upper)
    driving = classes and (("驾" in name) or upper.replace("证", "").replace("照", "").strip() == classes[0])
    # Several classes in one text ("C1、B2 均可") are alternatives: any of them will do.
    licence = " ".join(classes) if driving else ("C1 C2" if "驾驶证" in name or "驾照" in name else "")
    return Need(name, cert_stem(name), licence, mandatory)


def month_pay(unit: str | None, amount: int | None, base: int | None = None) -> int | None:
    """Return fen a month of a pay in fen per unit (PAY_UNIT); None where it does not turn into a month.

    Piece and per-order pay counts by its guaranteed base, if there is one.
    """
    if unit in ("P", "O"):
        return base
    if amount is None:
        return base
    factor = {"H": HOURS_PER_MONTH, "D": DAYS_PER_MONTH, "W": DAYS_PER_MONTH / 5, "Y": 1 / 12}.get(unit or "M", 1.0)
    return round(amount * factor)


_HEAVY = ("搬运", "重体力", "搬重", "负重", "装卸", "扛包", "卸货")
_STANDING = ("久站", "站立作业", "长时间站", "全程站", "站班")
_DENIED = re.compile(r"(不|无|免|没有|非|无需|不用|不需要)[^，。；,;]{0,4}$")


def hard_word(text: str, words: Sequence[str]) -> str:
    """Return the first of the words that the text says, unless it denies it ("无需搬运")."""
    for word in words:
        at = text.find(word)
        if at >= 0 and not _DENIED.search(text[max(0, at - 6) : at]):
            return word
    return ""


def heavy_word(text: str) -> str:
    """Return the word by which a vacancy's text says heavy lifting, or nothing."""
    return hard_word(text, _HEAVY)


def standing_word(text: str) -> str:
    """Return the word by which a vacancy's text says standing for long, or nothing."""
    return hard_word(text, _STANDING)


def accepted_forms(
    intents: Iterable[str], *, gig: bool, internship: bool, welfare: bool, pension: bool
) -> frozenset[str]:
    """Return the work forms (WORK_FORM) that the person accepts.

    An intent without a form leaves all ordinary ones open. Gigs, internships and public-welfare posts need their own
    yes; 退休返聘 is for those who draw a pension.
    """
    named = {form for form in intents if form}
    forms = set(named or rules.ORDINARY_FORMS)
    forms |= rules.GIG_FORMS if gig else frozenset()
    forms |= rules.INTERN_FORMS if internship else frozenset()
    forms |= {rules.WELFARE_FORM} if welfare else frozenset()
    forms |= {rules.REHIRE_FORM} if pension else frozenset()
    return frozenset(forms)


def with_grams(facts: VacancyFacts) -> VacancyFacts:
    """Return the facts with the bigrams of their title, if they are not prepared yet."""
    if facts.grams:
        return facts
    values = {name: getattr(facts, name) for name in VacancyFacts.__dataclass_fields__}
    return VacancyFacts(**{**values, "grams": bigrams(facts.title)})
