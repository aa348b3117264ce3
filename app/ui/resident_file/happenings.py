"""From acts to the lines of the timeline: day, picture, words, state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from app import clock
from app.models.codes import code_list
from app.services.referral_lines import ReferralLine
from app.services.referrals import OPEN_STATES, VOID
from app.services.timeline import Happening
from app.texts import N_, _
from app.ui.resident_file.changes import field_label, is_shown
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.marks import marked
from app.ui.resident_file.state import day_words, trades_of
from app.ui.widgets.timeline import TimelineEntry

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))

ICONS: Mapping[str, str] = {
    "referral.issue": "file-text",
    "referral.print": "printer",
    "referral.deliver": "send",
    "referral.outcome": "handshake",
    "referral.void": "ban",
    "resident.register": "user-round-plus",
    "resident.edit": "pencil",
    "resident.reveal": "eye",
    "resident.import": "download",
    "household.save": "house",
    "consent.record": "shield-check",
    "consent.withdraw": "shield",
    "registration.open": "clipboard-list",
    "registration.edit": "clipboard-list",
    "registration.renew": "history",
    "registration.close": "clipboard-check",
    "unemp.register": "id-card",
    "unemp.edit": "id-card",
    "unemp.deregister": "id-card",
    "enrolment.add": "graduation-cap",
    "enrolment.import": "graduation-cap",
    "enrolment.drop": "log-out",
    "enrolment.promote": "arrow-up",
    "enrolment.tell": "phone",
    "class.finish": "graduation-cap",
    "attendance.adopt": "graduation-cap",
    "certificate.issue": "ticket",
    "certificate.check": "text-search",
    "certificate.void": "ban",
    "craft.assign": "hand-coins",
    "craft.deliver": "inbox",
    "craft.pay": "banknote",
    "conflict.settle": "git-compare-arrows",
    "resident.merge": "merge",
    "undo": "undo-2",
    "visit.record": "footprints",
    "visit.edit": "footprints",
    "followup.record": "phone",
    "followup.edit": "phone",
    "guidance.record": "message-circle",
    "guidance.edit": "message-circle",
    "policy_intro.record": "megaphone",
    "policy_intro.edit": "megaphone",
}
_SCREENS = {"training_class": "class_file", "craft_order": "crafts"}
_TRAINING_TONES = {("SEAT", "1"): "good", ("SEAT", "2"): "yellow", ("ENROL_STATE", "50"): "good"}
_EDITS = ("resident.edit", "registration.edit", "household.save", "unemp.edit")
_NAMED_FIELDS = 4


def entries(view: FileView) -> list[TimelineEntry]:
    """Return the timeline, newest first, a month's name where a month begins."""
    shown: list[TimelineEntry] = []
    month: tuple[int, int] | None = None
    before: date | None = None
    edited = _edited_fields(view)
    for happening in view.file.happenings:
        moment = clock.to_local(happening.happened_at)
        this = (moment.year, moment.month)
        if month is not None and this != month:
            shown.append(TimelineEntry(_month_words(moment, view.today)))
        shown.append(_entry(view, happening, moment, before, edited))
        month, before = this, moment.date()
    return shown


def _month_words(moment: datetime, today: date) -> str:
    if moment.year == today.year:
        return _("{month} 月", month=moment.month)
    return _("{year} 年 {month} 月", year=moment.year, month=moment.month)


def _entry(
    view: FileView, happening: Happening, moment: datetime, before: date | None, edited: Mapping[str, str]
) -> TimelineEntry:
    day, time = _when(moment, before, view.today)
    referral = _referral(view, happening)
    chip, chip_tone = _state(view, referral) if happening.act == "referral.issue" else _training_state(happening)
    shown = TimelineEntry(
        day,
        time,
        ICONS.get(happening.act, "circle"),
        happening.title,
        _detail(view, happening, referral, edited),
        happening.actor,
        "good" if moment.date() == view.today and happening.act == "referral.issue" else "neutral",
        chip,
        chip_tone,
        not happening.sent,
        happening,
    )
    return marked(shown, view.marks.act(happening.op)) if not happening.sent else shown


def _when(moment: datetime, before: date | None, today: date) -> tuple[str, str]:
    day = moment.date()
    if day == today:
        word = _("今天")
        return ("" if before == today else word[:1].upper() + word[1:]), f"{moment:%H:%M}"
    if day.year == today.year:
        return _(WEEKDAYS[day.weekday()]), f"{day:%m-%d}"
    return _(WEEKDAYS[day.weekday()]), f"{day:%Y-%m-%d}"


def _referral(view: FileView, happening: Happening) -> ReferralLine | None:
    if happening.record_type != "referral":
        return None
    return next((line for line in view.file.referrals if line.id == happening.record_id), None)


def _state(view: FileView, referral: ReferralLine | None) -> tuple[str, str]:
    return ("", "neutral") if referral is None else referral_state(view, referral)


def _training_state(happening: Happening) -> tuple[str, str]:
    """Return what became of a sign-up by this act: the district's word on the seat, or how it ended."""
    if happening.record_type != "enrolment":
        return "", "neutral"
    tones = {code_list(name).label(code): tone for (name, code), tone in _TRAINING_TONES.items()}
    return happening.state, tones.get(happening.state, "neutral")


def place_of(happening: Happening) -> tuple[str, str] | None:
    """Return the screen and the id that a line leads to: its slip, its class, its craft order; None: the history."""
    if happening.record_type == "referral":
        return "slip", happening.record_id
    if happening.subject is not None:
        return _SCREENS[happening.subject[0]], happening.subject[1]
    return None


def referral_state(view: FileView, referral: ReferralLine) -> tuple[str, str]:
    """Return where a referral stands now: the word and the tone of its chip."""
    if referral.id in view.overdue:
        return _("等回执，已逾期"), "red"
    if referral.state in OPEN_STATES:
        return _("等回执"), "yellow"
    if referral.state == VOID:
        return _("已作废"), "neutral"
    if referral.outcome:
        label = code_list("REF_OUTCOME").label(referral.outcome)
        return label, "good" if referral.outcome == "1" else "neutral"
    return code_list("REF_STATE").label(referral.state), "neutral"


def _detail(view: FileView, happening: Happening, referral: ReferralLine | None, edited: Mapping[str, str]) -> str:
    if happening.act in _EDITS:
        return edited.get(happening.op, happening.text)
    parts = [looked_at(view, happening), happening.text]
    if happening.act == "referral.issue" and referral is not None and referral.state in OPEN_STATES:
        parts.append(_("有效至 {day}", day=day_words(referral.valid_until, view.today)))
    registration = view.file.registration
    if registration is not None and happening.record_id == registration.id:
        parts.append(trades_of(registration))
    unemployed = view.file.unemployment
    if unemployed is not None and happening.record_id == unemployed.id:
        parts.append(code_list("UNEMP_REASON").label(unemployed.unemp_reason))
        if unemployed.involuntary is not None:
            parts.append(_("不是本人意愿") if unemployed.involuntary else _("本人意愿"))
    if happening.act == "resident.register" and happening.record_type == "resident":
        parts.append(_("建档"))
    return _("，").join(part for part in parts if part)


def _edited_fields(view: FileView) -> dict[str, str]:
    """Return op → which fields that edit touched, in words."""
    fields: dict[str, list[str]] = {}
    for change in view.changes:
        if change.act in _EDITS and is_shown(change.record_type, change.field):
            known = fields.setdefault(change.op, [])
            label = field_label(change.record_type, change.field)
            if label not in known:
                known.append(label)
    return {
        op: _("、").join(names[:_NAMED_FIELDS]) + (_(" 等 {n} 栏", n=len(names)) if len(names) > _NAMED_FIELDS else "")
        for op, names in fields.items()
    }


def looked_at(view: FileView, happening: Happening) -> str:
    """Return which number was looked at, where that is what happened."""
    if happening.act != "resident.reveal":
        return ""
    seen = (change.new for change in view.changes if change.op == happening.op and change.field == "detail")
    return next((field_label("resident", str(field)) for field in seen), "")
