"""The self-test's part below the window: a store of its own in a temporary folder, the program's files, this PC.

It opens what it makes itself, so nothing here takes a transaction. Of the counter's own data folder it reads what can
be read before anybody signs in, and it writes nothing there.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from app import clock, paths
from app.db.database import Actor, Database
from app.db.keyring import STATION_NOTE, Keyring
from app.db.migrate import head, knows
from app.errors import AppError, StorageError
from app.launching.folders import foreign_owner
from app.models.codes import all_lists, code_list
from app.paths import DataFolder
from app.services import residents
from app.services.counters import open_database
from app.services.health import EARLIEST, FAULT, LITTLE_SPACE, NO_SPACE, OK, WARNING
from app.services.stations import found_station
from app.texts import _, catalogue

_MEGABYTE = 1024**2
_KEY = b"doorstep self-test of this hour."
_PLAIN = b"SQLite format 3"


@dataclass(frozen=True)
class Check:
    """One line of the self-test."""

    code: str
    what: str
    level: str
    result: str
    advice: str = ""


Look = Callable[[], tuple[str, ...]]
"""Returns level and result, and what to do where something is wrong."""


def run_check(code: str, what: str, look: Look) -> Check:
    """Look; whatever goes wrong in it is a fault with its sentence, or its type where it has none."""
    try:
        return Check(code, what, *look())
    except AppError as problem:
        return Check(code, what, FAULT, problem.text)
    except OSError as problem:
        return Check(code, what, FAULT, _("系统不让做：{reason}", reason=problem.strerror or type(problem).__name__))
    except ImportError as problem:
        return Check(code, what, FAULT, _("程序缺了一部分：{what}", what=problem.name or str(problem)))
    except Exception as problem:  # noqa: BLE001 - a self-test names what broke and goes on to the next check
        return Check(code, what, FAULT, _("程序自己出了错（{name}）", name=type(problem).__name__))


def trial() -> dict[str, Any]:
    """Return the made-up person, station and slip of the self-test."""
    facts: dict[str, Any] = json.loads((paths.resources() / "sample" / "self_test.json").read_text("utf-8"))
    return facts


def look_at_files() -> tuple[str, str]:
    """Read what the program ships and cannot do without.

    Raises:
        StorageError: something is missing.
    """
    missing = list[str]()
    for list_id in sorted(code_lists_named()):
        if not ((paths.resources() / "codes" / f"{list_id.lower()}.json").is_file() and len(code_list(list_id))):
            missing.append(f"codes/{list_id.lower()}.json")
    for needed in ("matching/weights.json", "policy/defaults.json", "policy/cards.json", "imports/headings.json"):
        file = paths.resources() / needed
        if not (file.is_file() and json.loads(file.read_text("utf-8"))):
            missing.append(needed)
    for folder, pattern in (("icons", "*.svg"), ("fonts", "LICENSE-*.txt")):
        if not any((paths.resources() / folder).glob(pattern)):
            missing.append(folder)
    words = catalogue()
    if not words or not all(words.values()):
        missing.append("locale/en")
    if missing:
        raise StorageError(_("程序缺了文件，请重新安装家门口：{missing}", missing="、".join(missing)))
    counts = {"lists": len(all_lists()), "texts": len(words)}
    return OK, _("齐全：代码表 {lists} 份，英文 {texts} 句", **counts)


def code_lists_named() -> set[str]:
    """Return the code lists that some column names."""
    infos = (column.info for table in SQLModel.metadata.tables.values() for column in table.columns)
    return {str(info["code_list"]) for info in infos if "code_list" in info}


def look_at_store() -> tuple[str, str]:
    """Make an encrypted store, bring it to this form, write, close, open, find; refuse the wrong key.

    Raises:
        StorageError: one of them did not go as it should.
    """
    facts = trial()
    with tempfile.TemporaryDirectory(prefix="doorstep-self-test-") as temporary:
        folder = DataFolder(Path(temporary) / "counter")
        database = open_database(folder, _KEY)
        try:
            _register(database, facts)
        finally:
            database.close()
        if folder.database.read_bytes()[: len(_PLAIN)] == _PLAIN:
            raise StorageError(_("数据文件没有加密"), code="self_test.plain")
        _refuse_other_key(folder)
        found = _find_again(folder, facts)
    return OK, _("加密库能建、能升级、能写、能再打开，错的密钥打不开；{count} 种查法都查得到", count=found)


def _register(database: Database, facts: dict[str, Any]) -> None:
    actor = Actor(facts["staff"]["id"], facts["staff"]["name"], frozenset({"supervisor"}))
    with database.write(actor) as tx:
        found_station(tx, dict(facts["station"]), supervisor=actor.name, staff_id=actor.staff_id)
    with database.write(actor) as tx:
        residents.register_resident(tx, facts["resident"], consents=[{"kind": "1", "agreed": True}])


def _refuse_other_key(folder: DataFolder) -> None:
    other = Database(folder.database, _KEY[::-1])
    try:
        with other.read() as tx:
            residents.list_recent(tx)
    except StorageError as refused:
        if refused.code != "storage.key":
            raise
    else:
        raise StorageError(_("错的密钥也打开了数据文件"), code="self_test.key")
    finally:
        other.close()


def _find_again(folder: DataFolder, facts: dict[str, Any]) -> int:
    database = open_database(folder, _KEY)
    try:
        with database.read() as tx:
            for typed in facts["queries"]:
                hits = residents.search_residents(tx, typed)
                if [hit.name for hit in hits] != [facts["resident"]["name"]]:
                    raise StorageError(_("查找没有查到刚登记的人"), code="self_test.search")
    finally:
        database.close()
    return len(facts["queries"])


def look_at_clock() -> tuple[str, str] | tuple[str, str, str]:
    """Tell the time as this PC has it; the program itself always reckons in China Standard Time."""
    local = f"{clock.to_local(clock.now()):%Y-%m-%d %H:%M}"
    if clock.now() < EARLIEST:
        return FAULT, _("电脑的时间不对：{now}", now=local), _("请把电脑的时间对准，否则单子上的日期会印错")
    return OK, _("北京时间 {now}；电脑的时区是 {zone}", now=local, zone=clock.zone_of_pc())


def look_at_room(root: Path) -> tuple[str, str] | tuple[str, str, str]:
    """Tell how much room there is where the data lie, or will lie."""
    here = next((each for each in (root, *root.absolute().parents) if each.exists()), Path(os.sep))
    free = shutil.disk_usage(here).free
    words = _("磁盘还剩 {free} MB", free=free // _MEGABYTE)
    if free < NO_SPACE:
        return FAULT, words, _("马上就存不进了，请现在腾出空间")
    if free < LITTLE_SPACE:
        return WARNING, words, _("请腾出空间，至少留 {wanted} MB 给备份和升级", wanted=LITTLE_SPACE // _MEGABYTE)
    return OK, words


def look_at_data(root: Path) -> tuple[str, str] | tuple[str, str, str]:
    """Look at the counter's data folder from outside: whose it is, whether it can be used, whether it is too new."""
    folder = DataFolder(root)
    if not root.exists():
        return OK, _("还没有数据，第一次打开时建在 {where}", where=str(root))
    if not root.is_dir():
        return FAULT, _("数据文件夹的位置上是一个文件：{where}", where=str(root)), _("请把这个文件移走或改名")
    owner = foreign_owner(root)
    if owner is not None:
        return (
            WARNING,
            _("数据文件夹是用户 {owner} 的：{where}", owner=owner, where=str(root)),
            _("请用那个用户登录电脑"),
        )
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        return FAULT, _("数据文件夹不能读写：{where}", where=str(root)), _("请管理员把权限还给这个用户")
    if not folder.keyring.exists():
        return OK, _("还没有站点：{where}", where=str(root))
    written = remembered(folder).get("schema")
    if written is not None and not knows(written):
        return FAULT, _("数据文件比程序新（{written}，程序到 {ours}）", written=written, ours=head()), _("请先升级程序")
    if not Keyring.open(folder).bound:
        return WARNING, _("这台电脑没有这份数据的设备密钥"), _("用打印的恢复密钥可以打开")
    return OK, _("站点在这里，读得到：{where}", where=str(root))


def remembered(folder: DataFolder) -> dict[str, Any]:
    """Return what was noted for the sign-in page; empty where there is no note, or this PC cannot read it."""
    note = Keyring.open(folder).recall(STATION_NOTE)
    return dict(json.loads(note)) if note else {}
