"""Home craft on supplied materials: orders, what was handed out, what came back (domain sheet 2.21). Money is fen."""

from datetime import date
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, json_field, ref_field, text_field
from app.texts import _

TALKS, TAKEN, HANDING_OUT, IN_WORK, INSPECTING, SETTLED, ENDED = "10", "20", "30", "40", "50", "60", "70"


class CraftOrderDraft(Draft):
    """来料加工订单. ``materials`` [{name, quantity, unit, return_rest}]; ``sample_photo``: the attachment's SHA-256.

    ``no_deposit`` must be true: an order that wants a deposit for its materials is not taken.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"order_no", "employer_id", "product", "requirements", "quantity", "unit", "piece_pay", "materials", "due_on"}
        | {"quality_rule", "settle_way", "no_deposit"}
    )

    order_no: str = Field(max_length=24, index=True)
    employer_id: str = ref_field(default=...)
    product: str = Field(max_length=60)
    style_no: str | None = text_field(30)
    sample_photo: str | None = text_field(64)
    requirements: str | None = text_field(1000)
    quantity: int | None = Field(default=None, ge=1, le=10_000_000)
    unit: str | None = text_field(8)
    piece_pay: int | None = Field(default=None, ge=1, le=10_000_000)
    materials: list[Any] = json_field()
    due_on: date | None = Field(default=None)
    quality_rule: str | None = text_field(500)
    settle_way: str | None = text_field(200)
    no_deposit: bool | None = Field(default=None)
    class_id: str | None = ref_field()
    state: str = code_field("CRAFT_STATE", default=TALKS)
    ended_why: str | None = text_field(200)

    @model_validator(mode="after")
    def _rules(self) -> "CraftOrderDraft":
        if self.no_deposit is False:
            raise FieldError("no_deposit", _("收押金、材料保证金的订单不能接"))
        for item in self.materials:
            amount = item.get("quantity") if isinstance(item, dict) else None
            if not isinstance(amount, int | float) or isinstance(amount, bool) or amount <= 0 or not item.get("name"):
                raise FieldError("materials", _("发料清单要写品名和数量"))
        if self.state == ENDED and not self.ended_why:
            raise FieldError("ended_why", _("终止要写原因"))
        return self


class CraftOrder(CraftOrderDraft, Record, table=True):
    """A craft order's row."""

    __tablename__ = "craft_order"


class CraftAssignDraft(Draft):
    """领料: what one resident took home to work on, and how many pieces are due when."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"order_id", "resident_id", "taken_count", "taken_on", "signed", "due_count", "due_on"}
    )

    order_id: str = ref_field(default=...)
    resident_id: str = ref_field(default=...)
    taken_count: int | None = Field(default=None, ge=1, le=1_000_000)
    taken_on: date = Field()
    signed: bool | None = Field(default=None)
    due_count: int = Field(ge=1, le=1_000_000)
    due_on: date | None = Field(default=None)
    ended_on: date | None = Field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "CraftAssignDraft":
        if self.due_on is not None and self.due_on < self.taken_on:
            raise FieldError("due_on", _("交货日期早于领料日期"))
        return self


class CraftAssign(CraftAssignDraft, Record, table=True):
    """A hand-out's row."""

    __tablename__ = "craft_assign"


class CraftDeliveryDraft(Draft):
    """交货: accepted + rework + scrap = delivered; pay due = accepted × piece pay, nothing is ever taken off it."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"order_id", "assign_id", "resident_id", "delivered_on", "quantity", "accepted", "rework", "scrap"}
    )

    order_id: str = ref_field(default=...)
    assign_id: str = ref_field(default=...)
    resident_id: str = ref_field(default=...)
    delivered_on: date = Field()
    quantity: int = Field(ge=1, le=1_000_000)
    accepted: int = Field(ge=0, le=1_000_000)
    rework: int = Field(default=0, ge=0, le=1_000_000)
    scrap: int = Field(default=0, ge=0, le=1_000_000)
    blame: str | None = code_field("CRAFT_BLAME")
    piece_pay: int = Field(ge=1, le=10_000_000)
    pay_due: int = Field(ge=0)
    pay_paid: int | None = Field(default=None, ge=0)
    paid_on: date | None = Field(default=None)
    receipt_signed: bool = Field(default=False)

    @model_validator(mode="after")
    def _rules(self) -> "CraftDeliveryDraft":
        if self.accepted + self.rework + self.scrap != self.quantity:
            raise FieldError("quantity", _("合格、返工、报废加起来不等于交货数量"))
        if self.scrap and not self.blame:
            raise FieldError("blame", _("有报废要选责任"))
        if self.pay_due != self.accepted * self.piece_pay:
            raise FieldError("pay_due", _("应付加工费等于合格数乘单价，不扣其他钱"))
        if self.paid_on is not None and self.pay_paid is None:
            raise FieldError("pay_paid", _("付了要写金额"))
        return self


class CraftDelivery(CraftDeliveryDraft, Record, table=True):
    """A delivery's row."""

    __tablename__ = "craft_delivery"
