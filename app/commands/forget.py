"""``forget``: delete a PC's data for good. No uninstaller and no package does it; a person does, asked twice.

Never without somebody at a terminal, never while the window is open, and not before an encrypted backup lies outside.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from app import clock
from app.commands.person import opened_counter
from app.db.backup import BY_HAND, make_backup
from app.db.keyring import Keyring
from app.errors import InvalidInputError, NotAllowedError, RuleError
from app.launching.instance import OnlyOne
from app.paths import DataFolder
from app.services import outbox
from app.services.attachments import waiting_blobs
from app.services.counters import OpenCounter
from app.services.forgetting import finish_forgetting, forget_counter, was_cut_off
from app.services.stations import get_station
from app.sync.feeds import sealed_work
from app.texts import _

SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class Leaving:
    """What would go: the station, how many acts and attachments the district does not have yet."""

    station: str
    code: str
    unsent: int
    attachments: int


def run_forget(options: argparse.Namespace) -> int:
    """Ask twice, back up, delete."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInputError({"terminal": _("删除数据只能由人在终端里办，一个字都没有删")})
    folder = DataFolder(options.data.absolute())
    only = OnlyOne(folder.root, folder.lock)
    if folder.root.is_dir() and not only.claim():
        raise RuleError(_("家门口正开着这份数据。请先关上窗口再来删"), code="forget.open")
    if was_cut_off(folder):
        only.release()
        return _tell(folder.root, finish_forgetting(folder))
    try:
        with opened_counter(options) as counter:
            if SUPERVISOR not in counter.actor.roles:
                raise NotAllowedError(_("要站长才能删除这台电脑上的数据"))
            leaving = _look(counter)
            _ask_twice(folder.root, leaving)
            if not options.no_backup:
                _back_up(counter, leaving, options.backup)
        keyring = Keyring.open(folder)
    except BaseException:
        only.release()
        raise
    only.release()
    return _tell(folder.root, forget_counter(folder, keyring))


def _tell(root: Path, left: tuple[str, ...]) -> int:
    print(_("删掉了：{where}", where=str(root)))
    if left:
        print(_("这些不是家门口的文件，没有动：{files}", files="、".join(left)))
    print(_("请告诉区里停用这台电脑"))
    return 0


def _look(counter: OpenCounter) -> Leaving:
    with counter.database.read() as tx:
        station, summary = get_station(tx), outbox.sync_summary(tx)
        unsent = summary.queued + summary.parked + summary.held + len(sealed_work(tx))
        return Leaving(station.name, station.code, unsent, waiting_blobs(tx)[0])


def _ask_twice(root: Path, leaving: Leaving) -> None:
    """Ask for the station's name, then for what would be lost.

    Raises:
        RuleError: an answer was another one; nothing was deleted.
    """
    print(
        _("要从这台电脑上删掉 {station} 的全部数据，连同里面的备份：{where}", station=leaving.station, where=str(root))
    )
    _expect(_("确定要删，就输入站点名称："), leaving.station)
    if leaving.unsent or leaving.attachments:
        print(
            _(
                "还有 {acts} 笔、{files} 个附件没有送到区里，删了就再也没有了。"
                "可以先 doorstep sync，或 doorstep packet make",
                acts=leaving.unsent,
                files=leaving.attachments,
            )
        )
        _expect(_("仍然要删，就输入没有送出的笔数："), str(leaving.unsent))
    else:
        print(_("都送到区里了"))
        _expect(_("再确定一次，输入“{word}”：", word=_("删除")), _("删除"))


def _expect(question: str, answer: str) -> None:
    try:
        given = input(question)
    except EOFError:
        given = ""
    if given.strip() != answer:
        raise RuleError(_("输入的不一样，一个字都没有删"), code="forget.not_confirmed")


def _back_up(counter: OpenCounter, leaving: Leaving, named: Path | None) -> None:
    """Make an encrypted backup outside the folder.

    Raises:
        InvalidInputError: it would lie in the folder that is deleted, or over another file.
        StorageError: it cannot be written; nothing was deleted.
    """
    local = clock.to_local(clock.now())
    path = (named or Path.home() / f"doorstep-{leaving.code}-{local:%Y%m%d-%H%M%S}.backup").absolute()
    if path.resolve().is_relative_to(counter.folder.root.resolve()) or path.exists():
        text = _("备份不能放在要删的文件夹里，也不能盖掉别的文件：{path}。一个字都没有删", path=str(path))
        raise InvalidInputError({"backup": text})
    made = make_backup(counter.folder, counter.key, to=path, reason=BY_HAND)
    print(_("先备份好了：{path}，{size} 字节，已加密；要用它，得有打印的恢复密钥", path=str(made.path), size=made.size))
