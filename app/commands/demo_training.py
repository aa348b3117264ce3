"""The demo's chapter of training: sign-up at two counters, marks at a laptop and a counter offline, a craft order."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock, paths
from app.commands.demo_parts import contents_of, promise, run_sync, step, sync
from app.commands.local_district import LocalDistrict
from app.commands.sample import CLERK_PIN, sample_people
from app.models.codes import code_list
from app.models.craft import INSPECTING, SETTLED, TAKEN
from app.models.registry import RECORD_TYPES, TRAINING
from app.models.training import QUEUE, SEAT
from app.paths import DataFolder
from app.services import employers, outbox
from app.services.counters import OpenCounter
from app.services.residents import search_residents
from app.services.stations import get_station
from app.services.training import (
    calendar,
    certificates,
    classes,
    completion,
    courses,
    crafts,
    enrolments,
    grid,
    marking,
    rosters,
)
from app.services.training.class_file import class_record
from app.sync.joining import join_district
from app.texts import _

OpenLine = Callable[[], AbstractContextManager[LocalDistrict]]


@dataclass
class Room:
    """One class on three machines: two counters and the trainer's laptop."""

    first: OpenCounter
    second: OpenCounter
    laptop: OpenCounter
    class_id: str
    lessons: list[str]
    people: list[str]

    @property
    def machines(self) -> tuple[OpenCounter, ...]:
        """Every machine that holds the class."""
        return self.first, self.second, self.laptop


def sample_training() -> dict[str, Any]:
    """Return the fictional course, class, company and order."""
    loaded: dict[str, Any] = json.loads((paths.resources() / "sample" / "training.json").read_text("utf-8"))
    return loaded


def hold_a_class(first: OpenCounter, second: OpenCounter, root: Path, out: Path, open_line: OpenLine) -> None:
    """Play the whole of it; the line comes and goes between."""
    with open_line() as district:
        room = _plan(first, second, root, district)
    _sign_up(room)
    with open_line():
        _take_seats(room)
    print(_("—— 教室里没有网 ——"))
    _mark(room)
    with open_line() as district:
        _agree(room)
        _complete(room, out)
        _work_at_home(room)
        with step(_("区里再重算一遍")) as notes:
            notes.append(district.verify().splitlines()[-1])
    room.laptop.database.close()


def _plan(first: OpenCounter, second: OpenCounter, root: Path, district: LocalDistrict) -> Room:
    facts = sample_training()
    with step(
        _("1 号窗口排一个班：{title}，{n} 个名额，三次课", title=facts["course"]["name"], n=facts["seats"])
    ) as notes:
        class_id, lessons = _plan_class(first, facts)
        sync(first)
        sync(second)
        notes.append(_("报名中，今天截止"))
    with step(_("培训教师 {name} 的笔记本凭加入码加入", name=facts["trainer"])) as notes:
        code = district.enrol_code(sample_people()["station"]["code"], "trainer")
        into = DataFolder(root / "laptop")
        joined = join_district(into, district.url, code, name=facts["trainer"], pin=CLERK_PIN, device="laptop")
        held = [kind for kind in RECORD_TYPES if kind.feed != TRAINING and contents_of(joined.counter, kind)]
        promise(not held, _("教师的电脑里有了不该有的记录"))
        notes.append(_("有班期和课表，没有一份居民档案"))
    return Room(first, second, joined.counter, class_id, lessons, [])


def _plan_class(counter: OpenCounter, facts: dict[str, Any]) -> tuple[str, list[str]]:
    today = clock.today()
    planned = [calendar.PlannedLesson(today, starts, ends, 2.0) for starts, ends in facts["lessons"]]
    with counter.database.write(counter.actor) as tx:
        course = courses.add_course(tx, facts["course"])
    about = {"course_id": course.id, "start_on": today, "end_on": today + timedelta(days=1), "enrol_until": today}
    about |= {"slots": facts["slots"], "place": facts["place"], "seats": facts["seats"], "min_open": 1}
    with counter.database.write(counter.actor) as tx:
        row = classes.plan_class(tx, {**about, "trainers": [{"name": facts["trainer"]}]}, lessons=planned)
    with counter.database.write(counter.actor) as tx:
        classes.publish_class(tx, row.id)
    with counter.database.read() as tx:
        return row.id, [lesson.id for lesson in calendar.lessons_of(tx, row.id)]


def _sign_up(room: Room) -> None:
    names = [facts["name"] for facts in sample_people()["residents"][2:5]]
    with step(_("没有网，两个窗口都在报名：{names}", names=_("、").join(names))) as notes:
        for name, counter in zip(names, (room.first, room.second, room.second), strict=True):
            with counter.database.read() as tx:
                resident = search_residents(tx, name, limit=1)[0].id
                told = [each.code for each in enrolments.check_sign_up(tx, room.class_id, resident).warnings]
            with counter.database.write(counter.actor) as tx:
                room.people.append(enrolments.enrol(tx, room.class_id, resident, knowing=told).id)
        for counter in (room.first, room.second):
            lines = _roster(counter, room)
            promise(all(line.seat is None for line in lines), _("区里还没说，名额就定了"))
            notes.append(_("；").join(f"{line.name} {line.seat_text}" for line in lines))


def _take_seats(room: Room) -> None:
    with step(_("同步：两个名额按到区里的先后确认，多的一位候补，两边都说")) as notes:
        for counter in (room.first, room.second, *room.machines):
            sync(counter)
        for counter in room.machines:
            seats = [line.seat for line in _roster(counter, room)]
            promise(sorted(map(str, seats)) == [SEAT, SEAT, QUEUE], _("名额卖多了，或者没有候补"))
        with room.first.database.read() as tx:
            told = rosters.list_to_tell(tx, room.class_id)
        promise(len(told) == len(room.people), _("有人没列进要通知的名单"))
        notes.extend(f"{each.name}：{each.texts[0]}" for each in told)
    with room.first.database.write(room.first.actor) as tx:
        rosters.note_told(tx, room.people)
    with room.first.database.write(room.first.actor) as tx:
        classes.open_class(tx, room.class_id)
    for counter in room.machines:
        sync(counter)


def _mark(room: Room) -> None:
    one, late, _waiting = room.people
    with step(_("教师点第一课、第二课；2 号窗口不知道，也点了第一课，又按签到表补录第三课")) as notes:
        promise(run_sync(room.laptop).error is not None, _("没有网却说同步成功"))
        for act in (
            lambda tx: marking.mark(tx, room.lessons[0], one, "1"),
            lambda tx: marking.mark(tx, room.lessons[0], late, "2", minutes=10),
            lambda tx: marking.mark_rest(tx, room.lessons[1]),
        ):
            with room.laptop.database.write(room.laptop.actor) as tx:
                act(tx)
        with room.second.database.write(room.second.actor) as tx:
            marking.mark(tx, room.lessons[0], late, "0")
        sheet = {person: marking.MarkInput("1") for person in (one, late)}
        with room.second.database.write(room.second.actor) as tx:
            marking.enter_sheet(tx, room.lessons[2], sheet)
        notes.append(_("第一课里有一个人，教师记迟到 10 分钟，窗口记缺课"))


def _agree(room: Room) -> None:
    with step(_("同步：没有问一句，记的都在，后到区里的算数，三台电脑一样")) as notes:
        for counter in (room.second, room.laptop, room.first, room.second):
            sync(counter)
        seen = [_marks(counter, room) for counter in room.machines]
        promise(seen[0] == seen[1] == seen[2], _("三台电脑上的考勤不一样"))
        promise(seen[0][room.people[1], room.lessons[0]] == ("2", 2), _("同一课的两个记录没有都留下"))
        for counter in (room.first, room.second):
            with counter.database.read() as tx:
                promise(not outbox.list_conflicts(tx), _("考勤不该问人"))
        with room.first.database.read() as tx:
            trail = grid.list_trail(tx, room.lessons[0], room.people[1])
        notes.append(
            _(
                "两个记录都在，后到的算数：{marks}",
                marks=_("、").join(code_list("ATTEND_MARK").label(line.mark) for line in trail),
            )
        )


def _complete(room: Room, out: Path) -> None:
    first, folder = room.first, out / "training"
    folder.mkdir(exist_ok=True)
    with step(_("教师登成绩，1 号窗口办结业，发结业证明，导出班级台账")) as notes:
        for person in room.people[:2]:
            with room.laptop.database.write(room.laptop.actor) as tx:
                completion.assess(tx, person, {"practice": 88})
        sync(room.laptop)
        sync(first)
        with first.database.write(first.actor) as tx:
            done = completion.finish_class(tx, room.class_id)
        promise(done.passed_count == 2, _("该结业的没有结业"))
        for person in room.people[:2]:
            with first.database.write(first.actor) as tx:
                made = certificates.issue_completion(tx, person)
            (folder / f"{made.cert_no}.pdf").write_bytes(_certificate(first, made.id))
            notes.append(f"{made.cert_no}  {made.name}")
        (folder / "class.xlsx").write_bytes(_class_book(first, room.class_id))


def _certificate(counter: OpenCounter, certificate_id: str) -> bytes:
    from app.printing.completion import render_completion
    from app.printing.training_facts import completion_row

    with counter.database.read() as tx:
        facts, station = certificates.completion_facts(tx, certificate_id), get_station(tx)
        row = completion_row(facts, station_name=station.name, station_phone=station.phone or "")
    return render_completion(row)


def _class_book(counter: OpenCounter, class_id: str) -> bytes:
    from app.printing.class_book import class_workbook
    from app.printing.class_sheets import class_book

    with counter.database.write(counter.actor) as tx:
        return class_workbook(class_book(class_record(tx, class_id)))


def _work_at_home(room: Room) -> None:
    facts = sample_training()
    order = _take_order(room, facts)
    assigns = _hand_out(room, order)
    with step(_("交货验收：合格的按件付，返工的再交")) as notes:
        good, mixed = assigns
        first_time = {"quantity": 20, "accepted": 17, "rework": 2, "scrap": 1, "blame": "1"}
        counted = (
            (good, {"quantity": 20, "accepted": 20}),
            (mixed, first_time),
            (mixed, {"quantity": 2, "accepted": 2}),
        )
        paid = []
        for assign, count in counted:
            with room.first.database.write(room.first.actor) as tx:
                paid.append(crafts.deliver(tx, assign, count).id)
        with room.first.database.write(room.first.actor) as tx:
            crafts.move_on(tx, order, INSPECTING)
        for delivery in paid:
            with room.first.database.write(room.first.actor) as tx:
                crafts.pay(tx, delivery)
        with room.first.database.write(room.first.actor) as tx:
            crafts.move_on(tx, order, SETTLED)
        sync(room.first)
        sync(room.second)
        with room.second.database.read() as tx:
            figures = crafts.list_orders(tx, order_id=order)[0].figures
        promise(figures.pay_due == figures.pay_paid == 39 * facts["order"]["piece_pay"], _("加工费对不上"))
        pay = figures.pay_paid // 100
        notes.append(_("{n} 人，合格率 {q} %，加工费 {pay} 元都付了", n=figures.people, q=figures.quality, pay=pay))


def _take_order(room: Room, facts: dict[str, Any]) -> str:
    with step(_("企业给这个班一张手工订单：{product}，不收押金", product=facts["order"]["product"])):
        with room.first.database.write(room.first.actor) as tx:
            known = employers.find_employer(tx, name=facts["company"]["name"])
            company = known or employers.add_employer(tx, facts["company"], complete=False)
        about = {"employer_id": company.id, "class_id": room.class_id, "due_on": clock.today() + timedelta(days=20)}
        with room.first.database.write(room.first.actor) as tx:
            order = crafts.take_order(tx, {**facts["order"], **about}).id
        with room.first.database.write(room.first.actor) as tx:
            crafts.move_on(tx, order, TAKEN)
        sync(room.first)
        sync(room.second)
    return order


def _hand_out(room: Room, order: str) -> list[str]:
    with step(_("2 号窗口发料给结业的两位，本人签字")):
        graduates = [line for line in _roster(room.second, room) if line.id in room.people[:2] and line.resident_id]
        assigns = []
        for line in sorted(graduates, key=lambda each: room.people.index(each.id)):
            with room.second.database.write(room.second.actor) as tx:
                given = {"taken_count": 20, "signed": True}
                assigns.append(crafts.hand_out(tx, order, str(line.resident_id), given).id)
        sync(room.second)
        sync(room.first)
    return assigns


def _roster(counter: OpenCounter, room: Room) -> list[rosters.RosterLine]:
    with counter.database.read() as tx:
        return rosters.list_roster(tx, room.class_id)


def _marks(counter: OpenCounter, room: Room) -> dict[tuple[str, str], tuple[str, int]]:
    with counter.database.read() as tx:
        found = grid.load_grid(tx, room.class_id)
    return {
        (person.id, lesson): (cell.mark, cell.count) for person in found.people for lesson, cell in person.cells.items()
    }
