"""The demo's last chapter: the month is closed, its ledgers leave, a late paper changes nothing, it is handed over."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

from app import clock
from app.commands.demo_parts import promise, step, sync
from app.commands.local_district import LocalDistrict
from app.commands.sample import sample_people
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.closing import close_month
from app.ledgers.making import EXPORT_WHOLE, as_made, cells, corrections_of, heading_of, note_export
from app.ledgers.months import SHORT, Close, standing
from app.ledgers.period import Period, month_of
from app.ledgers.snapshot import check_frozen
from app.printing.ledger_file import WAYS, write_ledger
from app.services.counters import OpenCounter
from app.services.guidance import record_guidance
from app.services.residents import search_residents
from app.services.stations import get_station
from app.texts import _

OpenLine = Callable[[], AbstractContextManager[LocalDistrict]]
WHOLE, PASSWORD_FILE = "L06", "password.txt"
_PASSWORD = "xiqiao-ledger-2026"  # noqa: S105 - of a file about made-up people


def close_a_month(first: OpenCounter, second: OpenCounter, out: Path, open_line: OpenLine) -> None:
    """Play the whole of it; the station's clock is turned to the second of the next month while there is no line."""
    period, folder = month_of(clock.today()), out / "ledgers"
    folder.mkdir(exist_ok=True)
    with _on_the_second_of(period.next()):
        _close(first, period)
        papers = _take_out(first, period, folder)
        _enter_late(first, period)
        with step(_("再导出一次，和第一次逐字节一样")):
            promise(_papers(first, period, folder) == papers, _("结账后的台账变了"))
        _lock(first, period, folder)
    with open_line():
        _hand_over(first, second, period, folder, papers)


@contextmanager
def _on_the_second_of(period: Period) -> Iterator[None]:
    morning = datetime.combine(period.first + timedelta(days=1), time(9), clock.LOCAL_ZONE)
    clock.shift(morning - clock.now())
    try:
        yield
    finally:
        clock.shift(timedelta(0))


def _close(counter: OpenCounter, period: Period) -> None:
    with step(_("下个月 2 日，站长给{month}结账", month=period.words)) as notes:
        close_month(counter.database, counter.actor, period)
        close = _standing(counter, period)
        rows = sum(int(each["rows"]) for each in close.ledgers)
        notes.append(_("{n} 本台账，{rows} 行，都封存了", n=len(close.ledgers), rows=rows))
        promise(rows > 0, _("结账的台账是空的"))


def _take_out(counter: OpenCounter, period: Period, folder: Path) -> dict[str, bytes]:
    with step(_("每本导出 Excel、PDF 和 CSV，姓名号码遮住")) as notes:
        made = _papers(counter, period, folder)
        notes.append(_("{n} 个文件，在 {where}", n=len(made), where=str(folder)))
        text = (folder / "L02.csv").read_text("utf-8-sig")
        promise(not any(each["name"] in text for each in sample_people()["residents"]), _("导出的台账里有完整姓名"))
    return made


def _papers(counter: OpenCounter, period: Period, folder: Path) -> dict[str, bytes]:
    """Write every ledger of the month in each way; return the bytes by name."""
    made, ask = {}, Ask(period)
    with counter.database.read(counter.actor) as tx:
        for ledger in SHARED:
            for way in WAYS:
                path = folder / f"{ledger.code}{way}"
                heading, told = heading_of(tx, ask, ledger=ledger), corrections_of(tx, ledger, ask)
                write_ledger(path, as_made(tx, ledger, ask), heading, cells(tx, ledger, ask), corrections=told)
                made[path.name] = path.read_bytes()
    return made


def _enter_late(counter: OpenCounter, period: Period) -> None:
    """Enter a guidance of the closed month from paper: it is a correction in the next one."""
    with step(_("补录一张上月的职业指导：结账的不动，下月台账里列为更正")) as notes:
        guided = datetime.combine(period.last, time(15), clock.LOCAL_ZONE)
        with counter.database.write(counter.actor) as tx:
            [found, *_more] = search_residents(tx, sample_people()["residents"][0]["name"])
            told = {"resident_id": found.id, "guided_at": guided, "late_why": _("纸上记的，今天补录")}
            wanted = {"form": "1", "topics": ["1"], "problem": _("不知道找什么工作"), "advice": _("先学一门手艺")}
            record_guidance(tx, {**told, **wanted, "duration_min": 30})
        with counter.database.read(counter.actor) as tx:
            listed = corrections_of(tx, ledger_named("L07"), Ask(period.next()))
        notes.append(_("{month}的 L07 里有 {n} 行更正", month=period.next().words, n=len(listed)))
        promise(len(listed) == 1, _("补录没有列为更正"))


def _lock(counter: OpenCounter, period: Period, folder: Path) -> None:
    """Write one ledger with whole names for the district, behind a password; it leaves its trace."""
    path, ledger, ask = folder / f"{WHOLE}-whole.xlsx", ledger_named(WHOLE), Ask(period)
    with step(_("报区里的一份带完整姓名：写明理由，Excel 加打开密码")) as notes:
        with counter.database.write(counter.actor) as tx:
            heading = note_export(tx, ledger, ask, way="xlsx", why=_("报区里核对"))
        with counter.database.read(counter.actor) as tx:
            rows = cells(tx, ledger, ask, whole=True)
            write_ledger(path, as_made(tx, ledger, ask), heading, rows, password=_PASSWORD)
        (folder / PASSWORD_FILE).write_text(f"{_PASSWORD}\n", "utf-8")
        with counter.database.read(counter.actor) as tx:
            traced = [each for each in cells(tx, ledger_named("L25"), Ask(period.next())) if WHOLE in str(each)]
        promise(path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0", _("文件没有加密"))
        promise(bool(traced), _("导出没有留痕：{act}", act=EXPORT_WHOLE))
        notes.append(path.name)


def _hand_over(first: OpenCounter, second: OpenCounter, period: Period, folder: Path, papers: dict[str, bytes]) -> None:
    with step(_("联网后交接：结账到了区里和 2 号窗口，那边出的台账逐字节一样")) as notes:
        for counter in (first, second):
            while sync(counter).attachments_left:
                continue
        close, there = _standing(first, period), _standing(second, period)
        promise(close.ledgers == there.ledgers, _("两个窗口的结账不一样"))
        with second.database.read() as tx:
            for entry in there.ledgers:
                check_frozen(tx, entry)
        apart = folder / "2"
        apart.mkdir(exist_ok=True)
        promise(_papers(second, period, apart) == papers, _("2 号窗口出的台账不一样"))
        notes.extend(f"{each['code']}  {each['sha256'][:SHORT]}  {each['rows']}" for each in there.ledgers[:3])


def _standing(counter: OpenCounter, period: Period) -> Close:
    with counter.database.read() as tx:
        found = standing(tx, get_station(tx).code, period)
    promise(found is not None and found.live, _("这个月没有结账"))
    assert found is not None
    return found
