"""What the sync centre says and decides. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.models.acts import ROLES, SUPERVISOR, find_act, may
from app.models.operation import HELD, PARKED
from app.services.conflicts import ConflictSide
from app.services.outbox import ConflictItem, ParkedItem, SyncSummary
from app.services.sync_overview import DeviceFacts, SyncCentre, WaitingAct
from app.services.withdrawing import HandedItem
from app.texts import N_, _
from app.ui.resident_file.changes import value_text
from app.ui.roles import ROLE_NAMES
from app.ui.sync_badge import ago_text, long_span_text
from app.ui.sync_centre.places import label_of

CLOCK_SLACK = 300.0
SHOWN_ACTS = 12
SHOWN_SUBJECTS = 2
SHOWN_HELD = 3
ICONS = {
    "resident": "user-round",
    "registration": "clipboard-list",
    "unemp": "clipboard-check",
    "employer": "building-2",
    "vacancy": "briefcase",
    "referral": "file-text",
    "household": "house",
    "consent": "square-check-big",
    "staff": "users-round",
    "station": "store",
}
# What keeps the sync from the district, by stable code (app/sync/line.py), as a title over the sentence that came.
_TROUBLES = {
    "sync.no_network": N_("这台电脑没有网"),
    "sync.not_the_district": N_("那头不是区里的服务器"),
    "sync.address": N_("区里的地址不对"),
    "sync.certificate": N_("区里的证书对不上"),
    "sync.clock": N_("这台电脑的时钟错得太多"),
    "sync.revoked": N_("区里停用了这台电脑"),
    "sync.auth": N_("区里不认这台电脑"),
    "sync.busy": N_("区里正忙"),
    "sync.cut_off": N_("线路断断续续"),
    "sync.version": N_("程序版本和区里对不上"),
    "sync.removal": N_("要拿走的太多，先停住了"),
    "sync.differs": N_("和区里核对不上"),
}
_GRAVE = ("sync.certificate", "sync.revoked", "sync.auth", "sync.not_the_district")


@dataclass(frozen=True)
class Rights:
    """What a person may do here."""

    roles: frozenset[str]
    hand: bool
    withdraw: bool
    settle: bool
    merge: bool
    lead: bool

    @classmethod
    def of(cls, roles: frozenset[str]) -> Rights:
        """Return what these roles may do. The supervisor's part is open to the officer, too."""
        lead = bool(roles & {SUPERVISOR, "officer"})
        return cls(
            roles,
            hand=may(roles, "sync.hand"),
            withdraw=may(roles, "sync.withdraw"),
            settle=may(roles, "conflict.settle"),
            merge=may(roles, "resident.merge"),
            lead=lead,
        )


@dataclass(frozen=True)
class Side:
    """One of the two values of a conflict, in words."""

    title: str
    value: str
    who: str
    act: str
    stands: bool


def day_and_time(moment: datetime | None, now: datetime | None = None) -> str:
    """Return an instant as lists show it: 11-21 09:06, the year too if another."""
    if moment is None:
        return ""
    local = clock.to_local(moment)
    same = local.year == clock.to_local(now or clock.now()).year
    return f"{local:%m-%d %H:%M}" if same else f"{local:%Y-%m-%d %H:%M}"


def headline(summary: SyncSummary, shell_state: str, now: datetime) -> str:
    """Return the line beside the title."""
    if not summary.joined:
        return _("单独使用，还没有加入区里")
    if shell_state == "revoked":
        return _("本机已停用，要送的都还在")
    if summary.last_error is not None:
        since = summary.offline_since or summary.last_ok_at
        if summary.last_ok_at is None or since is None:
            return _("还没有送通过")
        span, when = long_span_text(now - since), day_and_time(summary.last_ok_at, now)
        return _("离线 {span}，上次送达 {when}", span=span, when=when)
    if summary.last_ok_at is None:
        return _("还没有同步过")
    return _("已同步，{when}", when=ago_text(summary.last_ok_at, now))


def network_words(summary: SyncSummary, shell_state: str) -> tuple[str, str, str]:
    """Return the network's state and its reason in plain words, and the tone."""
    if not summary.joined:
        return _("没有联区里"), _("登记、匹配、打印都照常。"), "neutral"
    if shell_state == "revoked":
        return _("区里不认这台电脑"), _("请站长找区里重新发码；没送的都加密留着。"), "red"
    if summary.last_error is not None:
        code, said = summary.last_error
        known = next((name for name in _TROUBLES if code.startswith(name)), "")
        tone = "red" if known in _GRAVE else "yellow"
        return (_(_TROUBLES[known]) if known else _("不通")), said, tone
    return _("通"), summary.url or "", "good"


def tried_words(centre: SyncCentre, now: datetime) -> str:
    """Return when it was tried last: “12 秒前试过”; nothing while it works."""
    tried = centre.last_try_at
    if tried is None or centre.summary.last_error is None:
        return ""
    seconds = max(0, round((now - tried).total_seconds()))
    if seconds < 60:
        return _("{n} 秒前试过，会自动再试", n=seconds)
    return _("{ago}试过，会自动再试", ago=ago_text(tried, now))


def clock_is_off(summary: SyncSummary) -> bool:
    """Tell whether this PC's clock is so far off that somebody should set it."""
    return abs(summary.clock_offset) > CLOCK_SLACK


def clock_words(offset: float) -> str:
    """Return how far this PC's clock is off."""
    seconds = round(abs(offset))
    if seconds < 2:
        return _("准")
    span = _("{n} 秒", n=seconds) if seconds < 120 else long_span_text(timedelta(seconds=seconds))
    words = _("快 {span}", span=span) if offset > 0 else _("慢 {span}", span=span)
    return _("{words}，请校准", words=words) if seconds > CLOCK_SLACK else _("{words}，正常", words=words)


def size_words(size: int) -> str:
    """Return a file's size with its lock."""
    megabytes = size / 1024 / 1024
    shown = f"{megabytes:.0f}" if megabytes >= 10 else f"{megabytes:.1f}"
    return _("{n} MB，已加密", n=shown)


def verified_words(device: DeviceFacts, now: datetime) -> str:
    """Return when this PC was last compared with the district, and the outcome."""
    if device.verified_at is None:
        return _("还没有核对过")
    when = day_and_time(device.verified_at, now)
    return _("{when}，一致", when=when) if device.agreed else _("{when}，不一致，正在补", when=when)


def backup_words(device: DeviceFacts, now: datetime) -> str:
    """Return how old the newest backup is."""
    if device.backed_up_at is None:
        return _("还没有，一小时内自动做")
    return ago_text(device.backed_up_at, now)


def device_rows(centre: SyncCentre, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the panel's facts of this PC."""
    device = centre.device
    rows = [
        (_("上次核对"), verified_words(device, now)),
        (_("时钟"), clock_words(centre.summary.clock_offset)),
        (_("本机数据"), size_words(device.data_bytes)),
        (_("备份"), backup_words(device, now)),
        (_("版本"), device.version),
    ]
    if device.device_no:
        rows.append((_("本机编号"), device.device_no))
    return tuple(rows if centre.summary.joined else rows[2:])


# What the district sent back -----------------------------------------------------------------------------------------


def parked_of(centre: SyncCentre) -> list[ParkedItem]:
    """Return what the district sent back."""
    return [item for item in centre.parked if item.state == PARKED]


def held_behind(centre: SyncCentre, item: ParkedItem) -> list[ParkedItem]:
    """Return what waits for this one: those held that touch one of its records; all of them behind the only one."""
    held = [other for other in centre.parked if other.state == HELD]
    if len(parked_of(centre)) == 1:
        return held
    records = {record_id for _kind, record_id, _name in item.subjects}
    return [other for other in held if records & {record_id for _kind, record_id, _name in other.subjects}]


def subject_words(item: ParkedItem) -> str:
    """Return whom or what it is about."""
    person = next((name for kind, _record, name in item.subjects if kind == "resident"), "")
    names = [person] if person else list(dict.fromkeys(name for _kind, _record, name in item.subjects))
    shown = "、".join(names[:SHOWN_SUBJECTS])
    return shown if len(names) <= SHOWN_SUBJECTS else _("{names}等 {n} 个", names=shown, n=len(names))


def reason_words(item: ParkedItem) -> str:
    """Return the district's sentence, or what a held one waits for."""
    if item.text:
        return _("区里退回：{why}", why=item.text)
    return _("等着前面退回的那一笔")


def next_words(item: ParkedItem, held: int) -> str:
    """Return what to do, and what waits behind."""
    what = _("改好再送。") if item.field else _("看过以后再送。")
    return what + _("后面 {n} 笔跟着它等。", n=held) if held else what


def who_can(item: ParkedItem, roles: frozenset[str]) -> str:
    """Tell a person without the right who can do this act; nothing when she may herself."""
    act = find_act(item.act)
    if act is None or act.roles & roles:
        return ""
    able = "、".join(_(ROLE_NAMES[role]) for role in ROLES if role in act.roles and role in ROLE_NAMES)
    return _("这一步要{who}来办", who=able) if able else ""


def handed_words(item: HandedItem) -> tuple[str, str]:
    """Return what was handed on, and the district's reason: they travel as one sentence."""
    what, _colon, why = item.text.partition("：")
    return (what, why) if why else (item.act_label or item.text, item.text)


# What two sides changed ----------------------------------------------------------------------------------------------


def conflict_title(item: ConflictItem) -> str:
    """Return whose field it is: “陆知夏，常住地址”."""
    return _("{subject}，{field}", subject=item.subject, field=label_of(item.record_type, item.field))


def conflict_head(item: ConflictItem) -> str:
    """Return what the question is."""
    return _("这边作废，那边在改") if item.removal else _("两边改了同一栏")


def side_places(item: ConflictItem) -> tuple[str, str]:
    """Return where the two values came from, as seen from this PC."""
    if any(side.here for side in item.sides):
        return _("本站"), _("区里")
    return _("后送到的"), _("先送到的")


def act_and_slip(side: Side, said: ConflictSide) -> str:
    """Return in which act the value was written, and on which slip."""
    return " ".join(part for part in (side.act, said.slip) if part)


def sides(item: ConflictItem, people: Mapping[str, str], own_device: str) -> tuple[Side, Side]:
    """Return both values: the pushed one first, then the one that came to the district first."""
    return (
        _side(item, item.ours, people, own_device, stands=item.standing == "ours"),
        _side(item, item.theirs, people, own_device, stands=item.standing == "theirs"),
    )


def _side(
    item: ConflictItem, said: Mapping[str, Any], people: Mapping[str, str], own_device: str, *, stands: bool
) -> Side:
    title = _("这台电脑") if own_device and said.get("device") == own_device else _("另一台电脑")
    value = value_text(item.record_type, item.field, said.get("value")) or _("（空）")
    made = said.get("made_at")
    when = day_and_time(datetime.fromisoformat(str(made))) if made else ""
    name = people.get(str(said.get("actor") or ""), "") or _("别处的经办人")
    act = find_act(str(said.get("act") or ""))
    return Side(title, value, "，".join(part for part in (name, when) if part), _(act.label) if act else "", stands)


# What waits ----------------------------------------------------------------------------------------------------------


def icon_of(act: str) -> str:
    """Return the icon of a kind of act."""
    return ICONS.get(act.partition(".")[0], "send")


def people_words(item: WaitingAct) -> str:
    """Return whose they are: “方静 7，邵国平 5”."""
    return "，".join(f"{name or _('没有署名')} {count}" for name, count in item.by_person[:4])
