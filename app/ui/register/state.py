"""What the register screen decides, without Qt: which fields belong where, what is sensitive, what a sheet means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import clock
from app.models.codes import code_list, middle_of
from app.models.divisions import COUNTY, STREET, division
from app.models.identity import IdentityCheck, check_id_no, guess_id_type
from app.services.consents import EMPLOYERS, NOTICE, SENSITIVE, consent_texts
from app.services.residents import KnownFacts
from app.texts import N_, _

__all__ = ["guess_id_type", "middle_of"]

FORM = "register"
STEPS: tuple[str, ...] = (N_("证件"), N_("联系和住处"), N_("想找什么"), N_("时间和路程"), N_("同意和签字"))
INTENTS, SKILLS, CERTS, EXCLUDED = 3, 3, 2, 2
FEMALE = "2"
GRADUATE_GROUP = "KG04"

RESIDENT_FIELDS: tuple[str, ...] = (
    "id_no", "id_type", "sex", "birth_date", "female_retire_base", "name", "edu_level", "emp_status", "school",
    "graduate_date", "major", "ethnic", "politic", "marital", "health", "pwd_cert_no", "pwd_type", "pwd_level",
    "mobile", "live_region", "grid_code", "live_addr", "hukou_region", "hukou_type", "hukou_addr",
    "residence_permit_no",
    "contact2_name", "contact2_phone", "contact2_relation", "ss_card_no",
)  # fmt: skip
YES_NO: tuple[str, ...] = (
    "accept_gig", "accept_training", "accept_internship", "accept_pwpost",
    "guidance_need", "training_need", "startup_need", "publish_consent",
)  # fmt: skip
WANTED_FIELDS: tuple[str, ...] = (
    "person_class", "work_years", "max_commute_km", "commute_mode", "available_from", "board_need",
)  # fmt: skip
MANY: tuple[str, ...] = ("accept_shift", "constraints", "drive_licence")
DATES = frozenset({"birth_date", "graduate_date", "available_from", *(f"cert_until{n}" for n in range(1, CERTS + 1))})
GRADUATE_FIELDS = ("school", "graduate_date", "major")
SENSITIVE_FIELDS = ("marital", "health", "pwd_cert_no", "pwd_type", "pwd_level")
LICENCES: tuple[str, ...] = ("A1", "A2", "A3", "B1", "B2", "C1", "C2", "C5", "D", "E", "F")
WAYS: tuple[tuple[str, str], ...] = (("1", N_("纸上签字")), ("2", N_("口头同意，当面记下")), ("3", N_("监护人代签")))

Entered = Mapping[str, Any]


def region_of(station_code: str) -> str:
    """Return the station's street, else its county, else nothing."""
    found = division(station_code)
    return found.code if found is not None and found.level in (COUNTY, STREET) else ""


@dataclass(frozen=True)
class Derived:
    """What a document number says: sentence for the line, sex and birth date, or what is wrong with it."""

    sex: str | None = None
    birth_on: date | None = None
    words: str = ""
    problem: str = ""
    warning: str = ""

    @property
    def is_woman(self) -> bool:
        """Whether the question of 50 or 55 is to be asked."""
        return self.sex == FEMALE


def derive(id_type: str | None, number: str | None) -> Derived:
    """Read sex, birth date and age out of a number."""
    if not number:
        return Derived()
    checked: IdentityCheck = check_id_no(id_type or "01", number, today=clock.today())
    if not checked.ok:
        return Derived(problem=checked.text)
    words = person_words(checked.sex, checked.birth_on)
    return Derived(checked.sex, checked.birth_on, words, warning=checked.text)


def age_on(birth_on: date, day: date) -> int:
    """Return full years of age."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def sex_words(sex: str | None) -> str:
    """Return 女."""
    item = code_list("SEX").get(sex)
    return item.short_label if item is not None else ""


def age_words(birth_on: date | None) -> str:
    """Return 47 岁."""
    return _("{age} 岁", age=age_on(birth_on, clock.today())) if birth_on is not None else ""


def person_words(sex: str | None, birth_on: date | None) -> str:
    """Return 女 · 1979-04-25 · 47 岁."""
    born = f"{birth_on:%Y-%m-%d}" if birth_on is not None else ""
    return "  ·  ".join(part for part in (sex_words(sex), born, age_words(birth_on)) if part)


def differs(entered: Entered) -> bool:
    """Say whether sex or birth date are not what the number says."""
    said = derive(entered.get("id_type"), entered.get("id_no"))
    pairs = ((said.sex, entered.get("sex")), (said.birth_on, entered.get("birth_date")))
    return any(known and given and known != given for known, given in pairs)


def is_sensitive(entered: Entered) -> bool:
    """Say whether anything was filled in that needs its own consent (PIPL 28, 29)."""
    if any(entered.get(name) for name in SENSITIVE_FIELDS):
        return True
    return _marked("KG", entered.get("priority_groups")) or _marked("CONSTRAINT", entered.get("constraints"))


def _marked(list_id: str, codes: Iterable[str] | None) -> bool:
    known = code_list(list_id)
    items = (known.get(code) for code in codes or ())
    return any(item is not None and bool(item.extra.get("sensitive")) for item in items)


def is_graduate(entered: Entered) -> bool:
    """Say whether school, date and major are demanded."""
    return GRADUATE_GROUP in (entered.get("priority_groups") or ())


TODO, DONE, WRONG, HERE = "todo", "done", "wrong", "here"


def step_states(here: int, touched: Sequence[bool], gaps: Sequence[tuple[int, bool]]) -> list[str]:
    """Return how each step stands; ``gaps`` are (step, is wrong)."""
    states = []
    for number, begun in enumerate(touched, 1):
        found = [wrong for step, wrong in gaps if step == number]
        if number == here:
            states.append(HERE)
        elif any(found):
            states.append(WRONG)
        else:
            states.append(DONE if begun and not found else TODO)
    return states


def gap_words(label: str, error: str) -> str:
    """Return 手机号：少 1 位, the head of the sentence under the field."""
    head = re.split(r"[：:，,]", error, maxsplit=1)[0]
    return _("{label}：{error}", label=label, error=head) if head else label


# From the sheet to the services


def resident_values(entered: Entered, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the facts of the person as ``register_resident`` and ``edit_resident`` take them."""
    values = {name: entered.get(name) for name in RESIDENT_FIELDS}
    said = derive(entered.get("id_type"), entered.get("id_no"))
    values["sex"] = values["sex"] or said.sex
    values["birth_date"] = values["birth_date"] or said.birth_on
    if values["sex"] != FEMALE:
        values["female_retire_base"] = None
    values["mismatch_confirmed"] = entered.get("mismatch_confirmed") == "1" and differs(entered)
    groups = {item.get("code"): item for item in (known or {}).get("priority_groups") or () if isinstance(item, dict)}
    values["priority_groups"] = [groups.get(code, {"code": code}) for code in entered.get("priority_groups") or ()]
    return values


def registration_values(entered: Entered, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what she looks for as ``open_registration`` and ``edit_registration`` take it."""
    before = known or {}
    values: dict[str, Any] = {name: entered.get(name) for name in WANTED_FIELDS}
    values.update({name: _flag(entered.get(name)) for name in YES_NO})
    values.update({name: list(entered.get(name) or ()) for name in MANY})
    values["intents"] = _intents(entered, before.get("intents") or [])
    values["skills"] = _rows(entered, before.get("skills") or [], SKILLS, _skill)
    values["certs"] = _rows(entered, before.get("certs") or [], CERTS, _cert)
    excluded = [entered.get(f"exclude{n}") for n in range(1, EXCLUDED + 1)]
    values["exclude_trades"] = [one for one in excluded if one] + list(before.get("exclude_trades") or [])[EXCLUDED:]
    return values


def _flag(code: str | None) -> bool | None:
    return None if code is None else code == "1"


def _intents(entered: Entered, before: list[Any]) -> list[dict[str, Any]]:
    found = []
    for n in range(1, INTENTS + 1):
        trade = entered.get(f"intent{n}")
        if trade:
            intent = {**_at(before, n), **trade, "wage_min": entered.get(f"wage{n}"), "form": entered.get(f"form{n}")}
            region = entered.get("intent_region")
            found.append({**intent, "region": region} if region else intent)
    return found


def _skill(entered: Entered, n: int) -> dict[str, Any]:
    trade = entered.get(f"skill{n}")
    if not trade:
        return {}
    level, years = entered.get(f"level{n}"), entered.get(f"years{n}")
    return {"trade": trade.get("trade"), "note": trade.get("text"), "level": level, "years": years}


def _cert(entered: Entered, n: int) -> dict[str, Any]:
    name, kind, until = (entered.get(f"cert_{part}{n}") for part in ("name", "type", "until"))
    if not name and not kind:
        return {}
    known = code_list("CERT_TYPE").get(kind)
    return {
        "type": kind,
        "name": name or (known.label_zh if known else None),
        "valid_to": until.isoformat() if until else None,
    }


def _rows(entered: Entered, before: list[Any], count: int, read: Any) -> list[dict[str, Any]]:
    rows = [(read(entered, n), _at(before, n)) for n in range(1, count + 1)]
    return [{**old, **row} for row, old in rows if row] + list(before[count:])


def _at(rows: list[Any], n: int) -> dict[str, Any]:
    """Return row ``n`` (from 1) as it was, so that what the sheet does not show stays."""
    return dict(rows[n - 1]) if len(rows) >= n and isinstance(rows[n - 1], dict) else {}


def consent_items(entered: Entered, given: Mapping[str, bool] | None = None) -> list[dict[str, Any]]:
    """Return the consents to record: answers that are new, or other than the one on file."""
    answers = {
        NOTICE: _flag(entered.get("consent_notice")),
        SENSITIVE: _flag(entered.get("consent_sensitive")) if is_sensitive(entered) else None,
        EMPLOYERS: _flag(entered.get("publish_consent")),
    }
    way = dict(WAYS).get(entered.get("consent_way") or "")
    known, texts = given or {}, consent_texts()
    return [
        {"kind": kind, "agreed": agreed, "way": way, "text_version": texts[kind].version}
        for kind, agreed in answers.items()
        if agreed is not None and known.get(kind) != agreed
    ]


# From what is on file, or in a draft, to the sheet


def entered_of(resident: Mapping[str, Any], registration: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what the sheet shows of a file."""
    entered: dict[str, Any] = {name: resident.get(name) for name in RESIDENT_FIELDS}
    entered["priority_groups"] = [
        item.get("code") if isinstance(item, dict) else item for item in resident.get("priority_groups") or ()
    ]
    entered["mismatch_confirmed"] = "1" if resident.get("mismatch_confirmed") else None
    if registration is not None:
        entered.update(_wanted_of(registration))
    return entered


def _wanted_of(wanted: Mapping[str, Any]) -> dict[str, Any]:
    entered: dict[str, Any] = {name: wanted.get(name) for name in (*WANTED_FIELDS, *MANY)}
    flags = {True: "1", False: "0"}
    entered.update({name: flags.get(wanted.get(name)) for name in YES_NO})  # type: ignore[arg-type]
    for n, intent in enumerate((wanted.get("intents") or [])[:INTENTS], 1):
        entered[f"intent{n}"] = {"trade": intent.get("trade"), "text": intent.get("text")}
        entered[f"wage{n}"], entered[f"form{n}"] = intent.get("wage_min"), intent.get("form")
    regions = {intent.get("region") for intent in wanted.get("intents") or []}
    entered["intent_region"] = regions.pop() if len(regions) == 1 else None
    for n, skill in enumerate((wanted.get("skills") or [])[:SKILLS], 1):
        entered[f"skill{n}"] = {"trade": skill.get("trade"), "text": skill.get("note")}
        entered[f"level{n}"], entered[f"years{n}"] = skill.get("level"), skill.get("years")
    for n, cert in enumerate((wanted.get("certs") or [])[:CERTS], 1):
        entered[f"cert_name{n}"], entered[f"cert_type{n}"] = cert.get("name"), cert.get("type")
        entered[f"cert_until{n}"] = _day(cert.get("valid_to"))
    for n, one in enumerate((wanted.get("exclude_trades") or [])[:EXCLUDED], 1):
        entered[f"exclude{n}"] = one if isinstance(one, dict) else {"trade": one, "text": None}
    return entered


def entered_on_file(known: KnownFacts) -> dict[str, Any]:
    """Return what the sheet shows of a file, with the answers given to consents."""
    entered = entered_of(known.resident, known.registration)
    entered["consent_notice"] = "1" if known.consents.get(NOTICE) else None
    if SENSITIVE in known.consents:
        entered["consent_sensitive"] = "1" if known.consents[SENSITIVE] else "0"
    return entered


def merge_into(known: Entered, typed: Entered) -> dict[str, Any]:
    """Go on with a file: its facts stay, gaps are filled from what was typed, wishes typed now are the newer ones."""
    own = set(RESIDENT_FIELDS) | {"priority_groups", "mismatch_confirmed"}
    merged = dict(known)
    for name, value in typed.items():
        if value not in (None, "", [], ()) and (name not in own or merged.get(name) in (None, "", [], ())):
            merged[name] = value
    return merged


def to_draft(entered: Entered) -> dict[str, Any]:
    """Return what was typed as JSON holds it; what is empty is left out."""
    kept = {name: value for name, value in entered.items() if value not in (None, "", [], ())}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in kept.items()}


def from_draft(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft as the sheet takes it."""
    return {name: _day(value) if name in DATES else value for name, value in kept.items()}


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
