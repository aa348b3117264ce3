"""Home craft: no deposit, hand-out against a signature, inspection, pay by the piece."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.services.training import crafts
from tests.factories import Factory


def test_an_order_that_wants_a_deposit_is_not_taken(tx: Transaction, make: Factory) -> None:
    with pytest.raises(InvalidInputError) as problem:
        make.craft_order(no_deposit=False)

    assert problem.value.fields == {"no_deposit": "收押金、材料保证金的订单不能接"}


@pytest.mark.parametrize("field", ["piece_pay", "quality_rule", "settle_way", "due_on", "materials", "no_deposit"])
def test_what_the_workers_must_know_beforehand_is_required(tx: Transaction, make: Factory, field: str) -> None:
    with pytest.raises(InvalidInputError) as problem:
        make.craft_order(**{field: None})

    assert field in problem.value.fields


def test_an_order_is_numbered_and_goes_step_by_step(tx: Transaction, make: Factory) -> None:
    order = make.craft_order(taken=False)

    month = f"{clock.to_local(clock.now()):%y%m}"
    assert order.order_no == f"DD330110{month}01-0001"
    with pytest.raises(RuleError, match="还不能办"):
        crafts.move_on(tx, order.id, "60")
    with pytest.raises(RuleError, match="还在洽谈"):
        make.craft_assign(order)
    with pytest.raises(InvalidInputError):
        crafts.move_on(tx, order.id, "70")
    crafts.move_on(tx, order.id, "70", "企业取消")
    with pytest.raises(RuleError, match="已经结束"):
        crafts.edit_order(tx, order.id, {"product": "杯垫"})


def test_materials_go_out_against_a_signature_and_not_beyond_the_order(tx: Transaction, make: Factory) -> None:
    order = make.craft_order(quantity=30)
    make.craft_assign(order, taken_count=20)

    with pytest.raises(InvalidInputError) as unsigned:
        make.craft_assign(order, taken_count=5, signed=False)
    with pytest.raises(InvalidInputError) as beyond:
        make.craft_assign(order, taken_count=11)

    assert unsigned.value.fields == {"signed": "领料要本人签字"}
    assert beyond.value.fields == {"due_count": "这张订单只剩 10 件没有派出去"}
    assert order.state == "30"


def test_what_is_accepted_is_paid_in_full_and_rework_comes_again(tx: Transaction, make: Factory) -> None:
    order = make.craft_order()
    assign = make.craft_assign(order)

    first = make.craft_delivery(assign, quantity=12, accepted=9, rework=2, scrap=1, blame="2")
    second = make.craft_delivery(assign, quantity=10, accepted=10, rework=0)

    assert (first.pay_due, second.pay_due) == (9 * 1800, 10 * 1800)
    line = crafts.list_assigns(tx, order.id)[0]
    assert (line.delivered, line.accepted, line.left, line.pay_due) == (22, 19, 0, 34200)
    with pytest.raises(InvalidInputError) as problem:
        make.craft_delivery(assign, quantity=1, accepted=1, rework=0)
    assert problem.value.fields == {"quantity": "手里只有 0 件没交，请再数一遍"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 10, "accepted": 8, "rework": 1}, "quantity"),
        ({"quantity": 10, "accepted": 9, "rework": 0, "scrap": 1}, "blame"),
        ({"quantity": 0, "accepted": 0, "rework": 0}, "quantity"),
    ],
)
def test_a_delivery_that_does_not_add_up_is_told(
    tx: Transaction, make: Factory, change: dict[str, Any], field: str
) -> None:
    assign = make.craft_assign()

    with pytest.raises(InvalidInputError) as problem:
        crafts.deliver(tx, assign.id, change)

    assert field in problem.value.fields


def test_pay_is_never_less_than_due_signed_for_and_once(tx: Transaction, make: Factory) -> None:
    made = make.craft_delivery()

    with pytest.raises(InvalidInputError) as less:
        crafts.pay(tx, made.id, amount=made.pay_due - 1)
    with pytest.raises(InvalidInputError):
        crafts.pay(tx, made.id, signed=False)
    crafts.pay(tx, made.id)

    assert less.value.fields == {"pay_paid": "应付 162 元，不能少付"}
    assert (made.pay_paid, made.paid_on, made.receipt_signed) == (16200, clock.today(), True)
    with pytest.raises(RuleError, match="已经付过"):
        crafts.pay(tx, made.id)


def test_an_order_is_settled_when_all_pay_is_paid(tx: Transaction, make: Factory) -> None:
    order = make.craft_order()
    made = make.craft_delivery(make.craft_assign(order))
    crafts.move_on(tx, order.id, "50")

    with pytest.raises(RuleError, match="还有 162 元加工费没付"):
        crafts.move_on(tx, order.id, "60")
    crafts.pay(tx, made.id)
    tx.flush()
    crafts.move_on(tx, order.id, "60")

    assert order.state == "60"


def test_the_rate_stays_once_materials_are_out(tx: Transaction, make: Factory) -> None:
    order = make.craft_order()
    make.craft_assign(order)

    with pytest.raises(InvalidInputError) as problem:
        crafts.edit_order(tx, order.id, {"piece_pay": 1500})

    assert problem.value.fields == {"piece_pay": "已经发过料，单件加工费不能再改"}


def test_the_figures_of_an_order_and_of_a_month(tx: Transaction, make: Factory) -> None:
    order = make.craft_order(product="杯垫")
    one, two = make.craft_assign(order), make.craft_assign(order)
    make.craft_delivery(one, quantity=10, accepted=10, rework=0)
    late = two.taken_on + timedelta(days=30)
    make.craft_delivery(two, quantity=10, accepted=8, rework=2, delivered_on=late)

    figures = crafts.list_orders(tx)[0].figures
    month = crafts.craft_figures(tx, clock.today(), clock.today() + timedelta(days=1))

    assert (figures.people, figures.handed_out, figures.accepted, figures.pay_due) == (2, 40, 18, 18 * 1800)
    assert (figures.quality, figures.on_time_percent, figures.pay_each) == (90, 50, 16200)
    assert (month.people, month.accepted, month.on_time_percent) == (1, 10, 100)
