"""``import``, ``match``, ``publish``, ``found``: a counter's work without a window."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from app.commands.person import ask_pin, opened_counter
from app.errors import InvalidInputError, NotFoundError, StorageError
from app.models.access_log import MATCH_LOOK
from app.models.resident import Resident
from app.paths import DataFolder
from app.services import residents, vacancies
from app.services.counters import OpenCounter, found_counter
from app.services.imports.columns import read_map
from app.services.imports.job import ImportJob
from app.services.imports.readers import open_table
from app.services.imports.report import ImportReport, RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.targets import ENROLMENTS
from app.services.imports.writing import import_batch
from app.services.looks import Look, note_look
from app.services.training.sign_up_lists import check_enrolments, find_class
from app.texts import _


def run_found(options: argparse.Namespace) -> int:
    """Found a station offline."""
    station = {"name": options.name, "code": options.code, "county_code": options.county}
    station |= {"street_name": options.street, "phone": options.phone}
    counter, recovery = found_counter(DataFolder(options.data), station, supervisor=options.staff, pin=ask_pin())
    counter.database.close()
    print(_("建站成功：{name}", name=options.name))
    print(_("恢复密钥（打印后锁好，忘了 PIN 只有它能打开）：{key}", key=recovery))
    return 0


def run_import_file(options: argparse.Namespace) -> int:
    """Import a file; print the account of its rows.

    Raises:
        InvalidInputError: a list of sign-ups without its class, or a class for another kind of file.
    """
    _check_class(options.kind, options.held_class)
    columns = None
    if options.map:
        columns = read_map(options.map, options.kind, open_table(options.file, sheet=options.sheet).headings)
    job = ImportJob.open(options.file, options.kind, columns=columns, sheet=options.sheet, dry_run=options.dry_run)
    with opened_counter(options) as counter:
        if options.held_class:
            with counter.database.read() as tx:
                held_class = find_class(tx, options.held_class)
                job.into = held_class.id
                print(_("报到班期：{no} {title}", no=held_class.class_no, title=held_class.title))
        report = run_import(counter, job, progress=sys.stderr.isatty())
    print(report.as_text())
    if options.report:
        report.write_csv(options.report)
        print(_("逐行结果：{path}", path=str(options.report)))
    if report.stopped:
        raise StorageError(report.stopped)
    return 0


def _check_class(kind: str, held_class: str | None) -> None:
    if kind == ENROLMENTS and not held_class:
        raise InvalidInputError({"class": _("报名名单要说明报到哪个班：加上 --class 班号")})
    if kind != ENROLMENTS and held_class:
        raise InvalidInputError({"class": _("--class 只在导入报名名单（enrolments）时用")})


def run_import(counter: OpenCounter, job: ImportJob, *, progress: bool = False) -> ImportReport:
    """Run an import to its end, one transaction a batch; return the account of every row."""
    seen = set[str]()

    def write(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with counter.database.write(counter.actor) as tx:
            return import_batch(tx, job.columns.kind, rows, into=job.into)

    def look(rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        with counter.database.read() as tx:
            return check_enrolments(tx, job.into, rows, seen)

    def told(done: int, total: int) -> None:
        print(f"\r{done} / {total}", end="", file=sys.stderr, flush=True)

    looking = look if job.columns.kind == ENROLMENTS else None
    return job.run(write, told if progress else None, look=looking)


def run_publish(options: argparse.Namespace) -> int:
    """Publish what waits for review."""
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


def run_match(options: argparse.Namespace) -> int:
    """Print a resident's vacancies with the reasons."""
    from app.commands.showing import match_text
    from app.services.matching.query import match_resident

    with opened_counter(options) as counter:
        with counter.database.read() as tx:
            resident_id, name = _one_resident(tx, options.resident)
            result = match_resident(tx, resident_id, top=options.top)
        if options.json:
            print(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        else:
            print(_("给{name}找岗位", name=name))
            print(match_text(result))
        with counter.database.write(counter.actor) as tx:
            note_look(tx, Look(MATCH_LOOK, "resident", resident_id))
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
