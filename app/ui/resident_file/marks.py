"""How far a record or an act got, in words: the same at the file's head, its lines and its lists."""

from __future__ import annotations

from collections.abc import Mapping

from app.models.operation import CONFLICT, HELD, PARKED, PENDING
from app.services.sync_states import SYNCED, UNCONFIRMED, SyncMarks
from app.texts import N_, _
from app.ui.widgets.timeline import TimelineEntry

LABELS: Mapping[str, str] = {
    SYNCED: N_("已送达"),
    PENDING: N_("等着送出"),
    PARKED: N_("退回，要改"),
    HELD: N_("等前面那笔"),
    CONFLICT: N_("两边不一样"),
    UNCONFIRMED: N_("同站未确认"),
}
TONES: Mapping[str, str] = {
    SYNCED: "neutral",
    PENDING: "yellow",
    PARKED: "orange",
    HELD: "yellow",
    CONFLICT: "orange",
    UNCONFIRMED: "blue",
}
INKS: Mapping[str, str] = {**TONES, SYNCED: "text2"}
ICONS: Mapping[str, str] = {
    SYNCED: "cloud",
    PENDING: "cloud-off",
    PARKED: "circle-alert",
    HELD: "hourglass",
    CONFLICT: "git-compare-arrows",
    UNCONFIRMED: "network",
}


def words(state: str) -> str:
    """Return what a state is called."""
    return _(LABELS[state])


def banner(marks: SyncMarks) -> tuple[str, str, str]:
    """Return icon, title and reason of what in this file needs a person; empty where nothing does."""
    worst = marks.worst
    if worst == PARKED:
        title = _("区里退回了 {n} 笔", n=marks.count(PARKED))
        held = marks.count(HELD)
        more = _("后面 {n} 笔跟着它等。", n=held) if held else ""
        why = marks.why.rstrip("。")
        return ICONS[PARKED], title, (_("{why}。", why=why) if why else "") + more
    if worst == CONFLICT:
        return ICONS[CONFLICT], _("有一栏两边不一样"), _("选一个值就好，两个都留着。")
    if worst == HELD:
        return ICONS[HELD], _("有 {n} 笔在等前面那笔", n=marks.count(HELD)), _("前面退回的改好，就跟着送。")
    return "", "", ""


def marked(entry: TimelineEntry, state: str) -> TimelineEntry:
    """Return a line of the timeline with the mark of an act that does not just wait."""
    if state in (SYNCED, PENDING):
        return entry
    return TimelineEntry(
        entry.day, entry.time, entry.icon, entry.title, entry.detail, entry.who, entry.tone,
        words(state), TONES[state], entry.is_pending and state != PARKED, entry.key,
    )  # fmt: skip
