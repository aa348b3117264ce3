"""What the station should do now: replies overdue, registrations running out, people nobody has contacted.

Computed from the rows each time, never stored: the list after any act is the list a restart would show. The rules of
reminders proper (R01-R20) come with their own records; these are the ones that today's records can tell.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.base import month_after
from app.models.employer import Employer, Vacancy
from app.models.operation import LOCAL, Operation
from app.models.referral import Referral
from app.models.registration import Registration, UnempReg
from app.models.resident import Resident
from app.services.contacts import last_contacts
from app.services.followups_due import list_due, say_due
from app.services.places import WAITS, list_place_news
from app.services.policy import parameter
from app.services.referrals import OPEN_STATES, REPLIED
from app.services.registrations import ACTIVE
from app.services.training.dues import list_dues
from app.services.workdays import add_workdays
from app.texts import _

_FIELD_WORK = ("visit.record", "followup.record", "guidance.record", "policy_intro.record")
OVERDUE, TODAY, SOON, NOTICE = "overdue", "today", "soon", "notice"


@dataclass(frozen=True)
class Todo:
    """One thing to do for one person, vacancy or class. ``days`` until it is due, negative when overdue."""

    kind: str
    urgency: str
    name: str
    text: str
    due_on: date
    days: int
    record_type: str
    record_id: str
    resident_id: str | None
    class_id: str | None = None


@dataclass(frozen=True)
class MyDay:
    """The actor's own figures: of today, and of each of the last 14 days (oldest first)."""

    served_today: int
    slips_today: int
    served: tuple[int, ...]
    slips: tuple[int, ...]
    replies_percent: int | None


def list_todos(tx: Transaction) -> list[Todo]:
    """Return everything that is due, most urgent first."""
    today = clock.today()
    found = [*_replies(tx, today), *_expiring(tx, today), *_silent(tx, today), *_ending(tx, today), *_places(tx, today)]
    found += [*_training(tx, today), *_followups(tx, today)]
    order = {OVERDUE: 0, TODAY: 1, SOON: 2, NOTICE: 3}
    return sorted(found, key=lambda todo: (order[todo.urgency], todo.due_on, todo.name))


def urgency(days: int) -> str:
    """Return the colour word of a deadline that lies ``days`` ahead."""
    if days < 0:
        return OVERDUE
    if days == 0:
        return TODAY
    return SOON if days <= 3 else NOTICE


def _training(tx: Transaction, today: date) -> list[Todo]:
    """List what classes and certificates ask for: people to tell, classes to open or end, rolls to key in, R13."""
    todos = []
    for due in list_dues(tx, today):
        days = (due.due_on - today).days
        level = urgency(days) if days <= 3 else NOTICE
        about = (due.record_type, due.record_id, due.resident_id, due.class_id)
        todos.append(Todo(due.kind, level, due.name, due.text, due.due_on, days, *about))
    return todos


def _followups(tx: Transaction, today: date) -> list[Todo]:
    """List follow-ups due after hiring and training, and the days promised in visits and talks (R04)."""
    todos = []
    for due in list_due(tx, on=today):
        days = (due.due_on - today).days
        about = ("followup", due.origin_id, due.resident_id)
        todos.append(Todo(_("回访"), urgency(days), due.name, say_due(due), due.due_on, days, *about))
    return todos


def _replies(tx: Transaction, today: date) -> list[Todo]:
    """List referrals whose employer has not answered within the working days the district allows (R05)."""
    allowed = int(parameter(tx, "ref.reply_days"))
    statement = (
        select(
            col(Referral.id), col(Referral.resident_id), col(Referral.issued_at), col(Resident.name), col(Employer.name)
        )
        .join(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(col(Referral.state).in_(OPEN_STATES), col(Referral.deleted_at).is_(None))
        .order_by(col(Referral.issued_at))
        .limit(300)
    )
    todos = []
    for row in tx.rows(statement):
        due = add_workdays(tx, clock.to_local(row.issued_at).date(), allowed)
        days = (due - today).days
        if days <= 3:
            text = _("{employer}的推荐信，等回执", employer=row[4] or "—")
            todos.append(Todo(_("推荐回执"), urgency(days), row[3], text, due, days, "referral", row[0], row[1]))
    return todos


def _expiring(tx: Transaction, today: date) -> list[Todo]:
    """List jobseeker registrations that run out within a week (R07)."""
    statement = (
        select(col(Registration.id), col(Registration.resident_id), col(Registration.valid_until), col(Resident.name))
        .join(Resident, col(Resident.id) == col(Registration.resident_id))
        .where(col(Registration.status) == ACTIVE, col(Registration.deleted_at).is_(None))
        .where(col(Registration.valid_until) <= today + timedelta(days=7))
        .limit(300)
    )
    todos = []
    for row in tx.rows(statement):
        days = (row.valid_until - today).days
        text = _("求职登记 {day}到期，可以续", day=_day(row.valid_until))
        todos.append(
            Todo(_("登记到期"), urgency(days), row.name, text, row.valid_until, days, "registration", row[0], row[1])
        )
    return todos


def _silent(tx: Transaction, today: date) -> list[Todo]:
    """List registered unemployed people whom nobody contacted for the months after which a warning is due (R06)."""
    warn, gap = int(parameter(tx, "unemp.contact_warn_months")), int(parameter(tx, "unemp.contact_gap_months"))
    statement = (
        select(col(UnempReg.id), col(UnempReg.resident_id), col(UnempReg.reg_date), col(Resident.name))
        .join(Resident, col(Resident.id) == col(UnempReg.resident_id))
        .where(col(UnempReg.dereg_date).is_(None), col(UnempReg.deleted_at).is_(None))
        .where(col(UnempReg.reg_date) <= month_after(today, -warn))
        .limit(300)
    )
    todos, rows = [], tx.rows(statement)
    contacts = last_contacts(tx, [row.resident_id for row in rows])
    for row in rows:
        contact = contacts.get(row.resident_id)
        last = max(row.reg_date, clock.to_local(contact).date() if contact else row.reg_date)
        due = month_after(last, gap)
        if month_after(last, warn) <= today:
            days = (due - today).days
            text = _("满 {n} 个月没有联系，{day}起可能被注销", n=warn, day=_day(due))
            level = urgency(days) if days <= 3 else NOTICE
            todos.append(Todo(_("失业登记"), level, row.name, text, due, days, "unemp_reg", row[0], row[1]))
    return todos


def _ending(tx: Transaction, today: date) -> list[Todo]:
    """List published vacancies that close within three days (R14)."""
    statement = (
        select(col(Vacancy.id), col(Vacancy.title), col(Vacancy.open_to), col(Employer.name))
        .join(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(col(Vacancy.review_state) == "30", col(Vacancy.deleted_at).is_(None))
        .where(col(Vacancy.open_to) >= today, col(Vacancy.open_to) <= today + timedelta(days=3))
        .order_by(col(Vacancy.open_to))
        .limit(20)
    )
    todos = []
    for row in tx.rows(statement):
        days = (row.open_to - today).days
        text = _("岗位“{title}”{day}截止，问单位要不要延", title=row.title, day=_day(row.open_to))
        todos.append(Todo(_("岗位到期"), urgency(days), row.name, text, row.open_to, days, "vacancy", row.id, None))
    return todos


def _places(tx: Transaction, today: date) -> list[Todo]:
    """List referrals that wait for a place, and those that moved up: the person is to be told."""
    todos = []
    for news in list_place_news(tx):
        words = {"employer": news.employer_name or "—", "title": news.vacancy_title}
        if news.place == WAITS:
            text = _("{employer}“{title}”名额已满，排在候补，要告诉本人", **words)
        else:
            text = _("{employer}“{title}”有名额了，可以告诉本人", **words)
        level = NOTICE if news.place == WAITS else TODAY
        todos.append(Todo(_("名额"), level, news.name, text, today, 0, "referral", news.referral_id, news.resident_id))
    return todos


def _day(day: date) -> str:
    """Return 11 月 24 日, with the year if it is another."""
    if day.year == clock.today().year:
        return _("{month} 月 {day} 日", month=day.month, day=day.day)
    return _("{year} 年 {month} 月 {day} 日", year=day.year, month=day.month, day=day.day)


def my_day(tx: Transaction, staff_id: str) -> MyDay:
    """Return what this person did today and in the last 14 days."""
    today = clock.today()
    since = clock.now() - timedelta(days=15)
    served: dict[date, set[str]] = {}
    slips: dict[date, int] = {}
    statement = (
        select(col(Operation.op), col(Operation.act), col(Operation.made_at))
        .where(col(Operation.origin) == LOCAL, col(Operation.actor) == staff_id, col(Operation.made_at) >= since)
        .where(
            col(Operation.act).in_(
                ("resident.register", "registration.open", "referral.issue", "resident.edit", *_FIELD_WORK)
            )
        )
    )
    for row in tx.rows(statement):
        day = clock.to_local(row.made_at).date()
        served.setdefault(day, set()).add(row.op)
        slips[day] = slips.get(day, 0) + (row.act == "referral.issue")
    days = [today - timedelta(days=back) for back in range(13, -1, -1)]
    counted = tx.rows(
        select(func.count(), func.sum(func.iif(col(Referral.state) == REPLIED, 1, 0))).where(
            col(Referral.issued_by) == staff_id, col(Referral.deleted_at).is_(None), col(Referral.state) != "60"
        )
    )[0]
    return MyDay(
        served_today=len(served.get(today, ())),
        slips_today=slips.get(today, 0),
        served=tuple(len(served.get(day, ())) for day in days),
        slips=tuple(slips.get(day, 0) for day in days),
        replies_percent=round(100 * int(counted[1] or 0) / int(counted[0])) if counted[0] else None,
    )


@dataclass(frozen=True)
class TodoRule:
    """Why a kind of to-do comes up, in a sentence with the figures in force."""

    kind: str
    text: str


def list_rules(tx: Transaction) -> tuple[TodoRule, ...]:
    """Return the rules behind the list, as this district has set them."""
    reply, gap = int(parameter(tx, "ref.reply_days")), int(parameter(tx, "unemp.contact_gap_months"))
    warn = int(parameter(tx, "unemp.contact_warn_months"))
    silent = _("登记失业的人满 {warn} 个月没有联系就提醒，满 {gap} 个月可能被注销。", warn=warn, gap=gap)
    return (
        TodoRule(_("推荐回执"), _("推荐信开出 {n} 个工作日还没有回执，要打电话问单位；到期前 3 天开始提醒。", n=reply)),
        TodoRule(_("登记到期"), _("求职登记到期前 7 天开始提醒，本人还要找就续。")),
        TodoRule(_("失业登记"), silent),
        TodoRule(_("名额"), _("推荐排在候补时提醒；前面有人退出、轮到有名额时提醒 7 天。")),
        TodoRule(_("岗位到期"), _("已发布的岗位截止前 3 天开始提醒，问单位要不要延。")),
        TodoRule(_("回访"), _rule_of_followups(tx)),
        TodoRule(_("通知学员"), _("名额定了、班期改了或取消了，本站报名的人要逐个通知到。")),
        TodoRule(
            _("证书到期"), _("证书到期前 {n} 天开始提醒，问要不要复审。", n=int(parameter(tx, "cert.remind_days")))
        ),
    )


def _rule_of_followups(tx: Transaction) -> str:
    """Return when people are followed up, with the days in force."""
    days = {key: "、".join(str(each) for each in parameter(tx, key)) for key in ("fu.onboard", "fu.training")}
    return _(
        "上岗满 {job} 天、结业满 {course} 天回访，走访和指导时说好的日子也提醒；过了 {n} 天还没做的不再列出。",
        job=days["fu.onboard"],
        course=days["fu.training"],
        n=int(parameter(tx, "fu.overdue_days")),
    )
