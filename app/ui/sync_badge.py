"""The sync badge of the top bar, and the summary it is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clock
from app.texts import _

SYNCED, SENDING, OFFLINE, ATTENTION, REVOKED, ALONE = "synced", "sending", "offline", "attention", "revoked", "alone"


@dataclass(frozen=True)
class SyncSummary:
    """What the shell says about the sync. ``progress`` = (sent, of how many) while sending; ``fetching`` = (records
    here, records there) while a new counter fetches; ``handed`` lies with the supervisor, and she is signed in;
    ``notices``: the district's, id and text.

    States: ``synced``, ``sending``, ``offline`` (normal, yellow), ``attention`` (something needs a person),
    ``revoked`` (the district stopped this device), ``alone`` (this station has not joined a district).
    """

    state: str = ALONE
    queued: int = 0
    parked: int = 0
    conflicts: int = 0
    last_ok_at: datetime | None = None
    progress: tuple[int, int] | None = None
    offline_since: datetime | None = None
    fetching: tuple[int, int] | None = None
    handed: int = 0
    notices: tuple[tuple[str, str], ...] = ()

    @property
    def needs_person(self) -> int:
        """Return how many things wait for somebody's decision."""
        return self.parked + self.conflicts + self.handed


def badge_text(summary: SyncSummary, now: datetime | None = None) -> str:
    """Return the badge's words (ui guide, section 2)."""
    now = now or clock.now()
    if summary.state == REVOKED:
        return _("本机已停用")
    if summary.fetching:
        return _("正在取 {here} / {there} 份", here=f"{summary.fetching[0]:,}", there=f"{summary.fetching[1]:,}")
    if summary.state == SENDING and summary.progress:
        return _("正在送 {sent} / {total}", sent=summary.progress[0], total=summary.progress[1])
    if summary.needs_person:
        return _("{count} 件要你处理", count=summary.needs_person)
    if summary.state == SENDING:
        return _("正在同步")
    if summary.state == ALONE:
        return _("单独使用，没有联区里")
    if summary.state == OFFLINE:
        begun = summary.offline_since or summary.last_ok_at
        since = _("离线 {span}", span=span_text(now - begun)) if begun else _("离线")
        return _("{since}，待送 {count} 笔", since=since, count=summary.queued) if summary.queued else since
    if summary.queued:
        return _("待送 {count} 笔", count=summary.queued)
    return _("已同步，{when}", when=ago_text(summary.last_ok_at, now)) if summary.last_ok_at else _("已同步")


def badge_look(summary: SyncSummary) -> tuple[str, str]:
    """Return the icon and the tone ("yellow", "orange", "red", "accent", "")."""
    if summary.state == REVOKED:
        return "ban", "red"
    if summary.state != SENDING and summary.needs_person:
        return "circle-alert", "orange"
    if summary.state == OFFLINE:
        return "cloud-off", "yellow"
    if summary.state == ALONE:
        return "monitor", ""
    return ("refresh-cw", "accent") if summary.state == SENDING else ("cloud", "accent")


def offline_line(summary: SyncSummary, now: datetime | None = None) -> str:
    """Return the sign-in page's line; "" when there is nothing to say."""
    now = now or clock.now()
    if summary.state != OFFLINE:
        return ""
    begun = summary.offline_since or summary.last_ok_at
    if begun is None:
        return _("现在离线。登录和办事都不受影响。")
    return _("已离线 {span}。登录和办事都不受影响。", span=long_span_text(now - begun))


def span_text(span: timedelta) -> str:
    """Return a span in its largest unit: "3 天"."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 86_400:
        return _("{count} 天", count=seconds // 86_400)
    if seconds >= 3_600:
        return _("{count} 小时", count=seconds // 3_600)
    return _("{count} 分钟", count=max(1, seconds // 60))


def long_span_text(span: timedelta) -> str:
    """Return a span in two units: "3 天 4 小时"."""
    seconds = max(0, int(span.total_seconds()))
    days, hours = divmod(seconds // 3_600, 24)
    if days and hours:
        return _("{days} 天 {hours} 小时", days=days, hours=hours)
    return span_text(span)


def ago_text(instant: datetime, now: datetime) -> str:
    """Return how long ago: "2 分钟前", "刚刚"."""
    span = now - instant
    if span < timedelta(minutes=1):
        return _("刚刚")
    return _("{span}前", span=span_text(span))
