"""Pictures of signing up and of graduation: a class that is full, one that ends today, one that ended with papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app import clock
from app.commands import sample
from app.commands.shots_parts import settle, shoot
from app.counter import Counter
from app.db.database import Actor
from app.services import residents
from app.services.counters import OpenCounter
from app.services.training import certificates, classes, completion, courses, enrolments, marking
from app.services.training.calendar import PlannedLesson, lessons_of
from app.ui.desktop import Desktop
from app.ui.graduation.screen import GraduationScreen
from app.ui.sign_up.screen import SignUpScreen

CARE: dict[str, Any] = {
    "name": "养老护理员（初级）", "trade": "4-10", "level": "L2", "train_type": "1", "hours_total": 20,
    "hours_theory": 8, "hours_practice": 12, "provider_name": "杭州安康职业培训学校", "in_catalogue": True,
    "subsidy_amount": 120000, "free": True, "assess_way": "3", "cert_type": "1",
    "cert_name": "养老护理员职业技能等级证书",
}  # fmt: skip
PASTRY = {**CARE, "name": "中式面点师（初级）", "trade": "4-03", "cert_name": "中式面点师职业技能等级证书"}
SLOTS = [{"weekdays": [1, 3, 5], "from": "13:30", "to": "17:00", "hours": 4}]
WARNED = ("subsidy", "clash", "no_phone")
MARKS = ("11111", "11211", "11101", "11000", "111.1", "00000")
SCORES = ((82.0, 90.5), (76.0, 88.0), (58.0, 70.0), None, None, None)


@dataclass(frozen=True)
class ShownSignUp:
    """Whose sign-up is shown, and the ids of the three classes."""

    person: str
    full: str
    ending: str
    ended: str


def fill_sign_up(counter: OpenCounter, actor: Actor) -> ShownSignUp:
    """Give the station the three classes, with people of the sample on their lists."""
    names = [facts["name"] for facts in sample.sample_people()["residents"]]
    with counter.database.read() as tx:
        people = [residents.search_residents(tx, name, limit=1)[0].id for name in names]
    with counter.database.write(actor) as tx:
        care, pastry = courses.add_course(tx, CARE).id, courses.add_course(tx, PASTRY).id
    full = _class(counter, actor, (care, "养老护理员（初级）第 3 班"), 4, seats=2)
    _enrol(counter, actor, full, people[1:4])
    ended = _held(counter, actor, (pastry, "中式面点师（初级）第 1 班"), people[:4], 40)
    ending = _held(counter, actor, (care, "养老护理员（初级）第 2 班"), people[:6], 4)
    with sample.days_ago(30):
        _finish(counter, actor, ended)
    return ShownSignUp(people[0], full, ending, ended)


def _class(counter: OpenCounter, actor: Actor, about: tuple[str, str], ahead: int, *, seats: int = 16) -> str:
    start = clock.today() + timedelta(days=ahead)
    lessons = [PlannedLesson(start + timedelta(days=n), "13:30", "17:00", 4.0) for n in range(5)]
    values = {
        "course_id": about[0], "title": about[1], "start_on": start, "end_on": lessons[-1].held_on, "slots": SLOTS,
        "place": "三楼护理实训室", "seats": seats, "min_open": 1, "trainers": [{"name": "何蔚"}], "enrol_until": start,
    }  # fmt: skip
    with counter.database.write(actor) as tx:
        made = classes.plan_class(tx, values, lessons=lessons).id
    with counter.database.write(actor) as tx:
        classes.publish_class(tx, made)
    return made


def _enrol(counter: OpenCounter, actor: Actor, class_id: str, people: Sequence[str]) -> list[str]:
    signed = []
    for person in people:
        with counter.database.write(actor) as tx:
            signed.append(enrolments.enrol(tx, class_id, person, knowing=WARNED).id)
    return signed


def _held(counter: OpenCounter, actor: Actor, about: tuple[str, str], people: Sequence[str], since: int) -> str:
    """Let a class of five days be held, the first so many days ago."""
    with sample.days_ago(since):
        made = _class(counter, actor, about, 0)
        signed = _enrol(counter, actor, made, people)
        with counter.database.write(actor) as tx:
            classes.open_class(tx, made)
    with sample.days_ago(since - 4), counter.database.write(actor) as tx:
        for person, marks in zip(signed, MARKS, strict=False):
            for lesson, code in zip(lessons_of(tx, made), marks, strict=True):
                if code != ".":
                    marking.enter_sheet(tx, lesson.id, {person: marking.MarkInput(code)})
        for person, score in zip(signed, SCORES, strict=False):
            if score is not None:
                completion.assess(tx, person, {"theory": score[0], "practice": score[1]})
    return made


def _finish(counter: OpenCounter, actor: Actor, class_id: str) -> None:
    with counter.database.write(actor) as tx:
        found = completion.finish_class(tx, class_id, why="没考的不补考了")
    passed = [line.enrolment_id for line in found.lines if line.may]
    with counter.database.write(actor) as tx:
        certificates.issue_completion(tx, passed[0])
    values = {"issuer": "杭州市人力资源和社会保障局", "issued_on": clock.today()}
    for place, person in enumerate(passed):
        until = clock.today() + timedelta(days=(90, 1500)[place % 2])
        with counter.database.write(actor) as tx:
            number = {"cert_no": f"S00003301000{place + 1}", "valid_until": until}
            certificates.issue_certificate(tx, person, {**values, **number})


def sign_up_shots(desktop: Desktop, counter: Counter, shown: ShownSignUp, folder: Path, ending: str) -> Iterator[Path]:
    """Yield the pictures of both screens, page by page."""
    _go(desktop, counter, "sign_up", id=shown.person)
    yield shoot(desktop, folder / f"30-sign-up-classes{ending}.png")
    _go(desktop, counter, "sign_up", id=shown.person, class_id=shown.full)
    yield shoot(desktop, folder / f"31-sign-up-check{ending}.png")
    screen = _go(desktop, counter, "sign_up", class_id=shown.full, tab="seats")
    yield shoot(desktop, folder / f"32-sign-up-list{ending}.png")
    assert isinstance(screen, SignUpScreen)
    line = screen.list.seats.line()
    if line is not None:
        screen.list.seats.slip_requested.emit(line.id)
        settle(counter.runner)
        yield shoot(desktop, folder / f"33-sign-up-slip{ending}.png")
    _go(desktop, counter, "graduation", id=shown.ending)
    yield shoot(desktop, folder / f"34-graduation{ending}.png")
    graduation = _go(desktop, counter, "graduation", id=shown.ended)
    assert isinstance(graduation, GraduationScreen)
    graduation.score_panel.paper_requested.emit()
    settle(counter.runner)
    yield shoot(desktop, folder / f"35-completion{ending}.png")
    for number, tab in ((36, "certs"), (37, "after")):
        _go(desktop, counter, "graduation", id=shown.ended, tab=tab)
        yield shoot(desktop, folder / f"{number}-graduation-{tab}{ending}.png")
    graduation.choose_tab("list")
    settle(counter.runner)
    graduation.enter_certificate()
    settle(counter.runner)
    yield shoot(desktop, folder / f"38-certificate-form{ending}.png")
    graduation.form.left.emit()


def _go(desktop: Desktop, counter: Counter, name: str, **arguments: object) -> QWidget:
    assert desktop.shell is not None
    desktop.shell.navigate(name, **arguments)
    settle(counter.runner)
    assert desktop.shell.current is not None
    return desktop.shell.current.widget
