"""Business numbers that are unique offline (domain sheet 2.0.1).

``prefix(2) + county(6) + yyMM(4) + device(2) + hyphen + serial(4)``, for example ``TJ330110261103-0007``. The serial is
counted in the database, in the transaction that uses it: it survives a crash and two processes never share one.
"""

from app import clock
from app.db import state
from app.db.database import Transaction
from app.errors import RuleError
from app.texts import _

JOBSEEKER, UNEMPLOYED, EMPLOYER, VACANCY, REFERRAL = "QZ", "SY", "DW", "GW", "TJ"
VISIT, FOLLOWUP, GUIDANCE = "ZF", "HF", "ZD"
TRAINING_CLASS, ENROLMENT, CERTIFICATE, CRAFT_ORDER = "PX", "BM", "JY", "DD"

MAX_SERIAL = 9999

_TAKE = (
    "INSERT INTO number_counter (stem, last) VALUES (?, 1)"
    " ON CONFLICT (stem) DO UPDATE SET last = number_counter.last + 1 RETURNING last"
)


def next_number(tx: Transaction, prefix: str) -> str:
    """Give out the next number of this device for this month.

    Raises:
        RuleError: 9,999 numbers of this kind were given out this month.
    """
    county = state.get_state(tx.session, state.COUNTY_CODE, "000000")
    device = state.get_state(tx.session, state.DEVICE_NO, "01")
    stem = f"{prefix}{county}{clock.to_local(clock.now()):%y%m}{device}"
    connection = tx.session.connection()
    last = connection.exec_driver_sql(_TAKE, (stem,)).scalar_one()
    if last > MAX_SERIAL:
        raise RuleError(_("本机这个月的编号用完了（9999 个），请换一台电脑办，或等下个月"), code="number.used_up")
    return f"{stem}-{last:04d}"
