"""``enrol``, ``sync``, ``status``: this device and its district."""

import argparse
import json
import sys
import time
from typing import Any

from sqlmodel import col, select

from app import clock
from app.commands.person import ask_pin, opened_counter
from app.db import state
from app.errors import InvalidInputError, OfflineError, StorageError
from app.models.operation import Cursor
from app.paths import DataFolder
from app.services import outbox
from app.services.attachments import waiting_blobs
from app.services.counters import OpenCounter, is_founded
from app.sync.engine import SyncEngine, SyncReport, enrol
from app.sync.feeds import export_sealed, sealed_work
from app.sync.fuse import allow_removal, removal_asked
from app.sync.invitation import invited
from app.sync.joining import join_district
from app.texts import _

EVERY_SECONDS = 60.0


def run_enrol(options: argparse.Namespace) -> int:
    """Join a district with a one-time code, alone or in an invitation's text."""
    folder = DataFolder(options.data)
    asked = invited(options.url, options.code, pin=options.pin)
    if not asked.code:
        raise InvalidInputError({"code": _("还要写区里发的加入码")})
    if is_founded(folder):
        with opened_counter(options) as counter:
            answer = enrol(counter.database, asked.text, "", options.device_name, ca=options.ca)
            _say_joined(answer)
            return _report(SyncEngine(counter.database, ca=options.ca).run_once())
    joined = join_district(
        folder,
        asked.text,
        "",
        name=options.staff or _("窗口经办"),
        pin=ask_pin(),
        device=options.device_name,
        ca=options.ca,
    )
    joined.counter.database.close()
    _say_joined(joined.answer)
    print(_("恢复密钥（打印后锁好，忘了 PIN 只有它能打开）：{key}", key=joined.recovery_key))
    return _report(joined.report)


def _say_joined(answer: Any) -> None:
    print(_("已加入站点 {code}，本机编号 {no}", code=answer["station_code"], no=answer.get("device_no", "—")))


def run_sync(options: argparse.Namespace) -> int:
    """Synchronise once, or for good."""
    with opened_counter(options) as counter:
        if options.allow_removal:
            with counter.database.write(counter.actor) as tx:
                allow_removal(tx)
        engine = SyncEngine(counter.database, ca=options.ca)
        try:
            while True:
                status = _report(engine.run_once())
                if options.once:
                    return status
                time.sleep(EVERY_SECONDS)
        finally:
            engine.close()


def _report(report: SyncReport) -> int:
    """Say what a run did; raise what stopped it."""
    if report.error is not None:
        code, text = report.error
        raise OfflineError(text, code=code)
    print(
        _(
            "送出 {pushed}，收到 {pulled}，退回 {parked}",
            pushed=report.pushed,
            pulled=report.pulled,
            parked=report.parked,
        )
    )
    if report.clock_wrong:
        print(_("这台电脑的时钟和区里差 {n} 秒，请校准", n=round(report.clock_offset)))
    if report.agreed is False:
        raise StorageError(_("和区里核对不一致，下次同步会再取"), code="sync.differs")
    if report.agreed:
        print(_("和区里核对一致"))
    return 0


def run_status(options: argparse.Namespace) -> int:
    """Say what is queued, parked and in conflict."""
    with opened_counter(options) as counter:
        facts = status_facts(counter)
        if options.export_sealed is not None:
            with counter.database.read() as tx:
                options.export_sealed.write_text(export_sealed(tx), "utf-8")
            print(_("封存的 {n} 笔已写到 {file}", n=facts["sealed"], file=options.export_sealed), file=sys.stderr)
    if options.json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    print(_("等着送出 {n} 笔", n=facts["queued"]))
    print(_("区里退回 {n} 笔，等它们的 {m} 笔", n=facts["parked"], m=facts["held"]))
    print(_("两边不一样 {n} 处", n=facts["conflicts"]))
    if facts["last_ok_at"]:
        print(_("上次同步 {when}", when=facts["last_ok_at"]))
    if facts["sealed"]:
        print(_("封存 {n} 笔：这台电脑不再管那一路，没有送出；--export-sealed 可以写成文件交给站长", n=facts["sealed"]))
    if not facts["joined"]:
        print(_("还没有加入区里"))
    if facts["last_error"]:
        print(facts["last_error"]["text"])
    return 0


def status_facts(counter: OpenCounter) -> dict[str, Any]:
    """Return queued, parked, held, conflicts; cursors, heads, epoch and whether the digests agreed, as JSON."""
    with counter.database.read() as tx:
        summary = outbox.sync_summary(tx)
        cursors = tx.session.exec(select(Cursor).order_by(col(Cursor.feed))).all()
        feeds = {
            cursor.feed: {
                "cursor": cursor.seq,
                "head": cursor.head,
                "digests_agree": cursor.agreed,
                "verified_at": cursor.verified_at.isoformat() if cursor.verified_at else None,
            }
            for cursor in cursors
        }
        return {
            "joined": summary.joined,
            "url": summary.url,
            "device": state.get_state(tx.session, state.DEVICE_ID),
            "device_no": state.get_state(tx.session, state.DEVICE_NO),
            "station_code": state.get_state(tx.session, state.STATION_CODE),
            "epoch": state.get_state(tx.session, outbox.DISTRICT_EPOCH),
            "queued": summary.queued,
            "parked": summary.parked,
            "held": summary.held,
            "conflicts": summary.conflicts,
            "sealed": len(sealed_work(tx)),
            "removal_asked": removal_asked(tx),
            "oldest_at": summary.oldest_at.isoformat() if summary.oldest_at else None,
            "last_ok_at": clock.to_local(summary.last_ok_at).isoformat() if summary.last_ok_at else None,
            "last_error": dict(zip(("code", "text"), summary.last_error, strict=True)) if summary.last_error else None,
            "offline_since": clock.to_local(summary.offline_since).isoformat() if summary.offline_since else None,
            "attachments": dict(zip(("to_send", "to_fetch"), waiting_blobs(tx), strict=True)),
            "clock_offset": summary.clock_offset,
            "feeds": feeds,
        }
