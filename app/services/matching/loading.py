"""From rows to what matching may know.

Only the columns named here are ever read; sex and birth date end in a yes or no.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import NotFoundError
from app.models.base import month_after
from app.models.codes import edu_rank, middle_of, occupation_label, skill_rank
from app.models.employer import Employer, Vacancy
from app.models.referral import Referral
from app.models.registration import Registration
from app.models.resident import Consent, Resident
from app.services.matching import prepare, rules
from app.services.matching.distance import Spot, spot
from app.services.matching.prepare import AgeGate, Cert, Need, Seeker, VacancyFacts
from app.texts import _

PUBLISHED, PAUSED, FILLED = "30", "40", "50"
POOL_STATES = (PUBLISHED, PAUSED, FILLED)
VERIFIED, BARRED_EMPLOYERS = "20", frozenset({"30", "40"})
PENSIONER_STATUS, PENSIONER_CLASS = "35", "10"
NO_STANDING, NO_HEAVY, NO_NIGHT, NO_WEEKEND = "04", "05", "06", "13"
WEEKEND_SHIFT = "10"
UNLIMITED = frozenset({"不限", "90", "00"})
VOID, HIRED = "60", "1"
NOTICE, WITHDRAWAL = "1", "5"
DRIVING = "9"
FEMALE = "2"

_RESIDENT = (
    col(Resident.edu_level),
    col(Resident.geo),
    col(Resident.emp_status),
    col(Resident.priority_groups),
    col(Resident.birth_date),
    col(Resident.sex),
)
"""All that matching reads of a resident: birth date for F2 and sex for F10 alone."""

_VACANCY: tuple[Any, ...] = (
    col(Vacancy.id),
    col(Vacancy.employer_id),
    col(Employer.name).label("employer_name"),
    col(Employer.verify_state),
    col(Employer.credit_flag),
    col(Employer.geo).label("employer_geo"),
    col(Vacancy.title),
    col(Vacancy.trade),
    col(Vacancy.review_state),
    col(Vacancy.open_from),
    col(Vacancy.open_to),
    col(Vacancy.openings),
    col(Vacancy.remaining),
    col(Vacancy.minor_ok),
    col(Vacancy.certs_required),
    col(Vacancy.skill_level_min),
    col(Vacancy.work_form),
    col(Vacancy.contract_type),
    col(Vacancy.shift),
    col(Vacancy.duty),
    col(Vacancy.other_cond),
    col(Vacancy.pay_unit),
    col(Vacancy.pay_min),
    col(Vacancy.pay_max),
    col(Vacancy.base_pay),
    col(Vacancy.edu_min),
    col(Vacancy.edu_mandatory),
    col(Vacancy.exp_years_min),
    col(Vacancy.geo),
    col(Vacancy.review_hits),
    col(Vacancy.forbidden_for_women),
    col(Vacancy.friendly_tags),
)


def load_seeker(tx: Transaction, resident_id: str, on: date) -> Seeker | None:
    """Return the person's side of matching, or None without a jobseeker registration in force.

    Raises:
        NotFoundError: there is no such resident, or the file is sealed.
    """
    found = tx.rows(select(*_RESIDENT).where(col(Resident.id) == resident_id, col(Resident.deleted_at).is_(None)))
    if not found:
        raise NotFoundError(_("找不到这份居民档案，可能已经作废"))
    registrations = tx.rows(
        select(*_columns_of_registration())
        .where(col(Registration.resident_id) == resident_id, col(Registration.status) == "10")
        .where(col(Registration.deleted_at).is_(None))
        .order_by(col(Registration.reg_date).desc(), col(Registration.id).desc())
        .limit(1)
    )
    if not registrations:
        return None
    referred, hired = _referrals(tx, resident_id)
    seeker = _seeker(found[0], registrations[0], on)
    return replace(seeker, referred=referred, hired=hired, withdrawn=_withdrawn(tx, resident_id))


def _columns_of_registration() -> tuple[Any, ...]:
    names = (
        "person_class work_years skills certs drive_licence intents accept_shift max_commute_km available_from "
        "accept_gig accept_training accept_internship accept_pwpost exclude_trades exclude_employers constraints resume"
    )
    return tuple(col(getattr(Registration, name)) for name in names.split())


def _referrals(tx: Transaction, resident_id: str) -> tuple[tuple[tuple[str, date], ...], frozenset[str]]:
    rows = tx.rows(
        select(col(Referral.vacancy_id), col(Referral.issued_at), col(Referral.outcome))
        .where(col(Referral.resident_id) == resident_id, col(Referral.state) != VOID)
        .where(col(Referral.deleted_at).is_(None))
        .order_by(col(Referral.issued_at))
    )
    referred = tuple((row.vacancy_id, _local_day(row.issued_at)) for row in rows)
    return referred, frozenset(row.vacancy_id for row in rows if row.outcome == HIRED)


def _local_day(instant: datetime) -> date:
    return clock.to_local(instant).date()


def _withdrawn(tx: Transaction, resident_id: str) -> bool:
    """Say whether the person's last word on the notice (告知书) is a no."""
    rows = tx.rows(
        select(col(Consent.kind), col(Consent.agreed), col(Consent.withdrawn_at))
        .where(col(Consent.resident_id) == resident_id, col(Consent.kind).in_((NOTICE, WITHDRAWAL)))
        .where(col(Consent.deleted_at).is_(None))
        .order_by(col(Consent.told_at).desc(), col(Consent.id).desc())
        .limit(1)
    )
    if not rows:
        return False
    last = rows[0]
    if last.kind == WITHDRAWAL:
        return bool(last.agreed)
    return last.withdrawn_at is not None or not last.agreed


def _seeker(person: Row[Any], wanted: Row[Any], on: date) -> Seeker:
    """Prepare what the registration says, then what the law and the person's own exclusions add."""
    skills, certs, intents = _dicts(wanted.skills), _dicts(wanted.certs), _dicts(wanted.intents)
    licences = _licences(wanted.drive_licence, certs)
    pension = person.emp_status == PENSIONER_STATUS or wanted.person_class == PENSIONER_CLASS
    years = [float(one["years"]) for one in skills if isinstance(one.get("years"), int | float)]
    stated = Seeker(
        wishes=prepare.prepare_wishes(_intents(intents), _past_jobs(skills, wanted.resume)),
        certs=tuple(_cert(one) for one in certs if one.get("name")),
        licences=licences,
        skills=tuple((middle_of(_text(one, "trade")), skill_rank(_text(one, "level"))) for one in (*skills, *certs)),
        skills_known=bool(skills or certs or licences),
        work_years=wanted.work_years if wanted.work_years is not None else max(years, default=None),
        edu_rank=edu_rank(person.edu_level) or None,
        forms=prepare.accepted_forms(
            [_text(one, "form") for one in intents],
            gig=bool(wanted.accept_gig),
            internship=bool(wanted.accept_internship),
            welfare=bool(wanted.accept_pwpost),
            pension=pension,
        ),
        shifts=frozenset(wanted.accept_shift or ()) or None,
        max_commute_km=wanted.max_commute_km,
        spot=spot_of(person.geo),
        start_on=max(on, wanted.available_from or on),
        accept_training=wanted.accept_training is not False,
        pension=pension,
    )
    return _with_limits(stated, person, wanted, on)


def _with_limits(seeker: Seeker, person: Row[Any], wanted: Row[Any], on: date) -> Seeker:
    constraints = frozenset(wanted.constraints or ())
    groups = _groups(person.priority_groups, on)
    trades = (_named(one, "trade", "text") for one in wanted.exclude_trades or ())
    employers = (_named(one, "id", "name") for one in wanted.exclude_employers or ())
    return replace(
        seeker,
        exclude_trades=tuple(filter(None, trades)),
        exclude_employers=frozenset(filter(None, employers)),
        exclude_shifts=frozenset({WEEKEND_SHIFT}) if NO_WEEKEND in constraints else frozenset(),
        no_night=NO_NIGHT in constraints,
        no_heavy=NO_HEAVY in constraints,
        no_standing=NO_STANDING in constraints,
        offers=frozenset[str]().union(*(rules.FRIENDLY_GROUPS.get(group, frozenset()) for group in groups)),
        welfare=bool(groups & rules.WELFARE_GROUPS),
        age_gate=age_gate(person.birth_date, on),
        clause_applies=person.sex == FEMALE,
    )


def age_gate(birth_on: date | None, on: date) -> AgeGate:
    """Return what the law asks of age: under 16, 16 and 17, or neither (F2). Nothing else of age is kept."""
    if birth_on is None or month_after(birth_on, 18 * 12) <= on:
        return "adult"
    return "minor" if month_after(birth_on, 16 * 12) <= on else "child"


def spot_of(*geos: Mapping[str, Any] | None) -> Spot | None:
    """Return the first of the coordinates that can be used; without a datum they are from a domestic map."""
    for geo in geos:
        if not geo:
            continue
        lat, lon = geo.get("lat"), geo.get("lon", geo.get("lng"))
        if isinstance(lat, int | float) and isinstance(lon, int | float):
            try:
                return spot(float(lat), float(lon), str(geo.get("datum") or "GCJ02"))
            except ValueError:
                continue  # off the globe or in a datum nobody knows: as good as no place
    return None


def _intents(raw: Any) -> list[tuple[str, str, int | None]]:
    intents = []
    for one in _dicts(raw):
        trade, wage = _text(one, "trade"), one.get("wage_min")
        text = _text(one, "text") or occupation_label(trade)
        intents.append((text, trade, wage if isinstance(wage, int) and wage > 0 else None))
    return intents


def _past_jobs(skills: Sequence[Mapping[str, Any]], resume: Any) -> Iterable[tuple[str, str]]:
    """Return trades worked in: skills with years, and the posts of the work history."""
    for one in skills:
        if one.get("years"):
            yield _text(one, "note") or occupation_label(_text(one, "trade")), _text(one, "trade")
    for one in _dicts(resume):
        if one.get("post"):
            yield _text(one, "post"), _text(one, "trade")


def _licences(classes: Any, certs: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    held = [str(one).upper() for one in classes or ()]
    held += [_text(one, "level").upper() for one in certs if _text(one, "type") == DRIVING]
    return frozenset[str]().union(*(rules.licence_covers(one) for one in held if one in rules.LICENCE_CLASSES))


def _cert(one: Mapping[str, Any]) -> Cert:
    try:
        valid_to = date.fromisoformat(_text(one, "valid_to")) if one.get("valid_to") else None
    except ValueError:
        valid_to = None
    return prepare.prepare_cert(_text(one, "name"), valid_to)


def _groups(raw: Any, on: date) -> frozenset[str]:
    """Return the priority groups in force."""
    found = set()
    for one in raw or ():
        if isinstance(one, dict):
            day = on.isoformat()
            if str(one.get("valid_from") or "") <= day and day <= str(one.get("valid_to") or "9999"):
                found.add(_text(one, "code"))
        else:
            found.add(str(one))
    return frozenset(found)


def _dicts(raw: Any) -> list[dict[str, Any]]:
    return [one for one in raw or () if isinstance(one, dict)]


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    return "" if value is None else str(value).strip()


def _named(one: Any, *names: str) -> str:
    if isinstance(one, dict):
        return next((text for name in names if (text := _text(one, name))), "")
    return str(one).strip()


def load_vacancies(
    tx: Transaction, *, ids: Sequence[str] | None = None, since: date | None = None
) -> dict[str, VacancyFacts]:
    """Return vacancies by id: those named (all without names); with ``since``, only what a match considers.

    A match considers what is published, paused or filled and did not end before ``since``.
    """
    statement = (
        select(*_VACANCY)
        .join(Employer, col(Employer.id) == col(Vacancy.employer_id), isouter=True)
        .where(col(Vacancy.deleted_at).is_(None))
        .order_by(col(Vacancy.id))
    )
    if ids is not None:
        statement = statement.where(col(Vacancy.id).in_(ids))
    if since is not None:
        statement = statement.where(col(Vacancy.review_state).in_(POOL_STATES))
        statement = statement.where((col(Vacancy.open_to) >= since) | col(Vacancy.open_to).is_(None))
    return {row.id: facts_of(row) for row in tx.rows(statement)}


def facts_of(row: Row[Any]) -> VacancyFacts:
    """Prepare one vacancy's row."""
    text = f"{row.title}；{row.duty or ''}；{row.other_cond or ''}"
    top = row.pay_max if row.pay_max is not None else row.pay_min
    left = row.remaining if row.remaining is not None else row.openings
    return VacancyFacts(
        vacancy_id=row.id,
        employer_id=row.employer_id,
        employer_name=row.employer_name or "",
        title=row.title,
        occ=row.trade or "",
        published=row.review_state in (PUBLISHED, FILLED),
        open_from=row.open_from,
        open_to=row.open_to,
        remaining=0 if row.review_state == FILLED else left,
        openings=row.openings if row.remaining is None and row.review_state != FILLED else None,
        employer_ok=row.verify_state not in BARRED_EMPLOYERS and not row.credit_flag,
        employer_verified=row.verify_state == VERIFIED,
        minor_ok=bool(row.minor_ok),
        needs=_needs(row.certs_required),
        level_min=skill_rank(row.skill_level_min),
        form=row.work_form or "",
        contract=row.contract_type or "",
        shifts=tuple(row.shift or ()),
        heavy_word=prepare.heavy_word(text),
        standing_word=prepare.standing_word(text),
        pay_unit=row.pay_unit or "",
        pay_min=row.pay_min,
        pay_max=row.pay_max,
        pay_month=prepare.month_pay(row.pay_unit, top, row.base_pay),
        edu_min=0 if row.edu_min in UNLIMITED else edu_rank(row.edu_min) or None,
        edu_mandatory=bool(row.edu_mandatory),
        exp_years=row.exp_years_min,
        spot=spot_of(row.geo, row.employer_geo),
        reject_rule=_open_rejection(row.review_hits),
        clause=row.forbidden_for_women if row.forbidden_for_women not in (None, "", "0") else "",
        tags=frozenset(row.friendly_tags or ()),
        grams=prepare.bigrams(row.title),
    )


def _needs(raw: Any) -> tuple[Need, ...]:
    needs = []
    for one in raw or ():
        name = _named(one, "name", "type")
        if name:
            mandatory = not isinstance(one, dict) or one.get("mandatory") is not False
            needs.append(prepare.prepare_need(name, mandatory=mandatory))
    return tuple(needs)


def _open_rejection(hits: Any) -> str:
    """Return the rule of a REJECT hit that nobody decided on yet, or nothing (F8)."""
    for hit in _dicts(hits):
        severity = _text(hit, "severity") or _text(hit, "level")
        if severity.upper() == "REJECT" and not hit.get("decision"):
            return _text(hit, "rule") or _text(hit, "id") or "V"
    return ""
