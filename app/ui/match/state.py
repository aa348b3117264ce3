"""What the match screen shows and decides; read off the GUI thread, no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.models.codes import code_list, occupation_label
from app.models.names import surname_of
from app.models.resident import Resident
from app.services.matching import FILTER_LABELS, MatchResult, Suggestion, VacancyFacts
from app.services.matching.query import (
    FilteredLine,
    Verdict,
    explain_vacancy,
    list_all_vacancies,
    list_filtered,
    match_resident,
)
from app.services.matching.wording import pay_text
from app.services.registrations import active_registration
from app.services.training.openings import ClosingClass
from app.texts import N_, _
from app.ui import entry

if TYPE_CHECKING:
    from app.db.database import Transaction

SUGGESTED, EVERYTHING, NOT_SUGGESTED = "suggested", "all", "why"
TOP, MORE, LISTED = 20, 500, 2000
"""Shown at once; shown when asked for more; listed one by one of what is not suggested."""
GOOD_FROM, FAIR_FROM = 75.0, 60.0
SHOWN_REASONS = 6


@dataclass(frozen=True)
class Seeking:
    """The person in the header: name, surname for the tile, wishes in words."""

    id: str
    name: str
    surname: str
    wishes: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One vacancy in any of the three lists; ``suggestion`` only where it was scored."""

    vacancy_id: str
    title: str
    employer_name: str
    verified: bool = True
    pay: str = ""
    places: int | None = None
    until: str = ""
    suggestion: Suggestion | None = None
    label: str = ""
    why: str = ""


@dataclass(frozen=True)
class Matched:
    """Everything of one match."""

    person: Seeking
    rows: tuple[Row, ...]
    result: MatchResult

    @property
    def open_count(self) -> int:
        """Return how many vacancies are open to anybody: the first filter asks only that."""
        shut = sum(count for code, count in self.result.filtered.items() if code.startswith("F1."))
        return self.result.considered - shut


def load_matched(tx: Transaction, resident_id: str, top: int = TOP) -> Matched:
    """Match a resident; whoever has no registration in force is told so.

    Raises:
        NotFoundError: there is no such resident.
        RuleError: no jobseeker registration in force.
    """
    result = match_resident(tx, resident_id, top=top)
    rows = tuple(row_of_suggestion(one) for one in result.suggestions)
    return Matched(load_person(tx, resident_id), rows, result)


def load_person(tx: Transaction, resident_id: str) -> Seeking:
    """Return the header's person.

    Raises:
        NotFoundError: there is no such resident.
    """
    resident = tx.get(Resident, resident_id)
    registration = active_registration(tx, resident_id)
    wishes = registration.model_dump() if registration is not None else {}
    return Seeking(resident.id, resident.name, surname_of(resident.name) or resident.name[:1], wish_words(wishes))


def wish_words(registration: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what she looks for, in a few words each."""
    intents: Sequence[Mapping[str, Any]] = registration.get("intents") or ()
    trades = [str(one.get("text") or occupation_label(one.get("trade"))) for one in intents]
    wages = [one["wage_min"] for one in intents if one.get("wage_min")]
    words = [_("、").join(dict.fromkeys(trades))]
    if wages:
        words.append(_("{pay} 元起", pay=entry.show_fen(min(wages))))
    words.append(code_list("SHIFT").labels(tuple(registration.get("accept_shift") or ())))
    if registration.get("max_commute_km"):
        way = code_list("COMMUTE_MODE").label(registration.get("commute_mode"))
        km = f"{registration['max_commute_km']:g}"
        words.append(_("{way} {km} 公里以内", way=way, km=km).strip())
    return tuple(word for word in words if word)


def row_of_suggestion(one: Suggestion) -> Row:
    """Return the list row of a scored vacancy."""
    return Row(
        one.vacancy_id,
        one.title,
        one.employer_name,
        one.employer_verified,
        one.pay,
        one.remaining,
        f"{one.open_to:%m-%d}" if one.open_to else "",
        one,
    )


def load_everything(tx: Transaction) -> tuple[Row, ...]:
    """Return every open vacancy, newest first, the same for everybody (PIPL 24)."""
    return tuple(row_of_facts(one) for one in list_all_vacancies(tx))


def row_of_facts(one: VacancyFacts) -> Row:
    """Return the list row of a vacancy that was not scored."""
    until = f"{one.open_to:%m-%d}" if one.open_to else ""
    places = one.remaining if one.remaining is not None else one.openings
    return Row(one.vacancy_id, one.title, one.employer_name, one.employer_verified, pay_text(one), places, until)


def load_not_suggested(tx: Transaction, resident_id: str, code: str | None = None) -> tuple[Row, ...]:
    """Return what is not suggested, each with its first reason as a sentence."""
    return tuple(row_of_line(one) for one in list_filtered(tx, resident_id, code, limit=LISTED))


def row_of_line(one: FilteredLine) -> Row:
    """Return the list row of a vacancy that a filter kept away."""
    return Row(
        one.vacancy_id, one.title, one.employer_name, label=_(FILTER_LABELS.get(one.code, one.code)), why=one.text
    )


def load_verdict(tx: Transaction, resident_id: str, vacancy_id: str) -> Verdict:
    """Return score, reasons and what stands against one vacancy."""
    return explain_vacancy(tx, resident_id, vacancy_id)


def verdict_of(row: Row, version: str) -> Verdict | None:
    """Return the verdict of a row that carries its score, without asking the store."""
    return Verdict(row.suggestion, (), version) if row.suggestion is not None else None


def lacks_something(row: Row) -> bool:
    """Say whether the person lacks a certificate for this vacancy: then the store knows of classes."""
    return row.suggestion is not None and bool(row.suggestion.lacking)


def class_words(one: ClosingClass) -> tuple[str, str]:
    """Return what an open class leads to, and when it is and who is on its list, for the card of a gap."""
    line = one.line
    title = _("“{title}”结业能考{cert}", title=line.title, cert=one.cert_name)
    seats = "—" if line.seats is None else str(line.seats)
    parts = [
        _("{day} 开班", day=f"{line.start_on:%m-%d}"),
        _("已报 {n} / {seats}", n=line.counts.signed_up, seats=seats),
    ]
    if line.seats is not None and line.counts.signed_up >= line.seats:
        parts.append(_("满了，排候补"))
    if line.enrol_until is not None:
        parts.append(_("{day} 截止报名", day=f"{line.enrol_until:%m-%d}"))
    return title, _("，").join(part for part in (*parts, line.place) if part)


def first_class(verdict: Verdict | None) -> str:
    """Return the first class on offer that she is not on the list of; nothing when there is none."""
    return next((each.line.id for each in verdict.closing if not each.signed_up), "") if verdict is not None else ""


def filtered_rows(rows: Sequence[Row], typed: str) -> list[Row]:
    """Return the rows whose title, employer or reason holds what was typed, as characters or initials."""
    wanted = typed.strip()
    if not wanted:
        return list(rows)
    return [row for row in rows if any(entry.matches(text, wanted) for text in (row.title, row.employer_name, row.why))]


def reason_counts(result: MatchResult) -> tuple[tuple[str, str, int], ...]:
    """Return (code, short label, count) of every filter that kept something away, most first."""
    found = [(code, _(FILTER_LABELS.get(code, code)), count) for code, count in result.filtered.items() if count]
    return tuple(sorted(found, key=lambda one: (-one[2], one[0])))


def counts_words(result: MatchResult) -> str:
    """Return the counts of the line under the list: 缺必备证书 41　路太远 38 …"""
    counts = reason_counts(result)
    shown = [f"{label} {count}" for _code, label, count in counts[:SHOWN_REASONS]]
    rest = sum(count for _code, _label, count in counts[SHOWN_REASONS:])
    if rest:
        shown.append(_("其他 {n}", n=rest))
    return "　".join(shown)


FITS = ((GOOD_FROM, N_("合适"), "good"), (FAIR_FROM, N_("可以谈"), "yellow"), (0.0, N_("差得多"), "neutral"))


def fit_of(score: float) -> tuple[str, str]:
    """Return the word and the tone of a score."""
    word, tone = next((word, tone) for least, word, tone in FITS if score >= least)
    return _(word), tone


def places_words(places: int | None) -> str:
    """Return how many are wanted."""
    return _("缺 {n} 人", n=places) if places is not None else _("人数没写")


def seats_note(places: int | None) -> str:
    """Return what to know of the places left before referring."""
    if places is None:
        return _("人数没写，先打电话问一声")
    return _("名额 {n} 个，离线时以区里确认为准", n=places)


def refer_words(ticked: int) -> str:
    """Return the words of the main button."""
    return _("开推荐信（已选 {n}）", n=ticked) if ticked else _("开推荐信")
