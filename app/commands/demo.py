"""``demo``: a counter's day without a screen, on the real parts; exits non-zero if any promise broke."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import clock
from app.commands import sample
from app.commands.demo_month import close_a_month
from app.commands.demo_parts import check_converged, promise, run_sync, step, sync, told
from app.commands.demo_roads import carry_on_stick, exchange_on_lan, meet_again
from app.commands.demo_settling import mend_refused, settle_conflict
from app.commands.demo_training import hold_a_class
from app.commands.exchange import status_facts
from app.commands.local_district import LocalDistrict, local_district
from app.commands.work import publish_waiting, run_import
from app.db.database import Actor
from app.errors import AppError
from app.paths import DataFolder
from app.program import command
from app.services import referrals
from app.services.counters import OpenCounter
from app.services.imports.job import ImportJob
from app.sync.joining import join_district
from app.texts import _


def run_shots(options: argparse.Namespace) -> int:
    """Take a picture of every screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.commands.shots import take_shots

    for path in take_shots(options.out):
        print(path)
    return 0


def run_demo(options: argparse.Namespace) -> int:
    """Play the day; return 0 if every promise held."""
    out: Path = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="doorstep-demo-") as temporary:
        try:
            _play(Path(temporary), out, options)
        except AppError as problem:
            print()
            print(_("演示没有通过：{why}", why=problem.text), file=sys.stderr)
            return 1
    print(_("全部通过，{n} 秒。结果在 {out}", n=round(time.perf_counter() - start, 1), out=str(out)))
    return 0


def _play(root: Path, out: Path, options: argparse.Namespace) -> None:
    people = sample.sample_people()
    with step(_("建站：{name}，站长和两位窗口经办", name=people["station"]["name"])):
        first, _recovery = sample.found_sample(DataFolder(root / "counter-1"))
    clerk = sample.clerk_of(first, people["clerks"][0])
    with local_district(root / "district", database=options.database) as district:
        port = urlsplit(district.url).port or 0
        with step(_("区县服务端开着（{kind}），1 号窗口加入", kind="PostgreSQL" if options.database else "SQLite")):
            sample.join_sample(first, district)
        _import_postings(first, out)
        second = _join_second(root, first, district)
    slips = _work_without_line(first, second, clerk, out)
    print(_("—— 网线插回 ——"))
    with local_district(root / "district", database=options.database, port=port) as district:
        _back_on_line(first, second, clerk, slips, district)
    print(_("—— 网线又拔了 ——"))
    exchange_on_lan(first, second, clerk, people["residents"][2]["name"])
    carry_on_stick(second, district, root)
    with local_district(root / "district", database=options.database, port=port) as district:
        meet_again(first, second)
        check_converged(first, second, slips)
        with step(_("区里再重算一遍")) as notes:
            notes.append(district.verify().splitlines()[-1])
    print(_("—— 一个培训班 ——"))
    open_line = partial(local_district, root / "district", database=options.database, port=port)
    hold_a_class(first, second, root, out, open_line)
    check_converged(first, second, slips)
    print(_("—— 月底 ——"))
    close_a_month(first, second, out, open_line)
    check_converged(first, second, slips)
    for counter in (first, second):
        counter.database.close()
    _check_secrecy(root, people)
    if not options.no_shots:
        _picture(out / "shots")


def _work_without_line(first: OpenCounter, second: OpenCounter, clerk: Actor, out: Path) -> list[str]:
    """Pull the cable and work on; return the slip numbers."""
    print(_("—— 网线拔了 ——"))
    with step(_("没有网，同步会怎么说")) as notes:
        report = run_sync(first)
        promise(report.error is not None, _("没有网却说同步成功"))
        notes.append(report.error[1] if report.error else "")
    slips = _work_offline(first, second, clerk, out)
    with step(_("没送出的都在本机")) as notes:
        facts = status_facts(first), status_facts(second)
        notes.append(_("1 号窗口等着送 {a} 笔，2 号窗口 {b} 笔", a=facts[0]["queued"], b=facts[1]["queued"]))
        promise(facts[0]["queued"] > 0 and facts[1]["queued"] > 0, _("应该有没送出的"))
    return slips


def _back_on_line(
    first: OpenCounter, second: OpenCounter, clerk: Actor, slips: list[str], district: LocalDistrict
) -> None:
    """Put the cable back: everything arrives, everywhere, and what differs is settled by people."""
    people = sample.sample_people()["residents"]
    with step(_("两个窗口同步")) as notes:
        for counter in (first, second, first, second):
            notes.append(told(sync(counter)))
    check_converged(first, second, slips)
    with step(_("区里按操作记录重算每一份，逐份比对")) as notes:
        notes.append(district.verify().splitlines()[-1])
    _record_reply(second, slips[0], clerk)
    with step(_("回执也到了 1 号窗口")):
        sync(second)
        sync(first)
        check_converged(first, second, slips, quiet=True)
    settle_conflict(first, second, clerk, people[0]["name"])
    mend_refused(first, second, people[1]["name"])
    check_converged(first, second, slips)


def _join_second(root: Path, first: OpenCounter, district: LocalDistrict) -> OpenCounter:
    """Let the second counter join with a code, and fetch what the first has."""
    people = sample.sample_people()
    with step(_("2 号窗口凭加入码加入，取回全部岗位")) as notes:
        code = district.enrol_code(people["station"]["code"], "clerk")
        sync(first)
        into = DataFolder(root / "counter-2")
        joined = join_district(into, district.url, code, name=people["clerks"][1], pin=sample.CLERK_PIN, device="2")
        counted = _count(joined.counter, "vacancy")
        notes.append(_("2 号窗口有 {n} 个岗位", n=counted))
        promise(counted == _count(first, "vacancy"), _("2 号窗口的岗位数和 1 号不一样"))
    return joined.counter


def _import_postings(counter: OpenCounter, out: Path) -> None:
    for file in sample.posting_files():
        with step(_("导入岗位 {file}", file=file.name)) as notes:
            report = run_import(counter, ImportJob.open(file, "vacancies"))
            report.write_csv(out / f"import-{file.stem}.csv")
            notes.extend(report.summary().splitlines())
            promise(report.adds_up(), _("导入的行数加不起来"))
        with step(_("再导入一次，什么都不变")) as notes:
            again = run_import(counter, ImportJob.open(file, "vacancies"))
            notes.extend(again.summary().splitlines())
            promise(again.taken_count == 0, _("第二次导入又多了岗位"))
    with step(_("站长批量发布")) as notes:
        done, refused = publish_waiting(counter)
        notes.append(_("已发布 {n} 个岗位", n=done))
        notes.extend(_("没有发布 {n} 个：{why}", n=count, why=why) for why, count in refused.items())
        promise(done > 0, _("一个岗位也没发布"))


def _work_offline(first: OpenCounter, second: OpenCounter, clerk: Actor, out: Path) -> list[str]:
    """Register, match, refer and print at both counters; return the slip numbers."""
    slips: list[str] = []
    for place, facts in enumerate(sample.sample_people()["residents"]):
        counter, actor = (first, clerk) if place % 2 == 0 else (second, second.actor)
        with step(_("{window} 号窗口登记 {name}，找岗位，开推荐信", window=place % 2 + 1, name=facts["name"])) as notes:
            resident = sample.register_sample(counter, actor, facts)
            for skip in (0, 0):
                referred = sample.refer_best(counter, actor, resident.id, skip=skip)
                if referred is None:
                    notes.append(_("没有合适的岗位"))
                    break
                slips.append(_print_slip(counter, actor, referred[0], out, notes, referred[1]))
    promise(bool(slips), _("一封推荐信也没开出"))
    promise(len(set(slips)) == len(slips), _("推荐信编号重了"))
    return slips


def _print_slip(counter: OpenCounter, actor: Actor, referral_id: str, out: Path, notes: list[str], score: float) -> str:
    """Record the print, then make the PDF; return the slip number."""
    from app.printing.slip import render_slips
    from app.printing.slip_facts import slip_row

    with counter.database.write(actor) as tx:
        printed = referrals.record_print(tx, referral_id, paper="A4", way="pdf")
    with counter.database.read() as tx:
        facts = referrals.slip_facts(tx, referral_id, copy_no=printed.copy_no)
    folder = out / "slips"
    folder.mkdir(exist_ok=True)
    (folder / f"{facts.slip_no}.pdf").write_bytes(render_slips([slip_row(facts)], paper="A4"))
    notes.append(f"{facts.slip_no}  {facts.employer_name} {facts.vacancy_title}  {score}")
    return facts.slip_no


def _record_reply(counter: OpenCounter, slip_no: str, clerk: Actor) -> None:
    with step(_("2 号窗口扫回执，登记录用：{no}", no=slip_no)), counter.database.write(clerk) as tx:
        referral = referrals.find_by_slip(tx, slip_no)
        values = {"outcome": "1", "reply_way": "1", "onboard_date": clock.today(), "contract_type": "10"}
        referrals.record_outcome(tx, referral.id, {**values, "wage_agreed": 480000})


def _count(counter: OpenCounter, name: str) -> int:
    with counter.database.read() as tx:
        return int(tx.sql(f"SELECT count(*) FROM {name} WHERE deleted_at IS NULL")[0][0])  # noqa: S608


def _check_secrecy(root: Path, people: dict[str, Any]) -> None:
    with step(_("两个窗口和教师笔记本的文件夹里搜不到姓名、证件号、电话")) as notes:
        wanted = [str(one[field]).encode() for one in people["residents"] for field in ("name", "id_no", "mobile")]
        looked = 0
        folders = (root / name for name in ("counter-1", "counter-2", "laptop"))
        for file in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
            content = file.read_bytes()
            looked += 1
            promise(not any(word in content for word in wanted), _("{file} 里有明文", file=file.name))
        notes.append(_("看了 {n} 个文件", n=looked))


def _picture(folder: Path) -> None:
    with step(_("拍下画面")) as notes:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        shots = [*command(), "shots", "--out", str(folder)]
        done = subprocess.run(shots, env=environment, capture_output=True, text=True, check=False)
        promise(done.returncode == 0, done.stderr.strip()[-500:])
        with suppress(IndexError):
            notes.append(_("{n} 张，在 {where}", n=len(done.stdout.splitlines()), where=str(folder)))
