"""Reading rows of postings: what a job site's or a fair's table says, as fields of a vacancy and its employer."""

import hashlib
import re
import unicodedata
from datetime import date
from functools import lru_cache, partial
from typing import Any

from app.models.codes import code_list, is_occupation, trade_nicknames
from app.models.employer import EmployerDraft, VacancyDraft
from app.models.identity import check_uscc
from app.services.employers import name_key
from app.services.imports.columns import ColumnMap
from app.services.imports.conditions import split_conditions
from app.services.imports.parsing import (
    find_education,
    find_employer_kind,
    find_industry,
    find_prose_demands,
    find_size,
    is_experience,
    parse_date,
    parse_experience,
    parse_facts,
    parse_openings,
)
from app.services.imports.pay import Pay, parse_pay
from app.services.imports.places import clean_address, find_region, is_region
from app.services.imports.readers import RawRow
from app.services.imports.rows import Cells, ReadRow
from app.services.occupation import guess_occupation
from app.texts import _

_UNVERIFIED, _WAITING, _BATCH_IMPORT = "10", "20", "07"
_DUTY, _DEMAND = "duty", "demand"
_SECTION = re.compile(
    r"[\s。；;！!\]】）)：:\d.、.][【\[(（]?\s*(?:[一二三四五1-9][、.．]\s*)?"
    # One look at the next character spares trying every word at each sign.
    r"(?=[岗任职招应技基其要资条工主内描福薪JRrQDd])(?:"
    r"(?P<demand>(?:岗位|任职|职位|招聘|应聘|职务|技能|基本|其他)?(?:要求|资格|条件)(?:描述)?"
    r"|(?:Job )?[Rr]equirements?|Qualifications?|REQUIREMENTS?)"
    r"|(?P<duty>(?:岗位|工作|职位|主要|主要工作|岗位工作)?(?:职责|内容|任务|描述)(?:描述)?"
    r"|福利(?:待遇)?|薪资福利|工作时间|工作地点|薪酬(?:待遇|福利)?"
    r"|(?:Job )?(?:[Rr]esponsibilities|[Dd]uties|[Dd]escription))"
    r")\s*[】\])）]?\s*[:：]?(?=[\s:：】\])）\d一二三]|$)",
)
_INSURANCE = re.compile("[五六]险")
_HOUSING_FUND = re.compile("[五六]险[一二两]金|公积金")
_LIMITS = {
    name: VacancyDraft.model_fields[name].metadata[0].max_length
    for name in ("title", "duty", "other_cond", "legacy_note", "work_place", "pay_note")
}
_NO_LIMIT = ("不限", "均可", "无要求", "无", "不要求", "不详", "男女不限")
_WORK_FORMS = (
    ("7", "实习"),
    ("6", "见习"),
    ("8", "公益"),
    ("9", "返聘"),
    ("5", "居家"),
    ("4", "季节"),
    ("4", "短期"),
    ("3", "零工"),
    ("3", "日结"),
    ("2", "兼职"),
    ("2", "非全日"),
    ("1", "全职"),
    ("1", "全日"),
)
_PAY_UNITS = (
    ("H", "时"),
    ("D", "天"),
    ("D", "日"),
    ("W", "周"),
    ("M", "月"),
    ("Y", "年"),
    ("P", "件"),
    ("O", "单"),
    ("O", "次"),
)


class PostingReader:
    """Reads rows of one file by its column map. ``today`` decides the year of dates without one."""

    def __init__(self, columns: ColumnMap, *, today: date) -> None:
        columns.check()
        self._places = columns.places()
        self._headings = columns.headings
        # Cells repeat from row to row; the caches live as long as the reader, and their remarks in its language.
        self._date = lru_cache(maxsize=4096)(partial(parse_date, today=today))
        self._pay = lru_cache(maxsize=4096)(parse_pay)
        self._experience = lru_cache(maxsize=1024)(parse_experience)
        self._openings = lru_cache(maxsize=1024)(parse_openings)

    def read(self, row: RawRow) -> ReadRow:
        """Return the row as fields of a vacancy and its employer, with remarks, or the reasons why it cannot be one."""
        cells, found = Cells(row, self._places), ReadRow(row.number)
        if not any(row.cells):
            found.refusals.append(_("这一行是空的"))
            return found
        taken: list[tuple[str, str]] = []
        self._read_title(cells, found, taken)
        self._read_employer(cells, found)
        if found.refusals:
            return found
        self._read_place(cells, found)
        self._read_pay(cells, found)
        self._read_demands(cells, found)
        self._read_dates(cells, found)
        self._read_text(cells, found, taken)
        self._read_prose(found)
        self._read_trade(cells, found)
        self._keep_apart(cells, found, taken)
        found.values.update(review_state=_WAITING, source_channel=_BATCH_IMPORT, source_key=found.key)
        return found

    def _read_title(self, cells: Cells, found: ReadRow, taken: list[tuple[str, str]]) -> None:
        split = split_conditions(" ".join(cells.get("title").split()))
        taken.extend(split.taken)
        if not split.text:
            found.refusals.append(_("没有岗位名称"))
            return
        found.values["title"] = _cut(split.text, "title", _("岗位名称"), found)

    def _read_employer(self, cells: Cells, found: ReadRow) -> None:
        name = " ".join(cells.get("employer").split())
        key = name_key(name)
        if not key:
            found.refusals.append(_("没有单位名称"))
            return
        if len(name) > EmployerDraft.model_fields["name"].metadata[0].max_length:
            found.refusals.append(_("单位名称太长"))
            return
        facts = parse_facts(cells.get("facts"))
        phone, contact = cells.get("phone"), cells.get("contact")
        known: dict[str, Any] = {
            "name": name,
            "name_key": key,
            "employer_kind": find_employer_kind(cells.get("employer_kind")) or facts.kind,
            "size": find_size(cells.get("employer_size")) or facts.size,
            "industry": find_industry(cells.get("industry")) or facts.industry,
            "contact": contact if len(contact) <= 50 else None,
            "phone": phone if len(phone) <= 30 else None,
            "verify_state": _UNVERIFIED,
        }
        if uscc := cells.get("uscc"):
            checked = check_uscc(uscc)
            if checked.error:
                found.remark(_("统一社会信用代码不对，没有记"))
            else:
                known["uscc"] = checked.number
        found.employer = {field: value for field, value in known.items() if value}
        found.key = self._key(cells, key)

    def _key(self, cells: Cells, employer: str) -> str:
        """Return what recognises this posting in any file: employer, title, place, pay and date, as written."""
        written = (
            cells.get("title"),
            cells.get("place"),
            cells.get("address"),
            cells.get("pay"),
            cells.get("pay_min"),
            cells.get("pay_max"),
            cells.get("posted_on"),
        )
        # No cell holds a NUL; it parts them while all are made alike at once.
        plain = "".join(unicodedata.normalize("NFKC", "\0".join(written)).split())
        return hashlib.sha256(f"{employer}\0{plain}".replace("\0", "\x1f").encode()).hexdigest()[:40]

    def _read_place(self, cells: Cells, found: ReadRow) -> None:
        place, address = cells.get("place"), clean_address(cells.get("address"))
        if not place and is_region(address):
            place = address
        shown = address or place
        if shown:
            found.values["work_place"] = _cut(shown, "work_place", _("工作地点"), found)
        if place and (code := find_region(place)):
            found.values["region"] = code

    def _read_pay(self, cells: Cells, found: ReadRow) -> None:
        written = cells.get("pay")
        if not written and (cells.get("pay_min") or cells.get("pay_max")):
            unit = cells.get("pay_unit")
            written = "-".join(part for part in (cells.get("pay_min"), cells.get("pay_max")) if part) + (
                f"/{unit}" if unit else ""
            )
        pay = self._pay(written) if written else Pay(remark=_("没有写薪酬，要补"))
        if pay.unit is None and pay.min_fen is None and (stated := _by_word(cells.get("pay_unit"), _PAY_UNITS)):
            pay = self._pay(f"{written}/{_word_of(stated)}")
        found.remark(pay.remark)
        for field, value in (("pay_unit", pay.unit), ("pay_min", pay.min_fen), ("pay_max", pay.max_fen)):
            if value is not None:
                found.values[field] = value
        benefits = cells.get("benefits")
        note = " ".join(part for part in (written if pay.remark else "", benefits) if part)
        if note:
            found.values["pay_note"] = note[: _LIMITS["pay_note"]]
        if insured := _insured(benefits):
            found.values["si_items"] = insured
        if board := _board(benefits):
            found.values["board"] = board

    def _read_demands(self, cells: Cells, found: ReadRow) -> None:
        """Read education and experience; in scraped tables their cells may have slid one column to the left."""
        experience, education, extra = cells.get("experience"), cells.get("education"), []
        if experience and not is_experience(experience) and "不限" not in experience:
            if find_education(experience):
                education, experience = experience, (education if is_experience(education) else "")
                extra.append("" if is_experience(cells.get("education")) else cells.get("education"))
            else:
                extra.append(experience)
                experience = ""
        level = find_education(education)
        if education and level is None:
            extra.append(education)
        if level:
            found.values["edu_min"] = level
            found.values["edu_mandatory"] = False
        years = self._experience(experience)
        found.remark(years.remark)
        if years.value is not None:
            found.values["exp_years_min"] = years.value
        openings = self._openings(cells.get("openings"))
        found.remark(openings.remark)
        if openings.value is not None:
            found.values["openings"] = openings.value
        if form := _by_word(cells.get("work_form"), _WORK_FORMS):
            found.values["work_form"] = form
        if rest := "，".join(part for part in extra if part):
            found.values["other_cond"] = rest

    def _read_dates(self, cells: Cells, found: ReadRow) -> None:
        posted = self._date(cells.get("posted_on"))
        found.remark(posted.remark)
        if posted.value is not None:
            found.values["open_from"] = posted.value
        until = parse_date(cells.get("open_to"), today=date(9999, 12, 31)) if cells.get("open_to") else None
        if until is None or until.value is None or until.value.year > 9000:
            found.remark(until.remark if until and until.value is None else None)
        elif posted.value is not None and until.value < posted.value:
            found.remark(_("截止日期早于发布日期，没有记"))
        else:
            found.values["open_to"] = until.value

    def _read_text(self, cells: Cells, found: ReadRow, taken: list[tuple[str, str]]) -> None:
        duty, demand = split_sections(cells.get("text"))
        parts = {
            "duty": [cells.get("duty"), duty],
            "other_cond": [found.values.get("other_cond", ""), cells.get("other_cond"), demand],
        }
        for field, label in (("duty", _("工作内容")), ("other_cond", _("其他条件"))):
            split = split_conditions("\n".join(part for part in parts[field] if part))
            taken.extend(split.taken)
            if split.text:
                found.values[field] = _cut(split.text, field, label, found)

    def _read_prose(self, found: ReadRow) -> None:
        """Take from the description what no column said: education and experience, with a remark."""
        text = found.values.get("other_cond") or found.values.get("duty") or ""
        edu, years = find_prose_demands(text)
        told = []
        if edu and "edu_min" not in found.values:
            found.values["edu_min"] = edu
            told.append(_("学历"))
        if years is not None and "exp_years_min" not in found.values:
            found.values["exp_years_min"] = years
            told.append(_("工作经验"))
        if told:
            found.remark(_("{what}取自描述文字，请核对", what="、".join(told)))

    def _read_trade(self, cells: Cells, found: ReadRow) -> None:
        stated = cells.get("trade")
        code = _stated_trade(stated) if stated else None
        if code:
            found.values.update(trade=code, trade_confidence=1.0)
            return
        guess = guess_occupation(
            found.values["title"], found.values.get("duty", ""), found.employer.get("industry", "")
        )
        if guess.code:
            found.values.update(trade=guess.code, trade_confidence=guess.confidence)
        else:
            found.remark(_("职业没猜出来，要选"))

    def _keep_apart(self, cells: Cells, found: ReadRow, taken: list[tuple[str, str]]) -> None:
        """Put conditions that a vacancy may not set into ``legacy_note``, and nowhere else."""
        notes = [f"{_(label)}：{span}" for label, span in taken]
        for place, cell in cells.each("legacy"):
            if cell and cell not in _NO_LIMIT:
                notes.append(f"{self._headings[place]}：{cell}")
                taken.append((self._headings[place], cell))
        if notes:
            found.values["legacy_note"] = "\n".join(dict.fromkeys(notes))[: _LIMITS["legacy_note"]]
            kinds = "、".join(dict.fromkeys(_(label) for label, _span in taken))
            found.remark(_("含限制条件（{kinds}），已另存，不显示、不参与匹配", kinds=kinds))


def split_sections(text: str) -> tuple[str, str]:
    """Part a description at its headings into what is to be done and what is asked for."""
    duty: list[str] = []
    demand: list[str] = []
    # A heading stands after a sign; the pattern begins with it, which makes the search fast.
    text = f"\n{text}"
    current, place = duty, 0
    for match in _SECTION.finditer(text):
        begin = match.start() + 1
        current.append(text[place:begin])
        current = demand if match.lastgroup == _DEMAND else duty
        place = match.end() if current is demand else begin
    current.append(text[place:])
    return _join(duty), _join(demand)


def _join(parts: list[str]) -> str:
    return "\n".join(part for part in (piece.strip(" \t\n:：") for piece in parts) if part)


def _cut(text: str, field: str, label: str, found: ReadRow) -> str:
    limit = _LIMITS[field]
    if len(text) <= limit:
        return text
    found.remark(_("{field}太长，只留了前 {n} 个字", field=label, n=limit))
    return text[:limit]


def _by_word(text: str, table: tuple[tuple[str, str], ...]) -> str | None:
    return next((code for code, word in table if word in text), None) if text else None


def _word_of(unit: str) -> str:
    return next(word for code, word in _PAY_UNITS if code == unit)


@lru_cache(maxsize=2048)
def _stated_trade(text: str) -> str | None:
    """Return the occupation code that a cell states: a code, a label of the list, or a trade's everyday name."""
    if is_occupation(text):
        return text
    if text in trade_nicknames():
        return trade_nicknames()[text]
    labelled = code_list("OCC_FINE").by_label(text) or code_list("OCC").by_label(text)
    return labelled.code if labelled else None


def _insured(benefits: str) -> list[str]:
    """Return SI_ITEM codes of what the benefits name outright."""
    if not _INSURANCE.search(benefits):
        return []
    return ["1", "2", "3", "4", "5"] + (["6"] if _HOUSING_FUND.search(benefits) else [])


def _board(benefits: str) -> str | None:
    food = any(word in benefits for word in ("包吃", "包三餐", "提供三餐", "包食", "包餐"))
    bed = any(word in benefits for word in ("包住", "包吃住", "提供住宿", "提供宿舍", "包食宿", "免费住宿"))
    if (food and bed) or any(word in benefits for word in ("包食宿", "提供食宿", "包吃包住", "包吃住")):
        return "0"
    return "1" if food else "2" if bed else None
