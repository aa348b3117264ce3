"""The demo's chapter of other roads: the station's own network, and a file on a stick, while the district is away."""

from pathlib import Path

from app.commands.demo_parts import promise, run_sync, step, sync
from app.commands.local_district import LocalDistrict
from app.db.database import Actor
from app.models.resident import Resident
from app.services import residents
from app.services.counters import OpenCounter
from app.services.neighbours import count_unconfirmed, unconfirmed
from app.services.residents import search_residents
from app.sync.carrying import make_packet, take_packet
from app.sync.lan import LanExchange
from app.texts import _

MOBILE = "19900000054"


def exchange_on_lan(first: OpenCounter, second: OpenCounter, clerk: Actor, name: str) -> None:
    """Let the second counter see what the first did, by the station's own network, and mark it as unconfirmed."""
    with step(_("区里连不上，两个窗口在站里直接交换")) as notes:
        with first.database.read() as tx:
            resident = search_residents(tx, name, limit=1)[0].id
        with first.database.write(clerk) as tx:
            residents.edit_resident(tx, resident, {"mobile": MOBILE})
        promise(run_sync(second).error is not None, _("没有网却说同步成功"))
        offering, joining = (
            LanExchange(counter.database, host="127.0.0.1", probe_port=None) for counter in (first, second)
        )
        try:
            code = offering.offer()
            done = joining.join(code)
        finally:
            joining.stop()
            offering.stop()
        notes.append(_("连接码 {code}，收到 {n} 笔", code=code, n=done.received))
        with second.database.read() as tx:
            (act, *_more) = unconfirmed(tx, "resident", resident)
            row = tx.session.get(Resident, resident)
        promise(row is not None and row.mobile == MOBILE, _("2 号窗口没有看到 1 号窗口办的"))
        notes.append(_("2 号窗口看到：{who} {act}（同站未确认）", who=act.actor_name, act=act.act_label))


def carry_on_stick(second: OpenCounter, district: LocalDistrict, stick: Path) -> None:
    """Bring both counters' work to the district by a file, and its answer home; twice, with one effect."""
    out, home = stick / "to-district.dsp", stick / "answer.dsp"
    with step(_("U 盘：2 号窗口写一个文件，区里收下，回执带回来")) as notes:
        made = make_packet(second.database, out, purpose="district")
        notes.append(_("文件里本机 {n} 笔，同站别的电脑 {m} 笔", n=made.own, m=made.neighbours))
        notes.append(district.take_packet(out, home).splitlines()[-1])
        take_packet(second.database, home)
        with second.database.read() as tx:
            promise(count_unconfirmed(tx).waiting == 0, _("回执收下了，还有同站未确认的"))
    with step(_("同一个文件再来一遍，什么都不变")):
        district.take_packet(out, home)
        promise(take_packet(second.database, home).nothing, _("同一个回执收了两次"))


def meet_again(first: OpenCounter, second: OpenCounter) -> None:
    """Let both counters synchronise over the line again."""
    with step(_("网线又好了：两个窗口同步，没有一笔重的")):
        for counter in (first, second, first):
            sync(counter)
