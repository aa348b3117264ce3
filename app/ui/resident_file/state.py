"""What the file says and offers: pure decisions over what was read, tested without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import clock
from app.models.acts import may
from app.models.base import month_after
from app.models.codes import code_list, occupation_label
from app.models.operation import CONFLICT, HELD, PARKED
from app.models.registration import Registration
from app.models.resident import Resident
from app.models.retirement import bases_for, months_left
from app.services.referrals import OPEN_STATES, VOID
from app.services.registrations import ACTIVE
from app.services.sync_states import SYNCED, UNCONFIRMED
from app.texts import N_, _
from app.ui import entry
from app.ui.resident_file import marks
from app.ui.resident_file.loading import FileView

RENEW_WITHIN_DAYS = 7
SOON_DAYS = 30
RETIRING_WITHIN_MONTHS = 24
ASK_BASE_FROM_AGE = 45
NO_NIGHT = "06"
CARE = ("01", "02", "03")

REGISTER, RENEW, MATCH, OUTCOME, NOTHING = "register", "renew", "match", "outcome", ""

PACKAGE = (
    ("policy", N_("政策宣介")),
    ("guidance", N_("职业指导")),
    ("referral", N_("岗位推荐")),
    ("training_or_internship", N_("培训或见习")),
)


@dataclass(frozen=True)
class ChipLine:
    """A chip of the header."""

    text: str
    tone: str = "neutral"
    icon: str | None = None


@dataclass(frozen=True)
class NextStep:
    """What to do next: ``act`` is one of the names above, ``record_id`` what it is about."""

    title: str
    text: str
    button: str = ""
    key: str = ""
    icon: str = ""
    act: str = NOTHING
    record_id: str = ""


@dataclass(frozen=True)
class Action:
    """One line of the panel's list; a ``rare`` one stands behind 更多."""

    name: str
    text: str
    icon: str
    key: str = ""
    rare: bool = False


@dataclass(frozen=True)
class Progress:
    """One line of the service package."""

    label: str
    done: int
    need: int


def day_words(day: date, today: date) -> str:
    """Return a day in a sentence; the year only if it is another."""
    if day.year == today.year:
        return _("{month} 月 {day} 日", month=day.month, day=day.day)
    return _("{year} 年 {month} 月 {day} 日", year=day.year, month=day.month, day=day.day)


def age_of(resident: Resident, today: date) -> int | None:
    """Return the age in whole years."""
    born = resident.birth_date
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def person_line(resident: Resident, today: date) -> str:
    """Return sex, age and education in one line."""
    sex, edu = code_list("SEX").get(resident.sex), code_list("EDU").get(resident.edu_level)
    age = age_of(resident, today)
    parts = (
        sex.short_label if sex else "",
        _("{n} 岁", n=age) if age is not None else "",
        edu.short_label if edu else "",
    )
    return " · ".join(part for part in parts if part)


# Chips ---------------------------------------------------------------------------------------------------------------


def chips(view: FileView) -> list[ChipLine]:
    """Return what stands under the name: only what today's records tell."""
    found = [*_status_chips(view), *_contact_chips(view), *_registration_chips(view), *_retirement_chips(view)]
    return [*found, *_sync_chips(view)]


def _sync_chips(view: FileView) -> list[ChipLine]:
    """Tell how far the file got: what needs a person first, then what waits."""
    found = []
    if view.marks.worst in (PARKED, CONFLICT, HELD, UNCONFIRMED):
        state = view.marks.worst
        found.append(ChipLine(marks.words(state), marks.TONES[state], marks.ICONS[state]))
    stuck = {op for op, state in view.marks.acts.items() if state in (PARKED, HELD)}
    waiting = len({line.op for line in view.file.happenings if not line.sent} - stuck)
    if waiting:
        found.append(ChipLine(_("{n} 笔待送", n=waiting), "yellow", "cloud-off"))
    if view.joined and not found and view.marks.worst == SYNCED:
        found.append(ChipLine(marks.words(SYNCED), "neutral", marks.ICONS[SYNCED]))
    return found


def _status_chips(view: FileView) -> list[ChipLine]:
    unemployed = view.file.unemployment
    if unemployed is not None:
        return [ChipLine(_("登记失业 {n} 天", n=(view.today - unemployed.reg_date).days))]
    status = view.file.resident.emp_status
    if not status:
        return []
    return [ChipLine(code_list("EMP_STATUS").label(status), "orange" if status == "22" else "neutral")]


def _contact_chips(view: FileView) -> list[ChipLine]:
    """Warn before six months without contact become a ground to cancel (domain sheet 5.3, R06)."""
    unemployed = view.file.unemployment
    if unemployed is None:
        return []
    last = unemployed.reg_date
    if view.last_contact_at is not None:
        last = max(last, clock.to_local(view.last_contact_at).date())
    if month_after(last, view.rules.warn_months) > view.today:
        return []
    over = month_after(last, view.rules.gap_months) <= view.today
    months = (view.today.year - last.year) * 12 + view.today.month - last.month - (view.today.day < last.day)
    return [ChipLine(_("{n} 个月没有联系", n=months), "red" if over else "orange", "triangle-alert")]


def _registration_chips(view: FileView) -> list[ChipLine]:
    until = _valid_until(view.file.registration)
    if until is None:
        return []
    left = (until - view.today).days
    if left < 0:
        return [ChipLine(_("求职登记已过期 {n} 天", n=-left), "red", "triangle-alert")]
    tone = "yellow" if left <= SOON_DAYS else "neutral"
    return [ChipLine(_("求职登记有效至 {day}", day=until), tone)]


def _retirement_chips(view: FileView) -> list[ChipLine]:
    resident = view.file.resident
    if resident.birth_date is None:
        return []
    warn, _stop = bases_for(resident.sex, resident.female_retire_base)
    left = months_left(resident.birth_date, warn, view.today)
    age = age_of(resident, view.today) or 0
    if resident.sex == "2" and not resident.female_retire_base and age >= ASK_BASE_FROM_AGE:
        return [ChipLine(_("退休起算 50 还是 55 岁，要问"), "blue", "info")]
    if left < 0:
        return [ChipLine(_("已到法定退休年龄"), "orange", "triangle-alert")]
    if left <= RETIRING_WITHIN_MONTHS:
        return [ChipLine(_("离退休 {n} 个月", n=left), "blue", "info")]
    return []


# Wishes --------------------------------------------------------------------------------------------------------------


def wishes(view: FileView) -> list[tuple[str, str]]:
    """Return the strip of what she looks for: label and words, “—” where nothing is known."""
    wanted = view.file.registration or view.latest
    strip = [
        (_("想找"), trades_of(wanted)),
        (_("月薪不低于"), _wage_of(wanted)),
        (_("班次"), _shifts_of(wanted)),
        (_("路程"), _way_of(wanted)),
        (_("证书"), _certs_of(wanted)),
        (_("家里"), _home_of(view, wanted)),
    ]
    return [(label, text or "—") for label, text in strip]


def trades_of(wanted: Registration | None) -> str:
    """Return what she would like to do, in her words where she gave them."""
    if wanted is None:
        return ""
    return _("、").join(str(item.get("text") or occupation_label(item.get("trade"))) for item in wanted.intents)


def _wage_of(wanted: Registration | None) -> str:
    lowest = [item["wage_min"] for item in (wanted.intents if wanted else ()) if item.get("wage_min")]
    return _("{n} 元", n=entry.show_fen(min(lowest))) if lowest else ""


def _shifts_of(wanted: Registration | None) -> str:
    if wanted is None:
        return ""
    words = code_list("SHIFT").labels(wanted.accept_shift)
    no_night = code_list("CONSTRAINT").label(NO_NIGHT) if NO_NIGHT in wanted.constraints else ""
    return _("，").join(part for part in (words, no_night) if part)


def _way_of(wanted: Registration | None) -> str:
    if wanted is None:
        return ""
    far = _("{n} 公里", n=f"{wanted.max_commute_km:g}") if wanted.max_commute_km is not None else ""
    return _("，").join(part for part in (far, code_list("COMMUTE_MODE").label(wanted.commute_mode)) if part)


def _certs_of(wanted: Registration | None) -> str:
    if wanted is None:
        return ""
    names = [f"{item.get('name') or ''}{item.get('level') or ''}" for item in wanted.certs if isinstance(item, dict)]
    names += [_("驾驶证 {kind}", kind=kind) for kind in wanted.drive_licence]
    return _("、").join(name for name in names if name)


def _home_of(view: FileView, wanted: Registration | None) -> str:
    members = len(view.household.members) if view.household else 0
    people = _("{n} 人", n=members) if members else ""
    care = code_list("CONSTRAINT").labels([code for code in (wanted.constraints if wanted else ()) if code in CARE])
    return _("，").join(part for part in (people, care) if part)


# Next step -----------------------------------------------------------------------------------------------------------


def next_step(view: FileView) -> NextStep:
    """Decide what the person needs next, the most urgent first."""
    late = [line for line in view.file.referrals if line.id in view.overdue]
    if late:
        text = _("{employer} {title}，还没有回音", employer=late[0].employer_name, title=late[0].vacancy_title)
        title = _("{n} 封推荐信过了回执期", n=len(late))
        return NextStep(title, text, _("登记回执"), "F9", "handshake", OUTCOME, late[0].id)
    registration = view.file.registration
    if registration is None:
        return _without_registration(view)
    until = _valid_until(registration)
    if until is not None and (until - view.today).days <= RENEW_WITHIN_DAYS:
        over = until < view.today
        title = _("求职登记已经到期") if over else _("求职登记 {day} 到期", day=day_words(until, view.today))
        text = _("还在找工作，就从今天起再续一期")
        return NextStep(title, text, _("续登记"), "F9", "history", RENEW, registration.id)
    return _matching(view)


def _without_registration(view: FileView) -> NextStep:
    status = code_list("EMP_STATUS").get(view.file.resident.emp_status)
    if status is not None and status.extra.get("counts_as") == "employed":
        return NextStep(_("已经在工作"), _("状态是“{status}”，没有要催办的", status=status.label))
    if view.latest is not None and view.latest.status == "30":
        text = _("上一份 {no} 已经到期", no=view.latest.rec_no or "")
        return NextStep(_("求职登记要续"), text, _("续登记"), "F9", "history", RENEW, view.latest.id)
    text = _("登记了意向才能匹配岗位、开推荐信")
    return NextStep(_("还没有求职登记"), text, _("求职登记"), "F9", "clipboard-list", REGISTER)


def _matching(view: FileView) -> NextStep:
    progress = {line.label: line for line in package_progress(view)}
    referrals = progress.get(_("岗位推荐"))
    lacking = max(0, referrals.need - referrals.done) if referrals else 0
    title = _("还差 {n} 次岗位推荐", n=lacking) if lacking else _("看看有没有新岗位")
    waiting = [line for line in view.file.referrals if line.state in OPEN_STATES]
    wanted = _("意向：{trades}", trades=trades_of(view.file.registration))
    text = _("{n} 封推荐信在等回执", n=len(waiting)) if waiting else wanted
    return NextStep(title, text, _("匹配岗位"), "F4", "route", MATCH)


def _valid_until(registration: Registration | None) -> date | None:
    return registration.valid_until if registration is not None else None


# Panel ---------------------------------------------------------------------------------------------------------------


def actions(view: FileView, roles: frozenset[str]) -> list[Action]:
    """Return what may be done for this person now, by this role."""
    listed = [Action("refer", _("开推荐信"), "file-text", "F8")] if may(roles, "referral.issue") else []
    field_work = (
        ("visit", _("记走访、回访"), "footprints", "F6", "visit.record"),
        ("guidance", _("职业指导"), "message-circle", "F7", "guidance.record"),
        ("policy", _("讲政策"), "megaphone", "Ctrl G", "policy_intro.record"),
    )
    listed += [Action(name, text, icon, key) for name, text, icon, key, act in field_work if may(roles, act)]
    if view.file.registration is not None and may(roles, "registration.renew"):
        listed.append(Action("renew", _("续登记"), "history"))
    elif may(roles, "registration.open"):
        listed.append(Action("open_registration", _("求职登记"), "clipboard-list"))
    if view.file.unemployment is not None and may(roles, "unemp.deregister"):
        listed.append(Action("deregister", _("注销失业登记"), "ban"))
    elif view.file.unemployment is None and may(roles, "unemp.register"):
        listed.append(Action("unemployment", _("失业登记"), "id-card"))
    if may(roles, "enrolment.add"):
        listed.append(Action("train", _("报培训班"), "graduation-cap", "Ctrl T"))
    if may(roles, "resident.merge"):
        listed.append(Action("merge", _("和另一份并成一份"), "merge", rare=True))
        if view.merged:
            listed.append(Action("unmerge", _("拆开并进来的那份"), "undo-2", rare=True))
    listed += [
        Action("print", _("打印登记表"), "printer", "Ctrl P"),
        Action("save_pdf", _("登记表存 PDF"), "file-down", "Ctrl S", rare=True),
        Action("blank", _("空白登记表"), "file-text", rare=True),
    ]
    return sorted(listed, key=lambda action: action.rare)


def package_progress(view: FileView) -> list[Progress]:
    """Count the service package as far as records tell; a vacancy referred to twice counts once, a void slip not."""
    vacancies = {line.vacancy_id for line in view.file.referrals if line.state != VOID}
    done = {**view.served, "referral": len(vacancies)}
    need = view.rules.package
    return [Progress(_(label), done.get(key, 0), int(need[key])) for key, label in PACKAGE if need.get(key)]


def package_name(view: FileView) -> str:
    """Return the package's name by its figures: “1131”."""
    return "".join(str(view.rules.package[key]) for key, _label in PACKAGE if view.rules.package.get(key))


def can_renew(view: FileView) -> str:
    """Return the id of the registration that may be renewed, empty if there is none."""
    known = view.file.registration or view.latest
    return known.id if known is not None and known.status in (ACTIVE, "30") else ""


def tab_counts(view: FileView) -> Sequence[tuple[str, str, int | None]]:
    """Return the tabs: code, words, count."""
    members = len(view.household.members) if view.household else 0
    return (
        ("all", _("全部经过"), len(view.file.happenings)),
        ("referrals", _("推荐"), len(view.file.referrals)),
        ("household", _("家庭"), members),
        ("consents", _("同意记录"), len(view.consents)),
        ("changes", _("修改记录"), None),
    )
