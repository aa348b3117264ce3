"""Fictional rows to print."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from app.printing.slip import SlipRow

RARE_NAME = "䶮㛃𬱖𠅤𤩽"

PLAIN = SlipRow(
    slip_no="TJ330110261103-0007",
    name="葛守成",
    sex_label="男",
    phone="19900000003",
    employer_name="杭州云禾物业服务有限公司",
    employer_unverified=False,
    employer_address="仓前街道葛溪路 18 号",
    contact="许经理",
    employer_phone="0571-0000 0118",
    vacancy_title="水电维修工",
    vacancy_no="GW330110261102-0112",
    interview_at=datetime(2026, 11, 26, 6, tzinfo=UTC),
    valid_until=date(2026, 12, 1),
    issued_on=date(2026, 11, 24),
    station_name="仓前街道溪桥社区就业服务站",
    station_phone="0571-0000 0200",
    handled_by="方静",
)


def make_slip(**changes: Any) -> SlipRow:
    return replace(PLAIN, **changes)


def longest_slip(**changes: Any) -> SlipRow:
    """Return a slip whose every text is as long as its field allows."""
    return make_slip(
        name=(RARE_NAME + "·阿卜杜热西提艾合买提江古丽" * 4)[:50],
        employer_name=("杭州临空经济示范区国际供应链管理与智能仓储装备制造（浙江）有限责任公司" * 3)[:100],
        employer_unverified=True,
        employer_address=("浙江省杭州市余杭区仓前街道文一西路1818号人工智能小镇11号楼A座2层" * 3)[:100],
        contact="欧阳德胜经理（上午在）",
        employer_phone="0571-0000 0118 转 8023",
        vacancy_title=("智能仓储装备高级维修电工（机电一体化方向，含夜班）" * 2)[:40],
        copy_no=12,
        **({"void": True, "places_note": True} | changes),
    )
