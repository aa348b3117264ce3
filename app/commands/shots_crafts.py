"""Pictures of the craft orders: fictional companies, residents, hand-outs and deliveries of the last weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from app.commands import sample
from app.commands.shots_parts import settle, shoot
from app.counter import Counter
from app.db.database import Actor
from app.models.craft import INSPECTING, TAKEN
from app.services import employers, residents
from app.services.counters import OpenCounter
from app.services.training import crafts
from app.ui.crafts.screen import CraftsScreen
from app.ui.desktop import Desktop

STUDIO = {"name": "上海织里记文创有限公司", "contact": "许织", "phone": "19900000074"}
WORKSHOP = {"name": "柯城区老白手工作坊", "contact": "白岩", "phone": "19900000073"}
DOLLS: dict[str, Any] = {
    "product": "钩针玩偶",
    "style_no": "ZL-07",
    "requirements": "按样品钩织，填棉均匀，线头藏好",
    "quantity": 300,
    "unit": "只",
    "piece_pay": 1800,
    "materials": [
        {"name": "奶棉线", "quantity": 40, "unit": "团", "return_rest": True},
        {"name": "填充棉", "quantity": 12, "unit": "公斤", "return_rest": False},
    ],
    "quality_rule": "掉针、脏污返工，返工后再验",
    "settle_way": "验收后 7 天内按件结清",
    "no_deposit": True,
}
COASTERS = {**DOLLS, "product": "杯垫", "style_no": None, "quantity": 800, "unit": "片", "piece_pay": 350}
BOXES = {**DOLLS, "product": "手工礼盒包装", "style_no": None, "quantity": 2000, "unit": "个", "piece_pay": 60}
GIVEN = ((40, 38, 36, 2, 0), (30, 30, 27, 2, 1), (50, 20, 20, 0, 0), (25, 0, 0, 0, 0))
"""Pieces taken, delivered, accepted, to be reworked, scrap: one line a resident."""


def fill_crafts(counter: OpenCounter, actor: Actor) -> str:
    """Give the station craft orders with a past; return the id of the one that is in full swing."""
    day = clock.today()
    with sample.days_ago(20):
        studio, workshop = (_employer(counter, actor, facts) for facts in (STUDIO, WORKSHOP))
        dolls = _order(counter, actor, {**DOLLS, "employer_id": studio, "due_on": day + timedelta(days=9)})
        coasters = _order(counter, actor, {**COASTERS, "employer_id": studio, "due_on": day - timedelta(days=3)})
        _order(counter, actor, {**BOXES, "employer_id": workshop, "due_on": day + timedelta(days=25)}, taken=False)
    people = [facts["name"] for facts in sample.sample_people()["residents"]]
    for place, pieces in enumerate(GIVEN):
        _work(counter, actor, dolls, people[place], pieces, pay=place == 0)
    _work(counter, actor, coasters, people[2], (200, 120, 118, 0, 2), pay=True)
    with counter.database.write(actor) as tx:
        crafts.move_on(tx, coasters, INSPECTING)
    return dolls


def _employer(counter: OpenCounter, actor: Actor, facts: dict[str, str]) -> str:
    with counter.database.write(actor) as tx:
        known = employers.find_employer(tx, name=facts["name"])
        return known.id if known is not None else employers.add_employer(tx, facts, complete=False).id


def _order(counter: OpenCounter, actor: Actor, values: dict[str, Any], *, taken: bool = True) -> str:
    with counter.database.write(actor) as tx:
        made = crafts.take_order(tx, values).id
    if taken:
        with counter.database.write(actor) as tx:
            crafts.move_on(tx, made, TAKEN)
    return made


def _work(counter: OpenCounter, actor: Actor, order: str, name: str, pieces: tuple[int, ...], *, pay: bool) -> None:
    """Let somebody take materials home, and bring back what she finished."""
    out, back, accepted, rework, scrap = pieces
    with sample.days_ago(14), counter.database.write(actor) as tx:
        person = residents.search_residents(tx, name, limit=1)[0].id
        assign = crafts.hand_out(tx, order, person, {"taken_count": out, "signed": True}).id
    if not back:
        return
    counted = {
        "quantity": back,
        "accepted": accepted,
        "rework": rework,
        "scrap": scrap,
        "blame": "1" if scrap else None,
    }
    with sample.days_ago(4), counter.database.write(actor) as tx:
        delivery = crafts.deliver(tx, assign, counted).id
    if pay:
        with counter.database.write(actor) as tx:
            crafts.pay(tx, delivery)


def crafts_shots(desktop: Desktop, counter: Counter, folder: Path, order: str, ending: str) -> Iterator[Path]:
    """Yield the pictures of the list, of one order, and of the forms."""
    assert desktop.shell is not None
    desktop.shell.navigate("crafts")
    settle(counter.runner)
    yield shoot(desktop, folder / f"40-crafts{ending}.png")
    desktop.shell.navigate("crafts", id=order)
    settle(counter.runner)
    yield shoot(desktop, folder / f"41-craft-order{ending}.png")
    page = desktop.shell.current
    screen = page.widget if page is not None else None
    assert isinstance(screen, CraftsScreen)
    screen.main_action()
    settle(counter.runner)
    yield shoot(desktop, folder / f"42-craft-hand-out{ending}.png")
    screen.hand_out.left.emit()
    screen.order.deliver_requested.emit(screen.order.assign())
    settle(counter.runner)
    yield shoot(desktop, folder / f"43-craft-delivery{ending}.png")
    screen.delivery.left.emit()
    screen.order.show_tab("deliveries")
    settle(counter.runner)
    yield shoot(desktop, folder / f"44-craft-deliveries{ending}.png")
    screen.show_list()
    settle(counter.runner)
    screen.main_action()
    settle(counter.runner)
    yield shoot(desktop, folder / f"45-craft-new{ending}.png")
    screen.order_form.left.emit()
