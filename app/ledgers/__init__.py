"""LEDGERS: the registers of domain sheet 7.1 that today's records can fill, in its order, and the monthly table."""

from app.errors import UserError
from app.ledgers.audit import AUDIT, LOOKED
from app.ledgers.base import Ledger
from app.ledgers.field_work import FOLLOWUPS, GUIDANCE, POLICY_INTROS, VISITS
from app.ledgers.monthly import MONTHLY
from app.ledgers.people import LABOUR_FORCE
from app.ledgers.referrals import REFERRALS
from app.ledgers.registrations import REGISTRATIONS, UNEMPLOYMENT
from app.ledgers.training import CRAFTS, TRAINING
from app.ledgers.vacancies import REVIEWS, VACANCIES
from app.texts import _

LEDGERS: tuple[Ledger, ...] = (
    LABOUR_FORCE,
    REGISTRATIONS,
    UNEMPLOYMENT,
    VACANCIES,
    REVIEWS,
    REFERRALS,
    GUIDANCE,
    POLICY_INTROS,
    VISITS,
    FOLLOWUPS,
    TRAINING,
    CRAFTS,
    AUDIT,
    LOOKED,
    MONTHLY,
)

SHARED: tuple[Ledger, ...] = tuple(ledger for ledger in LEDGERS if not ledger.local)
"""Those that every computer of a station and the district can make: what a close freezes."""


def ledger_named(typed: str) -> Ledger:
    """Return the ledger of a number or a name, as L06 or ``referrals``.

    Raises:
        UserError: there is none; the sentence lists those there are.
    """
    for ledger in LEDGERS:
        if typed.strip().casefold() in (ledger.code.casefold(), ledger.name):
            return ledger
    known = "、".join(f"{ledger.code} {ledger.name}" for ledger in LEDGERS)
    raise UserError(_("没有台账“{typed}”。有：{known}", typed=typed, known=known), code="ledger.kind")
