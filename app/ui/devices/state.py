"""What the list of devices says and what in it needs attention. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.chain_told import RESTORED, break_words
from app.services.device_list import DeviceLine, DeviceList
from app.texts import _
from app.ui.roles import ROLE_NAMES
from app.ui.sync_badge import ago_text, span_text
from app.ui.sync_centre.state import CLOCK_SLACK, clock_words, day_and_time

SILENT = timedelta(days=3)
QUEUE_OLD = timedelta(days=2)
LEAST_FREE = 2 * 1024**3
_GIGABYTE = 1024**3


@dataclass(frozen=True)
class Concern:
    """One thing about a device that somebody should look after: a short word, and what to do."""

    words: str
    hint: str
    tone: str = "orange"


def concerns(line: DeviceLine, newest: str, now: datetime) -> tuple[Concern, ...]:
    """Return what needs attention, the gravest first; nothing is asked of a revoked device."""
    if line.revoked:
        return ()
    return (*_logs(line), *_contact(line, now), *_work(line, now), *_machine(line, newest))


def _logs(line: DeviceLine) -> list[Concern]:
    """Tell what the district noted of its logs: changed or cut off is grave, a restore is for somebody to know of."""
    found = []
    grave = [item for item in line.breaks if item.get("kind") != RESTORED]
    if grave:
        what = "；".join(break_words(item) for item in grave)
        found.append(
            Concern(_("日志对不上"), _("{what}。别动那台电脑，把数据文件夹另存一份，报给区里。", what=what), "red")
        )
    restored = [item for item in line.breaks if item.get("kind") == RESTORED]
    if restored:
        what = "；".join(break_words(item) for item in restored)
        found.append(Concern(_("从备份恢复过"), _("{what}。问一下是不是有人恢复的；没有人，报给区里。", what=what)))
    return found


def _contact(line: DeviceLine, now: datetime) -> list[Concern]:
    if line.last_seen_at is None:
        return [Concern(_("从没联系过"), _("看看那台电脑入网做完没有。"))]
    silent = now - line.last_seen_at
    if silent <= SILENT:
        return []
    return [Concern(_("{span}没联系", span=span_text(silent)), _("打电话问问开没开机、网通不通；不用了就请区里停用。"))]


def _work(line: DeviceLine, now: datetime) -> list[Concern]:
    found = []
    if line.queued and line.oldest_at is not None and now - line.oldest_at > QUEUE_OLD:
        words = _("最早一笔等了 {span}", span=span_text(now - line.oldest_at))
        found.append(Concern(words, _("让那台电脑连上网；连不上，用 U 盘或同站电脑带过来。")))
    if line.parked:
        found.append(Concern(_("{n} 笔退回没改", n=line.parked), _("请经办人在那台电脑的“同步”里改，或转给站长。")))
    if line.conflicts:
        found.append(Concern(_("{n} 处两边不一样", n=line.conflicts), _("在“同步”里选一个值，哪台电脑选都行。")))
    return found


def _machine(line: DeviceLine, newest: str) -> list[Concern]:
    found = []
    if line.free_bytes is not None and line.free_bytes < LEAST_FREE:
        words = _("磁盘只剩 {size}", size=size_words(line.free_bytes))
        found.append(Concern(words, _("清一清磁盘，满了就存不下、也备份不了。"), "red"))
    if is_older(line.app_version, newest):
        found.append(Concern(_("版本旧：{version}", version=line.app_version), _("装新版 {version}。", version=newest)))
    if line.clock_offset is not None and abs(line.clock_offset) > CLOCK_SLACK:
        words = _("时钟{how}", how=clock_words(line.clock_offset).partition("，")[0])
        found.append(Concern(words, _("在系统设置里校准；不影响谁的改动算数，但单子上的时间会错。")))
    return found


def is_older(version: str, newest: str) -> bool:
    """Compare versions by their numbers; what is not known is not old."""
    return bool(version and newest) and _numbers(version) < _numbers(newest)


def newest_version(lines: Sequence[DeviceLine], own: str) -> str:
    """Return the newest version that any device runs."""
    return max((*(line.app_version for line in lines if line.app_version), own), key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    digits = ("".join(char for char in part if char.isdigit()) for part in version.partition("+")[0].split("."))
    return tuple(int(part or 0) for part in digits)


def size_words(size: int | None) -> str:
    """Return a size in GB or MB."""
    if size is None:
        return ""
    if size >= _GIGABYTE:
        return f"{size / _GIGABYTE:.1f} GB"
    return f"{size / 1024**2:.0f} MB"


def name_words(line: DeviceLine, own: str) -> str:
    """Return a device's name; this one is called so."""
    name = line.name or _("{no} 号电脑", no=line.device_no)
    return _("{name}（本机）", name=name) if line.id == own else name


def role_words(line: DeviceLine) -> str:
    """Return for whom the device was enrolled."""
    return _(ROLE_NAMES[line.role]) if line.role in ROLE_NAMES else line.role


def seen_words(line: DeviceLine, now: datetime) -> str:
    """Return when it was heard of last."""
    return ago_text(line.last_seen_at, now) if line.last_seen_at is not None else _("从没联系过")


def queue_words(line: DeviceLine) -> str:
    """Return how much waits on it."""
    return "" if line.queued is None else _("{n} 笔", n=f"{line.queued + (line.held or 0):,}")


def oldest_words(line: DeviceLine, now: datetime) -> str:
    """Return since when."""
    return _("最早 {when}", when=day_and_time(line.oldest_at, now)) if line.queued and line.oldest_at else ""


def summary_words(found: DeviceList, newest: str, now: datetime) -> str:
    """Return the line beside the title."""
    live = [line for line in found.devices if not line.revoked]
    wanting = sum(bool(concerns(line, newest, now)) for line in live)
    if not live:
        return ""
    if not wanting:
        return _("{n} 台，都正常", n=len(live))
    return _("{n} 台，{m} 台要看看", n=len(live), m=wanting)


def stale_words(found: DeviceList, now: datetime) -> tuple[str, str]:
    """Return the banner while the district cannot be asked."""
    if found.heard_at is None:
        return _("现在问不到区里"), _("还没有问到过；联网以后按 F5。")
    when = day_and_time(found.heard_at, now)
    return _("现在问不到区里"), _("下面是 {when} 的情况，联网以后按 F5 再问。", when=when)


def facts(line: DeviceLine, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return everything known about a device, for the panel."""
    rows = (
        (_("编号"), line.device_no),
        (_("给谁用"), role_words(line)),
        (_("站点"), line.station_code),
        (_("入网"), day_and_time(line.enrolled_at, now)),
        (_("上次联系"), day_and_time(line.last_seen_at, now) or _("从没联系过")),
        (_("等着送出"), " ".join(part for part in (queue_words(line), oldest_words(line, now)) if part)),
        (_("退回没改"), "" if line.parked is None else _("{n} 笔", n=line.parked)),
        (_("两边不一样"), "" if line.conflicts is None else _("{n} 处", n=line.conflicts)),
        (_("版本"), line.app_version),
        (_("磁盘还剩"), size_words(line.free_bytes)),
        (_("数据"), size_words(line.data_bytes)),
        (_("时钟"), "" if line.clock_offset is None else clock_words(line.clock_offset)),
        (_("上次没送成"), line.last_error),
    )
    return tuple((label, words or "—") for label, words in rows if words or label != _("上次没送成"))
