"""What the vacancies screen shows and decides: words, tones, what is allowed. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models.acts import may
from app.models.codes import code_list, edu_rank, occupation_label, skill_rank
from app.services.employers import EmployerLine
from app.services.matching.wording import per_unit
from app.services.occupation import guess_occupation
from app.services.vacancies import (
    ALL,
    DRAFT,
    EXPIRED,
    IN_REVIEW,
    OPEN,
    OVER,
    PUBLISHED,
    RETURNED,
    SENT_BACK,
    WAITING,
    VacancyLine,
    VacancySheet,
)
from app.texts import N_, _
from app.ui import entry

SLICE_WORDS: tuple[tuple[str, str], ...] = (
    (IN_REVIEW, N_("待审")),
    (OPEN, N_("已发布")),
    (SENT_BACK, N_("已退回")),
    (OVER, N_("下架、过期")),
    (ALL, N_("全部")),
)
STATE_TONES = {DRAFT: "neutral", WAITING: "orange", RETURNED: "red", PUBLISHED: "good"}
RETURN_REASONS: tuple[tuple[str, str], ...] = (
    ("1", N_("招聘条件不合规")),
    ("2", N_("六要素不全")),
    ("3", N_("单位没核实")),
    ("4", N_("重复发布")),
)
TAKE_DOWN_REASONS: tuple[tuple[str, str], ...] = (
    ("1", N_("已招满")),
    ("2", N_("单位不招了")),
    ("3", N_("信息不实")),
    ("4", N_("有人投诉")),
)
VERIFY_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("10", N_("待核验"), ("10",)),
    ("20", N_("通过"), ("20",)),
    ("30", N_("不通过、暂停"), ("30", "40")),
    ("", N_("全部"), ()),
)
VERIFY_TONES = {"10": "yellow", "20": "good", "30": "red", "40": "red"}
LOW_CONFIDENCE = 0.6


@dataclass(frozen=True)
class Rights:
    """What this person may do here."""

    publish: bool
    add: bool
    verify: bool
    bring_in: bool

    @classmethod
    def of(cls, roles: frozenset[str]) -> Rights:
        """Read them from the act table."""
        return cls(
            publish=may(roles, "vacancy.publish"),
            add=may(roles, "vacancy.add"),
            verify=may(roles, "employer.verify"),
            bring_in=may(roles, "vacancy.import"),
        )


@dataclass(frozen=True)
class RowActs:
    """What can be done with one vacancy by this person."""

    publish: bool
    send_back: bool
    take_down: bool


def acts_on(line: VacancyLine, rights: Rights) -> RowActs:
    """Return what may be done with a vacancy: one waiting is published or returned, one published is taken down."""
    waiting = line.review_state in (DRAFT, WAITING)
    return RowActs(
        publish=rights.publish and line.review_state != PUBLISHED,
        send_back=rights.publish and waiting,
        take_down=rights.add and line.review_state == PUBLISHED,
    )


def shown_state(line: VacancyLine, today: date) -> str:
    """Return the review state as it is shown: published and past its last day is expired."""
    if line.review_state == PUBLISHED and line.open_to is not None and line.open_to < today:
        return EXPIRED
    return line.review_state


def state_words(line: VacancyLine, today: date) -> str:
    """Return the word of the state chip."""
    return code_list("REVIEW").label(shown_state(line, today))


def state_tone(line: VacancyLine, today: date) -> str:
    """Return the tone of the state chip."""
    return STATE_TONES.get(shown_state(line, today), "neutral")


def pay_words(unit: str | None, low: int | None, high: int | None) -> str:
    """Return the pay as the vacancy states it; nothing when it states none."""
    if low is None and high is None:
        return ""
    first, last = (high if low is None else low) or 0, (low if high is None else high) or 0
    amount = entry.show_fen(first) if first == last else f"{entry.show_fen(first)}–{entry.show_fen(last)}"
    if low is None:
        amount = _("最多 {pay}", pay=amount)
    elif high is None:
        amount = _("{pay} 起", pay=amount)
    return per_unit(amount, unit)


def trade_words(line: VacancyLine) -> str:
    """Return the occupation, with how sure the guess is where it is one."""
    if not line.trade:
        return _("职业没认出来")
    label = occupation_label(line.trade)
    if line.trade_confidence is None or line.trade_confidence >= 1:
        return label
    return _("{trade} {percent}%", trade=label, percent=round(line.trade_confidence * 100))


def trade_tone(line: VacancyLine) -> str:
    """Return the ink of the occupation: orange where somebody should look."""
    unsure = line.trade_confidence is not None and line.trade_confidence < LOW_CONFIDENCE
    return "orange" if not line.trade or unsure else "text2"


def places_words(line: VacancyLine) -> str:
    """Return wanted and left: “3 / 余 2”."""
    if line.openings is None:
        return ""
    if line.remaining is None:
        return _("{n} 人", n=line.openings)
    return _("{n} 人，余 {left}", n=line.openings, left=line.remaining)


def short_day(day: date | None, today: date) -> str:
    """Return a day as tables show it: 11-24, with the year if another."""
    if day is None:
        return ""
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"


@dataclass(frozen=True)
class Guess:
    """An occupation offered: its code, name, and how sure the guess is (0 to 1; None: not guessed)."""

    code: str
    label: str
    confidence: float | None = None


def occupation_choices(title: str, duty: str = "", industry: str = "") -> tuple[Guess, ...]:
    """Return every middle class, the guess from the title first."""
    guess = guess_occupation(title, duty, industry) if title else None
    rest = [Guess(item.code, item.label) for item in code_list("OCC").choices()]
    if guess is None or guess.code is None:
        return tuple(rest)
    first = Guess(guess.code, occupation_label(guess.code), guess.confidence)
    return (first, *(item for item in rest if item.code != guess.code))


# The six elements (条例 24) -------------------------------------------------------------------------------------------


def six_elements(sheet: VacancySheet) -> tuple[tuple[str, str], ...]:
    """Return the six elements of 人力资源市场暂行条例 24 as label and words; empty words where one is missing."""
    line, values = sheet.line, sheet.values
    return (
        (_("用人单位"), employer_words(sheet.employer)),
        (_("招聘人数"), places_words(line)),
        (_("招聘条件"), condition_words(values)),
        (_("工作内容"), str(values["duty"] or "")),
        (_("工作地点"), str(values["work_place"] or "")),
        (_("基本劳动报酬"), reward_words(values)),
    )


def employer_words(employer: Mapping[str, Any]) -> str:
    """Return the employer's situation in a line."""
    lists = (("EMPLOYER_TYPE", "employer_kind"), ("GB4754", "industry"), ("SIZE", "size"))
    known = [code_list(name).label(employer[field]) for name, field in lists if employer[field]]
    return "，".join([str(employer["name"]), *known])


def condition_words(values: Mapping[str, Any]) -> str:
    """Return what is asked of the person: education, skill, papers, years; “不限” where nothing is."""
    found = []
    if edu_rank(values["edu_min"]):
        found.append(code_list("EDU").label(values["edu_min"]))
    if skill_rank(values["skill_level_min"]):
        found.append(code_list("SKILL").label(values["skill_level_min"]))
    found += [str(paper) for paper in values["certs_required"] or ()]
    if values["exp_years_min"]:
        found.append(_("{n} 年经验", n=values["exp_years_min"]))
    if values["other_cond"]:
        found.append(str(values["other_cond"]))
    return "；".join(found) or _("不限")


def reward_words(values: Mapping[str, Any]) -> str:
    """Return pay, guaranteed pay, note and day."""
    found = [pay_words(values["pay_unit"], values["pay_min"], values["pay_max"])]
    if values["base_pay"]:
        found.append(_("保底 {pay} 元", pay=entry.show_fen(values["base_pay"])))
    if values["pay_note"]:
        found.append(str(values["pay_note"]))
    if values["pay_day"]:
        found.append(_("每月 {n} 日发", n=values["pay_day"]))
    return "；".join(part for part in found if part)


def import_words(values: Mapping[str, Any], today: date) -> str:
    """Return where the vacancy came from: “11-24 批量导入”; nothing where it was typed in."""
    if not values["source_key"]:
        return ""
    made = values["created_at"]
    return _("{day} 从文件导入", day=short_day(made.date() if made else None, today))


# Publishing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """What bulk publishing did: how many, and what was left with its reason."""

    done: int = 0
    left: tuple[tuple[str, str], ...] = ()
    ops: tuple[str, ...] = ()
    stopped: bool = False

    def plus(self, done: int, left: Sequence[tuple[str, str]], op: str | None) -> Published:
        """Return the account with one more batch in it."""
        return Published(self.done + done, (*self.left, *left), (*self.ops, op) if op else self.ops, self.stopped)

    def words(self) -> str:
        """Say it in one line."""
        said = _("{n} 个已发布", n=self.done)
        if self.left:
            said += _("，{m} 个没有", m=len(self.left))
        if self.stopped:
            said += _("，后面的停下了")
        return said

    def reasons(self) -> list[tuple[str, int]]:
        """Return each reason with how many it held back, the commonest first."""
        counts: dict[str, int] = {}
        for _vacancy, why in self.left:
            counts[why] = counts.get(why, 0) + 1
        return sorted(counts.items(), key=lambda item: -item[1])


def verify_words(line: EmployerLine) -> str:
    """Return the word of an employer's state."""
    return code_list("VERIFY_STATE").label(line.verify_state)
