"""``import``, ``match``, ``publish``, ``found``: a counter's work without a window."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.commands.person import add_staff_option, ask_pin, opened_counter
from app.errors import NotFoundError, StorageError
from app.models.resident import Resident
from app.paths import DataFolder
from app.services import residents, vacancies
from app.services.counters import OpenCounter, found_counter
from app.services.imports.columns import read_map
from app.services.imports.job import ImportJob
from app.services.imports.readers import open_table
from app.services.imports.report import ImportReport, RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.writing import import_batch
from app.texts import _

KINDS = ("residents", "employers", "vacancies")


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this group."""
    found = commands.add_parser("found", parents=[common], help=_("离线建站：这台电脑成为第一个窗口"))
    found.add_argument("--name", required=True, help=_("站点名称"))
    found.add_argument("--code", required=True, help=_("站点编码，12 位"))
    found.add_argument("--county", required=True, help=_("县区代码，6 位"))
    found.add_argument("--street", help=_("街道"))
    found.add_argument("--phone", help=_("站点电话"))
    found.add_argument("--staff", required=True, metavar=_("姓名"), help=_("站长姓名"))
    found.set_defaults(run=_found)

    importing = commands.add_parser("import", parents=[common], help=_("导入 Excel 或 CSV"))
    importing.add_argument("kind", choices=KINDS)
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--map", type=Path, metavar="FILE", help=_("列的对应（JSON）"))
    importing.add_argument("--sheet", help=_("工作表名"))
    importing.add_argument("--dry-run", action="store_true", help=_("只看结果，不存"))
    importing.add_argument("--report", type=Path, metavar="FILE", help=_("把逐行结果写成 CSV"))
    add_staff_option(importing)
    importing.set_defaults(run=_import)

    publish = commands.add_parser("publish", parents=[common], help=_("发布待审岗位（站长）"))
    publish.add_argument("--all", action="store_true", required=True, help=_("所有待审的"))
    add_staff_option(publish)
    publish.set_defaults(run=_publish)

    match = commands.add_parser("match", parents=[common], help=_("给一位居民找岗位，说明理由"))
    match.add_argument("resident", help=_("姓名、拼音、证件号或手机尾号、档案 id"))
    match.add_argument("--top", type=int, default=20)
    match.add_argument("--json", action="store_true")
    add_staff_option(match)
    match.set_defaults(run=_match)


def _found(options: argparse.Namespace) -> int:
    station = {"name": options.name, "code": options.code, "county_code": options.county}
    station |= {"street_name": options.street, "phone": options.phone}
    counter, recovery = found_counter(DataFolder(options.data), station, supervisor=options.staff, pin=ask_pin())
    counter.database.close()
    print(_("建站成功：{name}", name=options.name))
    print(_("恢复码（打印后锁好，忘了 PIN 只有它能打开）：{key}", key=recovery))
    return 0


def _import(options: argparse.Namespace) -> int:
    columns = None
    if options.map:
        columns = read_map(options.map, options.kind, open_table(options.file, sheet=options.sheet).headings)
    job = ImportJob.open(options.file, options.kind, columns=columns, sheet=options.sheet, dry_run=options.dry_run)
    with opened_counter(options) as counter:
        report = run_import(counter, job, progress=sys.stderr.isatty())
    print(report.as_text())
    if options.report:
        report.write_csv(options.report)
        print(_("逐行结果：{path}", path=str(options.report)))
    if report.stopped:
        raise StorageError(report.stopped)
    return 0


def run_import(counter: OpenCounter, job: ImportJob, *, progress: bool = False) -> ImportReport:
    """Run an import to its end, one transaction a batch; return the account of every row."""

    def write(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with counter.database.write(counter.actor) as tx:
            return import_batch(tx, job.columns.kind, rows)

    def told(done: int, total: int) -> None:
        print(f"\r{done} / {total}", end="", file=sys.stderr, flush=True)

    return job.run(write, told if progress else None)


def _publish(options: argparse.Namespace) -> int:
    with opened_counter(options) as counter:
        done, refused = publish_waiting(counter)
    print(_("已发布 {n} 个岗位", n=done))
    for text, count in refused.items():
        print(_("没有发布 {n} 个：{why}", n=count, why=text))
    return 0


def publish_waiting(counter: OpenCounter) -> tuple[int, dict[str, int]]:
    """Publish every vacancy that waits for review; return how many, and how many not for which reason."""
    with counter.database.read() as tx:
        waiting = [line.id for line in vacancies.list_vacancies(tx, state=vacancies.WAITING, limit=1_000_000)]
    done, refused = 0, dict[str, int]()
    for start in range(0, len(waiting), 200):
        with counter.database.write(counter.actor) as tx:
            result = vacancies.publish_many(tx, waiting[start : start + 200])
        done += result.done
        for _vacancy, why in result.refused:
            refused[why] = refused.get(why, 0) + 1
    return done, refused


def _match(options: argparse.Namespace) -> int:
    from app.commands.showing import match_text
    from app.services.matching.query import match_resident

    with opened_counter(options) as counter, counter.database.read() as tx:
        resident_id, name = _one_resident(tx, options.resident)
        result = match_resident(tx, resident_id, top=options.top)
        if options.json:
            print(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        else:
            print(_("给{name}找岗位", name=name))
            print(match_text(result))
    return 0


def _one_resident(tx: Any, typed: str) -> tuple[str, str]:
    """Return id and name of the resident that was named.

    Raises:
        NotFoundError: nobody, or several.
    """
    known = tx.find(Resident, typed)
    if known is not None:
        return known.id, known.name
    hits = residents.search_residents(tx, typed, limit=10)
    if not hits:
        raise NotFoundError(_("没有找到“{typed}”", typed=typed))
    if len(hits) > 1:
        names = "、".join(f"{hit.name}（{hit.birth_date}）" for hit in hits)
        raise NotFoundError(_("找到几位，请说得更准一些：{names}", names=names))
    return hits[0].id, hits[0].name
