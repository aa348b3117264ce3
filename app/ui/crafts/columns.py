"""The columns of the three tables: orders, who works on one, what came back."""

from __future__ import annotations

from app import texts
from app.services.training.crafts import AssignLine, CraftLine
from app.texts import _
from app.ui.crafts import state
from app.ui.crafts.state import DeliveryLine
from app.ui.table import Column


def _wide(chinese: int, other: int) -> int:
    """Return a column's width in the language in force: English words are longer."""
    return chinese if texts.language() == "zh_CN" else other


def order_columns() -> tuple[Column[CraftLine], ...]:
    """Return the columns of the list of orders."""
    return (
        Column(_("产品"), lambda line: line.product, width=170, stretch=2, bold=True,
               second=lambda line: line.employer_name),
        Column(_("编号"), lambda line: line.order_no[-4:], width=70, sort_key=lambda line: line.order_no),
        Column(_("数量"), lambda line: state.pieces(line.quantity, line.unit), width=90, align="right",
               sort_key=lambda line: line.quantity or 0),
        Column(_("单件"), lambda line: state.yuan(line.piece_pay), width=_wide(80, 96), align="right",
               sort_key=lambda line: line.piece_pay or 0),
        Column(_("交期"), lambda line: state.day_words(line.due_on), width=72,
               tone=lambda line: "orange" if line.overdue else "text", sort_key=lambda line: str(line.due_on)),
        Column(_("派出、合格"), lambda line: f"{line.figures.due} / {line.figures.accepted}", width=_wide(100, 130),
               align="right", sort_key=lambda line: line.figures.due),
        Column(_("还欠加工费"), lambda line: _owed(line.figures.pay_due - line.figures.pay_paid), width=_wide(104, 110),
               align="right", tone=lambda line: "orange" if line.figures.pay_due > line.figures.pay_paid else "text2",
               sort_key=lambda line: line.figures.pay_due - line.figures.pay_paid),
        Column(_("状态"), state.state_words, width=_wide(92, 118), chip=state.state_tone),
    )  # fmt: skip


def _owed(fen: int) -> str:
    return state.yuan(fen) if fen > 0 else "—"


def assign_columns() -> tuple[Column[AssignLine], ...]:
    """Return the columns of who has how much of an order."""
    return (
        Column(_("姓名"), lambda line: line.name, width=100, stretch=1, bold=True),
        Column(_("领料"), lambda line: state.day_words(line.taken_on), width=_wide(70, 100),
               sort_key=lambda line: line.taken_on),
        Column(_("应交"), lambda line: str(line.due_count), width=70, align="right",
               sort_key=lambda line: line.due_count),
        Column(_("交期"), lambda line: state.day_words(line.due_on), width=72,
               tone=lambda line: "orange" if line.overdue else "text", sort_key=lambda line: str(line.due_on)),
        Column(_("已交"), lambda line: str(line.delivered), width=70, align="right",
               sort_key=lambda line: line.delivered),
        Column(_("合格"), lambda line: str(line.accepted), width=_wide(70, 86), align="right",
               sort_key=lambda line: line.accepted),
        Column(_("还差"), lambda line: str(line.left) if line.left else "—", width=_wide(70, 86), align="right",
               tone=lambda line: "orange" if line.overdue else "text", sort_key=lambda line: line.left),
        Column(_("应付"), lambda line: state.yuan(line.pay_due), width=96, align="right",
               sort_key=lambda line: line.pay_due),
        Column(_("已付"), lambda line: state.yuan(line.pay_paid), width=96, align="right",
               tone=lambda line: "orange" if line.pay_paid < line.pay_due else "text",
               sort_key=lambda line: line.pay_paid),
    )  # fmt: skip


def delivery_columns() -> tuple[Column[DeliveryLine], ...]:
    """Return the columns of what came back."""
    return (
        Column(_("姓名"), lambda line: line.name, width=100, stretch=1, bold=True),
        Column(_("交货"), lambda line: state.day_words(line.delivered_on), width=_wide(72, 84),
               sort_key=lambda line: line.delivered_on),
        Column(_("数量"), lambda line: str(line.quantity), width=_wide(70, 80), align="right",
               sort_key=lambda line: line.quantity),
        Column(_("合格"), lambda line: str(line.accepted), width=_wide(70, 86), align="right",
               sort_key=lambda line: line.accepted),
        Column(_("返工"), lambda line: str(line.rework), width=70, align="right", sort_key=lambda line: line.rework),
        Column(_("报废"), _scrap, width=110, stretch=1, tone=lambda line: "orange" if line.scrap else "text2"),
        Column(_("应付"), lambda line: state.yuan(line.pay_due), width=96, align="right",
               sort_key=lambda line: line.pay_due),
        Column(_("付款"), _paid, width=_wide(104, 120), chip=lambda line: "good" if line.paid_on else _unpaid(line)),
    )  # fmt: skip


def _scrap(line: DeliveryLine) -> str:
    if not line.scrap:
        return "—"
    return _("{n}，{blame}", n=line.scrap, blame=line.blame) if line.blame else str(line.scrap)


def _paid(line: DeliveryLine) -> str:
    if line.paid_on is not None:
        return _("{day} 已付", day=state.day_words(line.paid_on))
    return _("还没付") if line.pay_due else _("没有要付的")


def _unpaid(line: DeliveryLine) -> str:
    return "orange" if line.pay_due else "neutral"
