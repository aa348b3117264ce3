"""The access log of one computer: who opened whose file, which list with people in it, and when.

It stays on this computer, is only ever added to, and each line carries the chain up to it (app/db/chain.py).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Integer
from sqlmodel import Field, SQLModel

from app.texts import N_

RESIDENT_LOOK, MATCH_LOOK, MERGE_LOOK = "resident.look", "match.look", "merge.look"
CLASS_LOOK, LEDGER_LOOK, FIGURE_LOOK = "class.look", "ledger.look", "figure.look"

LOOKS: Mapping[str, str] = {
    RESIDENT_LOOK: N_("查看档案"),
    MATCH_LOOK: N_("查看匹配结果"),
    MERGE_LOOK: N_("比对两份档案"),
    CLASS_LOOK: N_("查看班级名单"),
    LEDGER_LOOK: N_("查看台账"),
    FIGURE_LOOK: N_("查看指标名单"),
}
"""What counts as looking, each with its words."""


class AccessLine(SQLModel, table=True):
    """One look. ``number`` is dense from 1; ``detail`` holds no name and no number of a person."""

    __tablename__ = "access_log"

    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    looked_at: datetime = Field(index=True)
    staff_id: str | None = Field(default=None, max_length=36)
    act: str = Field(max_length=40)
    subject_type: str = Field(max_length=40)
    subject_id: str = Field(max_length=60)
    station_code: str | None = Field(default=None, max_length=12)
    detail: str | None = Field(default=None, max_length=200)
    chain: str = Field(max_length=64)
