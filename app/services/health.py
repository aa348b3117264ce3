"""The doctor: is this counter's store sound, and what mends it.

It looks at the store itself, not at the rows of a service, so it takes the open ``Database`` instead of a transaction.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, column, func, select, table
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app import clock
from app.db import migrate, search_index
from app.db.backup import RISKY, UPGRADE, list_backups, make_backup, store_mark
from app.db.database import Database, storage_error
from app.errors import StorageError
from app.models.registry import RECORD_TYPES, RecordType
from app.paths import DataFolder
from app.texts import _

OK, WARNING, FAULT = "ok", "warning", "fault"
OLD_BACKUP = timedelta(days=3)
LITTLE_SPACE, NO_SPACE = 1024**3, 100 * 1024**2
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
_SLACK = timedelta(minutes=5)
_MEGABYTE = 1024**2
_ENTRY = table("search_entry", column("record_type"), column("record_id"), column("tokens"))


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at: how it is, what to do, and whether ``repair`` can do it."""

    code: str
    level: str
    text: str
    advice: str = ""
    repairable: bool = False


def examine(folder: DataFolder, database: Database) -> tuple[Finding, ...]:
    """Look at everything, worst first. Changes nothing; on a large store it takes some seconds.

    Raises:
        StorageError: the store cannot be read at all.
    """
    findings: list[Finding] = []
    try:
        with database.engine.connect() as connection:
            for look in (_structure, _references, _form, _search):
                findings += look(connection)
            last_act = _last_act(connection)
    except DBAPIError as problem:
        raise storage_error(problem.orig or problem) from problem
    findings += _space(folder)
    findings += _backups(folder)
    findings += _clock(folder, last_act)
    return worst_first(findings)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with what is worst before the rest."""
    order = {FAULT: 0, WARNING: 1, OK: 2}
    return tuple(sorted(findings, key=lambda f: order[f.level]))


def repair(folder: DataFolder, database: Database, key: bytes, finding: Finding) -> str:
    """Mend what a finding tells, after a backup where the act is risky; return a sentence on what was done.

    Raises:
        StorageError: there is no repair for it, or it failed; the store is as before.
    """
    act = _REPAIRS.get(finding.code)
    if act is None or not finding.repairable:
        raise StorageError(_("这一项不能自动修：{advice}", advice=finding.advice), code="doctor.no_repair")
    return act(folder, database, key)


def _structure(connection: Connection) -> list[Finding]:
    faults = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check") if row[0] != "ok"]
    faults += [str(row[0]) for row in connection.exec_driver_sql("PRAGMA cipher_integrity_check")]
    if faults:
        advice = _("请用最近的备份恢复：doorstep restore；恢复前先把整个文件夹另存一份")
        return [Finding("store.pages", FAULT, _("数据库有 {count} 处坏了", count=len(faults)), advice)]
    return [Finding("store.pages", OK, _("数据库完好"))]


def _references(connection: Connection) -> list[Finding]:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = "、".join(sorted({str(row[0]) for row in broken}))
        words = _("有 {count} 行指向已经不在的记录（{tables}）", count=len(broken), tables=tables)
        return [Finding("store.references", FAULT, words, _("请把这一行报给区里；数据没有丢，不要自己改数据库"))]
    return [Finding("store.references", OK, _("记录之间都对得上"))]


def _form(connection: Connection) -> list[Finding]:
    at = migrate.current(connection.engine)
    if at == migrate.head():
        return [Finding("store.form", OK, _("数据库是这个版本的格式"))]
    try:
        migrate.needs_upgrade(connection.engine)
    except StorageError as newer:
        return [Finding("store.form", FAULT, newer.text, _("请安装新版本的家门口"))]
    words = _("数据库还是旧版本的格式（{at}）", at=at or "-")
    return [Finding("store.form", FAULT, words, _("先备份，再升级"), repairable=True)]


def _search(connection: Connection) -> list[Finding]:
    with suppress(DBAPIError):
        wrong = sum(_wrong_entries(connection, kind) for kind in RECORD_TYPES if kind.search is not None)
        if wrong == 0 and _index_is_whole(connection):
            return [Finding("search.complete", OK, _("查找的索引是全的"))]
        words = _("查找的索引有 {count} 处不对，有的人可能查不到", count=max(wrong, 1))
        return [Finding("search.complete", FAULT, words, _("重建索引，记录不动"), repairable=True)]
    return [Finding("search.complete", FAULT, _("查找的索引坏了"), _("重建索引，记录不动"), repairable=True)]


def _wrong_entries(connection: Connection, kind: RecordType) -> int:
    """Count records whose entry is missing or stale, and entries of no record; row by row, for large stores."""
    records = SQLModel.metadata.tables[str(kind.model.__tablename__)]
    own = and_(_ENTRY.c.record_type == kind.name, _ENTRY.c.record_id == records.c.id)
    rows = select(records, _ENTRY.c.tokens.label("tokens_found")).outerjoin(_ENTRY, own)
    wrong = sum((row["tokens_found"] or "") != _tokens(kind, dict(row)) for row in connection.execute(rows).mappings())
    lost = select(func.count()).where(
        _ENTRY.c.record_type == kind.name, _ENTRY.c.tokens != "", _ENTRY.c.record_id.not_in(select(records.c.id))
    )
    return int(wrong + connection.execute(lost).scalar_one())


def _tokens(kind: RecordType, row: dict[str, Any]) -> str:
    assert kind.search is not None
    return "" if row["deleted_at"] is not None else kind.search(row)


def _index_is_whole(connection: Connection) -> bool:
    """Compare FTS5's own index with the entries it was made of."""
    try:
        with connection.begin_nested() if connection.in_transaction() else connection.begin():
            connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    except DBAPIError:
        return False
    return True


def _last_act(connection: Connection) -> datetime | None:
    with suppress(DBAPIError):
        found = connection.exec_driver_sql("SELECT max(made_at) FROM operation").scalar()
        if found is not None:
            instant = datetime.fromisoformat(str(found))
            return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return None


def _space(folder: DataFolder) -> list[Finding]:
    free = shutil.disk_usage(folder.root).free
    wanted = max(LITTLE_SPACE, 4 * (folder.database.stat().st_size if folder.database.exists() else 0))
    words = _("磁盘还剩 {free} MB", free=free // _MEGABYTE)
    if free < NO_SPACE:
        return [Finding("disk.space", FAULT, words, _("马上就存不进了，请现在腾出空间"))]
    if free < wanted:
        advice = _("请腾出空间，至少留 {wanted} MB 给备份和升级", wanted=wanted // _MEGABYTE)
        return [Finding("disk.space", WARNING, words, advice)]
    return [Finding("disk.space", OK, words)]


def _backups(folder: DataFolder) -> list[Finding]:
    backups = list_backups(folder)
    damaged = len(list(folder.backups.glob("*.backup"))) - len(backups)
    findings = []
    if damaged:
        words = _("有 {count} 份备份坏了", count=damaged)
        findings.append(Finding("backup.damaged", WARNING, words, _("恢复时不要用它们；磁盘可能有问题")))
    if not backups:
        words, advice = _("一份备份都没有"), _("现在做一份")
        return [*findings, Finding("backup.age", WARNING, words, advice, repairable=True)]
    age = clock.now() - backups[0].made_at
    when = f"{clock.to_local(backups[0].made_at):%Y-%m-%d %H:%M}"
    if age > OLD_BACKUP and backups[0].mark != store_mark(folder):
        words = _("最近的备份是 {when} 的，之后还有改动", when=when)
        return [*findings, Finding("backup.age", WARNING, words, _("现在做一份"), repairable=True)]
    return [*findings, Finding("backup.age", OK, _("最近的备份：{when}", when=when))]


def _clock(folder: DataFolder, last_act: datetime | None) -> list[Finding]:
    now = clock.now()
    known = [instant for instant in (last_act, *(b.made_at for b in list_backups(folder)[:1])) if instant is not None]
    advice = _("请把电脑的时间对准；数据不受影响，只是单子上的日期会印错")
    local = f"{clock.to_local(now):%Y-%m-%d %H:%M}"
    if now < EARLIEST:
        return [Finding("clock", FAULT, _("电脑的时间不对：{now}", now=local), advice)]
    if known and max(known) > now + _SLACK:
        latest = f"{clock.to_local(max(known)):%Y-%m-%d %H:%M}"
        words = _("电脑的时间（{now}）比最后一次办理（{latest}）还早", now=local, latest=latest)
        return [Finding("clock", WARNING, words, advice)]
    return [Finding("clock", OK, _("电脑的时间：{now}", now=local))]


def _repair_search(_folder: DataFolder, database: Database, _key: bytes) -> str:
    with database.write(None) as tx:
        connection = tx.session.connection()
        connection.exec_driver_sql("DELETE FROM search_entry")
        connection.exec_driver_sql("INSERT INTO search (search) VALUES ('rebuild')")
        count = 0
        for kind in RECORD_TYPES:
            if kind.search is not None:
                count += _index_all(connection, kind)
    return _("重建好了，索引里有 {count} 条", count=count)


def _index_all(connection: Connection, kind: RecordType) -> int:
    records = SQLModel.metadata.tables[str(kind.model.__tablename__)]
    count = 0
    for row in connection.execute(select(records)).mappings():
        search_index.put(connection, kind, row["id"], dict(row))
        count += 1
    return count


def _repair_form(folder: DataFolder, database: Database, key: bytes) -> str:
    make_backup(folder, key, reason=UPGRADE)
    migrate.migrate(database.engine)
    return _("先备份，再升级好了")


def _repair_backup(folder: DataFolder, _database: Database, key: bytes) -> str:
    return _("备份好了：{file}", file=make_backup(folder, key, reason=RISKY).path.name)


_REPAIRS: dict[str, Callable[[DataFolder, Database, bytes], str]] = {
    "search.complete": _repair_search,
    "store.form": _repair_form,
    "backup.age": _repair_backup,
}
