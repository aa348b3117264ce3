"""The demo's chapter of what people settle: a conflict between two counters, and an act that the district sent back."""

from app.commands.demo_parts import promise, run_sync, step, sync
from app.db.database import Actor
from app.models.resident import Resident
from app.services import outbox, residents, staff
from app.services.conflicts import OURS, settle
from app.services.counters import OpenCounter
from app.services.residents import search_residents
from app.texts import _


def settle_conflict(first: OpenCounter, second: OpenCounter, clerk: Actor, name: str) -> None:
    """Change one phone number at both counters, and let the second counter, which knows, choose."""
    with step(_("两个窗口离线改了同一个人的手机号")) as notes:
        resident = _id_of(first, name)
        for counter, actor, mobile in ((first, clerk, "19900000051"), (second, second.actor, "19900000052")):
            with counter.database.write(actor) as tx:
                residents.edit_resident(tx, resident, {"mobile": mobile})
        sync(first)
        sync(second)
        with second.database.read() as tx:
            asked = outbox.list_conflicts(tx)
        promise(len(asked) == 1, _("两边改得不一样，却没有问"))
        for side in asked[0].sides:
            notes.append(_("{who} {act}：{value}", who=side.who, act=side.act_label, value=side.text))
    with step(_("2 号窗口选定一个，1 号窗口也照着变")):
        with second.database.write(second.actor) as tx:
            settle(tx, asked[0].id, OURS)
        sync(second)
        sync(first)
        for counter in (first, second):
            with counter.database.read() as tx:
                promise(not outbox.list_conflicts(tx), _("选定了还在问"))
                promise(_mobile(counter, resident) == "19900000052", _("选定的没有生效"))


def mend_refused(first: OpenCounter, second: OpenCounter, name: str) -> None:
    """Let the district send back an act of somebody who was set inactive meanwhile; mended, it goes through."""
    with step(_("站长停用了 2 号窗口的人，他不知道，还在办；区里退回那一笔，别的照送")) as notes:
        with first.database.write(first.actor) as tx:
            staff.edit_staff(tx, second.actor.staff_id, {"active": False})
        sync(first)
        resident = _id_of(second, name)
        with second.database.write(second.actor) as tx:
            residents.edit_resident(tx, resident, {"mobile": "19900000053"})
        report = run_sync(second)
        promise(report.error is None and report.parked == 1, _("该退回的没有退回"))
        with second.database.read() as tx:
            (parked,) = outbox.list_parked(tx)
        notes.append(_("退回：{act}，{why}", act=parked.act_label, why=parked.text or ""))
    with step(_("站长恢复他，2 号窗口再送：收下")):
        with first.database.write(first.actor) as tx:
            staff.edit_staff(tx, second.actor.staff_id, {"active": True})
        sync(first)
        with second.database.write(second.actor) as tx:
            outbox.resend(tx, parked.op)
        sync(second)
        sync(first)
        promise(_mobile(first, resident) == "19900000053", _("再送的没有到 1 号窗口"))


def _id_of(counter: OpenCounter, name: str) -> str:
    with counter.database.read() as tx:
        return search_residents(tx, name, limit=1)[0].id


def _mobile(counter: OpenCounter, resident: str) -> str | None:
    with counter.database.read() as tx:
        row = tx.session.get(Resident, resident)
        return row.mobile if row is not None else None
